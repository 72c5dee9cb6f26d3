-- The mapping desk: cases with a key and a version, what people decided about them (a projection of the ledger, rebuilt from
-- it at any time), what was new or renamed, texts that are nearly the same inside one side.

DROP TABLE mapping_case;

CREATE TABLE mapping_case (                    -- frame "sku_mapping": each CROSS MALL SKU against Smartship; rebuilt by mapping
    account        TEXT NOT NULL,
    row_no         INTEGER NOT NULL,
    case_key       TEXT NOT NULL DEFAULT '',   -- cm|item|attribute 1|attribute 2, or ss|SKU|number|option for a stale row
    case_place     INTEGER NOT NULL DEFAULT 1, -- place of the row among those of its case
    case_rows      INTEGER NOT NULL DEFAULT 1, -- rows of its case
    sku_cases      INTEGER NOT NULL DEFAULT 1, -- cases that the row's SKU number stands in
    item_code      TEXT,                       -- NULL for a stale Smartship row
    attribute1_name TEXT,
    attribute2_name TEXT,
    mapping_class  TEXT NOT NULL,              -- state, one of MAPPING_CLASSES
    pair_class     TEXT,                       -- what an ambiguous case would be with this row alone
    item_name      TEXT,
    option_text    TEXT,                       -- attribute 1 and 2 joined by a half-width comma
    ss_product_no  TEXT,
    ss_product_name TEXT,
    ss_option_text TEXT,
    sku_no         TEXT,
    source         TEXT,                       -- mapping | sku | stock: which Smartship list the row is of
    causes         TEXT NOT NULL,              -- JSON list of CLASS_CODES and LINK_CAUSES
    proposal       TEXT NOT NULL DEFAULT 'none', -- exact | auto | review | none
    score          DOUBLE PRECISION,           -- 0-100; NULL = no row to compare with
    waiting_orders BIGINT NOT NULL,            -- open orders that this difference may hold up; 0 where linked
    waiting_shops  TEXT NOT NULL DEFAULT '[]', -- JSON list of the shops of those orders
    basis          TEXT NOT NULL,              -- mappings | skus
    mark           TEXT NOT NULL DEFAULT '',   -- changes with the state and with every text of the case
    crossmall_seen_at TIMESTAMP,
    smartship_seen_at TIMESTAMP,
    PRIMARY KEY (account, row_no)
);

UPDATE order_case SET evaluated_at = evaluated_at - INTERVAL '1 day'; -- judged again at the next look

CREATE TABLE mapping_step (                    -- a case after each act on it; an undo returns to one of them
    account        TEXT NOT NULL,
    case_key       TEXT NOT NULL,
    sequence       BIGINT NOT NULL,            -- number of the ledger entry
    root           BIGINT NOT NULL,            -- the act whose outcome this is; after an undo an earlier one, 0 = none
    undoes         BIGINT,
    event          TEXT NOT NULL,
    decision       TEXT NOT NULL,              -- open | accepted | no_counterpart | later
    sku_no         TEXT,                       -- the SKU that was accepted
    fix            TEXT,                       -- smartship | crossmall
    rejected       TEXT NOT NULL,              -- JSON list of SKU numbers that are not proposed again
    why_sequence   BIGINT,                     -- the ledger entry that holds the reason
    state          TEXT,                       -- what was seen when deciding
    causes         TEXT,
    proposal       TEXT,
    proposed_sku_no TEXT,
    item_name      TEXT,
    option_text    TEXT,
    ss_product_no  TEXT,
    ss_product_name TEXT,
    ss_option_text TEXT,
    actor          TEXT NOT NULL,
    acted_at       TIMESTAMP NOT NULL,
    PRIMARY KEY (account, case_key, sequence)
);

CREATE TABLE mapping_decision (                -- the last step of every case that anybody touched
    account        TEXT NOT NULL,
    case_key       TEXT NOT NULL,
    sequence       BIGINT NOT NULL,
    root           BIGINT NOT NULL,
    undoes         BIGINT,
    event          TEXT NOT NULL,
    decision       TEXT NOT NULL,
    sku_no         TEXT,
    fix            TEXT,
    rejected       TEXT NOT NULL,
    why_sequence   BIGINT,
    state          TEXT,
    causes         TEXT,
    proposal       TEXT,
    proposed_sku_no TEXT,
    item_name      TEXT,
    option_text    TEXT,
    ss_product_no  TEXT,
    ss_product_name TEXT,
    ss_option_text TEXT,
    actor          TEXT NOT NULL,
    acted_at       TIMESTAMP NOT NULL,
    PRIMARY KEY (account, case_key)
);

CREATE TABLE mapping_act (                     -- one line of the ledger about links
    account        TEXT NOT NULL,
    sequence       BIGINT NOT NULL,
    event          TEXT NOT NULL,
    decision       TEXT NOT NULL,              -- accept | reject | ... as in ACTS, or automatic | imported | undo | redo
    cases          BIGINT NOT NULL,
    first_name     TEXT,                       -- of one of its cases
    case_key       TEXT,
    undoes         BIGINT,
    actor          TEXT NOT NULL,
    acted_at       TIMESTAMP NOT NULL,
    PRIMARY KEY (account, sequence)
);

CREATE TABLE mapping_class_setting (           -- classes of difference that people let decide by themselves
    account        TEXT NOT NULL,
    code           TEXT NOT NULL,
    is_automatic   BOOLEAN NOT NULL,
    actor          TEXT NOT NULL,
    set_at         TIMESTAMP NOT NULL,
    PRIMARY KEY (account, code)
);

CREATE TABLE mapping_list (                    -- a previewed list or import, frozen: an act touches exactly these
    account        TEXT NOT NULL,
    list_id        TEXT NOT NULL,
    row_no         INTEGER NOT NULL,
    kind           TEXT NOT NULL,              -- preview | import
    case_key       TEXT,
    became         TEXT NOT NULL,              -- chosen | left_out, or what an import row became
    content        TEXT NOT NULL,              -- JSON of the row as it was shown
    made_at        TIMESTAMP NOT NULL,
    PRIMARY KEY (account, list_id, row_no)
);

CREATE TABLE mapping_sighting (                -- each CROSS MALL SKU as it was judged last
    account        TEXT NOT NULL,
    case_key       TEXT NOT NULL,
    item_name      TEXT,
    first_seen_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (account, case_key)
);

CREATE TABLE mapping_event (                   -- what changed between two judgings
    account        TEXT NOT NULL,
    case_key       TEXT NOT NULL,
    seen_at        TIMESTAMP NOT NULL,
    event          TEXT NOT NULL,              -- new | renamed | gone
    item_name      TEXT,
    name_before    TEXT,
    state_before   TEXT,                       -- state of the case before it changed
    PRIMARY KEY (account, case_key, seen_at, event)
);

CREATE TABLE mapping_twin (                    -- frame "mapping_twins"; rebuilt by mapping
    account        TEXT NOT NULL,
    row_no         INTEGER NOT NULL,
    side           TEXT NOT NULL,              -- crossmall | smartship
    twin_group     INTEGER NOT NULL,           -- rows of one number say nearly the same
    twin_kind      TEXT NOT NULL,              -- same_text | same_key | similar
    code           TEXT NOT NULL,              -- item code, or SKU number
    name           TEXT,
    option_text    TEXT,
    case_key       TEXT,
    PRIMARY KEY (account, row_no)
);

CREATE TABLE mapping_fate (                    -- what became of a decision by the last judging
    account        TEXT NOT NULL,
    case_key       TEXT NOT NULL,
    sequence       BIGINT NOT NULL,            -- the step it speaks of
    arrival        TEXT,                       -- arrived | waiting | not_arrived | differs; NULL where nothing is to be fixed
    is_changed     BOOLEAN NOT NULL,           -- texts are no longer those decided on, and not because the fix arrived
    PRIMARY KEY (account, case_key)
);

-- The name of a case, as it stands in addresses and files: the parts keep apart whatever they hold.

CREATE MACRO mapping_case_key(kind, code, second, third) AS
    concat(kind, '|', replace(replace(code, '\', '\\'), '|', '\|'), '|', replace(replace(second, '\', '\\'), '|', '\|'),
        '|', replace(replace(third, '\', '\\'), '|', '\|'));

CREATE TABLE crossmall_sales_site (            -- sales sites of Smartship that are CROSS MALL by their name; rebuilt by mapping
    account        TEXT NOT NULL,
    sales_site     TEXT NOT NULL,
    PRIMARY KEY (account, sales_site)
);

-- Link rows that count: those of other sales sites are left out where CROSS MALL is named as one.

CREATE VIEW ss_link AS
SELECT m.account, m.mapping_key, coalesce(nullif(m.sku_no, ''), nullif(m.seller_code, '')) AS sku_no, m.seller_code,
    m.site_product_no AS product_no, m.site_product_name AS product_name, coalesce(m.site_option_text, '') AS option_text,
    m.sync_type, m.sync_enabled, m.ratio, m.safety_qty, m.min_qty, m.last_sync_at, m.snapshot_at
FROM ss_sku_mapping m
WHERE m.sales_site IS NULL
    OR EXISTS (SELECT 1 FROM crossmall_sales_site c WHERE c.account = m.account AND c.sales_site = m.sales_site)
    OR NOT EXISTS (SELECT 1 FROM crossmall_sales_site c WHERE c.account = m.account);

-- Every text under which a SKU number stands at Smartship, once.

CREATE VIEW ss_offer AS
SELECT account, sku_no, product_no, product_name, option_text, source, max(seen_at) AS seen_at FROM (
    SELECT account, sku_no, product_no, product_name, option_text, 'mapping' AS source, snapshot_at AS seen_at FROM ss_link
    UNION ALL
    SELECT account, sku_no, seller_code, product_name, coalesce(option_name, ''), 'sku', snapshot_at FROM ss_sku)
WHERE sku_no IS NOT NULL
GROUP BY account, sku_no, product_no, product_name, option_text, source;

CREATE VIEW mapping_rejected AS
SELECT account, case_key, unnest(from_json(rejected, '["VARCHAR"]')) AS sku_no
FROM mapping_decision WHERE rejected <> '[]';

-- Rows of cases with what was decided. A pair rejected since the last judging is not shown; a case left without one is missing.
-- decided: the act that counts. decision: `changed` instead where the texts it was made on are gone. is_waiting: in the queue.
CREATE VIEW mapping_desk AS
WITH dropped AS (
    SELECT m.account, m.case_key, count(*) AS pairs
    FROM mapping_case m JOIN mapping_rejected r ON r.account = m.account AND r.case_key = m.case_key AND r.sku_no = m.sku_no
    WHERE m.mapping_class IN ('near_miss', 'name_only', 'ambiguous', 'missing')
    GROUP BY m.account, m.case_key
),
thinned AS (
    SELECT m.*, m.case_rows - d.pairs AS rows_left, r.sku_no IS NOT NULL AS is_rejected
    FROM mapping_case m
    JOIN dropped d ON d.account = m.account AND d.case_key = m.case_key
    LEFT JOIN mapping_rejected r ON r.account = m.account AND r.case_key = m.case_key AND r.sku_no = m.sku_no
),
shown AS (
    SELECT m.account, m.row_no, m.case_key, m.case_place, m.case_rows, m.sku_cases, m.item_code, m.attribute1_name,
        m.attribute2_name, m.mapping_class, m.item_name, m.option_text, m.ss_product_no, m.ss_product_name, m.ss_option_text,
        m.sku_no, m.source, m.causes, m.proposal, m.score, m.waiting_orders, m.waiting_shops, m.basis, m.mark,
        m.crossmall_seen_at, m.smartship_seen_at
    FROM mapping_case m
    WHERE NOT EXISTS (SELECT 1 FROM dropped d WHERE d.account = m.account AND d.case_key = m.case_key)
    UNION ALL
    SELECT t.account, t.row_no, t.case_key, row_number() OVER (PARTITION BY t.account, t.case_key ORDER BY t.case_place),
        t.rows_left, t.sku_cases, t.item_code, t.attribute1_name, t.attribute2_name,
        CASE WHEN t.rows_left = 1 AND t.mapping_class = 'ambiguous' THEN t.pair_class ELSE t.mapping_class END,
        t.item_name, t.option_text, t.ss_product_no, t.ss_product_name, t.ss_option_text, t.sku_no, t.source, t.causes,
        t.proposal, t.score, t.waiting_orders, t.waiting_shops, t.basis, t.mark, t.crossmall_seen_at, t.smartship_seen_at
    FROM thinned t WHERE NOT t.is_rejected
    UNION ALL
    SELECT t.account, t.row_no, t.case_key, 1, 1, 1, t.item_code, t.attribute1_name, t.attribute2_name, 'missing', t.item_name,
        t.option_text, NULL, NULL, NULL, NULL, NULL, '[]', 'none', NULL, t.waiting_orders, t.waiting_shops, t.basis, t.mark,
        t.crossmall_seen_at, t.smartship_seen_at
    FROM thinned t WHERE t.rows_left = 0 AND t.case_place = 1
)
SELECT s.*, coalesce(d.decision, 'open') AS decided,
    CASE WHEN coalesce(f.is_changed, FALSE) AND d.decision <> 'open' AND s.mapping_class <> 'linked' THEN 'changed'
         ELSE coalesce(d.decision, 'open') END AS decision,
    s.case_place = 1 AND s.mapping_class <> 'linked'
        AND (coalesce(d.decision, 'open') = 'open' OR coalesce(f.is_changed, FALSE)) AS is_waiting,
    CASE WHEN d.decision = 'accepted' THEN coalesce(f.arrival, 'waiting') END AS arrival,
    concat(coalesce(d.sequence, 0), '-', s.mark) AS version, d.event IS NOT NULL AS is_touched, d.actor, d.acted_at,
    d.fix, d.why_sequence, d.sku_no AS chosen_sku_no, d.rejected
FROM shown s
LEFT JOIN mapping_decision d ON d.account = s.account AND d.case_key = s.case_key
LEFT JOIN mapping_fate f ON f.account = d.account AND f.case_key = d.case_key AND f.sequence = d.sequence;

-- The rows of a MappingFilter; account NULL = every account.

CREATE MACRO mapping_chosen(of_account, states, classes, shops, decisions, wanted, queue_only) AS TABLE
SELECT * FROM mapping_desk
WHERE (of_account IS NULL OR account = of_account)
  AND (len(states) = 0 OR list_contains(states, mapping_class))
  AND (len(classes) = 0 OR list_has_any(from_json(causes, '["VARCHAR"]'), CAST(classes AS VARCHAR[])))
  AND (len(shops) = 0 OR list_has_any(from_json(waiting_shops, '["VARCHAR"]'), CAST(shops AS VARCHAR[])))
  AND (len(decisions) = 0 OR list_contains(decisions, decision))
  AND (NOT CAST(queue_only AS BOOLEAN) OR is_waiting)
  AND (wanted = '' OR contains(coalesce(item_code, ''), wanted) OR contains(coalesce(item_name, ''), wanted)
       OR contains(coalesce(option_text, ''), wanted) OR contains(coalesce(ss_product_name, ''), wanted)
       OR contains(coalesce(ss_option_text, ''), wanted) OR contains(coalesce(ss_product_no, ''), wanted)
       OR contains(coalesce(sku_no, ''), wanted));
