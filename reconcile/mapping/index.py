"""A catalogue made searchable: which of its SKUs a product text means, kept up to date row by row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconcile.mapping.catalogue import Catalogue
from reconcile.mapping.deciding import LIMIT, Matches, decide
from reconcile.mapping.rows import Fields, Rows, fields_of, has_fields, rows_of

COLUMNS = ("left_id", "right_id", "score", "step", "parts", "decision")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A SKU that may be the product.

    score: 0-100, how likely it is, by the order of the steps for those that link. step: the strictest key both share
    (exact | surface | skeleton | bag | alternate), else `likeness`. parts: likeness of name, option and figures (0 or 100), and
    whether the SKU is taken (100) by another product of the same table. decision: exact | auto | review | none.
    """

    id: str
    score: float
    parts: Mapping[str, float | str]
    step: str
    decision: str


class SkuIndex:
    """A catalogue of SKUs that is searched by the texts of products.

    Only equal code points are `exact`, and only a key that one SKU and one product hold links as `auto`, with equal figures
    and the SKU free. One product alone says nothing about what its neighbours hold: whether another product has the
    same key or is linked to the SKU already is for the caller to say. Numbers of this process: not to be stored.
    """

    def __init__(self, fields: Fields, *, by_field: bool) -> None:
        self._catalogue = Catalogue(by_field=by_field)
        self._catalogue.add(rows_of(fields, by_field=by_field))
        self._joined: Catalogue | None = None  # the same SKUs for products without fields
        self._row: dict[str, int] | None = None  # of an id; made for the first update

    @classmethod
    def of(cls, table: pd.DataFrame) -> SkuIndex:
        """The index of a table with columns id, text and maybe attr1, attr2; FrameError when id or text is missing."""
        return cls(fields_of(table), by_field=has_fields(table))

    def __len__(self) -> int:
        """How many SKUs there are."""
        return self._catalogue.vocabulary.rows

    def update(self, table: pd.DataFrame, gone: Collection[str]) -> None:
        """Take in the rows of the table, new or changed, and drop the ids that are gone; what stays is not touched."""
        fields = fields_of(table)
        rows = self._rows()
        replaced = {*gone, *fields.ids}
        self._catalogue.drop([rows.pop(one) for one in replaced if one in rows])
        if fields.ids:
            self._catalogue.add(rows_of(fields, by_field=self._catalogue.by_field))
            while self._catalogue.merge_last():
                pass
            self._note(len(self._catalogue.segments) - 1)
        self._joined = None

    def candidates(
        self, text: str, attr1: str = "", attr2: str = "", *, limit: int = LIMIT
    ) -> tuple[Proposal, ...]:
        """Up to `limit` SKUs that may be the product, the likeliest first."""
        catalogue, rows = self._read(
            Fields([""], [text], [attr1], [attr2]),
            has_fields=bool(attr1 or attr2) or self._catalogue.by_field,
        )
        found = decide(rows, catalogue, limit=limit, others=True)
        ids = catalogue.ids(found.right)
        score = found.score.tolist()
        columns = zip(ids, score, found.parts, found.step, found.decision, strict=True)
        return tuple(Proposal(*one) for one in columns)[:limit]

    def candidates_of(self, table: pd.DataFrame, *, limit: int = LIMIT) -> pd.DataFrame:
        """For every product of a table (as in `of`) its SKU, or up to `limit` that it may be: left_id, right_id and the
        fields of a Proposal; products in their order, the likeliest SKU first.
        """
        fields = fields_of(table)
        found, catalogue = self.decided(fields, has_fields=has_fields(table), limit=limit)
        ids = [fields.ids[row] for row in found.left.tolist()]
        columns = (
            ids,
            catalogue.ids(found.right),
            found.score,
            found.step,
            found.parts,
            found.decision,
        )
        return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))

    def decided(
        self, fields: Fields, *, has_fields: bool, limit: int = LIMIT
    ) -> tuple[Matches, Catalogue]:
        """The pairs of all products by row number, and the catalogue that numbers the SKUs."""
        catalogue, rows = self._read(fields, has_fields=has_fields)
        return decide(rows, catalogue, limit=limit), catalogue

    def _read(self, fields: Fields, *, has_fields: bool) -> tuple[Catalogue, Rows]:
        catalogue = self._catalogue
        if catalogue.by_field and not has_fields:
            if self._joined is None:
                self._joined = Catalogue(by_field=False)
                self._joined.add(rows_of(catalogue.fields(), by_field=False))
            catalogue = self._joined
        return catalogue, rows_of(fields, by_field=catalogue.by_field)

    def _rows(self) -> dict[str, int]:
        if self._row is None:
            self._row = {}
            for number in range(len(self._catalogue.segments)):
                self._note(number)
        return self._row

    def _note(self, number: int) -> None:
        """Remember where the rows of a segment are."""
        start = int(self._catalogue.offsets[number])
        segment = self._catalogue.segments[number]
        assert self._row is not None
        for row in np.flatnonzero(segment.alive).tolist():
            self._row[segment.rows.fields.ids[row]] = start + row
