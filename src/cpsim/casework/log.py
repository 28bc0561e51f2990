"""The log of casework: all events of a run as arrays, which the measures read after the run.

>>> from cpsim.casework.log import OCCURRENCES
>>> OCCURRENCES[:5]
('noticed', 'recorded', 'threshold_crossed', 'consulted', 'shared')
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Floats, Ints

__all__ = ["OCCURRENCES", "Events", "FinishedLog", "Occurrence"]


class Occurrence:
    """The kinds of event in casework, in the order of the stages; kinds that were added later come last.

    Plain integers instead of an `enum.Enum`, because they are looked up some thirty times a week, and looking up a
    member of an enumeration is slow in Python 3.11.

    >>> OCCURRENCES[Occurrence.REFERRED]
    'referred'
    """

    NOTICED: Final = 0
    RECORDED: Final = 1
    THRESHOLD_CROSSED: Final = 2
    CONSULTED: Final = 3
    SHARED: Final = 4
    LOST: Final = 5
    DELIVERED: Final = 6
    SCREENED_OUT: Final = 7
    REFERRED: Final = 8
    INITIAL_STARTED: Final = 9
    INITIAL_FINISHED: Final = 10
    NO_FURTHER_ACTION: Final = 11
    CORE_STARTED: Final = 12
    CORE_FINISHED: Final = 13
    ENQUIRY_STARTED: Final = 14
    ENQUIRY_FINISHED: Final = 15
    CONFERENCE: Final = 16
    PLAN_STARTED: Final = 17
    PLAN_ENDED: Final = 18
    IN_NEED_STARTED: Final = 19
    IN_NEED_ENDED: Final = 20
    COURT_APPLICATION: Final = 21
    CARE_STARTED: Final = 22
    CARE_ENDED: Final = 23
    EFFECTIVE_FROM: Final = 24
    EFFECTIVE_UNTIL: Final = 25
    HARM_ENDED_BY_PROTECTION: Final = 26
    SERIOUS_EVENT: Final = 27
    SERIOUS_EVENT_AVERTED: Final = 28
    FILE_LEFT_BEHIND: Final = 29
    WORKER_CHANGED: Final = 30
    TURNED_18: Final = 31
    LOOKED_UP: Final = 32
    MISDIRECTED: Final = 33


OCCURRENCES: Final = tuple(name.lower() for name in vars(Occurrence) if name.isupper())
"""Names of the kinds of event; the index is the code."""


class Events(NamedTuple):
    """Events of one kind, one row for each event, in the order in which they happened; shapes (E,).

    Attributes:
        week: week of the run, int16.
        child: row of the child, int32.
        site: row of the organisation that acted, -1 for social care, int32.
        value: evidence, estimate or count that belongs to the event, NaN if there is none, float32.

    >>> log = Log()
    >>> log.add(3, Occurrence.REFERRED, np.array([10, 11]))
    >>> log.add(5, Occurrence.REFERRED, np.array([12]), value=1.0)
    >>> log.select(Occurrence.REFERRED).child.tolist()
    [10, 11, 12]
    >>> log.select(Occurrence.REFERRED).select_weeks(4, 6).child.tolist()
    [12]
    """

    week: NDArray[np.int16]
    child: NDArray[np.int32]
    site: NDArray[np.int32]
    value: NDArray[np.float32]

    def select_weeks(self, first: int, end: int) -> "Events":
        """Select the events of weeks `first` to `end` (exclusive)."""
        rows = slice(*np.searchsorted(self.week, [first, end]))
        return Events(self.week[rows], self.child[rows], self.site[rows], self.value[rows])


class Judgement(NamedTuple):
    """Judgements of one kind made this week; shapes (n,), or one number for all rows.

    Attributes:
        decision: sharing, screening, second look, escalation, initial assessment, core assessment, conference,
            review.
        child: rows of the children, int64.
        evidence: evidence that the judgement is based on, log-odds, NaN if it is based on severity itself.
        estimate: evidence or severity as judged, with its error, on the scale of `threshold`.
        threshold: value above which action follows.
        site: row of the organisation that judged, or whose message was judged; -1 for social care.
    """

    decision: str
    child: Ints
    evidence: Floats | float
    estimate: Floats
    threshold: Floats | float
    site: Ints | int


_Batch = tuple[int, NDArray[Any], NDArray[Any] | int, NDArray[Any] | float]
"""Week, children, organisations and values of some events of one kind."""


ROUTINE: Final = (Occurrence.NOTICED, Occurrence.RECORDED)
"""Kinds of event that occur about a thousand times a week."""


class Log:
    """The log of a run in progress; events are joined and counted only when they are read.

    Args:
        detail_from: first week from which the kinds of event in `ROUTINE` are logged.
    """

    def __init__(self, detail_from: int = 0) -> None:
        self.detail_from = detail_from
        self._batches: list[list[_Batch]] = [[] for _ in OCCURRENCES]

    def add(
        self,
        week: int,
        occurrence: int,
        child: NDArray[Any],
        site: NDArray[Any] | int = -1,
        value: NDArray[Any] | float = np.nan,
    ) -> None:
        """Add one event of kind `occurrence` for each child, shape (n,).

        Args:
            week: week of the run.
            occurrence: a code of `Occurrence`.
            child: rows of children, shape (n,).
            site: row of the organisation that acted, shape (n,) or one for all.
            value: value that belongs to each event, shape (n,) or one for all.

        The arrays are stored without a copy, so the caller must not write to them afterwards.
        """
        if len(child) and (week >= self.detail_from or occurrence not in ROUTINE):
            self._batches[occurrence].append((week, child, site, value))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Log":
        """Return a log with the same history that can be continued separately; stored arrays are shared."""
        copy = Log(self.detail_from)
        copy._batches = [list(batches) for batches in self._batches]
        return copy

    def __getstate__(self) -> dict[str, Any]:
        """Return the events joined by kind, which needs a third of the memory."""
        kinds = range(len(OCCURRENCES))
        return {"detail_from": self.detail_from, "events": [tuple(self.select(kind)) for kind in kinds]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a log that was pickled, with one batch for each kind and week."""
        self.detail_from = state["detail_from"]
        self._batches = [list(_split_by_week(Events(*events))) for events in state["events"]]

    def select(self, occurrence: int, since: int = 0) -> Events:
        """Select the events of one kind from week `since` on."""
        batches = self._batches[occurrence]
        batches = batches[bisect_left(batches, since, key=itemgetter(0)) :]
        sizes = [len(batch[1]) for batch in batches]
        total = sum(sizes)
        week, child, site = np.empty(total, np.int16), np.empty(total, np.int32), np.empty(total, np.int32)
        value = np.empty(total, np.float32)
        start = 0
        for batch, size in zip(batches, sizes, strict=True):
            rows = slice(start, start + size)
            week[rows], child[rows], site[rows], value[rows] = batch
            start += size
        return Events(week, child, site, value)


def _split_by_week(events: Events) -> Iterator[_Batch]:
    first = np.flatnonzero(np.diff(events.week, prepend=-1)).tolist()
    for start, end in pairwise([*first, len(events.week)]):
        rows = slice(start, end)
        yield int(events.week[start]), events.child[rows], events.site[rows], events.value[rows]


class FinishedLog:
    """The log of a finished run; the events of a kind are joined when they are first read.

    Args:
        log: the log of the run.

    >>> log = Log()
    >>> log.add(3, Occurrence.DELIVERED, np.array([10, 11]), site=4)
    >>> FinishedLog(log).select(Occurrence.DELIVERED).site.tolist()
    [4, 4]
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._joined: dict[int, Events] = {}

    def select(self, occurrence: int) -> Events:
        """Select all events of one kind."""
        if occurrence not in self._joined:
            self._joined[occurrence] = self._log.select(occurrence)
        return self._joined[occurrence]


class RecentLog(FinishedLog):
    """The log of a run in progress from a week on, which saves joining its whole history.

    Args:
        log: the log.
        since: first week that is read.
        whole: kinds of event that are read from the beginning all the same.
    """

    def __init__(self, log: Log, since: int, whole: tuple[int, ...] = ()) -> None:
        super().__init__(log)
        self._since, self._whole = since, whole

    def select(self, occurrence: int) -> Events:
        """Select the events of one kind from week `since` on, or all of them for the kinds in `whole`."""
        if occurrence in self._whole:
            return super().select(occurrence)
        return self._log.select(occurrence, self._since)
