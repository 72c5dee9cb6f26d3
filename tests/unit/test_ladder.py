"""The rungs that need no network: phase names by characters, our address, the estimate, and what a whole is worth."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crossmall.errors import AuthError, TransportError
from crossmall.reach import Connection
from pages.ui import ladders as page
from reconcile.ladder import GROUPS, STEPS
from reconcile.ladder_access import accepted, outside, refused, unclear
from reconcile.ladder_network import check_setup
from reconcile.ladder_phases import KINDS, check_name, kind_of
from reconcile.ladder_rungs import Rungs
from reconcile.ladder_volume import first_load
from reconcile.model import SMARTSHIP_OPTIONS, Account
from reconcile.text import LANGUAGES, Text

SHIPPED = "QXPRESS発送済み"
ALIKE = {
    "width": "ＱＸＰＲＥＳＳ発送済み",
    "case": "Qxpress発送済み",
    "blank": "QXPRESS発送済み ",
    "quotes": "“QXPRESS発送済み”",
    "missing": "QXPRESS発送済",
    "extra": "QXPRESS発送済みだ",
    "other": "QXPRESS発送済ミ",
}


def account(**changed):
    given = {
        "name": "shop",
        "company_code": "ill",
        "base_url": "https://crossmall.jp/webapi2",
        "shop_ids": ("1",),
        "options": dict.fromkeys(SMARTSHIP_OPTIONS, "on"),
        "collect_phase": "発送待機",
        "shipped_phase": SHIPPED,
        "is_demo": False,
        "created_at": datetime(2026, 11, 1, tzinfo=UTC),
    }
    return Account(**(given | changed))


def steps_of(rungs):
    return {step.id: step for step in rungs.finish().steps}


@pytest.mark.parametrize("kind", ALIKE)
def test_a_look_alike_is_named_by_what_makes_it_differ(kind):
    assert kind_of(SHIPPED, ALIKE[kind]) == kind
    rungs = Rungs(account())
    check_name(rungs, "shipped_phase", SHIPPED, ["注文確認", ALIKE[kind]])
    step = steps_of(rungs)["shipped_phase"]
    assert (step.state, step.detail[0]) == ("failed", f"ladder.phase.near.{kind}")
    (alike,) = step.detail[1]["unlike"]
    assert alike["name"] == ALIKE[kind]
    assert "".join(part["left"] for part in alike["parts"]) == SHIPPED
    assert "".join(part["right"] for part in alike["parts"]) == ALIKE[kind]


def test_a_name_whose_voicing_mark_stands_apart_is_told_from_the_one_that_is_needed():
    assert kind_of("出荷済みデータ", "出荷済みテ\u3099ータ") == "composed"
    assert {*ALIKE, "composed"} == set(KINDS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_words_of_a_hidden_blank_show_its_code_point(lang):
    rungs = Rungs(account())
    check_name(rungs, "shipped_phase", SHIPPED, [SHIPPED + "\u3000"])
    key, values = steps_of(rungs)["shipped_phase"].detail
    assert "U+3000" in Text(lang)(key, **values)


def test_an_exact_name_beside_a_twin_is_a_warning_and_alone_is_fine():
    rungs = Rungs(account())
    check_name(rungs, "shipped_phase", SHIPPED, [SHIPPED, "QXPRESS発送済"])
    check_name(rungs, "collect_phase", "発送待機", ["発送待機", "発送待ち"])
    found = steps_of(rungs)
    assert (found["shipped_phase"].state, found["collect_phase"].state) == ("warning", "ok")


def connection(local):
    return Connection(address="192.0.2.1", local_address=local)


def test_our_address_is_told_only_where_it_can_be_known():
    private, public = connection("192.168.1.20"), connection("8.8.4.4")
    assert outside(private, is_local=False).source is None
    assert outside(public, is_local=False).source == "socket"
    assert outside(private, is_local=False, stated="1.1.1.1").source == "stated"
    told = outside(public, is_local=False, stated="1.1.1.1", vendor_text="拒否: 9.9.9.9 から")
    assert (told.source, told.address) == ("vendor", "9.9.9.9")
    inner = outside(private, is_local=False, vendor_text="10.0.0.1 と v1.2.3.4.5")
    assert inner.address is None


def test_a_refusal_whose_text_does_not_name_its_gate_leaves_the_ip_list_unknown():
    rungs = Rungs(account())
    ours = outside(connection("192.168.1.20"), is_local=False)
    refused(rungs, AuthError("refused", vendor_text="認証エラー", reason="auth"), ours)
    found = steps_of(rungs)
    assert found["access"].state == "failed"
    assert found["ip_list"].detail[0] == "ladder.unknown.ip_list"
    assert found["contract"].detail[0] == "ladder.unknown.contract"
    assert found["egress"].cure == ("ladder.unknown.egress.cure", {"address": "192.168.1.20"})


@pytest.mark.parametrize(
    ("vendor_text", "failed"),
    [
        ("認証エラー: 許可されていないIPアドレスです。", "ip_list"),
        ("認証エラー: APIオプションが未契約です。", "contract"),
        ("認証エラーです。", "access"),
    ],
)
def test_a_refusal_is_put_down_to_the_gate_its_text_names(vendor_text, failed):
    rungs = Rungs(account())
    error = AuthError("refused", vendor_text=vendor_text, reason="auth")
    refused(rungs, error, outside(connection("192.168.1.20"), is_local=False))
    assert steps_of(rungs)[failed].state == "failed"


def test_a_call_that_broke_off_proves_neither_key_nor_address():
    rungs = Rungs(account())
    unclear(rungs, TransportError("broke", reason="timeout"), outside(connection("10.1.1.1"), is_local=False))  # fmt: skip
    found = steps_of(rungs)
    assert {found[one].state for one in ("access", "ip_list", "contract")} == {"skipped"}
    assert found["summary"].state == "warning"


def test_an_unknown_that_matters_keeps_the_whole_from_being_fine():
    rungs = Rungs(account())
    assert check_setup(rungs)
    accepted(rungs, outside(connection("10.1.1.1"), is_local=False))
    rest = [one for one in STEPS if rungs.state(one) is None and one not in ("summary", "lines")]
    for step_id in rest:
        rungs.ok(step_id, "ladder.access.ok")
    rungs.skipped("lines", "ladder.unknown.no_order")
    ladder = rungs.finish()
    assert ladder.steps[-1].state == "warning"
    assert ladder.steps[-1].detail[1] == {"failed": 0, "warned": 0, "unknown": 1}


def test_an_account_that_states_too_little_is_told_what_is_missing():
    rungs = Rungs(account(shop_ids=(), options={"auto_orders": "on", "auto_stock": "unknown"}))
    assert check_setup(rungs)
    assert rungs.state("shops") == "warning"
    options = steps_of(rungs)["options"].detail[1]["options"]
    assert options == ["auto_confirm", "auto_instruct", "auto_stock"]
    empty = Rungs(account(shipped_phase=" "))
    assert not check_setup(empty)
    assert steps_of(empty)["settings"].state == "failed"


def test_the_estimate_follows_the_slower_of_line_and_rate():
    plain = {"items": 40, "first_days": 30, "concurrency": 4, "call_s": 0.2}
    load = first_load([50, 50, 50], rate_per_s=8.0, **plain)
    assert (load.orders, load.calls) == (1500, 30 + 1500 + 1 + 80)
    assert load.seconds == pytest.approx(load.calls / 8)
    assert not load.is_least
    free = first_load([50, 50, 50], rate_per_s=None, **plain)
    assert free.seconds == pytest.approx(load.calls * 0.2 / 4)
    assert first_load([100, 3, 3], rate_per_s=8.0, **plain).is_least
    quiet = first_load([0, 0, 0], rate_per_s=8.0, **(plain | {"items": 0}))
    assert quiet.calls == 31


def test_the_screen_shows_every_rung_in_the_same_groups_as_the_command():
    assert dict(GROUPS) == {**page.GROUPS, "summary": ("summary",)}
    assert len(STEPS) == len(set(STEPS))
