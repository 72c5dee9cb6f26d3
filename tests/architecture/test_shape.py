"""Sizes and names: a module that outgrows them wants to be two."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.sources import PACKAGES, ROOT, Source, product, sources

MODULE, INIT, SCREEN, ENTRY, FUNCTION, POSITIONAL = 300, 100, 80, 60, 40, 5
TESTS, TEST_FUNCTION = 600, 80  # a table of cases or a story told in order may be long
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "service",
    "base",
    "misc",
    "stuff",
}

# Reasons are part of the list: what is not worth a reason is worth a split.
LONGER_MODULES: dict[str, str] = {
    "reconcile/__init__.py": "the face: every public name twice, once for the type checker and once for readers",
    "reconcile/workspace.py": "the facade: one short method per question, so that a caller finds all of them in one place",
    "reconcile/frames.py": "data without behaviour: the contract of every table, which pages and exports look up in one place",
    "reconcile/model.py": "data without behaviour: the words of the core, which pages import from one place",
}
LONGER_FUNCTIONS: dict[str, str] = {}
MORE_PARAMETERS: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def ours() -> tuple[Source, ...]:
    return (*product(), *sources("tests", "scripts", "benchmarks"))


def functions(source: Source) -> list[tuple[str, Function]]:
    """Every function with its qualified name, `path::Class.method`."""
    found: list[tuple[str, Function]] = []

    def look(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            name = f"{prefix}{child.name}" if named else prefix
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.append((f"{source.path}::{name}", child))
            look(child, f"{name}." if named else prefix)

    look(source.tree, "")
    return found


def length(function: Function) -> int:
    """Lines of a function from `def` to its end, without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        first = function.body[0]
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def is_command(function: Function) -> bool:
    """Commands get their parameters from the command line, by name."""
    return any(
        ast.unparse(one).split("(")[0].endswith("command") for one in function.decorator_list
    )


def module_budget(source: Source) -> int:
    if source.path == "app.py":
        return ENTRY
    if source.path.startswith("pages/screens/"):
        return SCREEN
    if source.path.startswith("tests/"):
        return TESTS
    return INIT if source.path.endswith("/__init__.py") and is_face(source) else MODULE


def function_budget(source: Source) -> int:
    return TEST_FUNCTION if source.path.startswith("tests/") else FUNCTION


def is_face(source: Source) -> bool:
    return source.path.removesuffix("/__init__.py") not in PACKAGES_WITH_CODE


PACKAGES_WITH_CODE = {"reconcile/text": "the texts and their formats are one idea and one file"}


def test_modules_stay_within_their_budget() -> None:
    wrong = [
        f"{source.path}: {source.lines} lines, budget {module_budget(source)}"
        for source in ours()
        if source.lines > module_budget(source) and source.path not in LONGER_MODULES
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_functions_stay_within_their_budget() -> None:
    wrong = [
        f"{source.at(function)}: {name.split('::')[1]} has {length(function)} lines, budget {function_budget(source)}"
        for source in ours()
        for name, function in functions(source)
        if length(function) > function_budget(source) and name not in LONGER_FUNCTIONS
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_functions_take_at_most_five_parameters_by_position() -> None:
    wrong = []
    for source in product():
        for name, function in functions(source):
            given = [*function.args.posonlyargs, *function.args.args]
            count = len([one for one in given if one.arg not in ("self", "cls")])
            if count > POSITIONAL and not is_command(function) and name not in MORE_PARAMETERS:
                wrong.append(f"{source.at(function)}: {name.split('::')[1]} takes {count}")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("table", [LONGER_MODULES, LONGER_FUNCTIONS, MORE_PARAMETERS])
def test_exceptions_name_what_exists_and_why(table: dict[str, str]) -> None:
    known = {source.path for source in ours()} | {
        name for source in ours() for name, _ in functions(source)
    }
    gone = set(table) - known
    assert not gone, gone
    assert all(len(reason) > 20 for reason in table.values())


def test_no_module_is_a_drawer() -> None:
    drawers = [
        source.path
        for source in ours()
        if DRAWERS & set(source.path.removesuffix(".py").replace("/", "_").split("_"))
    ]
    assert not drawers, drawers


def test_no_python_file_lies_directly_in_pages() -> None:
    """A script there makes a deep link into a fresh server bypass app.py, and with it the login gate."""
    assert not list((ROOT / "pages").glob("*.py"))


def belongs_in_a_face(node: ast.stmt) -> bool:
    """Docstring, re-exports, __all__; and for names whose import is dear, TYPE_CHECKING and __getattr__."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.ImportFrom():
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return all(isinstance(one, ast.ImportFrom) for one in node.body)
        case ast.FunctionDef(name="__getattr__") | ast.FunctionDef(name="__dir__"):
            return True
    return False


def test_package_faces_hold_public_names_only() -> None:
    wrong = [
        f"{source.at(node)}: {ast.unparse(node)[:60]}"
        for source in sources(*PACKAGES, "pages")
        if source.path.endswith("/__init__.py") and is_face(source)
        for node in source.tree.body
        if not belongs_in_a_face(node)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_tests_are_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_what_drives_a_browser_stands_in_its_folder() -> None:
    """Where ``make test`` looks for it."""
    marked = [one.path for one in sources("tests") if re.search(r"pytest\.mark\.browser", one.text)]
    assert len(marked) > 5
    assert not [path for path in marked if not path.startswith("tests/e2e/browser/")]


def test_test_names_are_sentences() -> None:
    wrong = [
        source.at(function)
        for source in sources("tests")
        for name, function in functions(source)
        if re.search(r"::(Test\w*\.)?test_\w+$", name) and function.name.count("_") < 3
    ]
    assert not wrong, wrong


def test_every_module_says_what_it_decides() -> None:
    silent = [source.path for source in product() if ast.get_docstring(source.tree) is None]
    assert not silent, silent
