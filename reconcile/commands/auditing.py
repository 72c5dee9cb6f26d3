"""audit: whether the ledger still is what was written."""

from __future__ import annotations

import click

from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option
from reconcile.store.audit import Audit
from reconcile.text import Text


@click.command()
@click.option(
    "--expect", help="A mark noted elsewhere before (NUMBER:DIGEST) that must still hold."
)
@json_option
@click.pass_obj
def audit(answer: Answer, expect: str | None, as_json: bool) -> int:
    """Check every line of the ledger and its copy; shows the mark of the last act, to be noted elsewhere."""
    seen = answer.workspace().audit(expect)
    document = {
        "sound": seen.sound,
        "acts": seen.acts,
        "mark": seen.mark,
        "problems": [
            {"kind": one.kind, "file": one.file, "line": one.line} for one in seen.problems
        ],
    }
    answer.give(document, as_json=as_json, lines=lambda: _lines(answer.text, seen))
    return EXIT_DONE if seen.sound else EXIT_FINDINGS


def _lines(text: Text, seen: Audit) -> list[str]:
    told = [text(f"cli.audit.{one.kind}", file=one.file, line=one.line) for one in seen.problems]
    if told:
        told.append(text("cli.audit.next"))
    else:
        told.append(text("cli.audit.sound", n=seen.acts))
    if seen.mark:
        told.append(text("cli.audit.mark", mark=seen.mark))
    return told
