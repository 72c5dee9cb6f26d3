-- Rules about many orders at once: shops, bursts, patterns in time. Every block returns: kind, subject_kind, subject,
-- order_number, order_code, shop_code, since, missing, severity, then the evidence columns of its registry entry.

-- name: F31
-- Times the same connection died: a shop's F04 that came back, or refusals of the key each after a good sync.
WITH run AS (
    SELECT started_at, state, error_class,
        lag(state) OVER (ORDER BY started_at) AS state_before
    FROM sync_run WHERE account = $account AND state <> 'running'
),
refused AS (
    SELECT started_at, lag(started_at) OVER (ORDER BY started_at) AS previous_at
    FROM run WHERE state = 'failed' AND error_class = 'AuthError' AND state_before = 'complete'
),
died AS (
    SELECT 'shop' AS died_where, subject AS shop, max(shop_code) AS shop_code, max(reopened) + 1 AS times,
        min(opened_at) AS last_at, CAST(NULL AS INTEGER) AS every_days
    FROM finding
    WHERE account = $account AND rule = 'F04' AND kind = 'finding'
    GROUP BY subject
    UNION ALL
    SELECT 'account', $account, NULL, CAST(count(*) AS INTEGER), max(started_at),
        CAST(round(median(extract(epoch FROM started_at - previous_at)) / 86400) AS INTEGER)
    FROM refused
)
SELECT 'finding' AS kind, CASE WHEN died_where = 'shop' THEN 'shop' ELSE 'account' END AS subject_kind, shop AS subject,
    NULL AS order_number, NULL AS order_code, shop_code, last_at AS since, NULL AS missing, NULL AS severity, died_where,
    shop, times, last_at, every_days
FROM died
WHERE times >= CAST($periodic_min_times AS INTEGER)
ORDER BY subject;

-- name: F32
-- no_shop: the file's line names no shop and its number fits orders of several; other_shop: it names a shop that has no
-- order of that number, while another shop has.
WITH line AS (
    SELECT l.line_key, l.site_order_key, nullif(trim(l.shop_id), '') AS shop, l.packing_no, l.snapshot_at
    FROM ss_shipment_line l
    WHERE l.account = $account AND l.site_order_key <> '' AND l.line_key NOT IN (
        SELECT line_key FROM order_link WHERE account = $account AND NOT is_weak)
),
code AS (
    SELECT order_code_key, string_agg(DISTINCT trim(shop_code), ' ' ORDER BY trim(shop_code)) AS shops,
        min(trim(shop_code)) <> max(trim(shop_code)) AS is_shared
    FROM cm_order
    WHERE account = $account AND order_code_key IN (SELECT site_order_key FROM line)
    GROUP BY order_code_key
),
hit AS (
    SELECT c.order_code_key, c.shops, min(l.shop) AS line_shop, min(l.snapshot_at) AS since,
        CASE WHEN min(l.shop) IS NULL THEN 'no_shop' ELSE 'other_shop' END AS hit_how,
        string_agg(DISTINCT l.packing_no, ' ' ORDER BY l.packing_no) AS packings
    FROM line l JOIN code c ON c.order_code_key = l.site_order_key
    WHERE l.shop IS NOT NULL OR c.is_shared
    GROUP BY c.order_code_key, c.shops
)
SELECT 'finding' AS kind, 'order' AS subject_kind, o.order_number AS subject, o.order_number, o.order_code, o.shop_code,
    h.since, NULL AS missing, NULL AS severity, h.hit_how, h.shops, h.line_shop, h.packings
FROM hit h
JOIN cm_order o ON o.account = $account AND o.order_code_key = h.order_code_key
JOIN order_case c ON c.account = o.account AND c.order_number = o.order_number
WHERE NOT c.is_cancelled AND coalesce(c.ss_is_weak, TRUE)
ORDER BY o.order_number;

-- name: F34
-- Totals of a filtered file, or of one whose period is not known, cannot be compared with CROSS MALL's.
WITH newest AS (
    SELECT import_id, snapshot_at, covers_from, filtered, rows_accepted,
        row_number() OVER (ORDER BY snapshot_at DESC NULLS LAST, imported_at DESC) AS place
    FROM ss_import WHERE account = $account AND kind = 'orders'
)
SELECT 'finding' AS kind, 'account' AS subject_kind, $account AS subject, NULL AS order_number, NULL AS order_code,
    NULL AS shop_code, n.snapshot_at AS since, NULL AS missing, NULL AS severity,
    CASE WHEN n.filtered THEN 'filtered' ELSE 'period_unknown' END AS differs_by, n.snapshot_at AS ss_snapshot_at,
    n.rows_accepted AS file_rows,
    (SELECT count(DISTINCT packing_no) FROM ss_shipment_line WHERE account = $account AND snapshot_at = n.snapshot_at)
        AS packings_in_file,
    (SELECT count(*) FROM order_case WHERE account = $account AND NOT is_cancelled) AS crossmall_orders
FROM newest n
WHERE n.place = 1 AND (n.filtered OR n.covers_from IS NULL OR n.snapshot_at IS NULL);

-- name: F45
-- A shop against its own rhythm: silent for silence_factor times its longest pause of the last rhythm_days, and at least
-- silence_min_h, up to the last complete sync, while other shops received. Silence is no proof that the service is stopped.
WITH feed AS (
    SELECT max(complete_at) AS complete_at, max(reaches_back_to) AS reaches_back_to
    FROM sync_cursor WHERE account = $account AND feed = 'orders'
),
arrival AS (
    SELECT o.shop_code, o.shop_name, o.created_at
    FROM cm_order o CROSS JOIN feed f
    WHERE o.account = $account AND o.shop_code <> '' AND o.created_at <= f.complete_at
        AND o.created_at >= f.complete_at - CAST($rhythm_days AS INTEGER) * INTERVAL '1 day'
),
quiet AS (
    SELECT a.shop_code, max(a.shop_name) AS shop_name, count(*) AS orders, max(a.created_at) AS last_at
    FROM arrival a CROSS JOIN feed f
    GROUP BY a.shop_code, f.complete_at
    HAVING count(*) >= CAST($rhythm_min_orders AS INTEGER)
        AND f.complete_at - max(a.created_at) >= CAST($silence_min_h AS INTEGER) * INTERVAL '1 hour'
),
paused AS (
    SELECT shop_code, created_at - lag(created_at) OVER (PARTITION BY shop_code ORDER BY created_at) AS pause
    FROM arrival WHERE shop_code IN (SELECT shop_code FROM quiet)
),
shop AS (
    SELECT q.*, p.longest_pause
    FROM quiet q JOIN (SELECT shop_code, max(pause) AS longest_pause FROM paused GROUP BY shop_code) p
        ON p.shop_code = q.shop_code
),
silent AS (
    SELECT s.*, f.complete_at, f.complete_at - s.last_at AS silence,
        (SELECT count(*) FROM arrival a WHERE a.shop_code <> s.shop_code AND a.created_at > s.last_at) AS others
    FROM shop s CROSS JOIN feed f
    WHERE f.complete_at - s.last_at >= CAST($silence_factor AS INTEGER) * s.longest_pause
)
SELECT 'finding' AS kind, 'shop' AS subject_kind, shop_code AS subject, NULL AS order_number, NULL AS order_code, shop_code,
    last_at AS since, NULL AS missing, NULL AS severity, shop_code AS shop, shop_name, last_at,
    CAST(floor(extract(epoch FROM silence) / 3600) AS INTEGER) AS silent_h,
    CAST(floor(extract(epoch FROM longest_pause) / 3600) AS INTEGER) AS longest_pause_h,
    orders AS orders_in_window, others AS other_shop_arrivals, complete_at AS seen_at
FROM silent
WHERE others >= CAST($rhythm_min_others AS INTEGER)
ORDER BY shop_code;

-- name: F46
-- Misses of one rule, shop, phase and hour (JST hours are UTC hours). The single findings stay and name this one.
WITH miss AS (
    SELECT r.rule, r.shop_code, r.order_number, r.since, c.phase_name, c.shop_name, date_trunc('hour', r.since) AS missed_hour
    FROM rule_row r
    JOIN order_case c ON c.account = $account AND c.order_number = r.order_number
    WHERE r.rule IN ('F03', 'F07', 'F37', 'F39', 'F40') AND r.kind = 'finding' AND r.since IS NOT NULL
),
burst AS (
    SELECT rule, shop_code, phase_name, missed_hour, max(shop_name) AS shop_name, count(*) AS orders, min(since) AS missed_from,
        max(since) AS missed_until, list_sort(list(order_number)) AS numbers
    FROM miss
    GROUP BY rule, shop_code, phase_name, missed_hour
    HAVING count(*) >= CAST($burst_min_orders AS INTEGER)
)
SELECT 'finding' AS kind, 'burst' AS subject_kind,
    concat_ws('/', rule, coalesce(shop_code, ''), phase_name, strftime(missed_hour, '%Y-%m-%dT%H')) AS subject,
    NULL AS order_number, NULL AS order_code, shop_code, missed_from AS since, NULL AS missing, NULL AS severity,
    rule AS missed_rule, shop_code AS shop, shop_name, phase_name, orders AS missed_orders, missed_from, missed_until,
    array_to_string(list_slice(numbers, 1, 20), ' ') AS first_numbers
FROM burst
ORDER BY subject;

-- name: name_bursts
-- The misses are laid out before they meet their bursts: in a first run nothing is known of the sizes of these tables, and a
-- plan of one piece once joined every burst with every order.
WITH burst AS MATERIALIZED (
    SELECT subject, json_extract_string(because, '$.missed_rule') AS missed_rule,
        json_extract_string(because, '$.phase_name') AS phase_name, shop_code, date_trunc('hour', since) AS missed_hour
    FROM rule_row WHERE rule = 'F46'
),
miss AS MATERIALIZED (
    SELECT r.finding_key, r.rule, r.shop_code, c.phase_name, date_trunc('hour', r.since) AS missed_hour
    FROM (SELECT finding_key, rule, order_number, shop_code, since FROM rule_row
        WHERE kind = 'finding' AND rule IN (SELECT missed_rule FROM burst)) r
    JOIN order_case c ON c.account = $account AND c.order_number = r.order_number
)
UPDATE rule_row SET because = json_merge_patch(rule_row.because, json_object('burst', n.subject))
FROM (
    SELECT m.finding_key, b.subject FROM miss m
    JOIN burst b ON b.missed_rule = m.rule AND b.missed_hour = m.missed_hour
        AND b.shop_code IS NOT DISTINCT FROM m.shop_code AND b.phase_name IS NOT DISTINCT FROM m.phase_name
) n
WHERE rule_row.finding_key = n.finding_key;
