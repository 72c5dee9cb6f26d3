"""What is imported is declared, what is declared is imported, and the lock pins every file by its hash."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from tests.architecture.sources import ROOT, product, sources

LOCKS = ("requirements.txt", "requirements-dev.txt")
DISTRIBUTION = {
    "PIL": "pillow",
    "axe_playwright_python": "axe-playwright-python",
    "python_calamine": "python-calamine",
    "sklearn": "scikit-learn",
    "sparse_dot_topn": "sparse-dot-topn",
}
OURS = {"app", "pages", "crossmall", "smartship", "reconcile", "tests", "scripts", "benchmarks"}
# Declared, but not imported by the product: what each is for.
NOT_IMPORTED = {
    "pytest": "the tests a user runs",
    "hypothesis": "the property tests a user runs",
    "tzdata": "time zones where the system has none (Windows)",
    "authlib": "st.login, where an operator sets it up",
    "pyarrow": "bulk rows into DuckDB, and Parquet copies of the history",
}


def declared(name: str) -> dict[str, str]:
    """Distribution -> version or '' of one .in file, without the files it includes."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = [line.split("#")[0].strip() for line in lines]
    pairs = [re.split(r"==", line) for line in wanted if line and not line.startswith("-")]
    return {pair[0].strip().lower(): (pair[1].strip() if len(pair) > 1 else "") for pair in pairs}


def imported_by(*files: object) -> set[str]:
    tops = set()
    for source in files:
        for node in ast.walk(source.tree):  # type: ignore[attr-defined]
            if isinstance(node, ast.Import):
                tops |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                tops.add(node.module.split(".")[0])
    foreign = tops - OURS - set(sys.stdlib_module_names)
    return {DISTRIBUTION.get(name, name).lower() for name in foreign}


def pins(name: str) -> list[str]:
    """The requirement lines of a lock with their continuation lines joined."""
    text = (ROOT / name).read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", " ", text)
    return [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]


def test_every_import_of_the_product_is_declared() -> None:
    assert imported_by(*product()) <= set(declared("requirements.in"))


def test_every_import_of_the_tests_is_declared() -> None:
    names = ("requirements.in", "requirements-dev.in", "benchmarks/requirements-peers.txt")
    allowed = set().union(*map(declared, names))
    assert imported_by(*sources("tests", "scripts", "benchmarks")) <= allowed


def test_nothing_is_declared_without_a_use() -> None:
    used = imported_by(*product()) | set(NOT_IMPORTED)
    assert set(declared("requirements.in")) <= used


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_one_version_with_hashes(name: str) -> None:
    lines = pins(name)
    assert len(lines) > 40
    wrong = [
        line[:60]
        for line in lines
        if not re.match(r"^[A-Za-z0-9._-]+==\S+ ", line) or "--hash=sha256:" not in line
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_load_from(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(
        r"https?://|file:|--index-url|--extra-index-url|--find-links|--trusted-host", text
    )


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_is_declared_at_the_declared_version(name: str) -> None:
    wanted = declared("requirements.in")
    if name == "requirements-dev.txt":
        wanted |= declared("requirements-dev.in")
    locked: dict[str, set[str]] = {}
    for line in pins(name):
        match = re.match(r"^([A-Za-z0-9._-]+)==(\S+)", line)
        assert match, line
        locked.setdefault(match[1].lower(), set()).add(match[2])
    assert set(wanted) <= set(locked)
    wrong = {
        one: locked[one] for one, version in wanted.items() if version and {version} != locked[one]
    }
    assert not wrong, wrong


def test_both_locks_agree_so_that_tests_run_what_users_run() -> None:
    run, develop = ({re.split(r"\s+(;|--hash)", line)[0] for line in pins(name)} for name in LOCKS)
    assert run <= develop, sorted(run - develop)


def test_the_database_is_the_version_whose_files_we_promise_to_read() -> None:
    assert any(line.startswith("duckdb==1.5.5 ") for line in pins("requirements.txt"))
