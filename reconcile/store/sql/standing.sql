-- Keeps every order's kind and times as the view order_standing says (migration 0011): after a rules run for the account,
-- after an act of a person for the orders it touched.

-- name: drop_fresh_standing
DROP TABLE IF EXISTS fresh_standing

-- name: find_standing
-- Orders that stand as they stood are left alone: at a million orders that is nearly all of them.
CREATE TEMPORARY TABLE fresh_standing AS SELECT * FROM order_standing WHERE account = $account AND NOT is_right

-- name: find_touched_standing
CREATE TEMPORARY TABLE fresh_standing AS
SELECT s.* FROM order_standing AS s
SEMI JOIN (
    SELECT f.account, f.order_number FROM order_finding AS f
    JOIN (SELECT unnest(CAST($accounts AS VARCHAR[])) AS account, unnest(CAST($keys AS VARCHAR[])) AS finding_key) AS w
        ON w.account = f.account AND w.finding_key = f.finding_key
) AS t ON t.account = s.account AND t.order_number = s.order_number

-- name: find_every_standing
CREATE TEMPORARY TABLE fresh_standing AS SELECT * FROM order_standing WHERE NOT is_right

-- name: add_kinds
INSERT INTO order_kind (kind_ordinal, account, state, phase_name, phase_role, shop_code, stage, is_expected, has_blanks, rules,
    people, decided)
SELECT (SELECT coalesce(max(kind_ordinal), 0) FROM order_kind) + row_number() OVER (), *
FROM (
    SELECT DISTINCT account, state, phase_name, phase_role, shop_code, stage, is_expected, has_blanks, rules, people, decided
    FROM fresh_standing
    EXCEPT
    SELECT account, state, phase_name, phase_role, shop_code, stage, is_expected, has_blanks, rules, people, decided
    FROM order_kind
) AS n

-- name: renew_standing
UPDATE order_case SET kind_ordinal = f.kind_ordinal, pending_high = f.pending_high, pending_medium = f.pending_medium,
    pending_low = f.pending_low, first_opened_at = f.first_opened_at
FROM (
    SELECT s.account, s.order_number, k.kind_ordinal, s.pending_high, s.pending_medium, s.pending_low, s.first_opened_at
    FROM fresh_standing AS s
    JOIN order_kind AS k ON k.account = s.account AND k.state = s.state AND k.phase_name IS NOT DISTINCT FROM s.phase_name
        AND k.phase_role = s.phase_role AND k.shop_code IS NOT DISTINCT FROM s.shop_code AND k.stage = s.stage
        AND k.is_expected = s.is_expected AND k.has_blanks = s.has_blanks AND k.rules IS NOT DISTINCT FROM s.rules
        AND k.people IS NOT DISTINCT FROM s.people AND k.decided IS NOT DISTINCT FROM s.decided
) AS f
WHERE order_case.account = f.account AND order_case.order_number = f.order_number

-- name: forget_kinds
DELETE FROM order_kind
WHERE account = $account AND kind_ordinal NOT IN (
    SELECT kind_ordinal FROM order_case WHERE account = $account AND kind_ordinal IS NOT NULL)

-- name: place_orders
-- Only where new orders came between others (see write_cases): what comes after the first of them is counted anew.
UPDATE order_case SET place = f.place
FROM (
    SELECT order_number, row_number() OVER (ORDER BY order_number) + (
        SELECT coalesce(max(place), 0) FROM order_case
        WHERE account = $account AND order_number < (
            SELECT min(order_number) FROM order_case WHERE account = $account AND place IS NULL)) AS place
    FROM order_case
    WHERE account = $account AND order_number >= (
        SELECT min(order_number) FROM order_case WHERE account = $account AND place IS NULL)
) AS f
WHERE order_case.account = $account AND order_case.order_number = f.order_number
