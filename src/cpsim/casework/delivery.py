"""Messages on their way to the front door (M7): some get lost, some come late."""

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.casework.log import Happening
from cpsim.casework.state import MESSAGE, Casework, Messages, joined, table_of
from cpsim.world.calendar import CHILDHOOD

Ints = NDArray[np.int64]

COMMUNITY = "community"
"""The kind of agency through which families ask for help."""


def send(case: Casework, messages: Messages) -> None:
    """Put this week's messages into the post; a lost one costs trust and stays unanswered."""
    if not len(messages):
        return
    network, ties = case.scenario.network, case.ties
    child, kind, site = messages["child"], messages["kind"], messages["site"]
    tie = ties.referral_tie[site]
    keys = case.keys.concern(child, kind)
    likely = ties.delivery_probability(tie, network.delivery_base, network.delivery_trust_power)
    delivery, delay = case.streams.delivery_and_delay.uniform(keys)
    arrives = delivery < likely
    ties.use(tie, arrives, case.week)
    lost = ~arrives
    ties.lose(tie[lost], network.trust_loss)
    case.files.unanswered[child[lost] * case.kinds + kind[lost]] += 1.0
    case.log.add(case.week, Happening.LOST, child[lost], site[lost])
    messages["due"] = case.week + _delay(case, delay)
    case.in_post = joined(case.in_post, messages[arrives])


def _delay(case: Casework, uniform: draws.Uniforms) -> Ints:
    """Whole weeks beyond the week of sending, geometric with the scenario's mean, shape (n,)."""
    mean = case.scenario.network.message_delay_weeks
    if mean == 0:
        return np.zeros(len(uniform), np.int64)
    weeks: Ints = np.floor(np.log(uniform) / np.log(mean / (1 + mean))).astype(np.int64)
    return weeks


def ask_for_help(case: Casework, need: Ints) -> None:
    """Families, or somebody for them, ask for a service when a need other than harm begins; `need` are rows of it."""
    needs = case.world.needs
    child = needs.child[need[needs.asks[need]]]
    if not len(child):
        return
    kind = list(case.scenario.agencies).index(COMMUNITY)
    requests = table_of(
        MESSAGE,
        child,
        kind=kind,
        site=case.files.site[child * case.kinds + kind],
        evidence=case.scenario.front_door.request_strength,
        request=True,
        due=case.week,
    )
    case.in_post = joined(case.in_post, requests)


def deliver(case: Casework) -> Messages:
    """What arrives at the front door this week, in the order in which it was sent; shape (n,)."""
    ready = case.in_post["due"] <= case.week
    arrived, case.in_post = case.in_post[ready], case.in_post[~ready]
    arrived = arrived[case.age_weeks(arrived["child"]) < CHILDHOOD]
    case.log.add(case.week, Happening.DELIVERED, arrived["child"], arrived["site"], arrived["evidence"])
    return arrived
