"""demo | sync | import: what brings data in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from reconcile.commands.answer import (
    EXIT_DONE,
    EXIT_FINDINGS,
    EXIT_USAGE,
    Answer,
    json_option,
    message_lines,
)
from reconcile.errors import ReconcileError, SyncBusy, UsageError
from reconcile.intake import report_json
from reconcile.model import Account, FileReport, SyncReport
from reconcile.text import JST, Text
from reconcile.workspace import Workspace
from smartship.types import FileKind

KINDS = ("auto", *(kind.value for kind in FileKind))


@click.command()
@click.option("--keep", is_flag=True, help="Leave the sandbox running for later commands.")
@json_option
@click.pass_obj
def demo(answer: Answer, keep: bool, as_json: bool) -> int:
    """Start a sandbox, make the demo account, sync it, import its Smartship files, print the board."""
    workspace = answer.workspace()
    report = workspace.provision_demo(keep=keep, on_progress=answer.progress)
    document = {
        "account": report.account,
        "orders": report.orders,
        "shops": report.shops,
        "findings": report.findings,
        "cannot_tell": report.cannot_tell,
        "seconds": round(report.seconds, 2),
    }

    def lines() -> list[str]:
        head = answer.text("cli.demo.done", orders=report.orders, shops=report.shops)
        found = report.findings.items()
        return [head, *(f"  {rule}  {n:>4}  {workspace.rule_title(rule)}" for rule, n in found)]

    answer.give(document, as_json=as_json, lines=lines)
    return EXIT_FINDINGS if report.findings or report.cannot_tell else EXIT_DONE


@click.command()
@click.option("--since", help="First day to read, YYYY-MM-DD (default: 30 days back at first).")
@click.option("--full", is_flag=True, help="Read the whole stretch again, fresh data included.")
@click.option("--only", "only", help="orders, catalogue, stock; joined by commas.")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for another sync of the account to end (default: do not wait, exit code 3).",
)
@json_option
@click.pass_obj
def sync(
    answer: Answer, since: str | None, full: bool, only: str | None, wait_s: float, as_json: bool
) -> int:
    """Bring CROSS MALL's present into the mirror and judge it."""
    day = _day(since)
    parts = [part.strip() for part in only.split(",")] if only else None

    def work(workspace: Workspace, account: Account) -> tuple[dict[str, Any], int]:
        def run(wait_s: float) -> SyncReport:
            return workspace.sync(
                account.name,
                since=day,
                full=full,
                parts=parts,
                on_progress=answer.progress,
                wait_s=wait_s,
            )

        try:
            report = run(0.0)
        except SyncBusy as busy:
            if not wait_s:
                raise
            answer.say(busy.help_key, **busy.values)
            answer.say("cli.sync.waiting", seconds=round(wait_s))
            report = run(wait_s)
        code = EXIT_FINDINGS if report.findings or report.cannot_tell else EXIT_DONE
        return sync_json(report), code

    document, code = answer.each(work)
    answer.give(document, as_json=as_json, lines=lambda: sync_lines(answer.text, document))
    return code


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), default="auto", help="What the files are.")
@click.option("--snapshot-at", help="When Smartship wrote the files, e.g. 2026-11-23T09:00.")
@click.option("--from", "covers_from", help="First day of registrations the files cover.")
@click.option("--to", "covers_to", help="Last day of registrations the files cover.")
@click.option("--filtered", is_flag=True, help="A filter was on: absence proves nothing.")
@json_option
@click.pass_obj
def import_(
    answer: Answer,
    files: tuple[Path, ...],
    kind: str,
    snapshot_at: str | None,
    covers_from: str | None,
    covers_to: str | None,
    filtered: bool,
    as_json: bool,
) -> int:
    """Import Smartship files; reports every row that was not taken, with the reason."""
    workspace = answer.workspace()
    account = answer.only(workspace)
    reports = workspace.import_files(
        account.name,
        [(path.name, _content(path)) for path in files],
        kind=None if kind == "auto" else kind,
        snapshot_at=_instant(snapshot_at, end=False),
        covers_from=_instant(covers_from, end=False),
        covers_to=_instant(covers_to, end=True),
        filtered=filtered,
    )
    document = {"account": account.name, "files": [report_json(report) for report in reports]}
    answer.give(
        document,
        as_json=as_json,
        lines=lambda: [line for report in reports for line in file_lines(answer.text, report)],
    )
    if any(report.rejected_file for report in reports):
        return EXIT_USAGE
    return EXIT_FINDINGS if any(report.rejected for report in reports) else EXIT_DONE


def sync_json(report: SyncReport) -> dict[str, Any]:
    """A sync's report as the command prints it."""
    return {
        "account": report.account,
        "kind": report.kind,
        "complete": report.complete,
        "orders_new": report.orders_new,
        "orders_changed": report.orders_changed,
        "rows_skipped": report.rows_skipped,
        "calls": report.calls,
        "seconds": round(report.seconds, 2),
        "findings": report.findings,
        "cannot_tell": report.cannot_tell,
        "clock_skew_s": None if report.clock_skew_s is None else round(report.clock_skew_s),
        "skipped_parts": {part: round(age) for part, age in report.skipped_parts.items()},
    }


def file_lines(text: Text, report: FileReport) -> list[str]:
    """One file's report in words, at most 20 rejected rows."""
    if report.rejected_file is not None:
        key, values = report.rejected_file
        error = ReconcileError(key, **{**values, "file": report.file})
        return message_lines(text, error)
    known = text("cli.import.known") if report.already_known else ""
    lines = [
        text(
            "cli.import.taken",
            file=report.file,
            kind=text(f"file_kind.{report.kind}"),
            encoding=report.encoding,
            accepted=report.accepted,
            rejected=len(report.rejected),
        )
        + known
    ]
    for row in report.rejected[:20]:
        reason = text(f"reject.{row['reason']}", **row["values"])
        lines.append(text("cli.import.row", row=row["row"], reason=reason))
    lines += [text(f"import_note.{code}", **values) for code, values in report.warnings]
    return lines


def sync_lines(text: Text, document: dict[str, Any]) -> list[str]:
    """What one sync, or several, did: one line each."""
    documents = document.get("accounts", [document])
    return [
        text(
            "cli.sync.done",
            account=one["account"],
            new=one["orders_new"],
            changed=one["orders_changed"],
            calls=one["calls"],
            seconds=one["seconds"],
            findings=sum(one["findings"].values()),
            cannot_tell=sum(one["cannot_tell"].values()),
        )
        for one in documents
    ]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError("error.import.no_file", file=str(path), reason=error.strerror) from None


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("error.cli.date", value=text) from None


def _instant(text: str | None, *, end: bool) -> datetime | None:
    """An instant from ISO text; JST where no offset is given; a bare day ends at the next midnight if `end`."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("error.cli.date", value=text) from None
    if end and len(text) == len("2026-11-23"):
        at += timedelta(days=1)
    return at if at.tzinfo else at.replace(tzinfo=JST)
