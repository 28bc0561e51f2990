"""Who answers for what was missed: the three readings fit together, and are made of honest runs."""

from functools import cache

import pytest
from pandas.testing import assert_frame_equal
from tests.model.authority import finished, model_of, outcome, run_of
from tests.model.authority import scenario as tiny

import cpsim
from cpsim.results.attribution import ALL_PERFECT, STAGE_GROUPS, Attribution
from cpsim.scenario.schema import Scenario
from cpsim.study.attribution import attribute
from cpsim.study.engine import Here, here
from cpsim.study.perfect import make_perfect

TABLES = ("table", "by_seed", "runs", "children")
YEARS = "clock.years=1"


def scenario(*settings: str) -> Scenario:
    return tiny(YEARS, *settings)


@cache
def few_orders() -> Attribution:
    return attribute(scenario(), [1, 2], orders=2)


@cache
def all_orders() -> Attribution:
    return attribute(scenario(), [1])


def test_the_package_offers_it() -> None:
    assert cpsim.attribute is attribute


@pytest.mark.parametrize("found", [few_orders, all_orders], ids=["sampled", "exact"])
def test_shapley_shares_and_the_floor_make_up_all_that_was_missed(found: "cache[Attribution]") -> None:
    assert found().table["shapley_share"].sum() + found().floor == pytest.approx(1)


def test_ledger_shares_are_those_of_the_run_as_it_is() -> None:
    spells = outcome(YEARS).spells
    missed = spells[spells["result_13w"] == "missed"]
    shares = all_orders().table.set_index("stage")["ledger_share"]
    for stage, causes in STAGE_GROUPS.items():
        assert shares[stage] == pytest.approx(missed["cause"].isin(causes).mean())
    assert all_orders().missed == len(missed)
    assert all_orders().spells == len(spells)


def test_the_rescued_and_the_lost_are_the_children_whose_fate_turns_when_the_stage_alone_is_perfect() -> None:
    model = model_of(scenario())
    make_perfect(model, ["front door and assessment"])
    before, after = outcome(YEARS).spells, finished(model).spells
    assert_frame_equal(before[["child", "onset"]], after[["child", "onset"]])
    was, is_now = before["result_13w"] == "missed", after["result_13w"] == "missed"
    row = all_orders().table.set_index("stage").loc["front door and assessment"]
    assert (row["rescued"], row["newly_missed"]) == ((was & ~is_now).sum(), (~was & is_now).sum())
    assert row["but_for_share"] == pytest.approx((was & ~is_now).sum() / was.sum())
    turned = all_orders().children.query("stage == 'front door and assessment'")
    assert set(turned[turned["rescued"]]["child"]) == set(before[was & ~is_now]["child"])
    assert set(turned[~turned["rescued"]]["child"]) == set(before[~was & is_now]["child"])
    assert turned["cause"].notna().tolist() == turned["rescued"].tolist()


def test_runs_from_a_shared_past_are_those_from_the_very_beginning() -> None:
    model = model_of(scenario())
    make_perfect(model, STAGE_GROUPS)
    missed = (finished(model).spells["result_13w"] == "missed").sum()
    runs = all_orders().runs.set_index("perfect")["missed"]
    assert (runs[""], runs[ALL_PERFECT]) == (all_orders().missed, missed)


def test_all_orders_take_the_64_sets_of_stages_once_each_and_fewer_take_fewer() -> None:
    assert all_orders().runs["perfect"].nunique() == len(all_orders().runs) == 64
    assert all_orders().orders == 720
    assert (all_orders().table["shapley_error"] == 0).all()
    assert few_orders().orders == 2
    assert len(few_orders().runs) < 64


def test_over_seeds_each_share_is_the_mean_with_an_interval_over_seeds() -> None:
    by_seed, table = few_orders().by_seed, few_orders().table
    mean = by_seed.groupby("stage", observed=True)[["ledger_share", "but_for_share", "shapley_share"]].mean()
    assert_frame_equal(
        table.set_index("stage")[list(mean)], mean, check_index_type=False, check_categorical=False
    )
    assert (table["but_for_low"] <= table["but_for_share"]).all()
    assert (table["but_for_share"] <= table["but_for_high"]).all()
    assert all_orders().table["but_for_low"].isna().all(), "one seed tells nothing of other children"


def test_each_seed_is_attributed_as_by_itself_and_workers_find_the_same() -> None:
    with_workers = attribute(scenario(), [1, 2], orders=2, engine=here(Here()))
    alone = attribute(scenario(), [2], orders=2)
    for name in TABLES:
        assert_frame_equal(getattr(with_workers, name), getattr(few_orders(), name))
    second = few_orders().by_seed.query("seed == 2").reset_index(drop=True)
    assert_frame_equal(alone.by_seed, second)


def test_progress_counts_the_weeks_of_all_runs_to_the_last() -> None:
    heard: list[tuple[int, int]] = []
    found = attribute(scenario(), [1, 2], orders=2, on_week=lambda *weeks: heard.append(weeks))
    assert [done for done, _ in heard] == list(range(1, len(heard) + 1))
    assert {total for _, total in heard} == {len(heard)}
    history, years = 52, 2 * 52
    assert len(heard) == 2 * history + len(found.runs) * years


def test_whoever_stops_listening_stops_the_work() -> None:
    class Enough(Exception):
        pass

    def stop(done: int, _: int) -> None:
        if done == 60:
            raise Enough

    with pytest.raises(Enough):
        attribute(scenario(), on_week=stop)


@pytest.mark.parametrize("orders", [0, 1, 3, -2])
def test_orders_come_in_pairs(orders: int) -> None:
    with pytest.raises(ValueError, match="even number"):
        attribute(scenario(), orders=orders)


@pytest.mark.parametrize("seeds", [0, [], [1, 1], [-1]])
def test_seeds_that_are_none_are_refused(seeds: int | list[int]) -> None:
    with pytest.raises(ValueError, match="seeds"):
        attribute(scenario(), seeds)


def test_where_nobody_is_harmed_there_is_nothing_to_share_out() -> None:
    unharmed = scenario("harm.harm_cutoff=3", "harm.severity_spread=0")
    found = attribute(unharmed, orders=2)
    assert found.table["shapley_share"].isna().all()
    assert found.sentences() == ["Nothing was missed, so there is nothing to share out."]
    assert len(run_of(unharmed).spells) == 0
