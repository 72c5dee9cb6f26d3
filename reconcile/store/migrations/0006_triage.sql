-- What people decided about findings: a projection of the ledger, rebuilt from it at any time.
-- Words that people type (notes, reasons) stay in the ledger; here stands only the number of the entry that holds them.

CREATE TABLE triage_step (                     -- a finding after each act on it; an undo returns to one of them
    account        TEXT NOT NULL,
    finding_key    TEXT NOT NULL,              -- as in finding
    sequence       BIGINT NOT NULL,            -- number of the ledger entry; the version of the row
    root           BIGINT NOT NULL,            -- the act whose outcome this is; after an undo an earlier one, 0 = none
    undoes         BIGINT,                     -- the act that this step took back
    event          TEXT NOT NULL,
    state          TEXT NOT NULL,              -- open | acknowledged | snoozed | ignored
    assignee       TEXT,
    note_sequence  BIGINT,
    reason_sequence BIGINT,
    snoozed_until  TIMESTAMP,
    vendor         TEXT,                       -- crossmall | smartship
    vendor_ref     TEXT,
    asked_at       TIMESTAMP,
    confirmed_at   TIMESTAMP,
    seen_opened_at TIMESTAMP,                  -- the occurrence that the person saw
    seen_reopened  INTEGER,
    seen_kind      TEXT,
    is_over        BOOLEAN NOT NULL,           -- that occurrence has ended
    actor          TEXT NOT NULL,
    acted_at       TIMESTAMP NOT NULL,
    PRIMARY KEY (account, finding_key, sequence)
);

CREATE TABLE triage (                          -- the last step of every finding that anybody touched
    account        TEXT NOT NULL,
    finding_key    TEXT NOT NULL,
    sequence       BIGINT NOT NULL,
    root           BIGINT NOT NULL,
    undoes         BIGINT,
    event          TEXT NOT NULL,
    state          TEXT NOT NULL,
    assignee       TEXT,
    note_sequence  BIGINT,
    reason_sequence BIGINT,
    snoozed_until  TIMESTAMP,
    vendor         TEXT,
    vendor_ref     TEXT,
    asked_at       TIMESTAMP,
    confirmed_at   TIMESTAMP,
    seen_opened_at TIMESTAMP,
    seen_reopened  INTEGER,
    seen_kind      TEXT,
    is_over        BOOLEAN NOT NULL,
    actor          TEXT NOT NULL,
    acted_at       TIMESTAMP NOT NULL,
    recalled_at    TIMESTAMP,                  -- read from the ledger into a mirror that did not know the finding
    PRIMARY KEY (account, finding_key)
);

CREATE TABLE triage_list (                     -- a previewed list, frozen: a bulk act touches exactly these
    account        TEXT NOT NULL,
    finding_key    TEXT NOT NULL,
    list_id        TEXT NOT NULL,
    version        TEXT NOT NULL,              -- what the person saw
    made_at        TIMESTAMP NOT NULL,
    PRIMARY KEY (list_id, account, finding_key)
);

CREATE TABLE saved_view (
    account        TEXT,                       -- the account it is about; NULL = all
    name           TEXT NOT NULL UNIQUE,
    screen         TEXT NOT NULL,
    query          TEXT NOT NULL,              -- JSON object: parameter of the address -> list of values
    actor          TEXT NOT NULL,
    saved_at       TIMESTAMP NOT NULL
);

-- is_held: the decision speaks of the occurrence that is there now. After the loss of a mirror a finding is opened anew;
-- for 24 hours [D] it is taken for the one that people knew, unless the ledger says that it had ended.
CREATE VIEW finding_triage AS
SELECT f.account, f.finding_key, f.rule, f.kind, f.severity, f.subject_kind, f.subject, f.order_number, f.order_code,
       f.shop_code, f.since, f.state AS finding_state, f.opened_at, f.resolved_at, f.reopened,
       coalesce(t.sequence, 0) AS version, coalesce(t.state, 'open') AS decided, t.assignee, t.note_sequence,
       t.reason_sequence, t.snoozed_until, t.vendor, t.vendor_ref, t.asked_at, t.confirmed_at, t.actor, t.acted_at,
       coalesce(t.is_over, FALSE) AS is_over,
       coalesce(NOT t.is_over AND (f.opened_at = t.seen_opened_at
           OR (t.recalled_at IS NOT NULL AND f.reopened = 0 AND f.kind = t.seen_kind
               AND f.opened_at <= t.recalled_at + INTERVAL '24 hours')), FALSE) AS is_held
FROM finding AS f
LEFT JOIN triage AS t ON t.account = f.account AND t.finding_key = f.finding_key;
