"""Sends a message by mail: to the configured server only, encrypted unless that server stands in our own network."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from crossmall.types import Secret
from reconcile.alerts.channels import Channel
from reconcile.alerts.hosts import address_of
from reconcile.alerts.message import Message
from reconcile.alerts.outcomes import NotSent

TIMEOUT_S = 15.0  # [D] for each step of the talk
WE_ARE = "localhost"  # our real name is nobody's business


class _Pinned:
    """Connects to the address that was judged, and asks for the certificate of the name."""

    def __init__(self, address: str, host: str, port: int, **options: Any) -> None:
        self._address = address
        super().__init__(host, port, local_hostname=WE_ARE, timeout=TIMEOUT_S, **options)  # type: ignore[call-arg]  # smtplib's

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 (smtplib's)
        return super()._get_socket(self._address, port, timeout)  # type: ignore[misc,no-any-return]  # smtplib's


class _Plain(_Pinned, smtplib.SMTP):
    """Begins in the open."""


class _Tls(_Pinned, smtplib.SMTP_SSL):
    """Encrypted from the first byte."""


def send(channel: Channel, password: Secret | None, message: Message, now: datetime) -> int:
    """Send; returns how many recipients the server refused while it took the mail for others. Raises NotSent."""
    address = address_of(channel.host, channel.port, allow_private=channel.allow_private)
    with _talk(channel, address) as server:
        with _definite():
            server.ehlo_or_helo_if_needed()
            if channel.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if channel.user:
                server.login(channel.user, password.reveal() if password else "")
        return _handed_over(server, mail(channel, message, now))


def mail(channel: Channel, message: Message, now: datetime) -> EmailMessage:
    """The message as a mail; its id is the same at each try."""
    made = EmailMessage()
    made["From"] = channel.sender
    made["To"] = ", ".join(channel.to)
    made["Subject"] = message.subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{message.message_id}@totsugo.invalid>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(message.text, cte="base64")
    return made


@contextlib.contextmanager
def _talk(channel: Channel, address: str) -> Iterator[smtplib.SMTP]:
    """A connection; whatever happens at its end says nothing about the mail any more."""
    with _definite():
        if channel.security == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = _Tls(address, channel.host, channel.port, context=context)
        else:
            server = _Plain(address, channel.host, channel.port)
    try:
        yield server
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


@contextlib.contextmanager
def _definite() -> Iterator[None]:
    """Inside the block nothing has been sent yet, whatever fails."""
    try:
        yield
    except smtplib.SMTPNotSupportedError:
        raise NotSent("starttls") from None
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent("auth", status=error.smtp_code) from None
    except smtplib.SMTPResponseException as error:
        raise NotSent("status", status=error.smtp_code) from None
    except ssl.SSLError:
        raise NotSent("tls") from None
    except TimeoutError:
        raise NotSent("timeout") from None
    except (OSError, smtplib.SMTPException):
        raise NotSent("unreachable") from None


def _handed_over(server: smtplib.SMTP, made: EmailMessage) -> int:
    try:
        return len(server.send_message(made))
    except smtplib.SMTPRecipientsRefused:
        raise NotSent("recipients") from None
    except smtplib.SMTPSenderRefused as error:
        raise NotSent("sender", status=error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise NotSent("sender") from None
    except smtplib.SMTPResponseException as error:
        raise NotSent("status", status=error.smtp_code) from None
    except (OSError, smtplib.SMTPException):
        raise NotSent("lost", is_unknown=True) from None
