-- What speaks against shipping an order by hand, and what the order upload file of Smartship needs. Blocks that name
-- $numbers answer for all of these orders of one account at once. Instants are naive UTC. What is MATERIALIZED is few rows,
-- by which the large tables are read; in one piece DuckDB would join these whole first [M].

-- name: resolve
-- Every order that a number may mean; is_exact: by CROSS MALL's own 管理番号.
SELECT n.given, c.account, c.order_number, c.order_number = n.given AS is_exact
FROM (SELECT unnest(CAST($numbers AS VARCHAR[])) AS given) n
JOIN order_case c ON c.order_number = n.given OR c.order_code = n.given OR c.delivery_number = n.given
    OR list_contains(string_split(coalesce(c.ss_packings, ''), ' '), n.given)
WHERE $account IS NULL OR c.account = $account
ORDER BY n.given, c.account, c.order_number

-- name: subjects
-- changed_at: the last change that could have brought the order to Smartship or kept it away, by the vendor's clock.
-- found_at: when we first said that the order is missing at Smartship.
SELECT c.order_number, c.order_code, c.shop_code, c.phase_name, c.phase_role, c.cancel_flag, c.is_cancelled,
    c.delivery_number, c.ordered_qty, coalesce(c.created_at, c.ordered_at) AS created_at,
    coalesce(c.updated_at, c.seen_at) AS changed_at, c.seen_at, c.covered_until, a.auto_orders,
    (SELECT max(i.snapshot_at) FROM ss_import i
        WHERE i.account = c.account AND i.kind = 'orders') AS newest_file_at,
    (SELECT min(f.opened_at) FROM finding f
        WHERE f.account = c.account AND f.order_number = c.order_number AND f.kind = 'finding'
            AND f.rule IN ('F01', 'F02', 'F03', 'F04', 'F07')) AS found_at
FROM order_case c JOIN account a ON a.account = c.account
WHERE c.account = $account AND c.order_number IN (SELECT unnest(CAST($numbers AS VARCHAR[])))

-- name: packings
-- One row per order and packing number: what stands at Smartship for it, by which key. is_gone: not shipped, and a
-- newer file that covers the order no longer holds it. shared_with: other orders of the same packing number.
WITH link AS MATERIALIZED (
    SELECT order_number, line_key, matched_by, strength, is_weak FROM order_link
    WHERE account = $account AND order_number IN (SELECT unnest(CAST($numbers AS VARCHAR[])))
),
line AS MATERIALIZED (
    SELECT k.order_number, k.matched_by, k.strength, k.is_weak, coalesce(l.packing_no, '') AS packing_no, l.status,
        l.registered_by, l.qty, l.registered_at, l.first_snapshot_at, l.snapshot_at,
        l.status NOT IN ('CLAIMED', 'RETURNED', 'CANCELLED', 'DELETED') AS is_active,
        l.status IN ('SHIPPED', 'IN_TRANSIT', 'DELIVERED', 'DELIVERY_FAILED') AS is_shipped,
        coalesce(c.covered_until > l.snapshot_at, FALSE) AS is_behind
    FROM (SELECT * FROM ss_shipment_line WHERE account = $account AND line_key IN (SELECT line_key FROM link)) l
    JOIN link k USING (line_key)
    JOIN (
        SELECT order_number, covered_until FROM order_case
        WHERE account = $account AND order_number IN (SELECT order_number FROM link)
    ) c USING (order_number)
),
beside AS MATERIALIZED (
    SELECT packing_no, line_key FROM ss_shipment_line
    WHERE account = $account AND packing_no IN (SELECT packing_no FROM line WHERE packing_no <> '')
),
neighbour AS (
    SELECT DISTINCT l.packing_no, k.order_number
    FROM beside l JOIN (
        SELECT line_key, order_number FROM order_link
        WHERE account = $account AND NOT is_weak AND line_key IN (SELECT line_key FROM beside)
    ) k USING (line_key)
)
SELECT n.order_number, n.packing_no, min(n.strength) AS strength, min_by(n.matched_by, n.strength) AS matched_by,
    bool_and(n.is_weak) AS is_weak, bool_or(n.is_active) AS is_active, bool_or(n.is_shipped) AS is_shipped,
    bool_and(n.is_behind AND NOT n.is_shipped) AS is_gone,
    string_agg(DISTINCT n.status, ' ' ORDER BY n.status) AS statuses,
    string_agg(DISTINCT n.registered_by, ' ' ORDER BY n.registered_by) AS registered_by,
    CAST(sum(CASE WHEN n.is_active THEN n.qty END) AS BIGINT) AS qty, min(n.registered_at) AS registered_at,
    min(n.first_snapshot_at) AS first_snapshot_at, max(n.snapshot_at) AS snapshot_at,
    (SELECT string_agg(b.order_number, ' ' ORDER BY b.order_number) FROM neighbour b
        WHERE b.packing_no = n.packing_no AND b.order_number <> n.order_number) AS shared_with
FROM line n
GROUP BY n.order_number, n.packing_no
ORDER BY n.order_number, strength, n.packing_no

-- name: other_shops
-- Smartship rows that carry the order's number under another shop and belong to no order we know.
SELECT c.order_number, coalesce(l.packing_no, '') AS packing_no, trim(l.shop_id) AS other_shop, o.shop_code,
    string_agg(DISTINCT l.status, ' ' ORDER BY l.status) AS statuses, max(l.snapshot_at) AS snapshot_at
FROM order_case c
JOIN cm_order o ON o.account = c.account AND o.order_number = c.order_number
JOIN ss_shipment_line l ON l.account = c.account AND nullif(trim(l.shop_id), '') IS NOT NULL
    AND trim(l.shop_id) <> coalesce(trim(o.shop_code), '')
    AND (l.site_order_key IN (o.order_code_key, o.order_number)
        OR l.reference_key IN (o.order_code_key, o.order_number)
        OR l.site_cart_key IN (o.order_code_key, o.order_number))
WHERE c.account = $account AND c.order_number IN (SELECT unnest(CAST($numbers AS VARCHAR[])))
    AND l.status NOT IN ('CLAIMED', 'RETURNED', 'CANCELLED', 'DELETED')
    AND NOT EXISTS (SELECT 1 FROM order_link k WHERE k.account = l.account AND k.line_key = l.line_key)
GROUP BY ALL
ORDER BY c.order_number, packing_no

-- name: possible_pairs
-- Unlinked packings with the very same SKUs and quantities within some days: possible, never proof (join step 5 [I]).
-- recipient: same | other, by hashes of one key; unknown where a side has none, or a packing several.
WITH sku AS (
    SELECT item_code, coalesce(attribute1_name, '') AS attribute1_name, coalesce(attribute2_name, '') AS attribute2_name,
        min(sku_no) AS sku_no
    FROM mapping_case
    WHERE account = $account AND mapping_class = 'linked' AND sku_no IS NOT NULL AND item_code IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT sku_no) = 1
),
wanted_line AS (
    SELECT n.order_number, coalesce(s.sku_no, n.item_code || chr(31) || concat_ws(',',
            nullif(n.attribute1_name, ''), nullif(n.attribute2_name, ''))) AS thing,
        sum(n.amount) AS qty
    FROM cm_order_line n
    LEFT JOIN sku s ON s.item_code = n.item_code AND s.attribute1_name = coalesce(n.attribute1_name, '')
        AND s.attribute2_name = coalesce(n.attribute2_name, '')
    WHERE n.account = $account AND n.order_number IN (SELECT unnest(CAST($numbers AS VARCHAR[])))
    GROUP BY ALL
),
wanted AS (
    SELECT order_number, string_agg(thing || chr(30) || CAST(qty AS VARCHAR), chr(29) ORDER BY thing) AS content,
        count(*) = count(thing) AND count(*) = count(qty) AS is_whole
    FROM wanted_line GROUP BY order_number
),
free_line AS (
    SELECT l.packing_no, trim(coalesce(l.shop_id, '')) AS shop,
        coalesce(nullif(l.sku_no, ''), nullif(l.seller_code, ''),
            l.site_product_no || chr(31) || coalesce(l.option_text, '')) AS thing,
        sum(l.qty) AS qty, min(coalesce(l.ordered_at, l.registered_at)) AS dated_at, max(l.snapshot_at) AS snapshot_at,
        min(l.recipient_hash) AS first_hash, max(l.recipient_hash) AS last_hash
    FROM ss_shipment_line l
    WHERE l.account = $account AND l.packing_no IS NOT NULL
        AND l.status NOT IN ('CLAIMED', 'RETURNED', 'CANCELLED', 'DELETED')
        AND NOT EXISTS (SELECT 1 FROM order_link k WHERE k.account = l.account AND k.line_key = l.line_key)
    GROUP BY ALL
),
free AS (
    SELECT packing_no, shop, string_agg(thing || chr(30) || CAST(qty AS VARCHAR), chr(29) ORDER BY thing) AS content,
        count(*) = count(thing) AND count(*) = count(qty) AS is_whole, min(dated_at) AS dated_at,
        max(snapshot_at) AS snapshot_at,
        CASE WHEN min(first_hash) = max(last_hash) THEN min(first_hash) END AS recipient_hash
    FROM free_line GROUP BY packing_no, shop
)
SELECT w.order_number, f.packing_no, f.dated_at, f.snapshot_at,
    CASE WHEN f.recipient_hash = o.recipient_hash THEN 'same'
        WHEN split_part(f.recipient_hash, ':', 1) = split_part(o.recipient_hash, ':', 1) THEN 'other'
        ELSE 'unknown' END AS recipient
FROM wanted w
JOIN order_case c ON c.account = $account AND c.order_number = w.order_number
JOIN cm_order o ON o.account = c.account AND o.order_number = c.order_number
JOIN free f ON f.content = w.content AND (f.shop = '' OR f.shop = trim(c.shop_code))
WHERE w.is_whole AND f.is_whole
    AND abs(epoch(f.dated_at) - epoch(coalesce(c.ordered_at, c.created_at))) <= CAST($days AS INTEGER) * 86400
ORDER BY w.order_number, f.packing_no

-- name: bundles
-- 同梱: the parent of a child, and the children of a parent, each with what stands at Smartship for it.
WITH relative AS MATERIALIZED (
    SELECT o.order_number, 'parent' AS relation, o.bundle_ahead_number AS other_number
    FROM cm_order o
    WHERE o.account = $account AND o.order_number IN (SELECT unnest(CAST($numbers AS VARCHAR[]))) AND o.is_bundle_child
        AND o.bundle_ahead_number <> ''
    UNION ALL
    SELECT x.bundle_ahead_number, 'child', x.order_number
    FROM cm_order x
    WHERE x.account = $account AND x.bundle_ahead_number IN (SELECT unnest(CAST($numbers AS VARCHAR[])))
        AND x.is_bundle_child AND x.order_number <> x.bundle_ahead_number
),
link AS MATERIALIZED (
    SELECT order_number, line_key FROM order_link
    WHERE account = $account AND NOT is_weak AND order_number IN (SELECT other_number FROM relative)
),
held AS (
    SELECT k.order_number,
        string_agg(DISTINCT coalesce(l.packing_no, l.line_key), ' ' ORDER BY coalesce(l.packing_no, l.line_key)) AS packings
    FROM ss_shipment_line l JOIN link k USING (line_key)
    WHERE l.account = $account AND l.line_key IN (SELECT line_key FROM link)
        AND l.status NOT IN ('CLAIMED', 'RETURNED', 'CANCELLED', 'DELETED')
    GROUP BY k.order_number
)
SELECT r.order_number, r.relation, r.other_number, c.phase_name, coalesce(c.is_cancelled, FALSE) AS is_cancelled,
    h.packings
FROM relative r
LEFT JOIN order_case c ON c.account = $account AND c.order_number = r.other_number
LEFT JOIN held h ON h.order_number = r.other_number
ORDER BY r.order_number, r.relation, r.other_number

-- name: twins
-- The same 注文番号 twice in one shop: taken in again, or a split slip. same_content is NULL while lines are not held.
WITH wanted AS MATERIALIZED (
    SELECT order_number, order_code, order_code_key, coalesce(trim(shop_code), '') AS shop,
        coalesce(bundle_ahead_number, '') AS ahead_number
    FROM cm_order
    WHERE account = $account AND order_number IN (SELECT unnest(CAST($numbers AS VARCHAR[]))) AND order_code_key <> ''
),
like_it AS MATERIALIZED (
    SELECT order_number, order_code_key, coalesce(trim(shop_code), '') AS shop, created_at,
        coalesce(bundle_ahead_number, '') AS ahead_number
    FROM cm_order
    WHERE account = $account AND order_code_key IN (SELECT order_code_key FROM wanted)
),
pair AS MATERIALIZED (
    SELECT a.order_number, b.order_number AS other_number, a.order_code, b.created_at AS other_created_at
    FROM wanted a JOIN like_it b USING (order_code_key, shop)
    WHERE b.order_number <> a.order_number AND b.ahead_number <> a.order_number AND a.ahead_number <> b.order_number
),
either AS MATERIALIZED (SELECT order_number FROM pair UNION SELECT other_number FROM pair),
content AS (
    SELECT n.order_number, string_agg(concat_ws(chr(31), n.item_code, coalesce(n.attribute1_name, ''),
            coalesce(n.attribute2_name, ''), CAST(n.amount AS VARCHAR)), chr(29)
            ORDER BY n.item_code, n.attribute1_name, n.attribute2_name, n.amount) AS content
    FROM cm_order_line n
    WHERE n.account = $account AND n.order_number IN (
        SELECT order_number FROM cm_order
        WHERE account = $account AND lines_state = 'held' AND order_number IN (SELECT order_number FROM either)
    )
    GROUP BY n.order_number
),
link AS MATERIALIZED (
    SELECT order_number, line_key FROM order_link
    WHERE account = $account AND order_number IN (SELECT other_number FROM pair)
),
held AS (
    SELECT k.order_number,
        string_agg(DISTINCT coalesce(l.packing_no, l.line_key), ' ' ORDER BY coalesce(l.packing_no, l.line_key)) AS packings
    FROM ss_shipment_line l JOIN link k USING (line_key)
    WHERE l.account = $account AND l.line_key IN (SELECT line_key FROM link)
        AND l.status NOT IN ('CLAIMED', 'RETURNED', 'CANCELLED', 'DELETED')
    GROUP BY k.order_number
)
SELECT t.order_number, t.other_number, t.order_code, t.other_created_at,
    coalesce(y.is_cancelled, FALSE) AS other_is_cancelled, p.content = q.content AS same_content,
    h.packings
FROM pair t
LEFT JOIN order_case y ON y.account = $account AND y.order_number = t.other_number
LEFT JOIN content p ON p.order_number = t.order_number
LEFT JOIN content q ON q.order_number = t.other_number
LEFT JOIN held h ON h.order_number = t.other_number
ORDER BY t.order_number, t.other_number

-- name: number_use
-- Which of CROSS MALL's two numbers each shop's collected orders carry as site order no.; equal numbers teach nothing.
SELECT o.shop_code,
    count(*) FILTER (WHERE l.site_order_key = o.order_code_key AND o.order_code_key <> o.order_number) AS by_code,
    count(*) FILTER (WHERE l.site_order_key = o.order_number AND o.order_code_key IS DISTINCT FROM o.order_number) AS by_number
FROM order_link k
JOIN ss_shipment_line l ON l.account = k.account AND l.line_key = k.line_key
JOIN cm_order o ON o.account = k.account AND o.order_number = k.order_number
WHERE k.account = $account AND NOT k.is_weak AND coalesce(l.registered_by, 'API') = 'API'
GROUP BY o.shop_code

-- name: sheet_orders
SELECT o.order_number, o.order_code, o.shop_code, o.ordered_at, o.lines_state
FROM cm_order o
WHERE o.account = $account AND o.order_number IN (SELECT unnest(CAST($numbers AS VARCHAR[])))

-- name: sheet_lines
-- Order lines with the SKU that is linked exactly and only once, and the warehouse where its stock lies if it is one.
-- sku_no may be a seller code where Smartship's file has no SKU number: is_sku_no, is_seller_code tell what it is known as.
WITH linked AS (
    SELECT item_code, coalesce(attribute1_name, '') AS attribute1_name, coalesce(attribute2_name, '') AS attribute2_name,
        min(sku_no) AS sku_no
    FROM mapping_case
    WHERE account = $account AND mapping_class = 'linked' AND sku_no IS NOT NULL AND item_code IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT sku_no) = 1
),
known AS (
    SELECT sku_no, nullif(seller_code, '') AS seller_code FROM ss_sku WHERE account = $account
    UNION
    SELECT nullif(sku_no, ''), nullif(seller_code, '') FROM ss_sku_mapping WHERE account = $account
),
place AS (
    SELECT sku_no, CASE WHEN count(DISTINCT nullif(warehouse, '')) = 1 THEN min(nullif(warehouse, '')) END AS warehouse
    FROM ss_stock WHERE account = $account GROUP BY sku_no
)
SELECT n.order_number, n.line_no, n.item_code, n.item_name, n.attribute1_name, n.attribute2_name, n.amount, n.is_set,
    m.sku_no, p.warehouse,
    EXISTS (SELECT 1 FROM known k WHERE k.sku_no = m.sku_no) AS is_sku_no,
    EXISTS (SELECT 1 FROM known k WHERE k.seller_code = m.sku_no) AS is_seller_code,
    (SELECT CASE WHEN count(DISTINCT k.seller_code) = 1 THEN min(k.seller_code) END
        FROM known k WHERE k.sku_no = m.sku_no) AS seller_code
FROM cm_order_line n
LEFT JOIN linked m ON m.item_code = n.item_code AND m.attribute1_name = coalesce(n.attribute1_name, '')
    AND m.attribute2_name = coalesce(n.attribute2_name, '')
LEFT JOIN place p ON p.sku_no = m.sku_no
WHERE n.account = $account AND n.order_number IN (SELECT unnest(CAST($numbers AS VARCHAR[])))
ORDER BY n.order_number, n.line_no

-- name: files
-- The newest Smartship file of each kind, for people who must judge how old our view of that side is.
SELECT kind, max(snapshot_at) AS snapshot_at, min_by(covers_from, -epoch(coalesce(snapshot_at, imported_at))) AS covers_from,
    max(imported_at) AS imported_at
FROM ss_import WHERE account = $account GROUP BY kind ORDER BY kind

-- name: schema_version
SELECT max(version) AS version FROM schema_migration

-- name: possible_links
-- Lines that nothing joins to an order, of the same item, quantity and day: possible, never proof. rivals: how many other
-- orders the same line would fit as well.
SELECT p.order_number, coalesce(l.packing_no, '') AS packing_no, l.item_name, CAST(l.qty AS BIGINT) AS qty,
    coalesce(l.ordered_at, l.registered_at) AS dated_at, l.snapshot_at, p.matched_by,
    (SELECT count(*) FROM order_possible_link r
        WHERE r.account = p.account AND r.line_key = p.line_key AND r.order_number <> p.order_number) AS rivals
FROM order_possible_link p
JOIN ss_shipment_line l ON l.account = p.account AND l.line_key = p.line_key
WHERE p.account = $account AND p.order_number IN (SELECT unnest(CAST($numbers AS VARCHAR[])))
ORDER BY p.order_number, l.packing_no, l.row_no

-- name: order_acts
-- What was decided about the findings of one order, by people and by the judge.
SELECT s.acted_at, replace(s.event, 'triage.', '') AS event, s.actor, f.rule
FROM triage_step s JOIN finding f ON f.account = s.account AND f.finding_key = s.finding_key
WHERE s.account = $account AND f.order_number = $order_number
ORDER BY s.sequence, f.rule
