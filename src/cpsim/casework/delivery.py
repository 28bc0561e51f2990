"""Messages on their way to the front door (M7): some get lost, some come late."""

import numpy as np

from cpsim.arrays import Floats, Ints
from cpsim.casework.log import Occurrence
from cpsim.casework.recording import open_files
from cpsim.casework.state import MESSAGE, Casework, Messages, joined, table_of
from cpsim.world.calendar import CHILDHOOD

COMMUNITY = "community"
"""The kind of agency through which families ask for help."""


def send(state: Casework, messages: Messages) -> None:
    """Put this week's messages into the post; one that is lost or goes astray costs trust and stays unanswered."""
    if not len(messages):
        return
    network, ties = state.scenario.network, state.ties
    child, kind, site = messages["child"], messages["kind"], messages["site"]
    tie = ties.referral_tie[site, messages["authority"]]
    keys = state.keys.concern(child, kind)
    likely = ties.delivery_probability(tie, network.delivery_base, network.delivery_trust_power)
    delivery, delay, wrong_authority = state.streams.delivery_delay_and_wrong_door.uniform(keys)
    arrives = delivery < likely
    lost = ~arrives
    astray = arrives & (wrong_authority < _wrong_door(state)[site])
    arrives &= ~astray
    ties.use(tie, arrives, state.week)
    ties.lose(tie[~arrives], network.trust_loss)
    state.files.unanswered[child[~arrives] * state.kinds + kind[~arrives]] += 1.0
    state.log.add(state.week, Occurrence.LOST, child[lost], site[lost])
    state.log.add(state.week, Occurrence.MISDIRECTED, child[astray], site[astray])
    messages["due"] = state.week + _delay(state, delay)
    state.in_post = joined(state.in_post, messages[arrives])


def _wrong_door(state: Casework) -> Floats:
    """Chance that a message of each organisation goes to another authority than the child's, shape (S,) (M27).

    By itself this happens to organisations that serve several authorities only.
    """
    by_itself = state.scenario.network.wrong_authority * state.between
    chance: Floats = by_itself + (1 - by_itself) * state.organisations["wrong_authority"]
    return chance


def _delay(state: Casework, uniform: Floats) -> Ints:
    """Whole weeks beyond the week of sending, geometric with the scenario's mean, shape (n,)."""
    mean = state.scenario.network.message_delay_weeks
    if mean == 0:
        return np.zeros(len(uniform), np.int64)
    weeks: Ints = np.floor(np.log(uniform) / np.log(mean / (1 + mean))).astype(np.int64)
    return weeks


def ask_for_help(state: Casework, need: Ints) -> None:
    """Families, or somebody for them, ask for a service when a need other than harm begins; `need` are rows of it."""
    needs = state.world.needs
    child = needs.child[need[needs.asks[need]]]
    if not len(child):
        return
    kind = list(state.scenario.agencies).index(COMMUNITY)
    requests = table_of(
        MESSAGE,
        child,
        kind=kind,
        site=state.files.site[child * state.kinds + kind],
        evidence=state.scenario.front_door.request_strength,
        request=True,
        authority=state.authority[child],
        due=state.week,
    )
    state.in_post = joined(state.in_post, requests)


def deliver(state: Casework) -> Messages:
    """What arrives at the front doors this week, in the order in which it was sent; shape (n,).

    What reaches an authority that the child has left meanwhile is not read there.
    """
    ready = state.in_post["due"] <= state.week
    arrived, state.in_post = state.in_post[ready], state.in_post[~ready]
    arrived = arrived[state.age_weeks(arrived["child"]) < CHILDHOOD]
    here = state.authority[arrived["child"]] == arrived["authority"]
    _go_astray(state, arrived[~here])
    read: Messages = arrived[here]
    state.log.add(state.week, Occurrence.DELIVERED, read["child"], read["site"], read["evidence"])
    return read


def _go_astray(state: Casework, messages: Messages) -> None:
    """These messages have come to an authority in which the child no longer lives; their senders wait in vain."""
    child, concern = messages["child"], ~messages["request"]
    file = child[concern] * state.kinds + messages["kind"][concern]
    open_files(state, file)
    np.add.at(state.files.unanswered, file, 1.0)
    state.log.add(state.week, Occurrence.MISDIRECTED, child, messages["site"])
