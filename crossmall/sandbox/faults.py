"""Switchable troubles: which request is hit by what, and what that does to a reply.

Deterministic: the seed, the number of the request and the rates decide, nothing else.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

HANG_S = 120.0  # longer than any sensible client waits
DELAY_S = 2.0
RETRY_AFTER_S = 1
MAINTENANCE_PAGE = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="UTF-8"><title>メンテナンス中</title></head>
<body><h1>ただいまメンテナンス中です</h1><p>[sandbox]</p></body></html>
"""
BEFORE = ("delay", "timeout", "http_500", "http_503", "http_429", "html", "auth_error")
AFTER = (
    "timeout_after_commit", "empty", "cut_xml", "wrong_encoding", "doctype", "reset",
    "duplicate_rows", "illegal_char",
)  # fmt: skip
FAULTS = (*BEFORE, *AFTER)
_DECLARATION_END = "?>\n"
_FILLED = re.compile(r"(<Result No=.*?<[a-z_0-9]+>[^<]+)(</)", re.S)


class FaultError(ValueError):
    """A fault that does not exist or a rate outside 0-1."""


def fault_rates(given: Mapping[str, object]) -> dict[str, float]:
    """The rates as numbers; raises FaultError for unknown names and rates outside 0-1."""
    rates = {}
    for name, rate in given.items():
        if name not in FAULTS:
            raise FaultError(f"unknown fault {name!r}; known: {', '.join(FAULTS)}")
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise FaultError(f"rate of {name} must be 0-1, got {rate!r}")
        rates[name] = float(rate)
    return rates


@dataclass(slots=True)
class Faults:
    """The rates in force and how often each fault struck."""

    seed: int
    rates: dict[str, float]
    struck: Counter[str]

    def draw(self, request_no: int) -> str:
        """The fault that hits this request, or empty; the first in FAULTS order wins."""
        for name in FAULTS:
            rate = self.rates.get(name, 0.0)
            if rate and random.Random(f"{self.seed}:{name}:{request_no}").random() < rate:
                self.struck[name] += 1
                return name
        return ""


def spoiled(fault: str, body: str, request_no: int) -> bytes:
    """The reply text with the fault's damage, as bytes; unharmed for faults of other kinds."""
    if fault == "empty":
        return b""
    if fault == "cut_xml":
        whole = body.encode()
        rng = random.Random(f"cut:{request_no}")
        return whole[: rng.randint(len(whole) // 4, len(whole) - 20)]
    if fault == "wrong_encoding":
        marked = body.replace("<ResultStatus>", "<ResultStatus><!--処理結果-->", 1)
        return marked.encode("cp932", "xmlcharrefreplace")
    return _TEXT_DAMAGE.get(fault, str)(body).encode()


def _with_doctype(body: str) -> str:
    head, _, rest = body.partition(_DECLARATION_END)
    doctype = '<!DOCTYPE ResultSet [<!ENTITY note "[sandbox]">]>\n'
    return f"{head}{_DECLARATION_END}{doctype}{rest.replace('<Message/>', '<Message>&note;</Message>', 1)}"


def _with_duplicate(body: str) -> str:
    """The last row once more under the next number; a reply without rows stays as it is."""
    start = body.rfind("    <Result No='")
    end = body.rfind("  </ResultSet>")
    if start < 0:
        return body
    row = body[start:end]
    number = int(row.split("'")[1])
    again = row.replace(f"No='{number}'", f"No='{number + 1}'", 1)
    total = f"TotalResult='{number}'"
    return f"{body[:end]}{again}{body[end:]}".replace(total, f"TotalResult='{number + 1}'", 1)


def _with_control_character(body: str) -> str:
    """A vertical tab inside the first filled element of a row, else inside Message."""
    if _FILLED.search(body):
        return _FILLED.sub("\\1\x0b\\2", body, count=1)
    return body.replace("<Message/>", "<Message>\x0b</Message>", 1)


_TEXT_DAMAGE = {
    "doctype": _with_doctype,
    "duplicate_rows": _with_duplicate,
    "illegal_char": _with_control_character,
}
