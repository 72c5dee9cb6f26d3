"""A catalogue made searchable: which of its SKUs a product text means, kept up to date row by row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconcile.frames import FrameError
from reconcile.mapping.arrays import Flags, Places, best_of, heads, starts_of, stretches
from reconcile.mapping.likeness import Corpus, Vocabulary, measured
from reconcile.mapping.rows import STEPS, Rows, has_fields, rows_from, rows_of
from reconcile.mapping.scoring import FIELDS, TEXT, Features, name_features, probability, weighed
from reconcile.mapping.segment import Segment

BUDGET = 3_000  # places in the catalogue looked at for one text
FEWEST, MOST = 4, 24  # pieces looked up for one text
SHORTLIST = 48  # names weighed by all their pieces
NAMES = 8  # names whose rows are weighed
_TOGETHER = 4_096  # texts looked up at once


class Catalogue:
    """Segments of one way to read the rows: by field or joined."""

    def __init__(self, *, by_field: bool) -> None:
        self.by_field = by_field
        self.segments: list[Segment] = []
        self.offsets = np.zeros(1, dtype=np.int64)
        self.vocabulary = Vocabulary()

    def add(self, rows: Rows) -> None:
        """Take in new rows."""
        segment = Segment(rows)
        self.segments.append(segment)
        self.offsets = np.concatenate((self.offsets, [self.offsets[-1] + len(rows.ids)]))
        self.vocabulary.add(
            segment.names.pieces, np.bincount(rows.name_of, minlength=len(rows.names))
        )
        self.vocabulary.add(
            segment.options.pieces, np.bincount(rows.option_of, minlength=len(rows.options))
        )
        self.vocabulary.rows += len(rows.ids)

    def with_key(self, step: str, keys: np.ndarray) -> tuple[Places, Places]:
        """For each hit the place of the key and the row."""
        found = [segment.with_key(step, keys) for segment in self.segments]
        owner = np.concatenate([owner for owner, _ in found])
        row = np.concatenate(
            [row + shift for (_, row), shift in zip(found, self.offsets, strict=False)]
        )
        return owner, row

    def drop(self, rows: list[int]) -> None:
        """Rows that are gone."""
        for row in rows:
            number = int(np.searchsorted(self.offsets, row, "right")) - 1
            segment, place = self.segments[number], row - int(self.offsets[number])
            segment.alive[place] = False
            for corpus, of in (
                (segment.names, segment.rows.name_of),
                (segment.options, segment.rows.option_of),
            ):
                first, last = corpus.pieces.starts[of[place]], corpus.pieces.starts[of[place] + 1]
                self.vocabulary.take(corpus.pieces.buckets[first:last])
        self.vocabulary.rows -= len(rows)

    def id_of(self, row: int) -> str:
        """The id of a row."""
        number = int(np.searchsorted(self.offsets, row, "right")) - 1
        return self.segments[number].rows.ids[row - int(self.offsets[number])]

    def gather(self, row: Places, what) -> np.ndarray:
        """A value of each row, whatever segment it is in."""
        every = [what(segment.rows) for segment in self.segments]
        return (np.concatenate(every) if len(every) > 1 else every[0])[row]


@dataclass(frozen=True, slots=True)
class Links:
    """For every left row: the right row it links to or -1, and the step that linked it."""

    right: Places
    step: Places


def link(ours: Rows, catalogue: Catalogue) -> Links:
    """Rows linked by the strictest key that one row on each side holds, figures being equal and the SKU free."""
    count, total = len(ours.ids), int(catalogue.offsets[-1])
    right, by = np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=np.int64)
    taken = np.zeros(total, dtype=bool)
    figures = catalogue.gather(slice(None), lambda rows: rows.figures)
    for number, step in enumerate(STEPS):
        has_key = ours.has_key(step)
        open_rows = np.flatnonzero(has_key & (right < 0))
        if not len(open_rows):
            break
        keys = ours.keys[step]
        left, found = catalogue.with_key(step, keys[open_rows])
        hits = np.bincount(left, minlength=len(open_rows))
        single = (hits[left] == 1) & _is_single(keys, has_key)[open_rows[left]] & ~taken[found]
        left = open_rows[left]
        single &= figures[found] == ours.figures[left]
        right[left[single]], by[left[single]] = found[single], number
        taken[found[single]] = True
    return Links(right, by)


def _is_single(keys: np.ndarray, has_key: Flags) -> Flags:
    """Whether a row is the only one with its key."""
    order = np.argsort(keys)
    ordered = keys[order]
    first = heads(ordered)
    lengths = np.diff(np.concatenate((first, [len(keys)])))
    single = np.zeros(len(keys), dtype=bool)
    single[order] = np.repeat(lengths == 1, lengths)
    return single & has_key


@dataclass(frozen=True, slots=True)
class Pairs:
    left: Places
    right: Places
    features: Features
    score: np.ndarray


def propose(
    ours: Rows, rest: Places, catalogue: Catalogue, taken: Flags, *, limit: int
) -> list[Pairs]:
    """Up to `limit` right rows for each left row of the rest, the likeliest first."""
    corpus = Corpus.of(ours.name_spelling)
    options = Corpus.of(ours.option_spelling)
    order = rest[np.argsort(ours.name_of[rest], kind="stable")]
    names = ours.name_of[order]
    first = heads(names)
    found = []
    for start in range(0, len(first), _TOGETHER):
        chosen = names[first[start : start + _TOGETHER]]
        stop = first[start + _TOGETHER] if start + _TOGETHER < len(first) else len(order)
        rows = order[first[start] : stop]
        found.append(_proposed(ours, rows, chosen, corpus, options, catalogue, taken, limit))
    return found


def _probes(corpus: Corpus, names: Places, catalogue: Catalogue):
    bucket, owner = corpus.pieces.of(names)
    count = catalogue.vocabulary.counts[bucket].astype(np.int64)
    known = count > 0
    packed = owner[known] << 45 | np.minimum(count[known], (1 << 24) - 1) << 21 | bucket[known]
    packed.sort()
    owner, count, bucket = packed >> 45, packed >> 21 & ((1 << 24) - 1), packed & ((1 << 21) - 1)
    starts = starts_of(owner, len(names))
    rank = np.arange(len(owner)) - starts[owner]
    spent = np.cumsum(count)
    spent -= np.concatenate(([0], spent))[starts[owner]]
    kept = (rank < MOST) & ((rank < FEWEST) | (spent <= BUDGET))
    return bucket[kept].astype(np.int32), owner[kept]


def _proposed(ours, rows, names, corpus, options, catalogue, taken, limit) -> Pairs:
    probe, owner = _probes(corpus, names, catalogue)
    weights = catalogue.vocabulary.weights[probe]
    kept = []
    hints = None
    hint_weight = None
    if ours.hints is not None:
        from reconcile.mapping.grams import word_buckets
        from reconcile.mapping.arrays import sums

        hints = word_buckets(ours.hints.words), ours.hints.word_starts
        hint_weight = sums(catalogue.vocabulary.weights[hints[0]], hints[1])
    model = FIELDS if catalogue.by_field else TEXT
    for number, segment in enumerate(catalogue.segments):
        left, right = segment.postings.shortlist(
            probe, owner, weights, count=len(names), size=SHORTLIST
        )
        measures = measured(
            corpus, segment.names, names[left], right, vocabulary=catalogue.vocabulary, hints=hints
        )
        features = name_features(
            measures, None if hint_weight is None else hint_weight[names[left]]
        )
        score = weighed(features, model)
        best = best_of(left, score, NAMES)
        left, right = left[best], right[best]
        features = {name: values[best] for name, values in features.items()}
        place, row = segment.named(right)
        kept.append(
            (
                left[place],
                row + catalogue.offsets[number],
                {name: values[place] for name, values in features.items()},
            )
        )
    left = np.concatenate([one[0] for one in kept])
    right = np.concatenate([one[1] for one in kept])
    features = {name: np.concatenate([one[2][name] for one in kept]) for name in kept[0][2]}
    order = np.argsort(left, kind="stable")
    left, right, features = left[order], right[order], {n: v[order] for n, v in features.items()}
    starts = starts_of(left, len(names))
    where, owner = stretches(starts, np.searchsorted(names, ours.name_of[rows]))
    left, right = rows[owner], right[where]
    features = {n: v[where] for n, v in features.items()}
    features["figures"] = (
        ours.figures[left] == catalogue.gather(right, lambda r: r.figures)
    ).astype(np.float32)
    features["taken"] = taken[right].astype(np.float32)
    if catalogue.by_field:
        features |= _option_features(ours, options, catalogue, left, right)
    score = weighed(features, model)
    best = best_of(owner, score, limit)
    return Pairs(left[best], right[best], {n: v[best] for n, v in features.items()}, score[best])


def _option_features(ours, options, catalogue, left, right) -> Features:
    lo = ours.option_of[left]
    found = {}
    total = {
        n: np.zeros(len(left), np.float32)
        for n in ("option_same", "option_cov", "option_missing", "option_extra", "option_alone")
    }
    seg = np.searchsorted(catalogue.offsets, right, "right") - 1
    for number, segment in enumerate(catalogue.segments):
        at = np.flatnonzero(seg == number)
        ro = segment.rows.option_of[right[at] - catalogue.offsets[number]]
        distinct, place = np.unique(lo[at] << 32 | ro, return_inverse=True)
        l, r = distinct >> 32, distinct & 0xFFFFFFFF
        m = measured(options, segment.options, l, r, vocabulary=catalogue.vocabulary)
        f = name_features(m)
        ls, rs = ours.option_spelling, segment.rows.option_spelling
        same = (ls.skeleton[l] == rs.skeleton[r]) | (ls.core[l] == rs.core[r])
        empty_l, empty_r = np.diff(ls.starts)[l] == 0, np.diff(rs.starts)[r] == 0
        one = {
            "option_same": same.astype(np.float32),
            "option_cov": np.where(same, 1, np.sqrt(f["cov_l"] * f["cov_r"])),
            "option_missing": np.where(same, 0, f["missing"]),
            "option_extra": np.where(same, 0, f["extra"]),
            "option_alone": (empty_l != empty_r),
        }
        for n, v in one.items():
            total[n][at] = v[place].astype(np.float32)
    return total


@dataclass(frozen=True, slots=True)
class Proposal:
    """A row of the catalogue that may be the product.

    score: 0-100, how likely it is. step: the strictest key both share (exact | surface | skeleton | bag |
    alternate), else `edit` (one character) or `likeness`. parts: what the score rests on. decision: exact | auto |
    review | none, for this one text: whether the row is linked to another product already is not known here.
    """

    id: str
    score: float
    parts: Mapping[str, float | str]
    step: str
    decision: str


class SkuIndex:
    """A catalogue of SKUs, searchable by the text of a product; see `candidates`."""

    def __init__(self, *, by_field: bool) -> None:
        self._catalogue = Catalogue(by_field=by_field)
        self._place: dict[str, int] = {}

    @classmethod
    def of(cls, table: pd.DataFrame) -> SkuIndex:
        """The index of a table with columns id, text and maybe attr1, attr2. Raises FrameError when id or text is missing."""
        index = cls(by_field=has_fields(table))
        index.update(table, ())
        return index

    def update(self, table: pd.DataFrame, gone: Collection[str]) -> None:
        """Take in the rows of the table, new or changed, and drop the ids that are gone."""
        missing = [column for column in ("id", "text") if column not in table.columns]
        if missing:
            raise FrameError(f"missing {missing}")
        rows = rows_of(table, by_field=self._catalogue.by_field)
        self._catalogue.drop(
            [self._place.pop(one) for one in {*gone, *rows.ids} if one in self._place]
        )
        start = int(self._catalogue.offsets[-1])
        if rows.ids:
            self._catalogue.add(rows)
        self._place |= {one: start + number for number, one in enumerate(rows.ids)}

    def candidates(
        self, text: str, attr1: str = "", attr2: str = "", *, limit: int = 5
    ) -> tuple[Proposal, ...]:
        """Up to `limit` rows that may be the product, the likeliest first."""
        frame = pd.DataFrame({"id": [""], "text": [text], "attr1": [attr1], "attr2": [attr2]})
        found = self.candidates_of(frame, limit=limit)
        return tuple(
            Proposal(row.right_id, row.score, row.parts, row.parts["step"], row.decision)
            for row in found.itertuples()
        )

    def candidates_of(self, table: pd.DataFrame, *, limit: int = 5) -> pd.DataFrame:
        """For every row of the table up to `limit` rows here: left_id, right_id, score, parts, decision; best first."""
        ours = rows_of(table, by_field=self._catalogue.by_field)
        found = propose(
            ours,
            np.flatnonzero(ours.has_text),
            self._catalogue,
            np.zeros(int(self._catalogue.offsets[-1]), bool),
            limit=limit,
        )
        records = []
        for pairs in found:
            step = _steps(ours, self._catalogue, pairs.left, pairs.right)
            ids = [self._catalogue.id_of(row) for row in pairs.right.tolist()]
            for k, (left, one) in enumerate(zip(pairs.left.tolist(), ids, strict=True)):
                parts = {n: round(float(v[k]) * 100, 1) for n, v in pairs.features.items()} | {
                    "step": step[k]
                }
                same = pairs.features["figures"][k] == 1
                decision = (
                    "exact"
                    if step[k] == "exact"
                    else "auto"
                    if step[k] in STEPS and same
                    else "review"
                    if same
                    else "none"
                )
                records.append(
                    (
                        ours.ids[left],
                        one,
                        round(100 * float(probability(pairs.score[k : k + 1])[0]), 1),
                        parts,
                        decision,
                    )
                )
        return pd.DataFrame(records, columns=["left_id", "right_id", "score", "parts", "decision"])


def _steps(ours: Rows, catalogue: Catalogue, left: Places, right: Places) -> list[str]:
    step = np.full(len(left), "likeness", dtype=object)
    for name in reversed(STEPS):
        keys = catalogue.gather(right, lambda rows, name=name: rows.keys[name])
        step[ours.keys[name][left] == keys] = name
    return step.tolist()
