"""Shapley shares on games whose answer is known."""

from itertools import permutations

import numpy as np
import pytest

from cpsim.study.shapley import (
    Players,
    all_sets,
    exact,
    joined_along,
    pairs_of_orders,
    sampled,
    sampled_orders,
)

SIX = tuple("abcdef")
WORTH = dict(zip(SIX, (3.0, 1.0, 4.0, 1.0, 5.0, 9.0), strict=True))


def generator(number: int = 0) -> np.random.Generator:
    return np.random.default_rng(number)


def chain(some: Players) -> float:
    """A child is found only if every step from a to d works; e finds others by itself, and f does nothing."""
    return 100.0 * (frozenset("abcd") <= some) + 10.0 * ("e" in some)


def tangled(some: Players) -> float:
    """A game without any symmetry, drawn once for every set."""
    key = sum(1 << SIX.index(player) for player in some)
    return float(generator(key).normal()) + sum(WORTH[player] for player in some) if some else 0.0


def test_shares_add_up_to_what_all_achieve_together() -> None:
    for shares in (exact(SIX, tangled), sampled(SIX, tangled, sampled_orders(SIX, 3, generator()))):
        assert sum(shares.share.values()) == pytest.approx(tangled(frozenset(SIX)) - tangled(frozenset()))


def test_players_who_add_the_same_to_everybody_have_equal_shares_and_who_adds_nothing_has_none() -> None:
    share = exact(SIX, chain).share
    assert [share[player] for player in SIX] == pytest.approx([25, 25, 25, 25, 10, 0])


def test_where_players_do_not_meet_each_has_what_it_is_worth() -> None:
    shares = sampled(
        SIX, lambda some: sum(WORTH[player] for player in some), sampled_orders(SIX, 2, generator())
    )
    assert shares.share == pytest.approx(WORTH)
    assert max(shares.error.values()) == pytest.approx(0)


def test_exact_shares_are_the_mean_over_all_720_orders() -> None:
    total = dict.fromkeys(SIX, 0.0)
    for order in permutations(SIX):
        for place, player in enumerate(order):
            total[player] += tangled(frozenset(order[: place + 1])) - tangled(frozenset(order[:place]))
    assert exact(SIX, tangled).share == pytest.approx(
        {player: value / 720 for player, value in total.items()}
    )


def test_a_sample_of_all_pairs_is_exact_and_knows_it() -> None:
    orders = sampled_orders(SIX, 10_000, generator())
    shares = sampled(SIX, tangled, orders)
    assert len(set(orders)) == 720 == 2 * pairs_of_orders(SIX)
    assert shares.share == pytest.approx(exact(SIX, tangled).share)
    assert list(shares.error.values()) == [0.0] * 6


def test_every_order_is_followed_by_its_reverse_and_none_comes_twice() -> None:
    orders = sampled_orders(SIX, 40, generator())
    assert all(back == there[::-1] for there, back in zip(orders[::2], orders[1::2], strict=True))
    assert len(set(orders)) == 80


def test_more_orders_come_nearer_and_say_so() -> None:
    truth = exact(SIX, tangled).share

    def of(pairs: int) -> tuple[float, float]:
        shares = [sampled(SIX, tangled, sampled_orders(SIX, pairs, generator(seed))) for seed in range(60)]
        off = np.array([[found.share[player] - truth[player] for player in SIX] for found in shares])
        told = np.array([list(found.error.values()) for found in shares])
        return float(np.sqrt((off**2).mean())), float(np.sqrt((told**2).mean()))

    (few_off, few_told), (many_off, many_told) = of(4), of(36)
    assert many_off < few_off / 2
    assert many_told == pytest.approx(many_off, rel=0.2)
    assert few_told == pytest.approx(few_off, rel=0.2)


def test_a_single_pair_tells_nothing_of_its_error() -> None:
    assert np.isnan(list(sampled(SIX, tangled, sampled_orders(SIX, 1, generator())).error.values())).all()


def test_an_order_passes_through_a_set_of_each_size_and_all_orders_through_every_set() -> None:
    assert sorted(map(len, joined_along([SIX]))) == list(range(7))
    assert joined_along(permutations(SIX)) == all_sets(SIX)
    assert len(all_sets(SIX)) == 64
