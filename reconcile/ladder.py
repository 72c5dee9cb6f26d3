"""The connection test: rung by rung from our settings to the phases Smartship needs, with the cure of what fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from crossmall.client import Client
from crossmall.errors import AuthError, CrossmallError, TransportError
from crossmall.types import OrderQuery
from reconcile.model import Account, Ladder, Step
from reconcile.orders.lookalike import check_phase
from reconcile.orders.roles import DEFAULT_ROLES

STEPS = (
    "settings",
    "reach",
    "access",
    "phases",
    "collect_phase",
    "shipped_phase",
    "orders",
    "lines",
    "catalogue",
    "stock",
)
OnStep = Callable[[Step], None]


def climb(account: Account, connect: Callable[[], Client], on_step: OnStep | None = None) -> Ladder:
    """Test the connection, read-only; after a failed rung that the next ones stand on, they are skipped."""
    climber = _Climber(account, on_step or (lambda _: None))
    with connect() as client:
        climber.run(client)
    return climber.ladder()


def refused(account: Account, error: Any, on_step: OnStep | None = None) -> Ladder:
    """The ladder of an account whose own settings do not allow a call (no key, impossible address)."""
    climber = _Climber(account, on_step or (lambda _: None))
    climber.add("settings", "failed", (error.help_key, error.values))
    return climber.ladder()


class _Climber:
    def __init__(self, account: Account, on_step: OnStep) -> None:
        self._account = account
        self._on_step = on_step
        self._steps: dict[str, Step] = {}

    def run(self, client: Client) -> None:
        self.add("settings", "ok", ("ladder.settings.ok", {"base_url": self._account.base_url}))
        names = self._phases(client)
        if names is None:
            return
        self._expected("collect_phase", self._account.collect_phase, names)
        self._expected("shipped_phase", self._account.shipped_phase, names)
        number = self._orders(client)
        if number is not None:
            self._read("lines", lambda: len(client.order_lines(number).rows))
        code = self._catalogue(client)
        if code is not None:
            self._read("stock", lambda: len(client.stock(item_code=code).rows))

    def add(
        self,
        step_id: str,
        state: str,
        detail: tuple[str, Mapping[str, Any]],
        cure: tuple[str, Mapping[str, Any]] | None = None,
    ) -> None:
        step = Step(id=step_id, state=state, detail=detail, cure=cure)
        self._steps[step_id] = step
        self._on_step(step)

    def ladder(self) -> Ladder:
        for step_id in STEPS:
            if step_id not in self._steps:
                self.add(step_id, "skipped", ("ladder.skipped", {}))
        steps = tuple(self._steps[step_id] for step_id in STEPS)
        ok = not any(step.state == "failed" for step in steps) and steps[3].state == "ok"
        return Ladder(account=self._account.name, ok=ok, steps=steps)

    def _phases(self, client: Client) -> list[str] | None:
        try:
            names = [phase.name for phase in client.phases()]
        except CrossmallError as error:
            self._refusal(error)
            return None
        self.add("reach", "ok", ("ladder.reach.ok", {}))
        self.add("access", "ok", ("ladder.access.ok", {}))
        self.add("phases", "ok", ("ladder.phases.ok", {"count": len(names)}))
        return names

    def _refusal(self, error: CrossmallError) -> None:
        detail = (error.help_key, facts(error))
        cure = (f"{error.help_key}.cure", facts(error))
        if isinstance(error, AuthError):
            self.add("reach", "ok", ("ladder.reach.ok", {}))
            self.add("access", "failed", detail, cure)
        elif isinstance(error, TransportError):
            self.add("reach", "failed", detail, cure)
        else:
            self.add("reach", "ok", ("ladder.reach.ok", {}))
            self.add("access", "ok", ("ladder.access.unclear", {}))
            self.add("phases", "failed", detail, cure)

    def _expected(self, step_id: str, name: str, names: list[str]) -> None:
        found = check_phase(name, names, other_roles=DEFAULT_ROLES)
        near = [alike.name for alike in found.lookalikes]
        values = {"expected": name, "found": near}
        if found.is_exact and not near:
            self.add(step_id, "ok", ("ladder.phase.ok", values))
        elif found.is_exact:
            self.add(
                step_id,
                "warning",
                ("ladder.phase.twin", values),
                ("ladder.phase.twin.cure", values),
            )
        elif near:
            self.add(
                step_id, "failed", ("ladder.phase.near", values), ("ladder.phase.near.cure", values)
            )
        else:
            self.add(
                step_id,
                "failed",
                ("ladder.phase.absent", values),
                ("ladder.phase.absent.cure", values),
            )

    def _orders(self, client: Client) -> str | None:
        query = OrderQuery(updated_from=datetime.now(UTC) - timedelta(days=7))
        try:
            page = client.order_page(query)
        except CrossmallError as error:
            self._failed("orders", error)
            return None
        self.add("orders", "ok", ("ladder.orders.ok", {"rows": len(page.rows)}))
        plain = [order.order_number for order in page.rows if not order.is_bundled_child]
        return plain[0] if plain else None

    def _catalogue(self, client: Client) -> str | None:
        try:
            page = next(iter(client.items()), None)
        except CrossmallError as error:
            self._failed("catalogue", error)
            return None
        rows = page.rows if page else ()
        self.add("catalogue", "ok", ("ladder.catalogue.ok", {"rows": len(rows)}))
        return rows[0].item_code if rows else None

    def _read(self, step_id: str, count: Callable[[], int]) -> None:
        try:
            rows = count()
        except CrossmallError as error:
            self._failed(step_id, error)
            return
        self.add(step_id, "ok", (f"ladder.{step_id}.ok", {"rows": rows}))

    def _failed(self, step_id: str, error: CrossmallError) -> None:
        self.add(
            step_id,
            "failed",
            (error.help_key, facts(error)),
            (f"{error.help_key}.cure", facts(error)),
        )


def facts(error: CrossmallError) -> dict[str, Any]:
    """What a vendor error tells, as the values of its text: names and codes, never a URL or a parameter's value."""
    return {
        "endpoint": error.endpoint or "",
        "reason": error.reason or "",
        "http_status": error.http_status or "–",
        "vendor_text": error.vendor_text or "–",
        "call_id": error.call_id or "–",
    }
