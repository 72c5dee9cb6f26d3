"""recipient: whom one order goes to, where that is kept."""

from __future__ import annotations

import click

from reconcile.commands.answer import EXIT_DONE, Answer, json_option
from reconcile.commands.mapping_acts import by_option


@click.command()
@click.argument("number")
@by_option
@json_option
@click.pass_obj
def recipient(answer: Answer, number: str, by: str | None, as_json: bool) -> int:
    """Show whom an order goes to, if recipients are kept (recipient_days); the ledger notes who asked."""
    workspace = answer.workspace()
    case = workspace.order(answer.account, number)
    who = workspace.show_recipient(case.account, case.order_number, by=by)
    until = workspace.recipient_kept_until(case.account, case.order_number)
    document = {"account": case.account, "order_number": case.order_number, "kept_until": until}
    answer.give(
        document | {"recipient": dict(who)},
        as_json=as_json,
        lines=lambda: [
            *(f"{answer.text(f'recipient.{name}')}: {value}" for name, value in who.items()),
            answer.text("recipient.until", until=until),
        ],
    )
    return EXIT_DONE
