"""What must not happen anywhere in the product, read from its syntax trees."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest

from tests.architecture.sources import ROOT, Source, calls, constant, product, report, sources

FORBIDDEN_CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "os.system",
    "os.popen",
    "pickle.load",
    "pickle.loads",
    "marshal.loads",
    "shelve.open",
    "tempfile.mktemp",
}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "joblib", "xml", "telnetlib"}
FORBIDDEN_KEYWORDS = {
    "unsafe_allow_html": True,
    "unsafe_allow_javascript": True,
    "shell": True,
    "verify": False,
    "follow_redirects": True,
    "resolve_entities": True,
    "huge_tree": True,
    "allow_pickle": True,
}
TRUSTED = "_trusted()"  # the client's one TLS context; a test of its own says that it verifies
LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
NEVER_LOGGED = re.compile(
    r"(^|_)(url|uri|signing|signature|signed|secret|password|credential|credentials|api_key|token)($|_)"
)


def test_nothing_evaluates_text_or_unpickles() -> None:
    wrong = [
        f"{source.at(call)}: {ast.unparse(call.func)}"
        for source in product()
        for call in calls(source)
        if ast.unparse(call.func) in FORBIDDEN_CALLS
    ]
    for source in product():
        for node in ast.walk(source.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            wrong += [
                f"{source.at(node)}: imports {name}"
                for name in names
                if name.split(".")[0] in FORBIDDEN_MODULES
                and not (name.startswith("xml.sax.saxutils") and "/sandbox/" in source.path)
            ]
    assert not wrong, report(wrong)


def test_no_call_switches_a_safety_off() -> None:
    wrong = [
        f"{source.at(call)}: {word.arg}={ast.unparse(word.value)}"
        for source in product()
        for call in calls(source)
        for word in call.keywords
        if word.arg in FORBIDDEN_KEYWORDS
        and ast.unparse(word.value) != TRUSTED
        and constant(word.value) in (FORBIDDEN_KEYWORDS[word.arg], None)
    ]
    assert not wrong, report(wrong)


def logged(source: Source) -> Iterator[ast.Call]:
    for call in calls(source):
        known = isinstance(call.func, ast.Attribute) and call.func.attr in LOG_METHODS
        if known and "log" in ast.unparse(call.func.value).lower():  # type: ignore[attr-defined]
            yield call


def test_no_log_line_is_given_an_address_or_a_secret() -> None:
    wrong = []
    for source in product():
        for call in logged(source):
            values = [*call.args, *(word.value for word in call.keywords)]
            for node in (part for value in values for part in ast.walk(value)):
                name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
                if NEVER_LOGGED.search(name):
                    wrong.append(f"{source.at(call)}: logs {name}")
    assert not wrong, report(wrong)


def is_catch_all(handler: ast.ExceptHandler) -> bool:
    """Catches everything, and does not end in a plain `raise` (undo, then let it go on)."""
    caught = (
        {ast.unparse(part) for part in ast.walk(handler.type)} if handler.type else {"Exception"}
    )
    last = handler.body[-1]
    passes_on = isinstance(last, ast.Raise) and last.exc is None
    return bool(caught & {"Exception", "BaseException"}) and not passes_on


def test_errors_are_caught_by_name() -> None:
    wrong = [
        source.at(node)
        for source in (*product(), *sources("tests", "scripts", "benchmarks"))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and is_catch_all(node)
    ]
    assert not wrong, report(wrong)


def test_text_files_are_opened_with_their_encoding() -> None:
    wrong = [
        f"{source.at(call)}: {ast.unparse(call)[:80]}"
        for source in (*product(), *sources("tests", "scripts", "benchmarks"))
        for call in calls(source)
        if opens_text_blindly(call)
    ]
    assert not wrong, report(wrong)


def opens_text_blindly(call: ast.Call) -> bool:
    words = {word.arg: word.value for word in call.keywords}
    if "encoding" in words or None in words:
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "read_text":
        return not call.args
    if name == "write_text":
        return len(call.args) < 2
    if ast.unparse(call.func) == "open" or (name == "open" and is_path_open(call)):
        place = 1 if ast.unparse(call.func) == "open" else 0
        mode = words.get("mode") or (call.args[place] if len(call.args) > place else None)
        return mode is None or (isinstance(constant(mode), str) and "b" not in str(constant(mode)))
    return False


def is_path_open(call: ast.Call) -> bool:
    """Whether `x.open(...)` looks like a file: its first argument is a mode, or it has none and x is a path."""
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if call.args and isinstance(constant(call.args[0]), str):
        return bool(re.fullmatch(r"[rwaxbt+]{1,3}", str(constant(call.args[0]))))
    return bool(re.search(r"path|file", owner, re.IGNORECASE))


IMPURE = re.compile(
    r"^(datetime\.now|datetime\.utcnow|datetime\.today|date\.today|time\.(time|monotonic|sleep|perf_counter)"
    r"|os\.getenv|os\.environ\.\w+|pd\.Timestamp\.(now|today|utcnow)|random\.\w+|uuid\.uuid\w)$"
)
PURE = (
    "reconcile/model.py",
    "reconcile/frames.py",
    "reconcile/errors.py",
    "reconcile/text",
    "reconcile/export.py",
    "reconcile/orders",
    "reconcile/rules",
    "reconcile/mapping",
    "reconcile/stock",
    "smartship/types.py",
)


OUTSIDE = {
    *("socket", "ssl", "http", "urllib", "ftplib", "smtplib", "subprocess", "multiprocessing"),
    *("os", "shutil", "random", "secrets", "tempfile"),
}
HARMLESS = {"urllib.parse"}


def test_the_core_imports_nothing_that_reaches_outside() -> None:
    wrong = []
    for source in sources(*[name for name in PURE if (ROOT / name).exists()]):
        for node in ast.walk(source.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            wrong += [
                f"{source.at(node)}: {name}"
                for name in names
                if name.split(".")[0] in OUTSIDE and name not in HARMLESS
            ]
    assert not wrong, report(wrong)


def test_the_core_asks_no_clock_no_environment_and_no_chance() -> None:
    present = [name for name in PURE if (ROOT / name).exists()]
    wrong = [
        f"{source.at(call)}: {ast.unparse(call.func)}"
        for source in sources(*present)
        for call in calls(source)
        if IMPURE.match(ast.unparse(call.func))
    ]
    assert not wrong, report(wrong)


CONFIG = {
    ("server", "address"): ("127.0.0.1", "localhost"),
    ("server", "allowedHosts"): (["localhost", "127.0.0.1"],),
    ("server", "enableXsrfProtection"): (True, None),
    ("server", "enableCORS"): (True, None),
    ("server", "enableStaticServing"): (False, None),
    ("browser", "gatherUsageStats"): (False,),
    ("client", "showErrorDetails"): ("none", False),
}


@pytest.mark.parametrize("setting", sorted(CONFIG))
def test_the_dashboard_stays_on_this_machine_and_tells_nobody(setting: tuple[str, str]) -> None:
    """None in the table: Streamlit's own default is already safe."""
    text = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    section, name = setting
    assert tomllib.loads(text).get(section, {}).get(name) in CONFIG[setting]


def test_only_the_client_names_the_logger_that_writes_addresses() -> None:
    """The HTTP library logs whole addresses at INFO; the client silences it and nobody else may wake it."""
    wrong = [
        source.path
        for source in product()
        if source.path not in ("crossmall/client.py", "crossmall/redact.py")
        and re.search(r"getLogger\(\s*[\"'](httpx|httpcore)", source.text)
    ]
    assert not wrong, wrong
