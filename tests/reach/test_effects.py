"""What each event can do: which dials it turns and by how much, zeros included, and who reads them."""

from typing import Any

import pytest
from click.testing import CliRunner
from tests.governance.examples import EXAMPLES, SETTINGS
from tests.governance.examples import event as build_event
from tests.model.authority import replace_sections, scenario

from cpsim.agents.dials import DIALS
from cpsim.cli import main
from cpsim.dial_use import find_dial_uses
from cpsim.governance.duties import CooperationDuties
from cpsim.governance.lever import Lever
from cpsim.measures.outcomes import OUTCOMES
from cpsim.present.reach import create_reach_blocks, list_effect_lines
from cpsim.reach.effects import FIRST_OUTCOMES, list_first_outcomes, measure_effects
from cpsim.scenario import Scenario, load
from cpsim.scenario.events import load_levers


def load_timeline(*lines: dict[str, Any], **settings: Any) -> Scenario:
    return load("small", {"timeline": [{"date": "2006-04-03", **line} for line in lines], **settings})


def measure(*lines: dict[str, Any], **settings: Any) -> list[list[str]]:
    return [
        [str(dial) for dial in effect.dials] for effect in measure_effects(load_timeline(*lines, **settings))
    ]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_event_turns_only_dials_that_its_lever_or_a_reader_of_its_signals_declares(name: str) -> None:
    settings = replace_sections(scenario(*SETTINGS.get(name, ())), timeline=[build_event(name)])
    (effect,) = measure_effects(settings)
    lever = load_levers()[name]
    assert issubclass(lever, Lever)
    by_law = CooperationDuties.dials if set(lever.signals_sent) & set(CooperationDuties.signals_read) else ()
    assert {dial.dial.name for dial in effect.dials} <= {*lever.dials, *by_law}
    assert bool(effect.dials) == (effect.idle is None)


def test_sizes_are_factors_or_differences_and_say_whether_they_vary() -> None:
    assert measure({"lever": "attention_practice", "kinds": ["school"], "factor": 1.2}) == [
        ["signs noticed ×1.2"]
    ]
    assert measure({"lever": "thresholds", "kinds": ["school"], "shift": -0.3, "fade_weeks": 26}) == [
        ["threshold for making contact down to −0.3 log odds"]
    ]
    ((_, exits, _),) = measure({"lever": "restructure", "services": ["social_care"]})
    assert exits == "social workers who leave up to ×1.5"


def test_a_merger_without_gain_can_only_harm_and_the_zero_is_named() -> None:
    (effect,) = measure_effects(load_timeline({"lever": "restructure", "services": ["social_care"]}))
    accuracy = next(dial for dial in effect.dials if dial.dial.name == "teams.accuracy")
    assert accuracy.high <= 1
    assert effect.off == ("gain: 0 (plausible: −0.1 to 0.1)",)
    better = {"lever": "restructure", "services": ["social_care"], "gain": 0.05}
    (effect,) = measure_effects(load_timeline(better))
    accuracy = next(dial for dial in effect.dials if dial.dial.name == "teams.accuracy")
    assert accuracy.high > 1
    assert effect.off == ()


def test_an_exemption_is_not_called_a_setting_without_effect() -> None:
    exempt = {"lever": "duty", "kinds": ["pct"], "bound": False}
    (effect,) = measure_effects(load_timeline(exempt))
    assert effect.dials
    assert effect.off == ()


def test_the_effect_is_that_in_this_timeline() -> None:
    """A deficit by itself turns nothing; with a pool it is the deficit that takes services away."""
    deficit = {"lever": "deficit", "share_of_budget": 0.08}
    pool = {"lever": "pool", "voluntary": 1.0, "contribution_council": 0.6, "contribution_health": 0.8}
    assert measure(deficit) == [[]]
    _, by_deficit = measure(pool, deficit)
    assert any(size.startswith("effect of child-in-need services") for size in by_deficit)


def test_the_bodies_are_those_that_the_event_names() -> None:
    named = {"lever": "budget", "step": -0.1, "authorities": ["authority-02"]}
    (effect,) = measure_effects(load_timeline(named, **{"authorities.count": 3}))
    assert {dial.where for dial in effect.dials} == {"4 of 12 teams"}


def test_every_stage_that_reads_a_dial_names_outcomes_that_exist() -> None:
    uses = find_dial_uses()
    for dial in DIALS:
        assert list_first_outcomes(dial.name), dial.name
    acting = {module for use in uses.values() for module in use.read_by_modules if "measures" not in module}
    assert acting <= FIRST_OUTCOMES.keys()
    named = {name for names in FIRST_OUTCOMES.values() for name in names}
    assert {name.partition(".")[0] for name in named} <= OUTCOMES.keys()
    for name in named:
        outcome, _, part = name.partition(".")
        assert part in OUTCOMES[outcome].parts if part else not OUTCOMES[outcome].parts, name


def test_a_page_shows_sizes_readers_and_what_is_not_in_play() -> None:
    lines = ({"lever": "department_merger"}, {"lever": "nhs_deficit"})
    arm = load_timeline(*lines).model_dump(mode="python")
    text = str(create_reach_blocks(arm))
    for part in ("down to ×0.85", "4 of 4 teams", "casework.assessment", "assessed on time", "gain: 0"):
        assert part in text
    assert "nhs_deficit is not in play" in text
    assert create_reach_blocks(load("small").model_dump(mode="python")) == ()


def test_a_comparison_lists_only_the_events_that_the_reference_does_not_have() -> None:
    merger, letter = {"lever": "department_merger"}, {"lever": "ministerial_letter"}
    both, one = (load_timeline(*lines).model_dump() for lines in ((merger, letter), (merger,)))
    (line,) = list_effect_lines(both, one)
    assert line.startswith(
        "What ministerial_letter (scandal) does here: threshold for making contact down to −0.1 log odds"
    )
    assert list_effect_lines(one, one) == []


def test_an_event_that_waits_for_grades_may_act_in_a_run() -> None:
    inspection = {"lever": "inspection", "bottom_share": 0.01, "top_share": 0.5}
    waiting = {"lever": "inspection_judgement", "lowest_grade": True}
    _, effect = measure_effects(load_timeline(inspection, waiting))
    assert effect.idle is None


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("restructure", ("What restructure can do", "off by default", "vacant posts")),
        ("deficit", ("signal authorities.health_deficit", "pool")),
        (
            "department_merger",
            ("down to ×0.85", "Without effect in restructure: gain: 0 (plausible: −0.1 to 0.1)."),
        ),
        ("nhs_deficit", ("nhs_deficit is not in play: it changes only the signal",)),
        ("takeover_by_strong_council", ("teams.capacity_factor",)),
    ],
)
def test_explain_says_what_a_lever_or_an_institution_can_do(name: str, parts: tuple[str, ...]) -> None:
    ran = CliRunner().invoke(main, ["explain", name])
    assert ran.exit_code == 0
    assert all(part in ran.stdout for part in parts)


def test_explaining_another_word_shows_only_what_mentions_it() -> None:
    ran = CliRunner().invoke(main, ["explain", "database"])
    assert "can do" not in ran.stdout
