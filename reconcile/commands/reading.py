"""findings | order | match | stock | export | doctor: what tells how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pandas as pd

from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option
from reconcile.errors import StoreError, UsageError
from reconcile.export import ENCODINGS, PROFILES
from reconcile.exporting import WHAT
from reconcile.mapping.files import match_files
from reconcile.model import Account, Finding, Paging
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
    document = {
        "order": case.row,
        "lines": _records(case.lines),
        "shipment_lines": _records(case.shipment_lines),
        "timeline": list(case.timeline),
        "findings": found,
        "verdict": case.verdict,
    }

    def lines() -> list[str]:
        text = answer.text
        head = f"{case.order_number}  {case.row['order_code']}  {case.row['phase_name']}"
        told = [
            f"{text.time(event['at_latest'])}  {_told(answer, event)}" for event in case.timeline
        ]
        return [head, *told, *(f"{one['rule']}  {one['title']}: {one['saw']}" for one in found)]

    answer.give(document, as_json=as_json, lines=lines)
    return EXIT_FINDINGS if found else EXIT_DONE


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
        document = match_files(_bytes(left), _bytes(right))
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
@json_option
@click.pass_obj
def stock(answer: Answer, as_json: bool) -> int:
    """Compare stock: both figures with their ages, expected quantity, gap and cause."""

    def work(workspace: Workspace, account: Account) -> tuple[dict[str, Any], int]:
        board = workspace.stock(account.name, paging=Paging(size=10_000_000))
        rows = _records(board.table.rows)
        for row in rows:
            row["because"] = {"in_flight": row.pop("in_flight"), "weak": row.pop("weak")}
        differs = any(row["cause"] != "in_step" for row in rows) or not rows
        return {"rows": rows}, EXIT_FINDINGS if differs else EXIT_DONE

    document, code = answer.each(work)

    def lines() -> list[str]:
        rows = [row for one in document.get("accounts", [document]) for row in one["rows"]]
        return [
            "\t".join(
                str("–" if row[name] is None else row[name])
                for name in (
                    "item_code",
                    "attribute1",
                    "attribute2",
                    "crossmall",
                    "smartship",
                    "gap",
                    "cause",
                )
            )
            for row in rows
        ]

    answer.give(document, as_json=as_json, lines=lines)
    return code


@click.command()
@click.argument("what", type=click.Choice(WHAT))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option("--profile", type=click.Choice(PROFILES), default="people", show_default=True)
@click.option("--encoding", type=click.Choice(ENCODINGS), default="utf-8-sig", show_default=True)
@json_option
@click.pass_obj
def export(answer: Answer, what: str, out: Path, profile: str, encoding: str, as_json: bool) -> int:
    """Write a table as CSV; lists characters that the encoding would change."""
    workspace = answer.workspace()
    if what != "audit":
        answer.chosen(workspace)
    made = workspace.export(what, account=answer.account, profile=profile, encoding=encoding)
    part = out.with_name(f"{out.name}.part")
    try:
        part.write_bytes(made.data)
        part.replace(out)
    except OSError as error:
        raise StoreError("error.export.unwritable", file=str(out), reason=error.strerror) from None
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


def _account_match(workspace: Workspace, account: Account) -> tuple[dict[str, Any], int]:
    board = workspace.mapping(account.name, paging=Paging(size=10_000_000))
    rows = _records(board.table.rows)
    pairs = [
        {
            "left_id": _sku_id(row),
            "right_id": row["sku_no"],
            "class": row["mapping_class"],
            "score": None,
            "parts": {"causes": row["causes"], "waiting_orders": row["waiting_orders"]},
            "decision": "exact" if row["mapping_class"] in LINKED else "review",
        }
        for row in rows
        if row["sku_no"] is not None and row["item_code"] is not None
    ]
    unmatched = [_sku_id(row) for row in rows if row["sku_no"] is None]
    document = {
        "account": account.name,
        "basis": board.basis,
        "classes": board.by_class,
        "pairs": pairs,
        "unmatched_left": unmatched,
        "seconds": 0.0,
    }
    return document, _match_code(document)


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


def _told(answer: Answer, event: dict[str, Any] | Any) -> str:
    side = answer.text(f"side.{event['side']}")
    values = {"before": "–", "after": "–", "packing_no": "–"} | {
        name: "–" if value is None else str(value) for name, value in event["values"].items()
    }
    return f"{side}: {answer.text('event.' + event['kind'], **values)}"


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values: missing is None, integers are int."""
    rows: Sequence[dict[str, Any]] = frame.astype(object).to_dict("records")  # type: ignore[assignment]  # column names are text
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return list(value)
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError("error.import.no_file", file=str(path), reason=error.strerror) from None
