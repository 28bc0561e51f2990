"""Attribution of misses to stages: the three methods agree with the runs that they are based on."""

from functools import cache

import pytest
from pandas.testing import assert_frame_equal
from tests.model.authority import build_model, run_scenario, run_to_end, tiny_result
from tests.model.authority import scenario as tiny

import cpsim
from cpsim.attribution.attribute import attribute
from cpsim.attribution.perfect_stages import make_stages_perfect
from cpsim.parallel.engine import InProcessExecutor, open_in_process_engine
from cpsim.results.attribution import ALL_PERFECT, STAGE_GROUPS, Attribution
from cpsim.scenario.schema import Scenario

TABLES = ("table", "by_seed", "runs", "children")
SMALLER = ("clock.years=1", "population.children=800")


def scenario(*settings: str) -> Scenario:
    return tiny(*SMALLER, *settings)


@cache
def few_orders_and_progress() -> tuple[Attribution, list[tuple[int, int]]]:
    """Attribute misses by few orders, and return what was reported on the way."""
    reported: list[tuple[int, int]] = []
    found = attribute(scenario(), [1, 2], orders=2, on_week=lambda *weeks: reported.append(weeks))
    return found, reported


def few_orders() -> Attribution:
    return few_orders_and_progress()[0]


@cache
def all_orders() -> Attribution:
    return attribute(scenario(), [1])


def test_the_package_exports_attribute() -> None:
    assert cpsim.attribute is attribute


@pytest.mark.parametrize("found", [few_orders, all_orders], ids=["sampled", "exact"])
def test_shapley_shares_and_the_floor_sum_to_all_misses(found: "cache[Attribution]") -> None:
    assert found().table["shapley_share"].sum() + found().floor == pytest.approx(1)


def test_ledger_shares_are_those_of_the_run_without_perfect_stages() -> None:
    spells = tiny_result(*SMALLER).spells
    missed = spells[spells["result_13w"] == "missed"]
    shares = all_orders().table.set_index("stage")["ledger_share"]
    for stage, stops in STAGE_GROUPS.items():
        assert shares[stage] == pytest.approx(missed["stopped_at"].isin(stops).mean())
    assert all_orders().missed == len(missed)
    assert all_orders().spells == len(spells)


def test_newly_reached_and_newly_missed_children_change_when_the_stage_alone_is_perfect() -> None:
    model = build_model(scenario())
    make_stages_perfect(model, ["front door and assessment"])
    before, after = tiny_result(*SMALLER).spells, run_to_end(model).spells
    assert_frame_equal(before[["child", "onset"]], after[["child", "onset"]])
    was, is_now = before["result_13w"] == "missed", after["result_13w"] == "missed"
    row = all_orders().table.set_index("stage").loc["front door and assessment"]
    assert (row["newly_reached"], row["newly_missed"]) == ((was & ~is_now).sum(), (~was & is_now).sum())
    assert row["but_for_share"] == pytest.approx((was & ~is_now).sum() / was.sum())
    changed = all_orders().children.query("stage == 'front door and assessment'")
    assert set(changed[changed["newly_reached"]]["child"]) == set(before[was & ~is_now]["child"])
    assert set(changed[~changed["newly_reached"]]["child"]) == set(before[~was & is_now]["child"])
    assert changed["stopped_at"].notna().tolist() == changed["newly_reached"].tolist()


def test_runs_from_a_shared_history_equal_complete_runs() -> None:
    model = build_model(scenario())
    make_stages_perfect(model, STAGE_GROUPS)
    missed = (run_to_end(model).spells["result_13w"] == "missed").sum()
    runs = all_orders().runs.set_index("perfect")["missed"]
    assert (runs[""], runs[ALL_PERFECT]) == (all_orders().missed, missed)


def test_all_orders_need_64_sets_of_stages_and_fewer_orders_need_fewer() -> None:
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
    assert all_orders().table["but_for_low"].isna().all(), "one seed shows no chance between children"


def test_each_seed_is_attributed_independently_and_workers_give_the_same_result() -> None:
    with_workers = attribute(scenario(), [1, 2], orders=2, engine=open_in_process_engine(InProcessExecutor()))
    alone = attribute(scenario(), [2], orders=2)
    for name in TABLES:
        assert_frame_equal(getattr(with_workers, name), getattr(few_orders(), name))
    second = few_orders().by_seed.query("seed == 2").reset_index(drop=True)
    assert_frame_equal(alone.by_seed, second)


def test_progress_counts_the_weeks_of_all_runs() -> None:
    found, reported = few_orders_and_progress()
    assert [done for done, _ in reported] == list(range(1, len(reported) + 1))
    assert {total for _, total in reported} == {len(reported)}
    history, years = 52, 2 * 52
    assert len(reported) == 2 * history + len(found.runs) * years


def test_an_exception_from_on_week_ends_the_work() -> None:
    class Stop(Exception):
        pass

    def stop(done: int, _: int) -> None:
        if done == 60:
            raise Stop

    with pytest.raises(Stop):
        attribute(scenario(), on_week=stop)


@pytest.mark.parametrize("orders", [0, 1, 3, -2])
def test_orders_come_in_pairs(orders: int) -> None:
    with pytest.raises(ValueError, match="even number"):
        attribute(scenario(), orders=orders)


@pytest.mark.parametrize(
    ("seeds", "message"),
    [(0, "number of seeds"), ([], "from 1 to"), ([1, 1], "given twice"), ([-1], "a seed must be")],
)
def test_invalid_seeds_are_refused(seeds: int | list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        attribute(scenario(), seeds)


def test_without_harm_there_is_nothing_to_attribute() -> None:
    unharmed = scenario("harm.harm_cutoff=3", "harm.severity_spread=0")
    found = attribute(unharmed, orders=2)
    assert found.table["shapley_share"].isna().all()
    assert found.describe() == ["Nothing was missed, so there is nothing to attribute."]
    assert len(run_scenario(unharmed).spells) == 0
