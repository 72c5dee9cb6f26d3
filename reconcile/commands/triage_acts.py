"""triage undo | redo | history | view list | view save | view remove: what was decided, and taking it back."""

from __future__ import annotations

from typing import Any

import click

from reconcile.commands.answer import EXIT_DONE, Answer, json_option
from reconcile.commands.triage import tell, triage
from reconcile.text import visible
from reconcile.views import PARAMETERS

__all__ = ["triage"]  # the group with every command of both modules


@triage.command("undo")
@click.argument("act", type=int)
@click.option("--by", help="Who acts; without it TOTSUGO_USER, else the system's user.")
@json_option
@click.pass_obj
def undo(answer: Answer, act: int, by: str | None, as_json: bool) -> int:
    """Take a whole act back, by the number that it was answered with."""
    return tell(answer, answer.workspace().triage_undo(act, by=by), as_json=as_json)


@triage.command("redo")
@click.argument("act", type=int)
@click.option("--by", help="Who acts; without it TOTSUGO_USER, else the system's user.")
@json_option
@click.pass_obj
def redo(answer: Answer, act: int, by: str | None, as_json: bool) -> int:
    """Do an act again that was taken back."""
    return tell(answer, answer.workspace().triage_redo(act, by=by), as_json=as_json)


@triage.command("history")
@click.argument("key")
@json_option
@click.pass_obj
def history(answer: Answer, key: str, as_json: bool) -> int:
    """Show every act on a finding, by its key."""
    workspace = answer.workspace()
    account = answer.only(workspace)
    events = workspace.triage_history(account.name, key)
    document = {
        "account": account.name,
        "finding_key": key,
        "events": [
            {
                "act": one.sequence,
                "at": one.at,
                "by": one.actor,
                "event": one.event,
                "values": dict(one.values),
            }
            for one in events
        ],
    }

    def lines() -> list[str]:
        told = []
        for one in events:
            words = answer.text(f"decision.event.{one.event}")
            typed = [str(value) for name, value in one.values.items() if value and name != "of"]
            parts = (str(one.sequence), answer.text.time(one.at), one.actor, words, *typed)
            told.append("  ".join(visible(part) for part in parts))
        return told or [answer.text("cli.triage.no_history")]

    answer.give(document, as_json=as_json, lines=lines)
    return EXIT_DONE


@triage.group("view")
def view() -> None:
    """Views of a screen that everybody can open by name."""


@view.command("list")
@json_option
@click.pass_obj
def list_(answer: Answer, as_json: bool) -> int:
    """List the saved views."""
    found = answer.workspace().saved_views()
    document = {
        "views": [
            {
                "name": one.name,
                "screen": one.screen,
                "query": one.query,
                "by": one.actor,
                "saved_at": one.saved_at,
            }
            for one in found
        ]
    }
    answer.give(
        document,
        as_json=as_json,
        lines=lambda: (
            [f"{one.name}\t{one.screen}\t{_address(one.query)}" for one in found]
            or [answer.text("cli.view.none")]
        ),
    )
    return EXIT_DONE


@view.command("save")
@click.argument("name")
@click.argument("parameters", nargs=-1)
@click.option("--screen", type=click.Choice(tuple(PARAMETERS)), default="orders")
@click.option("--replace", is_flag=True, help="Take the place of the view of that name.")
@click.option("--by", help="Who acts; without it TOTSUGO_USER, else the system's user.")
@json_option
@click.pass_obj
def save(
    answer: Answer,
    name: str,
    parameters: tuple[str, ...],
    screen: str,
    replace: bool,
    by: str | None,
    as_json: bool,
) -> int:
    """Save a view as parameters of the screen's address: rule=F07 state=act_now."""
    query: dict[str, list[str]] = {}
    for one in parameters:
        parameter, _, value = one.partition("=")
        query.setdefault(parameter, []).append(value)
    saved = answer.workspace().save_view(name, query, screen=screen, replace=replace, by=by)
    answer.give(
        {"name": saved.name, "screen": saved.screen, "query": saved.query},
        as_json=as_json,
        lines=lambda: [answer.text("cli.view.saved", name=saved.name)],
    )
    return EXIT_DONE


@view.command("remove")
@click.argument("name")
@click.option("--by", help="Who acts; without it TOTSUGO_USER, else the system's user.")
@json_option
@click.pass_obj
def remove(answer: Answer, name: str, by: str | None, as_json: bool) -> int:
    """Forget a saved view."""
    answer.workspace().remove_view(name, by=by)
    answer.give(
        {"name": name},
        as_json=as_json,
        lines=lambda: [answer.text("cli.view.removed", name=visible(name))],
    )
    return EXIT_DONE


def _address(query: Any) -> str:
    return " ".join(f"{name}={value}" for name, values in query.items() for value in values)
