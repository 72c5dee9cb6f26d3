-- Stock: the gap between the two figures in parts that add up, what Smartship's files said before, and what an account chose.

DROP TABLE stock_case;

CREATE TABLE stock_case (                      -- frame "stock": both figures side by side; rebuilt by stock. No key: 200,000 rows
    account        TEXT NOT NULL,
    row_no         INTEGER NOT NULL,
    case_key       TEXT NOT NULL DEFAULT '',   -- cm|item|attribute 1|attribute 2
    item_code      TEXT,
    item_name      TEXT,
    attribute1     TEXT,
    attribute2     TEXT,
    sku_no         TEXT,                       -- whose figure stands in smartship
    linked_sku_no  TEXT,                       -- the linked one, where it is another: a wrong link
    crossmall      BIGINT,                     -- NULL = not known, never zero
    smartship      BIGINT,                     -- available; on hand where the file has no available (weak)
    shown          BIGINT,                     -- what the sync type makes of it
    expected       BIGINT,
    gap            BIGINT,                     -- crossmall - smartship; NULL = not known or not comparable
    off_by         BIGINT,                     -- what expected does not explain of crossmall
    cause          TEXT NOT NULL,              -- one of STOCK_CAUSES: the part with most units, or why there is no gap
    reason         TEXT,                       -- why two figures are not comparable: age | age_unknown | future
    in_flight      BIGINT,                     -- pieces in orders that CROSS MALL deducted and Smartship has not seen
    weak           BOOLEAN NOT NULL,
    warehouses     TEXT,
    crossmall_seen_at TIMESTAMP,
    smartship_seen_at TIMESTAMP,
    sync_type      TEXT,                       -- N S P B Z L; NULL = no link row says it
    sync_value     BIGINT,                     -- per cent of P, pieces of B and Z
    sync_state     TEXT NOT NULL DEFAULT 'unknown', -- on | off | failing | frozen | unknown
    pushed_at      TIMESTAMP,                  -- last successful push before CROSS MALL's figure
    pushed_qty     BIGINT,
    failed_at      TIMESTAMP,                  -- last failed push, where none has succeeded since
    failed_message TEXT,
    damaged        BIGINT,
    inbound        BIGINT,
    keep_stock     BIGINT,
    set_of         BIGINT NOT NULL DEFAULT 0,  -- components of a set, 0 = no set
    set_figure     BIGINT,                     -- what CROSS MALL's components allow
    is_shared      BOOLEAN NOT NULL DEFAULT FALSE, -- other CROSS MALL SKUs are linked to the same number
    sold           BIGINT NOT NULL DEFAULT 0,  -- pieces ordered within sales_days
    exposure       BIGINT,                     -- pieces for sale that the warehouse does not have
    exposure_soon  BIGINT,                     -- the same by the next push, at the pace of the last days
    next_push_at   TIMESTAMP,
    runs_out_at    TIMESTAMP,                  -- at that pace; NULL = not sold, or nothing left
    p_timing       BIGINT NOT NULL DEFAULT 0,  -- the parts of the gap; they add up to it
    p_mapping_none BIGINT NOT NULL DEFAULT 0,
    p_mapping_wrong BIGINT NOT NULL DEFAULT 0,
    p_mapping_duplicate BIGINT NOT NULL DEFAULT 0,
    p_sync_off     BIGINT NOT NULL DEFAULT 0,
    p_sync_failing BIGINT NOT NULL DEFAULT 0,
    p_rule         BIGINT NOT NULL DEFAULT 0,
    p_set_product  BIGINT NOT NULL DEFAULT 0,
    p_negative     BIGINT NOT NULL DEFAULT 0,
    p_held         BIGINT NOT NULL DEFAULT 0,
    p_in_flight    BIGINT NOT NULL DEFAULT 0,
    p_overwritten  BIGINT NOT NULL DEFAULT 0,
    p_damaged      BIGINT NOT NULL DEFAULT 0,
    p_inbound      BIGINT NOT NULL DEFAULT 0,
    p_unexplained  BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE stock_gap_history (               -- each gap as it was judged when it changed; append-only
    account        TEXT NOT NULL,
    case_key       TEXT NOT NULL,
    sku_no         TEXT,
    judged_at      TIMESTAMP NOT NULL,
    crossmall      BIGINT,
    smartship      BIGINT,
    expected       BIGINT,
    gap            BIGINT,
    exposure       BIGINT,
    cause          TEXT NOT NULL
);

CREATE TABLE ss_stock_history (                -- Smartship's figures as its files gave them, one row per change
    account        TEXT NOT NULL,
    warehouse      TEXT NOT NULL,
    sku_no         TEXT NOT NULL,
    snapshot_at    TIMESTAMP NOT NULL,
    on_hand        BIGINT,
    available      BIGINT,
    inbound        BIGINT,
    damaged        BIGINT
);

INSERT INTO ss_stock_history (account, warehouse, sku_no, snapshot_at, on_hand, available, inbound, damaged)
SELECT account, warehouse, sku_no, snapshot_at, on_hand, available, inbound, damaged FROM ss_stock;

ALTER TABLE account ADD COLUMN stock_tolerance INTEGER DEFAULT 0;  -- pieces by which a gap still counts as in step
ALTER TABLE account ADD COLUMN stock_warehouses TEXT DEFAULT '[]';  -- JSON list of warehouses that count; [] = all
ALTER TABLE ss_stock ADD COLUMN available_since TIMESTAMP;  -- the first file that gave the present available quantity
ALTER TABLE ss_sku_mapping ADD COLUMN last_sync_ok BOOLEAN;  -- what the result says; NULL = nothing, or a word we do not know

CREATE OR REPLACE VIEW ss_link AS
SELECT m.account, m.mapping_key, coalesce(nullif(m.sku_no, ''), nullif(m.seller_code, '')) AS sku_no, m.seller_code,
    m.site_product_no AS product_no, m.site_product_name AS product_name, coalesce(m.site_option_text, '') AS option_text,
    m.sync_type, m.sync_enabled, m.ratio, m.safety_qty, m.min_qty, m.last_sync_at, m.snapshot_at, m.last_sync_qty,
    m.last_sync_ok, m.last_sync_result
FROM ss_sku_mapping m
WHERE m.sales_site IS NULL
    OR EXISTS (SELECT 1 FROM crossmall_sales_site c WHERE c.account = m.account AND c.sales_site = m.sales_site)
    OR NOT EXISTS (SELECT 1 FROM crossmall_sales_site c WHERE c.account = m.account);

-- What the sync types make of a figure, smartship.md 5.3 [I]: S and types nobody named follow it, P its share, B what lies
-- above the safety stock, Z nothing at or below the threshold. N has nothing to follow, L is not computed: both NULL.
CREATE MACRO stock_shown(figure, sync_type, share, safety, threshold) AS
    CASE sync_type
        WHEN 'S' THEN figure
        WHEN 'P' THEN CAST(floor(CAST(figure AS DECIMAL(18, 0)) * CAST(share AS DECIMAL(9, 6))) AS BIGINT)
        WHEN 'B' THEN CASE WHEN safety IS NULL THEN NULL WHEN figure > safety THEN figure - safety
            WHEN figure IS NOT NULL THEN 0 END
        WHEN 'Z' THEN CASE WHEN threshold IS NULL THEN NULL WHEN figure > threshold THEN figure
            WHEN figure IS NOT NULL THEN 0 END
    END;

-- As much of what is left as a piece of evidence accounts for: same direction, and not more than either.
CREATE MACRO stock_take(rest, evidence) AS
    CASE WHEN rest > 0 AND evidence > 0 THEN least(rest, evidence)
         WHEN rest < 0 AND evidence < 0 THEN greatest(rest, evidence) ELSE 0 END;

UPDATE order_case SET evaluated_at = evaluated_at - INTERVAL '1 day'; -- judged again at the next look
