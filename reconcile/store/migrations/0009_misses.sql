-- Orders that Smartship should have collected and did not, with the weekday (Monday 0) and hour in JST of the latest instant
-- at which each can have left the collect phase. Cancelled and bundled orders are rightly absent.

CREATE VIEW missed_order AS
SELECT account, order_number, coalesce(left_by, entered_by) AS missed_by,
    CAST(extract(isodow FROM coalesce(left_by, entered_by) + INTERVAL '9 hours') AS INTEGER) - 1 AS weekday,
    CAST(extract(hour FROM coalesce(left_by, entered_by) + INTERVAL '9 hours') AS INTEGER) AS hour_of_day
FROM order_stay
WHERE verdict = 'missed' AND cause NOT IN ('cancelled_before_pull', 'merged_packing', 'bundled_child');
