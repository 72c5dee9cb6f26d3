"""What can be set, its default, and which source won: argument > environment > settings.toml > default."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from reconcile.access import ROLES
from reconcile.errors import UsageError

ENVIRONMENT_PREFIX = "TOTSUGO_"
RECIPIENT_DAYS_MOST = 30  # reliability.md S10
CHOICES = {"diff_feeds": ("off", "on", "auto")}  # settings that are words


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default. `origin` says per name where its value came from.

    Times of rules are ours [D] (smartship.md 11.9) and stand in `reconcile.rules.limits`.
    """

    concurrency: int = 4  # parallel calls to one account, 1-16
    rate_per_s: float | None = None  # calls per second; None: 8 against a real host, no limit here
    retries: int = 3  # repeats of a read after a first failed try
    timeout_s: float = 60.0  # longest silence of the vendor within one call
    first_days: int = 30  # how far back the first sync reaches
    overlap_min: int = 15  # how far an increment reads again behind its cursor
    phases_max_age_min: float = 60.0  # a younger list of phases is not fetched again
    catalogue_max_age_h: float = 24.0  # a younger catalogue is not fetched again
    stock_max_age_min: float = 60.0  # younger stock is not fetched again
    stock_sweep_h: float = (
        24.0  # with diff feeds, stock that none of them named is read again after
    )
    stock_calls_per_sync: int | None = (
        None  # None: as many as figures need to stay within their age
    )
    diff_feeds: str = "auto"  # off | on | auto: on this machine, and where they are confirmed
    snapshot_gap_max_min: int = 60  # stock figures further apart are not compared
    stale_after_h: float = 3.0  # an account without a good sync for longer is stale
    smartship_old_after_h: float = 24.0  # an order file older than that no longer speaks of today
    api_call_days: int = 14  # how long the record of calls is kept
    recipient_days: int = 0  # how long an order's recipient is kept, sealed, 0-30; 0 = not at all
    judge_max_age_s: float = 60.0  # older verdicts are renewed before they are shown
    # role -> mail addresses and group:NAME; settings.toml only
    access: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)


def resolve(
    arguments: Mapping[str, object], environment: Mapping[str, str], file_text: str | None
) -> Settings:
    """The settings that hold now. Raises UsageError for a name or value that cannot be right."""
    try:
        from_file = tomllib.loads(file_text) if file_text else {}
    except tomllib.TOMLDecodeError as error:
        raise UsageError("error.settings.unreadable", line=str(error)) from None
    access = _access(from_file.pop("access", {}))
    known = {item.name: item for item in fields(Settings) if item.name not in ("access", "origin")}
    unknown = sorted(set(from_file) - set(known))
    if unknown:
        raise UsageError("error.settings.unknown", names=unknown)
    values: dict[str, float | int | str] = {}
    origin: dict[str, str] = {}
    for name, item in known.items():
        variable = ENVIRONMENT_PREFIX + name.upper()
        for source, value in (
            ("argument", arguments.get(name)),
            ("environment", environment.get(variable)),
            ("settings.toml", from_file.get(name)),
        ):
            if value is not None:
                whole = str(item.type).startswith("int")
                values[name] = (
                    _word(name, value) if name in CHOICES else _number(name, value, whole=whole)
                )
                origin[name] = source
                break
        else:
            origin[name] = "default"
    settings = Settings(**values, access=access, origin=origin)  # type: ignore[arg-type]  # by field name
    if not 1 <= settings.concurrency <= 16:
        raise UsageError("error.settings.value", name="concurrency", value=settings.concurrency)
    if settings.recipient_days > RECIPIENT_DAYS_MOST:
        raise UsageError("error.settings.recipient_days", most=RECIPIENT_DAYS_MOST)
    return settings


def _access(given: object) -> dict[str, tuple[str, ...]]:
    """The lists of [access]; a role or an entry that cannot be meant is an error, not a list that lets nobody in."""
    lists = given if isinstance(given, dict) else {str(given): ()}
    for role, names in lists.items():
        if role not in ROLES or not isinstance(names, list):
            raise UsageError("error.settings.value", name=f"access.{role}", value=str(names))
        for name in names:
            if not isinstance(name, str) or not (
                name.removeprefix("group:").strip() if name.startswith("group:") else "@" in name
            ):
                raise UsageError("error.settings.value", name=f"access.{role}", value=str(name))
    return {role: tuple(names) for role, names in lists.items()}


def _word(name: str, value: object) -> str:
    if value not in CHOICES[name]:
        raise UsageError("error.settings.value", name=name, value=str(value))
    return str(value)


def _number(name: str, value: object, *, whole: bool) -> float | int:
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if number < 0 or (whole and number != int(number)):
        raise UsageError("error.settings.value", name=name, value=str(value))
    return int(number) if whole else number
