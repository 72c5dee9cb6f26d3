"""How right the forensics of orders are, on simulated shops with a known truth: writes docs/forensics.md and its plot.

Run: python benchmarks/forensics.py [ORDERS]. Goals: brackets hold the truth always, stated probabilities right within 5
points per tenth, `missed` right in 98 of 100 for every shape of stays, causes right in 95 of 100, intervals that cover
93 to 97 of 100.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reconcile.orders.causes import CAUSES
from reconcile.orders.stay_shapes import SHAPES
from tests.forensics.shops import PER_SHOP, market, tenths
from tests.forensics.test_causes import explained
from tests.forensics.test_what_if import coverage

ROOT = Path(__file__).resolve().parents[1]
ORDERS, ROUNDS = 120_000, 1_000
PART = 30  # shops per process and turn: every combination of shape, age and jitter
WORDS = ROOT / "benchmarks" / "forensics.template.md"


def plot(table: pd.DataFrame) -> str:
    """The calibration plot: stated against true share per tenth, circles by number of orders, bars of 2 errors."""
    error = 2 * np.sqrt(table["true"] * (1 - table["true"]) / table["orders"])
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 460" font-family="sans-serif" font-size="12">',
        '<rect width="460" height="460" fill="#ffffff"/>',
        '<polygon points="50,390 50,410 70,410 450,30 450,10 430,10" fill="#dbe7f3"/>',
        '<path d="M50 10V410H450" fill="none" stroke="#444444"/>',
        '<path d="M50 410L450 10" stroke="#888888" stroke-dasharray="4 4"/>',
    ]
    for step in range(0, 11, 2):
        place = step * 40
        parts.append(f'<text x="{50 + place}" y="428" text-anchor="middle">{step * 10}</text>')
        parts.append(f'<text x="42" y="{414 - place}" text-anchor="end">{step * 10}</text>')
    for (_, row), spread in zip(table.iterrows(), error, strict=True):
        x, y = 50 + 400 * row["stated"], 410 - 400 * row["true"]
        low, high = min(410.0, y + 400 * spread), max(10.0, y - 400 * spread)
        size = 2 + 1.5 * np.log10(row["orders"])
        parts.append(f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="#1f5f99"/>')
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="#1f5f99"/>')
    parts.append('<text x="250" y="450" text-anchor="middle">stated probability, %</text>')
    parts.append(
        '<text transform="translate(14 210) rotate(-90)" text-anchor="middle">pulled, %</text>'
    )
    return "\n".join([*parts, "</svg>", ""])


def calibration(
    verdicts: pd.DataFrame, said: str = "probability", true: str = "was_taken"
) -> tuple[pd.DataFrame, str]:
    """Stated against true per tenth, of orders whose outcome no file proves."""
    table = tenths(verdicts[verdicts["verdict"] == "cannot_tell"], said, true)
    lines = [
        "| stated, % | orders | mean stated, % | pulled, % | difference, points |",
        "|---|---|---|---|---|",
    ]
    for tenth, row in table.iterrows():
        stated, found = 100 * row["stated"], 100 * row["true"]
        lines.append(
            f"| {10 * tenth}-{10 * tenth + 10} | {row['orders']:,.0f} | {stated:.1f} | {found:.1f} | {found - stated:+.1f} |"
        )
    return table, "\n".join(lines)


def by_shape(verdicts: pd.DataFrame) -> str:
    """Per shape of stays: orders, verdicts, precision of missed, mean stated and true share of the open ones."""
    lines = [
        "| stays | orders | pulled | missed | missed that was right, % | cannot tell | mean stated, % | pulled, % |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, part in verdicts.groupby("dwell"):
        count = part["verdict"].value_counts()
        missed, open_ones = (
            part[part["verdict"] == "missed"],
            part[part["verdict"] == "cannot_tell"],
        )
        lines.append(
            f"| {name} | {len(part):,} | {count.get('pulled', 0):,} | {len(missed):,} "
            f"| {100 * (1 - missed['was_taken'].mean()):.1f} | {len(open_ones):,} "
            f"| {100 * open_ones['probability'].mean():.1f} | {100 * open_ones['was_taken'].mean():.1f} |"
        )
    return "\n".join(lines)


def confusion(parts: list[pd.DataFrame]) -> tuple[float, int, str, str]:
    """Share right, orders, the table per cause, and the confusions."""
    rows = pd.concat([part[part["cause_true"] != "collected"] for part in parts])
    right = rows["cause"] == rows["cause_true"]
    tests = {cause.id: cause for cause in CAUSES}
    lines = ["| | cause | test | settled by | labelled | right |", "|---|---|---|---|---|---|"]
    for number, name in enumerate([*tests, "cannot_tell"], 1):
        hit = right[rows["cause_true"] == name]
        test = (
            tests[name].test
            if name in tests
            else "a fact that could overturn the answer is missing"
        )
        settled = tests[name].settled_by if name in tests else "the fact it names"
        lines.append(
            f"| {number} | `{name}` | {test} | {settled} | {len(hit)} | {int(hit.sum())} |"
        )
    wrong = rows[~right].groupby(["cause_true", "cause"]).size()
    mixed = [f"| `{true}` | `{said}` | {count} |" for (true, said), count in wrong.items()]
    return (
        float(right.mean()),
        len(rows),
        "\n".join(lines),
        "\n".join(["| true | said | orders |", "|---|---|---|", *mixed]),
    )


def part(trusted: bool, others: bool, first: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PART shops of tests.forensics.shops.market, for a process of its own."""
    return market(PART * PER_SHOP, trusted, others, first)


def shops(
    pool: Executor, orders: int, *, trusted: bool = True, others: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Verdicts and brackets of about that many orders, made in parts side by side."""
    starts = range(0, -(-orders // PER_SHOP), PART)
    jobs = [pool.submit(part, trusted, others, start) for start in starts]
    found = [job.result() for job in jobs]
    verdicts, brackets = (
        pd.concat([one[place] for one in found], ignore_index=True) for place in (0, 1)
    )
    return verdicts, brackets


def market_figures(pool: Executor, orders: int) -> tuple[dict[str, str], pd.DataFrame, bool]:
    """What the simulated shops show: figures for the report, the calibration table, and whether the goals were met."""
    begun = time.perf_counter()
    verdicts, brackets = shops(pool, orders)
    taken = time.perf_counter() - begun
    _, blind = shops(pool, min(orders, 10_000), trusted=False)
    others, _ = shops(pool, orders, others=True)
    table, lines = calibration(verdicts)
    other_table, other_lines = calibration(others)
    seen = [calibration(one, "p_seen", "was_seen")[0] for one in (verdicts, others)]
    missed = verdicts[verdicts["verdict"] == "missed"]
    ends = ["entry_holds", "exit_holds"]
    wrong, blind_wrong = (int((~one[ends].all(axis=1)).sum()) for one in (brackets, blind))
    worst, worst_other, *worst_seen = (
        100 * float((one["true"] - one["stated"]).abs().max())
        for one in (table, other_table, *seen)
    )
    precision = 100 * (1 - float(missed["was_taken"].mean()))
    all_missed = pd.concat([missed, others[others["verdict"] == "missed"]])
    lowest = 100 * (1 - float(all_missed.groupby("dwell")["was_taken"].mean().max()))
    figures = {
        "orders": f"{len(verdicts):,}",
        "shops": f"{verdicts['shop'].nunique()}",
        "seconds": f"{taken:.0f}",
        "brackets": f"{len(brackets):,}",
        "bracket_errors": f"{wrong}",
        "blind_brackets": f"{len(blind):,}",
        "blind_errors": f"{blind_wrong}",
        "worst": f"{worst:.1f}",
        "worst_other": f"{worst_other:.1f}",
        "worst_seen": f"{max(worst_seen):.1f}",
        "lowest": f"{lowest:.1f}",
        "other_tenths": other_lines,
        "missed": f"{len(missed):,}",
        "precision": f"{precision:.1f}",
        "tenths": lines,
        "shapes": by_shape(pd.concat([verdicts, others])),
    }
    right = max(worst, worst_other, *worst_seen) <= 5.0 and lowest >= 98.0
    return figures, table, wrong + blind_wrong == 0 and right


def main(orders: int) -> int:
    """0 = every goal was met, 1 = not."""
    with ProcessPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        jobs = {shape: pool.submit(coverage, shape, ROUNDS, 150, 1) for shape in SHAPES}
        figures, table, met = market_figures(pool, orders)
        covered = {shape: job.result() for shape, job in jobs.items()}
    share, labelled, cause_lines, mixed = confusion([explained(95, 11), explained(95, 12, "off")])
    figures |= {
        "labelled": f"{labelled:,}",
        "right": f"{100 * share:.1f}",
        "causes": cause_lines,
        "mixed": mixed,
        "rounds": f"{ROUNDS}",
        **{shape: f"{100 * value:.1f}" for shape, value in covered.items()},
    }
    text = WORDS.read_text(encoding="utf-8")
    for name, value in figures.items():
        text = text.replace("{{" + name + "}}", value)
    (ROOT / "docs" / "forensics.md").write_text(text, encoding="utf-8", newline="\n")
    (ROOT / "docs" / "forensics.svg").write_text(plot(table), encoding="utf-8", newline="\n")
    met &= share >= 0.95 and all(0.93 <= value <= 0.97 for value in covered.values())
    word = "all goals met" if met else "a goal was missed"
    print(f"{figures['orders']} orders: {word}; see docs/forensics.md")
    return int(not met)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS))
