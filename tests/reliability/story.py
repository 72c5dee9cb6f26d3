"""A day of work in which every place that could leak a secret is written to, and what then stands there."""

import contextlib
import io
import logging
import os
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

from streamlit.testing.v1 import AppTest

from crossmall.redact import HTTP_LOGGERS
from crossmall.types import Secret
from reconcile import LANGUAGES, ReconcileError
from reconcile.cli import main
from reconcile.exporting import WHAT
from tests.integration.conftest import ROOT
from tests.reliability.desk import HastyWorkspace

SCREENS = ("overview", "connections", "orders", "sku_mapping", "stock")
GROUPS = ("account", "recovery", "triage", "mapping")
WAYS = (("ja", ()), ("en", ("--json",)))  # how a command speaks
EVERY_TABLE = "SELECT table_name FROM duckdb_tables() ORDER BY 1"


class Sinks(dict):
    """Name of a place -> the bytes that were written there."""

    def add(self, name, text):
        self[name] = self.get(name, b"") + (
            text if isinstance(text, bytes) else str(text).encode("utf-8", "replace")
        )

    def error(self, name, error):
        """All that anybody could print of an error."""
        self.add(f"{name}: text", str(error))
        self.add(f"{name}: repr", repr(error))
        self.add(f"{name}: attributes", repr(vars(error)))
        self.add(f"{name}: traceback", "".join(traceback.format_exception(error)))


class Listening(logging.Handler):
    """Every log line of the process at every level, HTTP library included; as they would stand in a file."""

    def __init__(self, sinks):
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        self._sinks = sinks

    def emit(self, record):
        self._sinks.add(f"log {record.levelname}", self.format(record) + "\n")

    @contextlib.contextmanager
    def everywhere(self):
        loggers = [logging.getLogger(), *(logging.getLogger(name) for name in HTTP_LOGGERS)]
        levels = [one.level for one in loggers]
        loggers[0].addHandler(self)
        loggers[0].setLevel(logging.DEBUG)
        try:
            yield
        finally:
            loggers[0].removeHandler(self)
            for one, level in zip(loggers, levels, strict=True):
                one.setLevel(level)


def loud(_progress=None):
    """Turn the HTTP library's loggers up again, as somebody who looks for a mistake would."""
    for name in HTTP_LOGGERS:
        logging.getLogger(name).setLevel(logging.DEBUG)


def syncs(sinks, desk, shop, kinds):
    """Good syncs and syncs into every kind of fault, with the HTTP library turned up."""
    desk.sync("shop", on_progress=loud)
    hasty = HastyWorkspace.open(desk.data, retries=0)
    for kind in kinds:
        shop.post("faults", **{kind: 1})
        try:
            hasty.sync("shop", full=True, parts=("orders",), on_progress=loud)
        except ReconcileError as error:
            sinks.error("error of a sync", error)
        shop.post("faults", **{kind: 0})
    desk.change_account("shop", key="another-key-altogether")
    try:
        desk.sync("shop", on_progress=loud)
    except ReconcileError as error:
        sinks.error("error of a wrong key", error)


def import_files(desk, shop):
    """Smartship's files of the same shop."""
    kinds = ("orders", "skus", "mappings", "stock")
    desk.import_files(
        "shop", [(f"{kind}.csv", shop.file(kind, encoding="utf-8-sig")[0]) for kind in kinds]
    )


def run(sinks, data, *words, ways=WAYS):
    """A command of the program, for people and for machines."""
    for lang, tail in ways:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(["--data", str(data), "--lang", lang, *words, *tail])
        name = " ".join(words[:2] if words[0] in GROUPS else words[:1])
        sinks.add(f"command {name}: out", out.getvalue())
        sinks.add(f"command {name}: messages", err.getvalue())


def commands(sinks, desk, out, *, in_full):
    """Every command, and every export. in_full: each in both ways, else in turns."""
    number = desk.orders().table.rows["order_number"].iloc[0]
    out.mkdir()
    for words in (
        ("findings",), ("order", number), ("match",), ("stock",), ("stays",), ("doctor",), ("account", "list"),
        ("account", "test", "shop"), ("account", "affixes", "shop"), ("triage", "list"), ("mapping", "list"),
        ("mapping", "record"), ("recovery", "check", number),
        ("recovery", "sheet", number, "--out", str(out / "sheet.xlsx")),
        ("recovery", "sheet", number, "--out", str(out / "sheet.csv")),
        ("recovery", "packet", number, "--out", str(out / "packet.html")), ("backup", "--out", str(out / "backup.zip")),
        ("sync",), ("no-such-command",),
    ):  # fmt: skip
        ways = WAYS if in_full else WAYS[len(sinks) // 2 % 2 :][:1]
        run(sinks, desk.data, *words, ways=ways)
    run(sinks, desk.data, "account", "probe", "shop", "--out", str(out / "probe"), ways=WAYS[:1])
    for what in WHAT:
        for profile in ("people", "machine"):
            with contextlib.suppress(ReconcileError):
                made = desk.export(what, account="shop", profile=profile)
                sinks.add(f"download {what}", made.data)


def processes(sinks, data, key):
    """The process list while a key is handed over and used, and what those processes say."""
    words = (
        "account",
        "add",
        "second",
        "--company-code",
        "77",
        "--base-url",
        "http://127.0.0.1:9/webapi2",
    )
    child = subprocess.Popen(
        [sys.executable, "-m", "reconcile", "--data", str(data), *words],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"PYTHONDEVMODE": "1"},
    )  # fmt: skip
    listed = (
        [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
        if Path("/proc").exists()
        else []
    )
    out, err = child.communicate(key.encode())
    assert child.returncode == 0, err
    sinks.add("process list", b"\n".join(listed) or repr(child.args))
    sinks.add("process: out", out)
    sinks.add("process: messages", err)


def screens(sinks, data, monkeypatch, *, in_full):
    """Everything a browser is sent, and what a session keeps. in_full: in every language, else in turns."""
    monkeypatch.setenv("TOTSUGO_DATA", str(data))
    for number, screen in enumerate(SCREENS):
        for lang in LANGUAGES if in_full else LANGUAGES[number % 3 :][:1]:
            app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
            app.switch_page(f"pages/screens/{screen}.py")
            app.query_params["lang"] = lang
            app.run()
            assert not app.exception
            sinks.add(f"screen {screen}", b"\n".join(sent(app._tree)))
            sinks.add("session", repr(app.session_state._state.filtered_state))


def sent(block):
    for child in block.children.values():
        proto = getattr(child, "proto", None)
        if hasattr(proto, "SerializeToString"):
            yield proto.SerializeToString()
            yield str(proto).encode()
        if hasattr(child, "children"):
            yield from sent(child)


def kept(sinks, desk):
    """Files and tables, and objects as a program would keep them."""
    health = desk.overview().health
    objects = (desk.accounts(), health, desk.findings(), desk.doctor(), desk.settings)
    sinks.add("pickle", pickle.dumps(objects))
    sinks.add(
        "repr of objects",
        repr(objects) + repr(desk._accounts.credentials(desk.accounts()[0])) + repr(desk._accounts),
    )
    sinks.add(
        "repr of a secret", f"{Secret('x' * 8)!r} {Secret('y' * 8)} {vars(desk._accounts.secrets)}"
    )
    with desk._db.read() as cursor:
        for (table,) in cursor.execute(EVERY_TABLE).fetchall():
            rows = cursor.execute(f"SELECT * FROM {table}").fetchall()
            sinks.add("table account" if table == "account" else "tables", repr(rows))
    desk._db.close()
    for path in sorted(desk.data.rglob("*")):
        if path.is_file():
            sinks.add(f"file {path.relative_to(desk.data).parts[0]}", path.read_bytes())


def written(sinks, folder, name):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            sinks.add(f"{name} {path.relative_to(folder).parts[0]}", path.read_bytes())
