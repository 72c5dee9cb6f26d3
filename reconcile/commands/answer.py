"""How every command answers: one JSON document on stdout with --json, else lines for people; messages on stderr."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pandas as pd

from reconcile.errors import ReconcileError, StoreError, UsageError
from reconcile.model import Account, Progress
from reconcile.store import files
from reconcile.text import LANGUAGES, Text, as_jsonable, visible
from reconcile.workspace import Workspace

EXIT_DONE, EXIT_FINDINGS, EXIT_USAGE, EXIT_REFUSED, EXIT_INTERRUPTED = 0, 1, 2, 3, 130
PROGRESS_EVERY_S = 1.0
# What a terminal obeys or does not show, and json.dumps leaves as it is.
_OBEYED = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


class Answer:
    """One run of the command line: its workspace, its language and how it speaks."""

    def __init__(self, *, data: Path | None, account: str | None, lang: str) -> None:
        self.account = account
        self.text = Text(lang)
        self._data = data
        self._lang = lang
        self._begun_at = datetime.now(UTC)
        self._told_at = 0.0
        self._stage = ""
        self._workspace: Workspace | None = None

    def workspace(self) -> Workspace:
        """The workspace that --data or TOTSUGO_DATA names."""
        self._workspace = Workspace.open(self._data, lang=self._lang)
        return self._workspace

    def tell_damage(self) -> None:
        """Say on stderr what this run found damaged: what was put aside, what that means and what to do."""
        for one in self._workspace.incidents() if self._workspace else ():
            if one.at >= self._begun_at and one.kind != "ledger_unusable":
                self.say(f"damage.{one.kind}", file=one.file)
                self.say(f"damage.{one.kind}.cure")

    def chosen(self, workspace: Workspace) -> tuple[Account, ...]:
        """The account named by --account, or all of them. Raises UsageError if there is none."""
        accounts = workspace.accounts()
        if self.account is not None:
            accounts = tuple(one for one in accounts if one.name == self.account)
            if not accounts:
                raise UsageError("error.account.unknown", name=self.account)
        if not accounts:
            raise UsageError("error.account.none")
        return accounts

    def only(self, workspace: Workspace) -> Account:
        """The one account a command can work on. Raises UsageError if several could be meant."""
        accounts = self.chosen(workspace)
        if len(accounts) > 1:
            names = [one.name for one in accounts]
            raise UsageError("error.account.choose", names=names)
        return accounts[0]

    def each(
        self, work: Callable[[Workspace, Account], tuple[dict[str, Any], int]]
    ) -> tuple[dict[str, Any], int]:
        """The document of one account, or {"accounts": [...]} of several; the highest exit code of them."""
        workspace = self.workspace()
        answers = [work(workspace, one) for one in self.chosen(workspace)]
        code = max(code for _, code in answers)
        if len(answers) == 1:
            return answers[0][0], code
        return {"accounts": [document for document, _ in answers]}, code

    def progress(self, progress: Progress) -> None:
        """Tell on stderr where a long work stands, about once a second and at each new stage."""
        now = time.monotonic()
        if progress.stage == self._stage and now - self._told_at < PROGRESS_EVERY_S:
            return
        self._stage, self._told_at = progress.stage, now
        tell(self.progress_line(progress), err=True)

    def progress_line(self, progress: Progress) -> str:
        """Where a long work stands, in one line."""
        stage = self.text(f"progress.{progress.stage}")
        if not progress.total or progress.total == 1:
            return stage
        counted = self.text("progress.count", done=progress.done, total=progress.total)
        left = (
            self.text("progress.left", seconds=round(progress.left_s))
            if progress.left_s is not None and progress.done < progress.total
            else ""
        )
        return f"{stage} {counted} {left}".rstrip()

    def say(self, key: str, **values: object) -> None:
        """A message for people, on stderr."""
        tell(self.text(key, **values), err=True)

    def give(
        self, document: Mapping[str, Any], *, as_json: bool, lines: Callable[[], Sequence[str]]
    ) -> None:
        """The answer on stdout: the document as JSON, or lines for people."""
        if as_json:
            click.echo(as_json_text(document, indent=2))
        else:
            for line in lines():
                tell(line)


def tell(line: str, *, err: bool = False) -> None:
    """One line for people. No text of a vendor, a file or a user in it can begin a line, hide one, turn or colour it."""
    click.echo("\t".join(visible(part) for part in line.split("\t")), err=err)


def as_json_text(document: Mapping[str, Any], *, indent: int | None = None) -> str:
    """The document as JSON that a terminal can show: exact for whoever reads it, what is invisible by its code."""
    written = json.dumps(as_jsonable(document), ensure_ascii=False, indent=indent)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def message_lines(text: Text, error: ReconcileError) -> list[str]:
    """What happened and, where there is one, what to do about it."""
    lines = [text(error.help_key, **error.values)]
    cure = f"{error.help_key}.cure"
    return [*lines, text(cure, **error.values)] if text.has(cure) else lines


def complain(arguments: Sequence[str], error: ReconcileError | click.ClickException) -> int:
    """Say an expected error in the language asked for; with --json as {"error": ...} on stdout too."""
    text = Text(_language(arguments))
    if isinstance(error, ReconcileError):
        code, key, exit_code = error.help_key, error.help_key, error.exit_code
        lines = message_lines(text, error)
    else:
        code, key, exit_code = "error.cli.usage", "error.cli.usage", EXIT_USAGE
        lines = [text(key, detail=" ".join(error.format_message().split()))]
    if "--json" in arguments:
        document = {"error": {"code": code, "message": "\n".join(lines)}}
        click.echo(as_json_text(document, indent=2))
    for line in lines:
        tell(line, err=True)
    return exit_code


def _language(arguments: Sequence[str]) -> str:
    """The language asked for, also when the rest of the command line cannot be read."""
    wanted = os.environ.get("TOTSUGO_LANG", "")
    for at, argument in enumerate(arguments):
        if argument == "--lang" and at + 1 < len(arguments):
            wanted = arguments[at + 1]
        elif argument.startswith("--lang="):
            wanted = argument.partition("=")[2]
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def write_out(out: Path, data: bytes) -> None:
    """Write a file that a command was asked for, whole or not at all. Raises StoreError."""
    try:
        files.write_whole(out, data)
    except OSError as error:
        raise StoreError("error.export.unwritable", file=str(out), reason=error.strerror) from None


def read_stdin() -> str:
    """Everything on standard input, without its last line break."""
    return sys.stdin.read().rstrip("\r\n")


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
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
