"""Control paths under ``/_sandbox``: clock, faults, settings, log, oracle, past, 3PL files."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crossmall.sandbox.access import address_list
from crossmall.sandbox.clock import instant, iso
from crossmall.sandbox.desk import Desk
from crossmall.sandbox.exports import EXPORTS, export
from crossmall.sandbox.faults import read_rules
from crossmall.sandbox.oracle import Question, heading, sections
from crossmall.sandbox.scenario import phase_names
from crossmall.sandbox.snapshot import SNAPSHOTS
from crossmall.sandbox.streams import streamed

ROOT = "/_sandbox"
Handler = Callable[[Request], Awaitable[Response]]
LONGEST_JUMP_S = 400 * 86400
LONGEST_LATENCY_MS = 60_000
MOST_CALLS = 10_000_000
SETTINGS = frozenset({"allow_ip", "key", "phases", "after", "latency_ms", "hang_s"})


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
        ("state", controls.state, ["GET"]),
        ("state/{kind}", controls.state, ["GET"]),
        ("tls", controls.tls, ["GET"]),
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


def _within(value: object, name: str, most: float) -> float:
    number = _number(value, name)
    if not 0 <= number <= most:
        raise ControlError(f"{name} must be 0-{most:g}")
    return number


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
        """Rules in force, counts, and names; a POST replaces the rules it names.

        A rule is a rate, or a table of rate, endpoints, times (strikes left) and seconds.
        """
        faults = self._desk.faults
        if request.method == "POST":
            faults.set_rules(read_rules(await _body(request)))
        return JSONResponse(faults.report())

    async def settings(self, request: Request) -> Response:
        """Changes IP list, key, phases, latency or hanging time; the key is not told back.

        With ``after`` the changes take hold when so many more API calls were answered.
        """
        desk, body = self._desk, await _body(request)
        if unknown := set(body) - SETTINGS:
            raise ControlError(f"unknown key {min(unknown)!r}")
        changes = [change for name, value in body.items() if (change := self._change(name, value))]
        after = _within(body.get("after", 0), "after", MOST_CALLS)
        for change in changes:
            desk.after(int(after), change)
        shown = desk.account.world.phases(desk.clock.now())
        return JSONResponse(
            {
                "allow_ip": list(desk.allow_ip), "phases": list(shown),
                "latency_ms": desk.latency_s * 1000, "hang_s": desk.faults.hang_s,
                "pending": len(desk.pending),
            }
        )  # fmt: skip

    def _change(self, name: str, value: object) -> Callable[[], None] | None:
        """What one setting does when it takes hold; checked at once."""
        desk = self._desk
        if name == "allow_ip":
            if not isinstance(value, list) or not all(isinstance(a, str) for a in value):
                raise ControlError("allow_ip must be a list of addresses")
            allowed = address_list(value)
            return lambda: setattr(desk, "allow_ip", allowed)
        if name == "key":
            if not isinstance(value, str) or not value:
                raise ControlError("key must be a non-empty text")
            return lambda: setattr(desk, "key", value)
        if name == "phases":
            names = phase_names(value)
            return lambda: desk.account.world.set_phases(desk.clock.now(), names)
        if name == "latency_ms":
            latency_s = _within(value, name, LONGEST_LATENCY_MS) / 1000
            return lambda: setattr(desk, "latency_s", latency_s)
        if name == "hang_s":
            hang_s = _within(value, name, LONGEST_LATENCY_MS)
            return lambda: setattr(desk.faults, "hang_s", hang_s)
        return None

    async def requests(self, _: Request) -> Response:
        """The request log."""
        return JSONResponse(self._desk.journal.report())

    async def forget(self, _: Request) -> Response:
        """Empties the request log and restarts its numbers."""
        self._desk.journal.reset()
        return JSONResponse(self._desk.journal.report())

    async def oracle(self, request: Request) -> Response:
        """The true history up to now; ``order_number`` (repeatable) and ``since`` narrow it."""
        given = request.query_params
        numbers = given.getlist("order_number")
        if not all(number.isascii() and number.isdigit() for number in numbers):
            raise ControlError("order_number must be digits")
        since = instant(given["since"].replace(" ", "+")) if "since" in given else 0
        question = Question(self._desk.clock.now(), frozenset(map(int, numbers)), since)
        world = self._desk.account.world
        return streamed(heading(world, question), sections(world, question))

    async def state(self, request: Request) -> Response:
        """What the API would have shown of everything at ``at`` (default and at most now)."""
        kind, now = request.path_params.get("kind", "orders"), self._desk.clock.now()
        if kind not in SNAPSHOTS:
            return JSONResponse({"error": f"unknown rows; known: {list(SNAPSHOTS)}"}, 404)
        moment = request.query_params.get("at", "").replace(" ", "+")
        at = min(instant(moment), now) if moment else now
        rows = SNAPSHOTS[kind](self._desk.account.world, at)
        return streamed({"at": iso(at), "kind": kind}, iter([("rows", rows)]))

    async def tls(self, _: Request) -> Response:
        """The kind of certificate served, and the authority a client has to trust, as PEM."""
        return JSONResponse({"mode": self._desk.tls or None, "ca_pem": self._desk.ca_pem})

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
