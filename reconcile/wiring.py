"""Connects the parts: store, ledger, history, keys, client, judge. The only place that knows every concrete one."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from crossmall.client import Client
from reconcile import demo, intake
from reconcile.access import Login
from reconcile.accounts import Accounts
from reconcile.alerts.book import ChannelBook
from reconcile.errors import (
    LedgerUnusable,
    ReconcileError,
    StoreError,
    SyncCancelled,
    SyncFailed,
    UnknownAccount,
    UsageError,
)
from reconcile.history import History
from reconcile.judging import judge
from reconcile.model import SMARTSHIP_OPTIONS, SYNC_PARTS, Account, FileReport, Progress, SyncReport
from reconcile.recipients import Recipients
from reconcile.renewal import Renewals, patience
from reconcile.secrets import open_secrets
from reconcile.settings import Settings, resolve
from reconcile.store import boards, sync_writes
from reconcile.store.database import Cursor, Database, naive
from reconcile.store.ledger import Ledger
from reconcile.store.projections import catch_up
from reconcile.sync.hints import confirmed_calls
from reconcile.sync.locks import SyncLock
from reconcile.sync.outlook import past_runs
from reconcile.sync.run import new_run_id, run_sync
from reconcile.sync.schedule import Past
from reconcile.sync.session import CallLog, Session
from reconcile.text import Text
from smartship.types import FileKind

OnProgress = Callable[[Progress], None]

log = logging.getLogger(__name__)


class Wiring:
    """One data folder with everything connected; what `Workspace` stands on.

    renews_beside: verdicts that take long to renew are shown as they are, with their age, and renewed meanwhile. For a
    program that stays and shows them again, like the dashboard.
    """

    renews_beside = False
    _login: Login | None = None  # for whom it acts; without one for the local user, who may all

    def __init__(
        self, data: Path, settings: Settings, text: Text, clock: Callable[[], datetime]
    ) -> None:
        self.data = data
        self.settings = settings
        self.text = text
        self._clock = clock
        self._db = Database.at(data / "store.duckdb")
        self._ledger = Ledger(data / "ledger.jsonl")
        self._history = History(self._db, data / "history")
        self._db.on_open(self._prepare)
        self._accounts = Accounts(self._db, self._ledger, open_secrets(data))
        self._channels = ChannelBook(self._ledger)
        self._recipients = Recipients(
            self._accounts.secrets, self.locks, settings.recipient_days, clock
        )
        self._renewals = Renewals()
        self._readying = Renewals()  # what cases of the mapping desk need of new files

    @classmethod
    def open(
        cls,
        data: Path | str | None = None,
        *,
        lang: str = "ja",
        clock: Callable[[], datetime] | None = None,
        **settings: object,
    ) -> Self:
        """The workspace of a data folder (argument, else TOTSUGO_DATA, else ./data).

        Keyword arguments are settings (see Settings) and win over environment and settings.toml.
        Raises UsageError for a setting that cannot be right.
        """
        folder = Path(data or os.environ.get("TOTSUGO_DATA") or "data").resolve()
        file = folder / "settings.toml"
        try:
            text = file.read_text("utf-8") if file.exists() else None
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("error.settings.no_file", file=str(file)) from error
        return cls(
            folder,
            resolve(settings, os.environ, text),
            Text(lang),
            clock or (lambda: datetime.now(UTC)),
        )

    @property
    def lang(self) -> str:
        """The language of every text this workspace gives."""
        return self.text.lang

    def now(self) -> datetime:
        """The present instant of this workspace's clock, aware UTC."""
        return self._clock()

    def _instant(self) -> datetime:
        return self._clock()

    def _demo_account(self, *, keep: bool) -> Account:
        """The demo account, made if there is none, with its sandbox running."""
        if not any(account.name == demo.NAME for account in self._accounts.known()):
            key = demo.new_key()
            base_url = demo.start(self._demo_folder(), key, keep=keep)
            try:
                self._accounts.add(
                    demo.NAME,
                    company_code=demo.COMPANY_CODE,
                    key=key,
                    shop_ids=(),
                    base_url=base_url,
                    options=dict.fromkeys(SMARTSHIP_OPTIONS, "on"),
                    is_demo=True,
                )
            except ReconcileError:
                demo.stop(self._demo_folder())
                raise
        return self._ready(demo.NAME, keep=keep)

    @property
    def locks(self) -> Path:
        """The folder of the locks by which processes on this data folder keep out of each other's way."""
        return self.data / "locks"

    def _sync_lock(self, account: str) -> SyncLock:
        return SyncLock(self.locks, account)

    def past_runs(self) -> tuple[Past, ...]:
        """What is known of every account's runs, for the schedule.

        A change of an account is in the ledger before it is in the mirror; the schedule, which looks when the ledger
        has grown, must not read between the two.
        """
        with self._db.write() as cursor:
            self._catch_up(cursor)
            return past_runs(cursor, self.locks, self.now())

    def _note_refusal(self, account: str, error: ReconcileError) -> None:
        """A sync that could not even begin leaves a record too; else nobody would know that it was tried."""
        with self._db.write() as cursor:
            sync_writes.run(
                cursor,
                "note_refusal",
                run_id=new_run_id(),
                account=account,
                now=naive(self.now()),
                error_class=type(error).__name__,
                error_key=error.help_key,
            )

    def _run(
        self,
        account: Account,
        parts: Sequence[str] | None,
        *,
        since: date | None,
        full: bool,
        on_progress: OnProgress | None,
        cancelled: Callable[[], bool] | None,
    ) -> SyncReport:
        with self._db.write() as cursor:
            self._recipients.forget(cursor)
        calls = CallLog(self._clock)
        keep = self._recipients.keeper()
        with self._client(account, on_call=calls.record, keep_personal=keep) as client:
            session = Session(
                db=self._db,
                client=client,
                calls=calls,
                account=account,
                settings=self.settings,
                clock=self._clock,
                run_id=new_run_id(),
                on_progress=on_progress or (lambda _: None),
                cancelled=cancelled or (lambda: False),
            )
            try:
                report = run_sync(
                    session,
                    parts=tuple(parts or SYNC_PARTS),
                    since=since,
                    full=full,
                    judge=self._judge,
                )
            except (SyncFailed, SyncCancelled):
                with contextlib.suppress(StoreError):  # the sync's own failure is told
                    self._history.copy_out()  # what it saw until then is history, too
                raise
        self._history.copy_out()
        return report

    def _prepare(self, cursor: Cursor) -> None:
        """After the database was opened: what the ledger says, and the history a rebuilt mirror lacks."""
        self._catch_up(cursor)
        self._history.take_back(cursor)
        self._recipients.forget_past(cursor)

    def _catch_up(self, cursor: Cursor) -> None:
        """A ledger that cannot be used keeps nobody from reading the mirror or syncing; acts are refused where made."""
        try:
            catch_up(cursor, self._ledger)
        except LedgerUnusable as error:
            log.warning("ledger unusable, the mirror goes without: %s", error.help_key)

    def _client(self, account: Account, **options: Any) -> Client:
        return Client(
            self._accounts.credentials(account),
            concurrency=self.settings.concurrency,
            rate_per_s=self.settings.rate_per_s,
            confirmed=confirmed_calls(self.settings),
            **{
                "retries": self.settings.retries,
                "timeout_s": self.settings.timeout_s,
                **options,
            },
        )

    def _ready(self, name: str, *, keep: bool = False) -> Account:
        """The account; for the demo its sandbox is running afterwards."""
        account = self._accounts.one(name)
        if not account.is_demo or demo.is_running(account.base_url):
            return account
        key = self._accounts.credentials(account).key.reveal()
        base_url = demo.restart(self._demo_folder(), key, account.base_url, keep=keep)
        return (
            account
            if base_url == account.base_url
            else self._accounts.change(name, base_url=base_url)
        )

    def _demo_folder(self) -> Path:
        return self.data / "demo"

    def _take_sample(self, account: Account, file: demo.SampleFile) -> FileReport:
        stated = intake.Stated(
            kind=FileKind(file.kind),
            snapshot_at=file.snapshot_at,
            covers_from=file.covers_from,
            covers_to=file.covers_to,
        )
        return self._take(account.name, file.name, file.data, stated)

    def _take(self, account: str, name: str, data: bytes, stated: intake.Stated) -> FileReport:
        hash_recipient = self._recipients.hasher()
        return intake.take_file(
            self._db,
            account,
            name,
            data,
            stated=stated,
            now=self.now(),
            hash_recipient=hash_recipient,
        )

    def _judge(
        self, account: Account, *, is_new: bool = True
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Renew the verdicts. is_new: something came in; else only time has passed, which no product link depends on."""
        return judge(self._db, account, self.now(), self.settings, is_new=is_new)

    def _refresh(self, account: str | None, *, wait: bool = False) -> None:
        """Renew verdicts that are older than `judge_max_age_s`: waiting orders ripen without any new data.

        wait: not beside it, whatever it takes; for what somebody acts on outside the desk.
        """
        accounts = self._accounts.known()
        if account is not None and account not in {one.name for one in accounts}:
            raise UnknownAccount("error.account.unknown", name=account)
        with self._db.read() as cursor:
            ages = dict(boards.rows_of(cursor, "evaluated_at", account=account))
        for one in (account for account in accounts if ages.get(account.name)):
            age_s = (self.now() - ages[one.name].replace(tzinfo=UTC)).total_seconds()
            beside = self.renews_beside and not wait
            if self._renewals.due(one.name, age_s, self.settings.judge_max_age_s, beside=beside):
                self._renewals.run(
                    one.name,
                    partial(self._judge, one, is_new=False),
                    patience_s=patience(age_s) if beside else None,
                )
