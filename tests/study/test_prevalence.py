"""The same world with more harm or less."""

import pytest

from cpsim.scenario.read import load
from cpsim.study.prevalence import ADVERSITY, HARM, Unreachable, stocks, with_onset, with_prevalence

HAMLET = load("small", ["population.children=2000", "clock.years=2", "clock.warm_up_years=2"])


@pytest.mark.parametrize("prevalence", [0.01, 0.02, 0.04])
def test_the_wanted_share_of_children_is_in_harm_at_a_time(prevalence: float) -> None:
    assert stocks(with_prevalence(HAMLET, prevalence))[HARM] == pytest.approx(prevalence, rel=0.02)


def test_nothing_but_the_number_of_onsets_changes() -> None:
    more = with_prevalence(HAMLET, 0.04)
    assert more.harm.onset_per_year > HAMLET.harm.onset_per_year
    assert with_onset(more, HAMLET.harm.onset_per_year) == HAMLET


def test_harm_is_a_part_of_adversity() -> None:
    found = stocks(HAMLET)
    assert 0 < found[HARM] < found[ADVERSITY] < 1


@pytest.mark.parametrize("prevalence", [0.9, 1e-7])
def test_a_share_that_no_number_of_onsets_leads_to_is_refused(prevalence: float) -> None:
    with pytest.raises(Unreachable, match="no number of onsets"):
        with_prevalence(HAMLET, prevalence)
