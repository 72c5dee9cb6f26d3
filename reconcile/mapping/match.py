"""Which rows of two tables name the same product: what links by itself, what a person is shown, what stays alone.

Only mechanical differences link by themselves; likeness is shown to a person. Real price lists showed why: a likeness
threshold tuned on made-up names was right in 40 % of real ones, a unique canonical key in all but re-registered ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconcile.frames import FrameError
from reconcile.mapping.arrays import heads
from reconcile.mapping.classify import causes
from reconcile.mapping.deciding import EXACT, NONE
from reconcile.mapping.index import SkuIndex
from reconcile.mapping.rows import Fields, fields_of, has_fields

EXPLAINED = 20_000  # pairs whose class is worked out: at 0.1 to 0.4 ms a pair a million would take minutes [D]
PAIR_COLUMNS = ("left_id", "right_id", "class", "score", "parts", "decision")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchResult:
    """Pairs and what is left over.

    pairs: left_id, right_id, class (`exact`, or the causes joined by `|`; None beyond the first EXPLAINED pairs that
    differ), score 0-100, parts (what it rests on, see Proposal, and the step that found the pair), decision (exact | auto |
    review | none); first the best pair of each left row in the order of the left table, then the other candidates.
    `none` marks the likest text that is probably another product. unmatched_left: ids whose best decision is `none` or
    that have no pair at all.
    """

    pairs: pd.DataFrame
    unmatched_left: tuple[str, ...]


def match_tables(left: pd.DataFrame, right: pd.DataFrame) -> MatchResult:
    """Pairs of rows of two tables with columns id, text and, on one or both sides, attr1 and attr2.

    With attributes on both sides they are compared field by field; otherwise each side is its text and attributes joined
    by a blank. Rows without any text match nothing. Raises FrameError when id or text is missing.
    """
    ours, theirs = _fields("left", left), _fields("right", right)
    by_field = has_fields(left) and has_fields(right)
    index = SkuIndex(theirs, by_field=by_field)
    found, catalogue = index.decided(ours, has_fields=has_fields(left))
    is_best = np.zeros(len(found.left), dtype=bool)
    is_best[heads(found.left)] = True
    order = np.argsort(~is_best, kind="stable")
    ids = catalogue.ids(found.right)
    decision = np.array(found.decision, dtype=object)
    settled = set(found.left[is_best & (decision != NONE)].tolist())
    rows = found.left[order].tolist()
    pairs = {
        "left_id": [ours.ids[row] for row in rows],
        "right_id": [ids[one] for one in order.tolist()],
        "class": pd.Series(
            _classes(ours, theirs, rows, found.right[order].tolist(), by_field=by_field),
            dtype=object,  # None stays None
        ),
        "score": found.score[order],
        "parts": [found.parts[one] for one in order.tolist()],
        "decision": decision[order],
    }
    return MatchResult(
        pairs=pd.DataFrame(pairs, columns=list(PAIR_COLUMNS)),
        unmatched_left=tuple(one for row, one in enumerate(ours.ids) if row not in settled),
    )


def _fields(side: str, table: pd.DataFrame) -> Fields:
    try:
        return fields_of(table)
    except FrameError as error:
        raise FrameError(f"{side}: {error}") from None


def _classes(
    ours: Fields, theirs: Fields, left: Sequence[int], right: Sequence[int], *, by_field: bool
) -> list[str | None]:
    """The class of every pair of rows, as long as not too many differ."""
    found: list[str | None] = []
    explained = 0
    for row, other in zip(left, right, strict=True):
        texts = ours.texts(row, by_field=by_field), theirs.texts(other, by_field=by_field)
        if texts[0] == texts[1]:
            found.append(EXACT)
        elif explained == EXPLAINED:
            found.append(None)
        else:
            explained += 1
            found.append("|".join(_causes(*texts)))
    return found


def _causes(ours: Sequence[str], theirs: Sequence[str]) -> dict[str, None]:
    """The causes of the name and of the attributes, these as one text in which their order is seen."""
    options = (",".join(filter(None, texts[1:])) for texts in (ours, theirs))
    return dict.fromkeys((*causes(ours[0], theirs[0]), *causes(*options)))
