"""``python -m crossmall.sandbox``: reads the options, starts the shop, prints one ready line."""

import argparse
import math
import os
import ssl
import sys
import threading
import time
from collections.abc import Callable, Sequence

from crossmall.sandbox.access import AddressListError, address_list
from crossmall.sandbox.clock import Clock, instant
from crossmall.sandbox.desk import Desk
from crossmall.sandbox.endpoints import Account
from crossmall.sandbox.faults import FaultError, Faults, Rule, read_rules
from crossmall.sandbox.scenario import (
    DEFAULT_SCENARIO,
    ScenarioError,
    check_epoch,
    load_scenario,
    scenario_names,
)
from crossmall.sandbox.server import serve
from crossmall.sandbox.signature import DEMO_ACCOUNT, DEMO_KEY
from crossmall.sandbox.wire import HANG_S
from crossmall.sandbox.world import Plan, World

KEY_VARIABLE = "CROSSMALL_SANDBOX_KEY"
DEFAULT_ORDERS = 640
MOST_ORDERS = 200_000
USAGE_EXIT = 2
TLS_MODES = ("valid", "expired", "not-yet-valid", "self-signed", "wrong-name")


def _bounded(low: float, high: float) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return whole_number


def _speed(text: str) -> float:
    value = float(text)
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(text)
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 3600:
        raise ValueError(text)
    return value


def _fault(text: str) -> dict[str, Rule]:
    name, _, rate = text.partition("=")
    try:
        return read_rules({name: float(rate)})
    except FaultError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


class _OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line on stderr and exits with 2."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Ends the process; the usage text is left to --help."""
        self.exit(USAGE_EXIT, f"crossmall.sandbox: {message}\n")


def parser() -> argparse.ArgumentParser:
    """All options of the command with their defaults."""
    p = _OneLineParser(
        prog="python -m crossmall.sandbox",
        description="A stand-in for the CROSS MALL Web API and its 3PL, on the loopback address.",
    )
    add = p.add_argument
    add("--port", type=_bounded(0, 65535), default=0, help="0 takes a free one")
    add("--account", default=DEMO_ACCOUNT, help="company code 会社コード")
    add("--key", help=f"認証鍵; better given by the variable {KEY_VARIABLE}")
    add("--latency-ms", type=_bounded(0, 60_000), default=0)
    add("--fault", type=_fault, action="append", default=[], metavar="NAME=RATE")
    waits = f"how long calls hang that are never answered in time; default {HANG_S:g}"
    add("--hang-s", type=_seconds, default=HANG_S, metavar="N", help=waits)
    certificate = "serve HTTPS with such a certificate; GET /_sandbox/tls has the CA to trust"
    add("--tls", choices=TLS_MODES, help=certificate)
    add("--field-set", choices=("new", "old"), default="new")
    addresses = "caller's IPv4 address; none given = everybody, 0.0.0.0 = nobody"
    add("--allow-ip", action="append", default=[], metavar="A", help=addresses)
    ends = "stop when standard input reaches its end"
    add("--exit-with-stdin", action="store_true", help=ends)
    _add_shop_options(p)
    return p


def _add_shop_options(p: argparse.ArgumentParser) -> None:
    """Options the shop and its time are a function of."""
    add = p.add_argument
    add("--seed", type=_bounded(0, 2**62), default=1)
    orders = "orders within the 30 days before the epoch, planted ones included"
    add("--orders", type=_bounded(1, MOST_ORDERS), default=DEFAULT_ORDERS, help=orders)
    known = ", ".join(scenario_names())
    add("--scenario", default=DEFAULT_SCENARIO, metavar="NAME|FILE.toml", help=known)
    add("--epoch", type=instant, metavar="ISO", help="end of the history; default now")
    start = "where the shop's clock starts; default the epoch"
    add("--start", type=instant, metavar="ISO", help=start)
    add("--clock", choices=("real", "frozen"), default="real")
    add("--speed", type=_speed, default=1.0, help="shop seconds per real second")


def make_desk(options: argparse.Namespace) -> Desk:
    """The sandbox the options describe.

    Raises ScenarioError and AddressListError with one-line texts.
    """
    scenario = load_scenario(options.scenario)
    epoch = int(time.time()) if options.epoch is None else options.epoch
    start = epoch if options.start is None else options.start
    faults = Faults(options.seed, hang_s=options.hang_s)
    for given in options.fault:
        faults.set_rules(given)
    check_epoch(scenario, epoch)
    plan = Plan(seed=options.seed, scenario=scenario, epoch=epoch, orders=options.orders)
    allowed = address_list(options.allow_ip)
    return Desk(
        account_code=options.account,
        key=options.key or os.environ.get(KEY_VARIABLE) or DEMO_KEY,
        account=Account(World(plan), old_fields=options.field_set == "old"),
        clock=Clock(start, frozen=options.clock == "frozen", speed=options.speed),
        faults=faults,
        allow_ip=allowed,
        latency_s=options.latency_ms / 1000,
    )


def _identity(desk: Desk, mode: str | None) -> ssl.SSLContext | None:
    """The certificate to serve with, None for plain HTTP; loaded only when asked for."""
    if mode is None:
        return None
    from crossmall.sandbox.tls import identity  # heavy, and seldom wanted

    made = identity(mode)
    desk.tls, desk.ca_pem = mode, made.ca_pem
    return made.context


def _until_stdin_ends(stop: Callable[[], None]) -> None:
    """Calls ``stop`` at the end of standard input, read unbuffered so that exit never waits."""

    def read() -> None:
        try:
            while os.read(sys.stdin.fileno(), 4096):
                pass
        finally:
            stop()

    threading.Thread(target=read, daemon=True).start()


def _say_ready(url: str) -> None:
    sys.stdout.write(f"CROSS MALL sandbox ready: {url}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the sandbox until it is stopped; 0, or 2 with one line on stderr for bad options."""
    options = parser().parse_args(arguments)
    try:
        desk = make_desk(options)
        shown = _identity(desk, options.tls)
        watch = _until_stdin_ends if options.exit_with_stdin else (lambda _stop: None)
        serve(desk, options.port, _say_ready, watch, tls=shown)
    except (ScenarioError, AddressListError) as error:
        sys.stderr.write(f"crossmall.sandbox: {error}\n")
        return USAGE_EXIT
    except OSError as error:
        sys.stderr.write(f"crossmall.sandbox: port {options.port}: {error.strerror}\n")
        return USAGE_EXIT
    return 0


if __name__ == "__main__":
    sys.exit(main())
