-- name: notice
-- Open findings of the severities asked for that nobody set aside, each occurrence once.
INSERT INTO alert_item (account, channel, item_key, kind, finding_key, rule, order_number, detected_at)
SELECT f.account, $channel, f.finding_key || '|' || CAST(f.opened_at AS VARCHAR), 'finding', f.finding_key, f.rule,
       f.order_number, $now
FROM finding_triage AS f
WHERE f.account = $account AND f.finding_state = 'open' AND f.kind = 'finding'
  AND CASE f.severity WHEN 'high' THEN 2 WHEN 'medium' THEN 1 ELSE 0 END >= $rank
  AND NOT (f.is_held AND (f.decided = 'ignored' OR (f.decided = 'snoozed' AND coalesce(f.snoozed_until > $now, TRUE))))
ON CONFLICT DO NOTHING

-- name: forget_over
-- A told finding whose occurrence has ended: when it returns, it is a new one.
DELETE FROM alert_item WHERE account = $account AND channel = $channel AND kind = 'finding' AND message_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM finding AS f WHERE f.account = alert_item.account
      AND f.finding_key = alert_item.finding_key AND f.state = 'open' AND f.kind = 'finding'
      AND alert_item.item_key = f.finding_key || '|' || CAST(f.opened_at AS VARCHAR))

-- name: notice_overdue
INSERT INTO alert_item (account, channel, item_key, kind, since, reason, detected_at)
VALUES ($account, $channel, 'overdue|' || coalesce(CAST($since AS VARCHAR), ''), 'overdue', $since, $reason, $now)
ON CONFLICT DO NOTHING

-- name: notice_recovered
INSERT INTO alert_item (account, channel, item_key, kind, since, detected_at)
SELECT account, channel, 'recovered' || substr(item_key, 8), 'recovered', since, $now FROM alert_item
WHERE account = $account AND channel = $channel AND kind = 'overdue'
ON CONFLICT DO NOTHING

-- name: forget_sync
DELETE FROM alert_item WHERE account = $account AND channel = $channel AND kind <> 'finding' AND message_id IS NOT NULL

-- name: untold
-- What no message tells yet, by rule; `since` of the earliest.
SELECT rule, count(*) AS found, min(detected_at) AS detected_at FROM alert_item
WHERE account = $account AND channel = $channel AND kind = 'finding' AND message_id IS NULL
GROUP BY rule ORDER BY found DESC, rule

-- name: untold_orders
SELECT rule, order_number FROM (
    SELECT rule, order_number, row_number() OVER (PARTITION BY rule ORDER BY order_number) AS place FROM (
        SELECT DISTINCT rule, order_number FROM alert_item
        WHERE account = $account AND channel = $channel AND kind = 'finding' AND message_id IS NULL
          AND order_number IS NOT NULL) AS orders) AS placed
WHERE place <= $most ORDER BY rule, place

-- name: untold_sync
SELECT kind, since, reason FROM alert_item
WHERE account = $account AND channel = $channel AND kind <> 'finding' AND message_id IS NULL ORDER BY detected_at, kind

-- name: told
UPDATE alert_item SET message_id = $message_id
WHERE account = $account AND channel = $channel AND message_id IS NULL
  AND (kind = 'finding') = CAST($is_finding AS BOOLEAN)

-- name: messages_so_far
-- How many messages of that topic there were, and how many of them are not out yet.
SELECT count(*), count(CASE WHEN state <> 'sent' THEN 1 END) FROM alert_message
WHERE account = $account AND channel = $channel AND topic = $topic

-- name: make
INSERT INTO alert_message (account, message_id, channel, topic, facts, state, made_at, tries, next_try_at, may_repeat, status)
VALUES ($account, $message_id, $channel, $topic, $facts, 'waiting', $now, 0, $now, FALSE, 0)

-- name: interrupted
-- Nobody sends any more what stands as being sent: whether it arrived is not known.
UPDATE alert_message SET state = 'waiting', may_repeat = TRUE, reason = 'interrupted', next_try_at = $now
WHERE state = 'sending'

-- name: waiting
SELECT account, message_id, channel, topic, facts, tries, may_repeat FROM alert_message
WHERE state = 'waiting' AND next_try_at <= $now ORDER BY made_at, message_id

-- name: begin
UPDATE alert_message SET state = 'sending', tries = tries + 1 WHERE message_id = $message_id AND state = 'waiting'

-- name: sent
UPDATE alert_message SET state = 'sent', sent_at = $now, reason = $reason, status = 0
WHERE message_id = $message_id AND state <> 'sent'

-- name: not_sent
UPDATE alert_message SET state = 'waiting', reason = $reason, status = $status, next_try_at = $next_try_at,
       may_repeat = may_repeat OR CAST($is_unknown AS BOOLEAN)
WHERE message_id = $message_id

-- name: later
UPDATE alert_message SET next_try_at = $next_try_at WHERE message_id = $message_id

-- name: forget_old
-- The latest of each topic stays: it says that the channel has spoken before.
DELETE FROM alert_message WHERE state = 'sent' AND sent_at < $before AND EXISTS (
    SELECT 1 FROM alert_message AS newer WHERE newer.account = alert_message.account
      AND newer.channel = alert_message.channel AND newer.topic = alert_message.topic
      AND newer.made_at > alert_message.made_at)

-- name: outbox
SELECT account, message_id, channel, topic, state, made_at, tries, next_try_at, may_repeat, sent_at, reason, status, facts
FROM alert_message ORDER BY made_at DESC, message_id LIMIT $most

-- name: standing
-- By channel: waiting messages, the oldest of them, the last failure among them, and when one was last sent.
SELECT channel, count(CASE WHEN state <> 'sent' THEN 1 END), min(CASE WHEN state <> 'sent' THEN made_at END),
       max(CASE WHEN state <> 'sent' THEN reason END), max(CASE WHEN state <> 'sent' THEN status END), max(sent_at)
FROM alert_message GROUP BY channel

-- name: forget_channel
DELETE FROM alert_item WHERE channel = $channel;
DELETE FROM alert_message WHERE channel = $channel
