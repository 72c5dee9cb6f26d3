-- Recipients of orders, sealed. `oldest` is the oldest day that is kept; NULL: nothing is to be kept.

-- name: has_past
SELECT 1 FROM cm_recipient WHERE $oldest IS NULL OR day < $oldest LIMIT 1

-- name: forget
DELETE FROM cm_recipient WHERE $oldest IS NULL OR day < $oldest

-- name: sealed
SELECT day, sealed FROM cm_recipient WHERE account = $account AND order_number = $order_number
