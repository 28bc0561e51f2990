"""Questions about times, answered for many children at once, against answers found by looking at each in turn."""

from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cpsim.constants import NEVER
from cpsim.measures.intervals import Episodes, EventTimes, Intervals

CHILDREN = st.integers(0, 4)
WEEKS = st.integers(-60, 1_300)

Stretch = tuple[int, int, int]


def whole(numbers: list[int]) -> NDArray[np.int64]:
    return np.array(numbers, np.int64)


happenings = st.lists(st.tuples(CHILDREN, WEEKS), max_size=30)
questions = st.lists(st.tuples(CHILDREN, WEEKS, st.integers(0, 60)), min_size=1, max_size=10)


class Asked(NamedTuple):
    child: NDArray[np.int64]
    week: NDArray[np.int64]
    length: NDArray[np.int64]

    @classmethod
    def of(cls, rows: list[tuple[int, int, int]]) -> "Asked":
        return cls(*(whole(list(column)) for column in zip(*rows, strict=True)))


def columns(rows: list[tuple[int, int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return whole([child for child, _ in rows]), whole([week for _, week in rows])


@given(happenings, questions)
@settings(derandomize=True, deadline=None)
def test_happenings_are_counted_from_the_first_week_to_the_last_inclusive(
    rows: list[tuple[int, int]], asked: list[tuple[int, int, int]]
) -> None:
    times, question = EventTimes(*columns(rows)), Asked.of(asked)
    found = times.count_between(question.child, question.week, question.week + question.length)
    by_hand = [
        sum(child == who and first <= week <= first + length for child, week in rows)
        for who, first, length in asked
    ]
    assert found.tolist() == by_hand


@given(happenings, questions)
@settings(derandomize=True, deadline=None)
def test_the_first_happening_from_a_week_on_is_found(
    rows: list[tuple[int, int]], asked: list[tuple[int, int, int]]
) -> None:
    question = Asked.of(asked)
    found = EventTimes(*columns(rows)).find_first(question.child, question.week)
    by_hand = [
        min((week for child, week in rows if child == who and week >= first), default=NEVER)
        for who, first, _ in asked
    ]
    assert found.tolist() == by_hand


stretches = st.lists(st.tuples(CHILDREN, WEEKS, st.integers(0, 80)), max_size=20)


@given(stretches, questions)
@settings(derandomize=True, deadline=None)
def test_stretches_that_contain_a_week_are_counted_even_where_they_overlap(
    rows: list[Stretch], asked: list[tuple[int, int, int]]
) -> None:
    """A stretch holds its first week and not its last; one of no length holds none."""
    child, start, length = (whole([row[at] for row in rows]) for at in range(3))
    question = Asked.of(asked)
    found = Intervals.of(child, start, start + length).count_open(question.child, question.week)
    by_hand = [
        sum(who == row[0] and row[1] <= week < row[1] + row[2] for row in rows) for who, week, _ in asked
    ]
    assert found.tolist() == by_hand


@st.composite
def episodes(draw: st.DrawFn) -> list[Stretch]:
    """Stretches of protection that do not overlap within a child; the last of each may be open."""
    rows: list[Stretch] = []
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


def paired(rows: list[Stretch], shuffle: NDArray[np.int64]) -> Episodes:
    """Built as the log would have it: beginnings and ends apart, in whatever order."""
    begun, ended = [rows[at] for at in shuffle], [row for row in rows if row[2] < NEVER]
    return Episodes.from_pairs(
        whole([row[0] for row in begun]),
        whole([row[1] for row in begun]),
        whole([row[0] for row in ended]),
        whole([row[2] for row in ended]),
    )


@given(episodes(), st.integers(0, 100))
@settings(derandomize=True, deadline=None)
def test_each_beginning_is_paired_with_its_own_end(rows: list[Stretch], seed: int) -> None:
    built = paired(rows, np.random.default_rng(seed).permutation(len(rows)))
    assert list(zip(built.group.tolist(), built.start.tolist(), built.end.tolist(), strict=True)) == sorted(
        rows
    )


@given(episodes(), questions)
@settings(derandomize=True, deadline=None)
def test_the_last_protection_begun_by_a_week_is_found(
    rows: list[Stretch], asked: list[tuple[int, int, int]]
) -> None:
    question = Asked.of(asked)
    start, end = paired(rows, np.arange(len(rows))).find_last_begun(question.child, question.week)
    nobody = (0, NEVER, -NEVER)
    by_hand = [
        max((row for row in rows if row[0] == who and row[1] <= week), default=nobody, key=lambda row: row[1])
        for who, week, _ in asked
    ]
    assert start.tolist() == [row[1] for row in by_hand]
    assert end.tolist() == [row[2] for row in by_hand]


@given(episodes(), questions)
@settings(derandomize=True, deadline=None)
def test_the_first_protected_week_within_a_stretch_is_found(
    rows: list[Stretch], asked: list[tuple[int, int, int]]
) -> None:
    question = Asked.of(asked)
    found = paired(rows, np.arange(len(rows))).find_first_week(
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


def test_nothing_ever_happened() -> None:
    nobody, child = whole([]), whole([0, 1])
    assert EventTimes(nobody, nobody).find_first(child, whole([0, 5])).tolist() == [NEVER, NEVER]
    assert EventTimes(nobody, nobody).count_between(child, whole([0, 0]), whole([9, 9])).tolist() == [0, 0]
    assert Intervals.of(nobody, nobody, nobody).count_open(child, whole([0, 5])).tolist() == [0, 0]
    none = Episodes.from_pairs(nobody, nobody, nobody, nobody)
    assert none.find_first_week(child, whole([0, 0]), whole([9, 9])).tolist() == [NEVER, NEVER]
