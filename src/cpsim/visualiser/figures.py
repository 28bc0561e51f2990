"""What the lessons say in numbers: measured over many seeds by `experiments/lesson_figures.py`, not written by hand."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Shows = Literal["more", "fewer", "nothing"]

FIGURES: dict[str, tuple[str, int]] = {
    "missed": ("spells of harm missed, of 100", 1),
    "missed_children": ("spells of harm missed", 1),
    "caught": ("caught on the right, missed on the left", 1),
    "lost": ("missed on the right, caught on the left", 1),
    "alarms": ("families troubled for nothing, a year per 10,000 children", 1),
    "referrals": ("referrals, a year per 10,000 children", 0),
    "right_referrals": ("referrals about a child who is harmed, of 100", 1),
    "load": ("hours of social work asked for, of 100 available", 0),
    "cost": ("cost in pounds, a year per child", 1),
    "weak": ("missed: seen, too weak to recognise", 1),
    "kept": ("missed: known to one agency, not shared", 1),
    "jigsaw": ("missed: the jigsaw not assembled", 1),
    "transit": ("missed: lost or late on the way", 1),
    "screened": ("missed: screened out", 1),
    "queue": ("missed: waiting in a queue", 1),
    "school_contacts": ("contacts from schools in a year, from the first change on", 0),
    "trust": ("mean trust on ties in the year after the first change, of 100", 1),
    "vacancies": ("empty posts in the year after the first change, of 100", 1),
    "missed_18w": ("missed, deadline within 18 weeks of the first change", 1),
    "missed_2y": ("missed, deadline from then to two years after it", 1),
    "missed_later": ("missed, deadline more than two years after the first change", 1),
    "missed_year": ("missed, deadline in the second year shown", 1),
}
"""Figures of a lesson: name -> what it counts, and with how many decimals it is read."""


@dataclass(frozen=True)
class Measured:
    """A figure on the left of a lesson, and how it differs on the right, over seeds.

    Attributes:
        left: mean over seeds on the left.
        spread: standard deviation over seeds on the left.
        difference: mean paired difference, right minus left.
        low, high: its 95 % interval (Student's t over seeds).
        seeds: number of seeds.
        rises, falls: share of seeds in which it is higher, or lower, on the right.
        here: the difference on the lesson's own seed.
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
    def shows(self) -> Shows:
        """What the interval shows: more on the right, fewer, or no difference."""
        return "more" if self.low > 0 else "fewer" if self.high < 0 else "nothing"

    def words(self, decimals: int) -> dict[str, str]:
        """The numbers as a sentence takes them in; `by` is the difference without its sign."""

        def plain(value: float) -> str:
            return f"{value:,.{decimals}f}"

        def signed(value: float) -> str:
            text = f"{value:+,.{decimals}f}"
            return text.replace("-", "\N{MINUS SIGN}") if text.strip("+-0.,") else plain(0)

        return {
            "left": plain(self.left),
            "right": plain(self.left + self.difference),
            "spread": plain(self.spread),
            "by": plain(abs(self.difference)),
            "difference": signed(self.difference),
            "interval": f"{signed(self.low)} to {signed(self.high)}",
            "here": signed(self.here),
            "seeds": str(self.seeds),
            "rises": f"{100 * self.rises:.0f}",
            "falls": f"{100 * self.falls:.0f}",
        }


@cache
def measured() -> dict[tuple[str, str], Measured]:
    """All figures by lesson, or `lesson/variant`, and name."""
    text = files("cpsim.visualiser").joinpath("lessons", "figures.csv").read_text("utf-8")
    return {
        (row["lesson"], row["figure"]): Measured(
            seeds=int(row["seeds"]),
            **{name: float(row[name]) for name in Measured.__annotations__ if name != "seeds"},
        )
        for row in csv.DictReader(io.StringIO(text))
    }
