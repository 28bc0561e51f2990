"""Who is on the front in misses, false alarms and money, when ties count as ties."""

import numpy as np
import pandas as pd
import pytest
from tests.study.analysis.sweeps import drawn_points, tidy

from cpsim.study.analysis.pareto import alternatives_of, pareto

MISSES, ALARMS = "missed_risk_rate", "false_alarm_families_per_10k_year"


def seeds_around(**means: list[float]) -> dict[str, pd.DataFrame]:
    """For each alternative its mean and how far one seed lies above it and another below."""
    index = pd.Index(["old", "new"])
    return {
        {"misses": MISSES, "alarms": ALARMS}[name]: pd.DataFrame(
            {1: [mean + step for mean, step in values], 2: [mean for mean, _ in values],
             3: [mean - step for mean, step in values]},
            index=index,
        )
        for name, values in means.items()
    }  # fmt: skip


def test_what_is_shown_worse_and_nowhere_better_is_dominated() -> None:
    found = pareto(seeds_around(misses=[(0.6, 0.01), (0.4, 0.01)], alarms=[(50, 1), (50, 1)]))
    assert found["status"].to_dict() == {"old": "dominated", "new": "on the front"}
    assert found["beaten_by"].tolist() == [1, 0]


def test_fewer_misses_for_more_false_alarms_leaves_both_on_the_front() -> None:
    found = pareto(seeds_around(misses=[(0.6, 0.01), (0.4, 0.01)], alarms=[(50, 1), (80, 1)]))
    assert found["status"].tolist() == ["on the front"] * 2


def test_differences_that_chance_explains_are_ties() -> None:
    found = pareto(seeds_around(misses=[(0.6, 0.01), (0.59, 0.5)], alarms=[(50, 1), (50, 1)]))
    assert found["status"].to_dict() == {"old": "cannot be told", "new": "on the front"}


def test_an_advantage_that_is_not_shown_does_not_hold_a_place_on_the_front() -> None:
    found = pareto(seeds_around(misses=[(0.6, 0.01), (0.4, 0.01)], alarms=[(49.9, 20), (50, 1)]))
    assert found["status"].to_dict() == {"old": "cannot be told", "new": "on the front"}


def test_equal_alternatives_share_the_front() -> None:
    found = pareto(seeds_around(misses=[(0.5, 0.1), (0.5, 0.1)], alarms=[(50, 1), (50, 1)]))
    assert found["status"].tolist() == ["on the front"] * 2


def test_with_one_seed_nothing_is_dominated() -> None:
    tables = {name: table[[2]] for name, table in seeds_around(misses=[(0.6, 0), (0.4, 0)]).items()}
    assert pareto(tables)["status"].to_dict() == {"old": "cannot be told", "new": "on the front"}


def test_among_many_that_are_alike_hardly_any_looks_dominated() -> None:
    draws = np.random.default_rng(1)
    alike = {name: pd.DataFrame(draws.normal(50, 5, (200, 8))) for name in (MISSES, ALARMS)}
    assert (pareto(alike)["status"] == "dominated").mean() < 0.1


def test_an_outcome_without_a_better_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="which way is plan_stock_per_10k better"):
        pareto({"plan_stock_per_10k": pd.DataFrame({1: [3.0]})})


def test_arms_are_compared_at_points_where_all_of_them_finished() -> None:
    points = drawn_points(4, ["network.trust_start"])
    runs = tidy(
        points, 2,
        {"old": {MISSES: lambda points, _: points.index / 10}, "new": {MISSES: lambda points, _: points.index / 5}},
    )  # fmt: skip
    runs.loc[(runs["arm"] == "new") & (runs["point"] == 3) & (runs["seed"] == 1), "status"] = "failed"
    (table,) = alternatives_of(runs, [MISSES], ["arm"]).values()
    assert table.loc["old"].tolist() == pytest.approx([0.1, 0.1])
    assert table.loc["new"].tolist() == pytest.approx([0.2, 0.2])
    (by_point,) = alternatives_of(runs[runs["arm"] == "old"], [MISSES], ["point"]).values()
    assert by_point[1].tolist() == pytest.approx([0, 0.1, 0.2, 0.3])
