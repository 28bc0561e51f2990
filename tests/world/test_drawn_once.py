"""The world is drawn once, independently of policy, and cannot be changed."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.model.authority import get_world, iterate_arrays, replace_sections, run_scenario, scenario

from cpsim.scenario.schema import Scenario
from cpsim.world import World, draw_world, world_key

POLICY: dict[str, dict[str, Any]] = {
    "sharing": {"duty_effect": 0.9, "share_noise": 0.1, "notice_softness": 0.9},
    "network": {"trust_start": 0.1, "delivery_base": 0.5, "message_delay_weeks": 4.0},
    "front_door": {"referral_threshold": 9.0, "screening_noise": 0.0},
    "assessment": {"initial_noise": 0.0},
    "conference": {"plan_threshold": 3.0},
    "protection": {"recovery_on_plan_per_week": 0.5},
    "workforce": {"exit_per_year": 0.0, "assessment_posts_per_10k": 50.0},
    "costs": {"care_week_gbp": 1.0},
    "duties": {"school": {"bound": True}},
}


@pytest.mark.parametrize("section", POLICY)
def test_the_key_of_the_world_does_not_depend_on_policy(section: str) -> None:
    assert world_key(replace_sections(scenario(), **{section: POLICY[section]}), 1) == world_key(
        scenario(), 1
    )


BEHAVIOUR = (
    "notice_threshold",
    "attention",
    "recording",
    "evidence_weight",
    "share_threshold",
    "credibility",
    "conference_attendance",
)


@pytest.mark.parametrize("setting", BEHAVIOUR)
def test_the_key_of_the_world_does_not_depend_on_the_behaviour_of_agencies(setting: str) -> None:
    assert world_key(scenario(f"agencies.school.{setting}=0.1"), 1) == world_key(scenario(), 1)


@pytest.mark.parametrize(
    "setting",
    [
        "population.children=2001", "harm.harm_cutoff=1.1", "signs.bias_spread=0.1", "clock.years=5",
        "other_need.disability.apparent_severity=0.9", "agencies.school.signal_strength=2",
        "agencies.gp.weakest_visible_sign=1",
        "agencies.police.catchment=area", "agencies.school.contacts_per_week.age_4_to_10=0.1",
    ],
)  # fmt: skip
def test_the_key_of_the_world_depends_on_the_world_settings(setting: str) -> None:
    assert world_key(scenario(setting), 1) != world_key(scenario(), 1)


def test_the_key_of_the_world_depends_on_the_seed() -> None:
    assert world_key(scenario(), 1) != world_key(scenario(), 2)


def test_equal_settings_give_identical_worlds() -> None:
    one, other = get_world(scenario()), draw_world(scenario(), 1)
    for (path, here), (_, there) in zip(iterate_arrays(one), iterate_arrays(other), strict=True):
        assert here.dtype == there.dtype, path
        assert (here == there).all(), path


def test_the_world_is_the_same_under_other_policies() -> None:
    reform = replace_sections(scenario(), **POLICY)
    for (path, here), (_, there) in zip(
        iterate_arrays(get_world(scenario())), iterate_arrays(draw_world(reform, 1)), strict=True
    ):
        assert (here == there).all(), path


def test_all_arrays_of_the_world_are_read_only() -> None:
    paths = []
    for path, array in iterate_arrays(get_world(scenario())):
        assert not array.flags.writeable, path
        paths.append(path)
    assert len(paths) > 20


def test_a_run_does_not_change_the_world() -> None:
    drawn = draw_world(scenario(), 5)
    before = {path: array.copy() for path, array in iterate_arrays(drawn)}
    run_scenario(scenario(), 5)
    for path, array in iterate_arrays(drawn):
        assert (array == before[path]).all(), path


def add_youth_justice() -> Scenario:
    every_age = {"under_1": 0.3, "age_1_to_3": 0.3, "age_4_to_10": 0.3, "age_11_to_17": 0.3}
    return replace_sections(
        scenario(), agencies={"youth_justice": {"contacts_per_week": every_age, "weakest_visible_sign": 1.0}}
    )


def list_signs(world: World, kind: int) -> set[tuple[Any, ...]]:
    """Return the signs to one kind of agency as tuples of week, child, strength, gate and marks."""
    signs, week = (find(0, world.weeks) for find in (world.signs[kind].mark, world.signs[kind].find_weeks))
    columns = [week, signs.file // len(world.sites.kinds), signs.strength, signs.gate, *signs.marks.T]
    return set(zip(*(column.tolist() for column in columns), strict=True))


def test_adding_a_kind_of_agency_does_not_change_signs_to_other_kinds() -> None:
    without, with_it = get_world(scenario()), get_world(add_youth_justice())
    for kind in range(6):
        assert list_signs(with_it, kind) == list_signs(without, kind)
        assert list_signs(without, kind)
    assert list_signs(with_it, 6)


def test_adding_a_kind_of_agency_does_not_change_children_harm_and_needs() -> None:
    without, with_it = get_world(scenario()), get_world(add_youth_justice())
    for part in ("children", "spells", "needs"):
        for (path, here), (_, there) in zip(
            iterate_arrays(getattr(without, part), part),
            iterate_arrays(getattr(with_it, part), part),
            strict=True,
        ):
            assert (here == there).all(), path
    first: NDArray[np.int16] = with_it.attendance.first.reshape(-1, 7)[:, :6]
    assert (first == without.attendance.first.reshape(-1, 6)).all()


def test_the_signal_strength_of_one_kind_of_agency_affects_only_signs_to_that_kind() -> None:
    unchanged, changed = get_world(scenario()), get_world(scenario("agencies.gp.signal_strength=1.9"))
    for kind in (0, 2, 3, 4, 5):
        assert list_signs(changed, kind) == list_signs(unchanged, kind)
    assert list_signs(changed, 1) != list_signs(unchanged, 1)
