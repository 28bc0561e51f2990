"""Messages on their way to the front door (M7): some get lost, some come late."""

import numpy as np

from cpsim import draws
from cpsim.casework.log import Happening
from cpsim.casework.state import KIND_ROOM, Casework, Messages


def send(case: Casework, messages: Messages) -> None:
    """Put this week's messages into the post; a lost one costs trust and stays unanswered."""
    if not len(messages.child):
        return
    network, ties = case.scenario.network, case.ties
    tie = ties.referral_tie[messages.site]
    key = draws.keys(messages.child * KIND_ROOM + messages.kind, case.week)
    likely = ties.delivery_probability(tie, network.delivery_base, network.delivery_trust_power)
    arrives = case.streams.delivery.uniform(key) < likely
    ties.use(tie, arrives, case.week)
    delay = _delay(case, key)
    lost = np.flatnonzero(~arrives)
    if len(lost):
        ties.lose(tie[lost], network.trust_loss)
        case.files.unanswered[messages.child[lost] * case.kinds + messages.kind[lost]] += 1.0
        case.log.add(case.week, Happening.LOST, messages.child[lost], messages.site[lost])
    for wait in np.unique(delay[arrives]).tolist():
        rows = np.flatnonzero(arrives & (delay == wait))
        case.post[case.week + wait].append(Messages(*(column[rows] for column in messages)))


def _delay(case: Casework, key: draws.Keys) -> draws.Whole:
    """Whole weeks beyond the week of sending, geometric with the scenario's mean, shape (n,)."""
    mean = case.scenario.network.message_delay_weeks
    if mean == 0:
        return np.zeros(len(key), np.int64)
    return np.floor(np.log(case.streams.delay.uniform(key)) / np.log(mean / (1 + mean))).astype(np.int64)


def ask_for_help(case: Casework, need: draws.Whole) -> None:
    """Families, or somebody for them, ask for a service when a need other than harm begins; `need` are rows of it."""
    needs = case.world.needs
    child = needs.child[need[needs.asks[need]]].astype(np.int64)
    if not len(child):
        return
    community = list(case.scenario.agencies).index("community")
    case.post[case.week].append(
        Messages(
            child,
            np.full(len(child), community),
            case.files.site[child * case.kinds + community].astype(np.int64),
            np.full(len(child), case.scenario.front_door.request_strength),
            np.ones(len(child), np.bool_),
        )
    )


def deliver(case: Casework) -> Messages:
    """What arrives at the front door this week, in the order in which it was sent; shapes (n,)."""
    parts = case.post.pop(case.week, None)
    if parts is None:
        return Messages(*(np.empty(0, np.int64),) * 3, np.empty(0), np.empty(0, np.bool_))
    arrived = Messages(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    still_children = np.flatnonzero(case.age_weeks(arrived.child) < 936)
    arrived = Messages(*(column[still_children] for column in arrived))
    case.log.add(case.week, Happening.DELIVERED, arrived.child, arrived.site, arrived.evidence)
    return arrived
