"""What a simulated shop shows us: our looks at it, the observations they leave, and Smartship's file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconcile.orders.instants import Mask, Seconds, instants

RUN_S = (1.0, 20.0)  # how long one look takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Our looks: when each started, when the vendor answered, when we noted it; seconds, ascending."""

    started: Seconds
    answered: Seconds
    noted: Seconds

    def frame(self) -> pd.DataFrame:
        """The complete runs that read the orders feed: started_at, finished_at."""
        return pd.DataFrame(
            {"started_at": instants(self.started), "finished_at": instants(self.noted)}
        )


def look(
    rng: np.random.Generator, start: float, end: float, every_s: float, *, outages: int = 2
) -> Looks:
    """Looks from `start` to `end` about every `every_s` seconds, with outages of 1 to 8 hours."""
    steps = every_s * rng.uniform(0.9, 1.1, int((end - start) / every_s * 1.3) + 2)
    started = start + np.cumsum(np.maximum(steps, RUN_S[1] + 1.0))
    started = started[started < end - RUN_S[1]]
    for _ in range(outages):
        begin = rng.uniform(start, end)
        away = (started > begin) & (started < begin + rng.uniform(3600.0, 8 * 3600.0))
        started = started[~away]
    length = rng.uniform(*RUN_S, len(started))
    answered = started + length * rng.uniform(0.2, 0.9, len(started))
    return Looks(started=started, answered=answered, noted=started + length)


def observe(events: pd.DataFrame, looks: Looks, vendor_skew_s: float) -> pd.DataFrame:
    """The observations our looks leave of what happened, as table cm_observation holds them.

    events: order_number, at (seconds, true), phase_name, cancel_flag, bundle_ahead_number, delivery_number; an event
    without phase_name is an edit of something else. Each event moves 更新日時, kept in whole seconds of a clock that
    is off by vendor_skew_s.
    """
    rows = events.sort_values(["order_number", "at"], kind="stable", ignore_index=True)
    state = ["phase_name", "cancel_flag", "bundle_ahead_number", "delivery_number"]
    rows[state] = rows.groupby("order_number")[state].ffill()
    at = rows["at"].to_numpy(float)
    numbers = rows["order_number"].to_numpy()
    followed = np.append(numbers[1:] == numbers[:-1], False)
    until = np.where(followed, np.append(at[1:], np.inf), np.inf)
    first = np.searchsorted(looks.answered, at, side="left")
    seen: Mask = (first < len(looks.answered)) & (
        looks.answered[np.minimum(first, len(looks.answered) - 1)] < until
    )
    noted = looks.noted[first[seen]]
    kept = rows.loc[seen, ["order_number", *state]].reset_index(drop=True)
    return kept.assign(
        first_seen_at=instants(noted),
        last_confirmed_at=instants(noted),
        updated_at=instants(np.floor(at[seen] + vendor_skew_s)),
        check_marks="---",
        cancel_flag=kept["cancel_flag"].astype(int),
    )


def arrive(
    rng: np.random.Generator, numbers: Mask, taken: Seconds, snapshot: float | None
) -> pd.DataFrame:
    """The lines of Smartship's newest order file: order_number, registered_at, registered_by, is_weak.

    taken: when a pull took each order, NaN for never. One in 200 was deleted there before any file was written, one in
    200 can be joined by a weak key only.
    """
    registered = np.floor(taken + rng.uniform(5.0, 70.0, len(taken)))
    chance = rng.uniform(size=len(taken))
    shown = ~np.isnan(taken) & (chance > 0.005) & (registered < (snapshot or -np.inf))
    return pd.DataFrame(
        {
            "order_number": numbers[shown],
            "registered_at": instants(registered[shown]),
            "registered_by": "API",
            "is_weak": chance[shown] > 0.995,
        }
    )
