"""Who may know whom. The table is the rule; what it does not name is forbidden."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tests.architecture.sources import ROOT, Source, product

CORE = (
    "reconcile.access",
    "reconcile.model",
    "reconcile.frames",
    "reconcile.errors",
    "reconcile.text",
    "reconcile.export",
    "reconcile.settings",
    "reconcile.orders",
    "reconcile.rules",
    "reconcile.mapping",
    "reconcile.stock",
)
QUERIES = "reconcile.store.queries"  # loads named SQL from files; knows no database
FOREIGN = ("crossmall.types", "smartship.types")
EVERYTHING = ("crossmall", "smartship", "reconcile")
FACE = "=reconcile"  # exactly the package: its public names, no module below it
FIRST_PARTY = (
    "app",
    "pages",
    "crossmall",
    "smartship",
    "reconcile",
    "tests",
    "scripts",
    "benchmarks",
)


@dataclass(frozen=True)
class Zone:
    """Some files, and all that they may import beyond the standard library."""

    files: tuple[str, ...]
    first_party: tuple[str, ...]
    third_party: tuple[str, ...] = ()
    not_even: tuple[str, ...] = ()


ZONES = (  # the first zone that holds a file counts
    Zone(("crossmall/sandbox/tls.py",), ("crossmall.sandbox",), ("cryptography",)),
    Zone(("crossmall/sandbox/",), ("crossmall.sandbox",), ("starlette", "uvicorn")),
    Zone(("crossmall/client.py",), ("crossmall",), ("httpx",), ("crossmall.sandbox",)),
    Zone(("crossmall/wire.py",), ("crossmall",), ("lxml",), ("crossmall.sandbox",)),
    Zone(("crossmall/",), ("crossmall",), (), ("crossmall.sandbox",)),
    Zone(("smartship/reader.py",), ("smartship",), ("lxml", "pandas", "python_calamine")),
    Zone(("smartship/",), ("smartship",), ("pandas",)),
    Zone((QUERIES.replace(".", "/") + ".py",), CORE),
    Zone(
        ("reconcile/store/",),
        (*CORE, *FOREIGN, "reconcile.store"),
        ("duckdb", "pandas", "pyarrow", "filelock"),
    ),
    Zone(("reconcile/mapping/",), (*CORE, *FOREIGN, QUERIES), ("numpy", "pandas", "rapidfuzz")),
    Zone(("reconcile/rules/", "reconcile/stock/"), (*CORE, *FOREIGN, QUERIES), ("pandas",)),
    Zone(
        ("reconcile/__init__.py",),
        (
            *CORE,
            "reconcile.affixing",
            "reconcile.alerts.channels",
            "reconcile.changes",
            "reconcile.logins",
            "reconcile.mapping.decisions",
            "reconcile.mapping.told",
            "reconcile.stays",
            "reconcile.triage_acts",
            "reconcile.views",
            "reconcile.workspace",
        ),
    ),  # all but the core by __getattr__ only
    Zone(
        (
            "reconcile/access.py",
            "reconcile/model.py",
            "reconcile/frames.py",
            "reconcile/errors.py",
            "reconcile/export.py",
            "reconcile/settings.py",
            "reconcile/text/",
        ),
        (*CORE, *FOREIGN),
        ("pandas",),
    ),
    Zone(("reconcile/orders/",), (*CORE, *FOREIGN), ("numpy", "pandas")),
    Zone(
        ("reconcile/alerts/web.py",),
        ("crossmall", "reconcile.alerts"),
        ("httpx",),
        ("crossmall.sandbox",),
    ),
    Zone(
        (
            "reconcile/alerts/",
            "reconcile/sync/",
            "reconcile/__main__.py",
            "reconcile/accounts.py",
            "reconcile/affixing.py",
            "reconcile/alerting.py",
            "reconcile/cases.py",
            "reconcile/changes.py",
            "reconcile/cli.py",
            "reconcile/commands/",
            "reconcile/demo.py",
            "reconcile/doctor.py",
            "reconcile/examining.py",
            "reconcile/exporting.py",
            "reconcile/glossary.py",
            "reconcile/history.py",
            "reconcile/intake.py",
            "reconcile/judging.py",
            "reconcile/renewal.py",
            "reconcile/keeping.py",
            "reconcile/ladder.py",
            "reconcile/ladder_access.py",
            "reconcile/ladder_network.py",
            "reconcile/ladder_phases.py",
            "reconcile/ladder_reading.py",
            "reconcile/ladder_rungs.py",
            "reconcile/ladder_volume.py",
            "reconcile/logins.py",
            "reconcile/mapping_acts.py",
            "reconcile/mapping_candidates.py",
            "reconcile/mapping_desk.py",
            "reconcile/mapping_import.py",
            "reconcile/mapping_reading.py",
            "reconcile/packet.py",
            "reconcile/packet_mask.py",
            "reconcile/packet_record.py",
            "reconcile/recipient_desk.py",
            "reconcile/recipients.py",
            "reconcile/recovery.py",
            "reconcile/stock_desk.py",
            "reconcile/recovery_risks.py",
            "reconcile/recovery_sheet.py",
            "reconcile/scheduling.py",
            "reconcile/secrets.py",
            "reconcile/stays.py",
            "reconcile/triage.py",
            "reconcile/triage_acts.py",
            "reconcile/triage_reading.py",
            "reconcile/views.py",
            "reconcile/wiring.py",
            "reconcile/workspace.py",
        ),
        EVERYTHING,
        ("click", "cryptography", "filelock", "keyring", "pandas", "platformdirs", "pyarrow"),
        ("crossmall.sandbox",),  # started as a process, never imported
    ),
    Zone(("pages/ui/",), ("pages.ui", FACE), ("streamlit", "plotly", "pandas")),
    Zone(("pages/screens/",), ("pages.ui", FACE), ("streamlit", "plotly", "pandas")),
    Zone(("app.py",), ("pages.ui", FACE), ("streamlit",)),
)


def imported(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every imported module of a file; `from a import b` counts as a.b when that is a module of ours."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                deeper = f"{module}.{alias.name}"
                yield node, deeper if is_module(deeper) else module


def is_module(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or place.is_dir()


def within(name: str, allowed: tuple[str, ...]) -> bool:
    return any(
        name == one.removeprefix("=") or (name.startswith(one + ".") and not one.startswith("="))
        for one in allowed
    )


def zone_of(source: Source) -> Zone | None:
    return next((zone for zone in ZONES if source.path.startswith(zone.files)), None)


def broken_rules(source: Source) -> list[str]:
    zone = zone_of(source)
    if zone is None:
        return [f"{source.path}: no zone of tests/architecture/test_imports.py holds it"]
    wrong = []
    for node, name in imported(source):
        top = name.split(".")[0]
        if name.startswith("."):
            wrong.append(f"{source.at(node)}: relative import {name}")
        elif top in FIRST_PARTY:
            if not within(name, zone.first_party) or within(name, zone.not_even):
                wrong.append(f"{source.at(node)}: may not import {name}")
        elif top not in sys.stdlib_module_names and top not in zone.third_party:
            wrong.append(f"{source.at(node)}: may not import {name}")
    return wrong


def test_every_file_imports_only_what_its_zone_may_know() -> None:
    wrong = [line for source in product() for line in broken_rules(source)]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_table_refuses_what_it_does_not_name() -> None:
    cases = {
        "crossmall/errors.py": "import httpx",
        "crossmall/sandbox/render.py": "from crossmall import types",
        "reconcile/rules/orders.py": "import duckdb",
        "reconcile/model.py": "from reconcile.store import database",
        "pages/screens/orders.py": "from reconcile.store import database",
        "pages/ui/frame.py": "from reconcile.model import Account",
        "reconcile/drawer.py": "import json",
        "reconcile/cli.py": "from . import demo",
    }
    for path, line in cases.items():
        assert broken_rules(Source(path, line, ast.parse(line))), f"{path} may do `{line}`"


BLOCKED = ("streamlit", "plotly", "httpx", "duckdb", "lxml", "keyring", "click", "python_calamine")
PROBE = """
import importlib, importlib.abc, pkgutil, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError("not installed here: " + name)
        return None

sys.meta_path.insert(0, Refuse())
for name in {core!r}:
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), name + "."):
        importlib.import_module(found.name)
"""


def test_the_core_imports_without_screen_network_and_database() -> None:
    missing = [name for name in CORE if not is_module(name)]
    assert not missing, missing
    run = subprocess.run(
        [sys.executable, "-c", PROBE.format(blocked=BLOCKED, core=CORE)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
