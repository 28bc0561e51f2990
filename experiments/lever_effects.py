"""Measure what each institution changes for the same children: misses, assessments, workload and cost.

    python experiments/lever_effects.py [--seeds 20]
    python experiments/lever_effects.py --redraw

The first command writes the page, the outcomes and the figure (`docs/model/lever_effects.md`, `.csv` and
`docs/images/lever_effects.png`); the second writes page and figure from the saved outcomes. Every institution is
switched on alone, with its default settings, at the start of the evaluated years. All arms of a seed share the same
children and the same history.
"""

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student_t

from cpsim.scenario.institutions import Institution, load_institutions

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from images import save_image  # noqa: E402
from page_text import format_table  # noqa: E402

PAGE = ROOT / "docs" / "model" / "lever_effects.md"
OUTCOMES = PAGE.with_suffix(".csv")
FIGURE = ROOT / "docs" / "images" / "lever_effects.png"

FIRST_SEED = 301
SEEDS_AT_ONCE = 5
"""Seeds that a process runs together, in blocks."""

BASE_ARM = "base"
FIRST_DAY = "2006-04-03"

BASE: dict[str, Any] = {
    "extends": "small",
    "name": BASE_ARM,
    "clock": {"start": FIRST_DAY, "years": 3},
    "population": {"children": 4000},
    "authorities": {
        "count": 6,
        "size_spread": 0.2,
        "deprivation_spread": 1.0,
        "resources_spread": 0.1,
        "leadership_spread": 0.1,
        "moves_between": 0.1,
    },
    "agencies": {"pct": {"catchment": "region"}},
}
"""Six authorities that differ a little, so that every institution applies to some organisation."""

RESTRICTIONS: dict[str, dict[str, Any]] = {
    "takeover_by_strong_council": {"authorities": {"least_resourced": 1}},
}
"""Settings of institutions that cannot apply to all authorities at once."""

Row = dict[str, float]


@dataclass(frozen=True)
class Measure:
    """An outcome of the summary and how the page shows it: heading, factor to the unit shown, and number format."""

    name: str
    heading: str
    scale: float
    format_spec: str


MISSES = Measure("missed_risk_rate", "misses, percentage points", 100, "{:+.1f}")
NEITHER = Measure(
    "assessed_neither_per_10k_year",
    "assessed with neither, families a year per 10,000 children",
    1,
    "{:+.1f}",
)
MEASURES = (
    MISSES,
    NEITHER,
    Measure("utilisation_mean", "load of the teams, % of their hours", 100, "{:+.1f}"),
    Measure("cost_gbp_per_child_year", "cost, £ a year per child", 1, "{:+.1f}"),
)


@dataclass(frozen=True)
class Difference:
    """A mean paired difference over seeds, and half the width of its 95% interval."""

    mean: float
    half_width: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval excludes zero."""
        return abs(self.mean) > self.half_width


def paired_difference(arm: Sequence[float], base: Sequence[float]) -> Difference:
    """Mean difference between an arm and the base on the same seeds, with Student's interval."""
    differences = np.asarray(arm) - np.asarray(base)
    n = len(differences)
    half = student_t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n)
    return Difference(float(differences.mean()), float(half))


def _build_line(identifier: str) -> dict[str, Any]:
    """Build the line of the timeline that switches an institution on."""
    return {"date": FIRST_DAY, "lever": identifier, **RESTRICTIONS.get(identifier, {})}


@cache
def build_arms() -> dict[str, Any]:
    """Build the base, and one scenario for each institution that has levers."""
    from cpsim.scenario.read import from_mapping

    return {BASE_ARM: from_mapping(BASE)} | {
        identifier: from_mapping({**BASE, "name": identifier, "timeline": [_build_line(identifier)]})
        for identifier, institution in load_institutions().items()
        if institution.levers
    }


def run_seeds(seeds: Sequence[int]) -> list[dict[str, Row]]:
    """Run all arms on some seeds and return their outcomes by seed."""
    from cpsim.parallel.shared_history import run_arms

    rows: dict[int, dict[str, Row]] = {seed: {} for seed in seeds}
    for name, result in run_arms(build_arms(), *seeds):
        rows[result.seed][name] = {
            measure.name: float(result.summary[measure.name])  # type: ignore[arg-type]
            for measure in MEASURES
        }
    return list(rows.values())


def compute_effects(rows: Sequence[Mapping[str, Row]]) -> dict[str, dict[str, Difference]]:
    """Compute the paired difference between each arm and the base, by measure."""
    return {
        arm: {
            measure.name: paired_difference(
                [row[arm][measure.name] for row in rows], [row[BASE_ARM][measure.name] for row in rows]
            )
            for measure in MEASURES
        }
        for arm in load_institutions()
        if arm in rows[0]
    }


def describe_effects(differences: Mapping[str, Difference]) -> str:
    """Describe the differences in misses and assessments whose interval excludes zero."""
    descriptions = []
    for measure, fewer, more in (
        (MISSES, "fewer misses", "more misses"),
        (NEITHER, "fewer assessed with neither", "more assessed with neither"),
    ):
        difference = differences[measure.name]
        if difference.excludes_zero:
            descriptions.append(fewer if difference.mean < 0 else more)
    return ", ".join(descriptions) or "no difference shown"


def format_cell(measure: Measure, difference: Difference) -> str:
    """Format a difference with its interval, in bold if the interval excludes zero."""
    mean, half = difference.mean * measure.scale, difference.half_width * measure.scale
    text = f"{measure.format_spec.format(mean)} ± {measure.format_spec.format(half).lstrip('+')}"
    return f"**{text}**" if difference.excludes_zero else text


TEXT = """<!-- made by experiments/lever_effects.py; do not edit -->
# The effect of each institution

Each of the {arms} institutions that have levers was switched on alone, with its default settings, on the first day of
{years} evaluated years, and compared with the same children in the base scenario: {seeds} seeds, six authorities with
{children:,} children on average. The numbers are mean differences with 95% intervals over seeds (Student's t on
paired differences), in bold if the interval excludes zero. In the base scenario {missed:.0f}% of spells of harm were
missed, and {neither:.0f} families a year per 10,000 children were assessed with neither need nor harm.

![Misses and assessments under each institution](../images/lever_effects.png)

**How to read it.** Most of the numbers behind these effects are guesses ([parameters](parameters.md)): the table shows
what follows from the settings, not what happened in England. Of {tests} intervals, some {chance:.0f} would exclude
zero by chance alone, and nothing here is corrected for that. Fewer misses with more such assessments are not an
improvement by themselves, since a lower threshold finds more of both. Effects of an institution that the model does not
contain (see *cannot show* on [the page of levers](../levers.md)) do not count.

{fewer} institutions show fewer misses, {more} show more, and {none} show no difference in misses.

{tables}
"""


def format_page(rows: Sequence[Mapping[str, Row]]) -> str:
    """Format the page."""
    effects = compute_effects(rows)
    misses = [differences[MISSES.name] for differences in effects.values()]
    themes: dict[str, list[Institution]] = {}
    for identifier in effects:
        themes.setdefault(load_institutions()[identifier].theme, []).append(load_institutions()[identifier])
    head = ["institution", *(measure.heading for measure in MEASURES), "shown"]
    tables = [
        f"## {theme.replace('_', ' ').capitalize()}\n\n"
        + format_table(
            head,
            (
                [
                    f"{about.name} (`{about.id}`)",
                    *(format_cell(measure, effects[about.id][measure.name]) for measure in MEASURES),
                    describe_effects(effects[about.id]),
                ]
                for about in within
            ),
        )
        for theme, within in themes.items()
    ]
    base = [row[BASE_ARM] for row in rows]
    tests = len(effects) * len(MEASURES)
    return TEXT.format(
        arms=len(effects),
        years=BASE["clock"]["years"],
        seeds=len(rows),
        children=BASE["population"]["children"],
        missed=100 * np.mean([row[MISSES.name] for row in base]),
        neither=np.mean([row[NEITHER.name] for row in base]),
        tests=tests,
        chance=tests / 20,
        fewer=sum(difference.excludes_zero and difference.mean < 0 for difference in misses),
        more=sum(difference.excludes_zero and difference.mean > 0 for difference in misses),
        none=sum(not difference.excludes_zero for difference in misses),
        tables="\n\n".join(tables),
    )


def draw_figure(rows: Sequence[Mapping[str, Row]], path: Path) -> None:
    """Draw misses and assessments side by side, one line for each institution; grey if zero is in the interval."""
    from cpsim.plot import style

    effects = compute_effects(rows)
    with style.use_style():
        from matplotlib.figure import Figure
        from matplotlib.transforms import blended_transform_factory

        height = 2.9 + 0.24 * (
            len(effects) + len({load_institutions()[identifier].theme for identifier in effects})
        )
        figure = Figure(figsize=(style.SIZE[0], height), facecolor="white")

        def inches(below_top: float) -> float:
            return 1 - below_top / height

        title = "What each institution changes for the same children"
        figure.text(style.LEFT, inches(0.4), title, fontsize=22, weight="bold", va="center")
        subtitle = f"Mean difference from the base scenario, with 95% intervals over {len(rows)} seeds"
        figure.text(style.LEFT, inches(0.85), subtitle, fontsize=13, color=style.QUIET, va="center")
        left, right = figure.subplots(
            1,
            2,
            sharey=True,
            gridspec_kw={
                "left": 0.33, "right": 0.98, "top": inches(1.85), "bottom": 0.95 / height, "wspace": 0.06,
            },
        )  # fmt: skip
        themes = [load_institutions()[identifier].theme for identifier in effects]
        # The name of each theme takes a line.
        lines = np.arange(len(effects)) + np.cumsum([one != other for one, other in pairwise(["", *themes])])
        places = -lines
        for axes, measure in ((left, MISSES), (right, NEITHER)):
            for place, differences in zip(places, effects.values(), strict=True):
                difference = differences[measure.name]
                better = style.BLUE if difference.mean < 0 else style.VERMILION
                colour = better if difference.excludes_zero else style.QUIET
                axes.errorbar(
                    difference.mean * measure.scale,
                    place,
                    xerr=difference.half_width * measure.scale,
                    fmt="o",
                    markersize=5,
                    color=colour,
                    elinewidth=1.6,
                )
            axes.axvline(0, color=style.INK, linewidth=0.8)
            axes.set_title(measure.heading.capitalize().replace(", ", ",\n"), fontsize=12)
            axes.grid(axis="x", color=style.FAINT, linewidth=0.8)
            axes.set_axisbelow(True)
        left.set_yticks(places, [identifier.replace("_", " ") for identifier in effects], fontsize=9)
        left.set_ylim(places[-1] - 0.8, 0.2)
        for theme, place in dict(zip(themes[::-1], places[::-1], strict=True)).items():
            figure.text(
                0.325, place + 1, theme, transform=blended_transform_factory(figure.transFigure, left.transData),
                fontsize=10, weight="bold", ha="right", va="center",
            )  # fmt: skip
        figure.text(
            style.LEFT,
            0.3 / height,
            f"cpsim · {style.CAUTION}; blue: fewer, red: more, grey: no difference shown",
            fontsize=10,
            color=style.QUIET,
            va="center",
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        save_image(figure, path)


def write_outcomes(rows: Sequence[Mapping[str, Row]], path: Path) -> None:
    """Write every outcome of every arm and seed as CSV, with six significant digits: more than the page shows."""
    names = [measure.name for measure in MEASURES]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["seed", "arm", *names])
        for seed, row in enumerate(rows, FIRST_SEED):
            writer.writerows([seed, arm, *(f"{row[arm][name]:.6g}" for name in names)] for arm in sorted(row))


def read_outcomes(path: Path) -> list[dict[str, Row]]:
    """Read the file that `write_outcomes` wrote."""
    rows: defaultdict[str, dict[str, Row]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            seed, arm = line.pop("seed"), line.pop("arm")
            rows[seed][arm] = {name: float(value) for name, value in line.items()}
    return list(rows.values())


def main() -> None:
    """Run all arms on every seed, and write the page and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help=f"number of seeds, starting with {FIRST_SEED}")
    parser.add_argument("--redraw", action="store_true", help="run nothing; use the saved outcomes")
    arguments = parser.parse_args()
    if not arguments.redraw:
        seeds = range(FIRST_SEED, FIRST_SEED + arguments.seeds)
        parts = [seeds[start : start + SEEDS_AT_ONCE] for start in range(0, len(seeds), SEEDS_AT_ONCE)]
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            write_outcomes([row for rows in pool.map(run_seeds, parts) for row in rows], OUTCOMES)
    rows = read_outcomes(OUTCOMES)
    draw_figure(rows, FIGURE)
    PAGE.write_text(format_page(rows), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)} and {FIGURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
