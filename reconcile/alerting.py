"""Alerts: what has come up is put into the outbox, and the outbox is emptied. Every caller may do it; one at a time does.

A message is marked before each try and after it. What a dead process left marked may have arrived: it goes out once
more and says so. What the other side acknowledged is never sent again.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from crossmall.types import Secret
from reconcile.alerts import message
from reconcile.alerts.channels import MISSED, REMOVED, SET, Channel, checked
from reconcile.alerts.composing import composed, held_until
from reconcile.alerts.outcomes import NotSent
from reconcile.alerts.sending import send, with_host
from reconcile.alerts.trouble import Trouble
from reconcile.errors import SecretsUnavailable, StoreError, StoreLocked, UsageError
from reconcile.store import alerts, files
from reconcile.store.database import Cursor
from reconcile.sync.outlook import Stopped, stopped
from reconcile.sync.schedule import retry_after
from reconcile.triage_acts import person
from reconcile.wiring import Wiring

FIRST_PAUSE = timedelta(minutes=1)  # [D] after a failed try; doubles up to an hour, for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTest:
    """What became of a test message. reason, status: why it was not taken; refused: recipients not taken of a mail."""

    channel: str
    host: str
    ok: bool
    reason: str | None = None
    status: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReport:
    """One look at the alerts. stopped: accounts without a good sync for too long; failed: reason by channel of this look;
    is_busy: another process empties the outbox right now.
    """

    channels: int = 0
    sent: int = 0
    waiting: int = 0
    stopped: tuple[Stopped, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    is_busy: bool = False


class AlertDesk(Wiring):
    """Channels, tests, the look at what has come up, and the outbox."""

    def alert_channels(self) -> tuple[Channel, ...]:
        """Every alert channel by name."""
        return tuple(self._channels.all().values())

    def set_alert_channel(
        self,
        name: str,
        *,
        kind: str,
        secret: str | None = None,
        by: str | None = None,
        **given: Any,
    ) -> Channel:
        """A new channel, or changes of one; what is not given stays. Raises UsageError; then nothing is stored.

        secret: the web address, or the password of the mail account.
        """
        known = self._channels.all().get(name)
        if known is not None and known.kind != kind:
            raise UsageError("error.alerts.kind_stays", name=name)
        made = checked(replace(known or Channel(name=name, kind=kind), **given))
        found = Secret(secret) if secret else self._accounts.secrets.get(made.secret_name)
        made = with_host(made, found)
        if secret:
            self._accounts.secrets.put(made.secret_name, Secret(secret))
        self._ledger.append(SET, None, made.as_json(), actor=person(by))
        return made

    def remove_alert_channel(self, name: str, *, by: str | None = None) -> None:
        """Forget a channel, its secret and its messages. Raises UsageError if there is none."""
        channel = self._channel(name)
        self._ledger.append(REMOVED, None, {"name": name}, actor=person(by))
        self._accounts.secrets.remove(channel.secret_name)
        with self._db.write() as cursor:
            alerts.forget_channel(cursor, name)

    def test_alert_channel(self, name: str) -> AlertTest:
        """Send a test message now, whatever the hour; why it was not taken is a result, not an error. Raises UsageError."""
        channel = self._channel(name)
        facts = {"topic": message.TEST, "channel": name}
        try:
            refused = self._send(channel, uuid.uuid4().hex, facts)
        except NotSent as error:
            return AlertTest(
                channel=name, host=channel.host, ok=False, reason=error.reason, status=error.status
            )
        return AlertTest(channel=name, host=channel.host, ok=True, refused=refused)

    def alert_outbox(self, most: int = 50) -> tuple[alerts.OutboxRow, ...]:
        """The newest messages, waiting and sent, newest first."""
        with self._db.read() as cursor:
            return alerts.outbox(cursor, most)

    def alert_standing(self) -> dict[str, alerts.Standing]:
        """How each channel that has ever spoken stands, by name."""
        with self._db.read() as cursor:
            return alerts.standing(cursor)

    def check_alerts(self) -> AlertReport:
        """Notice what has come up since the last look, make messages of it, and send those whose time has come.

        Where the store cannot be used the channels are told that, and StoreError is raised.
        """
        channels = self._channels.all()
        trouble = Trouble(self.data)
        with self._sending_alone() as is_mine:
            try:
                report = self._looked(channels, is_mine=is_mine)
            except StoreError as error:
                if is_mine and trouble.is_to_tell(
                    self.now(), patient=isinstance(error, StoreLocked)
                ):
                    self._tell_trouble(channels, trouble)
                raise
            trouble.over()
        return report

    def _looked(self, channels: Mapping[str, Channel], *, is_mine: bool) -> AlertReport:
        least = min((one.missed for one in channels.values()), default=MISSED)
        with self._db.read() as cursor:
            found = stopped(cursor, self.locks, self.now(), missed=least)
        report = AlertReport(channels=len(channels), stopped=found, is_busy=not is_mine)
        if not channels or not is_mine:
            return report
        with self._db.write() as cursor:
            self._take_acknowledged(cursor)
            self._notice(cursor, channels)
            due = alerts.waiting(cursor, self.now())
        self._sent_file.unlink(missing_ok=True)
        failed: dict[str, str] = {}
        sent = 0
        for one in due:
            channel = channels.get(one.channel)
            if channel is None or one.channel in failed or self._holds(channel, one):
                continue
            reason = self._tried(channel, one)
            if reason is not None:
                failed[one.channel] = reason
            sent += reason is None
        with self._db.read() as cursor:
            left = sum(one.waiting for one in alerts.standing(cursor).values())
        return replace(report, sent=sent, waiting=left, failed=failed)

    def _notice(self, cursor: Cursor, channels: Mapping[str, Channel]) -> None:
        now = self.now()
        names = [one.name for one in self._accounts.known()]
        for channel in channels.values():
            found = stopped(cursor, self.locks, now, missed=channel.missed)
            late = {one.account: one for one in found}
            for account in names:
                values = {"account": account, "channel": channel.name, "now": now}
                alerts.run(cursor, "notice", **values, rank=channel.rank)
                alerts.run(cursor, "forget_over", **values)
                if account in late:
                    one = late[account]
                    alerts.run(
                        cursor, "notice_overdue", **values, since=one.good_at, reason=one.reason
                    )
                else:
                    alerts.run(cursor, "notice_recovered", **values)
                    alerts.run(cursor, "forget_sync", **values)
                for facts in composed(cursor, channel, account, now):
                    id_ = uuid.uuid4().hex
                    alerts.make(cursor, account, channel.name, facts, now=now, id_=id_)
        alerts.run(cursor, "forget_old", before=now - alerts.KEPT)

    def _holds(self, channel: Channel, one: alerts.Waiting) -> bool:
        """Whether quiet hours keep a message back; it is tried again when they end."""
        until = held_until(channel, one.topic, self.now())
        if until is None:
            return False
        with self._db.write() as cursor:
            alerts.run(cursor, "later", message_id=one.message_id, next_try_at=until)
        return True

    def _tried(self, channel: Channel, one: alerts.Waiting) -> str | None:
        """Try to send a message; the reason where it was not taken."""
        with self._db.write() as cursor:
            alerts.run(cursor, "begin", message_id=one.message_id)
        try:
            refused = self._send(channel, one.message_id, one.facts, may_repeat=one.may_repeat)
        except NotSent as error:
            next_try_at = self.now() + retry_after(FIRST_PAUSE, one.tries + 1)
            with self._db.write() as cursor:
                alerts.run(
                    cursor,
                    "not_sent",
                    message_id=one.message_id,
                    reason=error.reason,
                    status=error.status,
                    is_unknown=error.is_unknown,
                    next_try_at=next_try_at,
                )
            return error.reason
        self._acknowledge(one.message_id)
        with self._db.write() as cursor:
            reason = "some_refused" if refused else None
            alerts.run(cursor, "sent", message_id=one.message_id, now=self.now(), reason=reason)
        self._sent_file.unlink(missing_ok=True)
        return None

    def _send(
        self,
        channel: Channel,
        message_id: str,
        facts: Mapping[str, Any],
        *,
        may_repeat: bool = False,
    ) -> int:
        """Hand a message over; how many recipients were refused. Raises NotSent."""
        made = message.written(
            message_id, facts, channel.lang, desk_url=channel.desk_url, may_repeat=may_repeat
        )
        try:
            secret = self._accounts.secrets.get(channel.secret_name)
        except SecretsUnavailable:
            raise NotSent("no_secret") from None
        return send(channel, secret, made, self.now())

    def _tell_trouble(self, channels: Mapping[str, Channel], trouble: Trouble) -> None:
        """That the store cannot be used, past the outbox, which is part of it."""
        for channel in channels.values():
            if held_until(channel, message.STORE, self.now()) is None:
                with contextlib.suppress(NotSent):
                    self._send(channel, uuid.uuid4().hex, {"topic": message.STORE})
                    trouble.told(self.now())

    @property
    def _sent_file(self) -> Path:
        return self.data / "alerts-sent.txt"

    def _acknowledge(self, message_id: str) -> None:
        """Note beside the store that a message was taken: the store may be held by others for a while."""
        with contextlib.suppress(OSError):
            files.append(self._sent_file, f"{message_id}\n".encode(), at=0)

    def _take_acknowledged(self, cursor: Cursor) -> None:
        """What a process that is gone had noted as taken is sent; what it had begun may have arrived."""
        now = self.now()
        if self._sent_file.exists():
            for message_id in self._sent_file.read_text("utf-8").split():
                alerts.run(cursor, "sent", message_id=message_id, now=now, reason=None)
        alerts.run(cursor, "interrupted", now=now)

    @contextlib.contextmanager
    def _sending_alone(self) -> Iterator[bool]:
        """Inside the block whether nobody else empties the outbox."""
        lock = FileLock(self.locks / "alerts.lock", thread_local=False)
        try:
            self.locks.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        except OSError as error:
            raise StoreError("error.store.unusable", path=str(self.locks)) from error
        try:
            yield True
        finally:
            lock.release()

    def _channel(self, name: str) -> Channel:
        found = self._channels.all().get(name)
        if found is None:
            raise UsageError("error.alerts.unknown", name=name)
        return found
