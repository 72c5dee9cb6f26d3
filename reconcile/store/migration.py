"""Brings a database to the present schema, one transaction for each step: interrupted anywhere, it goes on from there."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from reconcile.errors import StoreError, StoreTooNew
from reconcile.store import queries


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Take every step that is still missing. Raises StoreTooNew, and StoreError for a step that the data do not allow."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migration"
        " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMP NOT NULL)"
    )
    row = connection.execute("SELECT coalesce(max(version), 0) FROM schema_migration").fetchone()
    current = int(row[0]) if row else 0
    known = queries.migrations()
    if current > known[-1][0]:
        raise StoreTooNew("error.store.too_new", version=current, known=known[-1][0])
    for version, name, statements in known[current:]:
        try:
            _step(connection, version, name, statements)
        except (duckdb.DataError, duckdb.IntegrityError, duckdb.ProgrammingError) as error:
            raise StoreError("error.store.upgrade", version=current, step=name) from error


def _step(connection: duckdb.DuckDBPyConnection, version: int, name: str, statements: str) -> None:
    connection.execute("BEGIN TRANSACTION")
    try:
        connection.execute(statements)
        connection.execute(
            "INSERT INTO schema_migration VALUES ($version, $name, $now)",
            {
                "version": version,
                "name": name,
                "now": datetime.now(UTC).replace(tzinfo=None),
            },
        )
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """End a transaction that shall leave nothing behind; one that has ended by itself, or with its database, has done so."""
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error:
        return
