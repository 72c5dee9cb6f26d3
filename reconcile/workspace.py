"""The facade: everything that pages, command line and notebooks can do. `Workspace.open()` is where every caller starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from reconcile import cases, demo, exporting, intake, ladder
from reconcile.access import guarded
from reconcile.alerting import AlertDesk
from reconcile.doctor import examine
from reconcile.errors import LedgerUnusable, SecretsUnavailable, SyncFailed, UsageError
from reconcile.frames import table
from reconcile.glossary import Term, terms
from reconcile.judging import Counts
from reconcile.keeping import Keeping
from reconcile.logins import AccessDesk
from reconcile.mapping.decisions import MappingFilter
from reconcile.mapping.difference import difference
from reconcile.mapping_import import MappingIntake
from reconcile.mapping_reading import filters
from reconcile.model import (
    SYNC_EVERY_MIN,
    SYNC_PARTS,
    Account,
    AccountHealth,
    Check,
    DemoReport,
    Explanation,
    Export,
    FileReport,
    Finding,
    Ladder,
    OrderBoard,
    OrderCase,
    OrderFilter,
    Overview,
    Paging,
    PhaseRow,
    Progress,
    Step,
    SyncReport,
)
from reconcile.recipient_desk import RecipientDesk
from reconcile.recovery import RecoveryDesk
from reconcile.rules.registry import RULES
from reconcile.rules.words import explain, title
from reconcile.scheduling import Scheduler, Start
from reconcile.stays import ForensicsDesk
from reconcile.stock_desk import StockDesk
from reconcile.store import boards
from reconcile.store.ages import FigureAges, figure_ages
from reconcile.sync.outlook import with_schedule
from reconcile.sync.run import compare_phases_again
from reconcile.triage import TriageDesk
from reconcile.wiring import OnProgress
from smartship.types import FileKind


@guarded
class Workspace(
    MappingIntake,
    TriageDesk,
    RecoveryDesk,
    RecipientDesk,
    ForensicsDesk,
    StockDesk,
    AlertDesk,
    Keeping,
    AccessDesk,
):
    """One data folder: its accounts, what was taken in, and every question that can be asked of it."""

    # Accounts

    def accounts(self) -> tuple[Account, ...]:
        """Every account by name."""
        return self._accounts.all()

    def add_account(
        self,
        name: str,
        *,
        company_code: str,
        key: str,
        shop_ids: Sequence[str] = (),
        base_url: str = "",
        options: Mapping[str, str] | None = None,
        sync_every_min: int = SYNC_EVERY_MIN,
    ) -> Account:
        """A new account with its key stored safely; synced every so many minutes, 0 = off.

        Raises UsageError; then nothing is stored.
        """
        return self._accounts.add(
            name,
            company_code=company_code,
            key=key,
            shop_ids=shop_ids,
            base_url=base_url,
            options=options or {},
            sync_every_min=sync_every_min,
        )

    def change_account(self, name: str, *, key: str | None = None, **changes: Any) -> Account:
        """Change what is given (company_code, shop_ids, base_url, options, phase names, sync_every_min); `key` rotates it."""
        changed = self._accounts.change(name, key=key, **changes)
        if {"collect_phase", "shipped_phase"} & changes.keys():
            with self._db.write() as cursor:
                compare_phases_again(cursor, changed)
        self._judge(changed)
        return changed

    def remove_account(self, name: str) -> None:
        """Forget an account, its key and its mirror; what people did stays in the ledger."""
        if self._accounts.one(name).is_demo:
            demo.stop(self._demo_folder())
        self._accounts.remove(name)
        if not self._accounts.known():
            self._recipients.forget_all()
        self._history.copy_out()

    def test_account(self, name: str, *, on_step: Callable[[Step], None] | None = None) -> Ladder:
        """The connection ladder of an account, read-only; a failed rung is a result, not an error."""
        account = self._ready(name)
        try:
            self._accounts.credentials(account)
        except (SecretsUnavailable, UsageError) as error:
            return ladder.refused(account, error, on_step)
        return ladder.climb(
            account,
            lambda: self._client(account, retries=1),
            on_step,
            settings=self.settings,
            now=self.now(),
        )

    def phases(self, name: str) -> tuple[PhaseRow, ...]:
        """The phases of an account as last read, and expected names that are not among them."""
        account = self._accounts.one(name)
        with self._db.read() as cursor:
            return boards.phases(cursor, account)

    def set_phase_role(self, name: str, phase_name: str, role: str) -> None:
        """Say what a phase name means for shipping; the account is judged again."""
        self._accounts.set_phase_role(name, phase_name, role)
        self._judge(self._accounts.one(name))

    # Intake

    def sync(
        self,
        name: str,
        *,
        since: date | None = None,
        full: bool = False,
        parts: Sequence[str] | None = None,
        on_progress: OnProgress | None = None,
        cancelled: Callable[[], bool] | None = None,
        wait_s: float = 0.0,
    ) -> SyncReport:
        """Bring CROSS MALL's present into the mirror and judge it.

        wait_s: how long to wait for another sync of the account to end. Raises SyncFailed, SyncCancelled, SyncBusy
        (which says who syncs it since when); what was applied stays and the next sync goes on from there.
        """
        unknown = sorted(set(parts or ()) - set(SYNC_PARTS))
        if unknown:
            raise UsageError("error.sync.parts", names=unknown)
        self._accounts.one(name)
        with self._sync_lock(name).held(wait_s), self._db.freeing.at_once():
            try:
                account = self._ready(name)
                self._accounts.credentials(account)
            except (SecretsUnavailable, SyncFailed, UsageError) as error:
                self._note_refusal(name, error)
                raise
            return self._run(
                account,
                parts,
                since=since,
                full=full,
                on_progress=on_progress,
                cancelled=cancelled,
            )

    def scheduler(self, place: str, start: Start | None = None, **options: Any) -> Scheduler:
        """The schedule of this data folder for this process, not yet running; see Scheduler for the options.

        place: dashboard | serve. start: how a sync is started; without it each gets a thread.
        """
        return Scheduler(self, place=place, start=start, **options)

    def import_files(
        self,
        name: str,
        files: Sequence[tuple[str, bytes]],
        *,
        kind: str | None = None,
        snapshot_at: datetime | None = None,
        covers_from: datetime | None = None,
        covers_to: datetime | None = None,
        filtered: bool = False,
    ) -> tuple[FileReport, ...]:
        """Take Smartship files into the mirror and judge again; one report per file, rejected files included."""
        account = self._accounts.one(name)
        stated = intake.Stated(
            kind=FileKind(kind) if kind else None,
            snapshot_at=snapshot_at,
            covers_from=covers_from,
            covers_to=covers_to,
            filtered=filtered,
        )
        reports = tuple(self._take(account.name, file, data, stated) for file, data in files)
        self._note_files(account.name, reports)
        self._ready_candidates(name)
        self._judge(account)
        self._ready_candidates(name)
        return reports

    def provision_demo(
        self, *, keep: bool = False, on_progress: OnProgress | None = None
    ) -> DemoReport:
        """Set up the demo account: sandbox started, first sync done, Smartship files imported.

        `keep`: the sandbox outlives this process. Raises SyncFailed if the sandbox does not come up.
        """
        tell = on_progress or (lambda _: None)
        begun = self.now()
        tell(Progress(stage="sandbox", done=0, total=1, unit="windows"))
        account = self._demo_account(keep=keep)
        report = self.sync(account.name, on_progress=on_progress)
        tell(Progress(stage="files", done=0, total=1, unit="files"))
        _, (findings, cannot_tell) = self._take_samples(account)
        with self._db.read() as cursor:
            orders = sum(boards.state_counts(cursor, account.name).values())
            shops = len(boards.rows_of(cursor, "shops", account=account.name))
        return DemoReport(
            account=account.name,
            orders=orders,
            shops=shops,
            findings=findings,
            cannot_tell=cannot_tell,
            seconds=max(report.seconds, (self.now() - begun).total_seconds()),
        )

    def import_demo_files(self, name: str) -> tuple[FileReport, ...]:
        """Take the Smartship files of the demo's shop as they are now. Raises UsageError for a real account."""
        account = self._ready(name)
        if not account.is_demo:
            raise UsageError("error.demo.real_account", account=name)
        reports, _ = self._take_samples(account)
        return reports

    def _take_samples(self, account: Account) -> tuple[tuple[FileReport, ...], Counts]:
        """The reports of the demo's files, and how many findings and cannot-tells there are with them."""
        reports = tuple(
            self._take_sample(account, file) for file in demo.sample_files(account.base_url)
        )
        self._note_files(account.name, reports)
        return reports, self._judge(account)

    def _note_files(self, account: str, reports: Sequence[FileReport]) -> None:
        """A line of the ledger for each file that was taken in and had not been before."""
        for report in reports:
            if report.rejected_file is None and not report.already_known:
                values = {"file": report.file, "kind": report.kind, "rows": report.accepted}
                self._ledger.append("file.imported", account, values)

    # Reading

    def overview(self, account: str | None = None) -> Overview:
        """The first screen: health per account, orders by state, causes and what is missing."""
        health = self.health(account)
        return cases.overview(self._db, health, account, now=self.now(), text=self.text)

    def health(self, account: str | None = None) -> tuple[AccountHealth, ...]:
        """How the account (or every one) stands: both sides' ages, its orders by state, its next sync."""
        self._refresh(account)
        chosen = [one for one in self.accounts() if account in (None, one.name)]
        with self._db.read() as cursor:
            found = boards.health(cursor, chosen, self.now(), self.settings)
        return with_schedule(found, self._db, self.locks, self.now())

    def orders(self, chosen: OrderFilter | None = None, paging: Paging | None = None) -> OrderBoard:
        """The order board for a filter."""
        chosen = chosen or OrderFilter()
        self._refresh(chosen.account)
        return cases.order_board(self._db, chosen, paging or Paging(), self._asked(chosen))

    def order_row(self, account: str | None, number: str) -> Mapping[str, Any]:
        """What stands of one order in its row of the board, and more of its columns; found as by `order`. Raises UsageError."""
        self._refresh(account)
        return cases.order_row(self._db, account, number)

    def order(self, account: str | None, number: str) -> OrderCase:
        """One order in depth, found by 管理番号, 注文番号, packing or tracking number. Raises UsageError."""
        self._refresh(account)
        return cases.order_case(self._db, self._ledger, account, number)

    def findings(
        self,
        account: str | None = None,
        *,
        rule: str | None = None,
        kind: str | None = None,
        state: str | None = "open",
    ) -> tuple[Finding, ...]:
        """Findings and "cannot tell", most severe first."""
        if rule is not None and rule not in self.rule_ids():
            raise UsageError("error.rule.unknown", rule=rule)
        self._refresh(account)
        with self._db.read() as cursor:
            return boards.findings(
                cursor,
                "findings",
                account=account,
                rule=rule,
                kind=kind,
                state=state,
                order_number=None,
            )

    def explain(self, finding: Finding) -> Explanation:
        """A finding in the words of this workspace's language."""
        return explain(finding.rule, finding.because, self.lang, finding.missing)

    def rule_ids(self) -> tuple[str, ...]:
        """Every rule's id, in the order of the catalogue."""
        return tuple(rule.id for rule in RULES)

    def rule_title(self, rule: str) -> str:
        """A rule's title in the language of this workspace."""
        return title(rule, self.lang)

    def glossary(self) -> tuple[Term, ...]:
        """The words of the desk in every language, by section."""
        return terms()

    def difference(self, left: str, right: str) -> tuple[Mapping[str, Any], ...]:
        """Two texts compared character by character, with code points and the class of each difference."""
        return tuple(change._asdict() for change in difference(left, right))

    def figure_ages(self, account: str | None = None) -> tuple[FigureAges, ...]:
        """How old the catalogue and stock figures are, by account and feed."""
        with self._db.read() as cursor:
            return figure_ages(cursor, account, self.now(), self.settings)

    def export(
        self,
        what: str,
        *,
        account: str | None = None,
        profile: str = "people",
        encoding: str = "utf-8-sig",
        order_filter: OrderFilter | None = None,
        paging: Paging | None = None,
        mapping_filter: MappingFilter | None = None,
        changes_only: bool = False,
        causes: Sequence[str] = (),
        risks: Sequence[str] = (),
        shops: Sequence[str] = (),
        search: str = "",
        warehouse: str = "",
        least: int = 0,
    ) -> Export:
        """A table as CSV bytes: one of exporting.WHAT. Raises UsageError, NotAllowed.

        paging: the order of the rows as a screen shows them, all pages. changes_only: of fixes, what is still to be done.
        """
        self._check(f"export_{what}" if what == "audit" else "export")
        self._refresh(account)
        if fixes := exporting.FIXES.get(what):
            rows, frame = self._fixes_of(account, fixes, changes_only=changes_only), "mapping_fixes"
        else:
            request = exporting.Request(
                what=what,
                account=account,
                orders=self._asked(order_filter or OrderFilter(account=account)),
                mapping=filters(mapping_filter),
                causes=tuple(causes),
                risks=tuple(risks),
                shops=tuple(shops),
                search=search,
                warehouse=warehouse,
                least=least,
                paging=replace(paging, page=1, size=boards.ALL.size) if paging else boards.ALL,
            )
            words = exporting.words(self.text, profile, encoding)
            rows, frame = exporting.table(self._db, self._ledger, request, words)
        return self._csv(rows, frame, what, profile=profile, encoding=encoding)

    def _fixes_of(self, account: str | None, side: str, *, changes_only: bool) -> pd.DataFrame:
        names = [one.name for one in self.accounts() if account in (None, one.name)]
        found = [self.mapping_fixes(name, side, changes_only=changes_only) for name in names]
        return pd.concat(found, ignore_index=True) if found else table([], "mapping_fixes")

    def order_table(self, case: OrderCase, name: str) -> pd.DataFrame:
        """One table of an order's case (order_lines, shipment_lines, timeline), as its frame contract says."""
        return exporting.order_table(case, name, self.text)

    def order_csv(self, case: OrderCase, name: str, *, profile: str, encoding: str) -> Export:
        """One table of an order's case as CSV bytes. Raises UsageError."""
        rows = exporting.order_table(case, name, exporting.words(self.text, profile, encoding))
        return self._csv(rows, name, name, profile=profile, encoding=encoding)

    def rejected_rows(self, reports: Sequence[FileReport]) -> Export:
        """The rows that imports refused, with the reason in words, as a CSV file for people."""
        name = "rejected_rows"
        rows = exporting.rejected_rows(reports, self.text)
        return self._csv(rows, name, name, profile="people", encoding="utf-8-sig")

    def _csv(
        self, rows: pd.DataFrame, frame: str, what: str, *, profile: str, encoding: str
    ) -> Export:
        options = {"profile": profile, "encoding": encoding}
        return exporting.as_csv(rows, frame, what, self.text, now=self.now(), **options)

    def doctor(self) -> tuple[Check, ...]:
        """The state of store, ledger, secrets, alerts, versions, last syncs and disk."""
        try:
            channels = tuple(self._channels.all())
        except LedgerUnusable:
            channels = ()  # the check of the ledger tells
        return examine(
            self._db,
            self._ledger,
            self._accounts,
            settings=self.settings,
            now=self.now(),
            locks=self.locks,
            channels=channels,
        )
