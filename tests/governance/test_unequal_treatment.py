"""Two groups live alike but are not treated alike: who is watched more is missed less, and troubled more."""

from typing import Any

import numpy as np
import pytest
from tests.governance.boards import under
from tests.governance.examples import event
from tests.model.authority import changed, outcome, run_of, scenario

from cpsim.measures.equity import compare_by_group, missed_risk_gap
from cpsim.results import RunResult
from cpsim.scenario.problems import ScenarioError

EVERYBODY = ["school", "gp", "pct", "hospital", "police", "community"]
HALF = ("population.group_share=0.5",)


def treated(**settings: Any) -> RunResult:
    """The tiny authority, half its families in the smaller group, all of it from the first day of history."""
    always = {**event("unequal_treatment", kinds=EVERYBODY, threshold_gap=0, exposure_gap=0), **settings}
    del always["date"]
    return run_of(changed(scenario(*HALF), timeline=[always]))


def happened(result: RunResult, stage: str) -> set[tuple[int, int]]:
    events = result.events[result.events["stage"] == stage]
    return set(zip(events["week"], events["child"], strict=True))


def test_only_the_kinds_named_treat_anybody_otherwise() -> None:
    model = under("unequal_treatment", kinds=["police"], threshold_gap=-0.4, exposure_gap=0.5)
    organisations = model.tables["organisations"]
    police = organisations["kind"] == model.kinds.index("police")
    assert organisations["group_threshold_shift"] == pytest.approx(np.where(police, -0.4, 0.0))
    assert organisations["group_exposure"] == pytest.approx(np.where(police, 1.5, 1.0))


def test_the_group_is_nobody_in_particular_unless_somebody_makes_a_difference() -> None:
    """Who belongs to the smaller group is drawn apart from everything else, so their number changes no story."""
    few, half = outcome("population.group_share=0.1"), outcome(*HALF)
    for table in ("weekly", "events", "ties"):
        assert getattr(few, table).equals(getattr(half, table))
    assert (few.spells["group"] == "smaller").mean() < (half.spells["group"] == "smaller").mean()


def test_the_higher_the_bar_for_a_group_the_fewer_of_its_children_are_told_about() -> None:
    told = [treated(threshold_gap=gap).summary["group_gap_false_alarm"] for gap in (-2.0, 0.0, 2.0)]
    assert told[0] > told[1] > told[2]


def test_who_is_watched_more_is_missed_less_and_troubled_more_for_nothing() -> None:
    less, more = treated(exposure_gap=-0.9).summary, treated(exposure_gap=0.9).summary
    assert more["group_gap_miss"] < less["group_gap_miss"]
    assert more["group_gap_false_alarm"] > less["group_gap_false_alarm"]


def test_in_the_first_week_the_larger_group_is_noticed_as_before() -> None:
    """Before anybody has answered anything, another look at some children is no other look at others."""
    usual, watched_less = outcome(*HALF), treated(exposure_gap=-0.9)
    group = watched_less.spells.set_index("child")["group"]
    first = usual.events["week"].min()
    noticed = [
        {
            child
            for week, child in happened(result, "noticed")
            if week == first and group.get(child) == "larger"
        }
        for result in (usual, watched_less)
    ]
    assert noticed[0] == noticed[1] != set()


def test_nobody_attends_to_more_than_all_signs() -> None:
    """Attention beyond everything sees everything that is clear enough, and not more."""
    attentive = ("agencies.school.attention=1",)
    always = {"lever": "unequal_treatment", "kinds": ["school"], "threshold_gap": 0}
    much, more = (
        run_of(changed(scenario(*HALF, *attentive), timeline=[{**always, "exposure_gap": gap}]))
        for gap in (0.0, 0.3)
    )
    assert happened(much, "noticed") == happened(more, "noticed")


def test_a_gap_is_the_rate_of_these_less_that_of_those() -> None:
    result = outcome(*HALF)
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
    summary = outcome("population.group_share=0").summary
    assert summary["group_gap_miss"] is None
    assert summary["group_gap_false_alarm"] is None


@pytest.mark.parametrize("nonsense", [{"exposure_gap": -1.5}, {"threshold_gap": 99}], ids=str)
def test_unequal_treatment_that_makes_no_sense_is_refused(nonsense: dict[str, float]) -> None:
    with pytest.raises(ScenarioError, match=next(iter(nonsense))):
        changed(scenario(), timeline=[event("unequal_treatment", **nonsense)])
