"""Instants as seconds for arithmetic, and back; a missing instant is NaN."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Seconds = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]


def seconds(times: pd.Series | pd.DatetimeIndex) -> Seconds:
    """Seconds since 1970 UTC as float64, NaN where the instant is missing; times without zone count as UTC."""
    exact = pd.to_datetime(pd.Series(times), utc=True).astype("datetime64[us, UTC]")
    whole = exact.astype("int64").to_numpy(dtype=np.float64) / 1e6
    return np.where(exact.isna().to_numpy(), np.nan, whole)


def instants(values: Seconds) -> pd.DatetimeIndex:
    """Aware UTC instants of microseconds; NaN and infinity become NaT."""
    known = np.isfinite(values)
    micros = np.round(np.where(known, values, 0.0) * 1e6).astype("int64")
    plain = micros.astype("datetime64[us]")
    plain[~known] = np.datetime64("NaT")
    return pd.DatetimeIndex(plain).tz_localize("UTC")


def floats(values: pd.Series) -> Seconds:
    """The column as float64, NaN where a value is missing."""
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
