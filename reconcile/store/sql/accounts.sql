-- name: position
SELECT sequence FROM ledger_position

-- name: set_position
DELETE FROM ledger_position;
INSERT INTO ledger_position VALUES ($sequence)

-- name: mark
SELECT sequence, digest FROM ledger_mark

-- name: set_mark
DELETE FROM ledger_mark;
INSERT INTO ledger_mark VALUES ($sequence, $digest)

-- name: forget_projections
DELETE FROM account;
DELETE FROM phase_role WHERE origin = 'person'

-- name: put_account
INSERT INTO account (account, company_code, base_url, shop_ids, auto_orders, auto_confirm, auto_instruct,
                     auto_stock, collect_phase, shipped_phase, is_demo, created_at, sync_every_min, changed_at,
                     stock_tolerance, stock_warehouses)
VALUES ($account, $company_code, $base_url, $shop_ids, $auto_orders, $auto_confirm, $auto_instruct,
        $auto_stock, $collect_phase, $shipped_phase, $is_demo, $created_at, $sync_every_min, $changed_at,
        $stock_tolerance, $stock_warehouses)
ON CONFLICT (account) DO UPDATE SET
    company_code = excluded.company_code, base_url = excluded.base_url, shop_ids = excluded.shop_ids,
    auto_orders = excluded.auto_orders, auto_confirm = excluded.auto_confirm,
    auto_instruct = excluded.auto_instruct, auto_stock = excluded.auto_stock,
    collect_phase = excluded.collect_phase, shipped_phase = excluded.shipped_phase,
    is_demo = excluded.is_demo, sync_every_min = excluded.sync_every_min, changed_at = excluded.changed_at,
    stock_tolerance = excluded.stock_tolerance, stock_warehouses = excluded.stock_warehouses

-- name: accounts
SELECT account, company_code, base_url, shop_ids, auto_orders, auto_confirm, auto_instruct, auto_stock,
       collect_phase, shipped_phase, is_demo, created_at, sync_every_min, stock_tolerance, stock_warehouses
FROM account ORDER BY account

-- name: put_phase_role
INSERT INTO phase_role (account, phase_name, role, origin) VALUES ($account, $phase_name, $role, $origin)
ON CONFLICT (account, phase_name) DO UPDATE SET role = excluded.role, origin = excluded.origin

-- name: remove_account
DELETE FROM account WHERE account = $account;
DELETE FROM phase_role WHERE account = $account;
DELETE FROM api_call WHERE account = $account;
DELETE FROM sync_run WHERE account = $account;
DELETE FROM sync_cursor WHERE account = $account;
DELETE FROM sync_window WHERE account = $account;
DELETE FROM cm_order WHERE account = $account;
DELETE FROM cm_recipient WHERE account = $account;
DELETE FROM cm_order_line WHERE account = $account;
DELETE FROM cm_component WHERE account = $account;
DELETE FROM cm_observation WHERE account = $account;
DELETE FROM cm_phase WHERE account = $account;
DELETE FROM cm_item WHERE account = $account;
DELETE FROM cm_sku WHERE account = $account;
DELETE FROM cm_stock WHERE account = $account;
DELETE FROM cm_stock_history WHERE account = $account;
DELETE FROM cm_reading WHERE account = $account;
DELETE FROM ss_import WHERE account = $account;
DELETE FROM ss_shipment_line WHERE account = $account;
DELETE FROM ss_shipment_status WHERE account = $account;
DELETE FROM ss_sku WHERE account = $account;
DELETE FROM ss_sku_mapping WHERE account = $account;
DELETE FROM ss_stock WHERE account = $account;
DELETE FROM ss_sync_event WHERE account = $account;
DELETE FROM order_link WHERE account = $account;
DELETE FROM order_case WHERE account = $account;
DELETE FROM order_kind WHERE account = $account;
DELETE FROM order_affix WHERE account = $account;
DELETE FROM order_possible_link WHERE account = $account;
DELETE FROM cm_line_version WHERE account = $account;
DELETE FROM order_stay WHERE account = $account;
DELETE FROM pull_time WHERE account = $account;
DELETE FROM examination WHERE account = $account;
DELETE FROM finding WHERE account = $account;
DELETE FROM mapping_case WHERE account = $account;
DELETE FROM mapping_desk WHERE account = $account;
DELETE FROM mapping_fate WHERE account = $account;
DELETE FROM mapping_left_out WHERE account = $account;
DELETE FROM mapping_list WHERE account = $account;
DELETE FROM mapping_sighting WHERE account = $account;
DELETE FROM mapping_event WHERE account = $account;
DELETE FROM mapping_twin WHERE account = $account;
DELETE FROM stock_case WHERE account = $account;
DELETE FROM stock_gap_history WHERE account = $account;
DELETE FROM ss_stock_history WHERE account = $account;
DELETE FROM alert_item WHERE account = $account;
DELETE FROM alert_message WHERE account = $account
