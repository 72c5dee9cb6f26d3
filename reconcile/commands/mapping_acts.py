"""mapping undo | redo | record | class | fixes | import | twins | events: what was decided, and what is to be done."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import pandas as pd

from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option, records
from reconcile.commands.mapping import mapping, tell
from reconcile.errors import UsageError
from reconcile.frames import FRAMES
from reconcile.mapping.decisions import FIXES, ClassRecord, MappingAct, MappingImportDiff
from reconcile.text import visible

__all__ = ["mapping"]  # the group with every command of both modules

by_option = click.option("--by", help="Who acts; without it TOTSUGO_USER, else the system's user.")


@mapping.command("undo")
@click.argument("act", type=int)
@by_option
@json_option
@click.pass_obj
def undo(answer: Answer, act: int, by: str | None, as_json: bool) -> int:
    """Take a whole act back, by the number that it was answered with."""
    return tell(answer, answer.workspace().mapping_undo(act, by=by), as_json=as_json)


@mapping.command("redo")
@click.argument("act", type=int)
@by_option
@json_option
@click.pass_obj
def redo(answer: Answer, act: int, by: str | None, as_json: bool) -> int:
    """Do an act again that was taken back."""
    return tell(answer, answer.workspace().mapping_redo(act, by=by), as_json=as_json)


@mapping.command("record")
@click.option("--limit", default=20, show_default=True, help="How many of the last acts.")
@json_option
@click.pass_obj
def record(answer: Answer, limit: int, as_json: bool) -> int:
    """Show the last acts, and how often people agreed with what was proposed, by class."""
    workspace = answer.workspace()
    account = answer.only(workspace).name
    acts = workspace.mapping_acts(account, limit)
    classes = workspace.mapping_class_record(account)
    answer.give(
        {
            "account": account,
            "acts": [asdict(one) for one in acts],
            "classes": [asdict(one) for one in classes],
        },
        as_json=as_json,
        lines=lambda: [
            *(_act_line(answer, one) for one in acts),
            *(_class_line(answer, one) for one in classes),
        ],
    )
    return EXIT_DONE


def _act_line(answer: Answer, one: MappingAct) -> str:
    text = answer.text
    return visible(
        text(
            "cli.mapping.record.act",
            act=str(one.sequence),
            at=text.time(one.at),
            by=one.actor,
            decision=one.decision,
            count=one.count,
            first=one.first or "",
            undone=text("cli.mapping.record.undone") if one.is_undone else "",
        )
    )


def _class_line(answer: Answer, one: ClassRecord) -> str:
    text = answer.text
    state = "automatic" if one.is_automatic else "ready" if one.can_be_automatic else "by_hand"
    return text(
        "cli.mapping.record.line",
        code=text.word("causes", one.code),
        decided=one.decided,
        matching=one.right,
        lower="–" if one.lower is None else f"{100 * one.lower:.1f} %",
        state=text(f"cli.mapping.record.{state}"),
    )


@mapping.command("class")
@click.argument("code")
@click.argument("switch", type=click.Choice(("on", "off")))
@by_option
@json_option
@click.pass_obj
def class_(answer: Answer, code: str, switch: str, by: str | None, as_json: bool) -> int:
    """Let a proven class of difference accept unique links by itself, or stop that."""
    workspace = answer.workspace()
    account = answer.only(workspace).name
    workspace.mapping_class_automatic(account, code, switch == "on", by=by)
    answer.give(
        {"account": account, "class": code, "automatic": switch == "on"},
        as_json=as_json,
        lines=lambda: [
            answer.text(f"cli.mapping.class.{switch}", code=answer.text.word("causes", code))
        ],
    )
    return EXIT_DONE


@mapping.command("fixes")
@click.option("--side", type=click.Choice(FIXES), default=FIXES[0], show_default=True)
@click.option("--changes-only", is_flag=True, help="Only what is still to be done.")
@json_option
@click.pass_obj
def fixes(answer: Answer, side: str, changes_only: bool, as_json: bool) -> int:
    """What to enter at Smartship or to rename in CROSS MALL, and what of it has arrived."""
    workspace = answer.workspace()
    account = answer.only(workspace).name
    workspace.mapping(account)
    rows = workspace.mapping_fixes(account, side, changes_only=changes_only)
    _give_table(answer, "fixes", rows, "mapping_fixes", as_json=as_json)
    done = rows["arrival"].isin(("arrived",)) | (rows["fix_action"] == "keep")
    return EXIT_DONE if bool(done.all()) else EXIT_FINDINGS


@mapping.command("twins")
@json_option
@click.pass_obj
def twins(answer: Answer, as_json: bool) -> int:
    """List texts inside one side that are nearly or wholly the same: they will become ambiguous."""
    workspace = answer.workspace()
    account = answer.only(workspace).name
    workspace.mapping(account)
    rows = workspace.mapping_twins(account)
    _give_table(answer, "twins", rows, "mapping_twins", as_json=as_json)
    return EXIT_DONE if rows.empty else EXIT_FINDINGS


@mapping.command("events")
@click.option("--limit", default=200, show_default=True, help="How many of the last ones.")
@json_option
@click.pass_obj
def events(answer: Answer, limit: int, as_json: bool) -> int:
    """List products that were new, renamed or gone at a sync, newest first."""
    workspace = answer.workspace()
    account = answer.only(workspace).name
    workspace.mapping(account)
    rows = workspace.mapping_events(account, limit)
    _give_table(answer, "events", rows, "mapping_events", as_json=as_json)
    return EXIT_DONE


@mapping.command("import")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--apply", "diff_id", help="Apply a list that was shown, by its id.")
@click.option("--yes", is_flag=True, help="Show the difference and apply it at once.")
@by_option
@json_option
@click.pass_obj
def import_(
    answer: Answer,
    file: Path | None,
    diff_id: str | None,
    yes: bool,
    by: str | None,
    as_json: bool,
) -> int:
    """Read decisions from a CSV or XLSX file: first what they would change, then --apply ID."""
    workspace = answer.workspace()
    if (file is None) == (diff_id is None):
        raise UsageError("error.mapping.import.file")
    if file is None:
        return tell(answer, workspace.mapping_import_apply(str(diff_id), by=by), as_json=as_json)
    try:
        data = file.read_bytes()
    except OSError as error:
        reason = error.strerror
        raise UsageError("error.import.no_file", file=str(file), reason=reason) from None
    account = answer.only(workspace).name
    workspace.mapping(account)
    diff = workspace.mapping_import(account, file.name, data)
    if yes:
        return tell(answer, workspace.mapping_import_apply(diff.id, by=by), as_json=as_json)
    counts = {became: len(diff.of(became)) for became in _BECAME}
    document = {
        "id": diff.id,
        "file": diff.file,
        "counts": counts,
        "rows": [asdict(row) for row in diff.rows],
    }
    answer.give(document, as_json=as_json, lines=lambda: _diff_lines(answer, diff, counts))
    return EXIT_FINDINGS if counts["refused"] or counts["conflicting"] else EXIT_DONE


_BECAME = ("new", "changed", "same", "conflicting", "refused")


def _diff_lines(answer: Answer, diff: MappingImportDiff, counts: dict[str, int]) -> list[str]:
    text = answer.text
    return [
        text("cli.mapping.import.summary", **counts),
        *(
            text(
                "cli.mapping.import.refused",
                row=row.row,
                reason=text(f"mapping.import.reason.{row.reason}"),
            )
            for row in (*diff.of("refused"), *diff.of("conflicting"))
        ),
        *(
            [text("cli.mapping.import.go", id=diff.id)]
            if counts["new"] or counts["changed"]
            else []
        ),
    ]


def _give_table(
    answer: Answer, name: str, rows: pd.DataFrame, frame: str, *, as_json: bool
) -> None:
    """A table as JSON, or one line a row with its columns for people."""
    columns = [column for column in FRAMES[frame].columns if column.shown]
    found = records(rows)

    def cell(value: Any, column: Any) -> str:
        if column.kind in ("state", "codes"):
            codes = value if isinstance(value, list) else [value]
            return answer.text.value(
                [answer.text.word(column.name, code, plain=True) for code in codes if code]
            )
        return answer.text.time(value) if column.kind == "instant" else str(value or "–")

    answer.give(
        {name: found},
        as_json=as_json,
        lines=lambda: (
            [
                "\t".join(visible(cell(row[column.name], column)) for column in columns)
                for row in found
            ]
            or [answer.text("cli.mapping.none")]
        ),
    )
