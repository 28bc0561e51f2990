"""Shapley shares of a game: what each player adds, averaged over all orders of joining or over a sample of them.

A game gives a value to every coalition, a set of players. The share of a player is the mean of what it adds to the
players who joined before it (Shapley 1953); the shares sum to the value of all players together. Orders are sampled in
pairs of an order and its reverse: a player that comes early in one comes late in the other, so the errors of a pair
partly cancel. No pair is sampled twice, so the shares are exact if every pair is sampled.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, permutations
from math import comb, factorial
from typing import NamedTuple

import numpy as np

Coalition = frozenset[str]
"""A set of players."""

Order = tuple[str, ...]
"""An order in which all players join."""

Game = Callable[[Coalition], float]
"""The value of a coalition."""


class ShapleyShares(NamedTuple):
    """Shares by player.

    Attributes:
        share: the Shapley share.
        error: its standard error: 0 if the share is exact, NaN if only one pair of orders was sampled.
    """

    share: dict[str, float]
    error: dict[str, float]


def count_order_pairs(players: Sequence[str]) -> int:
    """Count the orders of at least two players, each counted together with its reverse.

    >>> count_order_pairs(["a", "b", "c"])
    3
    """
    return factorial(len(players)) // 2


def sample_orders(players: Sequence[str], pairs: int, generator: np.random.Generator) -> list[Order]:
    """Sample orders, each followed by its reverse, without repeating a pair.

    Args:
        players: at least two, and few, because all orders are listed.
        pairs: number of pairs, at least 1; all pairs are returned if there are no more.
        generator: generator of the sample.
    """
    rank = {player: place for place, player in enumerate(players)}
    forward = [order for order in permutations(players) if rank[order[0]] < rank[order[-1]]]
    chosen = generator.choice(len(forward), min(pairs, len(forward)), replace=False)
    return [order for place in chosen for order in (forward[place], forward[place][::-1])]


def list_coalitions_in(orders: Iterable[Order]) -> set[Coalition]:
    """List every coalition that some order passes through, from no player to all players.

    >>> sorted(sorted(coalition) for coalition in list_coalitions_in([("a", "b")]))
    [[], ['a'], ['a', 'b']]
    """
    return {frozenset(order[:count]) for order in orders for count in range(len(order) + 1)}


def list_all_coalitions(players: Sequence[str]) -> set[Coalition]:
    """List every coalition of some players.

    >>> len(list_all_coalitions(["a", "b", "c"]))
    8
    """
    return {frozenset(some) for count in range(len(players) + 1) for some in combinations(players, count)}


def compute_exact_shares(players: Sequence[str], game: Game) -> ShapleyShares:
    """Compute the shares over all orders; calls `game` for every coalition.

    >>> compute_exact_shares(["a", "b"], lambda coalition: {0: 0.0, 1: 1.0, 2: 4.0}[len(coalition)]).share
    {'a': 2.0, 'b': 2.0}
    """
    others = {player: [other for other in players if other != player] for player in players}
    share = {
        player: sum(
            (game(some | {player}) - game(some)) / (len(players) * comb(len(players) - 1, len(some)))
            for some in list_all_coalitions(others[player])
        )
        for player in players
    }
    return ShapleyShares(share, dict.fromkeys(players, 0.0))


def estimate_shares(players: Sequence[str], game: Game, orders: Sequence[Order]) -> ShapleyShares:
    """Estimate the shares from sampled orders.

    The standard error includes the correction for a finite population, because no pair is sampled twice.

    Args:
        players: the players.
        game: called for every coalition that an order passes through.
        orders: orders as `sample_orders` returns them.
    """
    added = np.array([_compute_contributions(players, game, order) for order in orders])
    by_pair = added.reshape(-1, 2, len(players)).mean(axis=1)
    pairs = len(by_pair)
    left = 1 - pairs / count_order_pairs(players)
    unknown = np.full(len(players), np.nan)
    error = by_pair.std(axis=0, ddof=1) * np.sqrt(left / pairs) if pairs > 1 else unknown
    return ShapleyShares(
        dict(zip(players, by_pair.mean(axis=0).tolist(), strict=True)),
        dict(zip(players, error.tolist(), strict=True)),
    )


def _compute_contributions(players: Sequence[str], game: Game, order: Order) -> list[float]:
    """Compute what each player adds when the players join in this order."""
    values = [game(frozenset(order[:count])) for count in range(len(order) + 1)]
    added = dict(zip(order, np.diff(values).tolist(), strict=True))
    return [added[player] for player in players]
