"""The sentences about planted sweeps, in the file `golden.txt`.

After an intended change of the wording, write the file again (`python -m tests.analysis.golden`) and read every
sentence.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
from tests.analysis.studies import ALARMS, ARMS, LISTS, MISSES, MONEY, arm, study
from tests.analysis.sweeps import Draw, Formula, draw_chance

from cpsim.analysis.answer import answer_question, describe_seeds, explain_drivers
from cpsim.analysis.findings import Study, collect_findings
from cpsim.analysis.sentences import summarise_findings
from cpsim.experiment.definition import Grid, LatinHypercube
from cpsim.experiment.variation import Range, Values
from cpsim.scenario.read import load

FILE = Path(__file__).with_name("golden.txt")

STEP, AWARENESS = "timeline[0].step", "timeline[1].awareness"
_EVENTS = [
    {"lever": "budget", "step": 0.0},
    {"lever": "duty", "kinds": ["school", "gp"], "bound": True, "awareness": 0.2},
]


def _plan(hours: float = 0.0, own: float = 0.001, shift: float = 0.0) -> dict[str, Formula]:
    """Plan the outcomes of an arm: hours of social work lower misses and cost money, and the arm shifts misses."""

    def misses(points: pd.DataFrame, draw: Draw) -> object:
        return (
            0.6 - hours * points[STEP] + shift + draw_chance(points, draw, 1 if shift == 0 else 2, 0.05, own)
        )

    def money(points: pd.DataFrame, draw: Draw) -> object:
        return 200 + 400 * hours * points[STEP] + draw_chance(points, draw, 1, 5, 0.5)

    return {MISSES: misses, MONEY: money}


def _leave(number: int) -> dict[str, Formula]:
    """Plan an arm in which neither it nor any setting changes anything."""

    def draw_level(level: float, children: float, own: float) -> Formula:
        return lambda points, draw: level + draw_chance(points, draw, number, children, own)

    return {
        MISSES: draw_level(0.6, 0.05, 0.004),
        ALARMS: draw_level(60, 5, 0.5),
        MONEY: draw_level(200, 5, 0.2),
    }


def _contact(number: int, more: float) -> dict[str, Formula]:
    """Plan an arm that makes more contacts and changes nothing else."""

    def contacts(points: pd.DataFrame, draw: Draw) -> object:
        return 900 + more + draw_chance(points, draw, number, 20, 2)

    return ARMS["asked" if more else "as_it_was"] | {"contacts_per_10k_year": contacts}


def _drive(seeds: int) -> Study:
    """Make a sweep of one arm in which the hours of social work drive the outcomes, and awareness does not."""
    vary = {STEP: Values((-0.4, 0.0, 0.2)), AWARENESS: Values((0.2, 0.9))}
    return study(Grid(), seeds, {"alone": _plan(hours=0.06)}, vary, _load_events())


def _load_events() -> dict[str, object]:
    return load("small", {"timeline": _EVENTS}).model_dump()


def _vary_hours(seeds: int, shift: float, own: float) -> Study:
    vary = {STEP: Range.model_validate({"from": -0.4, "to": 0.2})}
    arms = {"usual": _plan(0.06, own), "careful": _plan(0.06, own, shift)}
    return study(LatinHypercube(kind="latin_hypercube", points=12), seeds, arms, vary, _load_events())


_BACKFIRING = {
    name: {MISSES: ARMS[name][MISSES], ALARMS: ARMS[name][ALARMS]} for name in ("as_it_was", "bound")
}

PLANTED: dict[str, Callable[[], Study]] = {
    "nothing moved": lambda: study(Grid(), 12, {"old": _leave(1), "new": _leave(2)}, LISTS),
    "nothing moved, one arm": lambda: study(Grid(), 12, {"alone": _leave(1)}, LISTS),
    "one setting drives": lambda: _drive(seeds=12),
    "one setting drives, one seed": lambda: _drive(seeds=1),
    "arms equal": lambda: study(Grid(), 12, {"old": arm(1), "new": arm(1)}, LISTS),
    "arm better, points drawn": lambda: _vary_hours(12, shift=-0.03, own=0.004),
    "few seeds": lambda: _vary_hours(3, shift=-0.004, own=0.03),
    "only a near outcome moved": lambda: study(
        Grid(), 12, {"usual": _contact(1, 0), "asked": _contact(2, 40)}, LISTS
    ),
    "an arm backfires, points listed": lambda: study(Grid(), 4, vary=LISTS),
    "an arm backfires, points drawn": lambda: study(
        LatinHypercube(kind="latin_hypercube", points=60), 12, _BACKFIRING
    ),
    "one seed, points listed": lambda: study(Grid(), 1, vary=LISTS),
    "one point, no setting": lambda: study(Grid(), 12, {"usual": {ALARMS: ARMS["asked"][ALARMS]}}, {}),
}
"""Name of a planted sweep -> function that makes it."""


def describe(made: Study) -> str:
    """Return all sentences about a sweep, a line each."""
    return "\n".join(_list_sentences(made))


def _list_sentences(made: Study) -> Iterator[str]:
    found = collect_findings(made)
    yield f"answer: {answer_question(made, found)}"
    yield f"seeds: {describe_seeds(made, found)}"
    yield from (f"driver: {sentence}" for sentence in explain_drivers(made, found))
    yield from (f"- {sentence}" for sentence in summarise_findings(made, found))


def read_golden() -> dict[str, str]:
    """Return the sentences of the golden file by the name of the sweep."""
    parts = FILE.read_text("utf-8").strip().split("\n\n")
    return {part.partition("\n")[0].removeprefix("# "): part.partition("\n")[2] for part in parts}


def main() -> None:
    """Write the golden file."""
    parts = (f"# {name}\n{describe(make())}" for name, make in PLANTED.items())
    FILE.write_text("\n\n".join(parts) + "\n", "utf-8")


if __name__ == "__main__":
    main()
