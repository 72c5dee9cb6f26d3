"""The machine-readable end of a packet: verdict, findings and check of one order, without a name of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reconcile.model import Finding, OrderCase
from reconcile.recovery_risks import ShipmentCheck

NOT_TOLD = frozenset({"sheet_made"})  # names a person of ours


def record(case: OrderCase, findings: Sequence[Finding], check: ShipmentCheck) -> dict[str, Any]:
    """One order as typed values, instants as they are; still to be masked."""
    return {
        "order_number": case.order_number,
        "order_code": case.row.get("order_code"),
        "findings": [
            {"rule": one.rule, "kind": one.kind, "since": one.since, "missing": one.missing}
            | {"because": dict(one.because)}
            for one in findings
        ],
        "pull": {
            name: case.verdict[name]
            for name in ("cause", "verdict", "probability", "p_seen", "missing")
        },
        "check": {
            "verdict": check.verdict,
            "clear_as_of": check.clear_as_of,
            "risks": [
                {"code": risk.code, "because": dict(risk.because)}
                for risk in check.risks
                if risk.code not in NOT_TOLD
            ],
        },
    }
