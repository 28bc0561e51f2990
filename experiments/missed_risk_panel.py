"""Show that official statistics do not determine the missed-risk rate, with other spells, cut-offs and prevalences.

    python experiments/missed_risk_panel.py [--seeds 2]

writes `docs/model/missed_risk.md` and `docs/images/missed_risk_panel.png`. Thresholds have their default values in
every row. Onsets are scaled so that the prevalence of adversity is unchanged, or that of harm has the value in the
table.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from score_funnel import TARGETS, read_outcomes

from cpsim.comparison.prevalence import ADVERSITY, HARM, compute_prevalence, solve_onset_rate
from cpsim.scenario.read import load
from cpsim.scenario.schema import Scenario

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "model" / "missed_risk.md"
FIGURE = ROOT / "docs" / "images" / "missed_risk_panel.png"

SPELL_WEEKS = (15.0, 21.0, 30.0, 40.0, 60.0)
CUTOFFS = (0.85, 1.0, 1.15, 1.3)
PREVALENCES = (0.01, 0.02, 0.04)
FIRST_SEED = 81

Row = dict[str, float]


@dataclass(frozen=True)
class Cell:
    """A row of the page: settings of the baseline that it changes, by path."""

    settings: tuple[tuple[str, float], ...]

    @property
    def overrides(self) -> list[str]:
        return [f"{path}={value!r}" for path, value in self.settings]


def load_cell(cell: Cell) -> Scenario:
    """Load the baseline with the settings of a cell."""
    return load("baseline", cell.overrides)


def cell_of_length(spell_weeks: float) -> Cell:
    """Return the cell with another length of spells, and onsets scaled to the same prevalence of adversity."""
    length = ("harm.spell_median_weeks", spell_weeks)
    target = compute_prevalence(load_cell(Cell(())))[ADVERSITY]
    onset = solve_onset_rate(load_cell(Cell((length,))), ADVERSITY, target)
    return Cell((length, ("harm.onset_per_year", onset)))


def cell_of_prevalence(prevalence: float) -> Cell:
    """Return the cell with onsets scaled so that this share of children is in significant harm at a time."""
    onset = solve_onset_rate(load_cell(Cell(())), HARM, prevalence)
    return Cell((("harm.onset_per_year", onset),))


def run_cell(cell: Cell, seed: int) -> Row:
    """Run a cell on one seed and return its outcomes."""
    from cpsim.simulation import run

    result = run(load_cell(cell), seed)
    evaluated = result.weekly[result.weekly["phase"] == "evaluated"]
    return read_outcomes(result) | {
        "prevalence": float(evaluated["in_harm"].sum() / evaluated["children"].sum())
    }


def average_outcomes(rows: list[Row]) -> Row:
    """Average outcomes over seeds, and count the targets of the funnel that the means meet."""
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    return means | {"met": float(sum(target.is_met(means[target.name]) for target in TARGETS))}


COLUMNS = {
    "missed, of all spells": ("missed_risk_rate", "{:.0%}"),
    "missed, of spells not self-resolved": ("missed_of_unresolved_share", "{:.0%}"),
    "children in harm at a time": ("prevalence", "{:.1%}"),
    "children harmed in a year per child on a plan": ("harmed_per_planned_child", "{:.1f}"),
    "hours due per hour available": ("utilisation_mean", "{:.2f}"),
    "families assessed with neither": ("assessed_neither_per_10k_year", "{:.0f}"),
    "referrals": ("referrals_per_10k_year", "{:.0f}"),
    "referrals of a child in harm": ("referral_ppv", "{:.0%}"),
    f"national statistics met, of {len(TARGETS)}": ("met", "{:.0f}"),
}


def format_table(head: list[str], rows: list[tuple[list[str], Row]]) -> str:
    """Format a Markdown table with the columns of `head` and then those of `COLUMNS`."""
    lines = ["| " + " | ".join([*head, *COLUMNS]) + " |", "|" + "---|" * (len(head) + len(COLUMNS))]
    for first, row in rows:
        cells = [number_format.format(row[name]) for name, number_format in COLUMNS.values()]
        lines.append("| " + " | ".join([*first, *cells]) + " |")
    return "\n".join(lines)


def draw_figure(panel: dict[tuple[float, float], Row], required: float, path: Path) -> None:
    """Draw misses and assessments by spell length, one line for each harm cut-off.

    Points are filled if at least `required` of the funnel's targets are met.
    """
    from cpsim.plot import save, style

    colours = (style.SKY, style.BLUE, style.GREEN, style.VERMILION)
    with style.use_style():
        from matplotlib.figure import Figure
        from matplotlib.ticker import PercentFormatter

        figure = Figure(figsize=style.SIZE, facecolor="white")
        title = "Official statistics do not say how many children are missed"
        figure.text(style.LEFT, 0.952, title, fontsize=22, weight="bold", va="center")
        subtitle = (
            "Thresholds and the prevalence of adversity are the same at all points. Each line is a severity from\n"
            "which a spell counts as harm. Filled points meet as many national statistics as the baseline, or at\n"
            "most one fewer."
        )
        figure.text(style.LEFT, 0.915, subtitle, fontsize=13, color=style.QUIET, va="top", linespacing=1.4)
        left, right = figure.subplots(
            1, 2, gridspec_kw={"left": 0.07, "right": 0.88, "top": 0.73, "bottom": 0.15, "wspace": 0.25}
        )
        for cutoff, colour in zip(CUTOFFS, colours, strict=True):
            rows = [panel[weeks, cutoff] for weeks in SPELL_WEEKS]
            for axes, name in ((left, "missed_risk_rate"), (right, "assessed_neither_per_10k_year")):
                values = [row[name] for row in rows]
                axes.plot(SPELL_WEEKS, values, color=colour, linewidth=2.2)
                for weeks, value, row in zip(SPELL_WEEKS, values, rows, strict=True):
                    face = colour if row["met"] >= required else "white"
                    axes.plot(
                        weeks,
                        value,
                        "o",
                        markersize=9,
                        markerfacecolor=face,
                        markeredgecolor=colour,
                        markeredgewidth=2,
                    )
            right.annotate(
                f"severity {cutoff:.2f}", (SPELL_WEEKS[-1], rows[-1]["assessed_neither_per_10k_year"]),
                xytext=(12, 0), textcoords="offset points", va="center", color=colour, annotation_clip=False,
            )  # fmt: skip
        left.set_title("Spells of harm missed after 13 weeks")
        left.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        left.set_ylim(0, 1)
        right.set_title("Assessed with neither, families a year per 10,000 children")
        right.set_ylim(0, 1.08 * max(row["assessed_neither_per_10k_year"] for row in panel.values()))
        for axes in (left, right):
            axes.set_xlabel("median length of a spell without intervention, weeks")
            axes.set_xticks(SPELL_WEEKS, [f"{weeks:g}" for weeks in SPELL_WEEKS])
            axes.grid(axis="y", color=style.FAINT, linewidth=0.8)
            axes.set_axisbelow(True)
        figure.text(
            style.LEFT, 0.022, f"cpsim · {style.CAUTION}", fontsize=10, color=style.QUIET, va="center"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        save(figure, path)


def main() -> None:
    """Run every cell on every seed, and write the page and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--seeds", type=int, default=2, help=f"number of fresh seeds, starting with {FIRST_SEED}"
    )
    seeds = range(FIRST_SEED, FIRST_SEED + parser.parse_args().seeds)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        lengths = dict(zip(SPELL_WEEKS, pool.map(cell_of_length, SPELL_WEEKS), strict=True))
        prevalences = dict(zip(PREVALENCES, pool.map(cell_of_prevalence, PREVALENCES), strict=True))
        panel_cells = {
            (weeks, cutoff): Cell((*cell.settings, ("harm.harm_cutoff", cutoff)))
            for weeks, cell in lengths.items()
            for cutoff in CUTOFFS
        }
        cells = [*panel_cells.values(), *prevalences.values(), Cell(())]
        jobs = [(cell, seed) for cell in cells for seed in seeds]
        runs = list(pool.map(run_cell, *zip(*jobs, strict=True)))
    means = [average_outcomes(runs[at : at + len(seeds)]) for at in range(0, len(runs), len(seeds))]
    panel = dict(zip(panel_cells, means[: len(panel_cells)], strict=True))
    of_prevalence = dict(zip(prevalences, means[len(panel_cells) : -1], strict=True))
    draw_figure(panel, means[-1]["met"] - 1, FIGURE)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(
        format_page(panel, lengths, of_prevalence, prevalences, means[-1], len(seeds)), encoding="utf-8"
    )
    print(f"wrote {PAGE.relative_to(ROOT)} and {FIGURE.relative_to(ROOT)}")


def format_page(
    panel: dict[tuple[float, float], Row],
    lengths: dict[float, Cell],
    of_prevalence: dict[float, Row],
    prevalences: dict[float, Cell],
    shipped: Row,
    seeds: int,
) -> str:
    """Format the page."""
    by_panel = [
        ([f"{weeks:g}", f"{dict(lengths[weeks].settings)['harm.onset_per_year']:.4f}", f"{cutoff:g}"], row)
        for (weeks, cutoff), row in panel.items()
    ]
    by_prevalence = [
        (
            [
                f"{prevalence:.0%}",
                f"{dict(prevalences[prevalence].settings)['harm.onset_per_year']:.4f}",
            ],
            row,
        )
        for prevalence, row in of_prevalence.items()
    ]
    fitting = [row for row in panel.values() if row["met"] >= shipped["met"] - 1]
    low, high = (pick([row["missed_risk_rate"] for row in fitting]) for pick in (min, max))
    return PAGE_TEXT.format(
        seeds=seeds,
        low=f"{100 * low:.0f}",
        high=f"{100 * high:.0f}",
        fitting=len(fitting),
        cells=len(panel),
        met=f"{shipped['met']:.0f}",
        targets=len(TARGETS),
        shipped=format_table(["scenario"], [(["baseline"], shipped)]),
        panel=format_table(
            ["median length of a spell, weeks", "onsets per child a year", "harm cut-off, severity"], by_panel
        ),
        prevalence=format_table(
            ["children in harm without intervention", "onsets per child a year"], by_prevalence
        ),
    )


PAGE_TEXT = """<!-- made by experiments/missed_risk_panel.py; do not edit -->
# How many children are missed? Official statistics do not say

**Official statistics do not determine the missed-risk rate.** They count the activity of the system: referrals,
assessments and plans. They do not count harm that no one reported, how long harm lasted, or the severity from which it
should count. Parameter values that differ only in these respects give much the same official statistics and quite
different numbers of misses. A single missed-risk rate from this model is therefore not an estimate for England, and a
conclusion that holds only for one of the rows below is not a conclusion.

![Missed-risk rate and assessments by spell length and harm cut-off](../images/missed_risk_panel.png)

Every row is a mean over {seeds} fresh seeds with the thresholds of the shipped baseline, and shows misses together with
assessments. Families assessed with neither need nor harm, and referrals, are per 10,000 children a year.

{shipped}

## Spell length and harm cut-off

The setting `harm.spell_median_weeks` varies the median length of a spell. So that longer spells do not simply mean more
adversity, `harm.onset_per_year` is scaled until as many children are in a spell of adversity in an average evaluated
week as in the baseline, without intervention (solved on the drawn world of one seed). The setting `harm.harm_cutoff` is
for accounting only: it is the severity from which a spell counts as significant harm. It changes which children count
as missed and which families as assessed with neither, and does not change any official statistic.

{panel}

{fitting} of these {cells} rows meet as many of the {targets} national statistics as the baseline ({met}), or at most
one fewer, with unchanged thresholds. Among them, between {low}% and {high}% of spells of harm are missed. If the
thresholds were solved for again in each row, more rows would meet the statistics, so this range is a lower bound on the
uncertainty.

## Prevalence of harm of 1%, 2% and 4%

Here spells have their default length, and onsets are scaled until about 1%, 2% and 4% of children are in significant
harm in an average evaluated week without intervention. (The column *children in harm at a time* shows the share that
remains with the system at work.)

{prevalence}

With the default thresholds and posts, more harm leads to more referrals, so these rows do not meet the national
statistics; they show how prevalence alone changes the missed-risk rate. Note the column of hours: where several times
more hours are due than available, the system has broken down under its queues, and the row does not represent England.

## Making this page

```sh
python experiments/missed_risk_panel.py
```

runs all rows again and writes this page and its figure. See [how the model was calibrated](calibration.md).
"""


if __name__ == "__main__":
    main()
