"""Who we are to CROSS MALL, checked on creation and never shown whole."""

import hmac
import ipaddress
import unicodedata
from dataclasses import dataclass, field
from typing import Never
from urllib.parse import urlsplit

from crossmall.errors import ConfigurationError

DEFAULT_BASE_URL = "https://crossmall.jp/webapi2"  # [S3]


class Secret:
    """A text that only ``reveal()`` shows; printing, formatting and logging show a mask.

    Cannot be pickled (TypeError): a pickle is a plain-text copy. Copies are the same object.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself; keep it out of variables that outlive the call."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self._text.encode("utf-8", "surrogatepass"),
            other.reveal().encode("utf-8", "surrogatepass"),
        )

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> Never:
        raise TypeError("a Secret cannot be pickled")


def is_loopback(host: str) -> bool:
    """True for ``localhost``, names below it, and loopback addresses of both IP versions."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _check_token(name: str, text: str) -> None:
    if not text:
        raise ConfigurationError(f"{name} is empty", reason=name)
    for position, char in enumerate(text, start=1):
        category = unicodedata.category(char)
        if category in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}:
            raise ConfigurationError(
                f"{name} has a blank or invisible character U+{ord(char):04X}"
                f" at position {position} of {len(text)}",
                reason=name,
            )


def _checked_base_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError("base_url is not a URL", reason="base_url") from None
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise ConfigurationError("base_url must be http(s)://host[:port]/path", reason="base_url")
    if parts.query or parts.fragment or parts.username is not None or "?" in url or "#" in url:
        raise ConfigurationError("base_url must end with its path", reason="base_url")
    if not url.isascii() or any(c.isspace() or not c.isprintable() for c in url):
        raise ConfigurationError("base_url must be plain ASCII without blanks", reason="base_url")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(
            "base_url must use https unless the host is this machine", reason="base_url"
        )
    return url.rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """One account: 会社コード, 認証鍵 and where the API lives (a trailing slash is dropped).

    Raises ConfigurationError when a part is empty, has a blank or an invisible character in it,
    or when the URL is not https (plain http is for this machine only).
    """

    company_code: str = field(repr=False)
    key: Secret = field(repr=False)
    base_url: str = DEFAULT_BASE_URL

    def __post_init__(self) -> None:
        if not isinstance(self.key, Secret):
            raise ConfigurationError("key must be a Secret", reason="key")
        _check_token("company_code", self.company_code)
        _check_token("key", self.key.reveal())
        object.__setattr__(self, "base_url", _checked_base_url(self.base_url))

    @property
    def is_local(self) -> bool:
        """True when the host is this machine, so no rate limit is needed."""
        return is_loopback(urlsplit(self.base_url).hostname or "")
