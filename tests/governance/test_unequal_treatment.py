"""Two groups with the same harm are treated differently: more attention means fewer misses and more assessments."""

from typing import Any

import numpy as np
import pytest
from tests.governance.examples import event
from tests.governance.lever_models import apply_example
from tests.model.authority import replace_sections, run_scenario, scenario, tiny_result

from cpsim.measures.equity import compare_by_group, missed_risk_gap
from cpsim.results import RunResult
from cpsim.scenario.problems import ScenarioError

ALL_KINDS = ["school", "gp", "pct", "hospital", "police", "community"]
HALF = ("population.group_share=0.5",)


def run_unequal_treatment(**settings: Any) -> RunResult:
    """Run the tiny authority with half its families in the smaller group and unequal treatment from the start."""
    always = {**event("unequal_treatment", kinds=ALL_KINDS, threshold_gap=0, exposure_gap=0), **settings}
    del always["date"]
    return run_scenario(replace_sections(scenario(*HALF), timeline=[always]))


def find_events(result: RunResult, stage: str) -> set[tuple[int, int]]:
    events = result.events[result.events["stage"] == stage]
    return set(zip(events["week"], events["child"], strict=True))


def test_only_the_kinds_named_treat_the_groups_differently() -> None:
    model = apply_example("unequal_treatment", kinds=["police"], threshold_gap=-0.4, exposure_gap=0.5)
    organisations = model.tables["organisations"]
    police = organisations["kind"] == model.kinds.index("police")
    assert organisations["group_threshold_shift"] == pytest.approx(np.where(police, -0.4, 0.0))
    assert organisations["group_exposure"] == pytest.approx(np.where(police, 1.5, 1.0))


def test_group_membership_changes_nothing_without_unequal_treatment() -> None:
    """Group membership has its own random draws, so the size of the group does not change any event."""
    few, half = tiny_result("population.group_share=0.1"), tiny_result(*HALF)
    for table in ("weekly", "events", "ties"):
        assert getattr(few, table).equals(getattr(half, table))
    assert (few.spells["group"] == "smaller").mean() < (half.spells["group"] == "smaller").mean()


def test_a_higher_threshold_for_a_group_lowers_its_assessments_without_need() -> None:
    assessed_gap = [
        run_unequal_treatment(threshold_gap=gap).summary["group_gap_assessed_neither"]
        for gap in (-2.0, 0.0, 2.0)
    ]
    assert assessed_gap[0] > assessed_gap[1] > assessed_gap[2]


def test_a_group_with_more_attention_has_fewer_misses_and_more_assessments() -> None:
    less, more = (
        run_unequal_treatment(exposure_gap=-0.9).summary,
        run_unequal_treatment(exposure_gap=0.9).summary,
    )
    assert more["group_gap_miss"] < less["group_gap_miss"]
    assert more["group_gap_assessed_neither"] > less["group_gap_assessed_neither"]


def test_attention_to_the_smaller_group_does_not_change_noticing_of_the_larger_in_the_first_week() -> None:
    """In the first week there are no responses yet through which one group could affect the other."""
    usual, watched_less = tiny_result(*HALF), run_unequal_treatment(exposure_gap=-0.9)
    group = watched_less.spells.set_index("child")["group"]
    first = usual.events["week"].min()
    noticed = [
        {
            child
            for week, child in find_events(result, "noticed")
            if week == first and group.get(child) == "larger"
        }
        for result in (usual, watched_less)
    ]
    assert noticed[0] == noticed[1] != set()


def test_attention_cannot_exceed_one() -> None:
    """With full attention, a larger exposure does not change what is noticed."""
    attentive = ("agencies.school.attention=1",)
    always = {"lever": "unequal_treatment", "kinds": ["school"], "threshold_gap": 0}
    much, more = (
        run_scenario(
            replace_sections(scenario(*HALF, *attentive), timeline=[{**always, "exposure_gap": gap}])
        )
        for gap in (0.0, 0.3)
    )
    assert find_events(much, "noticed") == find_events(more, "noticed")


def test_a_gap_is_the_rate_of_the_smaller_group_minus_that_of_the_larger() -> None:
    result = tiny_result(*HALF)
    spells = result.spells
    followed = spells[spells["result_13w"] != "censored"]
    rate = followed.groupby("group", observed=True)["result_13w"].apply(
        lambda results: (results == "missed").mean()
    )
    smaller = (spells["group"] == "smaller").to_numpy()
    assert missed_risk_gap(spells["result_13w"], compare_by_group(smaller)) == pytest.approx(
        100 * (rate["smaller"] - rate["larger"])
    )
    assert missed_risk_gap(spells["result_13w"], compare_by_group(~smaller)) == pytest.approx(
        -missed_risk_gap(spells["result_13w"], compare_by_group(smaller))
    )
    assert result.summary["group_gap_miss"] == missed_risk_gap(
        spells["result_13w"], compare_by_group(smaller)
    )


def test_without_a_smaller_group_there_is_no_gap() -> None:
    summary = tiny_result("population.group_share=0").summary
    assert summary["group_gap_miss"] is None
    assert summary["group_gap_assessed_neither"] is None


@pytest.mark.parametrize("nonsense", [{"exposure_gap": -1.5}, {"threshold_gap": 99}], ids=str)
def test_invalid_unequal_treatment_settings_are_refused(nonsense: dict[str, float]) -> None:
    with pytest.raises(ScenarioError, match=next(iter(nonsense))):
        replace_sections(scenario(), timeline=[event("unequal_treatment", **nonsense)])
