"""Messages on their way to the front door (M7): some get lost, some come late."""

import numpy as np

from cpsim.arrays import Floats, Ints
from cpsim.casework.log import Happening
from cpsim.casework.recording import open_files
from cpsim.casework.state import MESSAGE, Casework, Messages, joined, table_of
from cpsim.world.calendar import CHILDHOOD

COMMUNITY = "community"
"""The kind of agency through which families ask for help."""


def send(case: Casework, messages: Messages) -> None:
    """Put this week's messages into the post; one that is lost or goes astray costs trust and stays unanswered."""
    if not len(messages):
        return
    network, ties = case.scenario.network, case.ties
    child, kind, site = messages["child"], messages["kind"], messages["site"]
    tie = ties.referral_tie[site, messages["authority"]]
    keys = case.keys.concern(child, kind)
    likely = ties.delivery_probability(tie, network.delivery_base, network.delivery_trust_power)
    delivery, delay, wrong_authority = case.streams.delivery_delay_and_wrong_door.uniform(keys)
    arrives = delivery < likely
    lost = ~arrives
    astray = arrives & (wrong_authority < _wrong_door(case)[site])
    arrives &= ~astray
    ties.use(tie, arrives, case.week)
    ties.lose(tie[~arrives], network.trust_loss)
    case.files.unanswered[child[~arrives] * case.kinds + kind[~arrives]] += 1.0
    case.log.add(case.week, Happening.LOST, child[lost], site[lost])
    case.log.add(case.week, Happening.MISDIRECTED, child[astray], site[astray])
    messages["due"] = case.week + _delay(case, delay)
    case.in_post = joined(case.in_post, messages[arrives])


def _wrong_door(case: Casework) -> Floats:
    """Chance that a message of each organisation goes to another authority than the child's, shape (S,) (M27).

    By itself this happens to organisations that serve several authorities only.
    """
    by_itself = case.scenario.network.wrong_authority * case.between
    chance: Floats = by_itself + (1 - by_itself) * case.organisations["wrong_authority"]
    return chance


def _delay(case: Casework, uniform: Floats) -> Ints:
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
        authority=case.authority[child],
        due=case.week,
    )
    case.in_post = joined(case.in_post, requests)


def deliver(case: Casework) -> Messages:
    """What arrives at the front doors this week, in the order in which it was sent; shape (n,).

    What reaches an authority that the child has left meanwhile is not read there.
    """
    ready = case.in_post["due"] <= case.week
    arrived, case.in_post = case.in_post[ready], case.in_post[~ready]
    arrived = arrived[case.age_weeks(arrived["child"]) < CHILDHOOD]
    here = case.authority[arrived["child"]] == arrived["authority"]
    _go_astray(case, arrived[~here])
    read: Messages = arrived[here]
    case.log.add(case.week, Happening.DELIVERED, read["child"], read["site"], read["evidence"])
    return read


def _go_astray(case: Casework, messages: Messages) -> None:
    """These messages have come to an authority in which the child no longer lives; their senders wait in vain."""
    child, concern = messages["child"], ~messages["request"]
    file = child[concern] * case.kinds + messages["kind"][concern]
    open_files(case, file)
    np.add.at(case.files.unanswered, file, 1.0)
    case.log.add(case.week, Happening.MISDIRECTED, child, messages["site"])
