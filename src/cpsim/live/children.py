"""Children whom one of two systems protected in time and the other missed: the comparison so far, and its lists.

Both systems have the same children and the same harm, so a spell has the same row in both. It is compared as soon as
the ledger has evaluated it in both systems, 13 weeks after it began.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from cpsim.live.verdicts import RunningVerdicts
from cpsim.measures.chain import STOP_PARTS


@dataclass(frozen=True)
class DiscordantSpell:
    """A spell of harm that one system protected and the other missed.

    Attributes:
        row: its row in the table of spells.
        child: row of the child.
        age: age at onset in whole years.
        onset: week in which the harm began, from week 0.
        severity: severity, where 1 is a typical child in need.
        stopped_at: name of the place where the chain of concern stopped.
    """

    row: int
    child: int
    age: int
    onset: int
    severity: float
    stopped_at: str


@dataclass(frozen=True)
class ChildComparison:
    """Two systems compared spell by spell, as far as both have been evaluated.

    Attributes:
        left, right: spells that only this system protected, the latest onset first.
        evaluated: number of spells evaluated in both systems.
        missed: how many of these the left and the right system missed.
        stops: for each place where chains stopped its name and how many spells the left and the right system missed
            there, in the order in which a concern travels.

    >>> one = ChildComparison(evaluated=2, missed=(1, 0), stops=(("Screened out", 1, 0),))
    >>> (one + one).stops
    (('Screened out', 2, 0),)
    """

    left: tuple[DiscordantSpell, ...] = ()
    right: tuple[DiscordantSpell, ...] = ()
    evaluated: int = 0
    missed: tuple[int, int] = (0, 0)
    stops: tuple[tuple[str, int, int], ...] = ()

    def __add__(self, other: ChildComparison) -> ChildComparison:
        """Merge with a comparison of other spells."""
        counts = {name: (here, there) for name, here, there in self.stops}
        for name, here, there in other.stops:
            before = counts.get(name, (0, 0))
            counts[name] = before[0] + here, before[1] + there
        return ChildComparison(
            left=_sort_latest_first(self.left + other.left),
            right=_sort_latest_first(self.right + other.right),
            evaluated=self.evaluated + other.evaluated,
            missed=(self.missed[0] + other.missed[0], self.missed[1] + other.missed[1]),
            stops=tuple((name, *counts[name]) for name in STOP_PARTS.values() if name in counts),
        )


def compare_children(left: pd.DataFrame, right: pd.DataFrame) -> ChildComparison:
    """Compare the results of two systems for the same children and the same seed.

    Args:
        left, right: rows of tables of `RunningVerdicts`; spells that only one of them has are left out.
    """
    common = left.index.intersection(right.index)
    ours, theirs = left.loc[common], right.loc[common]
    protected = (ours["result"] == "protected", theirs["result"] == "protected")
    missed = (ours["result"] == "missed", theirs["result"] == "missed")
    return ChildComparison(
        left=_list_discordant(theirs[protected[0] & missed[1]]),
        right=_list_discordant(ours[missed[0] & protected[1]]),
        evaluated=len(common),
        missed=(int(missed[0].sum()), int(missed[1].sum())),
        stops=_count_stops(ours["stopped_at_part"], theirs["stopped_at_part"]),
    )


def _count_stops(left: pd.Series[str], right: pd.Series[str]) -> tuple[tuple[str, int, int], ...]:
    """Count the missed spells of both systems by where their chains stopped; places without any are left out."""
    here, there = Counter(left), Counter(right)
    return tuple(
        (name, here[code], there[code]) for code, name in STOP_PARTS.items() if here[code] or there[code]
    )


def _list_discordant(missed: pd.DataFrame) -> tuple[DiscordantSpell, ...]:
    """List spells, the latest onset first, from the rows of the system that missed them."""
    columns = (missed[name] for name in ("child", "age_years", "onset", "severity", "stopped_at_part"))
    return _sort_latest_first(
        DiscordantSpell(
            int(row), int(child), int(age), int(onset), round(float(severity), 2), STOP_PARTS[code]
        )
        for row, child, age, onset, severity, code in zip(missed.index, *columns, strict=True)
    )


def _sort_latest_first(spells: Iterable[DiscordantSpell]) -> tuple[DiscordantSpell, ...]:
    return tuple(sorted(spells, key=lambda one: (-one.onset, one.child)))


class RunningComparison:
    """A comparison of two running systems, extended by the newly evaluated spells at each `catch_up`.

    Args:
        left, right: the results so far of both systems.

    Attributes:
        comparison: the comparison as of the last `catch_up`.
    """

    def __init__(self, left: RunningVerdicts, right: RunningVerdicts) -> None:
        self._sides = left, right
        self._rows_read = [0, 0]
        self._waiting = [side.table.iloc[:0] for side in self._sides]
        self.comparison = ChildComparison()
        self.catch_up()

    def catch_up(self) -> ChildComparison:
        """Compare the spells evaluated since the last call; a spell evaluated on one side waits for the other."""
        for number, side in enumerate(self._sides):
            side.catch_up()
            fresh = side.table.iloc[self._rows_read[number] :]
            self._rows_read[number] = len(side.table)
            if len(fresh):
                self._waiting[number] = (
                    pd.concat([self._waiting[number], fresh]) if len(self._waiting[number]) else fresh
                )
        left, right = self._waiting
        common = left.index.intersection(right.index)
        if len(common):
            self.comparison += compare_children(left, right)
            self._waiting = [table.drop(common) for table in self._waiting]
        return self.comparison
