-- Since when the damaged pieces of a SKU are counted, for those who read why they explain nothing.

ALTER TABLE stock_case ADD COLUMN damaged_since TIMESTAMP; -- the newest file in which their number changed; NULL = none, or not known

UPDATE order_case SET evaluated_at = evaluated_at - INTERVAL '1 day'; -- judged again at the next look
