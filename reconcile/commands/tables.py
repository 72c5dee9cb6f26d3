"""match | export: whole tables, on screen or as files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from reconcile.commands.answer import (
    EXIT_DONE,
    EXIT_FINDINGS,
    Answer,
    json_option,
    records,
    write_out,
)
from reconcile.errors import UsageError
from reconcile.export import ENCODINGS, PROFILES
from reconcile.exporting import WHAT
from reconcile.mapping.files import match_files
from reconcile.model import Account, Paging
from reconcile.workspace import Workspace


@click.command()
@click.option("--left", type=click.Path(path_type=Path), help="CSV with id,text[,attr1,attr2].")
@click.option("--right", type=click.Path(path_type=Path), help="CSV with id,text[,attr1,attr2].")
@json_option
@click.pass_obj
def match(answer: Answer, left: Path | None, right: Path | None, as_json: bool) -> int:
    """Compare product names: the account's two sides, or any two CSV files."""
    if (left is None) != (right is None):
        raise UsageError("error.cli.match_sides")
    if left is not None and right is not None:
        started = time.monotonic()
        document = match_files(_bytes(left), _bytes(right))
        document["seconds"] = round(time.monotonic() - started, 3)
        code = _match_code(document)
    else:
        document, code = answer.each(_account_match)

    def lines() -> list[str]:
        pairs = [pair for one in document.get("accounts", [document]) for pair in one["pairs"]]
        return [
            f"{pair['decision']:<6}  {pair['class']:<20}  {pair['left_id']} = {pair['right_id']}"
            for pair in pairs
        ]

    answer.give(document, as_json=as_json, lines=lines)
    return code


@click.command()
@click.argument("what", type=click.Choice(WHAT))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option("--profile", type=click.Choice(PROFILES), default="people", show_default=True)
@click.option("--encoding", type=click.Choice(ENCODINGS), default="utf-8-sig", show_default=True)
@click.option("--changes-only", is_flag=True, help="Of mapping fixes: what is still to be done.")
@json_option
@click.pass_obj
def export(
    answer: Answer,
    what: str,
    out: Path,
    profile: str,
    encoding: str,
    changes_only: bool,
    as_json: bool,
) -> int:
    """Write a table as CSV; lists characters that the encoding would change."""
    workspace = answer.workspace()
    if what != "audit":
        answer.chosen(workspace)
    made = workspace.export(
        what,
        account=answer.account,
        profile=profile,
        encoding=encoding,
        changes_only=changes_only,
    )
    write_out(out, made.data)
    document = {"rows": made.rows, "file": str(out), "changed_characters": made.changed_characters}
    answer.give(
        document,
        as_json=as_json,
        lines=lambda: [
            answer.text("cli.export.done", rows=made.rows, file=str(out)),
            *(answer.text("export.changed", **one) for one in made.changed_characters),
        ],
    )
    return EXIT_FINDINGS if made.changed_characters else EXIT_DONE


def _account_match(workspace: Workspace, account: Account) -> tuple[dict[str, Any], int]:
    started = time.monotonic()
    board = workspace.mapping(account.name, paging=Paging(size=10_000_000))
    rows = records(board.table.rows)
    best: dict[str, int] = {}
    pairs = []
    for row in rows:
        if row["sku_no"] is None or row["item_code"] is None:
            continue
        place = best[row["case_key"]] = best.get(row["case_key"], 0) + 1
        pairs.append((place > 1, _pair(row)))
    document = {
        "account": account.name,
        "basis": board.basis,
        "states": board.by_class,
        "waiting_orders": board.waiting_by_class,
        "classes": board.by_cause,
        "pairs": [pair for _, pair in sorted(pairs, key=lambda one: one[0])],
        "unmatched_left": [_sku_id(row) for row in rows if _is_unmatched(row)],
        "unmatched": [
            {
                "case": row["case_key"],
                "state": row["mapping_class"],
                "class": "|".join(row["causes"]),
                "waiting_orders": row["waiting_orders"],
                "decided": row["decision"],
            }
            for row in rows
            if row["sku_no"] is None or row["item_code"] is None
        ],
        "seconds": round(time.monotonic() - started, 3),
    }
    return document, _match_code(document)


def _pair(row: dict[str, Any]) -> dict[str, Any]:
    """A pair of the contract; decision is the engine's, decided what people made of it."""
    return {
        "left_id": _sku_id(row),
        "right_id": row["sku_no"],
        "class": "|".join(row["causes"]) or "exact",
        "score": row["score"],
        "parts": {
            "number": [row["item_code"], row["ss_product_no"]],
            "name": [row["item_name"], row["ss_product_name"]],
            "option": [row["option_text"], row["ss_option_text"]],
        },
        "decision": row["proposal"],
        "state": row["mapping_class"],
        "case": row["case_key"],
        "waiting_orders": row["waiting_orders"],
        "decided": row["decision"],
    }


def _is_unmatched(row: dict[str, Any]) -> bool:
    return row["item_code"] is not None and (row["sku_no"] is None or row["proposal"] == "none")


def _match_code(document: dict[str, Any]) -> int:
    same = all(pair["decision"] == "exact" for pair in document["pairs"])
    return (
        EXIT_DONE
        if same and document["pairs"] and not document["unmatched_left"]
        else EXIT_FINDINGS
    )


def _sku_id(row: dict[str, Any]) -> str:
    parts = (row["item_code"], row["attribute1_name"], row["attribute2_name"])
    return ",".join(part for part in parts if part)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError("error.import.no_file", file=str(path), reason=error.strerror) from None
