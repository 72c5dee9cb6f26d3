"""The menu of faults, the rules in force, and which request is hit by what.

Deterministic: the seed, the number of the request and the rules decide, nothing else.
"""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from crossmall.sandbox import faults_body, faults_rows, faults_status, wire
from crossmall.sandbox.endpoints import READS
from crossmall.sandbox.trouble import Trouble
from crossmall.sandbox.updates import WRITES

LONGEST_WAIT_S = 86_400.0
ENVELOPES = (
    Trouble(name="auth_error", tells="a good signature is refused", applied=False),
    Trouble(name="ip_refused", tells="an allowed address is refused", applied=False),
    Trouble(name="error_xml", tells="200 with an error envelope, nothing applied", applied=False),
)
MENU: Mapping[str, Trouble] = {
    one.name: one
    for one in (
        *wire.TROUBLES,
        *faults_status.TROUBLES,
        *ENVELOPES,
        *faults_body.TROUBLES,
        *faults_rows.TROUBLES,
    )
}
FAULTS = tuple(MENU)
ENDPOINT_NAMES = frozenset(READS) | frozenset(WRITES)
RULE_KEYS = ("rate", "endpoints", "times", "seconds")


class FaultError(ValueError):
    """A fault that does not exist, a rate outside 0-1 or a limit that makes no sense."""


@dataclass(slots=True)
class Rule:
    """How often a fault strikes. endpoints: empty = all. times: strikes left, None = no end."""

    rate: float
    endpoints: tuple[str, ...] = ()
    times: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Strike:
    """The fault that hits one request, and its wait, lag or skew."""

    name: str = ""
    seconds: float = 0.0
    applied: bool = True


NO_STRIKE = Strike()


def read_rules(given: Mapping[str, object]) -> dict[str, Rule]:
    """The rules a JSON object or the command line names: a rate, or a table with limits.

    Raises FaultError for unknown names and keys and for values out of range.
    """
    return {name: _rule(name, value) for name, value in given.items()}


def _rule(name: str, value: object) -> Rule:
    if name not in MENU:
        raise FaultError(f"unknown fault {name!r}; known: {', '.join(FAULTS)}")
    if not isinstance(value, dict):
        return Rule(_figure(name, "rate", value, 1))
    if unknown := set(value) - set(RULE_KEYS):
        raise FaultError(f"{name}: unknown key {min(unknown)!r}; known: {', '.join(RULE_KEYS)}")
    times = value.get("times")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise FaultError(f"times of {name} must be a whole number from 1, got {times!r}")
    seconds = value.get("seconds")
    if seconds is not None:
        seconds = _figure(name, "seconds", seconds, LONGEST_WAIT_S)
    rate = _figure(name, "rate", value.get("rate", 1), 1)
    return Rule(rate, _endpoints(name, value.get("endpoints", [])), times, seconds)


def _figure(name: str, what: str, value: object, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise FaultError(f"{what} of {name} must be 0-{most:g}, got {value!r}")
    return float(value)


def _endpoints(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not set(map(str, value)) <= ENDPOINT_NAMES:
        known = ", ".join(sorted(ENDPOINT_NAMES))
        raise FaultError(f"endpoints of {name} must be a list out of: {known}")
    return tuple(map(str, value))


@dataclass(slots=True)
class Faults:
    """The rules in force and how often each fault struck."""

    seed: int
    rules: dict[str, Rule] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)
    hang_s: float = wire.HANG_S

    def set_rules(self, rules: Mapping[str, Rule]) -> None:
        """Replaces the rules these names have; kept in the order of the menu."""
        merged = {**self.rules, **rules}
        self.rules = {name: merged[name] for name in FAULTS if name in merged}

    def draw(self, request_no: int, endpoint: str) -> Strike:
        """The fault that hits this request, if any; the first in the order of the menu wins."""
        for name, rule in self.rules.items():
            if not rule.rate or rule.times == 0:
                continue
            if (rule.endpoints and endpoint not in rule.endpoints) or not MENU[name].can_strike(
                endpoint
            ):
                continue
            if random.Random(f"{self.seed}:{name}:{request_no}").random() < rule.rate:
                return self._strike(name, rule)
        return NO_STRIKE

    def spare(self, name: str) -> None:
        """Takes a strike back that had nothing to damage."""
        self.struck[name] -= 1
        rule = self.rules[name]
        if rule.times is not None:
            rule.times += 1

    def report(self) -> dict[str, object]:
        """What the control path answers: rates, full rules, counts and the menu."""
        return {
            "rates": {name: rule.rate for name, rule in self.rules.items()},
            "rules": {
                name: {
                    "rate": rule.rate, "endpoints": list(rule.endpoints), "times": rule.times,
                    "seconds": rule.seconds,
                }
                for name, rule in self.rules.items()
            },
            "struck": {name: count for name, count in self.struck.items() if count},
            "known": list(FAULTS),
        }  # fmt: skip

    def _strike(self, name: str, rule: Rule) -> Strike:
        self.struck[name] += 1
        if rule.times is not None:
            rule.times -= 1
        trouble = MENU[name]
        seconds = rule.seconds
        if seconds is None:
            hangs = name in ("timeout", "timeout_after_commit", "late_commit")
            seconds = self.hang_s if hangs else trouble.seconds
        return Strike(name, seconds, trouble.applied)
