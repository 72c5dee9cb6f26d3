"""stays: how many orders would be missed, and how long to leave them in the collect phase."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option, records
from reconcile.model import Account
from reconcile.text import Text
from reconcile.workspace import Workspace


@click.command()
@click.option("--period", type=float, default=60, show_default=True, help="Minutes between pulls.")
@click.option("--minimum", type=float, help="Minutes no order leaves the collect phase before.")
@click.option(
    "--target",
    type=float,
    default=0.01,
    show_default=True,
    help="Share of orders that may be missed.",
)
@json_option
@click.pass_obj
def stays(
    answer: Answer, period: float, minimum: float | None, target: float, as_json: bool
) -> int:
    """What if Smartship pulled every PERIOD minutes: orders missed, the stay needed, who is at risk."""

    def work(workspace: Workspace, account: Account) -> tuple[dict[str, Any], int]:
        told = workspace.what_if(
            account.name, period_min=period, minimum_stay_min=minimum, target=target
        )
        risk = records(workspace.at_risk(account.name))
        exposed = any(row["missed_pct"] is None or row["missed_pct"] > 0 for row in risk)
        return asdict(told) | {"at_risk": risk}, EXIT_FINDINGS if exposed else EXIT_DONE

    document, code = answer.each(work)
    answer.give(
        document,
        as_json=as_json,
        lines=lambda: [
            line
            for one in document.get("accounts", [document])
            for line in _lines(answer.text, one)
        ],
    )
    return code


def _lines(text: Text, told: dict[str, Any]) -> list[str]:
    share, advice = told["share"], told["advice"]
    if share["missing"] or advice["missing"]:
        head = [text("cli.stays.too_few", account=told["account"], stays=share["stays"])]
    else:
        head = [
            text(
                "cli.stays.share",
                account=told["account"],
                period_min=round(told["period_min"]),
                minimum_min=round(told["minimum_stay_min"] or 0),
                stays=share["stays"],
                **_percents(share, "share", "low", "high"),
            ),
            text(
                "cli.stays.bracket",
                low=_percent(share["bracket_low"]),
                high=_percent(share["bracket_high"]),
            ),
            *([text("cli.stays.badly")] if share["fits_badly"] else []),
            _advice(text, told["target"], advice, believe_shape=not share["fits_badly"]),
        ]
    return [*head, *_risk(text, told["at_risk"])]


def _advice(text: Text, target: float, advice: dict[str, Any], *, believe_shape: bool) -> str:
    """How long to leave orders: by the fitted shape, or where it misses the stays, what holds whatever the shape."""
    if not believe_shape and advice["sure_stay_s"] is not None:
        sure = math.ceil(advice["sure_stay_s"] / 60)
        return text("cli.stays.sure", target=_percent(target), minimum=sure)
    return text(
        "cli.stays.advice",
        target=_percent(target),
        share=_percent(advice["share_now"]),
        minimum=round(advice["minimum_stay_s"] / 60),
        low=round(advice["low"] / 60),
        high=round(advice["high"] / 60),
    )


def _risk(text: Text, rows: Sequence[dict[str, Any]]) -> list[str]:
    passed = [row for row in rows if row["passed_pulls"]]
    waiting = [row for row in rows if not row["passed_pulls"]]
    lines = [_waiting(text, waiting)] if waiting or not passed else []
    if passed:
        most = {name: passed[0][name] for name in ("order_number", "passed_pulls")}
        lines.insert(0, text("cli.stays.risk.passed", orders=len(passed), **most))
    return lines


def _waiting(text: Text, rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return text("cli.stays.risk.none")
    first = rows[0]
    if first["missed_pct"] is None:
        return text("cli.stays.risk.unknown", orders=len(rows))
    return text(
        "cli.stays.risk",
        orders=len(rows),
        pct=first["missed_pct"],
        order_number=first["order_number"],
    )


def _percents(told: dict[str, Any], *names: str) -> dict[str, float]:
    return {name: _percent(told[name]) for name in names}


def _percent(share: float) -> float:
    return round(100 * share, 1)
