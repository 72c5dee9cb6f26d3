"""The schema of the mirror: applies to an empty store and keeps the rules on time, identity and portability."""

from __future__ import annotations

import re

import duckdb
import pytest

from reconcile.store import queries
from tests.architecture.sources import ROOT

PORTABLE = {"VARCHAR", "INTEGER", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP"}
COUNTED = {"line_no", "row_no"}  # positions, not identifiers
OF_THE_STORE_ITSELF = {
    "ledger_position": "how far the one ledger has been projected",
    "ledger_mark": "the newest act of the one ledger",
}
IDENTIFIER = re.compile(r"(_code|_number|_no|_key|_id|^account|^sku)$")


@pytest.fixture
def migrated() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    for _, _, statements in queries.migrations():
        connection.execute(statements)
    return connection


def columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    return connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY ALL"
    ).fetchall()


def test_migrations_are_numbered_from_one_without_a_gap() -> None:
    names = sorted(path.name for path in (ROOT / "reconcile/store/migrations").iterdir())
    assert names == [name for _, name, _ in queries.migrations()]
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.sql", name) for name in names)
    assert [version for version, _, _ in queries.migrations()] == list(range(1, len(names) + 1))


def test_migrations_apply_to_an_empty_store(migrated: duckdb.DuckDBPyConnection) -> None:
    tables = {table for table, _, _ in columns(migrated)}
    assert {"account", "cm_order", "cm_observation", "ss_shipment_line", "finding"} <= tables


def test_only_types_that_postgresql_knows_too(migrated: duckdb.DuckDBPyConnection) -> None:
    foreign = [one for one in columns(migrated) if one[2] not in PORTABLE]
    assert not foreign, foreign


def test_instants_are_stored_without_offset_and_named_so(
    migrated: duckdb.DuckDBPyConnection,
) -> None:
    wrong = [
        one
        for one in columns(migrated)
        if (one[1].endswith("_at") and one[2] != "TIMESTAMP") or one[2].startswith("TIMESTAMP WITH")
    ]
    assert not wrong, wrong


def test_identifiers_are_text(migrated: duckdb.DuckDBPyConnection) -> None:
    wrong = [
        one
        for one in columns(migrated)
        if IDENTIFIER.search(one[1]) and one[1] not in COUNTED and one[2] != "VARCHAR"
    ]
    assert not wrong, wrong


def test_every_table_of_rows_knows_its_account_first(migrated: duckdb.DuckDBPyConnection) -> None:
    """Several accounts live side by side: the account is a column everywhere, and in every key but a run's."""
    tables = {table for table, _, _ in columns(migrated)}
    with_account = {table for table, column, _ in columns(migrated) if column == "account"}
    assert tables - with_account == set(OF_THE_STORE_ITSELF)
    keys = migrated.execute(
        "SELECT table_name, constraint_column_names FROM duckdb_constraints()"
        " WHERE constraint_type = 'PRIMARY KEY'"
    ).fetchall()
    outside = {table for table, names in keys if "account" not in names}
    assert outside - set(OF_THE_STORE_ITSELF) <= {"sync_run"}


def test_since_when_pieces_are_damaged_is_read_from_the_files_before() -> None:
    connection = duckdb.connect(":memory:")
    *before, (_, _, newest) = queries.migrations()[:18]
    for _, _, statements in before:
        connection.execute(statements)
    told = {  # by hour
        "S1": (0, 2, 2, 5),
        "S2": (3, 3, 3, 3),
        "S3": (4, 0, 4, 4),
        "S4": (1, 1, 1, 0),
    }
    for sku, figures in told.items():
        for hour, damaged in enumerate(figures):
            row = ["a", "", sku, f"2026-11-01 {hour:02d}:00:00", damaged]
            connection.execute(
                "INSERT INTO ss_stock_history (account, warehouse, sku_no, snapshot_at, damaged)"
                " VALUES ($1, $2, $3, $4, $5)",
                row,
            )
        connection.execute(
            "INSERT INTO ss_stock (account, warehouse, sku_no, snapshot_at, damaged, import_id)"
            " VALUES ($1, $2, $3, $4, $5, 'f')",
            row,
        )
    connection.execute(newest)
    found = connection.execute(
        "SELECT sku_no, hour(damaged_since), damaged_before FROM ss_stock ORDER BY sku_no"
    ).fetchall()
    assert found == [("S1", 3, 2), ("S2", 0, None), ("S3", 2, 0), ("S4", None, None)]
