"""Show that official figures do not pin the missed-risk rate: a panel over spell length, harm cut-off and prevalence.

    python experiments/missed_risk_panel.py [--seeds 2]

writes `docs/model/missed_risk.md` and `docs/images/missed_risk_panel.png`. Thresholds are as shipped in every row.
Where spells become longer or harm rarer, onsets are scaled so that a stock stays, or becomes what the table says.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from score_funnel import TARGETS, figures_of

from cpsim.scenario.read import load
from cpsim.scenario.schema import Scenario
from cpsim.study.prevalence import ADVERSITY, HARM, scaled_onset, stocks

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "model" / "missed_risk.md"
PICTURE = ROOT / "docs" / "images" / "missed_risk_panel.png"

SPELL_WEEKS = (15.0, 21.0, 30.0, 40.0, 60.0)
CUTOFFS = (0.85, 1.0, 1.15, 1.3)
PREVALENCES = (0.01, 0.02, 0.04)
FIRST_SEED = 81

Row = dict[str, float]


@dataclass(frozen=True)
class Cell:
    """One world to run: its settings by path."""

    settings: tuple[tuple[str, float], ...]

    @property
    def overrides(self) -> list[str]:
        return [f"{path}={value!r}" for path, value in self.settings]


def baseline(cell: Cell) -> Scenario:
    """The baseline in the world of a cell."""
    return load("baseline", cell.overrides)


def cell_of_length(spell_weeks: float) -> Cell:
    """Spells of another length, with onsets scaled so that as many children are in adversity at a time."""
    length = ("harm.spell_median_weeks", spell_weeks)
    aim = stocks(baseline(Cell(())))[ADVERSITY]
    onset = scaled_onset(baseline(Cell((length,))), ADVERSITY, aim)
    return Cell((length, ("harm.onset_per_year", onset)))


def cell_of_prevalence(prevalence: float) -> Cell:
    """Spells as shipped, with onsets scaled so that this share of children is in significant harm at a time."""
    onset = scaled_onset(baseline(Cell(())), HARM, prevalence)
    return Cell((("harm.onset_per_year", onset),))


def scored(cell: Cell, seed: int) -> Row:
    """The figures of one run of a cell."""
    from cpsim.model import run

    result = run(baseline(cell), seed)
    judged = result.weekly[result.weekly["phase"] == "evaluated"]
    return figures_of(result) | {"prevalence": float(judged["in_harm"].sum() / judged["children"].sum())}


def mean(rows: list[Row]) -> Row:
    """Means over seeds, and how many of the funnel's targets these means meet."""
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    return means | {"met": float(sum(target.met(means[target.name]) for target in TARGETS))}


COLUMNS = {
    "missed of all spells": ("missed_risk_rate", "{:.0%}"),
    "missed of those not over by themselves": ("missed_of_unresolved_share", "{:.0%}"),
    "children in harm at a time": ("prevalence", "{:.1%}"),
    "harmed for each child on a plan, in a year": ("iceberg", "{:.1f}"),
    "hours asked for each available": ("utilisation_mean", "{:.2f}"),
    "families alarmed": ("false_alarm_families_per_10k_year", "{:.0f}"),
    "referrals": ("referrals_per_10k_year", "{:.0f}"),
    "referrals that name a child in harm": ("referral_ppv", "{:.0%}"),
    f"of {len(TARGETS)} national figures met": ("met", "{:.0f}"),
}


def table(head: list[str], rows: list[tuple[list[str], Row]]) -> str:
    """A Markdown table: the head's columns, then those of `COLUMNS`."""
    lines = ["| " + " | ".join([*head, *COLUMNS]) + " |", "|" + "---|" * (len(head) + len(COLUMNS))]
    for first, row in rows:
        cells = [form.format(row[name]).replace("%", " %") for name, form in COLUMNS.values()]
        lines.append("| " + " | ".join([*first, *cells]) + " |")
    return "\n".join(lines)


def draw(panel: dict[tuple[float, float], Row], to_meet: float, path: Path) -> None:
    """Two panels over spell length, a line a harm cut-off: misses left, false alarms right.

    Points are filled where at least `to_meet` of the funnel's targets are met.
    """
    from cpsim.plot import save, style

    colours = (style.SKY, style.BLUE, style.GREEN, style.VERMILION)
    with style.styled():
        from matplotlib.figure import Figure
        from matplotlib.ticker import PercentFormatter

        figure = Figure(figsize=style.SIZE, facecolor="white")
        title = "Official figures do not say how many are missed"
        figure.text(style.LEFT, 0.952, title, fontsize=22, weight="bold", va="center")
        subtitle = (
            "Thresholds are the same everywhere, and so is the number of children in adversity at a time.\n"
            "A line is a severity from which a spell counts as harm. Filled points meet as many national figures\n"
            "as the baseline, or at most one fewer."
        )
        figure.text(style.LEFT, 0.915, subtitle, fontsize=13, color=style.QUIET, va="top", linespacing=1.4)
        left, right = figure.subplots(
            1, 2, gridspec_kw={"left": 0.07, "right": 0.88, "top": 0.73, "bottom": 0.15, "wspace": 0.25}
        )
        for cutoff, colour in zip(CUTOFFS, colours, strict=True):
            rows = [panel[weeks, cutoff] for weeks in SPELL_WEEKS]
            for axes, name in ((left, "missed_risk_rate"), (right, "false_alarm_families_per_10k_year")):
                values = [row[name] for row in rows]
                axes.plot(SPELL_WEEKS, values, color=colour, linewidth=2.2)
                for weeks, value, row in zip(SPELL_WEEKS, values, rows, strict=True):
                    face = colour if row["met"] >= to_meet else "white"
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
                f"severity {cutoff:.2f}", (SPELL_WEEKS[-1], rows[-1]["false_alarm_families_per_10k_year"]),
                xytext=(12, 0), textcoords="offset points", va="center", color=colour, annotation_clip=False,
            )  # fmt: skip
        left.set_title("Spells of harm missed after 13 weeks")
        left.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        left.set_ylim(0, 1)
        right.set_title("Families alarmed, a year per 10,000 children")
        right.set_ylim(0, 1.08 * max(row["false_alarm_families_per_10k_year"] for row in panel.values()))
        for axes in (left, right):
            axes.set_xlabel("median weeks that a spell lasts if nobody intervenes")
            axes.set_xticks(SPELL_WEEKS, [f"{weeks:g}" for weeks in SPELL_WEEKS])
            axes.grid(axis="y", color=style.FAINT, linewidth=0.8)
            axes.set_axisbelow(True)
        figure.text(
            style.LEFT, 0.022, f"cpsim · {style.CAUTION}", fontsize=10, color=style.QUIET, va="center"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        save(figure, path)


def main() -> None:
    """Run every cell on every seed, and write the page and the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, help=f"number of fresh seeds, from {FIRST_SEED} on")
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
        runs = list(pool.map(scored, *zip(*jobs, strict=True)))
    means = [mean(runs[at : at + len(seeds)]) for at in range(0, len(runs), len(seeds))]
    panel = dict(zip(panel_cells, means[: len(panel_cells)], strict=True))
    of_prevalence = dict(zip(prevalences, means[len(panel_cells) : -1], strict=True))
    draw(panel, means[-1]["met"] - 1, PICTURE)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(panel, lengths, of_prevalence, prevalences, means[-1], len(seeds)), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}")


def page(
    panel: dict[tuple[float, float], Row],
    lengths: dict[float, Cell],
    of_prevalence: dict[float, Row],
    prevalences: dict[float, Cell],
    shipped: Row,
    seeds: int,
) -> str:
    """The text of the page."""
    by_panel = [
        ([f"{weeks:g}", f"{dict(lengths[weeks].settings)['harm.onset_per_year']:.4f}", f"{cutoff:g}"], row)
        for (weeks, cutoff), row in panel.items()
    ]
    by_prevalence = [
        (
            [
                f"{prevalence:.0%}".replace("%", " %"),
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
        shipped=table(["scenario"], [(["baseline as shipped"], shipped)]),
        panel=table(["median spell, weeks", "onsets a year per child", "harm from severity"], by_panel),
        prevalence=table(["in harm if nobody intervened", "onsets a year per child"], by_prevalence),
    )


PAGE_TEXT = """<!-- made by experiments/missed_risk_panel.py; do not edit -->
# How many are missed? The official figures do not say

**Official figures do not pin the missed-risk rate.** They count what the system did: referrals, assessments,
plans. They do not count harm that nobody reported, how long it lasted, or from which severity it should
count. Worlds that differ in just that produce much the same official figures and quite different misses. A
single missed-risk rate from this model is therefore not an estimate for England, and a conclusion that holds
only for one of the worlds below is not a conclusion.

![Missed-risk rate and false alarms over spell length and harm cut-off](../images/missed_risk_panel.png)

Every row is a mean over {seeds} fresh seeds with the thresholds of the shipped baseline, and misses never
stand alone. Families alarmed (assessed although none of their children was in harm) and referrals are per
10,000 children a year.

{shipped}

## Over spell length and harm cut-off

Median spell length is varied with `harm.spell_median_weeks`. So that a longer spell does not simply mean more
adversity, `harm.onset_per_year` is scaled with it until as many children are in a spell of adversity in a
mean judged week as in the baseline, if nobody intervened (solved on the drawn world of one seed).
`harm.harm_cutoff` is accounting only: it says from which severity a spell counts as significant harm. It
changes who counts as missed and as alarmed for nothing, and no official figure at all.

{panel}

{fitting} of these {cells} worlds meet as many of the {targets} national figures as the baseline ({met}) or at
most one fewer, without any threshold being set anew. Among them, between {low} and {high} % of spells of harm
are missed. If the thresholds were set anew for each, more worlds would pass: the range is a lower bound on
what is not known.

## At 1, 2 and 4 % of children in harm

Here spells are as shipped, and onsets are scaled until about 1, 2 and 4 % of children are in significant harm
in a mean judged week if nobody intervened. (The column *children in harm at a time* shows what was left with
the system at work.)

{prevalence}

With thresholds and posts as shipped, a world with more harm sends more referrals, so these worlds do not meet
the national figures; they show what prevalence does to the headline by itself. Read the column of
hours: a row in which several times more hours are asked for than there are is a system that has broken down
under its queues, and no picture of England.

## Making this page

```sh
python experiments/missed_risk_panel.py
```

runs every cell again and writes this page and its picture. See [how the model was
calibrated](calibration.md)."""


if __name__ == "__main__":
    main()
