"""The command line: options, the one error boundary, exit codes.

Exit codes: 0 done and nothing to report, 1 done with findings or differences, 2 usage or configuration,
3 the vendor or network refused, 4 our store cannot be used, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from reconcile.commands.accounts import account
from reconcile.commands.affixes import affixes
from reconcile.commands.alerts import alerts
from reconcile.commands.answer import EXIT_INTERRUPTED, EXIT_USAGE, Answer, complain
from reconcile.commands.auditing import audit
from reconcile.commands.intake import demo, import_, sync
from reconcile.commands.keeping import backup, restore
from reconcile.commands.mapping_acts import mapping
from reconcile.commands.reading import doctor, findings, order
from reconcile.commands.recipients import recipient
from reconcile.commands.recovery import recovery
from reconcile.commands.serving import serve
from reconcile.commands.stays import stays
from reconcile.commands.stock import stock, stock_scope, stock_sku, stock_total
from reconcile.commands.tables import export, match
from reconcile.commands.triage_acts import triage
from reconcile.errors import ReconcileError, UsageError
from reconcile.text import LANGUAGES


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (TOTSUGO_DATA, ./data).")
@click.option("--account", "account_name", help="One account; without it, all of them.")
@click.option(
    "--lang", type=click.Choice(LANGUAGES), envvar="TOTSUGO_LANG", default="ja", help="Language."
)
@click.pass_context
def cli(context: click.Context, data: Path | None, account_name: str | None, lang: str) -> None:
    """Totsugo (突合): finds orders, products and stock on which CROSS MALL and Smartship disagree."""
    context.obj = Answer(data=data, account=account_name, lang=lang)
    context.call_on_close(context.obj.tell_damage)


for command in (
    demo,
    account,
    sync,
    import_,
    findings,
    order,
    stays,
    match,
    mapping,
    stock,
    stock_sku,
    stock_total,
    stock_scope,
    export,
    serve,
    doctor,
    audit,
    backup,
    restore,
    triage,
    recovery,
    recipient,
    alerts,
):
    cli.add_command(command)
account.add_command(affixes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; expected errors are one message, never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        _demand_text(given)
        code = cli.main(given, prog_name="python -m reconcile", standalone_mode=False)
    except ReconcileError as error:
        return complain(given, error)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return EXIT_USAGE
    except click.ClickException as error:
        return complain(given, error)
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED
    return int(code or 0)


def _demand_text(given: Sequence[str]) -> None:
    """Raises UsageError for an argument that no table or no folder could hold: its bytes are no text, or a NUL is in it."""
    for argument in given:
        if "\0" in argument or argument.encode(errors="replace").decode() != argument:
            raise UsageError("error.cli.encoding", argument=argument)
