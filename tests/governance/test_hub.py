"""A hub helps those who are trusted less than it is, and slows down those who know each other well."""

import numpy as np
import pytest
from tests.governance.boards import WEEK, governed, under
from tests.governance.examples import event

from cpsim.model import ChildProtectionModel


def chances(model: ChildProtectionModel) -> np.ndarray:
    """Chance that a message over each tie arrives; shape (E,)."""
    network, ties = model.settings.network, np.arange(len(model.ties))
    return model.ties.delivery_probability(ties, network.delivery_base, network.delivery_trust_power)


def test_a_message_arrives_as_over_both_ways_together() -> None:
    model = under("hub", kinds=list(governed().kinds), strength=0.4, hub_trust=0.5)
    network = model.settings.network
    over_hub = network.delivery_base * 0.5**network.delivery_trust_power
    assert chances(model) == pytest.approx(0.6 * chances(governed()) + 0.4 * over_hub)


def test_over_a_hub_that_carries_everything_all_are_equal() -> None:
    served = chances(under("hub", kinds=list(governed().kinds), strength=1.0, hub_trust=0.6))
    assert served == pytest.approx(served[0])


def test_a_hub_lifts_weak_ties_and_weakens_strong_ones() -> None:
    usual, served = chances(governed()), chances(under("hub", strength=0.5, hub_trust=0.6))
    ties = governed().ties
    sends = served != usual
    assert (served[sends & (ties.trust < 0.6)] > usual[sends & (ties.trust < 0.6)]).all()
    assert (served[sends & (ties.trust > 0.6)] < usual[sends & (ties.trust > 0.6)]).all()


def test_a_hub_carries_the_messages_of_its_kinds_only() -> None:
    model = under("hub", kinds=["police"])
    sender = np.array(model.nodes.kinds)[model.ties.source]
    assert set(sender[model.ties.delivery != 1]) == {"police"}


def test_what_a_hub_is_worth_follows_the_trust_that_there_would_be_without_it() -> None:
    model = under("hub", strength=1.0, hub_trust=0.5)
    served = model.ties.delivery != 1
    before = chances(model)[served]
    model.ties.trust[:] = 0.9
    model.timeline.apply_levers(WEEK + 1)
    assert chances(model)[served] == pytest.approx(before)


def test_whoever_trusts_nobody_sends_nothing_by_whatever_way() -> None:
    model = governed(event("hub", strength=0.5), to_week=WEEK - 1)
    model.ties.trust[:] = 0
    model.timeline.apply_levers(WEEK)
    assert np.isfinite(model.ties.delivery).all()
    assert (chances(model) == 0).all()
