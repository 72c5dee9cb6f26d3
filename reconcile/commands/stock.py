"""stock | stock-sku | stock-total | stock-scope: both figures, what the gap is made of, and what counts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option, records
from reconcile.model import Account, Paging
from reconcile.stock.causes import STOCK_CAUSES, STOCK_RISKS
from reconcile.stock_desk import row_json
from reconcile.workspace import Workspace

EVERYTHING = 10_000_000
SHOWN = ("item_code", "attribute1", "attribute2", "crossmall", "smartship", "gap", "cause")


@click.command()
@click.option("--cause", "causes", multiple=True, type=click.Choice(STOCK_CAUSES))
@click.option("--risk", "risks", multiple=True, type=click.Choice(STOCK_RISKS))
@click.option("--shop", "shops", multiple=True, help="SKUs that the shop of this code has sold.")
@click.option(
    "--warehouse", default="", help="Rows whose Smartship figure contains this warehouse."
)
@click.option("--least", type=click.IntRange(min=0), default=0, help="Pieces a gap must have.")
@click.option("--search", default="", help="Part of a code, name, option or SKU number.")
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--size", type=click.IntRange(min=1), default=EVERYTHING, help="Rows of a page.")
@json_option
@click.pass_obj
def stock(answer: Answer, /, page: int, size: int, as_json: bool, **asked: Any) -> int:
    """Compare stock: both figures with their ages, expected quantity, the gap and its parts."""

    def work(workspace: Workspace, account: Account) -> tuple[dict[str, Any], int]:
        paging = Paging(page=page, size=size, sort="gap", descending=True)
        board = workspace.stock(account.name, paging=paging, **asked)
        rows = [row_json(row) for row in records(board.table.rows)]
        differs = any(row["cause"] != "in_step" for row in rows) or not rows
        document = {
            "account": account.name,
            "total": board.table.total,
            "causes": dict(board.by_cause),
            "warehouses": list(account.stock_warehouses or board.warehouses),
            "tolerance": account.stock_tolerance,
            "rows": rows,
        }
        return document, EXIT_FINDINGS if differs else EXIT_DONE

    document, code = answer.each(work)

    def lines() -> list[str]:
        rows = [row for one in document.get("accounts", [document]) for row in one["rows"]]
        return ["\t".join(str("–" if row[n] is None else row[n]) for n in SHOWN) for row in rows]

    answer.give(document, as_json=as_json, lines=lines)
    return code


@click.command("stock-sku")
@click.argument("item")
@click.argument("option", default="")
@json_option
@click.pass_obj
def stock_sku(answer: Answer, item: str, option: str, as_json: bool) -> int:
    """One SKU (ITEM and attribute1,attribute2): the parts of its gap and what moved it on both sides."""
    workspace = answer.workspace()
    account = answer.only(workspace)
    first, _, second = option.partition(",")
    case = workspace.stock_case(account.name, item, first, second)
    past = workspace.stock_history(case)
    history = records(past.moves)
    document = {
        "account": account.name,
        "rows": [row_json(row) for row in case.rows],
        "history": history,
        "gaps": records(past.gaps),
    }

    def lines() -> list[str]:
        text = answer.text
        told = [
            line
            for row in case.rows
            for line in (
                f"{row['sku_no'] or '–'}\t{row['crossmall']}\t{row['smartship']}\t{row['gap']}",
                *part_lines(answer, row["parts"] or {}),
            )
        ]
        return told + [
            f"{text.time(event['happened_at'])}\t{text.word('movement', event['movement'])}\t"
            f"{event['figure'] if event['change'] is None else event['change']}\t{event['subject'] or ''}"
            for event in history
        ]

    answer.give(document, as_json=as_json, lines=lines)
    return EXIT_FINDINGS if any(row["cause"] != "in_step" for row in case.rows) else EXIT_DONE


@click.command("stock-total")
@json_option
@click.pass_obj
def stock_total(answer: Answer, as_json: bool) -> int:
    """The whole account: its gap in parts, pieces exposed now and soon, and what could not be compared."""

    def work(workspace: Workspace, account: Account) -> tuple[dict[str, Any], int]:
        total = workspace.stock_total(account.name)
        trend = [{"day": day.isoformat(), "exposure": pieces} for day, pieces in total.trend]
        document = {"account": account.name} | asdict(total) | {"trend": trend}
        return (
            document,
            EXIT_FINDINGS if total.parts or total.untold or not total.told else EXIT_DONE,
        )

    document, code = answer.each(work)

    def lines() -> list[str]:
        found: list[str] = []
        for one in document.get("accounts", [document]):
            names = ("gap", "crossmall", "smartship", "told", "skus", "exposure", "exposure_soon")
            told = {name: "–" if one[name] is None else one[name] for name in names}
            found.append(answer.text("cli.stock.total", **told))
            found += part_lines(answer, one["parts"])
            found += [
                answer.text("cli.stock.untold", cause=answer.text.word("cause", cause), skus=skus)
                for cause, skus in one["untold"].items()
            ]
        return found

    answer.give(document, as_json=as_json, lines=lines)
    return code


@click.command("stock-scope")
@click.option("--tolerance", type=int, help="Pieces by which a gap still counts as in step.")
@click.option("--warehouse", "warehouses", multiple=True, help="Counts; may be given again.")
@click.option("--all-warehouses", is_flag=True, help="Every warehouse of the files counts.")
@json_option
@click.pass_obj
def stock_scope(
    answer: Answer,
    tolerance: int | None,
    warehouses: tuple[str, ...],
    all_warehouses: bool,
    as_json: bool,
) -> int:
    """See or set which warehouses count and how many pieces apart is still in step."""
    workspace = answer.workspace()
    account = answer.only(workspace)
    chosen = () if all_warehouses else warehouses or None
    if tolerance is not None or chosen is not None:
        account = workspace.set_stock_scope(account.name, tolerance=tolerance, warehouses=chosen)
    document = {
        "account": account.name,
        "tolerance": account.stock_tolerance,
        "warehouses": list(account.stock_warehouses),
    }
    shown = document | {"warehouses": document["warehouses"] or answer.text("cli.stock.all")}
    answer.give(document, as_json=as_json, lines=lambda: [answer.text("cli.stock.scope", **shown)])
    return EXIT_DONE


def part_lines(answer: Answer, parts: dict[str, int]) -> list[str]:
    """The parts of a gap, one line each."""
    return [
        answer.text("cli.stock.part", cause=answer.text.word("cause", cause), pieces=f"{pieces:+,}")
        for cause, pieces in parts.items()
    ]
