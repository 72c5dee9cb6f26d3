"""Orders that were not pulled, each for a known reason, seen by us like any other: the frames explain.causes takes.

Deterministic by seed. Background orders that are pulled as usual teach the minute of the pulls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconcile.orders.explain import Setting
from reconcile.orders.instants import Seconds, instants
from reconcile.orders.simulate import PHASES, START_S
from reconcile.orders.simulate_dwells import HOUR_S
from reconcile.orders.simulate_lives import (
    ALMOST,
    BLANK,
    CONNECTED,
    DEAD,
    END,
    FILE_AT,
    MAKERS,
    WAREHOUSE,
    Life,
    collected_order,
    not_asked_order,
)
from reconcile.orders.simulate_looks import look, observe

ROLES = PHASES | {WAREHOUSE: "unknown", ALMOST: "unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Frames for the forensics of one account, and the true cause of each labelled order (order_number, cause)."""

    orders: pd.DataFrame
    observations: pd.DataFrame
    looks: pd.DataFrame
    arrivals: pd.DataFrame
    files: pd.DataFrame
    labels: pd.DataFrame
    setting: Setting
    now: float


def simulate_causes(per_cause: int, seed: int, *, auto_orders: str = "on") -> Labelled:
    """One account with per_cause orders for each cause that an account with this option can have, and 800 pulled ones.

    auto_orders "off": an account whose orders stay behind because 自動注文連携 is off; nothing arrives.
    """
    rng = np.random.default_rng(seed)
    pulls = np.arange(START_S + rng.uniform(0, HOUR_S), END, HOUR_S)
    pulls = pulls + np.clip(rng.normal(0, 40, len(pulls)), -90, 90)
    running = pulls[(pulls < DEAD[0]) | (pulls > DEAD[1])]
    makers: dict[str, Callable[[np.random.Generator, Seconds], Life]] = dict(MAKERS)
    if auto_orders == "off":
        makers = {"auto_orders_off": not_asked_order}
    lives, labels = [], []
    for cause, make in makers.items():
        for _ in range(per_cause):
            lives.append(make(rng, pulls))
            labels.append(cause)
    for _ in range(800 if auto_orders == "on" else 0):
        lives.append(collected_order(rng, running))
        labels.append("collected")
    return _seen(rng, lives, labels, auto_orders)


def _seen(rng: np.random.Generator, lives: list[Life], labels: list[str], option: str) -> Labelled:
    numbers = [f"{n:08d}" for n in range(len(lives))]
    events = pd.DataFrame(
        [
            (number, *event)
            for number, life in zip(numbers, lives, strict=True)
            for event in life.events
        ],
        columns=["order_number", "at", "phase_name", "cancel_flag"],
    ).assign(bundle_ahead_number=None, delivery_number=None)
    looks = look(rng, START_S, END, 300.0, outages=0)
    now = float(looks.noted[-1])
    observations = observe(events[events["at"] < now], looks, rng.uniform(-40, 40))
    orders = _orders(observations, events, lives, numbers)
    linked = orders[orders["ss_is_weak"].eq(False)]
    arrivals = linked[["order_number", "ss_registered_at", "ss_registered_by"]]
    return Labelled(
        orders=orders,
        observations=observations,
        looks=looks.frame(),
        arrivals=arrivals.rename(columns=lambda name: name.removeprefix("ss_")),
        files=pd.DataFrame(
            {
                "covers_from": instants(np.array([START_S])),
                "snapshot_at": instants(np.array([FILE_AT])),
            }
        ),
        labels=pd.DataFrame({"order_number": numbers, "cause": labels}),
        setting=Setting(
            connected_at=CONNECTED, auto_orders=option, roles=ROLES, lookalikes=frozenset({ALMOST})
        ),
        now=now,
    )


def _orders(
    observations: pd.DataFrame, events: pd.DataFrame, lives: list[Life], numbers: list[str]
) -> pd.DataFrame:
    newest = observations.drop_duplicates("order_number", keep="last").set_index("order_number")
    orders = pd.DataFrame([dict(BLANK) | life.row for life in lives], columns=list(BLANK))
    orders.insert(0, "order_number", numbers)
    created = events.groupby("order_number")["at"].min().reindex(numbers)
    orders["created_at"] = instants(created.to_numpy(dtype=float))
    orders = orders[orders["order_number"].isin(newest.index)].reset_index(drop=True)
    for name in ("phase_name", "cancel_flag", "updated_at"):
        orders[name] = newest[name].reindex(orders["order_number"]).reset_index(drop=True)
    orders["phase_role"] = orders["phase_name"].map(ROLES)
    for name in ("ss_registered_at", "ss_snapshot_at", "covered_until"):
        orders[name] = instants(orders[name].to_numpy(dtype=float))
    return orders
