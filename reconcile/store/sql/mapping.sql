-- SKU mapping: every CROSS MALL SKU against the rows Smartship holds for it. Rebuilt for one account.
-- An exact link is decided here, on raw code points only; keys (table key_of_text) rank and explain the rest.
-- A SKU without a link row is looked up in Smartship's SKU list: what is there exists, only its link is missing.

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
    SELECT s.item_code, s.attribute1_name, s.attribute2_name, s.item_sku_code, s.jan_code, s.keep_stock, s.stock_unlimit_flag,
        i.item_name, least(s.seen_at, coalesce(i.seen_at, s.seen_at)) AS seen_at
    FROM cm_sku s LEFT JOIN cm_item i ON i.account = $account AND i.item_code = s.item_code
    WHERE s.account = $account
    UNION ALL
    SELECT i.item_code, '', '', NULL, NULL, NULL, NULL, i.item_name, i.seen_at
    FROM cm_item i
    WHERE i.account = $account AND coalesce(i.attribute1_label, '') = '' AND coalesce(i.attribute2_label, '') = ''
        AND i.item_code NOT IN (SELECT item_code FROM cm_sku WHERE account = $account)
)
SELECT row_number() OVER (ORDER BY item_code, attribute1_name, attribute2_name) AS subject_no,
    mapping_case_key('cm', item_code, attribute1_name, attribute2_name) AS case_key, item_code, attribute1_name,
    attribute2_name, item_sku_code, jan_code, keep_stock, stock_unlimit_flag, item_name, seen_at,
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

-- name: put_sales_sites
DELETE FROM crossmall_sales_site WHERE account = $account AND NOT list_contains(CAST($sites AS VARCHAR[]), sales_site);
INSERT INTO crossmall_sales_site (account, sales_site) SELECT $account, unnest(CAST($sites AS VARCHAR[])) ON CONFLICT DO NOTHING;

-- name: find_offers_in_mappings
-- Each distinct row once, whatever shops it stands under, with the sync settings of its newest file.
CREATE TEMPORARY TABLE mapping_offer AS
WITH placed AS (
    SELECT m.*, row_number() OVER (
        PARTITION BY m.product_no, m.product_name, m.option_text, m.sku_no
        ORDER BY m.snapshot_at DESC, m.last_sync_at DESC NULLS LAST, m.mapping_key) AS place
    FROM ss_link m WHERE m.account = $account
)
SELECT row_number() OVER (ORDER BY product_no, option_text, mapping_key) AS offer_no, product_no, product_name, option_text,
    sku_no, seller_code, sync_type, sync_enabled, ratio, safety_qty, min_qty, snapshot_at AS seen_at, 'mapping' AS source
FROM placed WHERE place = 1;

-- name: find_offers_in_skus
CREATE TEMPORARY TABLE mapping_offer AS
SELECT row_number() OVER (ORDER BY sku_no) AS offer_no, seller_code AS product_no, product_name,
    coalesce(option_name, '') AS option_text, sku_no, seller_code, CAST(NULL AS TEXT) AS sync_type,
    CAST(NULL AS TEXT) AS sync_enabled, CAST(NULL AS DOUBLE PRECISION) AS ratio, CAST(NULL AS BIGINT) AS safety_qty,
    CAST(NULL AS BIGINT) AS min_qty, snapshot_at AS seen_at, 'sku' AS source
FROM ss_sku WHERE account = $account;

-- name: add_offers_in_skus
-- Beside the link rows: SKUs of Smartship's list that no exact link uses.
INSERT INTO mapping_offer (offer_no, product_no, product_name, option_text, sku_no, seller_code, seen_at, source)
SELECT (SELECT coalesce(max(offer_no), 0) FROM mapping_offer) + row_number() OVER (ORDER BY sku_no), seller_code, product_name,
    coalesce(option_name, ''), sku_no, seller_code, snapshot_at, 'sku'
FROM ss_sku WHERE account = $account AND sku_no NOT IN (SELECT sku_no FROM mapping_exact);

-- name: find_offers_in_stock
CREATE TEMPORARY TABLE mapping_offer AS
SELECT row_number() OVER (ORDER BY sku_no) AS offer_no, coalesce(max(seller_code), sku_no) AS product_no,
    max(product_name) AS product_name, coalesce(max(option_name), '') AS option_text, sku_no,
    max(seller_code) AS seller_code, CAST(NULL AS TEXT) AS sync_type, CAST(NULL AS TEXT) AS sync_enabled,
    CAST(NULL AS DOUBLE PRECISION) AS ratio, CAST(NULL AS BIGINT) AS safety_qty, CAST(NULL AS BIGINT) AS min_qty,
    max(snapshot_at) AS seen_at, 'stock' AS source
FROM ss_stock WHERE account = $account GROUP BY sku_no;

-- name: drop_number
DROP TABLE IF EXISTS mapping_number;

-- name: find_numbers
-- What Smartship may call the SKU: in link rows the item code [I]; in its own lists the SKU code as well [I].
-- The option stands beside it: number and option together are selective, either alone is not, and joins must not begin there.
CREATE TEMPORARY TABLE mapping_number AS
SELECT subject_no, item_code AS number, option_text, TRUE AS is_item_code FROM mapping_subject
UNION ALL
SELECT subject_no, item_sku_code, option_text, FALSE FROM mapping_subject
WHERE coalesce(item_sku_code, '') <> '' AND item_sku_code <> item_code;

-- name: drop_exact
DROP TABLE IF EXISTS mapping_exact;

-- name: find_exact
-- Raw text equal: number, name, option [S]. A name that one side does not show, or leaves blank, cannot contradict.
CREATE TEMPORARY TABLE mapping_exact AS
WITH hit AS (
    SELECT s.subject_no, o.offer_no, o.sku_no,
        nullif(o.product_name, '') IS NOT NULL AND s.item_name IS NOT NULL AS name_is_shown
    FROM mapping_number n
    JOIN mapping_offer o ON o.product_no = n.number AND o.option_text = n.option_text
    JOIN mapping_subject s ON s.subject_no = n.subject_no
    WHERE o.sku_no IS NOT NULL AND coalesce(nullif(o.product_name, '') = s.item_name, TRUE)
        AND (n.is_item_code OR o.source <> 'mapping')
)
SELECT h.*, row_number() OVER (PARTITION BY subject_no, sku_no ORDER BY name_is_shown DESC, offer_no) AS place
FROM hit h;

-- name: texts
SELECT number AS text FROM mapping_number
WHERE is_item_code OR EXISTS (SELECT 1 FROM mapping_offer WHERE source <> 'mapping')
UNION SELECT item_name FROM mapping_subject
UNION SELECT option_text FROM mapping_subject
UNION SELECT product_no FROM mapping_offer
UNION SELECT product_name FROM mapping_offer
UNION SELECT option_text FROM mapping_offer;

-- name: drop_keys
DROP TABLE IF EXISTS key_of_text;

-- name: keep_keys
CREATE TEMPORARY TABLE key_of_text AS SELECT * FROM key_frame;

-- name: drop_near
DROP TABLE IF EXISTS mapping_near;

-- name: make_near
CREATE TEMPORARY TABLE mapping_near (
    subject_no BIGINT, offer_no BIGINT, sku_no TEXT, number TEXT, product_no TEXT, item_name TEXT, product_name TEXT,
    option_text TEXT, offer_option TEXT, source TEXT, tier INTEGER
);

-- name: drop_pair
DROP TABLE IF EXISTS mapping_pair;

-- name: find_pair
-- Smartship rows of one list ($source) without an exact partner that nearly are a SKU that has found none yet: tier 1 writes all
-- three texts alike, tier 2 has number and option but another name, tier 3 name and option under another number.
CREATE TEMPORARY TABLE mapping_pair AS
WITH subject AS (
    SELECT s.subject_no, s.case_key, n.number, s.item_name, s.option_text, kn.canonical AS number_key,
        kt.canonical AS name_key, ko.skeleton AS option_skeleton, ko.in_order AS option_in_order
    FROM mapping_subject s
    JOIN mapping_number n ON n.subject_no = s.subject_no AND (n.is_item_code OR CAST($source AS TEXT) <> 'mapping')
    JOIN key_of_text kn ON kn.text = n.number
    JOIN key_of_text ko ON ko.text = s.option_text
    LEFT JOIN key_of_text kt ON kt.text = s.item_name
    WHERE s.subject_no NOT IN (SELECT subject_no FROM mapping_exact)
        AND s.subject_no NOT IN (SELECT subject_no FROM mapping_near)
),
offer AS (
    SELECT o.offer_no, o.sku_no, o.product_no, o.product_name, o.option_text, kn.canonical AS number_key,
        kt.canonical AS name_key, ko.skeleton AS option_skeleton, ko.in_order AS option_in_order
    FROM mapping_offer o
    JOIN key_of_text ko ON ko.text = o.option_text
    LEFT JOIN key_of_text kn ON kn.text = o.product_no
    LEFT JOIN key_of_text kt ON kt.text = nullif(o.product_name, '')
    WHERE o.source = CAST($source AS TEXT) AND o.sku_no IS NOT NULL
        AND o.offer_no NOT IN (SELECT offer_no FROM mapping_exact)
        AND o.sku_no NOT IN (SELECT sku_no FROM mapping_near)
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
)
SELECT a.subject_no, s.case_key, a.offer_no, o.sku_no, a.number, o.product_no, s.item_name, o.product_name,
    s.option_text, o.option_text AS offer_option,
    CASE
        WHEN coalesce(o.number_key <> s.number_key, TRUE) THEN 3
        WHEN coalesce(o.name_key = s.name_key, TRUE) THEN 1
        ELSE 2
    END AS tier,
    r.sku_no IS NOT NULL AS is_rejected
FROM alike a
JOIN subject s ON s.subject_no = a.subject_no AND s.number = a.number
JOIN offer o ON o.offer_no = a.offer_no
LEFT JOIN mapping_rejected r ON r.account = $account AND r.case_key = s.case_key AND r.sku_no = o.sku_no;

-- name: add_near
-- Only the best tier of a SKU counts. A pair that a person rejected is none.
INSERT INTO mapping_left_out (account, case_key, sku_no)
SELECT DISTINCT $account, case_key, sku_no FROM mapping_pair WHERE is_rejected ON CONFLICT DO NOTHING;
INSERT INTO mapping_near (subject_no, offer_no, sku_no, number, product_no, item_name, product_name, option_text, offer_option,
    source, tier)
WITH ranked AS (
    SELECT p.*, min(tier) OVER (PARTITION BY subject_no) AS best_tier,
        row_number() OVER (PARTITION BY subject_no, sku_no ORDER BY tier, offer_no, number) AS place
    FROM mapping_pair p WHERE NOT is_rejected
)
SELECT subject_no, offer_no, sku_no, number, product_no, item_name, product_name, option_text, offer_option,
    CAST($source AS TEXT), tier
FROM ranked WHERE tier = best_tier AND place = 1;

-- name: near
-- is_renamed: the Smartship row has the name that CROSS MALL had for the product before, by older orders or earlier judgings.
SELECT n.subject_no, n.offer_no, n.tier, n.source, EXISTS (
        SELECT 1 FROM cm_order_line l WHERE l.account = $account AND n.tier < 3 AND l.item_name = n.product_name
            AND l.item_name <> n.item_name AND l.item_code = s.item_code) OR EXISTS (
        SELECT 1 FROM mapping_event e WHERE e.account = $account AND e.event = 'renamed' AND n.tier < 3
            AND e.case_key = s.case_key AND e.name_before = n.product_name) AS is_renamed,
    n.number, n.product_no, n.item_name, n.product_name, n.option_text, n.offer_option
FROM mapping_near n JOIN mapping_subject s ON s.subject_no = n.subject_no;

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
SELECT w.item_code, w.attribute1_name, w.attribute2_name, count(DISTINCT w.order_number) AS orders,
    list_distinct(list(c.shop_code)) AS shops
FROM wanted w
JOIN order_case c ON c.account = $account AND c.order_number = w.order_number
WHERE NOT c.is_cancelled AND c.phase_role IN ('before', 'collect')
GROUP BY w.item_code, w.attribute1_name, w.attribute2_name;

-- name: drop_cases
DELETE FROM mapping_case WHERE account = $account;
DELETE FROM mapping_left_out WHERE account = $account;

-- name: drop_found
DROP TABLE IF EXISTS mapping_found;

-- name: find_found
-- Every pair of a SKU and a row. Two SKU numbers for one SKU, or one for two, are duplicates. Where the name is not shown, or only
-- the SKU list is known, the link cannot be told. mapping_class NULL: pair_class, unless several rows are equally near.
CREATE TEMPORARY TABLE mapping_found AS
WITH file AS (
    SELECT count(*) > 0 AND bool_and(filtered) AS is_partial FROM ss_import WHERE account = $account AND kind = $basis
),
skus_of_subject AS (
    SELECT subject_no, count(DISTINCT sku_no) AS skus FROM mapping_exact GROUP BY subject_no
),
subjects_of_sku AS (
    SELECT sku_no, count(DISTINCT subject_no) AS subjects FROM mapping_exact GROUP BY sku_no
),
exact AS (
    SELECT e.subject_no, e.offer_no, e.sku_no,
        CASE WHEN CAST($basis AS TEXT) <> 'mappings' THEN CASE WHEN a.skus > 1 THEN 'ambiguous' ELSE 'cannot_tell' END
             WHEN a.skus > 1 OR b.subjects > 1 THEN 'duplicate'
             WHEN NOT e.name_is_shown THEN 'cannot_tell' ELSE 'linked' END AS mapping_class,
        concat('[', concat_ws(', ',
            CASE WHEN CAST($basis AS TEXT) <> 'mappings' THEN '"no_mapping_file"' END,
            CASE WHEN a.skus > 1 AND CAST($basis AS TEXT) = 'mappings' THEN '"several_skus"' END,
            CASE WHEN b.subjects > 1 THEN '"shared_sku"' END,
            CASE WHEN NOT e.name_is_shown THEN '"name_not_shown"' END), ']') AS causes
    FROM mapping_exact e
    JOIN skus_of_subject a ON a.subject_no = e.subject_no
    JOIN subjects_of_sku b ON b.sku_no = e.sku_no
    WHERE e.place = 1
)
SELECT subject_no, offer_no, sku_no, mapping_class, 'cannot_tell' AS pair_class, causes, 100.0 AS score,
    CASE WHEN mapping_class = 'linked' THEN 'exact' ELSE 'review' END AS proposal
FROM exact
UNION ALL
SELECT n.subject_no, n.offer_no, n.sku_no, NULL, CASE
        WHEN n.source = 'sku' AND CAST($basis AS TEXT) = 'mappings'
            THEN CASE WHEN f.is_partial THEN 'cannot_tell' ELSE 'missing' END
        WHEN n.tier = 2 THEN 'name_only' ELSE 'near_miss' END,
    c.causes, c.score, c.proposal
FROM mapping_near n
CROSS JOIN file f
JOIN cause_of_pair c ON c.subject_no = n.subject_no AND c.offer_no = n.offer_no;

-- name: drop_free
DROP TABLE IF EXISTS mapping_free;

-- name: find_free
-- Link rows without a SKU. They need a catalogue that was read to its end. A table of its own: how few they are has to be known
-- before they are joined.
CREATE TEMPORARY TABLE mapping_free AS
SELECT offer_no, product_no, option_text FROM mapping_offer
WHERE source = 'mapping' AND sku_no IS NOT NULL
    AND offer_no NOT IN (SELECT offer_no FROM mapping_near) AND offer_no NOT IN (SELECT offer_no FROM mapping_exact)
    AND EXISTS (SELECT 1 FROM mapping_subject)
    AND EXISTS (SELECT 1 FROM sync_cursor
        WHERE account = $account AND feed = 'catalogue' AND complete_at <= CAST($now AS TIMESTAMP));

-- name: drop_leftover
DROP TABLE IF EXISTS mapping_leftover;

-- name: find_leftover
CREATE TEMPORARY TABLE mapping_leftover AS
SELECT o.offer_no, kn.canonical AS number_key, ko.skeleton AS option_skeleton, ko.in_order AS option_in_order
FROM mapping_free o
JOIN key_of_text kn ON kn.text = o.product_no
JOIN key_of_text ko ON ko.text = o.option_text;

-- name: drop_stale
DROP TABLE IF EXISTS mapping_stale;

-- name: find_stale
-- Those whose number, or whose option under it, CROSS MALL has not however it is written.
CREATE TEMPORARY TABLE mapping_stale AS
WITH known AS (
    SELECT k.number_key, ko.skeleton AS option_skeleton, ko.in_order AS option_in_order
    FROM (SELECT n.option_text, kn.canonical AS number_key FROM mapping_number n JOIN key_of_text kn ON kn.text = n.number
        WHERE n.is_item_code AND kn.canonical IN (SELECT number_key FROM mapping_leftover)) k
    JOIN key_of_text ko ON ko.text = k.option_text
),
option_known AS (
    SELECT o.offer_no FROM mapping_leftover o
    JOIN known x ON x.number_key = o.number_key AND x.option_skeleton = o.option_skeleton
    UNION
    SELECT o.offer_no FROM mapping_leftover o
    JOIN known x ON x.number_key = o.number_key AND x.option_in_order = o.option_in_order
)
SELECT l.offer_no, mapping_case_key('ss', o.sku_no, coalesce(o.product_no, ''), o.option_text) AS case_key,
    CASE WHEN k.number_key IS NULL THEN '["code_gone"]' ELSE '["option_gone"]' END AS causes
FROM mapping_leftover l
JOIN mapping_offer o ON o.offer_no = l.offer_no
LEFT JOIN (SELECT DISTINCT number_key FROM known) k ON k.number_key = l.number_key
WHERE l.offer_no NOT IN (SELECT offer_no FROM option_known);

-- name: write_cases
-- A SKU is linked by one row, near by the rows of its best tier, else missing. Where the file was taken with a filter, missing
-- cannot be told. A linked SKU holds up no order. proposal: auto = written alike in all three texts, one row and one case only,
-- no figure differs, none = a figure differs.
INSERT INTO mapping_case (account, row_no, case_key, case_place, case_rows, sku_cases, item_code, attribute1_name,
    attribute2_name, mapping_class, pair_class, item_name, option_text, ss_product_no, ss_product_name, ss_option_text, sku_no,
    source, causes, proposal, score, waiting_orders, waiting_shops, basis, mark, crossmall_seen_at, smartship_seen_at)
WITH newest AS (
    SELECT max(seen_at) AS seen_at FROM mapping_offer
),
file AS (
    SELECT count(*) > 0 AND bool_and(filtered) AS is_partial FROM ss_import WHERE account = $account AND kind = $basis
),
crowd AS (
    SELECT subject_no, count(*) AS case_rows FROM mapping_found GROUP BY subject_no HAVING count(*) > 1
),
crowded AS (
    SELECT f.subject_no, f.offer_no, c.case_rows,
        row_number() OVER (PARTITION BY f.subject_no ORDER BY f.score DESC, f.offer_no) AS case_place
    FROM mapping_found f JOIN crowd c ON c.subject_no = f.subject_no
),
row_of_case AS (
    SELECT s.subject_no, s.case_key, coalesce(c.case_place, 1) AS case_place, coalesce(c.case_rows, 1) AS case_rows, s.item_code,
        s.attribute1_name, s.attribute2_name, f.mapping_class, f.pair_class, s.item_name, s.option_text, f.offer_no,
        coalesce(f.causes, '[]') AS causes, f.score, coalesce(f.proposal, 'none') AS proposal, s.seen_at
    FROM mapping_subject s
    LEFT JOIN mapping_found f ON f.subject_no = s.subject_no
    LEFT JOIN crowded c ON c.subject_no = f.subject_no AND c.offer_no = f.offer_no
    UNION ALL
    SELECT NULL, case_key, row_number() OVER (PARTITION BY case_key ORDER BY offer_no), count(*) OVER (PARTITION BY case_key),
        NULL, NULL, NULL, 'stale', NULL, NULL, NULL, offer_no, causes, NULL, 'none', NULL
    FROM mapping_stale
),
placed AS (
    SELECT r.*, o.product_no AS ss_product_no, o.product_name AS ss_product_name, o.option_text AS ss_option_text, o.sku_no,
        o.source, o.seen_at AS offer_seen_at
    FROM row_of_case r LEFT JOIN mapping_offer o ON o.offer_no = r.offer_no
),
wanted_sku AS (
    SELECT sku_no, count(DISTINCT case_key) AS cases FROM placed WHERE sku_no IS NOT NULL GROUP BY sku_no
),
stated AS (
    SELECT p.*, coalesce(w.cases, 1) AS sku_cases,
        CASE WHEN p.mapping_class IS NOT NULL THEN p.mapping_class
             WHEN p.offer_no IS NULL THEN CASE WHEN f.is_partial THEN 'cannot_tell' ELSE 'missing' END
             WHEN p.case_rows > 1 THEN 'ambiguous' ELSE p.pair_class END AS state,
        CASE WHEN p.offer_no IS NULL AND f.is_partial THEN '["file_filtered"]' ELSE p.causes END AS said
    FROM placed p CROSS JOIN file f LEFT JOIN wanted_sku w ON w.sku_no = p.sku_no
),
written AS (
    SELECT case_key, case_rows, case_place, md5(concat_ws(chr(31), state, coalesce(item_name, chr(29)),
        coalesce(option_text, chr(29)), coalesce(sku_no, chr(29)), coalesce(ss_product_no, chr(29)),
        coalesce(ss_product_name, chr(29)), coalesce(ss_option_text, chr(29)))) AS mark
    FROM stated
),
marked AS (
    SELECT case_key, left(mark, 12) AS mark FROM written WHERE case_rows = 1
    UNION ALL
    SELECT case_key, left(md5(string_agg(mark, '' ORDER BY case_place)), 12) FROM written WHERE case_rows > 1 GROUP BY case_key
),
demand_of_code AS (
    SELECT item_code, CASE
            WHEN attribute1_name = '' THEN attribute2_name
            WHEN attribute2_name = '' THEN attribute1_name
            ELSE attribute1_name || ',' || attribute2_name
        END AS option_text, sum(orders) AS orders, list_distinct(flatten(list(shops))) AS shops
    FROM mapping_demand GROUP BY 1, 2
)
SELECT $account, CAST(row_number() OVER (ORDER BY r.subject_no, r.case_place, r.offer_no) AS INTEGER),
    r.case_key, r.case_place, r.case_rows, r.sku_cases, r.item_code, r.attribute1_name, r.attribute2_name, r.state,
    r.pair_class, r.item_name, r.option_text, r.ss_product_no, r.ss_product_name, r.ss_option_text, r.sku_no, r.source, r.said,
    CASE WHEN r.proposal = 'auto' AND (r.case_rows > 1 OR r.sku_cases > 1 OR r.state = 'cannot_tell') THEN 'review'
        ELSE r.proposal END,
    r.score, CAST(CASE WHEN r.state = 'linked' THEN 0 ELSE coalesce(d.orders, g.orders, 0) END AS BIGINT),
    CASE WHEN r.state = 'linked' THEN '[]'
        ELSE CAST(to_json(list_sort(coalesce(d.shops, g.shops, CAST([] AS VARCHAR[])))) AS VARCHAR) END,
    $basis, m.mark, r.seen_at, coalesce(r.offer_seen_at, newest.seen_at)
FROM stated r
CROSS JOIN newest
JOIN marked m ON m.case_key = r.case_key
LEFT JOIN mapping_demand d ON d.item_code = r.item_code AND d.attribute1_name = r.attribute1_name
    AND d.attribute2_name = r.attribute2_name
LEFT JOIN demand_of_code g ON g.item_code = CASE WHEN r.item_code IS NULL THEN r.ss_product_no END
    AND g.option_text = r.ss_option_text;

-- name: counts
SELECT mapping_class, count(*) FROM mapping_case WHERE account = $account GROUP BY mapping_class ORDER BY mapping_class;

-- name: drop_twins
DELETE FROM mapping_twin WHERE account = $account;

-- name: write_twins
-- Texts inside one side that come together under the skeletons of name and option. A SKU of Smartship counts once.
INSERT INTO mapping_twin (account, row_no, side, twin_group, twin_kind, code, name, option_text, case_key)
WITH one AS (
    SELECT 'crossmall' AS side, item_code AS code, item_name AS name, option_text, case_key FROM mapping_subject
    UNION ALL
    SELECT 'smartship', sku_no, min(product_name), min(option_text), NULL FROM mapping_offer
    WHERE sku_no IS NOT NULL AND product_name <> '' GROUP BY sku_no
),
keyed AS (
    SELECT o.*, kn.canonical AS name_key, kn.skeleton AS name_skeleton, ko.canonical AS option_key,
        ko.skeleton AS option_skeleton
    FROM one o JOIN key_of_text kn ON kn.text = o.name JOIN key_of_text ko ON ko.text = o.option_text
    WHERE kn.skeleton <> ''
),
crowd AS (
    SELECT side, name_skeleton, option_skeleton FROM keyed GROUP BY side, name_skeleton, option_skeleton HAVING count(*) > 1
),
twin AS (
    SELECT k.* FROM keyed k
    JOIN crowd c ON c.side = k.side AND c.name_skeleton = k.name_skeleton AND c.option_skeleton = k.option_skeleton
),
grouped AS (
    SELECT side, name_skeleton, option_skeleton, row_number() OVER (ORDER BY side, name_skeleton, option_skeleton) AS twin_group,
        CASE WHEN count(DISTINCT name) = 1 AND count(DISTINCT option_text) = 1 THEN 'same_text'
             WHEN count(DISTINCT name_key) = 1 AND count(DISTINCT option_key) = 1 THEN 'same_key' ELSE 'similar' END AS twin_kind
    FROM twin GROUP BY side, name_skeleton, option_skeleton
)
SELECT $account, row_number() OVER (ORDER BY g.twin_group, k.code, k.option_text, k.case_key), k.side, g.twin_group,
    g.twin_kind, k.code, k.name, k.option_text, k.case_key
FROM twin k
JOIN grouped g ON g.side = k.side AND g.name_skeleton = k.name_skeleton AND g.option_skeleton = k.option_skeleton;

-- name: note_events
-- Products that were new, renamed or gone since the last judging, with the state they were in, before the cases are rewritten.
-- The first catalogue that was read to its end is the ground to compare with.
INSERT INTO mapping_event (account, case_key, seen_at, event, item_name, name_before, state_before)
WITH complete AS (
    SELECT count(*) > 0 AS is_complete FROM sync_cursor
    WHERE account = $account AND feed = 'catalogue' AND complete_at <= CAST($now AS TIMESTAMP)
),
state AS (
    SELECT case_key, min(mapping_class) AS mapping_class FROM mapping_case WHERE account = $account GROUP BY case_key
)
SELECT $account, coalesce(s.case_key, k.case_key), $now,
    CASE WHEN k.case_key IS NULL THEN 'new' WHEN s.case_key IS NULL THEN 'gone' ELSE 'renamed' END,
    s.item_name, k.item_name, c.mapping_class
FROM mapping_subject s
FULL JOIN (SELECT case_key, item_name FROM mapping_sighting WHERE account = $account) k ON k.case_key = s.case_key
LEFT JOIN state c ON c.case_key = coalesce(s.case_key, k.case_key)
WHERE (SELECT is_complete FROM complete) AND EXISTS (SELECT 1 FROM mapping_sighting WHERE account = $account)
    AND (k.case_key IS NULL OR s.case_key IS NULL OR s.item_name IS DISTINCT FROM k.item_name)
ON CONFLICT DO NOTHING;
DELETE FROM mapping_event WHERE account = $account AND seen_at < $before;
DELETE FROM mapping_sighting
WHERE account = $account AND case_key NOT IN (SELECT case_key FROM mapping_subject)
    AND EXISTS (SELECT 1 FROM sync_cursor
        WHERE account = $account AND feed = 'catalogue' AND complete_at <= CAST($now AS TIMESTAMP));
INSERT INTO mapping_sighting (account, case_key, item_name, first_seen_at)
SELECT $account, s.case_key, s.item_name, $now
FROM mapping_subject s
LEFT JOIN mapping_sighting k ON k.account = $account AND k.case_key = s.case_key
WHERE (k.case_key IS NULL OR k.item_name IS DISTINCT FROM s.item_name)
    AND EXISTS (SELECT 1 FROM sync_cursor
        WHERE account = $account AND feed = 'catalogue' AND complete_at <= CAST($now AS TIMESTAMP))
ON CONFLICT (account, case_key) DO UPDATE SET item_name = excluded.item_name;
