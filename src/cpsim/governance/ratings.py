"""Ratings (M18): how good a service is, the scale on which inspectors mark it, and the grades that they have given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtri

from cpsim.agents.social_work import TeamRole
from cpsim.arrays import Floats, Grades, Ints

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cpsim.agents.columns import Table


COLUMNS = ("week", "authority", "service", "score", "grade", "quality", "gaming")
"""Columns of the table of ratings."""

CHILDREN, ADULTS = "children", "adults"
"""The services that are rated; that of adults is a comparator which nothing in the model touches."""


class Standing(NamedTuple):
    """How the children's services of each authority stand; shapes (A,).

    Attributes:
        quality: how well they judge, times the share of the time due, of the help due and of the staff that there is.
        on_time: share of assessments that end within the time limit.
    """

    quality: Floats
    on_time: Floats


def standing(tables: Mapping[str, Table]) -> Standing:
    """How the authorities stand: means over the teams that hold cases."""
    authorities, teams = len(tables["authorities"]), tables["teams"]
    rows = np.flatnonzero(teams["role"] != TeamRole.FRONT_DOOR)
    authority = teams["authority"][rows]
    number = np.bincount(authority, minlength=authorities)

    def mean(values: Floats) -> Floats:
        return np.bincount(authority, weights=values, minlength=authorities) / number

    quality = teams["accuracy"][rows] / np.maximum(teams["utilisation"][rows], 1)
    quality *= teams["delivered_share"][rows] * (1 - teams["vacancy_share"][rows])
    return Standing(mean(quality), mean(teams["on_time_share"][rows]))


@dataclass(frozen=True)
class Shares:
    """Which share of the authorities gets the outer grades at the first inspection, and how far scores then scatter."""

    top: float
    bottom: float
    scatter: float

    def cut_offs(self, scores: Floats) -> Floats:
        """Scores from which the second, third and top grade are given, shape (3,); those between are cut in half.

        Several authorities are cut by rank; a single one is marked as one among many whose scores scatter about 0.
        """
        below = np.array([self.bottom, (self.bottom + 1 - self.top) / 2, 1 - self.top])
        cut_offs: Floats = self.scatter * ndtri(below)
        return cut_offs if len(scores) == 1 else np.quantile(scores, below, method="hazen")


class Ratings:
    """All ratings of a run, and the scale on which they are given."""

    def __init__(self) -> None:
        self._scale: tuple[Standing, Standing] | None = None
        self._cut_offs: dict[str, Floats] = {}
        self._found: list[dict[str, object]] = []

    def standardised(self, found: Standing, least: tuple[float, float]) -> Standing:
        """What was found in standard deviations from the mean of those inspected first; shapes (n,).

        The deviations are those among the first, and at least `least`: who hardly differ shall not be far apart.
        """
        if self._scale is None:
            middle = Standing(*(values.mean() for values in found))
            spread = Standing(*(max(values.std(), floor) for values, floor in zip(found, least, strict=True)))
            self._scale = middle, spread
        return Standing(
            *((values - middle) / spread for values, middle, spread in zip(found, *self._scale, strict=True))
        )

    def grades(self, service: str, scores: Floats, shares: Shares) -> Grades:
        """Grades from 1, the lowest, to 4, by cut-offs that the first scores set; same shape."""
        if service not in self._cut_offs:
            self._cut_offs[service] = shares.cut_offs(scores)
        return (1 + np.searchsorted(self._cut_offs[service], scores, side="right")).astype(np.int8)

    def note(self, week: int, authority: Ints, service: str, **found: Floats | Grades | float) -> None:
        """Write down what was found in a week of the run; `found` are columns of the table, shape (n,)."""
        self._found.append({"week": week, "authority": authority, "service": service, **found})

    def to_frame(self, first_week: int) -> pd.DataFrame:
        """One row a rating, with weeks counted from the week of the run that is called 0."""
        import pandas as pd

        parts = [pd.DataFrame(found, columns=COLUMNS) for found in self._found]
        ratings = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
        return ratings.assign(week=ratings["week"] - first_week)
