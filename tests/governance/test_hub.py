"""A hub improves delivery over ties with less trust than the hub, and worsens it over ties with more."""

import numpy as np
import pytest
from tests.governance.examples import event
from tests.governance.lever_models import WEEK, apply_events, apply_example

from cpsim.model import ChildProtectionModel


def delivery_probability(model: ChildProtectionModel) -> np.ndarray:
    """Probability that a message over each tie is delivered, shape (ties,)."""
    network, ties = model.settings.network, np.arange(len(model.ties))
    return model.ties.delivery_probability(ties, network.delivery_base, network.delivery_trust_power)


def test_delivery_is_the_average_over_the_hub_and_the_own_tie() -> None:
    model = apply_example("hub", kinds=list(apply_events().kinds), strength=0.4, hub_trust=0.5)
    network = model.settings.network
    over_hub = network.delivery_base * 0.5**network.delivery_trust_power
    assert delivery_probability(model) == pytest.approx(
        0.6 * delivery_probability(apply_events()) + 0.4 * over_hub
    )


def test_delivery_is_equal_for_all_if_the_hub_carries_every_message() -> None:
    with_hub = delivery_probability(
        apply_example("hub", kinds=list(apply_events().kinds), strength=1.0, hub_trust=0.6)
    )
    assert with_hub == pytest.approx(with_hub[0])


def test_a_hub_improves_weak_ties_and_worsens_strong_ones() -> None:
    usual, with_hub = (
        delivery_probability(apply_events()),
        delivery_probability(apply_example("hub", strength=0.5, hub_trust=0.6)),
    )
    ties = apply_events().ties
    sends = with_hub != usual
    assert (with_hub[sends & (ties.trust < 0.6)] > usual[sends & (ties.trust < 0.6)]).all()
    assert (with_hub[sends & (ties.trust > 0.6)] < usual[sends & (ties.trust > 0.6)]).all()


def test_a_hub_carries_only_the_messages_of_the_kinds_named() -> None:
    model = apply_example("hub", kinds=["police"])
    sender = np.array(model.nodes.kinds)[model.ties.source]
    assert set(sender[model.ties.delivery != 1]) == {"police"}


def test_delivery_through_a_full_hub_does_not_depend_on_trust_in_the_own_tie() -> None:
    model = apply_example("hub", strength=1.0, hub_trust=0.5)
    with_hub = model.ties.delivery != 1
    before = delivery_probability(model)[with_hub]
    model.ties.trust[:] = 0.9
    model.timeline.apply_levers(WEEK + 1)
    assert delivery_probability(model)[with_hub] == pytest.approx(before)


def test_an_organisation_without_trust_sends_nothing_by_any_route() -> None:
    model = apply_events(event("hub", strength=0.5), to_week=WEEK - 1)
    model.ties.trust[:] = 0
    model.timeline.apply_levers(WEEK)
    assert np.isfinite(model.ties.delivery).all()
    assert (delivery_probability(model) == 0).all()
