-- What the examination of one account reads and writes, and what screens ask of its results.

-- name: fingerprint
-- Everything the examination rests on, small enough to be asked before each; only the clock is left out.
SELECT
    (SELECT count(*) FROM cm_observation WHERE account = $account) AS observations,
    (SELECT max(first_seen_at) FROM cm_observation WHERE account = $account) AS last_change_at,
    (SELECT max(complete_at) FROM sync_cursor WHERE account = $account AND feed = 'orders') AS looked_at,
    (SELECT count(*) FROM ss_import WHERE account = $account) AS files,
    (SELECT max(imported_at) FROM ss_import WHERE account = $account) AS imported_at,
    (SELECT count(*) FROM order_link WHERE account = $account) AS links,
    (SELECT count(*) FROM order_link WHERE account = $account AND is_weak) AS weak_links,
    (SELECT count(*) FROM order_case WHERE account = $account) AS orders,
    (SELECT count(*) FROM order_case WHERE account = $account AND state <> 'in_step') AS open_orders,
    (SELECT string_agg(concat_ws(' ', phase_name, role), ',' ORDER BY phase_name)
        FROM phase_role WHERE account = $account) AS roles,
    (SELECT string_agg(concat_ws(' ', phase_name, lookalike_of), ',' ORDER BY phase_name)
        FROM cm_phase WHERE account = $account) AS phases;

-- name: last_examination
SELECT fingerprint, evaluated_at FROM examination WHERE account = $account;

-- name: note_examination
INSERT INTO examination (account, fingerprint, orders, evaluated_at)
VALUES ($account, $fingerprint, $orders, $now)
ON CONFLICT (account) DO UPDATE SET
    fingerprint = excluded.fingerprint, orders = excluded.orders, evaluated_at = excluded.evaluated_at;

-- name: drop_selection
DROP TABLE IF EXISTS examined_order;

-- name: select_orders
-- is_question: not plainly collected, and open or changed lately; the newest $most of them. is_sample: the newest
-- $sample orders of all, whatever became of them: what the shop's habits are learned from. Beside them stand the orders
-- whose tracking number a question carries.
CREATE TEMPORARY TABLE examined_order AS
WITH by_hand AS (
    SELECT DISTINCT k.order_number FROM order_link k
    JOIN ss_shipment_line l ON l.account = k.account AND l.line_key = k.line_key
    WHERE k.account = $account AND l.registered_by <> 'API'
),
question AS (
    SELECT c.order_number FROM order_case c
    WHERE c.account = $account
        AND (c.state <> 'in_step' OR c.phase_role = 'collect' OR c.updated_at >= $since)
        AND (coalesce(c.ss_is_weak, TRUE) OR c.ss_status IN ('ERROR', 'HOLD') OR c.ss_matched_by = 'tracking_no'
            OR (c.covered_until > c.ss_snapshot_at AND c.phase_role <> 'shipped')
            OR c.order_number IN (SELECT order_number FROM by_hand))
    ORDER BY c.updated_at DESC NULLS LAST, c.order_number
    LIMIT $most
),
sample AS (
    SELECT order_number FROM order_case WHERE account = $account
    ORDER BY created_at DESC NULLS LAST, order_number
    LIMIT $sample
),
carried AS (
    SELECT DISTINCT o.delivery_number_key FROM question q
    JOIN cm_order o ON o.account = $account AND o.order_number = q.order_number
    WHERE o.delivery_number_key <> ''
),
companion AS (
    SELECT DISTINCT k.order_number FROM carried d
    JOIN ss_shipment_line l ON l.account = $account AND l.tracking_key = d.delivery_number_key
    JOIN order_link k ON k.account = l.account AND k.line_key = l.line_key AND NOT k.is_weak
),
picked AS (
    SELECT order_number, TRUE AS is_question, FALSE AS is_sample FROM question
    UNION ALL
    SELECT order_number, FALSE, TRUE FROM sample
    UNION ALL
    SELECT order_number, FALSE, FALSE FROM companion
)
SELECT order_number, bool_or(is_question) AS is_question, bool_or(is_sample) AS is_sample
FROM picked GROUP BY order_number;

-- name: orders
-- ss_registered_by: how the order came in; of several ways the pull counts.
SELECT c.order_number, c.order_code, c.shop_name, c.created_at, c.updated_at, c.phase_name, c.phase_role, c.cancel_flag,
    c.is_bundle_child, c.delivery_number, c.ss_status, c.ss_tracking, c.ss_registered_at, c.ss_snapshot_at,
    c.ss_matched_by, c.ss_is_weak, c.covered_until, w.registered_by AS ss_registered_by, e.is_question, e.is_sample
FROM examined_order e
JOIN order_case c ON c.account = $account AND c.order_number = e.order_number
LEFT JOIN (
    SELECT k.order_number, min(coalesce(l.registered_by, 'API')) AS registered_by
    FROM order_link k JOIN ss_shipment_line l ON l.account = k.account AND l.line_key = k.line_key
    WHERE k.account = $account GROUP BY k.order_number
) w ON w.order_number = c.order_number
ORDER BY c.order_number;

-- name: observations
SELECT o.order_number, o.first_seen_at, o.last_confirmed_at, o.phase_name, o.cancel_flag, o.bundle_ahead_number,
    o.updated_at
FROM examined_order e JOIN cm_observation o ON o.account = $account AND o.order_number = e.order_number
ORDER BY o.order_number, o.first_seen_at;

-- name: looks
-- A run in which the orders have been read to their end counts before it is over: it is judged before that.
SELECT started_at, finished_at FROM sync_run
WHERE account = $account AND state = 'complete' AND parts LIKE '%orders%' AND finished_at IS NOT NULL
UNION
SELECT s.complete_at, $now FROM sync_cursor s
WHERE s.account = $account AND s.feed = 'orders' AND s.complete_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM sync_run r WHERE r.account = s.account AND r.state = 'complete' AND r.started_at = s.complete_at
)
ORDER BY 2;

-- name: arrivals
SELECT k.order_number, l.registered_at, l.registered_by
FROM order_link k JOIN ss_shipment_line l ON l.account = k.account AND l.line_key = k.line_key
WHERE k.account = $account AND NOT k.is_weak AND l.registered_at IS NOT NULL AND l.registered_at >= $oldest
ORDER BY l.registered_at, k.order_number;

-- name: files
SELECT covers_from, max(snapshot_at) AS snapshot_at FROM ss_import
WHERE account = $account AND kind = 'orders' AND NOT filtered AND snapshot_at IS NOT NULL AND covers_from IS NOT NULL
    AND coalesce(covers_to, snapshot_at) >= snapshot_at - CAST($coverage_grace_min AS INTEGER) * INTERVAL '1 minute'
GROUP BY covers_from ORDER BY covers_from;

-- name: roles
SELECT phase_name, role FROM phase_role WHERE account = $account;

-- name: lookalikes
SELECT p.phase_name FROM cm_phase p JOIN account a ON a.account = p.account AND a.collect_phase = p.lookalike_of
WHERE p.account = $account AND p.phase_name <> a.collect_phase;

-- name: connection
-- The first arrival by a pull, and how many orders that a file covers were already past the collect phase a day before.
WITH arrival AS (
    SELECT min(registered_at) AS first_at FROM ss_shipment_line
    WHERE account = $account AND coalesce(registered_by, 'API') = 'API'
)
SELECT a.first_at, count(c.order_number) AS earlier
FROM arrival a
LEFT JOIN order_case c ON c.account = $account AND c.phase_role IN ('after', 'shipped') AND c.ss_is_weak IS NULL
    AND c.covered_until IS NOT NULL AND c.updated_at < a.first_at - INTERVAL '1 day'
GROUP BY a.first_at;

-- name: put_stays
-- A row that says the same as before is not written.
INSERT INTO order_stay (account, order_number, entered_from, entered_by, left_from, left_by, verdict, probability, p_seen,
    cause, missing, evidence, evaluated_at)
SELECT $account, order_number, entered_from, entered_by, left_from, left_by, verdict, probability, p_seen, cause, missing,
    evidence, $now
FROM incoming i
WHERE NOT EXISTS (
    SELECT 1 FROM order_stay s
    WHERE s.account = $account AND s.order_number = i.order_number AND s.verdict = i.verdict AND s.cause = i.cause
        AND s.probability = i.probability AND s.p_seen = i.p_seen AND s.evidence = i.evidence
        AND s.missing IS NOT DISTINCT FROM i.missing
        AND s.entered_from IS NOT DISTINCT FROM i.entered_from AND s.entered_by IS NOT DISTINCT FROM i.entered_by
        AND s.left_from IS NOT DISTINCT FROM i.left_from AND s.left_by IS NOT DISTINCT FROM i.left_by)
ON CONFLICT (account, order_number) DO UPDATE SET
    entered_from = excluded.entered_from, entered_by = excluded.entered_by, left_from = excluded.left_from,
    left_by = excluded.left_by, verdict = excluded.verdict, probability = excluded.probability, p_seen = excluded.p_seen,
    cause = excluded.cause, missing = excluded.missing, evidence = excluded.evidence, evaluated_at = excluded.evaluated_at;

-- name: forget_stays
DELETE FROM order_stay
WHERE account = $account AND NOT EXISTS (SELECT 1 FROM incoming i WHERE i.order_number = order_stay.order_number);

-- name: put_pulls
INSERT INTO pull_time (account, at_from, at_by, basis, arrivals, runs)
SELECT $account, at_from, at_by, basis, arrivals, runs FROM incoming i
WHERE NOT EXISTS (
    SELECT 1 FROM pull_time p
    WHERE p.account = $account AND p.at_by = i.at_by AND p.at_from = i.at_from AND p.basis = i.basis
        AND p.arrivals = i.arrivals AND p.runs = i.runs)
ON CONFLICT (account, at_by) DO UPDATE SET
    at_from = excluded.at_from, basis = excluded.basis, arrivals = excluded.arrivals, runs = excluded.runs;

-- name: forget_pulls
DELETE FROM pull_time
WHERE account = $account AND NOT EXISTS (SELECT 1 FROM incoming i WHERE i.at_by = pull_time.at_by);

-- name: stay
SELECT entered_from, entered_by, left_from, left_by, verdict, probability, p_seen, cause, missing, evidence, evaluated_at
FROM order_stay WHERE account = $account AND order_number = $order_number;

-- name: order_history
SELECT order_number, first_seen_at, last_confirmed_at, phase_name, cancel_flag, updated_at
FROM cm_observation WHERE account = $account AND order_number = $order_number ORDER BY first_seen_at;

-- name: pulls_between
SELECT at_from, at_by, basis, arrivals, runs FROM pull_time
WHERE account = $account AND at_by >= $earliest AND at_from <= $latest ORDER BY at_by;

-- name: pulls
SELECT at_from AS pull_from, at_by AS pull_by, basis AS pull_basis, arrivals AS pull_arrivals, runs AS pull_runs
FROM pull_time WHERE account = $account ORDER BY at_by;

-- name: missed_hours
SELECT weekday, hour_of_day, count(*) AS orders FROM missed_order
WHERE account = $account AND missed_by >= $since
GROUP BY weekday, hour_of_day;

-- name: flow_stages
-- Orders created lately: how many came to the collect phase or beyond it, to Smartship, out of it, and back to CROSS MALL.
SELECT count(*) AS orders,
    count(CASE WHEN phase_role IN ('collect', 'after', 'shipped') OR NOT ss_is_weak THEN 1 END) AS collect,
    count(CASE WHEN NOT ss_is_weak THEN 1 END) AS at_smartship,
    count(CASE WHEN NOT ss_is_weak AND ss_shipped_at IS NOT NULL THEN 1 END) AS shipped,
    count(CASE WHEN NOT ss_is_weak AND ss_shipped_at IS NOT NULL AND coalesce(delivery_number, '') <> ''
        AND phase_role IN ('after', 'shipped') THEN 1 END) AS written_back
FROM order_case WHERE account = $account AND NOT is_cancelled AND coalesce(created_at, ordered_at) >= $since;

-- name: phase_moves
-- Moves between two looks that showed different phases; what stood between them unseen is not known.
WITH seen AS (
    SELECT order_number, first_seen_at, phase_name,
        lag(phase_name) OVER (PARTITION BY order_number ORDER BY first_seen_at) AS before
    FROM cm_observation WHERE account = $account
)
SELECT before AS from_phase, phase_name AS to_phase, count(*) AS orders
FROM seen
WHERE before IS NOT NULL AND phase_name IS NOT NULL AND before <> phase_name AND first_seen_at >= $since
GROUP BY before, phase_name ORDER BY orders DESC, before, phase_name;
