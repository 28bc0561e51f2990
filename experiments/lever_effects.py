"""Measure what each institution changes for the same children, in every headline outcome.

    python experiments/lever_effects.py [--seeds 20]
    python experiments/lever_effects.py --redraw

The first command writes the page, the outcomes and the figure (`docs/model/lever_effects.md`, `.csv` and
`docs/images/lever_effects.png`); the second writes page and figure from the saved outcomes. Every institution is
switched on alone, with its default settings, at the start of the evaluated years. All arms of a seed share the same
children and the same history. Institutions that are one arm under several names are run once.
"""

import argparse
import csv
import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from cpsim.arrays import Floats
from cpsim.formatting import (
    format_count,
    format_difference,
    format_list,
    format_magnitude,
    format_outcome,
    pluralise,
)
from cpsim.inference import (
    POWER,
    count_tests,
    estimate_smallest_shown,
    label_intervals,
    summarise_replicates,
)
from cpsim.measures.outcomes import OUTCOMES, list_first_headlines, list_headlines, sign_of_worse
from cpsim.results.verdicts import HIGHER, LOWER
from cpsim.scenario.institutions import load_institutions

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from images import save_image  # noqa: E402
from page_text import format_table  # noqa: E402

PAGE = ROOT / "docs" / "model" / "lever_effects.md"
OUTCOMES_FILE = PAGE.with_suffix(".csv")
FIGURE = ROOT / "docs" / "images" / "lever_effects.png"

FIRST_SEED = 301
SEEDS_AT_ONCE = 5
"""Seeds that a process runs together, in blocks."""
MOST_COLUMNS = 5
"""Most outcomes in one table; more are shown in a second table."""

BASE_ARM = "base"
BASELINE_ARM = "baseline"
"""The baseline of cpsim, run once so that its load stands next to that of the reference place."""
LOAD = "utilisation_mean"
FIRST_DAY = "2006-04-03"
YEARS = 3

BASE: dict[str, Any] = {
    "extends": "small",
    "name": BASE_ARM,
    "clock": {"start": FIRST_DAY, "years": YEARS},
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
HEADLINES = list_headlines()
DRAWN = list_first_headlines(("Missed risk", "Assessments"))
"""The two outcomes of the figure."""


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


@cache
def group_arms() -> dict[str, tuple[str, ...]]:
    """Group the arms that are one: first name -> all names; the base and what is not in play are one."""
    from cpsim.reach import find_equal_arms

    groups = {group[0]: group for group in find_equal_arms(build_arms())}
    repeated = {name for group in groups.values() for name in group[1:]}
    return {name: groups.get(name, (name,)) for name in build_arms() if name not in repeated}


@cache
def find_idle() -> dict[str, Any]:
    """Find the institutions that are not in play: name -> the event, with its reason and its remedy."""
    from cpsim.reach import find_idle_events

    return {name: find_idle_events(build_arms()[name])[0] for name in group_arms()[BASE_ARM][1:]}


def run_seeds(seeds: Sequence[int]) -> list[dict[str, Row]]:
    """Run one arm of each group on some seeds, and the baseline on the first, and return their outcomes by seed."""
    from cpsim import run
    from cpsim.parallel.shared_history import run_arms

    rows: dict[int, dict[str, Row]] = {seed: {} for seed in seeds}
    for name, result in run_arms({name: build_arms()[name] for name in group_arms()}, *seeds):
        rows[result.seed][name] = read_headlines(result.summary)
    if FIRST_SEED in rows:
        settings = {"extends": BASELINE_ARM, "clock": {"start": FIRST_DAY, "years": YEARS}}
        rows[FIRST_SEED][BASELINE_ARM] = read_headlines(run(settings, FIRST_SEED).summary)
    return list(rows.values())


def read_headlines(summary: Mapping[str, Any]) -> Row:
    """Read the headline outcomes of a run; NaN where one is undefined."""
    return {name: math.nan if summary[name] is None else float(summary[name]) for name in HEADLINES}


@dataclass(frozen=True)
class Difference:
    """A mean paired difference over seeds.

    Attributes:
        outcome: the outcome.
        mean: the mean.
        half_width: half the width of its interval, at the level of one test of all on the page (Bonferroni).
        is_shown: whether the interval excludes 0.
        smallest: the smallest difference that would have been shown with a power of 80%.
    """

    outcome: str
    mean: float
    half_width: float
    is_shown: bool
    smallest: float

    def __str__(self) -> str:
        mean = format_difference(self.outcome, self.mean, self.half_width, unit=False)
        text = f"{mean} ± {format_magnitude(self.outcome, self.half_width, self.half_width, unit=False)}"
        return f"**{text}**" if self.is_shown else text


def compute_effects(rows: Sequence[Mapping[str, Row]]) -> dict[str, dict[str, Difference]]:
    """Compute the paired difference between each arm and the base in every headline, as one family of tests."""
    pairs, table = _stack_differences(rows)
    tests = count_tests(table)
    found = summarise_replicates(table, tests)
    shown = label_intervals(found["low"], found["high"]).isin([HIGHER, LOWER])
    effects: dict[str, dict[str, Difference]] = {arm: {} for arm, _ in pairs}
    for (arm, outcome), values, mean, half, is_shown in zip(
        pairs, table, found["value"], (found["high"] - found["low"]) / 2, shown, strict=True
    ):
        seeds = int((~np.isnan(values)).sum())
        smallest = estimate_smallest_shown(half, seeds - 1, tests)
        effects[arm][outcome] = Difference(outcome, mean, half, bool(is_shown), smallest)
    return effects


def _stack_differences(
    rows: Sequence[Mapping[str, Row]],
) -> tuple[list[tuple[str, str]], Floats]:
    """Stack the differences of each arm from the base in every headline, shape (tests, seeds), and name each row."""
    arms = [arm for arm in group_arms() if arm != BASE_ARM]
    pairs = [(arm, outcome) for arm in arms for outcome in HEADLINES]
    return pairs, np.array(
        [[row[arm][outcome] - row[BASE_ARM][outcome] for row in rows] for arm, outcome in pairs]
    )


def is_same(differences: Mapping[str, Difference]) -> bool:
    """Return whether an arm is the same as the base in every headline, with every seed."""
    known = [each for each in differences.values() if not math.isnan(each.mean)]
    return all(each.mean == each.half_width == 0 for each in known)


TEXT = """<!-- made by experiments/lever_effects.py; do not edit -->
# The effect of each institution

Each of the {institutions} institutions that have levers was switched on alone, with its default settings, on the first
day of {years} evaluated years, and compared with the same children in the base scenario: {seeds}, six authorities with
{children:,} children on average. The numbers are mean differences with intervals over seeds (Student's t on paired
differences), in bold if the interval excludes 0. All intervals of this page hold together with a probability of 95%
(Bonferroni, {tests} distinct tests).

- **{moving}** move at least one headline outcome.
- **{unmoved}** show no difference. The table below says how large a difference would have been shown.
- **{same}** are in play but turn their dials by so little that every headline is the same with every seed.
- **{idle}** are [not in play](#not-in-play): they change nothing where they stand. They are not counted as "no
  difference".

{named}

The teams of the base scenario have a load of {load}, those of the baseline {baseline} (hours demanded relative to hours
available).

{sizes}

What would have been shown is the smallest difference that is shown with a probability of {power:.0%}: the standard
error over seeds, times Student's t at the level of a single test among all tests (Bonferroni) plus its t at
{power:.0%}.

![{drawn} under each institution](../images/lever_effects.png)

**How to read it.** Most of the numbers behind these effects are guesses ([parameters](parameters.md)): the tables show
what follows from the settings, not what happened in England. [The page of levers](../levers.md) says which dials each
institution turns, by how much, and which settings have no effect at their defaults. Fewer misses with more families
assessed are not an improvement by themselves, since a lower threshold finds more of both. Effects of an institution
that the model does not contain (see *cannot show* on the page of levers) do not count.

{tables}

{small}## Not in play

In the base scenario by themselves, these institutions change no dial in any week, so their results are those of the
base, bit for bit.

{not_in_play}
"""


def format_page(rows: Sequence[Mapping[str, Row]]) -> str:
    """Format the page."""
    effects = compute_effects(rows)
    same = [arm for arm, differences in effects.items() if is_same(differences)]
    moving = [arm for arm, found in effects.items() if any(each.is_shown for each in found.values())]
    unmoved = [arm for arm in effects if arm not in (*same, *moving)]
    base = {outcome: np.nanmean([row[BASE_ARM][outcome] for row in rows]) for outcome in HEADLINES}
    baseline = next((row[BASELINE_ARM][LOAD] for row in rows if BASELINE_ARM in row), math.nan)
    groups = [group for name, group in group_arms().items() if len(group) > 1 and name != BASE_ARM]
    return TEXT.format(
        institutions=len(build_arms()) - 1,
        years=YEARS,
        seeds=format_count(len(rows), "seed"),
        children=BASE["population"]["children"],
        tests=count_tests(_stack_differences(rows)[1]),
        moving=count_institutions(moving),
        unmoved=count_institutions(unmoved),
        same=count_institutions(same),
        idle=format_count(len(find_idle()), "institution"),
        named=_describe_groups(len(groups)),
        load=format_outcome(LOAD, base[LOAD]),
        baseline=format_outcome(LOAD, baseline),
        sizes=_format_sizes(effects, unmoved, base),
        power=POWER,
        drawn=format_list(OUTCOMES[outcome].label for outcome in DRAWN),
        tables="\n\n".join(_format_themes({arm: effects[arm] for arm in effects if arm not in same})),
        small=_format_small(same),
        not_in_play=format_table(
            ["institution", "why", "what would bring it into play"],
            ([name_group([name]), idle.reason, idle.remedy] for name, idle in find_idle().items()),
        ),
    )


def count_institutions(arms: Sequence[str]) -> str:
    """Count the institutions of some arms, which can have several names each."""
    return format_count(sum(len(group_arms()[arm]) for arm in arms), "institution")


def name_group(names: Sequence[str]) -> str:
    """Name the institutions of an arm, with their identifiers."""
    return "; ".join(f"{load_institutions()[name].name} (`{name}`)" for name in names)


def _describe_groups(number: int) -> str:
    return (
        f"{format_count(number, 'line')} of the tables {pluralise(number, 'has', 'have')} several names: institutions "
        "with the same levers and settings, or with others that make no difference here."
    )


def _format_sizes(
    effects: Mapping[str, Mapping[str, Difference]], unmoved: Sequence[str], base: Mapping[str, float]
) -> str:
    """Format the table of what would have been shown, by outcome, over the arms that show no difference."""
    lines = []
    for outcome in HEADLINES:
        sizes = [effects[arm][outcome].smallest for arm in unmoved]
        known = [size for size in sizes if size > 0]
        texts = (
            (format_magnitude(outcome, size) for size in (median(known), max(known))) if known else ("–", "–")
        )
        lines.append([OUTCOMES[outcome].label, format_outcome(outcome, base[outcome]), *texts])
    head = ["outcome", "base scenario", "would have been shown: half of the institutions", "all of them"]
    return format_table(head, lines)


def _format_themes(effects: Mapping[str, Mapping[str, Difference]]) -> Iterator[str]:
    """Format the tables of each theme: an arm under the theme of its first institution."""
    themes: dict[str, list[str]] = {}
    for arm in effects:
        themes.setdefault(load_institutions()[arm].theme, []).append(arm)
    parts = math.ceil(len(HEADLINES) / MOST_COLUMNS)
    columns = [list(part) for part in np.array_split(HEADLINES, parts)]
    for theme, arms in themes.items():
        yield f"## {theme.replace('_', ' ').capitalize()}"
        for part in columns:
            yield format_table(
                ["institution", *(describe_column(outcome) for outcome in part)],
                (
                    [name_group(group_arms()[arm]), *(str(effects[arm][outcome]) for outcome in part)]
                    for arm in arms
                ),
            )


def describe_column(outcome: str) -> str:
    """Describe an outcome with the unit of its differences, for the head of a table."""
    about = OUTCOMES[outcome]
    return f"{about.label.lower()}, {'percentage points' if about.is_share else about.unit}"


def _format_small(same: Sequence[str]) -> str:
    """Format the section on institutions that are in play and change no headline, with what they turn."""
    from cpsim.reach.effects import measure_effects

    if not same:
        return ""
    lines = [
        [
            name_group(group_arms()[arm]),
            ", ".join(
                f"`{dial.dial.name}` {dial.size}"
                for effect in measure_effects(build_arms()[arm])
                for dial in effect.dials
            ),
        ]
        for arm in same
    ]
    return f"## Too small to change a headline\n\n{format_table(['institution', 'turns'], lines)}\n\n"


def draw_figure(rows: Sequence[Mapping[str, Row]], path: Path) -> None:
    """Draw two headlines side by side, one line for each arm; grey if no difference is shown."""
    from cpsim.plot import style

    effects = compute_effects(rows)
    with style.use_style():
        from matplotlib.figure import Figure
        from matplotlib.transforms import blended_transform_factory

        themes = [load_institutions()[arm].theme for arm in effects]
        height = 2.9 + 0.24 * (len(effects) + len(set(themes)))
        figure = Figure(figsize=(style.SIZE[0], height), facecolor="white")

        def inches(below_top: float) -> float:
            return 1 - below_top / height

        title = "What each institution changes for the same children"
        figure.text(style.LEFT, inches(0.4), title, fontsize=22, weight="bold", va="center")
        subtitle = f"Mean difference from the base scenario, with intervals over {len(rows)} seeds"
        figure.text(style.LEFT, inches(0.85), subtitle, fontsize=13, color=style.QUIET, va="center")
        panels = figure.subplots(
            1,
            2,
            sharey=True,
            gridspec_kw={
                "left": 0.33, "right": 0.98, "top": inches(1.85), "bottom": 0.95 / height, "wspace": 0.06,
            },
        )  # fmt: skip
        # The name of each theme takes a line.
        places = -(
            np.arange(len(effects)) + np.cumsum([one != other for one, other in pairwise(["", *themes])])
        )
        for axes, outcome in zip(panels, DRAWN, strict=True):
            scale = 100 if OUTCOMES[outcome].is_share else 1
            for place, found in zip(places, effects.values(), strict=True):
                difference = found[outcome]
                is_worse = difference.mean * (sign_of_worse(outcome) or 1) > 0
                axes.errorbar(
                    difference.mean * scale,
                    place,
                    xerr=difference.half_width * scale,
                    fmt="o",
                    markersize=5,
                    color=(style.VERMILION if is_worse else style.BLUE)
                    if difference.is_shown
                    else style.QUIET,
                    elinewidth=1.6,
                )
            axes.axvline(0, color=style.INK, linewidth=0.8)
            axes.set_title(describe_column(outcome).capitalize().replace(", ", ",\n"), fontsize=12)
            axes.grid(axis="x", color=style.FAINT, linewidth=0.8)
            axes.set_axisbelow(True)
        panels[0].set_yticks(places, [_label_arm(arm) for arm in effects], fontsize=9)
        panels[0].set_ylim(places[-1] - 0.8, 0.2)
        for theme, place in dict(zip(themes[::-1], places[::-1], strict=True)).items():
            figure.text(
                0.325, place + 1, theme,
                transform=blended_transform_factory(figure.transFigure, panels[0].transData),
                fontsize=10, weight="bold", ha="right", va="center",
            )  # fmt: skip
        figure.text(
            style.LEFT,
            0.3 / height,
            f"cpsim · {style.CAUTION}; blue: better, red: worse, grey: no difference shown",
            fontsize=10,
            color=style.QUIET,
            va="center",
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        save_image(figure, path)


def _label_arm(arm: str) -> str:
    """Label an arm by its first institution, and the number of others."""
    others = len(group_arms()[arm]) - 1
    return f"{arm.replace('_', ' ')}{f' and {others} more' if others else ''}"


def write_outcomes(rows: Sequence[Mapping[str, Row]], path: Path) -> None:
    """Write every outcome of every arm and seed as CSV, with six significant digits: more than the page shows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["seed", "arm", *HEADLINES])
        for seed, row in enumerate(rows, FIRST_SEED):
            for arm in sorted(row):
                values = (row[arm][name] for name in HEADLINES)
                writer.writerow(
                    [seed, arm, *("" if math.isnan(value) else f"{value:.6g}" for value in values)]
                )


def read_outcomes(path: Path) -> list[dict[str, Row]]:
    """Read the file that `write_outcomes` wrote.

    Raises:
        ValueError: it has other outcomes or other arms than would be run now.
    """
    saved = pd.read_csv(path)
    if missing := [name for name in HEADLINES if name not in saved.columns]:
        raise ValueError(
            f"{path.name} has no column {', '.join(missing)}; run the experiment without --redraw"
        )
    if missing := [arm for arm in group_arms() if arm not in set(saved["arm"])]:
        raise ValueError(f"{path.name} has no arm {', '.join(missing)}; run the experiment without --redraw")
    rows: defaultdict[int, dict[str, Row]] = defaultdict(dict)
    for line in saved.to_dict("records"):
        rows[line["seed"]][line["arm"]] = {name: float(line[name]) for name in HEADLINES}
    return list(rows.values())


def main() -> None:
    """Run all arms on every seed, and write the page and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help=f"number of seeds, starting with {FIRST_SEED}")
    parser.add_argument("--redraw", action="store_true", help="run nothing; use the saved outcomes")
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("--seeds: an interval needs at least 2 seeds")
    if not arguments.redraw:
        seeds = range(FIRST_SEED, FIRST_SEED + arguments.seeds)
        parts = [seeds[start : start + SEEDS_AT_ONCE] for start in range(0, len(seeds), SEEDS_AT_ONCE)]
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            write_outcomes([row for rows in pool.map(run_seeds, parts) for row in rows], OUTCOMES_FILE)
    try:
        rows = read_outcomes(OUTCOMES_FILE)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    draw_figure(rows, FIGURE)
    PAGE.write_text(format_page(rows), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)} and {FIGURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
