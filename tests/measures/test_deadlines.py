"""One rule says what has happened by a deadline, in the ledger and in cumulative incidence alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpsim.arrays import Ints
from cpsim.constants import NEVER
from cpsim.measures.deadlines import (
    FIRST_EVENTS,
    WEEKS,
    encode_first_events,
    estimate_incidence,
    find_deadline,
    judge_spells,
)
from cpsim.measures.horizons import list_horizons
from cpsim.measures.intervals import Episodes

ADULT = 900


def follow(
    end: int, *, serious: int = NEVER, protected: int = NEVER, turns_18: int = ADULT
) -> tuple[dict[int, str], dict[str, list[float]]]:
    """Return the results of a spell with onset in week 0, by horizon, and the incidence of each first event."""
    column = [np.array([week]) for week in (0, end, serious, protected, turns_18)]
    onset, end_, serious_, protected_, turns = column
    episodes = Episodes(np.array([0]), protected_, np.array([NEVER]))
    child = np.array([0])
    results = {
        weeks: str(judge_spells(child, onset, end_, serious_, turns, episodes, weeks)[0])
        for weeks in list_horizons(13)
    }
    first = np.where(protected_ <= end_, protected_, NEVER)
    cell = encode_first_events(onset, serious_, first, end_, turns)
    incidence = estimate_incidence(cell, np.ones(1))
    return results, {name: share.tolist() for name, share in zip(FIRST_EVENTS, incidence, strict=True)}


@pytest.mark.parametrize(("end", "over"), [(12, True), (13, False)])
def test_a_spell_that_ends_in_week_13_counts_once_as_still_open(end: int, *, over: bool) -> None:
    results, incidence = follow(end)
    assert results[13] == ("self_resolved" if over else "missed")
    assert incidence["ended"][13] == float(over)
    assert incidence["ended"][14] == 1


@pytest.mark.parametrize(("start", "in_time"), [(13, True), (14, False)])
def test_protection_that_starts_in_week_13_counts_in_both(start: int, *, in_time: bool) -> None:
    results, incidence = follow(80, protected=start)
    assert results[13] == ("protected" if in_time else "missed")
    assert incidence["protected"][13] == float(in_time)


def test_a_serious_event_in_week_13_comes_before_protection_in_that_week() -> None:
    results, incidence = follow(80, serious=13, protected=13)
    assert results[13] == "missed"
    assert incidence["serious_event"][13] == 1
    assert incidence["protected"][52] == 0


def test_the_deadline_is_brought_forward_by_a_serious_event_only() -> None:
    onset, serious = np.array([5, 5, 5]), np.array([NEVER, 18, 9])
    assert find_deadline(onset, serious, 13).tolist() == [18, 18, 9]


@given(
    ends=st.lists(st.integers(1, 70), min_size=1, max_size=20),
    starts=st.lists(st.integers(0, 80) | st.just(NEVER), min_size=20, max_size=20),
    events=st.lists(st.integers(0, 80) | st.just(NEVER), min_size=20, max_size=20),
)
def test_the_shares_of_the_ledger_are_those_of_incidence_where_protection_is_never_lost(
    ends: list[int], starts: list[int], events: list[int]
) -> None:
    n = len(ends)
    child, onset, end = np.arange(n), np.zeros(n, np.int64), np.array(ends)
    protected = np.array(starts[:n])
    serious = np.where(np.array(events[:n]) < end, np.array(events[:n]), NEVER)
    adult = np.full(n, ADULT)
    protection = Episodes(child, protected, np.full(n, NEVER))
    first = np.where(protected <= end, protected, NEVER)
    incidence = estimate_incidence(encode_first_events(onset, serious, first, end, adult), np.ones(n))
    for horizon in list_horizons(13):
        results = judge_spells(child, onset, end, serious, adult, protection, horizon)
        by_then = dict(zip(FIRST_EVENTS, incidence[:, horizon], strict=True))
        assert (results == "protected").mean() == pytest.approx(by_then["protected"])
        assert (results == "self_resolved").mean() == pytest.approx(by_then["ended"])
        open_or_serious = 1 - by_then["protected"] - by_then["ended"]
        assert (results == "missed").mean() == pytest.approx(open_or_serious)


def test_children_who_turn_18_count_for_the_weeks_in_which_they_are_followed() -> None:
    onset: Ints = np.zeros(2, np.int64)
    never = np.full(2, NEVER)
    cell = encode_first_events(onset, never, np.array([NEVER, 9]), np.array([40, 40]), np.array([6, ADULT]))
    protected = estimate_incidence(cell, np.ones(2))[1]
    assert protected[8] == 0
    assert protected[9] == 1, "the only child who is still followed"
    assert len(protected) == WEEKS + 1
