"""The server's side of the signature: MD5 over the raw query as it arrived [I, strong].

Source: API note 2.1 (rule [S3]) and 2.2 (raw text, received order; nothing is decoded first).
"""

import hashlib
import hmac

DEMO_ACCOUNT = "ill"
DEMO_KEY = "mXCTpnoA"  # from the published documentation example, opens nothing
SIGNING = b"signing"


def split_signing(raw_query: bytes) -> tuple[bytes, str | None]:
    """The query without its ``signing`` pair, order kept, and the value of that pair.

    The value is None when the pair is missing or given more than once.
    """
    rest: list[bytes] = []
    given: list[str] = []
    for pair in raw_query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name == SIGNING:
            given.append(value.decode("latin-1"))
        else:
            rest.append(pair)
    return b"&".join(rest), given[0] if len(given) == 1 else None


def expected_signing(query: bytes, key: str) -> str:
    """Lower-case hex of MD5(query + key), 32 characters [S3]."""
    return hashlib.md5(query + key.encode(), usedforsecurity=False).hexdigest()


def is_signed(raw_query: bytes, key: str) -> bool:
    """True when the raw query carries exactly one ``signing`` and it fits; upper case does not."""
    query, given = split_signing(raw_query)
    if given is None:
        return False
    return hmac.compare_digest(given.encode("latin-1"), expected_signing(query, key).encode())


def masked(raw_query: bytes) -> str:
    """The raw query as text with every ``signing`` value replaced, for the request log."""
    pairs = raw_query.decode("latin-1").split("&")
    return "&".join("signing=***" if p.split("=")[0] == "signing" else p for p in pairs)
