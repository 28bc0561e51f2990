"""An authority in which cases do not affect each other, and in which chains of concern stop at every stage.

Here the effect of a perfect stage is known exactly, child by child.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd
from tests.model.authority import build_model

from cpsim.agents.roster import release_model
from cpsim.arrays import Bools
from cpsim.attribution.perfect_stages import make_stages_perfect
from cpsim.model import ChildProtectionModel
from cpsim.scenario.read import load

UNCOUPLED = (
    # one spell per childhood, so no evidence remains from an earlier spell
    "harm.reentry_gap_weeks=900",
    # siblings are not referred together
    "front_door.sibling_chance=0",
    # a social worker for every child at once, always the same one, all equally experienced
    "workforce.assessment_posts_per_10k=400",
    "workforce.long_term_posts_per_10k=400",
    "workforce.caseload_limit=500",
    "workforce.exit_per_year=0",
    "workforce.vacancy_start=0",
    "workforce.learning_noise=0",
    # workload from other cases does not hurry work, raise thresholds or close cases
    "assessment.time_compression=0",
    "front_door.drift=0",
    "front_door.flood_effect=0",
    "protection.closure_pressure=0",
    "sharing.workload_effect=0",
    # no enquiry replaces a service that protects
    "front_door.escalation_margin=20",
    # trust, which each message changes for the next one, has no effect
    "sharing.trust_effect=0",
    "network.delivery_trust_power=0",
    "sharing.consult_chance=0",
)
"""Overrides that uncouple the cases; the comment above each says what it removes."""

EVERY_CAUSE = (
    "population.children=5000",
    "clock.warm_up_years=2",
    "clock.years=4",
    "harm.onset_per_year=0.25",
    # some children are never met
    *(
        f"agencies.{kind}.contacts_per_week.{age}=0.02"
        for kind in ("school", "gp", "pct", "hospital", "police")
        for age in ("under_1", "age_1_to_3", "age_4_to_10", "age_11_to_17")
    ),
    *(f"agencies.{kind}.contact_rise_with_severity=0" for kind in ("gp", "pct", "hospital", "police")),
    # evidence is spread over several files and does not fade before the deadline
    "sharing.signal_correlation=0",
    "sharing.evidence_fading_per_week=0",
    # messages are lost or delayed
    "network.delivery_base=0.8",
    "network.message_delay_weeks=2",
    # more cases are accepted, and then closed within weeks
    "front_door.referral_threshold=1.5",
    "front_door.assessment_threshold=1.5",
    "assessment.need_threshold=0",
    "assessment.conference_threshold=0.5",
    "protection.first_review_weeks=2",
    "protection.review_every_weeks=2",
    "protection.first_review_closure_chance=1",
    "protection.plan_closure_threshold=3",
    "protection.in_need_review_weeks=2",
    "protection.in_need_closure_threshold=3",
)


@cache
def _simulate_history(*settings: str) -> ChildProtectionModel:
    model = build_model(load("small", [*UNCOUPLED, *EVERY_CAUSE, *settings]), collect=False)
    while model.week < model.world.warm_up:
        model.step()
    return model


@cache
def _simulate_spells(perfect: frozenset[str], *settings: str) -> pd.DataFrame:
    model = _simulate_history(*settings).fork()
    make_stages_perfect(model, perfect)
    while model.running:
        model.step()
    spells = model.spells()
    release_model(model)
    return spells.assign(missed=spells["result_13w"] == "missed")


def simulate_spells(perfect: Iterable[str] = (), *settings: str) -> pd.DataFrame:
    """Return the table of spells with these stages perfect and a column `missed`; it must not be changed."""
    return _simulate_spells(frozenset(perfect), *settings)


def is_at_last_moment(spells: pd.DataFrame) -> Bools:
    """Return which spells have their deadline in the week of a serious event or of their end, too late to act."""
    event_by_deadline = spells["serious_week"] <= spells["onset"] + 13
    return (
        event_by_deadline.fillna(value=False) | (spells["end_untreated"] == spells["onset"] + 13)
    ).to_numpy(np.bool_)
