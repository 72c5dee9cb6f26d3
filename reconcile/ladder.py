"""The connection test: rung by rung from our settings to the phases Smartship needs, with the cure of what fails.

Read-only, and about twenty calls when everything works. What stands on a failed rung is skipped; what cannot be
known is said to be unknown and keeps the whole from counting as fine.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crossmall import reach
from crossmall.client import Client
from crossmall.errors import ApiError, AuthError, CrossmallError
from reconcile import ladder_access as door
from reconcile.ladder_network import check_choices, check_network, check_setup
from reconcile.ladder_phases import check_name
from reconcile.ladder_reading import Reading
from reconcile.ladder_rungs import GROUPS, STEPS, OnStep, Rungs, facts
from reconcile.ladder_volume import check_page_size, check_volume
from reconcile.model import Account, Ladder
from reconcile.settings import Settings, resolve

__all__ = ["EGRESS_VARIABLE", "GROUPS", "STEPS", "OnStep", "climb", "facts", "refused"]

EGRESS_VARIABLE = "TOTSUGO_EGRESS_ADDRESS"  # the address the operator knows the vendor sees


def climb(
    account: Account,
    connect: Callable[[], Client],
    on_step: OnStep | None = None,
    *,
    settings: Settings | None = None,
    egress_address: str | None = None,
    tls: ssl.SSLContext | None = None,
    now: datetime | None = None,
) -> Ladder:
    """Test the connection, read-only; after a failed rung that the next ones stand on, they are skipped.

    settings: for the estimate of a first load; without them defaults and environment. egress_address: our address
    as the operator knows it; without it TOTSUGO_EGRESS_ADDRESS. tls: issuers to trust instead of the machine's.
    now: what the caller takes for the present instant.
    """
    rungs = Rungs(account, on_step)
    if not check_setup(rungs):
        return rungs.finish()
    our_now = now or datetime.now(UTC)
    opened = check_network(rungs, tls, late_s=(datetime.now(UTC) - our_now).total_seconds())
    if opened is None:
        return rungs.finish()
    stated = os.environ.get(EGRESS_VARIABLE, "") if egress_address is None else egress_address
    with connect() as client:
        climber = _Climber(
            rungs=rungs,
            client=client,
            opened=opened,
            settings=settings or resolve({}, os.environ, None),
            stated=stated.strip(),
            now=our_now,
        )
        climber.run()
    return rungs.finish()


def refused(account: Account, error: Any, on_step: OnStep | None = None) -> Ladder:
    """The ladder of an account whose own settings do not allow a call (no key, impossible address)."""
    rungs = Rungs(account, on_step)
    rungs.failed("settings", error.help_key, **error.values)
    check_choices(rungs)
    return rungs.finish()


@dataclass(slots=True)
class _Climber:
    rungs: Rungs
    client: Client
    opened: reach.Connection
    settings: Settings
    stated: str
    now: datetime

    def run(self) -> None:
        names = self._phases()
        if names is None and self.rungs.state("access") != "ok":
            return
        reading = Reading(rungs=self.rungs, client=self.client, now=self.now)
        reading.orders()
        reading.catalogue()
        reading.extras()
        if names is not None:
            account = self.rungs.account
            check_name(self.rungs, "collect_phase", account.collect_phase, names)
            check_name(self.rungs, "shipped_phase", account.shipped_phase, names)
        if reading.first is not None:
            check_page_size(reading)
            check_volume(
                reading,
                concurrency=self.settings.concurrency,
                rate_per_s=self.settings.rate_per_s,
                first_days=self.settings.first_days,
                is_local=self._is_local,
            )

    @property
    def _is_local(self) -> bool:
        return reach.target(self.rungs.account.base_url).is_local

    def _outside(self, vendor_text: str = "") -> door.Outside:
        return door.outside(
            self.opened, is_local=self._is_local, stated=self.stated, vendor_text=vendor_text
        )

    def _phases(self) -> list[str] | None:
        try:
            names = [phase.name for phase in self.client.phases()]
        except AuthError as error:
            door.refused(self.rungs, error, self._outside(error.vendor_text or ""))
        except ApiError as error:
            door.accepted(self.rungs, self._outside())
            self.rungs.refused("phases", error)
        except CrossmallError as error:
            door.unclear(self.rungs, error, self._outside())
            self.rungs.refused("phases", error)
        else:
            door.accepted(self.rungs, self._outside())
            self.rungs.ok("phases", "ladder.phases.ok", count=len(names))
            return names
        return None
