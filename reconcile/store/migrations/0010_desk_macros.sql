-- What people decided about an order's findings, as the list and its counts both read it. instant: now; the hours: after
-- which a finding of that severity is overdue (AgeingLimits). triage is the most urgent of an order's findings;
-- waiting_since counts from the oldest open one.

CREATE MACRO order_desk(instant, high_h, medium_h, low_h) AS TABLE
WITH tied AS (
    SELECT account, order_number, rule, assignee,
        CASE WHEN NOT is_held OR (decided = 'snoozed' AND snoozed_until <= instant) THEN 'open' ELSE decided END AS triage,
        CASE WHEN is_held AND decided = 'snoozed' AND snoozed_until <= instant
             THEN greatest(opened_at, snoozed_until) ELSE opened_at END AS waiting_since,
        CASE severity WHEN 'high' THEN CAST(high_h AS DOUBLE) WHEN 'medium' THEN CAST(medium_h AS DOUBLE)
             ELSE CAST(low_h AS DOUBLE) END AS limit_h
    FROM order_finding
)
SELECT account, order_number, list_distinct(list(rule)) AS rules, list_distinct(list(assignee)) AS people,
    nullif(array_to_string(list_sort(list_distinct(list(assignee))), ', '), '') AS assignee,
    CASE min(CASE triage WHEN 'open' THEN 0 WHEN 'acknowledged' THEN 1 WHEN 'snoozed' THEN 2 ELSE 3 END)
        WHEN 0 THEN 'open' WHEN 1 THEN 'acknowledged' WHEN 2 THEN 'snoozed' ELSE 'ignored' END AS triage,
    coalesce(min(CASE WHEN triage = 'open' THEN waiting_since END), min(waiting_since)) AS waiting_since,
    bool_or(triage = 'open' AND waiting_since < CAST(instant AS TIMESTAMP) - limit_h * INTERVAL '1 hour') AS is_overdue
FROM tied GROUP BY account, order_number;

-- How far an order came: 0 not in the collect phase yet, 1 there, 2 at Smartship, 3 shipped, 4 written back; -1 not counted.

CREATE MACRO flow_stage(counts, is_weak, shipped_at, delivery_number, phase_role) AS
    CASE WHEN NOT counts THEN -1
         WHEN NOT is_weak AND shipped_at IS NOT NULL AND coalesce(delivery_number, '') <> ''
              AND phase_role IN ('after', 'shipped') THEN 4
         WHEN NOT is_weak AND shipped_at IS NOT NULL THEN 3
         WHEN NOT is_weak THEN 2
         WHEN phase_role IN ('collect', 'after', 'shipped') THEN 1 ELSE 0 END;
