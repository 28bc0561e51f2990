"""Comparisons: no difference between equal scenarios, both fates of every child, and no claims from chance."""

import pickle
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.model.authority import replace_sections, run_scenario, scenario
from tests.results.synthetic_comparison import comparison as invented

from cpsim.comparison.compare import (
    ComparisonError,
    ComparisonProgress,
    compare,
    plan_comparison,
    run_comparison,
)
from cpsim.comparison.differences import (
    Families,
    compute_differences,
    compute_prices,
    count_flows,
    count_turns,
    match_spells,
)
from cpsim.comparison.prevalence import PrevalenceUnreachable
from cpsim.comparison.tasks import RunError
from cpsim.measures.outcomes.registry import PATH
from cpsim.network.graphml import NetworkFileError
from cpsim.parallel.engine import open_in_process_engine, open_local_engine
from cpsim.results import HEADLINES, Comparison
from cpsim.results.names import STOPS
from cpsim.results.verdicts import CANNOT_BE_SAID, HIGHER, LOWER, NOT_SHOWN
from cpsim.scenario.read import load

DUTY = {"lever": "duty", "kinds": ["school", "gp"], "bound": True, "awareness": 1.0, "sanction": 1.0}
BASE = replace_sections(scenario("clock.years=2"), name="base")
BOUND = replace_sections(BASE, name="bound", timeline=[{**DUTY, "date": "2005-06-01"}])
SEEDS = (3, 4)
FAMILIES = Families("missed_risk_rate", near={"duty_complete": ["source_share.school"]})


@cache
def run_example() -> Comparison:
    """Compare the base with a duty, itself under another name, other children, and other harm."""
    twin = replace_sections(BASE, name="twin", question="Is anything different?")
    strangers = replace_sections(BASE, name="strangers", population={"children": 2100})
    graver = replace_sections(BASE, name="graver", harm={"harm_cutoff": 1.3})
    return compare(
        BASE,
        BOUND,
        twin,
        strangers,
        graver,
        seeds=SEEDS,
        prevalences=(0.04,),
        engine=open_in_process_engine(),
    )


def select_arm(table: pd.DataFrame, arm: str) -> pd.DataFrame:
    return table[table["arm"] == arm]


def list_fates(spells: pd.DataFrame) -> dict[tuple[int, int], str]:
    """List the fate of each spell by child and onset."""
    return {
        (row.child, row.onset): row.stopped_at if row.result_13w == "missed" else row.result_13w
        for row in spells.itertuples()
    }


def test_every_outcome_equals_that_of_a_separate_run() -> None:
    for settings in (BASE, BOUND):
        runs = select_arm(run_example().select_rows(table="runs"), settings.name).set_index("seed")
        for seed in SEEDS:
            result = run_scenario(settings, seed)
            assert runs.loc[seed, "missed_risk_rate"] == result.summary["missed_risk_rate"]
            by_stop = [runs.loc[seed, f"chain_stopped_at.{code}"] for code in STOPS]
            assert by_stop == list(result.summary["chain_stopped_at"].values())  # type: ignore[union-attr]
            judged = result.weekly[result.weekly["phase"] == "evaluated"]
            assert runs.loc[seed, "unprotected_child_weeks"] == judged["in_harm_unprotected"].sum()


def test_every_spell_has_the_fates_of_two_separate_runs() -> None:
    children = select_arm(run_example().children, "bound")
    for seed in SEEDS:
        before, after = (
            list_fates(run_scenario(BASE, seed).spells),
            list_fates(run_scenario(BOUND, seed).spells),
        )
        own = children[children["seed"] == seed]
        assert len(own) == len(before) == len(after)
        for row in own.itertuples():
            spell = (row.child, row.onset)
            assert (row.before, row.after) == (before[spell], after[spell])
    assert (children["before"] != children["after"]).any(), "a duty should change the fate of some children"


def test_kinds_of_agency_that_are_bound_send_more_and_sooner() -> None:
    rows = select_arm(run_example().select_rows(), "bound").set_index("outcome")["difference"]
    for kind in ("school", "gp"):
        assert rows[f"weeks_to_message_by_kind.{kind}"] < 0
        assert rows[f"contacts_by_kind_per_10k_year.{kind}"] > 0
    for kind in ("hospital", "police"):
        assert abs(rows[f"weeks_to_message_by_kind.{kind}"]) < -rows["weeks_to_message_by_kind.school"]


def test_contacts_by_kind_add_up_to_all_contacts() -> None:
    for row in run_example().runs.to_dict("records"):
        kinds = [
            value for name, value in row.items() if str(name).startswith("contacts_by_kind_per_10k_year.")
        ]
        assert sum(kinds) == pytest.approx(row["contacts_per_10k_year"])


def test_fewer_children_take_each_step_from_contact_to_protection() -> None:
    """Except that a conference and a plan may follow an enquiry of the year before."""
    for row in run_example().runs.to_dict("records"):
        contacts, referrals, initial, enquiries, *_ = (row[name] for name in PATH)
        assert contacts > referrals > initial > enquiries > 0
        assert row["plans_per_10k_year"] <= row["conferences_per_10k_year"]


def test_weeks_to_protection_are_counted_from_onset() -> None:
    children = select_arm(run_example().children, "bound")
    spells = run_scenario(BOUND, SEEDS[0]).spells.set_index(["child", "onset"])
    own = children[children["seed"] == SEEDS[0]]
    reached = own[own["delay_after"].notna()]
    assert len(reached)
    for row in reached.itertuples():
        assert row.delay_after == spells.loc[(row.child, row.onset), "first_protected"] - row.onset


def test_a_scenario_and_itself_differ_by_exactly_zero_for_every_child() -> None:
    itself = run_example()
    twins = select_arm(itself.children, "twin")
    assert len(twins)
    assert (twins["before"] == twins["after"]).all()
    assert twins["delay_before"].equals(twins["delay_after"])
    differences = select_arm(itself.differences, "twin")
    known = differences[differences["seeds"] == len(SEEDS)]
    assert len(known) > len(differences) / 2
    assert (known[["difference", "low", "high"]] == 0).all(axis=None)
    assert set(known["verdict"]) == {NOT_SHOWN}
    assert len(itself.select_newly_reached("twin")) == len(itself.select_newly_missed("twin")) == 0
    assert (
        "twin changes nothing: every outcome and every child is the same as under base, with every seed."
        in itself.describe()
    )


def test_a_scenario_that_is_given_twice_is_two_arms() -> None:
    plan = plan_comparison([BASE, BASE, BASE])
    assert list(plan.arms) == ["base", "base (2)", "base (3)"]


def test_arms_with_other_children_are_not_compared_child_by_child() -> None:
    found = run_example()
    assert found.pairing == {"bound": "harm", "twin": "harm", "strangers": "seed", "graver": "children"}
    for table in (found.children, found.flows, found.turns):
        assert len(select_arm(table, "strangers")) == 0
    assert len(select_arm(found.differences, "strangers")) > 0
    assert any("strangers does not have the harm of base" in sentence for sentence in found.describe())


def test_if_all_arms_have_other_children_no_child_is_compared() -> None:
    few = replace_sections(BASE, name="few", population={"children": 300})
    strangers = replace_sections(few, name="strangers", population={"children": 310})
    found = compare(few, strangers, seeds=[3], prevalences=(), engine=open_in_process_engine())
    assert found.pairing == {"strangers": "seed"}
    assert [len(table) for table in (found.children, found.flows, found.turns)] == [0, 0, 0]


def test_without_harm_no_child_is_newly_reached_or_newly_missed() -> None:
    unharmed = replace_sections(
        BASE, name="unharmed", population={"children": 300}, harm={"onset_per_year": 0}
    )
    found = compare(
        unharmed,
        replace_sections(unharmed, name="twin"),
        seeds=[3],
        prevalences=(),
        engine=open_in_process_engine(),
    )
    assert found.pairing == {"twin": "harm"}
    assert [len(table) for table in (found.children, found.flows)] == [0, 0]
    assert list(found.turns["spells"]) == [0, 0]
    assert "twin changes nothing" in " ".join(found.describe())


def test_a_spell_in_one_arm_only_has_not_begun_in_the_other() -> None:
    children = select_arm(run_example().children, "graver")
    milder = children["severity"] < 1.3
    assert milder.any()
    assert (children.loc[milder, "after"] == "not_begun").all()
    assert not (children.loc[~milder, ["before", "after"]] == "not_begun").any(axis=None)
    back = match_spells(
        run_scenario(replace_sections(BASE, harm={"harm_cutoff": 1.3}), 3).spells,
        run_scenario(BASE, 3).spells,
        horizon=13,
    )
    assert set(back.loc[back["severity"] < 1.3, "before"]) == {"not_begun"}
    assert back["age_years"].notna().all()


def test_flows_and_turns_count_the_listed_spells() -> None:
    found = run_example()
    flows = select_arm(found.flows, "bound")
    children = select_arm(found.children, "bound")
    assert flows["spells"].sum() == pytest.approx(len(children) / len(SEEDS))
    assert flows["share"].sum() == pytest.approx(1)
    for row in flows.itertuples():
        both = (children["before"] == row.before) & (children["after"] == row.after)
        assert row.spells == pytest.approx(both.sum() / len(SEEDS))
    turns = select_arm(found.turns, "bound").set_index("turn")["spells"]
    for turn, listed in (
        ("newly_reached", found.select_newly_reached("bound")),
        ("newly_missed", found.select_newly_missed("bound")),
    ):
        assert turns[turn] == pytest.approx(len(listed) / len(SEEDS))


def test_more_harm_is_run_with_the_same_thresholds_and_posts() -> None:
    plan = plan_comparison([BASE, BOUND], seeds=1, prevalences=(0.04,))
    common = plan.scenarios_by_prevalence[0.04]["base"]
    assert common.harm.onset_per_year > 2 * BASE.harm.onset_per_year
    assert common.model_copy(update={"harm": BASE.harm}) == BASE
    spells = run_example().runs.groupby("prevalence", dropna=False)["harm_spells"].mean()
    assert spells[0.04] > 1.5 * spells[np.nan]
    onsets = run_example().provenance["onset_per_year"]["0.04"]
    assert onsets["base"] == common.harm.onset_per_year
    again = run_scenario(replace_sections(BASE, harm={"onset_per_year": onsets["base"]}), 3).summary[
        "missed_risk_rate"
    ]
    rare = select_arm(run_example().select_rows(0.04, "runs"), "base").set_index("seed")
    assert rare.loc[3, "missed_risk_rate"] == again


def test_a_comparison_can_be_repeated_from_the_scenarios_in_its_folder(tmp_path: Path) -> None:
    run_example().save(tmp_path / "found")
    files = sorted((tmp_path / "found" / "scenarios").iterdir())
    assert [file.name for file in files][:2] == ["1-base.yaml", "2-bound.yaml"]
    assert load(files[1]) == BOUND


def test_one_worker_and_two_workers_write_the_same_bytes(tmp_path: Path) -> None:
    small = [replace_sections(one, clock={"years": 1}) for one in (BASE, BOUND)]
    for workers in (1, 2):
        found = compare(*small, seeds=3, prevalences=(), engine=open_local_engine(workers))
        found.save(tmp_path / str(workers))
    with_time = ("provenance.json", "manifest.json")  # the manifest has the digest of the other
    for file in (
        path for path in (tmp_path / "1").rglob("*") if path.is_file() and path.name not in with_time
    ):
        assert file.read_bytes() == (tmp_path / "2" / file.relative_to(tmp_path / "1")).read_bytes()


def test_progress_ends_with_all_runs_done() -> None:
    reported: list[ComparisonProgress] = []
    small = replace_sections(BASE, clock={"years": 1})
    compare(
        small,
        small,
        seeds=2,
        prevalences=[0.02],
        engine=open_in_process_engine(),
        on_progress=reported.append,
    )
    assert [(each.done, each.runs) for each in reported] == [(0, 8), (4, 8), (8, 8)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"scenarios": [BASE]}, "at least two scenarios"),
        ({"seeds": 0}, "the number of seeds must be a whole number from 1"),
        ({"seeds": (1, 1)}, "the seed 1 is given twice"),
        ({"seeds": (-1,)}, "a whole number from 0 to"),
        ({"prevalences": (1.5,)}, "between 0 and 1"),
        (
            {"scenarios": [BASE, replace_sections(BASE, clock={"years": 3})]},
            "clock.years is 2 in base and 3 in base",
        ),
    ],
)
def test_arguments_that_make_no_comparison_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        plan_comparison(**{"scenarios": [BASE, BOUND], **wrong})


def test_an_unreachable_prevalence_is_refused_before_any_run() -> None:
    with pytest.raises(PrevalenceUnreachable):
        compare(
            BASE,
            BOUND,
            seeds=1,
            prevalences=(0.99,),
            engine=open_in_process_engine(),
            on_progress=pytest.fail,
        )


def test_a_run_that_fails_ends_the_comparison_with_its_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("half a child")

    monkeypatch.setattr("cpsim.comparison.tasks.simulate_arms", broken)
    with pytest.raises(RunError, match="seed 5: half a child"):
        compare(BASE, BOUND, seeds=(5,), prevalences=(), engine=open_in_process_engine())


def test_a_network_file_error_survives_the_way_from_a_worker() -> None:
    error = pickle.loads(pickle.dumps(NetworkFileError(Path("mine.graphml"), ["no school", "no police"])))  # noqa: S301
    assert str(error) == "mine.graphml: no school\nmine.graphml: no police"


def compare_few(**arguments: Any) -> tuple[Comparison, list[ComparisonProgress], list[tuple[int, int]]]:
    """Compare one year in two stages, and return what was reported on the way."""
    reported: list[ComparisonProgress] = []
    announced: list[tuple[int, int]] = []
    few = replace_sections(BASE, name="few", clock={"years": 1}, size_of_interest=arguments.pop("interest"))
    plan = plan_comparison(
        [few, replace_sections(few, name="bound", timeline=BOUND.timeline)], prevalences=(), **arguments
    )
    found = run_comparison(
        plan,
        open_in_process_engine(),
        reported.append,
        lambda whole, needed: announced.append((len(whole.seeds), needed)),
    )
    return found, reported, announced


def test_two_stages_run_the_seeds_that_the_pilot_seeds_call_for_and_no_more() -> None:
    found, reported, announced = compare_few(interest=0.5)
    assert announced == [(10, 10)]
    assert (found.seeds, found.pilot) == (tuple(range(1, 11)), 10)
    assert reported[-1].done == reported[-1].runs == 20


def test_what_shows_before_the_end_is_a_mean_of_the_seeds_so_far_without_a_verdict() -> None:
    """Nothing in it says whether the difference is shown, so that there is nothing to stop at."""
    found, reported, announced = compare_few(interest=0.001, most_seeds=12)
    ((seeds, needed),) = announced
    assert seeds == 12 < needed
    texts = [each.so_far for each in reported if each.so_far]
    assert texts
    for text in texts:
        assert re.fullmatch(r"so far \(\d+ seeds?\): missed risk [+−]?[\d.]+( percentage points)?", text)
    rows = found.select_rows().set_index("outcome")
    assert rows.loc["missed_risk_rate", "freedom"] == 9
    assert rows.loc["cost_gbp_per_child_year", "freedom"] == 11


# The following tests use synthetic outcomes.


def test_differences_are_those_of_a_paired_t_test() -> None:
    """The interval has the level of one test of its family, and the p-value is that of the outcome alone."""
    found = invented()
    rows = found.select_rows().set_index(["arm", "outcome"])
    runs = found.select_rows(table="runs").set_index("seed")
    for arm in found.others:
        for outcome in HEADLINES:
            before, after = runs.loc[runs["arm"] == "small", outcome], runs.loc[runs["arm"] == arm, outcome]
            row, test = rows.loc[(arm, outcome)], stats.ttest_rel(after, before)
            assert row["difference"] == pytest.approx(after.mean() - before.mean())
            assert (row["reference_mean"], row["mean"]) == pytest.approx((before.mean(), after.mean()))
            assert row["relative"] == pytest.approx(after.mean() / before.mean() - 1)
            assert row["p"] == pytest.approx(test.pvalue)
            assert row["freedom"] == test.df
            interval = test.confidence_interval(1 - 0.05 / row["tests"])
            assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_one_seed_gives_no_verdict() -> None:
    found = invented(seeds=1)
    assert set(found.differences["verdict"]) == {CANNOT_BE_SAID}
    assert found.differences["difference"].notna().any()
    assert found.differences[["low", "high", "p"]].isna().all(axis=None)
    assert set(found.prices["harm"]) == {CANNOT_BE_SAID}


def test_a_seed_with_an_undefined_outcome_is_left_out() -> None:
    runs = invented().runs
    gap = (runs["arm"] == "duty_complete") & (runs["seed"] == 2)
    runs.loc[gap, "referral_ppv"] = np.nan
    rows = compute_differences(runs, ("small", "duty_complete"), FAMILIES).set_index("outcome")
    row = rows[rows["prevalence"].isna()].loc["referral_ppv"]
    own = runs[runs["prevalence"].isna() & (runs["seed"] != 2)].groupby("arm")["referral_ppv"].mean()
    assert row["seeds"] == 5
    assert (row["reference_mean"], row["mean"]) == pytest.approx((own["small"], own["duty_complete"]))
    runs["referral_ppv"] = np.nan
    rows = compute_differences(runs, ("small", "duty_complete"), FAMILIES).set_index("outcome")
    assert set(rows.loc["referral_ppv", "verdict"]) == {CANNOT_BE_SAID}
    assert set(rows.loc["referral_ppv", "seeds"]) == {0}


def test_an_outcome_that_can_be_negative_has_no_relative_difference() -> None:
    rows = invented().differences.set_index("outcome")
    assert rows.loc["equity_gap_miss", "relative"].isna().all()
    assert rows.loc["missed_risk_rate", "relative"].notna().all()


def price_arm(weeks: list[float], money: list[float]) -> pd.Series:
    """Price an arm that differs by these amounts, seed by seed, from 1,000 unprotected weeks and £1 million."""
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
    return compute_prices(runs, ("a", "b")).iloc[0]


def test_the_price_of_a_week_is_the_extra_money_for_the_weeks_averted() -> None:
    row = price_arm([-100, -110, -90, -104], [5000, 5100, 4900, 5300])
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
def test_without_a_shown_reduction_in_weeks_there_is_no_price(
    weeks: list[float], money: list[float], harm: str, cost: str
) -> None:
    row = price_arm(weeks, money)
    assert (row["harm"], row["money"]) == (harm, cost)
    assert np.isnan(row["cost_gbp_per_unprotected_week_averted"]) == (harm != LOWER)


def test_less_than_a_week_averted_has_no_price() -> None:
    row = price_arm([-0.9, -0.91, -0.9, -0.89], [5000, 5100, 4900, 5300])
    assert row["harm"] == LOWER
    assert np.isnan(row["cost_gbp_per_unprotected_week_averted"])


def test_a_seed_without_a_spell_counts_as_none() -> None:
    children = pd.DataFrame(
        {
            "arm": "b", "seed": [1, 1, 1], "child": [5, 5, 6], "before": ["C5", "C5", "protected"],
            "after": ["protected", "protected", "C6"],
        }
    )  # fmt: skip
    turns = count_turns(children, ["b"], (1, 2)).set_index("turn")
    assert turns.loc["newly_reached", "spells"] == 1, "two spells of one child, in one seed of two"
    assert turns.loc["newly_missed", "spells"] == 0.5
    flows = count_flows(children, ["b"], (1, 2))
    assert flows[["before", "after", "spells"]].to_numpy().tolist() == [
        ["C5", "protected", 1.0],
        ["protected", "C6", 0.5],
    ]
