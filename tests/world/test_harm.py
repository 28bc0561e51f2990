"""Spells of harm without intervention, compared with closed forms."""

import numpy as np
import pytest
from scipy import integrate, stats
from tests.model.authority import get_world, scenario

from cpsim.constants import NEVER
from cpsim.scenario.schema import Scenario
from cpsim.world.authorities import draw_authorities
from cpsim.world.harm import Spells, draw_spells
from cpsim.world.population import Children, draw_children

CHILDHOOD = 18 * 52
WEEKS = 30 * 52

EVEN = (
    "harm.deprivation_slope=0",
    "harm.family_frailty_shape=1000",
    *(f"harm.onset_by_age.{age}=1" for age in ("under_1", "age_1_to_3", "age_4_to_10", "age_11_to_17")),
)
"""Settings under which all children have the same risk at every age."""


def draw(*settings: str, children: int = 50_000) -> tuple[Scenario, Children, Spells]:
    here = scenario(f"population.children={children}", *settings)
    everyone = draw_children(
        here.population, draw_authorities(here.authorities, here.population, 1), WEEKS, 1
    )
    return here, everyone, draw_spells(here.harm, everyone, WEEKS, 1)


def test_prevalence_of_harm_is_onset_rate_times_mean_duration() -> None:
    """Little's law for an alternating renewal process: prevalence h L / (1 + h (L + gap)), cut off at eighteen."""
    here, children, spells = draw(*EVEN, "harm.onset_per_year=0.02", "harm.reentry_gap_weeks=4")
    settings, week = here.harm, WEEKS - 10
    length = stats.lognorm(settings.spell_spread, scale=settings.spell_median_weeks)

    def mean_length_at(age: float) -> float:
        """Mean number of weeks of a spell that begins at this age; whole weeks are counted, and at least one."""
        return 0.5 + integrate.quad(length.sf, 0, CHILDHOOD - age, limit=200)[0]

    mean = np.mean([mean_length_at(age) for age in np.linspace(0, CHILDHOOD, 200, endpoint=False)])
    hazard = settings.onset_per_year / 52
    expected = hazard * mean / (1 + hazard * (mean + settings.reentry_gap_weeks))
    alive = ((children.birth <= week) & (children.birth > week - CHILDHOOD)).sum()
    weeks = range(week - 20 * 52, week, 26)
    prevalence = np.mean([((spells.onset <= now) & (now < spells.end)).sum() for now in weeks]) / alive
    assert prevalence == pytest.approx(expected, rel=0.04)


def test_the_share_of_spells_that_count_as_harm_is_that_of_severities_above_the_cutoff() -> None:
    here, _, spells = draw("harm.harm_cutoff=1.2")
    expected = stats.norm.sf(np.log(1.2) / here.harm.severity_spread)
    # Severities within a family are correlated, so the standard error is that of fewer spells.
    assert spells.harm.mean() == pytest.approx(expected, abs=0.02)
    assert (spells.harm == (spells.severity >= 1.2)).all()


def test_the_median_length_of_spells_is_that_of_the_scenario() -> None:
    here, children, spells = draw(*EVEN)
    young = spells.onset - children.birth[spells.child] < 6 * 52
    assert np.median((spells.end - spells.onset)[young]) == pytest.approx(
        here.harm.spell_median_weeks + 0.5, abs=1.0
    )


def test_spells_of_a_child_are_separated_by_a_gap_and_end_at_eighteen() -> None:
    here, children, spells = draw()
    same = spells.child[1:] == spells.child[:-1]
    assert (spells.onset[1:] - spells.end[:-1] >= here.harm.reentry_gap_weeks)[same].all()
    assert (spells.end > spells.onset).all()
    assert (spells.onset >= children.birth[spells.child]).all()
    assert (spells.end <= children.birth[spells.child] + CHILDHOOD).all()


def test_serious_events_occur_only_during_spells_of_significant_harm() -> None:
    _, _, spells = draw("harm.serious_event_per_week=0.005")
    happens = spells.serious < NEVER
    assert happens.sum() > 100
    assert spells.harm[happens].all()
    assert ((spells.serious >= spells.onset) & (spells.serious < spells.end))[happens].all()


def test_serious_events_occur_at_the_rate_of_the_scenario() -> None:
    """At severity 1, a spell has no serious event with probability exp(-rate x length)."""
    rate = 0.01
    _, _, spells = draw("harm.severity_spread=0", f"harm.serious_event_per_week={rate}")
    length = spells.end - spells.onset
    chance = 1 - np.exp(-rate * length)
    error = np.sqrt((chance * (1 - chance)).sum())
    happened = int((spells.serious < NEVER).sum())
    # Onset is at some time in the first week, so a spell lasts up to a week less than its number of whole weeks.
    assert chance.sum() - 4 * error - rate * len(length) < happened < chance.sum() + 4 * error


def test_a_higher_onset_rate_never_delays_the_first_spell_of_a_child() -> None:
    _, children, few = draw("harm.onset_per_year=0.05", children=10_000)
    _, _, many = draw("harm.onset_per_year=0.1", children=10_000)
    never = np.full(len(children.birth), NEVER)

    def first_onset(spells: Spells) -> np.ndarray:
        onset = never.copy()
        # Only children born during the run: spells that end before its start are not drawn.
        np.minimum.at(onset, spells.child, spells.onset)
        return onset[children.birth >= 0]

    assert (first_onset(many) <= first_onset(few)).all()
    assert (first_onset(many) < first_onset(few)).any()


def test_harm_is_more_frequent_in_the_most_deprived_neighbourhoods() -> None:
    world = get_world(scenario("population.children=20000"))
    decile = world.children.decile
    children, spells = (
        np.bincount(decile, minlength=11),
        np.bincount(decile[world.spells.child], minlength=11),
    )
    assert spells[9:].sum() / children[9:].sum() > 2 * spells[1:3].sum() / children[1:3].sum()


def test_the_number_of_children_is_constant_and_that_of_the_scenario() -> None:
    world = get_world(scenario("population.children=20000"))
    birth = world.children.birth
    for week in range(0, world.weeks, 52):
        under_18 = ((birth <= week) & (birth > week - CHILDHOOD)).sum()
        assert under_18 == pytest.approx(20_000, rel=0.04)


def test_each_child_has_one_organisation_of_each_kind() -> None:
    world = get_world(scenario())
    kinds = len(world.sites.kinds)
    assert (world.sites.kind[world.attendance.first.reshape(-1, kinds)] == np.arange(kinds)).all()
    moves = world.attendance
    assert (world.sites.kind[moves.site] == moves.file % kinds).all()
    assert (np.diff(moves.week) >= 0).all()
