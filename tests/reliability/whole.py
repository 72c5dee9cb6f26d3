"""What must hold of a whole desk whatever was done to it. Each check gives sentences that say what is wrong.

The ledger is read and added up here by itself; shares no code with the product's reading of it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from reconcile import FRAMES, Paging
from tests.reliability.checker import STATE_COLUMNS

ALL = Paging(page=1, size=1_000_000)
ITSELF = "totsugo"
GENESIS = "0" * 64
NOBODY_SAID = {"decided": "open", "assignee": None, "note": None, "reason": None, "until": None}
ENDED = {"decided": "open", "reason": None, "until": None}
UNDECIDED = {"decision": "open", "sku_no": None, "fix": None, "rejected": ()}
OPTIONS = ("auto_orders", "auto_confirm", "auto_instruct", "auto_stock")


def lines_of(path):
    """The acts in a ledger file; each is hashed here once more, and fails where it does not follow the one before it."""
    previous, found = GENESIS, []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        outer = json.loads(line)
        digest = hashlib.sha256(f"{previous}{outer['body']}".encode()).hexdigest()
        assert digest == outer["digest"], f"line {number} does not follow line {number - 1}"
        found.append(json.loads(outer["body"]))
        assert found[-1]["sequence"] == number
        previous = digest
    return found


class Told:
    """What the lines of a ledger add up to: roles, settings, additions, views, and the last word on every finding and case."""

    def __init__(self, lines):
        self.roles, self.settings, self.affixes, self.views = {}, {}, {}, {}
        self.findings, self.cases = {}, {}  # key -> [(number of the line, state after it)]
        self.traces = []  # what was left of an act that was taken back
        for line in lines:
            self._take(line, line["event"], line["values"])

    def last(self, things):
        """Key -> the number of its last line, and its state."""
        return {key: (steps[-1][0], *steps[-1][1].values()) for key, steps in things.items()}

    def _take(self, line, event, values):
        name = line["account"]
        if event in ("account.added", "account.changed"):
            self.settings[name] = values
        elif event == "phase_role.set":
            self.roles[name, values["phase_name"]] = values["role"]
        elif event == "order_affix.decided":
            key = [values[part] for part in ("shop_code", "longer", "prefix", "suffix")]
            self.affixes[name, *key] = values["state"]
        elif event == "view.saved":
            self.views[values["name"]] = (values["screen"], values["query"])
        elif event == "view.removed":
            del self.views[values["name"]]
        elif event.startswith("triage."):
            for item in values["items"]:
                key = item["account"], item["finding_key"]
                self._step(line, self.findings, key, item, NOBODY_SAID, _said_of_a_finding)
        elif event.startswith("mapping.") and "items" in values:
            for item in values["items"]:
                key = name, item["case_key"]
                self._step(line, self.cases, key, item, UNDECIDED, _said_of_a_case)

    def _step(self, line, things, key, item, blank, said):
        steps = things.setdefault(key, [(0, blank)])
        turn = line["event"].partition(".")[2]
        if turn in ("undone", "redone"):
            state = dict(next(state for number, state in steps if number == item["restore"]))
            before = [state for number, state in steps if number < line["values"]["of"]][-1]
            if turn == "undone" and state != before:
                self.traces.append(f"{key}: act {line['values']['of']} left {state}, not {before}")
        else:
            state = steps[-1][1] | said(line, item, steps[-1][1])
        steps.append((line["sequence"], state))


def _said_of_a_finding(line, item, before):
    values, number = line["values"], line["sequence"]
    fresh = ENDED if item["fresh"] else {}
    match line["event"].removeprefix("triage."):
        case "acknowledged":
            return fresh | ENDED | {"decided": "acknowledged", "assignee": values["assignee"]}
        case "assigned":
            return fresh | {"assignee": values["assignee"] or None}
        case "noted":
            return fresh | {"note": number}
        case "snoozed":
            until = datetime.fromisoformat(values["until"]).astimezone(UTC).replace(tzinfo=None)
            return fresh | ENDED | {"decided": "snoozed", "until": until}
        case "ignored":
            return fresh | ENDED | {"decided": "ignored", "reason": number}
        case "reopened" | "resolved" | "returned":
            return fresh | ENDED
    return fresh


def _said_of_a_case(line, item, before):
    said = item.get("decision") or line["values"].get("decision") or "accept"
    sku_no, left = item["sku_no"], tuple(one for one in before["rejected"] if one != item["sku_no"])
    none = {"sku_no": None, "fix": None}
    if said == "accept":
        fix = item.get("fix") or line["values"].get("fix") or "smartship"
        return {"decision": "accepted", "sku_no": sku_no, "fix": fix, "rejected": left}
    if said == "reject":
        others = before["decision"] == "accepted" and before["sku_no"] != sku_no
        return ({} if others else {"decision": "open"} | none) | {"rejected": (*left, sku_no)}
    return {"decision": "open" if said == "reopen" else said} | none


def rows_of(desk, statement):
    """Rows of the mirror, looked at under the hood."""
    with desk._db.read() as cursor:
        return cursor.execute(statement).fetchall()


class Tables:
    """The tables of a desk as they are shown at one moment."""

    def __init__(self, desk):
        self.desk, self.now = desk, desk.now()
        self.board = desk.orders(paging=ALL)
        self.orders = self.board.table.rows
        self.findings = desk.findings()
        self.stock = desk.stock(paging=ALL)
        self.mapping = desk.mapping(paging=ALL)

    def rows(self, statement):
        return rows_of(self.desk, statement)


class Look(Tables):
    """All that a desk shows at one moment, and what its ledger says."""

    def __init__(self, desk):
        super().__init__(desk)
        self.overview = desk.overview()
        self.triaged = desk.triaged().rows
        self.lines = lines_of(desk.data / "ledger.jsonl")
        self.told = Told(self.lines)


def present(tables):
    """All that tables say, without times at which something was judged or recalled."""
    columns = ["account", "order_number", "state", "primary_rule", "triage", "assignee"]
    stock = tables.stock.table.rows
    links = tables.mapping.table.rows
    return {
        "orders": _tuples(tables.orders[[*columns, "phase_name", "ss_status", "covered_until"]]),
        "findings": sorted(
            (one.account, one.rule, one.subject, one.kind) for one in tables.findings
        ),
        "triage": tables.rows("SELECT * EXCLUDE (recalled_at) FROM triage ORDER BY ALL"),
        "links": _tuples(links[["account", "case_key", "sku_no", "version"]]),
        "decisions": tables.rows("SELECT * FROM mapping_decision ORDER BY ALL"),
        "stock": _tuples(stock[["account", "item_code", "sku_no", "gap"]]),
        "roles": tables.rows("SELECT * FROM phase_role ORDER BY ALL"),
        "views": tables.desk.saved_views(),
        "history": tables.rows("SELECT count(*) FROM cm_observation"),
    }


def _tuples(frame):
    return sorted(map(repr, frame.astype(object).itertuples(index=False, name=None)))


def _apart(what, shown, wanted):
    """Sentences about the keys for which two tables say different things."""
    return [
        f"{what} {key}: {shown.get(key)}, not {wanted.get(key)}"
        for key in shown.keys() | wanted.keys()
        if shown.get(key) != wanted.get(key)
    ]


def both_files_are_one_chain(look):
    first, copy = (look.desk.data / name for name in ("ledger.jsonl", "ledger-copy.jsonl"))
    said = [] if first.read_bytes() == copy.read_bytes() else ["the copy of the ledger differs"]
    problems = [one for one in look.desk.audit().problems if one.kind != "set_aside"]
    return said + [f"audit: {one}" for one in problems]


def decisions_stand_in_the_tables(look):
    findings = look.rows(
        "SELECT account, finding_key, sequence, state, assignee, note_sequence, reason_sequence, snoozed_until FROM triage"
    )
    cases = look.rows(
        "SELECT account, case_key, sequence, decision, sku_no, fix, rejected FROM mapping_decision"
    )
    steps = look.rows("SELECT account, finding_key, sequence FROM triage_step")
    steps += look.rows("SELECT account, case_key, sequence FROM mapping_step")
    shown = {(row[0], row[1]): (*row[2:6], tuple(json.loads(row[6]))) for row in cases}
    wanted = Counter(
        (*key, number)
        for things in (look.told.findings, look.told.cases)
        for key, known in things.items()
        for number, _ in known[1:]
    )
    return (
        _apart(
            "finding",
            {(row[0], row[1]): row[2:] for row in findings},
            look.told.last(look.told.findings),
        )
        + _apart("case", shown, look.told.last(look.told.cases))
        + _apart("step", Counter(steps), wanted)
    )


def settings_stand_in_the_tables(look):
    roles = look.rows(
        "SELECT account, phase_name, role FROM phase_role WHERE origin = 'person' ORDER BY ALL"
    )
    affixes = look.rows(
        "SELECT account, shop_code, longer, prefix, suffix, state FROM order_affix WHERE decided_at IS NOT NULL"
    )
    names = ("company_code", "base_url", "collect_phase", "shipped_phase", "stock_tolerance")
    held = {
        one.name: (
            [getattr(one, name) for name in names],
            dict(one.options),
            list(one.stock_warehouses),
        )
        for one in look.desk.accounts()
    }
    told = {
        name: (
            [values.get(one, 0) for one in names],
            {option: values[option] for option in OPTIONS},
            values.get("stock_warehouses", []),
        )
        for name, values in look.told.settings.items()
    }
    views = {
        one.name: (one.screen, {key: list(values) for key, values in one.query.items()})
        for one in look.desk.saved_views()
    }
    return (
        _apart("role", {(row[0], row[1]): row[2] for row in roles}, look.told.roles)
        + _apart("addition", {row[:-1]: row[-1] for row in affixes}, look.told.affixes)
        + _apart("account", held, told)
        + _apart("view", views, look.told.views)
    )


def nothing_is_left_of_what_was_taken_back(look):
    return look.told.traces


def counts_are_those_of_the_rows(look):
    board, health, states = look.board, Counter(), Counter(look.orders["state"])
    phases = {row.phase_name: row.orders for row in board.by_phase.itertuples()}
    for one in look.overview.health:
        health.update(one.by_state)
    rules = {(rule, "finding"): count for rule, count in board.by_rule.items()}
    rules |= {(rule, "cannot_tell"): count for rule, count in board.cannot_tell_by_rule.items()}
    total = {"table": board.table.total, "facets": board.facets["total"]["orders"]}
    told = {
        "orders by state": (board.by_state, states),
        "overview by state": (look.overview.by_state, states),
        "health by state": (health, states),
        "facet state": (board.facets["state"], states),
        "facet phase": (board.facets["phase"], Counter(look.orders["phase_name"])),
        "phases": (phases, Counter(look.orders["phase_name"])),
        "findings by rule": (rules, Counter((one.rule, one.kind) for one in look.findings)),
        "total": (total, dict.fromkeys(total, len(look.orders))),
        "findings by triage": (
            look.desk.triage_counts().by_state,
            Counter(row.triage for row in look.triaged),
        ),
        "stock by cause": (look.stock.by_cause, Counter(look.stock.table.rows["cause"])),
    }
    return [
        sentence
        for what, (shown, rows) in told.items()
        for sentence in _apart(what, +Counter(shown), +Counter(rows))
    ]


def nothing_is_fine_without_a_file_that_covers_it(look, files):
    """files: account -> (from, to, as of) of every order file that was taken in and is still there."""
    said = []
    for name, number, state, at in look.rows(
        "SELECT account, order_number, state, coalesce(created_at, ordered_at) FROM order_case"
        " WHERE ss_status IS NULL AND NOT is_cancelled AND NOT is_bundle_child AND coalesce(cancel_flag, 0) = 0"
        " AND phase_role <> 'before'"
    ):
        covered = [one for one in files[name] if one[0] <= at.replace(tzinfo=UTC) <= one[2]]
        if state == "in_step" and not covered:
            said.append(f"{name} {number} is in step, and no file speaks of it")
    return said


def parts_add_up_to_the_gap(look):
    said, parts = [], [name for name in FRAMES["stock"].names if name.startswith("p_")]
    for row in look.stock.table.rows.to_dict("records"):
        if row["gap"] is None or row["gap"] != row["gap"]:
            continue
        sums = (sum(int(row[name]) for name in parts), row["crossmall"] - row["smartship"])
        if sums != (row["gap"], row["gap"]):
            said.append(f"{row['item_code']}: a gap of {row['gap']} is told as {sums}")
    for one in look.overview.health:
        total = look.desk.stock_total(one.account.name)
        if total.told and sum(total.parts.values()) != total.gap:
            said.append(f"{one.account.name}: {total.gap} in all is told as {total.parts}")
    return said


def keys_are_there_once(look):
    found = Counter((one.account, one.rule, one.subject_kind, one.subject) for one in look.findings)
    said = [f"finding {key} is open {n} times" for key, n in found.items() if n > 1]
    listed = Counter((row.account, row.finding_key) for row in look.triaged)
    said += [f"finding {key} is listed {n} times" for key, n in listed.items() if n > 1]
    orders = Counter(zip(look.orders["account"], look.orders["order_number"], strict=True))
    said += [f"order {key} stands {n} times" for key, n in orders.items() if n > 1]
    strange = [
        one for one in look.findings if one.order_number and (one.account, one.order_number) not in orders
    ]  # fmt: skip
    return said + [f"finding {one.rule} on no order: {one.subject}" for one in strange]


def history_ascends_and_keeps_everything(look, observed):
    """observed: what it held at earlier looks; it is added to."""
    said, by_order, found = [], defaultdict(list), {}
    for name, number, first, last, *state in look.rows(
        f"SELECT account, order_number, first_seen_at, last_confirmed_at, {', '.join(STATE_COLUMNS)}"
        " FROM cm_observation ORDER BY 1, 2, 3"
    ):
        by_order[name, number].append((first, last, state))
        found[name, number, first] = state
    for key, spans in by_order.items():
        said += [
            f"{key} confirmed at {last}, before {first}" for first, last, _ in spans if last < first
        ]
        said += [
            f"{key} changed at {right[0]}, but was confirmed at {left[1]}"
            for left, right in pairwise(spans)
            if right[0] < left[1] or left[2] == right[2]
        ]  # fmt: skip
    said += [f"{key} was seen and is gone" for key in observed if found.get(key) != observed[key]]
    observed.update(found)
    return said


def every_figure_has_an_age(look):
    said = []
    for rows, figure, age in (
        (look.orders, "state", "seen_at"),
        (look.orders, "ss_status", "ss_snapshot_at"),
        (look.stock.table.rows, "crossmall", "crossmall_seen_at"),
        (look.stock.table.rows, "smartship", "smartship_seen_at"),
        (look.mapping.table.rows, "item_code", "crossmall_seen_at"),
        (look.mapping.table.rows, "sku_no", "smartship_seen_at"),
    ):
        ageless = rows[rows[figure].notna() & rows[age].isna()]
        said += [f"{figure} without {age}: {row}" for row in ageless.to_dict("records")]
        late = rows[rows[age].notna() & (rows[age] > look.now + timedelta(minutes=1))]
        said += [f"{figure} from the future: {row}" for row in late.to_dict("records")]
    for one in look.overview.health:
        good = one.last_sync_at is not None and look.now - one.last_sync_at <= timedelta(hours=3)
        if one.state == "ok" and not good:
            said.append(f"{one.account.name} is ok, last read at {one.last_sync_at}")
    for ages in look.desk.figure_ages():
        if ages.figures and (ages.oldest_at is None or ages.newest_at is None):
            said.append(f"{ages.account}: {ages.figures} figures of {ages.feed} without an age")
    return said


def rows_are_their_own_accounts(look, shown):
    """shown: account -> order number -> every order code that its shop has ever shown for it."""
    said = [
        f"{name} has {number} of another shop: {code}"
        for name, number, code in zip(
            *(look.orders[one] for one in ("account", "order_number", "order_code")), strict=True
        )
        if code not in shown[name].get(number, ())
    ]
    for name in shown:
        tables = (look.desk.stock(name, paging=ALL), look.desk.mapping(name, paging=ALL))
        owners = {owner for one in tables for owner in one.table.rows["account"]}
        owners |= {one.account for one in look.desk.findings(name)}
        said += [f"asked for {name}, shown {owner}" for owner in owners - {name}]
    return said


def two_desks_say_the_same(look, other):
    ours, theirs = present(look), present(Tables(other))
    return [f"{what} differs between two desks" for what in ours if ours[what] != theirs[what]]


def export_is_the_table(look, what):
    """An export for machines, row by row."""
    made = look.desk.export(what, profile="machine").data.decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(made, newline="")))
    tables = {
        "orders": look.orders,
        "stock": look.stock.table.rows,
        "mapping": look.mapping.table.rows,
    }
    if what in tables:
        names = [name for name in ("account", "order_number", "state", "item_code", "sku_no", "gap")
                 if name in tables[what]]  # fmt: skip
        known = tables[what][names].astype(object)
        wanted = known.where(known.notna(), "").astype(str).to_numpy().tolist()
    elif what == "findings":
        names = ["account", "rule", "subject"]
        wanted = [[one.account, one.rule, one.subject] for one in look.findings]
    elif what == "audit":
        names = ["sequence", "actor", "event"]
        wanted = [[str(line[name]) for name in names] for line in look.lines]
    else:
        names = ["account", "order_number", "phase_name"]
        wanted = [list(row) for row in look.rows(
            "SELECT account, order_number, phase_name FROM cm_observation")]  # fmt: skip
    found = [[row[name] for name in names] for row in rows]
    return [] if sorted(found) == sorted(wanted) else [f"the export of {what} is not its table"]
