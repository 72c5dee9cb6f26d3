-- Per item and feed: when it was last asked for and what came of it. A sweep goes by these times, so it resumes by itself.
-- sync_cursor holds three more feeds: items (complete_at: start of the last complete listing of items), stock_changes and
-- sku_changes (cursor_at: greatest updated_at the diff feed has shown, vendor clock).

CREATE TABLE cm_reading (
    account        TEXT NOT NULL,
    feed           TEXT NOT NULL,              -- catalogue (the item's SKUs) | stock
    item_code      TEXT NOT NULL,
    asked_at       TIMESTAMP,                  -- our clock; NULL = never asked
    state          TEXT,                       -- held | partial | none | unknown | refused, see reconcile.store.catalogue_writes
    named_at       TIMESTAMP,                  -- our clock: something said the item changed; due while later than asked_at
    changed_at     TIMESTAMP,                  -- vendor clock: newest change a diff feed has shown
    PRIMARY KEY (account, feed, item_code)
);

INSERT INTO cm_reading (account, feed, item_code, asked_at, state)
SELECT account, 'catalogue', item_code, min(seen_at), 'held' FROM cm_sku GROUP BY account, item_code;

INSERT INTO cm_reading (account, feed, item_code, asked_at, state)
SELECT account, 'stock', item_code, min(seen_at), 'held' FROM cm_stock GROUP BY account, item_code;

INSERT INTO sync_cursor (account, feed, complete_at)
SELECT account, 'items', complete_at FROM sync_cursor WHERE feed = 'catalogue' AND complete_at IS NOT NULL;
