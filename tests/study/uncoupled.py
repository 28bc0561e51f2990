"""An authority in which no child's case touches another's, and in which every cause of a miss occurs.

What a stage made perfect must do can be said exactly here, child by child.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd
from tests.model.authority import model_of

from cpsim.agents.roster import release
from cpsim.arrays import Bools
from cpsim.model import ChildProtectionModel
from cpsim.scenario.read import load
from cpsim.study.perfect import make_perfect

UNCOUPLED = (
    # one spell a childhood: nobody meets the second one with what was learnt in the first
    "harm.reentry_gap_weeks=900",
    # brothers and sisters are not referred along
    "front_door.sibling_chance=0",
    # a worker for everybody at once, always the same one, and each as good as any other
    "workforce.assessment_posts_per_10k=400",
    "workforce.long_term_posts_per_10k=400",
    "workforce.caseload_limit=500",
    "workforce.exit_per_year=0",
    "workforce.vacancy_start=0",
    "workforce.learning_noise=0",
    # nobody hurries, raises a threshold, or closes a case because of the work of others
    "assessment.time_compression=0",
    "front_door.drift=0",
    "front_door.flood_effect=0",
    "protection.closure_pressure=0",
    "sharing.workload_effect=0",
    # no enquiry takes the place of a service that protects
    "front_door.escalation_margin=20",
    # trust, which the fate of one message moves for the next, decides nothing
    "sharing.trust_effect=0",
    "network.delivery_trust_power=0",
    "sharing.consult_chance=0",
)
"""What each setting takes away is said above it."""

EVERY_CAUSE = (
    "population.children=5000",
    "clock.warm_up_years=2",
    "clock.years=4",
    "harm.onset_per_year=0.25",
    # some are never met
    *(
        f"agencies.{kind}.contacts_per_week.{age}=0.02"
        for kind in ("school", "gp", "pct", "hospital", "police")
        for age in ("under_1", "age_1_to_3", "age_4_to_10", "age_11_to_17")
    ),
    *(f"agencies.{kind}.contact_rise_with_severity=0" for kind in ("gp", "pct", "hospital", "police")),
    # pieces of a jigsaw lie about in several places
    # pieces of a jigsaw lie in several places, and whatever lay together once still does at the deadline
    "sharing.signal_correlation=0",
    "sharing.evidence_fading_per_week=0",
    # messages are lost, and come late
    "network.delivery_base=0.8",
    "network.message_delay_weeks=2",
    # more is decided, and then closed within weeks
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
def _at_week_0(*settings: str) -> ChildProtectionModel:
    model = model_of(load("small", [*UNCOUPLED, *EVERY_CAUSE, *settings]), collect=False)
    while model.week < model.world.warm_up:
        model.step()
    return model


@cache
def _spells(perfect: frozenset[str], *settings: str) -> pd.DataFrame:
    model = _at_week_0(*settings).fork()
    make_perfect(model, perfect)
    while model.running:
        model.step()
    spells = model.spells()
    release(model)
    return spells.assign(missed=spells["result_13w"] == "missed")


def spells_with(perfect: Iterable[str] = (), *settings: str) -> pd.DataFrame:
    """The table of spells when these stages are perfect, with a column `missed`; nobody may change it."""
    return _spells(frozenset(perfect), *settings)


def of_last_moment(spells: pd.DataFrame) -> Bools:
    """Spells whose verdict falls in the very week in which the harm strikes or is over; then it is too late to act."""
    struck = spells["serious_week"] <= spells["onset"] + 13
    return (struck.fillna(value=False) | (spells["end_untreated"] == spells["onset"] + 13)).to_numpy(np.bool_)
