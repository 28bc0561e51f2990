"""Trust between professionals: won slowly, lost quickly, carried by people, and forgotten without use."""

import copy
import pickle
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpsim.constants import NEVER
from cpsim.network.nodes import Nodes
from cpsim.network.ties import Ties

GAIN, LOSS, NEW = 0.05, 0.15, 0.2


def every(ties: Ties) -> np.ndarray:
    return np.arange(len(ties))


def test_everybody_refers_over_one_tie_to_the_front_door(ties: Ties) -> None:
    assert ties.target[ties.referral_tie].tolist() == [[5]] * 5
    assert ties.source[ties.referral_tie].tolist() == [[0], [1], [2], [3], [4]]
    assert ties.into(5).tolist() == ties.referral_tie[:, 0].tolist()


def test_who_serves_two_authorities_refers_over_one_tie_to_each() -> None:
    ties = Ties([0, 0, 1], [2, 3, 3], 0.5, organisations=2, front_doors=2)
    assert ties.referral_tie.tolist() == [[0, 1], [-1, 2]]


def test_a_partner_is_found_and_a_stranger_is_not(ties: Ties) -> None:
    found = ties.find([0, 2, 0, 3, 4, -1, 0], [2, 0, 3, 2, 5, 2, 99])
    assert (found >= 0).tolist() == [True, True, False, False, True, False, False]
    assert ties.source[found[[0, 1, 4]]].tolist() == [0, 2, 4]
    assert ties.target[found[[0, 1, 4]]].tolist() == [2, 0, 5]
    assert ties.find(0, 2).shape == ()


def test_an_authority_without_ties_finds_nobody() -> None:
    nobody = Ties([], [], 0.5, organisations=3)
    assert nobody.find([0, 1], [1, 3]).tolist() == [-1, -1]
    assert np.isnan(nobody.mean_trust())
    assert nobody.referral_tie.tolist() == [[-1], [-1], [-1]]
    nobody.fade(0, 0.1, NEW)


def test_each_tie_keeps_the_trust_it_was_given(ties: Ties) -> None:
    given_trust = dict(
        zip(
            zip([1, 0, 2, 3, 4, 0, 2, 1, 4], [5, 5, 5, 5, 5, 2, 0, 4, 1], strict=True),
            np.linspace(0.2, 0.9, 9),
            strict=True,
        )
    )
    for source, target, trust in zip(ties.source, ties.target, ties.trust, strict=True):
        assert trust == given_trust[int(source), int(target)]


def test_ten_failures_cost_more_than_ten_successes_win() -> None:
    ties = Ties([0, 1], [2, 2], 0.5, organisations=2)
    ties.gain(np.repeat(0, 10), GAIN)
    ties.lose(np.repeat(1, 10), LOSS)
    assert ties.trust[0] == pytest.approx(1 - 0.5 * 0.95**10)
    assert ties.trust[1] == pytest.approx(0.5 * 0.85**10)
    assert 0.5 - ties.trust[1] > ties.trust[0] - 0.5


def test_a_success_does_not_quite_repair_a_failure() -> None:
    ties = Ties([0], [1], 0.6, organisations=1)
    ties.gain(np.array([0]), GAIN)
    ties.lose(np.array([0]), LOSS)
    assert ties.trust[0] < 0.6


@given(st.lists(st.integers(0, 8), max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_messages_within_a_week_does_not_matter(events: list[int], shuffler: Random) -> None:
    source, target = [0, 1, 2, 3, 4, 0, 2, 1, 4], [5, 5, 5, 5, 5, 2, 0, 4, 1]
    one, other, by_hand = (Ties(source, target, np.linspace(0.1, 0.9, 9), 5) for _ in range(3))
    shuffled = events.copy()
    shuffler.shuffle(shuffled)
    one.gain(np.array(events, np.int64), GAIN)
    other.gain(np.array(shuffled, np.int64), GAIN)
    for event in events:
        by_hand.trust[event] += GAIN * (1 - by_hand.trust[event])
    np.testing.assert_array_equal(one.trust, other.trust)
    np.testing.assert_allclose(one.trust, by_hand.trust, rtol=1e-12)


@given(st.floats(0, 1), st.integers(0, 200), st.integers(0, 200), st.floats(0, 1), st.floats(0, 1))
def test_trust_stays_between_none_and_full(
    trust: float, successes: int, failures: int, gain: float, loss: float
) -> None:
    ties = Ties([0], [1], trust, organisations=1)
    ties.gain(np.zeros(successes, np.int64), gain)
    ties.lose(np.zeros(failures, np.int64), loss)
    assert 0 <= ties.trust[0] <= 1


def test_nothing_happens_to_trust_in_a_week_without_messages(ties: Ties) -> None:
    before = ties.trust.copy()
    none = np.empty(0, np.int64)
    ties.gain(none, GAIN)
    ties.lose(none, LOSS)
    ties.turnover(none, 0.5, NEW)
    ties.use(none, np.empty(0, bool), 3)
    np.testing.assert_array_equal(ties.trust, before)
    assert (ties.last_use == NEVER).all()


def test_a_tie_that_nobody_uses_fades_to_that_of_strangers_and_a_used_one_does_not(ties: Ties) -> None:
    used = ties.referral_tie[0]
    start = ties.trust.copy()
    for week in range(104):
        ties.use(np.array([used]), np.array([True]), week)
        ties.fade(week, 0.0067, NEW)
    assert ties.trust[used] == start[used]
    others = every(ties) != used
    np.testing.assert_allclose(ties.trust[others], NEW + (start[others] - NEW) * (1 - 0.0067) ** 104)


def test_half_of_an_idle_tie_is_forgotten_in_two_years() -> None:
    ties = Ties([0], [1], 1.0, organisations=1)
    for week in range(104):
        ties.fade(week, 0.0067, 0.0)
    assert ties.trust[0] == pytest.approx(0.5, abs=0.01)


def test_fading_of_size_zero_changes_nothing(ties: Ties) -> None:
    before = ties.trust.copy()
    ties.fade(0, 0.0, NEW)
    np.testing.assert_array_equal(ties.trust, before)


def test_a_workers_leaving_costs_the_front_door_trust(ties: Ties) -> None:
    before = ties.trust.copy()
    door = ties.into(5)
    trusted = door[before[door] > NEW]
    ties.turnover(door, 0.1, NEW)
    assert (ties.trust[trusted] < before[trusted]).all()
    lateral = np.setdiff1d(every(ties), door)
    np.testing.assert_array_equal(ties.trust[lateral], before[lateral])


def test_two_who_leave_in_one_week_take_as_much_as_one_after_the_other(ties: Ties) -> None:
    together, apart = ties.copy(), ties.copy()
    door = ties.into(5)
    together.turnover(np.concatenate([door, door]), 0.1, NEW)
    apart.turnover(door, 0.1, NEW)
    apart.turnover(door, 0.1, NEW)
    np.testing.assert_allclose(together.trust, apart.trust, rtol=1e-14)


def test_a_broken_tie_starts_again_with_the_trust_of_strangers(ties: Ties) -> None:
    ties.cut(ties.out_of(0), NEW)
    assert ties.trust[ties.source == 0].tolist() == [NEW, NEW]


def test_every_message_is_counted_once_and_arrives_at_most_once(ties: Ties) -> None:
    sent = np.array([0, 0, 0, 3, 8])
    arrived = np.array([True, False, True, True, False])
    ties.use(sent, arrived, 12)
    assert ties.uses.sum() == 5
    assert ties.delivered.sum() == 3
    assert ties.uses.tolist() == [3, 0, 0, 1, 0, 0, 0, 0, 1]
    assert ties.delivered.tolist() == [2, 0, 0, 1, 0, 0, 0, 0, 0]
    assert np.flatnonzero(ties.last_use == 12).tolist() == [0, 3, 8]


def test_messages_arrive_more_often_where_people_trust_each_other() -> None:
    ties = Ties([0, 1, 2], [3, 3, 3], [0.0, 0.25, 1.0], organisations=3)
    assert ties.delivery_probability(every(ties), 0.95, 0.5).tolist() == pytest.approx([0, 0.475, 0.95])
    assert ties.delivery_probability(every(ties), 0.95, 0.0).tolist() == [0.95] * 3
    ties.delivery[:] = 2.0
    assert ties.delivery_probability(every(ties), 0.95, 0.5).max() == 1.0


def test_mean_trust_counts_a_tie_by_its_use(ties: Ties) -> None:
    assert ties.mean_trust() == pytest.approx(ties.trust.mean())
    ties.use(np.array([2, 2, 2, 5]), np.ones(4, bool), 0)
    assert ties.mean_trust() == pytest.approx((3 * ties.trust[2] + ties.trust[5]) / 4)


@pytest.mark.parametrize("again", [Ties.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])  # noqa: S301
def test_a_forked_network_goes_its_own_way(ties: Ties, again: Callable[[Any], Any]) -> None:
    twin = again(ties)
    before = ties.trust.copy()
    twin.fade(0, 0.1, NEW)
    twin.use(np.array([1]), np.array([True]), 4)
    twin.table["delivery"] = 0.5
    np.testing.assert_array_equal(ties.trust, before)
    assert ties.uses.sum() == 0
    assert ties.delivery.tolist() == [1.0] * 9
    assert twin.delivery.tolist() == [0.5] * 9
    ties.fade(0, 0.1, NEW)
    np.testing.assert_array_equal(ties.trust, twin.trust)


def test_levers_and_casework_see_the_same_ties(ties: Ties) -> None:
    ties.table["trust"][3] = 0.33
    assert ties.trust[3] == 0.33


@pytest.mark.parametrize(
    ("source", "target", "trust", "says"),
    [
        ([0, 0], [1, 1], 0.5, "one tie in each direction"),
        ([0], [0], 0.5, "tied to itself"),
        ([2], [0], 0.5, "only organisations"),
        ([0, 0], [2, 3], 0.5, "lead to a node"),
        ([0], [-1], 0.5, "lead to a node"),
        ([0], [1], 1.1, "between 0 and 1"),
        ([0], [1], float("nan"), "between 0 and 1"),
    ],
)
def test_an_impossible_tie_is_refused(source: list[int], target: list[int], trust: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Ties(source, target, trust, organisations=2)


def test_the_frame_of_ties_speaks_in_names(ties: Ties, nodes: Nodes) -> None:
    frame = ties.to_frame(nodes)
    assert list(frame.columns) == [
        "source",
        "target",
        "source_kind",
        "target_kind",
        "role",
        "trust",
        "uses",
        "delivered",
    ]
    first = frame.iloc[0]
    assert first[["source", "target", "target_kind", "role"]].tolist() == [
        "school-001",
        "gp-001",
        "gp",
        "lateral",
    ]
    assert set(frame.loc[frame["role"] == "referral", "target"]) == {"front-door-001"}


def test_who_absorbs_another_uses_its_ties_where_it_has_none_and_so_do_its_partners() -> None:
    """Organisations 0 to 3 and the front door 4; 1 absorbs 0, then 2 absorbs 1."""
    ties = Ties([0, 0, 3, 1, 3], [3, 4, 0, 3, 1], [0.1, 0.2, 0.3, 0.4, 0.5], 4)
    ties.inherit(1, 0)
    assert ties.trust[ties.find(1, 3)] == 0.4
    assert ties.trust[ties.find(3, 1)] == 0.5
    assert ties.trust[ties.referral_tie[1]] == 0.2
    ties.inherit(2, 1)
    assert ties.trust[ties.find(2, 3)] == 0.4
    assert ties.trust[ties.referral_tie[2]] == 0.2
    assert ties.find(2, 1) == -1
    assert len(ties) == 5


def test_two_who_knew_each_other_and_merge_have_no_tie_to_themselves() -> None:
    ties = Ties([0, 1], [1, 0], 0.5, 2)
    ties.inherit(1, 0)
    assert ties.find(1, 1) == -1
