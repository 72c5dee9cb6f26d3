"""The evidence about one order as one HTML page for the vendors' support: printable, without scripts or links.

Everything shown passes the mask, then the escape. Machine-readable evidence stands in the page as plain JSON text.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from importlib import metadata
from typing import Any

from reconcile.model import Finding, OrderCase
from reconcile.orders.why import Why
from reconcile.packet_mask import Mask
from reconcile.packet_record import NOT_TOLD, record
from reconcile.recovery_risks import ShipmentCheck
from reconcile.recovery_sheet import risk_words
from reconcile.rules.words import explain
from reconcile.text import JST, Text, as_jsonable

VENDORS = ("crossmall", "smartship")
TOPICS: Mapping[str, tuple[str, ...]] = {  # what we ask about -> the rules it answers
    "not_collected": ("F01", "F02", "F03", "F04", "F07", "F18", "F33"),
    "write_back": ("F05", "F06"),
    "cancelled": ("F16", "F17"),
    "double": ("F19", "F20", "F21"),
    "tracking": ("F27",),
}
_TOPIC_OF = {rule: topic for topic, rules in TOPICS.items() for rule in rules}
_CROSSMALL = (
    "order_number", "order_code", "shop_code", "phase_name", "cancel_flag", "delivery_number", "ordered_qty",
    "ordered_at", "updated_at", "seen_at",
)  # fmt: skip
_SMARTSHIP = (
    "packing_no", "site_order_no", "reference_no", "matched_by", "status", "status_raw", "registered_by", "sku_no",
    "qty", "tracking_no", "registered_at", "shipped_at", "snapshot_at",
)  # fmt: skip
_LINES = ("line_no", "item_code", "item_name", "option_text", "amount", "is_set")
_NUMBERS = ("order_number", "order_code", "delivery_number", "ss_packings", "ss_tracking")
_OURSELVES = "people"  # the side of the timeline that names them too
_STYLE = (
    "body{font-family:'Noto Sans JP','Hiragino Sans','Yu Gothic UI','Noto Sans KR','Malgun Gothic',sans-serif;"
    "color:#1f2933;margin:2em auto;"
    "max-width:62em;line-height:1.6}h1{font-size:1.4em}h2{font-size:1.1em;margin-top:2em;border-bottom:1px solid #999}"
    "table{border-collapse:collapse;width:100%;font-size:.9em}th,td{border:1px solid #bbb;padding:.25em .5em;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f0f2f4}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8em}.lead{font-weight:bold}"
    "@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that a packet tells: the order's case, its findings, its check, why it was not pulled, our files, versions.

    files: newest Smartship file per kind; secrets: words that never appear; now: when it is made.
    """

    case: OrderCase
    findings: tuple[Finding, ...]
    check: ShipmentCheck
    why: Why
    files: Sequence[Mapping[str, Any]]
    schema: int
    secrets: tuple[str, ...] = field(repr=False)
    now: datetime


def file_stem(order_number: str, now: datetime) -> str:
    """The packet's file name without its ending: the order and the minute (JST)."""
    number = re.sub(r"[^0-9A-Za-z-]+", "_", order_number)[:40]
    return f"totsugo_packet_{number}_{now.astimezone(JST):%Y%m%d_%H%M}"


def render(dossier: Dossier, text: Text) -> str:
    """The page in the text's language."""
    return _Page(dossier, text).html()


class _Page:
    """One packet being written; every method gives a piece of HTML whose values are masked and escaped."""

    def __init__(self, dossier: Dossier, text: Text) -> None:
        self._of = dossier
        self._text = text
        case = dossier.case
        keep = [part for name in _NUMBERS for part in str(case.row.get(name) or "").split()]
        keep += [str(case.row.get("order_code") or ""), str(case.row.get("delivery_number") or "")]
        for name in ("packing_no", "site_order_no", "reference_no", "tracking_no", "sku_no"):
            keep += [str(value) for value in case.shipment_lines[name].dropna()]
        keep += [str(code) for code in case.lines["item_code"].dropna()]
        self._mask = Mask(keep, dossier.secrets)

    def html(self) -> str:
        text = self._text
        title = self._safe(text("packet.title", order_number=self._of.case.order_number))
        sections = (
            ("wrong", self._wrong()),
            ("crossmall", self._crossmall()),
            ("smartship", self._smartship()),
            ("timeline", self._timeline()),
            ("evidence", self._evidence()),
            ("pull", self._pull()),
            ("ask", self._ask()),
            ("environment", self._environment()),
            ("machine", self._machine()),
        )
        body = "".join(
            f"<h2>{self._safe(text(f'packet.section.{name}'))}</h2>\n{content}\n"
            for name, content in sections
        )
        return (
            f'<!DOCTYPE html>\n<html lang="{text.lang}">\n<head>\n<meta charset="utf-8">\n'
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
            '<meta name="referrer" content="no-referrer">\n'
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
            f"<p>{self._safe(text('packet.made', at=text.time(self._of.now, full=True)))}</p>\n{body}</body>\n</html>\n"
        )

    def _safe(self, words: str) -> str:
        return escape(self._mask(words), quote=True)

    def _cell(self, name: str, value: Any) -> str:
        text = self._text
        if value is None or value == "" or value != value:
            return "–"
        if isinstance(value, datetime):
            age = text.age(value, self._of.now)
            return escape(
                f"{text.time(value.to_pydatetime() if hasattr(value, 'to_pydatetime') else value, full=True)} ({age})"
            )
        if name in ("matched_by", "status"):
            return self._safe(text.word(name, str(value), plain=True))
        return self._safe(text.value(value) if isinstance(value, bool) else str(value))

    def _table(self, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
        head = "".join(f"<th>{escape(one)}</th>" for one in heads)
        body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
        return f"<table>\n<tr>{head}</tr>\n{body}</table>"

    def _paragraph(self, words: str, kind: str = "") -> str:
        mark = f' class="{kind}"' if kind else ""
        return f"<p{mark}>{self._safe(words)}</p>"

    def _label(self, name: str) -> str:
        return self._text(f"column.{name}")

    def _wrong(self) -> str:
        if not self._of.findings:
            return self._paragraph(self._text("packet.no_finding"), "lead")
        first = self._of.findings[0]
        words = explain(first.rule, first.because, self._text.lang, first.missing)
        said = words.saw if first.missing is None else words.missing or words.saw
        return self._paragraph(f"{words.title}: {said}", "lead")

    def _crossmall(self) -> str:
        row = self._of.case.row
        facts = self._table(
            (self._text("packet.fact"), self._text("packet.value")),
            ((escape(self._label(name)), self._cell(name, row.get(name))) for name in _CROSSMALL),
        )
        lines = self._of.case.lines
        return facts + self._frame(_LINES, lines.astype(object).to_dict("records"))

    def _smartship(self) -> str:
        found = self._of.case.shipment_lines.astype(object).to_dict("records")
        known = self._frame(_SMARTSHIP, found) if found else ""
        files = self._table(
            [self._text(f"packet.file.{name}") for name in ("kind", "snapshot_at", "covers_from")],
            (
                [self._cell(name, row[name]) for name in ("kind", "snapshot_at", "covers_from")]
                for row in self._of.files
            ),
        )
        covered = self._of.case.row.get("covered_until")
        absent = self._text(
            "packet.absent" if covered else "packet.not_covered",
            at=self._text.time(covered, full=True),
        )
        return (known or self._paragraph(absent)) + files

    def _frame(self, names: Sequence[str], rows: Sequence[Mapping[Any, Any]]) -> str:
        return self._table(
            [self._label(name) for name in names],
            ([self._cell(name, row[name]) for name in names] for row in rows),
        )

    def _timeline(self) -> str:
        text = self._text
        rows = []
        for event in self._of.case.timeline:
            if event["side"] == _OURSELVES:
                continue
            ends = [text.time(event[name], full=True) for name in ("at", "at_latest")]
            span = ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"
            words = text.event(event)
            rows.append(
                (
                    escape(span),
                    escape(text(f"side.{event['side']}")),
                    self._safe(words),
                    escape(text.time(event["seen_at"], full=True)),
                )
            )
        heads = [text("packet.when"), *map(self._label, ("side", "event_words", "seen_at"))]
        return self._paragraph(text("packet.brackets")) + self._table(heads, rows)

    def _evidence(self) -> str:
        rows = []
        for one in self._of.findings:
            words = explain(one.rule, one.because, self._text.lang, one.missing)
            rows.append(
                [
                    escape(one.rule),
                    self._safe(words.title),
                    self._safe(words.saw),
                    self._safe(words.missing or "–"),
                    self._cell("since", one.since),
                ]
            )
        if not rows:
            return self._paragraph(self._text("packet.no_finding"))
        heads = ("rule", "title", "saw", "missing", "since")
        return self._table([self._label(name) for name in heads], rows)

    def _pull(self) -> str:
        """The cause of the forensics with its probability and proof, then every risk of the check."""
        text, why = self._text, self._of.why
        told = [why.saw, *([why.chance] if why.chance else [])]
        if why.missing:
            told.append(text("packet.missing", what=why.missing))
        risks = [
            risk_words(risk.code, risk.because, text)
            for risk in self._of.check.risks
            if risk.code not in NOT_TOLD
        ]
        taken = next((one for one in why.tree if one.taken), None)
        proof = (
            [[escape(label), self._safe(value)] for label, value in taken.proof] if taken else []
        )
        heads = (text("packet.fact"), text("packet.value"))
        return (
            self._paragraph(text("packet.cause", title=why.title, test=why.test), "lead")
            + self._list(told)
            + (self._table(heads, proof) if proof else "")
            + f"<h3>{escape(text('packet.risks'))}</h3>"
            + self._list(risks or [text("packet.no_risk")])
        )

    def _list(self, told: Sequence[str]) -> str:
        return f"<ul>\n{''.join(f'<li>{self._safe(words)}</li>' for words in told)}\n</ul>"

    def _ask(self) -> str:
        row = self._of.case.row
        topics = [_TOPIC_OF[one.rule] for one in self._of.findings if one.rule in _TOPIC_OF]
        topic = topics[0] if topics else "general"
        asked = []
        for vendor in VENDORS:
            question = self._text(
                f"packet.ask.{vendor}.{topic}",
                order_number=self._of.case.order_number,
                order_code=row.get("order_code") or "–",
                packings=row.get("ss_packings") or "–",
            )
            asked.append(f"<h3>{escape(self._text(f'packet.vendor.{vendor}'))}</h3>")
            asked.append(self._paragraph(question))
        return "\n".join(asked)

    def _environment(self) -> str:
        text = self._text
        facts = {
            "schema": str(self._of.schema),
            "python": platform.python_version(),
            "duckdb": metadata.version("duckdb"),
            "zone": text("packet.zone"),
        }
        return self._table(
            (text("packet.fact"), text("packet.value")),
            (
                (escape(text(f"packet.environment.{name}")), escape(value))
                for name, value in facts.items()
            ),
        )

    def _machine(self) -> str:
        shown = self._mask.values(
            as_jsonable(record(self._of.case, self._of.findings, self._of.check))
        )
        return f"<pre>{escape(json.dumps(shown, ensure_ascii=False, indent=2))}</pre>"
