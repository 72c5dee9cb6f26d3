-- Stock of both sides per CROSS MALL SKU and linked SKU number, and what the gap between the two figures is made of.
-- Rebuilt for one account, after mapping.sql's exact links. What is not known is NULL, never 0. Negative stock stays negative.

-- name: drop_link
DROP TABLE IF EXISTS stock_link;

-- name: find_links
-- Every CROSS MALL SKU with each SKU number it is linked to, and without one where it has none. By exact mapping rows; where only
-- Smartship's SKU list (or the stock file) is known, by seller code: our SKU code, or our item code with the same option, or our
-- item code where the item has one variant only [I]. near: no exact link, but the mapping knows one row that nearly is this SKU:
-- shows whose stock it would be, and never a match. Texts stay where they are: what follows is joined by these numbers.
CREATE TEMPORARY TABLE stock_link AS
WITH hit AS (
    SELECT subject_no, sku_no, offer_no FROM mapping_exact WHERE CAST($basis AS TEXT) = 'mappings'
    UNION ALL
    SELECT s.subject_no, o.sku_no, o.offer_no
    FROM mapping_subject s JOIN mapping_offer o ON o.product_no = s.item_sku_code
    WHERE CAST($basis AS TEXT) <> 'mappings'
    UNION ALL
    SELECT s.subject_no, o.sku_no, o.offer_no
    FROM mapping_subject s JOIN mapping_offer o ON o.product_no = s.item_code
    WHERE CAST($basis AS TEXT) <> 'mappings' AND (o.option_text = s.option_text OR s.variants = 1)
),
placed AS MATERIALIZED (
    SELECT subject_no, sku_no, min(offer_no) AS offer_no FROM hit GROUP BY subject_no, sku_no
),
near AS (
    SELECT s.subject_no, m.sku_no FROM mapping_case m
    JOIN mapping_subject s ON s.case_key = m.case_key
    WHERE m.account = $account AND m.case_rows = 1 AND m.sku_no IS NOT NULL AND m.sku_cases = 1
        AND m.mapping_class IN ('near_miss', 'name_only', 'missing')
        AND s.subject_no NOT IN (SELECT subject_no FROM placed)
),
linked AS (
    SELECT subject_no, sku_no, offer_no, FALSE AS is_near FROM placed
    UNION ALL
    SELECT subject_no, sku_no, NULL, TRUE FROM near
)
SELECT row_number() OVER (ORDER BY s.subject_no, l.sku_no) AS row_no, s.subject_no, l.sku_no, l.offer_no,
    coalesce(l.is_near, FALSE) AS is_near, m.subject_no IS NOT NULL AS is_several, h.sku_no IS NOT NULL AND NOT l.is_near AS is_shared
FROM mapping_subject s
LEFT JOIN linked l ON l.subject_no = s.subject_no
LEFT JOIN (SELECT subject_no FROM placed GROUP BY subject_no HAVING count(*) > 1) m ON m.subject_no = s.subject_no
LEFT JOIN (SELECT sku_no FROM placed GROUP BY sku_no HAVING count(*) > 1) h ON h.sku_no = l.sku_no;

-- name: drop_right
DROP TABLE IF EXISTS stock_right;

-- name: find_right
-- Links to another product's SKU [I]: the linked SKU carries neither our SKU code nor our JAN, and exactly one other does.
CREATE TEMPORARY TABLE stock_right AS
WITH odd AS MATERIALIZED (
    SELECT l.subject_no, nullif(s.item_sku_code, '') AS item_sku_code, nullif(s.jan_code, '') AS jan_code
    FROM stock_link l
    JOIN mapping_subject s ON s.subject_no = l.subject_no
    JOIN ss_sku x ON x.account = $account AND x.sku_no = l.sku_no
    WHERE NOT l.is_near AND NOT l.is_several
        AND (nullif(x.seller_code, '') <> s.item_sku_code OR nullif(x.barcode, '') <> s.jan_code)
        AND coalesce(x.seller_code <> s.item_sku_code, TRUE) AND coalesce(x.barcode <> s.jan_code, TRUE)
),
own AS (
    SELECT o.subject_no, o.item_sku_code, CASE WHEN (SELECT count(*) FROM mapping_subject s WHERE s.jan_code = o.jan_code) = 1
        THEN o.jan_code END AS jan_code
    FROM odd o
),
found AS (
    SELECT o.subject_no, r.sku_no FROM own o JOIN ss_sku r ON r.account = $account AND r.seller_code = o.item_sku_code
    UNION
    SELECT o.subject_no, r.sku_no FROM own o JOIN ss_sku r ON r.account = $account AND r.barcode = o.jan_code
)
SELECT subject_no, min(sku_no) AS sku_no FROM found GROUP BY subject_no HAVING count(*) = 1;

-- name: drop_figure
DROP TABLE IF EXISTS stock_figure;

-- name: find_figures
-- Available pieces over the chosen warehouses ([] = all), under the SKU number, or under the seller code where no such file knows
-- that number; on hand where available is not given (weak). The age of a sum is that of its oldest part; unknown where a file
-- does not say when it was made. A chosen warehouse that no file holds makes the sum weak. losses: the damaged pieces of each
-- warehouse, how many of them are new, and since which file; damaged_since: the newest of those, NULL where one is not known.
CREATE TEMPORARY TABLE stock_figure AS
WITH house AS (
    SELECT warehouse, CAST(1 AS HUGEINT) << CAST((row_number() OVER (ORDER BY warehouse) - 1) % 120 AS INTEGER) AS bit
    FROM (SELECT DISTINCT warehouse FROM ss_stock WHERE account = $account)
),
dateless AS (
    SELECT import_id FROM ss_import WHERE account = $account AND snapshot_at IS NULL
),
part AS NOT MATERIALIZED (
    SELECT h.bit, t.sku_no, coalesce(t.seller_code, t.sku_no) AS seller_code, t.damaged, t.inbound, t.available_since,
        t.damaged_since, greatest(t.damaged - coalesce(t.damaged_before, 0), 0) AS damaged_new,
        coalesce(t.available, t.on_hand) AS pieces, t.available IS NULL AS is_weak,
        CASE WHEN d.import_id IS NULL THEN t.snapshot_at END AS seen_at
    FROM ss_stock t
    JOIN house h ON h.warehouse = t.warehouse
    LEFT JOIN dateless d ON d.import_id = t.import_id
    WHERE t.account = $account AND (len(CAST($warehouses AS VARCHAR[])) = 0 OR list_contains(CAST($warehouses AS VARCHAR[]), h.warehouse))
),
numbered AS MATERIALIZED (
    SELECT l.row_no, p.* EXCLUDE (sku_no, seller_code)
    FROM stock_link l
    LEFT JOIN stock_right r ON r.subject_no = l.subject_no
    JOIN part p ON p.sku_no = coalesce(r.sku_no, l.sku_no)
),
unnumbered AS MATERIALIZED (
    SELECT row_no, subject_no, offer_no FROM stock_link
    WHERE offer_no IS NOT NULL AND row_no NOT IN (SELECT row_no FROM numbered)
        AND subject_no NOT IN (SELECT subject_no FROM stock_right)
),
found AS (
    SELECT * FROM numbered
    UNION ALL
    SELECT u.row_no, p.* EXCLUDE (sku_no, seller_code)
    FROM unnumbered u JOIN mapping_offer o ON o.offer_no = u.offer_no JOIN part p ON p.seller_code = o.seller_code
),
summed AS (
    SELECT row_no, CASE WHEN count(*) = count(pieces) THEN CAST(sum(pieces) AS BIGINT) END AS pieces,
        CAST(sum(damaged) AS BIGINT) AS damaged, CAST(sum(inbound) AS BIGINT) AS inbound,
        list({pieces: damaged, new: damaged_new, since: damaged_since}) FILTER (damaged > 0) AS losses,
        CASE WHEN bool_and(damaged_since IS NOT NULL) FILTER (damaged > 0) THEN max(damaged_since) FILTER (damaged > 0) END AS damaged_since,
        max(available_since) AS figure_since, bool_or(is_weak) AS is_weak,
        CASE WHEN count(*) = count(seen_at) THEN min(seen_at) END AS seen_at, bit_or(bit) AS bits
    FROM found GROUP BY row_no
),
named AS (
    SELECT bits, string_agg(h.warehouse, ' ' ORDER BY h.warehouse) AS warehouses
    FROM (SELECT DISTINCT bits FROM summed) b JOIN house h ON b.bits & h.bit <> 0 GROUP BY bits
),
absent AS (
    SELECT NOT list_has_all((SELECT list(warehouse) FROM house), CAST($warehouses AS VARCHAR[])) AS is_any
)
SELECT s.* EXCLUDE (bits) REPLACE (s.is_weak OR coalesce(a.is_any, FALSE) AS is_weak), n.warehouses
FROM summed s JOIN named n ON n.bits = s.bits CROSS JOIN absent a;

-- name: drop_row
DROP TABLE IF EXISTS stock_row;

-- name: find_rows
-- One row per CROSS MALL SKU and link, with the two figures and their ages.
CREATE TEMPORARY TABLE stock_row AS
WITH ours AS (
    SELECT s.subject_no, t.stock, t.seen_at
    FROM mapping_subject s
    JOIN cm_stock t ON t.account = $account AND t.item_code = s.item_code
        AND t.attribute1_name = s.attribute1_name AND t.attribute2_name = s.attribute2_name
)
SELECT l.row_no, l.subject_no, l.sku_no AS linked_no, coalesce(r.sku_no, l.sku_no) AS sku_no, l.is_near, l.is_several, l.is_shared,
    r.sku_no IS NOT NULL AS is_wrong, o.sync_type, o.safety_qty, coalesce(o.safety_qty, o.min_qty) AS threshold,
    CASE WHEN o.ratio > 1 THEN o.ratio / 100 ELSE o.ratio END AS share,
    o.sync_type IS NOT NULL OR o.sync_enabled IS NOT NULL AS is_set_up,
    CAST($auto_stock AS TEXT) = 'off' OR coalesce(o.sync_type = 'N', FALSE)
        OR coalesce(list_contains($off_words, lower(replace(trim(o.sync_enabled), ' ', ''))), FALSE) AS is_off,
    t.stock AS crossmall, t.seen_at AS crossmall_seen_at, s.keep_stock, coalesce(s.stock_unlimit_flag = '1', FALSE) AS is_unlimited,
    f.pieces AS smartship, f.seen_at AS smartship_seen_at, f.warehouses, f.figure_since, coalesce(f.is_weak, FALSE) AS is_weak,
    coalesce(f.damaged, 0) AS damaged, f.losses, f.damaged_since,
    coalesce(f.inbound, 0) AS inbound
FROM stock_link l
JOIN mapping_subject s ON s.subject_no = l.subject_no
LEFT JOIN mapping_offer o ON o.offer_no = l.offer_no
LEFT JOIN stock_right r ON r.subject_no = l.subject_no
LEFT JOIN stock_figure f ON f.row_no = l.row_no
LEFT JOIN ours t ON t.subject_no = l.subject_no;

-- name: drop_push
DROP TABLE IF EXISTS stock_push;

-- name: find_pushes
-- The last push that reached CROSS MALL before its figure was read, and the last failure where nothing has succeeded since.
-- From the mapping rows and the sync log alike; a result that no list knows counts neither way.
CREATE TEMPORARY TABLE stock_push AS
WITH event AS (
    SELECT sku_no, last_sync_at AS happened_at, last_sync_qty AS pieces,
        coalesce(last_sync_ok, CASE WHEN last_sync_result IS NULL THEN TRUE END) AS is_ok, last_sync_result AS message
    FROM ss_link WHERE account = $account AND last_sync_at IS NOT NULL
    UNION ALL
    SELECT sku_no, event_at, sent_qty, CASE result WHEN 'OK' THEN TRUE WHEN 'NG' THEN FALSE END, message
    FROM ss_sync_event e
    WHERE account = $account AND event_at IS NOT NULL AND sku_no IS NOT NULL AND (e.sales_site IS NULL
        OR e.sales_site IN (SELECT sales_site FROM crossmall_sales_site WHERE account = $account)
        OR NOT EXISTS (SELECT 1 FROM crossmall_sales_site WHERE account = $account))
),
last AS (
    SELECT r.row_no, max(e.happened_at) FILTER (e.is_ok AND e.happened_at <= r.crossmall_seen_at) AS pushed_at,
        arg_max(e.pieces, e.happened_at) FILTER (e.is_ok AND e.happened_at <= r.crossmall_seen_at) AS pushed_qty,
        max(e.happened_at) FILTER (e.is_ok) AS ok_at, max(e.happened_at) FILTER (NOT e.is_ok) AS failed_at,
        arg_max(e.message, e.happened_at) FILTER (NOT e.is_ok) AS failed_message
    FROM stock_row r JOIN event e ON e.sku_no = r.linked_no
    WHERE NOT r.is_near
    GROUP BY r.row_no
)
SELECT row_no, CASE WHEN pushed_qty IS NOT NULL THEN pushed_at END AS pushed_at, pushed_qty, ok_at,
    CASE WHEN failed_at > coalesce(ok_at, failed_at - INTERVAL '1 second') THEN failed_at END AS failed_at,
    CASE WHEN failed_at > coalesce(ok_at, failed_at - INTERVAL '1 second') THEN failed_message END AS failed_message
FROM last;

-- name: drop_order
DROP TABLE IF EXISTS stock_order;

-- name: find_orders
-- Orders that the two sides may count differently. waiting: deducted by CROSS MALL [S], not at Smartship, still to be
-- collected. passed: proven absent and past collection. held: at Smartship. gone: cancelled, yet Smartship keeps its pieces.
-- withdrawn: cancelled before Smartship took it. is_stuck: at Smartship as an error, out of stock or without its SKU, so that
-- nothing was reserved for it [I].
-- Only as far back as the oldest figure or push of today: what both have settled long ago changes no gap.
CREATE TEMPORARY TABLE stock_order AS
WITH since AS (
    SELECT least(min(r.crossmall_seen_at), min(r.smartship_seen_at), min(p.pushed_at)) AS bound_at
    FROM stock_row r LEFT JOIN stock_push p ON p.row_no = r.row_no
),
known AS (
    SELECT c.order_number, c.created_at, c.updated_at, c.ss_registered_at AS registered_at, c.phase_role, c.is_cancelled,
        c.covered_until, c.ordered_qty, k.order_number IS NOT NULL AS is_linked, c.ss_active_packing_count > 0 AS is_active,
        coalesce(c.ss_status = 'ERROR', FALSE) AS is_stuck,
        CASE WHEN k.order_number IS NOT NULL AND c.ss_qty >= 2 * c.ordered_qty AND c.ordered_qty > 0
            THEN CAST(floor(c.ss_qty / c.ordered_qty) AS BIGINT) - 1 ELSE 0 END AS copies
    FROM order_case c
    LEFT JOIN (SELECT DISTINCT order_number FROM order_link WHERE account = $account AND NOT is_weak) k
        ON k.order_number = c.order_number
    WHERE c.account = $account AND NOT c.is_bundle_child
)
SELECT o.order_number, o.created_at, o.updated_at, o.registered_at, o.copies, o.ordered_qty, o.is_stuck,
    CASE
        WHEN o.is_cancelled THEN CASE WHEN o.is_active THEN 'gone' ELSE 'withdrawn' END
        WHEN o.is_linked THEN 'held'
        WHEN o.phase_role IN ('before', 'collect') THEN 'waiting'
        ELSE 'passed'
    END AS standing,
    o.phase_role = 'collect' AND o.covered_until IS NULL AS is_unproven
FROM known o CROSS JOIN since s
WHERE CASE
    WHEN o.is_cancelled THEN coalesce(o.updated_at >= s.bound_at, FALSE)
        OR (o.is_active AND coalesce(o.updated_at >= s.bound_at - INTERVAL '30 days', TRUE))
    WHEN o.is_linked THEN o.registered_at > s.bound_at OR o.created_at > s.bound_at OR o.copies > 0 OR o.is_stuck
    WHEN o.phase_role IN ('before', 'collect') THEN TRUE
    ELSE o.phase_role <> 'shipped' AND o.covered_until IS NOT NULL AND o.created_at >= s.bound_at - INTERVAL '30 days'
END;

-- name: drop_piece
DROP TABLE IF EXISTS stock_piece;

-- name: find_pieces
-- Pieces of those orders per row. Pieces of a set are those of its components, amount x 員数 [I].
-- apart: orders that ended differently on the two sides since the last push; before it they are in what it wrote, for it overwrites [I].
CREATE TEMPORARY TABLE stock_piece AS
WITH line AS (
    SELECT o.*, n.item_code, n.attribute1_name, n.attribute2_name, n.amount AS pieces
    FROM stock_order o JOIN cm_order_line n ON n.account = $account AND n.order_number = o.order_number
    WHERE NOT n.is_set
    UNION ALL
    SELECT o.*, p.item_code, p.attribute1_name, p.attribute2_name, n.amount * p.component_count
    FROM stock_order o
    JOIN cm_order_line n ON n.account = $account AND n.order_number = o.order_number
    JOIN cm_component p ON p.account = $account AND p.order_number = n.order_number AND p.line_no = n.line_no
    WHERE n.is_set
),
counted AS (
    SELECT r.row_no, l.standing, l.pieces, l.is_unproven, l.copies, l.is_stuck,
        coalesce(l.created_at <= r.crossmall_seen_at, TRUE) AS is_deducted,
        coalesce(l.registered_at <= r.smartship_seen_at, TRUE) AS is_reserved,
        coalesce(l.registered_at <= r.smartship_seen_at - CAST($stale_min AS INTEGER) * INTERVAL '1 minute', FALSE) AS is_long_reserved,
        coalesce(l.created_at <= p.pushed_at, FALSE) AS is_before_push,
        coalesce(l.registered_at <= p.pushed_at, l.registered_at IS NULL) AS is_in_push,
        p.pushed_at, p.pushed_at IS NULL OR coalesce(l.updated_at > p.pushed_at, TRUE) AS is_after_push
    FROM line l
    JOIN mapping_subject s ON s.item_code = l.item_code AND s.attribute1_name = coalesce(l.attribute1_name, '')
        AND s.attribute2_name = coalesce(l.attribute2_name, '')
    JOIN stock_row r ON r.subject_no = s.subject_no
    LEFT JOIN stock_push p ON p.row_no = r.row_no
)
SELECT row_no, count(*) FILTER (pieces IS NULL AND standing = 'waiting') > 0 AS is_unknown,
    bool_or(is_unproven AND standing = 'waiting') AS is_unproven,
    sum(pieces) FILTER (standing = 'waiting' AND is_deducted) AS waiting,
    sum(CASE WHEN is_deducted AND NOT is_reserved THEN -pieces WHEN is_reserved AND NOT is_deducted THEN pieces END)
        FILTER (standing = 'held' AND NOT is_stuck) AS moved,
    sum(pieces) FILTER (is_before_push AND is_deducted
        AND (standing = 'waiting' OR (standing = 'withdrawn' AND is_after_push)
            OR (standing = 'held' AND NOT is_in_push))) AS pushed_over,
    sum(CASE WHEN is_reserved AND NOT is_in_push THEN pieces WHEN is_in_push AND NOT is_reserved THEN -pieces END)
        FILTER (standing IN ('held', 'gone') AND NOT is_stuck) AS reserved_since,
    -sum(pieces) FILTER (standing = 'held' AND is_stuck AND is_deducted AND (NOT is_in_push OR pushed_at IS NULL)) AS stuck,
    bool_or(standing IN ('held', 'gone') AND NOT is_stuck AND NOT is_in_push AND is_long_reserved) AS is_overdue,
    sum(CASE WHEN standing = 'gone' AND is_after_push AND is_reserved AND NOT is_stuck THEN pieces
             WHEN standing = 'held' AND copies > 0 AND (NOT is_before_push OR NOT is_in_push) THEN pieces * copies
             WHEN standing = 'passed' AND NOT is_before_push AND is_deducted THEN -pieces END) AS apart
FROM counted GROUP BY row_no;

-- name: drop_sale
DROP TABLE IF EXISTS stock_sale;

-- name: find_sales
-- Pieces ordered within the last sales_days, per SKU.
CREATE TEMPORARY TABLE stock_sale AS
WITH recent AS (
    SELECT order_number FROM order_case
    WHERE account = $account AND NOT is_cancelled AND created_at <= CAST($now AS TIMESTAMP)
        AND created_at > CAST($now AS TIMESTAMP) - CAST($sales_days AS INTEGER) * INTERVAL '1 day'
),
piece AS (
    SELECT n.item_code, n.attribute1_name, n.attribute2_name, n.amount AS pieces
    FROM recent o JOIN cm_order_line n ON n.account = $account AND n.order_number = o.order_number WHERE NOT n.is_set
    UNION ALL
    SELECT p.item_code, p.attribute1_name, p.attribute2_name, n.amount * p.component_count
    FROM recent o
    JOIN cm_order_line n ON n.account = $account AND n.order_number = o.order_number
    JOIN cm_component p ON p.account = $account AND p.order_number = n.order_number AND p.line_no = n.line_no
    WHERE n.is_set
)
SELECT s.subject_no, CAST(coalesce(sum(p.pieces), 0) AS BIGINT) AS pieces
FROM piece p
JOIN mapping_subject s ON s.item_code = p.item_code AND s.attribute1_name = coalesce(p.attribute1_name, '')
    AND s.attribute2_name = coalesce(p.attribute2_name, '')
GROUP BY s.subject_no;

-- name: drop_side
DROP MACRO TABLE IF EXISTS stock_side;

-- name: find_sides
-- The equation, row by row: shown = what the sync type makes of Smartship's figure, base = what CROSS MALL may sell of it:
-- shown - orders waiting outside Smartship + orders that only one of two figures of different age has seen [I].
-- drift: what the warehouse lost since the last push, by what that push said, beside orders. lost: damaged pieces that no push has
-- told yet, as far as files show: those of a file before the last push are settled. lag: a type that is no plain
-- copy acted on the figure at that push, while orders since then are deducted one by one. Not kept: 200,000 rows of 45 columns.
CREATE TEMPORARY MACRO stock_side(stale_min, auto_stock) AS TABLE
WITH unread AS (
    SELECT count(*) > 0 AS is_any FROM stock_order WHERE standing = 'waiting' AND ordered_qty IS NULL
),
joined AS (
    SELECT r.* EXCLUDE (sku_no, linked_no, warehouses, losses, damaged_since),
        CAST(coalesce(list_sum(list_transform(r.losses, lambda one: CASE WHEN p.pushed_at IS NULL OR one.since IS NULL THEN one.pieces
            WHEN p.pushed_at < one.since THEN one.new ELSE 0 END)), 0) AS BIGINT) AS lost,
        r.linked_no IS NOT NULL AS is_linked, p.pushed_at, p.pushed_qty, p.failed_at,
        r.is_weak OR r.is_near OR r.is_wrong OR coalesce(w.is_unproven, FALSE) OR u.is_any AS weak,
        CASE WHEN coalesce(w.is_unknown, FALSE) THEN NULL ELSE CAST(coalesce(w.waiting, 0) AS BIGINT) END AS in_flight,
        CAST(CASE WHEN r.is_near THEN 0 ELSE coalesce(w.moved, 0) END AS BIGINT) AS moved, CAST(coalesce(w.pushed_over, 0) AS BIGINT) AS pushed_over,
        CAST(coalesce(w.reserved_since, 0) AS BIGINT) AS reserved_since, CAST(coalesce(w.apart, 0) AS BIGINT) AS apart,
        CAST(CASE WHEN r.is_near OR r.is_wrong OR r.is_several OR r.is_shared THEN 0 ELSE coalesce(w.stuck, 0) END AS BIGINT) AS stuck,
        CASE WHEN r.is_off OR r.is_near THEN NULL ELSE coalesce(r.sync_type, 'S') END AS rule_type,
        coalesce(w.is_overdue, FALSE) OR coalesce(r.figure_since > p.pushed_at AND r.figure_since
            <= r.smartship_seen_at - stale_min * INTERVAL '1 minute', FALSE) AS is_overdue
    FROM stock_row r CROSS JOIN unread u
    LEFT JOIN stock_push p ON p.row_no = r.row_no
    LEFT JOIN stock_piece w ON w.row_no = r.row_no
),
shown AS (
    SELECT joined.*, stock_shown(smartship, rule_type, share, safety_qty, threshold) AS shown,
        CASE WHEN pushed_at IS NULL THEN 0
            ELSE coalesce(pushed_qty
                - stock_shown(smartship + reserved_since, coalesce(rule_type, 'S'), share, safety_qty, threshold), 0)
        END AS drift,
        CASE WHEN pushed_at IS NULL THEN 0
            ELSE coalesce(stock_shown(smartship + reserved_since, rule_type, share, safety_qty, threshold) - reserved_since
                - stock_shown(smartship, rule_type, share, safety_qty, threshold), 0)
        END AS lag
    FROM joined
)
SELECT shown.*,
    CASE
        WHEN is_off THEN 'off'
        WHEN failed_at IS NOT NULL THEN 'failing'
        WHEN is_overdue AND shown <> pushed_qty AND smartship_seen_at - pushed_at > stale_min * INTERVAL '1 minute'
            THEN 'frozen'
        WHEN pushed_at IS NOT NULL OR is_set_up OR auto_stock = 'on' THEN 'on'
        ELSE 'unknown'
    END AS sync_state,
    CASE WHEN is_off OR is_near THEN smartship ELSE shown END - in_flight + moved AS base
FROM shown;

-- name: drop_set
DROP TABLE IF EXISTS stock_set;

-- name: find_sets
-- What a set is made of, by the newest order that holds it; no other source tells [I]. A set's figures follow from its
-- components: as many as the scarcest of them allows [S for the steps].
CREATE TEMPORARY TABLE stock_set AS
WITH line AS (
    SELECT item_code, coalesce(attribute1_name, '') AS attribute1_name, coalesce(attribute2_name, '') AS attribute2_name,
        max(struct_pack(order_number, line_no)) AS newest
    FROM cm_order_line WHERE account = $account AND is_set AND item_code IS NOT NULL GROUP BY ALL
),
component AS (
    SELECT l.item_code AS set_code, l.attribute1_name AS set_attribute1, l.attribute2_name AS set_attribute2, p.item_code,
        coalesce(p.attribute1_name, '') AS attribute1_name, coalesce(p.attribute2_name, '') AS attribute2_name,
        sum(p.component_count) AS pieces
    FROM line l
    LEFT JOIN cm_component p ON p.account = $account AND p.order_number = l.newest.order_number AND p.line_no = l.newest.line_no
    GROUP BY ALL
),
held AS (
    SELECT c.*, d.crossmall, d.smartship, d.base, coalesce(d.keep_stock, 0) AS keep_stock, d.crossmall_seen_at, d.smartship_seen_at
    FROM component c
    LEFT JOIN (
        SELECT min(l.row_no) AS row_no, s.item_code, s.attribute1_name, s.attribute2_name
        FROM mapping_subject s JOIN stock_link l ON l.subject_no = s.subject_no
        WHERE NOT l.is_near AND s.item_code IN (SELECT item_code FROM component)
        GROUP BY s.item_code, s.attribute1_name, s.attribute2_name
    ) r ON r.item_code = c.item_code AND r.attribute1_name = c.attribute1_name AND r.attribute2_name = c.attribute2_name
    LEFT JOIN stock_side(CAST($stale_min AS INTEGER), CAST($auto_stock AS TEXT)) d ON d.row_no = r.row_no
)
SELECT s.subject_no, count(h.item_code) AS components,
    CASE WHEN count(*) = count(h.crossmall) AND min(h.pieces) > 0
        THEN CAST(min(floor((h.crossmall - h.keep_stock) / h.pieces)) AS BIGINT) END AS ours,
    CASE WHEN count(*) = count(h.crossmall) AND min(h.pieces) > 0 THEN CAST(min(floor(h.crossmall / h.pieces)) AS BIGINT) END AS ours_unkept,
    CASE WHEN count(*) = count(h.smartship) AND min(h.pieces) > 0 THEN CAST(min(floor(h.smartship / h.pieces)) AS BIGINT) END AS theirs,
    CASE WHEN count(*) = count(h.base) AND min(h.pieces) > 0
        THEN CAST(min(floor((h.base - h.keep_stock) / h.pieces)) AS BIGINT) END AS base,
    CASE WHEN count(*) = count(h.crossmall_seen_at) THEN min(h.crossmall_seen_at) END AS crossmall_seen_at,
    CASE WHEN count(*) = count(h.smartship_seen_at) THEN min(h.smartship_seen_at) END AS smartship_seen_at
FROM held h
JOIN mapping_subject s ON s.item_code = h.set_code AND s.attribute1_name = h.set_attribute1 AND s.attribute2_name = h.set_attribute2
GROUP BY s.subject_no;

-- name: drop_judged
DROP TABLE IF EXISTS stock_judged;

-- name: find_judged
-- Which rows have a gap that can be told, and what of it is left after sync type, orders and movements: rest. Orders that the
-- shelf could not fill are known one by one, like those that wait.
CREATE TEMPORARY TABLE stock_judged AS
WITH file AS (
    SELECT count(*) > 0 AS is_there FROM ss_stock WHERE account = $account
),
placed AS (
    SELECT d.* REPLACE (
            CASE WHEN t.subject_no IS NULL THEN d.crossmall ELSE coalesce(d.crossmall, t.ours - coalesce(d.keep_stock, 0)) END AS crossmall,
            CASE WHEN t.components > 0 THEN t.theirs ELSE d.smartship END AS smartship,
            CASE WHEN t.components > 0 THEN coalesce(d.crossmall_seen_at, t.crossmall_seen_at) ELSE d.crossmall_seen_at END
                AS crossmall_seen_at,
            CASE WHEN t.components > 0 THEN t.smartship_seen_at ELSE d.smartship_seen_at END AS smartship_seen_at,
            d.weak OR (t.subject_no IS NOT NULL AND d.crossmall IS NULL) AS weak,
            CASE WHEN t.subject_no IS NULL THEN d.base ELSE t.base - coalesce(d.keep_stock, 0) END AS base,
            CASE WHEN t.subject_no IS NULL THEN d.in_flight ELSE 0 END AS in_flight),
        t.subject_no IS NOT NULL AS is_set, coalesce(t.components, 0) AS set_of, t.ours - coalesce(d.keep_stock, 0) AS set_figure,
        t.ours_unkept
    FROM stock_side(CAST($stale_min AS INTEGER), CAST($auto_stock AS TEXT)) d
    LEFT JOIN stock_set t ON t.subject_no = d.subject_no
    WHERE t.subject_no IS NULL OR d.row_no IN (SELECT min(row_no) FROM stock_link WHERE subject_no IN (SELECT subject_no FROM stock_set)
        GROUP BY subject_no)
),
told AS (
    SELECT p.*, greatest(smartship_seen_at, crossmall_seen_at) AS newer_at, least(smartship_seen_at, crossmall_seen_at) AS older_at,
        CASE
            WHEN smartship_seen_at IS NULL OR crossmall_seen_at IS NULL THEN 'age_unknown'
            WHEN greatest(smartship_seen_at, crossmall_seen_at) > CAST($latest AS TIMESTAMP) THEN 'future'
            WHEN greatest(smartship_seen_at, crossmall_seen_at) - least(smartship_seen_at, crossmall_seen_at)
                > CAST($gap_max_s AS INTEGER) * INTERVAL '1 second' THEN 'age'
        END AS reason,
        CASE
            WHEN is_unlimited THEN 'unlimited'
            WHEN NOT f.is_there THEN 'no_smartship_file'
            WHEN is_set AND (set_of = 0 OR set_figure IS NULL) THEN 'set_product'
            WHEN NOT is_linked AND NOT is_set THEN 'mapping_none'
            WHEN smartship IS NULL THEN 'no_smartship_stock'
            WHEN crossmall IS NULL THEN 'no_crossmall_stock'
            WHEN in_flight IS NULL OR base IS NULL THEN 'not_evaluated'
        END AS untold
    FROM placed p CROSS JOIN file f
)
SELECT told.* REPLACE (CASE WHEN untold IS NULL THEN reason END AS reason),
    untold IS NULL AND reason IS NULL AS is_told,
    CASE WHEN untold IS NULL AND reason IS NULL THEN crossmall - smartship END AS gap,
    CASE WHEN untold IS NULL AND reason IS NULL AND NOT is_set THEN crossmall - base - stuck ELSE 0 END AS rest,
    CASE WHEN is_off OR (is_near AND NOT is_set) OR (is_set AND set_figure IS NULL) THEN NULL ELSE base END AS expected
FROM told;

-- name: drop_split
DROP TABLE IF EXISTS stock_split;

-- name: find_splits
-- What is left over, split by evidence. A link that is none, wrong or not the only one takes all of it.
-- Else the choice of evidence (sold below an empty shelf, push over waiting orders, warehouse movements since that push, a rule that acts at pushes only,
-- orders that ended differently, announced goods, damaged goods) that leaves least unexplained, with fewest causes [D]; then
-- what can account for a part of what still remains. A sync that is off, fails or stands still takes the rest of its rows.
CREATE TEMPORARY TABLE stock_split AS
WITH claim AS MATERIALIZED (
    SELECT row_no, rest, sync_state, smartship, crossmall, lost AS damaged, inbound, drift, pushed_over, apart, lag, pushed_at,
        CASE WHEN is_near THEN 'none' WHEN is_wrong THEN 'wrong' WHEN is_several OR is_shared THEN 'duplicate' END AS takes_all,
        CASE WHEN smartship <= 0 AND crossmall < 0 AND rest < 0 AND sync_state <> 'off' THEN greatest(rest, crossmall) ELSE 0 END
            AS under
    FROM stock_judged WHERE is_told AND rest <> 0
),
choice (bits, below, push, move, lagging, ended, goods, broken) AS (
    SELECT n, n & 1, (n >> 1) & 1, (n >> 2) & 1, (n >> 3) & 1, (n >> 4) & 1, (n >> 5) & 1, (n >> 6) & 1 FROM range(128) AS r (n)
),
best AS (
    SELECT c.row_no, arg_min(k.bits, 128 * (2 * abs(c.rest - k.below * c.under - k.push * c.pushed_over - k.move * c.drift
        - k.lagging * c.lag - k.ended * c.apart - k.goods * c.inbound - k.broken * c.damaged) + bit_count(k.bits)) + k.bits) AS bits
    FROM claim c JOIN choice k ON (c.under <> 0 OR k.below = 0) AND (c.pushed_over <> 0 OR k.push = 0)
        AND (c.drift <> 0 OR k.move = 0) AND (c.lag <> 0 OR k.lagging = 0) AND (c.apart <> 0 OR k.ended = 0)
        AND ((c.inbound > 0 AND c.sync_state <> 'off') OR k.goods = 0)
        AND ((c.damaged > 0 AND c.sync_state IN ('on', 'unknown')) OR k.broken = 0)
        AND (k.goods + k.broken = 0 OR c.rest - k.below * c.under - k.push * c.pushed_over - k.move * c.drift - k.lagging * c.lag
            - k.ended * c.apart - k.goods * c.inbound - k.broken * c.damaged >= 0)
    WHERE c.takes_all IS NULL
    GROUP BY c.row_no
),
taken AS (
    SELECT c.*, coalesce((b.bits & 1) * under, 0) AS t_under, coalesce(((b.bits >> 1) & 1) * pushed_over, 0) AS t_push,
        coalesce(((b.bits >> 2) & 1) * drift, 0) AS t_drift, coalesce(((b.bits >> 3) & 1) * lag, 0) AS t_lag,
        coalesce(((b.bits >> 4) & 1) * apart, 0) AS t_apart, coalesce(((b.bits >> 5) & 1) * inbound, 0) AS t_inbound,
        coalesce(((b.bits >> 6) & 1) * damaged, 0) AS t_damaged
    FROM claim c LEFT JOIN best b ON b.row_no = c.row_no
),
first AS MATERIALIZED (
    SELECT taken.* REPLACE (CASE WHEN takes_all IS NOT NULL THEN takes_all WHEN sync_state = 'off' THEN 'off'
            WHEN sync_state IN ('failing', 'frozen') THEN 'failing' END AS takes_all),
        CASE WHEN sync_state = 'on' AND t_drift > 0 AND t_damaged = 0 THEN least(t_drift, damaged) ELSE 0 END AS d_damaged,
        rest - t_under - t_push - t_drift - t_lag - t_apart - t_inbound - t_damaged AS left_over
    FROM taken
),
third AS MATERIALIZED (
    SELECT first.*, CASE WHEN takes_all IS NULL THEN left_over ELSE 0 END AS r3,
        CASE WHEN takes_all IS NULL THEN stock_take(left_over, inbound - t_inbound) ELSE 0 END AS g_inbound
    FROM first
),
fourth AS MATERIALIZED (
    SELECT third.*, r3 - g_inbound AS r4, stock_take(r3 - g_inbound, damaged - t_damaged - d_damaged) AS g_damaged FROM third
),
fifth AS MATERIALIZED (
    SELECT fourth.*, r4 - g_damaged AS r5, stock_take(r4 - g_damaged, pushed_over - t_push) AS g_push FROM fourth
),
sixth AS MATERIALIZED (
    SELECT fifth.*, r5 - g_push AS r6, r5 - g_push < 0 AND sync_state = 'on' AND pushed_at IS NOT NULL AS is_held FROM fifth
)
SELECT row_no, t_under AS by_negative, sync_state AS state, t_lag AS by_lag, t_apart AS by_apart, t_drift - d_damaged AS by_drift,
    t_push + g_push AS by_push, t_inbound + g_inbound AS by_inbound, t_damaged + d_damaged + g_damaged AS by_damaged,
    CASE WHEN takes_all = 'none' THEN left_over ELSE 0 END AS by_none,
    CASE WHEN takes_all = 'wrong' THEN left_over ELSE 0 END AS by_wrong,
    CASE WHEN takes_all = 'duplicate' THEN left_over ELSE 0 END AS by_duplicate,
    CASE WHEN takes_all = 'off' THEN left_over ELSE 0 END AS by_off,
    CASE WHEN takes_all = 'failing' THEN left_over ELSE 0 END AS by_failing,
    CASE WHEN is_held THEN r6 ELSE 0 END AS by_held, CASE WHEN is_held THEN 0 ELSE r6 END AS by_nothing
FROM sixth;

-- name: drop_before
DROP TABLE IF EXISTS stock_before;

-- name: keep_before
CREATE TEMPORARY TABLE stock_before AS
SELECT case_key, sku_no, crossmall, smartship, gap, exposure, cause FROM stock_case WHERE account = $account;

-- name: drop_cases
DELETE FROM stock_case WHERE account = $account;

-- name: write_cases
-- Everything together. cause: the part with most units; in step where no part exceeds the account's tolerance.
INSERT INTO stock_case BY NAME
WITH part AS (
    SELECT j.*,
        CASE WHEN is_told AND NOT is_set THEN moved ELSE 0 END + CASE WHEN p.state IN ('on', 'unknown') THEN by_drift ELSE 0 END AS p_timing,
        coalesce(by_none, 0) AS p_mapping_none, coalesce(by_wrong, 0) AS p_mapping_wrong,
        coalesce(by_duplicate, 0) AS p_mapping_duplicate, coalesce(by_off, 0) + CASE WHEN p.state = 'off' THEN by_drift ELSE 0 END AS p_sync_off,
        coalesce(by_failing, 0) + CASE WHEN p.state IN ('failing', 'frozen') THEN by_drift ELSE 0 END AS p_sync_failing,
        CASE WHEN is_told AND NOT is_set AND shown IS NOT NULL THEN shown - smartship ELSE 0 END + coalesce(by_lag, 0) AS p_rule,
        CASE WHEN is_told AND is_set THEN ours_unkept - smartship ELSE 0 END AS p_set_product,
        CASE WHEN is_told AND NOT is_set THEN stuck ELSE 0 END + coalesce(by_negative, 0) AS p_negative,
        coalesce(by_held, 0) + CASE WHEN is_told AND is_set THEN set_figure - ours_unkept ELSE 0 END AS p_held,
        CASE WHEN is_told AND NOT is_set THEN -in_flight ELSE 0 END + coalesce(by_apart, 0) AS p_in_flight,
        coalesce(by_push, 0) AS p_overwritten, coalesce(by_damaged, 0) AS p_damaged, coalesce(by_inbound, 0) AS p_inbound,
        coalesce(by_nothing, 0) + CASE WHEN is_told AND is_set THEN crossmall - set_figure ELSE 0 END AS p_unexplained
    FROM stock_judged j LEFT JOIN stock_split p ON p.row_no = j.row_no
),
pace AS (
    SELECT part.*, coalesce(l.pieces, 0) AS sold, g.failed_message, r.damaged_since, s.case_key, s.item_code, s.item_name, s.attribute1_name,
        s.attribute2_name, r.sku_no, r.linked_no, r.warehouses, CASE WHEN is_told AND NOT part.is_near THEN greatest(part.crossmall - base, 0) END AS exposure,
        CASE WHEN is_told AND NOT part.is_near THEN
            greatest(CAST($now AS TIMESTAMP), coalesce(part.pushed_at, part.smartship_seen_at) + CAST($push_every_min AS INTEGER) * INTERVAL '1 minute')
        END AS next_push_at,
        greatest(abs(p_timing), abs(p_mapping_none), abs(p_mapping_wrong), abs(p_mapping_duplicate), abs(p_sync_off),
            abs(p_sync_failing), abs(p_rule), abs(p_set_product), abs(p_negative), abs(p_held), abs(p_in_flight),
            abs(p_overwritten), abs(p_damaged), abs(p_inbound), abs(p_unexplained)) AS most
    FROM part
    JOIN stock_row r ON r.row_no = part.row_no
    JOIN mapping_subject s ON s.subject_no = part.subject_no
    LEFT JOIN stock_push g ON g.row_no = part.row_no
    LEFT JOIN stock_sale l ON l.subject_no = part.subject_no
)
SELECT CAST($account AS VARCHAR) AS account, CAST(row_no AS INTEGER) AS row_no, case_key, item_code, item_name,
    attribute1_name AS attribute1, attribute2_name AS attribute2, sku_no, CASE WHEN is_wrong THEN linked_no END AS linked_sku_no,
    crossmall, smartship, shown, CAST(expected AS BIGINT) AS expected, gap,
    CASE WHEN is_told THEN crossmall - base END AS off_by,
    CASE
        WHEN untold IS NOT NULL THEN untold
        WHEN reason IS NOT NULL THEN 'not_comparable'
        WHEN most <= CAST($tolerance AS INTEGER) THEN 'in_step'
        WHEN abs(p_unexplained) = most THEN 'unexplained' WHEN abs(p_mapping_wrong) = most THEN 'mapping_wrong'
        WHEN abs(p_mapping_duplicate) = most THEN 'mapping_duplicate' WHEN abs(p_mapping_none) = most THEN 'mapping_none'
        WHEN abs(p_sync_failing) = most THEN 'sync_failing' WHEN abs(p_sync_off) = most THEN 'sync_off'
        WHEN abs(p_overwritten) = most THEN 'overwritten' WHEN abs(p_negative) = most THEN 'negative'
        WHEN abs(p_held) = most THEN 'held' WHEN abs(p_damaged) = most THEN 'damaged'
        WHEN abs(p_inbound) = most THEN 'inbound' WHEN abs(p_set_product) = most THEN 'set_product'
        WHEN abs(p_in_flight) = most THEN 'in_flight' WHEN abs(p_timing) = most THEN 'timing' ELSE 'rule'
    END AS cause,
    reason, CAST(in_flight AS BIGINT) AS in_flight, weak, warehouses, crossmall_seen_at, smartship_seen_at, sync_type,
    CASE sync_type WHEN 'P' THEN CAST(round(100 * share) AS BIGINT) WHEN 'B' THEN safety_qty WHEN 'Z' THEN threshold END AS sync_value,
    sync_state, pushed_at, pushed_qty, failed_at, failed_message, damaged, damaged_since, inbound, keep_stock, CAST(set_of AS BIGINT) AS set_of,
    CASE WHEN is_set THEN set_figure END AS set_figure, is_shared, sold, exposure,
    CASE WHEN exposure IS NOT NULL THEN greatest(exposure, least(greatest(crossmall, 0), CAST(ceil(
        sold * greatest(extract(epoch FROM next_push_at - CAST($now AS TIMESTAMP)), 0) / (86400.0 * CAST($sales_days AS INTEGER))) AS BIGINT))
        - greatest(base, 0), 0) END AS exposure_soon,
    next_push_at,
    CASE WHEN is_told AND sold > 0 AND base > 0 AND base * 86400.0 * CAST($sales_days AS INTEGER) / sold < 86400.0 * 3650
        THEN CAST($now AS TIMESTAMP) + to_seconds(CAST(base * 86400.0 * CAST($sales_days AS INTEGER) / sold AS BIGINT)) END AS runs_out_at,
    p_timing, p_mapping_none, p_mapping_wrong, p_mapping_duplicate, p_sync_off, p_sync_failing, p_rule, p_set_product, p_negative,
    p_held, p_in_flight, p_overwritten, p_damaged, p_inbound, p_unexplained
FROM pace;

-- name: remember_gaps
-- The gap of each row whose figures, gap or cause are new, against the rows of the last judging.
INSERT INTO stock_gap_history (account, case_key, sku_no, judged_at, crossmall, smartship, expected, gap, exposure, cause)
SELECT f.account, f.case_key, f.sku_no, CAST($now AS TIMESTAMP), f.crossmall, f.smartship, f.expected, f.gap, f.exposure, f.cause
FROM stock_case f
LEFT JOIN stock_before c ON c.case_key = f.case_key AND c.sku_no IS NOT DISTINCT FROM f.sku_no
WHERE f.account = $account AND (c.case_key IS NULL OR c.gap IS DISTINCT FROM f.gap OR c.cause <> f.cause
    OR c.exposure IS DISTINCT FROM f.exposure OR c.crossmall IS DISTINCT FROM f.crossmall
    OR c.smartship IS DISTINCT FROM f.smartship);

-- name: counts
SELECT cause, count(*) FROM stock_case WHERE account = $account GROUP BY cause ORDER BY cause;
