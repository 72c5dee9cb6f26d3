"""Join keys: the forms in which numbers of the two vendors are compared. They never replace the raw text."""

from __future__ import annotations

import unicodedata

INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # blank to the eye, but letters to Unicode
_HYPHENS = frozenset("\u00ad\u02d7\u2043\u207b\u208b\u2212\u30fc\uff70")


def join_key(text: str | None) -> str | None:
    """The text after NFKC and trimming, invisible characters at its ends included; None when nothing is left.

    Source of the rule: orders and shipments are joined exactly after NFKC and trimming [I].
    """
    if text is None:
        return None
    normal = unicodedata.normalize("NFKC", text)
    start, end = 0, len(normal)
    while start < end and is_blank(normal[start]):
        start += 1
    while end > start and is_blank(normal[end - 1]):
        end -= 1
    return normal[start:end] or None


def tracking_key(text: str | None) -> str | None:
    """A tracking number without blanks and hyphens of any kind, after NFKC; None when nothing is left.

    The long vowel mark counts as a hyphen: it is what a Japanese keyboard gives for that key.
    """
    if text is None:
        return None
    normal = unicodedata.normalize("NFKC", text)
    kept = "".join(c for c in normal if not (is_blank(c) or is_hyphen(c)))
    return unicodedata.normalize("NFKC", kept) or None  # a mark may now stand behind a letter


def code_points(text: str) -> str:
    """The characters as code points joined by blanks, e.g. `U+0051 U+0058`; empty for an empty text."""
    return " ".join(f"U+{ord(character):04X}" for character in text)


def is_blank(character: str) -> bool:
    """Whether the character shows nothing: separators, controls, format characters, fillers, selectors."""
    return (
        unicodedata.category(character) in {"Zs", "Zl", "Zp", "Cc", "Cf"}
        or character in INVISIBLE
        or "\ufe00" <= character <= "\ufe0f"
    )


def is_hyphen(character: str) -> bool:
    """Whether the character is a dash, minus or long vowel mark."""
    return unicodedata.category(character) == "Pd" or character in _HYPHENS
