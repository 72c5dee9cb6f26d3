-- Rules about lines that stand still at Smartship. Every block returns: kind, subject_kind, subject, order_number,
-- order_code, shop_code, since, missing, severity, then the evidence columns of its registry entry.

-- name: drop_standing_line
DROP TABLE IF EXISTS standing_line;

-- name: find_standing_lines
-- Lines of orders not cancelled that are in work at Smartship and not shipped. is_present: in the newest file that covers them.
CREATE TEMPORARY TABLE standing_line AS
SELECT l.order_number, l.line_key, l.status, l.status_raw, l.packing_no, l.is_weak, l.snapshot_at, l.tracking_key,
    coalesce(l.registered_at, l.first_snapshot_at) AS arrived_at, l.registered_at, l.registered_by,
    s.hold_raw, s.sku_no, s.seller_code, s.service_type, s.import_id, c.order_code, c.shop_code, c.phase_name, c.phase_role,
    c.updated_at, coalesce(c.cancel_flag = 1, FALSE) AS is_held, c.is_bundle_child, c.covered_until,
    c.ss_is_weak AS case_is_weak, c.ss_status AS case_status, c.ss_shipped_at AS case_shipped_at,
    NOT coalesce(c.covered_until > l.snapshot_at, FALSE) AS is_present
FROM case_line l
JOIN order_case c ON c.account = $account AND c.order_number = l.order_number
JOIN ss_shipment_line s ON s.account = $account AND s.line_key = l.line_key
WHERE l.is_active AND NOT l.is_shipped AND NOT c.is_cancelled;

-- name: drop_trouble_line
DROP TABLE IF EXISTS trouble_line;

-- name: find_trouble_lines
-- One cause per line, the most specific first. The words are our reading of vendor texts [I]; codes CNSAB, ASCF and -101 [S].
CREATE TEMPORARY TABLE trouble_line AS
WITH sku_file AS (
    SELECT DISTINCT import_id FROM ss_shipment_line
    WHERE account = $account AND (sku_no <> '' OR seller_code <> '')
),
worded AS (
    SELECT t.*, upper(concat_ws(' ', t.status_raw, t.hold_raw)) AS words,
        coalesce(t.sku_no, '') = '' AND coalesce(t.seller_code, '') = '' AND f.import_id IS NOT NULL AS is_sku_blank
    FROM standing_line t LEFT JOIN sku_file f ON f.import_id = t.import_id
    WHERE t.is_present AND NOT t.is_bundle_child
),
assigning AS (
    SELECT h.line_key, min(h.snapshot_at) AS assigning_since
    FROM ss_shipment_status h
    JOIN worded w ON w.line_key = h.line_key AND w.status = 'WAYBILL_ASSIGNING'
    WHERE h.account = $account AND h.status = 'WAYBILL_ASSIGNING'
    GROUP BY h.line_key
)
SELECT w.*, coalesce(a.assigning_since, w.snapshot_at) AS assigning_since,
    CASE
        WHEN regexp_matches(w.words, '(^|[^0-9])-101([^0-9]|$)|TX ?MONEY|残高|잔액') THEN 'F35'
        WHEN regexp_matches(w.words, 'CNSAB|ASCF')
            OR (w.status = 'WAYBILL_ASSIGNING' AND coalesce(w.tracking_key, '') = '') THEN 'F24'
        WHEN w.status = 'ERROR' OR w.is_sku_blank THEN 'F08'
        WHEN w.status = 'HOLD' THEN 'F23'
    END AS cause,
    CASE
        WHEN regexp_matches(w.words, '品切|在庫不足|欠品|OUT OF STOCK|품절') THEN 'out_of_stock'
        WHEN w.is_sku_blank THEN 'sku_blank'
        ELSE 'error'
    END AS stuck_by
FROM worded w
LEFT JOIN assigning a ON a.line_key = w.line_key;

-- name: F08
-- case_key: the first product of the order that is not linked, where the mapping has one.
WITH unlinked AS (
    SELECT n.order_number, min(m.case_key) AS case_key
    FROM (SELECT DISTINCT order_number FROM trouble_line WHERE cause = 'F08') t
    JOIN cm_order_line n ON n.account = $account AND n.order_number = t.order_number
    JOIN mapping_case m ON m.account = n.account AND m.item_code = n.item_code
        AND m.attribute1_name = coalesce(n.attribute1_name, '') AND m.attribute2_name = coalesce(n.attribute2_name, '')
    WHERE m.mapping_class <> 'linked'
    GROUP BY n.order_number
)
SELECT CASE WHEN bool_and(is_weak) THEN 'cannot_tell' ELSE 'finding' END AS kind, 'order' AS subject_kind,
    t.order_number AS subject, t.order_number, max(order_code) AS order_code, max(shop_code) AS shop_code,
    min(arrived_at) AS since, CASE WHEN bool_and(is_weak) THEN 'weak_link' END AS missing, NULL AS severity,
    max(stuck_by) AS stuck_by, nullif(array_to_string(list_sort(list_distinct(list(packing_no))), ' '), '') AS packings,
    max(status_raw) AS status_raw, max(hold_raw) AS hold_raw, min(arrived_at) AS arrived_at,
    max(snapshot_at) AS ss_snapshot_at, max(u.case_key) AS case_key
FROM trouble_line AS t
LEFT JOIN unlinked AS u ON u.order_number = t.order_number
WHERE cause = 'F08'
GROUP BY t.order_number
ORDER BY t.order_number;

-- name: F23
SELECT CASE WHEN bool_and(is_weak) THEN 'cannot_tell' ELSE 'finding' END AS kind, 'order' AS subject_kind,
    order_number AS subject, order_number, max(order_code) AS order_code, max(shop_code) AS shop_code,
    min(arrived_at) AS since, CASE WHEN bool_and(is_weak) THEN 'weak_link' END AS missing, NULL AS severity,
    nullif(array_to_string(list_sort(list_distinct(list(packing_no))), ' '), '') AS packings, max(hold_raw) AS hold_raw,
    min(arrived_at) AS arrived_at, max(snapshot_at) AS ss_snapshot_at
FROM trouble_line
WHERE cause = 'F23'
GROUP BY order_number
ORDER BY order_number;

-- name: F24
-- Numbering takes up to assigning_grace_min (F25): before that nothing; then a file that still shows it decides.
WITH order_line AS (
    SELECT order_number, max(order_code) AS order_code, max(shop_code) AS shop_code, bool_and(is_weak) AS is_weak,
        nullif(array_to_string(list_sort(list_distinct(list(packing_no))), ' '), '') AS packings, max(hold_raw) AS hold_raw,
        max(snapshot_at) AS snapshot_at, min(assigning_since) AS assigning_since,
        bool_or(status <> 'WAYBILL_ASSIGNING') AS is_refused,
        min(assigning_since) + CAST($assigning_grace_min AS INTEGER) * INTERVAL '1 minute' AS needed_at
    FROM trouble_line WHERE cause = 'F24' GROUP BY order_number
)
SELECT CASE WHEN NOT is_weak AND (is_refused OR snapshot_at >= needed_at) THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, assigning_since AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN is_refused OR snapshot_at >= needed_at THEN NULL
        ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, packings, hold_raw, assigning_since, CAST($assigning_grace_min AS INTEGER) AS limit_min, needed_at,
    snapshot_at AS ss_snapshot_at
FROM order_line
WHERE is_refused OR snapshot_at >= needed_at OR $now >= needed_at
ORDER BY order_number;

-- name: F35
SELECT CASE WHEN bool_and(is_weak) THEN 'cannot_tell' ELSE 'finding' END AS kind, 'order' AS subject_kind,
    order_number AS subject, order_number, max(order_code) AS order_code, max(shop_code) AS shop_code,
    min(arrived_at) AS since, CASE WHEN bool_and(is_weak) THEN 'weak_link' END AS missing, NULL AS severity,
    nullif(array_to_string(list_sort(list_distinct(list(packing_no))), ' '), '') AS packings, max(status_raw) AS status_raw,
    max(hold_raw) AS hold_raw, max(snapshot_at) AS ss_snapshot_at
FROM trouble_line
WHERE cause = 'F35'
GROUP BY order_number
ORDER BY order_number;

-- name: F18
-- Gone from a newer file that covers it, or shown as cancelled there, while CROSS MALL still waits for it.
WITH waiting AS (
    SELECT order_number, order_code, shop_code, phase_name, ss_is_weak, covered_until FROM order_case
    WHERE account = $account AND phase_role IN ('before', 'collect') AND NOT is_cancelled AND NOT is_bundle_child
        AND ss_is_weak IS NOT NULL AND order_number NOT IN (SELECT order_number FROM returned_order)
),
vanished AS (
    SELECT l.order_number, max(l.snapshot_at) AS last_seen_at, bool_or(l.is_active) AS was_active,
        nullif(array_to_string(list_sort(list_distinct(list(l.packing_no))), ' '), '') AS packings,
        min(coalesce(l.registered_at, l.first_snapshot_at)) AS arrived_at,
        max(CASE WHEN l.is_active THEN l.status END) AS active_status, max(l.status) AS status
    FROM odd_line l
    WHERE l.order_number IN (SELECT order_number FROM waiting)
    GROUP BY l.order_number
    HAVING NOT bool_or(l.is_shipped) AND NOT bool_or(l.status IN ('RETURNED', 'CLAIMED'))
)
SELECT CASE WHEN c.ss_is_weak THEN 'cannot_tell' ELSE 'finding' END AS kind, 'order' AS subject_kind,
    c.order_number AS subject, c.order_number, c.order_code, c.shop_code, v.last_seen_at AS since,
    CASE WHEN c.ss_is_weak THEN 'weak_link' END AS missing, NULL AS severity, c.phase_name,
    CASE WHEN v.was_active THEN 'gone' ELSE 'cancelled' END AS vanished_how, v.packings,
    coalesce(v.active_status, v.status) AS ss_status, v.last_seen_at, c.covered_until, v.arrived_at,
    v.arrived_at + CAST($resync_deadline_d AS INTEGER) * INTERVAL '1 day' AS resync_by,
    $now > v.arrived_at + CAST($resync_deadline_d AS INTEGER) * INTERVAL '1 day' AS past_deadline
FROM vanished v
JOIN waiting c ON c.order_number = v.order_number
WHERE NOT v.was_active OR c.covered_until > v.last_seen_at
ORDER BY c.order_number;

-- name: F28
-- A file older than the change says nothing for a day: the parcel may have left since.
WITH judged AS (
    SELECT order_number, order_code, shop_code, phase_name, case_is_weak AS is_weak, updated_at, case_status AS ss_status,
        max(service_type) AS service_type, max(snapshot_at) AS snapshot_at,
        nullif(array_to_string(list_sort(list_distinct(list(packing_no))), ' '), '') AS packings,
        updated_at + CAST($coverage_grace_min AS INTEGER) * INTERVAL '1 minute' AS needed_at
    FROM standing_line
    WHERE is_present AND NOT is_bundle_child AND phase_role = 'shipped'
        AND case_shipped_at IS NULL AND case_status NOT IN ('SHIPPED', 'IN_TRANSIT', 'DELIVERED', 'DELIVERY_FAILED')
    GROUP BY order_number, order_code, shop_code, phase_name, case_is_weak, updated_at, case_status
)
SELECT CASE WHEN NOT is_weak AND snapshot_at >= needed_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, updated_at AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN snapshot_at >= needed_at THEN NULL
        ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, phase_name, updated_at AS changed_at, ss_status, service_type, packings, needed_at,
    snapshot_at AS ss_snapshot_at
FROM judged
WHERE snapshot_at >= needed_at OR $now >= updated_at + CAST($stale_file_h AS INTEGER) * INTERVAL '1 hour'
ORDER BY order_number;

-- name: F38
WITH judged AS (
    SELECT order_number, order_code, shop_code, phase_name, case_is_weak AS is_weak, updated_at, case_status AS ss_status,
        min(arrived_at) AS arrived_at, max(snapshot_at) AS snapshot_at,
        nullif(array_to_string(list_sort(list_distinct(list(packing_no))), ' '), '') AS packings,
        updated_at + CAST($coverage_grace_min AS INTEGER) * INTERVAL '1 minute' AS needed_at
    FROM standing_line
    WHERE is_present AND NOT is_bundle_child AND NOT is_held AND phase_role IN ('after', 'unknown')
        AND case_shipped_at IS NULL AND case_status NOT IN ('SHIPPED', 'IN_TRANSIT', 'DELIVERED', 'DELIVERY_FAILED')
    GROUP BY order_number, order_code, shop_code, phase_name, case_is_weak, updated_at, case_status
)
SELECT CASE WHEN NOT is_weak AND snapshot_at >= needed_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, updated_at AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN snapshot_at >= needed_at THEN NULL
        ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, phase_name, updated_at AS changed_at, arrived_at, ss_status, packings, needed_at,
    snapshot_at AS ss_snapshot_at
FROM judged
WHERE snapshot_at >= needed_at OR $now >= updated_at + CAST($stale_file_h AS INTEGER) * INTERVAL '1 hour'
ORDER BY order_number;

-- name: F29
SELECT CASE WHEN bool_and(l.is_weak) THEN 'cannot_tell' ELSE 'finding' END AS kind, 'order' AS subject_kind,
    l.order_number AS subject, l.order_number, max(c.order_code) AS order_code, max(c.shop_code) AS shop_code,
    max(l.snapshot_at) AS since, CASE WHEN bool_and(l.is_weak) THEN 'weak_link' END AS missing, NULL AS severity,
    max(c.phase_name) AS phase_name, max(l.status) AS ss_status, max(l.status_raw) AS status_raw,
    max(s.hold_raw) AS hold_raw, nullif(array_to_string(list_sort(list_distinct(list(l.packing_no))), ' '), '') AS packings,
    max(l.tracking_no) AS tracking_no, max(l.snapshot_at) AS ss_snapshot_at
FROM case_line l
JOIN order_case c ON c.account = $account AND c.order_number = l.order_number
JOIN ss_shipment_line s ON s.account = $account AND s.line_key = l.line_key
WHERE l.status IN ('DELIVERY_FAILED', 'RETURNED') AND NOT c.is_cancelled
GROUP BY l.order_number
ORDER BY l.order_number;
