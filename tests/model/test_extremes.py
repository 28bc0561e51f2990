"""At the limits of its settings a run ends without overflow, division by zero, or undefined numbers in its results."""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel
from tests.governance.examples import EXAMPLES
from tests.model.extremes import TOWN, Limits, find_faulty_numbers, list_limits, run_carefully

from cpsim.constants import NEVER
from cpsim.model import ChildProtectionModel
from cpsim.scenario.events import load_levers
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import KNOWN_KINDS, AgencyKindSettings, NamedAuthoritySettings
from cpsim.world import draw_world

LOW, HIGH = 0, 1


def list_sections() -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in Scenario.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel) and list_limits(kind):
            yield name, kind


SECTIONS = dict(list_sections())


def take(limits: Limits, end: int) -> dict[str, float]:
    return {name: ends[end] for name, ends in limits.items()}


def check(settings: dict[str, Any], seed: int = 3) -> None:
    assert list(find_faulty_numbers(run_carefully(TOWN | settings, seed))) == []


@pytest.mark.parametrize("end", [LOW, HIGH], ids=["lowest", "highest"])
@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_at_its_limits(section: str, end: int) -> None:
    own = TOWN.get(section, {}) | take(list_limits(SECTIONS[section]), end)
    if section == "authorities":
        named = take(list_limits(NamedAuthoritySettings), end) | {"name": "Ashford"}
        own |= {"count": 2, "named": [named], "tile_children": None}  # tiles are runs of their own
    settings = {section: own}
    if section in ("harm", "measures"):  # need is never graver than significant harm
        settings = {
            "harm": {"harm_cutoff": own.get("harm_cutoff", 20)},
            "measures": {"need_cutoff": 0},
        } | settings
    check(settings)


@pytest.mark.parametrize("end", [LOW, HIGH], ids=["lowest", "highest"])
def test_all_kinds_of_agency_at_their_limits(end: int) -> None:
    own = take(list_limits(AgencyKindSettings), end)
    check({"agencies": {kind: {**own, "tied": bool(end)} for kind in (*KNOWN_KINDS, "youth_justice")}})


def build_event(lever: str, **settings: Any) -> dict[str, Any]:
    """Return the example of a lever with some of its settings changed."""
    event = {"date": "2005-06-01", "lever": lever, **EXAMPLES[lever], **settings}
    event.pop("merge_to", None)  # so small an authority has nothing to merge
    return event


def check_events(events: list[dict[str, Any]], seed: int = 3) -> None:
    """Check a run with these events after an inspection, without those whose settings contradict each other."""
    often = {"lever": "inspection", "date": "2005-05-01", "every_weeks": 4}
    aftermath = {"lever": "inspection_judgement", "date": "2005-06-01"}
    town = TOWN | {"authorities": {"count": 3}, "timeline": [often, *events, aftermath]}
    try:
        from_mapping(town)
    except ScenarioError as error:
        faulty = {int(problem.path.split("[")[1].split("]")[0]) for problem in error.problems}
        kept = [event for place, event in enumerate(town["timeline"]) if place not in faulty]
        assert len(kept) > len(events) / 2
        town["timeline"] = kept
    check(town, seed)


@pytest.mark.parametrize("end", [LOW, HIGH], ids=["lowest", "highest"])
@pytest.mark.parametrize("part", range(5))
def test_each_setting_of_the_levers_at_its_limits(end: int, part: int) -> None:
    """One event for each setting, with the others as in the example of its lever."""
    limits = [
        (name, setting, ends[end])
        for name, lever in load_levers().items()
        for setting, ends in list_limits(lever).items()
    ]
    check_events([build_event(name, **{setting: value}) for name, setting, value in limits[part::5]])


@pytest.mark.parametrize("seed", range(5))
def test_settings_of_levers_at_and_between_their_limits(seed: int) -> None:
    chance = random.Random(seed)
    events = []
    for name in chance.sample(sorted(load_levers()), 10):
        settings: dict[str, Any] = {}
        for setting, (low, high) in list_limits(load_levers()[name]).items():
            between = chance.randint(int(low), int(high)) if type(low) is int else chance.uniform(low, high)
            settings |= {setting: chance.choice([low, high, between])} if chance.random() < 0.5 else {}
        events.append(build_event(name, **settings))
    check_events(events, seed)


def test_an_inspection_may_move_all_working_time() -> None:
    """All that is scored is unverified and everyone plays along: in floating point the share is a little above 1."""
    gaming = {
        "lever": "inspection",
        "date": "2005-06-01",
        "proxy_weight": 1.0,
        "verification": 0.1,
        "gaming": 1.0,
    }
    check({"timeline": [gaming]})


def test_ratings_are_numbers_although_no_accuracy_is_left() -> None:
    gaming = {"lever": "inspection", "date": "2005-06-01", "proxy_weight": 1, "verification": 0, "gaming": 1}
    aftermath = {"lever": "inspection_judgement", "date": "2005-06-01"}
    result = run_carefully(TOWN | {"timeline": [{**gaming, "every_weeks": 4}, aftermath]})
    assert len(result.ratings) > 10
    assert np.isfinite(result.ratings[["score", "quality", "gaming"]].to_numpy(dtype=np.float64)).all()


@pytest.mark.parametrize(
    ("times", "lever", "settings"),
    [
        (20, "scale", {"authorities_sharing": 150, "economy": 10.0}),
        (160, "attention_practice", {"factor": 100.0}),
    ],
)
def test_many_levers_of_one_kind_stay_finite(times: int, lever: str, settings: dict[str, Any]) -> None:
    check({"timeline": [{"lever": lever, "date": "2005-04-01", **settings}] * times})


def test_a_spell_lasts_to_the_end_of_childhood_however_long_it_is_drawn() -> None:
    """Half of the spells are drawn longer than 2,000 weeks, some of them longer than a 32-bit number of weeks."""
    town = TOWN | {"harm": {"spell_median_weeks": 2_000, "spell_spread": 5.0, "onset_per_year": 0.5}}
    world = draw_world(from_mapping(town), 1)
    length = world.spells.end - world.spells.onset
    at_end_of_childhood = world.spells.end == world.children.birth[world.spells.child] + 18 * 52
    assert at_end_of_childhood.mean() > 0.5
    assert (length == 1).mean() < 0.2
    run_carefully(town, 1)


def test_an_assessment_that_changes_hands_again_and_again_may_last_longer_than_any_run() -> None:
    """Each change of social worker makes the rest of an assessment ten times as long."""
    town = TOWN | {
        "population": {"children": 300},
        "harm": {"onset_per_year": 0.5},
        "workforce": {"exit_per_year": 5.0, "refill_weeks": 0, "casework_hours_per_week": 100.0},
        "protection": {"worker_change_factor": 0.0},
        "front_door": {"referral_threshold": -20.0, "assessment_threshold": -20.0},
        "assessment": {
            "longest_core_weeks": 2_000,
            "core_weeks_median": 400.0,
            "core_threshold": 0.0,
            "s47_threshold": 20.0,
        },
    }
    model = ChildProtectionModel(town, seed=1, collect=False)
    while model.running:
        model.step()
    finish = model.casework.records.finish
    assert finish.max() == NEVER, "an assessment has no end in the run"
    assert finish.min() >= -1


def test_too_few_children_for_any_rate_are_refused() -> None:
    tiny = {"authorities": {"count": 1, "named": [{"name": "Ashford", "size": 0.01}]}}
    with pytest.raises(ScenarioError, match="about 2 children in all authorities are too few; at least 50"):
        from_mapping(TOWN | tiny)
