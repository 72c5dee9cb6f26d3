-- What a sync writes. `incoming` is the registered table of one step; each step is one transaction.

-- name: start_run
INSERT INTO sync_run (run_id, account, kind, parts, state, started_at, window_from, cursor_before)
VALUES ($run_id, $account, $kind, $parts, 'running', $started_at, $window_from, $cursor_before)

-- name: close_interrupted_runs
UPDATE sync_run SET state = 'failed', error_class = 'Interrupted', error_key = $error_key,
                    finished_at = $now
WHERE account = $account AND state = 'running'

-- name: finish_run
UPDATE sync_run SET state = $state, finished_at = $finished_at, cursor_after = $cursor_after, calls = $calls,
                    orders_new = $orders_new, orders_changed = $orders_changed, rows_skipped = $rows_skipped,
                    error_class = $error_class, error_key = $error_key, clock_skew_s = $clock_skew_s
WHERE run_id = $run_id

-- name: note_refusal
-- A sync that could not even begin, as a run that failed.
INSERT INTO sync_run (run_id, account, kind, parts, state, started_at, finished_at, error_class, error_key)
VALUES ($run_id, $account, 'increment', '', 'failed', $now, $now, $error_class, $error_key)

-- name: add_calls
INSERT INTO api_call (account, run_id, started_at, endpoint, parameter_names, status, row_count, byte_count,
                      elapsed_ms, attempt, error_class)
SELECT account, run_id, started_at, endpoint, parameter_names, status, row_count, byte_count, elapsed_ms,
       attempt, error_class
FROM incoming

-- name: forget_old_calls
DELETE FROM api_call WHERE account = $account AND started_at < $before

-- name: cursors
SELECT feed, cursor_at, complete_at, reaches_back_to FROM sync_cursor WHERE account = $account

-- name: put_cursor
INSERT INTO sync_cursor (account, feed, cursor_at, complete_at, reaches_back_to)
VALUES ($account, $feed, $cursor_at, $complete_at, $reaches_back_to)
ON CONFLICT (account, feed) DO UPDATE SET
    cursor_at = excluded.cursor_at, complete_at = excluded.complete_at,
    reaches_back_to = excluded.reaches_back_to

-- name: count_new_and_changed
SELECT count(*) FILTER (WHERE o.order_number IS NULL),
       count(*) FILTER (WHERE o.order_number IS NOT NULL AND i.updated_at IS DISTINCT FROM o.updated_at)
FROM incoming AS i
LEFT JOIN cm_order AS o ON o.account = i.account AND o.order_number = i.order_number
WHERE o.updated_at IS NULL OR i.updated_at IS NULL OR i.updated_at >= o.updated_at OR o.updated_at > $vendor_now

-- name: put_observations
-- History ascends even where our clock was put back: a new state begins after the last look at the one before it.
UPDATE cm_observation SET last_confirmed_at = i.seen_at, last_run_id = i.run_id
FROM incoming AS i
WHERE cm_observation.account = i.account AND cm_observation.order_number = i.order_number
  AND cm_observation.first_seen_at = (
      SELECT max(o.first_seen_at) FROM cm_observation AS o
      WHERE o.account = i.account AND o.order_number = i.order_number)
  AND cm_observation.last_confirmed_at <= i.seen_at
  AND cm_observation.phase_name IS NOT DISTINCT FROM i.phase_name
  AND cm_observation.cancel_flag IS NOT DISTINCT FROM i.cancel_flag
  AND cm_observation.delivery_number IS NOT DISTINCT FROM i.delivery_number
  AND cm_observation.check_marks IS NOT DISTINCT FROM i.check_marks
  AND cm_observation.bundle_ahead_number IS NOT DISTINCT FROM i.bundle_ahead_number
  AND cm_observation.updated_at IS NOT DISTINCT FROM i.updated_at;
INSERT INTO cm_observation (account, order_number, first_seen_at, last_confirmed_at, phase_name, cancel_flag,
                            delivery_number, check_marks, bundle_ahead_number, updated_at, first_run_id, last_run_id)
SELECT i.account, i.order_number,
       greatest(i.seen_at, coalesce(h.last_at + INTERVAL '1 microsecond', i.seen_at)),
       greatest(i.seen_at, coalesce(h.last_at + INTERVAL '1 microsecond', i.seen_at)),
       i.phase_name, i.cancel_flag, i.delivery_number,
       i.check_marks, i.bundle_ahead_number, i.updated_at, i.run_id, i.run_id
FROM incoming AS i
LEFT JOIN cm_order AS o ON o.account = i.account AND o.order_number = i.order_number
LEFT JOIN (SELECT b.account, b.order_number, max(b.last_confirmed_at) AS last_at
           FROM cm_observation AS b JOIN incoming AS n ON n.account = b.account AND n.order_number = b.order_number
           GROUP BY b.account, b.order_number) AS h
    ON h.account = i.account AND h.order_number = i.order_number
WHERE (o.updated_at IS NULL OR i.updated_at IS NULL OR i.updated_at >= o.updated_at OR o.updated_at > $vendor_now)
  AND NOT EXISTS (
    SELECT 1 FROM cm_observation AS c
    WHERE c.account = i.account AND c.order_number = i.order_number
      AND c.first_seen_at = (
          SELECT max(m.first_seen_at) FROM cm_observation AS m
          WHERE m.account = i.account AND m.order_number = i.order_number)
      AND c.phase_name IS NOT DISTINCT FROM i.phase_name
      AND c.cancel_flag IS NOT DISTINCT FROM i.cancel_flag
      AND c.delivery_number IS NOT DISTINCT FROM i.delivery_number
      AND c.check_marks IS NOT DISTINCT FROM i.check_marks
      AND c.bundle_ahead_number IS NOT DISTINCT FROM i.bundle_ahead_number
      AND c.updated_at IS NOT DISTINCT FROM i.updated_at)
ON CONFLICT (account, order_number, first_seen_at) DO NOTHING

-- name: put_orders
INSERT INTO cm_order (account, order_number, order_code, order_code_key, shop_code, shop_name, ordered_at,
                      phase_name, cancel_flag, bundle_flag, bundle_ahead_number, is_bundle_child,
                      delivery_number, delivery_number_key, delivery_name, delivery_type_name, delivery_date,
                      payment_name, check_mark1, check_mark2, check_mark3, total_price, created_at, updated_at,
                      recipient_hash, first_seen_at, seen_at, run_id)
SELECT account, order_number, order_code, order_code_key, shop_code, shop_name, ordered_at,
       phase_name, cancel_flag, bundle_flag, bundle_ahead_number, is_bundle_child,
       delivery_number, delivery_number_key, delivery_name, delivery_type_name, delivery_date,
       payment_name, check_mark1, check_mark2, check_mark3, total_price, created_at, updated_at,
       recipient_hash, seen_at, seen_at, run_id
FROM incoming
ON CONFLICT (account, order_number) DO UPDATE SET
    order_code = excluded.order_code, order_code_key = excluded.order_code_key,
    shop_code = excluded.shop_code, shop_name = excluded.shop_name,
    ordered_at = coalesce(excluded.ordered_at, cm_order.ordered_at),
    phase_name = excluded.phase_name, cancel_flag = excluded.cancel_flag, bundle_flag = excluded.bundle_flag,
    bundle_ahead_number = excluded.bundle_ahead_number, is_bundle_child = excluded.is_bundle_child,
    delivery_number = excluded.delivery_number, delivery_number_key = excluded.delivery_number_key,
    delivery_name = excluded.delivery_name, delivery_type_name = excluded.delivery_type_name,
    delivery_date = excluded.delivery_date, payment_name = excluded.payment_name,
    check_mark1 = excluded.check_mark1, check_mark2 = excluded.check_mark2, check_mark3 = excluded.check_mark3,
    total_price = excluded.total_price, created_at = coalesce(excluded.created_at, cm_order.created_at),
    updated_at = excluded.updated_at,
    recipient_hash = excluded.recipient_hash, seen_at = excluded.seen_at, run_id = excluded.run_id
WHERE cm_order.updated_at IS NULL OR excluded.updated_at IS NULL OR excluded.updated_at >= cm_order.updated_at
   OR cm_order.updated_at > $vendor_now;
INSERT INTO cm_recipient (account, order_number, day, sealed)
SELECT account, order_number, CAST(recipient_day AS DATE), recipient_sealed
FROM incoming WHERE recipient_sealed IS NOT NULL
ON CONFLICT (account, order_number) DO UPDATE SET day = excluded.day, sealed = excluded.sealed

-- name: orders_without_lines
-- Lines that could not be read, or came without a code, are asked for again, the newest first, some in each sync.
SELECT order_number, updated_at, is_bundle_child FROM cm_order
WHERE account = $account AND (lines_state IS NULL OR lines_for IS DISTINCT FROM updated_at)
UNION ALL
SELECT order_number, updated_at, is_bundle_child FROM (
    SELECT order_number, updated_at, is_bundle_child FROM cm_order
    WHERE account = $account AND lines_state IN ('failed', 'unsure')
      AND lines_for IS NOT DISTINCT FROM updated_at
    ORDER BY updated_at DESC, order_number LIMIT 100) AS failed
ORDER BY order_number

-- name: incoming_without_lines
SELECT o.order_number, o.updated_at, o.is_bundle_child
FROM incoming AS i
JOIN cm_order AS o ON o.account = i.account AND o.order_number = i.order_number
WHERE o.lines_state IS NULL OR o.lines_for IS DISTINCT FROM o.updated_at
ORDER BY o.order_number

-- name: stored_windows
SELECT window_from, window_to, newest_at FROM sync_window WHERE account = $account

-- name: put_window
INSERT INTO sync_window (account, window_from, window_to, newest_at, stored_at)
VALUES ($account, $window_from, $window_to, $newest_at, $stored_at)
ON CONFLICT (account, window_from, window_to) DO UPDATE SET
    newest_at = excluded.newest_at, stored_at = excluded.stored_at

-- name: forget_windows
DELETE FROM sync_window WHERE account = $account

-- name: unknown_phase
SELECT 1 FROM cm_order AS o
WHERE o.account = $account AND o.run_id = $run_id AND o.phase_name IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM cm_phase AS p
                  WHERE p.account = o.account AND p.phase_name = o.phase_name AND p.present)
LIMIT 1

-- name: past_calls
SELECT endpoint, calls FROM (
    SELECT c.endpoint, count(*) AS calls,
           row_number() OVER (PARTITION BY c.endpoint ORDER BY max(r.started_at) DESC) AS place
    FROM api_call AS c
    JOIN sync_run AS r ON r.run_id = c.run_id AND r.state = 'complete'
    WHERE c.account = $account
    GROUP BY c.endpoint, c.run_id) AS runs
WHERE place = 1

-- name: put_lines
-- A line without its code may be a slip of one reply or true (no item is registered): told twice, it is believed.
DELETE FROM cm_order_line
WHERE account = $account AND order_number IN (SELECT order_number FROM fetched);
DELETE FROM cm_component
WHERE account = $account AND order_number IN (SELECT order_number FROM fetched);
INSERT INTO cm_order_line (account, order_number, line_no, item_code, item_name, attribute1_name,
                           attribute2_name, amount, unit_price, is_set, jan_code, seen_at)
SELECT account, order_number, line_no, item_code, item_name, attribute1_name, attribute2_name, amount,
       unit_price, is_set, jan_code, seen_at
FROM incoming;
INSERT INTO cm_component (account, order_number, line_no, ordinal, item_code, item_name, attribute1_name,
                          attribute2_name, component_count, jan_code, seen_at)
SELECT account, order_number, line_no, ordinal, item_code, item_name, attribute1_name, attribute2_name,
       component_count, jan_code, seen_at
FROM components;
UPDATE cm_order SET lines_for = fetched.updated_at,
    lines_state = CASE WHEN fetched.lines_state = 'unsure' AND cm_order.lines_state = 'unsure'
                            AND cm_order.lines_for IS NOT DISTINCT FROM fetched.updated_at
                       THEN 'held' ELSE fetched.lines_state END
FROM fetched
WHERE cm_order.account = $account AND cm_order.order_number = fetched.order_number

-- name: put_phases
UPDATE cm_phase SET present = FALSE WHERE account = $account;
INSERT INTO cm_phase (account, phase_name, position, code_points, present, lookalike_of, difference,
                      first_seen_at, seen_at)
SELECT account, phase_name, position, code_points, TRUE, lookalike_of, difference, seen_at, seen_at
FROM incoming
ON CONFLICT (account, phase_name) DO UPDATE SET
    position = excluded.position, present = TRUE, lookalike_of = excluded.lookalike_of,
    difference = excluded.difference, seen_at = excluded.seen_at;
DELETE FROM phase_role WHERE account = $account AND origin = 'default';
INSERT INTO phase_role (account, phase_name, role, origin)
SELECT account, phase_name, role, 'default' FROM incoming
ON CONFLICT (account, phase_name) DO NOTHING

-- name: observations
SELECT account, order_number, first_seen_at, last_confirmed_at, phase_name, cancel_flag, delivery_number,
       check_marks, bundle_ahead_number, updated_at, first_run_id, last_run_id
FROM cm_observation ORDER BY account, order_number, first_seen_at

-- name: restore_observations
INSERT INTO cm_observation (account, order_number, first_seen_at, last_confirmed_at, phase_name, cancel_flag,
                            delivery_number, check_marks, bundle_ahead_number, updated_at, first_run_id, last_run_id)
SELECT account, order_number, first_seen_at, last_confirmed_at, phase_name, cancel_flag, delivery_number,
       check_marks, bundle_ahead_number, updated_at, first_run_id, last_run_id
FROM incoming WHERE account IN (SELECT account FROM account)
ON CONFLICT (account, order_number, first_seen_at) DO NOTHING

-- name: count_observations
SELECT count(*) FROM cm_observation
