"""Keyed random numbers: each depends on its key alone, and all together look like chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from cpsim import draws

N = 100_000
FLUKE = 1e-4
"""Seeds are fixed, so a test either always holds or never; one that held by a hair would still be suspect."""


def looks_uniform(numbers: NDArray[np.float64], cells: int = 100) -> bool:
    counts = np.bincount((numbers.ravel() * cells).astype(np.int64), minlength=cells)
    return bool(stats.chisquare(counts).pvalue > FLUKE)


def look_independent(one: NDArray[np.float64], other: NDArray[np.float64], cells: int = 16) -> bool:
    """Whether pairs fill the unit square evenly: no correlation, and no other pattern either."""
    square = (one * cells).astype(np.int64) * cells + (other * cells).astype(np.int64)
    return bool(stats.chisquare(np.bincount(square, minlength=cells * cells)).pvalue > FLUKE)


def people(n: int = N) -> NDArray[np.int64]:
    return np.arange(n)


@pytest.mark.parametrize("seed", [0, 1, 2, 12_345, 2**40])
def test_numbers_are_spread_evenly_and_never_reach_zero_or_one(seed: int) -> None:
    uniforms = draws.Stream(seed, "leaving").uniform(draws.keys(people(), 7))
    assert looks_uniform(uniforms)
    assert uniforms.min() > 0
    assert uniforms.max() < 1


def test_normal_numbers_are_normal() -> None:
    normals = draws.Stream(1, "screening").normal(draws.keys(people(), 0))
    assert stats.kstest(normals, "norm").pvalue > FLUKE
    assert np.isfinite(normals).all()


@pytest.mark.parametrize("apart", [1, 2, 3, 7, 64, 1000])
def test_neighbouring_children_have_nothing_in_common(apart: int) -> None:
    uniforms = draws.Stream(1, "delivery").uniform(draws.keys(people(), 3))
    assert look_independent(uniforms[:-apart], uniforms[apart:])


@pytest.mark.parametrize("weeks_apart", [1, 2, 26, 52])
def test_neighbouring_weeks_have_nothing_in_common(weeks_apart: int) -> None:
    stream = draws.Stream(1, "leaving")
    assert look_independent(
        stream.uniform(draws.keys(people(), 5)), stream.uniform(draws.keys(people(), 5 + weeks_apart))
    )


def test_one_childs_numbers_over_the_weeks_look_like_chance() -> None:
    weeks = people()
    uniforms = draws.Stream(1, "leaving").uniform(draws.keys(np.full(N, 17), weeks))
    assert looks_uniform(uniforms)
    assert look_independent(uniforms[:-1], uniforms[1:])


@pytest.mark.parametrize(("one", "other"), [(1, 2), (0, 1), (1, 1_000_001), (2**32, 2**32 + 1)])
def test_neighbouring_seeds_have_nothing_in_common(one: int, other: int) -> None:
    keys = draws.keys(people(), 3)
    assert look_independent(
        draws.Stream(one, "onset").uniform(keys), draws.Stream(other, "onset").uniform(keys)
    )


STREAMS = (
    "consult",
    "partner",
    "answer",
    "delivery",
    "delay",
    "screening",
    "second look",
    "sibling",
    "initial",
    "core",
)


@pytest.mark.parametrize("at", range(len(STREAMS) - 1))
def test_decisions_about_the_same_child_in_the_same_week_have_nothing_in_common(at: int) -> None:
    keys = draws.keys(people(), 3)
    one, other = (draws.Stream(1, name).uniform(keys) for name in STREAMS[at : at + 2])
    assert look_independent(one, other)


def test_children_weeks_and_kinds_joined_by_exclusive_or_still_look_like_chance() -> None:
    """A concern is keyed by child, kind of agency and week; the four corners of any rectangle must not be related."""
    child = draws.keys(people(), 0)
    kinds = [draws.named_key(kind) for kind in ("school", "gp", "police")]
    weeks = draws.keys(np.arange(300, 303), 1)
    stream = draws.Stream(1, "delivery")
    corner = {(k, w): stream.uniform(child ^ kinds[k] ^ weeks[w]) for k in range(3) for w in range(3)}
    assert all(looks_uniform(numbers) for numbers in corner.values())
    assert look_independent(corner[0, 0], corner[0, 1])
    assert look_independent(corner[0, 0], corner[1, 0])
    assert look_independent(corner[0, 0], corner[1, 1])
    around = (corner[0, 0] - corner[0, 1] - corner[1, 0] + corner[1, 1]) % 1
    assert looks_uniform(around)
    assert look_independent((corner[0, 0] + corner[1, 1]) % 1, (corner[0, 1] + corner[1, 0]) % 1)


@given(st.permutations(range(50)), st.integers(0, 2**40), st.integers(0, 2_000))
def test_a_childs_number_does_not_depend_on_who_else_is_drawn_for(
    order: list[int], seed: int, week: int
) -> None:
    stream = draws.Stream(seed, "sibling")
    together = stream.uniform(draws.keys(np.arange(50), week))
    shuffled = stream.uniform(draws.keys(np.array(order), week))
    assert (shuffled == together[order]).all()
    alone = np.concatenate([stream.uniform(draws.keys(np.array([child]), week)) for child in order])
    assert (alone == shuffled).all()


def test_drawing_leaves_the_keys_as_they_were() -> None:
    keys = draws.keys(people(100), 3)
    copy = keys.copy()
    draws.Stream(1, "delivery").uniform(keys)
    draws.Stream(1, "delivery").normal(keys)
    assert (keys == copy).all()


def test_no_two_children_or_weeks_share_a_key() -> None:
    keys = np.concatenate([draws.keys(people(20_000), week) for week in range(50)])
    assert len(np.unique(keys)) == len(keys)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64, np.uint32])
def test_a_key_depends_on_the_number_not_on_its_type(dtype: type) -> None:
    assert (draws.keys(np.arange(100).astype(dtype), 5) == draws.keys(np.arange(100), np.full(100, 5))).all()


def test_dense_draws_repeat_and_are_strangers_to_each_other() -> None:
    def numbers(*key: object) -> NDArray[np.float64]:
        return draws.dense(*key).random(N)  # type: ignore[arg-type]

    first = numbers(1, "first birth")
    assert (first == numbers(1, "first birth")).all()
    assert looks_uniform(first)
    for other in ((2, "first birth"), (1, "neighbourhood"), (1, "first birth", 1)):
        assert look_independent(first, numbers(*other))


def test_drawing_more_from_one_stream_shifts_no_other() -> None:
    before = draws.dense(1, "moves").random(10)
    greedy = draws.dense(1, "signs to school")
    greedy.random(1_000_000)
    assert (draws.dense(1, "moves").random(10) == before).all()


def test_a_number_once_published_stays_what_it_was() -> None:
    """Known answers: if these change, every published run changes with them."""
    keys = draws.keys(np.array([0, 1, 2, 72_999]), np.array([0, 1, 935, 1_247]))
    assert keys.tolist() == KEYS
    assert (draws.Stream(1, "delivery").uniform(keys) * 2**53).astype(np.int64).tolist() == UNIFORMS
    assert draws.dense(1, "first birth").integers(0, 2**62, 3).tolist() == DENSE


KEYS: list[int] = [0, 17629623748622851610, 5668488195990976899, 3909787419061948491]  # fmt: skip
UNIFORMS: list[int] = [2106110874718913, 3941938639854890, 6525144353257818, 2698032974180525]  # fmt: skip
DENSE: list[int] = [1850835275539698514, 3346410260843929181, 2255782434744634903]  # fmt: skip


def test_decisions_drawn_together_are_those_drawn_one_by_one() -> None:
    keys = draws.keys(people(), 5)
    delivery, delay = draws.Stream(1, "delivery", "delay").uniform(keys)
    assert (delivery == draws.Stream(1, "delivery").uniform(keys)).all()
    assert (delay == draws.Stream(1, "delay").uniform(keys)).all()
    _, second_look = draws.Stream(1, "screening", "second look").normal(keys)
    assert (second_look == draws.Stream(1, "second look").normal(keys)).all()
