"""The rungs at the API's door: signature and key, the IP list, our address as seen from outside, the contract."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from crossmall import reach
from crossmall.errors import ApiError, AuthError, CrossmallError
from reconcile.ladder_rungs import Rungs, facts

# Fragments by which a refusal may name its gate. The vendor's texts are not known, so these are hints [I].
IP_FRAGMENTS = ("IPアドレス", "ＩＰアドレス", "IP制限", "接続元")
CONTRACT_FRAGMENTS = ("契約", "オプション", "ご利用いただけません")
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Our address as the vendor sees it, as far as it can be known. source: stated | socket | vendor | local | None."""

    address: str | None
    source: str | None
    local_address: str


def outside(
    opened: reach.Connection, *, is_local: bool, stated: str = "", vendor_text: str = ""
) -> Outside:
    """The address to put on the IP list, from what the operator said, the vendor named, or the socket shows.

    Nobody else is asked: behind a router that translates addresses the answer is honestly unknown.
    """
    local = opened.local_address or "–"
    if is_local:
        return Outside(address=local, source="local", local_address=local)
    named = [found for found in _IPV4.findall(vendor_text) if _is_public(found)]
    if named:
        return Outside(address=named[0], source="vendor", local_address=local)
    if stated:
        return Outside(address=stated, source="stated", local_address=local)
    if opened.local_is_public:
        return Outside(address=local, source="socket", local_address=local)
    return Outside(address=None, source=None, local_address=local)


def _is_public(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


def accepted(rungs: Rungs, ours: Outside) -> None:
    """The API answered: key and address are good; which of the two kinds of IP list it has stays unknown."""
    rungs.ok("access", "ladder.access.ok")
    rungs.ok("ip_list", "ladder.ip_list.local" if ours.source == "local" else "ladder.ip_list.ok")
    if ours.source == "local":
        rungs.skipped("egress", "ladder.not_needed.egress_local", address=ours.address)
    elif ours.address:
        rungs.ok("egress", f"ladder.egress.{ours.source}", address=ours.address)
    else:
        rungs.skipped("egress", "ladder.not_needed.egress", address=ours.local_address)
    rungs.ok("contract", "ladder.contract.ok")


def refused(rungs: Rungs, error: AuthError, ours: Outside) -> None:
    """The API refused us; what its text tells apart is told apart, and the rest is an ordered list of suspects."""
    text = error.vendor_text or ""
    if any(fragment in text for fragment in IP_FRAGMENTS):
        rungs.skipped("access", "ladder.unknown.access")
        rungs.failed("ip_list", "ladder.ip_list.refused", **facts(error))
        rungs.skipped("contract", "ladder.unknown.contract")
    else:
        rungs.failed("access", "crossmall.error.auth", **facts(error))
        rungs.skipped("ip_list", "ladder.unknown.ip_list")
        _contract(rungs, error)
    _egress(rungs, ours)


def unclear(rungs: Rungs, error: CrossmallError, ours: Outside) -> None:
    """The first call failed without a word about key or address, so neither is proven good."""
    rungs.skipped("access", "ladder.unknown.gate")
    rungs.skipped("ip_list", "ladder.unknown.gate")
    _egress(rungs, ours)
    _contract(rungs, error)


def _contract(rungs: Rungs, error: CrossmallError) -> None:
    text = error.vendor_text or ""
    if isinstance(error, ApiError) and any(fragment in text for fragment in CONTRACT_FRAGMENTS):
        rungs.failed("contract", "ladder.contract.refused", **facts(error))
    else:
        rungs.skipped("contract", "ladder.unknown.contract")


def _egress(rungs: Rungs, ours: Outside) -> None:
    if ours.source == "local":
        rungs.skipped("egress", "ladder.not_needed.egress_local", address=ours.address)
    elif ours.address:
        rungs.ok("egress", f"ladder.egress.{ours.source}", address=ours.address)
    else:
        rungs.note(
            "egress",
            "skipped",
            "ladder.unknown.egress",
            cure="ladder.unknown.egress.cure",
            address=ours.local_address,
        )
