"""SQL stands in files: no statement is put together from values, and few folders may run any."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import PACKAGES, Source, calls, product, report, sources

MAY_EXECUTE = (
    "reconcile/store/",
    "reconcile/rules/",
    "reconcile/mapping/",
    "reconcile/stock/",
    "reconcile/orders/",
    "reconcile/sync/",
)
EXECUTING = {"execute", "executemany", "sql"}
SQL_WORDS = re.compile(
    r"\b(SELECT\b.+\bFROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE|DROP TABLE|ALTER TABLE"
    r"|MERGE INTO|COPY \w|ATTACH ['\w]|WHERE \w)",
    re.DOTALL,
)
# SQL that is put together from names of ours, never from data: file::function -> reason.
BUILT_SQL: dict[str, str] = {
    "reconcile/store/queries.py::counted": "wraps a statement from our own files; no value gets in",
    "reconcile/store/queries.py::packed": "wraps columns named by the registry of rules; no value gets in",
    "reconcile/store/queries.py::late_page": "sorts by a name taken from the frame's contract only",
    "reconcile/store/queries.py::sorted_page": "sorts by a name taken from the frame's contract only",
}


def function_around(source: Source, node: ast.AST) -> str:
    """`path::function` of the innermost function that holds a node."""
    line = getattr(node, "lineno", 0)
    holders = [
        one
        for one in ast.walk(source.tree)
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))
        and one.lineno <= line <= (one.end_lineno or one.lineno)
    ]
    return f"{source.path}::{max(holders, key=lambda one: one.lineno).name if holders else ''}"


def is_built(node: ast.expr) -> bool:
    """Whether a string is put together: f-string with values, +, %, .format or .join."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        return True
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("format", "format_map", "join", "replace")
    )


def assigned(source: Source, name: str, before: int) -> Iterator[ast.expr]:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Assign) or node.lineno > before:
            continue
        if any(isinstance(target, ast.Name) and target.id == name for target in node.targets):
            yield node.value


def test_statements_are_never_built_from_values() -> None:
    wrong = []
    for source in sources(*PACKAGES):
        for call in calls(source):
            if not (
                isinstance(call.func, ast.Attribute) and call.func.attr in EXECUTING and call.args
            ):
                continue
            given = call.args[0]
            texts = [given]
            if isinstance(given, ast.Name):
                texts += assigned(source, given.id, call.lineno)
            if (
                any(is_built(text) for text in texts)
                and function_around(source, call) not in BUILT_SQL
            ):
                wrong.append(f"{source.at(call)}: {ast.unparse(given)[:80]}")
    assert not wrong, report(wrong)


def literal_text(node: ast.AST) -> str:
    return " ".join(
        str(part.value)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def test_no_sql_is_put_together_outside_the_sql_files() -> None:
    wrong = [
        f"{source.at(node)}: {ast.unparse(node)[:80]}"
        for source in product()
        for node in ast.walk(source.tree)
        if isinstance(node, (ast.JoinedStr, ast.BinOp, ast.Call))
        and is_built(node)
        and SQL_WORDS.search(literal_text(node))
        and function_around(source, node) not in BUILT_SQL
    ]
    assert not wrong, report(wrong)


def test_statements_run_only_where_tables_are_known() -> None:
    wrong = [
        source.at(call)
        for source in product()
        for call in calls(source)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in EXECUTING
        and not source.path.startswith(MAY_EXECUTE)
    ]
    assert not wrong, report(wrong)


def test_statement_exceptions_still_exist_and_say_why() -> None:
    known = {
        f"{source.path}::{node.name}"
        for source in sources(*PACKAGES)
        for node in ast.walk(source.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    gone = set(BUILT_SQL) - known
    assert not gone, gone
    assert all(len(reason) > 20 for reason in BUILT_SQL.values())
