"""Links change trust on a date and delivery while in force, between the agencies at both ends and no others."""

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.examples import event
from tests.governance.lever_models import WEEK, apply_events, apply_example
from tests.model.authority import replace_sections, scenario

from cpsim.constants import FRONT_DOOR
from cpsim.scenario.problems import ScenarioError


def find_ties_between(one: set[str], other: set[str]) -> NDArray[np.bool_]:
    """Return whether each tie joins these kinds of node, in either direction, shape (ties,)."""
    model = apply_events()
    kind = np.array(model.nodes.kinds)
    source, target = kind[model.ties.source], kind[model.ties.target]
    ends = [[np.isin(side, list(kinds)) for kinds in (one, other)] for side in (source, target)]
    joined: NDArray[np.bool_] = (ends[0][0] & ends[1][1]) | (ends[0][1] & ends[1][0])
    return joined


def test_trust_is_cut_first_and_then_raised() -> None:
    before, after = apply_events().ties.trust, apply_example("links", tie_cut=0.5, trust_gain=0.3)
    selected = find_ties_between({"school", "gp"}, set(after.nodes.kinds))
    after_cut = before + 0.5 * (after.settings.network.trust_new - before)
    assert after.ties.trust[selected] == pytest.approx((after_cut + 0.3 * (1 - after_cut))[selected])
    assert (after.ties.trust[~selected] == before[~selected]).all()


@pytest.mark.parametrize(
    ("kinds", "partners"), [(["police"], ["front_door"]), (["front_door"], ["police"])], ids=str
)
def test_a_link_is_the_same_from_both_ends(kinds: list[str], partners: list[str]) -> None:
    model = apply_example("links", kinds=kinds, partners=partners, delivery=0.5)
    assert ((model.ties.delivery == 0.5) == find_ties_between({"police"}, {FRONT_DOOR})).all()


def test_links_between_partners_do_not_change_ties_to_the_front_door() -> None:
    model = apply_example("links", kinds=["school"], partners=["gp"], delivery=0.5)
    selected = find_ties_between({"school"}, {"gp"})
    assert selected.any()
    assert ((model.ties.delivery == 0.5) == selected).all()


def test_when_the_lever_ends_the_gain_in_trust_stays_and_the_change_in_delivery_ends() -> None:
    end = event("links")["date"].replace(year=2007)
    active, ended = (apply_example("links", to_week=WEEK + 80, **more) for more in ({}, {"until": end}))
    assert (active.ties.trust == ended.ties.trust).all()
    assert (active.ties.delivery != 1).any()
    assert (ended.ties.delivery == 1).all()


def test_trust_rises_with_the_gain_and_never_exceeds_one() -> None:
    trust = [apply_example("links", tie_cut=0, trust_gain=gain).ties.trust for gain in (0.0, 0.4, 1.0)]
    assert (trust[0] <= trust[1]).all()
    assert (trust[1] <= trust[2]).all()
    assert trust[2].max() <= 1


def test_two_changes_in_delivery_multiply() -> None:
    two = apply_events(event("links", delivery=0.5), event("links", delivery=0.8))
    selected = find_ties_between({"school", "gp"}, set(two.nodes.kinds))
    assert two.ties.delivery[selected] == pytest.approx(0.4)


def test_a_link_from_the_front_door_to_itself_is_refused() -> None:
    with pytest.raises(ScenarioError, match="front door"):
        replace_sections(scenario(), timeline=[event("links", kinds=["front_door"], partners=["front_door"])])
