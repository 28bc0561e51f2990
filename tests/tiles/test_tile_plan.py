"""A scenario is divided into tiles of neighbouring authorities, each with a scenario and a seed of its own."""

from typing import Any

import numpy as np
import pytest
from tests.tiles.land import LAND, TILES

from cpsim.scenario.memory import estimate_memory
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import from_mapping, load
from cpsim.scenario.tiles import list_tiles
from cpsim.simulation import Simulation
from cpsim.tiles.plan import plan_tiles

DUTY = {"lever": "duty", "kinds": ["school"], "bound": True}


def build_land(**changes: Any) -> dict[str, Any]:
    """Build the land with other settings of its authorities."""
    return {**LAND, "authorities": {**LAND["authorities"], **changes}}


def test_the_tiles_have_every_authority_once_and_keep_to_the_limit() -> None:
    for limit in (200, 600, 1_000, 100_000):
        tiles = list_tiles(from_mapping(build_land(tile_children=limit)))
        assert [tile.first for tile in tiles] == np.cumsum([0, *(tile.count for tile in tiles[:-1])]).tolist()
        assert sum(tile.count for tile in tiles) == 4
        assert all(tile.children <= limit or tile.count == 1 for tile in tiles)
        assert {tile.region for tile in tiles} == {"North", "South"}, "no tile has authorities of two regions"


def test_england_has_150_authorities_and_11_million_children_and_each_tile_fits_into_the_memory() -> None:
    england = load("england")
    planned = plan_tiles(england, seed=1)
    names = [authority.name for each in planned for authority in each.scenario.authorities.named]
    assert len(set(names)) == len(names) == 150
    assert sum(each.tile.children for each in planned) == pytest.approx(11_000_000, rel=0.001)
    sizes = [estimate_memory(each.scenario).gigabytes for each in planned]
    assert max(sizes) == pytest.approx(estimate_memory(england).gigabytes, rel=0.01)
    assert max(sizes) < 2


def test_the_traits_of_authorities_are_those_of_a_single_simulation() -> None:
    planned = plan_tiles(from_mapping(LAND), seed=3)
    named = [authority for each in planned for authority in each.scenario.authorities.named]
    whole = Simulation(build_land(tile_children=None), seed=3)
    places = whole.tables["authorities"]
    for trait in ("deprivation", "resources", "leadership", "trust", "money"):
        assert [getattr(authority, trait) for authority in named] == places[trait].tolist()
    assert tuple(authority.name for authority in named) == whole.authority_names
    in_tiles = np.concatenate(
        [Simulation(each.scenario, seed=each.seed).world.authorities.children for each in planned]
    )
    assert in_tiles.sum() == pytest.approx(whole.world.authorities.children.sum())


def test_a_tile_has_the_events_that_concern_its_authorities() -> None:
    event = {"date": "2005-06-06", **DUTY}
    timeline = [
        {**event, "authorities": ["North 02", "South 01"]},
        {**event, "authorities": ["North 03"]},
        {**event, "awareness": 0.5},
    ]
    planned = plan_tiles(from_mapping({**LAND, "timeline": timeline}), seed=1)
    concerned = [[event.authorities for event in each.scenario.timeline] for each in planned]
    assert concerned == [[("North 02",), None], [("North 03",), None], [("South 01",), None]]


def test_the_seed_of_a_tile_depends_on_its_name_and_on_the_seed_of_the_run() -> None:
    small = plan_tiles(from_mapping(LAND), seed=1)
    assert tuple(each.folder for each in small) == TILES
    assert len({each.seed for each in small}) == 3
    regions = [{"name": "West", "count": 1}, *LAND["authorities"]["regions"]]
    larger = plan_tiles(from_mapping(build_land(count=5, regions=regions)), seed=1)
    assert [each.seed for each in larger[1:]] == [each.seed for each in small]
    assert all(
        one.seed != other.seed for one, other in zip(small, plan_tiles(from_mapping(LAND), 2), strict=True)
    )


@pytest.mark.parametrize(
    ("authorities", "expected"),
    [
        ({"count": 5}, "authorities.count: the regions have 4 authorities, but count is 5"),
        (
            {"named": [{"name": "Ashford"}]},
            "authorities.named: the regions name all authorities; leave out either",
        ),
        (
            {"regions": [{"name": "North", "count": 2}, {"name": "North", "count": 2}]},
            "authorities.regions[1].name: another region is already called 'North'",
        ),
        ({"tile_children": 100}, "authorities.tile_children: expected a whole number from 200 to 10000000"),
    ],
    ids=["a number that does not match", "names as well", "a name twice", "tiles that are too small"],
)
def test_regions_that_contradict_other_settings_are_refused(
    authorities: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        from_mapping(build_land(**authorities))
    assert expected in str(caught.value)


def test_an_event_that_chooses_among_all_authorities_is_refused_in_tiles() -> None:
    timeline = [{"date": "2005-06-06", **DUTY, "authorities": {"lot": 2}}]
    with pytest.raises(ScenarioError, match=r"timeline\[0\]\.authorities: a rule cannot choose among"):
        from_mapping({**LAND, "timeline": timeline})
    assert from_mapping({**build_land(tile_children=None), "timeline": timeline}).timeline


def test_the_memory_of_the_largest_tile_counts_and_not_that_of_all() -> None:
    sizes = {"count": 150, "tile_children": 250_000}
    assert from_mapping({"extends": "baseline", "authorities": sizes}).authorities.tile_children == 250_000
    with pytest.raises(
        ScenarioError, match=r"in the largest of \d+ tiles; .* Change authorities\.tile_children"
    ):
        from_mapping({"extends": "baseline", "authorities": {**sizes, "tile_children": 1_000_000}})
    with pytest.raises(ScenarioError, match=r"at most 2 GB are allowed"):
        from_mapping({"extends": "baseline", "authorities": sizes, "population": {"children": 1_000_000}})
    with pytest.raises(ScenarioError, match=r"at most 2 GB are allowed"):
        from_mapping({**LAND, "harm": {"severity_spread": 5.0, "onset_per_year": 1.0}})


def test_a_scenario_in_tiles_is_refused_where_it_would_be_simulated_as_one() -> None:
    with pytest.raises(ScenarioError, match=r"authorities\.tile_children: .* only with `cpsim run`"):
        Simulation("england")
