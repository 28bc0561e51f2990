"""The log of casework keeps every event, also when it is pickled and continued."""

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
