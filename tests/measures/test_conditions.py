"""Harm itself, and what protection averts of it."""

import numpy as np
import pytest
from tests.model.authority import build_model, run_scenario, scenario

from cpsim.results.run_result import RunResult
from cpsim.scenario import load

NO_EFFECT = (
    "protection.recovery_on_plan_per_week=0",
    "protection.recovery_in_need_per_week=0",
    "protection.care_threshold=20",
)


def run(*changes: str) -> RunResult:
    return run_scenario(scenario(*changes), seed=1)


def test_a_plan_that_achieves_nothing_does_not_raise_harm_averted_share() -> None:
    without, effective = run(*NO_EFFECT), run()
    assert without.summary["protected_share"] > 0, "children are protected by status"
    assert without.summary["unprotected_weeks_share"] < 1
    assert without.summary["harm_averted_share"] == 0
    assert effective.summary["harm_averted_share"] > 0


def test_harm_averted_is_measured_against_the_drawn_course() -> None:
    result = run()
    weekly = result.weekly[result.weekly["phase"] == "evaluated"]
    averted = 1 - weekly["in_harm"].sum() / weekly["in_harm_untreated"].sum()
    assert result.summary["harm_averted_share"] == pytest.approx(averted)
    unchanged = run(*NO_EFFECT).weekly
    assert unchanged["in_harm"].equals(unchanged["in_harm_untreated"])
    assert result.weekly["in_harm_untreated"].equals(unchanged["in_harm"]), (
        "the same children, the same drawn harm"
    )


def test_a_child_counts_in_one_condition_a_week_the_gravest() -> None:
    model = build_model(scenario())
    while model.running:
        model.step()
    result, world = model.result(), model.world
    week = world.warm_up + 60
    table = result.conditions
    now = table[(table["start"] <= 60) & (table["end_actual"] > 60)]
    rank = now["condition"].astype(str).map({"harm": 0, "additional_needs": 2}).fillna(1)
    gravest = rank.groupby(now["child"]).min()
    row = result.weekly.iloc[week]
    assert row["week"] == 60
    counts = [int((gravest == each).sum()) for each in range(3)]
    assert counts == [row["in_harm"], row["in_need"], row["additional_needs"]]
    assert min(counts) > 0


def test_the_fixed_thresholds_are_those_of_the_baseline() -> None:
    baseline = load("baseline")
    assert baseline.measures.on_file_threshold == baseline.front_door.referral_threshold
    assert baseline.measures.strict_cutoff == baseline.conference.plan_threshold


def test_the_need_cutoff_does_not_change_what_happens() -> None:
    low, high = run("measures.need_cutoff=0.5"), run("measures.need_cutoff=0.8")
    assert low.events.equals(high.events)
    assert low.weekly["additional_needs"].sum() < high.weekly["additional_needs"].sum()
    assert np.array_equal(
        low.weekly["in_need"] + low.weekly["additional_needs"],
        high.weekly["in_need"] + high.weekly["additional_needs"],
    )
