"""Acts on product links before they are done: whether they can be, what they name, and what a bulk act leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reconcile.errors import UsageError
from reconcile.mapping.decisions import (
    ACTS,
    FIXES,
    FrozenMapping,
    FrozenRow,
    LeftOut,
    MappingConflict,
)
from reconcile.text import visible
from reconcile.triage_acts import typed

PAIRED = ("near_miss", "name_only", "missing")  # states in which one SKU may be taken unseen
Rows = Sequence[Mapping[str, Any]]


def checked(decision: str, fix: str, why: str) -> dict[str, Any]:
    """The act as the ledger takes it. Raises UsageError for what cannot be."""
    if decision not in ACTS:
        raise UsageError("error.mapping.decision", decision=visible(decision), known=list(ACTS))
    if fix not in FIXES:
        raise UsageError("error.mapping.fix", fix=visible(fix), known=list(FIXES))
    reason = {"why": typed("why", why)} if why.strip() else {}
    return {"decision": decision, "fix": fix, **reason}


def left_out(row: Mapping[str, Any], decision: str) -> str | None:
    """Why a bulk act leaves the case alone, of LEFT_OUT; None where it may decide it."""
    if decision == "reopen":
        return None if row["decided"] != "open" else "decided"
    if row["state"] == "linked":
        return "linked"
    if row["decision"] not in ("open", "changed"):
        return "decided"
    if decision != "accept":
        return None
    if row["state"] not in PAIRED:
        return str(row["state"])
    if row["sku_no"] is None:
        return "no_candidate"
    if row["case_rows"] > 1 or row["sku_cases"] > 1:
        return "shared"
    return "number" if row["proposal"] == "none" else None


def expected_of(expected: str | Mapping[str, str] | None, key: str) -> str | None:
    """The version that was shown of a case, None where nobody said."""
    return expected.get(key) if isinstance(expected, Mapping) else expected


def unchanged(row: Mapping[str, Any], version: str | None) -> None:
    """Raises MappingConflict if the case is no longer what was shown."""
    if version is None or version == row["version"]:
        return
    touched = str(row["version"]).split("-")[0] != version.split("-")[0]
    raise MappingConflict(
        "error.mapping.conflict" if touched and row["actor"] else "error.mapping.changed",
        case=row["case_key"],
        expected=version,
        found=row["version"],
        decision=row["decided"],
        by=row["actor"] if touched else None,
        at=row["acted_at"] if touched else None,
    )


def left(case_key: str, rows: Rows | None) -> LeftOut:
    """A case of a list that is no longer what was shown."""
    if not rows:
        return LeftOut(case_key=case_key, why="gone")
    main = rows[0]
    return LeftOut(
        case_key=case_key,
        why="changed",
        decision=main["decided"],
        by=main["actor"],
        at=main["acted_at"],
    )


def seen(rows: Rows, sku_no: str | None, texts: Mapping[str, Any]) -> dict[str, Any]:
    """What a person saw of a case: both texts, what was proposed, and the SKU that the act is about."""
    main = rows[0]
    proposed = [row["sku_no"] for row in rows if row["sku_no"]]
    return {
        "case_key": main["case_key"],
        "state": main["state"],
        "causes": main["causes"],
        "proposal": main["proposal"],
        "proposed_sku_no": proposed[0] if len(proposed) == 1 else None,
        "sku_no": sku_no,
        "item_name": main["item_name"],
        "option_text": main["option_text"],
        "ss_product_no": texts["ss_product_no"],
        "ss_product_name": texts["ss_product_name"],
        "ss_option_text": texts["ss_option_text"],
    }


_FROZEN = tuple(FrozenRow.__dataclass_fields__)


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A case as a frozen list keeps it."""
    return {name: row[name] for name in _FROZEN}


def frozen(
    list_id: str, account: str, listed: Sequence[tuple[str, Mapping[str, Any]]]
) -> FrozenMapping:
    """A list from what was kept of it: what became of each row, and the row."""
    rows = [
        FrozenRow(**{name: row[name] for name in _FROZEN} | {"causes": tuple(row["causes"])})
        for became, row in listed
        if became == "chosen"
    ]
    out = [
        LeftOut(case_key=row["case_key"], why=row["why"])
        for became, row in listed
        if became == "left_out"
    ]
    return FrozenMapping(id=list_id, account=account, rows=tuple(rows), left_out=tuple(out))
