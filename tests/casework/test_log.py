"""The log of casework keeps every event, also when it is pickled and continued."""

import copy
import pickle

import numpy as np
import pytest

from cpsim.casework.log import OCCURRENCES, Log, Occurrence


@pytest.fixture
def log() -> Log:
    """Referrals in two weeks, one of them in two batches, and a delivery."""
    log = Log(detail_from=2)
    log.add(0, Occurrence.REFERRED, np.array([7]))
    log.add(3, Occurrence.REFERRED, np.array([10, 11]), site=4)
    log.add(3, Occurrence.REFERRED, np.array([9]), value=np.array([0.5]))
    log.add(5, Occurrence.DELIVERED, np.array([10]), site=np.array([2]), value=1.5)
    return log


def list_rows(log: Log, occurrence: int, since: int = 0) -> list[tuple[float, ...]]:
    events = log.select(occurrence, since)
    return [tuple(row) for row in np.nan_to_num(np.column_stack(events), nan=-9.0).tolist()]


def test_a_pickled_log_has_the_same_events_from_every_week(log: Log) -> None:
    again = pickle.loads(pickle.dumps(log))  # noqa: S301
    assert again.detail_from == log.detail_from
    for occurrence in range(len(OCCURRENCES)):
        for since in (0, 1, 3, 4, 6):
            assert list_rows(again, occurrence, since) == list_rows(log, occurrence, since)
            assert [c.dtype for c in again.select(occurrence)] == [c.dtype for c in log.select(occurrence)]


def test_a_pickled_log_can_be_continued(log: Log) -> None:
    again = pickle.loads(pickle.dumps(log))  # noqa: S301
    for each in (log, again):
        each.add(6, Occurrence.REFERRED, np.array([1]))
        each.add(1, Occurrence.NOTICED, np.array([2]))
    assert list_rows(again, Occurrence.REFERRED) == list_rows(log, Occurrence.REFERRED)
    assert list_rows(again, Occurrence.REFERRED, since=6) == [(6, 1, -1, -9)]
    assert list_rows(again, Occurrence.NOTICED) == [], "routine events are logged from week 2 on"


@pytest.fixture
def long_log() -> Log:
    """A log of 300 weeks with ten messages sent a week, and with referrals of the children of the week."""
    log = Log()
    for week in range(300):
        child = np.arange(week, week + 10)
        log.add(week, Occurrence.SHARED, child, site=child % 7, value=child / 8)
        log.add(week, Occurrence.REFERRED, child)
    return log


@pytest.mark.parametrize("since", [0, 1, 127, 128, 129, 200, 299, 300])
def test_events_are_selected_from_any_week_of_a_long_log(long_log: Log, since: int) -> None:
    expected = [(week, child) for week in range(since, 300) for child in range(week, week + 10)]
    for log in (long_log, copy.deepcopy(long_log)):
        shared = log.select(Occurrence.SHARED, since)
        assert list(zip(shared.week.tolist(), shared.child.tolist(), strict=True)) == expected
        assert np.array_equal(shared.site, shared.child % 7)
        assert np.array_equal(shared.value, shared.child / 8)
        assert len(log.select(Occurrence.REFERRED, since).week) == len(expected)


def test_joining_a_log_changes_none_of_its_events_and_none_of_a_copy(long_log: Log) -> None:
    joined = copy.deepcopy(long_log)
    joined.join()
    long_log.add(300, Occurrence.REFERRED, np.array([1]))
    for occurrence in range(len(OCCURRENCES)):
        before = [row for row in list_rows(long_log, occurrence) if row[0] < 300]
        assert list_rows(joined, occurrence) == before


def test_an_event_takes_no_more_bytes_than_its_columns_need() -> None:
    log = Log()
    child = np.arange(50_000)
    log.add(3, Occurrence.SHARED, child, site=child % 7, value=child / 8)
    log.add(4, Occurrence.SHARED, child, site=child % 7, value=child / 8)
    all_columns = len(pickle.dumps(log))
    assert all_columns == pytest.approx(100_000 * 10, rel=0.01)
    log.add(3, Occurrence.PLAN_STARTED, child)
    log.add(4, Occurrence.PLAN_STARTED, child)
    assert len(pickle.dumps(log)) - all_columns == pytest.approx(100_000 * 4, rel=0.01)
