"""The roads out, by the kind of a channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from crossmall.types import Secret
from reconcile.alerts import mail, web
from reconcile.alerts.channels import MAIL, Channel
from reconcile.alerts.message import Message, payload
from reconcile.alerts.outcomes import NotSent
from reconcile.errors import UsageError


def send(channel: Channel, secret: Secret | None, made: Message, now: datetime) -> int:
    """Hand a message over; how many recipients of a mail were refused. Raises NotSent."""
    if channel.kind == MAIL:
        if channel.user and secret is None:
            raise NotSent("no_secret")
        return mail.send(channel, secret, made, now)
    if secret is None:
        raise NotSent("no_secret")
    body = payload(channel.kind, made)
    web.post(secret, body, message_id=made.message_id, allow_private=channel.allow_private)
    return 0


def with_host(channel: Channel, secret: Secret | None) -> Channel:
    """The channel with the part of its web address that may be shown. Raises UsageError."""
    if channel.kind == MAIL:
        if channel.user and secret is None:
            raise UsageError("error.alerts.password")
        return channel
    if secret is None:
        raise UsageError("error.alerts.no_address")
    try:
        host = web.host_of(secret, allow_private=channel.allow_private)
    except NotSent:
        raise UsageError("error.alerts.address") from None
    return replace(channel, host=host)
