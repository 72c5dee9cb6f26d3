"""alerts list | set | remove | test | check | outbox: telling people outside the desk."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from reconcile.alerting import AlertReport, AlertTest
from reconcile.alerts.channels import ALERT_KINDS, ALERT_SEVERITIES, MAIL_SECURITY
from reconcile.commands.answer import (
    EXIT_DONE,
    EXIT_FINDINGS,
    EXIT_REFUSED,
    Answer,
    json_option,
    read_stdin,
)
from reconcile.store.alerts import OutboxRow
from reconcile.text import LANGUAGES, Text, as_jsonable

SECRET = "TOTSUGO_ALERT_SECRET"  # noqa: S105 (the name of a variable)


@click.group()
def alerts() -> None:
    """Tell people outside the desk: mail, Slack, Teams or any webhook."""


@alerts.command("list")
@json_option
@click.pass_obj
def list_(answer: Answer, as_json: bool) -> int:
    """List the channels; no password and no web address is shown."""
    channels = answer.workspace().alert_channels()
    answer.give(
        {"channels": [one.as_json() for one in channels]},
        as_json=as_json,
        lines=lambda: (
            [f"{one.name}\t{one.kind}\t{one.host}" for one in channels]
            or [answer.text("cli.alerts.none")]
        ),
    )
    return EXIT_DONE


@alerts.command("set")
@click.argument("name")
@click.option("--kind", type=click.Choice(ALERT_KINDS), required=True)
@click.option("--words", "lang", type=click.Choice(LANGUAGES), help="Language of its messages.")
@click.option(
    "--severity", "least", type=click.Choice(ALERT_SEVERITIES), help="Lowest one that is told."
)
@click.option("--digest", "digest_min", type=int, help="Minutes to gather findings; 0 = at once.")
@click.option("--quiet", help="Hours without messages in Japan time: 22:00-07:00; '' = none.")
@click.option("--quiet-all/--no-quiet-all", "quiet_stops_all", default=None, help="Also for stops.")
@click.option("--missed", type=int, help="Intervals without a good sync that count as stopped.")
@click.option("--allow-private/--no-allow-private", default=None, help="Into our own network.")
@click.option("--desk-url", help="Address of the desk, for a link; '' = none.")
@click.option("--host", help="Mail: the SMTP server.")
@click.option("--port", type=int, help="Mail: its port.")
@click.option("--security", type=click.Choice(MAIL_SECURITY), help="Mail: how it is encrypted.")
@click.option("--user", help="Mail: who logs in; '' = nobody.")
@click.option("--sender", help="Mail: from.")
@click.option("--to", multiple=True, help="Mail: to; may be given several times.")
@json_option
@click.pass_obj
def set_(answer: Answer, /, name: str, kind: str, *, as_json: bool, **options: Any) -> int:
    """Add a channel or change what is given of one. Its secret is read from TOTSUGO_ALERT_SECRET or standard input.

    The secret is the web address, or the password of the mail account; never an argument. Nothing given: it stays.
    """
    given = {key: value for key, value in options.items() if value not in (None, ())}
    secret = os.environ.get(SECRET) or ("" if sys.stdin.isatty() else read_stdin())
    channel = answer.workspace().set_alert_channel(
        name, kind=kind, secret=secret.strip() or None, **given
    )
    answer.give(
        {"channel": channel.as_json()},
        as_json=as_json,
        lines=lambda: [answer.text("cli.alerts.set", name=channel.name, host=channel.host)],
    )
    return EXIT_DONE


@alerts.command("remove")
@click.argument("name")
@json_option
@click.pass_obj
def remove(answer: Answer, name: str, as_json: bool) -> int:
    """Forget a channel, its secret and its messages."""
    answer.workspace().remove_alert_channel(name)
    answer.give(
        {"channel": name},
        as_json=as_json,
        lines=lambda: [answer.text("cli.alerts.removed", name=name)],
    )
    return EXIT_DONE


@alerts.command("test")
@click.argument("name")
@json_option
@click.pass_obj
def test(answer: Answer, name: str, as_json: bool) -> int:
    """Send a test message now and say what became of it."""
    found = answer.workspace().test_alert_channel(name)
    document = {
        "channel": found.channel,
        "ok": found.ok,
        "reason": found.reason,
        "status": found.status,
        "refused": found.refused,
    }
    answer.give(document, as_json=as_json, lines=lambda: test_lines(answer.text, found))
    return EXIT_DONE if found.ok else EXIT_REFUSED


def test_lines(text: Text, found: AlertTest) -> list[str]:
    """What became of a test message, plainly: taken, or why not and what to do."""
    if not found.ok:
        return [text("alerts.test.failed"), text(f"alerts.reason.{found.reason}", n=found.status)]
    lines = [text("alerts.test.ok", host=found.host)]
    return [*lines, text("alerts.test.refused", n=found.refused)] if found.refused else lines


@alerts.command("check")
@json_option
@click.pass_obj
def check(answer: Answer, as_json: bool) -> int:
    """Notice what has come up, send what is due, and tell whether syncs have stopped; for cron, beside any schedule.

    Ends with 1 where an account has had no good sync for too long, with 3 where a channel did not take its message.
    """
    report = answer.workspace().check_alerts()
    answer.give(report_json(report), as_json=as_json, lines=lambda: _report_lines(answer, report))
    if report.failed:
        return EXIT_REFUSED
    return EXIT_FINDINGS if report.stopped else EXIT_DONE


def report_json(report: AlertReport) -> dict[str, Any]:
    """A look at the alerts as `alerts check --json` prints it."""
    return {
        "channels": report.channels,
        "sent": report.sent,
        "waiting": report.waiting,
        "failed": dict(report.failed),
        "stopped": [
            {"account": one.account, "last_good_at": as_jsonable(one.good_at), "reason": one.reason}
            for one in report.stopped
        ],
        "busy": report.is_busy,
    }


def _report_lines(answer: Answer, report: AlertReport) -> list[str]:
    text = answer.text
    lines = [
        text(
            "cli.alerts.stopped",
            account=one.account,
            at=text.time(one.good_at) if one.good_at else text("age.never"),
            cause=text(f"alerts.cause.{one.reason}"),
        )
        for one in report.stopped
    ]
    lines += [text("cli.alerts.failed", name=name) for name in report.failed]
    if report.is_busy:
        return [*lines, text("cli.alerts.busy")]
    if not report.channels:
        return [*lines, text("cli.alerts.none")]
    return [*lines, text("cli.alerts.checked", sent=report.sent, waiting=report.waiting)]


@alerts.command("outbox")
@json_option
@click.pass_obj
def outbox(answer: Answer, as_json: bool) -> int:
    """The newest messages: what waits, what was sent, and why a try failed."""
    rows = answer.workspace().alert_outbox()
    document = {"messages": [{name: getattr(one, name) for name in _SHOWN} for one in rows]}
    answer.give(document, as_json=as_json, lines=lambda: _outbox_lines(answer.text, rows))
    return EXIT_DONE


_SHOWN = tuple(OutboxRow.__dataclass_fields__)


def _outbox_lines(text: Text, rows: Sequence[OutboxRow]) -> list[str]:
    return [
        "\t".join(
            (
                text.time(one.made_at),
                one.channel,
                one.account,
                text(f"alerts.topic.{one.topic}", n=one.found),
                text(f"alerts.state.{one.state}"),
                text(f"alerts.reason.{one.reason}", n=one.status) if one.reason else "",
            )
        )
        for one in rows
    ] or [text("cli.alerts.empty")]
