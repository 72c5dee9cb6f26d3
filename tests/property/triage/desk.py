"""A desk over a mirror whose findings the tests open, resolve and bring back as the rules do."""

from datetime import UTC, datetime, timedelta

from reconcile.store.database import naive
from reconcile.triage import TriageDesk

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
RESOLVE = """
    UPDATE finding SET state = 'resolved', resolved_at = $now
    WHERE rule = $rule AND state = 'open' AND NOT list_contains($subjects, subject)
"""
OPEN = """
    INSERT INTO finding (account, finding_key, rule, kind, severity, subject_kind, subject, order_number, because,
                         state, opened_at, refreshed_at, reopened)
    SELECT 'shop', concat_ws('|', $rule, 'order', s), $rule, $kind, $severity, 'order', s, s, '{}', 'open',
           CAST($now AS TIMESTAMP), CAST($now AS TIMESTAMP), 0
    FROM (SELECT unnest($subjects) AS s)
    ON CONFLICT (account, finding_key) DO UPDATE SET
        kind = excluded.kind, severity = excluded.severity, state = 'open', refreshed_at = excluded.refreshed_at,
        opened_at = CASE WHEN finding.state = 'open' AND finding.kind = excluded.kind
            THEN finding.opened_at ELSE excluded.opened_at END,
        reopened = CASE WHEN finding.state = 'resolved' THEN finding.reopened + 1 ELSE finding.reopened END,
        resolved_at = NULL
"""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.at = START

    def __call__(self):
        return self.at

    def pass_hours(self, hours):
        self.at += timedelta(hours=hours)


def opened(folder, clock=None):
    """A desk of its own on a data folder."""
    return TriageDesk.open(folder, clock=clock or Clock())


def key(number, rule="F07"):
    return f"{rule}|order|{number:08d}"


def present(desk, numbers, *, rule="F07", kind="finding", severity="high"):
    """Let exactly these findings of the rule be there, as a run of the rules leaves them behind."""
    wanted = {
        "now": naive(desk.now()),
        "rule": rule,
        "kind": kind,
        "severity": severity,
        "subjects": [f"{number:08d}" for number in numbers],
    }
    with desk._db.write() as cursor:
        cursor.execute(RESOLVE, {name: wanted[name] for name in ("now", "rule", "subjects")})
        if numbers:
            cursor.execute(OPEN, wanted)
    desk._note_turns("shop")


def one(desk, number, rule="F07"):
    """The row of one finding."""
    (row,) = [row for row in desk.triaged().rows if row.finding_key == key(number, rule)]
    return row


def projection(desk):
    """Everything that the mirror says about decisions, but for the time at which it was recalled."""
    with desk._db.read() as cursor:
        last = cursor.execute("SELECT * EXCLUDE (recalled_at) FROM triage ORDER BY ALL").fetchall()
        steps = cursor.execute("SELECT * FROM triage_step ORDER BY ALL").fetchall()
        views = cursor.execute("SELECT * FROM saved_view ORDER BY ALL").fetchall()
    return last, steps, views


def lose_mirror(desk):
    """The database file is gone; the next use builds a new one from the ledger."""
    desk._db.close()
    for file in desk.data.glob("store.duckdb*"):
        file.unlink()
