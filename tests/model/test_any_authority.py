"""With any settings within wide limits, the run ends and the invariants of the results hold."""

from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.model.authority import replace_sections, scenario

from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import KNOWN_KINDS
from cpsim.simulation import run

SMALL = scenario("population.children=300", "clock.warm_up_years=1", "clock.years=1")

shares = st.floats(0, 1)
thresholds = st.floats(0, 6)
kinds = st.lists(st.sampled_from(KNOWN_KINDS), min_size=1, max_size=3, unique=True)

events = st.fixed_dictionaries(
    {
        "date": st.integers(-40, 50).map(lambda week: SMALL.clock.start + timedelta(weeks=week)),
        "lever": st.just("duty"),
        "kinds": kinds,
        "bound": st.booleans(),
        "awareness": shares,
        "sanction": shares,
    }
)


def section(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(values)


more_kinds = st.dictionaries(
    st.sampled_from(["connexions", "youth_justice"]),
    section(tied=st.booleans(), attention=shares, share_threshold=thresholds, recording=shares),
)
sections = section(
    sharing=section(share_noise=st.floats(0, 3), consult_chance=shares, kept_after_sharing=shares),
    network=section(
        trust_start=shares, lateral_density=shares, delivery_base=shares, message_delay_weeks=st.floats(0, 6)
    ),
    front_door=section(
        referral_threshold=thresholds, assessment_threshold=thresholds, screening_noise=st.floats(0, 2)
    ),
    assessment=section(
        need_threshold=thresholds,
        core_threshold=thresholds,
        s47_threshold=thresholds,
        conference_threshold=thresholds,
    ),
    protection=section(
        plan_closure_threshold=thresholds, care_threshold=thresholds, court_weeks=st.integers(1, 30)
    ),
    workforce=section(assessment_posts_per_10k=st.floats(150, 400), exit_per_year=st.floats(0, 0.3)),
    harm=section(onset_per_year=st.floats(0.02, 1), spell_median_weeks=st.floats(1, 200)),
    agencies=more_kinds,
)


def _build_scenario(tree: dict[str, Any], timeline: list[dict[str, Any]]) -> Scenario:
    return replace_sections(SMALL, **tree, timeline=sorted(timeline, key=lambda event: event["date"]))


@given(sections, st.lists(events, max_size=3), st.integers(0, 2**31))
@settings(derandomize=True, deadline=None, max_examples=12)
def test_any_authority_runs_to_its_end_with_consistent_tables(
    tree: dict[str, Any], timeline: list[dict[str, Any]], seed: int
) -> None:
    result = run(_build_scenario(tree, timeline), seed)
    weekly, spells = result.weekly, result.spells
    assert len(weekly) == 3 * 52
    assert (weekly["in_harm_unprotected"] <= weekly["in_harm"]).all()
    assert (weekly["referrals"] <= weekly["contacts"]).all()
    assert (
        weekly["messages_delivered"].cumsum() >= weekly["contacts"].cumsum() - weekly["contacts"].sum()
    ).all()
    verdicts = weekly[["missed_13w", "protected_13w", "self_resolved_13w", "censored_13w"]].sum().sum()
    assert verdicts == len(spells)
    assert (spells["stopped_at"].notna() == (spells["result_13w"] == "missed")).all()
    assert (spells["end_actual"] <= spells["end_untreated"]).all()
    assert weekly["trust_mean"].dropna().between(0, 1).all()
    for name, value in result.summary.items():
        # Gaps in missed risk are in percentage points; gaps in assessments are rates, which can be much larger.
        least = -np.inf if name.endswith("gap_assessed_neither") else -100
        for number in value.values() if isinstance(value, dict) else [value]:
            assert number is None or (np.isfinite(number) and number >= least)


def test_a_run_can_start_on_any_day() -> None:
    for day in (date(2005, 4, 1), date(2004, 2, 29), date(1999, 12, 31)):
        assert len(run(replace_sections(SMALL, clock={"start": day}), 1).weekly) == 3 * 52
