"""Children whom one of two systems caught in time and the other missed: who they are so far, and their lists.

Both systems live with the same children and the same harm, so a spell is found in both by its row. It is compared
when both have judged it, by the ledger, 13 weeks after it began.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import solara

from cpsim.measures.causes import CAUSE_PARTS
from cpsim.visualiser.verdicts import Verdicts


@dataclass(frozen=True)
class Parted:
    """A spell of harm that one system caught and the other missed.

    Attributes:
        spell: its row in the table of spells.
        child: row of the child.
        age: whole years at onset.
        onset: week in which the harm began, from week 0.
        severity: 1 is a typical child in need.
        lost: step at which the system that missed it lost it, in plain words.
    """

    spell: int
    child: int
    age: int
    onset: int
    severity: float
    lost: str


@dataclass(frozen=True)
class Both:
    """Two systems compared child by child, as far as both have judged.

    Attributes:
        left, right: spells caught by that system alone, the latest onset first.
        judged: spells that both have judged.
        missed: how many of these are missed on the left and on the right.
        lost: where those were lost: a step in plain words, and how many were lost there on the left and on the right,
            in the order in which a concern travels.
    """

    left: tuple[Parted, ...] = ()
    right: tuple[Parted, ...] = ()
    judged: int = 0
    missed: tuple[int, int] = (0, 0)
    lost: tuple[tuple[str, int, int], ...] = ()

    def __add__(self, other: Both) -> Both:
        """This comparison together with one of other spells."""
        counts = {step: (here, there) for step, here, there in self.lost}
        for step, here, there in other.lost:
            before = counts.get(step, (0, 0))
            counts[step] = before[0] + here, before[1] + there
        return Both(
            left=_latest_first(self.left + other.left),
            right=_latest_first(self.right + other.right),
            judged=self.judged + other.judged,
            missed=(self.missed[0] + other.missed[0], self.missed[1] + other.missed[1]),
            lost=tuple((step, *counts[step]) for step in CAUSE_PARTS.values() if step in counts),
        )


def compared(left: pd.DataFrame, right: pd.DataFrame) -> Both:
    """Compare what two systems of one seed have made of the same children.

    Args:
        left, right: rows of tables of `Verdicts`; those that only one of them has are left out.
    """
    common = left.index.intersection(right.index)
    ours, theirs = left.loc[common], right.loc[common]
    caught = (ours["result_13w"] == "protected", theirs["result_13w"] == "protected")
    missed = (ours["result_13w"] == "missed", theirs["result_13w"] == "missed")
    return Both(
        left=_parted(theirs[caught[0] & missed[1]]),
        right=_parted(ours[missed[0] & caught[1]]),
        judged=len(common),
        missed=(int(missed[0].sum()), int(missed[1].sum())),
        lost=_lost(ours["cause_part"], theirs["cause_part"]),
    )


def _lost(left: pd.Series[str], right: pd.Series[str]) -> tuple[tuple[str, int, int], ...]:
    """How many were lost at each step at which anybody was."""
    here, there = Counter(left), Counter(right)
    return tuple(
        (step, here[part], there[part]) for part, step in CAUSE_PARTS.items() if here[part] or there[part]
    )


def _parted(missed: pd.DataFrame) -> tuple[Parted, ...]:
    """The spells of a table of verdicts of the system that missed them, the latest onset first."""
    columns = (missed[name] for name in ("child", "age_years", "onset", "severity", "cause_part"))
    return _latest_first(
        Parted(int(spell), int(child), int(age), int(onset), round(float(severity), 2), CAUSE_PARTS[part])
        for spell, child, age, onset, severity, part in zip(missed.index, *columns, strict=True)
    )


def _latest_first(spells: Iterable[Parted]) -> tuple[Parted, ...]:
    return tuple(sorted(spells, key=lambda one: (-one.onset, one.child)))


class Comparing:
    """Two systems under way, compared as they judge; only what is new is looked at.

    Attributes:
        both: the comparison as of the last `catch_up`.
    """

    def __init__(self, left: Verdicts, right: Verdicts) -> None:
        self._sides = left, right
        self._read = [0, 0]
        self._waiting = [side.table.iloc[:0] for side in self._sides]
        self.both = Both()
        self.catch_up()

    def catch_up(self) -> Both:
        """Judge and compare what has come due. A spell that only one side has judged waits for the other."""
        for number, side in enumerate(self._sides):
            side.catch_up()
            fresh = side.table.iloc[self._read[number] :]
            self._read[number] = len(side.table)
            if len(fresh):
                self._waiting[number] = (
                    pd.concat([self._waiting[number], fresh]) if len(self._waiting[number]) else fresh
                )
        left, right = self._waiting
        common = left.index.intersection(right.index)
        if len(common):
            self.both += compared(left, right)
            self._waiting = [table.drop(common) for table in self._waiting]
        return self.both


@solara.component_vue("children.vue")
def _Lists(
    names: list[str],
    caught: list[list[dict[str, Any]]],
    judged: int,
    missed: list[int],
    lost: list[list[str | int]],
    chosen: int | None = None,
    event_pick: Callable[[int], None] | None = None,
) -> None: ...


@solara.component
def ChildrenLists(
    both: Both,
    names: tuple[str, str],
    on_pick: Callable[[int], None],
    chosen: int | None = None,
) -> None:
    """Where two systems have lost children, and the lists of those whom only one of them caught.

    Args:
        both: the comparison.
        names: of the systems on the left and on the right.
        on_pick: called with the row of the child that was clicked.
        chosen: the child whose story is open.
    """
    _Lists(
        names=list(names),
        caught=[[asdict(parted) for parted in side] for side in (both.left, both.right)],
        judged=both.judged,
        missed=list(both.missed),
        lost=[list(step) for step in both.lost],
        chosen=chosen,
        event_pick=lambda child: on_pick(int(child)),
    )
