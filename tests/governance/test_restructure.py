"""A reorganisation costs attention, ties and staff for a while, and may bring a lasting gain later."""

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.examples import FROM
from tests.governance.lever_models import WEEK, apply_events
from tests.model.authority import (
    build_model,
    replace_sections,
    run_scenario,
    scenario,
    select_events,
    tiny_result,
)

from cpsim.governance.restructuring import Restructure
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError


def restructure(**settings: Any) -> Restructure:
    return Restructure(**{"lever": "restructure", "services": ("school",), **settings})


def event(**settings: Any) -> dict[str, Any]:
    return {"date": FROM, "lever": "restructure", "services": ["school"], **settings}


def apply_until(*events: dict[str, Any], weeks: int) -> ChildProtectionModel:
    """Return the tiny authority with its dials some weeks after vesting day, without any casework."""
    return apply_events(*events, to_week=WEEK + weeks)


def attention(model: ChildProtectionModel, kind: str) -> float:
    organisations = model.tables["organisations"]
    factors = organisations["attention_factor"][organisations["kind"] == model.kinds.index(kind)]
    assert len(np.unique(factors)) == 1
    return float(factors[0])


def attention_lost(lever: Restructure, weeks: int = 2_000) -> NDArray[np.float64]:
    """Share of attention lost in each week from the announcement, shape (weeks,)."""
    weeks_since = range(-lever.announced_weeks, weeks)
    return np.array([1 - math.prod(1 - share for share in lever.shares_lost(since)) for since in weeks_since])


# -- the dip


@pytest.mark.parametrize("worst_weeks", [12.0, 16.0, 27.0])
def test_the_total_loss_is_depth_times_time_of_the_worst_point_times_e(worst_weeks: float) -> None:
    """The integral of A (u / tau) exp(1 - u / tau) is A tau e; a week is short compared with tau."""
    whole = attention_lost(restructure(depth=0.2, worst_weeks=worst_weeks)).sum()
    assert whole == pytest.approx(0.2 * worst_weeks * math.e, rel=1e-3)


def test_the_worst_point_has_the_given_time_and_depth() -> None:
    share = attention_lost(restructure(depth=0.2, worst_weeks=16))
    assert share.argmax() == 16
    assert share.max() == pytest.approx(0.2)


@pytest.mark.parametrize(("worst_weeks", "months"), [(16.0, 18), (27.0, 30)])
def test_a_tenth_of_the_dip_remains_after_the_months_found_in_studies_of_mergers(
    worst_weeks: float, months: int
) -> None:
    share = attention_lost(restructure(depth=0.2, worst_weeks=worst_weeks))
    assert share[round(months * 52 / 12)] / 0.2 == pytest.approx(0.1, abs=0.01)


def test_attention_falls_from_the_announcement_and_not_before() -> None:
    announced = event(announced_weeks=26, worst_weeks=16)
    assert attention(apply_until(announced, weeks=-27), "school") == 1
    assert attention(apply_until(announced, weeks=-25), "school") < 1
    assert attention(apply_until(announced, weeks=-10), "school") == pytest.approx(1 - 0.15)


def test_reorganising_schools_does_not_change_practices_or_social_work() -> None:
    model = apply_until(event(), weeks=0)
    assert attention(model, "school") < 1
    assert attention(model, "gp") == 1
    assert (model.tables["teams"]["accuracy"] == 1).all()


def test_reorganising_social_care_lowers_accuracy_and_raises_exits() -> None:
    teams = apply_until(event(services=["social_care"], exits=2.0), weeks=-10).tables["teams"]
    assert teams["accuracy"] == pytest.approx(1 - 0.15)
    assert teams["exit_factor"] == pytest.approx(2.0)


def test_the_dips_of_two_reorganisations_multiply() -> None:
    one, other = event(depth=0.3), event(depth=0.2)
    remaining = attention(apply_until(one, other, weeks=-10), "school")
    assert remaining == pytest.approx((1 - 0.3) * (1 - 0.2))


def test_resistance_deepens_the_dip_and_cuts_more_ties() -> None:
    willing, opposed = (apply_until(event(resistance=share), weeks=-10) for share in (0.0, 1.0))
    assert 1 - attention(opposed, "school") == pytest.approx(1.5 * (1 - attention(willing, "school")))
    assert count_cut_ties(event(resistance=0.0)) < count_cut_ties(event(resistance=1.0))


def test_phases_reduce_the_loss_at_a_time_and_not_the_total_loss() -> None:
    at_once = attention_lost(restructure(depth=0.1))
    staged = attention_lost(restructure(depth=0.1, phases=4, phase_gap_weeks=104))
    assert staged.max() < 0.3 * at_once.max()
    assert staged.sum() == pytest.approx(at_once.sum(), rel=0.01)


@pytest.mark.parametrize("gain", [-0.1, 0.0, 0.1])
def test_in_the_long_run_only_the_lasting_gain_remains(gain: float) -> None:
    lever = restructure(gain=gain, gain_weeks=52, phases=2)
    assert lever.lasting_gain(-1) == 0
    assert lever.lasting_gain(40 * 52) == pytest.approx(gain)
    assert restructure(gain=gain, gain_weeks=52).lasting_gain(52) == pytest.approx(gain * (1 - math.exp(-1)))


# -- ties


def cut_ties(*events: dict[str, Any], weeks: int = 0) -> set[tuple[int, int]]:
    """Return the ties whose trust has changed, as pairs of source and target."""
    usual, parted = build_model(scenario(), collect=False), apply_until(*events, weeks=weeks)
    ties = parted.ties
    cut = np.flatnonzero(usual.ties.trust != ties.trust)
    assert (ties.trust[cut] == parted.settings.network.trust_new).all()
    return set(zip(ties.source[cut].tolist(), ties.target[cut].tolist(), strict=True))


def count_cut_ties(*events: dict[str, Any], weeks: int = 0) -> int:
    return len(cut_ties(*events, weeks=weeks))


def test_ties_are_cut_on_vesting_day_and_a_larger_cut_includes_a_smaller_one() -> None:
    assert count_cut_ties(event(tie_cut=0.5), weeks=-1) == 0
    some, more = cut_ties(event(tie_cut=0.2)), cut_ties(event(tie_cut=0.6))
    assert some < more
    assert cut_ties(event(tie_cut=1.0), weeks=20) > more


def test_a_broken_tie_has_the_trust_between_strangers() -> None:
    model = apply_until(event(services=["school"], tie_cut=1.0), weeks=0)
    schools = np.flatnonzero(model.tables["organisations"]["kind"] == model.kinds.index("school"))
    broken = model.ties.find_connected(schools)
    assert len(broken)
    assert (model.ties.trust[broken] == model.settings.network.trust_new).all()


def test_only_ties_of_the_reorganised_services_are_cut() -> None:
    model = apply_until(event(tie_cut=1.0), weeks=0)
    school = model.tables["organisations"]["kind"] == model.kinds.index("school")
    assert cut_ties(event(tie_cut=1.0))
    for source, target in cut_ties(event(tie_cut=1.0)):
        assert school[source] or (target < len(school) and school[target])
    front_door = len(school)
    to_social_care = cut_ties(event(services=["social_care"], tie_cut=1.0))
    assert {target for _, target in to_social_care} == {front_door}
    assert len(to_social_care) == np.count_nonzero(model.ties.referral_tie >= 0)


def test_about_the_given_share_of_ties_is_cut() -> None:
    touched = count_cut_ties(event(services=["school", "gp"], tie_cut=1.0))
    assert count_cut_ties(event(services=["school", "gp"], tie_cut=0.3)) / touched == pytest.approx(
        0.3, abs=0.1
    )


def test_phases_cut_the_same_ties_one_part_after_the_other() -> None:
    staged = event(tie_cut=0.6, phases=3, phase_gap_weeks=10)
    on_each_day = [cut_ties(staged, weeks=week) for week in (0, 10, 20)]
    assert on_each_day[0] < on_each_day[1] < on_each_day[2] == cut_ties(event(tie_cut=0.6))


def test_a_date_moved_by_some_weeks_cuts_the_same_ties() -> None:
    assert cut_ties(event(tie_cut=0.4)) == cut_ties(event(tie_cut=0.4, date=date(2006, 5, 1)), weeks=10)


# -- staff


def test_displaced_staff_leave_and_the_number_of_posts_does_not_change() -> None:
    upheaval = event(services=["social_care"], depth=0.0, tie_cut=0.0, exits=20.0)
    model = build_model(replace_sections(scenario(), timeline=[upheaval]), collect=False)
    usual = build_model(scenario(), collect=False)
    posts, started = len(model.workforce.team_of_post), len(model.tables["workers"])
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
    assert gone > usually, "no more staff left than usual"


# -- effects on casework


def test_schools_notice_less_during_a_deeper_dip() -> None:
    def count_noticed(depth: float) -> int:
        settings = replace_sections(scenario(), timeline=[event(depth=depth, tie_cut=0.0)])
        seen = select_events(run_scenario(settings) if depth else tiny_result(), "noticed")
        return int(seen["week"].between(30, 90).sum())

    usual, dip, deep = count_noticed(0.0), count_noticed(0.3), count_noticed(0.9)
    assert usual > dip > deep, "a deeper dip did not reduce the signs noticed"


# -- invalid settings


def test_a_loss_of_all_attention_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"depth.*set a smaller depth"):
        replace_sections(scenario(), timeline=[event(depth=0.8, resistance=1.0)])


def test_an_unknown_service_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"did you mean 'social_care'"):
        replace_sections(scenario(), timeline=[event(services=["social_car"])])
