-- Rules about the road between the two vendors, and the table the collection rules read.
-- Every rule block returns: kind, subject_kind, subject, order_number, order_code, shop_code, since, missing, severity,
-- then the evidence columns of its registry entry, in that order.

-- name: drop_collection_order
DROP TABLE IF EXISTS collection_order;

-- name: find_collection_orders
-- Orders Smartship should collect but which have no strong link: not cancelled, not held, no bundle child, shop connected.
-- changed_at (U): the phase was entered at that time at the latest [I: every phase move bumps updated_at].
-- is_dead_shop: one of at least dead_shop_min_orders proven overdue orders of a shop from which nothing arrived since.
CREATE TEMPORARY TABLE collection_order AS
WITH seen AS (
    SELECT order_number, max(first_seen_at) AS first_seen_at,
        bool_or(phase_name = (SELECT collect_phase FROM account WHERE account = $account)) AS was_waiting
    FROM watched_look
    GROUP BY order_number
),
newest AS (
    SELECT max(snapshot_at) AS newest_file_at FROM ss_import WHERE account = $account AND kind = 'orders'
),
judged AS (
    SELECT c.order_number, c.order_code, c.shop_code, c.shop_name, c.phase_name, c.phase_role, c.delivery_number,
        c.covered_until, n.newest_file_at, coalesce(c.ss_is_weak, FALSE) AS is_weak,
        coalesce(c.created_at, c.ordered_at, o.first_seen_at) AS created_from,
        coalesce(c.updated_at, s.first_seen_at, o.first_seen_at) AS changed_at,
        coalesce(s.was_waiting, FALSE) AS was_waiting, a.auto_orders
    FROM order_case c
    JOIN cm_order o ON o.account = c.account AND o.order_number = c.order_number
    JOIN account a ON a.account = c.account
    CROSS JOIN newest n
    LEFT JOIN seen s ON s.order_number = c.order_number
    WHERE c.account = $account AND NOT c.is_cancelled AND NOT c.is_bundle_child AND coalesce(c.cancel_flag, 0) <> 1
        AND coalesce(c.ss_is_weak, TRUE)
        AND c.order_number NOT IN (SELECT order_number FROM returned_order)
        AND (CAST($all_shops AS BOOLEAN) OR c.shop_code IN (SELECT unnest(CAST($connected_shops AS VARCHAR[]))))
),
timed AS (
    SELECT *, changed_at + CAST($pull_lag_error_min AS INTEGER) * INTERVAL '1 minute' AS overdue_at FROM judged
),
arrived AS (
    SELECT trim(shop_id) AS shop_code, max(coalesce(registered_at, first_snapshot_at)) AS arrived_at
    FROM ss_shipment_line WHERE account = $account AND trim(shop_id) <> '' GROUP BY shop_id
    UNION ALL
    SELECT o.shop_code, max(coalesce(l.registered_at, l.first_snapshot_at))
    FROM ss_shipment_line l
    LEFT JOIN order_link k ON k.account = l.account AND k.line_key = l.line_key
    LEFT JOIN cm_order o ON o.account = k.account AND o.order_number = k.order_number
    WHERE l.account = $account AND coalesce(trim(l.shop_id), '') = ''
    GROUP BY o.shop_code
),
arrival AS (
    SELECT shop_code, max(arrived_at) AS last_arrival_at FROM arrived GROUP BY shop_code
),
stuck AS (
    SELECT t.order_number, t.shop_code
    FROM timed t LEFT JOIN arrival a ON a.shop_code = t.shop_code
    WHERE t.phase_role = 'collect' AND NOT t.is_weak AND t.covered_until > t.overdue_at
        AND (a.last_arrival_at IS NULL OR a.last_arrival_at <= t.changed_at)
),
dead AS (
    SELECT shop_code FROM stuck WHERE shop_code IS NOT NULL
    GROUP BY shop_code HAVING count(*) >= CAST($dead_shop_min_orders AS INTEGER)
)
SELECT t.*, d.shop_code IS NOT NULL AS is_dead_shop, a.last_arrival_at
FROM timed t
LEFT JOIN stuck s ON s.order_number = t.order_number
LEFT JOIN dead d ON d.shop_code = s.shop_code
LEFT JOIN arrival a ON a.shop_code = t.shop_code;

-- name: F02
SELECT CASE WHEN NOT is_weak AND covered_until >= changed_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, changed_at AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN covered_until >= changed_at THEN NULL
        WHEN newest_file_at >= changed_at THEN 'smartship_coverage' ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, phase_name, changed_at AS waiting_since,
    CAST(floor(extract(epoch FROM $now - changed_at) / 60) AS INTEGER) AS waited_min_at_least,
    CAST($pull_lag_warn_min AS INTEGER) AS warn_min,
    $now > changed_at + CAST($pull_lag_warn_min AS INTEGER) * INTERVAL '1 minute' AS past_warn,
    CASE WHEN auto_orders <> 'off' THEN last_pull_at + CAST($pull_interval_min AS INTEGER) * (
        CAST(floor(extract(epoch FROM $now - last_pull_at) / 60 / CAST($pull_interval_min AS INTEGER)) AS INTEGER) + 1
    ) * INTERVAL '1 minute' END AS next_pull_at,
    overdue_at, covered_until, changed_at AS needed_at, created_from AS created_at, auto_orders
FROM (
    SELECT c.*, coalesce(p.registered_at, c.changed_at) AS last_pull_at
    FROM collection_order c CROSS JOIN (
        SELECT max(registered_at) AS registered_at FROM ss_shipment_line
        WHERE account = $account AND registered_at <= $now
    ) p
    WHERE c.phase_role = 'collect' AND $now <= c.overdue_at
) w
ORDER BY order_number;

-- name: F03
SELECT CASE WHEN NOT is_weak AND covered_until > overdue_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, changed_at AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN covered_until > overdue_at THEN NULL
        WHEN newest_file_at > overdue_at THEN 'smartship_coverage' ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, phase_name, changed_at AS waiting_since,
    CAST(floor(extract(epoch FROM coalesce(covered_until, $now) - changed_at) / 60) AS INTEGER) AS waited_min_at_least,
    CAST($pull_lag_error_min AS INTEGER) AS limit_min, covered_until, overdue_at AS needed_at,
    created_from AS created_at, last_arrival_at, auto_orders, CAST(NULL AS VARCHAR) AS burst
FROM collection_order
WHERE phase_role = 'collect' AND $now > overdue_at AND NOT is_dead_shop
ORDER BY order_number;

-- name: F04
WITH shop AS (
    SELECT shop_code, max(shop_name) AS shop_name, count(*) AS waiting_orders, min(changed_at) AS waiting_since,
        max(last_arrival_at) AS last_arrival_at, min(covered_until) AS covered_until, max(auto_orders) AS auto_orders
    FROM collection_order WHERE is_dead_shop GROUP BY shop_code
),
arrived_line AS (
    SELECT line_key, trim(shop_id) AS shop_code, coalesce(packing_no, site_order_key, line_key) AS parcel,
        coalesce(registered_at, first_snapshot_at) AS arrived_at
    FROM ss_shipment_line
    WHERE account = $account AND coalesce(registered_at, first_snapshot_at) > (SELECT min(waiting_since) FROM shop)
),
arrival AS (
    SELECT shop_code, parcel, arrived_at FROM arrived_line WHERE shop_code <> ''
    UNION ALL
    SELECT o.shop_code, l.parcel, l.arrived_at
    FROM arrived_line l
    JOIN order_link k ON k.account = $account AND k.line_key = l.line_key
    JOIN cm_order o ON o.account = k.account AND o.order_number = k.order_number
    WHERE coalesce(l.shop_code, '') = ''
)
SELECT 'finding' AS kind, 'shop' AS subject_kind, s.shop_code AS subject, NULL AS order_number, NULL AS order_code,
    s.shop_code, s.waiting_since AS since, NULL AS missing, NULL AS severity, s.shop_code AS shop, s.shop_name,
    s.waiting_orders, s.waiting_since, s.last_arrival_at,
    (SELECT count(DISTINCT a.parcel) FROM arrival a
        WHERE a.shop_code <> s.shop_code AND a.arrived_at > s.waiting_since) AS other_shop_arrivals,
    s.covered_until, s.auto_orders
FROM shop s
ORDER BY s.shop_code;

-- name: F06
WITH expected AS (
    SELECT 'collect' AS role, collect_phase AS expected FROM account WHERE account = $account
    UNION ALL
    SELECT 'shipped' AS role, shipped_phase AS expected FROM account WHERE account = $account
),
list AS (
    SELECT phase_name, position, lookalike_of, difference, first_seen_at
    FROM cm_phase WHERE account = $account AND present
),
near AS (
    SELECT l.*, row_number() OVER (PARTITION BY l.lookalike_of ORDER BY l.position, l.phase_name) AS place
    FROM list l WHERE l.lookalike_of IS NOT NULL AND l.lookalike_of <> l.phase_name
),
checked AS (
    SELECT e.role, e.expected, n.phase_name AS found, n.difference, n.first_seen_at,
        EXISTS (SELECT 1 FROM list) AS is_read,
        EXISTS (SELECT 1 FROM list l WHERE l.phase_name = e.expected) AS is_exact,
        (SELECT count(*) FROM order_case c WHERE c.account = $account AND c.phase_name = n.phase_name) AS orders_in_it
    FROM expected e LEFT JOIN near n ON n.lookalike_of = e.expected AND n.place = 1
)
SELECT CASE WHEN is_read THEN 'finding' ELSE 'cannot_tell' END AS kind, 'phase' AS subject_kind, expected AS subject,
    NULL AS order_number, NULL AS order_code, NULL AS shop_code, first_seen_at AS since,
    CASE WHEN NOT is_read THEN 'phase_list' END AS missing,
    CASE WHEN is_read AND is_exact THEN 'medium' ELSE 'high' END AS severity,
    role, expected, found,
    CASE WHEN NOT is_read THEN 'unknown' WHEN is_exact THEN 'lookalike_beside'
        WHEN found IS NOT NULL THEN 'lookalike_instead' ELSE 'absent' END AS phase_check,
    from_json(coalesce(difference, '[]'), '[{"op": "VARCHAR", "expected": "VARCHAR", "found": "VARCHAR",
        "expected_code_points": "VARCHAR", "found_code_points": "VARCHAR"}]') AS difference,
    orders_in_it AS orders_in_lookalike
FROM checked
WHERE NOT is_read OR NOT is_exact OR found IS NOT NULL
ORDER BY role;
