"""Old verdicts are renewed before they are shown, or beside it where that takes longer than anybody waits."""

import threading

import pytest

from reconcile.errors import StoreError
from reconcile.renewal import Renewals, patience

LIMIT_S = 10


@pytest.fixture
def slow():
    """Renewals of which the last took longer than somebody without patience waits."""
    renewals = Renewals()
    renewals.run("shop", lambda: threading.Event().wait(0.01))
    return renewals


@pytest.mark.parametrize("patience_s", [None, LIMIT_S])
def test_a_renewal_is_waited_for_as_long_as_patience_lasts(patience_s):
    done = threading.Event()
    Renewals().run(
        "shop", lambda: threading.Event().wait(0.05) or done.set(), patience_s=patience_s
    )
    assert done.is_set()


def test_the_first_renewal_holds_nobody_up_longer_than_patience_lasts():
    go_on, renewals = threading.Event(), Renewals()
    renewals.run("shop", lambda: go_on.wait(LIMIT_S), patience_s=0.05)
    (thread,) = renewals.running()
    go_on.set()
    thread.join(LIMIT_S)
    assert not renewals.running()


def test_what_took_long_rests_longer_before_it_runs_beside_anybody_again(slow):
    assert not slow.due("shop", 0.2, 0.1, beside=True)
    assert slow.due("shop", LIMIT_S, 0.1, beside=True)
    assert slow.due("shop", 0.2, 0.1, beside=False), "who acts on it has it new"
    assert slow.due("another shop", 0.2, 0.1, beside=True)


def test_the_older_something_is_the_longer_one_waits():
    assert patience(60) < patience(300) < patience(86_400) == patience(10 * 86_400)


def test_who_waits_hears_of_trouble():
    def fail():
        raise StoreError("error.store.locked")

    with pytest.raises(StoreError):
        Renewals().run("shop", fail, patience_s=LIMIT_S)


def test_a_long_renewal_does_not_hold_the_caller_up_and_is_not_begun_twice(slow):
    go_on, begun = threading.Event(), []

    def renew():
        begun.append(threading.current_thread())
        assert go_on.wait(LIMIT_S)

    slow.run("shop", renew, patience_s=0.0)
    slow.run("shop", renew, patience_s=0.0)
    go_on.set()
    begun[0].join(LIMIT_S)
    assert len(begun) == 1
    slow.run("shop", renew, patience_s=0.0)
    begun[-1].join(LIMIT_S)
    assert len(begun) == 2, "the next visit after its end begins another"


def test_who_must_wait_waits_whatever_it_takes(slow):
    done = threading.Event()
    slow.run("shop", done.set)
    assert done.is_set()


def test_trouble_beside_is_told_in_the_log_and_the_next_visit_tries_again(slow, caplog):
    told = threading.Event()

    def fail():
        raise StoreError("error.store.locked")

    slow.run("shop", fail, patience_s=0.0)
    (thread,) = slow._beside.values()
    thread.join(LIMIT_S)
    assert "renewal account=shop trouble=error.store.locked" in caplog.text
    slow.run("shop", told.set, patience_s=0.0)
    assert told.wait(LIMIT_S)
