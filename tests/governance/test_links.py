"""Links between agencies are built on a day, live on by themselves, and concern both ends and nobody else."""

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.governance.boards import WEEK, governed, under
from tests.governance.examples import event
from tests.model.authority import changed, scenario

from cpsim.constants import FRONT_DOOR
from cpsim.scenario.problems import ScenarioError


def between(one: set[str], other: set[str]) -> NDArray[np.bool_]:
    """Which ties join these kinds of node, in either direction; shape (E,)."""
    model = governed()
    kind = np.array(model.nodes.kinds)
    source, target = kind[model.ties.source], kind[model.ties.target]
    ends = [[np.isin(side, list(kinds)) for kinds in (one, other)] for side in (source, target)]
    joined: NDArray[np.bool_] = (ends[0][0] & ends[1][1]) | (ends[0][1] & ends[1][0])
    return joined


def test_people_part_first_and_others_meet_then() -> None:
    before, after = governed().ties.trust, under("links", tie_cut=0.5, trust_gain=0.3)
    meant = between({"school", "gp"}, set(after.nodes.kinds))
    left = before + 0.5 * (after.settings.network.trust_new - before)
    assert after.ties.trust[meant] == pytest.approx((left + 0.3 * (1 - left))[meant])
    assert (after.ties.trust[~meant] == before[~meant]).all()


@pytest.mark.parametrize(
    ("kinds", "partners"), [(["police"], ["front_door"]), (["front_door"], ["police"])], ids=str
)
def test_a_link_is_the_same_from_whichever_end_it_is_told(kinds: list[str], partners: list[str]) -> None:
    model = under("links", kinds=kinds, partners=partners, delivery=0.5)
    assert ((model.ties.delivery == 0.5) == between({"police"}, {FRONT_DOOR})).all()


def test_links_between_partners_leave_the_front_door_alone() -> None:
    model = under("links", kinds=["school"], partners=["gp"], delivery=0.5)
    meant = between({"school"}, {"gp"})
    assert meant.any()
    assert ((model.ties.delivery == 0.5) == meant).all()


def test_trust_won_stays_when_the_lever_ends_and_eased_messages_do_not() -> None:
    end = event("links")["date"].replace(year=2007)
    held, over = (under("links", to_week=WEEK + 80, **more) for more in ({}, {"until": end}))
    assert (held.ties.trust == over.ties.trust).all()
    assert (held.ties.delivery != 1).any()
    assert (over.ties.delivery == 1).all()


def test_the_more_links_are_built_the_more_trust_there_is_and_never_more_than_all() -> None:
    trust = [under("links", tie_cut=0, trust_gain=gain).ties.trust for gain in (0.0, 0.4, 1.0)]
    assert (trust[0] <= trust[1]).all()
    assert (trust[1] <= trust[2]).all()
    assert trust[2].max() <= 1


def test_what_two_levers_do_to_delivery_multiplies() -> None:
    two = governed(event("links", delivery=0.5), event("links", delivery=0.8))
    meant = between({"school", "gp"}, set(two.nodes.kinds))
    assert two.ties.delivery[meant] == pytest.approx(0.4)


def test_a_link_from_the_front_door_to_itself_is_refused() -> None:
    with pytest.raises(ScenarioError, match="front door"):
        changed(scenario(), timeline=[event("links", kinds=["front_door"], partners=["front_door"])])
