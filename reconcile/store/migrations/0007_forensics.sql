-- When orders could be collected, whether a pull took them, and why not; rebuilt from the history by reconcile.examining.

CREATE TABLE order_stay (                      -- orders whose verdict is a question; the rest was plainly collected
    account        TEXT NOT NULL,
    order_number   TEXT NOT NULL,
    entered_from   TIMESTAMP,                  -- bracket of the entry into the collect phase; NULL = open on that side
    entered_by     TIMESTAMP,
    left_from      TIMESTAMP,                  -- bracket of the exit; left_by NULL = not left as far as we know
    left_by        TIMESTAMP,
    verdict        TEXT NOT NULL,              -- pulled | missed | waiting | cannot_tell
    probability    DOUBLE PRECISION NOT NULL,  -- that a pull took the order, 0 to 1
    p_seen         DOUBLE PRECISION NOT NULL,  -- that a pull fell into the stay, 0 to 1
    cause          TEXT NOT NULL,              -- id of reconcile.orders.causes, or collected | cannot_tell
    missing        TEXT,                       -- the fact that a cannot_tell waits for
    evidence       TEXT NOT NULL,              -- JSON: applicable (ids of causes in their order), values (typed, instants ISO 8601 UTC)
    evaluated_at   TIMESTAMP NOT NULL,         -- when this answer was first given
    PRIMARY KEY (account, order_number)
);

CREATE TABLE pull_time (                       -- Smartship's collections: betrayed by arrivals, or planned
    account        TEXT NOT NULL,
    at_from        TIMESTAMP NOT NULL,
    at_by          TIMESTAMP NOT NULL,
    basis          TEXT NOT NULL,              -- known | estimated
    arrivals       INTEGER NOT NULL,
    runs           DOUBLE PRECISION NOT NULL,  -- probability that it took place, 0 to 1
    PRIMARY KEY (account, at_by)
);

CREATE TABLE examination (                     -- the last examination of each account
    account        TEXT PRIMARY KEY,
    fingerprint    TEXT NOT NULL,              -- of all it rested on
    orders         INTEGER NOT NULL,
    evaluated_at   TIMESTAMP NOT NULL
);
