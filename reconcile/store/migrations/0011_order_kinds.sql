-- The list of orders at a million rows. Orders that no filter tells apart share a kind, so that filters and counts read one
-- number per order instead of joining every order with its findings; what the clock decides stands beside it in order_case.
-- Renewed with the verdicts and with every act of a person (sql/standing.sql).

CREATE TABLE order_kind (
    account        TEXT NOT NULL,
    kind_ordinal   INTEGER NOT NULL,           -- one count over all accounts
    state          TEXT NOT NULL,
    phase_name     TEXT,
    phase_role     TEXT NOT NULL,
    shop_code      TEXT,
    stage          INTEGER NOT NULL,           -- flow_stage without regard to age
    is_expected    BOOLEAN NOT NULL,           -- Smartship should hold it and does not
    has_blanks     BOOLEAN NOT NULL,           -- one field holds the numbers of several parcels, divided by blanks
    rules          TEXT,                       -- of its open findings, sorted, divided by blanks; NULL = none
    people         TEXT,                       -- who looks after them, sorted, one a line
    decided        TEXT,                       -- the most urgent decision about them, whatever the clock says
    PRIMARY KEY (account, kind_ordinal)
);

ALTER TABLE order_case ADD COLUMN kind_ordinal INTEGER;
ALTER TABLE order_case ADD COLUMN place INTEGER;              -- of its number among the account's: sorts faster than the text
ALTER TABLE order_case ADD COLUMN pending_high TIMESTAMP;     -- since when the oldest open finding of that severity waits for a
ALTER TABLE order_case ADD COLUMN pending_medium TIMESTAMP;   -- person; in the future = snoozed until then; NULL = nothing waits
ALTER TABLE order_case ADD COLUMN pending_low TIMESTAMP;
ALTER TABLE order_case ADD COLUMN first_opened_at TIMESTAMP;  -- of its open findings, decided or not

-- What an order's kind and times should be, and whether they are (is_right). A snoozed finding is pending from the end of its snooze.
CREATE VIEW order_standing AS
WITH tied AS (
    SELECT account, order_number, rule, severity, opened_at, assignee, CASE WHEN is_held THEN decided ELSE 'open' END AS decided,
        CASE WHEN NOT is_held OR decided = 'open' THEN opened_at
            WHEN decided = 'snoozed' THEN greatest(opened_at, snoozed_until) END AS pending_from
    FROM order_finding
),
decision AS (
    SELECT account, order_number, array_to_string(list_sort(list_distinct(list(rule))), ' ') AS rules,
        nullif(array_to_string(list_sort(list_distinct(list(assignee))), chr(10)), '') AS people,
        CASE min(CASE decided WHEN 'open' THEN 0 WHEN 'acknowledged' THEN 1 WHEN 'snoozed' THEN 2 ELSE 3 END)
            WHEN 0 THEN 'open' WHEN 1 THEN 'acknowledged' WHEN 2 THEN 'snoozed' ELSE 'ignored' END AS decided,
        min(CASE WHEN severity = 'high' THEN pending_from END) AS pending_high,
        min(CASE WHEN severity = 'medium' THEN pending_from END) AS pending_medium,
        min(CASE WHEN severity NOT IN ('high', 'medium') THEN pending_from END) AS pending_low,
        min(opened_at) AS first_opened_at
    FROM tied GROUP BY account, order_number
)
SELECT s.*, coalesce(k.state = s.state AND k.phase_name IS NOT DISTINCT FROM s.phase_name AND k.phase_role = s.phase_role
    AND k.shop_code IS NOT DISTINCT FROM s.shop_code AND k.stage = s.stage AND k.is_expected = s.is_expected
    AND k.has_blanks = s.has_blanks AND k.rules IS NOT DISTINCT FROM s.rules AND k.people IS NOT DISTINCT FROM s.people
    AND k.decided IS NOT DISTINCT FROM s.decided AND s.are_times_right, FALSE) AS is_right
FROM (
    SELECT c.account, c.order_number, c.kind_ordinal, c.state, c.phase_name, c.phase_role, c.shop_code,
        flow_stage(NOT c.is_cancelled, c.ss_is_weak, c.ss_shipped_at, c.delivery_number, c.phase_role) AS stage,
        c.phase_role = 'collect' AND NOT c.is_cancelled AND NOT c.is_bundle_child AND c.ss_packings IS NULL AS is_expected,
        coalesce(contains(c.ss_tracking, ' '), FALSE) OR coalesce(contains(c.ss_packings, ' '), FALSE) AS has_blanks,
        d.rules, d.people, d.decided, d.pending_high, d.pending_medium, d.pending_low, d.first_opened_at,
        c.pending_high IS NOT DISTINCT FROM d.pending_high AND c.pending_medium IS NOT DISTINCT FROM d.pending_medium
            AND c.pending_low IS NOT DISTINCT FROM d.pending_low
            AND c.first_opened_at IS NOT DISTINCT FROM d.first_opened_at AS are_times_right
    FROM order_case AS c
    LEFT JOIN decision AS d ON d.account = c.account AND d.order_number = c.order_number
) AS s
LEFT JOIN order_kind AS k ON k.kind_ordinal = s.kind_ordinal;

DROP MACRO TABLE order_desk;

-- Data folders from before.
INSERT INTO order_kind (kind_ordinal, account, state, phase_name, phase_role, shop_code, stage, is_expected, has_blanks, rules,
    people, decided)
SELECT row_number() OVER (), *
FROM (SELECT DISTINCT account, state, phase_name, phase_role, shop_code, stage, is_expected, has_blanks, rules, people, decided
    FROM order_standing);

UPDATE order_case SET kind_ordinal = k.kind_ordinal, pending_high = s.pending_high, pending_medium = s.pending_medium,
    pending_low = s.pending_low, first_opened_at = s.first_opened_at
FROM order_standing AS s, order_kind AS k
WHERE s.account = order_case.account AND s.order_number = order_case.order_number
    AND k.account = s.account AND k.state = s.state AND k.phase_name IS NOT DISTINCT FROM s.phase_name
    AND k.phase_role = s.phase_role AND k.shop_code IS NOT DISTINCT FROM s.shop_code AND k.stage = s.stage
    AND k.is_expected = s.is_expected AND k.has_blanks = s.has_blanks AND k.rules IS NOT DISTINCT FROM s.rules
    AND k.people IS NOT DISTINCT FROM s.people AND k.decided IS NOT DISTINCT FROM s.decided;

UPDATE order_case SET place = f.place
FROM (SELECT account, order_number, row_number() OVER (PARTITION BY account ORDER BY order_number) AS place
    FROM order_case) AS f
WHERE f.account = order_case.account AND f.order_number = order_case.order_number;
