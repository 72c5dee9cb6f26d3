"""mapping list | case | decide: what is linked, and what people decide about the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import click

from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option
from reconcile.mapping.compare import MAPPING_CLASSES
from reconcile.mapping.decisions import (
    ACTS,
    DECISIONS,
    FIXES,
    DecisionReport,
    FrozenMapping,
    MappingFilter,
)
from reconcile.text import visible

SHOWN = 20  # cases that are listed for people; --json has all of them
EVERYTHING = 10_000_000


@click.group()
def mapping() -> None:
    """Decide which Smartship SKU a product means, and see what has to be corrected where."""


def selection(command: Callable[..., int]) -> Callable[..., int]:
    """The options that say which cases are meant."""
    for option in reversed(
        (
            click.option("--state", "states", multiple=True, type=click.Choice(MAPPING_CLASSES)),
            click.option("--class", "classes", multiple=True, help="Causes, e.g. width_kana."),
            click.option("--shop", "shops", multiple=True, help="Shops whose open orders wait."),
            click.option("--decision", "decisions", multiple=True, type=click.Choice(DECISIONS)),
            click.option(
                "--search", default="", help="Part of a code, name, option or SKU number."
            ),
        )
    ):
        command = option(command)
    return command


def chosen(given: dict[str, Any], *, queue_only: bool) -> MappingFilter:
    """The filter of those options."""
    names = ("states", "classes", "shops", "decisions", "search")
    return MappingFilter(**{name: given[name] for name in names}, queue_only=queue_only)


@mapping.command("list")
@selection
@click.option("--all", "everything", is_flag=True, help="Linked and decided ones too.")
@json_option
@click.pass_obj
def list_(answer: Answer, /, everything: bool, as_json: bool, **given: Any) -> int:
    """List what needs a person, most waiting orders first."""
    workspace = answer.workspace()
    account = answer.only(workspace).name
    wanted = chosen(given, queue_only=not everything)
    if everything and not wanted.decisions:
        wanted = replace(wanted, decisions=DECISIONS)
    board = workspace.mapping(account, wanted)
    rows = workspace.mapping_queue(account, wanted, size=EVERYTHING)
    document = {
        "account": account,
        "left": board.left,
        "done_today": board.done_today,
        "cases": [asdict(row) for row in rows],
    }

    def lines() -> list[str]:
        text = answer.text
        head = text("cli.mapping.queue", left=board.left, done_today=board.done_today)
        shown = [
            "  ".join(
                visible(part)
                for part in (
                    str(row.waiting_orders),
                    text.word("mapping_class", row.state),
                    row.case_key,
                    row.item_name or "",
                    "|".join(row.causes),
                )
            )
            for row in rows[:SHOWN]
        ]
        more = len(rows) - len(shown)
        return [head, *shown, *([text("cli.mapping.more", count=more)] if more else [])]

    answer.give(document, as_json=as_json, lines=lines)
    return EXIT_FINDINGS if rows else EXIT_DONE


@mapping.command("case")
@click.argument("case_key")
@json_option
@click.pass_obj
def case_(answer: Answer, case_key: str, as_json: bool) -> int:
    """Show one case with its candidates, by its key."""
    workspace = answer.workspace()
    found = workspace.mapping_case(answer.only(workspace).name, case_key)
    document = asdict(found)

    def lines() -> list[str]:
        text = answer.text
        causes = text.value([text.word("causes", code) for code in found.causes])
        head = [
            f"{found.case_key}  {text.word('mapping_class', found.state)}  {causes}",
            f"  {found.item_code or ''}  {found.item_name or ''}  {found.option_text or ''}",
        ]
        listed = [
            f"  {one.score:5.1f}  {one.sku_no}  {one.product_no or ''}  {one.product_name or ''}"
            f"  {one.option_text or ''}  {'|'.join(one.causes)}"
            for one in found.candidates
        ]
        return [visible(line) for line in (*head, *listed)]

    answer.give(document, as_json=as_json, lines=lines)
    return EXIT_DONE if found.state == "linked" else EXIT_FINDINGS


@mapping.command("decide")
@click.argument("act", type=click.Choice(ACTS))
@click.argument("case_keys", nargs=-1)
@selection
@click.option("--sku", "sku_no", help="Which SKU number; needed where several are possible.")
@click.option("--fix", type=click.Choice(FIXES), default=FIXES[0], help="The side to be changed.")
@click.option("--why", default="", help="The reason; up to 2,000 characters.")
@click.option("--version", help="What was shown; the act is refused if the case changed since.")
@click.option("--list", "list_id", help="Act on a list that was previewed, by its id.")
@click.option("--yes", is_flag=True, help="Act; without it only the preview of a filter.")
@click.option("--by", help="Who acts; without it TOTSUGO_USER, else the system's user.")
@json_option
@click.pass_obj
def decide(answer: Answer, /, act: str, case_keys: tuple[str, ...], **given: Any) -> int:
    """Accept, reject, no_counterpart, later or reopen: the named cases, or a previewed list."""
    workspace = answer.workspace()
    how = {name: given[name] for name in ("fix", "why", "by")}
    if case_keys:
        report = workspace.mapping_decide(
            *(answer.only(workspace).name, case_keys, act),
            sku_no=given["sku_no"],
            expected_version=given["version"],
            **how,
        )
        return tell(answer, report, as_json=given["as_json"])
    if given["list_id"]:
        frozen = workspace.mapping_list(given["list_id"])
    else:
        account = answer.only(workspace).name
        wanted = chosen(given, queue_only=act != "reopen")
        frozen = workspace.mapping_preview(account, wanted, decision=act)
    if given["yes"]:
        report = workspace.mapping_decide_list(frozen.id, act, **how)
        return tell(answer, report, as_json=given["as_json"])
    answer.give(
        {
            "act": act,
            "list": frozen.id,
            "count": frozen.count,
            "cases": [asdict(row) for row in frozen.rows],
            "left_out": [asdict(row) for row in frozen.left_out],
        },
        as_json=given["as_json"],
        lines=lambda: _preview(answer, frozen),
    )
    return EXIT_DONE


def _preview(answer: Answer, frozen: FrozenMapping) -> list[str]:
    text = answer.text
    out = Counter(one.why for one in frozen.left_out)
    shown = [
        "  "
        + visible(
            f"{row.case_key}  {row.item_name or ''} = {row.sku_no or '–'} {row.ss_product_name or ''}"
        )
        for row in frozen.rows[:SHOWN]
    ]
    more = frozen.count - len(shown)
    return [
        text("cli.mapping.preview", count=frozen.count, left_out=len(frozen.left_out)),
        *shown,
        *([text("cli.mapping.more", count=more)] if more else []),
        *(
            text("cli.mapping.left_out", count=count, why=text(f"mapping.left_out.{why}"))
            for why, count in out.items()
        ),
        *([text("cli.mapping.go", list=frozen.id)] if frozen.count else []),
    ]


def tell(answer: Answer, report: DecisionReport, *, as_json: bool) -> int:
    """What an act did: how many cases, which were left alone, and the number that an undo names."""
    text = answer.text
    act = str(report.ledger[0]) if report.ledger else None

    def lines() -> list[str]:
        done = (
            text("cli.mapping.done_act", done=report.done, act=act)
            if act
            else text("cli.mapping.done", done=report.done)
        )
        return [done] + [
            text(
                "cli.mapping.skipped",
                case=visible(one.case_key),
                why=text(f"mapping.left_out.{one.why}"),
                by=visible(one.by or "–"),
                at=text.time(one.at),
            )
            for one in report.skipped
        ]

    answer.give(
        {
            "done": report.done,
            "skipped": [asdict(one) for one in report.skipped],
            "act": report.ledger[0] if report.ledger else None,
        },
        as_json=as_json,
        lines=lines,
    )
    return EXIT_FINDINGS if report.skipped else EXIT_DONE
