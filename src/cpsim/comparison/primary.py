"""The primary outcome of a comparison, and how many seeds settle it (Stein 1945).

A comparison is judged first by one outcome that is named in advance. Some pilot seeds show how much its difference
varies; then so many seeds are run that the interval is as narrow as half the smallest difference of interest. The
difference is judged once, with the standard deviation and the degrees of freedom of the pilot seeds. A wrong verdict
then has its nominal probability, because the number of seeds depends on the variation and not on the difference.

>>> PILOT_SEEDS
10
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cpsim.experiment.outcomes import check_primary_outcome
from cpsim.inference import estimate_means, find_threshold
from cpsim.measures.outcomes import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cpsim.arrays import Floats
    from cpsim.scenario.schema import Scenario

__all__ = ["PILOT_SEEDS", "Primary", "choose_primary", "count_seeds_needed"]

DEFAULT_PRIMARY: Final = "missed_risk_rate"

PILOT_SEEDS: Final = 10
"""Seeds that are run to see how much the primary outcome varies."""


@dataclass(frozen=True)
class Primary:
    """The outcome by which a comparison is judged first.

    Attributes:
        outcome: its name, with a part where one is meant.
        interest: smallest difference of interest, in its unit.

    >>> Primary("missed_risk_rate", 0.01).aim
    0.005
    """

    outcome: str
    interest: float

    @property
    def aim(self) -> float:
        """Half width that the interval should have: half the smallest difference of interest."""
        return self.interest / 2


def choose_primary(arms: Mapping[str, Scenario]) -> Primary:
    """Choose the primary outcome of some arms: that which an arm names, or else missed risk.

    Args:
        arms: scenarios by name, the reference first; what it names counts only if no other arm names an outcome.

    Raises:
        ScenarioError: an arm names an outcome that does not exist.
        ValueError: two arms name different outcomes or sizes of interest.

    >>> from cpsim.scenario import load
    >>> named = {"primary_outcome": "assessed_neither_per_10k_year", "size_of_interest": 0.5}
    >>> choose_primary({"small": load("small"), "lower": load("small", named)})
    Primary(outcome='assessed_neither_per_10k_year', interest=0.5)
    >>> choose_primary({"small": load("small"), "again": load("small")})
    Primary(outcome='missed_risk_rate', interest=0.01)
    """
    for scenario in arms.values():
        check_primary_outcome(scenario)
    (_, reference), *others = arms.items()
    named = {
        name: (scenario.primary_outcome, scenario.size_of_interest)
        for name, scenario in others
        if (scenario.primary_outcome, scenario.size_of_interest) != (None, None)
    }
    if len(set(named.values())) > 1:
        first, second = list(dict.fromkeys(named.values()))[:2]
        one, two = (next(name for name in named if named[name] == choice) for choice in (first, second))
        raise ValueError(
            f"{one} and {two} name different primary outcomes or sizes of interest ({_format_choice(first)}; "
            f"{_format_choice(second)}); a comparison has one, which --set primary_outcome=NAME names for all"
        )
    default = (reference.primary_outcome, reference.size_of_interest)
    outcome, interest = next(iter(named.values()), default)
    outcome = outcome or DEFAULT_PRIMARY
    return Primary(outcome, interest or OUTCOMES[outcome.partition(".")[0]].interest)


def _format_choice(choice: tuple[str | None, float | None]) -> str:
    outcome, size = choice
    return f"{outcome or DEFAULT_PRIMARY}{f' and {size:g}' if size else ''}"


def count_seeds_needed(differences: Floats, aim: float, tests: int) -> int:
    """Count the seeds that make the interval of the primary outcome narrow enough.

    Args:
        differences: differences from the reference in the pilot seeds, shape (arms, seeds).
        aim: wanted half width of the interval.
        tests: number of arms whose primary outcomes are tested.

    Returns:
        The largest number over arms, and at least that of the pilot seeds: (t s / aim) squared, rounded up, where s is
        the standard deviation between the pilot seeds and t the threshold of Student's t with their degrees of freedom.

    >>> count_seeds_needed(np.array([[0.0, 0.002, 0.004, 0.006]]), aim=0.002, tests=1)
    17
    """
    pilot = int(differences.shape[1])
    if pilot < 2:
        return pilot
    threshold = float(find_threshold(np.array(pilot - 1.0), tests))
    known = (~np.isnan(differences)).sum(axis=1)
    deviations = estimate_means(differences).error * np.sqrt(known)
    deviation = float(np.nan_to_num(deviations).max(initial=0))
    return max(pilot, math.ceil((threshold * deviation / aim) ** 2))
