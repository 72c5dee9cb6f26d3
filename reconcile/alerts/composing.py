"""What is told now: the facts of the messages whose time has come, by the channel's gathering and quiet hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from reconcile.alerts import message
from reconcile.alerts.channels import Channel, quiet_until
from reconcile.store import alerts
from reconcile.store.database import Cursor


def held_until(channel: Channel, topic: str, now: datetime) -> datetime | None:
    """Until when the channel is not spoken to about that."""
    if topic == message.FINDINGS or channel.quiet_stops_all:
        return quiet_until(channel.quiet, now)
    return None


def composed(
    cursor: Cursor, channel: Channel, account: str, now: datetime
) -> Iterator[dict[str, Any]]:
    """The facts of messages whose time has come: at most one of each topic, and none while an earlier one waits."""
    values = {"account": account, "channel": channel.name}
    for topic in (message.SYNC, message.FINDINGS):
        so_far, unsent = alerts.run(cursor, "messages_so_far", **values, topic=topic)[0]
        if unsent or held_until(channel, topic, now) is not None:
            continue
        facts: dict[str, Any] = {"topic": topic, "account": account, "made_at": now.isoformat()}
        if topic == message.SYNC:
            rows = alerts.run(cursor, "untold_sync", **values)
            told = [
                {"kind": kind, "since": since and f"{since.isoformat()}+00:00", "reason": reason}
                for kind, since, reason in rows
            ]
            if told:
                yield facts | {"sync": told}
            continue
        found = alerts.run(cursor, "untold", **values)
        gathered = timedelta(minutes=channel.digest_min)
        if not found or now.replace(tzinfo=None) < min(row[2] for row in found) + gathered:
            continue
        orders = alerts.untold_orders(cursor, account, channel.name, most=message.SHOWN_ORDERS)
        rules = [
            {"rule": rule, "count": count, "orders": message.safe_numbers(orders.get(rule, []))}
            for rule, count, _ in found
        ]
        yield facts | {"first": so_far == 0, "rules": rules}
