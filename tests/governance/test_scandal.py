"""A scandal lowers every threshold at once, fades but for what stays, and is felt elsewhere too."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.boards import WEEK, governed, under
from tests.governance.examples import event
from tests.model.authority import changed, model_of, scenario

from cpsim.agents.social_work import TeamRole
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError


def fall(model: ChildProtectionModel) -> NDArray[np.float64]:
    """How far the threshold of each organisation lies below what it was in the first week; shape (S,)."""
    shift = [part.tables["organisations"]["share_threshold_shift"] for part in (governed(), model)]
    fallen: NDArray[np.float64] = shift[0] - shift[1]
    return fallen


def falls(weeks: int, **settings: float) -> NDArray[np.float64]:
    """The fall of the first one's threshold in each week from the date on, without any casework; shape (weeks,)."""
    model = under("scandal", to_week=WEEK - 1, **settings)
    fallen = []
    for week in range(WEEK, WEEK + weeks):
        model.timeline.apply_levers(week)
        fallen.append(-model.tables["organisations"]["share_threshold_shift"][0])
    return np.array(fallen)


def test_a_scandal_fades_down_to_what_persists() -> None:
    fallen = falls(200, size=0.8, fade_weeks=10, lasting_share=0.25)
    weeks = np.arange(200)
    assert fallen == pytest.approx(0.8 * (0.75 * np.exp(-weeks / 10) + 0.25))


def test_nothing_of_a_scandal_is_felt_before_it_breaks() -> None:
    model = under("scandal", to_week=WEEK - 1)
    assert not fall(model).any()
    assert not model.tables["teams"]["screening_threshold_shift"].any()


def test_everybody_who_might_tell_and_the_front_door_feel_it_alike() -> None:
    model = under("scandal", size=0.6)
    teams = model.tables["teams"]
    doors = teams["role"] == TeamRole.FRONT_DOOR
    assert fall(model) == pytest.approx(0.6)
    assert teams["screening_threshold_shift"][doors] == pytest.approx(-0.6)
    assert not teams["screening_threshold_shift"][~doors].any()


@pytest.mark.parametrize("lasting_share", [0.0, 0.4, 1.0])
def test_the_larger_the_lasting_share_the_lower_the_thresholds_remain(lasting_share: float) -> None:
    fallen = falls(400, size=0.5, fade_weeks=20, lasting_share=lasting_share)
    assert fallen[0] == pytest.approx(0.5)
    assert fallen[-1] == pytest.approx(0.5 * lasting_share, abs=1e-6)
    assert (np.diff(fallen) <= 1e-12).all()


def test_each_visible_event_is_a_small_scandal_of_its_own_a_week_later() -> None:
    model = under("scandal", size=0.0, fade_weeks=10, lasting_share=0.5, known_child_event=0.1)
    fallen = []
    for week, events in enumerate([2, 0, 0, 1, 0], start=WEEK):
        model.tables["authorities"]["visible_events"] = events
        model.timeline.apply_levers(week + 1)
        fallen.append(-model.tables["organisations"]["share_threshold_shift"][0])
    left = [0.5 * math.exp(-j / 10) + 0.5 for j in range(5)]
    assert fallen == pytest.approx(
        [0.2 * left[0], 0.2 * left[1], 0.2 * left[2], 0.2 * left[3] + 0.1 * left[0], 0.2 * left[4] + 0.1 * left[1]]
    )  # fmt: skip


def test_what_had_happened_before_the_scandal_is_no_news() -> None:
    model = under("scandal", to_week=WEEK - 1, size=0.0, known_child_event=0.1)
    model.tables["authorities"]["visible_events"] = 3
    model.timeline.apply_levers(WEEK)
    assert not fall(model).any()


def test_only_events_to_children_whom_social_care_knew_are_visible() -> None:
    """Every event of a child referred before is on record in the week in which it happens, and no other."""
    settings = scenario("harm.serious_event_per_week=0.02")
    model = model_of(settings, collect=False)
    recorded = []
    while model.running:
        model.step()
        recorded.append(model.tables["authorities"]["visible_events"].sum())
    events = model.result().events
    referred = events[events["stage"] == "referred"].groupby("child")["week"].min()
    serious = events[events["stage"] == "serious_event"]
    # The last step of a week is protection, so a referral of the same week came before.
    known = serious[serious["child"].map(referred).fillna(np.inf) <= serious["week"]]
    week = known["week"] + model.world.warm_up
    assert len(known) > 10
    assert len(known) < len(serious)
    assert recorded == np.bincount(week, minlength=len(recorded)).tolist()


@pytest.mark.parametrize(
    "nonsense", [{"size": -0.5}, {"fade_weeks": 0}, {"lasting_share": 1.5}, {"spillover": -0.1}], ids=str
)
def test_a_scandal_that_makes_no_sense_is_refused(nonsense: dict[str, float]) -> None:
    with pytest.raises(ScenarioError, match=next(iter(nonsense))):
        changed(scenario(), timeline=[event("scandal", **nonsense)])


def test_others_feel_a_share_of_a_scandal_at_one_authority_and_their_own_events_by_that_share_too() -> None:
    three = scenario("authorities.count=3", "population.children=400", "authorities.named=[{name: Haringey}]")
    happening = event("scandal", size=0.5, spillover=0.6, known_child_event=0.1, authorities=["Haringey"])
    model = model_of(changed(three, timeline=[happening]), collect=False)
    for week in range(WEEK + 1):
        model.timeline.apply_levers(week)
    doors = model.tables["teams"]["role"] == TeamRole.FRONT_DOOR
    assert model.tables["teams"]["screening_threshold_shift"][doors] == pytest.approx([-0.5, -0.3, -0.3])
    before = model.tables["teams"]["screening_threshold_shift"][doors].copy()
    model.tables["authorities"]["visible_events"] = [0, 1, 0]
    model.timeline.apply_levers(WEEK + 1)
    fell = before - model.tables["teams"]["screening_threshold_shift"][doors]
    assert fell[1] - fell[2] == pytest.approx(0.6 * 0.1)
    assert (fell[[0, 2]] < 0).all()
