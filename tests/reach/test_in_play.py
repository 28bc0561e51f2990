"""An event that cannot change anything where it stands is not in play; the reason and a remedy are given."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.governance.examples import EXAMPLES, SETTINGS
from tests.governance.examples import event as build_event
from tests.model.authority import assert_same, replace_sections, scenario
from tests.reach.reference import BASE, IDLE, build_arm, list_institutions, run_institutions

from cpsim.cli import main
from cpsim.governance.lever import Lever
from cpsim.reach import find_idle_events
from cpsim.scenario import Scenario, load
from cpsim.scenario.events import load_levers


def load_timeline(*lines: dict[str, Any], **settings: Any) -> Scenario:
    dated = [{"date": "2006-04-03", **line} for line in lines]
    return load("small", {"timeline": dated, **settings})


def explain(*lines: dict[str, Any], **settings: Any) -> list[str]:
    return [str(idle) for idle in find_idle_events(load_timeline(*lines, **settings))]


def test_institutions_are_not_in_play_exactly_where_the_reason_is_known() -> None:
    found = {
        identifier: idle.reason
        for identifier in list_institutions()
        for idle in find_idle_events(build_arm(identifier))
        if not idle.part
    }
    assert found.keys() == IDLE.keys()
    for identifier, reason in found.items():
        assert reason.startswith(IDLE[identifier])


def test_an_institution_that_is_not_in_play_leaves_every_child_and_every_table_as_they_are() -> None:
    results = run_institutions(*IDLE)
    for identifier in IDLE:
        assert_same(*results[identifier], *results[BASE])


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_lever_with_a_strong_effect_is_in_play(name: str) -> None:
    signals_only = name in ("deficit", "ringfence", "reallocation")
    settings = replace_sections(scenario(*SETTINGS.get(name, ())), timeline=[build_event(name)])
    assert bool(find_idle_events(settings)) == signals_only


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_lever_with_neutral_settings_is_not_in_play(name: str) -> None:
    lever = load_levers()[name]
    assert issubclass(lever, Lever)
    line = build_event(name, **lever.neutral)
    settings = replace_sections(scenario(*SETTINGS.get(name, ())), timeline=[line])
    (idle,) = find_idle_events(settings)
    assert idle.reason
    assert idle.remedy


DEFICIT = {"lever": "deficit", "share_of_budget": 0.08}
RING_FENCE = {"lever": "ringfence", "share": 0.8}
POOL = {"lever": "pool", "voluntary": 1.0}
SCHOOL_DUTY = {"lever": "duty", "kinds": ["school"], "bound": True, "awareness": 0.5}


def test_a_deficit_is_in_play_once_there_is_a_pooled_budget() -> None:
    (alone,) = explain(DEFICIT)
    assert "on which nothing in force depends" in alone
    assert "add an event with the lever pool, such as childrens_trust_pathfinder" in alone
    assert explain(POOL, DEFICIT) == explain(DEFICIT, POOL) == []


def test_the_remedy_for_a_missing_event_works() -> None:
    (alone,) = explain(DEFICIT)
    remedy = alone.rpartition("such as ")[2].rstrip(".")
    assert not any("deficit" in remark for remark in explain(DEFICIT, {"lever": remedy}))


def test_a_ring_fence_that_leaves_enough_for_the_pool_makes_no_difference_to_it() -> None:
    small = {"lever": "pool", "contribution_council": 0.02, "contribution_health": 0.02, "voluntary": 1.0}
    (remark,) = explain(small, RING_FENCE)
    assert "makes no difference to pool as set here" in remark
    assert "change the settings of ringfence and pool" in remark


def test_of_two_equal_duties_the_later_is_not_in_play() -> None:
    (idle,) = find_idle_events(load_timeline(SCHOOL_DUTY, SCHOOL_DUTY))
    assert idle.indices == (1,)
    assert "already stands for every school" in idle.reason


def test_awareness_of_a_duty_that_does_not_bind_is_not_in_play_until_it_does() -> None:
    aware = {"lever": "duty", "kinds": ["gp"], "awareness": 0.9}
    (remark,) = explain(aware)
    assert "does not bind any gp here" in remark
    assert not explain({"lever": "duty", "kinds": ["gp"], "bound": True, "awareness": 0.1}, aware)


def test_a_duty_that_is_lifted_while_its_awareness_rises_names_itself_as_the_remedy() -> None:
    lifted = {
        "date": "2006-04-03",
        "lever": "duty",
        "kinds": ["school", "gp"],
        "bound": False,
        "awareness": 0.3,
    }
    (idle,) = find_idle_events(load("before_the_act", {"timeline": [lifted]}))
    assert idle.remedy == "change the settings of duty"


def test_a_duty_of_which_no_one_knows_is_not_in_play() -> None:
    unknown = {"duties.school": {"bound": False, "awareness": 0.0}}
    (remark,) = explain({"lever": "duty", "kinds": ["school"], "bound": True}, **unknown)
    assert "no one there knows of it" in remark
    assert not explain({"lever": "duty", "kinds": ["school"], "bound": True, "sanction": 0.1}, **unknown)


def test_an_event_after_the_run_is_not_in_play() -> None:
    with pytest.warns(match="after the last simulated week"):
        late = load("small", {"timeline": [{**SCHOOL_DUTY, "date": "2019-04-01"}]})
    (idle,) = find_idle_events(late)
    assert "after the last simulated week" in idle.reason
    assert "raise clock.years" in idle.remedy


def test_a_judgement_waits_for_an_inspection_that_comes_too_late() -> None:
    judgement = {
        "date": "2006-04-03",
        "until": "2007-04-02",
        "lever": "inspection_judgement",
        "lowest_grade": True,
    }
    later = {"date": "2008-04-07", "lever": "inspection"}
    (idle,) = find_idle_events(load("small", {"timeline": [judgement, later]}))
    assert (idle.name, idle.indices) == ("inspection_judgement", (0,))
    assert "no inspection is in force at the same time" in idle.reason
    lasting = {name: value for name, value in judgement.items() if name != "until"}
    assert not find_idle_events(load("small", {"timeline": [lasting, later]}))


def test_an_inspection_without_consequences_is_in_play_if_a_judgement_depends_on_its_grades() -> None:
    inspection = {"lever": "inspection", "gaming": 0.0, "joint_work": 0.0}
    (remark,) = explain(inspection)
    assert "it only gives grades" in remark
    assert not explain(inspection, {"lever": "inspection_judgement", "lowest_grade": True})


def test_staff_follow_reputation_only_if_there_are_inspections() -> None:
    follow = {"lever": "freedoms", "growth": 0.0, "staff_flow": 0.3}
    (remark,) = explain(follow)
    assert "add an `inspection` to the timeline" in remark
    assert not explain({"lever": "inspection"}, follow)


def test_a_share_of_less_than_one_school_makes_no_school_autonomous() -> None:
    (remark,) = explain({"lever": "autonomy", "kinds": ["school"], "share": 0.01})
    assert "is less than one of them" in remark


def test_ties_that_do_not_exist_cannot_be_cut() -> None:
    cut = {"lever": "links", "kinds": ["school"], "partners": ["school"], "tie_cut": 1.0}
    (remark,) = explain(cut)
    assert "no ties between organisations of the same kind" in remark
    untied = {"agencies.police.tied": False}
    for lever in (
        {"lever": "hub", "kinds": ["police"]},
        {**cut, "kinds": ["police"], "partners": ["front_door"]},
    ):
        (remark,) = explain(lever, **untied)
        assert "have no ties here: police" in remark
        assert not explain(lever)


def test_what_may_depend_on_chance_or_casework_counts_as_in_play() -> None:
    rare_cut = {"lever": "restructure", "services": ["police"], "depth": 0.0, "exits": 1.0, "tie_cut": 0.0001}
    only_events = {"lever": "scandal", "size": 0.0, "known_child_event": 0.1}
    assert explain(rare_cut) == explain(only_events) == []


def test_one_lever_of_an_institution_can_be_out_of_play_by_itself() -> None:
    (remark,) = explain({"lever": "strategic_board"})
    assert remark.startswith("the lever reallocation of strategic_board is not in play")


def test_an_institution_of_two_levers_is_named_once() -> None:
    (idle,) = find_idle_events(load_timeline({"lever": "partner_awareness"}))
    assert (idle.indices, idle.part) == ((0, 1), "")


def test_events_of_a_country_in_tiles_are_judged_in_its_largest_tile() -> None:
    tiles = {"authorities": {"count": 4, "tile_children": 25_000}}
    named = {**DEFICIT, "authorities": ["authority-03"]}
    found = find_idle_events(load_timeline(SCHOOL_DUTY, DEFICIT, named, **tiles))
    assert [idle.indices for idle in found] == [(1,), (2,)]


def write(folder: Path, *lines: str) -> str:
    file = folder / "mine.yaml"
    file.write_text("\n".join(["extends: small", "timeline:", *(f"  - {line}" for line in lines)]), "utf-8")
    return str(file)


PLAN = "{date: 2006-04-03, lever: workforce_plan}"


def test_validate_accepts_the_file_and_says_what_is_not_in_play(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["validate", write(tmp_path, PLAN)])
    ok, remark = ran.stdout.splitlines()
    assert ran.exit_code == 0
    assert ok.endswith("mine.yaml: ok")
    assert remark.startswith("  workforce_plan is not in play: it changes only the signal")


def test_run_says_what_is_not_in_play_and_runs(tmp_path: Path) -> None:
    tiny = ["population.children=300", "clock.years=2", "clock.warm_up_years=1"]
    settings = [word for setting in tiny for word in ("--set", setting)]
    out = tmp_path / "out"
    file = write(tmp_path, PLAN)
    ran = CliRunner().invoke(main, ["run", file, *settings, "--out", str(out), "--no-figures", "--quiet"])
    assert ran.exit_code == 0
    assert "note: workforce_plan is not in play: it changes only the signal" in ran.stderr
    assert (out / "summary.json").is_file()
