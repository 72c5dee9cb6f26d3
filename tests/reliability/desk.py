"""A shop in a process of its own, our clock, and workspaces that do not wait long."""

import time
from datetime import UTC, datetime, timedelta

from reconcile import Workspace
from tests.integration.conftest import KEY, SandboxProcess
from tests.reliability.plain import PlainReader

SHORT_S = 0.4  # a vendor that says nothing for this long has failed


class LivingShop(SandboxProcess):
    """A sandbox with a frozen clock that only we move, and a plain reader of it."""

    def __init__(self, *arguments, orders=60, seed=7, scenario="quiet"):
        super().__init__(
            *("--orders", str(orders), "--seed", str(seed), "--clock", "frozen"),
            *("--scenario", scenario, *arguments),
        )
        self.reader = PlainReader(self.url, KEY)
        self.clock = OurClock(self.now())

    def now(self):
        """The shop's present, aware UTC."""
        return datetime.fromisoformat(self.get("clock")["utc"])

    def advance(self, seconds):
        """Move the shop's time; our clock goes along."""
        self.post("clock", advance_s=seconds)
        self.clock.shift(seconds)

    def set_to(self, at):
        """Put the shop's time to an instant; our clock goes along."""
        self.post("clock", set=at.isoformat())
        self.clock.stand_at(at)

    def known_faults(self):
        return tuple(self.get("faults")["known"])

    def trouble(self, **rates):
        """Switch faults on; those not named are off."""
        self.post("faults", **dict.fromkeys(self.known_faults(), 0) | rates)

    def struck(self):
        """How many faults hit so far, counted by the shop itself."""
        return sum(self.get("faults")["struck"].values())

    def past(self, seconds):
        """The order headers as they were shown so many seconds ago."""
        at = (self.now() - timedelta(seconds=seconds)).isoformat().replace("+", "%2B")
        return self.get(f"state/orders?at={at}")["rows"]

    def stop(self):
        """End the process; a second time does nothing."""
        if self.process.poll() is None:
            self.reader.close()
            super().stop()


class OurClock:
    """The clock of a workspace: runs on by itself, and can be put anywhere."""

    def __init__(self, at):
        self.stand_at(at)

    def __call__(self):
        return self._at + timedelta(seconds=time.monotonic() - self._since)

    def stand_at(self, at):
        self._at, self._since = at.astimezone(UTC), time.monotonic()

    def shift(self, seconds):
        self.stand_at(self() + timedelta(seconds=seconds))


class MirrorWorkspace(Workspace):
    """A workspace that leaves the verdicts out of a sync: half of its time, and nothing of the mirror comes from them."""

    def _judge(self, account):
        return {}, {}


class HastyWorkspace(MirrorWorkspace):
    """One whose client waits a fraction of a second for a reply and not at all before a repeat."""

    def _client(self, account, **options):
        return super()._client(account, **{"timeout_s": SHORT_S, "sleep": _at_once, **options})


def _at_once(_seconds):
    return None


def open_desk(data, shop, *, kind=MirrorWorkspace, add=True, url=None, **settings):
    """A workspace on a shop with one account named shop; everything is fetched anew with every sync.

    kind: Workspace where verdicts are read, or where they shall be made of what the faults have left.
    """
    settings = {"catalogue_max_age_h": 0, "stock_max_age_min": 0, "first_days": 60} | settings
    desk = kind.open(data, clock=settings.pop("clock", shop.clock), **settings)
    if add:
        desk.add_account("shop", company_code="ill", key=KEY, base_url=url or shop.url)
    return desk
