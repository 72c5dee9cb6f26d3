"""Decisions on product links from a file: read, compared with what is decided, shown as a difference, applied when confirmed."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from reconcile.errors import ImportRejected, UsageError
from reconcile.mapping.decisions import (
    ACTS,
    FIXES,
    DecisionReport,
    ImportRow,
    MappingImportDiff,
)
from reconcile.mapping_acts import left
from reconcile.mapping_desk import MappingDesk
from reconcile.store import mapping as store
from reconcile.store.database import Cursor
from reconcile.store.mapping_fold import IMPORTED
from reconcile.store.projections import catch_up
from reconcile.text import LANGUAGES, Text, visible
from reconcile.triage_acts import TEXT_MOST, person
from smartship.reader import read_table
from smartship.types import FileRejected

KEY = ("item_code", "attribute1_name", "attribute2_name")
NEEDED = (*KEY, "sku_no")
COLUMNS = (*NEEDED, "decision", "fix", "why")
AS_SHOWN = {  # a decision as exports name it -> the act
    "accepted": "accept",
    "open": "reopen",
    "no_counterpart": "no_counterpart",
    "later": "later",
}
DONE = {"accept": "accepted", "reject": "open", "reopen": "open"}
APPLIED = ("new", "changed")


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the file as it stands there."""

    row: int
    cells: Mapping[str, str]


class MappingIntake(MappingDesk):
    """Lists of decisions; `Workspace` inherits it."""

    def mapping_import(self, account: str, name: str, data: bytes) -> MappingImportDiff:
        """What a mapping list would change; nothing is changed yet. The list is kept for 7 days under its id.

        data: CSV or XLSX with the columns item_code, attribute1_name, attribute2_name, sku_no and, if wanted, decision, fix and
        why, headed by these names or by the words of a language. Without a decision a row accepts its SKU number.
        Raises ImportRejected for a file that is no such list.
        """
        lines = _lines(name, data)
        list_id = uuid.uuid4().hex
        with self._db.write() as cursor:
            rows = _judged(cursor, account, lines)
            content = [(row.case_key, row.became, asdict(row) | {"file": name}) for row in rows]
            store.freeze(cursor, account, list_id, "import", content, now=self.now())
        return MappingImportDiff(id=list_id, file=name, rows=rows)

    def mapping_import_diff(self, diff_id: str) -> tuple[str, MappingImportDiff]:
        """A kept list with its account. Raises UsageError if it is not kept (any more)."""
        with self._db.read() as cursor:
            found = store.frozen(cursor, diff_id, "import")
        if not found:
            raise UsageError("error.mapping.list", id=visible(diff_id)[:40])
        file = str(found[0][2]["file"])
        rows = [{key: one for key, one in row.items() if key != "file"} for _, _, row in found]
        return found[0][0], MappingImportDiff(
            id=diff_id, file=file, rows=tuple(ImportRow(**row) for row in rows)
        )

    def mapping_import_apply(self, diff_id: str, *, by: str | None = None) -> DecisionReport:
        """Do what a mapping list says: its new and changed rows, without cases that changed since. One line of the ledger.

        Raises UsageError for a list that is not kept.
        """
        who = person(by)
        account, diff = self.mapping_import_diff(diff_id)
        wanted = [row for row in diff.rows if row.became in APPLIED and row.case_key]
        items, skipped = [], []
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
            found = store.cases(cursor, account, [str(row.case_key) for row in wanted])
            for row in wanted:
                now = found.get(str(row.case_key))
                if now is None or now[0]["version"] != row.values["version"]:
                    skipped.append(left(str(row.case_key), now))
                    continue
                item = self._item(cursor, now, row.decision, row.sku_no)
                own = {"decision": row.decision, "fix": row.fix}
                why = {"why": row.values["why"]} if row.values["why"] else {}
                items.append({**item, **own, **why})
            if not items:
                return DecisionReport(done=0, skipped=tuple(skipped), ledger=())
            values = {"file": diff.file, "items": items}
            entry = self._enter(cursor, IMPORTED, account, values, who)
        return DecisionReport(done=len(items), skipped=tuple(skipped), ledger=(entry.sequence,))


def _lines(name: str, data: bytes) -> list[_Line]:
    """The rows of the file under our column names. Raises ImportRejected."""
    titles = _titles()

    def known(row: Sequence[str]) -> dict[str, int]:
        return {
            titles[cell.strip()]: place for place, cell in enumerate(row) if cell.strip() in titles
        }

    try:
        table = read_table(data, lambda rows: max((len(known(row)) for row in rows), default=0))
    except FileRejected:
        raise ImportRejected("error.mapping.import.table", file=visible(name)) from None
    head = max(range(min(len(table.rows), 15)), key=lambda place: len(known(table.rows[place])))
    places = known(table.rows[head])
    missing = [column for column in NEEDED if column not in places]
    if missing:
        raise ImportRejected("error.mapping.import.columns", file=visible(name), missing=missing)
    return [
        _Line(
            number,
            {
                column: row[places[column]]
                if column in places and places[column] < len(row)
                else ""
                for column in COLUMNS
            },
        )
        for number, row in enumerate(table.rows[head + 1 :], start=1)
        if any(cell.strip() for cell in row)
    ]


def _titles() -> dict[str, str]:
    """Every title under which a column may stand, with its name."""
    words = [Text(lang) for lang in LANGUAGES]
    return {
        title: column
        for column in COLUMNS
        for title in (column, *(text(f"column.{column}") for text in words))
    }


@cache
def _words() -> dict[str, str]:
    """Decisions by the words of every language, as files for people have them."""
    texts = [Text(lang) for lang in LANGUAGES]
    return {text.word("decision", code, plain=True): code for text in texts for code in AS_SHOWN}


def _judged(cursor: Cursor, account: str, lines: Sequence[_Line]) -> tuple[ImportRow, ...]:
    """Every row against what is decided now."""
    keys = {tuple(key): case for *key, case in store.tuples(cursor, "case_keys", account=account)}
    read = [_read(line, keys) for line in lines]
    cases = store.cases(cursor, account, [row.case_key for row in read if row.case_key])
    skus = sorted({row.sku_no for row in read if row.sku_no})
    known = {row["sku_no"] for row in store.rows(cursor, "sku_rows", account=account, skus=skus)}
    holders: dict[str, set[str]] = {}
    for sku, case_key in store.tuples(cursor, "holders", account=account, skus=skus):
        holders.setdefault(sku, set()).add(case_key)
    said = {(row.case_key, row.decision, row.sku_no, row.fix) for row in read}
    times = Counter(key for key, *_ in said if key)
    judged = []
    for row in read:
        if row.became == "refused" or row.case_key is None:
            judged.append(row)
            continue
        made = _against(row, cases[row.case_key][0], known, holders)
        if made.became in APPLIED and times[row.case_key] > 1:
            made = replace(made, became="conflicting", reason="twice")
        judged.append(made)
    return tuple(_once(judged))


def _once(rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Further rows that say the very same count as the same."""
    seen: set[str | None] = set()
    found = []
    for row in rows:
        is_again = row.became in APPLIED and row.case_key in seen
        seen |= {row.case_key} if row.became in APPLIED else set()
        found.append(replace(row, became="same") if is_again else row)
    return found


def _read(line: _Line, keys: Mapping[tuple[Any, ...], str]) -> ImportRow:
    """A row with its case, refused where the row by itself cannot be."""
    cells = line.cells
    plain = tuple(cells[name] for name in KEY)
    case_key = keys.get(plain)
    decision = cells["decision"].strip() or "accept"
    decision = AS_SHOWN.get(_words().get(decision, decision), decision)
    fix = cells["fix"].strip() or FIXES[0]
    needs_sku = decision in ("accept", "reject")
    checks = (
        ("decision", decision in ACTS),
        ("fix", fix in FIXES),
        ("why", len(cells["why"]) <= TEXT_MOST),
        ("unknown_item", case_key is not None),
        ("no_sku", not needs_sku or bool(cells["sku_no"].strip())),
    )
    reason = next((name for name, holds in checks if not holds), None)
    return ImportRow(
        row=line.row,
        became="refused" if reason else "new",
        reason=reason,
        item_code=plain[0],
        attribute1_name=plain[1],
        attribute2_name=plain[2],
        sku_no=cells["sku_no"].strip() if needs_sku else None,
        decision=decision,
        fix=fix,
        before=None,
        sku_before=None,
        case_key=case_key,
        values={"why": cells["why"].strip()},
    )


def _against(
    row: ImportRow,
    case: Mapping[str, Any],
    known: set[str],
    holders: Mapping[str, set[str]],
) -> ImportRow:
    """The row beside what is decided on its case."""
    row = replace(
        row,
        before=case["decision"],
        sku_before=case["chosen_sku_no"],
        values={**row.values, "version": case["version"]},
    )
    if row.sku_no is not None and row.sku_no not in known:
        return replace(row, became="refused", reason="unknown_sku")
    if case["state"] == "linked" and row.decision != "reopen":
        is_same = row.decision == "accept" and row.sku_no == case["sku_no"]
        return replace(
            row, became="same" if is_same else "refused", reason=None if is_same else "linked"
        )
    if row.decision == "reject":
        is_same = row.sku_no in (case["rejected"] or ())
        return replace(row, became="same" if is_same else "new")
    if row.decision == "accept" and holders.get(str(row.sku_no), set()) - {row.case_key}:
        return replace(row, became="conflicting", reason="taken")
    same_sku = row.decision != "accept" or (row.sku_no, row.fix) == (
        case["chosen_sku_no"],
        case["fix"],
    )
    if case["decision"] == DONE.get(row.decision, row.decision) and same_sku:
        return replace(row, became="same")
    return replace(row, became="new" if case["decision"] == "open" else "changed")
