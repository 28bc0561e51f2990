"""Messages on their way to the front door (M7): some get lost, some come late."""

import numpy as np

from cpsim.arrays import Floats, Ints
from cpsim.casework.log import Occurrence
from cpsim.casework.recording import open_files
from cpsim.casework.state import MESSAGE, Casework, Messages, append_rows, build_rows
from cpsim.world.calendar import CHILDHOOD

COMMUNITY = "community"
"""The kind of agency through which families ask for help."""


def send_messages(state: Casework, messages: Messages) -> None:
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
    astray = arrives & (wrong_authority < _wrong_authority_probability(state)[site])
    arrives &= ~astray
    ties.record_use(tie, arrives, state.week)
    ties.lower_trust(tie[~arrives], network.trust_loss)
    state.files.unanswered[child[~arrives] * state.kinds + kind[~arrives]] += 1.0
    state.log.add(state.week, Occurrence.LOST, child[lost], site[lost])
    state.log.add(state.week, Occurrence.MISDIRECTED, child[astray], site[astray])
    messages["due"] = state.week + _draw_delay(state, delay)
    state.messages_in_transit = append_rows(state.messages_in_transit, messages[arrives])


def _wrong_authority_probability(state: Casework) -> Floats:
    """Chance that a message of each organisation goes to another authority than the child's, shape (S,) (M27).

    By itself this happens to organisations that serve several authorities only.
    """
    by_itself = state.scenario.network.wrong_authority * state.serves_several_authorities
    chance: Floats = by_itself + (1 - by_itself) * state.organisations["wrong_authority"]
    return chance


def _draw_delay(state: Casework, uniform: Floats) -> Ints:
    """Whole weeks beyond the week of sending, geometric with the scenario's mean, shape (n,)."""
    mean = state.scenario.network.message_delay_weeks
    if mean == 0:
        return np.zeros(len(uniform), np.int64)
    weeks: Ints = np.floor(np.log(uniform) / np.log(mean / (1 + mean))).astype(np.int64)
    return weeks


def request_help(state: Casework, need: Ints) -> None:
    """Families, or somebody for them, ask for a service when a need other than harm begins; `need` are rows of it."""
    needs = state.world.needs
    child = needs.child[need[needs.requests_help[need]]]
    if not len(child):
        return
    kind = list(state.scenario.agencies).index(COMMUNITY)
    requests = build_rows(
        MESSAGE,
        child,
        kind=kind,
        site=state.files.site[child * state.kinds + kind],
        evidence=state.scenario.front_door.request_strength,
        request=True,
        authority=state.authority[child],
        due=state.week,
    )
    state.messages_in_transit = append_rows(state.messages_in_transit, requests)


def deliver_messages(state: Casework) -> Messages:
    """What arrives at the front doors this week, in the order in which it was sent; shape (n,).

    What reaches an authority that the child has left meanwhile is not read there.
    """
    ready = state.messages_in_transit["due"] <= state.week
    arrived, state.messages_in_transit = state.messages_in_transit[ready], state.messages_in_transit[~ready]
    arrived = arrived[state.age_weeks(arrived["child"]) < CHILDHOOD]
    here = state.authority[arrived["child"]] == arrived["authority"]
    _record_misdirected(state, arrived[~here])
    read: Messages = arrived[here]
    state.log.add(state.week, Occurrence.DELIVERED, read["child"], read["site"], read["evidence"])
    return read


def _record_misdirected(state: Casework, messages: Messages) -> None:
    """These messages have come to an authority in which the child no longer lives; their senders wait in vain."""
    child, concern = messages["child"], ~messages["request"]
    file = child[concern] * state.kinds + messages["kind"][concern]
    open_files(state, file)
    np.add.at(state.files.unanswered, file, 1.0)
    state.log.add(state.week, Occurrence.MISDIRECTED, child, messages["site"])
