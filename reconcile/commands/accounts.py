"""account add | list | remove | test | probe."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from crossmall.errors import ConfigurationError
from crossmall.probe import Call, run_probe
from crossmall.probe_files import check_folder, write_probe
from crossmall.probe_send import sender
from crossmall.probe_verdicts import Verdict, verdicts
from crossmall.types import Credentials
from reconcile.accounts import as_json as account_json
from reconcile.accounts import credentials
from reconcile.commands.answer import (
    EXIT_DONE,
    EXIT_FINDINGS,
    EXIT_REFUSED,
    EXIT_USAGE,
    Answer,
    json_option,
    read_stdin,
    tell,
)
from reconcile.errors import SecretsUnavailable, UsageError
from reconcile.ladder import GROUPS
from reconcile.model import Account, Ladder, Step
from reconcile.secrets import open_secrets
from reconcile.text import Text, as_jsonable


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
    chosen = _one_account(answer, name)

    def on_step(step: Step) -> None:
        if not as_json:
            for line in step_lines(answer.text, step):
                tell(line)

    ladder = answer.workspace().test_account(chosen.name, on_step=on_step)
    answer.give(ladder_json(answer.text, ladder), as_json=as_json, lines=list)
    return _exit_code(ladder)


@account.command("probe")
@click.argument("name", required=False)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@json_option
@click.pass_obj
def probe(answer: Answer, name: str | None, out: Path, as_json: bool) -> int:
    """Ask a real account what nobody published, read-only, and keep the masked replies."""
    chosen = _one_account(answer, name)
    found = _credentials(answer, chosen)
    try:
        check_folder(out)
    except ConfigurationError:
        raise UsageError("ladder.probe.folder", folder=str(out)) from None
    calls = run_probe(found, sender(found), on_call=lambda call: _tell_call(answer, call))
    judged = verdicts(calls)
    files = write_probe(out, found, calls, judged)
    document = {
        "account": chosen.name,
        "calls": len(calls),
        "files": [file.relative_to(out).as_posix() for file in files],
        "questions": [
            {"no": one.no, "topic": one.topic, "answered": one.answered, "says": one.says}
            for one in judged
        ],
    }
    answer.give(document, as_json=as_json, lines=lambda: _verdict_lines(answer.text, judged, out))
    if not calls[0].is_success:
        return EXIT_REFUSED
    return EXIT_DONE if all(one.answered for one in judged) else EXIT_FINDINGS


def _one_account(answer: Answer, name: str | None) -> Account:
    if name is not None and answer.account not in (None, name):
        raise UsageError("error.account.choose", names=[name, answer.account])
    answer.account = name or answer.account
    return answer.only(answer.workspace())


def _credentials(answer: Answer, chosen: Account) -> Credentials:
    key = open_secrets(answer.workspace().data).get(chosen.name)
    if key is None:
        raise SecretsUnavailable("error.secrets.none", account=chosen.name)
    return credentials(chosen.company_code, key, chosen.base_url)


def _tell_call(answer: Answer, call: Call) -> None:
    outcome = "ok" if call.is_success else "none" if call.envelope is None else "error"
    words = answer.text(
        f"ladder.probe.call.{outcome}", endpoint=call.endpoint, case=call.case, rows=call.rows
    )
    tell(words, err=True)


def _verdict_lines(text: Text, judged: Sequence[Verdict], out: Path) -> list[str]:
    lines = [
        text(
            "ladder.probe.verdict",
            no=one.no,
            question=text(f"ladder.probe.topic.{one.topic}"),
            says=text(f"ladder.probe.says.{one.word}"),
        )
        for one in judged
    ]
    return [*lines, text("ladder.probe.written", folder=str(out))]


def ladder_json(text: Text, ladder: Ladder) -> dict[str, Any]:
    """The ladder as the command prints it, words included; `because` holds the facts behind the words."""
    return {
        "account": ladder.account,
        "ok": ladder.ok,
        "verdict": ladder.steps[-1].state,
        "steps": [
            {
                "id": step.id,
                "group": _GROUP_OF[step.id],
                "state": step.state,
                "detail": text(step.detail[0], **step.detail[1]),
                "cure": text(step.cure[0], **step.cure[1]) if step.cure else None,
                "because": as_jsonable(step.detail[1]),
            }
            for step in ladder.steps
        ],
    }


_GROUP_OF = {step: group for group, steps in GROUPS.items() for step in steps}


def step_lines(text: Text, step: Step) -> list[str]:
    """One rung in words: state, name, what was seen, and the cure below it."""
    state, name = text(f"ladder.state.{step.state}"), text(f"ladder.step.{step.id}")
    lines = [f"{state}  {name}: {text(step.detail[0], **step.detail[1])}"]
    if step.cure:
        lines += [f"    {line}" for line in text(step.cure[0], **step.cure[1]).splitlines()]
    return lines


def _exit_code(ladder: Ladder) -> int:
    *rungs, summary = ladder.steps
    failed = {step.id for step in rungs if step.state == "failed"}
    if not failed:
        return EXIT_DONE if summary.state == "ok" else EXIT_FINDINGS
    if failed == {"settings"}:
        return EXIT_USAGE
    return EXIT_FINDINGS if failed <= _OUR_MATTER else EXIT_REFUSED


_OUR_MATTER = {"collect_phase", "shipped_phase", "clock"}  # found, while the vendor let us in
