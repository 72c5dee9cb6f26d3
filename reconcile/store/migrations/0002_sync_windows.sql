-- What a read of many days has stored so far, so that a killed or cancelled one goes on where it stood.

CREATE TABLE sync_window (                     -- windows of 更新日時 stored to their end; emptied when the whole stretch is
    account        TEXT NOT NULL,
    window_from    TIMESTAMP NOT NULL,
    window_to      TIMESTAMP NOT NULL,
    newest_at      TIMESTAMP,                  -- greatest updated_at seen in it (vendor clock)
    stored_at      TIMESTAMP NOT NULL,         -- our clock
    PRIMARY KEY (account, window_from, window_to)
);

ALTER TABLE sync_run ADD COLUMN clock_skew_s DOUBLE PRECISION;  -- vendor's 更新日時 ahead of our clock, when over a minute
