"""What each institution changes, on the same children: misses beside false alarms, delay, work and money.

    python experiments/lever_effects.py [--seeds 20]
    python experiments/lever_effects.py --redraw

writes page, figures and picture (`docs/model/lever_effects.md`, `.csv`, `docs/images/lever_effects.png`), or page and
picture from the figures of the last time. Every institution is switched on alone, with the settings that it comes with,
on the first day that is judged; all arms of a seed share their past and children.
"""

import argparse
import csv
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
from page_text import table
from scipy.stats import t as summarise_replicates

from cpsim.scenario.institutions import Institution, load_institutions

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "model" / "lever_effects.md"
FIGURES = PAGE.with_suffix(".csv")
PICTURE = ROOT / "docs" / "images" / "lever_effects.png"

FIRST_SEED = 301
AS_IT_WAS = "as it was"
FIRST_DAY = "2006-04-03"

BASE: dict[str, Any] = {
    "extends": "small",
    "name": AS_IT_WAS,
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
"""Six authorities that differ a little, so that every institution finds somebody whom it concerns."""

ONE_OF_THEM: dict[str, dict[str, Any]] = {
    "takeover_by_strong_council": {"authorities": {"least_resourced": 1}},
}
"""Institutions that cannot be everywhere at once."""

Row = dict[str, float]


@dataclass(frozen=True)
class Measure:
    """A figure of the summary as the page shows it: its heading, how many of its units the page's unit is."""

    name: str
    heading: str
    scale: float
    form: str


MISSES = Measure("missed_risk_rate", "misses, percentage points", 100, "{:+.1f}")
ALARMS = Measure(
    "false_alarm_families_per_10k_year", "families alarmed, a year per 10,000 children", 1, "{:+.1f}"
)
MEASURES = (
    MISSES,
    ALARMS,
    Measure("utilisation_mean", "load of the teams, percent of their hours", 100, "{:+.1f}"),
    Measure("cost_gbp_per_child_year", "cost, £ a year per child", 1, "{:+.1f}"),
)


@dataclass(frozen=True)
class Difference:
    """A mean paired difference over seeds, and half the width of its 95 % interval."""

    mean: float
    half: float

    @property
    def shown(self) -> bool:
        """Whether the interval leaves out zero."""
        return abs(self.mean) > self.half


def paired(arm: Sequence[float], base: Sequence[float]) -> Difference:
    """The difference of an arm to the base on the same seeds, with Student's interval."""
    differences = np.asarray(arm) - np.asarray(base)
    n = len(differences)
    half = summarise_replicates.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n)
    return Difference(float(differences.mean()), float(half))


def _line(word: str) -> dict[str, Any]:
    """The line of the timeline that switches an institution on."""
    return {"date": FIRST_DAY, "lever": word, **ONE_OF_THEM.get(word, {})}


@cache
def arms() -> dict[str, Any]:
    """The base, and one scenario for each institution that turns anything."""
    from cpsim.scenario.read import from_mapping

    return {AS_IT_WAS: from_mapping(BASE)} | {
        word: from_mapping({**BASE, "name": word, "timeline": [_line(word)]})
        for word, institution in load_institutions().items()
        if institution.levers
    }


def scored(seed: int) -> dict[str, Row]:
    """The figures of all arms of a seed."""
    from cpsim.study.arms import run_arms

    return {
        name: {measure.name: float(result.summary[measure.name]) for measure in MEASURES}  # type: ignore[arg-type]
        for name, result in run_arms(arms(), seed)
    }


def effects(rows: Sequence[Mapping[str, Row]]) -> dict[str, dict[str, Difference]]:
    """The paired difference of each arm and measure to the base."""
    return {
        arm: {
            measure.name: paired(
                [row[arm][measure.name] for row in rows], [row[AS_IT_WAS][measure.name] for row in rows]
            )
            for measure in MEASURES
        }
        for arm in load_institutions()
        if arm in rows[0]
    }


def told(of: Mapping[str, Difference]) -> str:
    """What the intervals of misses and of false alarms allow to be said."""
    words = []
    for measure, fewer, more in (
        (MISSES, "fewer misses", "more misses"),
        (ALARMS, "fewer alarms", "more alarms"),
    ):
        difference = of[measure.name]
        if difference.shown:
            words.append(fewer if difference.mean < 0 else more)
    return ", ".join(words) or "no difference shown"


def cell(measure: Measure, difference: Difference) -> str:
    """A difference with its interval; in bold where the interval leaves out zero."""
    mean, half = difference.mean * measure.scale, difference.half * measure.scale
    text = f"{measure.form.format(mean)} ± {measure.form.format(half).lstrip('+')}"
    return f"**{text}**" if difference.shown else text


TEXT = """<!-- made by experiments/lever_effects.py; do not edit -->
# What each institution changes here

Each of the {arms} institutions that turn anything was switched on alone, with the settings that it comes with, on the
first day of {years} judged years, and compared with the same children under the rules as they were: {seeds} seeds, six
authorities of {children:,} children in the mean. Numbers are differences with 95 % intervals over seeds (Student's t on
paired differences); bold where the interval leaves out zero. As it was, {missed:.0f} % of spells of harm were
missed, and {alarmed:.0f} families a year per 10,000 children were alarmed for nothing.

![Misses and false alarms under each institution](../images/lever_effects.png)

**How to read it.** These are effects of numbers that are mostly guesses ([the parameters](parameters.md)): they show
what follows from the settings, not what happened in England. With {tests} intervals, some {chance:.0f} would leave out
zero by chance alone, and nothing here is corrected for that. Fewer misses at the price of more alarms is no gain by
itself: whoever lowers a threshold finds more of both. What an institution did in history that the model does not have (see
*cannot show* among [the levers](../levers.md)) counts as nothing.

{fewer} institutions show fewer misses, {more} more, and {none} show no difference in misses.

{tables}
"""


def page(rows: Sequence[Mapping[str, Row]]) -> str:
    """The text of the page."""
    of = effects(rows)
    misses = [differences[MISSES.name] for differences in of.values()]
    themes: dict[str, list[Institution]] = {}
    for word in of:
        themes.setdefault(load_institutions()[word].theme, []).append(load_institutions()[word])
    head = ["institution", *(measure.heading for measure in MEASURES), "so"]
    tables = [
        f"## {theme.replace('_', ' ').capitalize()}\n\n"
        + table(
            head,
            (
                [
                    f"{about.name} (`{about.id}`)",
                    *(cell(measure, of[about.id][measure.name]) for measure in MEASURES),
                    told(of[about.id]),
                ]
                for about in within
            ),
        )
        for theme, within in themes.items()
    ]
    base = [row[AS_IT_WAS] for row in rows]
    tests = len(of) * len(MEASURES)
    return TEXT.format(
        arms=len(of),
        years=BASE["clock"]["years"],
        seeds=len(rows),
        children=BASE["population"]["children"],
        missed=100 * np.mean([row[MISSES.name] for row in base]),
        alarmed=np.mean([row[ALARMS.name] for row in base]),
        tests=tests,
        chance=tests / 20,
        fewer=sum(difference.shown and difference.mean < 0 for difference in misses),
        more=sum(difference.shown and difference.mean > 0 for difference in misses),
        none=sum(not difference.shown for difference in misses),
        tables="\n\n".join(tables),
    )


def draw(rows: Sequence[Mapping[str, Row]], path: Path) -> None:
    """Misses left, false alarms right, an institution a line, by theme; grey where the interval holds zero."""
    from cpsim.plot import save, style

    of = effects(rows)
    with style.use_style():
        from matplotlib.figure import Figure
        from matplotlib.transforms import blended_transform_factory

        height = 2.9 + 0.24 * (len(of) + len({load_institutions()[word].theme for word in of}))
        figure = Figure(figsize=(style.SIZE[0], height), facecolor="white")

        def inches(below_top: float) -> float:
            return 1 - below_top / height

        title = "What each institution changes, on the same children"
        figure.text(style.LEFT, inches(0.4), title, fontsize=22, weight="bold", va="center")
        subtitle = f"Mean difference to the rules as they were, with 95 % intervals over {len(rows)} seeds"
        figure.text(style.LEFT, inches(0.85), subtitle, fontsize=13, color=style.QUIET, va="center")
        left, right = figure.subplots(
            1,
            2,
            sharey=True,
            gridspec_kw={
                "left": 0.33, "right": 0.98, "top": inches(1.85), "bottom": 0.95 / height, "wspace": 0.06,
            },
        )  # fmt: skip
        themes = [load_institutions()[word].theme for word in of]
        # A line is left free before each theme, for its name.
        lines = np.arange(len(of)) + np.cumsum([one != other for one, other in pairwise(["", *themes])])
        places = -lines
        for axes, measure in ((left, MISSES), (right, ALARMS)):
            for place, differences in zip(places, of.values(), strict=True):
                difference = differences[measure.name]
                better = style.BLUE if difference.mean < 0 else style.VERMILION
                colour = better if difference.shown else style.QUIET
                axes.errorbar(
                    difference.mean * measure.scale,
                    place,
                    xerr=difference.half * measure.scale,
                    fmt="o",
                    markersize=5,
                    color=colour,
                    elinewidth=1.6,
                )
            axes.axvline(0, color=style.INK, linewidth=0.8)
            axes.set_title(measure.heading.capitalize().replace(", ", ",\n"), fontsize=12)
            axes.grid(axis="x", color=style.FAINT, linewidth=0.8)
            axes.set_axisbelow(True)
        left.set_yticks(places, [word.replace("_", " ") for word in of], fontsize=9)
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
        save(figure, path)


def keep(rows: Sequence[Mapping[str, Row]], path: Path) -> None:
    """Write every figure of every arm and seed as CSV."""
    names = [measure.name for measure in MEASURES]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["seed", "arm", *names])
        for seed, row in enumerate(rows, FIRST_SEED):
            writer.writerows([seed, arm, *(repr(row[arm][name]) for name in names)] for arm in sorted(row))


def kept(path: Path) -> list[dict[str, Row]]:
    """What `keep` has written."""
    rows: defaultdict[str, dict[str, Row]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            seed, arm = line.pop("seed"), line.pop("arm")
            rows[seed][arm] = {name: float(value) for name, value in line.items()}
    return list(rows.values())


def main() -> None:
    """Run all arms on every seed, and write the page and the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help=f"number of seeds, from {FIRST_SEED} on")
    parser.add_argument(
        "--redraw", action="store_true", help="run nothing; take the figures from the last time"
    )
    asked = parser.parse_args()
    if not asked.redraw:
        seeds = range(FIRST_SEED, FIRST_SEED + asked.seeds)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            keep(list(pool.map(scored, seeds)), FIGURES)
    rows = kept(FIGURES)
    draw(rows, PICTURE)
    PAGE.write_text(page(rows), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
