"""account affixes: text around order numbers, learned from orders, confirmed or rejected by a person."""

from __future__ import annotations

from dataclasses import asdict

import click

from reconcile.affixing import LearnedAffix
from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option
from reconcile.errors import UsageError
from reconcile.text import Text

CONFIRMED, REJECTED, PROPOSED = "confirmed", "rejected", "proposed"


@click.command()
@click.argument("name")
@click.option("--confirm", help="Use this form from now on: its id, or its pattern such as R-*.")
@click.option("--reject", help="Never use this form.")
@click.option("--by", help="Who decides; else TOTSUGO_USER, else the user of the system.")
@json_option
@click.pass_obj
def affixes(
    answer: Answer,
    name: str,
    confirm: str | None,
    reject: str | None,
    by: str | None,
    as_json: bool,
) -> int:
    """Text around order numbers: list what was learned, confirm or reject one form."""
    if confirm is not None and reject is not None:
        raise UsageError("cli.affixes.both")
    workspace, wanted = answer.workspace(), confirm if confirm is not None else reject
    if wanted is not None:
        state = CONFIRMED if confirm is not None else REJECTED
        workspace.decide_affix(name, wanted, state, by=by)
        word = answer.text(f"affix.state.{state}")
        answer.say("cli.affixes.decided", account=name, id=wanted, state=word)
    known = workspace.affixes(name)
    answer.give(
        {"account": name, "affixes": [asdict(one) for one in known]},
        as_json=as_json,
        lines=lambda: (
            [_line(answer.text, one) for one in known]
            or [answer.text("cli.affixes.none", account=name)]
        ),
    )
    return EXIT_FINDINGS if any(one.state == PROPOSED for one in known) else EXIT_DONE


def _line(text: Text, one: LearnedAffix) -> str:
    examples = [
        text("affix.example", ours=ours, theirs=theirs) for ours, theirs in one.examples[:1]
    ]
    return text(
        "cli.affixes.row",
        id=one.id,
        state=text(f"affix.state.{one.state}"),
        support=one.support,
        alone=one.alone,
        examples=examples,
    ).rstrip()
