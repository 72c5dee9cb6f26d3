"""How every CROSS MALL SKU stands against Smartship: linked, nearly, by name only, missing, twice, or left over."""

from __future__ import annotations

import json
from datetime import datetime

import pandas as pd

from reconcile.mapping.classify import causes
from reconcile.mapping.normalize import keys_of
from reconcile.mapping.subjects import Connection, as_stored, find_links, run

MAPPING_CLASSES = ("linked", "near_miss", "name_only", "missing", "duplicate", "stale")
LINK_CAUSES = (  # causes beside the classes of text difference
    "several_skus",
    "shared_sku",
    "name_not_shown",
    "product_no",
    "code_gone",
    "option_gone",
)
_OTHER_NUMBER = 3  # the tier whose rows stand under another product number, see mapping.sql


def evaluate_mapping(con: Connection, account: str, now: datetime) -> dict[str, int]:
    """How many rows of each class; rebuilds mapping_case of the account inside the caller's transaction.

    One row per CROSS MALL SKU and distinct SKU number it hits, whatever the shops the rows stand under; one more
    per Smartship row whose product or option is gone from a catalogue read to its end. Without Smartship rows or without
    our own catalogue there is nothing to compare: no rows, an empty answer.
    Exact link: product number = item code [I], name, and option = attributes joined by a comma [S], all on raw text.
    """
    run(con, "mapping", "drop_cases", account=account)
    basis = find_links(con, account)
    if basis == "none":
        return {}
    texts = run(con, "mapping", "texts").fetchall()
    con.register("key_of_text", _keys([text for (text,) in texts if text is not None]))
    run(con, "mapping", "drop_near", "find_near")
    run(con, "mapping", "drop_demand", "find_demand", account=account)
    con.register("cause_of_pair", _causes(run(con, "mapping", "near").fetchall()))
    run(con, "mapping", "write_cases", account=account, basis=basis, now=as_stored(now))
    con.unregister("cause_of_pair")
    con.unregister("key_of_text")
    counted = run(con, "mapping", "counts", account=account).fetchall()
    return {name: int(rows) for name, rows in counted}


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


def _causes(near: list[tuple[object, ...]]) -> pd.DataFrame:
    """subject_no, offer_no and the causes as a JSON list, number first, then name, then option."""
    rows = [
        (subject_no, offer_no, json.dumps(_causes_of_pair(tier == _OTHER_NUMBER, *texts)))
        for subject_no, offer_no, tier, *texts in near
    ]
    frame = pd.DataFrame(rows, columns=["subject_no", "offer_no", "causes"])
    return frame.astype({"subject_no": "int64", "offer_no": "int64", "causes": "str"})


def _causes_of_pair(other_number: bool, *texts: object) -> list[str]:
    number, product_no, *fields = (None if text is None else str(text) for text in texts)
    found: list[str] = []
    if other_number:
        found.append("product_no")
    elif number is not None and product_no is not None:
        found += causes(number, product_no)
    for ours, theirs in zip(fields[::2], fields[1::2], strict=True):
        if ours is None or theirs is None:
            found.append("name_not_shown")
        else:
            found += causes(ours, theirs)
    return list(dict.fromkeys(found))
