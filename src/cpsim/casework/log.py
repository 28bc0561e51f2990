"""The log of casework: all events of a run as arrays, which the measures read after the run.

>>> from cpsim.casework.log import OCCURRENCES
>>> OCCURRENCES[:5]
('noticed', 'recorded', 'threshold_crossed', 'consulted', 'shared')
"""

from bisect import bisect_left
from copy import deepcopy
from operator import attrgetter, itemgetter
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Floats, Integers, Ints
from cpsim.constants import NEVER

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
        site: row of the organisation that acted, -1 for social care, int16.
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
    site: NDArray[np.int16]
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
"""Week, children, organisations and values of some events of one kind, of any types."""


class _PackedEvents(NamedTuple):
    """Batches of events of one kind in order of week, with the types of `Events`; E events in B batches.

    Attributes:
        week: week of each batch, shape (B,).
        size: number of events in each batch, shape (B,).
        child, site, value: as in `Events`, shape (E,), or one number for all events.
    """

    week: NDArray[np.int16]
    size: NDArray[np.int32]
    child: NDArray[np.int32]
    site: NDArray[np.int16] | int
    value: NDArray[np.float32] | float

    @property
    def last_week(self) -> int:
        """Week of the last event."""
        return int(self.week[-1])

    def fill(self) -> Events:
        """Return the events, with a full array for each column."""
        n = len(self.child)
        return Events(
            self.week.repeat(self.size),
            self.child,
            np.broadcast_to(np.asarray(self.site, np.int16), n),
            np.broadcast_to(np.asarray(self.value, np.float32), n),
        )


_MOST_BATCHES, _MOST_EVENTS = 128, 16_384
"""Numbers of batches or of their events from which they are joined into a block."""

ROUTINE: Final = (Occurrence.NOTICED, Occurrence.RECORDED)
"""Kinds of event that occur about a thousand times a week."""


class Log:
    """The log of a run in progress; batches of events are joined into blocks with a quarter of their size.

    Args:
        detail_from: first week from which the kinds of event in `ROUTINE` are logged.
    """

    def __init__(self, detail_from: int = 0) -> None:
        self.detail_from = detail_from
        self._blocks: list[list[_PackedEvents]] = [[] for _ in OCCURRENCES]
        self._batches: list[list[_Batch]] = [[] for _ in OCCURRENCES]
        self._in_batches = [0] * len(OCCURRENCES)

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
            batches = self._batches[occurrence]
            batches.append((week, child, site, value))
            self._in_batches[occurrence] += len(child)
            if len(batches) >= _MOST_BATCHES or self._in_batches[occurrence] >= _MOST_EVENTS:
                self._pack(occurrence)

    def _pack(self, occurrence: int) -> None:
        """Pack the batches of a kind into a block."""
        self._blocks[occurrence].append(_pack_batches(self._batches[occurrence]))
        self._batches[occurrence].clear()
        self._in_batches[occurrence] = 0

    def join(self) -> None:
        """Join all events of each kind into one block, so that selecting them needs little more memory."""
        for occurrence, blocks in enumerate(self._blocks):
            if self._batches[occurrence]:
                self._pack(occurrence)
            if len(blocks) > 1:
                blocks[:] = [_join_blocks(blocks)]

    def extend(self, occurrence: int, events: "Events") -> None:
        """Add events of kind `occurrence` from several weeks, which follow those logged so far."""
        if not len(events.child):
            return
        if self._batches[occurrence]:
            self._pack(occurrence)
        week, size = np.unique(events.week, return_counts=True)
        block = _PackedEvents(week, size.astype(np.int32), events.child, events.site, events.value)
        self._blocks[occurrence].append(block)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Log":
        """Return a log with the same history that can be continued separately; stored arrays are shared."""
        copy = Log(self.detail_from)
        copy._blocks = [list(blocks) for blocks in self._blocks]
        copy._batches = [list(batches) for batches in self._batches]
        copy._in_batches = list(self._in_batches)
        return copy

    def __getstate__(self) -> dict[str, Any]:
        """Return the events joined by kind, without changing the log itself."""
        joined = deepcopy(self)
        joined.join()
        return joined.__dict__

    def select(self, occurrence: int, since: int = 0) -> Events:
        """Select the events of one kind from week `since` on; the arrays must not be written to."""
        blocks, batches = self._blocks[occurrence], self._batches[occurrence]
        blocks = blocks[bisect_left(blocks, since, key=attrgetter("last_week")) :]
        batches = batches[bisect_left(batches, since, key=itemgetter(0)) :]
        if batches or not blocks:
            blocks = [*blocks, _pack_batches(batches)]
        events = (blocks[0] if len(blocks) == 1 else _join_blocks(blocks)).fill()
        return events.select_weeks(since, NEVER) if since else events


def _pack_batches(batches: list[_Batch]) -> _PackedEvents:
    week, child, site, value = zip(*batches, strict=True) if batches else ((),) * 4
    size = np.array([len(rows) for rows in child], np.int32)
    return _PackedEvents(
        np.array(week, np.int16),
        size,
        np.concatenate([np.empty(0, np.int32), *child], dtype=np.int32, casting="unsafe"),
        _join_column(site, size, np.int16, -1),
        _join_column(value, size, np.float32, np.nan),
    )


def _join_blocks(blocks: list[_PackedEvents]) -> _PackedEvents:
    week, size, child, site, value = zip(*blocks, strict=True)
    sizes = np.array([len(rows) for rows in child])
    return _PackedEvents(
        np.concatenate(week),
        np.concatenate(size),
        np.concatenate(child),
        _join_column(site, sizes, np.int16, -1),
        _join_column(value, sizes, np.float32, np.nan),
    )


def _join_column(parts: tuple[Any, ...], sizes: Integers, dtype: type, default: float) -> Any:
    """Join the parts of a column, each an array or one number; numbers stay one if all are the default."""
    arrays = sum(isinstance(part, np.ndarray) for part in parts)
    if not arrays:
        numbers: NDArray[Any] = np.array(parts, dtype)
        is_default = np.array_equal(numbers, np.full_like(numbers, default), equal_nan=True)
        return default if is_default else numbers.repeat(sizes)
    if arrays < len(parts):
        parts = tuple(np.broadcast_to(part, size) for part, size in zip(parts, sizes.tolist(), strict=True))
    return np.concatenate(parts, dtype=dtype, casting="unsafe")


class FinishedLog:
    """The log of a run, to be read and not continued.

    Args:
        log: the log of the run.

    >>> log = Log()
    >>> log.add(3, Occurrence.DELIVERED, np.array([10, 11]), site=4)
    >>> FinishedLog(log).select(Occurrence.DELIVERED).site.tolist()
    [4, 4]
    """

    def __init__(self, log: Log) -> None:
        self._log = log

    def select(self, occurrence: int) -> Events:
        """Select all events of one kind."""
        return self._log.select(occurrence)


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
