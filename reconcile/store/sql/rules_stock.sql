-- Rules about stock, over the rows that the comparison of stock has just judged (stock_case). Every block returns: kind,
-- subject_kind, subject, order_number, order_code, shop_code, since, missing, severity, then the evidence columns of its
-- registry entry. A product that is linked to several SKU numbers has one finding, of the row that shows most of it.

-- name: F11
-- now: CROSS MALL offers pieces that the warehouse does not have, beyond the account's tolerance. soon: at the pace of the
-- last days it will before the next push. Rows that cannot be compared, and products with a figure but no stock file at all,
-- are one "cannot tell" of the account.
WITH chosen AS (
    SELECT coalesce(stock_tolerance, 0) AS tolerance FROM account WHERE account = $account
),
risk AS (
    SELECT s.*, CASE WHEN exposure > c.tolerance THEN 'now' ELSE 'soon' END AS exposed
    FROM stock_case s CROSS JOIN chosen c
    WHERE s.account = $account AND (exposure > c.tolerance OR exposure_soon > c.tolerance)
    QUALIFY row_number() OVER (PARTITION BY case_key ORDER BY exposure DESC, exposure_soon DESC, row_no) = 1
),
blind AS (
    SELECT CASE WHEN bool_and(cause = 'no_smartship_file') THEN 'smartship_stock_file' ELSE 'stock_figures_apart' END AS missing,
        count(*) AS skus, min(smartship_seen_at) AS smartship_seen_at, min(crossmall_seen_at) AS crossmall_seen_at
    FROM stock_case WHERE account = $account AND crossmall IS NOT NULL AND cause IN ('no_smartship_file', 'not_comparable')
    HAVING count(*) > 0
)
SELECT 'finding' AS kind, 'sku' AS subject_kind, case_key AS subject, NULL AS order_number, NULL AS order_code,
    NULL AS shop_code, least(crossmall_seen_at, smartship_seen_at) AS since, NULL AS missing,
    CASE WHEN exposed = 'soon' THEN 'medium' END AS severity, item_code, item_name,
    concat_ws(',', nullif(attribute1, ''), nullif(attribute2, '')) AS option_text, sku_no, exposed, crossmall, smartship,
    coalesce(expected, crossmall - off_by) AS expected, exposure, exposure_soon, in_flight, sold, next_push_at, runs_out_at,
    crossmall_seen_at, smartship_seen_at, CAST(NULL AS BIGINT) AS skus
FROM risk
UNION ALL
SELECT 'cannot_tell', 'account', $account, NULL, NULL, NULL, NULL, missing, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, crossmall_seen_at, smartship_seen_at, skus
FROM blind
ORDER BY subject;

-- name: F12
-- frozen: the warehouse figure changed and no push followed for longer than the limit. off: the sync is off, and the figures
-- have come apart.
SELECT 'finding' AS kind, 'sku' AS subject_kind, case_key AS subject, NULL AS order_number, NULL AS order_code,
    NULL AS shop_code, coalesce(pushed_at, smartship_seen_at) AS since, NULL AS missing, NULL AS severity, item_code, item_name,
    concat_ws(',', nullif(attribute1, ''), nullif(attribute2, '')) AS option_text, sku_no, sync_state AS stopped, crossmall,
    smartship, p_sync_off + p_sync_failing AS gap, pushed_at, pushed_qty, smartship_seen_at
FROM stock_case
WHERE account = $account AND ((sync_state = 'frozen' AND gap IS NOT NULL) OR (sync_state = 'off' AND p_sync_off <> 0))
QUALIFY row_number() OVER (PARTITION BY case_key ORDER BY abs(p_sync_off + p_sync_failing) DESC, row_no) = 1
ORDER BY subject;

-- name: F13
SELECT 'finding' AS kind, 'sku' AS subject_kind, case_key AS subject, NULL AS order_number, NULL AS order_code,
    NULL AS shop_code, failed_at AS since, NULL AS missing, NULL AS severity, item_code, item_name,
    concat_ws(',', nullif(attribute1, ''), nullif(attribute2, '')) AS option_text, sku_no, failed_at, failed_message, pushed_at,
    pushed_qty, crossmall, smartship
FROM stock_case
WHERE account = $account AND failed_at IS NOT NULL AND sync_state = 'failing'
QUALIFY row_number() OVER (PARTITION BY case_key ORDER BY failed_at DESC, row_no) = 1
ORDER BY subject;

-- name: F14
-- Informs: CROSS MALL shows less because the row is set up so, and nothing else keeps the figures apart.
SELECT 'finding' AS kind, 'sku' AS subject_kind, case_key AS subject, NULL AS order_number, NULL AS order_code,
    NULL AS shop_code, smartship_seen_at AS since, NULL AS missing, NULL AS severity, item_code, item_name,
    concat_ws(',', nullif(attribute1, ''), nullif(attribute2, '')) AS option_text, sku_no, sync_type, sync_value, smartship,
    expected, crossmall
FROM stock_case
WHERE account = $account AND cause = 'rule' AND sync_type IN ('P', 'B', 'Z')
QUALIFY row_number() OVER (PARTITION BY case_key ORDER BY row_no) = 1
ORDER BY subject;

-- name: F15
SELECT 'finding' AS kind, 'sku' AS subject_kind, case_key AS subject, NULL AS order_number, NULL AS order_code,
    NULL AS shop_code, smartship_seen_at AS since, NULL AS missing, NULL AS severity, item_code, item_name,
    concat_ws(',', nullif(attribute1, ''), nullif(attribute2, '')) AS option_text, sku_no, smartship, crossmall, damaged,
    p_damaged AS damaged_gap, inbound, p_inbound AS inbound_gap, smartship_seen_at
FROM stock_case
WHERE account = $account AND (p_damaged <> 0 OR p_inbound <> 0)
QUALIFY row_number() OVER (PARTITION BY case_key ORDER BY abs(p_damaged) + abs(p_inbound) DESC, row_no) = 1
ORDER BY subject;

-- name: F36
-- CROSS MALL's figure of a set against what its components allow: as many as the scarcest, less what is kept back.
SELECT 'finding' AS kind, 'sku' AS subject_kind, case_key AS subject, NULL AS order_number, NULL AS order_code,
    NULL AS shop_code, crossmall_seen_at AS since, NULL AS missing, NULL AS severity, item_code, item_name,
    concat_ws(',', nullif(attribute1, ''), nullif(attribute2, '')) AS option_text, crossmall, set_figure, smartship, set_of,
    crossmall_seen_at
FROM stock_case
WHERE account = $account AND set_of > 0 AND gap IS NOT NULL AND crossmall <> set_figure
QUALIFY row_number() OVER (PARTITION BY case_key ORDER BY row_no) = 1
ORDER BY subject;

-- name: F47
-- The push arrived, and since then CROSS MALL's figure fell without an order: a leftover 仮注文明細 or 注文エラー holds it [I].
SELECT 'finding' AS kind, 'sku' AS subject_kind, case_key AS subject, NULL AS order_number, NULL AS order_code,
    NULL AS shop_code, pushed_at AS since, NULL AS missing, NULL AS severity, item_code, item_name,
    concat_ws(',', nullif(attribute1, ''), nullif(attribute2, '')) AS option_text, sku_no, -p_held AS held, crossmall, expected,
    pushed_at, pushed_qty, crossmall_seen_at
FROM stock_case
WHERE account = $account AND p_held < 0 AND set_of = 0
QUALIFY row_number() OVER (PARTITION BY case_key ORDER BY p_held, row_no) = 1
ORDER BY subject;
