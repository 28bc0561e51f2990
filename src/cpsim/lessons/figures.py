"""The numbers in the lessons, measured over many seeds by `experiments/lesson_figures.py`."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Final, Literal

from cpsim.formatting import add_sign, format_decimals
from cpsim.measures.chain import STOP_PARTS, STOPS
from cpsim.measures.outcomes import OUTCOMES
from cpsim.measures.outcomes.registry import RATIO

Direction = Literal["more", "fewer", "nothing"]
"""What an interval shows: more on the right, fewer on the right, or no difference."""


@dataclass(frozen=True)
class LessonOutcome:
    """An outcome that lessons quote.

    Attributes:
        meaning: what it measures.
        digits: number of decimals.
        scale: factor by which the value in the summary is multiplied; 100 for shares and ratios.
    """

    meaning: str
    digits: int
    scale: int = 1

    @classmethod
    def of_summary(cls, name: str) -> LessonOutcome:
        """Read an outcome of the summary from its registration; a share or ratio is quoted as a number of 100.

        >>> LessonOutcome.of_summary("utilisation_mean")
        LessonOutcome(meaning='Social-work hours demanded for each hour available; can exceed 1.', digits=0, scale=100)
        """
        outcome = OUTCOMES[name]
        if outcome.unit == RATIO:
            return cls(outcome.meaning, max(outcome.digits - 2, 0), 100)
        return cls(outcome.meaning, outcome.digits, 100 if outcome.is_share else 1)


# The choice of outcomes, here and in the next tuple, is that of the lessons.
QUOTED_SUMMARY: Final = (
    "missed_risk_rate",
    "missed_on_file_share",
    "pooled_alarms_per_10k_year",
    "protected_strict_share",
    "harm_averted_share",
    "assessed_neither_per_10k_year",
    "falsely_reassured_per_10k_year",
    "referrals_per_10k_year",
    "referral_ppv",
    "utilisation_mean",
    "cost_gbp_per_child_year",
)
"""Outcomes of the summary that lessons quote."""

QUOTED_STOPS: Final = ("C1b", "C3a", "C3b", "C4", "C5", "C6")
"""Where chains stopped, or parts of it, whose number of spells lessons quote under `missed_` and their code."""

LESSON_OUTCOMES: Final[dict[str, LessonOutcome]] = {
    **{name: LessonOutcome.of_summary(name) for name in QUOTED_SUMMARY},
    **{
        f"missed_{code}": LessonOutcome(f"Spells missed: {(STOPS | STOP_PARTS)[code].lower()}.", 1)
        for code in QUOTED_STOPS
    },
    "missed_spells": LessonOutcome("Spells of harm missed.", 1),
    "newly_reached": LessonOutcome("Spells protected on the right and missed on the left.", 1),
    "newly_missed": LessonOutcome("Spells missed on the right and protected on the left.", 1),
    "missed_18w": LessonOutcome("Spells missed with a deadline within 18 weeks of the first change.", 1),
    "missed_2y": LessonOutcome(
        "Spells missed with a deadline from 18 weeks to two years after the first change.", 1
    ),
    "missed_later": LessonOutcome("Spells missed with a deadline over two years after the first change.", 1),
    "missed_year": LessonOutcome("Spells missed with a deadline in the second evaluated year.", 1),
    "school_contacts": LessonOutcome("Contacts from schools a year, from the first change on.", 0),
    "trust": LessonOutcome("Mean trust on ties in the year after the first change, of 100.", 1),
    "vacancies": LessonOutcome("Vacant posts in the year after the first change, of 100.", 1),
}
"""Name -> outcome that lessons can quote."""


@dataclass(frozen=True)
class MeasuredOutcome:
    """An outcome of a lesson over seeds: its value on the left, and the difference on the right.

    Attributes:
        left: mean over seeds on the left.
        spread: standard deviation over seeds on the left.
        difference: mean paired difference, right minus left.
        low, high: 95% interval of the difference (Student's t over seeds).
        seeds: number of seeds.
        rises, falls: share of seeds in which the outcome is higher, or lower, on the right.
        here: the difference with the lesson's own seed.

    >>> outcome = MeasuredOutcome(68.9, 1.4, 0.35, 0.26, 0.45, 60, 0.87, 0.12, 0.40)
    >>> outcome.direction, outcome.format_numbers(1)["difference"]
    ('more', '+0.3')
    """

    left: float
    spread: float
    difference: float
    low: float
    high: float
    seeds: int
    rises: float
    falls: float
    here: float

    @property
    def direction(self) -> Direction:
        """What the interval shows: more on the right, fewer, or no difference."""
        return "more" if self.low > 0 else "fewer" if self.high < 0 else "nothing"

    def format_numbers(self, decimals: int) -> dict[str, str]:
        """Format the numbers for the placeholders of a sentence; `by` is the difference without its sign."""
        plain = partial(format_decimals, digits=decimals)
        difference, low, high, here = (
            add_sign(plain(value)) for value in (self.difference, self.low, self.high, self.here)
        )
        return {
            "left": plain(self.left),
            "right": plain(self.left + self.difference),
            "spread": plain(self.spread),
            "by": plain(abs(self.difference)),
            "difference": difference,
            "interval": f"{low} to {high}",
            "here": here,
            "seeds": format_decimals(self.seeds),
            "rises": format_decimals(100 * self.rises),
            "falls": format_decimals(100 * self.falls),
        }


@cache
def load_measured() -> dict[tuple[str, str], MeasuredOutcome]:
    """Load all measured outcomes, by lesson (or `lesson/variant`) and name of the outcome."""
    text = files("cpsim.lessons").joinpath("figures.csv").read_text("utf-8")
    return {
        (row["lesson"], row["outcome"]): MeasuredOutcome(
            seeds=int(row["seeds"]),
            **{name: float(row[name]) for name in MeasuredOutcome.__annotations__ if name != "seeds"},
        )
        for row in csv.DictReader(io.StringIO(text))
    }
