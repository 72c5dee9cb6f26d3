"""Old verdicts are renewed before they are shown, or beside it once that is known to take long."""

import threading

import pytest

from reconcile import renewal
from reconcile.errors import StoreError
from reconcile.renewal import Renewals

LIMIT_S = 10


@pytest.fixture
def slow(monkeypatch):
    """Renewals that hold every renewal for a long one once it has been timed."""
    monkeypatch.setattr(renewal, "PATIENCE_S", 0.0)
    renewals = Renewals()
    renewals.run("shop", lambda: threading.Event().wait(0.01), beside=True)
    return renewals


@pytest.mark.parametrize("beside", [False, True])
def test_the_first_renewal_is_waited_for(beside):
    done = threading.Event()
    Renewals().run("shop", done.set, beside=beside)
    assert done.is_set()


def test_a_long_renewal_does_not_hold_the_caller_up_and_is_not_begun_twice(slow):
    go_on, begun = threading.Event(), []

    def renew():
        begun.append(threading.current_thread())
        assert go_on.wait(LIMIT_S)

    slow.run("shop", renew, beside=True)
    slow.run("shop", renew, beside=True)
    go_on.set()
    begun[0].join(LIMIT_S)
    assert len(begun) == 1
    slow.run("shop", renew, beside=True)
    begun[-1].join(LIMIT_S)
    assert len(begun) == 2, "the next visit after its end begins another"


def test_who_must_wait_waits_whatever_it_takes(slow):
    done = threading.Event()
    slow.run("shop", done.set, beside=False)
    assert done.is_set()


def test_trouble_beside_is_told_in_the_log_and_the_next_visit_tries_again(slow, caplog):
    told = threading.Event()

    def fail():
        raise StoreError("error.store.locked")

    slow.run("shop", fail, beside=True)
    (thread,) = slow._beside.values()
    thread.join(LIMIT_S)
    assert "renewal account=shop trouble=error.store.locked" in caplog.text
    slow.run("shop", told.set, beside=True)
    assert told.wait(LIMIT_S)
