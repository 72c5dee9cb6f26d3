"""The forensics through the real sync: a shop watched for eight hours, then one Smartship file, then the questions."""

import json
from datetime import datetime, timedelta

import pytest

from reconcile import LANGUAGES, Text, Workspace
from reconcile.cli import main
from reconcile.errors import UsageError
from reconcile.orders.causes import CAUSES
from reconcile.store.database import naive
from tests.integration.conftest import KEY, SandboxProcess, last_noon, rows

WATCHED = timedelta(hours=8)
LOOKS_MIN = (
    30,
    30,
    30,
    30,
    120,
    120,
    120,
)  # densely around the hours in which orders are printed early
STORED = "SELECT * FROM order_stay ORDER BY order_number"
RIGHT = {"F01": {"not_reached"}, "F03": {"overflow"}, "F07": {"printed_early", "between_pulls"}}


class Watched:
    """A shop and a workspace whose clocks move together."""

    def __init__(self, folder):
        end = last_noon()
        self.at = end - WATCHED
        self.shop = SandboxProcess(
            *("--orders", "90", "--seed", "7", "--clock", "frozen"),
            *("--epoch", end.isoformat(), "--start", self.at.isoformat()),
        )
        self.folder = folder
        self.desk = Workspace.open(folder, clock=lambda: self.at)
        options = {"auto_orders": "on"}
        self.desk.add_account(
            "shop", company_code="ill", key=KEY, base_url=self.shop.url, options=options
        )
        self.desk.sync("shop", parts=("orders",))
        for minutes in LOOKS_MIN:
            self.pass_time(timedelta(minutes=minutes))
            self.desk.sync("shop", parts=("orders",))
        self.before = {name: list(one) for name, one in self.causes().items()}
        data, headers = self.shop.file("orders", encoding="cp932")
        stated = {
            name: datetime.fromisoformat(headers[title])
            for name, title in (
                ("snapshot_at", "X-Snapshot-At"),
                ("covers_from", "X-Coverage-From"),
                ("covers_to", "X-Coverage-To"),
            )
        }
        self.desk.import_files("shop", [("orders.csv", data)], **stated)

    def pass_time(self, length):
        self.at += length
        self.shop.post("clock", advance_s=int(length.total_seconds()))

    def causes(self):
        stored = "SELECT order_number, cause, verdict, probability, missing FROM order_stay"
        return {number: tuple(rest) for number, *rest in rows(self.desk, stored)}

    def planted(self):
        orders = self.shop.get("oracle")["orders"]
        return {one["order_number"]: one["planted"] for one in orders}


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("watched")
        patch.setenv("TOTSUGO_KEYRING", "off")
        patch.setenv("TOTSUGO_KEY_FOLDER", str(folder / "keys"))
        made = Watched(folder / "data")
        yield made
        made.shop.stop()


def test_planted_orders_get_the_cause_that_was_planted(watched):
    planted, causes = watched.planted(), watched.causes()
    seen = {kind: set() for kind in RIGHT}
    changed = dict(rows(watched.desk, "SELECT order_number, updated_at FROM cm_order"))
    for number, kind in planted.items():
        watched_since = changed[number] >= naive(watched.at - WATCHED)
        if kind in RIGHT and number in causes and (kind != "F07" or watched_since):
            seen[kind].add(causes[number][0])
    assert all(found and found <= RIGHT[kind] for kind, found in seen.items()), seen


def test_a_printed_order_was_missed_with_probability_nought_once_a_file_proves_it(watched):
    planted = watched.planted()
    told = {
        watched.causes()[number][1:3]
        for number in watched.causes()
        if planted[number] == "F07" and watched.causes()[number][0] == "printed_early"
    }
    assert told == {("missed", 0.0)}


def test_without_a_smartship_file_nobody_says_why(watched):
    printed = [number for number, one in watched.causes().items() if one[0] == "printed_early"]
    before = {tuple(watched.before[number]) for number in printed}
    assert {(cause, verdict, missing) for cause, verdict, _, missing in before} == {
        ("cannot_tell", "cannot_tell", "smartship_orders_file")
    }
    assert all(0 < probability < 1 for _, _, probability, _ in before)


def test_examining_again_with_nothing_changed_writes_nothing(watched):
    before = rows(watched.desk, STORED)
    note = rows(watched.desk, "SELECT * FROM examination")
    pulls = rows(watched.desk, "SELECT * FROM pull_time ORDER BY at_by")
    watched.desk._judge(watched.desk.accounts()[0])
    assert rows(watched.desk, "SELECT * FROM examination") == note
    assert rows(watched.desk, STORED) == before != []
    assert rows(watched.desk, "SELECT * FROM pull_time ORDER BY at_by") == pulls != []


def test_the_case_of_an_order_tells_the_cause_the_tests_and_the_way_there(watched):
    number = next(n for n, one in watched.causes().items() if one[0] == "printed_early")
    case = watched.desk.order("shop", number)
    assert case.verdict["cause"] == "printed_early"
    assert [one["cause"] for one in case.verdict["evidence"]] == [one.id for one in CAUSES]
    assert [one["cause"] for one in case.verdict["evidence"] if one["taken"]] == ["printed_early"]
    values = next(one for one in case.verdict["evidence"] if one["taken"])["values"]
    assert values["left_phase"] == "送り状印刷済み"
    assert values["entered_by"] < values["left_by"]
    kinds = {(event["side"], event["kind"]) for event in case.timeline}
    assert kinds >= {("ours", "look"), ("crossmall", "phase")}
    pulls = {kind for side, kind in kinds if side == "pulls"}
    assert pulls <= {"pull", "pull_planned", "pull_reaching", "pull_planned_reaching"}
    assert pulls & {"pull_reaching", "pull_planned_reaching"}, "a planned pull fell into the stay"
    assert [one["phase_name"] for one in case.spans][-1] == case.row["phase_name"]
    assert all(one["left_by"] is not None for one in case.spans[:-1])


def test_the_stay_that_the_case_shows_holds_the_true_one(watched):
    truth = {one["order_number"]: one["phases"] for one in watched.shop.get("oracle")["orders"]}
    checked = 0
    for number, (cause, *_) in watched.causes().items():
        case = watched.desk.order("shop", number)
        moves = {one["phase"]: datetime.fromisoformat(one["from"]) for one in truth[number]}
        for span in case.spans:
            true = moves[span["phase_name"]]
            assert span["entered_from"] is None or span["entered_from"] <= true, (number, cause)
            assert true <= span["entered_by"], (number, cause)
            checked += 1
    assert checked > 10


def test_every_case_can_be_told_in_every_language(watched):
    desks = {lang: Workspace.open(watched.folder, lang=lang) for lang in LANGUAGES}
    for number in watched.causes():
        case = watched.desk.order("shop", number)
        for desk in desks.values():
            told = desk.why(case)
            assert told.title
            assert told.cure
            assert len(told.tree) == len(CAUSES)
            assert "{" not in told.saw + "".join(told.cure)
            assert [desk.text.event(event) for event in case.timeline]


def test_known_pulls_are_those_that_the_shop_really_made(watched):
    found = watched.desk.pulls("shop")
    known = found[found["pull_basis"] == "known"]
    true = {
        datetime.fromisoformat(one["pull"])
        for one in watched.shop.get("oracle")["orders"]
        if one["pull"]
    }
    held = [any(one.pull_from <= at <= one.pull_by for at in true) for one in known.itertuples()]
    assert len(known) > 5
    assert all(held)


def test_the_desk_counts_misses_flow_and_risk(watched):
    hours = watched.desk.misses_by_hour("shop")
    absent = [one[0] for one in watched.causes().values() if one[1] == "missed"]
    rightly = [cause for cause in absent if cause in ("cancelled_before_pull", "merged_packing")]
    assert rightly, "the shop has no cancelled order that was never collected"
    assert len(hours) == 7 * 24
    assert hours["orders"].sum() == len(absent) - len(rightly) > 0
    flow = watched.desk.phase_flow("shop")
    counts = flow.stages["orders"].tolist()
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] > 0
    assert {"発送待機", "送り状印刷済み"} <= {*flow.moves["from_phase"], *flow.moves["to_phase"]}
    risk = watched.desk.at_risk("shop")
    causes = {number: one[0] for number, one in watched.causes().items()}
    passed = {number for number, cause in causes.items() if cause == "overflow"}
    waiting = {number for number, cause in causes.items() if cause == "not_due_yet"}
    assert passed, "no order was passed over by a pull"
    assert set(risk["order_number"]) == passed | waiting
    is_passed = risk["passed_pulls"] > 0
    assert set(risk.loc[is_passed, "order_number"]) == passed
    assert risk.loc[is_passed, "missed_pct"].isna().all(), "their chance is not known"
    assert is_passed.is_monotonic_decreasing, "they come first"
    assert risk.loc[~is_passed, "missed_pct"].is_monotonic_decreasing


def test_what_if_is_asked_within_reason_and_answered_in_words(watched, monkeypatch, capsys):
    half, hour = (watched.desk.what_if("shop", period_min=minutes) for minutes in (30, 60))
    assert half.share.share <= hour.share.share
    assert hour.share.low <= hour.share.share <= hour.share.high
    assert hour.advice.minimum_stay_s <= 6 * 3600
    for wrong in ({"period_min": 0}, {"minimum_stay_min": -1}, {"target": 1}):
        with pytest.raises(UsageError):
            watched.desk.what_if("shop", **wrong)
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    arguments = ["--data", str(watched.folder), "--lang", "en", "stays", "--minimum", "30"]
    assert main(arguments) in (0, 1)
    assert "missed" in capsys.readouterr().out
    assert main([*arguments, "--json"]) in (0, 1)
    document = json.loads(capsys.readouterr().out)
    assert document.keys() >= {"account", "period_min", "share", "advice", "at_risk"}
    assert document["minimum_stay_min"] == 30


def test_an_account_that_was_never_synced_has_answers_too(tmp_path, monkeypatch):
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "keys"))
    desk = Workspace.open(tmp_path / "data")
    desk.add_account("shop", company_code="ill", key=KEY, base_url="http://127.0.0.1:9")
    desk._judge(desk.accounts()[0])
    assert desk.what_if("shop").share.missing == "stays"
    assert desk.at_risk("shop").empty
    assert desk.pulls("shop").empty
    assert desk.misses_by_hour("shop")["orders"].sum() == 0
    assert desk.phase_flow("shop").stages["orders"].sum() == 0
    assert Text("ja").has("why.cannot_tell.title")
