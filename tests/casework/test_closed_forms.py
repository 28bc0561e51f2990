"""Stages of casework taken by themselves, against the formulas of the textbooks."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats
from tests.model.authority import changed, finished, model_of, run_of, scenario, signature, stage, world_of

from cpsim.casework.recording import pool_evidence
from cpsim.scenario.sections import KNOWN_KINDS

AGES = ("under_1", "age_1_to_3", "age_4_to_10", "age_11_to_17")


def within_error(hits: int, trials: int, chance: float) -> bool:
    """Whether a count lies within four standard errors of what a chance would give."""
    return bool(abs(hits - trials * chance) < 4 * np.sqrt(trials * chance * (1 - chance)) + 1)


# One professional who looks alone: signal detection.

SHARP = (
    "population.children=6000",
    "sharing.notice_softness=0.02",  # a threshold, not a slope: the logistic becomes a step
    "signs.bias_spread=0",
    "harm.severity_spread=0",  # every spell has severity 1 and is significant harm
    "harm.reentry_gap_weeks=0",
    *(
        f"other_need.{need}.starts_per_10k_year=0"
        for need in ("disability", "family_stress", "older_teenager")
    ),
    "front_door.referral_threshold=20",
    "front_door.screening_noise=0",
    "front_door.same_source_weight=0",
    "front_door.other_source_weight=0",
    "agencies.gp.contact_rise_with_severity=0",
)
GP = 1


def gp_scenario(threshold: float, strength: float, attention: float) -> Any:
    every_age = dict.fromkeys(AGES, 0.03)  # so rare that two signs hardly ever fall into one week
    eyes = {
        "contacts_per_week": every_age, "weakest_visible_sign": 0.5, "signal_strength": strength, "notice_threshold": threshold,
        "attention": attention,
    }  # fmt: skip
    return changed(scenario(*SHARP), agencies={**scenario(*SHARP).model_dump()["agencies"], "gp": eyes})


@pytest.mark.parametrize(
    ("threshold", "strength", "attention"), [(1.5, 1.0, 1.0), (1.5, 1.0, 0.5), (2.0, 2.0, 0.8)]
)
def test_a_professional_who_looks_alone_hits_and_errs_as_signal_detection_says(
    threshold: float, strength: float, attention: float
) -> None:
    """Of signs drawn above x, the share attention x Phi(d - threshold) / Phi(d - x) is noticed; d = 0 without harm."""
    here = gp_scenario(threshold, strength, attention)
    world = world_of(here)
    rows = np.flatnonzero(world.signs.file % 6 == GP)
    # Signs that a spell would hide never occur here, since nothing ends a spell early.
    spells, gate = len(world.spells.child), world.signs.gate[rows]
    in_harm, outside = int(((gate > 0) & (gate <= spells)).sum()), int((gate == 0).sum())
    result = finished(model_of(here, collect=False))
    noticed = stage(result, "noticed")
    noticed = noticed[noticed["agency"].isin(result.agencies.index[result.agencies["kind"] == "gp"])]
    onset, end, child = world.spells.onset, world.spells.end, world.spells.child
    harmed = {
        (int(who), week)
        for who, first, last in zip(child, onset, end, strict=True)
        for week in range(first, last)
    }
    weeks = noticed["week"] + world.warm_up
    true = sum(pair in harmed for pair in zip(noticed["child"], weeks, strict=True))
    visible = 0.5
    hit = attention * stats.norm.cdf(strength - threshold) / stats.norm.cdf(strength - visible)
    false = attention * stats.norm.cdf(-threshold) / stats.norm.cdf(-visible)
    assert in_harm > 300
    assert within_error(true, in_harm, hit)
    assert within_error(len(noticed) - true, outside, false)


# One initial assessment.

REQUESTS_ONLY = (
    # Families ask for help; whatever partners say is not grave enough.
    "front_door.referral_threshold=12", "front_door.assessment_threshold=12", "front_door.request_strength=20",
    "front_door.screening_noise=0", "front_door.drift=0", "front_door.sibling_chance=0", "front_door.flood_effect=0",
    "front_door.same_source_weight=0", "front_door.other_source_weight=0", "front_door.escalation_margin=20",
    "workforce.hours_contact=0", "workforce.hours_referral=0", "workforce.vacancy_start=0",
    "workforce.exit_per_year=0", "assessment.time_compression=0", "assessment.other_need_recognised=0",
    "other_need.disability.starts_per_10k_year=0", "other_need.older_teenager.starts_per_10k_year=0",
    "other_need.family_stress.help_request_chance=1",
)  # fmt: skip


@pytest.mark.parametrize("threshold", [0.4, 1.0, 1.3])
def test_an_initial_assessment_errs_with_the_spread_that_the_scenario_gives(threshold: float) -> None:
    """Chance of no further action is Phi((threshold - severity) / noise), with severity 1 in harm and 0 without."""
    noise = 0.5
    here = scenario(
        *REQUESTS_ONLY, "other_need.family_stress.starts_per_10k_year=400", "harm.onset_per_year=1",
        "harm.severity_spread=0", "assessment.child_bias=0", "workforce.learning_noise=0",
        f"assessment.initial_noise={noise}", "assessment.file_weight=0", f"assessment.need_threshold={threshold}",
        f"assessment.core_threshold={threshold}", "assessment.s47_threshold=20", "assessment.core_weeks_median=5",
        "assessment.core_weeks_spread=0", "workforce.assessment_posts_per_10k=100",
        "protection.recovery_in_need_per_week=0", "protection.recovery_on_plan_per_week=0", "protection.care_threshold=20",
    )  # fmt: skip
    result, world = run_of(here), world_of(here)
    finished_initial = stage(result, "initial_finished")
    nothing = signature(stage(result, "no_further_action"), "week", "child")
    onset, end, child = world.spells.onset, world.spells.end, world.spells.child
    for severity in (0.0, 1.0):
        judged = [
            (week, who)
            for week, who in zip(finished_initial["week"], finished_initial["child"], strict=True)
            if ((child == who) & (onset <= week + world.warm_up) & (week + world.warm_up < end)).any()
            == (severity > 0)
        ]
        assert len(judged) > 80
        closed = sum(case in nothing for case in judged)
        assert within_error(closed, len(judged), stats.norm.cdf((threshold - severity) / noise))


# Several agencies who put their evidence together.


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8, 1.0])
@pytest.mark.parametrize("agencies", [1, 2, 5])
def test_k_agencies_together_tell_harm_as_well_as_fusion_allows(agencies: int, correlation: float) -> None:
    """Pooled log-odds have d' = d1 sqrt(k / (1 + (k - 1) rho)), and mean what they say: d'^2 apart with spread d'."""
    state = model_of(scenario(f"sharing.signal_correlation={correlation}"), collect=False).casework
    n, alone = 100_000, 1.2
    generator = np.random.default_rng(1)
    shared = np.sqrt(correlation) * generator.standard_normal((n, 1))
    noise = shared + np.sqrt(1 - correlation) * generator.standard_normal((n, agencies))
    holders = np.full(n, agencies)
    without, with_harm = (
        pool_evidence(state, (alone * (shift + noise) - alone**2 / 2).sum(axis=1), holders) for shift in (0.0, alone)
    )
    together = alone * np.sqrt(agencies / (1 + (agencies - 1) * correlation))
    apart = with_harm.mean() - without.mean()
    assert apart / without.std() == pytest.approx(together, rel=0.01)
    assert apart == pytest.approx(together**2, rel=0.001)
    assert without.std() == pytest.approx(together, rel=0.01)


# The queue for an initial assessment.


def crommelin(arrivals: float, servers: int, most: int = 400) -> tuple[float, float]:
    """Mean number left waiting in M/D/c at the ends of service times, and the chance that nobody is (Crommelin 1932).

    Numbers present N satisfy N' = max(N - c, 0) + A with A Poisson; solved as a Markov chain, cut off at `most`.
    """
    poisson = stats.poisson.pmf(np.arange(most), arrivals)
    chain = np.zeros((most, most))
    for present in range(most):
        left = max(present - servers, 0)
        chain[present, left:] = poisson[: most - left]
        chain[present, -1] += 1 - chain[present].sum()
    share = np.linalg.matrix_power(chain, 4096)[0]
    left = np.maximum(np.arange(most) - servers, 0)
    return float(share @ left), float(share[left == 0].sum())


def test_the_closed_form_is_that_of_the_textbook_for_one_worker() -> None:
    for load in (0.5, 0.8):
        waiting, nobody = crommelin(load, 1)
        assert waiting == pytest.approx(load**2 / (2 * (1 - load)), rel=1e-6)
        assert nobody == pytest.approx((1 - load) * np.exp(load), rel=1e-6)


@pytest.mark.parametrize(("workers", "load", "teams"), [(1, 0.6, 10), (1, 0.75, 20), (3, 0.85, 8)])
def test_waiting_for_an_assessment_is_that_of_a_queue_with_steady_service(
    workers: int, load: float, teams: int
) -> None:
    """Poisson requests, one assessment a worker and week: M/D/c, less one case that an idle team may save up for."""
    children = 1_200 * workers * teams
    hours = scenario().workforce.casework_hours_per_week
    per_10k = 10_000 / children
    starts = load * workers * 52 * teams * per_10k
    assert starts < 10_000 / 18, "a child can have one such need in life"
    here = scenario(
        *REQUESTS_ONLY, f"population.children={children}", f"population.children_per_area={600 * workers}",
        "clock.years=15",
        f"other_need.family_stress.starts_per_10k_year={starts}", "harm.onset_per_year=0.001",
        *(f"agencies.{kind}.contacts_per_week.{age}=0" for kind in KNOWN_KINDS for age in AGES),
        f"workforce.assessment_teams={teams}", f"workforce.assessment_posts_per_10k={teams * workers * per_10k}",
        f"workforce.hours_initial={hours}", "assessment.core_threshold=20", "assessment.s47_threshold=20", "assessment.need_threshold=20",
    )  # fmt: skip
    result, world = run_of(here), world_of(here)
    team = world.children.area.astype(np.int64) * teams // world.authorities.total_areas

    def by_week(name: str) -> NDArray[np.int64]:
        """Number by week and team."""
        events, count = stage(result, name), np.zeros((world.weeks, teams), np.int64)
        np.add.at(count, (events["week"] + world.warm_up, team[events["child"]]), 1)
        return count

    waiting = np.cumsum(by_week("referred") - by_week("initial_started"), axis=0)[52:]
    expected = np.zeros(teams)
    for desk in range(teams):
        birth, weeks = world.children.birth[team == desk], np.arange(52, world.weeks, 13)
        under_18 = np.mean([((birth <= week) & (birth > week - 18 * 52)).sum() for week in weeks])
        left, nobody = crommelin(starts / 10_000 * under_18 / 52, workers)
        # A team may carry the hours of one case into the next week, so the last one waiting is spared.
        expected[desk] = left - (1 - nobody)
    difference = waiting.mean(axis=0) - expected
    error = difference.std(ddof=1) / np.sqrt(teams)
    assert abs(difference.mean()) < 4 * error
    assert error < 0.3 * expected.mean(), "the test should be able to fail"


# Messages on their way, and trust.


@pytest.mark.parametrize("mean", [0.3, 2.0])
def test_messages_travel_for_a_geometric_time(mean: float) -> None:
    certain = (
        f"network.message_delay_weeks={mean}",
        "network.delivery_base=1",
        "network.delivery_trust_power=0",
    )
    result = finished(model_of(scenario(*certain, *REQUESTS_STAY_AT_HOME), collect=False))
    about = ["child", "agency"]
    sent, delivered = (
        stage(result, what).groupby(about, observed=True)["week"] for what in ("shared", "delivered")
    )
    tally = pd.DataFrame(
        {
            "sent": sent.size(),
            "came": delivered.size(),
            "waited": delivered.sum() - sent.sum(),
            "last": sent.max(),
        }
    )
    # What is still under way at the end, or about somebody who has grown up meanwhile, is left out with its fellows.
    whole = tally[(tally["sent"] == tally["came"]) & (tally["last"] < tally["last"].max() - 40)]
    messages = int(whole["sent"].sum())
    assert messages > 0.6 * tally["sent"].sum()
    spread = np.sqrt(mean * (1 + mean) / messages)
    assert whole["waited"].sum() / messages == pytest.approx(mean, abs=4 * spread)


REQUESTS_STAY_AT_HOME = tuple(
    f"other_need.{need}.help_request_chance=0" for need in ("disability", "family_stress", "older_teenager")
)


def test_the_trust_of_a_busy_tie_settles_where_gains_and_losses_balance() -> None:
    """With success p a message, T settles at p g / (p g + (1 - p) l)."""
    ties = model_of(scenario(), collect=False).ties
    generator, tie = np.random.default_rng(3), np.array([0])
    success, gain, loss = 0.7, 0.02, 0.05
    seen = []
    for turn in range(20_000):
        if generator.random() < success:
            ties.raise_trust(tie, gain)
        else:
            ties.lower_trust(tie, loss)
        if turn >= 1_000:
            seen.append(float(ties.trust[0]))
    assert np.mean(seen) == pytest.approx(success * gain / (success * gain + (1 - success) * loss), abs=0.01)
