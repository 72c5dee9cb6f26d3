-- What changed lately, which orders were missed in an hour of the week, and what additions to order numbers join.

-- name: looked
-- Of each account the first complete look, which says how far back anything can be compared, and the last one.
SELECT a.account, min(r.finished_at) AS first_at, max(r.started_at) AS last_at
FROM account AS a
LEFT JOIN sync_run AS r ON r.account = a.account AND r.state = 'complete'
WHERE $account IS NULL OR a.account = $account
GROUP BY a.account ORDER BY a.account

-- name: opened
-- Findings that opened since then and are still open, one row each.
SELECT order_number FROM finding
WHERE list_contains($accounts, account) AND kind = 'finding' AND state = 'open' AND opened_at >= $since
ORDER BY opened_at DESC, order_number NULLS LAST

-- name: resolved
SELECT order_number FROM finding
WHERE list_contains($accounts, account) AND kind = 'finding' AND state = 'resolved' AND resolved_at >= $since
ORDER BY resolved_at DESC, order_number NULLS LAST

-- name: shipped
-- Orders that Smartship shipped since then, or that were seen to come into a shipped phase at CROSS MALL.
WITH moved AS (
    SELECT o.account, o.order_number, min(o.first_seen_at) AS at
    FROM cm_observation AS o
    JOIN phase_role AS r ON r.account = o.account AND r.phase_name = o.phase_name AND r.role = 'shipped'
    WHERE list_contains($accounts, o.account) AND o.first_seen_at >= $since
    GROUP BY o.account, o.order_number
), earlier AS (
    SELECT m.account, m.order_number, bool_or(b.first_seen_at < $since AND q.role IS NOT NULL) AS was_shipped
    FROM moved AS m
    JOIN cm_observation AS b ON b.account = m.account AND b.order_number = m.order_number AND b.first_seen_at < m.at
    LEFT JOIN phase_role AS q ON q.account = b.account AND q.phase_name = b.phase_name AND q.role = 'shipped'
    GROUP BY m.account, m.order_number
)
SELECT order_number FROM (
    SELECT account, order_number FROM earlier WHERE NOT was_shipped
    UNION
    SELECT account, order_number FROM order_case
    WHERE list_contains($accounts, account) AND NOT is_cancelled AND ss_shipped_at >= $since
)
ORDER BY order_number DESC

-- name: missed_in_hour
-- The orders behind one cell of missed_hours, the latest first.
SELECT order_number FROM missed_order
WHERE account = $account AND missed_by >= $since AND weekday = $weekday AND hour_of_day = $hour
ORDER BY missed_by DESC, order_number

-- name: affix_pairs
-- Orders that an addition fits: our number and Smartship's. is_taught: joined by another strong key anyway.
-- nth counts those that only the addition joins first.
WITH fit AS (
    SELECT a.shop_code, a.longer, a.prefix, a.suffix, o.order_number, o.order_code, l.site_order_no
    FROM order_affix AS a
    JOIN cm_order AS o ON o.account = a.account AND coalesce(trim(o.shop_code), '') = a.shop_code AND o.order_code_key <> ''
    JOIN ss_shipment_line AS l ON l.account = a.account AND l.site_order_key = concat(a.prefix, o.order_code_key, a.suffix)
        AND coalesce(nullif(trim(l.shop_id), ''), a.shop_code) = a.shop_code
    WHERE a.account = $account AND a.longer = 'smartship'
    UNION
    SELECT a.shop_code, a.longer, a.prefix, a.suffix, o.order_number, o.order_code, l.site_order_no
    FROM order_affix AS a
    JOIN ss_shipment_line AS l ON l.account = a.account AND l.site_order_key <> ''
        AND coalesce(nullif(trim(l.shop_id), ''), a.shop_code) = a.shop_code
    JOIN cm_order AS o ON o.account = a.account AND coalesce(trim(o.shop_code), '') = a.shop_code
        AND o.order_code_key = concat(a.prefix, l.site_order_key, a.suffix)
    WHERE a.account = $account AND a.longer = 'crossmall'
), taught AS (
    SELECT DISTINCT order_number FROM order_link
    WHERE account = $account AND NOT is_weak AND matched_by <> 'number_with_affix'
), pair AS (
    SELECT f.shop_code, f.longer, f.prefix, f.suffix, f.order_number, any_value(f.order_code) AS order_code,
        any_value(f.site_order_no) AS site_order_no, bool_or(t.order_number IS NOT NULL) AS is_taught
    FROM fit AS f LEFT JOIN taught AS t ON t.order_number = f.order_number
    GROUP BY f.shop_code, f.longer, f.prefix, f.suffix, f.order_number
)
SELECT shop_code, longer, prefix, suffix, order_code, site_order_no,
    count(CASE WHEN NOT is_taught THEN 1 END) OVER (PARTITION BY shop_code, longer, prefix, suffix) AS alone
FROM pair
QUALIFY row_number() OVER (PARTITION BY shop_code, longer, prefix, suffix ORDER BY is_taught, order_number) <= $most
ORDER BY shop_code, longer, prefix, suffix, is_taught, order_number
