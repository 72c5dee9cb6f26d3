"""R6: whatever people, files, faults and accidents do to a desk in whatever order, what it says stays true.

Two shops in processes of their own, two accounts in one folder, two workspaces on it. After every step all of `whole.py` is
asked; at the end every file is searched for keys and customers.
"""

from __future__ import annotations

import contextlib
import getpass
import random
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from crossmall.types import Secret
from reconcile import TriageFilter, UsageError
from reconcile.errors import StoreDamaged, SyncFailed
from reconcile.triage_acts import TriageConflict
from tests.conftest import PARTS
from tests.integration.conftest import KEY
from tests.reliability import whole
from tests.reliability.canaries import Canary, hits
from tests.reliability.checker import Checker
from tests.reliability.whole_world import FILES, NAMES, World, covers, with_addition
from tests.reliability.working import afresh
from tests.store.damage import mutated

USER = getpass.getuser()
PEOPLE = ("佐藤", "鈴木")
FAULTS = ("auth_error", "cut_xml", "error_xml", "html", "http_500", "not_http", "reset_in_body")
EVENTS = {  # what somebody does with a finding -> what the ledger calls it
    "ack": "acknowledged", "assign": "assigned", "note": "noted", "snooze": "snoozed", "ignore": "ignored",
    "reopen": "reopened",
}  # fmt: skip
STORE, LEDGER, COPY, HISTORY = (
    "store.duckdb", "ledger.jsonl", "ledger-copy.jsonl", "history/observations.parquet",
)  # fmt: skip
OF_AN_ACT = {"version", "actor", "acted_at"}
TURNED = {"undo": "undone", "redo": "redone"}
places = st.integers(0, 99)
names = st.sampled_from((NAMES[0], NAMES[0], NAMES[1]))
people = st.sampled_from(PEOPLE)


class WholeDesk(RuleBasedStateMachine):
    """One folder, from a first sync to whatever comes."""

    world: World
    steps = 0

    @initialize(start=st.sampled_from(("read", "compared")))
    def it_begins(self, start):
        self.home = Path(tempfile.mkdtemp())
        self.world.rewind()
        begun, files = self.world.begun[start]
        self.folder = self.home / "data"
        shutil.copytree(begun, self.folder, ignore=shutil.ignore_patterns("*.lock", "secrets.enc"))
        self.files = {"east": list(files), "west": []}
        self.open_both()
        for name in NAMES:
            self.desk._accounts.secrets.put(name, Secret(KEY))
        self.acts = [
            (line["event"], line["account"], line["actor"])
            for line in whole.lines_of(self.folder / LEDGER)
        ]
        self.observed, self.seen, self.lists, self.backups = {}, {}, [], []
        self.done = {"triage": [], "mapping": []}
        self.is_copied = True
        self.truth = {name: Checker(shop.reader, name) for name, shop in self.world.shops.items()}
        self.watch()

    def open_both(self):
        self.desk, self.other = self.world.opened(self.folder), self.world.opened(self.folder, "en")

    def watch(self):
        for truth in self.truth.values():
            truth.look()

    def acted(self, event, account, actor):
        self.acts.append((event, account, actor))

    def teardown(self):
        if hasattr(self, "home"):
            assert secrets_in(self.home, self.world) == []
            afresh()
            shutil.rmtree(self.home)

    # The shops, the line, the files

    @rule(hours=st.sampled_from((0.2, 1, 4, 9, 26)))
    def time_passes(self, hours):
        self.world.advance(hours)
        self.watch()

    @rule(name=names, parts=st.sampled_from((("orders",), None)))
    def a_sync(self, name, parts):
        assert self.desk.sync(name, parts=parts).complete
        truth = self.truth[name]
        assert truth.orders(self.desk) + truth.invented(self.desk) == []
        if parts is None:
            assert truth.goods(self.desk) == []
        self.is_copied = True

    @rule(
        name=names,
        kind=st.sampled_from(FAULTS),
        rate=st.sampled_from((0.03, 0.3)),
        full=st.booleans(),
    )
    def a_sync_is_cut_off(self, name, kind, rate, full):
        shop = self.world.shops[name]
        shop.trouble(**{kind: rate})
        try:
            self.desk.sync(name, full=full)
        except SyncFailed as failed:
            assert KEY not in repr(failed)
        finally:
            shop.trouble()
        assert self.truth[name].invented(self.desk) == []

    @rule(name=names, kind=st.sampled_from(FILES), is_other=st.booleans())
    def a_file_comes(self, name, kind, is_other):
        """is_other: in the other encoding, or an order file with an addition to its numbers."""
        (file, data), stated = self.world.file(name, kind, "cp932" if is_other else "utf-8-sig")
        if is_other and kind == "orders":
            rows = whole.rows_of(self.desk, "SELECT order_code, order_number FROM cm_order")
            data = with_addition(data.decode("cp932").encode("utf-8-sig"), dict(rows))
        (report,) = self.desk.import_files(name, [(file, data)], **stated)
        assert report.rejected_file is None
        if not report.already_known:
            self.acted("file.imported", name, USER)
            self.files[name] += [covers(stated)] if kind == "orders" else []

    # What people decide

    @rule(
        who=people,
        desk=st.booleans(),
        place=places,
        action=st.sampled_from(tuple(EVENTS)),
        old=st.booleans(),
    )
    def somebody_decides(self, who, desk, place, action, old):
        """old: by a list that was shown earlier."""
        rows = self.shown.triaged
        if not rows:  # a mirror was lost
            return
        row = rows[place % len(rows)]
        key = row.account, row.finding_key
        version = self.seen.get(key, row.version) if old else row.version
        self.seen |= {(one.account, one.finding_key): one.version for one in rows}
        chosen = self.desk if desk else self.other
        try:
            report = chosen.triage(
                row.account, [row.finding_key], action, expected_version=version, by=who,
                **self.values(action, who),
            )  # fmt: skip
        except TriageConflict:
            assert version != row.version
            return
        assert version == row.version
        self.acted(f"triage.{EVENTS[action]}", row.account, who)
        self.done["triage"] += report.ledger

    def values(self, action, who):
        wanted = {
            "assign": {"assignee": who},
            "note": {"text": f"{who} {len(self.acts)}"},
            "snooze": {
                "until": self.world.clock() + timedelta(hours=6, minutes=30)
            },  # not when steps end
            "ignore": {"reason": "意図した運用"},
        }
        return wanted.get(action, {})

    @rule(name=names, kinds=st.sampled_from(((), ("finding",), ("cannot_tell",))))
    def somebody_previews(self, name, kinds):
        frozen = self.desk.triage_preview(TriageFilter(account=name, kinds=kinds))
        self.lists += [(name, frozen)] if frozen.count else []

    @rule(who=people, place=places, action=st.sampled_from(tuple(EVENTS)))
    def somebody_acts_on_a_preview(self, who, place, action):
        if not self.lists:
            return
        name, frozen = self.lists[place % len(self.lists)]
        now = {one.finding_key: one.version for one in self.shown.triaged if one.account == name}
        same = [one for one in frozen.items if now.get(one.finding_key) == one.version]
        report = self.desk.triage_bulk(frozen, action, by=who, **self.values(action, who))
        assert (report.done, len(report.skipped)) == (len(same), frozen.count - len(same))
        if same:
            self.acted(f"triage.{EVENTS[action]}", name, who)
            self.done["triage"] += report.ledger

    @rule(
        who=people,
        place=places,
        decision=st.sampled_from(("accept", "reject", "no_counterpart", "later", "reopen")),
    )
    def somebody_decides_about_a_link(self, who, place, decision):
        rows = self.shown.mapping.table.rows
        if not len(rows):
            return
        row = rows.iloc[place % len(rows)]
        sku_no = row["sku_no"] if isinstance(row["sku_no"], str) else None
        try:
            report = self.desk.mapping_decide(
                row["account"], [row["case_key"]], decision, sku_no=sku_no, by=who,
                expected_version=row["version"],
            )  # fmt: skip
        except UsageError as refused:
            assert refused.help_key in (
                "error.mapping.linked",
                "error.mapping.stale",
                "error.mapping.which",
            )
            return
        self.acted("mapping.decided", row["account"], who)
        self.done["mapping"] += report.ledger

    @rule(
        who=people, place=places, area=st.sampled_from(("triage", "mapping")), again=st.booleans()
    )
    def somebody_takes_an_act_back(self, who, place, area, again):
        """again: and does it once more."""
        if not self.done[area]:
            return
        act = self.done[area][-1 - place % len(self.done[area])]
        line = self.shown.lines[act - 1]
        self.turned(area, "undo", act, line, who)
        if again:
            self.turned(area, "redo", act, line, who)

    def turned(self, area, turn, act, line, who):
        before = len(whole.lines_of(self.folder / LEDGER))
        try:
            report = getattr(self.desk, f"{area}_{turn}")(act, by=who)
        except UsageError as error:
            assert error.help_key == f"error.{area}.no_{turn}"
            assert len(whole.lines_of(self.folder / LEDGER)) == before
            return False
        assert report.done + len(report.skipped) == len(line["values"]["items"])
        self.acted(f"{area}.{TURNED[turn]}", line["account"], who)
        return True

    @rule(who=people, place=places, action=st.sampled_from(("ack", "snooze", "ignore")))
    def an_act_that_is_taken_back_is_not_seen(self, who, place, action):
        rows = self.shown.triaged
        if not rows:  # a mirror was lost
            return
        row = rows[place % len(rows)]
        report = self.desk.triage(
            row.account, [row.finding_key], action, by=who, **self.values(action, who)
        )
        shown = self.as_shown(row)
        self.desk.triage_undo(report.ledger[0], by=who)
        assert self.as_shown(row) == visible(row)
        self.desk.triage_redo(report.ledger[0], by=who)
        assert self.as_shown(row) == shown
        for event in (EVENTS[action], "undone", "redone"):
            self.acted(f"triage.{event}", row.account, who)
        self.done["triage"] += report.ledger

    def as_shown(self, row):
        asked = TriageFilter(account=row.account, keys=[row.finding_key])
        return visible(self.other.triaged(asked).rows[0])

    @rule(
        who=people,
        name=names,
        place=places,
        state=st.sampled_from(("confirmed", "rejected", "proposed")),
    )
    def somebody_decides_about_an_addition(self, who, name, place, state):
        found = self.desk.affixes(name)
        if found:
            self.desk.decide_affix(name, found[place % len(found)].id, state, by=who)
            self.acted("order_affix.decided", name, who)

    @rule(
        name=names,
        place=places,
        role=st.sampled_from(("before", "collect", "after", "shipped", "unknown")),
    )
    def somebody_says_what_a_phase_means(self, name, place, role):
        phases = [one.name for one in self.desk.phases(name)]
        if phases:  # none after a mirror was lost
            self.desk.set_phase_role(name, phases[place % len(phases)], role)
            self.acted("phase_role.set", name, USER)

    @rule(name=names, tolerance=st.integers(0, 3), all_houses=st.booleans())
    def somebody_says_which_stock_counts(self, name, tolerance, all_houses):
        houses = () if all_houses else self.desk.stock(name).warehouses[:1]
        self.desk.set_stock_scope(name, tolerance=tolerance, warehouses=houses)
        self.acted("account.changed", name, USER)

    @rule(
        who=people,
        name=st.sampled_from(("朝の確認", "昼の確認")),
        rules=st.sampled_from(("F03", "F07")),
    )
    def somebody_saves_or_removes_a_view(self, who, name, rules):
        if any(one.name == name for one in self.other.saved_views()):
            self.other.remove_view(name, by=who)
            self.acted("view.removed", None, who)
        else:
            self.other.save_view(name, {"rule": rules}, by=who)
            self.acted("view.saved", None, who)

    # Keeping, and accidents

    @rule()
    def a_backup_brings_back_the_same_elsewhere(self):
        file = self.home / f"backup{len(self.backups)}.zip"
        before = whole.present(self.shown)
        self.desk.backup(file)
        elsewhere = self.world.opened(self.home / f"elsewhere{len(self.backups)}")
        elsewhere.restore(file)
        after = whole.present(whole.Tables(elsewhere))
        assert [what for what in before if before[what] != after[what]] == []
        elsewhere._db.close()
        self.backups.append((file, {name: list(files) for name, files in self.files.items()}))

    @rule(place=places)
    def a_backup_is_restored(self, place):
        if self.backups:
            file, files = self.backups[place % len(self.backups)]
            self.desk.restore(file)
            self.files = {name: list(kept) for name, kept in files.items()}
            self.is_copied = True

    @rule()
    def the_folder_is_opened_again(self):
        afresh()
        self.open_both()

    @rule(file=st.sampled_from((STORE, LEDGER, COPY, HISTORY)), seed=places)
    def a_file_is_damaged(self, file, seed):
        if file == STORE and not self.is_copied:
            return  # two damages at once, of the store and of what it is made anew from
        afresh()
        path = self.folder / file
        if not path.exists():  # a history that was put aside while the mirror held none
            return
        path.write_bytes(
            bytes(20_000) if file == STORE else mutated(path.read_bytes(), random.Random(seed))
        )
        if file == STORE:
            path.with_name(f"{file}.wal").unlink(missing_ok=True)
            self.files = {name: [] for name in NAMES}
        self.is_copied = self.is_copied and file != HISTORY
        self.open_both()
        with contextlib.suppress(StoreDamaged):  # said once
            self.desk.overview()

    # What holds after every step

    @invariant()
    def everything_holds(self):
        WholeDesk.steps += 1
        look = self.shown = whole.Look(self.desk)  # the next step begins with it
        for check in (
            whole.both_files_are_one_chain,
            whole.decisions_stand_in_the_tables,
            whole.settings_stand_in_the_tables,
            whole.nothing_is_left_of_what_was_taken_back,
            whole.counts_are_those_of_the_rows,
            whole.parts_add_up_to_the_gap,
            whole.keys_are_there_once,
            whole.every_figure_has_an_age,
        ):
            assert check(look) == []
        assert whole.nothing_is_fine_without_a_file_that_covers_it(look, self.files) == []
        assert whole.history_ascends_and_keeps_everything(look, self.observed) == []
        assert whole.two_desks_say_the_same(look, self.other) == []
        assert whole.export_is_the_table(look, EXPORTS[WholeDesk.steps % len(EXPORTS)]) == []
        shown = {
            name: {
                number: {row[1] for row in states.values()}
                for number, states in truth.shown.items()
            }
            for name, truth in self.truth.items()
        }
        assert whole.rows_are_their_own_accounts(look, shown) == []

    @invariant()
    def every_act_is_one_line_and_nothing_else_is(self):
        lines = whole.lines_of(self.folder / LEDGER)
        by_people = [
            (line["event"], line["account"], line["actor"])
            for line in lines
            if line["actor"] != whole.ITSELF
        ]
        assert by_people == self.acts

    @invariant()
    def nothing_is_written_to_a_shop(self):
        for shop in self.world.shops.values():
            called = shop.get("requests")["counts"]
            assert [name for name in called if name.startswith("upd")] == []


EXPORTS = ("orders", "findings", "stock", "mapping", "observations", "audit")
STATEMENTS = 15  # the checks of whole.py, every act is one line, nothing is written


def visible(row):
    """A finding as it is shown, but for the number, the time and the person of its last act."""
    return {name: getattr(row, name) for name in row.__dataclass_fields__ if name not in OF_AN_ACT}


def secrets_in(folder, world):
    """Where a key or a customer stands in any file."""
    looked_for = [Canary("key", KEY), *(Canary("person", text) for text in world.people)]
    return [
        hit
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for hit in hits(str(path.relative_to(folder)), path.read_bytes(), looked_for)
    ]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.stop()


@pytest.mark.desk
@pytest.mark.parametrize("part", PARTS)
def test_whatever_is_done_to_a_desk_what_it_says_stays_true(world, sized, tally, part):
    WholeDesk.world, WholeDesk.steps = world, 0
    examples = sized(2, 50)  # the first is the simplest that there is
    run_state_machine_as_test(
        seed(part)(WholeDesk),
        settings=settings(
            max_examples=examples,
            stateful_step_count=sized(6, 50),
            deadline=None,
            database=None,
            phases=(Phase.generate,),  # half a second a step: too long to look for a shorter one
            suppress_health_check=list(HealthCheck),
        ),
    )
    tally("R6", sequences=examples, steps=WholeDesk.steps, least_statements=STATEMENTS, broken=0)
