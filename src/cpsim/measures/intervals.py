"""Times, intervals and episodes of many groups (children, families), searched for all groups at once."""

from dataclasses import dataclass

import numpy as np

from cpsim.arrays import Bools, Integers, Ints
from cpsim.constants import NEVER
from cpsim.ranges import expand_ranges

_ROOM, _SHIFT = 65_536, 16_384


def sort_keys(group: Integers, week: Integers | int) -> Ints:
    """One sortable number for each (group, week); weeks may be from -16,384 to 49,151."""
    keys: Ints = group.astype(np.int64) * _ROOM + (np.asarray(week, np.int64) + _SHIFT)
    return keys


def split_keys(keys: Ints) -> tuple[Ints, Ints]:
    """Return the group and the week of each key, shapes (n,)."""
    return keys // _ROOM, keys % _ROOM - _SHIFT


class EventTimes:
    """Weeks in which events happened in each group.

    Args:
        group: group of each event, in any order, shape (E,).
        week: week of each event, shape (E,).

    >>> times = EventTimes(np.array([1, 1, 2]), np.array([4, 9, 6]))
    >>> times.count_between(np.array([1, 2]), np.array([0, 0]), np.array([9, 5])).tolist()
    [2, 0]
    >>> times.find_first(np.array([1]), np.array([5])).tolist()
    [9]
    >>> times.find_last(np.array([1, 2]), np.array([5, 5])).tolist() == [4, -NEVER]
    True
    """

    def __init__(self, group: Integers, week: Integers) -> None:
        self._unsorted = sort_keys(group, week)
        self._keys = np.sort(self._unsorted)

    def count_between(self, group: Integers, first: Integers, last: Integers) -> Ints:
        """Count the events of each group from week `first` to week `last` (inclusive), shape (n,)."""
        upto = np.searchsorted(self._keys, sort_keys(group, last), side="right")
        number: Ints = upto - np.searchsorted(self._keys, sort_keys(group, first), side="left")
        return number

    def find_row(self, group: Integers, week: Integers) -> Ints:
        """Find the row of each group's first event in `week` or later, -1 if there is none, shape (n,)."""
        if not len(self._keys):
            return np.full(len(group), -1)
        order = np.argsort(self._unsorted, kind="stable")
        at = np.minimum(np.searchsorted(self._keys, sort_keys(group, week), side="left"), len(order) - 1)
        key = self._keys[at]
        found = (key >= sort_keys(group, week)) & (key // _ROOM == group)
        return np.where(found, order[at], -1)

    def find_last(self, group: Integers, week: Integers) -> Ints:
        """Find the week of each group's last event in `week` or earlier, `-NEVER` if there is none, shape (n,)."""
        if not len(self._keys):
            return np.full(len(group), -NEVER)
        at = np.searchsorted(self._keys, sort_keys(group, week), side="right") - 1
        key = self._keys[np.maximum(at, 0)]
        found = (at >= 0) & (key // _ROOM == group)
        return np.where(found, key % _ROOM - _SHIFT, -NEVER)

    def find_first(self, group: Integers, week: Integers) -> Ints:
        """Find the week of each group's first event in `week` or later, `NEVER` if there is none, shape (n,)."""
        if not len(self._keys):
            return np.full(len(group), NEVER)
        at = np.searchsorted(self._keys, sort_keys(group, week), side="left")
        key = self._keys[np.minimum(at, len(self._keys) - 1)]
        found = (at < len(self._keys)) & (key // _ROOM == group)
        return np.where(found, key % _ROOM - _SHIFT, NEVER)


@dataclass(frozen=True)
class Intervals:
    """Intervals of weeks `start` to `end` (exclusive) of each group, as sorted keys, shape (I,).

    >>> harm = Intervals.of(np.array([1, 1]), np.array([0, 3]), np.array([5, 8]))
    >>> harm.count_open(np.array([1, 1, 1]), np.array([2, 4, 8])).tolist()
    [1, 2, 0]
    >>> harm.overlap(np.array([1, 1]), np.array([7, 8]), np.array([9, 9])).tolist()
    [True, False]
    """

    starts: Ints
    ends: Ints

    @classmethod
    def of(cls, group: Integers, start: Integers, end: Integers) -> "Intervals":
        """Build intervals from their groups, first weeks and weeks after the last, shapes (I,); they may overlap."""
        return cls(np.sort(sort_keys(group, start)), np.sort(sort_keys(group, end)))

    def count_open(self, group: Integers, week: Integers) -> Ints:
        """Count the intervals of each group that contain `week`, shape (n,)."""
        base = sort_keys(group, -_SHIFT)
        now = sort_keys(group, week)
        begun = np.searchsorted(self.starts, now, side="right") - np.searchsorted(self.starts, base)
        over = np.searchsorted(self.ends, now, side="right") - np.searchsorted(self.ends, base)
        number: Ints = begun - over
        return number

    def overlap(self, group: Integers, first: Integers, last: Integers) -> Bools:
        """Return whether an interval of each group contains a week from `first` to `last` (inclusive), shape (n,)."""
        begun = np.searchsorted(self.starts, sort_keys(group, last), side="right")
        over = np.searchsorted(self.ends, sort_keys(group, first), side="right")
        base = sort_keys(group, -_SHIFT)
        found: Bools = begun - np.searchsorted(self.starts, base) > over - np.searchsorted(self.ends, base)
        return found


@dataclass(frozen=True)
class Episodes:
    """Intervals that do not overlap within a group, in order of group and start, shapes (I,)."""

    group: Ints
    start: Ints
    end: Ints

    @classmethod
    def merge(cls, group: Integers, start: Integers, end: Integers) -> "Episodes":
        """Merge intervals of the same group that overlap or adjoin; empty ones are left out.

        >>> Episodes.merge(np.array([1, 1, 2]), np.array([5, 0, 9]), np.array([8, 5, 9]))
        Episodes(group=array([1]), start=array([0]), end=array([8]))
        """
        some = end > start
        order = np.argsort(sort_keys(group[some], start[some]), kind="stable")
        begun, over = sort_keys(group[some], start[some])[order], sort_keys(group[some], end[some])[order]
        if not len(order):
            return cls(begun, begun, begun)
        # An interval that begins after the latest end so far begins a new episode.
        reached = np.maximum.accumulate(over)
        first = np.flatnonzero(np.concatenate([[True], begun[1:] > reached[:-1]]))
        last = np.append(first[1:], len(order)) - 1
        return cls(begun[first] // _ROOM, begun[first] % _ROOM - _SHIFT, reached[last] % _ROOM - _SHIFT)

    def intersect(self, other: "Episodes") -> "Episodes":
        """Return the weeks that are in an episode of this and of the other, as episodes.

        >>> one, other = (Episodes.merge(np.array([1]), *(np.array([w]) for w in each)) for each in ((0, 9), (4, 20)))
        >>> one.intersect(other)
        Episodes(group=array([1]), start=array([4]), end=array([9]))
        """
        first = np.searchsorted(
            sort_keys(other.group, other.end), sort_keys(self.group, self.start), side="right"
        )
        upto = np.searchsorted(sort_keys(other.group, other.start), sort_keys(self.group, self.end))
        mine, theirs = expand_ranges(first, np.maximum(upto - first, 0))
        return Episodes(
            self.group[mine],
            np.maximum(self.start[mine], other.start[theirs]),
            np.minimum(self.end[mine], other.end[theirs]),
        )

    @classmethod
    def from_pairs(
        cls, group_from: Integers, start: Integers, group_until: Integers, end: Integers
    ) -> "Episodes":
        """Pair the n-th start of each group with its n-th end; an episode without an end lasts until `NEVER`."""
        order = np.lexsort((start, group_from))
        group, begun = group_from[order].astype(np.int64), start[order].astype(np.int64)
        ends = np.lexsort((end, group_until))
        sorted_group, sorted_end = group_until[ends].astype(np.int64), end[ends].astype(np.int64)
        nth = np.arange(len(group)) - np.searchsorted(group, group)
        at = np.searchsorted(sorted_group, group) + nth
        has_ended = at < np.searchsorted(sorted_group, group, side="right")
        until = np.full(len(group), NEVER)
        until[has_ended] = sorted_end[at[has_ended]]
        return cls(group, begun, until)

    def find_last_begun(self, group: Integers, week: Integers) -> tuple[Ints, Ints]:
        """Find the last episode of each group that started by `week`.

        Returns:
            Its start and end, `NEVER` and `-NEVER` if there is none, shapes (n,).
        """
        if not len(self.group):
            return np.full(len(group), NEVER), np.full(len(group), -NEVER)
        at = np.searchsorted(sort_keys(self.group, self.start), sort_keys(group, week), side="right") - 1
        found = (at >= 0) & (self.group[at] == group)
        return np.where(found, self.start[at], NEVER), np.where(found, self.end[at], -NEVER)

    def find_first_week(self, group: Integers, start: Integers, end: Integers) -> Ints:
        """Find the first week of each group within an episode, from `start` to `end` (exclusive).

        Returns:
            The weeks, `NEVER` where there is none, shape (n,).
        """
        _, open_until = self.find_last_begun(group, start)
        begins = EventTimes(self.group, self.start).find_first(group, start)
        first = np.where(open_until > start, start, begins)
        return np.where(first < end, first, NEVER)
