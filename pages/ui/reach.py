"""From where the desk can be reached: from this machine alone, unless a login is set up."""

from __future__ import annotations

import ipaddress
import sys
from urllib.parse import urlparse

import streamlit as st

from reconcile import LANGUAGES, Text

NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")


def hold() -> None:
    """Ends the server at its start, with one message in each language, where others could reach it without a login."""
    refused = refusal(
        address=st.get_option("server.address"),
        hosts=st.get_option("server.allowedHosts") or [],
        auth=_auth(),
    )
    if refused is None:
        return
    key, given = refused
    for lang in LANGUAGES:
        text = Text(lang)
        sys.stderr.write(f"{text(key, given=given)}\n{text(f'{key}.cure')}\n")
    sys.stderr.flush()
    raise SystemExit(2)


def refusal(
    *, address: str | None, hosts: list[str], auth: dict[str, str] | None
) -> tuple[str, str] | None:
    """The text key and the setting that keep the server from starting; None where it may.

    auth: the login of secrets.toml, None without a whole one. No address means every address.
    """
    if auth is None:
        if not is_here(address or ""):
            return "error.access.reach", f"server.address = {address or '(*)'}"
        foreign = [host for host in hosts if not is_here(host)]
        if foreign or not hosts:
            return "error.access.reach", f"server.allowedHosts = {', '.join(foreign) or '(*)'}"
        return None
    uri = urlparse(auth["redirect_uri"])
    if uri.scheme != "https" and not is_here(uri.hostname or ""):
        return "error.access.plain", auth["redirect_uri"]
    return None


def is_here(host: str) -> bool:
    """Whether a name or address means this machine and nothing else."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _auth() -> dict[str, str] | None:
    try:
        found = {name: str(value) for name, value in st.secrets["auth"].items()}
    except (FileNotFoundError, KeyError):
        return None
    return found if all(found.get(name) for name in NEEDED) else None
