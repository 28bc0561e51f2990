"""Arms of a comparison or a sweep that turn the same dials in every week are one arm under several names."""

from pathlib import Path
from typing import Any

from click.testing import CliRunner
from tests.reach.reference import BASE, IDLE, build_arm, list_institutions

from cpsim.cli import main
from cpsim.reach import describe_idle_arms, find_equal_arms
from cpsim.scenario import Scenario, load

TINY = {"population.children": 300, "clock.years": 2, "clock.warm_up_years": 1}


def build(*lines: dict[str, Any], **settings: Any) -> Scenario:
    return load("small", {"timeline": [{"date": "2006-04-03", **line} for line in lines], **settings})


def group(**arms: Scenario) -> list[tuple[str, ...]]:
    return find_equal_arms(arms)


def test_institutions_with_the_same_levers_are_one_arm() -> None:
    groups = find_equal_arms({BASE: build_arm()} | {name: build_arm(name) for name in list_institutions()})
    assert groups == [
        (BASE, *IDLE),
        ("dcs_span", "dcs_dass_joint"),
        ("leader_change", "incremental_reform"),
        ("childrens_trust", "childrens_trust_targeted"),
        ("outcome_based_management", "inspection_file_audit"),
        ("spending_review_timing", "spin_out_voluntary"),
        ("new_model_target", "spin_out_under_threat"),
        ("cpa_rating", "inspection_toughening", "ofsted_rating"),
        ("integrated_inspection", "inspection_scoring"),
        ("spin_out_imposed", "local_resistance"),
    ]


def test_grades_distinguish_inspections_only_if_something_depends_on_them() -> None:
    usual, tougher = {"lever": "inspection"}, {"lever": "inspection", "shift": -0.5}
    judged = {"lever": "inspection_judgement", "lowest_grade": True}
    assert group(usual=build(usual), tougher=build(tougher)) == [("usual", "tougher")]
    assert group(usual=build(usual, judged), tougher=build(tougher, judged)) == []


def test_two_ways_to_the_same_threshold_are_one_arm() -> None:
    cut = {"lever": "budget", "step": -0.1}
    twice = ({"lever": "attention_practice", "factor": 0.5}, {"lever": "attention_practice", "factor": 0.5})
    assert group(once=build({**twice[0], "factor": 0.25}), twice=build(*twice)) == [("once", "twice")]
    assert group(once=build({**twice[0], "factor": 0.25}), twice=build(*twice, cut)) == []


def test_arms_with_other_settings_are_not_one() -> None:
    assert group(usual=build(), strict=build(**{"front_door.referral_threshold": 4.0})) == []


def test_the_date_within_a_week_does_not_matter_but_the_week_does() -> None:
    cut = {"lever": "budget", "step": -0.1}
    days = {day: build({**cut, "date": f"2006-04-{day:02d}"}) for day in (3, 4, 20)}
    assert group(**{f"day {day}": arm for day, arm in days.items()}) == [("day 3", "day 4")]


def test_an_event_that_acts_at_one_point_of_a_sweep_is_in_play() -> None:
    def build_at(arm: str, point: int) -> Scenario:
        factor = {"usual": 1.0, "rising": 1.0 + 0.1 * point, "flat": 1.0}[arm]
        return build({"lever": "attention_practice", "factor": factor})

    assert describe_idle_arms(["rising"], 3, build_at) == []
    remarks = describe_idle_arms(["usual", "rising", "flat"], 3, build_at)
    assert [remark.partition(" ")[0] for remark in remarks] == ["usual:", "flat:", "usual"]
    assert remarks[2].startswith("usual and flat are one arm under several names")
    (many,) = describe_idle_arms(["usual"], 100, build_at)
    assert many.endswith("(found at 12 points of 100)")


EXPERIMENT = """
name: plan
base: small
arms:
  usual: {population: {children: 300}, clock: {years: 2, warm_up_years: 1}}
  plan:
    population: {children: 300}
    clock: {years: 2, warm_up_years: 1}
    timeline: [{date: 2006-04-03, lever: workforce_plan}]
seeds: 1
outcomes: [missed_risk_rate]
"""


def test_a_sweep_says_before_it_runs_what_is_not_in_play(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(EXPERIMENT, "utf-8")
    ran = CliRunner().invoke(main, ["sweep", str(file), "--dry-run"])
    assert ran.exit_code == 0
    assert "note: plan: workforce_plan is not in play: it changes only the signal" in ran.stderr
    assert "note: usual and plan are one arm under several names" in ran.stderr


def test_a_comparison_says_before_it_runs_what_is_not_in_play(tmp_path: Path) -> None:
    text = "extends: small\nname: plan\ntimeline: [{date: 2006-04-03, lever: workforce_plan}]\n"
    (tmp_path / "plan.yaml").write_text(text, "utf-8")
    settings = [word for name, value in TINY.items() for word in ("--set", f"{name}={value}")]
    command = ["compare", "small", str(tmp_path / "plan.yaml"), *settings, "--seeds", "1", "--no-prevalence"]
    out = ["--out", str(tmp_path / "out"), "--workers", "1", "--no-figures", "--quiet"]
    ran = CliRunner().invoke(main, [*command, *out])
    assert ran.exit_code == 0, ran.stderr
    assert "note: plan: workforce_plan is not in play" in ran.stderr
    assert "note: small and plan are one arm under several names" in ran.stderr
