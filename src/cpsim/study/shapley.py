"""Shapley shares of a game: what each player adds, averaged over all orders of joining or over a sample of them.

A game gives a value to every set of players. The share of a player is the mean of what it adds to those who joined
before it (Shapley 1953); shares sum to the value of all players together. Orders are sampled in pairs of an order and
its reverse, since who comes early in one comes late in the other and the errors of a pair partly cancel; no pair twice,
so that with all of them the shares are exact.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, permutations
from math import comb, factorial
from typing import NamedTuple

import numpy as np

Players = frozenset[str]
Order = tuple[str, ...]
Game = Callable[[Players], float]
"""The value of a set of players."""


class Shares(NamedTuple):
    """By player: the share, and its standard error, 0 if exact and not a number if one pair tells nothing of it."""

    share: dict[str, float]
    error: dict[str, float]


def pairs_of_orders(players: Sequence[str]) -> int:
    """How many orders there are, each counted together with its reverse; at least two players."""
    return factorial(len(players)) // 2


def sampled_orders(players: Sequence[str], pairs: int, generator: np.random.Generator) -> list[Order]:
    """Orders and right after each its reverse, no pair twice; all of them if `pairs` is as many as there are or more.

    Args:
        players: at least two, and few: all orders are looked at.
        pairs: at least 1.
        generator: chooses.
    """
    rank = {player: place for place, player in enumerate(players)}
    forward = [order for order in permutations(players) if rank[order[0]] < rank[order[-1]]]
    chosen = generator.choice(len(forward), min(pairs, len(forward)), replace=False)
    return [order for place in chosen for order in (forward[place], forward[place][::-1])]


def joined_along(orders: Iterable[Order]) -> set[Players]:
    """Every set of players that some order passes through, from nobody to everybody."""
    return {frozenset(order[:count]) for order in orders for count in range(len(order) + 1)}


def all_sets(players: Sequence[str]) -> set[Players]:
    """Every set of players."""
    return {frozenset(some) for count in range(len(players) + 1) for some in combinations(players, count)}


def exact(players: Sequence[str], game: Game) -> Shares:
    """Shares over all orders; asks for the value of every set."""
    others = {player: [other for other in players if other != player] for player in players}
    share = {
        player: sum(
            (game(some | {player}) - game(some)) / (len(players) * comb(len(players) - 1, len(some)))
            for some in all_sets(others[player])
        )
        for player in players
    }
    return Shares(share, dict.fromkeys(players, 0.0))


def sampled(players: Sequence[str], game: Game, orders: Sequence[Order]) -> Shares:
    """Shares over orders as `sampled_orders` gives them; the error knows that no pair comes twice."""
    added = np.array([_added(players, game, order) for order in orders])
    by_pair = added.reshape(-1, 2, len(players)).mean(axis=1)
    pairs = len(by_pair)
    left = 1 - pairs / pairs_of_orders(players)
    unknown = np.full(len(players), np.nan)
    error = by_pair.std(axis=0, ddof=1) * np.sqrt(left / pairs) if pairs > 1 else unknown
    return Shares(
        dict(zip(players, by_pair.mean(axis=0).tolist(), strict=True)),
        dict(zip(players, error.tolist(), strict=True)),
    )


def _added(players: Sequence[str], game: Game, order: Order) -> list[float]:
    """What each player adds when they join in this order."""
    values = [game(frozenset(order[:count])) for count in range(len(order) + 1)]
    added = dict(zip(order, np.diff(values).tolist(), strict=True))
    return [added[player] for player in players]
