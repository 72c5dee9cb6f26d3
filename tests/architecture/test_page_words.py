"""All words people read live in the texts; pages hold none, in no language."""

from __future__ import annotations

import ast
import re

from tests.architecture.sources import Source, calls, constant, report, sources


def screens() -> tuple[Source, ...]:
    return sources("pages", "app.py")


SHOWS = {
    "write", "markdown", "title", "header", "subheader", "caption", "text", "button", "link_button",
    "download_button", "form_submit_button", "checkbox", "toggle", "radio", "selectbox", "multiselect",
    "slider", "text_input", "text_area", "number_input", "date_input", "file_uploader", "metric", "info",
    "warning", "error", "success", "expander", "tabs", "popover", "status", "spinner", "toast", "dialog",
    "segmented_control", "pills", "progress", "Page", "page_link", "badge",
}  # fmt: skip
SHOWN_WORDS = {"label", "help", "placeholder", "title", "body", "page_title"}
LETTERS = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff\uff10-\uff5a\uff66-\uff9d]")
NOT_WORDS = re.compile(r"^(:material/\w+:|[^A-Za-z]*|\w+(/\w+)*\.py)$")


def docstrings(source: Source) -> set[int]:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(source.tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }


def test_pages_hold_no_japanese_text() -> None:
    wrong = []
    for source in screens():
        skip = docstrings(source)
        wrong += [
            f"{source.at(node)}: {node.value[:30]}"
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in skip
            and LETTERS.search(node.value)
        ]
    assert not wrong, report(wrong)


def test_pages_show_no_words_of_their_own() -> None:
    wrong = []
    for source in screens():
        for call in calls(source):
            if not (isinstance(call.func, ast.Attribute) and call.func.attr in SHOWS):
                continue
            if not re.match(
                r"^(st|\w*(column|tab|box|form|container|slot|place)\w*)\b", ast.unparse(call.func)
            ):
                continue
            shown = [
                *call.args[:1],
                *(word.value for word in call.keywords if word.arg in SHOWN_WORDS),
            ]
            wrong += [
                f"{source.at(call)}: {ast.unparse(node)[:60]}"
                for node in shown
                if isinstance(constant(node), str) and not NOT_WORDS.match(str(constant(node)))
            ]
    assert not wrong, report(wrong)
