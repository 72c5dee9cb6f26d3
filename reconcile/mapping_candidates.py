"""The candidates of one case: the rows it is paired with, and what else Smartship's lists have that may be meant.

What answers is made of an account's newest files, kept in this process for as long as no file comes, and asked by one
thread at a time. A program that stays can have it made before anybody opens a case.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from reconcile.mapping.decisions import Candidate
from reconcile.mapping.propose import Offer, Proposed, Proposer
from reconcile.store import mapping as store
from reconcile.store.database import Cursor

_SKU = ("item_code", "attribute1_name", "attribute2_name")


class _Held:
    """The proposer of one account, and the files that it was made of."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.stamp: object = None
        self.proposer = Proposer(())


_guard = threading.Lock()
_held: dict[tuple[str, str], _Held] = {}  # by store and account


def candidates_of(
    cursor: Cursor, account: str, place: str, rows: Sequence[Mapping[str, Any]]
) -> tuple[Candidate, ...]:
    """The rows that the case is paired with, then what else may be meant, without rejected SKUs. place: of the store."""
    main = rows[0]
    if main["state"] == "stale":
        return ()
    code = store.tuples(
        cursor, "item_sku_code", account=account, **{name: main[name] for name in _SKU}
    )
    numbers = [main["item_code"], *(row[0] for row in code if row[0])]
    with _proposer(cursor, account, place) as proposer:
        found = proposer.candidates(
            *(numbers, main["item_name"], (main["attribute1_name"], main["attribute2_name"])),
            main["option_text"] or "",
            without=main["rejected"] or (),
        )
    paired = {row["sku_no"]: row for row in rows if row["sku_no"]}
    skus = list({*paired, *(one.offer.sku_no for one in found)})
    held = store.tuples(cursor, "holders", account=account, skus=skus)
    elsewhere = {sku for sku, case_key in held if case_key != main["case_key"]}
    listed = [_paired(row, sku in elsewhere, found) for sku, row in paired.items()]
    others = [
        _proposed(one, one.offer.sku_no in elsewhere)
        for one in found
        if one.offer.sku_no not in paired
    ]
    every = (*listed, *sorted(others, key=lambda one: one.is_linked_elsewhere))
    rivals: dict[str, list[str]] = {}
    for sku, *named in store.tuples(
        cursor, "rivals", account=account, skus=skus, case_key=main["case_key"]
    ):
        rivals.setdefault(sku, []).append(" ".join(part for part in named if part))
    return tuple(replace(one, wanted_by=tuple(rivals.get(one.sku_no, ()))) for one in every)


def is_ready(cursor: Cursor, account: str, place: str) -> bool:
    """Whether candidates can be told at once: there is an answer made of the files that the cursor sees."""
    return _of(account, place).stamp == _stamp(cursor, account)


def make_ready(cursor: Cursor, account: str, place: str) -> None:
    """Take in the files that came since, as the first case opened after them would."""
    with _proposer(cursor, account, place):
        pass


@contextmanager
def _proposer(cursor: Cursor, account: str, place: str) -> Iterator[Proposer]:
    """The offers of the files that the cursor sees, for the caller alone."""
    held = _of(account, place)
    with held.lock:
        stamp = _stamp(cursor, account)
        if held.stamp != stamp:
            proposer, held.proposer, held.stamp = held.proposer, Proposer(()), None
            proposer.update(Offer(**row) for row in store.rows(cursor, "offers", account=account))
            held.proposer, held.stamp = proposer, stamp
        yield held.proposer


def _of(account: str, place: str) -> _Held:
    with _guard:
        return _held.setdefault((place, account), _Held())


def _stamp(cursor: Cursor, account: str) -> object:
    return store.tuples(cursor, "offers_stamp", account=account)[0]


def _paired(row: Mapping[str, Any], is_elsewhere: bool, found: tuple[Proposed, ...]) -> Candidate:
    like = next((one for one in found if one.offer.sku_no == row["sku_no"]), None)
    return Candidate(
        sku_no=row["sku_no"],
        product_no=row["ss_product_no"],
        product_name=row["ss_product_name"],
        option_text=row["ss_option_text"],
        source=row["source"],
        score=row["score"] or 0.0,
        parts=like.parts if like else {},
        causes=tuple(row["causes"]),
        decision=row["proposal"],
        is_linked_elsewhere=is_elsewhere,
        smartship_seen_at=row["smartship_seen_at"],
    )


def _proposed(one: Proposed, is_elsewhere: bool) -> Candidate:
    return Candidate(
        sku_no=one.offer.sku_no,
        product_no=one.offer.product_no,
        product_name=one.offer.product_name,
        option_text=one.offer.option_text,
        source=one.offer.source,
        score=one.score,
        parts=one.parts,
        causes=one.causes,
        decision=one.decision,
        is_linked_elsewhere=is_elsewhere,
        smartship_seen_at=one.offer.seen_at,
    )
