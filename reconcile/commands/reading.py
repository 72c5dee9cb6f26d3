"""findings | order | doctor: what tells how things stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option, records
from reconcile.errors import StoreError
from reconcile.model import Account, Finding, OrderCase
from reconcile.text import Text
from reconcile.workspace import Workspace

LINKED = ("linked", "exact")


@click.command()
@click.option("--rule", help="One rule, e.g. F05.")
@click.option("--state", type=click.Choice(("open", "resolved", "all")), default="open")
@json_option
@click.pass_obj
def findings(answer: Answer, rule: str | None, state: str, as_json: bool) -> int:
    """List what is wrong and what cannot be told, most severe first."""
    wanted = None if state == "all" else state

    def work(workspace: Workspace, account: Account) -> tuple[dict[str, Any], int]:
        found = workspace.findings(account.name, rule=rule, state=wanted)
        document = {
            "findings": [_finding(workspace, one) for one in found if one.kind == "finding"],
            "cannot_tell": [_finding(workspace, one) for one in found if one.kind != "finding"],
        }
        return document, EXIT_FINDINGS if found else EXIT_DONE

    document, code = answer.each(work)

    def lines() -> list[str]:
        documents = document.get("accounts", [document])
        rows = [row for one in documents for row in (*one["findings"], *one["cannot_tell"])]
        return [
            f"{row['rule']}  {row['subject']:<12}  {row['missing_text'] or row['title']}"
            for row in rows
        ] or [answer.text("cli.findings.none")]

    answer.give(document, as_json=as_json, lines=lines)
    return code


@click.command()
@click.argument("number")
@json_option
@click.pass_obj
def order(answer: Answer, number: str, as_json: bool) -> int:
    """Show one order on both sides: timeline, findings, verdict."""
    workspace = answer.workspace()
    answer.chosen(workspace)
    case = workspace.order(answer.account, number)
    found = [_finding(workspace, one) for one in case.findings]
    related = workspace.relations(case)
    document = {
        "order": case.row,
        "lines": records(case.lines),
        "shipment_lines": records(case.shipment_lines),
        "timeline": list(case.timeline),
        "findings": found,
        "verdict": case.verdict,
        "relations": list(related),
    }

    def lines() -> list[str]:
        text = answer.text
        head = f"{case.order_number}  {case.row['order_code']}  {case.row['phase_name']}"
        told = [f"{text.time(event['at_latest'])}  {_told(text, event)}" for event in case.timeline]
        rules = [f"{one['rule']}  {one['title']}: {one['saw']}" for one in found]
        kin = [workspace.relation_words(one) for one in related]
        return [head, *told, *_pull_lines(workspace, case), *kin, *rules]

    answer.give(document, as_json=as_json, lines=lines)
    return EXIT_FINDINGS if found else EXIT_DONE


@click.command()
@json_option
@click.pass_obj
def doctor(answer: Answer, as_json: bool) -> int:
    """Examine store, ledger, secrets, versions, last syncs and disk."""
    checks = answer.workspace().doctor()
    document = {
        "checks": [
            {
                "id": one.id,
                "state": one.state,
                "detail": answer.text(one.detail[0], **one.detail[1]),
            }
            for one in checks
        ]
    }
    answer.give(
        document,
        as_json=as_json,
        lines=lambda: [
            f"{answer.text('ladder.state.' + one['state'])}  {one['detail']}"
            for one in document["checks"]
        ],
    )
    if any(one.id in ("store", "ledger") and one.state == "failed" for one in checks):
        return StoreError.exit_code
    return EXIT_DONE if all(one.state == "ok" for one in checks) else EXIT_FINDINGS


def _finding(workspace: Workspace, one: Finding) -> dict[str, Any]:
    words = workspace.explain(one)
    return {
        "rule": one.rule,
        "severity": one.severity,
        "account": one.account,
        "order_number": one.order_number,
        "order_code": one.order_code,
        "shop_code": one.shop_code,
        "subject_kind": one.subject_kind,
        "subject": one.subject,
        "since": one.since,
        "state": one.state,
        "because": one.because,
        "missing": one.missing,
        "missing_text": words.missing,
        "title": words.title,
        "saw": words.saw,
        "cure": list(words.cure),
    }


def _pull_lines(workspace: Workspace, case: OrderCase) -> list[str]:
    """Why Smartship did not take the order, how sure that is, and what would settle it."""
    text, why = workspace.text, workspace.why(case)
    lines = [text("cli.order.cause", title=why.title, saw=why.saw)]
    if why.chance:
        lines.append(why.chance)
    if why.missing:
        lines.append(text("cli.order.missing", what=why.missing))
    return lines


def _told(text: Text, event: Mapping[str, Any]) -> str:
    return f"{text('side.' + event['side'])}: {text.event(event)}"
