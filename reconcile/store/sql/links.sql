-- Which Smartship line belongs to which order. Rebuilt for one account; the strongest key of a line decides alone.

-- name: drop_fresh_link
DROP TABLE IF EXISTS fresh_link;

-- name: find_links
-- A line that names a shop belongs to orders of that shop only (keys 1 to 4): order numbers repeat across shops.
-- A line whose best key fits several orders is weak on each: split slips share one 注文番号 [D].
CREATE TEMPORARY TABLE fresh_link AS
WITH order_key AS (
    SELECT order_number, trim(shop_code) AS shop, order_code_key AS key_text
    FROM cm_order WHERE account = $account AND order_code_key <> ''
    UNION ALL
    SELECT order_number, trim(shop_code) AS shop, order_number AS key_text
    FROM cm_order WHERE account = $account AND order_code_key IS DISTINCT FROM order_number
),
line AS (
    SELECT line_key, nullif(trim(shop_id), '') AS shop, site_order_key, reference_key, site_cart_key, tracking_key
    FROM ss_shipment_line WHERE account = $account
),
affix_key AS (
    SELECT o.order_number, trim(o.shop_code) AS shop, concat(a.prefix, o.order_code_key, a.suffix) AS key_text
    FROM order_affix a
    JOIN cm_order o ON o.account = a.account AND coalesce(trim(o.shop_code), '') = a.shop_code AND o.order_code_key <> ''
    WHERE a.account = $account AND a.state = 'confirmed' AND a.longer = 'smartship'
    UNION
    SELECT o.order_number, trim(o.shop_code) AS shop, substring(o.order_code_key, length(a.prefix) + 1,
        length(o.order_code_key) - length(a.prefix) - length(a.suffix)) AS key_text
    FROM order_affix a
    JOIN cm_order o ON o.account = a.account AND coalesce(trim(o.shop_code), '') = a.shop_code
        AND left(o.order_code_key, length(a.prefix)) = a.prefix AND right(o.order_code_key, length(a.suffix)) = a.suffix
        AND length(o.order_code_key) > length(a.prefix) + length(a.suffix)
    WHERE a.account = $account AND a.state = 'confirmed' AND a.longer = 'crossmall'
),
by_number AS MATERIALIZED (
    SELECT l.line_key, k.order_number FROM line l JOIN order_key k ON l.site_order_key = k.key_text AND l.shop = k.shop
),
rest AS MATERIALIZED (
    SELECT l.* FROM line l ANTI JOIN by_number b ON b.line_key = l.line_key
),
candidate AS (
    SELECT l.line_key, k.order_number, 2 AS strength, 'site_order_no_any_shop' AS matched_by
    FROM rest l JOIN order_key k ON l.site_order_key = k.key_text WHERE l.shop IS NULL
    UNION
    SELECT l.line_key, k.order_number, 3, 'reference_no'
    FROM rest l JOIN order_key k ON l.reference_key = k.key_text WHERE l.shop IS NULL OR l.shop = k.shop
    UNION
    SELECT l.line_key, k.order_number, 4, 'site_cart_no'
    FROM rest l JOIN order_key k ON l.site_cart_key = k.key_text WHERE l.shop IS NULL OR l.shop = k.shop
    UNION
    SELECT l.line_key, k.order_number, 4, 'number_with_affix' AS matched_by
    FROM rest l JOIN affix_key k ON l.site_order_key = k.key_text WHERE l.shop IS NULL OR l.shop = k.shop
    UNION
    SELECT l.line_key, o.order_number, 5, 'tracking_no'
    FROM rest l JOIN cm_order o ON o.account = $account AND l.tracking_key = o.delivery_number_key
    WHERE l.tracking_key <> ''
),
strongest AS (
    SELECT line_key, min(strength) AS strength FROM candidate GROUP BY line_key
),
kept AS MATERIALIZED (
    SELECT line_key, order_number, 1 AS strength, 'site_order_no' AS matched_by FROM by_number
    UNION ALL
    SELECT c.line_key, c.order_number, c.strength, c.matched_by
    FROM candidate c JOIN strongest s ON s.line_key = c.line_key AND s.strength = c.strength
),
shared AS (
    SELECT line_key FROM kept GROUP BY line_key HAVING count(*) > 1
)
SELECT k.order_number, k.line_key, k.matched_by, k.strength, s.line_key IS NOT NULL AS is_weak
FROM kept k LEFT JOIN shared s ON s.line_key = k.line_key;

-- name: renew_links
UPDATE order_link SET matched_by = f.matched_by, strength = f.strength, is_weak = f.is_weak
FROM fresh_link f
WHERE order_link.account = $account AND order_link.order_number = f.order_number AND order_link.line_key = f.line_key
    AND (order_link.matched_by <> f.matched_by OR order_link.is_weak <> f.is_weak OR order_link.strength <> f.strength);

-- name: write_links
INSERT INTO order_link (account, order_number, line_key, matched_by, strength, is_weak)
SELECT $account, f.order_number, f.line_key, f.matched_by, f.strength, f.is_weak
FROM fresh_link f
WHERE NOT EXISTS (SELECT 1 FROM order_link k
    WHERE k.account = $account AND k.order_number = f.order_number AND k.line_key = f.line_key);

-- name: forget_links
DELETE FROM order_link
WHERE account = $account AND NOT EXISTS (
    SELECT 1 FROM fresh_link f
    WHERE f.order_number = order_link.order_number AND f.line_key = order_link.line_key
);

-- name: propose_affixes
-- What pairs joined by another strong key show: one number inside the other, with the same rest on at least three orders [D].
-- The common part has at least four characters and the rest at most twelve [D]. Decisions of people stay.
INSERT INTO order_affix (account, shop_code, longer, prefix, suffix, support, state, proposed_at)
WITH pair AS (
    SELECT DISTINCT k.order_number, coalesce(trim(o.shop_code), '') AS shop_code, o.order_code_key AS ours,
        l.site_order_key AS theirs
    FROM order_link k
    JOIN cm_order o ON o.account = k.account AND o.order_number = k.order_number
    JOIN ss_shipment_line l ON l.account = k.account AND l.line_key = k.line_key
    WHERE k.account = $account AND NOT k.is_weak AND k.matched_by IN ('reference_no', 'site_cart_no', 'tracking_no')
        AND l.site_order_key <> '' AND o.order_code_key <> '' AND l.site_order_key <> o.order_code_key
        AND l.site_order_key <> o.order_number
),
cut AS (
    SELECT order_number, shop_code, 'smartship' AS longer, ours AS inner_text, theirs AS outer_text
    FROM pair WHERE contains(theirs, ours)
    UNION ALL
    SELECT order_number, shop_code, 'crossmall', theirs, ours FROM pair WHERE contains(ours, theirs)
),
part AS (
    SELECT order_number, shop_code, longer, substring(outer_text, 1, position(inner_text IN outer_text) - 1) AS prefix,
        substring(outer_text, position(inner_text IN outer_text) + length(inner_text)) AS suffix
    FROM cut WHERE length(inner_text) >= 4 AND length(outer_text) - length(inner_text) <= 12
)
SELECT $account, shop_code, longer, prefix, suffix, CAST(count(DISTINCT order_number) AS INTEGER), 'proposed',
    CAST($now AS TIMESTAMP)
FROM part
GROUP BY shop_code, longer, prefix, suffix
HAVING count(DISTINCT order_number) >= 3
ON CONFLICT (account, shop_code, longer, prefix, suffix) DO UPDATE SET support = excluded.support;

-- name: affixes
SELECT shop_code, longer, prefix, suffix, support, state FROM order_affix
WHERE account = $account ORDER BY state <> 'proposed', support DESC, shop_code, longer, prefix, suffix;

-- name: decide_affix
INSERT INTO order_affix (account, shop_code, longer, prefix, suffix, support, state, proposed_at, decided_at)
VALUES ($account, $shop_code, $longer, $prefix, $suffix, 0, $state, CAST($now AS TIMESTAMP), CAST($now AS TIMESTAMP))
ON CONFLICT (account, shop_code, longer, prefix, suffix) DO UPDATE SET
    state = excluded.state, decided_at = excluded.decided_at;

-- name: drop_fresh_possible
DROP TABLE IF EXISTS fresh_possible;

-- name: find_possible
-- Lines and orders that nothing joins, of the same item, quantity and day (JST) and no other shop. Shown, never judged by.
-- A pair with more than three rivals on either side says nothing and is left out [D].
CREATE TEMPORARY TABLE fresh_possible AS
WITH line AS (
    SELECT l.line_key, nullif(trim(l.shop_id), '') AS shop, l.qty, l.site_product_no, l.sku_no,
        CAST(coalesce(l.ordered_at, l.registered_at) + INTERVAL '9 hours' AS DATE) AS ordered_on
    FROM ss_shipment_line l
    WHERE l.account = $account AND l.qty IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM fresh_link f WHERE f.line_key = l.line_key)
),
item AS (
    SELECT line_key, shop, qty, ordered_on, site_product_no AS item_code, NULL AS attribute1_name, NULL AS attribute2_name
    FROM line WHERE site_product_no <> ''
    UNION
    SELECT l.line_key, l.shop, l.qty, l.ordered_on, m.item_code, m.attribute1_name, m.attribute2_name
    FROM line l JOIN mapping_case m ON m.account = $account AND m.sku_no = l.sku_no AND m.mapping_class = 'linked'
    WHERE m.item_code IS NOT NULL
),
free_order AS (
    SELECT o.order_number, trim(o.shop_code) AS shop,
        CAST(coalesce(o.ordered_at, o.created_at) + INTERVAL '9 hours' AS DATE) AS ordered_on
    FROM cm_order o
    WHERE o.account = $account AND coalesce(o.cancel_flag, 0) <> 2 AND NOT o.is_bundle_child
        AND NOT EXISTS (SELECT 1 FROM fresh_link f WHERE f.order_number = o.order_number)
),
pair AS (
    SELECT DISTINCT i.line_key, o.order_number
    FROM free_order o
    JOIN cm_order_line n ON n.account = $account AND n.order_number = o.order_number
    JOIN item i ON i.item_code = n.item_code AND i.qty = n.amount AND i.ordered_on = o.ordered_on
        AND coalesce(i.attribute1_name, n.attribute1_name, '') = coalesce(n.attribute1_name, '')
        AND coalesce(i.attribute2_name, n.attribute2_name, '') = coalesce(n.attribute2_name, '')
    WHERE i.shop IS NULL OR i.shop = o.shop
)
SELECT p.order_number, p.line_key
FROM pair p
JOIN (SELECT line_key FROM pair GROUP BY line_key HAVING count(*) <= 3) l ON l.line_key = p.line_key
JOIN (SELECT order_number FROM pair GROUP BY order_number HAVING count(*) <= 3) o ON o.order_number = p.order_number;

-- name: forget_possible
DELETE FROM order_possible_link WHERE account = $account;

-- name: write_possible
INSERT INTO order_possible_link (account, order_number, line_key, matched_by, strength)
SELECT $account, order_number, line_key, matched_by, 6
FROM (SELECT order_number, line_key, 'sku_quantity_day' AS matched_by FROM fresh_possible);
