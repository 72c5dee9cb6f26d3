-- One row per order, both sides joined. Rebuilt for one account from links, lines, files and phase roles.

-- name: phase_names
SELECT phase_name FROM cm_order WHERE account = $account AND phase_name IS NOT NULL
UNION
SELECT phase_name FROM cm_phase WHERE account = $account
UNION
SELECT phase_name FROM cm_observation WHERE account = $account AND phase_name IS NOT NULL;

-- name: account_phases
SELECT collect_phase, shipped_phase, shop_ids FROM account WHERE account = $account;

-- name: write_default_roles
-- What a person decided stays.
INSERT INTO phase_role (account, phase_name, role, origin)
SELECT $account, phase_name, role, 'default' FROM default_role
ON CONFLICT (account, phase_name) DO UPDATE SET role = excluded.role
WHERE phase_role.origin = 'default';

-- name: drop_case_line
DROP TABLE IF EXISTS case_line;

-- name: find_case_lines
-- The Smartship lines that speak for an order: its strong links, or its weak ones where it has no other.
-- Shipping lies in [shipped_from, shipped_by]: a time of 00:00 JST (15:00 UTC) may be a bare date [D]; without
-- any time, the files bracket it: the last one that shows the line not shipped, the first one that shows it shipped.
CREATE TEMPORARY TABLE case_line AS
WITH status_word (status, status_rank, is_active, is_shipped) AS (
    VALUES
        ('DELIVERED', 90, TRUE, TRUE), ('DELIVERY_FAILED', 88, TRUE, TRUE), ('IN_TRANSIT', 86, TRUE, TRUE),
        ('SHIPPED', 80, TRUE, TRUE), ('PICKUP_REQUESTED', 70, TRUE, FALSE), ('WAYBILL_READY', 60, TRUE, FALSE),
        ('WAYBILL_ASSIGNING', 55, TRUE, FALSE), ('INSTRUCTED', 50, TRUE, FALSE), ('CONFIRMED', 40, TRUE, FALSE),
        ('COLLECTED', 30, TRUE, FALSE), ('HOLD', 20, TRUE, FALSE), ('ERROR', 15, TRUE, FALSE),
        ('UNKNOWN', 10, TRUE, FALSE), ('CLAIMED', 4, FALSE, FALSE), ('RETURNED', 3, FALSE, FALSE),
        ('CANCELLED', 2, FALSE, FALSE), ('DELETED', 1, FALSE, FALSE)
),
seen AS (
    SELECT h.line_key,
        min(CASE WHEN w.is_shipped THEN h.snapshot_at END) AS shipped_seen_at,
        max(CASE WHEN coalesce(w.is_shipped, FALSE) THEN NULL ELSE h.snapshot_at END) AS unshipped_seen_at
    FROM ss_shipment_status h LEFT JOIN status_word w ON w.status = h.status
    WHERE h.account = $account
    GROUP BY h.line_key
),
holder AS (
    SELECT order_number, bool_and(is_weak) AS only_weak FROM order_link WHERE account = $account GROUP BY order_number
)
SELECT k.order_number, k.line_key, k.strength, k.matched_by, k.is_weak,
    coalesce(w.status_rank, 10) AS status_rank, coalesce(w.is_active, TRUE) AS is_active,
    coalesce(w.is_shipped, FALSE) AS is_shipped,
    l.status, l.status_raw, l.packing_no, l.qty, l.tracking_no, l.tracking_key, l.registered_by,
    l.registered_at, l.shipped_at, l.first_snapshot_at, l.snapshot_at,
    CASE
        WHEN NOT coalesce(w.is_shipped, FALSE) THEN NULL
        WHEN l.shipped_at IS NOT NULL THEN l.shipped_at
        ELSE coalesce(s.unshipped_seen_at, l.registered_at)
    END AS shipped_from,
    CASE
        WHEN NOT coalesce(w.is_shipped, FALSE) THEN NULL
        WHEN l.shipped_at IS NULL THEN coalesce(s.shipped_seen_at, l.snapshot_at)
        WHEN extract(hour FROM l.shipped_at) = 15 AND extract(minute FROM l.shipped_at) = 0
            AND extract(second FROM l.shipped_at) = 0
        THEN greatest(l.shipped_at,
            least(l.shipped_at + INTERVAL '1 day', coalesce(s.shipped_seen_at, l.snapshot_at)))
        ELSE l.shipped_at
    END AS shipped_by
FROM order_link k
JOIN holder h ON h.order_number = k.order_number AND h.only_weak = k.is_weak
JOIN ss_shipment_line l ON l.account = k.account AND l.line_key = k.line_key
LEFT JOIN status_word w ON w.status = l.status
LEFT JOIN seen s ON s.line_key = k.line_key
WHERE k.account = $account;

-- name: drop_fresh_case
DROP TABLE IF EXISTS fresh_case;

-- name: find_cases
-- covered_until: the newest unfiltered orders file whose range starts before the order and reaches its own snapshot.
-- Files are cut into intervals of covers_from, each with the best snapshot up to there, so an order meets one interval.
-- seen_at: a complete run that did not return the order proves it unchanged, given that every change moves updated_at [I].
CREATE TEMPORARY TABLE fresh_case AS
WITH file AS (
    SELECT covers_from, max(snapshot_at) AS snapshot_at
    FROM ss_import
    WHERE account = $account AND kind = 'orders' AND NOT filtered AND snapshot_at IS NOT NULL AND covers_from IS NOT NULL
        AND coalesce(covers_to, snapshot_at) >= snapshot_at - CAST($coverage_grace_min AS INTEGER) * INTERVAL '1 minute'
    GROUP BY covers_from
),
coverage AS (
    SELECT covers_from, coalesce(lead(covers_from) OVER (ORDER BY covers_from), TIMESTAMP '9999-12-31 00:00:00') AS next_from,
        max(snapshot_at) OVER (ORDER BY covers_from) AS covered_until
    FROM file
),
feed AS (
    SELECT max(complete_at) AS complete_at FROM sync_cursor WHERE account = $account AND feed = 'orders'
),
component AS (
    SELECT order_number, line_no, sum(component_count) AS pieces
    FROM cm_component WHERE account = $account GROUP BY order_number, line_no
),
pieces AS (
    SELECT n.order_number, CASE WHEN count(*) = count(n.amount) THEN sum(
        CASE WHEN n.is_set THEN greatest(n.amount, n.amount * c.pieces) ELSE n.amount END) END AS ordered_qty
    FROM cm_order_line n
    LEFT JOIN component c ON c.order_number = n.order_number AND c.line_no = n.line_no
    WHERE n.account = $account
    GROUP BY n.order_number
),
several AS MATERIALIZED (
    SELECT * FROM case_line
    WHERE order_number IN (SELECT order_number FROM case_line GROUP BY order_number HAVING count(*) > 1)
),
side AS (
    SELECT order_number, packing_no AS packings, 1 AS packing_count, CASE WHEN is_active THEN 1 ELSE 0 END AS active_packing_count,
        CASE WHEN is_active THEN qty END AS qty, status, status_raw, CASE WHEN is_active THEN tracking_no END AS tracking,
        registered_at, CASE WHEN is_shipped THEN shipped_at END AS shipped_at, snapshot_at, matched_by, is_weak
    FROM case_line ANTI JOIN several USING (order_number)
    UNION ALL
    SELECT order_number, string_agg(DISTINCT packing_no, ' ' ORDER BY packing_no),
        greatest(count(DISTINCT packing_no), 1),
        CASE WHEN bool_or(is_active)
            THEN greatest(count(DISTINCT CASE WHEN is_active THEN packing_no END), 1) ELSE 0 END,
        sum(CASE WHEN is_active THEN qty END),
        first(status ORDER BY status_rank DESC, line_key), first(status_raw ORDER BY status_rank DESC, line_key),
        string_agg(DISTINCT CASE WHEN is_active THEN tracking_no END, ' '
            ORDER BY CASE WHEN is_active THEN tracking_no END),
        min(registered_at), min(CASE WHEN is_shipped THEN shipped_at END), max(snapshot_at),
        first(matched_by ORDER BY strength, line_key), bool_and(is_weak)
    FROM several GROUP BY order_number
)
SELECT o.order_number, o.order_code, o.shop_code, o.shop_name, o.ordered_at, o.created_at, o.updated_at,
    greatest(o.seen_at, f.complete_at) AS seen_at, o.phase_name, coalesce(r.role, 'unknown') AS phase_role,
    o.cancel_flag, coalesce(o.cancel_flag = 2, FALSE) OR coalesce(r.role = 'cancelled', FALSE) AS is_cancelled,
    o.is_bundle_child, o.delivery_number, o.total_price,
    CASE WHEN o.lines_state = 'held' THEN CAST(p.ordered_qty AS BIGINT) END AS ordered_qty,
    s.packings AS ss_packings, CAST(coalesce(s.packing_count, 0) AS INTEGER) AS ss_packing_count,
    CAST(coalesce(s.active_packing_count, 0) AS INTEGER) AS ss_active_packing_count,
    CAST(s.qty AS BIGINT) AS ss_qty, s.status AS ss_status, s.status_raw AS ss_status_raw,
    s.tracking AS ss_tracking, s.registered_at AS ss_registered_at, s.shipped_at AS ss_shipped_at,
    s.snapshot_at AS ss_snapshot_at, s.matched_by AS ss_matched_by, s.is_weak AS ss_is_weak, v.covered_until
FROM cm_order o
CROSS JOIN feed f
LEFT JOIN phase_role r ON r.account = o.account AND r.phase_name = o.phase_name
LEFT JOIN pieces p ON p.order_number = o.order_number
LEFT JOIN side s ON s.order_number = o.order_number
LEFT JOIN coverage v ON v.covers_from <= coalesce(o.created_at, o.ordered_at)
    AND coalesce(o.created_at, o.ordered_at) < v.next_from
WHERE o.account = $account;

-- name: forget_cases
DELETE FROM order_case
WHERE account = $account AND NOT EXISTS (
    SELECT 1 FROM fresh_case f WHERE f.order_number = order_case.order_number
);

-- name: renew_cases
-- Rows that stayed as they were are left alone: at a million orders that is nearly all of them.
UPDATE order_case SET
    order_code = f.order_code, shop_code = f.shop_code, shop_name = f.shop_name, ordered_at = f.ordered_at,
    created_at = f.created_at, updated_at = f.updated_at, phase_name = f.phase_name,
    phase_role = f.phase_role, cancel_flag = f.cancel_flag, is_cancelled = f.is_cancelled,
    is_bundle_child = f.is_bundle_child, delivery_number = f.delivery_number, total_price = f.total_price,
    ordered_qty = f.ordered_qty, ss_packings = f.ss_packings, ss_packing_count = f.ss_packing_count,
    ss_active_packing_count = f.ss_active_packing_count, ss_qty = f.ss_qty, ss_status = f.ss_status,
    ss_status_raw = f.ss_status_raw, ss_tracking = f.ss_tracking, ss_registered_at = f.ss_registered_at,
    ss_shipped_at = f.ss_shipped_at, ss_matched_by = f.ss_matched_by,
    ss_is_weak = f.ss_is_weak
FROM fresh_case f
WHERE order_case.account = $account AND order_case.order_number = f.order_number AND (
    order_case.order_code IS DISTINCT FROM f.order_code OR order_case.shop_code IS DISTINCT FROM f.shop_code OR
    order_case.shop_name IS DISTINCT FROM f.shop_name OR order_case.ordered_at IS DISTINCT FROM f.ordered_at OR
    order_case.created_at IS DISTINCT FROM f.created_at OR order_case.updated_at IS DISTINCT FROM f.updated_at OR
    order_case.phase_name IS DISTINCT FROM f.phase_name OR
    order_case.phase_role IS DISTINCT FROM f.phase_role OR order_case.cancel_flag IS DISTINCT FROM f.cancel_flag OR
    order_case.is_cancelled IS DISTINCT FROM f.is_cancelled OR
    order_case.is_bundle_child IS DISTINCT FROM f.is_bundle_child OR
    order_case.delivery_number IS DISTINCT FROM f.delivery_number OR
    order_case.total_price IS DISTINCT FROM f.total_price OR order_case.ordered_qty IS DISTINCT FROM f.ordered_qty OR
    order_case.ss_packings IS DISTINCT FROM f.ss_packings OR
    order_case.ss_packing_count IS DISTINCT FROM f.ss_packing_count OR
    order_case.ss_active_packing_count IS DISTINCT FROM f.ss_active_packing_count OR
    order_case.ss_qty IS DISTINCT FROM f.ss_qty OR order_case.ss_status IS DISTINCT FROM f.ss_status OR
    order_case.ss_status_raw IS DISTINCT FROM f.ss_status_raw OR order_case.ss_tracking IS DISTINCT FROM f.ss_tracking
    OR order_case.ss_registered_at IS DISTINCT FROM f.ss_registered_at OR
    order_case.ss_shipped_at IS DISTINCT FROM f.ss_shipped_at OR
   
    order_case.ss_matched_by IS DISTINCT FROM f.ss_matched_by OR order_case.ss_is_weak IS DISTINCT FROM f.ss_is_weak);

-- name: write_cases
-- New orders mostly have the greatest numbers and take the next places; where they do not, place_orders counts anew.
WITH fresh AS MATERIALIZED (
    SELECT order_number FROM fresh_case f
    WHERE NOT EXISTS (SELECT 1 FROM order_case c WHERE c.account = $account AND c.order_number = f.order_number)
),
stored AS (
    SELECT coalesce(max(order_number), '') AS last_number, coalesce(max(place), 0) AS last_place
    FROM order_case WHERE account = $account
),
placed AS (
    SELECT order_number, CASE WHEN min(order_number) OVER () > s.last_number
        THEN s.last_place + row_number() OVER (ORDER BY order_number) END AS place
    FROM fresh CROSS JOIN stored s
)
INSERT INTO order_case (account, order_number,
    order_code, shop_code, shop_name, ordered_at, created_at, updated_at, seen_at, phase_name, phase_role, cancel_flag,
    is_cancelled, is_bundle_child, delivery_number, total_price, ordered_qty, ss_packings, ss_packing_count,
    ss_active_packing_count, ss_qty, ss_status, ss_status_raw, ss_tracking, ss_registered_at, ss_shipped_at,
    ss_snapshot_at, ss_matched_by, ss_is_weak, covered_until,
    state, primary_rule, evaluated_at, place)
SELECT $account, f.order_number,
    order_code, shop_code, shop_name, ordered_at, created_at, updated_at, seen_at, phase_name, phase_role, cancel_flag,
    is_cancelled, is_bundle_child, delivery_number, total_price, ordered_qty, ss_packings, ss_packing_count,
    ss_active_packing_count, ss_qty, ss_status, ss_status_raw, ss_tracking, ss_registered_at, ss_shipped_at,
    ss_snapshot_at, ss_matched_by, ss_is_weak, covered_until,
    'in_step', NULL, CAST($now AS TIMESTAMP), p.place
FROM placed p JOIN fresh_case f ON f.order_number = p.order_number;

-- name: mark_cases
-- Times that move for every order with each sync and file.
UPDATE order_case SET evaluated_at = CAST($now AS TIMESTAMP), seen_at = f.seen_at, ss_snapshot_at = f.ss_snapshot_at,
    covered_until = f.covered_until
FROM fresh_case f
WHERE order_case.account = $account AND order_case.order_number = f.order_number;
