"""recovery check | sheet | packet: before anyone ships by hand, and for the vendors' support."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option, write_out
from reconcile.errors import UsageError
from reconcile.recovery import ENCODINGS
from reconcile.recovery_risks import CLEAR, ShipmentCheck
from reconcile.recovery_sheet import RecoverySheet, row_range
from reconcile.text import LANGUAGES
from reconcile.workspace import Workspace
from smartship.template import LANGUAGES as TITLE_LANGUAGES
from smartship.upload import FORMATS, title_of


@click.group()
def recovery() -> None:
    """Before shipping by hand: check for double shipment, make the upload sheet, make a packet for support."""


@recovery.command("check")
@click.argument("numbers", nargs=-1, required=True)
@json_option
@click.pass_obj
def check(answer: Answer, numbers: tuple[str, ...], as_json: bool) -> int:
    """Tell per order whether shipping it by hand could ship it twice."""
    workspace = answer.workspace()
    answer.chosen(workspace)
    checks = workspace.shipment_check(answer.account, numbers)
    document = {"orders": [_check(workspace, one) for one in checks]}
    answer.give(document, as_json=as_json, lines=lambda: _check_lines(answer, document["orders"]))
    return EXIT_DONE if all(one.verdict == CLEAR for one in checks) else EXIT_FINDINGS


@recovery.command("sheet")
@click.argument("numbers", nargs=-1, required=True)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="FILE.xlsx or FILE.csv."
)
@click.option("--titles", type=click.Choice(TITLE_LANGUAGES), default="ja", show_default=True)
@click.option("--encoding", type=click.Choice(ENCODINGS), default="utf-8-sig", show_default=True)
@click.option("--warehouse", default="", help="Warehouse code (O29) of every row.")
@click.option("--include-blocked", multiple=True, help="A blocked order that goes in all the same.")
@click.option("--reason", default="", help="Why blocked orders go in; kept in the ledger.")
@json_option
@click.pass_obj
def sheet(
    answer: Answer,
    numbers: tuple[str, ...],
    out: Path,
    titles: str,
    encoding: str,
    warehouse: str,
    include_blocked: tuple[str, ...],
    reason: str,
    as_json: bool,
) -> int:
    """Write Smartship's order upload file for these orders; says what is left to type and who was left out."""
    file_format = out.suffix.lower().removeprefix(".")
    if file_format not in FORMATS:
        raise UsageError("error.recovery.format", file=str(out))
    if include_blocked and not reason.strip():
        raise UsageError("error.recovery.include")
    workspace = answer.workspace()
    answer.chosen(workspace)
    made = workspace.recovery_sheet(
        answer.account,
        numbers,
        format=file_format,
        title_language=titles,
        including_blocked=dict.fromkeys(include_blocked, reason),
        warehouse=warehouse,
        encoding=encoding,
    )
    companion = out.with_name(f"{out.stem}_to_type.csv") if made.companion and made.rows else None
    if made.rows:
        write_out(out, made.data)
    if companion and made.companion:
        write_out(companion, made.companion.data)
    document = _sheet_document(workspace, made, titles)
    document |= {"file": str(out) if made.rows else None}
    document |= {"companion": str(companion) if companion else None}
    answer.give(document, as_json=as_json, lines=lambda: _sheet_lines(answer, document))
    return EXIT_FINDINGS if made.left_out or made.to_type or not made.rows else EXIT_DONE


@recovery.command("packet")
@click.argument("number")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="FILE.html.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the packet; default --lang.")
@click.option("--rule", help="Only this finding, e.g. F07.")
@json_option
@click.pass_obj
def packet(
    answer: Answer, number: str, out: Path, language: str | None, rule: str | None, as_json: bool
) -> int:
    """Write the evidence about one order as one HTML file for the vendors' support."""
    workspace = answer.workspace()
    answer.chosen(workspace)
    made = workspace.packet(answer.account, number, lang=language, rule=rule)
    write_out(out, made.data)
    document = {"file": str(out), "bytes": len(made.data)}
    answer.give(
        document,
        as_json=as_json,
        lines=lambda: [answer.text("cli.recovery.packet", file=str(out))],
    )
    return EXIT_DONE


def _check(workspace: Workspace, one: ShipmentCheck) -> dict[str, Any]:
    return {
        "account": one.account,
        "order_number": one.order_number,
        "order_code": one.order_code,
        "verdict": one.verdict,
        "clear_as_of": one.clear_as_of,
        "risks": [
            {
                "code": risk.code,
                "level": risk.level,
                "because": dict(risk.because),
                "text": workspace.risk_words(risk.code, risk.because),
            }
            for risk in one.risks
        ],
    }


def _check_lines(answer: Answer, orders: Sequence[dict[str, Any]]) -> list[str]:
    text = answer.text
    lines = []
    for one in orders:
        verdict = text(f"recovery.verdict.{one['verdict']}")
        shown = {name: one[name] or "–" for name in ("order_number", "order_code")}
        lines.append(text("cli.recovery.line", verdict=verdict, **shown))
        lines += [text("cli.recovery.risk", words=risk["text"]) for risk in one["risks"]]
        if one["clear_as_of"] is not None:
            words = text("recovery.clear_as_of", at=text.time(one["clear_as_of"], full=True))
            lines.append(text("cli.recovery.risk", words=words))
    return lines


def _sheet_document(workspace: Workspace, made: RecoverySheet, titles: str) -> dict[str, Any]:
    text = workspace.text
    return {
        "rows": made.rows,
        "orders": list(made.orders),
        "left_out": list(made.left_out),
        "checks": [_check(workspace, one) for one in made.checks],
        "to_type": [
            {
                "order_number": one.order_number,
                "rows": list(one.rows),
                "columns": [title_of(code, titles) for code in one.codes],
                "reason": one.reason,
                "text": text(f"recovery.reason.{one.reason}"),
            }
            for one in made.to_type
        ],
        "guarded": [{"row": row, "column": title_of(code, titles)} for row, code in made.guarded],
    }


def _sheet_lines(answer: Answer, document: dict[str, Any]) -> list[str]:
    text = answer.text
    lines = _check_lines(answer, document["checks"])
    lines += [text("cli.recovery.left_out", order_number=one) for one in document["left_out"]]
    for one in document["to_type"]:
        where = {"order_number": one["order_number"], "rows": row_range(one["rows"])}
        lines.append(text("cli.recovery.to_type", **where, columns=one["columns"], why=one["text"]))
    lines += [text("cli.recovery.guarded", **one) for one in document["guarded"]]
    if not document["rows"]:
        return [*lines, text("cli.recovery.empty")]
    if document["companion"]:
        lines.append(text("cli.recovery.companion", file=document["companion"]))
    return [*lines, text("cli.recovery.done", rows=document["rows"], file=document["file"])]
