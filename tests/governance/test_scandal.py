"""A scandal lowers every threshold, fades except for its lasting share, and has an effect elsewhere."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.examples import event
from tests.governance.lever_models import WEEK, apply_events, apply_example
from tests.model.authority import build_model, replace_sections, scenario

from cpsim.agents.tables import TeamRole
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError


def threshold_fall(model: ChildProtectionModel) -> NDArray[np.float64]:
    """Fall of the threshold of each organisation since the first week, shape (organisations,)."""
    shift = [part.tables["organisations"]["share_threshold_shift"] for part in (apply_events(), model)]
    fallen: NDArray[np.float64] = shift[0] - shift[1]
    return fallen


def threshold_falls(weeks: int, **settings: float) -> NDArray[np.float64]:
    """Fall of the first organisation's threshold in each week from the date, without any casework, shape (weeks,)."""
    model = apply_example("scandal", to_week=WEEK - 1, **settings)
    fallen = []
    for week in range(WEEK, WEEK + weeks):
        model.timeline.apply_levers(week)
        fallen.append(-model.tables["organisations"]["share_threshold_shift"][0])
    return np.array(fallen)


def test_a_scandal_fades_to_its_lasting_share() -> None:
    fallen = threshold_falls(200, size=0.8, fade_weeks=10, lasting_share=0.25)
    weeks = np.arange(200)
    assert fallen == pytest.approx(0.8 * (0.75 * np.exp(-weeks / 10) + 0.25))


def test_a_scandal_has_no_effect_before_its_date() -> None:
    model = apply_example("scandal", to_week=WEEK - 1)
    assert not threshold_fall(model).any()
    assert not model.tables["teams"]["screening_threshold_shift"].any()


def test_thresholds_of_all_organisations_and_the_front_door_fall_equally() -> None:
    model = apply_example("scandal", size=0.6)
    teams = model.tables["teams"]
    front_doors = teams["role"] == TeamRole.FRONT_DOOR
    assert threshold_fall(model) == pytest.approx(0.6)
    assert teams["screening_threshold_shift"][front_doors] == pytest.approx(-0.6)
    assert not teams["screening_threshold_shift"][~front_doors].any()


@pytest.mark.parametrize("lasting_share", [0.0, 0.4, 1.0])
def test_thresholds_stay_lower_if_the_lasting_share_is_larger(lasting_share: float) -> None:
    fallen = threshold_falls(400, size=0.5, fade_weeks=20, lasting_share=lasting_share)
    assert fallen[0] == pytest.approx(0.5)
    assert fallen[-1] == pytest.approx(0.5 * lasting_share, abs=1e-6)
    assert (np.diff(fallen) <= 1e-12).all()


def test_each_visible_event_is_a_further_small_scandal_a_week_later() -> None:
    model = apply_example("scandal", size=0.0, fade_weeks=10, lasting_share=0.5, known_child_event=0.1)
    fallen = []
    for week, events in enumerate([2, 0, 0, 1, 0], start=WEEK):
        model.tables["authorities"]["visible_events"] = events
        model.timeline.apply_levers(week + 1)
        fallen.append(-model.tables["organisations"]["share_threshold_shift"][0])
    remaining = [0.5 * math.exp(-j / 10) + 0.5 for j in range(5)]
    assert fallen == pytest.approx(
        [
            0.2 * remaining[0],
            0.2 * remaining[1],
            0.2 * remaining[2],
            0.2 * remaining[3] + 0.1 * remaining[0],
            0.2 * remaining[4] + 0.1 * remaining[1],
        ]
    )


def test_events_before_the_scandal_have_no_effect() -> None:
    model = apply_example("scandal", to_week=WEEK - 1, size=0.0, known_child_event=0.1)
    model.tables["authorities"]["visible_events"] = 3
    model.timeline.apply_levers(WEEK)
    assert not threshold_fall(model).any()


def test_only_serious_events_to_children_known_to_social_care_are_visible() -> None:
    """Serious events to children referred before are recorded in their week, and no others."""
    settings = scenario("harm.serious_event_per_week=0.02")
    model = build_model(settings, collect=False)
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
def test_invalid_scandal_settings_are_refused(nonsense: dict[str, float]) -> None:
    with pytest.raises(ScenarioError, match=next(iter(nonsense))):
        replace_sections(scenario(), timeline=[event("scandal", **nonsense)])


def test_in_other_authorities_the_spillover_applies_to_the_scandal_and_to_their_own_events() -> None:
    three = scenario("authorities.count=3", "population.children=400", "authorities.named=[{name: Haringey}]")
    scandal = event("scandal", size=0.5, spillover=0.6, known_child_event=0.1, authorities=["Haringey"])
    model = build_model(replace_sections(three, timeline=[scandal]), collect=False)
    for week in range(WEEK + 1):
        model.timeline.apply_levers(week)
    front_doors = model.tables["teams"]["role"] == TeamRole.FRONT_DOOR
    assert model.tables["teams"]["screening_threshold_shift"][front_doors] == pytest.approx(
        [-0.5, -0.3, -0.3]
    )
    before = model.tables["teams"]["screening_threshold_shift"][front_doors].copy()
    model.tables["authorities"]["visible_events"] = [0, 1, 0]
    model.timeline.apply_levers(WEEK + 1)
    fallen_further = before - model.tables["teams"]["screening_threshold_shift"][front_doors]
    assert fallen_further[1] - fallen_further[2] == pytest.approx(0.6 * 0.1)
    assert (fallen_further[[0, 2]] < 0).all()
