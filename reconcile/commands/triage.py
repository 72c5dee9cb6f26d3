"""triage list | ack | assign | note | snooze | ignore | reopen | ask-vendor | vendor-confirmed: what people decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import click

from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option
from reconcile.errors import UsageError
from reconcile.text import JST, visible
from reconcile.triage_acts import (
    STATES,
    VENDORS,
    BulkReport,
    TriageFilter,
    TriageRow,
    person,
)

HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}
SHOWN = 20  # findings of a preview that are listed for people; --json has all of them


@click.group()
def triage() -> None:
    """Decide about findings: who looks after them, until when they rest, which are deliberate."""


def selection(command: Callable[..., int]) -> Callable[..., int]:
    """The options that say which findings are meant."""
    for option in reversed(
        (
            click.option("--rule", "rules", multiple=True, help="Rules, e.g. F07."),
            click.option("--keys", multiple=True, help="Keys of findings, as the list shows them."),
            click.option("--state", "states", multiple=True, type=click.Choice(STATES)),
            click.option("--mine", is_flag=True, help="Only those that you look after."),
            click.option("--overdue", is_flag=True, help="Only those that wait for too long."),
        )
    ):
        command = option(command)
    return command


def acting(command: Callable[..., int]) -> Callable[..., int]:
    """The options of every act, around the ones that say which findings are meant."""
    made = command
    for option in (
        json_option,
        click.option("--by", help="Who acts; without it TOTSUGO_USER, else the system's user."),
        click.option("--yes", is_flag=True, help="Act; without it only the preview."),
        click.option("--list", "list_id", help="Act on a list that was previewed, by its id."),
    ):
        made = option(made)
    return selection(made)


def _chosen(answer: Answer, given: dict[str, Any], *, states: tuple[str, ...]) -> TriageFilter:
    workspace = answer.workspace()
    answer.chosen(workspace)
    known = workspace.rule_ids()
    for rule in given["rules"]:
        if rule not in known:
            raise UsageError("error.rule.unknown", rule=rule)
    return TriageFilter(
        account=answer.account,
        states=given["states"] or (() if given["keys"] else states),
        rules=given["rules"],
        keys=given["keys"],
        assignee=person(given.get("by")) if given["mine"] else None,
        overdue=given["overdue"],
    )


@triage.command("list")
@selection
@json_option
@click.pass_obj
def list_(answer: Answer, /, as_json: bool, **given: Any) -> int:
    """List findings with who looks after them and how long they have waited."""
    workspace = answer.workspace()
    chosen = _chosen(answer, given, states=STATES[:4])
    page = workspace.triaged(chosen)
    counts = workspace.triage_counts(answer.account)
    document = {
        "findings": [_as_json(row) for row in page.rows],
        "total": page.total,
        "counts": dict(counts.by_state),
        "overdue": counts.overdue,
        "mine": counts.mine,
    }
    answer.give(
        document,
        as_json=as_json,
        lines=lambda: [_line(answer, row) for row in page.rows] or [answer.text("cli.triage.none")],
    )
    return EXIT_FINDINGS if page.rows else EXIT_DONE


def _act(answer: Answer, action: str, given: dict[str, Any], **values: Any) -> int:
    """Preview the chosen findings, or with --yes act on exactly those."""
    workspace = answer.workspace()
    if given["list_id"]:
        frozen = workspace.triage_list(given["list_id"])
    else:
        frozen = workspace.triage_preview(_chosen(answer, given, states=("open",)))
    if given["yes"]:
        report = workspace.triage_bulk(frozen, action, by=given["by"], **values)
        return tell(answer, report, as_json=given["as_json"])
    document = {
        "action": action,
        "list": frozen.id,
        "count": frozen.count,
        "items": [
            {"account": one.account, "finding_key": one.finding_key, "version": one.version}
            for one in frozen.items
        ],
    }

    def lines() -> list[str]:
        shown = [f"  {one.account}  {visible(one.finding_key)}" for one in frozen.items[:SHOWN]]
        left = frozen.count - len(shown)
        more = [answer.text("cli.triage.more", count=left)] if left else []
        if not frozen.count:
            return [answer.text("cli.triage.none")]
        head = answer.text("cli.triage.preview", count=frozen.count)
        return [head, *shown, *more, answer.text("cli.triage.go", list=frozen.id)]

    answer.give(document, as_json=given["as_json"], lines=lines)
    return EXIT_DONE


def tell(answer: Answer, report: BulkReport, *, as_json: bool) -> int:
    """What an act did: how many findings, which were left alone, and the number that an undo names."""
    document = {
        "done": report.done,
        "skipped": [
            {
                "account": one.account,
                "finding_key": one.finding_key,
                "why": one.why,
                "by": one.by,
                "at": one.at,
            }
            for one in report.skipped
        ],
        "act": report.ledger[0] if report.ledger else None,
    }

    def lines() -> list[str]:
        told = [answer.text("cli.triage.done", done=report.done)]
        if report.ledger:
            told = [answer.text("cli.triage.done_act", done=report.done, act=str(report.ledger[0]))]
        return told + [
            answer.text(
                f"cli.triage.skipped.{one.why}",
                finding=visible(one.finding_key),
                by=visible(one.by or "–"),
                at=answer.text.time(one.at),
            )
            for one in report.skipped
        ]

    answer.give(document, as_json=as_json, lines=lines)
    return EXIT_FINDINGS if report.skipped else EXIT_DONE


@triage.command("ack")
@acting
@click.option("--assignee", help="Who looks after it; without it, you.")
@click.pass_obj
def ack(answer: Answer, /, assignee: str | None, **given: Any) -> int:
    """Say that somebody looks after the findings."""
    return _act(answer, "ack", given, assignee=assignee)


@triage.command("assign")
@acting
@click.option("--assignee", required=True, help="Who looks after it; empty for nobody.")
@click.pass_obj
def assign(answer: Answer, /, assignee: str, **given: Any) -> int:
    """Say who looks after the findings; their state stays."""
    return _act(answer, "assign", given, assignee=assignee)


@triage.command("note")
@acting
@click.option("--text", required=True, help="Up to 2,000 characters.")
@click.pass_obj
def note(answer: Answer, /, text: str, **given: Any) -> int:
    """Write a note on the findings."""
    return _act(answer, "note", given, text=text)


@triage.command("snooze")
@acting
@click.option("--until", required=True, help="A time (2026-11-23T09:00) or a span (30m, 4h, 2d).")
@click.pass_obj
def snooze(answer: Answer, /, until: str, **given: Any) -> int:
    """Let the findings rest until a time."""
    return _act(answer, "snooze", given, until=_instant(until, answer.workspace().now()))


@triage.command("ignore")
@acting
@click.option("--reason", required=True, help="Why it is deliberate; up to 2,000 characters.")
@click.pass_obj
def ignore(answer: Answer, /, reason: str, **given: Any) -> int:
    """Say that the findings are deliberate; each is open again if it resolves and returns."""
    return _act(answer, "ignore", given, reason=reason)


@triage.command("reopen")
@acting
@click.pass_obj
def reopen(answer: Answer, /, **given: Any) -> int:
    """Put the findings back among those that need a person."""
    given["states"] = given["states"] or ("acknowledged", "snoozed", "ignored")
    return _act(answer, "reopen", given)


@triage.command("ask-vendor")
@acting
@click.option("--vendor", required=True, type=click.Choice(VENDORS))
@click.option("--ref", help="The vendor's number of the request.")
@click.pass_obj
def ask_vendor(answer: Answer, /, vendor: str, ref: str | None, **given: Any) -> int:
    """Note that a vendor was asked about the findings."""
    return _act(answer, "ask_vendor", given, vendor=vendor, ref=ref)


@triage.command("vendor-confirmed")
@acting
@click.option("--vendor", type=click.Choice(VENDORS))
@click.option("--ref", help="The vendor's number of the answer.")
@click.pass_obj
def vendor_confirmed(answer: Answer, /, vendor: str | None, ref: str | None, **given: Any) -> int:
    """Note that the vendor confirmed the findings."""
    return _act(answer, "vendor_confirmed", given, vendor=vendor, ref=ref)


def _instant(given: str, now: datetime) -> datetime:
    number, unit = given[:-1], given[-1:]
    if unit in HOURS and number.isdecimal() and len(number) <= 6:
        return now + timedelta(hours=int(number) * HOURS[unit])
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise UsageError("error.triage.until_unreadable", value=given[:40]) from None
    return at if at.tzinfo else at.replace(tzinfo=JST)


def _as_json(row: TriageRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TriageRow.__dataclass_fields__}


def _line(answer: Answer, row: TriageRow) -> str:
    state = answer.text(f"decision.state.{row.triage}")
    marks = [answer.text("decision.overdue")] if row.is_overdue else []
    marks += [answer.text("decision.returned")] if row.is_returned else []
    waited = answer.text.span(timedelta(hours=row.waiting_h))
    parts = [row.finding_key, state, waited, *marks, row.assignee or "", row.note or ""]
    return "  ".join(visible(part) for part in parts if part)
