"""backup | restore: a data folder in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconcile.commands.answer import EXIT_DONE, EXIT_FINDINGS, Answer, json_option
from reconcile.keeping import Restored
from reconcile.store.archive import Manifest
from reconcile.text import Text


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write.")
@json_option
@click.pass_obj
def backup(answer: Answer, out: Path, as_json: bool) -> int:
    """Write decisions, mirror and settings into one file, without keys, and read it again to check it."""
    made = answer.workspace().backup(out)
    document = {"file": str(out), "bytes": out.stat().st_size} | _held(made)
    answer.give(
        document,
        as_json=as_json,
        lines=lambda: [
            answer.text("cli.backup.done", **document),
            answer.text("cli.backup.no_keys"),
        ],
    )
    return EXIT_DONE


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Set acts of today aside that the backup does not know.")
@json_option
@click.pass_obj
def restore(answer: Answer, file: Path, yes: bool, as_json: bool) -> int:
    """Bring back what a backup holds and keep what was decided since; nothing is deleted."""
    done = answer.workspace().restore(file, setting_acts_aside=yes)
    document = (
        {"file": str(file)}
        | _held(done.manifest)
        | {
            "acts": done.acts,
            "acts_since": done.acts_since,
            "acts_aside": done.acts_aside,
            "orders": done.orders,
            "observations": done.observations,
            "put_aside": list(done.aside),
            "without_key": list(done.without_key),
        }
    )
    answer.give(document, as_json=as_json, lines=lambda: _lines(answer.text, done))
    return EXIT_FINDINGS if done.without_key or done.acts_aside else EXIT_DONE


def _held(manifest: Manifest) -> dict[str, Any]:
    return {
        "made_at": manifest.made_at,
        "accounts": list(manifest.accounts),
        "acts": manifest.acts,
        "orders": manifest.orders,
        "observations": manifest.observations,
    }


def _lines(text: Text, done: Restored) -> list[str]:
    lines = [
        text("cli.restore.done", made_at=done.manifest.made_at, acts=done.acts, orders=done.orders),
        text("cli.restore.next"),
    ]
    if done.acts_since:
        lines.append(text("cli.restore.since", n=done.acts_since))
    if done.acts_aside:
        lines.append(text("cli.restore.acts_aside", n=done.acts_aside))
    if done.aside:
        lines.append(text("cli.restore.aside", files=list(done.aside)))
    if done.without_key:
        lines.append(text("cli.restore.without_key", names=list(done.without_key)))
    return lines
