-- Counts and look-ups of the list of orders: what each filter would show, and which numbers there are.

-- name: facets
-- Orders by value of each filter, under all the other filters: the number beside a choice is what the choice shows.
-- Orders that no filter tells apart are counted first: a million orders become some hundred groups.
WITH wanted AS (SELECT unnest(CAST($numbers AS VARCHAR[])) AS number), marked AS (
    SELECT c.state, c.phase_name, p.position, d.rules, d.triage, d.people, d.is_overdue,
        flow_stage(NOT (c.is_cancelled OR coalesce(c.created_at, c.ordered_at) < $flow_since), c.ss_is_weak,
             c.ss_shipped_at, c.delivery_number, c.phase_role) AS stage
    FROM order_case AS c
    LEFT JOIN order_desk($now, $high_h, $medium_h, $low_h) AS d ON d.account = c.account AND d.order_number = c.order_number
    LEFT JOIN cm_phase AS p ON p.account = c.account AND p.phase_name = c.phase_name
    WHERE ($account IS NULL OR c.account = $account)
      AND (len($shops) = 0 OR list_contains($shops, c.shop_code))
      AND ($ordered_from IS NULL OR c.ordered_at >= $ordered_from)
      AND ($ordered_to IS NULL OR c.ordered_at < $ordered_to)
      AND (len($numbers) = 0 OR c.order_number IN (SELECT number FROM wanted) OR c.order_code IN (SELECT number FROM wanted)
             OR c.delivery_number IN (SELECT number FROM wanted) OR c.ss_tracking IN (SELECT number FROM wanted)
             OR c.ss_packings IN (SELECT number FROM wanted)
             OR (contains(c.ss_tracking, ' ') AND list_has_any(string_split(c.ss_tracking, ' '), $numbers))
             OR (contains(c.ss_packings, ' ') AND list_has_any(string_split(c.ss_packings, ' '), $numbers)))
      AND (NOT CAST($overdue AS BOOLEAN) OR d.is_overdue)
), alike AS (
    SELECT state, phase_name, position, rules, triage, people, is_overdue, stage, count(*) AS orders FROM marked GROUP BY ALL
), counted AS (
    SELECT *, len($states) = 0 OR list_contains($states, state) AS in_state,
        len($phases) = 0 OR list_contains($phases, phase_name) AS in_phase,
        len($rules) = 0 OR coalesce(list_has_any(rules, $rules), FALSE) AS in_rule,
        coalesce($desk = 'all' OR ($desk = 'open' AND triage = 'open')
            OR ($desk = 'mine' AND list_contains(people, $person)), FALSE) AS in_desk,
        CAST($flow_least AS INTEGER) IS NULL OR stage BETWEEN $flow_least AND $flow_most AS in_flow
    FROM alike
)
SELECT 'state' AS facet, state AS code, coalesce(sum(orders), 0) AS orders, NULL AS place
FROM counted WHERE in_phase AND in_rule AND in_desk AND in_flow GROUP BY state
UNION ALL
SELECT 'phase', phase_name, coalesce(sum(orders), 0), min(position)
FROM counted WHERE in_state AND in_rule AND in_desk AND in_flow AND phase_name IS NOT NULL GROUP BY phase_name
UNION ALL
SELECT 'rule', rule, coalesce(sum(orders), 0), NULL
FROM (SELECT unnest(rules) AS rule, orders FROM counted WHERE in_state AND in_phase AND in_desk AND in_flow) AS r GROUP BY rule
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
WHERE in_state AND in_phase AND in_rule AND in_flow AND list_contains(people, $person)
UNION ALL
SELECT 'ageing', 'overdue', coalesce(sum(orders), 0), NULL FROM counted
WHERE in_state AND in_phase AND in_rule AND in_flow AND in_desk AND is_overdue
ORDER BY facet, place NULLS LAST, code

-- name: numbers_found
-- Every number by which the orders of these numbers are known.
WITH wanted AS (SELECT unnest(CAST($numbers AS VARCHAR[])) AS number)
SELECT order_number, order_code, delivery_number, string_split(coalesce(ss_tracking, ''), ' '),
       string_split(coalesce(ss_packings, ''), ' ')
FROM order_case
WHERE ($account IS NULL OR account = $account)
  AND (order_number IN (SELECT number FROM wanted) OR order_code IN (SELECT number FROM wanted)
         OR delivery_number IN (SELECT number FROM wanted) OR ss_tracking IN (SELECT number FROM wanted)
         OR ss_packings IN (SELECT number FROM wanted)
         OR (contains(ss_tracking, ' ') AND list_has_any(string_split(ss_tracking, ' '), $numbers))
         OR (contains(ss_packings, ' ') AND list_has_any(string_split(ss_packings, ' '), $numbers)))
