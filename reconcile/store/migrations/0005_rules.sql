-- What the rules learn by themselves: versions of order lines, constant additions to order numbers, possible pairs.

CREATE TABLE cm_line_version (                 -- one row per set of lines an open order was seen with
    account        TEXT NOT NULL,
    order_number   TEXT NOT NULL,
    version        INTEGER NOT NULL,           -- 1, 2, ... per order
    fingerprint    TEXT NOT NULL,              -- of item codes, options and amounts; holds no names
    pieces         BIGINT,                     -- amounts added up
    first_for      TIMESTAMP,                  -- updated_at of the order when these lines were first held (vendor clock)
    last_for       TIMESTAMP,                  -- the same, the last time
    seen_at        TIMESTAMP NOT NULL,         -- our clock: lines last read with this content
    PRIMARY KEY (account, order_number, version)
);

CREATE TABLE order_affix (                     -- what Smartship's order number has around ours, or ours around Smartship's
    account        TEXT NOT NULL,
    shop_code      TEXT NOT NULL,
    longer         TEXT NOT NULL,              -- smartship | crossmall: the side whose number has the addition
    prefix         TEXT NOT NULL,
    suffix         TEXT NOT NULL,
    support        INTEGER NOT NULL,           -- orders joined by another strong key that show it
    state          TEXT NOT NULL,              -- proposed | confirmed | rejected
    proposed_at    TIMESTAMP NOT NULL,
    decided_at     TIMESTAMP,
    PRIMARY KEY (account, shop_code, longer, prefix, suffix)
);

CREATE TABLE order_possible_link (             -- shown as "possible"; no rule reads it
    account        TEXT NOT NULL,
    order_number   TEXT NOT NULL,
    line_key       TEXT NOT NULL,
    matched_by     TEXT NOT NULL,              -- sku_quantity_day
    strength       INTEGER NOT NULL,           -- 6; smartship.md 11.8, weaker than every key of order_link
    PRIMARY KEY (account, order_number, line_key)
);
