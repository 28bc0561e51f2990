"""Pooled budgets: contributions, supply and costs, and that no money appears or disappears."""

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.model.authority import build_model, replace_sections, run_scenario, scenario

from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.register import load_register

FROM = date(2006, 4, 3)
WEEK = 52  # week of this date, counted from 1 April 2005

IN_FULL = {"contribution_council": 0.3, "contribution_health": 0.3, "voluntary": 1.0, "deficit_midpoint": 1.0}
"""A pool into which both funders pay 30%, regardless of their deficits."""


def default_of(setting: str) -> float:
    return load_register()[f"levers.pool.{setting}"].default


def build_event(lever: str = "pool", **settings: Any) -> dict[str, Any]:
    return {"date": FROM, "lever": lever, **settings}


def build_dials(*timeline: dict[str, Any], week: int = WEEK) -> ChildProtectionModel:
    """Return the tiny authority with its dials `week` weeks after 1 April 2005, without any casework."""
    settings = replace_sections(scenario(), timeline=list(timeline))
    authority = build_model(settings, collect=False)
    for now in range(52, 52 + week + 1):
        authority.timeline.apply_levers(now)
    return authority


def read_dial(name: str, *timeline: dict[str, Any], week: int = WEEK) -> float:
    value: float = build_dials(*timeline, week=week).tables["authorities"][name].item()
    return value


def health_contribution(*timeline: dict[str, Any]) -> float:
    return read_dial("health_pooled", *timeline)


# -- contributions


def test_contributions_fall_with_the_deficit_most_steeply_around_the_midpoint() -> None:
    deficits = [0.0, 0.02, 0.04, 0.06, 0.08]
    paid = [
        health_contribution(build_event("deficit", funder="health", share_of_budget=share), build_event())
        for share in deficits
    ]
    assert paid == sorted(paid, reverse=True)
    assert np.argmax(-np.diff(paid)) == 1, "the steepest fall is between 2% and 4%"
    offer = default_of("contribution_health") * default_of("voluntary")
    midpoint, slope = default_of("deficit_midpoint"), default_of("deficit_slope")
    expected = [offer / (1 + math.exp((deficit - midpoint) / slope)) for deficit in deficits]
    assert paid == pytest.approx(expected)


def test_a_deficit_in_health_does_not_change_the_contribution_of_the_council() -> None:
    deficit = build_event("deficit", funder="health", share_of_budget=0.08)
    assert read_dial("council_pooled", deficit, build_event()) == read_dial("council_pooled", build_event())


def test_a_later_deficit_reduces_an_existing_contribution() -> None:
    later = build_event("deficit", funder="health") | {"date": date(2006, 10, 2)}
    assert read_dial("health_pooled", build_event(), later, week=WEEK + 30) < 0.5 * read_dial(
        "health_pooled", build_event()
    )


def test_ringfenced_money_is_not_paid_in() -> None:
    fence = build_event("ringfence", funder="council", share=0.9)
    both = build_event("ringfence", funder="council", share=1.0)
    assert read_dial("council_pooled", fence, build_event(**IN_FULL)) == pytest.approx(0.1)
    assert read_dial("council_pooled", both, build_event(**IN_FULL)) == 0
    assert read_dial("council_ringfenced", fence, fence) == pytest.approx(0.99)


def test_two_pools_never_hold_more_than_all_the_money() -> None:
    large = IN_FULL | {"contribution_council": 0.7, "contribution_health": 0.4}
    twice = build_dials(build_event(**large), build_event(**large)).tables["authorities"]
    assert twice["council_pooled"].item() == pytest.approx(1)
    assert twice["health_pooled"].item() == pytest.approx(0.8)


def test_a_deficit_in_one_authority_does_not_change_pools_elsewhere() -> None:
    here = ["authority-02"]
    settings = replace_sections(
        scenario("authorities.count=3", "population.children=400"),
        timeline=[
            build_event("deficit", authorities=here, share_of_budget=0.08),
            build_event("ringfence", authorities=here),
            build_event(package_share=0.5),
        ],
    )
    authority = build_model(settings, collect=False)
    for now in range(52, 52 + WEEK + 1):
        authority.timeline.apply_levers(now)
    authorities = authority.tables["authorities"]
    assert (authorities["health_pooled"] < 0.001).tolist() == [False, True, False]
    assert (authorities["council_ringfenced"] > 0).tolist() == [False, True, False]
    assert authorities["supply_on_plan"][0] == authorities["supply_on_plan"][2]


# -- supply of services


@pytest.mark.parametrize(("week", "setup"), [(WEEK, 0.01), (WEEK + 51, 0.01), (WEEK + 52, 0.0)])
def test_contributions_equal_packages_plus_setup_and_running_costs(week: int, setup: float) -> None:
    pool = build_event(**IN_FULL, dispute_loss=0.1, package_share=0.5, running_cost=0.03, setup_cost=0.01)
    authorities = build_dials(pool, week=week).tables["authorities"]
    paid_in = (authorities["council_pooled"].item() + authorities["health_pooled"].item()) / 2
    assert paid_in == pytest.approx(0.3)
    taken = authorities["pool_overhead"].item() / 0.5
    assert taken == pytest.approx(paid_in * (0.03 + setup))
    # Without a pool all services add up to 1: half of them are joint packages, of which disputes leave 90%.
    supply = authorities["supply_on_plan"].item()
    joint = (supply - 0.5) / 0.5 * 0.9
    apart = 0.9 * (1 - paid_in)
    assert joint - apart == pytest.approx(paid_in - taken), "packages bought with pooled money"
    assert authorities["supply_in_need"].item() == supply


def test_the_gain_of_a_pool_depends_on_the_costs_of_disputes_and_of_the_pool() -> None:
    def supply(**settings: float) -> float:
        return read_dial("supply_on_plan", build_event(**IN_FULL, package_share=0.5, **settings))

    gains = [supply(dispute_loss=loss) for loss in (0.0, 0.02, 0.1, 0.25)]
    assert gains == sorted(gains)
    assert gains[0] < 1 < gains[-1]
    assert supply(running_cost=0.08, dispute_loss=0.05) < 1


def test_a_pool_with_a_single_contributor_reduces_supply() -> None:
    one_sided = {**IN_FULL, "contribution_health": 0.0, "package_share": 0.5}
    assert read_dial("supply_on_plan", build_event(**one_sided)) < 1


def test_the_gain_of_a_pool_rises_with_the_mismatch_between_money_and_need() -> None:
    supply = [
        read_dial("supply_on_plan", build_event(**IN_FULL, package_share=0.5, need_share=share))
        for share in (0.5, 0.6, 0.7)
    ]
    assert supply == sorted(supply)


def test_the_default_pool_has_almost_no_effect() -> None:
    assert read_dial("supply_on_plan", build_event()) == pytest.approx(1, abs=1e-3)
    assert read_dial("council_pooled", build_event()) == pytest.approx(0.02, abs=1e-3), (
        "2% is commissioned jointly"
    )


def test_supply_falls_with_the_number_of_parties_that_have_to_agree() -> None:
    supply = [
        read_dial(
            "supply_in_need", build_event(contribution_council=0.0, contribution_health=0.0, parties=parties)
        )
        for parties in (1, 5, 20)
    ]
    assert supply == sorted(supply, reverse=True)
    expected = 1 - 0.2 + 0.2 * (52 + 8) / (52 + 8 * 10**0.6)
    assert supply[-1] == pytest.approx(expected)
    assert supply[0] > 1, "one party is quicker than two"


def test_delays_of_several_pools_add_up() -> None:
    delays = [read_dial("agreement_delay", *[build_event(parties=10)] * pools) for pools in (1, 2)]
    assert delays == pytest.approx([8 * (5**0.6 - 1), 16 * (5**0.6 - 1)])


# -- costs


def test_the_overhead_of_pools_is_reported_separately_and_is_part_of_the_cost() -> None:
    run = run_scenario(replace_sections(scenario(), timeline=[build_event(**IN_FULL, package_share=0.5)]))
    weeks = run.weekly[run.weekly["week"] >= WEEK + 52]
    costs = scenario().costs
    services = (
        weeks["in_need_service"] * costs.in_need_service_week_gbp
        + weeks["on_plan"] * costs.plan_service_week_gbp
    )
    assert weeks["pooling_gbp"].to_numpy() == pytest.approx((0.5 * 0.3 * 0.03 * services).to_numpy())
    assert (run.weekly["pooling_gbp"][run.weekly["week"] < WEEK] == 0).all()
    assert weeks["pool_participation"].to_numpy() == pytest.approx(0.3)
    assert 0 < run.summary["pooling_gbp_per_child_year"] < run.summary["cost_gbp_per_child_year"]


# -- ring-fences and lost hours


def test_ringfenced_money_cannot_replace_a_lost_subsidy() -> None:
    def hours(fenced: float) -> float:
        split = build_event("budget", hours_lost=0.1, replaced_share=0.6)
        fence = build_event("ringfence", funder="council", share=fenced)
        return float(build_dials(split, fence).tables["teams"]["capacity_factor"][0])

    assert [hours(fenced) for fenced in (0.0, 0.5, 1.0)] == pytest.approx([0.96, 0.93, 0.9])


# -- invalid settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"contribution_council": 0.0, "contribution_health": 0.0}, "the pool is empty"),
        ({"contribution_council": 1.5}, "contribution_council"),
        ({"need_share": 1.0}, "a joint package needs two funders"),
        ({"dispute_loss": 1.0}, "disputes would cost all the money"),
        ({"running_cost": 0.9, "setup_cost": 0.2}, "take all the money of the pool"),
        ({"parties": 0}, "parties"),
    ],
)
def test_invalid_pool_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        replace_sections(scenario(), timeline=[build_event(**settings)])


def test_a_deficit_of_another_funder_is_refused() -> None:
    with pytest.raises(ScenarioError, match="funder"):
        replace_sections(scenario(), timeline=[build_event("deficit", funder="police")])
