"""Which Smartship SKUs a CROSS MALL SKU may mean: rows of the same number or name first, then the likest of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process

from reconcile.mapping.classify import NUMBER
from reconcile.mapping.compare import causes_of_pair
from reconcile.mapping.normalize import canonical_key, keys_of

MAX_CANDIDATES = 5  # [D]
MIN_LIKENESS = 60.0  # of the name, below which nothing is proposed [D]
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
    """The offers of one account, ready to be asked for one product at a time."""

    def __init__(self, offers: Iterable[Offer]) -> None:
        self._offers = tuple(offers)
        keys = keys_of(
            text
            for offer in self._offers
            for text in (offer.product_no, offer.product_name)
            if text
        )
        self._names = [
            keys[offer.product_name].canonical if offer.product_name else ""
            for offer in self._offers
        ]
        self._by_key: dict[tuple[str, str], list[int]] = {}
        for place, offer in enumerate(self._offers):
            if offer.product_no:
                number = keys[offer.product_no].canonical
                self._by_key.setdefault(("number", number), []).append(place)
            if offer.product_name:
                name = keys[offer.product_name].skeleton
                self._by_key.setdefault(("name", name), []).append(place)

    def candidates(
        self,
        numbers: Sequence[str],
        name: str | None,
        option: str,
        *,
        without: Iterable[str] = (),
        limit: int = MAX_CANDIDATES,
    ) -> tuple[Proposed, ...]:
        """The likest offers, best first, one per SKU number. numbers: what Smartship may call the product."""
        left_out = set(without)
        best: dict[str, Proposed] = {}
        for place, step in self._places(numbers, name).items():
            offer = self._offers[place]
            if offer.sku_no in left_out:
                continue
            found = proposed(offer, numbers, name, option, step=step)
            known = best.get(offer.sku_no)
            if known is None or _rank(found) > _rank(known):
                best[offer.sku_no] = found
        return tuple(sorted(best.values(), key=_rank, reverse=True)[:limit])

    def _places(self, numbers: Sequence[str], name: str | None) -> dict[int, str]:
        """Offers by their place, and how each was found."""
        places: dict[int, str] = {}
        for number in numbers:
            for place in self._by_key.get(("number", canonical_key(number)), ()):
                places.setdefault(place, "number")
        if name:
            for place in self._by_key.get(("name", keys_of([name])[name].skeleton), ()):
                places.setdefault(place, "name")
            likest = process.extract(
                canonical_key(name),
                self._names,
                scorer=fuzz.ratio,
                processor=None,
                score_cutoff=MIN_LIKENESS,
                limit=4 * MAX_CANDIDATES,
            )
            for _, _, place in likest:
                places.setdefault(place, "likeness")
        return places


def proposed(
    offer: Offer, numbers: Sequence[str], name: str | None, option: str, *, step: str
) -> Proposed:
    """How near one offer is to a product; a figure that differs makes it `none`, another product probably."""
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
    score = sum(float(parts[key]) * weight for key, weight in WEIGHTS.items())
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
