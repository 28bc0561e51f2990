"""The numbers in the lessons, measured over many seeds by `experiments/lesson_figures.py`."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Literal

from cpsim.formatting import add_sign, format_decimals

Direction = Literal["more", "fewer", "nothing"]
"""What an interval shows: more on the right, fewer on the right, or no difference."""

LESSON_OUTCOMES: dict[str, tuple[str, int]] = {
    "missed": ("spells of harm missed, of 100", 1),
    "missed_children": ("spells of harm missed", 1),
    "newly_protected": ("protected on the right, missed on the left", 1),
    "newly_missed": ("missed on the right, protected on the left", 1),
    "alarms": ("families assessed without need or harm, per 10,000 children a year", 1),
    "referrals": ("referrals per 10,000 children a year", 0),
    "right_referrals": ("referrals about a harmed child, of 100", 1),
    "load": ("hours of social work needed, of 100 available", 0),
    "cost": ("cost in pounds per child a year", 1),
    "weak": ("missed: seen, too weak to recognise", 1),
    "kept": ("missed: known to one agency, not shared", 1),
    "jigsaw": ("missed: the jigsaw not assembled", 1),
    "transit": ("missed: lost or late in transit", 1),
    "screened": ("missed: screened out", 1),
    "queue": ("missed: waiting in a queue", 1),
    "school_contacts": ("contacts from schools a year, from the first change on", 0),
    "trust": ("mean trust on ties in the year after the first change, of 100", 1),
    "vacancies": ("vacant posts in the year after the first change, of 100", 1),
    "missed_18w": ("missed, deadline within 18 weeks of the first change", 1),
    "missed_2y": ("missed, deadline from 18 weeks to two years after the first change", 1),
    "missed_later": ("missed, deadline more than two years after the first change", 1),
    "missed_year": ("missed, deadline in the second evaluated year", 1),
}
"""Outcomes of a lesson: name -> what it counts, and its number of decimals."""


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
