"""Single stages of casework are compared with closed formulas from textbooks."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats
from tests.model.authority import (
    build_model,
    get_world,
    replace_sections,
    run_scenario,
    run_to_end,
    scenario,
    select_events,
    signature,
)

from cpsim.casework.recording import pool_evidence
from cpsim.constants import AVERAGE_CHILDREN
from cpsim.scenario.sections import KNOWN_KINDS

AGES = ("under_1", "age_1_to_3", "age_4_to_10", "age_11_to_17")


def is_within_error(hits: int, trials: int, chance: float) -> bool:
    """Whether a count is within four standard errors of its expected value."""
    return bool(abs(hits - trials * chance) < 4 * np.sqrt(trials * chance * (1 - chance)) + 1)


# One practitioner alone: signal detection.

SHARP = (
    "population.children=6000",
    "sharing.notice_softness=0.02",  # so small that the logistic function is a step
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


def build_gp_scenario(threshold: float, strength: float, attention: float) -> Any:
    every_age = dict.fromkeys(AGES, 0.03)  # so rare that two signs in one week are very unlikely
    settings = {
        "contacts_per_week": every_age, "weakest_visible_sign": 0.5, "signal_strength": strength,
        "notice_threshold": threshold, "attention": attention,
    }  # fmt: skip
    return replace_sections(
        scenario(*SHARP), agencies={**scenario(*SHARP).model_dump()["agencies"], "gp": settings}
    )


@pytest.mark.parametrize(
    ("threshold", "strength", "attention"), [(1.5, 1.0, 1.0), (1.5, 1.0, 0.5), (2.0, 2.0, 0.8)]
)
def test_one_practitioner_alone_has_the_hit_and_false_alarm_rates_of_signal_detection(
    threshold: float, strength: float, attention: float
) -> None:
    """Of signs above x, a share of attention * Phi(d - threshold) / Phi(d - x) is noticed; d = 0 without harm."""
    here = build_gp_scenario(threshold, strength, attention)
    world = get_world(here)
    # Signs that a spell would hide never occur here, since no spell ends early.
    spells = len(world.spells.child)
    gate = world.signs[GP].mark(0, world.weeks).gate
    in_harm, outside = int(((gate > 0) & (gate <= spells)).sum()), int((gate == 0).sum())
    result = run_to_end(build_model(here, collect=False))
    noticed = select_events(result, "noticed")
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
    assert is_within_error(true, in_harm, hit)
    assert is_within_error(len(noticed) - true, outside, false)


# One initial assessment.

REQUESTS_ONLY = (
    # Families request help; messages from partners never cross the thresholds.
    "front_door.referral_threshold=12", "front_door.assessment_threshold=12", "front_door.request_strength=20",
    "front_door.screening_noise=0", "front_door.drift=0", "front_door.sibling_chance=0", "front_door.flood_effect=0",
    "front_door.same_source_weight=0", "front_door.other_source_weight=0", "front_door.escalation_margin=20",
    "workforce.hours_contact=0", "workforce.hours_referral=0", "workforce.vacancy_start=0",
    "workforce.exit_per_year=0", "assessment.time_compression=0", "assessment.other_need_recognised=0",
    "other_need.disability.starts_per_10k_year=0", "other_need.older_teenager.starts_per_10k_year=0",
    "other_need.family_stress.help_request_chance=1",
)  # fmt: skip


@pytest.mark.parametrize("threshold", [0.4, 1.0, 1.3])
def test_an_initial_assessment_errs_with_the_sd_of_the_scenario(threshold: float) -> None:
    """P(no further action) is Phi((threshold - severity) / noise), with severity 1 in harm and 0 otherwise."""
    noise = 0.5
    here = scenario(
        *REQUESTS_ONLY, "other_need.family_stress.starts_per_10k_year=400", "harm.onset_per_year=1",
        "harm.severity_spread=0", "assessment.child_bias=0", "workforce.learning_noise=0",
        f"assessment.initial_noise={noise}", "assessment.file_weight=0", f"assessment.need_threshold={threshold}",
        f"assessment.core_threshold={threshold}", "assessment.s47_threshold=20", "assessment.core_weeks_median=5",
        "assessment.core_weeks_spread=0", "workforce.assessment_posts_per_10k=100",
        "protection.recovery_in_need_per_week=0", "protection.recovery_on_plan_per_week=0",
        "protection.care_threshold=20",
    )  # fmt: skip
    result, world = run_scenario(here), get_world(here)
    finished_initial = select_events(result, "initial_finished")
    nothing = signature(select_events(result, "no_further_action"), "week", "child")
    onset, end, child = world.spells.onset, world.spells.end, world.spells.child
    for severity in (0.0, 1.0):
        assessed = [
            (week, who)
            for week, who in zip(finished_initial["week"], finished_initial["child"], strict=True)
            if ((child == who) & (onset <= week + world.warm_up) & (week + world.warm_up < end)).any()
            == (severity > 0)
        ]
        assert len(assessed) > 80
        closed = sum(case in nothing for case in assessed)
        assert is_within_error(closed, len(assessed), stats.norm.cdf((threshold - severity) / noise))


# Several agencies that pool their evidence.


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8, 1.0])
@pytest.mark.parametrize("agencies", [1, 2, 5])
def test_the_pooled_evidence_of_k_agencies_has_the_discriminability_of_optimal_fusion(
    agencies: int, correlation: float
) -> None:
    """Pooled log-odds have d' = d1 sqrt(k / (1 + (k - 1) rho)) and are calibrated: means d'^2 apart with SD d'."""
    state = build_model(scenario(f"sharing.signal_correlation={correlation}"), collect=False).casework
    n, alone = 100_000, 1.2
    generator = np.random.default_rng(1)
    shared = np.sqrt(correlation) * generator.standard_normal((n, 1))
    noise = shared + np.sqrt(1 - correlation) * generator.standard_normal((n, agencies))
    holders = np.full(n, agencies)
    without, with_harm = (
        pool_evidence(state, (alone * (shift + noise) - alone**2 / 2).sum(axis=1), holders)
        for shift in (0.0, alone)
    )
    together = alone * np.sqrt(agencies / (1 + (agencies - 1) * correlation))
    apart = with_harm.mean() - without.mean()
    assert apart / without.std() == pytest.approx(together, rel=0.01)
    assert apart == pytest.approx(together**2, rel=0.001)
    assert without.std() == pytest.approx(together, rel=0.01)


# The queue for an initial assessment.


def crommelin(arrivals: float, servers: int, most: int = 400) -> tuple[float, float]:
    """Mean number waiting in M/D/c at the ends of service times, and the probability that none waits (Crommelin 1932).

    The number present N satisfies N' = max(N - c, 0) + A with A Poisson; solved as a Markov chain truncated at `most`.
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


def test_the_chain_gives_the_textbook_formula_for_one_worker() -> None:
    for load in (0.5, 0.8):
        waiting, none_waits = crommelin(load, 1)
        assert waiting == pytest.approx(load**2 / (2 * (1 - load)), rel=1e-6)
        assert none_waits == pytest.approx((1 - load) * np.exp(load), rel=1e-6)


@pytest.mark.parametrize(
    ("workers", "load", "teams", "size"), [(1, 0.6, 20, 1 / 2), (1, 0.75, 20, 1 / 2), (3, 0.85, 8, 1 / 2)]
)
def test_the_queue_for_assessment_is_as_long_as_an_m_d_c_queue(
    workers: int, load: float, teams: int, size: float
) -> None:
    """Poisson requests and one assessment per worker and week: M/D/c minus the case that unused hours cover."""
    children = round(size * AVERAGE_CHILDREN)
    hours = scenario().workforce.casework_hours_per_week
    per_10k = 10_000 / children
    starts = load * workers * 52 * teams * per_10k
    assert starts < 10_000 / 18, "a child can have only one such need in childhood"
    here = scenario(
        *REQUESTS_ONLY, f"population.children={children}", "population.children_per_area=50",
        "clock.years=15",
        f"other_need.family_stress.starts_per_10k_year={starts}", "harm.onset_per_year=0.001",
        *(f"agencies.{kind}.contacts_per_week.{age}=0" for kind in KNOWN_KINDS for age in AGES),
        f"workforce.assessment_teams={round(teams / size)}",
        f"workforce.assessment_posts_per_10k={teams * workers * per_10k}",
        f"workforce.hours_initial={hours}", "assessment.core_threshold=20", "assessment.s47_threshold=20",
        "assessment.need_threshold=20",
    )  # fmt: skip
    result, world = run_scenario(here), get_world(here)
    team = world.children.area.astype(np.int64) * teams // world.authorities.total_areas

    def count_by_week(name: str) -> NDArray[np.int64]:
        """Number of events by week and team."""
        events, count = select_events(result, name), np.zeros((world.weeks, teams), np.int64)
        np.add.at(count, (events["week"] + world.warm_up, team[events["child"]]), 1)
        return count

    waiting = np.cumsum(count_by_week("referred") - count_by_week("initial_started"), axis=0)[52:]
    expected = np.zeros(teams)
    for index in range(teams):
        birth, weeks = world.children.birth[team == index], np.arange(52, world.weeks, 13)
        under_18 = np.mean([((birth <= week) & (birth > week - 18 * 52)).sum() for week in weeks])
        left, none_waits = crommelin(starts / 10_000 * under_18 / 52, workers)
        # A team can carry the hours of one case into the next week, so the last case does not wait.
        expected[index] = left - (1 - none_waits)
    difference = waiting.mean(axis=0) - expected
    error = difference.std(ddof=1) / np.sqrt(teams)
    assert abs(difference.mean()) < 4 * error
    assert error < 0.3 * expected.mean(), "the test should be able to fail"


# Delivery of messages, and trust.


@pytest.mark.parametrize("mean", [0.3, 2.0])
def test_the_delay_of_messages_is_geometric(mean: float) -> None:
    certain = (
        f"network.message_delay_weeks={mean}",
        "network.delivery_base=1",
        "network.delivery_trust_power=0",
    )
    result = run_to_end(build_model(scenario(*certain, *NO_REQUESTS), collect=False))
    pair = ["child", "agency"]
    sent, delivered = (
        select_events(result, what).groupby(pair, observed=True)["week"] for what in ("shared", "delivered")
    )
    messages_by_pair = pd.DataFrame(
        {
            "sent": sent.size(),
            "delivered": delivered.size(),
            "weeks": delivered.sum() - sent.sum(),
            "last": sent.max(),
        }
    )
    # Pairs with a message that is undelivered at the end, or whose child turned 18, are left out.
    whole = messages_by_pair[
        (messages_by_pair["sent"] == messages_by_pair["delivered"])
        & (messages_by_pair["last"] < messages_by_pair["last"].max() - 40)
    ]
    messages = int(whole["sent"].sum())
    assert messages > 0.6 * messages_by_pair["sent"].sum()
    spread = np.sqrt(mean * (1 + mean) / messages)
    assert whole["weeks"].sum() / messages == pytest.approx(mean, abs=4 * spread)


NO_REQUESTS = tuple(
    f"other_need.{need}.help_request_chance=0" for need in ("disability", "family_stress", "older_teenager")
)


def test_the_trust_of_a_busy_tie_settles_where_gains_equal_losses() -> None:
    """If a message succeeds with probability p, trust settles at p g / (p g + (1 - p) l)."""
    ties = build_model(scenario(), collect=False).ties
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
