-- What people decided about product links, read for the desk (mapping_desk, and the macro mapping_chosen) and written from the ledger.

-- name: filtered
SELECT account, case_key, item_code, attribute1_name, attribute2_name, mapping_class, item_name, option_text, ss_product_no,
    ss_product_name, ss_option_text, sku_no, causes, waiting_orders, decision, proposal, CAST(round(score) AS BIGINT) AS score, version, crossmall_seen_at,
    smartship_seen_at
FROM mapping_chosen($account, $states, $classes, $shops, $decisions, $search, $queue_only)

-- name: counts
SELECT mapping_class, decision, any_value(basis), count(*), CAST(sum(waiting_orders) AS BIGINT),
    count(*) FILTER (WHERE is_waiting)
FROM mapping_desk WHERE ($account IS NULL OR account = $account) AND case_place = 1
GROUP BY mapping_class, decision

-- name: count_causes
-- A case waits by its main row alone, which names each cause once.
SELECT cause, CAST(sum(cases) AS BIGINT) FROM (
    SELECT unnest(from_json(causes, '["VARCHAR"]')) AS cause, cases FROM (
        SELECT causes, count(*) AS cases FROM mapping_desk
        WHERE ($account IS NULL OR account = $account) AND is_waiting GROUP BY causes))
GROUP BY cause ORDER BY cause

-- name: count_shops
SELECT w.shop_code, coalesce(max(s.shop_name), w.shop_code), CAST(sum(w.cases) AS BIGINT) FROM (
    SELECT account, unnest(from_json(waiting_shops, '["VARCHAR"]')) AS shop_code, cases FROM (
        SELECT account, waiting_shops, count(*) AS cases FROM mapping_desk
        WHERE ($account IS NULL OR account = $account) AND is_waiting AND waiting_shops <> '[]'
        GROUP BY account, waiting_shops)) AS w
LEFT JOIN (SELECT account, shop_code, any_value(shop_name) AS shop_name FROM order_case
    WHERE ($account IS NULL OR account = $account) GROUP BY account, shop_code) AS s
    ON s.account = w.account AND s.shop_code = w.shop_code
GROUP BY w.shop_code ORDER BY w.shop_code

-- name: progress
SELECT (SELECT count(*) FROM mapping_desk WHERE ($account IS NULL OR account = $account) AND is_waiting),
    (SELECT count(*) FROM mapping_decision WHERE ($account IS NULL OR account = $account) AND decision <> 'open'
        AND acted_at >= $since AND actor <> $itself)

-- name: queue
-- One row per case, most waiting orders first. $beside: the case whose successors ($is_back: predecessors, the nearest first)
-- are wanted, whether it still waits or not.
WITH mark AS (
    SELECT waiting_orders, coalesce(item_code, '~') AS item_code, case_key FROM mapping_desk
    WHERE account = $account AND case_key = CAST($beside AS TEXT) AND case_place = 1
),
placed AS (
    SELECT d.*, coalesce(d.item_code, '~') AS place FROM mapping_chosen($account, $states, $classes, $shops, $decisions, $search,
        $queue_only) AS d
    WHERE d.case_place = 1
)
SELECT d.case_key, d.version, d.mapping_class AS state, d.item_code, coalesce(d.item_name, d.ss_product_name) AS item_name,
    coalesce(d.option_text, d.ss_option_text) AS option_text, d.sku_no, d.causes, d.waiting_orders, d.decision
FROM placed AS d
WHERE CAST($beside AS TEXT) IS NULL
    OR (NOT CAST($is_back AS BOOLEAN) AND EXISTS (SELECT 1 FROM mark AS m
        WHERE (-d.waiting_orders, d.place, d.case_key) > (-m.waiting_orders, m.item_code, m.case_key)))
    OR (CAST($is_back AS BOOLEAN) AND EXISTS (SELECT 1 FROM mark AS m
        WHERE (-d.waiting_orders, d.place, d.case_key) < (-m.waiting_orders, m.item_code, m.case_key)))
ORDER BY CASE WHEN CAST($is_back AS BOOLEAN) THEN d.waiting_orders ELSE -d.waiting_orders END,
    CASE WHEN CAST($is_back AS BOOLEAN) THEN NULL ELSE d.place END, CASE WHEN CAST($is_back AS BOOLEAN) THEN d.place END DESC,
    CASE WHEN CAST($is_back AS BOOLEAN) THEN NULL ELSE d.case_key END, d.case_key DESC
LIMIT $size

-- name: chosen_cases
SELECT d.*, d.mapping_class AS state FROM mapping_chosen($account, $states, $classes, $shops, $decisions, $search, $queue_only) AS d
WHERE d.case_place = 1 AND (d.mapping_class <> 'linked' OR d.decided <> 'open')
ORDER BY d.waiting_orders DESC, coalesce(d.item_code, '~'), d.case_key

-- name: cases
-- Every row of the cases named, the main one first.
SELECT d.*, d.mapping_class AS state FROM mapping_desk AS d
JOIN (SELECT DISTINCT unnest(CAST($keys AS VARCHAR[])) AS case_key) AS w ON w.case_key = d.case_key
WHERE d.account = $account
ORDER BY d.case_key, d.case_place

-- name: untouched_auto
-- Cases that nobody ever acted on, whose link is written alike and unique, and whose every class decides by itself.
SELECT d.*, d.mapping_class AS state FROM mapping_desk AS d
WHERE d.account = $account AND d.proposal = 'auto' AND d.is_waiting AND NOT d.is_touched
  AND list_has_all((SELECT coalesce(list(code), CAST([] AS VARCHAR[])) FROM mapping_class_setting
                    WHERE account = $account AND is_automatic), from_json(d.causes, '["VARCHAR"]'))
ORDER BY d.case_key

-- name: few_cases
SELECT *, mapping_class AS state FROM mapping_desk
WHERE account = $account AND list_contains(CAST($keys AS VARCHAR[]), case_key)
ORDER BY case_key, case_place

-- name: decision_of
SELECT * FROM mapping_decision WHERE account = $account AND case_key = $case_key

-- name: sku_rows
-- The texts of SKU numbers, link rows first.
SELECT sku_no, product_no, product_name, option_text, source, seen_at FROM ss_offer
WHERE account = $account AND sku_no IN (SELECT unnest(CAST($skus AS VARCHAR[])))
ORDER BY sku_no, source, seen_at DESC, product_no, option_text

-- name: item_sku_code
SELECT item_sku_code FROM cm_sku
WHERE account = $account AND item_code = $item_code AND attribute1_name = $attribute1_name
  AND attribute2_name = $attribute2_name AND coalesce(item_sku_code, '') <> ''

-- name: offers_stamp
-- What tells that a file came since, or that other rows count: rows, ages and files of Smartship's lists, our sales sites.
SELECT (SELECT count(*) FROM ss_sku_mapping WHERE account = $account), (SELECT max(snapshot_at) FROM ss_sku_mapping
        WHERE account = $account), (SELECT count(*) FROM ss_sku WHERE account = $account),
    (SELECT max(snapshot_at) FROM ss_sku WHERE account = $account),
    (SELECT list(import_id ORDER BY import_id) FROM ss_import WHERE account = $account AND kind IN ('skus', 'mappings')),
    (SELECT list(sales_site ORDER BY sales_site) FROM crossmall_sales_site WHERE account = $account)

-- name: offers
SELECT sku_no, product_no, product_name, option_text, source, seen_at FROM ss_offer
WHERE account = $account ORDER BY sku_no, source, product_no, option_text

-- name: steps
SELECT * FROM mapping_step
WHERE (account, case_key) IN (SELECT (unnest(CAST($accounts AS VARCHAR[])), unnest(CAST($keys AS VARCHAR[]))))
ORDER BY sequence

-- name: touched
SELECT account, case_key FROM mapping_step WHERE sequence = $sequence

-- name: write_steps
INSERT INTO mapping_step BY NAME SELECT * FROM new_mapping_step

-- name: write_last
-- One row for each case. Faster than ON CONFLICT.
DELETE FROM mapping_decision WHERE (account, case_key) IN (SELECT account, case_key FROM last_mapping_step);
INSERT INTO mapping_decision BY NAME SELECT * FROM last_mapping_step

-- name: write_act
INSERT INTO mapping_act (account, sequence, event, decision, cases, first_name, case_key, undoes, actor, acted_at)
VALUES ($account, $sequence, $event, $decision, $cases, $first_name, $case_key, $undoes, $actor, $acted_at)

-- name: acts
SELECT a.sequence, a.acted_at AS at, a.actor, a.decision, a.cases AS count, a.first_name AS first, a.case_key,
    coalesce((SELECT arg_max(t.event, t.sequence) FROM mapping_act AS t
              WHERE t.account = a.account AND t.undoes = a.sequence), '') = 'mapping.undone' AS is_undone
FROM mapping_act AS a WHERE a.account = $account ORDER BY a.sequence DESC LIMIT $size

-- name: put_class
INSERT INTO mapping_class_setting (account, code, is_automatic, actor, set_at)
VALUES ($account, $code, $is_automatic, $actor, $set_at)
ON CONFLICT (account, code) DO UPDATE SET
    is_automatic = excluded.is_automatic, actor = excluded.actor, set_at = excluded.set_at

-- name: class_record
-- Cases for which an `auto` link was proposed when a person decided: right where that link was accepted. A case that was decided
-- by itself counts once a person decides otherwise.
WITH decided AS (
    SELECT case_key, unnest(from_json(causes, '["VARCHAR"]')) AS code,
        decision = 'accepted' AND sku_no = proposed_sku_no AS is_right
    FROM mapping_decision
    WHERE account = $account AND proposal = 'auto' AND event <> 'mapping.automatic'
      AND (decision IN ('accepted', 'no_counterpart') OR list_contains(from_json(rejected, '["VARCHAR"]'), proposed_sku_no))
),
counted AS (
    SELECT code, count(*) AS decided, count(*) FILTER (WHERE is_right) AS matching FROM decided GROUP BY code
),
waiting AS (
    SELECT code, count(*) AS cases FROM (
        SELECT unnest(from_json(causes, '["VARCHAR"]')) AS code FROM mapping_desk
        WHERE account = $account AND is_waiting AND proposal = 'auto')
    GROUP BY code
)
SELECT coalesce(c.code, w.code, s.code) AS code, coalesce(w.cases, 0), coalesce(c.decided, 0), coalesce(c.matching, 0),
    coalesce(s.is_automatic, FALSE)
FROM counted AS c
FULL JOIN waiting AS w ON w.code = c.code
FULL JOIN (SELECT code, is_automatic FROM mapping_class_setting WHERE account = $account AND is_automatic) AS s
    ON s.code = coalesce(c.code, w.code)
ORDER BY 1

-- name: forget_account
DELETE FROM mapping_step WHERE account = $account;
DELETE FROM mapping_decision WHERE account = $account;
DELETE FROM mapping_act WHERE account = $account;
DELETE FROM mapping_class_setting WHERE account = $account

-- name: forget_all
DELETE FROM mapping_step;
DELETE FROM mapping_decision;
DELETE FROM mapping_act;
DELETE FROM mapping_class_setting;
DELETE FROM mapping_fate;
DELETE FROM mapping_desk;
INSERT INTO mapping_desk SELECT * FROM mapping_told

-- name: renew_fates
-- What became of each decision. A side that was not looked at since the act proves nothing (waiting). An accepted link has
-- arrived when the SKU is linked exactly; else the texts of the changed side are the old ones (not_arrived) or others (differs).
-- $keys: of a few cases only; NULL = all.
DELETE FROM mapping_fate WHERE account = $account
    AND (CAST($keys AS VARCHAR[]) IS NULL OR list_contains(CAST($keys AS VARCHAR[]), case_key));
INSERT INTO mapping_fate (account, case_key, sequence, arrival, is_changed)
WITH decided AS (
    SELECT * FROM mapping_decision WHERE account = $account AND decision <> 'open'
        AND (CAST($keys AS VARCHAR[]) IS NULL OR list_contains(CAST($keys AS VARCHAR[]), case_key))
),
present AS (
    SELECT d.case_key, max(m.item_name) AS item_name, max(i.seen_at) AS seen_at,
        bool_or(m.sku_no = d.sku_no AND (m.mapping_class IN ('linked', 'duplicate')
            OR (m.mapping_class = 'cannot_tell' AND m.score = 100.0 AND m.basis = 'mappings'))) AS is_linked,
        bool_or(m.sku_no IS NOT NULL AND r.sku_no IS NULL AND m.mapping_class NOT IN ('linked', 'duplicate')
            AND (m.sku_no IS DISTINCT FROM d.proposed_sku_no OR m.ss_product_no IS DISTINCT FROM d.ss_product_no
                OR m.ss_product_name IS DISTINCT FROM d.ss_product_name
                OR m.ss_option_text IS DISTINCT FROM d.ss_option_text)) AS is_paired_anew,
        count(*) FILTER (r.sku_no IS NULL) AS rows_left
    FROM decided d JOIN mapping_case m ON m.account = d.account AND m.case_key = d.case_key
    LEFT JOIN cm_item i ON i.account = m.account AND i.item_code = m.item_code
    LEFT JOIN mapping_rejected r ON r.account = m.account AND r.case_key = m.case_key AND r.sku_no = m.sku_no
        AND m.mapping_class IN ('near_miss', 'name_only', 'ambiguous', 'missing')
    GROUP BY d.case_key
),
row_now AS (
    SELECT d.case_key, count(*) AS held,
        bool_or(o.product_no IS NOT DISTINCT FROM d.ss_product_no AND o.product_name IS NOT DISTINCT FROM d.ss_product_name
            AND o.option_text = coalesce(d.ss_option_text, '')) AS is_same
    FROM decided d JOIN ss_link o ON o.account = d.account AND o.sku_no = d.sku_no
    WHERE d.decision = 'accepted'
    GROUP BY d.case_key
),
looked AS (
    SELECT max(snapshot_at) AS smartship_at FROM ss_sku_mapping WHERE account = $account
),
judged AS (
    SELECT d.*, coalesce(p.is_linked, FALSE) AS is_linked, coalesce(p.is_paired_anew AND p.rows_left = 1, FALSE) AS is_paired_anew,
        p.item_name IS NOT DISTINCT FROM d.item_name AS is_same_ours,
        coalesce(r.is_same, r.held IS NULL) AS is_same_theirs,
        CASE d.fix WHEN 'crossmall' THEN p.seen_at ELSE l.smartship_at END AS looked_at,
        p.case_key IS NOT NULL AS is_there
    FROM decided d
    CROSS JOIN looked l
    LEFT JOIN present p ON p.case_key = d.case_key
    LEFT JOIN row_now r ON r.case_key = d.case_key
)
SELECT account, case_key, sequence,
    CASE WHEN decision <> 'accepted' THEN NULL
         WHEN is_linked THEN 'arrived'
         WHEN coalesce(looked_at <= acted_at, TRUE) THEN 'waiting'
         WHEN fix = 'crossmall' AND is_same_ours THEN 'not_arrived'
         WHEN fix <> 'crossmall' AND is_same_theirs THEN 'not_arrived'
         ELSE 'differs' END,
    is_there AND CASE WHEN decision = 'accepted' THEN NOT is_linked AND (NOT is_same_ours OR NOT is_same_theirs)
         ELSE (state <> 'stale' AND NOT is_same_ours) OR is_paired_anew END
FROM judged

-- name: is_outdated
-- Whether a pair that the last judging left out is rejected no more.
SELECT count(*) > 0 FROM mapping_left_out AS l
WHERE l.account = $account AND NOT EXISTS (SELECT 1 FROM mapping_rejected AS r
    WHERE r.account = l.account AND r.case_key = l.case_key AND r.sku_no = l.sku_no)

-- name: show_again
-- For a few cases: the list is compared with each row, so that the views read no more than those.
DELETE FROM mapping_desk WHERE account = $account AND list_contains(CAST($keys AS VARCHAR[]), case_key);
INSERT INTO mapping_desk SELECT * FROM mapping_told
WHERE account = $account AND list_contains(CAST($keys AS VARCHAR[]), case_key)

-- name: show_many
DELETE FROM mapping_desk WHERE account = $account AND case_key IN (SELECT unnest(CAST($keys AS VARCHAR[])));
INSERT INTO mapping_desk SELECT * FROM mapping_told
WHERE account = $account AND case_key IN (SELECT unnest(CAST($keys AS VARCHAR[])))

-- name: show_all
DELETE FROM mapping_desk WHERE account = $account;
INSERT INTO mapping_desk SELECT * FROM mapping_told WHERE account = $account

-- name: freeze
INSERT INTO mapping_list (account, list_id, row_no, kind, case_key, became, content, made_at)
SELECT $account, $list_id, row_no, $kind, case_key, became, content, $now FROM new_mapping_list

-- name: forget_lists
DELETE FROM mapping_list WHERE made_at < $before

-- name: frozen
SELECT account, became, content FROM mapping_list WHERE list_id = $list_id AND kind = $kind ORDER BY row_no

-- name: twins
SELECT account, side, twin_group, twin_kind, code, name AS item_name, option_text, case_key
FROM mapping_twin
WHERE account = $account ORDER BY row_no

-- name: events
SELECT e.account, e.seen_at, e.event AS mapping_event, e.case_key, e.item_name, e.name_before, e.state_before, d.mapping_class, d.decision
FROM mapping_event AS e
LEFT JOIN mapping_desk AS d ON d.account = e.account AND d.case_key = e.case_key AND d.case_place = 1
WHERE e.account = $account ORDER BY e.seen_at DESC, e.event, e.case_key LIMIT $size

-- name: fixes_smartship
-- What has to stand at Smartship: links that were decided (their row takes CROSS MALL's texts), rows to take away, and for the
-- whole list ($changes_only = FALSE) the exact links as they are. fix_action: keep | correct | register | remove.
WITH main AS (
    SELECT * FROM mapping_desk WHERE account = $account AND case_place = 1
),
accepted AS (
    SELECT m.account, m.case_key,
        CASE WHEN m.sku_no = d.sku_no AND m.mapping_class = 'linked' THEN 'keep'
             WHEN EXISTS (SELECT 1 FROM ss_link o WHERE o.account = m.account AND o.sku_no = d.sku_no
                AND o.product_no IS NOT DISTINCT FROM d.ss_product_no
                AND o.product_name IS NOT DISTINCT FROM d.ss_product_name
                AND o.option_text = coalesce(d.ss_option_text, '')) THEN 'correct' ELSE 'register' END AS fix_action,
        m.item_code, m.attribute1_name, m.attribute2_name, d.sku_no, d.ss_product_no AS product_no_now,
        d.ss_product_name AS product_name_now, d.ss_option_text AS option_now, m.item_code AS product_no_new,
        m.item_name AS product_name_new, m.option_text AS option_new, m.causes, m.arrival, m.decision, m.actor AS decided_by,
        m.acted_at AS decided_at, m.why_sequence, m.crossmall_seen_at, m.smartship_seen_at
    FROM main AS m JOIN mapping_decision AS d ON d.account = m.account AND d.case_key = m.case_key
    WHERE d.decision = 'accepted' AND d.fix = 'smartship'
),
surplus AS (
    SELECT r.account, r.case_key, 'remove' AS fix_action, r.item_code, r.attribute1_name, r.attribute2_name, r.sku_no,
        r.ss_product_no, r.ss_product_name, r.ss_option_text, NULL, NULL, NULL, r.causes,
        CASE WHEN r.smartship_seen_at <= r.acted_at THEN 'waiting' ELSE 'not_arrived' END, r.decision, r.actor, r.acted_at,
        r.why_sequence, r.crossmall_seen_at, r.smartship_seen_at
    FROM mapping_desk AS r
    WHERE r.account = $account AND ((r.mapping_class = 'stale' AND r.decided = 'no_counterpart')
        OR (r.mapping_class = 'duplicate' AND r.decided = 'accepted' AND r.sku_no <> r.chosen_sku_no))
),
kept AS (
    SELECT account, case_key, 'keep' AS fix_action, item_code, attribute1_name, attribute2_name, sku_no, ss_product_no,
        ss_product_name, ss_option_text, ss_product_no, ss_product_name, ss_option_text, causes, NULL, decision, actor, acted_at,
        why_sequence, crossmall_seen_at, smartship_seen_at
    FROM main WHERE mapping_class = 'linked' AND decided <> 'accepted'
)
SELECT * FROM (
    SELECT * FROM accepted UNION ALL SELECT * FROM surplus UNION ALL SELECT * FROM kept)
WHERE NOT CAST($changes_only AS BOOLEAN) OR (fix_action <> 'keep' AND arrival IS DISTINCT FROM 'arrived')
ORDER BY item_code NULLS LAST, attribute1_name, attribute2_name, sku_no

-- name: fixes_crossmall
-- What has to be renamed in CROSS MALL: its texts become those of the Smartship row that was decided on.
SELECT m.account, m.case_key, 'rename' AS fix_action, m.item_code, m.attribute1_name, m.attribute2_name, d.sku_no,
    m.item_code AS product_no_now, m.item_name AS product_name_now, m.option_text AS option_now,
    d.ss_product_no AS product_no_new, d.ss_product_name AS product_name_new, d.ss_option_text AS option_new, m.causes,
    m.arrival, m.decision, m.actor AS decided_by, m.acted_at AS decided_at, m.why_sequence, m.crossmall_seen_at,
    m.smartship_seen_at
FROM mapping_desk AS m JOIN mapping_decision AS d ON d.account = m.account AND d.case_key = m.case_key
WHERE m.account = $account AND m.case_place = 1 AND d.decision = 'accepted' AND d.fix = 'crossmall'
  AND (NOT CAST($changes_only AS BOOLEAN) OR m.arrival IS DISTINCT FROM 'arrived')
ORDER BY m.item_code, m.attribute1_name, m.attribute2_name

-- name: case_keys
SELECT DISTINCT item_code, attribute1_name, attribute2_name, case_key FROM mapping_case
WHERE account = $account AND item_code IS NOT NULL

-- name: rivals
-- Other products that are paired with SKU numbers and wait for a decision.
SELECT DISTINCT sku_no, item_code, option_text FROM mapping_desk
WHERE account = $account AND case_key <> $case_key AND is_waiting AND item_code IS NOT NULL
  AND sku_no IN (SELECT unnest(CAST($skus AS VARCHAR[])))
ORDER BY sku_no, item_code, option_text

-- name: holders
-- Which cases SKU numbers are linked to or were accepted for.
SELECT DISTINCT sku_no, case_key FROM (
    SELECT sku_no, case_key FROM mapping_case WHERE account = $account AND mapping_class IN ('linked', 'duplicate')
    UNION ALL
    SELECT sku_no, case_key FROM mapping_decision WHERE account = $account AND decision = 'accepted')
WHERE sku_no IN (SELECT unnest(CAST($skus AS VARCHAR[])))
