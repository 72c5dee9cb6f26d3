"""Where an alert may go: the address is looked up once, judged, and that very address is then spoken to.

So nobody can answer our look-up with a public address and our connection with one inside the network.
"""

from __future__ import annotations

import ipaddress
import socket

from reconcile.alerts.outcomes import NotSent

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(host: str, port: int, *, allow_private: bool) -> str:
    """The IP address to speak to. Raises NotSent: `dns`, or `private` if any address of the host lies inside a network.

    Addresses of the link itself (where clouds keep their keys), of groups and of nobody are refused always.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSent("dns") from None
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses or not all(_may(one, allow_private=allow_private) for one in addresses):
        raise NotSent("private")
    return str(addresses[0])


def _may(address: Address, *, allow_private: bool) -> bool:
    inner = _inner(address)
    if inner.is_link_local or inner.is_multicast or inner.is_unspecified:
        return False
    return inner.is_global or allow_private


def _inner(address: Address) -> Address:
    """The address of the older kind that one of the newer kind stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    teredo = address.teredo
    held = address.ipv4_mapped or address.sixtofour or (teredo and teredo[1])
    if not held and address in _NAT64:
        held = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return held or address
