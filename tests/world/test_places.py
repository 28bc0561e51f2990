"""Authorities, the children who live in them, and the organisations that serve them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.model.authority import get_world

from cpsim.scenario.places import count_teams
from cpsim.scenario.read import from_mapping
from cpsim.scenario.sections import AuthoritySettings, PopulationSettings, WorkforceSettings
from cpsim.world import World, world_key
from cpsim.world.authorities import Authorities, draw_authorities

COUNTY = {
    "extends": "small",
    "population": {
        "children": 3000,
        "children_per_area": 150,
        "home_moves_per_year": 0.3,
        "school_outside_share": 0.2,
    },
    "authorities": {
        "count": 4,
        "named": [{"name": "Ashford", "size": 0.4, "deprivation": 4}, {"name": "Barton", "deprivation": -4}],
        "size_spread": 0.3,
        "moves_between": 0.3,
    },
    "agencies": {"pct": {"catchment": "region", "sites_per_10k_children": 2}},
    "clock": {"warm_up_years": 1, "years": 1},
}


@pytest.fixture(scope="module")
def world() -> World:
    return get_world(from_mapping(COUNTY))


def test_authorities_have_the_names_of_the_scenario_or_are_numbered(world: World) -> None:
    assert world.authorities.names == ("Ashford", "Barton", "authority-03", "authority-04")


def test_the_number_of_children_in_an_authority_is_proportional_to_its_size(world: World) -> None:
    places = world.authorities
    assert places.children[0] == pytest.approx(0.4 * 3000, rel=0.1)
    assert places.children[1:].mean() == pytest.approx(3000, rel=0.05)
    at_birth = np.bincount(world.residence.first, minlength=4) / len(world.residence.first)
    np.testing.assert_allclose(at_birth, places.children / places.children.sum(), atol=0.03)


def test_neighbourhoods_are_more_deprived_in_a_more_deprived_authority(world: World) -> None:
    decile = [
        world.children.decile[world.authorities.find_authority(world.children.area) == row] for row in (0, 1)
    ]
    assert decile[0].mean() > decile[1].mean() + 3
    assert world.children.decile.min() >= 1
    assert world.children.decile.max() <= 10


def test_each_change_of_residence_leads_to_another_authority(world: World) -> None:
    home = world.residence
    assert len(home.week) > 500
    before, _ = home.find_at(home.child, home.week - 1)
    after, area = home.find_at(home.child, home.week)
    assert (before != after).all()
    np.testing.assert_array_equal(after, home.authority)
    np.testing.assert_array_equal(world.authorities.find_authority(area), after)
    assert len(np.unique(home.child * 10_000 + home.week)) == len(home.week)


def test_siblings_under_eighteen_live_in_the_same_authority(world: World) -> None:
    week = 80
    alive = np.flatnonzero((world.children.birth <= week) & (world.children.birth > week - 936))
    authority, _ = world.residence.find_at(alive, np.full(len(alive), week))
    family = world.children.family[alive]
    order = np.argsort(family, kind="stable")
    same = family[order][1:] == family[order][:-1]
    np.testing.assert_array_equal(authority[order][1:][same], authority[order][:-1][same])


def test_the_organisations_of_a_child_serve_the_childs_authority_in_every_week(world: World) -> None:
    kinds = len(world.sites.kinds)
    everyone = np.arange(len(world.children.birth))
    site = world.attendance.first.reshape(-1, kinds).astype(np.int64).copy()
    authority = world.residence.first.copy()
    assert world.sites.serves[site, authority[:, None]].all()
    moves, changes = world.attendance, world.residence
    for week in range(world.weeks):
        now = slice(moves.offsets[week], moves.offsets[week + 1])
        site.reshape(-1)[moves.file[now]] = moves.site[now]
        now = slice(changes.offsets[week], changes.offsets[week + 1])
        authority[changes.child[now]] = changes.authority[now]
    alive = everyone[(world.children.birth < world.weeks) & (world.children.birth > world.weeks - 936)]
    assert world.sites.serves[site[alive], authority[alive, None]].all()


def test_organisations_are_sorted_by_kind_and_each_kind_serves_every_authority(world: World) -> None:
    assert (np.diff(world.sites.kind) >= 0).all()
    for kind in range(len(world.sites.kinds)):
        assert world.sites.serves[world.sites.kind == kind].any(axis=0).all()


def test_regional_pcts_and_schools_serve_children_of_neighbouring_authorities(world: World) -> None:
    serves = world.sites.serves.sum(axis=1)
    of = {name: serves[world.sites.kind == row] for row, name in enumerate(world.sites.kinds)}
    assert of["pct"].max() >= 2
    assert of["school"].max() == 3
    assert (of["gp"] == 1).all()
    assert (of["police"] == 1).all()
    school = world.attendance.first.reshape(-1, len(world.sites.kinds))[:, world.sites.kinds.index("school")]
    outside = world.sites.authority[school] != world.residence.first
    assert outside.mean() == pytest.approx(0.2, abs=0.01)


def test_no_child_leaves_an_authority_if_moves_stay_within_authorities() -> None:
    settled = {**COUNTY, "authorities": {**COUNTY["authorities"], "moves_between": 0}}
    world = get_world(from_mapping(settled))
    assert len(world.residence.week) == 0
    assert (world.authorities.find_authority(world.children.area) == world.residence.first).all()


def test_a_single_authority_is_average_whatever_the_settings_for_differences() -> None:
    alone = {**COUNTY, "authorities": {"count": 1}}
    differing = {**COUNTY, "authorities": {"count": 1, "size_spread": 0.5, "deprivation_spread": 2}}
    one, other = (get_world(from_mapping(settings)) for settings in (alone, differing))
    np.testing.assert_array_equal(one.children.decile, other.children.decile)
    np.testing.assert_array_equal(one.children.birth, other.children.birth)


def test_traits_that_affect_only_services_do_not_change_the_key_of_the_world() -> None:
    rich = {**COUNTY["authorities"], "resources_spread": 0.5, "trust_spread": 0.1, "leadership_spread": 0.2}
    assert world_key(from_mapping(COUNTY), 1) == world_key(from_mapping({**COUNTY, "authorities": rich}), 1)
    larger = {**COUNTY["authorities"], "size_spread": 0.5}
    assert world_key(from_mapping(COUNTY), 1) != world_key(from_mapping({**COUNTY, "authorities": larger}), 1)


def build_place(children: int) -> Authorities:
    """Return a single authority with this number of children."""
    return draw_authorities(AuthoritySettings(), PopulationSettings(children=children), seed=1)


@given(st.integers(2_000, 300_000))
def test_the_long_term_team_of_the_most_deprived_serves_one_neighbourhood_fewer_in_any_authority(
    children: int,
) -> None:
    areas = build_place(children).total_areas
    teams = count_teams(WorkforceSettings(), children).long_term
    served = np.bincount(np.arange(areas) * teams // areas)
    if teams > 1:
        assert served[-1] == served[0] - 1
        assert (served[:-1] == served[0]).all()
    assert served[0] >= 10


@given(st.integers(2_000, 300_000))
def test_deprivation_has_the_same_distribution_in_authorities_of_all_sizes(children: int) -> None:
    here, average = (
        place.deprivation_decile(np.arange(place.total_areas))
        for place in (build_place(children), build_place(73_000))
    )
    assert here.mean() == pytest.approx(average.mean(), abs=0.05)
    assert np.exp(0.23 * here).mean() == pytest.approx(np.exp(0.23 * average).mean(), rel=0.02)
