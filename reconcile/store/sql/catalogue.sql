-- Items, SKUs and stock: what is due to be read, and what a reading writes. `incoming` holds the rows that came, `asked` the
-- items they were asked for with the state of the answer, `named` the items a diff feed named.

-- name: put_items
INSERT INTO cm_item (account, item_code, item_name, attribute1_label, attribute2_label, unit_price, seen_at)
SELECT account, item_code, item_name, attribute1_label, attribute2_label, unit_price, seen_at FROM incoming
ON CONFLICT (account, item_code) DO UPDATE SET
    item_name = excluded.item_name, attribute1_label = excluded.attribute1_label,
    attribute2_label = excluded.attribute2_label, unit_price = excluded.unit_price, seen_at = excluded.seen_at

-- name: drop_gone_items
DELETE FROM cm_item WHERE account = $account AND seen_at < $started_at;
DELETE FROM cm_sku
WHERE account = $account AND item_code NOT IN (SELECT item_code FROM cm_item WHERE account = $account);
DELETE FROM cm_stock
WHERE account = $account AND item_code NOT IN (SELECT item_code FROM cm_item WHERE account = $account);
DELETE FROM cm_reading
WHERE account = $account AND item_code NOT IN (SELECT item_code FROM cm_item WHERE account = $account)

-- name: put_skus
-- An item whose SKUs were read as a whole loses those that did not come. A SKU without a figure makes its item due for stock.
INSERT INTO cm_sku (account, item_code, attribute1_name, attribute2_name, item_sku_code, jan_code, keep_stock,
                    stock_unlimit_flag, seen_at)
SELECT account, item_code, attribute1_name, attribute2_name, item_sku_code, jan_code, keep_stock,
       stock_unlimit_flag, seen_at
FROM incoming
ON CONFLICT (account, item_code, attribute1_name, attribute2_name) DO UPDATE SET
    item_sku_code = excluded.item_sku_code, jan_code = excluded.jan_code, keep_stock = excluded.keep_stock,
    stock_unlimit_flag = excluded.stock_unlimit_flag, seen_at = excluded.seen_at;
DELETE FROM cm_sku
WHERE account = $account
  AND item_code IN (SELECT item_code FROM asked WHERE state IN ('held', 'none'))
  AND NOT EXISTS (
      SELECT 1 FROM incoming AS i
      WHERE i.item_code = cm_sku.item_code AND i.attribute1_name = cm_sku.attribute1_name
        AND i.attribute2_name = cm_sku.attribute2_name);
UPDATE cm_reading SET named_at = $now
WHERE account = $account AND feed = 'stock' AND state = 'held' AND item_code IN (
    SELECT i.item_code FROM incoming AS i
    LEFT JOIN cm_stock AS s ON s.account = i.account AND s.item_code = i.item_code
        AND s.attribute1_name = i.attribute1_name AND s.attribute2_name = i.attribute2_name
    WHERE s.item_code IS NULL)

-- name: put_stock
-- An item that was read as a whole, or that the vendor does not know, loses the figures that did not come.
INSERT INTO cm_stock_history (account, item_code, attribute1_name, attribute2_name, first_seen_at, stock)
SELECT i.account, i.item_code, i.attribute1_name, i.attribute2_name, i.seen_at, i.stock
FROM incoming AS i
LEFT JOIN cm_stock AS s ON s.account = i.account AND s.item_code = i.item_code
    AND s.attribute1_name = i.attribute1_name AND s.attribute2_name = i.attribute2_name
WHERE s.stock IS DISTINCT FROM i.stock
ON CONFLICT (account, item_code, attribute1_name, attribute2_name, first_seen_at) DO NOTHING;
INSERT INTO cm_stock (account, item_code, attribute1_name, attribute2_name, stock, seen_at)
SELECT account, item_code, attribute1_name, attribute2_name, stock, seen_at FROM incoming
ON CONFLICT (account, item_code, attribute1_name, attribute2_name) DO UPDATE SET
    stock = excluded.stock, seen_at = excluded.seen_at;
DELETE FROM cm_stock
WHERE account = $account
  AND item_code IN (SELECT item_code FROM asked WHERE state IN ('held', 'none', 'unknown'))
  AND NOT EXISTS (
      SELECT 1 FROM incoming AS i
      WHERE i.item_code = cm_stock.item_code AND i.attribute1_name = cm_stock.attribute1_name
        AND i.attribute2_name = cm_stock.attribute2_name)

-- name: put_readings
INSERT INTO cm_reading (account, feed, item_code, asked_at, state)
SELECT account, feed, item_code, asked_at, state FROM asked
ON CONFLICT (account, feed, item_code) DO UPDATE SET asked_at = excluded.asked_at, state = excluded.state

-- name: name_items
-- What is news of a diff feed is due until it has been read. So is, for stock, every set that contains it [I]: a feed need
-- not list the sets. Which sets contain an item is known from the orders we hold.
UPDATE cm_reading SET named_at = $now
WHERE account = $account AND feed = $feed AND item_code IN (
    WITH news AS (
        SELECT n.item_code FROM named AS n
        LEFT JOIN cm_reading AS r ON r.account = $account AND r.feed = $feed AND r.item_code = n.item_code
        WHERE n.changed_at IS DISTINCT FROM r.changed_at
    )
    SELECT item_code FROM news
    UNION
    SELECT l.item_code FROM cm_order_line AS l
    JOIN cm_component AS c ON c.account = l.account AND c.order_number = l.order_number AND c.line_no = l.line_no
    WHERE CAST($feed AS TEXT) = 'stock' AND l.account = $account AND l.is_set
      AND c.item_code IN (SELECT item_code FROM news));
INSERT INTO cm_reading (account, feed, item_code, changed_at)
SELECT i.account, $feed, i.item_code, n.changed_at
FROM named AS n JOIN cm_item AS i ON i.account = $account AND i.item_code = n.item_code
ON CONFLICT (account, feed, item_code) DO UPDATE SET changed_at = excluded.changed_at

-- name: unlisted_items
SELECT count(*) FROM named AS n
WHERE n.changed_at > $since AND NOT EXISTS (SELECT 1 FROM cm_item AS i WHERE i.account = $account AND i.item_code = n.item_code)

-- name: any_named
SELECT 1 FROM cm_reading WHERE account = $account AND feed = $feed AND changed_at IS NOT NULL LIMIT 1

-- name: catalogue_state
-- unread: the last answer was refused or had rows that could not be read; what changed may be in those.
SELECT i.item_code, r.asked_at AS read_at, coalesce(r.named_at > r.asked_at, FALSE) AS named,
       coalesce(r.state IN ('partial', 'refused'), FALSE) AS unread, FALSE AS moved, FALSE AS blind, FALSE AS gap, FALSE AS waiting
FROM cm_item AS i
LEFT JOIN cm_reading AS r ON r.account = i.account AND r.feed = 'catalogue' AND r.item_code = i.item_code
WHERE i.account = $account
ORDER BY i.item_code

-- name: stock_state
-- moved: an order was imported, cancelled or edited since the item's stock was read (import deducts, a deleted slip gives
-- back [S]). A change of phase, tracking number or marks alone leaves stock as it is [I]. It moves the order's goods, the
-- parts of its sets, and every set that contains one of them. blind: our figure is too old to be compared with a Smartship
-- figure that is young enough, and a new reading can be compared. An item without figures is left to the sweep. unread: as in
-- catalogue_state.
WITH reading AS (
    SELECT i.item_code, r.asked_at, coalesce(r.named_at > r.asked_at, FALSE) AS is_named,
           coalesce(r.state IN ('partial', 'refused'), FALSE) AS is_unread,
           coalesce(r.state IN ('held', 'partial'), FALSE) AS has_figures
    FROM cm_item AS i
    LEFT JOIN cm_reading AS r ON r.account = i.account AND r.feed = 'stock' AND r.item_code = i.item_code
    WHERE i.account = $account
),
oldest AS (
    SELECT min(asked_at) AS asked_at FROM reading
),
look AS (
    SELECT o.order_number, o.first_seen_at, o.cancel_flag, o.updated_at, o.phase_name, o.delivery_number, o.check_marks,
           row_number() OVER step AS place,
           lag(o.cancel_flag) OVER step AS cancel_flag_before, lag(o.updated_at) OVER step AS updated_at_before,
           lag(o.phase_name) OVER step AS phase_name_before, lag(o.check_marks) OVER step AS check_marks_before,
           lag(o.delivery_number) OVER step AS delivery_number_before
    FROM cm_observation AS o
    WHERE o.account = $account AND o.order_number IN (
        SELECT n.order_number FROM cm_observation AS n CROSS JOIN oldest
        WHERE n.account = $account AND n.first_seen_at > oldest.asked_at)
    WINDOW step AS (PARTITION BY o.order_number ORDER BY o.first_seen_at)
),
moving AS (
    SELECT order_number, max(first_seen_at) AS moved_at FROM look
    WHERE place = 1 OR cancel_flag IS DISTINCT FROM cancel_flag_before
       OR (updated_at IS DISTINCT FROM updated_at_before AND phase_name IS NOT DISTINCT FROM phase_name_before
           AND check_marks IS NOT DISTINCT FROM check_marks_before
           AND delivery_number IS NOT DISTINCT FROM delivery_number_before)
    GROUP BY order_number
),
piece AS (
    SELECT l.item_code, m.moved_at FROM moving AS m
    JOIN cm_order_line AS l ON l.account = $account AND l.order_number = m.order_number
    UNION ALL
    SELECT c.item_code, m.moved_at FROM moving AS m
    JOIN cm_component AS c ON c.account = $account AND c.order_number = m.order_number
),
bundle AS (
    SELECT DISTINCT l.item_code AS set_code, c.item_code AS part_code FROM cm_order_line AS l
    JOIN cm_component AS c ON c.account = l.account AND c.order_number = l.order_number AND c.line_no = l.line_no
    WHERE l.account = $account AND l.is_set
),
moved AS (
    SELECT item_code, max(moved_at) AS moved_at FROM (
        SELECT item_code, moved_at FROM piece
        UNION ALL
        SELECT b.set_code, p.moved_at FROM piece AS p JOIN bundle AS b ON b.part_code = p.item_code)
    GROUP BY item_code
),
judged AS (
    SELECT item_code, bool_or(coalesce(off_by <> 0, FALSE)) AS is_gap,
           bool_or(cause = 'not_comparable' AND crossmall_seen_at < smartship_seen_at
                   AND smartship_seen_at BETWEEN CAST($comparable_from AS TIMESTAMP) AND CAST($now AS TIMESTAMP)) AS is_blind
    FROM stock_case WHERE account = $account AND item_code IS NOT NULL GROUP BY item_code
),
waiting AS (
    SELECT DISTINCT l.item_code FROM order_case AS c
    JOIN cm_order_line AS l ON l.account = c.account AND l.order_number = c.order_number
    WHERE c.account = $account AND c.phase_role IN ('before', 'collect') AND NOT c.is_cancelled
)
SELECT r.item_code, r.asked_at AS read_at, r.is_named AS named, r.is_unread AS unread,
       r.has_figures AND coalesce(m.moved_at > r.asked_at, FALSE) AS moved,
       r.has_figures AND coalesce(j.is_blind, FALSE) AS blind,
       r.has_figures AND coalesce(j.is_gap, FALSE) AS gap,
       w.item_code IS NOT NULL AS waiting
FROM reading AS r
LEFT JOIN moved AS m ON m.item_code = r.item_code
LEFT JOIN judged AS j ON j.item_code = r.item_code
LEFT JOIN waiting AS w ON w.item_code = r.item_code
ORDER BY r.item_code

-- name: progress_of_sweep
-- How many items were never asked for, and the oldest answer among the rest. An item that was refused or could be read in
-- part only does not hold a sweep up, and its figures keep their own ages.
SELECT count(*) FILTER (WHERE r.asked_at IS NULL),
       min(r.asked_at) FILTER (WHERE r.state IN ('held', 'none', 'unknown'))
FROM cm_item AS i
LEFT JOIN cm_reading AS r ON r.account = i.account AND r.feed = $feed AND r.item_code = i.item_code
WHERE i.account = $account

-- name: count_items
SELECT count(*) FROM cm_item WHERE account = $account

-- name: recent_starts
SELECT started_at FROM sync_run WHERE account = $account ORDER BY started_at DESC LIMIT 3

-- name: ages
-- Ages of what is held, per account and feed. Older than the feed's limit is old.
WITH held AS (
    SELECT account, 'catalogue' AS feed, count(*) AS figures, min(seen_at) AS oldest_at, max(seen_at) AS newest_at,
           count(*) FILTER (WHERE seen_at < CAST($catalogue_limit_at AS TIMESTAMP)) AS older
    FROM cm_sku GROUP BY account
    UNION ALL
    SELECT account, 'stock', count(*), min(seen_at), max(seen_at),
           count(*) FILTER (WHERE seen_at < CAST($stock_limit_at AS TIMESTAMP))
    FROM cm_stock GROUP BY account
),
feeds AS (
    SELECT a.account, f.feed FROM account AS a CROSS JOIN (VALUES ('catalogue'), ('stock')) AS f (feed)
    WHERE ($account IS NULL OR a.account = $account)
)
SELECT f.account, f.feed, coalesce(h.figures, 0), h.oldest_at, h.newest_at, coalesce(h.older, 0),
       (SELECT count(*) FROM cm_item AS i WHERE i.account = f.account), c.complete_at
FROM feeds AS f
LEFT JOIN held AS h ON h.account = f.account AND h.feed = f.feed
LEFT JOIN sync_cursor AS c ON c.account = f.account AND c.feed = f.feed
ORDER BY f.account, f.feed

-- name: answers
-- Items per answer. never: not asked for yet.
SELECT i.account, f.feed, CASE WHEN r.asked_at IS NULL THEN 'never' ELSE r.state END AS answer, count(*)
FROM cm_item AS i
CROSS JOIN (VALUES ('catalogue'), ('stock')) AS f (feed)
LEFT JOIN cm_reading AS r ON r.account = i.account AND r.feed = f.feed AND r.item_code = i.item_code
WHERE ($account IS NULL OR i.account = $account)
GROUP BY i.account, f.feed, answer
ORDER BY i.account, f.feed, answer

-- name: items_without_figure
SELECT i.item_code, i.item_name, CASE WHEN r.asked_at IS NULL THEN 'never' ELSE r.state END AS answer, r.asked_at
FROM cm_item AS i
LEFT JOIN cm_reading AS r ON r.account = i.account AND r.feed = $feed AND r.item_code = i.item_code
WHERE i.account = $account AND (r.asked_at IS NULL OR r.state <> 'held')
ORDER BY i.item_code
