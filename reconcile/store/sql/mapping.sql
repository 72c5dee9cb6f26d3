-- SKU mapping: every CROSS MALL SKU against the rows Smartship holds for it. Rebuilt for one account.
-- An exact link is decided here, on raw code points only; keys (registered frame key_of_text) rank and explain the rest.

-- name: basis
SELECT
    (SELECT count(*) FROM ss_sku_mapping WHERE account = $account) AS mappings,
    (SELECT count(*) FROM ss_sku WHERE account = $account) AS skus,
    (SELECT count(*) FROM ss_stock WHERE account = $account) AS stock;

-- name: drop_subject
DROP TABLE IF EXISTS mapping_subject;

-- name: find_subjects
-- One row per CROSS MALL SKU. option_text: attributes joined by a half-width comma [S]; one attribute alone stands for
-- itself, without a comma [I]. An item without attributes that has no SKU row counts as one SKU [I].
CREATE TEMPORARY TABLE mapping_subject AS
WITH sku AS (
    SELECT s.item_code, s.attribute1_name, s.attribute2_name, s.item_sku_code, i.item_name,
        least(s.seen_at, coalesce(i.seen_at, s.seen_at)) AS seen_at
    FROM cm_sku s LEFT JOIN cm_item i ON i.account = s.account AND i.item_code = s.item_code
    WHERE s.account = $account
    UNION ALL
    SELECT i.item_code, '', '', NULL, i.item_name, i.seen_at
    FROM cm_item i
    WHERE i.account = $account AND coalesce(i.attribute1_label, '') = '' AND coalesce(i.attribute2_label, '') = ''
        AND NOT EXISTS (SELECT 1 FROM cm_sku s WHERE s.account = i.account AND s.item_code = i.item_code)
)
SELECT row_number() OVER (ORDER BY item_code, attribute1_name, attribute2_name) AS subject_no,
    item_code, attribute1_name, attribute2_name, item_sku_code, item_name, seen_at,
    count(*) OVER (PARTITION BY item_code) AS variants,
    CASE
        WHEN attribute1_name = '' THEN attribute2_name
        WHEN attribute2_name = '' THEN attribute1_name
        ELSE attribute1_name || ',' || attribute2_name
    END AS option_text
FROM sku;

-- name: drop_offer
DROP TABLE IF EXISTS mapping_offer;

-- name: sales_sites
SELECT DISTINCT sales_site FROM ss_sku_mapping WHERE account = $account AND sales_site IS NOT NULL;

-- name: find_offers_in_mappings
-- Each distinct row once, whatever shops it stands under, with the sync settings of its newest file. Rows of other sales sites
-- are left out where CROSS MALL is named as one (registered frame crossmall_site).
CREATE TEMPORARY TABLE mapping_offer AS
WITH placed AS (
    SELECT m.*, row_number() OVER (
        PARTITION BY m.site_product_no, m.site_product_name, coalesce(m.site_option_text, ''),
            coalesce(m.sku_no, m.seller_code)
        ORDER BY m.snapshot_at DESC, m.last_sync_at DESC NULLS LAST, m.mapping_key) AS place
    FROM ss_sku_mapping m
    WHERE m.account = $account AND (
        m.sales_site IS NULL OR m.sales_site IN (SELECT sales_site FROM crossmall_site)
        OR NOT EXISTS (SELECT 1 FROM ss_sku_mapping o JOIN crossmall_site c ON c.sales_site = o.sales_site
            WHERE o.account = $account))
)
SELECT row_number() OVER (ORDER BY site_product_no, site_option_text, mapping_key) AS offer_no,
    site_product_no AS product_no, site_product_name AS product_name, coalesce(site_option_text, '') AS option_text,
    coalesce(nullif(sku_no, ''), nullif(seller_code, '')) AS sku_no, seller_code, sync_type, sync_enabled, ratio,
    safety_qty, min_qty, snapshot_at AS seen_at
FROM placed WHERE place = 1;

-- name: find_offers_in_skus
CREATE TEMPORARY TABLE mapping_offer AS
SELECT row_number() OVER (ORDER BY sku_no) AS offer_no, seller_code AS product_no, product_name,
    coalesce(option_name, '') AS option_text, sku_no, seller_code, CAST(NULL AS TEXT) AS sync_type,
    CAST(NULL AS TEXT) AS sync_enabled, CAST(NULL AS DOUBLE PRECISION) AS ratio, CAST(NULL AS BIGINT) AS safety_qty,
    CAST(NULL AS BIGINT) AS min_qty, snapshot_at AS seen_at
FROM ss_sku WHERE account = $account;

-- name: find_offers_in_stock
CREATE TEMPORARY TABLE mapping_offer AS
SELECT row_number() OVER (ORDER BY sku_no) AS offer_no, coalesce(max(seller_code), sku_no) AS product_no,
    max(product_name) AS product_name, coalesce(max(option_name), '') AS option_text, sku_no,
    max(seller_code) AS seller_code, CAST(NULL AS TEXT) AS sync_type, CAST(NULL AS TEXT) AS sync_enabled,
    CAST(NULL AS DOUBLE PRECISION) AS ratio, CAST(NULL AS BIGINT) AS safety_qty, CAST(NULL AS BIGINT) AS min_qty,
    max(snapshot_at) AS seen_at
FROM ss_stock WHERE account = $account GROUP BY sku_no;

-- name: drop_number
DROP TABLE IF EXISTS mapping_number;

-- name: find_numbers
-- What Smartship may call the SKU: the item code [I]; where only its own SKU list is known, the SKU code as well [I].
-- The option stands beside it: number and option together are selective, either alone is not, and joins must not begin there.
CREATE TEMPORARY TABLE mapping_number AS
SELECT subject_no, item_code AS number, option_text FROM mapping_subject
UNION
SELECT subject_no, item_sku_code, option_text FROM mapping_subject
WHERE CAST($basis AS TEXT) <> 'mappings' AND coalesce(item_sku_code, '') <> '';

-- name: drop_exact
DROP TABLE IF EXISTS mapping_exact;

-- name: find_exact
-- Raw text equal: number, name, option [S]. A name that one side does not show cannot contradict.
CREATE TEMPORARY TABLE mapping_exact AS
WITH hit AS (
    SELECT s.subject_no, o.offer_no, o.sku_no,
        o.product_name IS NOT NULL AND s.item_name IS NOT NULL AS name_is_shown
    FROM mapping_number n
    JOIN mapping_offer o ON o.product_no = n.number AND o.option_text = n.option_text
    JOIN mapping_subject s ON s.subject_no = n.subject_no
    WHERE o.sku_no IS NOT NULL AND coalesce(o.product_name = s.item_name, TRUE)
)
SELECT h.*, row_number() OVER (PARTITION BY subject_no, sku_no ORDER BY name_is_shown DESC, offer_no) AS place
FROM hit h;

-- name: texts
SELECT number AS text FROM mapping_number
UNION SELECT item_name FROM mapping_subject
UNION SELECT option_text FROM mapping_subject
UNION SELECT product_no FROM mapping_offer
UNION SELECT product_name FROM mapping_offer
UNION SELECT option_text FROM mapping_offer;

-- name: drop_near
DROP TABLE IF EXISTS mapping_near;

-- name: find_near
-- Smartship rows without an exact partner that nearly are the SKU: tier 1 writes all three texts alike, tier 2 has number and
-- option but another name, tier 3 name and option under another number. Only the best tier of a SKU counts.
CREATE TEMPORARY TABLE mapping_near AS
WITH subject AS (
    SELECT s.subject_no, n.number, s.item_name, s.option_text, kn.canonical AS number_key, kt.canonical AS name_key,
        ko.skeleton AS option_skeleton, ko.in_order AS option_in_order
    FROM mapping_subject s
    JOIN mapping_number n ON n.subject_no = s.subject_no
    JOIN key_of_text kn ON kn.text = n.number
    JOIN key_of_text ko ON ko.text = s.option_text
    LEFT JOIN key_of_text kt ON kt.text = s.item_name
    WHERE s.subject_no NOT IN (SELECT subject_no FROM mapping_exact)
),
offer AS (
    SELECT o.offer_no, o.sku_no, o.product_no, o.product_name, o.option_text, kn.canonical AS number_key,
        kt.canonical AS name_key, ko.skeleton AS option_skeleton, ko.in_order AS option_in_order
    FROM mapping_offer o
    JOIN key_of_text ko ON ko.text = o.option_text
    LEFT JOIN key_of_text kn ON kn.text = o.product_no
    LEFT JOIN key_of_text kt ON kt.text = o.product_name
    WHERE o.sku_no IS NOT NULL AND o.offer_no NOT IN (SELECT offer_no FROM mapping_exact)
),
alike AS (
    SELECT s.subject_no, o.offer_no, s.number FROM subject s
    JOIN offer o ON o.number_key = s.number_key AND o.option_skeleton = s.option_skeleton
    UNION
    SELECT s.subject_no, o.offer_no, s.number FROM subject s
    JOIN offer o ON o.number_key = s.number_key AND o.option_in_order = s.option_in_order
    UNION
    SELECT s.subject_no, o.offer_no, s.number FROM subject s
    JOIN offer o ON o.name_key = s.name_key AND o.option_skeleton = s.option_skeleton WHERE s.name_key <> ''
    UNION
    SELECT s.subject_no, o.offer_no, s.number FROM subject s
    JOIN offer o ON o.name_key = s.name_key AND o.option_in_order = s.option_in_order WHERE s.name_key <> ''
),
pair AS (
    SELECT a.subject_no, a.offer_no, o.sku_no, a.number, o.product_no, s.item_name, o.product_name,
        s.option_text, o.option_text AS offer_option,
        CASE
            WHEN coalesce(o.number_key <> s.number_key, TRUE) THEN 3
            WHEN coalesce(o.name_key = s.name_key, TRUE) THEN 1
            ELSE 2
        END AS tier
    FROM alike a
    JOIN subject s ON s.subject_no = a.subject_no AND s.number = a.number
    JOIN offer o ON o.offer_no = a.offer_no
),
ranked AS (
    SELECT p.*, min(tier) OVER (PARTITION BY subject_no) AS best_tier,
        row_number() OVER (PARTITION BY subject_no, sku_no ORDER BY tier, offer_no, number) AS place
    FROM pair p
)
SELECT * FROM ranked WHERE tier = best_tier AND place = 1;

-- name: near
SELECT subject_no, offer_no, tier, number, product_no, item_name, product_name, option_text, offer_option FROM mapping_near;

-- name: drop_demand
DROP TABLE IF EXISTS mapping_demand;

-- name: find_demand
-- Open orders per SKU: not cancelled, still before shipping; a set counts for itself and for each of its components.
CREATE TEMPORARY TABLE mapping_demand AS
WITH wanted AS (
    SELECT order_number, item_code, coalesce(attribute1_name, '') AS attribute1_name,
        coalesce(attribute2_name, '') AS attribute2_name
    FROM cm_order_line WHERE account = $account
    UNION
    SELECT order_number, item_code, coalesce(attribute1_name, ''), coalesce(attribute2_name, '')
    FROM cm_component WHERE account = $account
)
SELECT w.item_code, w.attribute1_name, w.attribute2_name, count(DISTINCT w.order_number) AS orders
FROM wanted w
JOIN order_case c ON c.account = $account AND c.order_number = w.order_number
WHERE NOT c.is_cancelled AND c.phase_role IN ('before', 'collect')
GROUP BY w.item_code, w.attribute1_name, w.attribute2_name;

-- name: drop_cases
DELETE FROM mapping_case WHERE account = $account;

-- name: write_cases
-- A SKU is linked by one row, near by the rows of its best tier (registered frame cause_of_pair names the causes), else missing.
-- Two SKU numbers for one SKU, or one for two, are duplicates. Stale needs a catalogue that was read to its end, and
-- Smartship rows that name a CROSS MALL product at all (basis mappings). A linked SKU holds up no order.
INSERT INTO mapping_case (account, row_no, item_code, attribute1_name, attribute2_name, mapping_class, item_name, option_text,
    ss_product_no, ss_product_name, ss_option_text, sku_no, causes, waiting_orders, basis, crossmall_seen_at, smartship_seen_at)
WITH newest AS (
    SELECT max(seen_at) AS seen_at FROM mapping_offer
),
skus_of_subject AS (
    SELECT subject_no, count(DISTINCT sku_no) AS skus FROM mapping_exact GROUP BY subject_no
),
subjects_of_sku AS (
    SELECT sku_no, count(DISTINCT subject_no) AS subjects FROM mapping_exact GROUP BY sku_no
),
exact AS (
    SELECT e.subject_no, e.offer_no,
        CASE WHEN a.skus > 1 OR b.subjects > 1 THEN 'duplicate' ELSE 'linked' END AS mapping_class,
        CASE
            WHEN a.skus > 1 AND b.subjects > 1 THEN '["several_skus", "shared_sku"]'
            WHEN a.skus > 1 THEN '["several_skus"]'
            WHEN b.subjects > 1 THEN '["shared_sku"]'
            WHEN NOT e.name_is_shown THEN '["name_not_shown"]'
            ELSE '[]'
        END AS causes
    FROM mapping_exact e
    JOIN skus_of_subject a ON a.subject_no = e.subject_no
    JOIN subjects_of_sku b ON b.sku_no = e.sku_no
    WHERE e.place = 1
),
found AS (
    SELECT subject_no, offer_no, mapping_class, causes FROM exact
    UNION ALL
    SELECT n.subject_no, n.offer_no, CASE WHEN n.tier = 2 THEN 'name_only' ELSE 'near_miss' END, c.causes
    FROM mapping_near n
    JOIN cause_of_pair c ON c.subject_no = n.subject_no AND c.offer_no = n.offer_no
),
known_number AS (
    SELECT DISTINCT k.canonical AS number_key FROM mapping_number n JOIN key_of_text k ON k.text = n.number
),
known_option AS (
    SELECT DISTINCT kn.canonical AS number_key, ko.skeleton AS option_skeleton, ko.in_order AS option_in_order
    FROM mapping_number n
    JOIN key_of_text kn ON kn.text = n.number
    JOIN key_of_text ko ON ko.text = n.option_text
),
stale AS (
    SELECT o.offer_no, CASE WHEN k.number_key IS NULL THEN '["code_gone"]' ELSE '["option_gone"]' END AS causes
    FROM mapping_offer o
    JOIN key_of_text kn ON kn.text = o.product_no
    JOIN key_of_text ko ON ko.text = o.option_text
    LEFT JOIN known_number k ON k.number_key = kn.canonical
    WHERE CAST($basis AS TEXT) = 'mappings' AND o.sku_no IS NOT NULL
        AND EXISTS (SELECT 1 FROM mapping_subject)
        AND EXISTS (SELECT 1 FROM sync_cursor f
            WHERE f.account = $account AND f.feed = 'catalogue' AND f.complete_at <= CAST($now AS TIMESTAMP))
        AND o.offer_no NOT IN (SELECT offer_no FROM found)
        AND o.offer_no NOT IN (SELECT offer_no FROM mapping_exact)
        AND NOT EXISTS (SELECT 1 FROM known_option x WHERE x.number_key = kn.canonical
            AND x.option_skeleton = ko.skeleton)
        AND NOT EXISTS (SELECT 1 FROM known_option x WHERE x.number_key = kn.canonical
            AND x.option_in_order = ko.in_order)
),
row_of_case AS (
    SELECT s.item_code, s.attribute1_name, s.attribute2_name, coalesce(f.mapping_class, 'missing') AS mapping_class,
        s.item_name, s.option_text, f.offer_no, coalesce(f.causes, '[]') AS causes, s.seen_at
    FROM mapping_subject s LEFT JOIN found f ON f.subject_no = s.subject_no
    UNION ALL
    SELECT NULL, NULL, NULL, 'stale', NULL, NULL, offer_no, causes, NULL FROM stale
),
demand_of_code AS (
    SELECT item_code, CASE
            WHEN attribute1_name = '' THEN attribute2_name
            WHEN attribute2_name = '' THEN attribute1_name
            ELSE attribute1_name || ',' || attribute2_name
        END AS option_text, sum(orders) AS orders
    FROM mapping_demand GROUP BY 1, 2
)
SELECT $account, CAST(row_number() OVER (
        ORDER BY coalesce(r.item_code, o.product_no), r.attribute1_name, r.attribute2_name, r.offer_no) AS INTEGER),
    r.item_code, r.attribute1_name, r.attribute2_name, r.mapping_class, r.item_name, r.option_text,
    o.product_no, o.product_name, o.option_text, o.sku_no, r.causes,
    CAST(CASE WHEN r.mapping_class = 'linked' THEN 0 ELSE coalesce(d.orders, g.orders, 0) END AS BIGINT), $basis, r.seen_at, coalesce(o.seen_at, newest.seen_at)
FROM row_of_case r
CROSS JOIN newest
LEFT JOIN mapping_offer o ON o.offer_no = r.offer_no
LEFT JOIN mapping_demand d ON d.item_code = r.item_code AND d.attribute1_name = r.attribute1_name
    AND d.attribute2_name = r.attribute2_name
LEFT JOIN demand_of_code g ON r.item_code IS NULL AND g.item_code = o.product_no AND g.option_text = o.option_text;

-- name: counts
SELECT mapping_class, count(*) FROM mapping_case WHERE account = $account GROUP BY mapping_class ORDER BY mapping_class;
