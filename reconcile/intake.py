"""Takes Smartship files into the mirror and says, row by row, what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from reconcile.model import FileReport
from reconcile.store import imports
from reconcile.store.database import Cursor, Database, naive
from reconcile.text import as_jsonable
from smartship.intake import read_file
from smartship.records import HashRecipient
from smartship.types import Basis, FileKind, FileRejected, ImportResult

UNKNOWN_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the person said about the files: kind, when they were taken, which registrations they cover."""

    kind: FileKind | None = None
    snapshot_at: datetime | None = None
    covers_from: datetime | None = None
    covers_to: datetime | None = None
    filtered: bool = False


def take_file(
    db: Database,
    account: str,
    file_name: str,
    data: bytes,
    *,
    stated: Stated,
    now: datetime,
    hash_recipient: HashRecipient | None = None,
) -> FileReport:
    """Store one file and give its report; a file that cannot be read at all changes nothing. hash_recipient: as for read_file."""
    try:
        result = read_file(
            data,
            file_name,
            kind=stated.kind,
            snapshot_at=stated.snapshot_at,
            covers_from=stated.covers_from,
            covers_to=stated.covers_to,
            now=now,
            hash_recipient=hash_recipient,
        )
    except FileRejected as error:
        return _rejected(file_name, error)
    import_id = f"{result.kind.value}-{result.fingerprint[:16]}"
    with db.write() as cursor:
        known = imports.known_import(cursor, account, result.fingerprint, result.kind.value)
        report = _report(file_name, result, already_known=known is not None)
        record = _record(account, import_id, result, report, filtered=stated.filtered, now=now)
        imports.put_import(cursor, record)
        if known is None:
            imports.put_rows(
                cursor,
                result.kind,
                result.accepted,
                account=account,
                import_id=import_id,
                snapshot_at=_must(naive(result.coverage.snapshot_at or now)),
                replaces=not stated.filtered,
            )
        return replace(report, warnings=(*report.warnings, *_apart(cursor, account, import_id)))


def _apart(cursor: Cursor, account: str, import_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the rows of a file do not share with what we know: its shops, and SKUs of a stock file."""
    if (shops := imports.shops_apart(cursor, account, import_id)) is not None:
        yield "no_shop_in_common", {"file_shops": shops[0], "known_shops": shops[1]}
    if skus := imports.unknown_skus(cursor, account, import_id):
        yield "unknown_skus", {"count": len(skus), "examples": skus[:UNKNOWN_SHOWN]}


def report_json(report: FileReport) -> dict[str, Any]:
    """One file's report as the import command prints it."""
    content: dict[str, Any] = {
        "file": report.file,
        "kind": report.kind,
        "encoding": report.encoding,
        "rows": report.rows,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "columns": report.columns,
        "unmatched": report.unmatched,
        "snapshot_at": report.snapshot_at,
        "covers_from": report.covers_from,
        "covers_to": report.covers_to,
        "coverage_basis": report.coverage_basis,
        "warnings": [{"code": code, "values": values} for code, values in report.warnings],
        "checks_off": report.checks_off,
        "already_known": report.already_known,
    }
    if report.rejected_file is not None:
        content["error"] = {"code": report.rejected_file[0], "values": report.rejected_file[1]}
    plain: dict[str, Any] = as_jsonable(content)
    return plain


def _record(
    account: str,
    import_id: str,
    result: ImportResult,
    report: FileReport,
    *,
    filtered: bool,
    now: datetime,
) -> dict[str, Any]:
    coverage = result.coverage
    # The first and last instants seen in a file prove presence only, never absence.
    proves_absence = coverage.basis in (Basis.STATED, Basis.FILE_NAME)
    return {
        "account": account,
        "import_id": import_id,
        "file_name": report.file,
        "fingerprint": result.fingerprint,
        "kind": result.kind.value,
        "encoding": result.encoding or result.file_format,
        "snapshot_at": naive(coverage.snapshot_at),
        "covers_from": naive(coverage.from_) if proves_absence else None,
        "covers_to": naive(coverage.to) if proves_absence else None,
        "coverage_basis": coverage.basis.value,
        "filtered": filtered,
        "rows_read": result.rows_read,
        "rows_accepted": len(result.accepted),
        "rows_rejected": len(result.rejected),
        "report": json.dumps(report_json(report), ensure_ascii=False),
        "imported_at": naive(now),
    }


def _report(file_name: str, result: ImportResult, *, already_known: bool) -> FileReport:
    return FileReport(
        file=file_name,
        kind=result.kind.value,
        encoding=result.encoding or result.file_format,
        rows=result.rows_read,
        accepted=len(result.accepted),
        rejected=tuple(
            {"row": item.row, "reason": item.reason, "values": dict(item.values)}
            for item in result.rejected
        ),
        columns=result.columns,
        unmatched=result.unmatched,
        snapshot_at=result.coverage.snapshot_at,
        covers_from=result.coverage.from_,
        covers_to=result.coverage.to,
        coverage_basis=result.coverage.basis.value,
        warnings=tuple((item.code, dict(item.values)) for item in result.warnings),
        checks_off=tuple(sorted({rule for off in result.checks_off for rule in off.rules})),
        already_known=already_known,
    )


def _rejected(file_name: str, error: FileRejected) -> FileReport:
    return FileReport(
        file=file_name,
        kind=None,
        encoding=None,
        rows=0,
        accepted=0,
        rejected=(),
        columns={},
        unmatched=(),
        snapshot_at=None,
        covers_from=None,
        covers_to=None,
        coverage_basis=None,
        rejected_file=(f"error.import.{error.code}", error.values),
    )


def _must(at: datetime | None) -> datetime:
    assert at is not None
    return at
