"""Measure the outcomes of the classroom lessons, on the same children with and without what the class does.

    python experiments/lesson_figures.py [--seeds 60]
    python experiments/lesson_figures.py --again

The first command writes the outcomes of each seed (`docs/lessons/measured.csv`) and the outcomes that the lessons quote
(`src/cpsim/lessons/figures.csv`). The second writes only the latter, from the outcomes of the last
measurement. `tools/lesson_pages.py` then writes the pages for teachers. What the class does is done through the
controls of the demo, in the week in which a prompt says so. For each lesson the script prints which seed is most
typical: the seed whose differences are closest to the means.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from scipy.stats import t as student_t

from cpsim.agents.roster import release_model
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.lessons.figures import LESSON_OUTCOMES, QUOTED_STOPS, QUOTED_SUMMARY, MeasuredOutcome
from cpsim.lessons.lesson import (
    LESSON_FORMAT,
    Action,
    Lesson,
    check_claims,
    list_shipped_lessons,
    perform_action,
)
from cpsim.live.session import System
from cpsim.model import ChildProtectionModel
from cpsim.results import RunResult
from cpsim.scenario.file_format import FileFormat
from cpsim.scenario.merge import read_settings
from cpsim.scenario.schema import Scenario

ROOT = Path(__file__).parents[1]
MEASURED = ROOT / "docs" / "lessons" / "measured.csv"
QUOTED = ROOT / "src" / "cpsim" / "lessons" / "figures.csv"

SOON = 18
"""Weeks after a merger within which users of the lesson expected more misses."""

Row = dict[str, float]
Sides = tuple[Row, Row]


def load_unchecked_lessons() -> dict[str, Lesson]:
    """Load the lessons without checking their claims, because the claims are what is measured here."""
    checks = [check for check in LESSON_FORMAT.checks if check.rule is not check_claims]
    unchecked = FileFormat(Lesson, checks, LESSON_FORMAT.foundation, LESSON_FORMAT.unknown_branch)
    return {
        name: unchecked.validate(read_settings(path, []), []) for name, path in list_shipped_lessons().items()
    }


def measure_seed(seed: int) -> dict[str, Sides]:
    """Measure the outcomes of both sides of each lesson, and of its variants, for one seed."""
    outcomes = {}
    for name, lesson in load_unchecked_lessons().items():
        left, right = lesson.load_systems()
        trunk = ChildProtectionModel(left, seed=seed, collect=False)
        while trunk.week < trunk.world.warm_up:
            trunk.step()
        variants = {name: lesson.actions}
        variants |= {f"{name}/{variant}": actions for variant, actions in lesson.variants.items()}
        others = {
            key: run_to_end(System(right, trunk.fork(right)), actions) for key, actions in variants.items()
        }
        one = run_to_end(System(left, trunk), ())
        first = find_first_change(right, lesson.actions)
        outcomes |= {
            key: (measure_outcomes(one, one, first), measure_outcomes(other, one, first))
            for key, other in others.items()
        }
    return outcomes


def run_to_end(system: System, actions: Sequence[Action]) -> RunResult:
    """Run a system to its end and perform the actions of the class."""
    model = system.model
    try:
        while model.running:
            for action in actions:
                if action.week == model.week - model.world.warm_up:
                    perform_action(system, action)
            model.step()
        return model.result()
    finally:
        release_model(model)


def find_first_change(scenario: Scenario, actions: Sequence[Action]) -> int:
    """Return the week in which the right side begins to differ, counted from week 0."""
    weeks = [action.week for action in actions]
    weeks += [
        event.first_week(scenario.clock) - scenario.clock.warm_up_years * WEEKS_PER_YEAR
        for event in scenario.timeline
    ]
    return min(weeks)


def measure_outcomes(run: RunResult, left: RunResult, first: int) -> Row:
    """Measure all outcomes of one side.

    Args:
        run: the result of this side.
        left: the result of the left side, with whose children those of `run` are compared.
        first: week of the first change on the right, counted from week 0.
    """
    spells, summary = run.spells, run.summary
    weekly = run.weekly.set_index("week")
    missed, other = run.spell_results == "missed", left.spell_results
    protected = run.spell_results == "protected"
    deadline = np.minimum(spells["onset"] + run.horizon, spells["serious_week"].fillna(10**6)).astype(int)
    year = weekly.loc[first : first + WEEKS_PER_YEAR - 1]
    after = weekly.loc[first:]
    stopped_at = spells["stopped_at_part"].astype("str")

    def count_missed(start: int, end: int) -> float:
        return float((missed & deadline.between(start, end, inclusive="left")).sum())

    return {
        **{name: LESSON_OUTCOMES[name].scale * summary[name] for name in QUOTED_SUMMARY},
        **{f"missed_{code}": float(stopped_at[missed].str.startswith(code).sum()) for code in QUOTED_STOPS},
        "missed_spells": float(missed.sum()),
        "newly_reached": float((protected & (other == "missed")).sum()),
        "newly_missed": float((missed & (other == "protected")).sum()),
        "missed_18w": count_missed(first, first + SOON),
        "missed_2y": count_missed(first + SOON, first + 2 * WEEKS_PER_YEAR),
        "missed_later": count_missed(first + 2 * WEEKS_PER_YEAR, 10**6),
        "missed_year": count_missed(WEEKS_PER_YEAR, 2 * WEEKS_PER_YEAR),
        "school_contacts": after["contacts_from_school"].sum() * WEEKS_PER_YEAR / len(after),
        "trust": 100 * year["trust_mean"].mean(),
        "vacancies": 100 * year["vacancy_share"].mean(),
    }


def summarise_seeds(pairs: Sequence[tuple[float, float]], here: int) -> MeasuredOutcome:
    """Summarise an outcome over seeds.

    Args:
        pairs: the outcome on the left and on the right, for each seed.
        here: index of the lesson's own seed.
    """
    left, right = np.array(pairs).T
    difference = right - left
    n = len(pairs)
    half = student_t.ppf(0.975, n - 1) * difference.std(ddof=1) / np.sqrt(n)
    mean = difference.mean()
    return MeasuredOutcome(
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


def find_typical_seed(found: Mapping[int, Mapping[str, Sides]], lesson: Lesson) -> int:
    """Return the seed whose differences are closest to the means, in standard deviations, over all claims."""
    names = [claim.outcome for claim in lesson.claims if claim.variant is None]
    sides = [row[lesson.name] for row in found.values()]
    differences = np.array([[right[name] - left[name] for name in names] for left, right in sides])
    deviations = (differences - differences.mean(axis=0)) / differences.std(axis=0, ddof=1)
    return list(found)[int((deviations**2).sum(axis=1).argmin())]


def write_measured(found: Mapping[int, Mapping[str, Sides]]) -> None:
    """Write the outcomes of each seed."""
    MEASURED.parent.mkdir(parents=True, exist_ok=True)
    with MEASURED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["lesson", "seed", "side", *LESSON_OUTCOMES])
        for seed, row in found.items():
            for key, sides in row.items():
                for side, values in zip(("left", "right"), sides, strict=True):
                    writer.writerow([key, seed, side, *(f"{values[name]:.8g}" for name in LESSON_OUTCOMES)])


def read_measured() -> dict[int, dict[str, Sides]]:
    """Read the outcomes of each seed that `write_measured` has written."""
    found: defaultdict[int, defaultdict[str, dict[str, Row]]] = defaultdict(lambda: defaultdict(dict))
    with MEASURED.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            values = {name: float(line[name]) for name in LESSON_OUTCOMES}
            found[int(line["seed"])][line["lesson"]][line["side"]] = values
    return {
        seed: {key: (sides["left"], sides["right"]) for key, sides in row.items()}
        for seed, row in found.items()
    }


def write_quoted(found: Mapping[int, Mapping[str, Sides]]) -> None:
    """Write the outcomes that lessons quote, and print the most typical seed of each lesson."""
    with QUOTED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        columns = list(MeasuredOutcome.__annotations__)
        writer.writerow(["lesson", "outcome", *columns])
        for name, lesson in load_unchecked_lessons().items():
            typical = find_typical_seed(found, lesson)
            print(f"{name}: seed {typical} is the most typical; the lesson uses seed {lesson.seed}")
            here = list(found).index(lesson.seed)
            for key in (key for key in found[lesson.seed] if key.partition("/")[0] == name):
                for outcome in LESSON_OUTCOMES:
                    pairs = [(row[key][0][outcome], row[key][1][outcome]) for row in found.values()]
                    values = summarise_seeds(pairs, here)
                    writer.writerow([key, outcome, *(f"{getattr(values, column):.6g}" for column in columns)])


def main() -> None:
    """Measure every seed, and write the outcomes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=60, help="number of seeds, from 1 on")
    parser.add_argument("--again", action="store_true", help="use the outcomes of the last measurement")
    options = parser.parse_args()
    if not options.again:
        seeds = range(1, options.seeds + 1)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            write_measured(dict(zip(seeds, pool.map(measure_seed, seeds), strict=True)))
    write_quoted(read_measured())


if __name__ == "__main__":
    main()
