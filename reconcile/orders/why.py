"""One order's verdict as data, and in the words of one language: its cause and every test that led to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconcile.orders.causes import CANNOT_TELL, CAUSES, COLLECTED
from reconcile.text import Text

NOT_EXAMINED = "not_examined"
BRACKET = ("entered_from", "entered_by", "left_from", "left_by")
COLUMN_OF = {
    "entry_from": "entered_from",
    "entry_by": "entered_by",
    "exit_from": "left_from",
    "exit_by": "left_by",
}
OF_THE_ROW = (
    "phase_name", "cancel_flag", "is_bundle_child", "delivery_number", "created_at", "updated_at", "covered_until",
    "ss_status", "ss_registered_at", "ss_snapshot_at", "ss_matched_by", "ss_tracking",
)  # fmt: skip
INSTANTS = ("absent_until", "needed_at", *OF_THE_ROW[4:7], "ss_registered_at", "ss_snapshot_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One test of the list, in words. holds: it applies to the order; taken: it is the one that decided.

    proof: what it looked at, (label, value) with instants in JST, without what is not known.
    """

    cause: str
    title: str
    test: str
    holds: bool
    taken: bool
    proof: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A verdict in words; `cure` is one step per entry, `missing` is set for a cannot_tell, `tree` in the order of the tests.

    chance: how probably a pull took the order, or, while it still waits, how probably one ran meanwhile; None if unknown.
    """

    title: str
    test: str
    saw: str
    cure: tuple[str, ...]
    settled_by: str
    missing: str | None
    chance: str | None
    tree: tuple[Branch, ...]


def verdict_of(row: Mapping[str, Any], stay: Mapping[str, Any] | None) -> dict[str, Any]:
    """The verdict of one order: cause (id of CAUSES, collected or cannot_tell), probability that a pull took it, evidence.

    row: the order's row of the board; stay: its row of order_stay with the evidence unpacked, None for an order that
    was no question. evidence: one entry per test in their fixed order, {"cause", "holds", "taken", "values"}. Beside
    them verdict (pulled | missed | waiting | cannot_tell), p_seen, missing and all values.
    """
    known = stay or _without_question(row)
    proof = known["evidence"]
    values: dict[str, Any] = {name: row.get(name) for name in OF_THE_ROW}
    values |= proof["values"] | {name: known[name] for name in (*BRACKET, "probability")}
    values |= {name: _instant(values.get(name)) for name in INSTANTS}
    return {
        "cause": known["cause"],
        "probability": known["probability"],
        "evidence": [
            {
                "cause": one.id,
                "holds": one.id in proof["applicable"],
                "taken": one.id == known["cause"],
                "values": {
                    COLUMN_OF.get(name, name): values.get(COLUMN_OF.get(name, name))
                    for name in one.evidence
                },
            }
            for one in CAUSES
        ],
        "verdict": known["verdict"],
        "p_seen": known["p_seen"],
        "missing": known["missing"],
        "values": values,
    }


def in_words(verdict: Mapping[str, Any], lang: str) -> Why:
    """The verdict of verdict_of in one language. Raises KeyError for a cause or missing code that does not exist."""
    text = Text(lang)
    cause, missing = verdict["cause"], verdict["missing"]
    shown = _shown(text, verdict["values"])
    return Why(
        title=text(f"why.{cause}.title"),
        test=text(f"why.{cause}.test"),
        saw=text(f"why.{cause}.saw", **shown),
        cure=tuple(text(f"why.{cause}.cure", **shown).strip().splitlines()),
        settled_by=text(f"why.{cause}.settled_by"),
        missing=None if missing is None else text(f"why.missing.{missing}", **shown),
        chance=_chance(text, verdict),
        tree=tuple(
            Branch(
                cause=one["cause"],
                title=text(f"why.{one['cause']}.title"),
                test=text(f"why.{one['cause']}.test"),
                holds=one["holds"],
                taken=one["taken"],
                proof=tuple(
                    (text(f"why.proof.{name}"), _proof(text, name, value))
                    for name, value in one["values"].items()
                    if value is not None and value != ""
                ),
            )
            for one in verdict["evidence"]
        ),
    )


def _without_question(row: Mapping[str, Any]) -> dict[str, Any]:
    """An order that was not examined: at Smartship by a strong link, so collected; else too long ago to be asked."""
    collected = row["ss_is_weak"] is False
    return {
        **dict.fromkeys(BRACKET),
        "verdict": "pulled" if collected else CANNOT_TELL,
        "probability": 1.0 if collected else None,
        "p_seen": 1.0 if collected else None,
        "cause": COLLECTED if collected else CANNOT_TELL,
        "missing": None if collected else NOT_EXAMINED,
        "evidence": {"applicable": [], "values": {}},
    }


def _shown(text: Text, values: Mapping[str, Any]) -> dict[str, str]:
    """Every value as people read it; `stay` tells entry and exit in one sentence."""
    shown = {name: _one(text, name, value) for name, value in values.items()}
    for name in ("kind", "left_phase", "left_for", "sure_pulls", "ss_registered_by", "phase_name"):
        shown.setdefault(name, text("why.none"))
    shown["pct"] = _percent(text, values.get("probability"))
    over = values.get("left_by") is not None
    known = values.get("entered_by") is not None
    key = "why.stay.left" if over else "why.stay.lasts" if known else "why.stay.none"
    return shown | {"stay": text(key, **{name: shown[name] for name in (*BRACKET, "left_phase")})}


def _one(text: Text, name: str, value: Any) -> str:
    if name in (*INSTANTS, *BRACKET):
        return text.time(value) if value is not None else text("why.open")
    if value is None or value == "":
        return text("why.none")
    worded = {"ss_registered_by": f"why.registered_by.{value}", "ss_status": f"ss_status.{value}"}
    if name in worded and text.has(worded[name]):
        return text(worded[name])
    return text.value(int(value) if isinstance(value, float) else value)


def _chance(text: Text, verdict: Mapping[str, Any]) -> str | None:
    waits = verdict["verdict"] == "waiting"
    share = verdict["p_seen" if waits else "probability"]
    if share is None:
        return None
    return text("why.chance.waiting" if waits else "why.chance.over", pct=_percent(text, share))


def _proof(text: Text, name: str, value: Any) -> str:
    """One piece of evidence as people read it: codes by their words, shares in percent, instants to the second."""
    if isinstance(value, datetime):
        return text.time(value, full=True)
    if name == "probability":
        return text("why.percent", pct=_percent(text, value))
    if name == "ss_matched_by":
        return text.word("matched_by", str(value), plain=True)
    coded = f"why.{name}.{value}"
    if name in ("kind", "cancel_flag") and text.has(coded):
        return text(coded)
    return _one(text, name, value)


def _percent(text: Text, share: float | None) -> str:
    return text("why.none") if share is None else text.value(round(100 * share))


def _instant(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
