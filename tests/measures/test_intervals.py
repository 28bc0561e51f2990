"""Searches in times, intervals and episodes of many children agree with a loop over the children."""

from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cpsim.constants import NEVER
from cpsim.measures.intervals import Episodes, EventTimes, Intervals

CHILDREN = st.integers(0, 4)
WEEKS = st.integers(-60, 1_300)

Interval = tuple[int, int, int]


def to_array(numbers: list[int]) -> NDArray[np.int64]:
    return np.array(numbers, np.int64)


events = st.lists(st.tuples(CHILDREN, WEEKS), max_size=30)
questions = st.lists(st.tuples(CHILDREN, WEEKS, st.integers(0, 60)), min_size=1, max_size=10)


class Questions(NamedTuple):
    child: NDArray[np.int64]
    week: NDArray[np.int64]
    length: NDArray[np.int64]

    @classmethod
    def of(cls, rows: list[tuple[int, int, int]]) -> "Questions":
        return cls(*(to_array(list(column)) for column in zip(*rows, strict=True)))


def split_columns(rows: list[tuple[int, int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return to_array([child for child, _ in rows]), to_array([week for _, week in rows])


@given(events, questions)
@settings(derandomize=True, deadline=None)
def test_events_are_counted_from_the_first_to_the_last_week_inclusive(
    rows: list[tuple[int, int]], asked: list[tuple[int, int, int]]
) -> None:
    times, question = EventTimes(*split_columns(rows)), Questions.of(asked)
    found = times.count_between(question.child, question.week, question.week + question.length)
    by_hand = [
        sum(child == who and first <= week <= first + length for child, week in rows)
        for who, first, length in asked
    ]
    assert found.tolist() == by_hand


@given(events, questions)
@settings(derandomize=True, deadline=None)
def test_the_first_event_from_a_week_on_is_found(
    rows: list[tuple[int, int]], asked: list[tuple[int, int, int]]
) -> None:
    question = Questions.of(asked)
    found = EventTimes(*split_columns(rows)).find_first(question.child, question.week)
    by_hand = [
        min((week for child, week in rows if child == who and week >= first), default=NEVER)
        for who, first, _ in asked
    ]
    assert found.tolist() == by_hand


intervals = st.lists(st.tuples(CHILDREN, WEEKS, st.integers(0, 80)), max_size=20)


@given(intervals, questions)
@settings(derandomize=True, deadline=None)
def test_overlapping_intervals_that_contain_a_week_are_all_counted(
    rows: list[Interval], asked: list[tuple[int, int, int]]
) -> None:
    """An interval contains its first week and not its end; an interval of length 0 contains no week."""
    child, start, length = (to_array([row[at] for row in rows]) for at in range(3))
    question = Questions.of(asked)
    found = Intervals.of(child, start, start + length).count_open(question.child, question.week)
    by_hand = [
        sum(who == row[0] and row[1] <= week < row[1] + row[2] for row in rows) for who, week, _ in asked
    ]
    assert found.tolist() == by_hand


@st.composite
def episodes(draw: st.DrawFn) -> list[Interval]:
    """Draw episodes of protection that do not overlap within a child; the last of each may be open."""
    rows: list[Interval] = []
    for child in range(4):
        week = draw(st.integers(-50, 50))
        for _ in range(draw(st.integers(0, 4))):
            start = week + draw(st.integers(0, 40))
            end = start + draw(st.integers(1, 40))
            rows.append((child, start, end))
            week = end
        if rows and rows[-1][0] == child and draw(st.booleans()):
            rows[-1] = (child, rows[-1][1], NEVER)
    return rows


def build_episodes(rows: list[Interval], shuffle: NDArray[np.int64]) -> Episodes:
    """Build episodes from starts and ends in separate lists and in any order, as the log has them."""
    begun, ended = [rows[at] for at in shuffle], [row for row in rows if row[2] < NEVER]
    return Episodes.from_pairs(
        to_array([row[0] for row in begun]),
        to_array([row[1] for row in begun]),
        to_array([row[0] for row in ended]),
        to_array([row[2] for row in ended]),
    )


@given(episodes(), st.integers(0, 100))
@settings(derandomize=True, deadline=None)
def test_each_start_is_paired_with_its_own_end(rows: list[Interval], seed: int) -> None:
    built = build_episodes(rows, np.random.default_rng(seed).permutation(len(rows)))
    assert list(zip(built.group.tolist(), built.start.tolist(), built.end.tolist(), strict=True)) == sorted(
        rows
    )


@given(episodes(), questions)
@settings(derandomize=True, deadline=None)
def test_the_last_episode_started_by_a_week_is_found(
    rows: list[Interval], asked: list[tuple[int, int, int]]
) -> None:
    question = Questions.of(asked)
    start, end = build_episodes(rows, np.arange(len(rows))).find_last_begun(question.child, question.week)
    missing = (0, NEVER, -NEVER)
    by_hand = [
        max(
            (row for row in rows if row[0] == who and row[1] <= week), default=missing, key=lambda row: row[1]
        )
        for who, week, _ in asked
    ]
    assert start.tolist() == [row[1] for row in by_hand]
    assert end.tolist() == [row[2] for row in by_hand]


@given(episodes(), questions)
@settings(derandomize=True, deadline=None)
def test_the_first_protected_week_within_an_interval_is_found(
    rows: list[Interval], asked: list[tuple[int, int, int]]
) -> None:
    question = Questions.of(asked)
    found = build_episodes(rows, np.arange(len(rows))).find_first_week(
        question.child, question.week, question.week + question.length
    )
    by_hand = [
        next(
            (week for week in range(first, first + length)
             if any(child == who and start <= week < end for child, start, end in rows)),
            NEVER,
        )
        for who, first, length in asked
    ]  # fmt: skip
    assert found.tolist() == by_hand


NEEDS = st.lists(st.tuples(st.integers(0, 3), st.integers(-30, 60), st.integers(1, 20)), max_size=10)


@given(NEEDS)
@settings(derandomize=True)
def test_overlapping_needs_of_a_child_are_merged(drawn: list[tuple[int, int, int]]) -> None:
    child, start, length = (np.array([row[part] for row in drawn], np.int32) for part in range(3))
    weeks = {(who, week) for who, first, lasts in drawn for week in range(first, first + lasts)}
    merged = Episodes.merge(child, start, start + length)
    joined = list(zip(merged.group.tolist(), merged.start.tolist(), merged.end.tolist(), strict=True))
    assert {(who, week) for who, first, end in joined for week in range(first, end)} == weeks
    assert sum(end - first for _, first, end in joined) == len(weeks), "no week twice"


def test_searches_without_events_find_nothing() -> None:
    empty, child = to_array([]), to_array([0, 1])
    assert EventTimes(empty, empty).find_first(child, to_array([0, 5])).tolist() == [NEVER, NEVER]
    assert EventTimes(empty, empty).count_between(child, to_array([0, 0]), to_array([9, 9])).tolist() == [
        0,
        0,
    ]
    assert Intervals.of(empty, empty, empty).count_open(child, to_array([0, 5])).tolist() == [0, 0]
    no_episodes = Episodes.from_pairs(empty, empty, empty, empty)
    assert no_episodes.find_first_week(child, to_array([0, 0]), to_array([9, 9])).tolist() == [NEVER, NEVER]
