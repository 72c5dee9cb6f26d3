"""The rungs below the API: our own settings, the name, the connection, the certificate, what answers, the clocks."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

from crossmall import reach, reach_http
from reconcile.ladder_rungs import Rungs
from reconcile.model import SMARTSHIP_OPTIONS, Account

CERTIFICATE_SOON = timedelta(days=30)  # [D]
SKEW_WARNING_S = 60  # [D]
SKEW_FAILED_S = 300  # [D]


def check_setup(rungs: Rungs) -> bool:
    """The account's own settings; True when they allow a call."""
    account = rungs.account
    missing = _missing(account)
    if missing:
        rungs.failed("settings", f"ladder.settings.{missing}", base_url=account.base_url)
        return False
    rungs.ok(
        "settings",
        "ladder.settings.ok",
        base_url=account.base_url,
        collect_phase=account.collect_phase,
        shipped_phase=account.shipped_phase,
    )
    check_choices(rungs)
    return True


def check_choices(rungs: Rungs) -> None:
    """What Totsugo can do without but judges worse: the shops and the four options of Smartship."""
    account = rungs.account
    if account.shop_ids:
        rungs.ok("shops", "ladder.shops.ok", shops=list(account.shop_ids))
    else:
        rungs.warning("shops", "ladder.shops.none")
    unknown = [name for name in SMARTSHIP_OPTIONS if account.options.get(name) not in ("on", "off")]
    if unknown:
        rungs.warning("options", "ladder.options.unknown", options=unknown, missing=len(unknown))
    elif account.options.get("auto_orders") == "off":
        rungs.warning("options", "ladder.options.no_pull")
    else:
        rungs.ok("options", "ladder.options.ok")


def _missing(account: Account) -> str | None:
    if not account.company_code:
        return "company_code"
    if not account.base_url:
        return "base_url"
    if not account.collect_phase.strip() or not account.shipped_phase.strip():
        return "phase_names"
    return None


def check_network(
    rungs: Rungs, context: ssl.SSLContext | None = None, *, late_s: float = 0.0
) -> reach.Connection | None:
    """Name, connection, certificate, answer and clock; None once something the API needs is missing.

    late_s: by how many seconds the caller's clock is behind this machine's.
    """
    to = reach.target(rungs.account.base_url)
    where = {"host": to.host, "port": str(to.port)}
    names = reach.resolve(to)
    if names.reason:
        rungs.failed("dns", f"ladder.dns.{names.reason}", **where)
        return None
    rungs.ok("dns", "ladder.dns.ok", addresses=list(names.addresses), **where)
    opened = reach.connect(to, names.addresses)
    if opened.reason or opened.address is None:
        rungs.failed("reach", f"ladder.reach.{opened.reason}", address=opened.address, **where)
        return None
    rungs.ok("reach", "ladder.reach.ok", address=opened.address, ms=round(opened.ms), **where)
    if not _certificate(rungs, to, opened.address, context):
        return None
    answer = reach_http.ask(to, opened.address, context=context)
    is_fine = _answer(rungs, to, answer)
    _clock(rungs, answer, late_s)
    return opened if is_fine else None


def _certificate(
    rungs: Rungs, to: reach.Target, address: str, context: ssl.SSLContext | None
) -> bool:
    if not to.is_tls:
        rungs.skipped("tls", "ladder.not_needed.tls", host=to.host)
        return True
    seen = reach.handshake(to, address, context=context)
    if seen.reason:
        kind = seen.reason if seen.reason.startswith("tls_") else "tls_broken"
        rungs.failed("tls", f"ladder.tls.{kind}", host=to.host)
        return False
    left = seen.expires_at - datetime.now(UTC) if seen.expires_at else None
    values = {
        "protocol": seen.protocol or "–",
        "until": f"{seen.expires_at:%Y-%m-%d}" if seen.expires_at else "–",
        "days": left.days if left else 0,
    }
    if left is not None and left <= CERTIFICATE_SOON:
        rungs.warning("tls", "ladder.tls.soon", host=to.host, **values)
    else:
        rungs.ok("tls", "ladder.tls.ok", **values)
    return True


def _answer(rungs: Rungs, to: reach.Target, answer: reach_http.Answer) -> bool:
    values = {
        "http_status": answer.status or "–",
        "host": to.host,
        "location": answer.location or "–",
    }
    if answer.reason:
        reason = "proxy_page" if answer.reason == "html" and answer.via else answer.reason
        rungs.failed("http", f"ladder.http.{reason}", **values)
    else:
        rungs.ok("http", "ladder.http.ok", **values)
    return answer.reason is None


def _clock(rungs: Rungs, answer: reach_http.Answer, late_s: float) -> None:
    if answer.status is None:
        return
    if answer.skew_s is None:
        rungs.skipped("clock", "ladder.unknown.clock")
        return
    ahead_s = answer.skew_s + late_s
    off = round(abs(ahead_s))
    side = "behind" if ahead_s > 0 else "ahead"
    if off > SKEW_FAILED_S:
        rungs.failed("clock", f"ladder.clock.{side}", seconds=off, limit=SKEW_FAILED_S)
    elif off > SKEW_WARNING_S:
        rungs.warning("clock", f"ladder.clock.{side}.little", seconds=off, limit=SKEW_FAILED_S)
    else:
        rungs.ok("clock", "ladder.clock.ok", seconds=off)
