"""Before anyone ships by hand: the double-shipment check, the upload file for missed orders, the packet for support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from reconcile import cases, packet
from reconcile.cases import SHEET_MADE
from reconcile.errors import UsageError
from reconcile.model import Export, OrderCase
from reconcile.orders.relations import relation_words
from reconcile.orders.why import in_words
from reconcile.recovery_risks import (
    BLOCKED,
    POSSIBLE_PAIR_DAYS,
    Limits,
    ShipmentCheck,
    shipment_checks,
)
from reconcile.recovery_sheet import (
    FIRST_ROW,
    Filled,
    RecoverySheet,
    fill,
    legend,
    risk_words,
)
from reconcile.rules.limits import RuleLimits
from reconcile.store import recovery as store
from reconcile.text import JST, Text
from reconcile.wiring import Wiring
from smartship.template import LANGUAGES
from smartship.upload import FORMATS, guarded, title_of, write_upload_csv, write_upload_workbook
from smartship.workbook import Sheet
from smartship.writer import TextWouldChange, write_table

ENCODINGS = ("utf-8-sig", "cp932")


class RecoveryDesk(Wiring):
    """What a person needs before and while shipping by hand an order that Smartship did not collect."""

    def shipment_check(
        self, account: str | None, order_numbers: Sequence[str]
    ) -> tuple[ShipmentCheck, ...]:
        """Per order whether shipping it by hand could ship it twice, with every reason found.

        order_numbers: 管理番号, or any number by which exactly one order is known. Raises UsageError for another.
        """
        self._refresh(account, wait=True)
        checks: list[ShipmentCheck] = []
        for owner, numbers in self._resolve(account, order_numbers).items():
            checks += self._checks(owner, numbers)
        return tuple(checks)

    def recovery_sheet(
        self,
        account: str | None,
        order_numbers: Sequence[str],
        *,
        format: str = "xlsx",
        title_language: str = "ja",
        including_blocked: Mapping[str, str] | None = None,
        warehouse: str = "",
        encoding: str = "utf-8-sig",
    ) -> RecoverySheet:
        """The order upload file for these orders of one account, as far as we can fill it, with its report.

        including_blocked: number of a blocked order -> why it goes in all the same; the other blocked ones stay out.
        warehouse: O29 of every row; without it the place of the SKU's stock where there is only one. encoding: of CSV.
        A file with rows is noted in the ledger. Raises UsageError.
        """
        _check_options(format, title_language, encoding, including_blocked or {})
        self._refresh(account, wait=True)
        owner, numbers = _only(self._resolve(account, order_numbers))
        reasons = self._reasons(owner, including_blocked or {})
        checks = self._checks(owner, numbers)
        blocked = {one.order_number for one in checks if one.verdict == BLOCKED} - reasons.keys()
        chosen = [number for number in numbers if number not in blocked]
        filled = self._filled(owner, chosen, warehouse)
        among = [one for one in checks if one.order_number in chosen]
        notes = legend(filled.to_type, among, title_language, self.text)
        stem = f"totsugo_recovery_{self.now().astimezone(JST):%Y%m%d_%H%M}"
        made = RecoverySheet(
            file_name=f"{stem}.{format}",
            data=_written(filled, format, title_language, encoding, notes),
            rows=len(filled.rows),
            changed_characters=(),
            format=format,
            orders=tuple(chosen),
            left_out=tuple(number for number in numbers if number in blocked),
            checks=checks,
            to_type=tuple(filled.to_type),
            guarded=_guarded(filled) if format == "csv" else (),
            companion=_companion(notes, stem) if format == "csv" else None,
        )
        if made.rows:
            self._note_sheet(owner, made, reasons)
        return made

    def packet(
        self,
        account: str | None,
        order_number: str,
        *,
        lang: str | None = None,
        rule: str | None = None,
    ) -> Export:
        """The evidence about one order, or one of its findings, as a single HTML file for the vendors' support.

        It holds no personal data, no key and no address of ours. lang: ja | en, default the workspace's.
        Raises UsageError for an unknown order, or a rule that found nothing on it.
        """
        text = Text(lang) if lang else self.text
        self._refresh(account, wait=True)
        case = cases.order_case(self._db, self._ledger, account, order_number)
        findings = tuple(one for one in case.findings if rule in (None, one.rule))
        if rule is not None and not findings:
            raise UsageError("error.recovery.no_finding", rule=rule, number=case.order_number)
        (check,) = self._checks(case.account, [case.order_number])
        with self._db.read() as cursor:
            files = store.rows(cursor, "files", account=case.account)
            schema = store.rows(cursor, "schema_version")[0]["version"]
        dossier = packet.Dossier(
            case=case,
            findings=findings,
            check=check,
            why=in_words(case.verdict, text.lang),
            files=files,
            schema=schema,
            secrets=self._never_shown(case.account),
            now=self.now(),
        )
        stem = packet.file_stem(case.order_number, self.now())
        page = packet.render(dossier, text)
        return Export(
            file_name=f"{stem}.html", data=page.encode("utf-8"), rows=1, changed_characters=()
        )

    def risk_words(self, code: str, because: Mapping[str, Any]) -> str:
        """One risk of a check in the words of this workspace's language."""
        return risk_words(code, because, self.text)

    def relations(self, case: OrderCase) -> tuple[Mapping[str, Any], ...]:
        """How an order hangs together with others or with packings, proven ones first: kind and its values.

        kind: split | split_more (its packings hold more than was ordered) | combined | bundle_parent | bundle_child |
        twin | weak | possible; on the last two no verdict rests.
        """
        return cases.related(self._db, case)

    def relation_words(self, relation: Mapping[str, Any]) -> str:
        """One of an order's relations in the words of this workspace's language."""
        return relation_words(relation, self.text)

    def sheet_column(self, code: str, title_language: str = "ja") -> str:
        """The title of a column of the upload file, by its O-code."""
        return title_of(code, title_language)

    def _resolve(self, account: str | None, numbers: Sequence[str]) -> dict[str, list[str]]:
        """Account -> 管理番号 of the orders meant, each once, in the order given."""
        given = list(dict.fromkeys(number.strip() for number in numbers if number.strip()))
        if not given:
            raise UsageError("error.recovery.no_numbers")
        with self._db.read() as cursor:
            rows = store.rows(cursor, "resolve", account=account, numbers=given)
        owned: dict[str, list[str]] = {}
        for number in given:
            hits = [row for row in rows if row["given"] == number]
            hits = [row for row in hits if row["is_exact"]] or hits
            if not hits:
                raise UsageError("error.order.unknown", number=number)
            if len(hits) > 1:
                names = [f"{row['account']}:{row['order_number']}" for row in hits]
                raise UsageError("error.order.ambiguous", number=number, orders=names)
            mine = owned.setdefault(hits[0]["account"], [])
            if hits[0]["order_number"] not in mine:
                mine.append(hits[0]["order_number"])
        return owned

    def _checks(self, account: str, numbers: Sequence[str]) -> tuple[ShipmentCheck, ...]:
        rules = RuleLimits()
        with self._db.read() as cursor:
            found = store.facts(cursor, account, numbers, days=POSSIBLE_PAIR_DAYS)
        limits = Limits(
            grace=timedelta(minutes=rules.coverage_grace_min),
            pull_interval=timedelta(minutes=rules.pull_interval_min),
            stale_after=timedelta(hours=self.settings.stale_after_h),
        )
        return shipment_checks(
            account, found, self._made_sheets(account), now=self.now(), limits=limits
        )

    def _made_sheets(self, account: str) -> dict[str, dict[str, Any]]:
        made: dict[str, dict[str, Any]] = {}
        for entry in cases.sheets_made(self._ledger, account):
            note = {"made_at": entry.at, "made_by": entry.actor}
            made |= dict.fromkeys(entry.values["orders"], note)
        return made

    def _reasons(self, account: str, given: Mapping[str, str]) -> dict[str, str]:
        if not given:
            return {}
        reasons = {}
        for number, reason in given.items():
            owned = self._resolve(account, [number])
            reasons[owned[account][0]] = reason.strip()
        return reasons

    def _filled(self, account: str, numbers: Sequence[str], warehouse: str) -> Filled:
        with self._db.read() as cursor:
            orders, lines, use = (
                store.rows(cursor, block, account=account, numbers=list(numbers))
                for block in ("sheet_orders", "sheet_lines", "number_use")
            )
        by_number = {row["order_number"]: row for row in orders}
        return fill([by_number[number] for number in numbers], lines, use, warehouse.strip())

    def _note_sheet(self, account: str, made: RecoverySheet, reasons: Mapping[str, str]) -> None:
        self._ledger.append(
            SHEET_MADE,
            account,
            {
                "orders": list(made.orders),
                "format": made.format,
                "left_out": list(made.left_out),
                "including_blocked": {
                    one: why for one, why in reasons.items() if one in made.orders
                },
            },
        )

    def _never_shown(self, account: str) -> tuple[str, ...]:
        """Texts of ours that a packet must not carry: key, company code, address, folder, name of the account."""
        one = self._accounts.one(account)
        ours = (one.company_code, one.base_url, str(self.data), one.name)
        try:
            return (*ours, self._accounts.credentials(one).key.reveal())
        except UsageError:
            return ours  # a key that cannot be read cannot have been copied from here either


def _check_options(
    file_format: str, language: str, encoding: str, blocked: Mapping[str, str]
) -> None:
    for value, known in (
        (file_format, FORMATS),
        (language, LANGUAGES),
        (encoding, ENCODINGS),
    ):
        if value not in known:
            raise UsageError("error.recovery.option", value=value, known=list(known))
    silent = [number for number, reason in blocked.items() if not reason.strip()]
    if silent:
        raise UsageError("error.recovery.reason", numbers=silent)


def _only(owned: Mapping[str, list[str]]) -> tuple[str, list[str]]:
    if len(owned) > 1:
        raise UsageError("error.account.choose", names=sorted(owned))
    return next(iter(owned.items()))


def _written(filled: Filled, file_format: str, language: str, encoding: str, notes: Sheet) -> bytes:
    if file_format == "xlsx":
        return write_upload_workbook(filled.rows, language, legend=notes)
    try:
        return write_upload_csv(filled.rows, language, encoding=encoding)
    except TextWouldChange as error:
        places = [f"{row}:{point}" for row, _, point in error.places[:10]]
        raise UsageError(
            "error.recovery.characters", encoding=encoding, count=error.count, places=places
        ) from None


def _guarded(filled: Filled) -> tuple[tuple[int, str], ...]:
    """Guarded cells by their row in the file."""
    return tuple((at + FIRST_ROW - 1, code) for at, code in guarded(filled.rows))


def _companion(notes: Sheet, name: str) -> Export:
    """The list of what is left to type as its own CSV file: an upload file may not hold remarks."""
    return Export(
        file_name=f"{name}_to_type.csv",
        data=write_table(notes.rows, encoding="utf-8-sig"),
        rows=len(notes.rows) - 1,
        changed_characters=(),
    )
