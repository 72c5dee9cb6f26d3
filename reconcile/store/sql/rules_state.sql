-- What a rules run leaves behind: findings compared with the last set, and one state per order.
-- rule_row holds this run's rows; its keys are unique.

-- name: drop_rule_row
DROP TABLE IF EXISTS rule_row;

-- name: make_rule_row
CREATE TEMPORARY TABLE rule_row (
    finding_key VARCHAR, rule VARCHAR, kind VARCHAR, severity VARCHAR, subject_kind VARCHAR, subject VARCHAR,
    order_number VARCHAR, order_code VARCHAR, shop_code VARCHAR, since TIMESTAMP, because VARCHAR, missing VARCHAR);

-- name: pack_rows
-- found: the rows of one rule block; `queries.packed` turns its instants into ISO 8601 text. because: its evidence columns as
-- one JSON object.
INSERT INTO rule_row
SELECT concat_ws('|', $rule, subject_kind, subject), $rule, kind, coalesce(CAST(severity AS VARCHAR), $severity),
    subject_kind, subject, CAST(order_number AS VARCHAR), CAST(order_code AS VARCHAR), CAST(shop_code AS VARCHAR),
    CAST(since AS TIMESTAMP),
    CAST(to_json(struct_pack(*COLUMNS(* EXCLUDE (kind, subject_kind, subject, order_number, order_code, shop_code, since,
        missing, severity)))) AS VARCHAR),
    CAST(missing AS VARCHAR)
FROM found;

-- name: no_file_row
INSERT INTO rule_row
SELECT concat_ws('|', $rule, 'account', $account), $rule, 'cannot_tell', $severity, 'account', $account, NULL, NULL, NULL, NULL,
    $nothing, 'smartship_orders_file';

-- name: counts
SELECT rule, kind, count(*) FROM rule_row GROUP BY rule, kind;

-- name: has_orders_file
SELECT count(*) FROM ss_import WHERE account = $account AND kind = 'orders';

-- name: changes
-- A row that turns from "cannot tell" into a finding, or back, counts as opened.
SELECT
    count(CASE WHEN r.finding_key IS NOT NULL AND (f.finding_key IS NULL
        OR (f.state = 'open' AND f.kind <> r.kind)) THEN 1 END),
    count(CASE WHEN f.state = 'open' AND f.kind = r.kind THEN 1 END),
    count(CASE WHEN r.finding_key IS NULL AND f.state = 'open' THEN 1 END),
    count(CASE WHEN r.finding_key IS NOT NULL AND f.state = 'resolved' THEN 1 END)
FROM rule_row r
FULL JOIN (SELECT * FROM finding WHERE account = $account) f ON f.finding_key = r.finding_key;

-- name: renew_findings
UPDATE finding SET
    kind = r.kind, severity = r.severity, order_number = r.order_number, order_code = r.order_code,
    shop_code = r.shop_code, since = r.since, because = r.because, missing = r.missing, state = 'open',
    refreshed_at = CAST($now AS TIMESTAMP),
    opened_at = CASE WHEN finding.state = 'open' AND finding.kind = r.kind
        THEN finding.opened_at ELSE CAST($now AS TIMESTAMP) END,
    reopened = CASE WHEN finding.state = 'resolved' THEN finding.reopened + 1 ELSE finding.reopened END,
    resolved_at = NULL
FROM rule_row r
WHERE finding.account = $account AND finding.finding_key = r.finding_key;

-- name: write_findings
INSERT INTO finding (
    account, finding_key, rule, kind, severity, subject_kind, subject, order_number, order_code, shop_code, since,
    because, missing, state, opened_at, refreshed_at, resolved_at, reopened)
SELECT $account, finding_key, rule, kind, severity, subject_kind, subject, order_number, order_code, shop_code, since,
    because, missing, 'open', CAST($now AS TIMESTAMP), CAST($now AS TIMESTAMP), NULL, 0
FROM rule_row r
WHERE NOT EXISTS (SELECT 1 FROM finding f WHERE f.account = $account AND f.finding_key = r.finding_key);

-- name: resolve_findings
UPDATE finding SET state = 'resolved', resolved_at = $now
WHERE account = $account AND state = 'open' AND NOT EXISTS (
    SELECT 1 FROM rule_row r WHERE r.finding_key = finding.finding_key
);

-- name: drop_fresh_state
DROP TABLE IF EXISTS fresh_state;

-- name: find_states
-- level: 1 act_now, 2 at_risk, 3 cannot_tell; a finding of low severity informs and leaves the order in step. Orders of a
-- dead shop, and orders that no Smartship file can settle, have no row of their own: their state comes from the collection
-- table.
CREATE TEMPORARY TABLE fresh_state AS
SELECT order_number, rule,
    CASE level WHEN 1 THEN 'act_now' WHEN 2 THEN 'at_risk' ELSE 'cannot_tell' END AS state
FROM (
    SELECT v.order_number, v.rule, v.level,
        row_number() OVER (PARTITION BY v.order_number ORDER BY v.level, p.priority) AS place
    FROM (
        SELECT order_number, rule,
            CASE WHEN kind = 'cannot_tell' THEN 3 WHEN rule = 'F02' THEN 2 ELSE 1 END AS level
        FROM rule_row WHERE order_number IS NOT NULL AND (kind = 'cannot_tell' OR severity <> 'low')
        UNION ALL
        SELECT order_number, 'F04' AS rule, 1 AS level FROM collection_order WHERE is_dead_shop
        UNION ALL
        SELECT order_number,
            CASE phase_role WHEN 'before' THEN 'F01' WHEN 'collect' THEN 'F03' ELSE 'F07' END AS rule, 3 AS level
        FROM collection_order
        WHERE NOT CAST($has_file AS BOOLEAN) AND (phase_role <> 'before'
            OR $now > created_from + CAST($before_phase_limit_h AS INTEGER) * INTERVAL '1 hour')
    ) v JOIN rule_priority p ON p.rule = v.rule
) w WHERE place = 1;

-- name: write_states
UPDATE order_case SET state = s.state, primary_rule = s.rule
FROM fresh_state s
WHERE order_case.account = $account AND order_case.order_number = s.order_number
    AND (order_case.state <> s.state OR order_case.primary_rule IS DISTINCT FROM s.rule);

-- name: calm_states
UPDATE order_case SET state = 'in_step', primary_rule = NULL
WHERE account = $account AND state <> 'in_step'
    AND NOT EXISTS (SELECT 1 FROM fresh_state s WHERE s.order_number = order_case.order_number);

-- name: states
SELECT state, count(*) FROM order_case WHERE account = $account GROUP BY state ORDER BY state;
