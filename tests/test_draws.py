"""Each keyed random number depends on its key alone, and together they look random."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

import cpsim
from cpsim import draws
from cpsim.governance.ratings import ADULTS, CHILDREN
from cpsim.scenario.sections import KNOWN_KINDS
from cpsim.world.harm import OTHER_NEEDS

N = 100_000
LEAST_P_VALUE = 1e-4
"""Smallest p-value that counts as random. Seeds are fixed, so a test always passes or always fails."""


def is_uniform(numbers: NDArray[np.float64], cells: int = 100) -> bool:
    counts = np.bincount((numbers.ravel() * cells).astype(np.int64), minlength=cells)
    return bool(stats.chisquare(counts).pvalue > LEAST_P_VALUE)


def are_independent(one: NDArray[np.float64], other: NDArray[np.float64], cells: int = 16) -> bool:
    """Return whether pairs of numbers fill the unit square evenly, without correlation or other patterns."""
    square = (one * cells).astype(np.int64) * cells + (other * cells).astype(np.int64)
    return bool(stats.chisquare(np.bincount(square, minlength=cells * cells)).pvalue > LEAST_P_VALUE)


def rows(n: int = N) -> NDArray[np.int64]:
    return np.arange(n)


@pytest.mark.parametrize("seed", [0, 1, 2, 12_345, 2**40])
def test_uniform_numbers_are_uniform_and_strictly_between_zero_and_one(seed: int) -> None:
    uniforms = draws.Stream(seed, "leaving").uniform(draws.keys(rows(), 7))
    assert is_uniform(uniforms)
    assert uniforms.min() > 0
    assert uniforms.max() < 1


def test_normal_numbers_are_normal() -> None:
    normals = draws.Stream(1, "screening").normal(draws.keys(rows(), 0))
    assert stats.kstest(normals, "norm").pvalue > LEAST_P_VALUE
    assert np.isfinite(normals).all()


@pytest.mark.parametrize("apart", [1, 2, 3, 7, 64, 1000])
def test_numbers_of_neighbouring_children_are_independent(apart: int) -> None:
    uniforms = draws.Stream(1, "delivery").uniform(draws.keys(rows(), 3))
    assert are_independent(uniforms[:-apart], uniforms[apart:])


@pytest.mark.parametrize("weeks_apart", [1, 2, 26, 52])
def test_numbers_of_neighbouring_weeks_are_independent(weeks_apart: int) -> None:
    stream = draws.Stream(1, "leaving")
    assert are_independent(
        stream.uniform(draws.keys(rows(), 5)), stream.uniform(draws.keys(rows(), 5 + weeks_apart))
    )


def test_numbers_of_one_child_over_the_weeks_look_random() -> None:
    weeks = rows()
    uniforms = draws.Stream(1, "leaving").uniform(draws.keys(np.full(N, 17), weeks))
    assert is_uniform(uniforms)
    assert are_independent(uniforms[:-1], uniforms[1:])


@pytest.mark.parametrize(("one", "other"), [(1, 2), (0, 1), (1, 1_000_001), (2**32, 2**32 + 1)])
def test_numbers_of_neighbouring_seeds_are_independent(one: int, other: int) -> None:
    keys = draws.keys(rows(), 3)
    assert are_independent(
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
def test_decisions_about_the_same_child_in_the_same_week_are_independent(at: int) -> None:
    keys = draws.keys(rows(), 3)
    one, other = (draws.Stream(1, name).uniform(keys) for name in STREAMS[at : at + 2])
    assert are_independent(one, other)


def test_keys_combined_by_exclusive_or_give_numbers_that_look_random() -> None:
    """The key of a concern combines child, kind of agency and week; four corners of a rectangle must be independent."""
    child = draws.keys(rows(), 0)
    kinds = [draws.named_key(kind) for kind in ("school", "gp", "police")]
    weeks = draws.keys(np.arange(300, 303), 1)
    stream = draws.Stream(1, "delivery")
    corner = {(k, w): stream.uniform(child ^ kinds[k] ^ weeks[w]) for k in range(3) for w in range(3)}
    assert all(is_uniform(numbers) for numbers in corner.values())
    assert are_independent(corner[0, 0], corner[0, 1])
    assert are_independent(corner[0, 0], corner[1, 0])
    assert are_independent(corner[0, 0], corner[1, 1])
    around = (corner[0, 0] - corner[0, 1] - corner[1, 0] + corner[1, 1]) % 1
    assert is_uniform(around)
    assert are_independent((corner[0, 0] + corner[1, 1]) % 1, (corner[0, 1] + corner[1, 0]) % 1)


@given(st.permutations(range(50)), st.integers(0, 2**40), st.integers(0, 2_000))
def test_the_number_of_a_child_does_not_depend_on_which_other_children_are_drawn(
    order: list[int], seed: int, week: int
) -> None:
    stream = draws.Stream(seed, "sibling")
    together = stream.uniform(draws.keys(np.arange(50), week))
    shuffled = stream.uniform(draws.keys(np.array(order), week))
    assert (shuffled == together[order]).all()
    alone = np.concatenate([stream.uniform(draws.keys(np.array([child]), week)) for child in order])
    assert (alone == shuffled).all()


def test_drawing_does_not_change_the_keys() -> None:
    keys = draws.keys(rows(100), 3)
    copy = keys.copy()
    draws.Stream(1, "delivery").uniform(keys)
    draws.Stream(1, "delivery").normal(keys)
    assert (keys == copy).all()


def test_no_two_children_or_weeks_share_a_key() -> None:
    keys = np.concatenate([draws.keys(rows(20_000), week) for week in range(50)])
    assert len(np.unique(keys)) == len(keys)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64, np.uint32])
def test_a_key_does_not_depend_on_the_type_of_the_number(dtype: type) -> None:
    assert (draws.keys(np.arange(100).astype(dtype), 5) == draws.keys(np.arange(100), np.full(100, 5))).all()


def test_generators_are_repeatable_and_independent_of_each_other() -> None:
    def numbers(*key: object) -> NDArray[np.float64]:
        return draws.generator(*key).random(N)  # type: ignore[arg-type]

    first = numbers(1, "first birth")
    assert (first == numbers(1, "first birth")).all()
    assert is_uniform(first)
    for other in ((2, "first birth"), (1, "neighbourhood"), (1, "first birth", 1)):
        assert are_independent(first, numbers(*other))


def test_drawing_more_from_one_generator_does_not_change_another() -> None:
    before = draws.generator(1, "moves").random(10)
    other = draws.generator(1, "signs to school")
    other.random(1_000_000)
    assert (draws.generator(1, "moves").random(10) == before).all()


def test_published_numbers_have_not_changed() -> None:
    """If these known numbers change, the results of every published run change."""
    keys = draws.keys(np.array([0, 1, 2, 72_999]), np.array([0, 1, 935, 1_247]))
    assert keys.tolist() == KEYS
    assert (draws.Stream(1, "delivery").uniform(keys) * 2**53).astype(np.int64).tolist() == UNIFORMS
    assert draws.generator(1, "first birth").integers(0, 2**62, 3).tolist() == DENSE


KEYS: list[int] = [0, 17629623748622851610, 5668488195990976899, 3909787419061948491]  # fmt: skip
UNIFORMS: list[int] = [2106110874718913, 3941938639854890, 6525144353257818, 2698032974180525]  # fmt: skip
DENSE: list[int] = [1850835275539698514, 3346410260843929181, 2255782434744634903]  # fmt: skip


def test_numbers_of_several_names_drawn_together_equal_those_drawn_separately() -> None:
    keys = draws.keys(rows(), 5)
    delivery, delay = draws.Stream(1, "delivery", "delay").uniform(keys)
    assert (delivery == draws.Stream(1, "delivery").uniform(keys)).all()
    assert (delay == draws.Stream(1, "delay").uniform(keys)).all()
    _, second_look = draws.Stream(1, "screening", "second look").normal(keys)
    assert (second_look == draws.Stream(1, "second look").normal(keys)).all()


SOURCES = Path(cpsim.__file__).parent


def list_stream_names(file: Path) -> Iterator[str]:
    """Yield the stream names in a source file; the placeholders of f-strings become `{}`."""
    for call in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(call, ast.Call) or ast.unparse(call.func) not in (
            "draws.Stream",
            "draws.generator",
        ):
            continue
        if ast.unparse(call.args[0]).startswith("*"):  # repeats a draw that is listed elsewhere
            continue
        for argument in call.args[1:2] if ast.unparse(call.func) == "draws.generator" else call.args[1:]:
            match argument:
                case ast.Constant(value=str(name)):
                    yield name
                case ast.JoinedStr(values=parts):
                    yield "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts
                    )
                case ast.Starred(value=ast.Name(id=constant)):
                    module = ".".join(("cpsim", *file.relative_to(SOURCES).with_suffix("").parts))
                    yield from getattr(import_module(module), constant)
                case _:
                    pytest.fail(
                        f"{file}:{call.lineno}: write the name of a stream as a literal: {ast.unparse(call)}"
                    )


def test_the_names_that_are_keys_of_draws_have_not_changed() -> None:
    """Renaming a stream, a kind of agency, a reason of need or an inspected service changes all results."""
    found = sorted({name for file in SOURCES.rglob("*.py") for name in list_stream_names(file)})
    assert found == STREAM_NAMES
    assert KNOWN_KINDS == ("school", "gp", "pct", "hospital", "police", "community")
    assert OTHER_NEEDS == ("disability", "family_stress", "older_teenager")
    assert (CHILDREN, ADULTS) == ("children", "adults")


STREAM_NAMES = [
    "adult social care",
    "answer",
    "attendance",
    "authorities by lot",
    "autonomy by lot",
    "care",
    "conference",
    "consult",
    "core assessment or enquiry",
    "courage of the certain",
    "days of initial assessment",
    "delay",
    "delivery",
    "deprivation of an authority",
    "escalation",
    "experience of a newcomer",
    "false match",
    "family frailty",
    "family misreading",
    "family severity",
    "family size",
    "file of social care left behind",
    "files lost in a merger",
    "first birth",
    "first contact",
    "first meeting",
    "first meeting, mark 0",
    "first meeting, mark 1",
    "first meeting, mark 2",
    "first meeting, mark 3",
    "first meeting, sign",
    "first review",
    "first vacancy",
    "floor",
    "gaps between births",
    "initial assessment",
    "inspection of {}",
    "leaving",
    "length of care",
    "length of spell",
    "look in a shared record",
    "marks on signs to {}",
    "matching boundaries",
    "misreading by social care",
    "misreading by {}",
    "moves",
    "moves between authorities",
    "moves between {}",
    "neighbourhood",
    "number of moves",
    "onset",
    "orders of perfect stages",
    "other need seen",
    "other need {}",
    "partner",
    "phase of judgement",
    "place in catchment of {}",
    "raising",
    "resistance",
    "review",
    "school in another authority",
    "screening",
    "second look",
    "serious event",
    "serious event averted",
    "severity",
    "sibling",
    "signs to {}",
    "size of an authority",
    "smaller group",
    "ties cut",
    "tile {}",
    "traits of authorities",
    "trust at the start",
    "weeks of core assessment",
    "workers at the start",
    "wrong door",
]
"""All names of random streams. To keep published results, do not change this list except for new streams."""
