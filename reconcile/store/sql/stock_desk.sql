-- What people ask of the stock comparison: rows by filter, one SKU, its history, totals, and what to set where.

-- name: filtered
-- risks: counted as in `total`, or by rules with an open finding about the SKU.
-- least: pieces a gap must have at least, 0 = any row. shops: stock is one for all shops, so these are the SKUs that a shop has
-- sold, by the orders we have read; a set for itself and for each of its components.
SELECT account, item_code, item_name, attribute1, attribute2, sku_no, linked_sku_no, crossmall, smartship, shown, expected, gap,
    off_by, cause, reason, in_flight, exposure, exposure_soon, sync_type, sync_value, sync_state, pushed_at, pushed_qty, failed_at,
    failed_message, damaged, damaged_since, inbound, keep_stock, set_of, set_figure, sold, next_push_at, runs_out_at, warehouses, weak,
    crossmall_seen_at, smartship_seen_at, p_rule, p_in_flight, p_timing, p_overwritten, p_mapping_none, p_mapping_wrong,
    p_mapping_duplicate, p_sync_off, p_sync_failing, p_set_product, p_negative, p_held, p_damaged, p_inbound, p_unexplained
FROM stock_case
WHERE ($account IS NULL OR account = $account)
  AND (len($causes) = 0 OR list_contains($causes, cause))
  AND (len($risks) = 0
    OR (list_contains($risks, 'oversold') AND exposure > 0)
    OR (list_contains($risks, 'running_out') AND runs_out_at <= next_push_at)
    OR (list_contains($risks, 'stopped') AND sync_state IN ('frozen', 'off'))
    OR (list_contains($risks, 'failing') AND sync_state = 'failing')
    OR (list_contains($risks, 'held') AND p_held < 0 AND set_of = 0)
    OR (list_contains($risks, 'weak') AND weak)
    OR (list_contains($risks, 'untold') AND gap IS NULL)
    OR (account, case_key) IN (SELECT (f.account, f.subject) FROM finding f
        WHERE f.kind = 'finding' AND f.state = 'open' AND f.subject_kind = 'sku' AND list_contains($risks, f.rule)))
  AND ($warehouse = '' OR list_contains(string_split(warehouses, ' '), $warehouse))
  AND ($least = 0 OR abs(gap) >= $least)
  AND (len($shops) = 0 OR (account, item_code, attribute1, attribute2) IN (
    SELECT (n.account, n.item_code, coalesce(n.attribute1_name, ''), coalesce(n.attribute2_name, ''))
    FROM order_case c JOIN cm_order_line n ON n.account = c.account AND n.order_number = c.order_number
    WHERE list_contains($shops, c.shop_code)
    UNION ALL
    SELECT (p.account, p.item_code, coalesce(p.attribute1_name, ''), coalesce(p.attribute2_name, ''))
    FROM order_case c JOIN cm_component p ON p.account = c.account AND p.order_number = c.order_number
    WHERE list_contains($shops, c.shop_code)))
  AND ($search = '' OR contains(coalesce(item_code, ''), $search) OR contains(coalesce(item_name, ''), $search)
       OR contains(coalesce(attribute1, ''), $search) OR contains(coalesce(attribute2, ''), $search)
       OR contains(coalesce(sku_no, ''), $search))

-- name: counts
SELECT cause, count(*) FROM stock_case WHERE ($account IS NULL OR account = $account) GROUP BY cause

-- name: untold
SELECT cause, count(*) FROM stock_case WHERE ($account IS NULL OR account = $account) AND gap IS NULL GROUP BY cause ORDER BY cause

-- name: warehouses
SELECT DISTINCT warehouse FROM ss_stock WHERE ($account IS NULL OR account = $account) ORDER BY warehouse

-- name: total
-- Over the rows that have a gap, NULL where none has. A SKU that is linked twice counts once per link.
SELECT count(*) AS skus, count(gap) AS told, sum(crossmall) FILTER (gap IS NOT NULL) AS crossmall,
    sum(smartship) FILTER (gap IS NOT NULL) AS smartship, sum(gap) AS gap,
    sum(exposure) AS exposure, sum(exposure_soon) AS exposure_soon,
    count(*) FILTER (exposure > 0) AS oversold, count(*) FILTER (runs_out_at <= next_push_at) AS running_out,
    count(*) FILTER (sync_state IN ('frozen', 'off')) AS stopped, count(*) FILTER (sync_state = 'failing') AS failing,
    count(*) FILTER (p_held < 0 AND set_of = 0) AS held, count(*) FILTER (weak) AS weak,
    sum(p_rule) AS p_rule, sum(p_in_flight) AS p_in_flight, sum(p_timing) AS p_timing, sum(p_overwritten) AS p_overwritten,
    sum(p_mapping_none) AS p_mapping_none, sum(p_mapping_wrong) AS p_mapping_wrong,
    sum(p_mapping_duplicate) AS p_mapping_duplicate, sum(p_sync_off) AS p_sync_off, sum(p_sync_failing) AS p_sync_failing,
    sum(p_set_product) AS p_set_product, sum(p_negative) AS p_negative, sum(p_held) AS p_held, sum(p_damaged) AS p_damaged,
    sum(p_inbound) AS p_inbound, sum(p_unexplained) AS p_unexplained
FROM stock_case WHERE ($account IS NULL OR account = $account)

-- name: one
SELECT * FROM stock_case
WHERE account = $account AND item_code = $item_code AND attribute1 = $attribute1 AND attribute2 = $attribute2 ORDER BY row_no

-- name: variants
-- Products of a code, for somebody who names one too loosely.
SELECT DISTINCT attribute1, attribute2 FROM stock_case WHERE account = $account AND item_code = $item_code ORDER BY ALL

-- name: history
-- Everything that moved one SKU, oldest first. figure: what a side said; change: pieces by which an order or a push moved it.
WITH sku AS (
    SELECT sku_no AS code FROM stock_case WHERE account = $account AND item_code = $item_code AND attribute1 = $attribute1
        AND attribute2 = $attribute2 AND sku_no IS NOT NULL
    UNION
    SELECT linked_sku_no FROM stock_case WHERE account = $account AND item_code = $item_code AND attribute1 = $attribute1
        AND attribute2 = $attribute2 AND linked_sku_no IS NOT NULL
),
piece AS (
    SELECT n.order_number, sum(n.amount) AS pieces FROM cm_order_line n
    WHERE n.account = $account AND n.item_code = $item_code AND coalesce(n.attribute1_name, '') = $attribute1
        AND coalesce(n.attribute2_name, '') = $attribute2 AND NOT n.is_set
    GROUP BY n.order_number
    UNION ALL
    SELECT p.order_number, sum(n.amount * p.component_count)
    FROM cm_component p JOIN cm_order_line n ON n.account = p.account AND n.order_number = p.order_number AND n.line_no = p.line_no
    WHERE p.account = $account AND p.item_code = $item_code AND coalesce(p.attribute1_name, '') = $attribute1
        AND coalesce(p.attribute2_name, '') = $attribute2
    GROUP BY p.order_number
),
ordered AS (
    SELECT c.order_number, c.created_at, c.updated_at, c.is_cancelled, c.ss_registered_at, sum(p.pieces) AS pieces
    FROM piece p JOIN order_case c ON c.account = $account AND c.order_number = p.order_number
    GROUP BY ALL
),
moved AS (
    SELECT first_seen_at AS happened_at, 'crossmall' AS side, 'figure' AS movement, stock AS figure, NULL AS change, NULL AS subject
    FROM cm_stock_history WHERE account = $account AND item_code = $item_code AND attribute1_name = $attribute1
        AND attribute2_name = $attribute2
    UNION ALL
    SELECT h.snapshot_at, 'smartship', 'figure', coalesce(h.available, h.on_hand), NULL, concat_ws(' ', h.sku_no, nullif(h.warehouse, ''))
    FROM ss_stock_history h JOIN sku ON sku.code = h.sku_no WHERE h.account = $account
    UNION ALL
    SELECT created_at, 'crossmall', 'order', NULL, -pieces, order_number FROM ordered WHERE created_at IS NOT NULL
    UNION ALL
    SELECT updated_at, 'crossmall', 'cancelled', NULL, pieces, order_number FROM ordered WHERE is_cancelled
    UNION ALL
    SELECT ss_registered_at, 'smartship', 'collected', NULL, -pieces, order_number FROM ordered WHERE ss_registered_at IS NOT NULL
    UNION ALL
    SELECT e.event_at, 'smartship', CASE e.result WHEN 'OK' THEN 'pushed' WHEN 'NG' THEN 'push_failed' ELSE 'push_unclear' END, e.sent_qty,
        NULL, concat_ws(' ', e.sku_no, e.message)
    FROM ss_sync_event e JOIN sku ON sku.code = e.sku_no WHERE e.account = $account AND e.event_at IS NOT NULL
    UNION ALL
    SELECT m.last_sync_at, 'smartship', CASE WHEN coalesce(m.last_sync_ok, m.last_sync_result IS NULL) THEN 'pushed'
            WHEN NOT m.last_sync_ok THEN 'push_failed' ELSE 'push_unclear' END, m.last_sync_qty, NULL, m.sku_no
    FROM ss_link m JOIN sku ON sku.code = m.sku_no WHERE m.account = $account AND m.last_sync_at IS NOT NULL
)
SELECT DISTINCT happened_at, side, movement, CAST(figure AS BIGINT) AS figure, CAST(change AS BIGINT) AS change, subject FROM moved
ORDER BY happened_at, side, movement, subject

-- name: gaps
-- How the gap of one SKU was judged each time it changed, oldest first.
SELECT judged_at, sku_no, crossmall, smartship, expected, gap, exposure, cause FROM stock_gap_history
WHERE account = $account AND case_key = $case_key ORDER BY judged_at, sku_no

-- name: exposure_by_day
-- Pieces exposed at the end of each of the last days (JST), over every SKU as it was last judged by then; one that could not be
-- compared then says nothing.
WITH day AS (
    SELECT CAST($today AS DATE) - CAST(n AS INTEGER) AS day FROM range(CAST($days AS INTEGER)) AS r (n)
),
last AS (
    SELECT d.day, h.case_key, h.sku_no, arg_max_null(h.exposure, h.judged_at) AS exposure
    FROM day d JOIN stock_gap_history h ON h.judged_at < CAST(d.day + 1 AS TIMESTAMP) - INTERVAL '9 hours'
    WHERE h.account = $account GROUP BY ALL
)
SELECT d.day, CAST(coalesce(sum(l.exposure), 0) AS BIGINT) AS exposure, count(l.exposure) > 0 AS is_known
FROM day d LEFT JOIN last l ON l.day = d.day GROUP BY d.day ORDER BY d.day

-- name: corrections
-- A proposal, nothing is written: what each side should be set to, and on which side. set_to NULL: not a figure but an act.
-- change: set_to less now_at, below zero where the present figure is too high.
WITH act AS (
    SELECT row_no, account, item_code, item_name, attribute1, attribute2, sku_no, cause,
        CASE WHEN cause IN ('mapping_none', 'mapping_wrong', 'mapping_duplicate', 'sync_failing') THEN 'smartship' ELSE 'crossmall' END AS side,
        CASE
            WHEN cause = 'mapping_none' THEN 'link' WHEN cause = 'mapping_wrong' THEN 'relink' WHEN cause = 'mapping_duplicate' THEN 'unlink'
            WHEN cause = 'sync_failing' THEN 'push_again' WHEN cause = 'held' THEN 'release' WHEN cause = 'inbound' THEN 'take_off'
            ELSE 'set_stock'
        END AS stock_act,
        CASE WHEN cause = 'sync_failing' THEN pushed_qty ELSE crossmall END AS now_at,
        CASE WHEN cause IN ('mapping_none', 'mapping_wrong', 'mapping_duplicate') THEN NULL
            WHEN cause = 'sync_failing' THEN shown WHEN set_of > 0 THEN set_figure ELSE crossmall - off_by END AS set_to,
        exposure, gap, weak, crossmall_seen_at, smartship_seen_at
    FROM stock_case
    WHERE ($account IS NULL OR account = $account) AND gap IS NOT NULL AND (set_of = 0 OR crossmall <> set_figure)
      AND (cause IN ('mapping_none', 'mapping_wrong', 'mapping_duplicate')
        OR (cause IN ('sync_off', 'sync_failing', 'overwritten', 'negative', 'held', 'damaged', 'inbound', 'unexplained') AND off_by <> 0))
)
SELECT * EXCLUDE (row_no), set_to - now_at AS change FROM act
ORDER BY account, coalesce(exposure, 0) DESC, abs(gap) DESC, row_no
