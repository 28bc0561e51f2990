"""Shapley shares of games with known shares."""

from itertools import permutations

import numpy as np
import pytest

from cpsim.attribution.shapley import (
    Coalition,
    compute_exact_shares,
    count_order_pairs,
    estimate_shares,
    list_all_coalitions,
    list_coalitions_in,
    sample_orders,
)

SIX = tuple("abcdef")
WORTH = dict(zip(SIX, (3.0, 1.0, 4.0, 1.0, 5.0, 9.0), strict=True))


def make_generator(number: int = 0) -> np.random.Generator:
    return np.random.default_rng(number)


def chain(some: Coalition) -> float:
    """Value of a game: the steps a to d find children only together, e finds others alone, and f does nothing."""
    return 100.0 * (frozenset("abcd") <= some) + 10.0 * ("e" in some)


def asymmetric(some: Coalition) -> float:
    """Value of a game without any symmetry, drawn once for every coalition."""
    key = sum(1 << SIX.index(player) for player in some)
    return float(make_generator(key).normal()) + sum(WORTH[player] for player in some) if some else 0.0


def test_shares_sum_to_the_value_of_all_players_together() -> None:
    for shares in (
        compute_exact_shares(SIX, asymmetric),
        estimate_shares(SIX, asymmetric, sample_orders(SIX, 3, make_generator())),
    ):
        assert sum(shares.share.values()) == pytest.approx(
            asymmetric(frozenset(SIX)) - asymmetric(frozenset())
        )


def test_equal_players_have_equal_shares_and_a_player_that_adds_nothing_has_none() -> None:
    share = compute_exact_shares(SIX, chain).share
    assert [share[player] for player in SIX] == pytest.approx([25, 25, 25, 25, 10, 0])


def test_independent_players_get_their_own_value() -> None:
    shares = estimate_shares(
        SIX, lambda some: sum(WORTH[player] for player in some), sample_orders(SIX, 2, make_generator())
    )
    assert shares.share == pytest.approx(WORTH)
    assert max(shares.error.values()) == pytest.approx(0)


def test_exact_shares_are_the_mean_over_all_720_orders() -> None:
    total = dict.fromkeys(SIX, 0.0)
    for order in permutations(SIX):
        for place, player in enumerate(order):
            total[player] += asymmetric(frozenset(order[: place + 1])) - asymmetric(frozenset(order[:place]))
    assert compute_exact_shares(SIX, asymmetric).share == pytest.approx(
        {player: value / 720 for player, value in total.items()}
    )


def test_a_sample_of_all_pairs_is_exact_and_has_no_error() -> None:
    orders = sample_orders(SIX, 10_000, make_generator())
    shares = estimate_shares(SIX, asymmetric, orders)
    assert len(set(orders)) == 720 == 2 * count_order_pairs(SIX)
    assert shares.share == pytest.approx(compute_exact_shares(SIX, asymmetric).share)
    assert list(shares.error.values()) == [0.0] * 6


def test_every_order_is_followed_by_its_reverse_and_none_is_repeated() -> None:
    orders = sample_orders(SIX, 40, make_generator())
    assert all(second == first[::-1] for first, second in zip(orders[::2], orders[1::2], strict=True))
    assert len(set(orders)) == 80


def test_more_orders_are_more_precise_and_errors_show_it() -> None:
    truth = compute_exact_shares(SIX, asymmetric).share

    def measure(pairs: int) -> tuple[float, float]:
        shares = [
            estimate_shares(SIX, asymmetric, sample_orders(SIX, pairs, make_generator(seed)))
            for seed in range(60)
        ]
        off = np.array([[found.share[player] - truth[player] for player in SIX] for found in shares])
        errors = np.array([list(found.error.values()) for found in shares])
        return float(np.sqrt((off**2).mean())), float(np.sqrt((errors**2).mean()))

    (few_off, few_error), (many_off, many_error) = measure(4), measure(36)
    assert many_off < few_off / 2
    assert many_error == pytest.approx(many_off, rel=0.2)
    assert few_error == pytest.approx(few_off, rel=0.2)


def test_a_single_pair_has_no_standard_error() -> None:
    assert np.isnan(
        list(estimate_shares(SIX, asymmetric, sample_orders(SIX, 1, make_generator())).error.values())
    ).all()


def test_an_order_passes_through_one_coalition_of_each_size_and_all_orders_through_all() -> None:
    assert sorted(map(len, list_coalitions_in([SIX]))) == list(range(7))
    assert list_coalitions_in(permutations(SIX)) == list_all_coalitions(SIX)
    assert len(list_all_coalitions(SIX)) == 64
