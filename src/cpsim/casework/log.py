"""The log of casework: everything that happened, kept as arrays and read by the measures."""

from bisect import bisect_left
from operator import itemgetter
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim.arrays import Floats, Ints


class Occurrence:
    """What can happen to a concern about a child, in the order of the stages; what was added later stands last.

    Plain whole numbers and no `enum.Enum`: they are looked up some thirty times a week, which Python 3.11 does slowly.
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
"""Names of what can happen; the index is the code."""


class Events(NamedTuple):
    """Happenings of one kind, one row an event, in the order in which they happened; shapes (E,).

    Attributes:
        week: int16.
        child: int32.
        site: the organisation that acted, -1 for social care, int32.
        value: evidence, estimate or count that went with it, NaN where there is none, float32.
    """

    week: NDArray[np.int16]
    child: NDArray[np.int32]
    site: NDArray[np.int32]
    value: NDArray[np.float32]

    def select_weeks(self, first: int, end: int) -> "Events":
        """Events of weeks `first` to `end` (not included)."""
        rows = slice(*np.searchsorted(self.week, [first, end]))
        return Events(self.week[rows], self.child[rows], self.site[rows], self.value[rows])


class Judgement(NamedTuple):
    """Judgements of one kind that were made this week; shapes (n,), or one number for all.

    Attributes:
        what: sharing, screening, second look, escalation, initial assessment, core assessment, conference, review.
        child: about whom, int64.
        evidence: what there was to go by, log-odds, NaN where it was severity itself.
        judged: what it was taken for, on the scale of `threshold`.
        threshold: above which something follows.
        site: the organisation that judged or on whose word, -1 for social care.
    """

    what: str
    child: Ints
    evidence: Floats | float
    estimate: Floats
    threshold: Floats | float
    site: Ints | int


_Note = tuple[int, NDArray[Any], NDArray[Any] | int, NDArray[Any] | float]
"""Week, children, organisations and values of some happenings of one kind."""


ROUTINE: Final = (Occurrence.NOTICED, Occurrence.RECORDED)
"""What happens a thousand times a week."""


class Log:
    """Collects what happens without touching it; joining and counting come after the run.

    What happens every day is noted from week `detail_from` on: before it, nobody will ask.
    """

    def __init__(self, detail_from: int = 0) -> None:
        self.detail_from = detail_from
        self._notes: list[list[_Note]] = [[] for _ in OCCURRENCES]

    def add(
        self,
        week: int,
        what: int,
        child: NDArray[Any],
        site: NDArray[Any] | int = -1,
        value: NDArray[Any] | float = np.nan,
    ) -> None:
        """Note that `what`, a code of `Happening`, happened to each of `child`, shape (n,).

        The arrays are kept as they are, so the caller must not write to them afterwards.
        """
        if len(child) and (week >= self.detail_from or what not in ROUTINE):
            self._notes[what].append((week, child, site, value))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Log":
        """A log with the same past, to be continued separately; what has happened is never written to again."""
        twin = Log(self.detail_from)
        twin._notes = [list(notes) for notes in self._notes]
        return twin

    def select(self, what: int, since: int = 0) -> Events:
        """All happenings of one kind from week `since` on."""
        notes = self._notes[what]
        notes = notes[bisect_left(notes, since, key=itemgetter(0)) :]
        sizes = [len(note[1]) for note in notes]
        total = sum(sizes)
        week, child, site = np.empty(total, np.int16), np.empty(total, np.int32), np.empty(total, np.int32)
        value = np.empty(total, np.float32)
        start = 0
        for note, size in zip(notes, sizes, strict=True):
            rows = slice(start, start + size)
            week[rows], child[rows], site[rows], value[rows] = note
            start += size
        return Events(week, child, site, value)


class FinishedLog:
    """The finished log, joined kind by kind when somebody first asks."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._joined: dict[int, Events] = {}

    def select(self, what: int) -> Events:
        """All happenings of one kind."""
        if what not in self._joined:
            self._joined[what] = self._log.select(what)
        return self._joined[what]


class RecentLog(FinishedLog):
    """The log from a week on, so that nobody who asks in the middle of a run need join its whole past.

    Args:
        log: the log.
        since: the first week.
        whole: kinds of happening that are joined from the beginning all the same.
    """

    def __init__(self, log: Log, since: int, whole: tuple[int, ...] = ()) -> None:
        super().__init__(log)
        self._since, self._whole = since, whole

    def select(self, what: int) -> Events:
        """Happenings of one kind, from the week on that matters."""
        return super().select(what) if what in self._whole else self._log.select(what, self._since)
