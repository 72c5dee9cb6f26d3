-- What people outside the desk are told: what has been noticed for each channel, and the messages that wait or were sent.

CREATE TABLE alert_item (                      -- one thing to tell on one channel; goes when it is told and over
    account        TEXT NOT NULL,
    channel        TEXT NOT NULL,
    item_key       TEXT NOT NULL,              -- the finding and its occurrence, or the sync that stopped
    kind           TEXT NOT NULL,              -- finding | overdue | recovered
    finding_key    TEXT,
    rule           TEXT,
    order_number   TEXT,
    since          TIMESTAMP,                  -- overdue, recovered: the last good sync
    reason         TEXT,                       -- overdue: what is wrong with the schedule
    detected_at    TIMESTAMP NOT NULL,
    message_id     TEXT,                       -- the message that tells it; NULL until there is one
    PRIMARY KEY (account, channel, item_key)
);

CREATE TABLE alert_message (                   -- the outbox
    account        TEXT NOT NULL,
    message_id     TEXT NOT NULL,
    channel        TEXT NOT NULL,
    topic          TEXT NOT NULL,              -- findings | sync
    facts          TEXT NOT NULL,              -- JSON object: rules, counts, order numbers, times
    state          TEXT NOT NULL,              -- waiting | sending | sent
    made_at        TIMESTAMP NOT NULL,
    tries          INTEGER NOT NULL,
    next_try_at    TIMESTAMP NOT NULL,
    may_repeat     BOOLEAN NOT NULL,           -- the outcome of an earlier try is not known
    sent_at        TIMESTAMP,
    reason         TEXT,                       -- of the last try that failed, or what the server refused of a sent one
    status         INTEGER NOT NULL,           -- what the server answered then; 0 = nothing
    PRIMARY KEY (account, message_id)
);
