"""Messages on their way to the front door (M7): some get lost, some come late."""

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.casework.log import Happening
from cpsim.casework.state import NO_MESSAGES, Casework, Messages
from cpsim.world.calendar import CHILDHOOD

Ints = NDArray[np.int64]

COMMUNITY = "community"
"""The kind of agency through which families ask for help."""


def send(case: Casework, messages: Messages) -> None:
    """Put this week's messages into the post; a lost one costs trust and stays unanswered."""
    if not len(messages.child):
        return
    network, ties = case.scenario.network, case.ties
    tie = ties.referral_tie[messages.site]
    keys = case.keys.concern(messages.child, messages.kind)
    likely = ties.delivery_probability(tie, network.delivery_base, network.delivery_trust_power)
    arrives = case.streams.delivery.uniform(keys) < likely
    ties.use(tie, arrives, case.week)
    lost = np.flatnonzero(~arrives)
    ties.lose(tie[lost], network.trust_loss)
    case.files.unanswered[messages.child[lost] * case.kinds + messages.kind[lost]] += 1.0
    case.log.add(case.week, Happening.LOST, messages.child[lost], messages.site[lost])
    due = case.week + _delay(case, keys)
    case.in_post = case.in_post.with_more(messages._replace(due=due).take(arrives))


def _delay(case: Casework, keys: draws.Keys) -> Ints:
    """Whole weeks beyond the week of sending, geometric with the scenario's mean, shape (n,)."""
    mean = case.scenario.network.message_delay_weeks
    if mean == 0:
        return np.zeros(len(keys), np.int64)
    weeks: Ints = np.floor(np.log(case.streams.delay.uniform(keys)) / np.log(mean / (1 + mean))).astype(np.int64)
    return weeks


def ask_for_help(case: Casework, need: Ints) -> None:
    """Families, or somebody for them, ask for a service when a need other than harm begins; `need` are rows of it."""
    needs = case.world.needs
    child = needs.child[need[needs.asks[need]]].astype(np.int64)
    if not len(child):
        return
    kind = list(case.scenario.agencies).index(COMMUNITY)
    requests = Messages(
        child,
        np.full(len(child), kind),
        case.files.site[child * case.kinds + kind].astype(np.int64),
        np.full(len(child), case.scenario.front_door.request_strength),
        np.ones(len(child), np.bool_),
        np.full(len(child), case.week),
    )
    case.in_post = case.in_post.with_more(requests)


def deliver(case: Casework) -> Messages:
    """What arrives at the front door this week, in the order in which it was sent; shapes (n,)."""
    ready = case.in_post.due <= case.week
    if not ready.any():
        return NO_MESSAGES
    arrived = case.in_post.take(ready)
    case.in_post = case.in_post.take(~ready)
    arrived = arrived.take(case.age_weeks(arrived.child) < CHILDHOOD)
    case.log.add(case.week, Happening.DELIVERED, arrived.child, arrived.site, arrived.evidence)
    return arrived
