"""Conditions: what is true of children and families in a week, which the model knows and no agency does.

A family is in one of four states (model page "Measures"): in harm, or likely to be within half a year if no one acts
(Children Act 1989, section 47: "is suffering, or is likely to suffer, significant harm"); in need (section 17); with
additional needs below that; or with neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cpsim.arrays import Bools, Ints
from cpsim.casework.log import FinishedLog, Occurrence
from cpsim.measures.intervals import Episodes, Intervals
from cpsim.world.harm import OTHER_NEEDS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cpsim.scenario.sections import MeasureSettings
    from cpsim.world import World

STATES: Final[dict[str, str]] = {
    "in_harm": "In harm",
    "likely_harm": "Likely harm",
    "in_need": "In need",
    "additional_needs": "Additional needs",
    "neither": "Neither",
}
"""State of a family: code -> name, the gravest first. Harm and likely harm are one state in law."""

CONDITIONS: Final = ("harm", "need", "additional_needs", *OTHER_NEEDS)
"""Kinds of condition: a spell of adversity by its severity, or another need by its reason."""


def actual_end(world: World, events: FinishedLog) -> Ints:
    """First week after each spell, whether it ended by itself or through protection, shape (S,)."""
    ended = events.select(Occurrence.HARM_ENDED_BY_PROTECTION)
    end = world.spells.end.astype(np.int64)
    end[ended.value.astype(np.int64)] = ended.week
    return end


def child_harm_intervals(world: World, events: FinishedLog) -> Intervals:
    """Intervals in which each child is in significant harm."""
    harm = np.flatnonzero(world.spells.harm)
    return Intervals.of(world.spells.child[harm], world.spells.onset[harm], actual_end(world, events)[harm])


@dataclass(frozen=True)
class FamilyStates:
    """The conditions of the children of each family, as intervals by family.

    Attributes:
        harm: significant harm.
        onsets: the weeks in which significant harm begins, each an interval of one week.
        need: a spell of adversity from `measures.need_cutoff` on, disability or another need.
        additional: a spell of adversity below that.
        likely_weeks: weeks within which harm must begin to count as likely.
    """

    harm: Intervals
    onsets: Intervals
    need: Intervals
    additional: Intervals
    likely_weeks: int

    @classmethod
    def of(cls, settings: MeasureSettings, world: World, events: FinishedLog) -> FamilyStates:
        """Collect the conditions of all families of a world.

        Args:
            settings: the cut-offs of severity and time.
            world: the children, their spells and needs.
            events: the log of the run, for spells that protection ended.
        """
        spells, needs, family = world.spells, world.needs, world.children.family
        end = actual_end(world, events)
        harm = spells.harm
        need = ~harm & (spells.severity >= settings.need_cutoff)
        additional = ~harm & ~need

        def select(rows: Bools) -> Intervals:
            return Intervals.of(family[spells.child[rows]], spells.onset[rows], end[rows])

        onset = spells.onset[harm].astype(np.int64)
        return cls(
            harm=select(harm),
            onsets=Intervals.of(family[spells.child[harm]], onset, onset + 1),
            need=Intervals.of(
                np.concatenate([family[spells.child[need]], family[needs.child]]),
                np.concatenate([spells.onset[need], needs.start]),
                np.concatenate([end[need], needs.end]),
            ),
            additional=select(additional),
            likely_weeks=settings.likely_harm_weeks,
        )

    def find(self, family: Ints, first: Ints, last: Ints) -> NDArray[np.int8]:
        """Find the gravest state of each family from week `first` to week `last` (inclusive).

        Returns:
            Indexes into `STATES`, shape (n,).
        """
        likely = self.onsets.overlap(family, first, last + self.likely_weeks)
        tests = [
            self.harm.overlap(family, first, last),
            likely,
            self.need.overlap(family, first, last),
            self.additional.overlap(family, first, last),
        ]
        state: NDArray[np.int8] = np.select(tests, np.arange(len(tests)), len(tests)).astype(np.int8)
        return state


def find_condition_episodes(settings: MeasureSettings, world: World, events: FinishedLog) -> Episodes:
    """Find the periods in which each family has a condition, or harm is likely within `likely_harm_weeks`."""
    spells, needs, family = world.spells, world.needs, world.children.family
    start = spells.onset - np.where(spells.harm, settings.likely_harm_weeks, 0)
    return Episodes.merge(
        np.concatenate([family[spells.child], family[needs.child]]),
        np.concatenate([start, needs.start]),
        np.concatenate([actual_end(world, events), needs.end]),
    )


def name_conditions(settings: MeasureSettings, world: World) -> NDArray[np.int8]:
    """Name each spell of adversity by its severity: indexes into `CONDITIONS`, shape (S,)."""
    spells = world.spells
    named: NDArray[np.int8] = np.select(
        [spells.harm, spells.severity >= settings.need_cutoff], [0, 1], 2
    ).astype(np.int8)
    return named


def build_conditions_table(
    settings: MeasureSettings, world: World, events: FinishedLog, since: int
) -> pd.DataFrame:
    """Build the table of conditions: one row for each spell of adversity and other need, in order of child and start.

    Args:
        settings: the cut-off of need.
        world: the children, their spells and needs.
        events: the log of the run.
        since: week of the run; conditions that ended by themselves before it are left out.

    Returns:
        Columns as in `cpsim.results.TABLES["conditions"]`.
    """
    import pandas as pd

    spells, needs = world.spells, world.needs
    some, other = np.flatnonzero(spells.end > since), np.flatnonzero(needs.end > since)
    child = np.concatenate([spells.child[some], needs.child[other]])
    start = np.concatenate([spells.onset[some], needs.start[other]]).astype(np.int64)
    code = np.concatenate([name_conditions(settings, world)[some], needs.reason[other] + np.int8(3)])
    order = np.lexsort((code, start, child))
    week0 = world.warm_up
    table = pd.DataFrame(
        {
            "child": child,
            "family": world.children.family[child].astype(np.int32),
            "condition": pd.Categorical.from_codes(code, categories=pd.Index(CONDITIONS)),
            "severity": np.concatenate([spells.severity[some], np.full(len(other), np.nan)]),
            "start": start - week0,
            "end_untreated": np.concatenate([spells.end[some], needs.end[other]]).astype(np.int64) - week0,
            "end_actual": np.concatenate([actual_end(world, events)[some], needs.end[other]]).astype(np.int64)
            - week0,
        }
    )
    return table.iloc[order].reset_index(drop=True)
