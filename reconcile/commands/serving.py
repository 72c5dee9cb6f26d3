"""serve: the schedule in the foreground, without the dashboard, until it is told to end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import click

from reconcile.commands.answer import (
    EXIT_DONE,
    EXIT_INTERRUPTED,
    Answer,
    as_json_text,
    json_option,
    message_lines,
    tell,
)
from reconcile.commands.intake import sync_json, sync_lines
from reconcile.errors import ReconcileError, SyncBusy, SyncCancelled, UsageError
from reconcile.scheduling import TICK_S, Ran

TICKS_PER_INTERVAL = 5
TICK_LEAST_S = 0.2
LEAVE_S = (
    1.5  # after a request to end; what still waits for the network or the store then is left behind
)
_EVERY = re.compile(r"(\d+)(s|m|h)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


@click.command()
@click.option("--every", help="One interval for all accounts instead of their own: 30s, 10m, 1h.")
@json_option
@click.pass_obj
def serve(answer: Answer, every: str | None, as_json: bool) -> int:
    """Sync on a schedule without the dashboard, until interrupted; a failed sync never stops it.

    With --json one line of JSON on standard output for each run. Ends with 0 on SIGTERM, with 130 on Ctrl-C.
    """
    interval = _interval(every)
    workspace = answer.workspace()
    answer.chosen(workspace)
    schedule = workspace.scheduler(
        "serve",
        every=interval,
        account=answer.account,
        tick_s=_tick_s(interval),
        on_run=lambda ran: _tell(answer, ran, as_json=as_json),
        on_lead=lambda leads: answer.say("cli.serve.leads" if leads else "cli.serve.stands_by"),
    )
    with _signals(schedule.stop) as caught:
        ended = schedule.run()
    code = _code(*caught)
    answer.say("cli.serve.ended")
    if not ended:
        _leave(code)
    return code


def _interval(every: str | None) -> timedelta | None:
    if every is None:
        return None
    match = _EVERY.fullmatch(every)
    if match is None or int(match[1]) == 0:
        raise UsageError("error.cli.every", every=every)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _tick_s(interval: timedelta | None) -> float:
    if interval is None:
        return TICK_S
    return min(TICK_S, max(TICK_LEAST_S, interval.total_seconds() / TICKS_PER_INTERVAL))


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[set[int]]:
    """Inside the block a request to end calls `stop`; the set holds which ones came.

    From the first one on the process has LEAVE_S, also where it waits for a store that another process holds.
    """
    caught: set[int] = set()

    def on_signal(number: int, _: object) -> None:
        if not caught:
            leave = threading.Timer(LEAVE_S, _leave, (_code(number),))
            leave.daemon = True
            leave.start()
        caught.add(number)
        stop()

    names = ("SIGINT", "SIGTERM", "SIGBREAK")  # the last one on Windows only
    wanted = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, on_signal) for number in wanted}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _code(*caught: int) -> int:
    return EXIT_INTERRUPTED if signal.SIGINT in caught else EXIT_DONE


def _tell(answer: Answer, ran: Ran, *, as_json: bool) -> None:
    """One line for people on standard error, and with --json one line of JSON on standard output."""
    for line in _lines(answer, ran):
        tell(line, err=True)
    if as_json:
        click.echo(as_json_text(run_json(ran)))
        sys.stdout.flush()


def _lines(answer: Answer, ran: Ran) -> list[str]:
    text = answer.text
    failed = text("cli.serve.failed", account=ran.account)
    if ran.report is not None:
        told = sync_lines(text, sync_json(ran.report))
    elif isinstance(ran.error, ReconcileError):
        told = [failed, *message_lines(text, ran.error)]
    else:
        told = [failed, text("cli.serve.unexpected", kind=type(ran.error).__name__)]
    head = text.time(ran.ended_at)
    after = text("cli.serve.next", at=text.time(ran.next_at)) if ran.next_at else ""
    return [" ".join(part for part in (head, *told, after) if part)]


def run_json(ran: Ran) -> dict[str, Any]:
    """One run of the schedule as `serve --json` prints it. state: complete | failed | cancelled | busy."""
    if ran.report is not None:
        state = "complete"
    elif isinstance(ran.error, SyncBusy):
        state = "busy"
    else:
        state = "cancelled" if isinstance(ran.error, SyncCancelled) else "failed"
    error = ran.error
    key = error.help_key if isinstance(error, ReconcileError) else type(error).__name__
    return {
        "account": ran.account,
        "at": ran.ended_at,
        "state": state,
        "error": None if error is None else key,
        "next_at": ran.next_at,
        "report": sync_json(ran.report) if ran.report is not None else None,
    }


def _leave(code: int) -> None:
    """End the process although something still hangs; the store survives that as it survives a crash."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
