"""A reorganisation costs attention, ties and people for a while; what it was meant for comes later, if it comes."""

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.boards import WEEK, governed
from tests.governance.examples import FROM
from tests.model.authority import changed, model_of, outcome, run_of, scenario, stage

from cpsim.governance.restructuring import Restructure
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError


def restructure(**settings: Any) -> Restructure:
    return Restructure(**{"lever": "restructure", "services": ("school",), **settings})


def event(**settings: Any) -> dict[str, Any]:
    return {"date": FROM, "lever": "restructure", "services": ["school"], **settings}


def after(*events: dict[str, Any], weeks: int) -> ChildProtectionModel:
    """The tiny authority with its dials as they stand some weeks after the vesting day."""
    return governed(*events, to_week=WEEK + weeks)


def attention(model: ChildProtectionModel, kind: str) -> float:
    organisations = model.tables["organisations"]
    factors = organisations["attention_factor"][organisations["kind"] == model.kinds.index(kind)]
    assert len(np.unique(factors)) == 1
    return float(factors[0])


def lost(lever: Restructure, weeks: int = 2_000) -> NDArray[np.float64]:
    """Share of attention lost in each week from the first announcement on."""
    weeks_since = range(-lever.announced_weeks, weeks)
    return np.array([1 - math.prod(1 - share for share in lever.shares_lost(since)) for since in weeks_since])


# -- the dip


@pytest.mark.parametrize("worst_weeks", [12.0, 16.0, 27.0])
def test_what_is_lost_in_all_is_the_worst_times_its_time_times_e(worst_weeks: float) -> None:
    """The integral of A (u / tau) exp(1 - u / tau) is A tau e; weeks are short beside tau."""
    whole = lost(restructure(depth=0.2, worst_weeks=worst_weeks)).sum()
    assert whole == pytest.approx(0.2 * worst_weeks * math.e, rel=1e-3)


def test_the_worst_comes_when_it_is_said_to_come_and_is_as_bad_as_it_is_said_to_be() -> None:
    share = lost(restructure(depth=0.2, worst_weeks=16))
    assert share.argmax() == 16
    assert share.max() == pytest.approx(0.2)


@pytest.mark.parametrize(("worst_weeks", "months"), [(16.0, 18), (27.0, 30)])
def test_a_tenth_of_the_dip_is_left_after_as_many_months_as_studies_of_mergers_saw(
    worst_weeks: float, months: int
) -> None:
    share = lost(restructure(depth=0.2, worst_weeks=worst_weeks))
    assert share[round(months * 52 / 12)] / 0.2 == pytest.approx(0.1, abs=0.01)


def test_attention_falls_from_the_announcement_on_and_not_before() -> None:
    told = event(announced_weeks=26, worst_weeks=16)
    assert attention(after(told, weeks=-27), "school") == 1
    assert attention(after(told, weeks=-25), "school") < 1
    assert attention(after(told, weeks=-10), "school") == pytest.approx(1 - 0.15)


def test_reorganising_schools_takes_no_attention_from_practices_or_social_work() -> None:
    model = after(event(), weeks=0)
    assert attention(model, "school") < 1
    assert attention(model, "gp") == 1
    assert (model.tables["teams"]["accuracy"] == 1).all()


def test_reorganising_social_care_makes_its_teams_judge_less_well_and_people_leave() -> None:
    teams = after(event(services=["social_care"], exits=2.0), weeks=-10).tables["teams"]
    assert teams["accuracy"] == pytest.approx(1 - 0.15)
    assert teams["exit_factor"] == pytest.approx(2.0)


def test_of_two_reorganisations_at_once_the_second_finds_only_what_the_first_has_left() -> None:
    one, other = event(depth=0.3), event(depth=0.2)
    left = attention(after(one, other, weeks=-10), "school")
    assert left == pytest.approx((1 - 0.3) * (1 - 0.2))


def test_resistance_deepens_the_dip_and_breaks_more_ties() -> None:
    willing, opposed = (after(event(resistance=share), weeks=-10) for share in (0.0, 1.0))
    assert 1 - attention(opposed, "school") == pytest.approx(1.5 * (1 - attention(willing, "school")))
    assert broken(event(resistance=0.0)) < broken(event(resistance=1.0))


def test_in_phases_less_is_lost_at_a_time_and_as_much_in_all() -> None:
    at_once = lost(restructure(depth=0.1))
    staged = lost(restructure(depth=0.1, phases=4, phase_gap_weeks=104))
    assert staged.max() < 0.3 * at_once.max()
    assert staged.sum() == pytest.approx(at_once.sum(), rel=0.01)


@pytest.mark.parametrize("gain", [-0.1, 0.0, 0.1])
def test_in_the_long_run_only_the_lasting_change_is_left(gain: float) -> None:
    lever = restructure(gain=gain, gain_weeks=52, phases=2)
    assert lever.gained(-1) == 0
    assert lever.gained(40 * 52) == pytest.approx(gain)
    assert restructure(gain=gain, gain_weeks=52).gained(52) == pytest.approx(gain * (1 - math.exp(-1)))


# -- ties


def cut_ties(*events: dict[str, Any], weeks: int = 0) -> set[tuple[int, int]]:
    """Ties whose trust is no more what it was."""
    usual, parted = model_of(scenario(), collect=False), after(*events, weeks=weeks)
    ties = parted.ties
    hit = np.flatnonzero(usual.ties.trust != ties.trust)
    assert (ties.trust[hit] == parted.settings.network.trust_new).all()
    return set(zip(ties.source[hit].tolist(), ties.target[hit].tolist(), strict=True))


def broken(*events: dict[str, Any], weeks: int = 0) -> int:
    return len(cut_ties(*events, weeks=weeks))


def test_ties_break_on_vesting_day_and_a_larger_cut_takes_in_the_smaller() -> None:
    assert broken(event(tie_cut=0.5), weeks=-1) == 0
    some, more = cut_ties(event(tie_cut=0.2)), cut_ties(event(tie_cut=0.6))
    assert some < more
    assert cut_ties(event(tie_cut=1.0), weeks=20) > more


def test_only_ties_of_the_services_that_are_reorganised_break() -> None:
    model = after(event(tie_cut=1.0), weeks=0)
    school = model.tables["organisations"]["kind"] == model.kinds.index("school")
    assert cut_ties(event(tie_cut=1.0))
    for source, target in cut_ties(event(tie_cut=1.0)):
        assert school[source] or (target < len(school) and school[target])
    front_door = len(school)
    to_social_care = cut_ties(event(services=["social_care"], tie_cut=1.0))
    assert {target for _, target in to_social_care} == {front_door}
    assert len(to_social_care) == np.count_nonzero(model.ties.referral_tie >= 0)


def test_about_the_share_that_is_said_breaks() -> None:
    touched = broken(event(services=["school", "gp"], tie_cut=1.0))
    assert broken(event(services=["school", "gp"], tie_cut=0.3)) / touched == pytest.approx(0.3, abs=0.1)


def test_phases_break_the_same_ties_one_lot_after_the_other() -> None:
    staged = event(tie_cut=0.6, phases=3, phase_gap_weeks=10)
    on_each_day = [cut_ties(staged, weeks=week) for week in (0, 10, 20)]
    assert on_each_day[0] < on_each_day[1] < on_each_day[2] == cut_ties(event(tie_cut=0.6))


def test_a_day_put_off_by_some_weeks_parts_the_same_people() -> None:
    assert cut_ties(event(tie_cut=0.4)) == cut_ties(event(tie_cut=0.4, date=date(2006, 5, 1)), weeks=10)


# -- people


def test_displaced_people_leave_their_posts_and_no_post_is_lost_or_made() -> None:
    upheaval = event(services=["social_care"], depth=0.0, tie_cut=0.0, exits=20.0)
    model = model_of(changed(scenario(), timeline=[upheaval]), collect=False)
    usual = model_of(scenario(), collect=False)
    posts, started = len(model.workforce._team_of_post), len(model.tables["workers"])
    hired = 0
    while model.week < WEEK + 104:
        before = len(model.tables["workers"])
        model.step()
        usual.step()
        workers = model.tables["workers"]
        hired += len(workers) - before
        in_post = workers["post"][workers["employed"]]
        assert len(np.unique(in_post)) == len(in_post) <= posts
        assert len(workers) == started + hired
        assert workers["employed"].sum() == started + hired - np.count_nonzero(workers["left_week"] >= 0)
    gone, usually = (np.count_nonzero(m.tables["workers"]["left_week"] >= 0) for m in (model, usual))
    assert gone > usually, "nobody was displaced"


# -- what it does


def test_the_deeper_the_dip_the_less_do_schools_notice_while_it_lasts() -> None:
    def noticed(depth: float) -> int:
        settings = changed(scenario(), timeline=[event(depth=depth, tie_cut=0.0)])
        seen = stage(run_of(settings) if depth else outcome(), "noticed")
        return int(seen["week"].between(30, 90).sum())

    usual, dip, deep = noticed(0.0), noticed(0.3), noticed(0.9)
    assert usual > dip > deep, "attention was lost, but as much was noticed"


# -- what makes no sense


def test_nobody_can_lose_more_attention_than_there_is() -> None:
    with pytest.raises(ScenarioError, match=r"depth.*below 1"):
        changed(scenario(), timeline=[event(depth=0.8, resistance=1.0)])


def test_a_service_that_does_not_exist_cannot_be_reorganised() -> None:
    with pytest.raises(ScenarioError, match=r"did you mean 'social_care'"):
        changed(scenario(), timeline=[event(services=["social_car"])])
