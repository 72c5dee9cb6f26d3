"""Control paths under ``/_sandbox``: clock, faults, settings, request log, oracle, 3PL files."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crossmall.sandbox.access import address_list
from crossmall.sandbox.clock import instant
from crossmall.sandbox.desk import Desk
from crossmall.sandbox.exports import EXPORTS, export
from crossmall.sandbox.faults import FAULTS, fault_rates
from crossmall.sandbox.oracle import truth
from crossmall.sandbox.scenario import phase_names

ROOT = "/_sandbox"
Handler = Callable[[Request], Awaitable[Response]]
LONGEST_JUMP_S = 400 * 86400


class ControlError(ValueError):
    """A control call that makes no sense; answered with 400 and this text."""


def control_routes(desk: Desk) -> list[Route]:
    """Routes of all control paths for this desk; they need no signature and no IP."""
    controls = Controls(desk)
    table: tuple[tuple[str, Handler, list[str]], ...] = (
        ("health", controls.health, ["GET"]),
        ("clock", controls.clock, ["GET", "POST"]),
        ("faults", controls.faults, ["GET", "POST"]),
        ("settings", controls.settings, ["POST"]),
        ("requests", controls.requests, ["GET"]),
        ("requests/reset", controls.forget, ["POST"]),
        ("oracle", controls.oracle, ["GET"]),
        ("smartship/{kind}", controls.smartship, ["GET"]),
    )
    return [
        Route(f"{ROOT}/{path}", _guarded(handler), methods=methods)
        for path, handler, methods in table
    ]


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return guarded


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ControlError(f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise ControlError("a JSON object is needed")
    return body


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ControlError(f"{name} must be a number")
    if not -LONGEST_JUMP_S <= value <= LONGEST_JUMP_S:
        raise ControlError(f"{name} is out of range")
    return float(value)


class Controls:
    """The handlers; each answers JSON, the 3PL files answer CSV."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def health(self, _: Request) -> Response:
        """That the sandbox runs, and on which shop."""
        plan = self._desk.account.world.plan
        shop = {"scenario": plan.scenario.name, "seed": plan.seed, "orders": plan.orders}
        return JSONResponse({"ok": True, **shop, **self._desk.clock.state()})

    async def clock(self, request: Request) -> Response:
        """The clock; a POST takes any of set, advance_s, speed, freeze, in this order."""
        clock = self._desk.clock
        if request.method == "POST":
            body = await _body(request)
            unknown = set(body) - {"set", "advance_s", "speed", "freeze"}
            if unknown:
                raise ControlError(f"unknown key {sorted(unknown)[0]!r}")
            moment = instant(str(body["set"])) if "set" in body else None
            jump = _number(body.get("advance_s", 0), "advance_s")
            speed = _number(body.get("speed", clock.speed), "speed")
            if not isinstance(body.get("freeze", False), bool):
                raise ControlError("freeze must be true or false")
            clock.run_at(speed)
            if moment is not None:
                clock.set_to(moment)
            clock.advance(jump)
            clock.freeze(body.get("freeze", clock.frozen))
        return JSONResponse(clock.state())

    async def faults(self, request: Request) -> Response:
        """Rates in force, counts, and names; a POST replaces the rates it names."""
        faults = self._desk.faults
        if request.method == "POST":
            faults.rates |= fault_rates(await _body(request))
        return JSONResponse(
            {"rates": faults.rates, "struck": dict(faults.struck), "known": list(FAULTS)}
        )

    async def settings(self, request: Request) -> Response:
        """Changes the IP list, the key or the phase names; the key is not told back."""
        desk, body = self._desk, await _body(request)
        unknown = set(body) - {"allow_ip", "key", "phases"}
        if unknown:
            raise ControlError(f"unknown key {sorted(unknown)[0]!r}")
        addresses = body.get("allow_ip", list(desk.allow_ip))
        if not isinstance(addresses, list) or not all(isinstance(a, str) for a in addresses):
            raise ControlError("allow_ip must be a list of addresses")
        key = body.get("key", desk.key)
        if not isinstance(key, str) or not key:
            raise ControlError("key must be a non-empty text")
        phases = phase_names(body["phases"]) if "phases" in body else None
        desk.allow_ip, desk.key = address_list(addresses), key
        if phases:
            desk.account.world.set_phases(desk.clock.now(), phases)
        shown = desk.account.world.phases(desk.clock.now())
        return JSONResponse({"allow_ip": list(desk.allow_ip), "phases": list(shown)})

    async def requests(self, _: Request) -> Response:
        """The request log."""
        return JSONResponse(self._desk.journal.report())

    async def forget(self, _: Request) -> Response:
        """Empties the request log and restarts its numbers."""
        self._desk.journal.reset()
        return JSONResponse(self._desk.journal.report())

    async def oracle(self, _: Request) -> Response:
        """The true history up to now."""
        return JSONResponse(truth(self._desk.account.world, self._desk.clock.now()))

    async def smartship(self, request: Request) -> Response:
        """One of the 3PL's downloads, as of ``at`` or now."""
        kind, now = request.path_params["kind"], self._desk.clock.now()
        encoding = request.query_params.get("encoding", "utf-8-sig")
        moment = request.query_params.get("at", "").replace(" ", "+")
        if kind not in EXPORTS:
            return JSONResponse({"error": f"unknown file; known: {list(EXPORTS)}"}, 404)
        if request.query_params.get("lang", "ja") != "ja":
            raise ControlError("only lang=ja is known")
        at = min(instant(moment), now) if moment else now
        try:
            made = export(self._desk.account.world, kind, at, encoding)
        except LookupError as error:
            raise ControlError(f"unknown encoding {encoding!r}") from error
        headers = {
            "X-Snapshot-At": made.snapshot_at,
            "X-Coverage-From": made.coverage_from,
            "X-Coverage-To": made.coverage_to,
            "Content-Disposition": f'attachment; filename="smartship_{kind}.csv"',
        }
        charset = "utf-8" if encoding == "utf-8-sig" else "cp932"
        return Response(made.body, media_type=f"text/csv; charset={charset}", headers=headers)
