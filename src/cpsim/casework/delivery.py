"""Delivery of messages to the front door (M7): some are lost, some are late, some reach the wrong authority."""

import numpy as np

from cpsim.agents.tables import OrganisationColumns
from cpsim.arrays import Floats, Ints
from cpsim.casework.log import Occurrence
from cpsim.casework.recording import open_files
from cpsim.casework.state import MESSAGE, AgencyFiles, Casework, Messages, append_rows, build_rows
from cpsim.network.ties import Ties
from cpsim.stages.declarations import stage
from cpsim.world.calendar import CHILDHOOD

COMMUNITY = "community"
"""The kind of agency through which families request help."""


@stage(
    reads=(
        Casework.serves_several_authorities,
        OrganisationColumns.wrong_authority,
        Ties.delivery,
    ),
    writes=(
        Casework.messages_in_transit,
        AgencyFiles.unanswered,
        Ties.delivered,
        Ties.last_use,
        Ties.trust,
        Ties.uses,
    ),
)
def send_messages(state: Casework, messages: Messages) -> None:
    """Send this week's messages (M7): draw which are lost, which go to the wrong authority, and when others arrive.

    A message that is lost or misdirected lowers trust and counts as an unanswered concern.
    """
    if not len(messages):
        return
    network, ties = state.scenario.network, state.ties
    child, kind, site = messages["child"], messages["kind"], messages["site"]
    tie = ties.referral_tie[site, messages["authority"]]
    keys = state.keys.concern(child, kind)
    probability = ties.delivery_probability(tie, network.delivery_base, network.delivery_trust_power)
    delivery, delay, wrong_authority = state.streams.delivery_delay_and_wrong_door.uniform(*keys)
    delivered = delivery < probability
    lost = ~delivered
    astray = delivered & (wrong_authority < _wrong_authority_probability(state)[site])
    delivered &= ~astray
    ties.record_use(tie, delivered, state.week)
    ties.lower_trust(tie[~delivered], network.trust_loss)
    state.files.unanswered[child[~delivered] * state.kinds + kind[~delivered]] += 1.0
    state.log.add(state.week, Occurrence.LOST, child[lost], site[lost])
    state.log.add(state.week, Occurrence.MISDIRECTED, child[astray], site[astray])
    messages["due"] = state.week + _draw_delay(state, delay)
    state.messages_in_transit = append_rows(state.messages_in_transit, messages[delivered])


def _wrong_authority_probability(state: Casework) -> Floats:
    """Probability that a message of each organisation goes to an authority other than the child's, shape (S,) (M27).

    The basic probability applies only to organisations that serve several authorities; levers can add to it for any.
    """
    basic = state.scenario.network.wrong_authority * state.serves_several_authorities
    probability: Floats = basic + (1 - basic) * state.organisations["wrong_authority"]
    return probability


def _draw_delay(state: Casework, uniform: Floats) -> Ints:
    """Draw each message's delay in whole weeks, geometric with the scenario's mean, shape (n,)."""
    mean = state.scenario.network.message_delay_weeks
    if mean == 0:
        return np.zeros(len(uniform), np.int64)
    weeks: Ints = np.floor(np.log(uniform) / np.log(mean / (1 + mean))).astype(np.int64)
    return weeks


@stage(
    reads=(
        Casework.authority,
        AgencyFiles.site,
    ),
    writes=(Casework.messages_in_transit,),
)
def request_help(state: Casework, need: Ints) -> None:
    """Send a request for a service for each need other than harm that starts and is to be reported.

    Args:
        state: the state of casework.
        need: rows of the needs that start this week.
    """
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


@stage(
    reads=(Casework.authority,),
    writes=(
        Casework.messages_in_transit,
        AgencyFiles.evidence,
        AgencyFiles.touched,
        AgencyFiles.unanswered,
    ),
)
def deliver_messages(state: Casework) -> Messages:
    """Deliver the messages that arrive at the front doors this week (M7), in the order of sending; shape (n,).

    Messages about people who have turned 18 are dropped. Messages that reach an authority which the child has left are
    misdirected and are not read there; their concerns stay unanswered.
    """
    arrived = state.take_from_transit(state.messages_in_transit["due"] <= state.week)
    arrived = arrived[state.age_weeks(arrived["child"]) < CHILDHOOD]
    here = state.authority[arrived["child"]] == arrived["authority"]
    astray = arrived[~here]
    concern = ~astray["request"]
    file = astray["child"][concern] * state.kinds + astray["kind"][concern]
    open_files(state, file)
    np.add.at(state.files.unanswered, file, 1.0)
    state.log.add(state.week, Occurrence.MISDIRECTED, astray["child"], astray["site"])
    read: Messages = arrived[here]
    state.log.add(state.week, Occurrence.DELIVERED, read["child"], read["site"], read["evidence"])
    return read
