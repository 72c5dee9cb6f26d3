"""The schedule on a real store: who may run it, what survives a failing sync, and what people are told of it."""

import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from reconcile import LANGUAGES, Text, Workspace
from reconcile.errors import SyncBusy, UsageError
from reconcile.sync.locks import SILENT_TICKS, Lead, SyncLock, leader

KEY = "mXCTpnoA"
TICK_S = 0.05


def until(true, seconds=60.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


@pytest.fixture
def running():
    """`running(workspace, every_s=...)`: a schedule in a thread, ended with the test; `.runs` collects what ran."""
    begun = []

    def run(workspace, every_s=1.0, **options):
        runs = []
        given = {"every": timedelta(seconds=every_s), "tick_s": TICK_S, "on_run": runs.append}
        scheduler = workspace.scheduler("serve", **(given | options))
        scheduler.runs = runs
        scheduler.start()
        begun.append(scheduler)
        return scheduler

    yield run
    for scheduler in begun:
        scheduler.stop()
        until(lambda one=scheduler: not one.is_alive)


def health(workspace, **options):
    return Workspace.open(workspace.data, **options).overview().health[0]


def test_the_interval_of_an_account_is_a_line_of_the_ledger_and_outlives_the_mirror(workspace):
    assert workspace.accounts()[0].sync_every_min == 10
    workspace.change_account("shop", sync_every_min=30)
    workspace.change_account("shop", shop_ids=["1"])
    assert workspace.accounts()[0].sync_every_min == 30
    workspace._db.close()
    (workspace.data / "store.duckdb").unlink()
    assert Workspace.open(workspace.data).accounts()[0].sync_every_min == 30
    workspace.change_account("shop", sync_every_min=0)
    assert (health(workspace).schedule, health(workspace).next_sync_at) == ("off", None)


@pytest.mark.parametrize("every", [-1, 1, 4, 1441])
def test_an_interval_outside_its_bounds_is_refused_and_changes_nothing(every, workspace):
    with pytest.raises(UsageError) as caught:
        workspace.change_account("shop", sync_every_min=every)
    assert "1,440" in Text("en")(caught.value.help_key, **caught.value.values)
    assert workspace.accounts()[0].sync_every_min == 10


def test_accounts_of_a_ledger_that_knows_no_interval_have_the_default(workspace, sandbox):
    values = {
        "company_code": "ill", "base_url": sandbox.url, "shop_ids": [], "auto_orders": "on", "auto_confirm": "on",
        "auto_instruct": "on", "auto_stock": "on", "collect_phase": "a", "shipped_phase": "b", "is_demo": False,
    }  # fmt: skip
    workspace._ledger.append("account.added", "older", values)
    workspace._db.close()
    assert {one.name: one.sync_every_min for one in workspace.accounts()}["older"] == 10


def test_the_schedule_syncs_again_and_again_and_says_when_next(workspace, running):
    scheduler = running(workspace)
    until(lambda: len(scheduler.runs) >= 2)
    assert all(ran.report is not None and ran.report.complete for ran in scheduler.runs)
    assert scheduler.runs[-1].next_at is not None
    assert health(workspace).schedule_by == "here"
    assert health(workspace).state == "ok"


def test_an_account_that_is_off_is_left_alone(workspace, running):
    workspace.change_account("shop", sync_every_min=0)
    scheduler = running(workspace, every_s=0.2)
    time.sleep(1.0)
    assert (scheduler.runs, scheduler.is_alive) == ([], True)
    workspace.change_account("shop", sync_every_min=10)
    until(lambda: scheduler.runs)


def test_a_change_that_is_in_the_ledger_and_not_yet_in_the_mirror_is_not_missed(workspace, running):
    workspace.change_account("shop", sync_every_min=0)
    off = workspace._ledger.entries()[-1]
    scheduler = running(workspace, every_s=0.2)
    time.sleep(0.5)
    assert scheduler.runs == []
    workspace._ledger.append("account.changed", "shop", dict(off.values) | {"sync_every_min": 10})
    until(lambda: scheduler.runs)


def test_a_sync_that_ends_with_a_mistake_of_ours_does_not_end_the_schedule(workspace, running):
    tries = []

    def start(account):
        future = Future()
        tries.append(account)
        if len(tries) == 1:
            future.set_exception(ZeroDivisionError("a mistake"))
        else:
            future.set_result(workspace.sync(account))
        return SimpleNamespace(future=future, stop=threading.Event())

    scheduler = running(workspace, start=start)
    until(lambda: len(scheduler.runs) >= 2)
    assert type(scheduler.runs[0].error) is ZeroDivisionError
    assert scheduler.runs[1].report.complete
    assert len(tries) < 5, "it was not tried at every tick"


def test_a_missing_key_is_said_tried_slowly_and_over_at_once_when_the_key_is_there(
    workspace, running
):
    workspace._accounts.secrets.remove("shop")
    scheduler = running(workspace, every_s=0.4)
    until(lambda: scheduler.runs)
    time.sleep(1.5)
    assert len(scheduler.runs) == 1, "a refusal is not repeated at the pace of the account"
    seen = health(workspace)
    assert (seen.state, seen.schedule, seen.schedule_warning) == ("failed", "refused", "refused")
    assert seen.next_sync_at - datetime.now(UTC) > timedelta(minutes=50)
    assert {one.id: one.state for one in workspace.doctor()}["schedule"] == "warning"
    workspace.change_account("shop", key=KEY)
    until(lambda: len(scheduler.runs) >= 2)
    assert scheduler.runs[1].report.complete


@pytest.mark.soak
def test_a_vendor_that_is_down_is_tried_with_growing_pauses_and_found_again(
    workspace, running, sandbox
):
    workspace = Workspace.open(workspace.data, retries=0)
    sandbox.post("faults", http_503=1)
    scheduler = running(workspace, every_s=0.3)
    until(lambda: len(scheduler.runs) >= 3)
    assert all(ran.error is not None for ran in scheduler.runs[:3])
    assert health(workspace).schedule_warning == "retrying"
    assert health(workspace).failures >= 3
    sandbox.post("faults", http_503=0)
    until(lambda: scheduler.runs[-1].report is not None, 30.0)


def test_without_anybody_who_runs_it_an_overdue_schedule_is_told_with_its_cure(workspace):
    workspace.sync("shop")
    seen = health(workspace)
    assert (seen.schedule, seen.schedule_by, seen.schedule_warning) == ("waiting", None, None)
    later = datetime.now(UTC) + timedelta(minutes=26)
    overdue = health(workspace, clock=lambda: later)
    assert (overdue.schedule, overdue.schedule_warning, overdue.state) == ("due", "nobody", "stale")
    checks = Workspace.open(workspace.data, clock=lambda: later).doctor()
    (told,) = [one for one in checks if one.id == "schedule"]
    for lang in LANGUAGES:
        text = Text(lang)
        assert "shop" in text(told.detail[0], **told.detail[1])
        assert text("schedule.warning.nobody.cure")


def test_one_process_has_the_lead_and_the_next_one_has_it_when_it_is_free(tmp_path):
    first, second = (Lead(tmp_path, place=place, tick_s=0.1) for place in ("dashboard", "serve"))
    now = datetime.now(UTC)
    assert (first.claim(now), second.claim(now), first.claim(now)) == (True, False, True)
    assert leader(tmp_path).place == "dashboard"
    first.release()
    assert leader(tmp_path) is None
    assert second.claim(now)
    assert leader(tmp_path).place == "serve"
    second.release()


def test_a_leader_that_hangs_is_replaced_and_steps_back_when_it_wakes_up(tmp_path):
    tick_s = 0.02
    hung, other, third = (Lead(tmp_path, place="serve", tick_s=tick_s) for _ in range(3))
    now = datetime.now(UTC)
    assert hung.claim(now)
    assert not other.claim(now)
    time.sleep(SILENT_TICKS * tick_s + 0.05)
    assert other.claim(now)
    assert not third.claim(now)
    assert not hung.claim(now), "two would lead"
    assert other.claim(now)
    assert not hung.claim(now)
    assert not third.claim(now)
    for lead in (hung, other, third):
        lead.release()


def test_a_second_sync_is_told_who_works_since_when(workspace, slow_sandbox):
    workspace.change_account("shop", base_url=slow_sandbox.url)
    busy = []

    def sync_again(progress):
        if progress.stage == "lines" and not busy:
            with pytest.raises(SyncBusy) as caught:
                Workspace.open(workspace.data).sync("shop")
            busy.append(caught.value)
            assert health(workspace).schedule == "running"

    workspace.sync("shop", on_progress=sync_again)
    assert busy[0].help_key == "error.sync.busy_since"
    assert busy[0].exit_code == 3
    for lang in LANGUAGES:
        said = Text(lang)(busy[0].help_key, **busy[0].values)
        assert "shop" in said
        assert Text(lang).time(busy[0].values["since"]) in said


def test_a_second_sync_that_waits_begins_when_the_first_has_ended(workspace):
    lock = SyncLock(workspace.locks, "shop")
    with lock.held():
        waiting = threading.Thread(target=lambda: workspace.sync("shop", wait_s=30))
        waiting.start()
        time.sleep(0.5)
        assert waiting.is_alive()
    waiting.join(60)
    assert workspace.overview().health[0].last_sync_state == "complete"


@pytest.mark.soak
def test_a_clock_set_back_for_a_day_does_not_stop_the_schedule(workspace, running):
    clock = {"ahead": timedelta(days=1)}
    workspace._clock = lambda: datetime.now(UTC) + clock["ahead"]
    scheduler = running(workspace, every_s=0.5)
    until(lambda: scheduler.runs)
    clock["ahead"] = timedelta()
    until(lambda: len(scheduler.runs) >= 4)
    assert all(ran.error is None for ran in scheduler.runs)


@pytest.mark.soak
def test_a_day_away_is_made_up_for_by_one_sync(workspace, running):
    workspace.sync("shop")
    workspace._clock = lambda: datetime.now(UTC) + timedelta(days=1)
    scheduler = running(workspace, every_s=3600)
    until(lambda: scheduler.runs)
    time.sleep(1.0)
    assert len(scheduler.runs) == 1
