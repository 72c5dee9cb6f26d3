-- What the screens and the command line read. Filters and pages are applied here, never in a browser.

-- name: orders_filtered
-- With what people decided: triage is the most urgent of an order's findings, waiting counts from the oldest open one.
-- The kinds are filtered first; the rest is asked of the orders of those kinds. row_no and place: see queries.late_page.
WITH listed AS (
    SELECT *, rowid AS row_no, coalesce(least(pending_high, pending_medium, pending_low) <= $now, FALSE) AS is_pending,
        coalesce(pending_high < $late_high OR pending_medium < $late_medium OR pending_low < $late_low, FALSE) AS is_overdue,
        CASE WHEN is_pending THEN least(pending_high, pending_medium, pending_low) ELSE first_opened_at END AS waiting_since
    FROM order_case
),
kind AS (
    SELECT kind_ordinal, people, stage, decided FROM order_kind
    WHERE ($account IS NULL OR account = $account)
      AND (len($shops) = 0 OR list_contains($shops, shop_code))
      AND (len($states) = 0 OR list_contains($states, state))
      AND (len($phases) = 0 OR list_contains($phases, phase_name))
      AND (len($rules) = 0 OR list_has_any(string_split(rules, ' '), $rules))
      AND ($desk <> 'mine' OR list_contains(string_split(people, chr(10)), $person))
      AND (CAST($flow_least AS INTEGER) IS NULL OR stage BETWEEN $flow_least AND $flow_most)
)
SELECT c.account, c.order_number, c.order_code, c.shop_code, c.shop_name, c.state, c.primary_rule, c.phase_name,
       c.ss_status, CASE WHEN c.is_pending THEN 'open' ELSE k.decided END AS triage,
       replace(k.people, chr(10), ', ') AS assignee,
       CASE WHEN c.waiting_since < CAST($now AS TIMESTAMP)
           THEN CAST(floor(EXTRACT(EPOCH FROM (CAST($now AS TIMESTAMP) - c.waiting_since)) / 3600) AS INTEGER)
           WHEN c.waiting_since IS NOT NULL THEN 0 END AS waiting_h,
       CASE WHEN c.is_overdue THEN 'overdue' WHEN c.is_pending OR k.decided = 'open' THEN 'in_time' END AS ageing,
       c.ordered_at, c.updated_at, c.cancel_flag, c.delivery_number, c.ss_tracking, c.ss_packings,
       c.ss_shipped_at, c.ordered_qty, c.ss_qty, c.total_price, c.seen_at, c.ss_snapshot_at, c.covered_until,
       c.row_no, c.place
FROM listed AS c
JOIN kind AS k ON k.kind_ordinal = c.kind_ordinal
WHERE ($account IS NULL OR c.account = $account)
  AND ($ordered_from IS NULL OR c.ordered_at >= $ordered_from)
  AND ($ordered_to IS NULL OR c.ordered_at < $ordered_to)
  AND (len($numbers) = 0 OR c.row_no IN (SELECT unnest(CAST($row_nos AS BIGINT[]))))
  AND (NOT CAST($overdue AS BOOLEAN) OR c.is_overdue)
  AND ($desk <> 'open' OR c.is_pending OR k.decided = 'open')
  AND (CAST($flow_least AS INTEGER) IS NULL OR NOT coalesce(coalesce(c.created_at, c.ordered_at) < $flow_since, FALSE))

-- name: count_by_state
SELECT k.state, CAST(sum(c.orders) AS BIGINT)
FROM (SELECT kind_ordinal, count(*) AS orders FROM order_case
      WHERE ($account IS NULL OR account = $account) GROUP BY kind_ordinal) AS c
JOIN order_kind AS k ON k.kind_ordinal = c.kind_ordinal
GROUP BY k.state

-- name: count_by_rule
SELECT rule, kind, count(*) FROM finding
WHERE state = 'open' AND ($account IS NULL OR account = $account) GROUP BY rule, kind ORDER BY rule, kind

-- name: phase_counts
SELECT k.phase_name, any_value(k.phase_role) AS phase_role, CAST(sum(c.orders) AS BIGINT) AS orders,
       CAST(coalesce(sum(c.orders) FILTER (WHERE k.state = 'act_now'), 0) AS BIGINT) AS act_now,
       CAST(coalesce(sum(c.orders) FILTER (WHERE k.state = 'at_risk'), 0) AS BIGINT) AS at_risk,
       CAST(coalesce(sum(c.orders) FILTER (WHERE k.state = 'cannot_tell'), 0) AS BIGINT) AS cannot_tell,
       CAST(coalesce(sum(c.orders) FILTER (WHERE k.state = 'in_step'), 0) AS BIGINT) AS in_step,
       min(p.position) AS position
FROM (SELECT kind_ordinal, count(*) AS orders FROM order_case
      WHERE ($account IS NULL OR account = $account) GROUP BY kind_ordinal) AS c
JOIN order_kind AS k ON k.kind_ordinal = c.kind_ordinal
LEFT JOIN cm_phase AS p ON p.account = k.account AND p.phase_name = k.phase_name
GROUP BY k.phase_name ORDER BY position NULLS LAST, k.phase_name

-- name: shops
SELECT DISTINCT shop_code, shop_name FROM cm_order
WHERE ($account IS NULL OR account = $account) AND shop_code IS NOT NULL ORDER BY shop_code, shop_name

-- name: as_of
SELECT (SELECT min(complete_at) FROM sync_cursor
        WHERE feed = $feed AND ($account IS NULL OR account = $account)),
       (SELECT min(newest) FROM (
            SELECT max(snapshot_at) AS newest FROM ss_import
            WHERE kind = $kind AND ($account IS NULL OR account = $account) GROUP BY account))

-- name: known_by
-- Orders by another number than their own.
SELECT account, order_number FROM order_case
WHERE ($account IS NULL OR account = $account)
  AND (order_code = $number OR delivery_number = $number
       OR list_contains(string_split(coalesce(ss_packings, ''), ' '), $number))
ORDER BY account, order_number

-- name: order_row
SELECT * EXCLUDE (kind_ordinal, place, pending_high, pending_medium, pending_low, first_opened_at)
FROM order_case WHERE ($account IS NULL OR account = $account) AND order_number = $order_number ORDER BY account

-- name: order_lines
-- mapping_class, case_key: how the line's product stands against Smartship; NULL where that was not judged.
SELECT n.line_no, n.item_code, n.item_name,
       nullif(concat_ws(',', nullif(n.attribute1_name, ''), nullif(n.attribute2_name, '')), '') AS option_text,
       n.amount, n.is_set, n.jan_code, d.mapping_class, d.case_key
FROM cm_order_line AS n
LEFT JOIN mapping_desk AS d ON d.account = n.account AND d.item_code = n.item_code AND d.case_place = 1
    AND d.attribute1_name = coalesce(n.attribute1_name, '') AND d.attribute2_name = coalesce(n.attribute2_name, '')
WHERE n.account = $account AND n.order_number = $order_number ORDER BY n.line_no

-- name: shipment_lines
SELECT s.packing_no, s.site_order_no, s.reference_no, l.matched_by, s.item_name, s.option_text, s.sku_no, s.qty,
       s.status, s.status_raw, s.registered_by, s.tracking_no, s.registered_at, s.confirmed_at, s.instructed_at,
       s.printed_at, s.shipped_at, s.delivered_at, s.snapshot_at
FROM order_link AS l
JOIN ss_shipment_line AS s ON s.account = l.account AND s.line_key = l.line_key
WHERE l.account = $account AND l.order_number = $order_number
ORDER BY s.packing_no, s.row_no

-- name: order_observations
SELECT first_seen_at, last_confirmed_at, phase_name, cancel_flag, delivery_number, updated_at
FROM cm_observation WHERE account = $account AND order_number = $order_number ORDER BY first_seen_at

-- name: findings
SELECT account, rule, kind, severity, subject_kind, subject, order_number, order_code, shop_code, since, because,
       missing, state, opened_at, refreshed_at
FROM finding
WHERE ($account IS NULL OR account = $account) AND ($rule IS NULL OR rule = $rule)
  AND ($kind IS NULL OR kind = $kind) AND ($state IS NULL OR state = $state)
  AND ($order_number IS NULL OR order_number = $order_number)
ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, kind DESC, rule, since NULLS LAST,
         account, subject

-- name: order_findings
-- Its own; those of its shop and its account that are its main cause; those of a phase that its own is a lookalike of.
SELECT f.account, f.rule, f.kind, f.severity, f.subject_kind, f.subject, f.order_number, f.order_code, f.shop_code,
       f.since, f.because, f.missing, f.state, f.opened_at, f.refreshed_at
FROM finding AS f
WHERE f.account = $account AND f.state = 'open'
  AND (f.order_number = $order_number
       OR (f.subject_kind = 'shop' AND f.subject = $shop_code AND f.rule = $primary_rule)
       OR (f.subject_kind = 'account' AND f.rule = $primary_rule)
       OR (f.subject_kind = 'phase' AND EXISTS (
           SELECT 1 FROM cm_phase AS p
           WHERE p.account = $account AND p.phase_name = $phase_name AND p.lookalike_of = f.subject)))
ORDER BY CASE f.severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, f.kind DESC, f.rule

-- name: causes
SELECT rule, min(severity) AS severity, count(*) AS findings, min(since) AS oldest
FROM finding
WHERE kind = 'finding' AND state = 'open' AND ($account IS NULL OR account = $account)
GROUP BY rule
ORDER BY CASE min(severity) WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, count(*) DESC, rule

-- name: opened_per_day
-- Days are JST.
SELECT rule, CAST(opened_at + INTERVAL '9 hours' AS DATE) AS opened_on, count(*) AS findings
FROM finding
WHERE kind = 'finding' AND opened_at >= $since AND ($account IS NULL OR account = $account)
GROUP BY rule, opened_on

-- name: missing_counts
-- orders: the first hundred of them, as one address carries.
SELECT missing, count(*) AS findings,
    coalesce(array_to_string(list_sort(list(DISTINCT order_number) FILTER (order_number <> ''))[1:100], ' '), '') AS orders
FROM finding
WHERE kind = 'cannot_tell' AND state = 'open' AND ($account IS NULL OR account = $account)
GROUP BY missing ORDER BY findings DESC, missing

-- name: account_health
SELECT a.account, r.finished_at, r.state, r.error_key,
       (SELECT max(started_at) FROM sync_run WHERE account = a.account AND state = 'complete') AS good_at,
       i.snapshot_at, i.covers_from,
       coalesce(o.orders, 0) AS orders, coalesce(w.waiting, 0) AS waiting
FROM account AS a
LEFT JOIN (SELECT account, count(*) AS orders FROM cm_order GROUP BY account) AS o ON o.account = a.account
LEFT JOIN (SELECT k.account, count(*) AS waiting FROM order_case AS c
           JOIN order_kind AS k ON k.kind_ordinal = c.kind_ordinal AND k.is_expected GROUP BY k.account) AS w
    ON w.account = a.account
LEFT JOIN (SELECT account, finished_at, state, error_key FROM sync_run
           QUALIFY row_number() OVER (PARTITION BY account ORDER BY started_at DESC) = 1) AS r
    ON r.account = a.account
LEFT JOIN (SELECT account, snapshot_at, covers_from FROM ss_import WHERE kind = 'orders'
           QUALIFY row_number() OVER (PARTITION BY account ORDER BY snapshot_at DESC NULLS LAST) = 1) AS i
    ON i.account = a.account
ORDER BY a.account

-- name: state_by_account
SELECT k.account, k.state, CAST(sum(c.orders) AS BIGINT)
FROM (SELECT kind_ordinal, count(*) AS orders FROM order_case GROUP BY kind_ordinal) AS c
JOIN order_kind AS k ON k.kind_ordinal = c.kind_ordinal
GROUP BY k.account, k.state

-- name: phase_warnings
SELECT account, min(rule) FROM finding
WHERE rule = 'F06' AND state = 'open' AND kind = 'finding' GROUP BY account

-- name: evaluated_at
SELECT account, max(evaluated_at) FROM order_case
WHERE ($account IS NULL OR account = $account) GROUP BY account

-- name: phases
SELECT p.phase_name, p.position, coalesce(r.role, 'unknown'), coalesce(r.origin, 'default'), p.present,
       (SELECT count(*) FROM cm_order AS o WHERE o.account = p.account AND o.phase_name = p.phase_name),
       p.lookalike_of, p.difference, p.code_points, p.seen_at
FROM cm_phase AS p
LEFT JOIN phase_role AS r ON r.account = p.account AND r.phase_name = p.phase_name
WHERE p.account = $account ORDER BY p.present DESC, p.position

-- name: any_mapping
SELECT 1 FROM mapping_desk WHERE account = $account LIMIT 1

-- name: observations
SELECT account, order_number, first_seen_at, last_confirmed_at, phase_name, cancel_flag, delivery_number,
       check_marks, bundle_ahead_number, updated_at
FROM cm_observation WHERE ($account IS NULL OR account = $account)
ORDER BY account, order_number, first_seen_at

-- name: doctor
SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM cm_order), (SELECT count(*) FROM cm_observation),
       (SELECT count(*) FROM ss_shipment_line), (SELECT max(version) FROM schema_migration)
