-- The mirror: what both vendors showed us, and what we concluded. Instants are naive UTC. Identifiers are text, untouched.
-- `*_key` columns are join keys (NFKC, trimmed), written by reconcile.orders.keys; they never replace the raw text.
-- Only types and statements that PostgreSQL accepts too: these tables may move there one day.

CREATE TABLE ledger_position (                 -- how much of the ledger the projections below already hold
    sequence       INTEGER NOT NULL
);

CREATE TABLE account (
    account        TEXT PRIMARY KEY,
    company_code   TEXT NOT NULL,
    base_url       TEXT NOT NULL,
    shop_ids       TEXT NOT NULL,              -- JSON list of CROSS MALL shop codes that Smartship is connected to; [] = all
    auto_orders    TEXT NOT NULL DEFAULT 'unknown',  -- the four Smartship options: on | off | unknown
    auto_confirm   TEXT NOT NULL DEFAULT 'unknown',
    auto_instruct  TEXT NOT NULL DEFAULT 'unknown',
    auto_stock     TEXT NOT NULL DEFAULT 'unknown',
    collect_phase  TEXT NOT NULL,              -- expected name of the phase Smartship collects
    shipped_phase  TEXT NOT NULL,              -- expected name of the phase Smartship writes back
    is_demo        BOOLEAN NOT NULL DEFAULT FALSE,
    created_at     TIMESTAMP NOT NULL
);

CREATE TABLE phase_role (                      -- what a phase name means for shipping; projection of defaults and the ledger
    account        TEXT NOT NULL,
    phase_name     TEXT NOT NULL,
    role           TEXT NOT NULL,              -- before | collect | after | shipped | cancelled | unknown
    origin         TEXT NOT NULL,              -- default | person
    PRIMARY KEY (account, phase_name)
);

CREATE TABLE api_call (                        -- no values, no signature
    account        TEXT NOT NULL,
    run_id         TEXT,
    started_at     TIMESTAMP NOT NULL,
    endpoint       TEXT NOT NULL,
    parameter_names TEXT NOT NULL,
    status         INTEGER,
    row_count      INTEGER,
    byte_count     INTEGER,
    elapsed_ms     DOUBLE PRECISION,
    attempt        INTEGER NOT NULL,
    error_class    TEXT
);

CREATE TABLE sync_run (
    run_id         TEXT PRIMARY KEY,
    account        TEXT NOT NULL,
    kind           TEXT NOT NULL,              -- first | increment | full
    parts          TEXT NOT NULL,              -- orders,catalogue,stock
    state          TEXT NOT NULL,              -- running | complete | failed | cancelled
    started_at     TIMESTAMP NOT NULL,
    finished_at    TIMESTAMP,
    window_from    TIMESTAMP,
    cursor_before  TIMESTAMP,
    cursor_after   TIMESTAMP,
    calls          INTEGER NOT NULL DEFAULT 0,
    orders_new     INTEGER NOT NULL DEFAULT 0,
    orders_changed INTEGER NOT NULL DEFAULT 0,
    rows_skipped   INTEGER NOT NULL DEFAULT 0,
    error_class    TEXT,
    error_key      TEXT
);

CREATE TABLE sync_cursor (                     -- moves in the same transaction as the rows it stands for
    account        TEXT NOT NULL,
    feed           TEXT NOT NULL,              -- orders | catalogue | stock | phases
    cursor_at      TIMESTAMP,                  -- orders: greatest updated_at applied (vendor clock)
    complete_at    TIMESTAMP,                  -- our clock, start of the last run that read the feed to its end
    reaches_back_to TIMESTAMP,                 -- orders: start of the continuous stretch we hold
    PRIMARY KEY (account, feed)
);

CREATE TABLE cm_order (
    account        TEXT NOT NULL,
    order_number   TEXT NOT NULL,
    order_code     TEXT,
    order_code_key TEXT,
    shop_code      TEXT,
    shop_name      TEXT,
    ordered_at     TIMESTAMP,
    phase_name     TEXT,
    cancel_flag    INTEGER,                    -- 0 normal, 1 held, 2 cancelled
    bundle_flag    INTEGER,
    bundle_ahead_number TEXT,
    is_bundle_child BOOLEAN NOT NULL DEFAULT FALSE,
    delivery_number TEXT,
    delivery_number_key TEXT,                  -- blanks and hyphens removed
    delivery_name  TEXT,
    delivery_type_name TEXT,
    delivery_date  DATE,
    payment_name   TEXT,
    check_mark1    TEXT,
    check_mark2    TEXT,
    check_mark3    TEXT,
    total_price    BIGINT,
    created_at     TIMESTAMP,
    updated_at     TIMESTAMP,
    lines_for      TIMESTAMP,                  -- the updated_at whose lines we hold; NULL = none yet
    lines_state    TEXT,                       -- NULL | held | refused (bundled child) | failed
    first_seen_at  TIMESTAMP NOT NULL,
    seen_at        TIMESTAMP NOT NULL,
    run_id         TEXT NOT NULL,
    PRIMARY KEY (account, order_number)
);

CREATE TABLE cm_order_line (
    account        TEXT NOT NULL,
    order_number   TEXT NOT NULL,
    line_no        INTEGER NOT NULL,
    item_code      TEXT,
    item_name      TEXT,
    attribute1_name TEXT,
    attribute2_name TEXT,
    amount         BIGINT,
    unit_price     BIGINT,
    is_set         BOOLEAN NOT NULL,
    jan_code       TEXT,
    seen_at        TIMESTAMP NOT NULL,
    PRIMARY KEY (account, order_number, line_no)
);

CREATE TABLE cm_component (
    account        TEXT NOT NULL,
    order_number   TEXT NOT NULL,
    line_no        INTEGER NOT NULL,
    ordinal        INTEGER NOT NULL,
    item_code      TEXT,
    item_name      TEXT,
    attribute1_name TEXT,
    attribute2_name TEXT,
    component_count BIGINT,
    jan_code       TEXT,
    seen_at        TIMESTAMP NOT NULL,
    PRIMARY KEY (account, order_number, line_no, ordinal)
);

CREATE TABLE cm_observation (                  -- append-only: the history that neither vendor keeps
    account        TEXT NOT NULL,
    order_number   TEXT NOT NULL,
    first_seen_at  TIMESTAMP NOT NULL,
    last_confirmed_at TIMESTAMP NOT NULL,
    phase_name     TEXT,
    cancel_flag    INTEGER,
    delivery_number TEXT,
    check_marks    TEXT,
    bundle_ahead_number TEXT,
    updated_at     TIMESTAMP,
    first_run_id   TEXT NOT NULL,
    last_run_id    TEXT NOT NULL,
    PRIMARY KEY (account, order_number, first_seen_at)
);

CREATE TABLE cm_phase (
    account        TEXT NOT NULL,
    phase_name     TEXT NOT NULL,
    position       INTEGER NOT NULL,
    code_points    TEXT NOT NULL,
    present        BOOLEAN NOT NULL,           -- in the last list we read
    lookalike_of   TEXT,                       -- the expected name it nearly is, see reconcile.orders.lookalike
    difference     TEXT,                       -- JSON list of {op, expected, found} by characters
    first_seen_at  TIMESTAMP NOT NULL,
    seen_at        TIMESTAMP NOT NULL,
    PRIMARY KEY (account, phase_name)
);

CREATE TABLE cm_item (
    account        TEXT NOT NULL,
    item_code      TEXT NOT NULL,
    item_name      TEXT,
    attribute1_label TEXT,
    attribute2_label TEXT,
    unit_price     BIGINT,
    seen_at        TIMESTAMP NOT NULL,
    PRIMARY KEY (account, item_code)
);

CREATE TABLE cm_sku (
    account        TEXT NOT NULL,
    item_code      TEXT NOT NULL,
    attribute1_name TEXT NOT NULL,             -- '' where the item has no such attribute
    attribute2_name TEXT NOT NULL,
    item_sku_code  TEXT,
    jan_code       TEXT,
    keep_stock     BIGINT,
    stock_unlimit_flag TEXT,
    seen_at        TIMESTAMP NOT NULL,
    PRIMARY KEY (account, item_code, attribute1_name, attribute2_name)
);

CREATE TABLE cm_stock (
    account        TEXT NOT NULL,
    item_code      TEXT NOT NULL,
    attribute1_name TEXT NOT NULL,
    attribute2_name TEXT NOT NULL,
    stock          BIGINT NOT NULL,            -- may be negative
    seen_at        TIMESTAMP NOT NULL,
    PRIMARY KEY (account, item_code, attribute1_name, attribute2_name)
);

CREATE TABLE cm_stock_history (                -- one row per value, append-only
    account        TEXT NOT NULL,
    item_code      TEXT NOT NULL,
    attribute1_name TEXT NOT NULL,
    attribute2_name TEXT NOT NULL,
    first_seen_at  TIMESTAMP NOT NULL,
    stock          BIGINT NOT NULL,
    PRIMARY KEY (account, item_code, attribute1_name, attribute2_name, first_seen_at)
);

CREATE TABLE ss_import (
    account        TEXT NOT NULL,
    import_id      TEXT NOT NULL,
    file_name      TEXT NOT NULL,
    fingerprint    TEXT NOT NULL,
    kind           TEXT NOT NULL,              -- orders | skus | mappings | stock | sync-log
    encoding       TEXT NOT NULL,
    snapshot_at    TIMESTAMP,                  -- when Smartship wrote the file; NULL = not known
    covers_from    TIMESTAMP,                  -- registration times the file covers; NULL = not known
    covers_to      TIMESTAMP,
    coverage_basis TEXT NOT NULL,              -- stated | file_name | data | unknown
    filtered       BOOLEAN NOT NULL DEFAULT FALSE,  -- a status or site filter was on: proves no absence
    rows_read      INTEGER NOT NULL,
    rows_accepted  INTEGER NOT NULL,
    rows_rejected  INTEGER NOT NULL,
    report         TEXT NOT NULL,              -- JSON, as printed by the import command
    imported_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (account, import_id)
);

CREATE TABLE ss_shipment_line (                -- newest state of one line; key of smartship.md 11.2
    account        TEXT NOT NULL,
    line_key       TEXT NOT NULL,
    packing_no     TEXT,
    site_order_no  TEXT,
    site_order_key TEXT,
    reference_no   TEXT,
    reference_key  TEXT,
    site_cart_no   TEXT,
    site_cart_key  TEXT,
    sales_site     TEXT,
    shop_id        TEXT,
    service_type   TEXT,
    registered_by  TEXT,
    site_product_no TEXT,
    item_name      TEXT,
    option_text    TEXT,
    sku_no         TEXT,
    seller_code    TEXT,
    qty            BIGINT,                     -- NULL = the file has no such column
    status_raw     TEXT,
    status         TEXT NOT NULL,              -- CanonicalStatus of smartship.types
    hold_raw       TEXT,
    courier        TEXT,
    tracking_no    TEXT,
    tracking_key   TEXT,                       -- blanks and hyphens removed
    warehouse      TEXT,
    ordered_at     TIMESTAMP,
    registered_at  TIMESTAMP,
    confirmed_at   TIMESTAMP,
    instructed_at  TIMESTAMP,
    printed_at     TIMESTAMP,
    shipped_at     TIMESTAMP,
    delivered_at   TIMESTAMP,
    site_notified  TEXT,
    first_snapshot_at TIMESTAMP NOT NULL,
    snapshot_at    TIMESTAMP NOT NULL,         -- of the newest file that holds the line
    import_id      TEXT NOT NULL,
    row_no         INTEGER NOT NULL,
    PRIMARY KEY (account, line_key)
);

CREATE TABLE ss_shipment_status (              -- status history per line
    account        TEXT NOT NULL,
    line_key       TEXT NOT NULL,
    snapshot_at    TIMESTAMP NOT NULL,
    status         TEXT NOT NULL,
    status_raw     TEXT,
    tracking_no    TEXT,
    PRIMARY KEY (account, line_key, snapshot_at)
);

CREATE TABLE ss_sku (
    account        TEXT NOT NULL,
    sku_no         TEXT NOT NULL,
    group_no       TEXT,
    seller_code    TEXT,
    product_name   TEXT,
    option_name    TEXT,
    barcode        TEXT,
    is_set         TEXT,
    use_yn         TEXT,
    snapshot_at    TIMESTAMP NOT NULL,
    import_id      TEXT NOT NULL,
    PRIMARY KEY (account, sku_no)
);

CREATE TABLE ss_sku_mapping (
    account        TEXT NOT NULL,
    mapping_key    TEXT NOT NULL,              -- sales_site, shop_id, site_product_no, option, sku_no joined by U+001F
    sku_no         TEXT,
    seller_code    TEXT,
    sales_site     TEXT,
    shop_id        TEXT,
    site_product_no TEXT,
    site_product_name TEXT,
    site_option_text TEXT,
    sync_type_raw  TEXT,
    sync_type      TEXT,                       -- N S P B Z L or NULL
    sync_enabled   TEXT,
    ratio          DOUBLE PRECISION,
    safety_qty     BIGINT,
    min_qty        BIGINT,
    last_sync_qty  BIGINT,
    last_sync_at   TIMESTAMP,
    last_sync_result TEXT,
    snapshot_at    TIMESTAMP NOT NULL,
    import_id      TEXT NOT NULL,
    PRIMARY KEY (account, mapping_key)
);

CREATE TABLE ss_stock (
    account        TEXT NOT NULL,
    warehouse      TEXT NOT NULL,              -- '' where the file has no such column
    sku_no         TEXT NOT NULL,              -- seller code where the file has no SKU number
    seller_code    TEXT,
    product_name   TEXT,
    option_name    TEXT,
    on_hand        BIGINT,
    reserved       BIGINT,
    available      BIGINT,                     -- NULL = the file does not say; the check is weak
    inbound        BIGINT,
    damaged        BIGINT,
    safety_qty     BIGINT,
    snapshot_at    TIMESTAMP NOT NULL,
    import_id      TEXT NOT NULL,
    PRIMARY KEY (account, warehouse, sku_no)
);

CREATE TABLE ss_sync_event (
    account        TEXT NOT NULL,
    event_key      TEXT NOT NULL,
    event_at       TIMESTAMP,
    sku_no         TEXT,
    sales_site     TEXT,
    shop_id        TEXT,
    site_product_no TEXT,
    option_text    TEXT,
    sent_qty       BIGINT,
    result         TEXT,
    message        TEXT,
    import_id      TEXT NOT NULL,
    PRIMARY KEY (account, event_key)
);

CREATE TABLE order_link (                      -- which Smartship line belongs to which order, and by which key
    account        TEXT NOT NULL,
    order_number   TEXT NOT NULL,
    line_key       TEXT NOT NULL,
    matched_by     TEXT NOT NULL,              -- site_order_no | site_order_no_any_shop | reference_no | site_cart_no | tracking_no
    strength       INTEGER NOT NULL,           -- 1 strongest; smartship.md 11.8
    is_weak        BOOLEAN NOT NULL,           -- a weak pair never settles a verdict
    PRIMARY KEY (account, order_number, line_key)
);

CREATE TABLE order_case (                      -- one row per order, both sides joined; rebuilt by the rules run
    account        TEXT NOT NULL,
    order_number   TEXT NOT NULL,
    order_code     TEXT,
    shop_code      TEXT,
    shop_name      TEXT,
    ordered_at     TIMESTAMP,
    created_at     TIMESTAMP,
    updated_at     TIMESTAMP,
    seen_at        TIMESTAMP,                  -- CROSS MALL side confirmed as of (our clock)
    phase_name     TEXT,
    phase_role     TEXT NOT NULL,
    cancel_flag    INTEGER,
    is_cancelled   BOOLEAN NOT NULL,
    is_bundle_child BOOLEAN NOT NULL,
    delivery_number TEXT,
    total_price    BIGINT,
    ordered_qty    BIGINT,                     -- pieces; NULL = lines not held
    ss_packings    TEXT,                       -- packing numbers joined by blanks; NULL = none linked
    ss_packing_count INTEGER NOT NULL,
    ss_active_packing_count INTEGER NOT NULL,
    ss_qty         BIGINT,
    ss_status      TEXT,                       -- most advanced canonical status of the active lines
    ss_status_raw  TEXT,
    ss_tracking    TEXT,
    ss_registered_at TIMESTAMP,
    ss_shipped_at  TIMESTAMP,
    ss_snapshot_at TIMESTAMP,                  -- age of the Smartship side of this row
    ss_matched_by  TEXT,
    ss_is_weak     BOOLEAN,
    covered_until  TIMESTAMP,                  -- absent at Smartship is proven up to this snapshot; NULL = not at all
    state          TEXT NOT NULL,              -- act_now | at_risk | cannot_tell | in_step
    primary_rule   TEXT,
    evaluated_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (account, order_number)
);

CREATE TABLE finding (
    account        TEXT NOT NULL,
    finding_key    TEXT NOT NULL,              -- rule | subject kind | subject
    rule           TEXT NOT NULL,
    kind           TEXT NOT NULL,              -- finding | cannot_tell
    severity       TEXT NOT NULL,              -- high | medium | low
    subject_kind   TEXT NOT NULL,              -- order | shop | phase | account
    subject        TEXT NOT NULL,
    order_number   TEXT,
    order_code     TEXT,
    shop_code      TEXT,
    since          TIMESTAMP,
    because        TEXT NOT NULL,              -- JSON object of typed values; instants as ISO 8601 UTC
    missing        TEXT,                       -- code of what would settle a cannot_tell
    state          TEXT NOT NULL,              -- open | resolved
    opened_at      TIMESTAMP NOT NULL,
    refreshed_at   TIMESTAMP NOT NULL,
    resolved_at    TIMESTAMP,
    reopened       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, finding_key)
);

CREATE TABLE mapping_case (                    -- frame "sku_mapping": each CROSS MALL SKU against Smartship; rebuilt by mapping
    account        TEXT NOT NULL,
    row_no         INTEGER NOT NULL,
    item_code      TEXT,                       -- NULL for a stale Smartship row
    attribute1_name TEXT,
    attribute2_name TEXT,
    mapping_class  TEXT NOT NULL,              -- linked | near_miss | name_only | missing | duplicate | stale
    item_name      TEXT,
    option_text    TEXT,                       -- attribute 1 and 2 joined by a half-width comma
    ss_product_no  TEXT,
    ss_product_name TEXT,
    ss_option_text TEXT,
    sku_no         TEXT,
    causes         TEXT NOT NULL,              -- JSON list of class codes, see reconcile.mapping.classify
    waiting_orders BIGINT NOT NULL,            -- open orders that this difference may hold up; 0 where linked
    basis          TEXT NOT NULL,              -- mappings | skus
    crossmall_seen_at TIMESTAMP,
    smartship_seen_at TIMESTAMP,
    PRIMARY KEY (account, row_no)
);

CREATE TABLE stock_case (                      -- frame "stock": both figures side by side; rebuilt by stock
    account        TEXT NOT NULL,
    row_no         INTEGER NOT NULL,
    item_code      TEXT,
    item_name      TEXT,
    attribute1     TEXT,
    attribute2     TEXT,
    sku_no         TEXT,
    crossmall      BIGINT,                     -- NULL = not known, never zero
    smartship      BIGINT,                     -- available; on hand where the file has no available (weak)
    expected       BIGINT,
    gap            BIGINT,
    cause          TEXT NOT NULL,
    in_flight      BIGINT,                     -- pieces in orders that CROSS MALL deducted and Smartship has not seen
    weak           BOOLEAN NOT NULL,
    warehouses     TEXT,
    crossmall_seen_at TIMESTAMP,
    smartship_seen_at TIMESTAMP,
    PRIMARY KEY (account, row_no)
);
