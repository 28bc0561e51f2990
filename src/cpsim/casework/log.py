"""The log of casework: everything that happened, in order, kept as arrays and read by the measures."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Happening(IntEnum):
    """What can happen to a concern about a child, in the order of the stages."""

    NOTICED = 0
    RECORDED = 1
    AT_THE_BAR = 2
    CONSULTED = 3
    SHARED = 4
    LOST = 5
    DELIVERED = 6
    SCREENED_OUT = 7
    REFERRED = 8
    INITIAL_STARTED = 9
    INITIAL_FINISHED = 10
    NO_FURTHER_ACTION = 11
    CORE_STARTED = 12
    CORE_FINISHED = 13
    ENQUIRY_STARTED = 14
    ENQUIRY_FINISHED = 15
    CONFERENCE = 16
    PLAN_STARTED = 17
    PLAN_ENDED = 18
    IN_NEED_STARTED = 19
    IN_NEED_ENDED = 20
    COURT_APPLICATION = 21
    CARE_STARTED = 22
    CARE_ENDED = 23
    EFFECTIVE_FROM = 24
    EFFECTIVE_UNTIL = 25
    HARM_ENDED_BY_PROTECTION = 26
    SERIOUS_EVENT = 27
    SERIOUS_EVENT_AVERTED = 28
    FILE_LEFT_BEHIND = 29
    WORKER_CHANGED = 30
    GREW_UP = 31


@dataclass(frozen=True)
class Events:
    """All that happened, one row an event, in the order in which it happened.

    Attributes:
        week: int32, shape (E,).
        child: int32, shape (E,).
        what: `Happening`, int8, shape (E,).
        site: the organisation that acted, -1 for social care, int32, shape (E,).
        value: evidence, estimate or count that went with it, NaN where there is none, float64, shape (E,).
    """

    week: NDArray[np.int32]
    child: NDArray[np.int32]
    what: NDArray[np.int8]
    site: NDArray[np.int32]
    value: Floats

    def of(self, what: Happening) -> "Events":
        """The events of one kind, in order."""
        rows = np.flatnonzero(self.what == what)
        return Events(self.week[rows], self.child[rows], self.what[rows], self.site[rows], self.value[rows])


class Log:
    """Collects what happens without touching it; sorting and counting come after the run."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, int, NDArray[np.integer], NDArray[np.integer] | int, Floats | float]] = []

    def add(
        self,
        week: int,
        what: Happening,
        child: NDArray[np.integer],
        site: NDArray[np.integer] | int = -1,
        value: Floats | float = np.nan,
    ) -> None:
        """Note that `what` happened to each of `child`, shape (n,). Arrays are kept, so the caller must not change them."""
        if len(child):
            self._parts.append((week, int(what), child, site, value))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Log":
        """A log with the same past, to be continued separately; what has happened is never written to again."""
        twin = Log()
        twin._parts = list(self._parts)
        return twin

    def __len__(self) -> int:
        """Number of notes so far; a note may hold many events."""
        return len(self._parts)

    def events(self, since: int = 0) -> Events:
        """Everything noted so far, or since the log had `since` notes."""
        parts = self._parts[since:]
        sizes = np.array([len(part[2]) for part in parts], np.int64)
        total = int(sizes.sum())
        child, site = np.empty(total, np.int32), np.empty(total, np.int32)
        value = np.empty(total)
        start = 0
        for (_, _, who, where, how_much), size in zip(parts, sizes, strict=True):
            child[start : start + size] = who
            site[start : start + size] = where
            value[start : start + size] = how_much
            start += size
        return Events(
            week=np.repeat(np.array([part[0] for part in parts], np.int32), sizes),
            child=child,
            what=np.repeat(np.array([part[1] for part in parts], np.int8), sizes),
            site=site,
            value=value,
        )
