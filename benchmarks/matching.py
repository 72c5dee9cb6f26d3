"""Matching of product names: speed, memory and quality against its goals and its peers, in one run.

`python benchmarks/matching.py` prints the tables and writes docs/matching.md from benchmarks/matching.template.md; about an
hour with the million and the peers. Peers that are not installed are left out and said so (benchmarks/requirements-peers.txt).
Every measurement is a process of its own on one thread; seconds are of the processor, memory is what comes on top of the
texts. The made-up shops are those of benchmarks/noise.py under seeds that nothing was fitted on; the real names are price
lists of Japanese drugs, 2019 to 2025, in the folder given by --real.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import matching_report as report  # noqa: E402
from benchmarks.matching_report import HALF, NEARLY_ALL, SEEDS  # noqa: E402
from benchmarks.noise import Pairing, noisy_pair, shop  # noqa: E402
from reconcile.mapping import match_tables  # noqa: E402
from reconcile.mapping.index import SkuIndex  # noqa: E402
from reconcile.mapping.rows import STEPS  # noqa: E402

COLUMNS = ["id", "text", "attr1", "attr2"]
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "RAYON")}
ASKED = 300  # single products asked for against a million
Row = dict[str, Any]
Frames = tuple[pd.DataFrame, pd.DataFrame]


def made_up(rows: int, equal: float, seed: int) -> Pairing:
    """Both sides of a shop nobody was fitted on."""
    dice = random.Random(seed)
    return noisy_pair(dice, shop(dice, rows), exact_share=equal)


def joined(table: pd.DataFrame) -> pd.DataFrame:
    """The texts with their attributes behind a blank, as files without attributes have them."""
    parts = zip(*(table[name] for name in COLUMNS[1:]), strict=True)
    return pd.DataFrame({"id": table["id"], "text": [" ".join(filter(None, one)) for one in parts]})


def sides(pairing: Pairing, mode: str) -> Frames:
    """Tables of both sides. mode: fields (attributes apart on both), mixed (on the left only), text (on neither)."""
    left, right = (pd.DataFrame(rows, columns=COLUMNS) for rows in (pairing.left, pairing.right))
    if mode == "fields":
        return left, right
    return (left, joined(right)) if mode == "mixed" else (joined(left), joined(right))


def peak_mb(measured: Callable[[], Any]) -> tuple[Any, float | None]:
    """What it gives, and how much memory it took on top; None where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return measured(), None

    def held(name: str) -> float:
        line = next(
            one for one in status.read_text(encoding="ascii").splitlines() if one.startswith(name)
        )
        return int(line.split()[1]) / 1024

    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = held("VmRSS")
    return measured(), held("VmHWM") - before


def whole(rows: int, equal: float, mode: str, seed: int) -> Row:
    """Ours over whole tables."""
    pairing = made_up(rows, equal, seed)
    left, right = sides(pairing, mode)
    started = time.process_time()
    found, memory = peak_mb(lambda: SkuIndex.of(right).candidates_of(left))
    seconds = time.process_time() - started
    is_right = found["left_id"].map(pairing.truth) == found["right_id"]
    found = found.assign(
        is_right=is_right, step=found["step"].where(found["decision"] != "exact", "exact")
    )
    best = found.drop_duplicates("left_id").set_index("left_id")["is_right"]
    best = best.reindex(list(pairing.truth), fill_value=False)
    links = found[found["decision"].isin(("exact", "auto"))]
    rest = found[~found["decision"].isin(("exact", "auto"))]
    tenths = rest.groupby((rest["score"] // 10).astype(int))["is_right"].agg(["size", "sum"])
    return {
        "rows": rows, "equal": equal, "mode": mode, "seed": seed, "seconds": seconds, "memory_mb": memory,
        "first": float(best.mean()), "recall": float(links["is_right"].sum() / len(pairing.truth)),
        "steps": {step: [int((links["step"] == step).sum()), int((~links.loc[links["step"] == step, "is_right"]).sum())]
                  for step in STEPS},
        "tenths": {int(tenth): [int(n), int(right)] for tenth, n, right in tenths.itertuples()},
    }  # fmt: skip


def peer(name: str, rows: int, equal: float, seed: int) -> Row:
    """One peer over the same texts; what it looked up of them is projected on all."""
    from benchmarks.peers import PEERS

    match, sample = PEERS[name]
    pairing = made_up(rows, equal, seed)
    left, right = sides(pairing, "text")
    texts, others, ids = left["text"].tolist(), right["text"].tolist(), right["id"].tolist()
    known = [row for row, one in enumerate(left["id"]) if one in pairing.truth]
    looked = random.Random(seed).sample(known, min(len(known), max(50, sample * rows // 100_000)))
    match(texts[:1_000], others[:1_000], range(50))  # what it loads is no matter of speed
    started = time.process_time()
    match(texts, others, looked[:1])
    base = time.process_time() - started
    started = time.process_time()
    best, memory = peak_mb(lambda: match(texts, others, looked))
    spent = time.process_time() - started
    lookups = max(0.0, spent - base) * len(left) / len(looked)
    wanted = [pairing.truth[one] for one in left["id"].iloc[looked]]
    hits = sum(place >= 0 and ids[place] == one for place, one in zip(best, wanted, strict=True))
    return {"name": name, "rows": rows, "equal": equal, "seconds": base + lookups, "looked": len(looked),
            "memory_mb": memory, "first": hits / len(looked)}  # fmt: skip


def one_by_one(rows: int, seed: int) -> Row:
    """Single products and small deliveries against a kept index."""
    pairing = made_up(rows, HALF, seed)
    left, right = sides(pairing, "fields")
    index = SkuIndex.of(right)
    noisy = [row for row, one in enumerate(left["id"]) if pairing.noise.get(one)]
    chosen = random.Random(seed).sample(noisy, ASKED)
    asked, hits, times = left.iloc[chosen], 0, []
    index.candidates(*asked.iloc[0][COLUMNS[1:]])
    for one in asked.itertuples(index=False):
        started = time.perf_counter()
        found = index.candidates(one.text, one.attr1, one.attr2)
        times.append(time.perf_counter() - started)
        hits += bool(found) and found[0].id == pairing.truth[one.id]
    new = left.sample(1_000, random_state=seed)
    started = time.process_time()
    index.candidates_of(new)
    thousand = time.process_time() - started
    added = right.sample(1_000, random_state=seed).assign(id=[f"N{n}" for n in range(1_000)])
    started = time.process_time()
    index.update(added, [])
    times.sort()
    return {"rows": rows, "asked": ASKED, "p50_ms": 1000 * times[ASKED // 2], "p95_ms": 1000 * times[ASKED * 95 // 100],
            "first": hits / ASKED, "thousand_s": thousand, "update_s": time.process_time() - started}  # fmt: skip


def real_names(folder: str) -> Row:
    """Names of 2019 against those of 2025; the codes say what is the same drug."""
    lists = [
        pd.read_csv(Path(folder) / f"price_list_{year}.csv", dtype=str, keep_default_na=False)
        for year in (2019, 2025)
    ]
    older, newer = (
        one.rename(columns={"code": "id", "name": "text"})[["id", "text"]] for one in lists
    )
    known = sorted(set(older["id"]) & set(newer["id"]))
    pairs = match_tables(older, newer).pairs
    pairs = pairs.assign(is_right=pairs["left_id"] == pairs["right_id"])
    ids, texts = newer["id"].tolist(), newer["text"].tolist()
    by_code = dict(zip(older["id"], older["text"], strict=True))
    named = dict(zip(ids, texts, strict=True))
    best = pairs.drop_duplicates("left_id").set_index("left_id")["right_id"]

    def right(found: Mapping[str, str]) -> float:
        """A row with the very text of the right one counts: nothing in the names tells the two apart."""
        return sum(named.get(found.get(code, ""), "") == named[code] for code in known) / len(known)

    auto = pairs[pairs["decision"] == "auto"]
    row: Row = {"known": len(known), "newer": len(newer), "auto": len(auto), "wrong": int((~auto["is_right"]).sum()),
                "first": {"Totsugo": right(best.to_dict())}}  # fmt: skip
    try:
        from benchmarks.peers import PEERS

        queries = [by_code[code] for code in known]
        for name in ("2-gram TF-IDF, sp_matmul_rs", "3-gram TF-IDF, sp_matmul_rs", "rapidfuzz, ratio"):  # fmt: skip
            places = PEERS[name][0](queries, texts, range(len(queries)))
            found = zip(known, places, strict=True)
            row["first"][name] = right({code: ids[place] for code, place in found if place >= 0})
    except ImportError as missing:
        row["missing"] = str(missing)
    return row


JOBS: Mapping[str, Callable[..., Row]] = {
    "whole": whole, "peer": peer, "one_by_one": one_by_one, "real_names": real_names,
}  # fmt: skip


def names_of_peers() -> list[str]:
    """The peers, none where their libraries are not installed."""
    try:
        from benchmarks.peers import PEERS
    except ImportError as missing:
        print(missing, file=sys.stderr)
        return []
    return list(PEERS)


def apart(job: str, *given: Any) -> Row | None:
    """The job in a process of its own; None when what it needs is not installed."""
    command = [sys.executable, __file__, "--job", json.dumps([job, *given])]
    done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True)
    if done.returncode:
        print(f"{job} {given}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    row: Row = json.loads(done.stdout.strip().splitlines()[-1])
    print(job, *given, {k: v for k, v in row.items() if k not in ("steps", "tenths")}, flush=True)
    return row


def jobs_of(options: argparse.Namespace) -> dict[str, list[tuple[Any, ...]]]:
    """What is measured, by the part of the report; what takes longest begins first."""
    ways = [
        (mode, equal, seed)
        for seed in SEEDS
        for mode in ("mixed", "fields", "text")
        for equal in (HALF, NEARLY_ALL)
    ]
    large_jobs = [("whole", options.million, HALF, mode, SEEDS[0]) for mode in ("fields", "text")]
    return {
        "large": large_jobs if options.million else [],
        "single": [("one_by_one", options.million or options.rows, SEEDS[0])],
        "peers": [("peer", name, options.rows, HALF, SEEDS[0]) for name in names_of_peers()],
        "runs": [("whole", options.rows, equal, mode, seed) for mode, equal, seed in ways],
        "real": [("real_names", options.real)] if Path(options.real).is_dir() else [],
    }


def main() -> int:
    """0 = every goal was met, 1 = not."""
    parser = argparse.ArgumentParser(
        description="Matching of product names against goals and peers."
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument(
        "--million", type=int, default=1_000_000, help="rows of the large tables; 0: none"
    )
    parser.add_argument("--real", default=str(ROOT.parent / "shared" / "data" / "mhlw"))
    parser.add_argument(
        "--at-once", type=int, default=1, help="measurements at once, at most one a core"
    )
    parser.add_argument("--job", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        job, *given = json.loads(options.job)
        print(json.dumps(JOBS[job](*given)))
        return 0
    jobs = jobs_of(options)
    with ThreadPoolExecutor(options.at_once) as pool:
        asked = {part: [pool.submit(apart, *job) for job in given] for part, given in jobs.items()}
        found = {
            part: [row for one in given if (row := one.result())] for part, given in asked.items()
        }
    return report.write(
        *(found[part] for part in ("runs", "large", "peers")),
        single=found["single"][0],
        real=next(iter(found["real"]), None),
    )


if __name__ == "__main__":
    sys.exit(main())
