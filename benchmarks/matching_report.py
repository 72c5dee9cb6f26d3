"""What benchmarks/matching.py measured, as tables beside the goals: docs/matching.md from its template."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reconcile.mapping.record import lower_bound
from reconcile.mapping.rows import STEPS

ROOT = Path(__file__).resolve().parents[1]
WORDS = ROOT / "benchmarks" / "matching.template.md"
SEEDS = (901, 902, 903)
HALF, NEARLY_ALL = 0.5, 0.05  # shares of texts that are equal
MISSED = "**missed**"
Row = dict[str, Any]


def held(goal: str, met: bool) -> str:
    """The goal, and whether it was missed."""
    return goal if met else f"{goal}, {MISSED}"


def megabytes(row: Row) -> str:
    """The memory on top, a dash where the system does not tell."""
    return "–" if row["memory_mb"] is None else f"{row['memory_mb']:,.0f} MB"


def lines(rows: Sequence[Sequence[str]]) -> str:
    """Rows of a Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def tables_part(runs: Sequence[Row], million: Sequence[Row]) -> str:
    """Whole tables: one line a run."""
    written = []
    for row in [*runs, *million]:
        goal = 0 if row["rows"] > 100_000 else 0.999 if row["equal"] == HALF else 0.997
        limit_s = {"fields": 60, "text": 200}.get(row["mode"], 0) if row["rows"] > 100_000 else 10
        limit_mb = 6_144 if row["rows"] > 100_000 else 600
        written.append((
            f"{row['rows']:,}", row["mode"], f"{1 - row['equal']:.0%}", str(row["seed"]),
            held(f"{row['seconds']:.1f}", row["seconds"] <= limit_s),
            held(megabytes(row), (row["memory_mb"] or 0) <= limit_mb),
            held(f"{row['first']:.4f}", row["first"] >= goal),
            held(f"{row['recall']:.3f}", row["recall"] >= 0.85 or row["equal"] != HALF),
        ))  # fmt: skip
    return lines(written)


def steps_part(runs: Sequence[Row]) -> str:
    """What links by itself, by step, over all runs."""
    written = []
    for step in (*STEPS, "all but exact", "all"):
        names = STEPS if step == "all" else STEPS[1:] if step == "all but exact" else (step,)
        count, wrong = (
            sum(row["steps"][name][k] for row in runs for name in names) for k in (0, 1)
        )
        bound = lower_bound(count - wrong, count)
        written.append((step, f"{count:,}", str(wrong), "–" if bound is None else f"{100 * bound:.4f} %"))  # fmt: skip
    return lines(written)


def tenths_part(runs: Sequence[Row]) -> str:
    """Stated likelihood of proposals against what was right, with its bounds (Clopper-Pearson, 2.5 % on each side)."""
    written = []
    for tenth in range(10):
        count, right = (
            sum(row["tenths"].get(str(tenth), [0, 0])[k] for row in runs) for k in (0, 1)
        )
        if count:
            low, wrong_low = (lower_bound(k, count, 0.975) or 0.0 for k in (right, count - right))
            written.append((f"{10 * tenth}–{10 * tenth + 10}", f"{count:,}", f"{100 * right / count:.1f} %",
                            f"{100 * low:.1f}–{100 - 100 * wrong_low:.1f} %"))  # fmt: skip
    return lines(written)


def peers_part(rows: Sequence[Row], ours: Row) -> str:
    """Ours and the peers over the same texts."""
    every = [ours | {"name": "Totsugo, text only", "looked": ours["rows"]}, *rows]
    return lines([(row["name"], f"{row['looked']:,}", f"{row['seconds']:,.1f}", f"{row['seconds'] / ours['seconds']:,.1f}",
                   megabytes(row), f"{row['first']:.4f}") for row in every])  # fmt: skip


def single_part(single: Row) -> str:
    """One product, and a small delivery, against a kept index."""
    rows = f"{single['rows']:,}"
    p95, thousand = single["p95_ms"], single["thousand_s"]
    return lines([
        (f"one product against {rows}, p50 / p95", "p95 < 40 ms", held(f"{single['p50_ms']:.1f} / {p95:.1f} ms", p95 < 40)),
        (f"1,000 products against {rows}", "< 0.25 s", held(f"{thousand:.2f} s", thousand < 0.25)),
        ("taking in 1,000 new SKUs", "–", f"{single['update_s']:.2f} s"),
        (f"the right SKU first, {single['asked']} differing products", "–", f"{single['first']:.3f}"),
    ])  # fmt: skip


def real_part(real: Row | None) -> dict[str, str]:
    """Real names: first, and what was linked; dashes where the lists are not at hand."""
    if real is None:
        return dict.fromkeys(("real_auto", "real_wrong", "real_known", "real_newer"), "–") | {
            "real": "| – | – |",
            "real_goal": "not measured",
        }
    others = [value for name, value in real["first"].items() if name != "Totsugo"]
    return {
        "real": lines([(name, f"{value:.4f}") for name, value in real["first"].items()]),
        "real_auto": f"{real['auto']:,}",
        "real_wrong": held(str(real["wrong"]), real["wrong"] <= 2),
        "real_known": f"{real['known']:,}",
        "real_newer": f"{real['newer']:,}",
        "real_goal": held("met", real["first"]["Totsugo"] >= max(others))
        if others
        else "not measured",
    }


def busy() -> str:
    """How busy the machine was, where it says: what else ran costs seconds of the processor, too."""
    if not hasattr(os, "getloadavg"):
        return ""
    return (
        f"Load in the last quarter of an hour: {os.getloadavg()[2]:.1f} on {os.cpu_count()} cores."
    )


def write(
    runs: Sequence[Row],
    large: Sequence[Row],
    peers: Sequence[Row],
    *,
    single: Row,
    real: Row | None,
) -> int:
    """Write the document; 0 = every goal was met, 1 = not."""
    ours = next(row for row in runs if row["mode"] == "text")
    figures = {
        "tables": tables_part(runs, large),
        "peers": peers_part(peers, ours),
        "steps": steps_part(runs),
        "tenths": tenths_part(runs),
        "single": single_part(single),
        "seeds": ", ".join(map(str, SEEDS)),
        "load": busy(),
        **real_part(real),
    }
    text = WORDS.read_text(encoding="utf-8")
    for name, value in figures.items():
        text = text.replace("{{" + name + "}}", value)
    (ROOT / "docs" / "matching.md").write_text(text, encoding="utf-8", newline="\n")
    print(
        "a goal was missed" if MISSED in text else "all goals met", "see docs/matching.md", sep="; "
    )
    return int(MISSED in text)
