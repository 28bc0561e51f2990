"""Scenarios side by side: zero for a scenario and itself, every child's own two fates, and no claim from chance."""

import os
import pickle
import signal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.model.authority import changed, run_of, scenario
from tests.results.synthetic_comparison import comparison as invented

from cpsim.network.graphml import NetworkFileError
from cpsim.results import HEADLINES, Comparison
from cpsim.results.names import CAUSES
from cpsim.results.verdicts import CANNOT_BE_SAID, HIGHER, LOWER, NOT_SHOWN
from cpsim.scenario.read import load
from cpsim.study.compare import CannotCompare, Progress, compare, planned
from cpsim.study.compared import children_of, differences_of, flows_of, prices_of, turns_of
from cpsim.study.engine import EngineFailed, here, local
from cpsim.study.lived import RunFailed
from cpsim.study.prevalence import Unreachable
from cpsim.study.tasks import answers

DUTY = {"lever": "duty", "kinds": ["school", "gp"], "bound": True, "awareness": 1.0, "sanction": 1.0}
BASE = changed(scenario(), name="base")
BOUND = changed(BASE, name="bound", timeline=[{**DUTY, "date": "2005-06-01"}])
SEEDS = (3, 4)


@cache
def compared() -> Comparison:
    """A duty, the base under another name, other children, and other harm, against the base."""
    twin = changed(BASE, name="twin", question="Is anything different?")
    strangers = changed(BASE, name="strangers", population={"children": 2100})
    graver = changed(BASE, name="graver", harm={"harm_cutoff": 1.3})
    return compare(BASE, BOUND, twin, strangers, graver, seeds=SEEDS, prevalences=(0.04,), engine=here())


def of(table: pd.DataFrame, arm: str) -> pd.DataFrame:
    return table[table["arm"] == arm]


def fates(spells: pd.DataFrame) -> dict[tuple[int, int], str]:
    """Fate by child and onset, the plain way."""
    return {
        (row.child, row.onset): row.cause if row.result_13w == "missed" else row.result_13w
        for row in spells.itertuples()
    }


def test_every_figure_is_that_of_a_run_of_its_own() -> None:
    for settings in (BASE, BOUND):
        runs = of(compared().at(table="runs"), settings.name).set_index("seed")
        for seed in SEEDS:
            result = run_of(settings, seed)
            assert runs.loc[seed, "missed_risk_rate"] == result.summary["missed_risk_rate"]
            by_cause = [runs.loc[seed, f"missed_by_cause.{code}"] for code in CAUSES]
            assert by_cause == list(result.summary["missed_by_cause"].values())  # type: ignore[union-attr]
            judged = result.weekly[result.weekly["phase"] == "evaluated"]
            assert runs.loc[seed, "unprotected_child_weeks"] == judged["in_harm_unprotected"].sum()


def test_every_spell_has_the_fates_that_two_runs_of_their_own_give_it() -> None:
    children = of(compared().children, "bound")
    for seed in SEEDS:
        before, after = fates(run_of(BASE, seed).spells), fates(run_of(BOUND, seed).spells)
        own = children[children["seed"] == seed]
        assert len(own) == len(before) == len(after)
        for row in own.itertuples():
            spell = (row.child, row.onset)
            assert (row.before, row.after) == (before[spell], after[spell])
    assert (children["before"] != children["after"]).any(), "a duty should change somebody's fate"


def test_weeks_to_protection_are_counted_from_onset() -> None:
    children = of(compared().children, "bound")
    spells = run_of(BOUND, SEEDS[0]).spells.set_index(["child", "onset"])
    own = children[children["seed"] == SEEDS[0]]
    reached = own[own["delay_after"].notna()]
    assert len(reached)
    for row in reached.itertuples():
        assert row.delay_after == spells.loc[(row.child, row.onset), "first_protected"] - row.onset


def test_a_scenario_and_itself_differ_by_exactly_zero_for_every_child() -> None:
    itself = compared()
    twins = of(itself.children, "twin")
    assert len(twins)
    assert (twins["before"] == twins["after"]).all()
    assert twins["delay_before"].equals(twins["delay_after"])
    differences = of(itself.differences, "twin")
    known = differences[differences["seeds"] == len(SEEDS)]
    assert len(known) > len(differences) / 2
    assert (known[["difference", "low", "high"]] == 0).all(axis=None)
    assert set(known["verdict"]) == {NOT_SHOWN}
    assert len(itself.rescued("twin")) == len(itself.lost("twin")) == 0
    assert (
        "twin is the same as base: in every figure and for every child, with every seed."
        in itself.sentences()
    )


def test_the_same_scenario_given_twice_is_two_arms() -> None:
    plan = planned([BASE, BASE, BASE])
    assert list(plan.arms) == ["base", "base (2)", "base (3)"]


def test_other_children_are_not_followed_from_arm_to_arm() -> None:
    found = compared()
    assert found.pairing == {"bound": "harm", "twin": "harm", "strangers": "seed", "graver": "children"}
    for table in (found.children, found.flows, found.turns):
        assert len(of(table, "strangers")) == 0
    assert len(of(found.differences, "strangers")) > 0
    assert any("strangers does not have the harm of base" in sentence for sentence in found.sentences())


def test_where_all_arms_have_other_children_no_child_is_followed() -> None:
    few = changed(BASE, name="few", population={"children": 300})
    strangers = changed(few, name="strangers", population={"children": 310})
    found = compare(few, strangers, seeds=[3], prevalences=(), engine=here())
    assert found.pairing == {"strangers": "seed"}
    assert [len(table) for table in (found.children, found.flows, found.turns)] == [0, 0, 0]


def test_where_nobody_comes_to_harm_nobody_is_rescued_or_lost() -> None:
    unharmed = changed(BASE, name="unharmed", population={"children": 300}, harm={"onset_per_year": 0})
    found = compare(unharmed, changed(unharmed, name="twin"), seeds=[3], prevalences=(), engine=here())
    assert found.pairing == {"twin": "harm"}
    assert [len(table) for table in (found.children, found.flows)] == [0, 0]
    assert list(found.turns["children"]) == [0, 0]
    assert "same as unharmed" in " ".join(found.sentences())


def test_a_spell_that_begins_in_one_arm_only_never_began_in_the_other() -> None:
    children = of(compared().children, "graver")
    milder = children["severity"] < 1.3
    assert milder.any()
    assert (children.loc[milder, "after"] == "not_begun").all()
    assert not (children.loc[~milder, ["before", "after"]] == "not_begun").any(axis=None)
    back = children_of(run_of(changed(BASE, harm={"harm_cutoff": 1.3}), 3).spells, run_of(BASE, 3).spells)
    assert set(back.loc[back["severity"] < 1.3, "before"]) == {"not_begun"}
    assert back["age_years"].notna().all()


def test_flows_and_turns_count_the_children_that_are_listed() -> None:
    found = compared()
    flows = of(found.flows, "bound")
    children = of(found.children, "bound")
    assert flows["spells"].sum() == pytest.approx(len(children) / len(SEEDS))
    assert flows["share"].sum() == pytest.approx(1)
    for row in flows.itertuples():
        both = (children["before"] == row.before) & (children["after"] == row.after)
        assert row.spells == pytest.approx(both.sum() / len(SEEDS))
    turns = of(found.turns, "bound").set_index("turn")["children"]
    for turn, listed in (("rescued", found.rescued("bound")), ("lost", found.lost("bound"))):
        assert turns[turn] == pytest.approx(len(listed.drop_duplicates(["seed", "child"])) / len(SEEDS))


def test_more_harm_is_run_with_the_same_thresholds_and_posts() -> None:
    plan = planned([BASE, BOUND], seeds=1, prevalences=(0.04,))
    common = plan.worlds[0.04]["base"]
    assert common.harm.onset_per_year > 2 * BASE.harm.onset_per_year
    assert common.model_copy(update={"harm": BASE.harm}) == BASE
    spells = compared().runs.groupby("prevalence", dropna=False)["harm_spells"].mean()
    assert spells[0.04] > 1.5 * spells[np.nan]
    onsets = compared().provenance["onset_per_year"]["0.04"]
    assert onsets["base"] == common.harm.onset_per_year
    again = run_of(changed(BASE, harm={"onset_per_year": onsets["base"]}), 3).summary["missed_risk_rate"]
    rare = of(compared().at(0.04, "runs"), "base").set_index("seed")
    assert rare.loc[3, "missed_risk_rate"] == again


def test_a_comparison_runs_again_from_the_scenarios_in_its_folder(tmp_path: Path) -> None:
    compared().save(tmp_path / "found")
    files = sorted((tmp_path / "found" / "scenarios").iterdir())
    assert [file.name for file in files][:2] == ["1-base.yaml", "2-bound.yaml"]
    assert load(files[1]) == BOUND


def test_one_worker_and_two_leave_the_same_bytes(tmp_path: Path) -> None:
    small = [changed(one, clock={"years": 1}) for one in (BASE, BOUND)]
    for workers in (1, 2):
        found = compare(*small, seeds=3, prevalences=(), engine=local(workers))
        found.save(tmp_path / str(workers))
    for file in (
        path for path in (tmp_path / "1").rglob("*") if path.is_file() and path.name != "provenance.json"
    ):
        assert file.read_bytes() == (tmp_path / "2" / file.relative_to(tmp_path / "1")).read_bytes()


def test_progress_ends_with_all_runs_done() -> None:
    told: list[Progress] = []
    small = changed(BASE, clock={"years": 1})
    compare(small, small, seeds=2, prevalences=(), engine=here(), on_progress=told.append)
    assert [(each.done, each.runs) for each in told] == [(0, 4), (2, 4), (4, 4)]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"scenarios": [BASE]}, "at least two scenarios"),
        ({"seeds": 0}, "at least one whole number"),
        ({"seeds": (1, 1)}, "each once"),
        ({"seeds": (-1,)}, "from 0 on"),
        ({"prevalences": (1.5,)}, "between 0 and 1"),
        ({"scenarios": [BASE, changed(BASE, clock={"years": 3})]}, "clock.years is 4 in base and 3 in base"),
    ],
)
def test_what_is_no_comparison_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(CannotCompare, match=says):
        planned(**{"scenarios": [BASE, BOUND], **wrong})


def test_a_prevalence_that_cannot_be_is_refused_before_anything_is_run() -> None:
    with pytest.raises(Unreachable):
        compare(BASE, BOUND, seeds=1, prevalences=(0.99,), engine=here(), on_progress=pytest.fail)


def test_a_run_that_raises_ends_the_comparison_and_says_on_which_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("half a child")

    monkeypatch.setattr("cpsim.study.lived.live_arms", broken)
    with pytest.raises(RunFailed, match="seed 5: half a child"):
        compare(BASE, BOUND, seeds=(5,), prevalences=(), engine=here())


def test_a_network_that_does_not_fit_is_told_as_such_by_a_worker() -> None:
    error = pickle.loads(pickle.dumps(NetworkFileError(Path("mine.graphml"), ["no school", "no police"])))  # noqa: S301
    assert str(error) == "mine.graphml: no school\nmine.graphml: no police"


def in_turn(number: int) -> int:
    return number * number


def fragile(file: Path) -> str:
    """Kills its worker at the first try."""
    if not file.exists():
        file.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return file.name


def hopeless(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_answers_come_in_the_order_of_the_tasks(tmp_path: Path) -> None:
    with local(2) as engine:
        assert answers(in_turn, list(range(7)), engine) == [number * number for number in range(7)]
    with local(1) as engine:
        assert answers(fragile, [tmp_path / "a", tmp_path / "b"], engine) == ["a", "b"]
        with pytest.raises(EngineFailed, match="died 3 times"):
            answers(hopeless, [1], engine)


# What follows needs no engine: figures are invented.


def test_differences_are_those_of_a_paired_t_test() -> None:
    found = invented()
    rows = found.at().set_index(["arm", "outcome"])
    runs = found.at(table="runs").set_index("seed")
    for arm in found.others:
        for outcome in HEADLINES:
            before, after = runs.loc[runs["arm"] == "small", outcome], runs.loc[runs["arm"] == arm, outcome]
            row, test = rows.loc[(arm, outcome)], stats.ttest_rel(after, before)
            assert row["difference"] == pytest.approx(after.mean() - before.mean())
            assert (row["reference_mean"], row["mean"]) == pytest.approx((before.mean(), after.mean()))
            assert row["relative"] == pytest.approx(after.mean() / before.mean() - 1)
            assert row["p"] == pytest.approx(test.pvalue)
            interval = test.confidence_interval(0.95)
            assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_headlines_of_all_arms_are_one_family_at_each_prevalence() -> None:
    found = invented()
    for prevalence in found.prevalences:
        rows = found.at(prevalence)
        family = rows[rows["family"] == "headline"].sort_values("p")
        assert len(family) == len(HEADLINES) * len(found.others)
        expected = np.maximum.accumulate(family["p"] * np.arange(len(family), 0, -1)).clip(upper=1)
        np.testing.assert_allclose(family["p_holm"], expected)


def test_what_one_seed_gives_is_no_claim() -> None:
    found = invented(seeds=1)
    assert set(found.differences["verdict"]) == {CANNOT_BE_SAID}
    assert found.differences["difference"].notna().any()
    assert found.differences[["low", "high", "relative_low", "p", "p_holm"]].isna().all(axis=None)
    assert set(found.prices["harm"]) == {CANNOT_BE_SAID}


def test_a_figure_that_a_run_leaves_undefined_leaves_its_seed_out() -> None:
    runs = invented().runs
    gap = (runs["arm"] == "duty_complete") & (runs["seed"] == 2)
    runs.loc[gap, "referral_ppv"] = np.nan
    rows = differences_of(runs, ("small", "duty_complete")).set_index("outcome")
    row = rows[rows["prevalence"].isna()].loc["referral_ppv"]
    own = runs[runs["prevalence"].isna() & (runs["seed"] != 2)].groupby("arm")["referral_ppv"].mean()
    assert row["seeds"] == 5
    assert (row["reference_mean"], row["mean"]) == pytest.approx((own["small"], own["duty_complete"]))
    runs["referral_ppv"] = np.nan
    rows = differences_of(runs, ("small", "duty_complete")).set_index("outcome")
    assert set(rows.loc["referral_ppv", "verdict"]) == {CANNOT_BE_SAID}
    assert set(rows.loc["referral_ppv", "seeds"]) == {0}


def test_a_gap_that_may_be_below_zero_has_no_relative_change() -> None:
    rows = invented().differences.set_index("outcome")
    assert rows.loc["equity_gap_miss", ["relative", "relative_low", "relative_high"]].isna().all(axis=None)
    assert rows.loc["missed_risk_rate", ["relative", "relative_low", "relative_high"]].notna().all(axis=None)


def of_two_arms(weeks: list[float], money: list[float]) -> pd.Series:
    """The price of an arm that has so much more, seed by seed, than 1,000 unprotected weeks and £1 million."""
    seeds = range(1, len(weeks) + 1)
    before = pd.DataFrame({"arm": "a", "seed": seeds, "unprotected_child_weeks": 1000.0, "cost_gbp": 1e6})
    after = pd.DataFrame(
        {
            "arm": "b",
            "seed": seeds,
            "unprotected_child_weeks": np.add(1000, weeks),
            "cost_gbp": np.add(1e6, money),
        }
    )
    runs = pd.concat([before, after]).assign(prevalence=np.nan)
    return prices_of(runs, ("a", "b")).iloc[0]


def test_the_price_of_a_week_is_the_extra_money_for_the_weeks_averted() -> None:
    row = of_two_arms([-100, -110, -90, -104], [5000, 5100, 4900, 5300])
    assert (row["harm"], row["money"]) == (LOWER, HIGHER)
    assert row["weeks_averted"] == 101
    assert row["cost_gbp_per_unprotected_week_averted"] == pytest.approx(5075 / 101)
    assert row["price_low"] < 5075 / 101 < row["price_high"]


@pytest.mark.parametrize(
    ("weeks", "money", "harm", "cost"),
    [
        ([-100, -110, -90, -104], [-5000, -5100, -4900, -5300], LOWER, LOWER),
        ([100, 110, 90, 104], [5000, 5100, 4900, 5300], HIGHER, HIGHER),
        ([100, -110, 90, -104], [5000, 5100, 4900, 5300], NOT_SHOWN, HIGHER),
        ([0, 0, 0, 0], [0, 0, 0, 0], NOT_SHOWN, NOT_SHOWN),
    ],
)
def test_there_is_no_price_where_no_week_is_shown_to_be_averted(
    weeks: list[float], money: list[float], harm: str, cost: str
) -> None:
    row = of_two_arms(weeks, money)
    assert (row["harm"], row["money"]) == (harm, cost)
    assert np.isnan(row["cost_gbp_per_unprotected_week_averted"]) == (harm != LOWER)


def test_less_than_a_week_averted_has_no_price() -> None:
    row = of_two_arms([-0.9, -0.91, -0.9, -0.89], [5000, 5100, 4900, 5300])
    assert row["harm"] == LOWER
    assert np.isnan(row["cost_gbp_per_unprotected_week_averted"])


def test_a_seed_without_a_child_counts_as_none() -> None:
    children = pd.DataFrame(
        {
            "arm": "b", "seed": [1, 1, 1], "child": [5, 5, 6], "before": ["C5", "C5", "protected"],
            "after": ["protected", "protected", "C6"],
        }
    )  # fmt: skip
    turns = turns_of(children, ["b"], (1, 2)).set_index("turn")
    assert turns.loc["rescued", "children"] == 0.5, "one child of two spells, in one seed of two"
    assert turns.loc["lost", "children"] == 0.5
    flows = flows_of(children, ["b"], (1, 2))
    assert flows[["before", "after", "spells"]].to_numpy().tolist() == [
        ["C5", "protected", 1.0],
        ["protected", "C6", 0.5],
    ]
