"""What people do around the list of orders: filter by chips, paste numbers, act on checked rows, save views."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import orderfilter, ordertable, palette, tables, triagebar, triageform
from pages.ui.frame import STYLE
from reconcile import (
    JST,
    LANGUAGES,
    OrderFilter,
    Paging,
    Text,
    TriageFilter,
    Workspace,
    finding_key,
)
from tests.e2e.apptest.conftest import copied, said

OpenApp = Callable[..., AppTest]
TEXT = Text("ja")
WHO = "佐藤"


@pytest.fixture(scope="module")
def desk_home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One demo that the tests of this module decide about, each about findings of a rule of its own."""
    return copied(demo_home, tmp_path_factory.mktemp("desk") / "home")


@pytest.fixture(scope="module")
def desk(desk_home: Path) -> Workspace:
    return Workspace.open(desk_home)


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOTSUGO_USER", WHO)


def numbers_of(workspace: Workspace, **filters: object) -> list[str]:
    chosen = OrderFilter(account="demo", **filters)  # type: ignore[arg-type]
    return [str(one) for one in workspace.orders(chosen).table.rows["order_number"]]


def shown(app: AppTest) -> list[str]:
    """The order numbers in the table, in their order."""
    tables = [one for one in app.dataframe if "order_code" in one.value]
    return [str(number) for number in tables[0].value["order_number"]] if tables else []


def check(app: AppTest, *numbers: str) -> None:
    """Tick the rows of these orders, as a click on their boxes does."""
    table = next(one for one in app.dataframe if "order_code" in one.value)
    app.session_state[triagebar.CHECKED] = (table.key, tuple(("demo", one) for one in numbers))
    app.run()


def choose(app: AppTest, action: str) -> None:
    """Press the button of an act in the bar over the table."""
    pills = next(one for one in app.get("button_group") if str(one.key).startswith("desk-action-"))
    pills.set_value(action).run()
    assert not app.exception


def confirm(app: AppTest, action: str, count: int) -> None:
    label = TEXT("desk.bar.go", n=count, what=triageform.word(TEXT, action))
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception


def standing(desk: Workspace, number: str) -> list[tuple[str, str | None]]:
    rows = desk.triaged(TriageFilter(orders=(("demo", number),), states=triagebar.UNSOLVED)).rows
    return [(row.triage, row.assignee) for row in rows]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_on_a_choice_is_the_number_of_orders_it_shows(
    lang: str, desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    facets = desk.orders(OrderFilter(account="demo", states=("act_now",))).facets
    rule, orders = max(facets["rule"].items(), key=lambda item: item[1])
    app = open_app(desk_home, "orders", lang, state="act_now", rule=rule)
    assert Text(lang)("frame.total", n=orders) in said(app)
    chips = next(one for one in app.get("button_group") if one.key == "input.phase")
    phases = desk.orders(OrderFilter(account="demo", states=("act_now",), rules=(rule,))).facets
    assert [option.split("\u3000")[-1] for option in chips.options] == [
        str(count) for count in phases["phase"].values()
    ]


def test_a_chip_filters_the_table_and_stands_in_the_address(
    desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    app = open_app(desk_home, "orders")
    next(one for one in app.get("button_group") if one.key == "input.rule").set_value(["F19"]).run()
    assert shown(app) == numbers_of(desk, rules=("F19",))
    assert app.query_params["rule"] in ("F19", ["F19"])


def test_the_stages_of_the_flow_are_those_of_the_forensics_and_lead_to_their_orders(
    desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    counts = desk.orders(OrderFilter(account="demo")).facets["flow"]
    stages = desk.phase_flow("demo").stages
    assert dict(zip(stages["flow_stage"], stages["orders"], strict=True)) == {
        name: count for name, count in counts.items() if not name.startswith("only_")
    }
    app = open_app(desk_home, "orders", flow="only_at_smartship")
    assert len(shown(app)) == counts["only_at_smartship"] > 0
    assert TEXT("desk.words.only_at_smartship") in said(app)
    app.button(key="flow-shipped").click().run()
    assert TEXT("frame.total", n=counts["shipped"]) in said(app)
    assert app.query_params["flow"] in ("shipped", ["shipped"])


@pytest.mark.parametrize("between", [" ", "\n", "\t", "、", "，", "　", "\r\n", " ; "])
def test_pasted_numbers_are_taken_apart_and_full_width_digits_are_read(between: str) -> None:
    pasted = between.join(["１２３４５", "3345－0021".replace("－", "-"), "12345"])
    assert orderfilter.numbers(pasted) == ("12345", "3345-0021")


def test_numbers_that_nobody_knows_are_named_below_the_table(
    desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    first, second = numbers_of(desk, rules=("F05",))[:2]
    app = open_app(desk_home, "orders", numbers=f"{first},  {second}\t990001 990002")
    assert sorted(shown(app)) == sorted((first, second))
    assert TEXT("desk.numbers.unknown", numbers=["990001", "990002"]) in said(app)


def test_every_kind_of_number_finds_its_order(desk: Workspace) -> None:
    rows = desk.orders(OrderFilter(account="demo"), Paging(size=700)).table.rows
    full = rows.dropna(subset=["delivery_number", "ss_tracking", "ss_packings"]).iloc[0]
    for column in ("order_number", "order_code", "delivery_number", "ss_tracking", "ss_packings"):
        number = str(full[column]).split(" ")[0]
        board = desk.orders(OrderFilter(account="demo", numbers=(number,)))
        assert full["order_number"] in set(board.table.rows["order_number"]), column
        assert board.unknown_numbers == ()


def test_checked_orders_are_acknowledged_after_a_preview_and_that_can_be_undone_and_redone(
    desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    first, second, other = numbers_of(desk, rules=("F07",))
    app = open_app(desk_home, "orders", rule="F07")
    check(app, first, second)
    assert TEXT("desk.bar.count", n=2) in said(app)
    choose(app, "ack")
    listed = next(one.value for one in app.dataframe if "subject" in one.value)
    assert set(listed["order_number"]) == {first, second}
    assert standing(desk, first)[0][0] == "open", "a preview changes nothing"
    confirm(app, "ack", len(listed))
    assert {standing(desk, one)[0] for one in (first, second)} == {("acknowledged", WHO)}
    assert standing(desk, other)[0] == ("open", None)
    assert TEXT("desk.done.done", what=TEXT("desk.act.ack"), n=len(listed)) in said(app)
    app.button(key="desk-turn").click().run()
    assert standing(desk, first)[0] == ("open", None)
    assert TEXT("desk.done.undone", what=TEXT("desk.act.ack"), n=len(listed)) in said(app)
    app.button(key="desk-turn").click().run()
    assert standing(desk, first)[0] == ("acknowledged", WHO)


def test_a_finding_that_somebody_else_changed_after_the_preview_is_left_alone_and_named(
    desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    first, second, _ = numbers_of(desk, rules=("F17",))
    app = open_app(desk_home, "orders", rule="F17")
    check(app, first, second)
    choose(app, "ignore")
    listed = next(one.value for one in app.dataframe if "subject" in one.value)
    key = next(
        row.finding_key for row in desk.triaged(TriageFilter(orders=(("demo", first),))).rows
    )
    desk.triage("demo", [key], "ack", by="田中")
    next(one for one in app.text_area if one.label == TEXT("desk.field.reason")).set_value(
        "予約商品"
    )
    confirm(app, "ignore", len(listed))
    assert ("acknowledged", "田中") in standing(desk, first)
    assert standing(desk, second)[0][0] == "ignored"
    assert key in said(app)
    assert "田中" in said(app)


def test_an_act_without_its_reason_is_refused_in_words_and_nothing_is_done(
    desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    number = numbers_of(desk, rules=("F20",))[0]
    app = open_app(desk_home, "orders", rule="F20")
    check(app, number)
    choose(app, "ignore")
    listed = next(one.value for one in app.dataframe if "subject" in one.value)
    confirm(app, "ignore", len(listed))
    assert TEXT("error.triage.text", name="reason", length=0, most=2000) in said(app)
    assert standing(desk, number)[0][0] == "open"


def test_findings_of_a_whole_shop_are_touched_only_when_a_person_says_so(
    desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    number = numbers_of(desk, rules=("F04",), states=("act_now",))[0]
    app = open_app(desk_home, "orders", rule="F04")
    check(app, number)
    choose(app, "snooze")
    assert TEXT("desk.bar.only_shared") in said(app)
    next(one for one in app.checkbox if str(one.key).startswith("desk-shared-")).check().run()
    confirm(app, "snooze", 1)
    assert [state for state, _ in standing(desk, number)] == ["snoozed"]
    assert number not in numbers_of(desk, rules=("F04",), desk="open")


def test_the_segments_show_what_is_open_and_what_is_mine(
    desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    mine, other, _ = numbers_of(desk, rules=("F01",))
    for number, who in ((mine, WHO), (other, "田中")):
        keys = [
            row.finding_key for row in desk.triaged(TriageFilter(orders=(("demo", number),))).rows
        ]
        desk.triage("demo", keys, "ack", by=who)
    app = open_app(desk_home, "orders", desk="mine", rule="F01")
    assert shown(app) == [mine]
    app = open_app(desk_home, "orders", desk="open", rule="F01")
    assert mine not in shown(app)
    assert other not in shown(app)


def test_mine_without_a_name_asks_for_it(
    desk_home: Path, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOTSUGO_USER")
    app = open_app(desk_home, "orders", desk="mine")
    assert TEXT("desk.mine.who") in said(app)
    app.text_input(key="desk-person-field").set_value("だれでもない").run()
    assert TEXT("desk.mine.who") not in said(app)
    assert TEXT("orders.empty.filtered") in said(app)


def one_finding(folder: str, rule: str) -> None:
    """A page that shows nothing but the acts on the first finding of a rule."""
    from pages.ui import triagecase
    from pages.ui.frame import View
    from reconcile import Workspace

    workspace = Workspace.open(folder, lang="ja")
    view = View(
        text=workspace.text,
        workspace=workspace,
        accounts=workspace.accounts(),
        account="demo",
        health=(),
        now=workspace.now(),
    )
    triagecase.actions(view, workspace.findings("demo", rule=rule)[0])


def test_a_finding_in_its_case_is_snoozed_noted_and_taken_back(
    desk_home: Path, desk: Workspace
) -> None:
    number = str(desk.findings("demo", rule="F27")[0].order_number)
    app = AppTest.from_function(
        one_finding, kwargs={"folder": str(desk_home), "rule": "F27"}, default_timeout=60
    ).run()
    for action in ("note", "snooze"):
        app.get("button_group")[0].set_value(action).run()
        if action == "note":
            app.text_area[0].set_value("電話済み")
        label = TEXT("desk.case.go", what=triageform.word(TEXT, action))
        next(one for one in app.button if one.label == label).click().run()
        assert not app.exception
        assert TEXT("desk.done.done", what=triageform.word(TEXT, action), n=1) in said(app)
    assert TEXT("desk.case.note", what="電話済み") in said(app)
    assert TEXT("desk.triage.snoozed") in said(app)
    assert standing(desk, number)[0][0] == "snoozed"
    app.button(key="desk-turn").click().run()
    assert standing(desk, number)[0][0] == "open"
    assert TEXT("desk.case.note", what="電話済み") in said(app), "only the last act is taken back"


def test_who_writes_on_a_finding_second_sees_both_texts_and_may_send_again(
    desk_home: Path, desk: Workspace
) -> None:
    finding = desk.findings("demo", rule="F20")[0]
    app = AppTest.from_function(
        one_finding, kwargs={"folder": str(desk_home), "rule": "F20"}, default_timeout=60
    ).run()
    app.get("button_group")[0].set_value("note").run()
    app.text_area[0].set_value("後から書いた")
    desk.triage("demo", [finding_key(finding)], "note", text="先に書いた", by="鈴木")
    label = TEXT("desk.case.go", what=triageform.word(TEXT, "note"))
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception
    assert "鈴木" in said(app)
    assert TEXT("desk.case.note", what="先に書いた") in said(app)
    assert app.text_area[0].value == "後から書いた"
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception
    assert TEXT("desk.case.note", what="後から書いた") in said(app)
    assert not app.text_area


def test_a_view_is_saved_opened_by_its_link_and_removed(
    desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    app = open_app(desk_home, "orders", state="act_now", desk="open", numbers="12345")
    next(one for one in app.text_input if one.label == TEXT("desk.views.name")).set_value(
        "朝の未対応"
    )
    next(one for one in app.button if one.label == TEXT("desk.views.save")).click().run()
    saved = desk.saved_view("朝の未対応")
    assert dict(saved.query) == {"desk": ("open",), "state": ("act_now",)}, "no number is shared"
    assert saved.actor == WHO
    again = open_app(desk_home, "orders", rule="F19")
    again.button(key="desk-view-open-朝の未対応").click().run()
    assert "rule" not in again.query_params
    wanted = numbers_of(desk, states=("act_now",), desk="open")
    assert sorted(shown(again)) == sorted(wanted)
    again.button(key="desk-view-remove-朝の未対応").click().run()
    assert not desk.saved_views()


def test_the_csv_has_the_rows_of_the_table_in_their_order(
    desk_home: Path, desk: Workspace, open_app: OpenApp
) -> None:
    app = open_app(desk_home, "orders", desk="open", sort="order_number", dir="down")
    export = desk.export(
        "orders",
        account="demo",
        order_filter=OrderFilter(account="demo", desk="open", person=WHO),
        paging=Paging(sort="order_number", descending=True),
        profile="machine",
    )
    rows = list(csv.DictReader(io.StringIO(export.data.decode("utf-8"))))
    assert [row["order_number"] for row in rows] == shown(app)
    assert {row["triage"] for row in rows} == {"open"}


def test_what_waits_beyond_its_limit_is_marked_and_can_be_filtered(desk: Workspace) -> None:
    late = Workspace.open(desk.data, clock=lambda: desk.now() + timedelta(days=4))
    board = late.orders(OrderFilter(account="demo", overdue=True))
    assert board.table.total == board.facets["ageing"]["overdue"] > 0
    assert set(board.table.rows["ageing"]) == {"overdue"}
    assert board.table.rows["waiting_h"].min() >= 4


@pytest.mark.parametrize(
    ("soon", "wanted"),
    [
        ("hours", datetime(2026, 11, 24, 2, 30, tzinfo=JST)),
        ("tomorrow", datetime(2026, 11, 24, 9, tzinfo=JST)),
        ("days", datetime(2026, 11, 26, 9, tzinfo=JST)),
        ("week", datetime(2026, 11, 30, 9, tzinfo=JST)),
    ],
)
def test_a_quick_snooze_ends_in_the_morning_of_its_day_in_japan(
    soon: str, wanted: datetime
) -> None:
    assert triageform.after(datetime(2026, 11, 23, 22, 30, tzinfo=JST), soon) == wanted


def test_a_phase_name_with_signs_of_markdown_is_shown_letter_by_letter() -> None:
    assert palette.literal("*発送*[x](y):red[z]") == r"\*発送\*\[x\]\(y\)\:red\[z\]"


def test_the_style_makes_room_for_a_case_as_high_as_the_list_beside_it_will_be() -> None:
    height = f"max-height: {tables.ROW_PX * (ordertable.ROWS_BESIDE_CASE + 1) + 3}px"
    rules = STYLE.read_text(encoding="utf-8").splitlines()
    assert height in next(rule for rule in rules if "st-key-rows-orders-" in rule)
