-- What a Smartship file writes. `incoming` is the registered table of its rows; one file is one transaction.

-- name: known_import
SELECT import_id FROM ss_import WHERE account = $account AND fingerprint = $fingerprint AND kind = $kind

-- name: put_import
INSERT INTO ss_import (account, import_id, file_name, fingerprint, kind, encoding, snapshot_at, covers_from,
                       covers_to, coverage_basis, filtered, rows_read, rows_accepted, rows_rejected, report,
                       imported_at)
VALUES ($account, $import_id, $file_name, $fingerprint, $kind, $encoding, $snapshot_at, $covers_from,
        $covers_to, $coverage_basis, $filtered, $rows_read, $rows_accepted, $rows_rejected, $report,
        $imported_at)
ON CONFLICT (account, import_id) DO UPDATE SET
    snapshot_at = excluded.snapshot_at, covers_from = excluded.covers_from, covers_to = excluded.covers_to,
    coverage_basis = excluded.coverage_basis, filtered = excluded.filtered, report = excluded.report

-- name: put_orders
INSERT INTO ss_shipment_status (account, line_key, snapshot_at, status, status_raw, tracking_no)
SELECT account, line_key, snapshot_at, status, status_raw, tracking_no FROM incoming
ON CONFLICT (account, line_key, snapshot_at) DO UPDATE SET
    status = excluded.status, status_raw = excluded.status_raw, tracking_no = excluded.tracking_no;
UPDATE ss_shipment_line SET first_snapshot_at = i.snapshot_at
FROM incoming AS i
WHERE ss_shipment_line.account = i.account AND ss_shipment_line.line_key = i.line_key
  AND i.snapshot_at < ss_shipment_line.first_snapshot_at;
INSERT INTO ss_shipment_line (account, line_key, packing_no, site_order_no, site_order_key, reference_no,
    reference_key, site_cart_no, site_cart_key, sales_site, shop_id, service_type, registered_by,
    site_product_no, item_name, option_text, sku_no, seller_code, qty, status_raw, status, hold_raw, courier,
    tracking_no, tracking_key, warehouse, ordered_at, registered_at, confirmed_at, instructed_at, printed_at,
    shipped_at, delivered_at, site_notified, recipient_hash, first_snapshot_at, snapshot_at, import_id, row_no)
SELECT account, line_key, packing_no, site_order_no, site_order_key, reference_no,
    reference_key, site_cart_no, site_cart_key, sales_site, shop_id, service_type, registered_by,
    site_product_no, item_name, option_text, sku_no, seller_code, qty, status_raw, status, hold_raw, courier,
    tracking_no, tracking_key, warehouse, ordered_at, registered_at, confirmed_at, instructed_at, printed_at,
    shipped_at, delivered_at, site_notified, recipient_hash, snapshot_at, snapshot_at, import_id, row_no
FROM incoming
ON CONFLICT (account, line_key) DO UPDATE SET
    packing_no = excluded.packing_no, site_order_no = excluded.site_order_no,
    site_order_key = excluded.site_order_key, reference_no = excluded.reference_no,
    reference_key = excluded.reference_key, site_cart_no = excluded.site_cart_no,
    site_cart_key = excluded.site_cart_key, sales_site = excluded.sales_site, shop_id = excluded.shop_id,
    service_type = excluded.service_type, registered_by = excluded.registered_by,
    site_product_no = excluded.site_product_no, item_name = excluded.item_name,
    option_text = excluded.option_text, sku_no = excluded.sku_no, seller_code = excluded.seller_code,
    qty = excluded.qty, status_raw = excluded.status_raw, status = excluded.status,
    hold_raw = excluded.hold_raw, courier = excluded.courier, tracking_no = excluded.tracking_no,
    tracking_key = excluded.tracking_key, warehouse = excluded.warehouse, ordered_at = excluded.ordered_at,
    registered_at = excluded.registered_at, confirmed_at = excluded.confirmed_at,
    instructed_at = excluded.instructed_at, printed_at = excluded.printed_at,
    shipped_at = excluded.shipped_at, delivered_at = excluded.delivered_at,
    site_notified = excluded.site_notified, recipient_hash = excluded.recipient_hash,
    snapshot_at = excluded.snapshot_at,
    import_id = excluded.import_id, row_no = excluded.row_no
WHERE excluded.snapshot_at >= ss_shipment_line.snapshot_at

-- name: put_skus
DELETE FROM ss_sku WHERE account = $account AND $replaces AND snapshot_at <= $snapshot_at;
INSERT INTO ss_sku (account, sku_no, group_no, seller_code, product_name, option_name, barcode, is_set, use_yn,
                    snapshot_at, import_id)
SELECT account, sku_no, group_no, seller_code, product_name, option_name, barcode, is_set, use_yn,
       snapshot_at, import_id
FROM incoming
ON CONFLICT (account, sku_no) DO UPDATE SET
    group_no = excluded.group_no, seller_code = excluded.seller_code, product_name = excluded.product_name,
    option_name = excluded.option_name, barcode = excluded.barcode, is_set = excluded.is_set,
    use_yn = excluded.use_yn, snapshot_at = excluded.snapshot_at, import_id = excluded.import_id
WHERE excluded.snapshot_at >= ss_sku.snapshot_at

-- name: put_mappings
DELETE FROM ss_sku_mapping WHERE account = $account AND $replaces AND snapshot_at <= $snapshot_at;
INSERT INTO ss_sku_mapping (account, mapping_key, sku_no, seller_code, sales_site, shop_id, site_product_no,
    site_product_name, site_option_text, sync_type_raw, sync_type, sync_enabled, ratio, safety_qty, min_qty,
    last_sync_qty, last_sync_at, last_sync_result, last_sync_ok, snapshot_at, import_id)
SELECT account, mapping_key, sku_no, seller_code, sales_site, shop_id, site_product_no,
    site_product_name, site_option_text, sync_type_raw, sync_type, sync_enabled, ratio, safety_qty, min_qty,
    last_sync_qty, last_sync_at, last_sync_result, last_sync_ok, snapshot_at, import_id
FROM incoming
ON CONFLICT (account, mapping_key) DO UPDATE SET
    sku_no = excluded.sku_no, seller_code = excluded.seller_code, sales_site = excluded.sales_site,
    shop_id = excluded.shop_id, site_product_no = excluded.site_product_no,
    site_product_name = excluded.site_product_name, site_option_text = excluded.site_option_text,
    sync_type_raw = excluded.sync_type_raw, sync_type = excluded.sync_type,
    sync_enabled = excluded.sync_enabled, ratio = excluded.ratio, safety_qty = excluded.safety_qty,
    min_qty = excluded.min_qty, last_sync_qty = excluded.last_sync_qty, last_sync_at = excluded.last_sync_at,
    last_sync_result = excluded.last_sync_result, last_sync_ok = excluded.last_sync_ok, snapshot_at = excluded.snapshot_at,
    import_id = excluded.import_id
WHERE excluded.snapshot_at >= ss_sku_mapping.snapshot_at

-- name: put_stock
-- A whole file stands for the warehouses it names. One without a warehouse column stands for all of them, and goes when one
-- that names them comes [D].
DELETE FROM ss_stock
WHERE account = $account AND $replaces AND snapshot_at <= $snapshot_at
  AND (warehouse = '' OR warehouse IN (SELECT warehouse FROM incoming) OR '' IN (SELECT warehouse FROM incoming))
  AND NOT EXISTS (SELECT 1 FROM incoming i WHERE i.warehouse = ss_stock.warehouse AND i.sku_no = ss_stock.sku_no);
INSERT INTO ss_stock_history (account, warehouse, sku_no, snapshot_at, on_hand, available, inbound, damaged)
SELECT i.account, i.warehouse, i.sku_no, i.snapshot_at, i.on_hand, i.available, i.inbound, i.damaged
FROM incoming i
LEFT JOIN ss_stock s ON s.account = i.account AND s.warehouse = i.warehouse AND s.sku_no = i.sku_no
WHERE s.sku_no IS NULL OR i.snapshot_at < s.snapshot_at OR s.available IS DISTINCT FROM i.available
    OR s.on_hand IS DISTINCT FROM i.on_hand OR s.inbound IS DISTINCT FROM i.inbound OR s.damaged IS DISTINCT FROM i.damaged;
INSERT INTO ss_stock (account, warehouse, sku_no, seller_code, product_name, option_name, on_hand, reserved,
                      available, inbound, damaged, safety_qty, snapshot_at, import_id, available_since, damaged_since)
SELECT account, warehouse, sku_no, seller_code, product_name, option_name, on_hand, reserved, available,
       inbound, damaged, safety_qty, snapshot_at, import_id, snapshot_at, snapshot_at
FROM incoming
ON CONFLICT (account, warehouse, sku_no) DO UPDATE SET
    seller_code = excluded.seller_code, product_name = excluded.product_name,
    option_name = excluded.option_name, on_hand = excluded.on_hand, reserved = excluded.reserved,
    inbound = excluded.inbound, available_since = CASE
        WHEN ss_stock.available IS DISTINCT FROM excluded.available THEN excluded.snapshot_at
        ELSE coalesce(ss_stock.available_since, excluded.snapshot_at) END,
    available = excluded.available,
    damaged_before = CASE
        WHEN ss_stock.damaged IS DISTINCT FROM excluded.damaged THEN ss_stock.damaged
        ELSE ss_stock.damaged_before END,
    damaged_since = CASE
        WHEN ss_stock.damaged IS DISTINCT FROM excluded.damaged THEN excluded.snapshot_at
        ELSE coalesce(ss_stock.damaged_since, excluded.snapshot_at) END,
    damaged = excluded.damaged,
    safety_qty = excluded.safety_qty, snapshot_at = excluded.snapshot_at, import_id = excluded.import_id
WHERE excluded.snapshot_at >= ss_stock.snapshot_at

-- name: put_sync_events
INSERT INTO ss_sync_event (account, event_key, event_at, sku_no, sales_site, shop_id, site_product_no,
                           option_text, sent_qty, result, message, import_id)
SELECT account, event_key, event_at, sku_no, sales_site, shop_id, site_product_no, option_text, sent_qty,
       result, message, import_id
FROM incoming
ON CONFLICT (account, event_key) DO NOTHING

-- name: unknown_skus
-- SKUs of a stock file that no mapping row names, and whose seller code is no code of CROSS MALL's: nothing can be compared with
-- them. Nothing is said while neither side is known.
WITH code AS (
    SELECT item_code AS code FROM cm_item WHERE account = $account
    UNION ALL SELECT item_sku_code FROM cm_sku WHERE account = $account
    UNION ALL SELECT seller_code FROM ss_sku_mapping WHERE account = $account
),
number AS (
    SELECT sku_no FROM ss_sku_mapping WHERE account = $account AND sku_no IS NOT NULL
)
SELECT DISTINCT t.sku_no FROM ss_stock t
WHERE t.account = $account AND t.import_id = $import_id AND t.sku_no NOT IN (SELECT sku_no FROM number)
    AND coalesce(t.seller_code, t.sku_no) NOT IN (SELECT code FROM code WHERE code IS NOT NULL)
    AND (EXISTS (SELECT 1 FROM code) OR EXISTS (SELECT 1 FROM number))
ORDER BY t.sku_no

-- name: shops_of_import
SELECT DISTINCT shop_id FROM ss_shipment_line
WHERE account = $account AND import_id = $import_id AND shop_id IS NOT NULL AND shop_id <> '' ORDER BY shop_id

-- name: known_shops
SELECT DISTINCT shop_code FROM cm_order WHERE account = $account AND shop_code IS NOT NULL ORDER BY shop_code
