"""How right the engine is on shops it has not seen, traps included, and on real names where they are at hand."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.noise import Pairing, noisy_pair, shop
from reconcile.mapping import MatchResult, match_tables

COLUMNS = ["id", "text", "attr1", "attr2"]
REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "mhlw"
SIZE = 6_000


def sides(pairing: Pairing, mode: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    left, right = (pd.DataFrame(rows, columns=COLUMNS) for rows in (pairing.left, pairing.right))
    joined = [
        frame.assign(text=[" ".join(filter(None, row[1:])) for row in frame.itertuples(index=False)])[COLUMNS[:2]]
        for frame in (left, right)
    ]  # fmt: skip
    return {"fields": (left, right), "mixed": (left, joined[1]), "text": tuple(joined)}[mode]


def judged(result: MatchResult, truth: dict[str, str]) -> tuple[pd.DataFrame, pd.Series]:
    """All pairs with whether they are right, and for every product with a counterpart whether it comes first."""
    pairs = result.pairs.assign(
        is_right=result.pairs["left_id"].map(truth) == result.pairs["right_id"]
    )
    best = pairs.drop_duplicates("left_id").set_index("left_id")["is_right"]
    return pairs, best.reindex(list(truth), fill_value=False)


@pytest.mark.parametrize("mode", ["fields", "mixed", "text"])
@pytest.mark.parametrize(
    ("exact_share", "first", "linked"), [(0.5, 0.999, 0.86), (0.05, 0.996, 0.75)]
)
def test_links_are_right_and_the_right_sku_comes_first(
    mode: str, exact_share: float, first: float, linked: float
) -> None:
    dice = random.Random(4_711)
    pairing = noisy_pair(dice, shop(dice, SIZE), exact_share=exact_share)
    pairs, best = judged(match_tables(*sides(pairing, mode)), pairing.truth)
    links = pairs[pairs["decision"].isin(("exact", "auto"))]
    assert links["is_right"].all(), links[~links["is_right"]]
    assert len(links) >= linked * len(pairing.truth)
    assert best.mean() >= first
    assert not set(links["left_id"]) & set(pairing.traps)
    assert links["right_id"].is_unique
    rest = pairs[~pairs["decision"].isin(("exact", "auto"))]
    for low, high, off in ((0, 10, 0.01), (10, 50, 0.05), (50, 90, 0.05), (90, 96, 0.05)):
        stated = rest[rest["score"].between(low, high, inclusive="left")]
        off += (
            2.5 * (stated["score"].mean() / 100 / len(stated)) ** 0.5
        )  # chance: few are in the middle
        assert abs(stated["is_right"].mean() - stated["score"].mean() / 100) < off, (low, high)
    assert pairs.groupby("left_id", sort=False)["score"].is_monotonic_decreasing.all()


@pytest.mark.skipif(not REAL.is_dir(), reason="the real names are not at hand")
def test_real_names_come_first_and_link_with_at_most_two_mistakes() -> None:
    """A name that is equal to the right one is right whatever its code: the text says nothing else."""
    older, newer = (
        pd.read_csv(REAL / f"price_list_{year}.csv", dtype=str, keep_default_na=False).rename(
            columns={"code": "id", "name": "text"}
        )[["id", "text"]]
        for year in (2019, 2025)
    )
    truth = {code: code for code in set(older["id"]) & set(newer["id"])}
    pairs, _ = judged(match_tables(older, newer), truth)
    text = dict(zip(newer["id"], newer["text"], strict=True))
    best = pairs.drop_duplicates("left_id").set_index("left_id")["right_id"].map(text)
    assert (best.reindex(list(truth)) == pd.Series(truth).map(text)).mean() >= 0.995
    assert (pairs["decision"] == "exact").sum() > 7_000
    assert (~pairs.loc[pairs["decision"] == "auto", "is_right"]).sum() <= 2
