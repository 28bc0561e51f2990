"""Scaling the onset rate to a given prevalence of harm."""

import pytest

from cpsim.comparison.prevalence import (
    ADVERSITY,
    HARM,
    PrevalenceUnreachable,
    compute_prevalence,
    scale_to_prevalence,
    set_onset_rate,
)
from cpsim.scenario.read import load

VILLAGE = load("small", ["population.children=2000", "clock.years=2", "clock.warm_up_years=2"])


@pytest.mark.parametrize("prevalence", [0.01, 0.02, 0.04])
def test_scaling_reaches_the_given_share_of_children_in_harm(prevalence: float) -> None:
    assert compute_prevalence(scale_to_prevalence(VILLAGE, prevalence))[HARM] == pytest.approx(
        prevalence, rel=0.02
    )


def test_only_the_onset_rate_changes() -> None:
    more = scale_to_prevalence(VILLAGE, 0.04)
    assert more.harm.onset_per_year > VILLAGE.harm.onset_per_year
    assert set_onset_rate(more, VILLAGE.harm.onset_per_year) == VILLAGE


def test_harm_is_a_part_of_adversity() -> None:
    found = compute_prevalence(VILLAGE)
    assert 0 < found[HARM] < found[ADVERSITY] < 1


@pytest.mark.parametrize("prevalence", [0.9, 1e-7])
def test_a_share_that_no_onset_rate_leads_to_is_refused(prevalence: float) -> None:
    with pytest.raises(PrevalenceUnreachable, match="no onset rate"):
        scale_to_prevalence(VILLAGE, prevalence)
