-- Rules about what is in the parcels: items, quantities, splits, edits. Every block returns: kind, subject_kind, subject,
-- order_number, order_code, shop_code, since, missing, severity, then the evidence columns of its registry entry.

-- name: drop_fresh_version
DROP TABLE IF EXISTS fresh_version;

-- name: find_versions
-- Lines of orders that can still be edited while Smartship works on them, where we hold them for a newer updated_at.
CREATE TEMPORARY TABLE fresh_version AS
WITH newest AS (
    SELECT order_number, version, fingerprint, last_for FROM (
        SELECT order_number, version, fingerprint, last_for,
            row_number() OVER (PARTITION BY order_number ORDER BY version DESC) AS place
        FROM cm_line_version WHERE account = $account
    ) v WHERE place = 1
),
open_order AS (
    SELECT o.order_number, o.lines_for, v.version, v.fingerprint
    FROM cm_order o
    JOIN order_case c ON c.account = o.account AND c.order_number = o.order_number
    LEFT JOIN newest v ON v.order_number = o.order_number
    WHERE o.account = $account AND o.lines_state = 'held' AND NOT c.is_cancelled AND c.ss_shipped_at IS NULL
        AND c.phase_role IN ('before', 'collect', 'unknown', 'after')
        AND (v.version IS NULL OR v.last_for IS DISTINCT FROM o.lines_for)
        AND (c.phase_role <> 'after' OR c.ss_is_weak IS NOT NULL OR v.version IS NOT NULL)
),
content AS (
    SELECT n.order_number, sum(n.amount) AS pieces, max(n.seen_at) AS seen_at,
        md5(string_agg(concat_ws('|', coalesce(n.item_code, ''), coalesce(n.attribute1_name, ''),
            coalesce(n.attribute2_name, ''), CAST(coalesce(n.amount, -1) AS VARCHAR)), '/'
            ORDER BY n.item_code, n.attribute1_name, n.attribute2_name, n.amount)) AS fingerprint
    FROM cm_order_line n JOIN open_order o ON o.order_number = n.order_number
    WHERE n.account = $account
    GROUP BY n.order_number
)
SELECT o.order_number, coalesce(o.version, 0) AS known_version, o.fingerprint IS NOT DISTINCT FROM c.fingerprint AS is_known,
    c.fingerprint, CAST(c.pieces AS BIGINT) AS pieces, o.lines_for, c.seen_at
FROM open_order o JOIN content c ON c.order_number = o.order_number;

-- name: confirm_versions
UPDATE cm_line_version SET last_for = f.lines_for, seen_at = f.seen_at
FROM fresh_version f
WHERE f.is_known AND cm_line_version.account = $account AND cm_line_version.order_number = f.order_number
    AND cm_line_version.version = f.known_version;

-- name: write_versions
INSERT INTO cm_line_version (account, order_number, version, fingerprint, pieces, first_for, last_for, seen_at)
SELECT $account, order_number, known_version + 1, fingerprint, pieces, lines_for, lines_for, seen_at
FROM fresh_version WHERE NOT is_known;

-- name: forget_versions
-- Versions of orders that left the store.
DELETE FROM cm_line_version
WHERE account = $account AND NOT EXISTS (
    SELECT 1 FROM cm_order o WHERE o.account = cm_line_version.account AND o.order_number = cm_line_version.order_number
);

-- name: F09
-- expected: the SKU numbers that exact links give to all lines of the order; without a link for each there is no basis.
WITH linked AS (
    SELECT item_code, attribute1_name, attribute2_name, min(sku_no) AS sku_no
    FROM mapping_case WHERE account = $account AND item_code IS NOT NULL
        AND (mapping_class IN ('linked', 'name_only') OR (mapping_class = 'cannot_tell' AND source = 'mapping'))
    GROUP BY item_code, attribute1_name, attribute2_name
    HAVING count(DISTINCT sku_no) = 1
),
shipped_sku AS (
    SELECT l.order_number, s.sku_no, bool_and(l.is_weak) AS is_weak, min(l.packing_no) AS packing_no,
        max(l.snapshot_at) AS snapshot_at, bool_or(l.is_shipped) AS is_shipped,
        min(coalesce(l.registered_at, l.first_snapshot_at)) AS arrived_at
    FROM case_line l
    JOIN ss_shipment_line s ON s.account = $account AND s.line_key = l.line_key
    WHERE l.is_active AND s.sku_no <> '' AND l.status <> 'DELIVERED' AND EXISTS (SELECT 1 FROM linked)
    GROUP BY l.order_number, s.sku_no
),
expected AS (
    SELECT n.order_number, k.sku_no, n.is_set,
        mapping_case_key('cm', n.item_code, coalesce(n.attribute1_name, ''), coalesce(n.attribute2_name, '')) AS case_key
    FROM cm_order_line n
    JOIN (SELECT DISTINCT order_number FROM shipped_sku) x ON x.order_number = n.order_number
    LEFT JOIN linked k ON k.item_code = n.item_code AND k.attribute1_name = coalesce(n.attribute1_name, '')
        AND k.attribute2_name = coalesce(n.attribute2_name, '')
    WHERE n.account = $account
),
whole AS (
    SELECT order_number, string_agg(DISTINCT sku_no, ' ' ORDER BY sku_no) AS expected_skus, min(case_key) AS case_key
    FROM expected GROUP BY order_number HAVING count(*) = count(sku_no) AND NOT bool_or(is_set)
),
wrong AS (
    SELECT s.order_number, string_agg(DISTINCT s.sku_no, ' ' ORDER BY s.sku_no) AS found_skus, bool_and(s.is_weak) AS is_weak,
        nullif(array_to_string(list_sort(list_distinct(list(s.packing_no))), ' '), '') AS packings, max(s.snapshot_at) AS snapshot_at,
        bool_or(s.is_shipped) AS is_shipped, min(s.arrived_at) AS arrived_at
    FROM shipped_sku s JOIN whole w ON w.order_number = s.order_number
    WHERE NOT EXISTS (SELECT 1 FROM expected e WHERE e.order_number = s.order_number AND e.sku_no = s.sku_no)
    GROUP BY s.order_number
)
SELECT CASE WHEN NOT w.is_weak AND NOT x.is_stale THEN 'finding' ELSE 'cannot_tell' END AS kind, 'order' AS subject_kind,
    c.order_number AS subject, c.order_number, c.order_code, c.shop_code, w.arrived_at AS since,
    CASE WHEN w.is_weak THEN 'weak_link' WHEN x.is_stale THEN 'order_lines' END AS missing, NULL AS severity,
    h.expected_skus, w.found_skus, w.packings, w.is_shipped AS already_shipped, w.snapshot_at AS ss_snapshot_at, h.case_key
FROM wrong w
JOIN whole h ON h.order_number = w.order_number
JOIN order_case c ON c.account = $account AND c.order_number = w.order_number
JOIN (SELECT order_number, lines_state IS DISTINCT FROM 'held' OR coalesce(lines_for < updated_at, FALSE) AS is_stale
    FROM cm_order WHERE account = $account) x ON x.order_number = w.order_number
WHERE NOT c.is_cancelled AND NOT c.is_bundle_child
ORDER BY c.order_number;

-- name: F10
-- One row per variant: the same product number and name, another option text, while a sister variant is linked.
WITH near AS (
    SELECT m.item_code, m.attribute1_name, m.attribute2_name, min(m.case_key) AS case_key, min(m.item_name) AS item_name,
        min(m.option_text) AS option_text, min(m.ss_option_text) AS ss_option_text, min(m.causes) AS causes,
        min(m.smartship_seen_at) AS smartship_seen_at
    FROM mapping_case m
    WHERE m.account = $account AND m.mapping_class = 'near_miss' AND m.item_code = m.ss_product_no
        AND m.item_name = m.ss_product_name AND m.option_text IS DISTINCT FROM m.ss_option_text
    GROUP BY m.item_code, m.attribute1_name, m.attribute2_name
),
sister AS (
    SELECT item_code, count(*) AS linked FROM mapping_case
    WHERE account = $account AND mapping_class = 'linked' AND item_code IS NOT NULL GROUP BY item_code
),
waiting AS (
    SELECT n.item_code, coalesce(n.attribute1_name, '') AS attribute1_name, coalesce(n.attribute2_name, '') AS attribute2_name,
        count(DISTINCT c.order_number) AS orders, min(coalesce(c.created_at, c.ordered_at)) AS oldest_at
    FROM cm_order_line n
    JOIN order_case c ON c.account = n.account AND c.order_number = n.order_number
    WHERE n.account = $account AND c.phase_role IN ('before', 'collect') AND NOT c.is_cancelled AND NOT c.is_bundle_child
        AND n.item_code IN (SELECT item_code FROM near)
    GROUP BY 1, 2, 3
)
SELECT 'finding' AS kind, 'item' AS subject_kind, concat_ws('/', r.item_code, r.option_text) AS subject,
    NULL AS order_number, NULL AS order_code, NULL AS shop_code, w.oldest_at AS since, NULL AS missing, NULL AS severity,
    r.item_code, r.item_name, r.option_text, r.ss_option_text, from_json(r.causes, '["VARCHAR"]') AS causes, w.orders AS waiting_orders,
    s.linked AS linked_variants, r.smartship_seen_at, r.case_key
FROM near r
JOIN sister s ON s.item_code = r.item_code
JOIN waiting w ON w.item_code = r.item_code AND w.attribute1_name = r.attribute1_name
    AND w.attribute2_name = r.attribute2_name
ORDER BY subject;

-- name: drop_parcel_sum
DROP TABLE IF EXISTS parcel_sum;

-- name: find_parcel_sums
-- Per order: pieces in its packings against pieces ordered. pieces_as_sets counts a set line once per set.
CREATE TEMPORARY TABLE parcel_sum AS
WITH side AS (
    SELECT l.order_number, sum(l.qty) AS qty, count(*) = count(l.qty) AS has_qty, count(DISTINCT l.packing_no) AS packings,
        bool_and(l.snapshot_at >= coalesce(c.covered_until, l.snapshot_at)) AS is_present, bool_and(l.is_weak) AS is_weak,
        min(coalesce(l.registered_at, l.first_snapshot_at)) AS arrived_at, max(l.snapshot_at) AS snapshot_at
    FROM odd_line l
    JOIN order_case c ON c.account = $account AND c.order_number = l.order_number
    WHERE l.is_active AND NOT c.is_cancelled AND NOT c.is_bundle_child AND c.ordered_qty IS NOT NULL
        AND (c.ss_active_packing_count > 1 OR c.ss_qty IS DISTINCT FROM c.ordered_qty)
    GROUP BY l.order_number
),
back AS (
    SELECT DISTINCT order_number FROM case_line WHERE status IN ('RETURNED', 'CLAIMED')
),
sets AS (
    SELECT n.order_number, sum(n.amount) AS pieces_as_sets
    FROM cm_order_line n JOIN side s ON s.order_number = n.order_number
    WHERE n.account = $account GROUP BY n.order_number
)
SELECT s.order_number, CAST(s.qty AS BIGINT) AS qty, s.packings, s.is_present, s.is_weak, s.arrived_at, s.snapshot_at,
    c.order_code, c.shop_code, c.ordered_qty, c.ss_packings, coalesce(o.lines_for < o.updated_at, FALSE) AS is_stale,
    c.phase_name, c.updated_at, o.bundle_flag, CAST(t.pieces_as_sets AS BIGINT) AS pieces_as_sets
FROM side s
JOIN order_case c ON c.account = $account AND c.order_number = s.order_number
JOIN cm_order o ON o.account = c.account AND o.order_number = c.order_number
LEFT JOIN sets t ON t.order_number = s.order_number
WHERE s.has_qty AND s.order_number NOT IN (SELECT order_number FROM back);

-- name: F20
SELECT 'finding' AS kind, 'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code,
    arrived_at AS since, NULL AS missing, NULL AS severity, ss_packings AS packings, packings AS packing_count, qty AS ss_qty,
    ordered_qty
FROM parcel_sum
WHERE packings > 1 AND (qty = ordered_qty OR qty = pieces_as_sets) AND NOT is_weak AND NOT is_stale
ORDER BY order_number;

-- name: F22
-- More than ordered on several packings is F19. Bundle parents hold pieces of their children: not compared.
SELECT CASE WHEN NOT is_weak AND NOT is_stale AND is_present THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, arrived_at AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN is_stale THEN 'order_lines' WHEN is_present THEN NULL
        ELSE 'smartship_line_gone' END AS missing,
    NULL AS severity, phase_name, ordered_qty, qty AS ss_qty, ss_packings AS packings, updated_at AS changed_at, arrived_at,
    snapshot_at AS ss_snapshot_at
FROM parcel_sum
WHERE qty <> ordered_qty AND qty IS DISTINCT FROM pieces_as_sets AND NOT (packings > 1 AND qty > ordered_qty)
    AND coalesce(bundle_flag, 0) <> 1
ORDER BY order_number;

-- name: F21
-- One packing with lines of several orders. Once it ships, each of them needs the number.
WITH repeated_line AS MATERIALIZED (
    SELECT * FROM case_line
    WHERE is_active AND NOT is_weak AND packing_no IN (
        SELECT packing_no FROM case_line
        WHERE is_active AND NOT is_weak AND packing_no <> '' GROUP BY packing_no HAVING count(*) > 1)
),
shared AS (
    SELECT packing_no FROM repeated_line GROUP BY packing_no HAVING min(order_number) <> max(order_number)
),
member AS (
    SELECT DISTINCT l.packing_no, l.order_number, c.order_code, c.shop_code, c.is_cancelled,
        bool_or(l.is_shipped) OVER (PARTITION BY l.packing_no) AS is_shipped,
        max(l.tracking_no) OVER (PARTITION BY l.packing_no) AS tracking_no,
        min(coalesce(l.registered_at, l.first_snapshot_at)) OVER (PARTITION BY l.packing_no) AS arrived_at,
        coalesce(c.delivery_number, '') = '' AND NOT c.is_cancelled AND NOT c.is_bundle_child AS is_untracked
    FROM shared s
    JOIN repeated_line l ON l.packing_no = s.packing_no
    JOIN order_case c ON c.account = $account AND c.order_number = l.order_number
),
packing AS (
    SELECT packing_no, bool_or(is_shipped) AS is_shipped, string_agg(order_number, ' ' ORDER BY order_number) AS together,
        count(*) AS orders, count(CASE WHEN is_untracked THEN 1 END) AS untracked
    FROM member GROUP BY packing_no
)
SELECT 'finding' AS kind, 'order' AS subject_kind, m.order_number AS subject, m.order_number, max(m.order_code) AS order_code,
    max(m.shop_code) AS shop_code, min(m.arrived_at) AS since, NULL AS missing,
    CASE WHEN bool_or(m.is_untracked AND p.is_shipped AND p.untracked < p.orders) THEN 'medium' END AS severity,
    string_agg(p.packing_no, ' ' ORDER BY p.packing_no) AS packings, min(p.together) AS orders_together,
    max(p.orders) AS order_count, max(m.tracking_no) AS tracking_no, max(p.untracked) AS without_tracking
FROM member m JOIN packing p ON p.packing_no = m.packing_no
WHERE NOT m.is_cancelled
GROUP BY m.order_number
ORDER BY m.order_number;

-- name: F42
-- The edit lies between the last look at the old lines and the change time of the new ones.
WITH edit AS (
    SELECT order_number, version, pieces, first_for AS edited_by,
        lag(pieces) OVER life AS pieces_before, lag(greatest(seen_at, last_for)) OVER life AS edited_from,
        row_number() OVER (PARTITION BY order_number ORDER BY version DESC) AS place
    FROM cm_line_version WHERE account = $account
    WINDOW life AS (PARTITION BY order_number ORDER BY version)
),
standing AS (
    SELECT order_number, min(arrived_at) AS arrived_at, max(snapshot_at) AS snapshot_at, bool_and(is_weak) AS is_weak,
        max(order_code) AS order_code, max(shop_code) AS shop_code, max(phase_name) AS phase_name, max(status) AS ss_status,
        nullif(array_to_string(list_sort(list_distinct(list(packing_no))), ' '), '') AS packings
    FROM standing_line WHERE is_present AND NOT is_bundle_child GROUP BY order_number
)
SELECT CASE WHEN NOT s.is_weak AND least(e.edited_from, e.edited_by) >= s.arrived_at THEN 'finding'
        ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, s.order_number AS subject, s.order_number, s.order_code, s.shop_code, e.edited_by AS since,
    CASE WHEN s.is_weak THEN 'weak_link' WHEN least(e.edited_from, e.edited_by) >= s.arrived_at THEN NULL
        ELSE 'edit_time' END AS missing,
    NULL AS severity, s.phase_name, s.arrived_at, least(e.edited_from, e.edited_by) AS edited_from, e.edited_by,
    e.pieces_before, e.pieces AS pieces_now, s.ss_status, s.packings, s.snapshot_at AS ss_snapshot_at
FROM standing s
JOIN edit e ON e.order_number = s.order_number AND e.place = 1 AND e.version > 1
WHERE e.edited_by > s.arrived_at
ORDER BY s.order_number;

-- name: F43
WITH standing AS (
    SELECT order_number, max(order_code) AS order_code, max(shop_code) AS shop_code, max(snapshot_at) AS snapshot_at,
        bool_and(is_weak) AS is_weak, max(updated_at) AS changed_at, max(status) AS ss_status,
        nullif(array_to_string(list_sort(list_distinct(list(packing_no))), ' '), '') AS packings
    FROM standing_line WHERE is_present AND is_bundle_child GROUP BY order_number
)
SELECT CASE WHEN NOT s.is_weak AND s.snapshot_at >= s.changed_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, s.order_number AS subject, s.order_number, s.order_code, s.shop_code, s.changed_at AS since,
    CASE WHEN s.is_weak THEN 'weak_link' WHEN s.snapshot_at >= s.changed_at THEN NULL
        ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, o.bundle_ahead_number AS parent_number, s.changed_at, s.ss_status, s.packings,
    s.changed_at AS needed_at, s.snapshot_at AS ss_snapshot_at
FROM standing s
JOIN cm_order o ON o.account = $account AND o.order_number = s.order_number
ORDER BY s.order_number;

-- name: F44
WITH standing AS (
    SELECT order_number, max(order_code) AS order_code, max(shop_code) AS shop_code, max(snapshot_at) AS snapshot_at,
        bool_and(is_weak) AS is_weak, max(updated_at) AS changed_at, max(phase_name) AS phase_name, max(status) AS ss_status,
        nullif(array_to_string(list_sort(list_distinct(list(packing_no))), ' '), '') AS packings
    FROM standing_line WHERE is_present AND is_held AND NOT is_bundle_child GROUP BY order_number
)
SELECT CASE WHEN NOT is_weak AND snapshot_at >= changed_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, changed_at AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN snapshot_at >= changed_at THEN NULL
        ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, phase_name, changed_at, ss_status, packings, changed_at AS needed_at, snapshot_at AS ss_snapshot_at
FROM standing
ORDER BY order_number;
