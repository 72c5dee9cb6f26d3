-- Stock of both sides per CROSS MALL SKU and linked SKU number. Rebuilt for one account, after mapping.sql's exact links.
-- What is not known is NULL, never 0. Negative stock stays negative.

-- name: drop_link
DROP TABLE IF EXISTS stock_link;

-- name: find_links
-- By exact mapping rows; where only Smartship's SKU list (or the stock file) is known, by seller code: our SKU code, or our
-- item code with the same option, or our item code where the item has one variant only [I].
CREATE TEMPORARY TABLE stock_link AS
WITH hit AS (
    SELECT subject_no, offer_no FROM mapping_exact WHERE CAST($basis AS TEXT) = 'mappings'
    UNION
    SELECT s.subject_no, o.offer_no
    FROM mapping_subject s JOIN mapping_offer o ON o.product_no = s.item_sku_code
    WHERE CAST($basis AS TEXT) <> 'mappings'
    UNION
    SELECT s.subject_no, o.offer_no
    FROM mapping_subject s JOIN mapping_offer o ON o.product_no = s.item_code
    WHERE CAST($basis AS TEXT) <> 'mappings' AND (o.option_text = s.option_text OR s.variants = 1)
),
placed AS (
    SELECT h.subject_no, o.sku_no, o.seller_code, o.sync_type, o.sync_enabled, o.ratio, o.safety_qty, o.min_qty,
        row_number() OVER (PARTITION BY h.subject_no, o.sku_no ORDER BY h.offer_no) AS place
    FROM hit h JOIN mapping_offer o ON o.offer_no = h.offer_no
)
SELECT * FROM placed WHERE place = 1;

-- name: drop_in_flight
DROP TABLE IF EXISTS stock_in_flight;

-- name: find_in_flight
-- Pieces in orders that CROSS MALL has deducted (any imported order that is not cancelled [S]) and Smartship does not hold:
-- still before shipping, without a link other than a weak one. Pieces of a set are those of its components, amount x 員数 [I].
-- is_unproven: an order that Smartship may have collected since, because no file proves it absent.
CREATE TEMPORARY TABLE stock_in_flight AS
WITH waiting AS (
    SELECT c.order_number, c.phase_role = 'collect' AND c.covered_until IS NULL AS is_unproven
    FROM order_case c
    WHERE c.account = $account AND NOT c.is_cancelled AND NOT c.is_bundle_child
        AND c.phase_role IN ('before', 'collect')
        AND NOT EXISTS (SELECT 1 FROM order_link k
            WHERE k.account = c.account AND k.order_number = c.order_number AND NOT k.is_weak)
),
piece AS (
    SELECT w.is_unproven, n.item_code, n.attribute1_name, n.attribute2_name, n.amount AS pieces
    FROM waiting w JOIN cm_order_line n ON n.account = $account AND n.order_number = w.order_number
    WHERE NOT n.is_set
    UNION ALL
    SELECT w.is_unproven, p.item_code, p.attribute1_name, p.attribute2_name, n.amount * p.component_count
    FROM waiting w
    JOIN cm_order_line n ON n.account = $account AND n.order_number = w.order_number
    JOIN cm_component p ON p.account = $account AND p.order_number = n.order_number AND p.line_no = n.line_no
    WHERE n.is_set
)
SELECT item_code, coalesce(attribute1_name, '') AS attribute1_name, coalesce(attribute2_name, '') AS attribute2_name,
    CASE WHEN count(*) = count(pieces) THEN sum(pieces) END AS pieces, bool_or(is_unproven) AS is_unproven
FROM piece
GROUP BY item_code, coalesce(attribute1_name, ''), coalesce(attribute2_name, '');

-- name: drop_figure
DROP TABLE IF EXISTS stock_figure;

-- name: find_figures
-- Available pieces over all warehouses, under the SKU number and under the seller code; on hand where available is not given (weak).
-- The age of a sum is that of its oldest part; unknown where a file does not say when it was made.
CREATE TEMPORARY TABLE stock_figure AS
WITH part AS (
    SELECT t.warehouse, t.sku_no, coalesce(t.seller_code, t.sku_no) AS seller_code,
        coalesce(t.available, t.on_hand) AS pieces, t.available IS NULL AS is_weak,
        CASE WHEN i.import_id IS NOT NULL AND i.snapshot_at IS NULL THEN NULL ELSE t.snapshot_at END AS seen_at
    FROM ss_stock t LEFT JOIN ss_import i ON i.account = t.account AND i.import_id = t.import_id
    WHERE t.account = $account
),
keyed AS (
    SELECT 'sku_no' AS kind, sku_no AS code, warehouse, pieces, is_weak, seen_at FROM part
    UNION ALL
    SELECT 'seller_code', seller_code, warehouse, pieces, is_weak, seen_at FROM part
)
SELECT kind, code, CASE WHEN count(*) = count(pieces) THEN CAST(sum(pieces) AS BIGINT) END AS pieces,
    bool_or(is_weak) AS is_weak, CASE WHEN count(*) = count(seen_at) THEN min(seen_at) END AS seen_at,
    nullif(string_agg(DISTINCT nullif(warehouse, ''), ' ' ORDER BY nullif(warehouse, '')), '') AS warehouses
FROM keyed
GROUP BY kind, code;

-- name: drop_cases
DELETE FROM stock_case WHERE account = $account;

-- name: write_cases
-- expected = what the sync rule makes of Smartship's figure, minus the pieces in flight (smartship.md 5.4 [I]). Formulas by type [I]:
-- P share of the figure, B figure less safety stock and not below 0, Z 0 at or below its threshold, S and unknown types follow
-- the figure at follow_pct, N none, L not evaluated. A ratio above 1 is in per cent.
INSERT INTO stock_case (account, row_no, item_code, item_name, attribute1, attribute2, sku_no, crossmall, smartship, expected,
    gap, cause, in_flight, weak, warehouses, crossmall_seen_at, smartship_seen_at)
WITH off_word (word) AS (
    VALUES ('n'), ('no'), ('off'), ('false'), ('0'), ('しない'), ('使用しない'), ('無効'), ('停止'), ('미사용'), ('사용안함')
),
bundle AS (
    SELECT DISTINCT item_code FROM cm_order_line WHERE account = $account AND is_set
),
file AS (
    SELECT count(*) > 0 AS is_there FROM ss_stock WHERE account = $account
),
unread AS (
    SELECT count(*) > 0 AS is_any FROM order_case c
    WHERE c.account = $account AND NOT c.is_cancelled AND NOT c.is_bundle_child AND c.ordered_qty IS NULL
        AND c.phase_role IN ('before', 'collect')
        AND NOT EXISTS (SELECT 1 FROM order_link k
            WHERE k.account = c.account AND k.order_number = c.order_number AND NOT k.is_weak)
),
side AS (
    SELECT s.subject_no, s.item_code, s.item_name, s.attribute1_name, s.attribute2_name, l.sku_no, t.stock AS crossmall,
        t.seen_at AS crossmall_seen_at, b.item_code IS NOT NULL AS is_bundle, f.is_there AS has_file,
        CASE WHEN a.code IS NULL THEN c.pieces ELSE a.pieces END AS smartship,
        CASE WHEN a.code IS NULL THEN c.seen_at ELSE a.seen_at END AS smartship_seen_at,
        CASE WHEN a.code IS NULL THEN c.warehouses ELSE a.warehouses END AS warehouses,
        coalesce(CASE WHEN a.code IS NULL THEN c.is_weak ELSE a.is_weak END, FALSE)
            OR coalesce(w.is_unproven, FALSE) OR u.is_any AS weak,
        CASE WHEN w.item_code IS NULL THEN 0 ELSE w.pieces END AS in_flight,
        coalesce(l.sync_type, 'S') AS sync_type, l.safety_qty, coalesce(l.safety_qty, l.min_qty) AS threshold,
        CASE WHEN l.ratio > 1 THEN l.ratio / 100 ELSE l.ratio END AS share,
        CAST($auto_stock AS TEXT) = 'off' OR coalesce(l.sync_type = 'N', FALSE)
            OR coalesce(lower(replace(trim(l.sync_enabled), ' ', '')) IN (SELECT word FROM off_word), FALSE) AS is_off
    FROM mapping_subject s
    CROSS JOIN file f
    CROSS JOIN unread u
    LEFT JOIN stock_link l ON l.subject_no = s.subject_no
    LEFT JOIN stock_figure a ON a.kind = 'sku_no' AND a.code = l.sku_no
    LEFT JOIN stock_figure c ON c.kind = 'seller_code' AND c.code = l.seller_code
    LEFT JOIN cm_stock t ON t.account = $account AND t.item_code = s.item_code
        AND t.attribute1_name = s.attribute1_name AND t.attribute2_name = s.attribute2_name
    LEFT JOIN stock_in_flight w ON w.item_code = s.item_code AND w.attribute1_name = s.attribute1_name
        AND w.attribute2_name = s.attribute2_name
    LEFT JOIN bundle b ON b.item_code = s.item_code
),
shown AS (
    SELECT side.*, CASE
            WHEN is_off OR is_bundle THEN NULL
            WHEN sync_type = 'S' THEN floor(CAST(smartship * CAST($follow_pct AS INTEGER) AS DECIMAL(24, 6)) / 100)
            WHEN sync_type = 'P' THEN floor(CAST(smartship * share AS DECIMAL(24, 6)))
            WHEN sync_type = 'B' AND safety_qty IS NOT NULL
                THEN CASE WHEN smartship > safety_qty THEN smartship - safety_qty WHEN smartship IS NOT NULL THEN 0 END
            WHEN sync_type = 'Z' AND threshold IS NOT NULL
                THEN CASE WHEN smartship > threshold THEN smartship WHEN smartship IS NOT NULL THEN 0 END
        END AS shown
    FROM side
),
equation AS (
    SELECT shown.*, CAST(shown - in_flight AS BIGINT) AS expected,
        CAST(crossmall - (shown - in_flight) AS BIGINT) AS gap
    FROM shown
),
judged AS (
    SELECT equation.*, CASE
        WHEN is_bundle THEN 'set_product'
        WHEN NOT has_file THEN 'no_smartship_file'
        WHEN sku_no IS NULL THEN 'not_linked'
        WHEN smartship IS NULL THEN 'no_smartship_stock'
        WHEN crossmall IS NULL THEN 'no_crossmall_stock'
        WHEN is_off THEN 'sync_off'
        WHEN gap IS NULL THEN 'not_evaluated'
        WHEN smartship_seen_at IS NULL OR crossmall_seen_at IS NULL THEN 'not_comparable'
        WHEN greatest(smartship_seen_at, crossmall_seen_at) > CAST($latest AS TIMESTAMP) THEN 'not_comparable'
        WHEN greatest(smartship_seen_at, crossmall_seen_at) - least(smartship_seen_at, crossmall_seen_at)
            > CAST($gap_max_s AS INTEGER) * INTERVAL '1 second' THEN 'not_comparable'
        WHEN gap > 0 THEN 'oversell_risk'
        WHEN gap < 0 THEN 'shows_less'
        ELSE 'in_step'
    END AS cause
    FROM equation
)
SELECT $account, CAST(row_number() OVER (ORDER BY subject_no, sku_no) AS INTEGER), item_code, item_name, attribute1_name,
    attribute2_name, sku_no, crossmall, smartship, expected, gap, cause, CAST(in_flight AS BIGINT), weak, warehouses,
    crossmall_seen_at, smartship_seen_at
FROM judged;

-- name: counts
SELECT cause, count(*) FROM stock_case WHERE account = $account GROUP BY cause ORDER BY cause;
