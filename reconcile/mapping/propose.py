"""Which Smartship SKUs a CROSS MALL SKU may mean: rows of the same number or name first, then the likest of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from rapidfuzz import fuzz

from reconcile.mapping.classify import NUMBER
from reconcile.mapping.compare import causes_of_pair
from reconcile.mapping.index import SkuIndex
from reconcile.mapping.normalize import canonical_key

MAX_CANDIDATES = 5  # [D]
MOST_OF_A_NUMBER = 200  # rows of one product number that are looked at [D]
WEIGHTS: Mapping[str, float] = {"name": 0.6, "option": 0.3, "number": 0.1}  # in the score [D]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One row of a Smartship list. source: mapping (a link row) | sku (its SKU list)."""

    sku_no: str
    product_no: str | None
    product_name: str | None
    option_text: str
    source: str
    seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """An offer with how near it is: see Candidate."""

    offer: Offer
    score: float
    parts: Mapping[str, float | str]
    causes: tuple[str, ...]
    decision: str


class Proposer:
    """The offers of one account, ready to be asked for one product at a time, kept up by what came and what went."""

    def __init__(self, offers: Iterable[Offer]) -> None:
        self._offers: dict[str, Offer] = {}
        self._by_number: dict[str, set[str]] = {}
        self._index = SkuIndex.of(_table({}))
        self.update(offers)

    def update(self, offers: Iterable[Offer]) -> None:
        """Take these offers in the place of those held; only the difference is worked on."""
        now = {_id(offer): offer for offer in offers}
        new = {one: offer for one, offer in now.items() if one not in self._offers}
        gone = self._offers.keys() - now.keys()
        for one, offer in new.items():
            self._by_number.setdefault(canonical_key(offer.product_no or ""), set()).add(one)
        for one in gone:
            number = canonical_key(self._offers[one].product_no or "")
            self._by_number[number].discard(one)
        if self._offers:
            self._index.update(_table(new), gone)
        else:
            self._index = SkuIndex.of(_table(new))
        self._offers = now

    def candidates(
        self,
        numbers: Sequence[str],
        name: str | None,
        attributes: Sequence[str],
        option: str,
        *,
        without: Iterable[str] = (),
    ) -> tuple[Proposed, ...]:
        """The likest offers, best first, one per SKU number. numbers: what Smartship may call the product."""
        left_out = set(without)
        best: dict[str, Proposed] = {}
        for one, (step, score) in self._places(numbers, name, attributes).items():
            offer = self._offers[one]
            if offer.sku_no in left_out:
                continue
            found = proposed(offer, numbers, name, option, step=step, likely=score)
            known = best.get(offer.sku_no)
            if known is None or _rank(found) > _rank(known):
                best[offer.sku_no] = found
        return tuple(sorted(best.values(), key=_rank, reverse=True)[:MAX_CANDIDATES])

    def _places(
        self, numbers: Sequence[str], name: str | None, attributes: Sequence[str]
    ) -> dict[str, tuple[str, float]]:
        """Offers by their id, how each was found, and how likely the index thinks it."""
        places: dict[str, tuple[str, float]] = {}
        for number in numbers:
            for one in sorted(self._by_number.get(canonical_key(number), ()))[:MOST_OF_A_NUMBER]:
                places[one] = ("number", 0.0)
        if name and self._offers:
            for like in self._index.candidates(name, *attributes, limit=2 * MAX_CANDIDATES):
                places[like.id] = (like.step, like.score)
        return places


def _id(offer: Offer) -> str:
    texts = (offer.sku_no, offer.source, offer.product_no, offer.product_name, offer.option_text)
    return "\x1f".join(text or "" for text in texts)


def _table(offers: Mapping[str, Offer]) -> pd.DataFrame:
    """Offers as the index reads them: the option is 属性1,属性2 [S]."""
    options = [offer.option_text.partition(",") for offer in offers.values()]
    return pd.DataFrame(
        {
            "id": list(offers),
            "text": [offer.product_name or "" for offer in offers.values()],
            "attr1": [first for first, _, _ in options],
            "attr2": [second for _, _, second in options],
        },
        dtype=object,
    )


def proposed(
    offer: Offer,
    numbers: Sequence[str],
    name: str | None,
    option: str,
    *,
    step: str,
    likely: float,
) -> Proposed:
    """How near one offer is to a product; a figure that differs makes it `none`, another product probably.

    likely: what the index says, 0-100; where the number is the same, the likeness of the texts if that is more.
    """
    number = offer.product_no or ""
    same = any(canonical_key(one) == canonical_key(number) for one in numbers)
    ours = next((one for one in numbers if canonical_key(one) == canonical_key(number)), None)
    parts: dict[str, float | str] = {
        "name": _likeness(name, offer.product_name),
        "option": _likeness(option, offer.option_text),
        "number": 100.0 if same else 0.0,
        "step": step,
    }
    codes = tuple(
        causes_of_pair(
            *(ours, offer.product_no, name, offer.product_name, option, offer.option_text),
            is_other=not same,
            is_unlinked=offer.source != "mapping",
        )
    )
    alike = sum(float(parts[key]) * weight for key, weight in WEIGHTS.items())
    score = max(likely, alike) if same else likely
    decision = "none" if NUMBER in codes else "review"
    return Proposed(
        offer=offer, score=round(score, 1), parts=parts, causes=codes, decision=decision
    )


def _rank(one: Proposed) -> tuple[bool, float, bool]:
    return one.decision != "none", one.score, one.offer.source == "mapping"


def _likeness(ours: str | None, theirs: str | None) -> float:
    if ours is None or theirs is None:
        return 0.0
    return round(float(fuzz.ratio(canonical_key(ours), canonical_key(theirs))), 1)
