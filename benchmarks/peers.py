"""What others offer for matching product names, each as it is meant to be used, on one thread.

Every matcher takes the texts of both sides and the left rows to look up, and gives for each the place of the right row it
likes best, or -1. Needs benchmarks/requirements-peers.txt.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

Texts = Sequence[str]
Looked = Sequence[int]
Match = Callable[[Texts, Texts, Looked], "list[int]"]
MOST_QUERIES = 100_000  # rows of one product of sparse matrices


def _plain(texts: Texts) -> list[str]:
    """What a careful user does first: one width, one composition, small letters."""
    return [unicodedata.normalize("NFKC", text).lower() for text in texts]


def exact(left: Texts, right: Texts, looked: Looked) -> list[int]:
    """DuckDB's join of equal texts: the floor."""
    import duckdb
    import pyarrow as pa

    con = duckdb.connect(config={"threads": 1})
    con.register(
        "ours", pa.table({"place": range(len(looked)), "text": [left[one] for one in looked]})
    )
    con.register("theirs", pa.table({"place": range(len(right)), "text": list(right)}))
    found = con.execute(
        "SELECT coalesce(min(t.place), -1) FROM ours o LEFT JOIN theirs t USING (text) GROUP BY o.place ORDER BY o.place"
    ).fetchall()
    return [place for (place,) in found]


def _tfidf(left: Texts, right: Texts, looked: Looked, size: int, multiply: Any) -> list[int]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    weigh = TfidfVectorizer(analyzer="char", ngram_range=(size, size), dtype=np.float32)
    theirs = weigh.fit_transform(_plain(right))
    ours = weigh.transform(_plain([left[one] for one in looked]))
    best: list[int] = []
    for start in range(0, ours.shape[0], MOST_QUERIES):
        scores = multiply(ours[start : start + MOST_QUERIES], theirs.T.tocsr(), 1)
        filled = np.diff(scores.indptr) > 0
        found = np.full(scores.shape[0], -1)
        found[filled] = scores.indices[scores.indptr[:-1][filled]]
        best += found.tolist()
    return best


def _sparse_dot_topn(size: int) -> Match:
    def match(left: Texts, right: Texts, looked: Looked) -> list[int]:
        from sparse_dot_topn import sp_matmul_topn

        return _tfidf(left, right, looked, size, lambda a, b, n: sp_matmul_topn(a, b, n, sort=True, n_threads=1))  # fmt: skip

    return match


def _sp_matmul_rs(size: int) -> Match:
    def match(left: Texts, right: Texts, looked: Looked) -> list[int]:
        from sp_matmul_rs import sp_matmul_topn

        return _tfidf(left, right, looked, size, lambda a, b, n: sp_matmul_topn(a, b, n, sort=True, n_threads=1))  # fmt: skip

    return match


def ratio(left: Texts, right: Texts, looked: Looked) -> list[int]:
    """rapidfuzz, every pair of the looked-up rows."""
    from rapidfuzz import fuzz, process

    theirs, best = _plain(right), []
    for text in _plain([left[one] for one in looked]):
        found = process.extractOne(text, theirs, scorer=fuzz.ratio)
        best.append(found[2] if found else -1)
    return best


def bm25(left: Texts, right: Texts, looked: Looked) -> list[int]:
    """tantivy: an inverted index of pairs of letters, ranked by BM25."""
    import tantivy

    grams = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(min_gram=2, max_gram=2)).filter(
        tantivy.Filter.lowercase()
    )
    schema = (
        tantivy.SchemaBuilder()
        .add_text_field("text", tokenizer_name="pairs")
        .add_unsigned_field("place", stored=True)
        .build()
    )
    index = tantivy.Index(schema)
    index.register_tokenizer("pairs", grams.build())
    writer = index.writer(num_threads=1, heap_size=200_000_000)
    for place, text in enumerate(_plain(right)):
        writer.add_document(tantivy.Document(text=text, place=place))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    best = []
    for text in _plain([left[one] for one in looked]):
        pieces = dict.fromkeys(text[at : at + 2] for at in range(len(text) - 1))
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", piece))
            for piece in islice(pieces, 1_000)
        ]
        hits = searcher.search(tantivy.Query.boolean_query(terms), limit=1).hits
        best.append(searcher.doc(hits[0][1])["place"][0] if hits else -1)
    return best


def linked(left: Texts, right: Texts, looked: Looked) -> list[int]:
    """splink: the name and the last word, where variants differ; blocked on parts of both.

    Its weights for true pairs stay at their defaults: estimated without labels they take variants for matches, and the
    right row comes first in 0.36 instead of 0.81 of 10,000.
    """
    import duckdb
    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    def table(texts: list[str]) -> pd.DataFrame:
        split = [text.rpartition(" ") for text in texts]
        parts = {"name": [name for name, _, _ in split], "last": [last for _, _, last in split]}
        return pd.DataFrame({"unique_id": range(len(texts)), **parts})

    api = DuckDBAPI(connection=duckdb.connect(config={"threads": 1}))
    wanted = _plain([left[one] for one in looked])
    ours = api.register(table(wanted), dataset_display_name="ours")
    theirs = api.register(table(_plain(right)), dataset_display_name="theirs")
    blocks = [block_on("name"), block_on("last", "substr(name, 1, 4)")]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.98, 0.95, 0.9]),
            cl.LevenshteinAtThresholds("last", [1, 3]),
        ],
        blocking_rules_to_generate_predictions=blocks,
    )
    linker = Linker([ours, theirs], settings, log_level=50)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    pairs = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    pairs = pairs.sort_values("match_weight", ascending=False, kind="stable")
    first = pairs.drop_duplicates("unique_id_l")
    best = np.full(len(wanted), -1)
    best[first["unique_id_l"].to_numpy()] = first["unique_id_r"].to_numpy()
    found: list[int] = best.tolist()
    return found


# name -> the matcher, and how many left rows of 100,000 are looked up (the rest is projected)
PEERS: Mapping[str, tuple[Match, int]] = {
    "2-gram TF-IDF, sp_matmul_rs": (_sp_matmul_rs(2), 10_000),
    "3-gram TF-IDF, sp_matmul_rs": (_sp_matmul_rs(3), 10_000),
    "2-gram TF-IDF, sparse_dot_topn": (_sparse_dot_topn(2), 10_000),
    "3-gram TF-IDF, sparse_dot_topn": (_sparse_dot_topn(3), 10_000),
    "tantivy, BM25 of 2-grams": (bm25, 2_000),
    "splink": (linked, 100_000),
    "rapidfuzz, ratio": (ratio, 300),
    "DuckDB, equal texts": (exact, 100_000),
}
