"""Keeps a probe as files that hold nobody's data: masked replies in the form of our samples, and a manifest."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from crossmall import wire
from crossmall.credentials import Credentials
from crossmall.errors import ApiError, ConfigurationError, CrossmallError
from crossmall.masking import Masker
from crossmall.probe import Call
from crossmall.probe_verdicts import Verdict, total_of
from crossmall.types import Page

READERS: Final[dict[str, Callable[[bytes], Page[Any]]]] = {
    "get_phase": wire.read_phases,
    "get_order": wire.read_orders,
    "get_order_detail": wire.read_order_lines,
    "get_item": wire.read_items,
    "get_stock": wire.read_stock,
}
NO_READER: Final = "unconfirmed"  # folder of replies that no reader of ours knows
MANIFEST: Final = "manifest.json"


def check_folder(folder: Path) -> None:
    """Raises ConfigurationError unless the folder is new or empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigurationError("the folder exists and is not empty", reason="out")


def write_probe(
    folder: Path, credentials: Credentials, calls: Sequence[Call], judged: Sequence[Verdict]
) -> tuple[Path, ...]:
    """The files of a probe, manifest last. Raises ConfigurationError for a folder with anything in it."""
    check_folder(folder)
    masker = Masker(secrets=(credentials.key.reveal(), credentials.company_code))
    for call in calls:
        masker.learn(call.reply.body)
    written: list[Path] = []
    entries = []
    for number, call in enumerate(calls, start=1):
        file = _write_reply(folder, call, masker) if call.reply.body else None
        written += [file] if file else []
        place = file.relative_to(folder).as_posix() if file else None
        entries.append({"no": number, **_entry(call, masker), "file": place})
    manifest = {
        "made_on": f"{datetime.now(UTC):%Y-%m-%d}",
        "note": "masked: no key, company code, signature, name, address, phone, mail or memo",
        "calls": entries,
        "questions": [_question(one) for one in judged],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / MANIFEST
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return (*written, path)


def _question(judged: Verdict) -> dict[str, Any]:
    return {
        "no": judged.no,
        "question": judged.question,
        "state": "answered" if judged.answered else "still open",
        "says": judged.says,
        "facts": dict(judged.facts),
    }


def _entry(call: Call, masker: Masker) -> dict[str, Any]:
    names = [pair.partition("=")[0] for pair in call.query.split("&")]
    text = call.error.vendor_text if isinstance(call.error, ApiError) else None
    return {
        "endpoint": call.endpoint,
        "case": call.case,
        "parameters": names,
        "spelling": _spelling(call.query),
        "status": call.reply.status,
        "failure": call.reply.reason,
        "headers": {name: masker.told(value) if name == "server" else value
                    for name, value in call.reply.headers.items()},
        "ms": round(call.reply.ms),
        "bytes": len(call.reply.body),
        "outcome": _outcome(call),
        "rows": call.rows,
        "total_result": total_of(call),
        "vendor_text": masker.told(text) if text else None,
    }  # fmt: skip


def _spelling(query: str) -> list[str]:
    """How the values were written: which of the marks that encoders disagree about stand in them."""
    values = "&".join(pair.partition("=")[2] for pair in query.split("&"))
    return [sign for sign in ("+", ":", "%3A", "%20") if sign in values]


def _outcome(call: Call) -> str:
    if call.reply.status is None:
        return "no reply"
    if call.envelope is None:
        return f"unreadable: {call.error.reason if call.error else 'unknown'}"
    return "error" if call.error else "success"


def _write_reply(folder: Path, call: Call, masker: Masker) -> Path:
    reader = READERS.get(call.endpoint)
    place = (
        folder / call.endpoint / call.case
        if reader
        else (folder / NO_READER / call.endpoint / call.case)
    )
    place.mkdir(parents=True, exist_ok=True)
    masked = masker.masked(call.reply.body)
    if not masker.is_sound(call.reply.body):
        path = place / "structure.txt"
        path.write_text(masked, encoding="utf-8", newline="")
        return path
    path = place / "response.xml"
    path.write_text(masked, encoding="utf-8", newline="")
    if reader:
        meta = _meta(reader, masked.encode("utf-8"), call)
        (place / "meta.toml").write_text(meta, encoding="utf-8")
    return path


def _meta(reader: Callable[[bytes], Page[Any]], body: bytes, call: Call) -> str:
    """What the masked reply reads as, in the form of tests/samples."""
    lines = [
        f"source = {_quoted(f'account probe, case {call.case}, masked')}",
        f"written = {datetime.now(UTC):%Y-%m-%d}",
        'evidence = "S"',
        "",
        "[expect]",
    ]
    try:
        page = reader(body)
    except ApiError as error:
        lines += [f"error = {_quoted(type(error).__name__)}"]
        lines += [f"vendor_text = {_quoted(error.vendor_text)}"] if error.vendor_text else []
    except CrossmallError as error:
        lines += [f"error = {_quoted(type(error).__name__)}"]
    else:
        lines += [f"rows = {len(page.rows)}"]
        lines += [f"skipped = {json.dumps([row.reason for row in page.skipped])}"] * bool(
            page.skipped
        )
        lines += ["repaired = true"] * page.repaired
        if page.unknown_fields:
            lines += [f"unknown_fields = {json.dumps(sorted(page.unknown_fields))}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
