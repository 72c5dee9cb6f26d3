"""What people outside the desk are told, when, and what never leaves: against real mail and web servers."""

import base64
import email
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import policy

import pytest
from filelock import FileLock

from reconcile import LANGUAGES, UsageError
from reconcile.alerts.channels import quiet_until
from reconcile.cli import main
from reconcile.errors import StoreError
from reconcile.store.database import Database
from tests.alerts.conftest import HOOK, NOON, PERSON, SIGNED, Desk
from tests.reliability.canaries import Canary, hits

PASSWORD = "smtp-password-canary"


def told(bodies):
    return [(one["count"], one["orders"]) for body in bodies for one in body.get("rules", ())]


def test_new_findings_are_told_once_by_rule_with_order_numbers(desk):
    desk.finds("00012345", "00012346")
    desk.finds("7", rule="F07", severity="medium")
    desk.finds("8", rule="F08", severity="low")
    desk.finds("9", kind="cannot_tell")
    desk.channel()
    assert desk.check().sent == 1
    body = desk.receiver.bodies()[0]
    assert told([body]) == [(2, ["00012345", "00012346"]), (1, ["7"])]
    assert body["first"]
    assert "00012345" in body["text"] and "F05" in body["text"]
    assert "http" not in body["text"]
    assert desk.check().sent == 0
    desk.finds("10")
    assert desk.check().sent == 1
    assert told(desk.receiver.bodies()[1:]) == [(1, ["10"])]
    assert not desk.receiver.bodies()[1]["first"]
    desk.resolves("10")
    desk.check()
    desk.passes(minutes=5)
    desk.finds("10")
    assert desk.check().sent == 1, "a finding that returns is a new one"


def test_what_somebody_set_aside_is_not_told(desk):
    desk.finds("1", "2")
    ids = [one for one in desk.workspace.findings() if one.order_number == "1"]
    desk.do(
        "INSERT INTO triage (account, finding_key, sequence, root, event, state, seen_opened_at, seen_reopened, seen_kind,"
        " is_over, actor, acted_at) SELECT account, finding_key, 99, 99, 'triage.ignored', 'ignored', opened_at, 0, kind,"
        " FALSE, 'x', opened_at FROM finding WHERE order_number = '1'"
    )
    assert ids
    desk.channel()
    desk.check()
    assert told(desk.receiver.bodies()) == [(1, ["2"])]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_channel_gets_its_own_form(desk, lang):
    desk.finds("00012345")
    for kind in ("slack", "teams", "webhook"):
        desk.channel(kind, kind=kind, lang=lang, desk_url="https://desk.example.jp")
    desk.workspace.set_alert_channel(
        "post", kind="mail", host="127.0.0.1", port=desk.receiver.mail_port, security="none",
        allow_private=True, sender="desk@example.jp", to=("ops@example.jp",), lang=lang,
        desk_url="https://desk.example.jp",
    )  # fmt: skip
    assert desk.check().sent == 4
    assert desk.check().sent == 0
    web = [json.loads(one["body"]) for one in desk.receiver.taken() if one["kind"] == "web"]
    slack = next(one for one in web if "unfurl_links" in one)
    assert not slack["unfurl_links"] and "00012345" in slack["text"]
    card = next(one for one in web if "attachments" in one)["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert "00012345" in json.dumps(card)
    post = next(one for one in desk.receiver.taken() if one["kind"] == "mail")
    parsed = email.message_from_string(post["body"], policy=policy.default)
    assert post["to"] == ["ops@example.jp"]
    assert parsed["Subject"].startswith("【Totsugo】" if lang == "ja" else "[Totsugo]")
    assert "00012345" in parsed.get_content() and "https://desk.example.jp" in parsed.get_content()
    assert parsed["Message-ID"] and parsed["Auto-Submitted"] == "auto-generated"


def test_findings_are_gathered_for_as_long_as_the_channel_says(desk):
    desk.channel(digest_min=60)
    desk.finds("1")
    assert desk.check().sent == 0
    desk.passes(minutes=30)
    desk.finds("2")
    assert desk.check().sent == 0
    desk.passes(minutes=31)
    assert desk.check().sent == 1
    assert told(desk.receiver.bodies()) == [(2, ["1", "2"])]


def test_nothing_is_sent_in_quiet_hours_across_midnight_in_japan(desk):
    desk.channel(quiet="22:00-07:00")
    desk.finds("1")
    for hours in (11, 2, 2, 2):  # 23:00, 01:00, 03:00, 05:00
        desk.passes(hours=hours)
        desk.finds(str(desk.at.hour))
        assert desk.check().sent == 0, desk.at
    desk.passes(hours=2)  # 07:00
    assert desk.check().sent == 1
    assert sum(count for count, _ in told(desk.receiver.bodies())) == 5


def test_a_message_that_could_not_go_out_before_quiet_hours_waits_for_their_end(desk):
    desk.channel(quiet="13:00-14:00")
    desk.finds("1")
    desk.receiver.is_down(True)
    desk.check()
    desk.receiver.is_down(False)
    desk.passes(minutes=70)  # 13:10
    assert desk.check().sent == 0
    desk.passes(minutes=50)
    assert desk.check().sent == 1


def test_quiet_hours_end_in_the_minute_they_name():
    assert quiet_until("22:00-07:00", NOON) is None
    night = NOON + timedelta(hours=12)  # 00:00 in Japan
    assert quiet_until("22:00-07:00", night) == night + timedelta(hours=7)
    assert quiet_until("22:00-07:00", NOON + timedelta(hours=10)) == night + timedelta(hours=7)
    assert quiet_until("22:00-07:00", night + timedelta(hours=7)) is None
    assert quiet_until("12:00-13:00", NOON) == NOON + timedelta(hours=1)


def test_a_channel_that_was_down_for_a_day_tells_all_of_it_once(desk, sized):
    hours = sized(4, 24)
    desk.channel()
    desk.receiver.is_down(True)
    for hour in range(hours):
        desk.finds(f"{hour:02}")
        report = desk.check()
        desk.passes(hours=24 // hours)
        assert report.sent == 0
    assert "ops" in report.failed
    assert [one.state for one in desk.workspace.doctor() if one.id == "alerts"] == ["warning"]
    desk.receiver.is_down(False)
    while desk.check().sent:
        pass
    bodies = desk.receiver.bodies()
    assert sum(count for count, _ in told(bodies)) == hours
    assert len(bodies) == 2
    assert not any(body["may_repeat"] for body in bodies), "503 says that nothing was taken"


def test_of_several_that_look_at_once_one_sends(desk):
    desk.channel()
    desk.finds("1")
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: desk.check(), range(8)))
    assert sum(report.sent for report in reports) == 1
    assert told(desk.receiver.bodies()) == [(1, ["1"])]
    desk.finds("2")
    with FileLock(desk.workspace.locks / "alerts.lock"):  # as another process holds it
        assert (desk.check().is_busy, desk.check().sent) == (True, 0)
    assert desk.check().sent == 1


def test_a_message_can_be_read_on_a_telephone_however_much_was_found(desk):
    for place in range(12):
        desk.finds(*(f"{place:02}{n}" for n in range(9)), rule=f"F{place:02}")
    desk.channel()
    assert desk.check().sent == 1
    (body,) = desk.receiver.bodies()
    assert [one["count"] for one in body["rules"]] == [9] * 12
    assert {len(one["orders"]) for one in body["rules"]} == {5}
    assert body["text"].count("\n") < 25
    assert "F09" in body["text"] and "F10" not in body["text"]


def test_a_stopped_sync_is_told_once_and_so_is_its_return(desk):
    desk.channel(missed=3, quiet="11:00-13:00")
    assert not desk.check().stopped
    desk.at += timedelta(minutes=31)  # 10 minutes is the interval
    report = desk.check()
    assert [(one.account, one.reason) for one in report.stopped] == [("shop", "nobody")]
    assert report.sent == 1, "also in quiet hours"
    assert desk.check().sent == 0
    desk.passes(minutes=10)
    assert desk.check().sent == 1
    kinds = [one["kind"] for body in desk.receiver.bodies() for one in body["sync"]]
    assert kinds == ["overdue", "recovered"]
    desk.at += timedelta(minutes=31)
    assert desk.check().sent == 1


def test_cron_notices_that_nothing_syncs_any_more(desk, tmp_path, capsys):
    """No scheduler runs; the clock is the real one and the last good run is of last year."""
    desk.channel()
    desk.at = NOON - timedelta(days=365)
    desk.synced()
    assert main(["--data", str(tmp_path / "data"), "alerts", "check", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [one["account"] for one in document["stopped"]] == ["shop"]
    assert [one["kind"] for one in desk.receiver.bodies()[0]["sync"]] == ["overdue"]


def test_a_store_that_cannot_be_used_is_told_past_the_store(desk, tmp_path):
    desk.channel()
    Database.close_all()
    store = tmp_path / "data" / "store.duckdb"
    store.rename(store.with_name("away"))
    store.mkdir()
    for _ in range(3):
        with pytest.raises(StoreError):
            desk.check()
    assert [body["topic"] for body in desk.receiver.bodies()] == ["store"]
    store.rmdir()
    store.with_name("away").rename(store)
    desk.check()
    assert len(desk.receiver.bodies()) == 1


def test_what_was_noted_as_taken_is_not_sent_again(desk):
    """The process ended between the note beside the store and the mark in it."""
    desk.channel()
    desk.finds("1")
    desk.receiver.is_down(True)
    desk.check()
    desk.receiver.is_down(False)
    id_ = desk.do("UPDATE alert_message SET state = 'sending' RETURNING message_id")[0][0]
    (desk.workspace.data / "alerts-sent.txt").write_text(f"{id_}\n", encoding="utf-8")
    desk.passes(hours=1)
    assert desk.check().sent == 0
    assert [one.state for one in desk.workspace.alert_outbox()] == ["sent"]


def test_the_schedule_sends_by_itself(tmp_path, receiver):
    desk = Desk(tmp_path / "data", receiver)
    desk.workspace.change_account("shop", sync_every_min=0)
    desk.channel()
    desk.finds("1")
    schedule = desk.workspace.scheduler("serve", tick_s=0.1)
    schedule.start()
    until = time.monotonic() + 60
    while not receiver.taken() and time.monotonic() < until:
        time.sleep(0.1)
    schedule.stop()
    assert told(receiver.bodies()) == [(1, ["1"])]


def test_channels_that_cannot_be_right_are_refused_and_nothing_is_kept(desk):
    wrong = [
        {"quiet": "7-8"},
        {"quiet": "07:00-07:00"},
        {"missed": 0},
        {"desk_url": "https://desk.example.jp/?token=1"},
        {"desk_url": "javascript:alert(1)"},
        {"name": "a b"},
        {"allow_private": False},
    ]
    for given in wrong:
        with pytest.raises(UsageError):
            desk.channel(**given)
    for address in ("https://me:word@hooks.example/x", "ftp://hooks.example/x", "https:///x"):
        with pytest.raises(UsageError):
            desk.workspace.set_alert_channel("ops", kind="slack", secret=address)
    for given in ({"allow_private": False}, {"allow_private": True, "user": "desk", "secret": "x"}):
        with pytest.raises(UsageError):
            desk.workspace.set_alert_channel(
                "post", kind="mail", host="mail.example", security="none", sender="a@example.jp",
                to=("b@example.jp",), **given,
            )  # fmt: skip
    assert desk.workspace.alert_channels() == ()


def test_no_message_and_no_file_holds_what_must_not_leave(desk, tmp_path, caplog):
    """Findings speak of a person and a signed address; order numbers try to become headers, links and mentions."""
    caplog.set_level("DEBUG")
    hostile = "1\r\nBcc: x@example.jp <!channel> <https://example.jp|link>"
    desk.finds("00012345", hostile, PERSON)
    for kind in ("slack", "teams", "webhook"):
        desk.channel(kind, kind=kind, lang="ja")
    desk.channel("gone", path="status/500")
    desk.workspace.set_alert_channel(
        "post", kind="mail", host="127.0.0.1", port=desk.receiver.mail_port, security="starttls",
        user="desk", secret=PASSWORD, allow_private=True, sender="desk@example.jp", to=("o@example.jp",),
    )  # fmt: skip
    desk.workspace.set_alert_channel("post", kind="mail", user="", security="none")
    report = desk.check()
    assert report.sent == 4 and set(report.failed) == {"gone"}
    for name in ("slack", "gone", "post"):
        desk.workspace.test_alert_channel(name)
    signing = SIGNED.rpartition("=")[2]
    person = [Canary("person", PERSON), Canary("signature", signing)]
    secret = [Canary("key", HOOK), Canary("key", PASSWORD), Canary("key", "mXCTpnoA")]
    sinks = [("taken", json.dumps(desk.receiver.taken(), ensure_ascii=False).encode())]
    mails = [one["body"] for one in desk.receiver.taken() if one["kind"] == "mail"]
    sinks += [("mail", base64.b64decode(one.split("\n\n", 1)[1].replace("\n", ""))) for one in
              (mail.replace("\r\n", "\n") for mail in mails)]  # fmt: skip
    found = [hit for name, data in sinks for hit in hits(name, data, person + secret)]
    Database.close_all()
    files = [one for one in (tmp_path / "data").rglob("*") if one.is_file()]
    found += [hit for one in files for hit in hits(one.name, one.read_bytes(), secret)]
    found += hits("log", caplog.text.encode(), person + secret)
    assert mails and files and not found, found
    text = json.dumps(desk.receiver.bodies(), ensure_ascii=False)
    assert "Bcc" not in text and "!channel" not in text and "example.jp|" not in text
    assert sum(count for count, _ in told(desk.receiver.bodies())) == 3, "counted all the same"
