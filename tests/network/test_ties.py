"""Trust between organisations: it grows slowly, falls quickly, depends on people, and fades without use."""

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


def all_rows(ties: Ties) -> np.ndarray:
    return np.arange(len(ties))


def test_each_organisation_has_one_referral_tie_to_the_front_door(ties: Ties) -> None:
    assert ties.target[ties.referral_tie].tolist() == [[5]] * 5
    assert ties.source[ties.referral_tie].tolist() == [[0], [1], [2], [3], [4]]
    assert ties.find_incoming(5).tolist() == ties.referral_tie[:, 0].tolist()


def test_an_organisation_that_serves_two_authorities_has_a_referral_tie_to_each() -> None:
    ties = Ties([0, 0, 1], [2, 3, 3], 0.5, organisations=2, front_doors=2)
    assert ties.referral_tie.tolist() == [[0, 1], [-1, 2]]


def test_only_existing_ties_are_found(ties: Ties) -> None:
    found = ties.find([0, 2, 0, 3, 4, -1, 0], [2, 0, 3, 2, 5, 2, 99])
    assert (found >= 0).tolist() == [True, True, False, False, True, False, False]
    assert ties.source[found[[0, 1, 4]]].tolist() == [0, 2, 4]
    assert ties.target[found[[0, 1, 4]]].tolist() == [2, 0, 5]
    assert ties.find(0, 2).shape == ()


def test_an_authority_without_ties_is_valid() -> None:
    empty = Ties([], [], 0.5, organisations=3)
    assert empty.find([0, 1], [1, 3]).tolist() == [-1, -1]
    assert np.isnan(empty.mean_trust())
    assert empty.referral_tie.tolist() == [[-1], [-1], [-1]]
    empty.fade_unused(0, 0.1, NEW)


def test_each_tie_starts_with_the_given_trust(ties: Ties) -> None:
    given_trust = dict(
        zip(
            zip([1, 0, 2, 3, 4, 0, 2, 1, 4], [5, 5, 5, 5, 5, 2, 0, 4, 1], strict=True),
            np.linspace(0.2, 0.9, 9),
            strict=True,
        )
    )
    for source, target, trust in zip(ties.source, ties.target, ties.trust, strict=True):
        assert trust == given_trust[int(source), int(target)]


def test_ten_failures_lower_trust_more_than_ten_successes_raise_it() -> None:
    ties = Ties([0, 1], [2, 2], 0.5, organisations=2)
    ties.raise_trust(np.repeat(0, 10), GAIN)
    ties.lower_trust(np.repeat(1, 10), LOSS)
    assert ties.trust[0] == pytest.approx(1 - 0.5 * 0.95**10)
    assert ties.trust[1] == pytest.approx(0.5 * 0.85**10)
    assert 0.5 - ties.trust[1] > ties.trust[0] - 0.5


def test_one_success_does_not_make_up_for_one_failure() -> None:
    ties = Ties([0], [1], 0.6, organisations=1)
    ties.raise_trust(np.array([0]), GAIN)
    ties.lower_trust(np.array([0]), LOSS)
    assert ties.trust[0] < 0.6


@given(st.lists(st.integers(0, 8), max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_messages_within_a_week_does_not_matter(events: list[int], shuffler: Random) -> None:
    source, target = [0, 1, 2, 3, 4, 0, 2, 1, 4], [5, 5, 5, 5, 5, 2, 0, 4, 1]
    one, other, by_hand = (Ties(source, target, np.linspace(0.1, 0.9, 9), 5) for _ in range(3))
    shuffled = events.copy()
    shuffler.shuffle(shuffled)
    one.raise_trust(np.array(events, np.int64), GAIN)
    other.raise_trust(np.array(shuffled, np.int64), GAIN)
    for event in events:
        by_hand.trust[event] += GAIN * (1 - by_hand.trust[event])
    np.testing.assert_array_equal(one.trust, other.trust)
    np.testing.assert_allclose(one.trust, by_hand.trust, rtol=1e-12)


@given(st.floats(0, 1), st.integers(0, 200), st.integers(0, 200), st.floats(0, 1), st.floats(0, 1))
def test_trust_stays_between_zero_and_one(
    trust: float, successes: int, failures: int, gain: float, loss: float
) -> None:
    ties = Ties([0], [1], trust, organisations=1)
    ties.raise_trust(np.zeros(successes, np.int64), gain)
    ties.lower_trust(np.zeros(failures, np.int64), loss)
    assert 0 <= ties.trust[0] <= 1


def test_trust_does_not_change_in_a_week_without_messages(ties: Ties) -> None:
    before = ties.trust.copy()
    none = np.empty(0, np.int64)
    ties.raise_trust(none, GAIN)
    ties.lower_trust(none, LOSS)
    ties.apply_turnover(none, 0.5, NEW)
    ties.record_use(none, np.empty(0, bool), 3)
    np.testing.assert_array_equal(ties.trust, before)
    assert (ties.last_use == -NEVER).all()


def test_an_unused_tie_fades_to_the_trust_between_strangers_and_a_used_tie_does_not(ties: Ties) -> None:
    used = ties.referral_tie[0]
    start = ties.trust.copy()
    for week in range(104):
        ties.record_use(np.array([used]), np.array([True]), week)
        ties.fade_unused(week, 0.0067, NEW)
    assert ties.trust[used] == start[used]
    others = all_rows(ties) != used
    np.testing.assert_allclose(ties.trust[others], NEW + (start[others] - NEW) * (1 - 0.0067) ** 104)


def test_half_the_trust_of_an_unused_tie_is_lost_in_two_years() -> None:
    ties = Ties([0], [1], 1.0, organisations=1)
    for week in range(104):
        ties.fade_unused(week, 0.0067, 0.0)
    assert ties.trust[0] == pytest.approx(0.5, abs=0.01)


def test_fading_by_a_share_of_zero_changes_nothing(ties: Ties) -> None:
    before = ties.trust.copy()
    ties.fade_unused(0, 0.0, NEW)
    np.testing.assert_array_equal(ties.trust, before)


def test_trust_in_the_front_door_falls_when_a_social_worker_leaves(ties: Ties) -> None:
    before = ties.trust.copy()
    incoming = ties.find_incoming(5)
    trusted = incoming[before[incoming] > NEW]
    ties.apply_turnover(incoming, 0.1, NEW)
    assert (ties.trust[trusted] < before[trusted]).all()
    lateral = np.setdiff1d(all_rows(ties), incoming)
    np.testing.assert_array_equal(ties.trust[lateral], before[lateral])


def test_two_leavers_in_one_week_have_the_same_effect_as_one_after_the_other(ties: Ties) -> None:
    together, apart = ties.copy(), ties.copy()
    incoming = ties.find_incoming(5)
    together.apply_turnover(np.concatenate([incoming, incoming]), 0.1, NEW)
    apart.apply_turnover(incoming, 0.1, NEW)
    apart.apply_turnover(incoming, 0.1, NEW)
    np.testing.assert_allclose(together.trust, apart.trust, rtol=1e-14)


def test_each_message_is_counted_once_and_delivered_at_most_once(ties: Ties) -> None:
    sent = np.array([0, 0, 0, 3, 8])
    arrived = np.array([True, False, True, True, False])
    ties.record_use(sent, arrived, 12)
    assert ties.uses.sum() == 5
    assert ties.delivered.sum() == 3
    assert ties.uses.tolist() == [3, 0, 0, 1, 0, 0, 0, 0, 1]
    assert ties.delivered.tolist() == [2, 0, 0, 1, 0, 0, 0, 0, 0]
    assert np.flatnonzero(ties.last_use == 12).tolist() == [0, 3, 8]


def test_messages_are_delivered_more_often_where_trust_is_higher() -> None:
    ties = Ties([0, 1, 2], [3, 3, 3], [0.0, 0.25, 1.0], organisations=3)
    assert ties.delivery_probability(all_rows(ties), 0.95, 0.5).tolist() == pytest.approx([0, 0.475, 0.95])
    assert ties.delivery_probability(all_rows(ties), 0.95, 0.0).tolist() == [0.95] * 3
    ties.delivery[:] = 2.0
    assert ties.delivery_probability(all_rows(ties), 0.95, 0.5).max() == 1.0


def test_mean_trust_is_weighted_by_use(ties: Ties) -> None:
    assert ties.mean_trust() == pytest.approx(ties.trust.mean())
    ties.record_use(np.array([2, 2, 2, 5]), np.ones(4, bool), 0)
    assert ties.mean_trust() == pytest.approx((3 * ties.trust[2] + ties.trust[5]) / 4)


def test_mean_trust_counts_every_tie_of_a_large_network() -> None:
    source, target = np.divmod(np.arange(150 * 150), 150)
    pairs = source != target
    ties = Ties(source[pairs], target[pairs], np.linspace(0, 1, pairs.sum()), organisations=150)
    ties.record_use(all_rows(ties), np.ones(len(ties), bool), 0)
    assert len(ties) == 22_350
    assert ties.mean_trust() == pytest.approx(0.5)
    last = np.array([len(ties) - 1] * len(ties))
    ties.record_use(last, np.ones(len(ties), bool), 1)
    assert ties.mean_trust() == pytest.approx(0.75)


@pytest.mark.parametrize("again", [Ties.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])  # noqa: S301
def test_a_copied_network_is_independent_of_the_original(ties: Ties, again: Callable[[Any], Any]) -> None:
    duplicate = again(ties)
    before = ties.trust.copy()
    duplicate.fade_unused(0, 0.1, NEW)
    duplicate.record_use(np.array([1]), np.array([True]), 4)
    duplicate.table["delivery"] = 0.5
    np.testing.assert_array_equal(ties.trust, before)
    assert ties.uses.sum() == 0
    assert ties.delivery.tolist() == [1.0] * 9
    assert duplicate.delivery.tolist() == [0.5] * 9
    ties.fade_unused(0, 0.1, NEW)
    np.testing.assert_array_equal(ties.trust, duplicate.trust)


def test_a_value_set_in_the_table_of_ties_is_the_value_of_the_tie(ties: Ties) -> None:
    ties.table["trust"][3] = 0.33
    assert ties.trust[3] == 0.33


@pytest.mark.parametrize(
    ("source", "target", "trust", "message"),
    [
        ([0, 0], [1, 1], 0.5, "only one tie in each direction"),
        ([0], [0], 0.5, "the source and the target of a tie must differ"),
        ([2], [0], 0.5, "source of a tie must be an organisation"),
        ([0, 0], [2, 3], 0.5, "must be an organisation or a front door"),
        ([0], [-1], 0.5, "must be an organisation or a front door"),
        ([0], [1], 1.1, "between 0 and 1"),
        ([0], [1], float("nan"), "between 0 and 1"),
    ],
)
def test_an_impossible_tie_is_refused(
    source: list[int], target: list[int], trust: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Ties(source, target, trust, organisations=2)


def test_the_table_of_ties_for_the_results_has_names_of_organisations(ties: Ties, nodes: Nodes) -> None:
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


def test_an_organisation_that_absorbs_another_inherits_its_ties_where_it_has_none() -> None:
    """Organisations 0 to 3 and the front door 4; 1 absorbs 0, then 2 absorbs 1."""
    ties = Ties([0, 0, 3, 1, 3], [3, 4, 0, 3, 1], [0.1, 0.2, 0.3, 0.4, 0.5], 4)
    ties.inherit_ties(1, 0)
    assert ties.trust[ties.find(1, 3)] == 0.4
    assert ties.trust[ties.find(3, 1)] == 0.5
    assert ties.trust[ties.referral_tie[1]] == 0.2
    ties.inherit_ties(2, 1)
    assert ties.trust[ties.find(2, 3)] == 0.4
    assert ties.trust[ties.referral_tie[2]] == 0.2
    assert ties.find(2, 1) == -1
    assert len(ties) == 5


def test_two_tied_organisations_that_merge_get_no_tie_to_themselves() -> None:
    ties = Ties([0, 1], [1, 0], 0.5, 2)
    ties.inherit_ties(1, 0)
    assert ties.find(1, 1) == -1
