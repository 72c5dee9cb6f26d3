"""How every CROSS MALL SKU stands against Smartship: linked, nearly, by name only, missing, twice, left over, not to be told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
from rapidfuzz import fuzz, process

from reconcile.mapping.classify import NUMBER, causes
from reconcile.mapping.normalize import canonical_key, keys_of
from reconcile.mapping.subjects import Connection, as_stored, find_links, run

MAPPING_CLASSES = (
    "linked",
    "near_miss",
    "name_only",
    "missing",
    "duplicate",
    "ambiguous",
    "stale",
    "cannot_tell",
)
LINK_CAUSES = (  # causes beside the classes of text difference
    "several_skus",
    "shared_sku",
    "name_not_shown",
    "product_no",
    "code_gone",
    "option_gone",
    "renamed",
    "link_missing",
    "no_mapping_file",
    "file_filtered",
)
EVENTS_KEPT = timedelta(days=90)  # [D] how long new, renamed and gone products are listed
_ALIKE, _OTHER_NUMBER = 1, 3  # tiers of mapping.sql: all texts written alike, another number


def evaluate_mapping(con: Connection, account: str, now: datetime) -> dict[str, int]:
    """How many rows of each class; rebuilds mapping_case and mapping_twin of the account inside the caller's transaction.

    One row per CROSS MALL SKU and distinct SKU number it hits, whatever the shops the rows stand under; one more
    per Smartship row whose product or option is gone from a catalogue read to its end. Without Smartship rows or without
    our own catalogue there is nothing to compare: no rows, an empty answer.
    Exact link: product number = item code [I], name, and option = attributes joined by a comma [S], all on raw text. A SKU
    without a link row is looked up in Smartship's SKU list: what is found there is missing with the cause `link_missing`.
    """
    basis = find_links(con, account)
    at = as_stored(now)
    run(con, "mapping", "note_events", account=account, now=at, before=at - EVENTS_KEPT)
    run(con, "mapping", "drop_cases", "drop_twins", account=account)
    if basis == "none":
        return {}
    if basis == "mappings":
        run(con, "mapping", "add_offers_in_skus", account=account)
    texts = run(con, "mapping", "texts").fetchall()
    con.register("key_frame", _keys([text for (text,) in texts if text is not None]))
    run(con, "mapping", "drop_keys", "keep_keys", "drop_near", "make_near")
    con.unregister("key_frame")
    for source in ("mapping", "sku"):
        run(con, "mapping", "drop_pair", "find_pair", "add_near", account=account, source=source)
    run(con, "mapping", "drop_demand", "find_demand", account=account)
    near = run(con, "mapping", "near", account=account).fetchall()
    con.register("cause_of_pair", _causes(near, is_linking=basis == "mappings"))
    run(con, "mapping", "drop_found", "find_found", account=account, basis=basis)
    con.unregister("cause_of_pair")
    run(con, "mapping", "drop_free", "find_free", account=account, now=at)
    run(con, "mapping", "drop_leftover", "find_leftover")
    run(con, "mapping", "drop_stale", "find_stale", "write_cases", account=account, basis=basis)
    run(con, "mapping", "write_twins", account=account)
    counted = run(con, "mapping", "counts", account=account).fetchall()
    return {name: int(rows) for name, rows in counted}


def renew_desk(con: Connection, account: str) -> None:
    """Say of every decision whether its fix has arrived and its texts are still there, and show the cases with them."""
    run(con, "mapping_desk", "renew_fates", account=account, keys=None)
    run(con, "mapping_desk", "show_all", account=account)


def _keys(texts: list[str]) -> pd.DataFrame:
    keys = keys_of(texts)
    return pd.DataFrame(
        {
            "text": list(keys),
            "canonical": [key.canonical for key in keys.values()],
            "skeleton": [key.skeleton for key in keys.values()],
            "in_order": [key.order for key in keys.values()],
        },
        dtype="str",
    )


def _causes(near: Sequence[tuple[object, ...]], *, is_linking: bool) -> pd.DataFrame:
    """Of rows of block `near`: subject_no, offer_no, causes as a JSON list, score, and what is proposed by itself.

    is_linking: rows of the SKU list stand in for a link row that is not there.
    """
    found = [
        ["renamed"][: int(bool(is_renamed))]
        + causes_of_pair(
            *texts, is_other=tier == _OTHER_NUMBER, is_unlinked=is_linking and source == "sku"
        )
        for _, _, tier, source, is_renamed, *texts in near
    ]
    frame = pd.DataFrame(
        {
            "subject_no": [row[0] for row in near],
            "offer_no": [row[1] for row in near],
            "causes": [json.dumps(codes) for codes in found],
            "score": scores([row[7:10:2] for row in near], [row[8:11:2] for row in near]),
            "proposal": [
                _proposal(codes, is_alike=row[2] == _ALIKE)
                for row, codes in zip(near, found, strict=True)
            ],
        }
    )
    types = {"subject_no": "int64", "offer_no": "int64", "causes": "str", "proposal": "str"}
    return frame.astype(types | {"score": "float64"})


def _proposal(codes: Sequence[str], *, is_alike: bool) -> str:
    """auto: written alike and nothing in doubt. none: a figure differs, probably another product."""
    if NUMBER in codes:
        return "none"
    return "auto" if is_alike and "name_not_shown" not in codes else "review"


def scores(ours: Sequence[Sequence[object]], theirs: Sequence[Sequence[object]]) -> list[float]:
    """How like two rows of texts are after the canonical steps, 0-100, in their order."""
    if not ours:
        return []
    joined = [
        [" ".join(canonical_key(str(text)) for text in row if text is not None) for row in side]
        for side in (ours, theirs)
    ]
    return [round(float(one), 1) for one in process.cpdist(*joined, scorer=fuzz.ratio)]


def causes_of_pair(*texts: object, is_other: bool, is_unlinked: bool) -> list[str]:
    """Why a pair is no link: number, name, option, ours and theirs in turn.

    is_other: the row stands under another number on purpose of the search. is_unlinked: it is a SKU without a link row.
    """
    number, product_no, *fields = (None if text is None else str(text) for text in texts)
    found: list[str] = ["link_missing"] if is_unlinked else []
    if is_other and not is_unlinked:
        found.append("product_no")
    elif number is not None and product_no is not None and not is_unlinked:
        found += causes(number, product_no)
    for ours, theirs in zip(fields[::2], fields[1::2], strict=True):
        if ours is None or theirs is None or (ours and not theirs and ours is fields[0]):
            found.append("name_not_shown")
        else:
            found += causes(ours, theirs)
    return list(dict.fromkeys(found))
