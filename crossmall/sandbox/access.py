"""Who may call: the account's IP list, checked before the signature [D]."""

import ipaddress
from collections.abc import Sequence

MOST_ADDRESSES = 24  # [S]
DENY_ALL = "0.0.0.0"  # noqa: S104 - the vendor's initial value, it means "nobody" [S2]


class AddressListError(ValueError):
    """The IP list breaks a rule of the settings screen: too long, or not an IPv4 address."""


def address_list(addresses: Sequence[str]) -> tuple[str, ...]:
    """The list as the settings screen would keep it: blanks dropped, order kept.

    Raises AddressListError above 24 entries [S] or for anything but single IPv4 addresses [I].
    """
    kept = tuple(a.strip() for a in addresses if a.strip())
    if len(kept) > MOST_ADDRESSES:
        raise AddressListError(f"at most {MOST_ADDRESSES} addresses, got {len(kept)}")
    for address in kept:
        try:
            ipaddress.IPv4Address(address)
        except ValueError as error:
            raise AddressListError(f"not an IPv4 address: {address!r}") from error
    return kept


def may_call(caller: str, allowed: Sequence[str]) -> bool:
    """True when the caller's socket address may use the API.

    An empty list lets everybody in [S2]; ``0.0.0.0`` matches no caller, so alone it denies all
    [S2]. Headers play no part.
    """
    return not allowed or (caller in allowed and caller != DENY_ALL)
