-- Damaged pieces: since which file they are shown, so that what a later push has told already explains no gap.

ALTER TABLE ss_stock ADD COLUMN damaged_since TIMESTAMP;  -- the first file that gave the present damaged quantity; NULL = not known
ALTER TABLE ss_stock ADD COLUMN damaged_before BIGINT;    -- the quantity that stood there before; NULL = no file said

UPDATE ss_stock SET damaged_since = last.since, damaged_before = last.before
FROM (
    SELECT account, warehouse, sku_no, max(snapshot_at) AS since, max_by(before, snapshot_at) AS before
    FROM (
        SELECT h.*, lag(h.damaged) OVER (PARTITION BY h.account, h.warehouse, h.sku_no ORDER BY h.snapshot_at) AS before
        FROM ss_stock_history h
        SEMI JOIN ss_stock s ON s.damaged > 0 AND s.account = h.account AND s.warehouse = h.warehouse AND s.sku_no = h.sku_no
    )
    WHERE damaged IS DISTINCT FROM before
    GROUP BY account, warehouse, sku_no
) last
WHERE ss_stock.account = last.account AND ss_stock.warehouse = last.warehouse AND ss_stock.sku_no = last.sku_no;

UPDATE order_case SET evaluated_at = evaluated_at - INTERVAL '1 day'; -- judged again at the next look
