"""The face of each package: what it exports is what it lists, and each name says what it is."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path
from types import ModuleType

import pytest

from tests.architecture.sources import PACKAGES, ROOT, product, read

FACES = sorted(
    path.parent.relative_to(ROOT).as_posix()
    for package in PACKAGES
    for path in (ROOT / package).rglob("__init__.py")
)
WITH_FACE = (
    "crossmall",
    "smartship",
    "reconcile",
)  # these must export; others may be a mere folder of modules


def load(folder: str) -> ModuleType:
    return importlib.import_module(folder.replace("/", "."))


def imported_names(folder: str) -> set[str]:
    return {
        alias.asname or alias.name
        for node in ast.walk(read(f"{folder}/__init__.py").tree)
        if isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing")
        for alias in node.names
    }


@pytest.mark.parametrize("folder", FACES)
def test_a_package_lists_exactly_what_it_exports_in_order(folder: str) -> None:
    module = load(folder)
    listed = list(getattr(module, "__all__", ()))
    if "__all__" in vars(module) or folder in WITH_FACE:
        assert listed, f"{folder} exports nothing"
        assert len(listed) == len(set(listed)), "each name once"
        missing = [name for name in listed if not hasattr(module, name)]
        assert not missing, missing
    if is_pure_face(folder):
        assert imported_names(folder) == set(listed)


def is_pure_face(folder: str) -> bool:
    """Whether an __init__ only re-exports (packages that hold code themselves are judged by test_shape)."""
    body = read(f"{folder}/__init__.py").tree.body
    code = [node for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return all(node.name in ("__getattr__", "__dir__") for node in code)


@pytest.mark.parametrize("folder", FACES)
def test_every_exported_name_has_a_docstring_of_its_own(folder: str) -> None:
    module = load(folder)
    silent = []
    for name in getattr(module, "__all__", ()):
        thing = getattr(module, name)
        if not (inspect.isclass(thing) or inspect.isroutine(thing)):
            continue
        text = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
        if not text or text.startswith(f"{name}("):
            silent.append(name)
    assert not silent, f"{folder}: {silent}"


def test_every_public_function_and_class_has_a_docstring() -> None:
    silent = []
    for source in product():
        if Path(source.path).name.startswith("_") and Path(source.path).name != "__init__.py":
            continue
        silent += [
            f"{source.at(node)}: {node.name}"
            for node in source.tree.body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and not node.name.startswith("_")
            and ast.get_docstring(node) is None
        ]
    assert not silent, "\n" + "\n".join(silent)


def test_pages_use_only_names_that_reconcile_exports() -> None:
    exported = set(getattr(load("reconcile"), "__all__", ()))
    wrong = [
        f"{source.at(node)}: {alias.name}"
        for source in product()
        if source.path.startswith(("pages/", "app.py"))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "reconcile"
        for alias in node.names
        if alias.name not in exported
    ]
    assert not wrong, "\n" + "\n".join(wrong)
