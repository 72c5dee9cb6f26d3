"""S16: in no second more calls than agreed, whatever threads, pauses, complaints and clocks do.

Time is the tests' own: it passes where somebody sleeps. A sleeper wakes late, or after the machine has slept; what the
clock shows may be put back. A call counts at the moment at which its thread really woke.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from crossmall.pacing import HOLD_S, TokenBucket, shared_bucket

RATE = 8
THREADS = 6
CALLS = 5  # of each thread in one cycle
CLOSE = 1e-6


class Time:
    """True time for all threads, what the clock shows of it, and when each thread last looked or woke."""

    def __init__(self, dice):
        self._dice, self._lock, self._mine = dice, threading.Lock(), threading.local()
        self.true = 1000.0
        self._behind = 0.0

    def clock(self):
        with self._lock:
            self._mine.at = self.true
            return self.true - self._behind

    def sleep(self, seconds):
        with self._lock:
            late = self._dice.choice((0, 0, 0.001, 0.12, 0.9))
            asleep = self._dice.choice((0,) * 40 + (30, 4000))
            self.true += seconds + late + asleep
            self._mine.at = self.true

    def put_back(self, seconds):
        with self._lock:
            self._behind += seconds

    def mine(self):
        """When this thread last looked at the clock or woke."""
        return self._mine.at


class Cycle:
    """Some threads that call at one pace, and what a vendor says to them meanwhile."""

    def __init__(self, number):
        self.dice = random.Random(number)
        self.time = Time(self.dice)
        self.bucket = TokenBucket(RATE, clock=self.time.clock, sleep=self.time.sleep)
        self.calls, self.pauses, self.complaints = [], [], []

    def run(self, pool):
        words = [
            self.dice.choices(("", "", "", "429", "hint", "back", "slower"), k=CALLS)
            for _ in range(THREADS)
        ]
        list(pool.map(self.thread, words))
        return self

    def thread(self, words):
        for word in words:
            self.bucket.acquire()
            self.calls.append(self.time.mine())
            self.hear(word)

    def hear(self, word):
        begun = self.time.true
        if word == "429":
            self.bucket.slow_down()
            self.complaints.append(self.time.true)
        elif word == "hint":
            self.bucket.pause(3)
            self.pauses.append((self.time.true, begun + 3))
        elif word == "back":
            self.time.put_back(0.5)
        elif word == "slower":
            self.bucket.set_rate(RATE / 2)
            self.bucket.set_rate(RATE)

    def wrong(self):
        """What a vendor would complain about."""
        calls = sorted(self.calls)
        said = [
            f"{RATE + 1} calls from {first} to {last}"
            for first, last in zip(calls, calls[RATE:], strict=False)
            if last - first < 1 - CLOSE
        ]
        said += [
            f"a call at {at}, in the pause from {begun} to {ends}"
            for begun, ends in self.pauses
            for at in calls
            if begun < at < ends - CLOSE
        ]
        return said + [
            f"calls at {first} and {last}, after a 429 at {at}"
            for at in self.complaints
            for first, last in pairwise(calls)
            if at < first and last < at + HOLD_S and last - first < 2 / RATE - CLOSE
        ]


@pytest.fixture
def pool():
    with ThreadPoolExecutor(THREADS) as threads:
        yield threads


def test_no_second_has_more_calls_than_agreed(pool, sized, tally):
    cycles, calls, pauses, complaints = sized(300, 10_000), 0, 0, 0
    for number in range(cycles):
        cycle = Cycle(number).run(pool)
        assert cycle.wrong() == [], f"cycle {number}"
        calls += len(cycle.calls)
        pauses += len(cycle.pauses)
        complaints += len(cycle.complaints)
    assert calls == cycles * THREADS * CALLS
    assert pauses and complaints
    tally("S16", cycles=cycles, calls=calls, pauses=pauses, complaints=complaints, breaches=0)


def test_a_thread_that_sleeps_when_a_pause_begins_waits_for_its_end():
    time = Time(random.Random(1))
    bucket = TokenBucket(1, clock=time.clock, sleep=lambda seconds: (time.sleep(seconds), pause()))
    told = []

    def pause():
        if not told:
            told.append(time.true)
            bucket.pause(20)

    bucket.acquire()
    bucket.acquire()
    assert time.mine() >= told[0] + 20


def test_two_clients_of_one_account_share_its_pace():
    address = "https://pace.example/webapi2"
    assert shared_bucket(address, "ill", 500) is shared_bucket(address, "ill", 500)
    assert shared_bucket(address, "ill", 500) is not shared_bucket(address, "other", 500)
