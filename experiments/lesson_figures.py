"""Measure what the lessons of the classroom demo say, on the same children with and without what the class does.

    python experiments/lesson_figures.py [--seeds 60]
    python experiments/lesson_figures.py --again

writes what was measured on each seed (`docs/lessons/measured.csv`), the figures that the lessons quote
(`src/cpsim/visualiser/lessons/figures.csv`) and the pages for teachers (`docs/teaching.md`, `docs/lessons/`); or the
last two from what was measured before. What the class does is done through the controls of the demo itself, in the
week in which a prompt asks for it. It also says which seed lies closest to the middle of all.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import lesson_pages
import numpy as np
from scipy.stats import t as student

from cpsim.agents.roster import release
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.ledger import PRIMARY
from cpsim.model import ChildProtectionModel
from cpsim.results import RunResult
from cpsim.scenario.language import Language
from cpsim.scenario.merge import settings
from cpsim.scenario.schema import Scenario
from cpsim.visualiser.classroom import System
from cpsim.visualiser.figures import FIGURES, Measured
from cpsim.visualiser.lessons import (
    LESSONS,
    Act,
    Lesson,
    act_on,
    shipped,
    what_is_claimed_was_measured,
)

ROOT = Path(__file__).parents[1]
MEASURED = ROOT / "docs" / "lessons" / "measured.csv"
FIGURES_QUOTED = ROOT / "src" / "cpsim" / "visualiser" / "lessons" / "figures.csv"

SOON = 18
"""Weeks after which a rise of misses was expected by those who asked for the lesson on mergers."""

Row = dict[str, float]
Sides = tuple[Row, Row]


def lessons() -> dict[str, Lesson]:
    """The lessons, whatever they claim: that is what is measured here."""
    checks = [check for check in LESSONS.checks if check.rule is not what_is_claimed_was_measured]
    before = Language(Lesson, checks, LESSONS.foundation, LESSONS.unknown_branch)
    return {name: before.validated(settings(path, []), []) for name, path in shipped().items()}


def measured_on(seed: int) -> dict[str, Sides]:
    """Figures of the left and of the right side of each lesson, and of its variants, for one seed."""
    found = {}
    for name, lesson in lessons().items():
        left, right = lesson.systems()
        trunk = ChildProtectionModel(left, seed=seed, collect=False)
        while trunk.week < trunk.world.warm_up:
            trunk.step()
        played = {name: lesson.acts} | {f"{name}/{which}": acts for which, acts in lesson.variants.items()}
        others = {key: live(System(right, trunk.fork(right)), acts) for key, acts in played.items()}
        one = live(System(left, trunk), ())
        first = first_change(right, lesson.acts)
        found |= {
            key: (counted(one, one, first), counted(other, one, first)) for key, other in others.items()
        }
    return found


def live(system: System, acts: Sequence[Act]) -> RunResult:
    """Live a system to its end, doing to it what the class does."""
    model = system.model
    try:
        while model.running:
            for act in acts:
                if act.week == model.week - model.world.warm_up:
                    act_on(system, act)
            model.step()
        return model.result()
    finally:
        release(model)


def first_change(scenario: Scenario, acts: Sequence[Act]) -> int:
    """The week in which the right side begins to differ, from week 0."""
    weeks = [act.week for act in acts]
    weeks += [
        event.begins(scenario.clock) - scenario.clock.warm_up_years * WEEKS_PER_YEAR
        for event in scenario.timeline
    ]
    return min(weeks)


def counted(run: RunResult, left: RunResult, first: int) -> Row:
    """All figures of one side; `left` is the side that children are compared with."""
    spells, summary = run.spells, run.summary
    weekly = run.weekly.set_index("week")
    missed, other = spells["result_13w"] == "missed", left.spells["result_13w"]
    caught = spells["result_13w"] == "protected"
    deadline = np.minimum(spells["onset"] + PRIMARY, spells["serious_week"].fillna(10**6)).astype(int)
    year = weekly.loc[first : first + WEEKS_PER_YEAR - 1]
    after = weekly.loc[first:]
    cause = spells["cause_part"].astype("str")

    def lost_at(*codes: str) -> float:
        return float(cause[missed].str.startswith(codes).sum())

    def due(start: int, end: int) -> float:
        return float((missed & deadline.between(start, end, inclusive="left")).sum())

    return {
        "missed": 100 * summary["missed_risk_rate"],
        "missed_children": float(missed.sum()),
        "caught": float((caught & (other == "missed")).sum()),
        "lost": float((missed & (other == "protected")).sum()),
        "alarms": summary["false_alarm_families_per_10k_year"],
        "referrals": summary["referrals_per_10k_year"],
        "right_referrals": 100 * summary["referral_ppv"],
        "load": 100 * summary["utilisation_mean"],
        "cost": summary["cost_gbp_per_child_year"],
        "weak": lost_at("C1b"),
        "kept": lost_at("C3a"),
        "jigsaw": lost_at("C3b"),
        "transit": lost_at("C4"),
        "screened": lost_at("C5"),
        "queue": lost_at("C6"),
        "school_contacts": after["contacts_from_school"].sum() * WEEKS_PER_YEAR / len(after),
        "trust": 100 * year["trust_mean"].mean(),
        "vacancies": 100 * year["vacancy_share"].mean(),
        "missed_18w": due(first, first + SOON),
        "missed_2y": due(first + SOON, first + 2 * WEEKS_PER_YEAR),
        "missed_later": due(first + 2 * WEEKS_PER_YEAR, 10**6),
        "missed_year": due(WEEKS_PER_YEAR, 2 * WEEKS_PER_YEAR),
    }


def over_seeds(pairs: Sequence[tuple[float, float]], here: int) -> Measured:
    """A figure over seeds; `here` is the place of the lesson's own seed."""
    left, right = np.array(pairs).T
    difference = right - left
    n = len(pairs)
    half = student.ppf(0.975, n - 1) * difference.std(ddof=1) / np.sqrt(n)
    mean = difference.mean()
    return Measured(
        left=float(left.mean()),
        spread=float(left.std(ddof=1)),
        difference=float(mean),
        low=float(mean - half),
        high=float(mean + half),
        seeds=n,
        rises=float((difference > 0).mean()),
        falls=float((difference < 0).mean()),
        here=float(difference[here]),
    )


def most_typical(found: Mapping[int, Mapping[str, Sides]], lesson: Lesson) -> int:
    """The seed whose differences lie closest to the means, in standard deviations, over all that is claimed."""
    names = [claim.figure for claim in lesson.claims if claim.variant is None]
    sides = [row[lesson.name] for row in found.values()]
    differences = np.array([[right[name] - left[name] for name in names] for left, right in sides])
    away = (differences - differences.mean(axis=0)) / differences.std(axis=0, ddof=1)
    return list(found)[int((away**2).sum(axis=1).argmin())]


def keep(found: Mapping[int, Mapping[str, Sides]]) -> None:
    """Write what was measured on each seed."""
    MEASURED.parent.mkdir(parents=True, exist_ok=True)
    with MEASURED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["lesson", "seed", "side", *FIGURES])
        for seed, row in found.items():
            for key, sides in row.items():
                for side, values in zip(("left", "right"), sides, strict=True):
                    writer.writerow([key, seed, side, *(f"{values[name]:.8g}" for name in FIGURES)])


def kept() -> dict[int, dict[str, Sides]]:
    """What `keep` has written."""
    found: defaultdict[int, defaultdict[str, dict[str, Row]]] = defaultdict(lambda: defaultdict(dict))
    with MEASURED.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            values = {name: float(line[name]) for name in FIGURES}
            found[int(line["seed"])][line["lesson"]][line["side"]] = values
    return {
        seed: {key: (sides["left"], sides["right"]) for key, sides in row.items()}
        for seed, row in found.items()
    }


def quote(found: Mapping[int, Mapping[str, Sides]]) -> None:
    """Write the figures that lessons quote, and say of each lesson which seed is the most typical one."""
    with FIGURES_QUOTED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        columns = list(Measured.__annotations__)
        writer.writerow(["lesson", "figure", *columns])
        for name, lesson in lessons().items():
            print(f"{name}: seed {most_typical(found, lesson)} is typical; the lesson has {lesson.seed}")
            here = list(found).index(lesson.seed)
            for key in (key for key in found[lesson.seed] if key.partition("/")[0] == name):
                for figure in FIGURES:
                    pairs = [(row[key][0][figure], row[key][1][figure]) for row in found.values()]
                    values = over_seeds(pairs, here)
                    writer.writerow([key, figure, *(f"{getattr(values, column):.6g}" for column in columns)])


def main() -> None:
    """Measure on every seed, and write figures and pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=60, help="number of seeds, from 1 on")
    parser.add_argument("--again", action="store_true", help="take what was measured the last time")
    asked = parser.parse_args()
    if not asked.again:
        seeds = range(1, asked.seeds + 1)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            keep(dict(zip(seeds, pool.map(measured_on, seeds), strict=True)))
    quote(kept())
    lesson_pages.write(ROOT / "docs")


if __name__ == "__main__":
    main()
