-- name: past_runs
-- Runs that begin later than now were written by a clock that has been set back; they are not believed.
SELECT a.account, a.sync_every_min, a.created_at, a.changed_at,
       r.started_at, r.finished_at, r.state, r.error_class, g.good_at,
       EXISTS (SELECT 1 FROM sync_run AS l WHERE l.account = a.account AND l.started_at > $now) AS ahead,
       (SELECT count(*) FROM sync_run AS f
        WHERE f.account = a.account AND f.state = 'failed' AND f.started_at <= $now
          AND f.started_at > coalesce(g.good_at, TIMESTAMP '1970-01-01 00:00:00')) AS failures
FROM account AS a
LEFT JOIN (SELECT account, started_at, finished_at, state, error_class FROM sync_run WHERE started_at <= $now
           QUALIFY row_number() OVER (PARTITION BY account ORDER BY started_at DESC) = 1) AS r
    ON r.account = a.account
LEFT JOIN (SELECT account, max(started_at) AS good_at FROM sync_run
           WHERE state = 'complete' AND started_at <= $now GROUP BY account) AS g
    ON g.account = a.account
ORDER BY a.account

-- name: clock_skews
-- By how many seconds the vendor's clock was ahead of ours in the last complete run, where that is too much.
SELECT account, clock_skew_s FROM (
    SELECT account, clock_skew_s, row_number() OVER (PARTITION BY account ORDER BY started_at DESC) AS place
    FROM sync_run WHERE state = 'complete') AS runs
WHERE place = 1 AND clock_skew_s IS NOT NULL

-- name: touch_account
UPDATE account SET changed_at = $changed_at WHERE account = $account
