"""Compare the baseline with the national statistics of 2005-08 on fresh seeds, and write the table of the docs.

python experiments/score_funnel.py [--seeds 10] [--set path=value ...] [--write docs/model/funnel.md]
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from cpsim.constants import WEEKS_PER_YEAR


@dataclass(frozen=True)
class Target:
    """A national statistic, the outcome that corresponds to it, its range, and the tolerance beyond the range."""

    number: str
    description: str
    name: str
    low: float
    high: float
    tolerance: float
    percent: bool = False

    def is_met(self, value: float) -> bool:
        """Return whether a value is within the range widened by the tolerance."""
        return self.low - self.tolerance <= value <= self.high + self.tolerance

    def format_value(self, value: float) -> str:
        """Format a value for the table."""
        return f"{100 * value:.1f}%" if self.percent else f"{value:.1f}"


TARGETS = (
    Target("1", "Referrals per 10,000 children a year", "referrals_per_10k_year", 490, 515, 25),
    Target("2", "Contacts per referral", "contacts_per_referral", 2.6, 2.6, 0.65),
    Target("3", "Re-referrals within 12 months", "rereferral_share_12m", 0.235, 0.235, 0.02, True),
    Target(
        "4", "Initial assessments per referral", "referrals_assessed_share", 0.53, 0.59, 0.04, True
    ),
    Target("5", "Core per initial assessment", "core_per_initial", 0.26, 0.33, 0.04, True),
    Target("6", "Section 47 enquiries per referral", "s47_per_referral", 0.15, 0.15, 0.02, True),
    Target("7", "Conferences per section 47 enquiry", "conferences_per_s47", 0.47, 0.49, 0.04, True),
    Target("8", "Plans per conference", "plans_per_conference", 0.87, 0.92, 0.05, True),
    Target("9", "Children on a plan per 10,000", "plan_stock_per_10k", 23, 26, 1.96),
    Target("10", "Mean months on a plan", "plan_months_mean", 9, 11, 1.5),
    Target("11", "Repeat plans", "repeat_plan_share", 0.13, 0.14, 0.015, True),
    Target("12", "Initial assessments on time", "initial_on_time_share", 0.62, 0.72, 0.04, True),
    Target("13", "Core assessments on time", "core_on_time_share", 0.67, 0.80, 0.04, True),
    Target("14a", "Referrals from police", "source_share.police", 0.25, 0.25, 0.03, True),
    Target("14b", "Referrals from schools", "source_share.school", 0.14, 0.14, 0.03, True),
    Target("14c", "Referrals from health", "source_share.health", 0.145, 0.145, 0.03, True),
    Target("17", "Children referred by age 5", "referred_by_age_5_share", 0.225, 0.225, 0.02, True),
)

NOT_FITTED = (
    Target("E", "Plans over two years, of plans ended", "plans_over_two_years_share", 0.05, 0.05, 0.01, True),
    Target("E129", "Children in need per 10,000 (services, plans, care)", "in_need_total", 275, 345, 0),
    Target(
        "V8",
        "Children harmed in a year for each child on a plan in that year",
        "harmed_per_planned_child",
        7,
        20,
        0,
    ),
)


def run_seed(seed: int, overrides: tuple[str, ...]) -> dict[str, float]:
    """Run the baseline on one seed, and return its outcomes by name."""
    from cpsim.scenario.read import load
    from cpsim.simulation import run

    return read_outcomes(run(load("baseline", overrides), seed))


def read_outcomes(result: Any) -> dict[str, float]:
    """Read the outcomes of a run by name: the summary, with parts as `name.part`, and others that targets need."""
    flat: dict[str, float] = {}
    for name, value in result.summary.items():
        parts = value if isinstance(value, dict) else {"": value}
        for part, number in parts.items():
            flat[f"{name}.{part}".rstrip(".")] = float("nan") if number is None else number
    flat["source_share.health"] = sum(flat[f"source_share.{kind}"] for kind in ("gp", "pct", "hospital"))
    flat["in_need_total"] = sum(
        flat[name] for name in ("in_need_stock_per_10k", "plan_stock_per_10k", "in_care_per_10k")
    )
    flat["harmed_per_planned_child"] = _harmed_per_planned_child(result)
    return flat


def _harmed_per_planned_child(result: Any) -> float:
    """Children in significant harm at any time in the last evaluated year, per child on a plan in that year."""
    weekly = result.weekly
    last = weekly[weekly["phase"] == "evaluated"].iloc[-WEEKS_PER_YEAR:]
    on_plan = float(last["on_plan"].iloc[0] + last["plans_started"].sum())
    spells = result.spells
    begun = spells[spells["onset"] >= int(last["week"].iloc[0])]["child"].nunique()
    return (float(last["in_harm"].iloc[0]) + begun) / on_plan


def main() -> None:
    """Run the seeds, print the table, and write it to a file if requested."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="number of fresh seeds, starting with 81")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="PATH=VALUE")
    parser.add_argument("--write", type=Path, help="Markdown file for the table")
    parser.add_argument("--also", action="append", default=[], help="names of further outcomes to print")
    arguments = parser.parse_args()
    seeds = range(81, 81 + arguments.seeds)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        runs = list(pool.map(run_seed, seeds, [tuple(arguments.overrides)] * len(seeds)))
    text = (
        format_table(runs, TARGETS)
        + "\n\nNot fitted, and not met by the trial from which the values started:\n\n"
        + format_table(runs, NOT_FITTED)
    )
    met = sum(target.is_met(_mean_outcome(runs, target.name)) for target in TARGETS)
    text += f"\n\n{met} of {len(TARGETS)} statistics are within tolerance, as means over {len(seeds)} fresh seeds.\n"
    print(text)
    for name in arguments.also:
        print(f"{name}: {_mean_outcome(runs, name):.4f}")
    if arguments.write:
        arguments.write.write_text(f"{_HEAD}\n{text}", encoding="utf-8")


_HEAD = """<!-- made by experiments/score_funnel.py; do not edit -->
# The funnel and national statistics

The shipped baseline on fresh seeds, compared with statistics for England from 2005 to 2008.
[Calibration](calibration.md) explains where they come from, how the thresholds were solved for, and how little it
proves to meet them.
"""


def _mean_outcome(runs: list[dict[str, float]], name: str) -> float:
    return float(np.mean([outcomes[name] for outcomes in runs]))


def format_table(runs: list[dict[str, float]], targets: tuple[Target, ...]) -> str:
    """Format a Markdown table of targets, tolerances, means and spreads between seeds."""
    lines = [
        "| target | statistic | range | tolerance | mean | SD over seeds | within |",
        "|---|---|---|---|---|---|---|",
    ]
    for target in targets:
        values = np.array([outcomes[target.name] for outcomes in runs])
        low, high = target.format_value(target.low), target.format_value(target.high)
        cells = (
            target.number,
            target.description,
            low if low == high else f"{low} to {high}",
            f"±{target.format_value(target.tolerance)}",
            target.format_value(values.mean()),
            target.format_value(values.std(ddof=1)) if len(values) > 1 else "–",
            "yes" if target.is_met(values.mean()) else "**no**",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
