-- Rules about single orders. Every block returns: kind, subject_kind, subject, order_number, order_code, shop_code, since,
-- missing, severity, then the evidence columns of its registry entry, in that order.

-- name: drop_odd_order
DROP TABLE IF EXISTS odd_order;

-- name: find_odd_orders
-- The orders about which these rules may have a word: cancelled, not past the collect phase, on several packings, of another
-- quantity or another tracking number. Most orders of a shop are none of these.
CREATE TEMPORARY TABLE odd_order AS
SELECT order_number FROM order_case
WHERE account = $account AND ss_is_weak IS NOT NULL AND (
    is_cancelled OR phase_role IN ('before', 'collect') OR ss_active_packing_count > 1
    OR ss_qty IS DISTINCT FROM ordered_qty OR delivery_number IS DISTINCT FROM ss_tracking);

-- name: drop_odd_line
DROP TABLE IF EXISTS odd_line;

-- name: find_odd_lines
CREATE TEMPORARY TABLE odd_line AS
SELECT * FROM case_line WHERE order_number IN (SELECT order_number FROM odd_order);

-- name: drop_cancelled_order
DROP TABLE IF EXISTS cancelled_order;

-- name: find_cancelled_orders
-- The cancellation lies in [cancel_from, cancel_by]: after the last look that showed the order not cancelled, and not
-- after the change time of the first look since then that showed it cancelled.
CREATE TEMPORARY TABLE cancelled_order AS
WITH look AS (
    SELECT h.order_number, h.first_seen_at, h.last_confirmed_at, h.updated_at,
        coalesce(h.cancel_flag = 2, FALSE) OR coalesce(r.role = 'cancelled', FALSE) AS is_cancelled
    FROM watched_look h
    LEFT JOIN phase_role r ON r.account = $account AND r.phase_name = h.phase_name
    WHERE h.order_number IN (
        SELECT order_number FROM order_case WHERE account = $account AND is_cancelled AND ss_is_weak IS NOT NULL)
),
normal AS (
    SELECT order_number, max(first_seen_at) AS first_seen_at,
        greatest(max(updated_at), max(last_confirmed_at)) AS cancel_from
    FROM look WHERE NOT is_cancelled GROUP BY order_number
),
cancelled AS (
    SELECT l.order_number, min(coalesce(l.updated_at, l.first_seen_at)) AS cancel_by
    FROM look l LEFT JOIN normal n ON n.order_number = l.order_number
    WHERE l.is_cancelled AND (n.first_seen_at IS NULL OR l.first_seen_at > n.first_seen_at)
    GROUP BY l.order_number
),
bracket AS (
    SELECT c.*, coalesce(n.cancel_from, c.created_at, c.ordered_at) AS not_before,
        coalesce(x.cancel_by, c.updated_at, c.seen_at) AS cancel_by
    FROM order_case c
    LEFT JOIN normal n ON n.order_number = c.order_number
    LEFT JOIN cancelled x ON x.order_number = c.order_number
    WHERE c.account = $account AND c.is_cancelled AND NOT c.is_bundle_child AND c.ss_is_weak IS NOT NULL
)
SELECT order_number, order_code, shop_code, phase_name, ss_is_weak AS is_weak, ss_status, ss_packings, ss_tracking,
    covered_until, least(not_before, cancel_by) AS cancel_from, cancel_by
FROM bracket;

-- name: F01
SELECT CASE WHEN NOT is_weak AND covered_until >= changed_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, created_from AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN covered_until >= changed_at THEN NULL
        WHEN newest_file_at >= changed_at THEN 'smartship_coverage' ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, phase_name, created_from AS created_at,
    CAST(floor(extract(epoch FROM $now - created_from) / 3600) AS INTEGER) AS age_h,
    CAST($before_phase_limit_h AS INTEGER) AS limit_h, covered_until, changed_at AS needed_at
FROM collection_order
WHERE phase_role = 'before' AND NOT was_waiting AND $now > created_from + CAST($before_phase_limit_h AS INTEGER) * INTERVAL '1 hour'
ORDER BY order_number;

-- name: F05
WITH shipped AS (
    SELECT order_number, min(shipped_by) AS shipped_by,
        min(shipped_by) + CAST($writeback_lag_error_min AS INTEGER) * INTERVAL '1 minute' AS needed_at
    FROM odd_line WHERE is_shipped GROUP BY order_number
),
list AS (
    SELECT phase_name, lookalike_of, position FROM cm_phase WHERE account = $account AND present
),
phase AS (
    SELECT a.shipped_phase, a.collect_phase,
        (SELECT min(l.phase_name) FROM list l
            WHERE l.lookalike_of = a.shipped_phase AND l.phase_name <> a.shipped_phase) AS lookalike,
        EXISTS (SELECT 1 FROM list) AS is_read,
        EXISTS (SELECT 1 FROM list l WHERE l.phase_name = a.shipped_phase) AS is_exact
    FROM account a WHERE a.account = $account
)
SELECT CASE WHEN NOT c.ss_is_weak AND c.seen_at >= s.needed_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, c.order_number AS subject, c.order_number, c.order_code, c.shop_code,
    s.shipped_by AS since,
    CASE WHEN c.ss_is_weak THEN 'weak_link' WHEN c.seen_at >= s.needed_at THEN NULL
        ELSE 'crossmall_newer_than' END AS missing,
    NULL AS severity, c.phase_name, s.shipped_by AS shipped_at, c.ss_tracking AS tracking_no, c.delivery_number,
    c.seen_at, CAST($writeback_lag_error_min AS INTEGER) AS limit_min, s.needed_at, p.shipped_phase AS expected,
    CASE WHEN NOT p.is_read THEN 'unknown' WHEN p.is_exact THEN 'exact' WHEN p.lookalike IS NOT NULL
        THEN 'lookalike_instead' ELSE 'absent' END AS phase_check,
    p.lookalike AS found
FROM order_case c
JOIN shipped s ON s.order_number = c.order_number
CROSS JOIN phase p
WHERE c.account = $account AND NOT c.is_cancelled AND NOT c.is_bundle_child
    AND c.phase_role IN ('before', 'collect') AND $now >= s.needed_at
    AND c.order_number NOT IN (SELECT order_number FROM returned_order)
ORDER BY c.order_number;

-- name: F16
WITH shipped AS (
    SELECT order_number, max(shipped_from) AS shipped_from, max(shipped_by) AS shipped_by
    FROM odd_line WHERE is_shipped GROUP BY order_number
)
SELECT CASE WHEN NOT c.is_weak AND s.shipped_from > c.cancel_by THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, c.order_number AS subject, c.order_number, c.order_code, c.shop_code,
    c.cancel_by AS since,
    CASE WHEN c.is_weak THEN 'weak_link' WHEN s.shipped_from > c.cancel_by THEN NULL
        WHEN s.shipped_from = s.shipped_by THEN 'cancel_time' ELSE 'shipped_time' END AS missing,
    NULL AS severity, c.phase_name, c.cancel_from, c.cancel_by, s.shipped_from, s.shipped_by AS shipped_at, c.ss_status,
    c.ss_tracking AS tracking_no, c.ss_packings AS packings
FROM cancelled_order c
JOIN shipped s ON s.order_number = c.order_number
WHERE coalesce(s.shipped_by > c.cancel_from, TRUE)
ORDER BY c.order_number;

-- name: F17
-- A line that a newer file covering the order no longer holds proves nothing: it was removed, or it shipped.
WITH unshipped AS (
    SELECT l.order_number, max(l.snapshot_at) AS snapshot_at,
        nullif(array_to_string(list_sort(list_distinct(list(l.packing_no))), ' '), '') AS packings,
        bool_or(l.snapshot_at >= c.cancel_by AND NOT coalesce(c.covered_until > l.snapshot_at, FALSE)) AS is_proven,
        bool_and(coalesce(c.covered_until > l.snapshot_at, FALSE)) AS is_gone
    FROM odd_line l JOIN cancelled_order c ON c.order_number = l.order_number
    WHERE l.is_active AND NOT l.is_shipped
    GROUP BY l.order_number
)
SELECT CASE WHEN NOT c.is_weak AND u.is_proven THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, c.order_number AS subject, c.order_number, c.order_code, c.shop_code,
    c.cancel_by AS since,
    CASE WHEN c.is_weak THEN 'weak_link' WHEN u.is_proven THEN NULL WHEN u.is_gone THEN 'smartship_line_gone'
        ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, c.phase_name, c.cancel_from, c.cancel_by, c.ss_status, u.packings,
    u.snapshot_at AS ss_snapshot_at, c.cancel_by AS needed_at
FROM cancelled_order c
JOIN unshipped u ON u.order_number = c.order_number
ORDER BY c.order_number;

-- name: F19
-- Unshipped lines that a newer covering file no longer holds do not count as a second shipment.
WITH line AS (
    SELECT l.*, l.packing_no AS packing,
        l.is_shipped OR NOT coalesce(c.covered_until > l.snapshot_at, FALSE) AS is_present
    FROM odd_line l JOIN order_case c ON c.account = $account AND c.order_number = l.order_number
    WHERE l.is_active AND l.packing_no IS NOT NULL AND c.ss_active_packing_count >= 2 AND NOT c.is_bundle_child
),
packing AS (
    SELECT order_number, packing, CAST(sum(qty) AS BIGINT) AS qty, bool_or(is_present) AS is_present,
        CAST(coalesce(sum(CASE WHEN is_present THEN qty END), 0) AS BIGINT) AS present_qty,
        coalesce(string_agg(DISTINCT registered_by, '/' ORDER BY registered_by), '-') AS registered_by,
        min(coalesce(registered_at, first_snapshot_at)) AS arrived_at
    FROM line GROUP BY order_number, packing
),
double AS (
    SELECT order_number, string_agg(packing, ' ' ORDER BY packing) AS packings,
        string_agg(CAST(qty AS VARCHAR), ' + ' ORDER BY packing) AS quantities,
        string_agg(registered_by, ' / ' ORDER BY packing) AS registered_by, max(arrived_at) AS arrived_at,
        CAST(sum(qty) AS BIGINT) AS qty,
        CAST(sum(present_qty) AS BIGINT) AS present_qty,
        sum(CASE WHEN is_present THEN 1 ELSE 0 END) AS present_packings
    FROM packing GROUP BY order_number
),
judged AS (
    SELECT d.*, c.order_code, c.shop_code, c.ss_is_weak AS is_weak, c.ordered_qty,
        c.ordered_qty IS NOT NULL AND NOT coalesce(o.lines_for < o.updated_at, FALSE) AS has_lines,
        d.present_packings >= 2 AND d.present_qty > c.ordered_qty AS is_proven
    FROM double d
    JOIN order_case c ON c.account = $account AND c.order_number = d.order_number
    JOIN cm_order o ON o.account = c.account AND o.order_number = c.order_number
)
SELECT CASE WHEN NOT is_weak AND has_lines AND is_proven THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, arrived_at AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN NOT has_lines THEN 'order_lines' WHEN is_proven THEN NULL
        ELSE 'smartship_line_gone' END AS missing,
    NULL AS severity, packings, quantities AS packing_quantities, registered_by, qty AS ss_qty, ordered_qty
FROM judged
WHERE NOT has_lines OR qty > ordered_qty
ORDER BY order_number;

-- name: F27
-- CROSS MALL may hold several numbers in one field: a number inside it agrees [D]. Fields of the same text agree.
WITH tracked AS (
    SELECT l.order_number, bool_or(position(l.tracking_key IN o.delivery_number_key) > 0) AS agrees,
        max(l.snapshot_at) AS snapshot_at
    FROM odd_line l
    JOIN cm_order o ON o.account = $account AND o.order_number = l.order_number
    WHERE l.is_active AND l.tracking_key <> '' AND o.delivery_number_key <> ''
    GROUP BY l.order_number
)
SELECT CASE WHEN c.ss_is_weak THEN 'cannot_tell' ELSE 'finding' END AS kind, 'order' AS subject_kind,
    c.order_number AS subject, c.order_number, c.order_code, c.shop_code, c.updated_at AS since,
    CASE WHEN c.ss_is_weak THEN 'weak_link' END AS missing, NULL AS severity, c.phase_name, c.delivery_number,
    c.ss_tracking AS tracking_no, c.seen_at, t.snapshot_at AS ss_snapshot_at
FROM order_case c
JOIN tracked t ON t.order_number = c.order_number
WHERE c.account = $account AND NOT c.is_cancelled AND NOT c.is_bundle_child AND NOT t.agrees
ORDER BY c.order_number;
