"""Judges one account: links, cases, rules, comparison with the last findings, states. The caller owns the transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from reconcile.orders.roles import default_roles
from reconcile.rules.limits import RuleLimits
from reconcile.rules.registry import RULES
from reconcile.rules.rule import Rule
from reconcile.rules.session import Connection, Session
from reconcile.store import queries

# What is laid out before the rules are asked, in order: (file of store/sql, blocks).
LINKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("links", ("drop_fresh_link", "find_links", "renew_links", "write_links", "forget_links")),
    ("links", ("propose_affixes", "drop_fresh_possible", "find_possible")),
    ("links", ("forget_possible", "write_possible")),
)
CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cases", ("drop_case_line", "find_case_lines", "drop_fresh_case", "find_cases")),
    ("cases", ("forget_cases", "renew_cases", "write_cases", "mark_cases")),
)
GROUND: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("rules_moved", ("drop_watched_look", "find_watched_looks")),
    ("rules_moved", ("drop_returned_order", "find_returned_orders")),
    ("rules_connection", ("drop_collection_order", "find_collection_orders")),
    ("rules_moved", ("drop_moved_order", "find_moved_orders")),
    ("rules_orders", ("drop_odd_order", "find_odd_orders", "drop_odd_line", "find_odd_lines")),
    ("rules_orders", ("drop_cancelled_order", "find_cancelled_orders")),
    ("rules_smartship", ("drop_standing_line", "find_standing_lines")),
    ("rules_smartship", ("drop_trouble_line", "find_trouble_lines")),
    ("rules_lines", ("drop_fresh_version", "find_versions", "confirm_versions", "write_versions")),
    ("rules_lines", ("forget_versions", "drop_parcel_sum", "find_parcel_sums")),
)
# What the list of orders filters and sorts by, last: it follows from states, findings and decisions.
STANDING = (
    *("drop_fresh_standing", "find_standing", "add_kinds", "renew_standing"),
    *("forget_kinds", "place_orders"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What one rules run found. findings and cannot_tell: open rows by rule; states: orders by state."""

    account: str
    evaluated_at: datetime
    opened: int
    refreshed: int
    resolved: int
    reopened: int
    findings: Mapping[str, int]
    cannot_tell: Mapping[str, int]
    states: Mapping[str, int]


def evaluate(
    con: Connection,
    account: str,
    now: datetime,
    limits: RuleLimits | None = None,
    *,
    compare_goods: Callable[[], None] | None = None,
) -> Evaluation:
    """The account's links, cases, findings and order states as of `now`, written to the store.

    now: aware, our clock. compare_goods: renews mapping and stock, which stand on the cases and on which rules stand.
    Raises LookupError for an account that is not in the store.
    """
    session = Session(con, _parameters(account, now, limits or RuleLimits()))
    join(session)
    if compare_goods is not None:
        compare_goods()
    judge_rules(session)
    opened, refreshed, resolved, reopened = write(session)
    counted = session.rows("rules_state", "counts")
    return Evaluation(
        account=account,
        evaluated_at=now,
        opened=opened,
        refreshed=refreshed,
        resolved=resolved,
        reopened=reopened,
        findings={rule: count for rule, kind, count in counted if kind == "finding"},
        cannot_tell={rule: count for rule, kind, count in counted if kind == "cannot_tell"},
        states=dict(session.rows("rules_state", "states")),
    )


def join(session: Session) -> None:
    """Phase roles, then which line belongs to which order, then one case per order."""
    _write_roles(session)
    for area, names in (*LINKS, *CASES):
        session.rows(area, *names)


def judge_rules(session: Session) -> None:
    """Every rule of the registry asked; its rows stand in `rule_row`."""
    for area, names in GROUND:
        session.rows(area, *names)
    has_file = session.rows("rules_state", "has_orders_file")[0][0] > 0
    session.parameters["has_file"] = has_file
    session.rows("rules_state", "drop_rule_row", "make_rule_row")
    for rule in RULES:
        _ask(session, rule, has_file=has_file)
    session.rows("rules_pattern", "name_bursts")


def write(session: Session) -> tuple[int, int, int, int]:
    """Findings compared with the stored ones, and the order states; opened, refreshed, resolved, reopened."""
    priority = pd.DataFrame(
        {"rule": [rule.id for rule in RULES], "priority": [rule.priority for rule in RULES]}
    )
    with session.readable("rule_priority", priority):
        changes = session.rows("rules_state", "changes")
        session.rows("rules_state", "renew_findings", "write_findings", "resolve_findings")
        session.rows(
            "rules_state", "drop_fresh_state", "find_states", "write_states", "calm_states"
        )
    session.rows("standing", *STANDING)
    opened, refreshed, resolved, reopened = changes[0]
    return opened, refreshed, resolved, reopened


def _parameters(account: str, now: datetime, limits: RuleLimits) -> dict[str, object]:
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    return {
        "account": account,
        "now": now.astimezone(UTC).replace(tzinfo=None),
        **limits.parameters(),
    }


def _write_roles(session: Session) -> None:
    """Give every phase name seen its default role, and read which shops Smartship is connected to."""
    found = session.rows("cases", "account_phases")
    if not found:
        raise LookupError(f"no account {session.parameters['account']!r}")
    collect_phase, shipped_phase, shop_ids = found[0]
    shops = [str(shop) for shop in json.loads(shop_ids)]
    session.parameters |= {"connected_shops": shops, "all_shops": not shops}
    names = [name for (name,) in session.rows("cases", "phase_names")]
    roles = default_roles(names, collect_phase=collect_phase, shipped_phase=shipped_phase)
    frame = pd.DataFrame({"phase_name": list(roles), "role": list(roles.values())}, dtype="str")
    with session.readable("default_role", frame):
        session.rows("cases", "write_default_roles")


def _ask(session: Session, rule: Rule, *, has_file: bool) -> None:
    """Put one rule's rows into `rule_row`. Without any orders file a collection rule has one row saying so."""
    head: dict[str, object] = {"rule": rule.id, "severity": rule.severity}
    if not has_file and rule.area in ("collection", "moved"):
        if rule.area == "collection":
            nothing = json.dumps(dict.fromkeys(name for name, _, _ in rule.evidence))
            session.rows("rules_state", "no_file_row", nothing=nothing, **head)
        return
    found = session.table(*rule.block.split("."))
    if found.num_rows == 0:
        return
    instants = [name for name, kind, _ in rule.evidence if kind == "instant"]
    with session.readable("found", found):
        session.run(queries.packed(queries.load("rules_state")["pack_rows"], instants), **head)
