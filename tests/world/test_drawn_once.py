"""The world is drawn once, before and independently of policy, and nobody can write to it."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.model.authority import arrays_of, changed, run_of, scenario, world_of

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
def test_no_policy_enters_the_key_of_the_world(section: str) -> None:
    assert world_key(changed(scenario(), **{section: POLICY[section]}), 1) == world_key(scenario(), 1)


BEHAVIOUR = (
    "notice_threshold",
    "attention",
    "recording",
    "evidence_weight",
    "share_threshold",
    "credibility",
    "conference_attendance",
)


@pytest.mark.parametrize("habit", BEHAVIOUR)
def test_no_habit_of_an_agency_enters_the_key_of_the_world(habit: str) -> None:
    assert world_key(scenario(f"agencies.school.{habit}=0.1"), 1) == world_key(scenario(), 1)


@pytest.mark.parametrize(
    "setting",
    [
        "population.children=2001", "harm.harm_cutoff=1.1", "signs.bias_spread=0.1", "clock.years=5",
        "other_need.disability.apparent_severity=0.9", "agencies.school.signal_strength=2", "agencies.gp.weakest_visible_sign=1",
        "agencies.police.catchment=area", "agencies.school.contacts_per_week.age_4_to_10=0.1",
    ],
)  # fmt: skip
def test_what_the_world_is_drawn_from_enters_its_key(setting: str) -> None:
    assert world_key(scenario(setting), 1) != world_key(scenario(), 1)


def test_another_seed_is_another_world() -> None:
    assert world_key(scenario(), 1) != world_key(scenario(), 2)


def test_the_same_settings_draw_the_same_world_to_the_bit() -> None:
    one, other = world_of(scenario()), draw_world(scenario(), 1)
    for (path, here), (_, there) in zip(arrays_of(one), arrays_of(other), strict=True):
        assert here.dtype == there.dtype, path
        assert (here == there).all(), path


def test_policy_draws_the_same_world() -> None:
    reformed = changed(scenario(), **POLICY)
    for (path, here), (_, there) in zip(
        arrays_of(world_of(scenario())), arrays_of(draw_world(reformed, 1)), strict=True
    ):
        assert (here == there).all(), path


def test_no_array_of_the_world_can_be_written_to() -> None:
    paths = []
    for path, array in arrays_of(world_of(scenario())):
        assert not array.flags.writeable, path
        paths.append(path)
    assert len(paths) > 20


def test_running_leaves_the_world_as_it_was() -> None:
    drawn = draw_world(scenario(), 5)
    before = {path: array.copy() for path, array in arrays_of(drawn)}
    run_of(scenario(), 5)
    for path, array in arrays_of(drawn):
        assert (array == before[path]).all(), path


def with_youth_justice() -> Scenario:
    every_age = {"under_1": 0.3, "age_1_to_3": 0.3, "age_4_to_10": 0.3, "age_11_to_17": 0.3}
    return changed(
        scenario(), agencies={"youth_justice": {"contacts_per_week": every_age, "weakest_visible_sign": 1.0}}
    )


def signs_of(world: World, kind: int) -> set[tuple[Any, ...]]:
    """The signs to one kind of agency: week, child, strength, gate and all the marks that decide about them."""
    signs, kinds = world.signs, len(world.sites.kinds)
    rows = np.flatnonzero(signs.file % kinds == kind)
    week = np.repeat(np.arange(world.weeks), np.diff(signs.offsets))[rows]
    columns = [week, signs.file[rows] // kinds, signs.strength[rows], signs.gate[rows], *signs.marks[rows].T]
    return set(zip(*(column.tolist() for column in columns), strict=True))


def test_a_further_kind_of_agency_shifts_no_sign_of_any_other() -> None:
    without, with_it = world_of(scenario()), world_of(with_youth_justice())
    for kind in range(6):
        assert signs_of(with_it, kind) == signs_of(without, kind)
        assert signs_of(without, kind)
    assert signs_of(with_it, 6)


def test_a_further_kind_of_agency_leaves_children_harm_and_needs_alone() -> None:
    without, with_it = world_of(scenario()), world_of(with_youth_justice())
    for part in ("children", "spells", "needs"):
        for (path, here), (_, there) in zip(
            arrays_of(getattr(without, part), part), arrays_of(getattr(with_it, part), part), strict=True
        ):
            assert (here == there).all(), path
    first: NDArray[np.int16] = with_it.attendance.first.reshape(-1, 7)[:, :6]
    assert (first == without.attendance.first.reshape(-1, 6)).all()


def test_a_change_of_one_agencys_eyes_changes_only_what_it_could_see() -> None:
    without, sharper = world_of(scenario()), world_of(scenario("agencies.gp.signal_strength=1.9"))
    for kind in (0, 2, 3, 4, 5):
        assert signs_of(sharper, kind) == signs_of(without, kind)
    assert signs_of(sharper, 1) != signs_of(without, 1)
