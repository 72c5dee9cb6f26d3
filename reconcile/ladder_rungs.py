"""The rungs of the connection test: their names and order, how one is noted down, and what the whole is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crossmall.errors import CrossmallError
from reconcile.model import Account, Ladder, Step

GROUPS: Mapping[str, tuple[str, ...]] = {
    "setup": ("settings", "shops", "options"),
    "network": ("dns", "reach", "tls", "http", "clock"),
    "access": ("access", "ip_list", "egress", "contract"),
    "reading": (
        "phases",
        "orders",
        "lines",
        "components",
        "catalogue",
        "skus",
        "stock",
        "get_diff_stock",
        "get_diff_item_sku",
        "get_service_status",
        "get_item_attribute",
    ),
    "phases": ("collect_phase", "shipped_phase"),
    "volume": ("page_size", "volume"),
    "summary": ("summary",),
}
STEPS = tuple(step for steps in GROUPS.values() for step in steps)
EXTRAS = frozenset(step for step in GROUPS["reading"] if step.startswith("get_"))  # not needed
SUMMARY = "summary"
BLOCKED = "ladder.skipped"
NOT_NEEDED = "ladder.not_needed."  # skipped, and nothing is missing because of it
OnStep = Callable[[Step], None]


class Rungs:
    """The rungs climbed so far; each is told to `on_step` as soon as it is known."""

    def __init__(self, account: Account, on_step: OnStep | None = None) -> None:
        self.account = account
        self._on_step = on_step or (lambda _: None)
        self._steps: dict[str, Step] = {}

    def note(self, step_id: str, state: str, key: str, /, *, cure: str = "", **values: Any) -> None:
        """One rung: its state, the key of what was seen and of the cure, and the values both speak of."""
        step = Step(
            id=step_id, state=state, detail=(key, values), cure=(cure, values) if cure else None
        )
        self._steps[step_id] = step
        self._on_step(step)

    def ok(self, step_id: str, key: str, /, **values: Any) -> None:
        """A rung that holds."""
        self.note(step_id, "ok", key, **values)

    def failed(self, step_id: str, key: str, /, **values: Any) -> None:
        """A rung that does not hold; its cure is the text of the same key with `.cure`."""
        self.note(step_id, "failed", key, cure=f"{key}.cure", **values)

    def warning(self, step_id: str, key: str, /, **values: Any) -> None:
        """A rung that holds and needs a look; its cure is the text of the same key with `.cure`."""
        self.note(step_id, "warning", key, cure=f"{key}.cure", **values)

    def skipped(self, step_id: str, key: str, /, **values: Any) -> None:
        """A rung that was not tried, or that tells nothing, with the reason."""
        self.note(step_id, "skipped", key, **values)

    def refused(self, step_id: str, error: CrossmallError) -> None:
        """A rung that failed with an error of the vendor or of the network."""
        self.failed(step_id, help_of(error), **facts(error))

    def state(self, step_id: str) -> str | None:
        """The state of a rung, None before it was noted."""
        step = self._steps.get(step_id)
        return step.state if step else None

    def finish(self) -> Ladder:
        """The whole ladder: what is not noted stood on a failed rung; the last rung says what it is worth."""
        for step_id in STEPS:
            if step_id not in self._steps and step_id != SUMMARY:
                self.skipped(step_id, BLOCKED)
        if SUMMARY not in self._steps:
            self._sum_up()
        steps = tuple(self._steps[step_id] for step_id in STEPS)
        ok = not any(step.state == "failed" for step in steps) and self.state("phases") == "ok"
        return Ladder(account=self.account.name, ok=ok, steps=steps)

    def _sum_up(self) -> None:
        failed = [one.id for one in self._steps.values() if one.state == "failed"]
        warned = [one.id for one in self._steps.values() if one.state == "warning"]
        unknown = [one.id for one in self._steps.values() if is_open(one)]
        counts: dict[str, Any] = {
            "failed": len(failed),
            "warned": len(warned),
            "unknown": len(unknown),
        }
        if failed:
            self.note(SUMMARY, "failed", "ladder.summary.failed", **counts)
        elif warned or unknown:
            self.note(SUMMARY, "warning", "ladder.summary.warning", **counts)
        else:
            self.ok(SUMMARY, "ladder.summary.ok", **counts)


def is_open(step: Step) -> bool:
    """Whether a rung that matters was left without an answer."""
    needed = step.id not in EXTRAS and not step.detail[0].startswith(NOT_NEEDED)
    return step.state == "skipped" and needed


def facts(error: CrossmallError) -> dict[str, Any]:
    """What a vendor error tells, as the values of its text: names and codes, never a URL or a parameter's value."""
    return {
        "endpoint": error.endpoint or "",
        "reason": error.reason or "",
        "http_status": error.http_status or "–",
        "vendor_text": error.vendor_text or "–",
        "call_id": error.call_id or "–",
    }


def help_of(error: CrossmallError) -> str:
    """The key of the text that fits an error best: by its reason where it has words of its own, else by its class."""
    special = f"{error.help_key}.{error.reason}"
    return special if special in _SPECIAL else error.help_key


_SPECIAL = frozenset(
    {
        "crossmall.error.unreadable.malformed",
        "crossmall.error.transport.throttled",
        "crossmall.error.transport.timeout",
        "crossmall.error.transport.html",
        "crossmall.error.transport.empty",
        "crossmall.error.transport.tls",
    }
)
