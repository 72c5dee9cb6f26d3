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
    UNION
    SELECT order_number, trim(shop_code) AS shop, order_number AS key_text
    FROM cm_order WHERE account = $account
),
line AS (
    SELECT line_key, nullif(trim(shop_id), '') AS shop, site_order_key, reference_key, site_cart_key, tracking_key
    FROM ss_shipment_line WHERE account = $account
),
candidate AS (
    SELECT l.line_key, k.order_number, 1 AS strength, 'site_order_no' AS matched_by
    FROM line l JOIN order_key k ON l.site_order_key = k.key_text AND l.shop = k.shop
    UNION
    SELECT l.line_key, k.order_number, 2, 'site_order_no_any_shop'
    FROM line l JOIN order_key k ON l.site_order_key = k.key_text WHERE l.shop IS NULL
    UNION
    SELECT l.line_key, k.order_number, 3, 'reference_no'
    FROM line l JOIN order_key k ON l.reference_key = k.key_text WHERE l.shop IS NULL OR l.shop = k.shop
    UNION
    SELECT l.line_key, k.order_number, 4, 'site_cart_no'
    FROM line l JOIN order_key k ON l.site_cart_key = k.key_text WHERE l.shop IS NULL OR l.shop = k.shop
    UNION
    SELECT l.line_key, o.order_number, 5, 'tracking_no'
    FROM line l JOIN cm_order o ON o.account = $account AND l.tracking_key = o.delivery_number_key
    WHERE l.tracking_key <> ''
),
strongest AS (
    SELECT line_key, min(strength) AS strength FROM candidate GROUP BY line_key
),
kept AS (
    SELECT c.line_key, c.order_number, c.strength, c.matched_by
    FROM candidate c JOIN strongest s ON s.line_key = c.line_key AND s.strength = c.strength
),
shared AS (
    SELECT line_key, count(*) AS orders FROM kept GROUP BY line_key
)
SELECT k.order_number, k.line_key, k.matched_by, k.strength, s.orders > 1 AS is_weak
FROM kept k JOIN shared s ON s.line_key = k.line_key;

-- name: write_links
INSERT INTO order_link (account, order_number, line_key, matched_by, strength, is_weak)
SELECT $account, order_number, line_key, matched_by, strength, is_weak FROM fresh_link
ON CONFLICT (account, order_number, line_key) DO UPDATE SET
    matched_by = excluded.matched_by, strength = excluded.strength, is_weak = excluded.is_weak;

-- name: forget_links
DELETE FROM order_link
WHERE account = $account AND NOT EXISTS (
    SELECT 1 FROM fresh_link f
    WHERE f.order_number = order_link.order_number AND f.line_key = order_link.line_key
);
