"""account add | list | remove | test."""

from __future__ import annotations

import os
from typing import Any

import click

from reconcile.accounts import as_json as account_json
from reconcile.commands.answer import (
    EXIT_DONE,
    EXIT_FINDINGS,
    EXIT_REFUSED,
    EXIT_USAGE,
    Answer,
    json_option,
    read_stdin,
)
from reconcile.errors import UsageError
from reconcile.model import Ladder, Step
from reconcile.text import Text


@click.group()
def account() -> None:
    """Add, list, remove and test CROSS MALL accounts."""


@account.command("add")
@click.argument("name")
@click.option("--company-code", required=True, help="会社コード of CROSS MALL.")
@click.option("--shop-id", "shop_ids", multiple=True, help="Shop code; may be given several times.")
@click.option("--base-url", default="", help="Base URL; without it the real service.")
@click.option("--option", "options", multiple=True, help="Smartship option, e.g. auto_orders=on.")
@json_option
@click.pass_obj
def add(
    answer: Answer,
    name: str,
    company_code: str,
    shop_ids: tuple[str, ...],
    base_url: str,
    options: tuple[str, ...],
    as_json: bool,
) -> int:
    """Add an account; its key is read from TOTSUGO_API_KEY or standard input, never from an argument."""
    chosen = dict(option.partition("=")[::2] for option in options)
    key = os.environ.get("TOTSUGO_API_KEY") or read_stdin()
    added = answer.workspace().add_account(
        name,
        company_code=company_code,
        key=key,
        shop_ids=shop_ids,
        base_url=base_url,
        options=chosen,
    )
    answer.give(
        account_json(added),
        as_json=as_json,
        lines=lambda: [answer.text("cli.account.added", name=name)],
    )
    return EXIT_DONE


@account.command("list")
@json_option
@click.pass_obj
def list_(answer: Answer, as_json: bool) -> int:
    """List the accounts; no key is shown."""
    accounts = answer.workspace().accounts()
    document = {"accounts": [account_json(one) for one in accounts]}
    answer.give(
        document,
        as_json=as_json,
        lines=lambda: (
            [f"{one.name}\t{one.company_code}\t{one.base_url}" for one in accounts]
            or [answer.text("error.account.none")]
        ),
    )
    return EXIT_DONE


@account.command("remove")
@click.argument("name")
@json_option
@click.pass_obj
def remove(answer: Answer, name: str, as_json: bool) -> int:
    """Forget an account, its key and its mirrored data."""
    answer.workspace().remove_account(name)
    answer.give(
        {"account": name},
        as_json=as_json,
        lines=lambda: [answer.text("cli.account.removed", name=name)],
    )
    return EXIT_DONE


@account.command("test")
@click.argument("name", required=False)
@json_option
@click.pass_obj
def test(answer: Answer, name: str | None, as_json: bool) -> int:
    """Climb the connection ladder: what works, what does not, and the cure."""
    if name is not None and answer.account not in (None, name):
        raise UsageError("error.account.choose", names=[name, answer.account])
    answer.account = name or answer.account
    workspace = answer.workspace()
    chosen = answer.only(workspace)

    def on_step(step: Step) -> None:
        if not as_json:
            for line in step_lines(answer.text, step):
                click.echo(line)

    ladder = workspace.test_account(chosen.name, on_step=on_step)
    answer.give(ladder_json(answer.text, ladder), as_json=as_json, lines=list)
    return _exit_code(ladder)


def ladder_json(text: Text, ladder: Ladder) -> dict[str, Any]:
    """The ladder as the command prints it, words included."""
    return {
        "account": ladder.account,
        "ok": ladder.ok,
        "steps": [
            {
                "id": step.id,
                "state": step.state,
                "detail": text(step.detail[0], **step.detail[1]),
                "cure": text(step.cure[0], **step.cure[1]) if step.cure else None,
            }
            for step in ladder.steps
        ],
    }


def step_lines(text: Text, step: Step) -> list[str]:
    """One rung in words: state, name, what was seen, and the cure below it."""
    state, name = text(f"ladder.state.{step.state}"), text(f"ladder.step.{step.id}")
    lines = [f"{state}  {name}: {text(step.detail[0], **step.detail[1])}"]
    if step.cure:
        lines += [f"    {line}" for line in text(step.cure[0], **step.cure[1]).splitlines()]
    return lines


def _exit_code(ladder: Ladder) -> int:
    failed = [step.id for step in ladder.steps if step.state == "failed"]
    warned = any(step.state == "warning" for step in ladder.steps)
    if not failed:
        return EXIT_FINDINGS if warned else EXIT_DONE
    if failed == ["settings"]:
        return EXIT_USAGE
    return EXIT_FINDINGS if set(failed) <= {"collect_phase", "shipped_phase"} else EXIT_REFUSED
