"""What outcomes are computed from: the columns of a finished run, or of the tiles of one, joined."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Never

from cpsim.constants import ROUNDING, WEEKS_PER_YEAR
from cpsim.measures.horizons import result_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from cpsim.arrays import Bools
    from cpsim.casework.log import Events, FinishedLog
    from cpsim.measures.assessments import Assessments
    from cpsim.scenario.schema import Scenario
    from cpsim.world import World

__all__ = ["Columns", "ratio"]


class NotJoinedError(AttributeError):
    """An outcome needs what is not kept of tiles, such as the log of every child."""


class OutcomeColumns:
    """What the outcomes of cpsim are computed from, of one run or of the tiles of one; see `Columns`."""

    scenario: Scenario
    weekly: pd.DataFrame
    spells: pd.DataFrame
    authorities: pd.DataFrame
    ratings: pd.DataFrame

    @cached_property
    def evaluated(self) -> pd.DataFrame:
        """The evaluated weeks of the weekly table."""
        return self.weekly[self.weekly["phase"] == "evaluated"]

    @cached_property
    def child_years(self) -> float:
        """Years that children live in the evaluated weeks."""
        return self.total("children") / WEEKS_PER_YEAR

    @cached_property
    def horizon(self) -> int:
        """Weeks from onset to the deadline at which a spell counts as missed."""
        return self.scenario.measures.horizon_weeks

    def count(self, name: str) -> float:
        """Return a number that neither table has.

        Args:
            name: name of a function in `cpsim.measures.outcomes.counts`.
        """
        raise NotImplementedError

    def total(self, column: str) -> float:
        """Sum a column of the weekly table over the evaluated weeks."""
        return float(self.evaluated[column].sum())

    def divide(self, part: str, by: str) -> float | None:
        """Divide the sum of a column of the weekly table by that of another; None if the latter is 0.

        Args:
            part: name of the column that is divided.
            by: name of the column by which it is divided.
        """
        return ratio(self.total(part), self.total(by))

    def rate(self, number: float) -> float:
        """Return a number of events of the evaluated weeks per 10,000 children a year."""
        return 1e4 * number / self.child_years

    def stock(self, column: str) -> float:
        """Return the children in a column of the weekly table per 10,000 children, in an average evaluated week."""
        return 1e4 * self.total(column) / self.total("children")

    def results(self, horizon: int | None = None) -> NDArray[np.object_]:
        """Return the result of each spell at a horizon in weeks, by default the run's own, shape (J,)."""
        column = result_column(self.horizon if horizon is None else horizon)
        return self.spells[column].to_numpy(dtype=object)

    def is_followed(self, horizon: int | None = None) -> Bools:
        """Return which spells could be followed to the deadline, shape (J,)."""
        followed: Bools = self.results(horizon) != "censored"
        return followed

    def is_result(self, result: str, horizon: int | None = None) -> Bools:
        """Return which spells have a result at a horizon, shape (J,).

        Args:
            result: protected, self_resolved, missed or censored.
            horizon: weeks after onset; by default the run's own.
        """
        found: Bools = self.results(horizon) == result
        return found


@dataclass(frozen=True)
class Columns(OutcomeColumns):
    """What an outcome is computed from; J spells of harm have their onset in the evaluated weeks.

    Attributes:
        scenario: the scenario, for its prices and the horizon.
        world: the children and their spells.
        events: the log of the run.
        weekly: the weekly table, warm-up and follow-up included; columns in `cpsim.results.TABLES["weekly"]`.
        spells: the table of spells of harm with onset in the evaluated weeks, J rows.
        assessments: the assessments of families that have ended, in any week.
        authorities: the table of authorities.
        ratings: the table of ratings.

    >>> from cpsim import ChildProtectionModel
    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> model = ChildProtectionModel(town, seed=7, collect=False)
    >>> while model.running:
    ...     model.step()
    >>> run = model.columns()

    Rates are relative to the years that children live in the evaluated weeks:

    >>> len(run.evaluated), run.child_years == run.total("children") / 52
    (52, True)
    >>> referrals = run.total("referrals")
    >>> run.rate(referrals) == 10_000 * referrals / run.child_years
    True

    Columns of the weekly table are divided by one another, or by the children:

    >>> run.divide("referrals", by="contacts") == referrals / run.total("contacts")
    True
    >>> run.stock("children")
    10000.0

    Each spell has a result at each horizon; one that could not be followed to the deadline is neither missed nor
    protected:

    >>> run.horizon, run.results(4).shape == (len(run.spells),)
    (13, True)
    >>> bool((run.is_result("missed") & ~run.is_followed()).any())
    False

    The log has every event, and each assessment has a finding and what was true of the family:

    >>> from cpsim.casework.log import Occurrence
    >>> referred = run.select(Occurrence.REFERRED)
    >>> len(referred.week) == run.total("referrals")
    True
    >>> first, end = run.weeks
    >>> bool((referred.week >= first).all() and (referred.week < end).all())
    True
    >>> assessed = run.evaluated_assessments
    >>> len(assessed.found) == len(assessed.true) <= run.total("initial_finished") + run.total("s47_started")
    True

    What else an outcome of cpsim needs is a count, so that it can be summed over the tiles of a large scenario:

    >>> run.count("referrals_in_harm") <= run.total("referrals")
    True
    """

    scenario: Scenario
    world: World
    events: FinishedLog
    weekly: pd.DataFrame
    spells: pd.DataFrame
    assessments: Assessments
    authorities: pd.DataFrame
    ratings: pd.DataFrame

    @cached_property
    def evaluated_assessments(self) -> Assessments:
        """The assessments that ended in the evaluated weeks."""
        return self.assessments.select_weeks(*self.weeks)

    @property
    def weeks(self) -> tuple[int, int]:
        """First evaluated week of the run, and the week after the last one."""
        return self.world.warm_up, self.world.warm_up + self.world.evaluated_weeks

    def select(self, occurrence: int) -> Events:
        """Select the events of one kind in the evaluated weeks.

        Args:
            occurrence: code of the kind, from `cpsim.casework.log.Occurrence`.
        """
        return self.events.select(occurrence).select_weeks(*self.weeks)

    def count(self, name: str) -> float:
        """Compute a number that neither table has.

        Args:
            name: name of a function in `cpsim.measures.outcomes.counts`.
        """
        from cpsim.measures.outcomes.counts import COUNTS

        return COUNTS[name](self)


@dataclass(frozen=True)
class JoinedColumns(OutcomeColumns):
    """What is kept of tiles, joined: the sums of their tables and counts, and all their spells.

    Attributes:
        scenario: the scenario of all tiles.
        weekly: the weekly table of all tiles.
        spells: the spells of all tiles.
        authorities: the table of authorities of all tiles.
        ratings: the ratings of all tiles.
        counts: sums of the counts, by the names of `cpsim.measures.outcomes.counts`.
    """

    scenario: Scenario
    weekly: pd.DataFrame
    spells: pd.DataFrame
    authorities: pd.DataFrame
    ratings: pd.DataFrame
    counts: Mapping[str, float]

    def count(self, name: str) -> float:
        """Return the sum of a count over all tiles."""
        return self.counts[name]

    def __getattr__(self, name: str) -> Never:
        raise NotJoinedError(f"the columns of tiles have no {name}")


def ratio(part: float, whole: float) -> float | None:
    """Divide a part by a whole; None if the whole is 0, apart from rounding.

    >>> ratio(1, 4), ratio(1, 0)
    (0.25, None)
    """
    return float(part) / float(whole) if abs(whole) > ROUNDING else None
