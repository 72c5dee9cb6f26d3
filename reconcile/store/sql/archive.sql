-- A mirror that is to be kept or brought back.

-- name: readers
-- A statement for each table that reads every block of it.
SELECT 'SELECT count(COLUMNS(*)) FROM ' || schema_name || '.' || table_name
FROM duckdb_tables() WHERE NOT internal AND estimated_size > 0 ORDER BY table_name

-- name: contents
SELECT (SELECT max(version) FROM schema_migration),
       (SELECT list(account ORDER BY account) FROM account),
       (SELECT count(*) FROM cm_order),
       (SELECT count(*) FROM cm_observation)
