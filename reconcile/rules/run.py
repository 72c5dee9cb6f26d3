"""Judges one account: links, cases, rules, comparison with the last findings, states. The caller owns the transaction."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import pandas as pd

from reconcile.orders.roles import default_roles
from reconcile.rules.limits import RuleLimits
from reconcile.rules.registry import RULES
from reconcile.rules.rule import HEAD, Rule
from reconcile.store import queries
from reconcile.text import as_jsonable

_PARAMETER = re.compile(r"\$([a-z_]+)")
_ROW_COLUMNS: Mapping[str, str] = {
    "finding_key": "str",
    "rule": "str",
    "kind": "str",
    "severity": "str",
    "subject_kind": "str",
    "subject": "str",
    "order_number": "str",
    "order_code": "str",
    "shop_code": "str",
    "since": "datetime64[us]",
    "because": "str",
    "missing": "str",
}


class Connection(Protocol):
    """What a rules run needs of a database connection."""

    def execute(self, query: str, parameters: object = ..., /) -> Any:
        """Run one statement; the result has fetchall()."""

    def register(self, view_name: str, python_object: object, /) -> Any:
        """Make a frame readable under a name."""

    def unregister(self, view_name: str, /) -> Any:
        """Take that name back."""


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


class _Session:
    """One connection with the parameters of this run bound by name."""

    def __init__(self, con: Connection, parameters: dict[str, object]) -> None:
        self.con = con
        self.parameters = parameters

    def rows(self, area: str, *names: str) -> list[tuple[Any, ...]]:
        """The rows of the last of the named blocks; each statement gets only the parameters it names."""
        result: list[tuple[Any, ...]] = []
        for name in names:
            statement = queries.load(area)[name]
            wanted = set(_PARAMETER.findall(statement))
            bound = {key: value for key, value in self.parameters.items() if key in wanted}
            result = self.con.execute(statement, bound).fetchall()
        return result


def evaluate(
    con: Connection, account: str, now: datetime, limits: RuleLimits | None = None
) -> Evaluation:
    """The account's links, cases, findings and order states as of `now`, written to the store.

    now: aware, our clock. Raises LookupError for an account that is not in the store.
    """
    session = _Session(con, _parameters(account, now, limits or RuleLimits()))
    _write_roles(session)
    session.rows("links", "drop_fresh_link", "find_links", "write_links", "forget_links")
    session.rows("cases", "drop_case_line", "find_case_lines", "drop_fresh_case", "find_cases")
    session.rows("cases", "write_cases", "forget_cases")
    session.rows("rules_connection", "drop_collection_order", "find_collection_orders")
    session.rows("rules_orders", "drop_cancelled_order", "find_cancelled_orders")
    has_file = session.rows("rules_state", "has_orders_file")[0][0] > 0
    session.parameters["has_file"] = has_file
    rows = [row for rule in RULES for row in _rule_rows(session, rule, has_file=has_file)]
    changes = _write_findings(session, rows)
    states: dict[str, int] = dict(session.rows("rules_state", "states"))
    return Evaluation(
        account=account,
        evaluated_at=now,
        opened=changes[0],
        refreshed=changes[1],
        resolved=changes[2],
        reopened=changes[3],
        findings=_counts(rows, "finding"),
        cannot_tell=_counts(rows, "cannot_tell"),
        states=states,
    )


def _parameters(account: str, now: datetime, limits: RuleLimits) -> dict[str, object]:
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    return {
        "account": account,
        "now": now.astimezone(UTC).replace(tzinfo=None),
        **limits.parameters(),
    }


def _write_roles(session: _Session) -> None:
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
    _with_frame(session, "default_role", frame, "cases", "write_default_roles")


def _with_frame(
    session: _Session, view: str, frame: pd.DataFrame, area: str, *names: str
) -> list[tuple[Any, ...]]:
    session.con.register(view, frame)
    try:
        return session.rows(area, *names)
    finally:
        session.con.unregister(view)


def _rule_rows(session: _Session, rule: Rule, *, has_file: bool) -> list[dict[str, Any]]:
    if rule.area == "collection" and not has_file:
        return [_no_file_row(rule, str(session.parameters["account"]))]
    found = session.rows(*rule.block.split("."))
    return [_packed(rule, dict(zip(rule.columns, row, strict=True))) for row in found]


def _no_file_row(rule: Rule, account: str) -> dict[str, Any]:
    """The one row of a collection rule while no Smartship orders file was ever imported."""
    values: dict[str, Any] = dict.fromkeys(rule.columns)
    values |= {"kind": "cannot_tell", "subject_kind": "account", "subject": account}
    return _packed(rule, values | {"missing": "smartship_orders_file"})


def _packed(rule: Rule, values: dict[str, Any]) -> dict[str, Any]:
    """A row of a rule block as the finding table holds it: evidence packed as JSON, key added."""
    because = {
        name: json.loads(values[name] or "[]") if kind == "difference" else values[name]
        for name, kind, _ in rule.evidence
    }
    head = {name: values[name] for name in HEAD}
    return head | {
        "rule": rule.id,
        "severity": values["severity"] or rule.severity,
        "finding_key": f"{rule.id}|{values['subject_kind']}|{values['subject']}",
        "because": json.dumps(as_jsonable(because), ensure_ascii=False),
    }


def _write_findings(session: _Session, rows: list[dict[str, Any]]) -> tuple[int, int, int, int]:
    """Compare with the stored findings, write them and the order states; opened, refreshed, resolved, reopened."""
    frame = pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=dtype)
            for name, dtype in _ROW_COLUMNS.items()
        }
    )
    priority = pd.DataFrame(
        {"rule": [rule.id for rule in RULES], "priority": [rule.priority for rule in RULES]}
    )
    session.con.register("rule_priority", priority)
    try:
        changes = _with_frame(session, "rule_row", frame, "rules_state", "changes")
        _with_frame(
            session,
            "rule_row",
            frame,
            "rules_state",
            "write_findings",
            "resolve_findings",
            "write_states",
        )
    finally:
        session.con.unregister("rule_priority")
    opened, refreshed, resolved, reopened = changes[0]
    return opened, refreshed, resolved, reopened


def _counts(rows: list[dict[str, Any]], kind: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        if row["kind"] == kind:
            counts[row["rule"]] = counts.get(row["rule"], 0) + 1
    return counts
