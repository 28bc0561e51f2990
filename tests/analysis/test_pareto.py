"""The Pareto front in misses, families with neither, and cost, when ties count as ties."""

import numpy as np
import pandas as pd
import pytest
from tests.analysis.sweeps import build_runs, draw_points

from cpsim.analysis.pareto import find_pareto_front, list_alternatives

MISSES, ALARMS = "missed_risk_rate", "assessed_neither_per_10k_year"


def build_tables(**means: list[float]) -> dict[str, pd.DataFrame]:
    """Build tables from each alternative's mean and the distance of one seed above and another below it."""
    index = pd.Index(["old", "new"])
    return {
        {"misses": MISSES, "alarms": ALARMS}[name]: pd.DataFrame(
            {1: [mean + step for mean, step in values], 2: [mean for mean, _ in values],
             3: [mean - step for mean, step in values]},
            index=index,
        )
        for name, values in means.items()
    }  # fmt: skip


def test_an_alternative_that_is_worse_in_one_outcome_and_better_in_none_is_dominated() -> None:
    found = find_pareto_front(build_tables(misses=[(0.6, 0.01), (0.4, 0.01)], alarms=[(50, 1), (50, 1)]))
    assert found["status"].to_dict() == {"old": "dominated", "new": "on the front"}
    assert found["beaten_by"].tolist() == [1, 0]


def test_fewer_misses_at_the_price_of_more_families_with_neither_leave_both_on_the_front() -> None:
    found = find_pareto_front(build_tables(misses=[(0.6, 0.01), (0.4, 0.01)], alarms=[(50, 1), (80, 1)]))
    assert found["status"].tolist() == ["on the front"] * 2


def test_differences_that_chance_explains_are_ties() -> None:
    found = find_pareto_front(build_tables(misses=[(0.6, 0.01), (0.59, 0.5)], alarms=[(50, 1), (50, 1)]))
    assert found["status"].to_dict() == {"old": "undecided", "new": "on the front"}


def test_an_advantage_that_is_not_shown_does_not_keep_an_alternative_on_the_front() -> None:
    found = find_pareto_front(build_tables(misses=[(0.6, 0.01), (0.4, 0.01)], alarms=[(49.9, 20), (50, 1)]))
    assert found["status"].to_dict() == {"old": "undecided", "new": "on the front"}


def test_equal_alternatives_share_the_front() -> None:
    found = find_pareto_front(build_tables(misses=[(0.5, 0.1), (0.5, 0.1)], alarms=[(50, 1), (50, 1)]))
    assert found["status"].tolist() == ["on the front"] * 2


def test_with_one_seed_nothing_is_dominated() -> None:
    tables = {name: table[[2]] for name, table in build_tables(misses=[(0.6, 0), (0.4, 0)]).items()}
    assert find_pareto_front(tables)["status"].to_dict() == {"old": "undecided", "new": "on the front"}


def test_among_many_equal_alternatives_few_are_dominated() -> None:
    draws = np.random.default_rng(1)
    alike = {name: pd.DataFrame(draws.normal(50, 5, (200, 8))) for name in (MISSES, ALARMS)}
    assert (find_pareto_front(alike)["status"] == "dominated").mean() < 0.1


def test_an_outcome_without_a_better_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="plan_stock_per_10k has no known better direction"):
        find_pareto_front({"plan_stock_per_10k": pd.DataFrame({1: [3.0]})})


def test_arms_are_compared_at_points_where_all_of_them_finished() -> None:
    points = draw_points(4, ["network.trust_start"])
    runs = build_runs(
        points, 2,
        {"old": {MISSES: lambda points, _: points.index / 10}, "new": {MISSES: lambda points, _: points.index / 5}},
    )  # fmt: skip
    runs.loc[(runs["arm"] == "new") & (runs["point"] == 3) & (runs["seed"] == 1), "status"] = "failed"
    (table,) = list_alternatives(runs, [MISSES], ["arm"]).values()
    assert table.loc["old"].tolist() == pytest.approx([0.1, 0.1])
    assert table.loc["new"].tolist() == pytest.approx([0.2, 0.2])
    (by_point,) = list_alternatives(runs[runs["arm"] == "old"], [MISSES], ["point"]).values()
    assert by_point[1].tolist() == pytest.approx([0, 0.1, 0.2, 0.3])
