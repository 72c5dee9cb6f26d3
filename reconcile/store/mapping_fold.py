"""What acts on product links add up to: each case after each act, told by ledger entries alone. No database, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconcile.store.chain import Entry
from reconcile.store.turns import Key, Stepped, redone, step_of, told_by, turned, undone

AREA = "mapping."
DECIDED, AUTOMATIC, IMPORTED = f"{AREA}decided", f"{AREA}automatic", f"{AREA}imported"
UNDONE, REDONE = f"{AREA}undone", f"{AREA}redone"
CLASS_SET = f"{AREA}class_set"
TURNS = (UNDONE, REDONE)
ACTS = (DECIDED, AUTOMATIC, IMPORTED, *TURNS)  # whatever changes cases
_SEEN = (  # what an item tells of both sides as they were shown
    "state",
    "proposal",
    "proposed_sku_no",
    "item_name",
    "option_text",
    "ss_product_no",
    "ss_product_name",
    "ss_option_text",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Stepped):
    """A case after one act; see mapping_step."""

    case_key: str
    decision: str = "open"
    sku_no: str | None = None
    fix: str | None = None
    rejected: str = "[]"
    why_sequence: int | None = None
    state: str | None = None
    causes: str | None = None
    proposal: str | None = None
    proposed_sku_no: str | None = None
    item_name: str | None = None
    option_text: str | None = None
    ss_product_no: str | None = None
    ss_product_name: str | None = None
    ss_option_text: str | None = None

    @property
    def is_decided(self) -> bool:
        """Whether a decision counts."""
        return self.decision != "open"


Steps = dict[Key, list[Step]]


def items_of(entry: Entry) -> list[Mapping[str, Any]]:
    """The cases that an entry about links names; none for other entries."""
    return list(entry.values.get("items", ())) if entry.event.startswith(AREA) else []


def keys_of(entries: Iterable[Entry]) -> tuple[Key, ...]:
    """Every case that the entries are about, once."""
    return tuple(dict.fromkeys(_key(entry, item) for entry in entries for item in items_of(entry)))


def fold(steps: Steps, entry: Entry) -> list[Step]:
    """Add what the entry did to `steps` (by case, oldest first), and give the new ones; an unknown event does nothing."""
    if entry.event not in ACTS:
        return []
    made = []
    for item in items_of(entry):
        known = steps.setdefault(_key(entry, item), [])
        step = (_turned if entry.event in TURNS else _acted)(entry, item, known)
        known.append(step)
        made.append(step)
    return made


def turn_items(steps: Steps, event: str, of: int) -> tuple[list[dict[str, Any]], list[Key]]:
    """The items of an entry that takes act `of` back or does it again, and the cases that were acted on since."""
    restored, changed = undone(steps, of) if event == UNDONE else redone(steps, of, TURNS)
    items = [
        {"case_key": key[1], "restore": restore, "item_name": steps[key][-1].item_name}
        for key, restore in restored
    ]
    return items, changed


def _key(entry: Entry, item: Mapping[str, Any]) -> Key:
    return str(entry.account), str(item["case_key"])


def _acted(entry: Entry, item: Mapping[str, Any], known: Sequence[Step]) -> Step:
    earlier = known[-1] if known else _blank(entry, item)
    act = str(item.get("decision") or entry.values.get("decision") or "accept")
    why = item.get("why") or entry.values.get("why")
    seen: dict[str, Any] = {name: item.get(name) for name in _SEEN}
    step = replace(
        earlier,
        **seen,
        causes=json.dumps(list(item.get("causes", ()))),
        root=entry.sequence,
        undoes=None,
        why_sequence=entry.sequence if why else None,
        **told_by(entry),
    )
    return replace(step, **_outcome(act, item, entry, earlier))


def _outcome(act: str, item: Mapping[str, Any], entry: Entry, earlier: Step) -> dict[str, Any]:
    sku_no = item.get("sku_no")
    rejected = [one for one in json.loads(earlier.rejected) if one != sku_no]
    if act == "accept":
        fix = str(item.get("fix") or entry.values.get("fix") or "smartship")
        chosen: dict[str, Any] = {"decision": "accepted", "sku_no": sku_no, "fix": fix}
        return {**chosen, "rejected": json.dumps(rejected)}
    if act == "reject":
        kept = earlier.decision == "accepted" and earlier.sku_no != sku_no
        left = {} if kept else {"decision": "open", "sku_no": None, "fix": None}
        return {**left, "rejected": json.dumps([*rejected, sku_no])}
    decision = {"no_counterpart": act, "later": act}.get(act, "open")
    return {"decision": decision, "sku_no": None, "fix": None}


def _turned(entry: Entry, item: Mapping[str, Any], known: Sequence[Step]) -> Step:
    found = step_of(known, int(item["restore"]))
    return turned(found or _blank(entry, item), entry, UNDONE)


def _blank(entry: Entry, item: Mapping[str, Any]) -> Step:
    account, case_key = _key(entry, item)
    return Step(
        account=account,
        case_key=case_key,
        root=0,
        item_name=item.get("item_name"),
        **told_by(entry),
    )
