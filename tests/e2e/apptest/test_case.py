"""The case of one order on the Orders screen: picture, why, shipping by hand, packet, possible links."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from reconcile import JST, LANGUAGES, Text, Workspace
from reconcile.cli import main
from tests.e2e.apptest.conftest import said, unfold

OpenApp = Callable[..., AppTest]
TEXT = Text("ja")
AGES = re.compile(r"\d+(秒|分)前")


def one(home: Path, rule: str) -> str:
    found = Workspace.open(home).findings(rule=rule, kind="finding")
    return str(found[0].order_number)


def opened(open_app: OpenApp, home: Path, number: str, lang: str = "ja", **more: str) -> AppTest:
    return open_app(home, "orders", lang, order=number, of="demo", **more)


def made_sheets(home: Path) -> int:
    ledger = home / "ledger.jsonl"
    return ledger.read_text(encoding="utf-8").count("recovery_sheet.made")


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception


@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_packet_and_command_say_the_same_about_the_pull(
    lang: str, demo_home: Path, open_app: OpenApp, capsys: pytest.CaptureFixture[str]
) -> None:
    number, desk = one(demo_home, "F03"), Workspace.open(demo_home, lang=lang)
    why = desk.why(desk.order("demo", number))
    assert main(["--data", str(demo_home), "--lang", lang, "order", number]) == 1
    places = {
        "page": said(opened(open_app, demo_home, number, lang)),
        "packet": desk.packet("demo", number, lang=lang).data.decode("utf-8"),
        "command": capsys.readouterr().out,
    }
    told = [why.title, why.saw, *filter(None, (why.chance, why.missing))]
    missing = [
        (name, words) for name, page in places.items() for words in told if words not in page
    ]
    assert not missing


def test_a_case_that_is_drawn_before_its_list_stands_below_it_all_the_same(
    demo_home: Path, open_app: OpenApp
) -> None:
    """As after a click on a row while another order is open: pages/ui/frame.above_below."""
    app = opened(open_app, demo_home, one(demo_home, "F03"))
    page = AGES.sub("", said(app))
    app.session_state["session.below"] = True
    app.run()
    assert not [key for key in ("session.below", "session.ahead") if key in app.session_state]
    assert not app.exception
    assert AGES.sub("", said(app)) == page


def test_the_taken_test_is_open_with_its_evidence_and_times(
    demo_home: Path, open_app: OpenApp
) -> None:
    number, desk = one(demo_home, "F03"), Workspace.open(demo_home)
    (taken,) = [branch for branch in desk.why(desk.order("demo", number)).tree if branch.taken]
    words = said(opened(open_app, demo_home, number))
    assert TEXT("case.mark.taken") in words
    assert TEXT("case.why.test", test=taken.test) in words
    assert len(taken.proof) >= 3
    assert not [value for pair in taken.proof for value in pair if value not in words]


def test_the_picture_has_a_lane_for_each_side_and_the_table_has_its_events(
    demo_home: Path, open_app: OpenApp
) -> None:
    number, desk = one(demo_home, "F20"), Workspace.open(demo_home)
    case = desk.order("demo", number)
    app = opened(open_app, demo_home, number)
    picture = json.loads(app.get("plotly_chart")[-1].proto.spec)
    lanes = picture["layout"]["yaxis"]["ticktext"]
    packings = str(case.row["ss_packings"]).split()
    assert lanes == [
        TEXT("case.lane.phase"),
        *(TEXT("case.lane.packing", packing_no=packing) for packing in packings),
        TEXT("case.lane.pulls"),
        TEXT("case.lane.looks"),
    ]
    assert all("event_words" not in frame.value for frame in app.dataframe)  # folded, so not drawn
    unfold(app, TEXT("orders.case.timeline.table"))
    events = [row for frame in app.dataframe for row in frame.value.to_dict("records")]
    told = [row["event_words"] for row in events if "event_words" in row]
    assert told == [TEXT.event(event) for event in case.timeline]
    assert TEXT("case.kin") in said(app)


def test_a_sheet_is_made_only_when_the_button_is_pressed(
    demo_copy: Path, open_app: OpenApp
) -> None:
    number = one(demo_copy, "F07")
    app = opened(open_app, demo_copy, number, next="sheet")
    assert TEXT("case.sheet.check") in said(app)
    assert made_sheets(demo_copy) == 0
    press(app, TEXT("case.sheet.make"))
    assert TEXT("case.sheet.to_type") in said(app)
    assert TEXT("case.sheet.download") in [one.label for one in app.get("download_button")]
    assert made_sheets(demo_copy) == 1
    app.run()
    assert made_sheets(demo_copy) == 1, "looking at it again makes no further one"
    acts = [e["kind"] for e in Workspace.open(demo_copy).order("demo", number).timeline]
    assert acts[-1] == "act_sheet_made"


def test_an_order_that_waits_for_a_pull_is_warned_about(demo_home: Path, open_app: OpenApp) -> None:
    app = opened(open_app, demo_home, one(demo_home, "F02"), next="sheet")
    assert TEXT("case.sheet.waiting", count=1) in said(app)


def test_a_blocked_order_goes_into_a_sheet_only_with_a_reason(
    demo_copy: Path, open_app: OpenApp
) -> None:
    number = one(demo_copy, "F20")
    app = opened(open_app, demo_copy, number, next="sheet")
    press(app, TEXT("case.sheet.make"))
    assert TEXT("case.sheet.none") in said(app)
    include = next(one for one in app.checkbox if one.label == TEXT("case.sheet.include", count=1))
    include.check()
    press(app, TEXT("case.sheet.make"))
    assert TEXT("case.sheet.reason.needed") in said(app)
    assert made_sheets(demo_copy) == 0
    reason = next(one for one in app.text_input if one.label == TEXT("case.sheet.reason"))
    reason.set_value("再送")
    press(app, TEXT("case.sheet.make"))
    assert made_sheets(demo_copy) == 1


def test_the_packet_is_offered_in_every_language_and_names_nobody_of_ours(
    demo_copy: Path, open_app: OpenApp
) -> None:
    number, desk = one(demo_copy, "F07"), Workspace.open(demo_copy)
    finding = desk.findings(rule="F07", kind="finding")[0]
    key = desk.triage_preview().items
    mine = [item.finding_key for item in key if number in item.finding_key]
    desk.triage("demo", mine, "assign", by="canary-sato", assignee="canary-sato")
    app = opened(open_app, demo_copy, str(finding.order_number), next="packet")
    labels = [one.label for one in app.get("download_button")]
    assert {TEXT(f"case.packet.{lang}") for lang in LANGUAGES} <= set(labels)
    people = [e for e in desk.order("demo", number).timeline if e["side"] == "people"]
    assert [event["values"]["by"] for event in people] == ["canary-sato"] * len(mine)
    for lang in LANGUAGES:
        assert b"canary-sato" not in desk.packet("demo", number, lang=lang).data


def test_a_possible_shipment_is_shown_as_such_and_settles_nothing(
    demo_copy: Path, open_app: OpenApp
) -> None:
    desk = Workspace.open(demo_copy)
    missed = desk.findings(rule="F07", kind="finding") + desk.findings(rule="F03", kind="finding")
    before = {
        str(found.order_number): desk.order("demo", str(found.order_number)) for found in missed
    }
    rows = ["パッキング番号,販売サイト注文番号,商品番号,数量,状態,注文日"]
    for place, case in enumerate(before.values()):
        line = case.lines.iloc[0]
        day = case.row["ordered_at"].astimezone(JST).strftime("%Y-%m-%d %H:%M")
        rows.append(
            f"QSP99999999{place},other-{place},{line['item_code']},{line['amount']},出荷,{day}"
        )
    desk.import_files("demo", [("orders.csv", "\n".join(rows).encode("utf-8"))], filtered=True)
    after = {number: desk.order("demo", number) for number in before}
    possible = {
        number: [kin["packing_no"] for kin in desk.relations(case) if kin["kind"] == "possible"]
        for number, case in after.items()
    }
    number, packings = next((number, held) for number, held in possible.items() if held)
    assert {case.verdict["cause"] for case in after.values()} == {
        case.verdict["cause"] for case in before.values()
    }
    words = said(opened(open_app, demo_copy, number))
    assert TEXT("case.unproven") in words
    assert packings[0] in words


def test_a_kept_recipient_is_masked_until_asked_for_and_masked_again(
    unsynced_home: Path, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOTSUGO_RECIPIENT_DAYS", "30")
    monkeypatch.setenv("TOTSUGO_USER", "佐藤")
    desk = Workspace.open(unsynced_home)
    desk.sync("mihon")
    number = str(desk.orders().table.rows["order_number"].iloc[0])
    who = desk.show_recipient("mihon", number, by="here")
    acts = (
        (unsynced_home / "ledger.jsonl").read_text(encoding="utf-8").count("order_recipient.shown")
    )
    app = open_app(unsynced_home, "orders", order=number, of="mihon")
    assert not [value for value in who.values() if value in said(app)]
    press(app, TEXT("recipient.show"))
    assert not [value for value in who.values() if value not in said(app)]
    ledger = (unsynced_home / "ledger.jsonl").read_text(encoding="utf-8")
    assert ledger.count("order_recipient.shown") == acts + 1
    assert "佐藤" in ledger.splitlines()[-1]
    app.run()
    assert not [value for value in who.values() if value in said(app)]


def test_where_no_recipient_is_kept_nothing_speaks_of_it(
    demo_home: Path, open_app: OpenApp
) -> None:
    assert TEXT("recipient.title") not in said(opened(open_app, demo_home, one(demo_home, "F03")))
