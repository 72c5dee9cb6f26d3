-- Counts and look-ups of the list of orders: what each filter would show, and which numbers there are.

-- name: facets
-- Orders by value of each filter, under all the other filters: the number beside a choice is what the choice shows.
-- Orders are counted by kind and by what the clock decides; the filters see some hundred groups of a million orders.
WITH alike AS (
    SELECT kind_ordinal, coalesce(coalesce(created_at, ordered_at) < $flow_since, FALSE) AS is_old,
        coalesce(least(pending_high, pending_medium, pending_low) <= $now, FALSE) AS is_pending,
        coalesce(pending_high < $late_high OR pending_medium < $late_medium OR pending_low < $late_low, FALSE) AS is_overdue,
        count(*) AS orders
    FROM order_case
    WHERE ($account IS NULL OR account = $account)
      AND ($ordered_from IS NULL OR ordered_at >= $ordered_from)
      AND ($ordered_to IS NULL OR ordered_at < $ordered_to)
      AND (len($numbers) = 0 OR rowid IN (SELECT unnest(CAST($row_nos AS BIGINT[]))))
    GROUP BY ALL
),
known AS (
    SELECT k.state, k.phase_name, p.position, k.rules, k.people, a.is_overdue, a.orders,
        CASE WHEN a.is_pending THEN 'open' ELSE k.decided END AS triage, CASE WHEN a.is_old THEN -1 ELSE k.stage END AS stage
    FROM alike AS a
    JOIN order_kind AS k ON k.kind_ordinal = a.kind_ordinal
    LEFT JOIN cm_phase AS p ON p.account = k.account AND p.phase_name = k.phase_name
    WHERE (len($shops) = 0 OR list_contains($shops, k.shop_code)) AND (NOT CAST($overdue AS BOOLEAN) OR a.is_overdue)
),
counted AS (
    SELECT *, len($states) = 0 OR list_contains($states, state) AS in_state,
        len($phases) = 0 OR list_contains($phases, phase_name) AS in_phase,
        len($rules) = 0 OR coalesce(list_has_any(string_split(rules, ' '), $rules), FALSE) AS in_rule,
        coalesce($desk = 'all' OR ($desk = 'open' AND triage = 'open')
            OR ($desk = 'mine' AND list_contains(string_split(people, chr(10)), $person)), FALSE) AS in_desk,
        CAST($flow_least AS INTEGER) IS NULL OR stage BETWEEN $flow_least AND $flow_most AS in_flow
    FROM known
)
SELECT 'total' AS facet, 'orders' AS code, coalesce(sum(orders), 0) AS orders, NULL AS place
FROM counted WHERE in_state AND in_phase AND in_rule AND in_desk AND in_flow
UNION ALL
SELECT 'state', state, coalesce(sum(orders), 0), NULL
FROM counted WHERE in_phase AND in_rule AND in_desk AND in_flow GROUP BY state
UNION ALL
SELECT 'phase', phase_name, coalesce(sum(orders), 0), min(position)
FROM counted WHERE in_state AND in_rule AND in_desk AND in_flow AND phase_name IS NOT NULL GROUP BY phase_name
UNION ALL
SELECT 'rule', rule, coalesce(sum(orders), 0), NULL
FROM (SELECT unnest(string_split(rules, ' ')) AS rule, orders FROM counted WHERE in_state AND in_phase AND in_desk AND in_flow) AS r GROUP BY rule
UNION ALL
SELECT 'flow', CAST(stage AS VARCHAR), coalesce(sum(orders), 0), NULL
FROM counted WHERE in_state AND in_phase AND in_rule AND in_desk GROUP BY stage
UNION ALL
SELECT 'desk', 'all', coalesce(sum(orders), 0), NULL FROM counted WHERE in_state AND in_phase AND in_rule AND in_flow
UNION ALL
SELECT 'desk', 'open', coalesce(sum(orders), 0), NULL FROM counted
WHERE in_state AND in_phase AND in_rule AND in_flow AND triage = 'open'
UNION ALL
SELECT 'desk', 'mine', coalesce(sum(orders), 0), NULL FROM counted
WHERE in_state AND in_phase AND in_rule AND in_flow AND list_contains(string_split(people, chr(10)), $person)
UNION ALL
SELECT 'ageing', 'overdue', coalesce(sum(orders), 0), NULL FROM counted
WHERE in_state AND in_phase AND in_rule AND in_flow AND in_desk AND is_overdue
ORDER BY facet, place NULLS LAST, code

-- name: numbers_found
-- Orders that are known by one of these numbers: row number, and every number by which they are known. Each column is asked
-- by itself: a list of alternatives would be tried on every order.
WITH wanted AS (SELECT unnest(CAST($numbers AS VARCHAR[])) AS number),
listed AS NOT MATERIALIZED (
    SELECT rowid AS row_no, order_number, order_code, delivery_number, ss_tracking, ss_packings, kind_ordinal
    FROM order_case WHERE ($account IS NULL OR account = $account)
),
found AS (
    SELECT * FROM listed SEMI JOIN wanted ON number = order_number
    UNION ALL SELECT * FROM listed SEMI JOIN wanted ON number = order_code
    UNION ALL SELECT * FROM listed SEMI JOIN wanted ON number = delivery_number
    UNION ALL SELECT * FROM listed SEMI JOIN wanted ON number = ss_tracking
    UNION ALL SELECT * FROM listed SEMI JOIN wanted ON number = ss_packings
    UNION ALL SELECT c.* FROM listed AS c JOIN order_kind AS k ON k.kind_ordinal = c.kind_ordinal AND k.has_blanks
        WHERE CASE WHEN k.has_blanks  -- asked after the join, of few orders
            THEN list_has_any(string_split(concat_ws(' ', c.ss_tracking, c.ss_packings), ' '), $numbers) END
)
SELECT row_no, order_number, order_code, delivery_number, string_split(coalesce(ss_tracking, ''), ' '),
       string_split(coalesce(ss_packings, ''), ' ')
FROM found
