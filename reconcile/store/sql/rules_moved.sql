-- Rules about orders whose phase moved where Smartship could not follow. Every block returns: kind, subject_kind, subject,
-- order_number, order_code, shop_code, since, missing, severity, then the evidence columns of its registry entry.

-- name: drop_watched_look
DROP TABLE IF EXISTS watched_look;

-- name: find_watched_looks
-- The history of the orders whose history decides: without a strong link, cancelled with a link, or in the collect phase.
-- It is read once; the other orders of a shop are most of its looks.
CREATE TEMPORARY TABLE watched_look AS
SELECT h.order_number, h.first_seen_at, h.last_confirmed_at, h.updated_at, h.phase_name, h.cancel_flag
FROM cm_observation h
WHERE h.account = $account AND h.order_number IN (
    SELECT order_number FROM order_case
    WHERE account = $account AND (CASE WHEN is_cancelled THEN ss_is_weak IS NOT NULL
        ELSE coalesce(ss_is_weak, TRUE) OR phase_role = 'collect' END));

-- name: drop_returned_order
DROP TABLE IF EXISTS returned_order;

-- name: find_returned_orders
-- In the collect phase now, seen in the shipped phase before: Smartship would collect and ship it once more.
CREATE TEMPORARY TABLE returned_order AS
WITH look AS (
    SELECT h.order_number, h.first_seen_at, h.last_confirmed_at, h.updated_at, h.phase_name = a.shipped_phase AS is_shipped
    FROM watched_look h
    JOIN account a ON a.account = $account
    JOIN order_case c ON c.account = $account AND c.order_number = h.order_number
    WHERE c.phase_role = 'collect' AND NOT c.is_cancelled AND NOT c.is_bundle_child
),
shipped AS (
    SELECT order_number, min(coalesce(updated_at, first_seen_at)) AS shipped_since,
        max(greatest(last_confirmed_at, updated_at)) AS shipped_until, max(first_seen_at) AS last_seen_at
    FROM look WHERE is_shipped GROUP BY order_number
)
SELECT s.order_number, s.shipped_since, s.shipped_until, min(coalesce(l.updated_at, l.first_seen_at)) AS returned_by
FROM shipped s
JOIN look l ON l.order_number = s.order_number AND l.first_seen_at > s.last_seen_at
GROUP BY s.order_number, s.shipped_since, s.shipped_until;

-- name: drop_moved_order
DROP TABLE IF EXISTS moved_order;

-- name: find_moved_orders
-- Orders past the collect phase without a strong link, each with the most specific cause its history proves:
-- F40 was in the collect phase, and the longest possible stay lies between two pulls that followed each other;
-- F39 was never in it: no stretch of its life unseen by us is longer than hidden_stay_max_min;
-- F37 was seen in it and left for a phase other than the shipped one; F07 everything else.
-- Changes inside an unseen stretch end at updated_at of the next look [I: every phase move bumps updated_at].
CREATE TEMPORARY TABLE moved_order AS
WITH gone AS (
    SELECT *, changed_at + CAST($coverage_grace_min AS INTEGER) * INTERVAL '1 minute' AS needed_at
    FROM collection_order
    WHERE phase_role IN ('after', 'shipped', 'unknown') OR (phase_role = 'before' AND was_waiting)
),
look AS (
    SELECT h.order_number, h.first_seen_at, h.updated_at, h.phase_name = a.collect_phase AS is_collect,
        lag(h.phase_name = a.collect_phase) OVER life AS was_collect,
        lag(greatest(h.last_confirmed_at, h.updated_at), 1, c.created_at) OVER life AS known_until,
        lag(h.phase_name) OVER life AS phase_before
    FROM watched_look h
    JOIN gone g ON g.order_number = h.order_number
    JOIN account a ON a.account = $account
    JOIN order_case c ON c.account = $account AND c.order_number = h.order_number
    WINDOW life AS (PARTITION BY h.order_number ORDER BY h.first_seen_at)
),
hidden AS (
    SELECT order_number, count(*) = count(updated_at) AND count(*) = count(known_until) AS is_complete,
        max(updated_at - known_until) AS longest
    FROM look GROUP BY order_number
),
stay AS (
    SELECT order_number,
        min(CASE WHEN is_collect AND NOT coalesce(was_collect, FALSE) THEN known_until END) AS entered_from,
        max(CASE WHEN NOT is_collect AND was_collect THEN coalesce(updated_at, first_seen_at) END) AS left_by,
        max(CASE WHEN NOT is_collect AND was_collect THEN known_until END) AS left_from,
        count(CASE WHEN is_collect AND NOT coalesce(was_collect, FALSE) AND known_until IS NULL THEN 1 END) = 0 AS has_start
    FROM look GROUP BY order_number
),
pull AS (
    SELECT pulled_at, lead(pulled_at) OVER (ORDER BY pulled_at) AS next_at
    FROM (SELECT DISTINCT registered_at AS pulled_at FROM ss_shipment_line
        WHERE account = $account AND registered_at IS NOT NULL AND coalesce(registered_by, 'API') = 'API')
),
missed AS (
    SELECT s.order_number, max(p.pulled_at) AS pull_before, min(p.next_at) AS pull_after
    FROM stay s
    JOIN pull p ON p.pulled_at < s.entered_from AND p.next_at > s.left_by
        AND p.next_at - p.pulled_at <= CAST($pull_lag_error_min AS INTEGER) * INTERVAL '1 minute'
        AND s.left_by - s.entered_from < CAST($pull_lag_error_min AS INTEGER) * INTERVAL '1 minute'
    WHERE s.has_start
    GROUP BY s.order_number
)
SELECT g.*, s.entered_from, s.left_from, s.left_by, m.pull_before, m.pull_after,
    CAST(floor(extract(epoch FROM h.longest) / 60) AS INTEGER) AS longest_hidden_min,
    CASE
        WHEN g.was_waiting AND m.order_number IS NOT NULL THEN 'F40'
        WHEN NOT g.was_waiting AND g.phase_role IN ('after', 'shipped') AND h.is_complete
            AND h.longest <= CAST($hidden_stay_max_min AS INTEGER) * INTERVAL '1 minute' THEN 'F39'
        WHEN g.was_waiting AND g.phase_role <> 'shipped' THEN 'F37'
        ELSE 'F07'
    END AS cause
FROM gone g
LEFT JOIN hidden h ON h.order_number = g.order_number
LEFT JOIN stay s ON s.order_number = g.order_number
LEFT JOIN missed m ON m.order_number = g.order_number;

-- name: F07
SELECT CASE WHEN NOT is_weak AND phase_role <> 'unknown' AND covered_until >= needed_at
        THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, changed_at AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN phase_role = 'unknown' THEN 'phase_role'
        WHEN covered_until >= needed_at THEN NULL WHEN newest_file_at >= needed_at THEN 'smartship_coverage'
        ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, phase_name, changed_at, covered_until, needed_at, created_from AS created_at,
    was_waiting AS was_seen_waiting, delivery_number, CAST(NULL AS VARCHAR) AS burst
FROM moved_order
WHERE cause = 'F07'
ORDER BY order_number;

-- name: F37
SELECT CASE WHEN NOT is_weak AND covered_until >= needed_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, changed_at AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN covered_until >= needed_at THEN NULL
        WHEN newest_file_at >= needed_at THEN 'smartship_coverage' ELSE 'smartship_file_newer_than' END AS missing,
    CASE WHEN phase_role = 'before' THEN 'medium' END AS severity, phase_name, left_from, left_by, covered_until,
    needed_at, created_from AS created_at, CAST(NULL AS VARCHAR) AS burst
FROM moved_order
WHERE cause = 'F37'
ORDER BY order_number;

-- name: F39
SELECT CASE WHEN NOT is_weak AND covered_until >= needed_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, changed_at AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN covered_until >= needed_at THEN NULL
        WHEN newest_file_at >= needed_at THEN 'smartship_coverage' ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, phase_name, changed_at, created_from AS created_at, longest_hidden_min, covered_until, needed_at,
    CAST(NULL AS VARCHAR) AS burst
FROM moved_order
WHERE cause = 'F39'
ORDER BY order_number;

-- name: F40
SELECT CASE WHEN NOT is_weak AND covered_until >= needed_at THEN 'finding' ELSE 'cannot_tell' END AS kind,
    'order' AS subject_kind, order_number AS subject, order_number, order_code, shop_code, left_by AS since,
    CASE WHEN is_weak THEN 'weak_link' WHEN covered_until >= needed_at THEN NULL
        WHEN newest_file_at >= needed_at THEN 'smartship_coverage' ELSE 'smartship_file_newer_than' END AS missing,
    NULL AS severity, phase_name, entered_from, left_by, pull_before, pull_after, covered_until, needed_at,
    created_from AS created_at, CAST(NULL AS VARCHAR) AS burst
FROM moved_order
WHERE cause = 'F40'
ORDER BY order_number;

-- name: F41
-- What Smartship knows of it is evidence only: the phase alone makes it ship again.
SELECT 'finding' AS kind, 'order' AS subject_kind, c.order_number AS subject, c.order_number, c.order_code, c.shop_code,
    r.returned_by AS since, NULL AS missing, NULL AS severity, c.phase_name, r.shipped_since, r.shipped_until, r.returned_by,
    c.delivery_number, c.ss_packings AS packings, coalesce(c.ss_status, 'UNKNOWN') AS ss_status
FROM returned_order r
JOIN order_case c ON c.account = $account AND c.order_number = r.order_number
ORDER BY c.order_number;
