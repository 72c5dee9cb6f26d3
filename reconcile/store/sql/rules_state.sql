-- What a rules run leaves behind: findings compared with the last set, and one state per order.
-- rule_row is the registered frame of this run's rows; its keys are unique.

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

-- name: write_findings
INSERT INTO finding (
    account, finding_key, rule, kind, severity, subject_kind, subject, order_number, order_code, shop_code, since,
    because, missing, state, opened_at, refreshed_at, resolved_at, reopened)
SELECT $account, finding_key, rule, kind, severity, subject_kind, subject, order_number, order_code, shop_code, since,
    because, missing, 'open', CAST($now AS TIMESTAMP), CAST($now AS TIMESTAMP), NULL, 0
FROM rule_row
ON CONFLICT (account, finding_key) DO UPDATE SET
    kind = excluded.kind, severity = excluded.severity, order_number = excluded.order_number,
    order_code = excluded.order_code, shop_code = excluded.shop_code, since = excluded.since,
    because = excluded.because, missing = excluded.missing, state = 'open', refreshed_at = excluded.refreshed_at,
    opened_at = CASE WHEN finding.state = 'open' AND finding.kind = excluded.kind
        THEN finding.opened_at ELSE excluded.opened_at END,
    reopened = CASE WHEN finding.state = 'resolved' THEN finding.reopened + 1 ELSE finding.reopened END,
    resolved_at = NULL;

-- name: resolve_findings
UPDATE finding SET state = 'resolved', resolved_at = $now
WHERE account = $account AND state = 'open' AND NOT EXISTS (
    SELECT 1 FROM rule_row r WHERE r.finding_key = finding.finding_key
);

-- name: write_states
-- level: 1 act_now, 2 at_risk, 3 cannot_tell. Orders of a dead shop, and orders that no Smartship file can settle,
-- have no row of their own: their state comes from the collection table.
UPDATE order_case SET state = w.state, primary_rule = w.rule
FROM (
    SELECT v.order_number, v.rule,
        CASE v.level WHEN 1 THEN 'act_now' WHEN 2 THEN 'at_risk' ELSE 'cannot_tell' END AS state,
        row_number() OVER (PARTITION BY v.order_number ORDER BY v.level, p.priority) AS place
    FROM (
        SELECT order_number, rule,
            CASE WHEN kind = 'cannot_tell' THEN 3 WHEN rule = 'F02' OR severity = 'low' THEN 2 ELSE 1 END AS level
        FROM rule_row WHERE order_number IS NOT NULL
        UNION ALL
        SELECT order_number, 'F04' AS rule, 1 AS level FROM collection_order WHERE is_dead_shop
        UNION ALL
        SELECT order_number,
            CASE phase_role WHEN 'before' THEN 'F01' WHEN 'collect' THEN 'F03' ELSE 'F07' END AS rule, 3 AS level
        FROM collection_order
        WHERE NOT CAST($has_file AS BOOLEAN) AND (phase_role <> 'before'
            OR $now > created_from + CAST($before_phase_limit_h AS INTEGER) * INTERVAL '1 hour')
    ) v JOIN rule_priority p ON p.rule = v.rule
) w
WHERE w.place = 1 AND order_case.account = $account AND order_case.order_number = w.order_number;

-- name: states
SELECT state, count(*) FROM order_case WHERE account = $account GROUP BY state ORDER BY state;
