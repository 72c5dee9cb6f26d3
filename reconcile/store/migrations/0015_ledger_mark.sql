-- The newest act as the ledger held it: what was cut off or written anew as a whole since is found by it.

CREATE TABLE ledger_mark (                     -- at most one row; not rebuilt from the ledger, which it watches over
    sequence       BIGINT NOT NULL,
    digest         TEXT NOT NULL
);
