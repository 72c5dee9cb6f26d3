-- What people decided about findings, read for lists and acts, and written from the ledger.

-- name: rows
-- triage: open | acknowledged | snoozed | ignored | resolved. Waiting counts from the opening, or from the end of a snooze.
SELECT * FROM (
    SELECT w.*, greatest(0.0, EXTRACT(EPOCH FROM (CAST($now AS TIMESTAMP) - w.waiting_since)) / 3600.0) AS waiting_h,
           w.triage = 'open' AND w.waiting_since < CAST($now AS TIMESTAMP) - w.limit_h * INTERVAL '1 hour' AS is_overdue
    FROM (
        SELECT v.*,
            CASE WHEN v.finding_state = 'resolved' THEN 'resolved'
                 WHEN NOT v.is_held OR (v.decided = 'snoozed' AND v.snoozed_until <= $now) THEN 'open'
                 ELSE v.decided END AS triage,
            v.version > 0 AND NOT v.is_held AND v.finding_state = 'open' AS is_returned,
            CASE WHEN v.is_held AND v.decided = 'snoozed' AND v.snoozed_until <= $now
                 THEN greatest(v.opened_at, v.snoozed_until) ELSE v.opened_at END AS waiting_since,
            CASE v.severity WHEN 'high' THEN CAST($high_h AS DOUBLE) WHEN 'medium' THEN CAST($medium_h AS DOUBLE)
                 ELSE CAST($low_h AS DOUBLE) END AS limit_h
        FROM finding_triage AS v
        WHERE ($account IS NULL OR v.account = $account)
          AND (len($rules) = 0 OR list_contains($rules, v.rule))
          AND (len($kinds) = 0 OR list_contains($kinds, v.kind))
          AND (len($keys) = 0 OR list_contains($keys, v.finding_key))
          AND ($assignee IS NULL OR v.assignee = $assignee)
          AND (len($orders) = 0 OR EXISTS (
               SELECT 1 FROM order_finding AS o WHERE o.account = v.account AND o.finding_key = v.finding_key
                 AND list_contains($orders, concat(o.account, chr(10), o.order_number))))
    ) AS w
) AS r
WHERE (len($states) = 0 OR list_contains($states, r.triage))
  AND (NOT CAST($overdue AS BOOLEAN) OR r.is_overdue)
ORDER BY r.is_overdue DESC, CASE r.severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, r.waiting_since,
         r.account, r.finding_key
LIMIT $size OFFSET $offset

-- name: counts
SELECT c.triage, count(*), count(*) FILTER (WHERE c.triage = 'open' AND c.waiting_since < CAST($now AS TIMESTAMP)
           - c.limit_h * INTERVAL '1 hour'), count(*) FILTER (WHERE c.assignee = $person)
FROM (
    SELECT v.assignee,
        CASE WHEN v.finding_state = 'resolved' THEN 'resolved'
             WHEN NOT v.is_held OR (v.decided = 'snoozed' AND v.snoozed_until <= $now) THEN 'open'
             ELSE v.decided END AS triage,
        CASE WHEN v.is_held AND v.decided = 'snoozed' AND v.snoozed_until <= $now
             THEN greatest(v.opened_at, v.snoozed_until) ELSE v.opened_at END AS waiting_since,
        CASE v.severity WHEN 'high' THEN CAST($high_h AS DOUBLE) WHEN 'medium' THEN CAST($medium_h AS DOUBLE)
             ELSE CAST($low_h AS DOUBLE) END AS limit_h
    FROM finding_triage AS v WHERE $account IS NULL OR v.account = $account
) AS c
GROUP BY c.triage

-- name: items
-- The findings named, as they stand; is_fresh: an act on it begins from "open".
SELECT v.account, v.finding_key, v.version, v.opened_at, v.reopened, v.kind, v.finding_state, v.actor, v.acted_at,
       NOT v.is_held OR coalesce(v.decided = 'snoozed' AND v.snoozed_until <= $now, FALSE) AS is_fresh
FROM finding_triage AS v
JOIN (SELECT unnest(CAST($accounts AS VARCHAR[])) AS account, unnest(CAST($keys AS VARCHAR[])) AS finding_key) AS w
    ON w.account = v.account AND w.finding_key = v.finding_key

-- name: over
-- Decided findings that resolved since anybody looked.
SELECT account, finding_key, version, opened_at, reopened, kind, finding_state, actor, acted_at, TRUE AS is_fresh
FROM finding_triage
WHERE account = $account AND finding_state = 'resolved' AND decided <> 'open' AND NOT is_over

-- name: returned
-- Findings that are there again after the occurrence that people decided about.
SELECT account, finding_key, version, opened_at, reopened, kind, finding_state, actor, acted_at, TRUE AS is_fresh
FROM finding_triage
WHERE account = $account AND finding_state = 'open' AND (is_over OR (NOT is_held AND decided <> 'open'))

-- name: steps
SELECT s.account, s.finding_key, s.sequence, s.root, s.undoes, s.event, s.state, s.assignee, s.note_sequence,
       s.reason_sequence, s.snoozed_until, s.vendor, s.vendor_ref, s.asked_at, s.confirmed_at, s.seen_opened_at,
       s.seen_reopened, s.seen_kind, s.is_over, s.actor, s.acted_at
FROM triage_step AS s
JOIN (SELECT DISTINCT unnest(CAST($accounts AS VARCHAR[])) AS account,
             unnest(CAST($keys AS VARCHAR[])) AS finding_key) AS w
    ON w.account = s.account AND w.finding_key = s.finding_key
ORDER BY s.sequence

-- name: touched
SELECT account, finding_key FROM triage_step WHERE sequence = $sequence

-- name: write_steps
INSERT INTO triage_step (account, finding_key, sequence, root, undoes, event, state, assignee, note_sequence,
    reason_sequence, snoozed_until, vendor, vendor_ref, asked_at, confirmed_at, seen_opened_at, seen_reopened,
    seen_kind, is_over, actor, acted_at)
SELECT account, finding_key, sequence, root, undoes, event, state, assignee, note_sequence, reason_sequence,
    snoozed_until, vendor, vendor_ref, asked_at, confirmed_at, seen_opened_at, seen_reopened, seen_kind, is_over,
    actor, acted_at
FROM new_triage_step

-- name: write_last
INSERT INTO triage (account, finding_key, sequence, root, undoes, event, state, assignee, note_sequence,
    reason_sequence, snoozed_until, vendor, vendor_ref, asked_at, confirmed_at, seen_opened_at, seen_reopened,
    seen_kind, is_over, actor, acted_at, recalled_at)
SELECT n.account, n.finding_key, n.sequence, n.root, n.undoes, n.event, n.state, n.assignee, n.note_sequence,
    n.reason_sequence, n.snoozed_until, n.vendor, n.vendor_ref, n.asked_at, n.confirmed_at, n.seen_opened_at,
    n.seen_reopened, n.seen_kind, n.is_over, n.actor, n.acted_at,
    CASE WHEN f.finding_key IS NULL THEN CAST($now AS TIMESTAMP) END
FROM (SELECT *, row_number() OVER (PARTITION BY account, finding_key ORDER BY sequence DESC) AS place
      FROM new_triage_step) AS n
LEFT JOIN finding AS f ON f.account = n.account AND f.finding_key = n.finding_key
WHERE n.place = 1
ON CONFLICT (account, finding_key) DO UPDATE SET
    sequence = excluded.sequence, root = excluded.root, undoes = excluded.undoes, event = excluded.event,
    state = excluded.state, assignee = excluded.assignee, note_sequence = excluded.note_sequence,
    reason_sequence = excluded.reason_sequence, snoozed_until = excluded.snoozed_until, vendor = excluded.vendor,
    vendor_ref = excluded.vendor_ref, asked_at = excluded.asked_at, confirmed_at = excluded.confirmed_at,
    seen_opened_at = excluded.seen_opened_at, seen_reopened = excluded.seen_reopened,
    seen_kind = excluded.seen_kind, is_over = excluded.is_over, actor = excluded.actor,
    acted_at = excluded.acted_at, recalled_at = coalesce(excluded.recalled_at, triage.recalled_at)

-- name: forget_account
DELETE FROM triage WHERE account = $account;
DELETE FROM triage_step WHERE account = $account;
DELETE FROM triage_list WHERE account = $account

-- name: forget_all
DELETE FROM triage;
DELETE FROM triage_step;
DELETE FROM saved_view

-- name: freeze
INSERT INTO triage_list (account, finding_key, list_id, version, made_at)
SELECT unnest(CAST($accounts AS VARCHAR[])), unnest(CAST($keys AS VARCHAR[])), $list_id,
       unnest(CAST($versions AS VARCHAR[])), $now

-- name: forget_lists
DELETE FROM triage_list WHERE made_at < $before

-- name: frozen
SELECT account, finding_key, version FROM triage_list WHERE list_id = $list_id ORDER BY account, finding_key

-- name: put_view
INSERT INTO saved_view (account, name, screen, query, actor, saved_at)
VALUES ($account, $name, $screen, $query, $actor, $saved_at)
ON CONFLICT (name) DO UPDATE SET account = excluded.account, screen = excluded.screen, query = excluded.query,
    actor = excluded.actor, saved_at = excluded.saved_at

-- name: remove_view
DELETE FROM saved_view WHERE name = $name

-- name: views
SELECT name, screen, query, actor, saved_at FROM saved_view ORDER BY name
