"""Pooled budgets: who pays in, what it buys, and that no pound is made or lost on the way."""

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.model.authority import changed, model_of, run_of, scenario

from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.register import load_register

FROM = date(2006, 4, 3)
WEEK = 52  # the week in which it falls

IN_FULL = {"contribution_council": 0.3, "contribution_health": 0.3, "voluntary": 1.0, "deficit_midpoint": 1.0}
"""A pool into which both funders pay three tenths, whatever their deficits."""


def default(setting: str) -> float:
    return load_register()[f"levers.pool.{setting}"].default


def event(lever: str = "pool", **settings: Any) -> dict[str, Any]:
    return {"date": FROM, "lever": lever, **settings}


def model(*timeline: dict[str, Any], week: int = WEEK) -> ChildProtectionModel:
    """The tiny authority as its dials stand `week` weeks after 1 April 2005, without a day of casework."""
    settings = changed(scenario(), timeline=list(timeline))
    made = model_of(settings, collect=False)
    for now in range(52, 52 + week + 1):
        made.timeline.apply_levers(now)
    return made


def dial(name: str, *timeline: dict[str, Any], week: int = WEEK) -> float:
    value: float = model(*timeline, week=week).tables["authorities"][name].item()
    return value


def pooled_by_health(*timeline: dict[str, Any]) -> float:
    return dial("health_pooled", *timeline)


# -- who pays in


def test_the_deeper_the_deficit_the_less_goes_into_the_pool_and_most_is_lost_around_the_midpoint() -> None:
    deficits = [0.0, 0.02, 0.04, 0.06, 0.08]
    paid = [
        pooled_by_health(event("deficit", funder="health", share_of_budget=share), event())
        for share in deficits
    ]
    assert paid == sorted(paid, reverse=True)
    assert np.argmax(-np.diff(paid)) == 1, "between 2 and 4 per cent"
    offer = default("contribution_health") * default("voluntary")
    midpoint, slope = default("deficit_midpoint"), default("deficit_slope")
    expected = [offer / (1 + math.exp((deficit - midpoint) / slope)) for deficit in deficits]
    assert paid == pytest.approx(expected)


def test_a_deficit_of_health_does_not_frighten_the_council() -> None:
    deficit = event("deficit", funder="health", share_of_budget=0.08)
    assert dial("council_pooled", deficit, event()) == dial("council_pooled", event())


def test_a_deficit_that_comes_later_takes_money_out_of_the_pool_again() -> None:
    later = event("deficit", funder="health") | {"date": date(2006, 10, 2)}
    assert dial("health_pooled", event(), later, week=WEEK + 30) < 0.5 * dial("health_pooled", event())


def test_nothing_fenced_is_paid_in() -> None:
    fence = event("ringfence", funder="council", share=0.9)
    both = event("ringfence", funder="council", share=1.0)
    assert dial("council_pooled", fence, event(**IN_FULL)) == pytest.approx(0.1)
    assert dial("council_pooled", both, event(**IN_FULL)) == 0
    assert dial("council_ringfenced", fence, fence) == pytest.approx(0.99)


def test_two_pools_never_hold_more_than_there_is() -> None:
    large = IN_FULL | {"contribution_council": 0.7, "contribution_health": 0.4}
    twice = model(event(**large), event(**large)).tables["authorities"]
    assert twice["council_pooled"].item() == pytest.approx(1)
    assert twice["health_pooled"].item() == pytest.approx(0.8)


def test_a_deficit_in_one_place_keeps_money_out_of_no_other_pool() -> None:
    here = ["authority-02"]
    settings = changed(
        scenario("authorities.count=3", "population.children=400"),
        timeline=[
            event("deficit", authorities=here, share_of_budget=0.08),
            event("ringfence", authorities=here),
            event(package_share=0.5),
        ],
    )
    made = model_of(settings, collect=False)
    for now in range(52, 52 + WEEK + 1):
        made.timeline.apply_levers(now)
    authorities = made.tables["authorities"]
    assert (authorities["health_pooled"] < 0.001).tolist() == [False, True, False]
    assert (authorities["council_ringfenced"] > 0).tolist() == [False, True, False]
    assert authorities["supply_on_plan"][0] == authorities["supply_on_plan"][2]


# -- what it buys


@pytest.mark.parametrize(("week", "setup"), [(WEEK, 0.01), (WEEK + 51, 0.01), (WEEK + 52, 0.0)])
def test_what_partners_pay_in_is_what_packages_setup_and_running_take(week: int, setup: float) -> None:
    pool = event(**IN_FULL, dispute_loss=0.1, package_share=0.5, running_cost=0.03, setup_cost=0.01)
    authorities = model(pool, week=week).tables["authorities"]
    paid_in = (authorities["council_pooled"].item() + authorities["health_pooled"].item()) / 2
    assert paid_in == pytest.approx(0.3)
    taken = authorities["pool_overhead"].item() / 0.5
    assert taken == pytest.approx(paid_in * (0.03 + setup))
    # All services are worth 1 before: half of them joint packages, of which disputes leave nine tenths.
    supply = authorities["supply_on_plan"].item()
    joint = (supply - 0.5) / 0.5 * 0.9
    apart = 0.9 * (1 - paid_in)
    assert joint - apart == pytest.approx(paid_in - taken), "packages out of the pool"
    assert authorities["supply_in_need"].item() == supply


def test_whether_a_pool_helps_depends_on_what_disputes_and_the_pot_itself_cost() -> None:
    def supply(**settings: float) -> float:
        return dial("supply_on_plan", event(**IN_FULL, package_share=0.5, **settings))

    gains = [supply(dispute_loss=loss) for loss in (0.0, 0.02, 0.1, 0.25)]
    assert gains == sorted(gains)
    assert gains[0] < 1 < gains[-1]
    assert supply(running_cost=0.08, dispute_loss=0.05) < 1


def test_where_only_one_partner_pays_in_the_others_money_stays_without_a_partner() -> None:
    one_sided = {**IN_FULL, "contribution_health": 0.0, "package_share": 0.5}
    assert dial("supply_on_plan", event(**one_sided)) < 1


def test_a_pool_helps_where_the_money_lies_with_the_wrong_funder() -> None:
    supply = [
        dial("supply_on_plan", event(**IN_FULL, package_share=0.5, need_share=share))
        for share in (0.5, 0.6, 0.7)
    ]
    assert supply == sorted(supply)


def test_the_shipped_numbers_all_but_come_to_nothing() -> None:
    assert dial("supply_on_plan", event()) == pytest.approx(1, abs=1e-3)
    assert dial("council_pooled", event()) == pytest.approx(0.02, abs=1e-3), (
        "2 per cent is commissioned jointly"
    )


def test_the_more_parties_have_to_agree_the_later_the_help() -> None:
    supply = [
        dial("supply_in_need", event(contribution_council=0.0, contribution_health=0.0, parties=parties))
        for parties in (1, 5, 20)
    ]
    assert supply == sorted(supply, reverse=True)
    expected = 1 - 0.2 + 0.2 * (52 + 8) / (52 + 8 * 10**0.6)
    assert supply[-1] == pytest.approx(expected)
    assert supply[0] > 1, "who plans as one is quicker than two"


def test_parties_of_several_pools_have_to_agree_one_after_the_other() -> None:
    delays = [dial("agreement_delay", *[event(parties=10)] * pools) for pools in (1, 2)]
    assert delays == pytest.approx([8 * (5**0.6 - 1), 16 * (5**0.6 - 1)])


# -- what it costs


def test_what_pools_take_is_a_part_of_the_cost_and_stands_by_itself() -> None:
    run = run_of(changed(scenario(), timeline=[event(**IN_FULL, package_share=0.5)]))
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


# -- what the fence does to lost hours


def test_fenced_money_cannot_step_in_for_the_hours_that_others_have_paid_for() -> None:
    def hours(fenced: float) -> float:
        split = event("budget", hours_lost=0.1, replaced_share=0.6)
        fence = event("ringfence", funder="council", share=fenced)
        return float(model(split, fence).tables["teams"]["capacity_factor"][0])

    assert [hours(fenced) for fenced in (0.0, 0.5, 1.0)] == pytest.approx([0.96, 0.93, 0.9])


# -- nonsense


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"contribution_council": 0.0, "contribution_health": 0.0}, "nobody is in this pool"),
        ({"contribution_council": 1.5}, "contribution_council"),
        ({"need_share": 1.0}, "no joint package"),
        ({"dispute_loss": 1.0}, "nothing to compare a pool with"),
        ({"running_cost": 0.9, "setup_cost": 0.2}, "take all that is in the pool"),
        ({"parties": 0}, "parties"),
    ],
)
def test_a_pool_that_makes_no_sense_is_refused(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        changed(scenario(), timeline=[event(**settings)])


def test_only_council_and_health_have_budgets_to_pool() -> None:
    with pytest.raises(ScenarioError, match="funder"):
        changed(scenario(), timeline=[event("deficit", funder="police")])
