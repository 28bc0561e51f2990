"""Sightings are prepared for some weeks at a time, from marks that are drawn when they are needed."""

import copy
import pickle

import numpy as np
import pytest
from tests.model.authority import get_world, scenario

from cpsim.casework.sightings import Sightings, SightingsByWeek, prepare_sightings
from cpsim.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return get_world(scenario())


def prepare_at_once(world: World, week: int) -> Sightings:
    """Prepare the sightings of one week from the signs of all weeks."""
    parts = []
    for signs in world.signs:
        kept, sightings = prepare_sightings(scenario(), world, signs.mark(0, world.weeks))
        rows = signs.find_weeks(0, world.weeks)[kept] == week
        parts.append(sightings.select_rows(rows.nonzero()[0]))
    return Sightings._make(np.concatenate(columns) for columns in zip(*parts, strict=True))


@pytest.mark.parametrize(("first", "end"), [(0, 1), (0, 26), (7, 8), (26, 51), (311, 312)])
def test_the_marks_and_gates_of_some_weeks_are_those_of_the_whole_run(
    world: World, first: int, end: int
) -> None:
    for signs in world.signs:
        whole, part = signs.mark(0, world.weeks), signs.mark(first, end)
        rows = slice(*signs.offsets[[first, end]])
        assert len(part.file)
        for some, all_ in zip(part[1:], whole[1:], strict=True):
            assert np.array_equal(some, all_[rows])


@pytest.mark.parametrize("week", [0, 25, 26, 100, 311])
def test_sightings_of_a_week_do_not_depend_on_the_weeks_prepared_with_it(world: World, week: int) -> None:
    ours = SightingsByWeek(scenario(), world).of_week(week)
    for here, there in zip(ours, prepare_at_once(world, week), strict=True):
        assert len(here)
        assert np.array_equal(here, there)


def test_weeks_can_be_read_in_any_order_by_several_runs(world: World) -> None:
    sightings = SightingsByWeek(scenario(), world)
    in_order = [sightings.of_week(week) for week in range(60)]
    fork, stored = copy.deepcopy(sightings), pickle.loads(pickle.dumps(sightings))  # noqa: S301
    for each in (sightings, fork, stored):
        for week in (59, 3, 30):
            assert all(map(np.array_equal, each.of_week(week), in_order[week]))
    assert fork is sightings


def test_signs_of_a_spell_and_only_these_have_its_gate(world: World) -> None:
    spells = world.spells
    for signs in world.signs:
        marked, week = signs.mark(0, world.weeks), signs.find_weeks(0, world.weeks)
        child = marked.file // len(world.sites.kinds)
        gated = marked.gate.nonzero()[0]
        spell = (marked.gate[gated] - 1) % len(spells.child)
        assert np.array_equal(spells.child[spell], child[gated])
        assert (spells.onset[spell] <= week[gated]).all()
        assert (week[gated] < spells.end[spell]).all()
        free = np.setdiff1d(np.arange(len(child)), gated)
        in_spell = np.isin(child[free], spells.child)
        for row in free[in_spell][:300]:
            own = spells.child == child[row]
            assert not (own & (spells.onset <= week[row]) & (week[row] < spells.end)).any()
