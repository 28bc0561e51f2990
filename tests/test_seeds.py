"""One rule for seeds: whole numbers from 0 to a limit, however they are given; anything else is refused."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import cpsim
from cpsim.cli import main
from cpsim.constants import MAX_SEED, MAX_SEEDS
from cpsim.experiment.adapters import ExperimentFunction
from cpsim.experiment.read import load_experiment
from cpsim.live.session import Classroom, Show
from cpsim.live.shared_history import SharedHistories
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import from_mapping
from cpsim.seeds import list_seeds, read_seed
from cpsim.world import draw_world

TOWN = {"extends": "small", "population": {"children": 200}, "clock": {"years": 1, "warm_up_years": 0}}

SEEDS = [0, 7, MAX_SEED, np.int64(7), np.int32(7), np.uint8(7), np.uint64(MAX_SEED)]
NO_SEEDS = [
    -1,
    MAX_SEED + 1,
    1.7,
    1.0,
    np.float64(7.0),
    -0.5,
    True,
    np.bool_(True),
    np.timedelta64(3, "D"),
    "3",
    "",
    b"3",
    [1],
    np.arange(2),
    np.random.default_rng(1),
    np.random.SeedSequence(1),
]


@pytest.mark.parametrize("seed", SEEDS, ids=repr)
def test_whole_numbers_of_python_and_numpy_are_seeds(seed: Any) -> None:
    assert read_seed(seed) == int(seed)
    assert type(read_seed(seed)) is int


ENTRY_POINTS: dict[str, Callable[[Any], object]] = {
    "run": lambda seed: cpsim.run(TOWN, seed),
    "model, seed": lambda seed: cpsim.ChildProtectionModel(TOWN, seed=seed),
    "model, rng": lambda seed: cpsim.ChildProtectionModel(TOWN, rng=seed),
    "compare": lambda seed: cpsim.compare(TOWN, TOWN, seeds=[seed], prevalences=()),
    "attribute": lambda seed: cpsim.attribute(TOWN, [seed], 2),
    "story": lambda seed: cpsim.story(TOWN, seed=seed),
    "demo": lambda seed: Classroom(Show((from_mapping(TOWN),), 1, 0, SharedHistories()), seed),
    "world": lambda seed: draw_world(from_mapping(TOWN), seed),
}


def describe_seed(seed: object) -> str:
    """Return a text that is the same in every process of the tests, without the address of an object."""
    return repr(seed).split(" at 0x")[0]


@pytest.mark.parametrize("seed", NO_SEEDS, ids=describe_seed)
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_every_entry_point_refuses_what_is_no_seed_in_one_sentence(entry_point: str, seed: Any) -> None:
    with pytest.raises(
        ValueError, match="a seed must be a whole number from 0 to 4294967295, not "
    ) as refused:
        ENTRY_POINTS[entry_point](seed)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("entry_point", ["run", "compare", "attribute", "demo", "world"])
def test_none_is_a_seed_only_where_it_has_a_meaning(entry_point: str) -> None:
    with pytest.raises(ValueError, match="not None"):
        ENTRY_POINTS[entry_point](None)


def test_a_model_takes_seeds_of_numpy_and_records_them_as_numbers_of_python() -> None:
    model = cpsim.ChildProtectionModel(TOWN, seed=np.int64(7))
    assert (type(model.seed), model.seed) == (int, 7)
    assert model.world.key == draw_world(from_mapping(TOWN), np.uint8(7)).key


@pytest.mark.parametrize("seeds", [[4, 1, 9], range(3), np.array([4, 1, 9]), (np.int64(4),)], ids=repr)
def test_a_list_of_seeds_is_taken_as_it_is(seeds: Any) -> None:
    assert list_seeds(seeds) == tuple(int(seed) for seed in seeds)


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        (0, "the number of seeds must be a whole number from 1 to 100000, not 0"),
        (MAX_SEEDS + 1, "must be a whole number from 1 to 100000, not 100001"),
        (True, "expected the number of seeds or a list of seeds, not True"),
        (2.5, "expected the number of seeds or a list of seeds, not 2.5"),
        ("12", "expected the number of seeds or a list of seeds, not '12'"),
        (None, "expected the number of seeds or a list of seeds, not None"),
        (np.array(3), "expected the number of seeds or a list of seeds, not a value of type ndarray"),
        (count(), "expected from 1 to 100000 seeds, not more"),
        (range(10**12), "expected from 1 to 100000 seeds, not more"),
        (
            [10**5_000],
            "a seed must be a whole number from 0 to 4294967295, not a number of more than 60 digits",
        ),
        ([], "expected from 1 to 100000 seeds, not 0"),
        ([1, 2, 1], "the seed 1 is given twice"),
        ([1, np.int64(1)], "the seed 1 is given twice"),
    ],
)
def test_a_list_of_seeds_that_makes_no_sense_is_refused(seeds: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list_seeds(seeds)


@pytest.fixture
def write_experiment(tmp_path: Path) -> Callable[[str], Path]:
    def write(seeds: str) -> Path:
        file = tmp_path / "experiment.yaml"
        town = "{population: {children: 200}, clock: {warm_up_years: 0}}"
        text = f"base: small\nyears: 1\narms: {{a: {town}}}\nvary: {{network.trust_start: [0.3]}}\nseeds: {seeds}\n"
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.mark.parametrize("seeds", ["[0]", f"[{MAX_SEED}, 7]", "3"])
def test_an_experiment_file_takes_the_same_seeds(seeds: str, write_experiment: Callable[[str], Path]) -> None:
    assert len(load_experiment(write_experiment(seeds)).definition.seeds_run) >= 1


@pytest.mark.parametrize(
    "seeds", ["[-1]", f"[{MAX_SEED + 1}]", "[1.7]", "[true]", "['3']", "[1, 1]", "[]", "0", "100001"]
)
def test_an_experiment_file_refuses_the_same(seeds: str, write_experiment: Callable[[str], Path]) -> None:
    with pytest.raises(ScenarioError, match="seeds"):
        load_experiment(write_experiment(seeds))


def test_the_largest_number_of_seeds_is_read_quickly(write_experiment: Callable[[str], Path]) -> None:
    """Looking for each seed among all before it would take minutes."""
    experiment = load_experiment(write_experiment(str(MAX_SEEDS)))
    assert experiment.number_of_runs == MAX_SEEDS


def test_an_adapter_takes_the_same_seeds(write_experiment: Callable[[str], Path]) -> None:
    experiment = load_experiment(write_experiment("1"))
    assert ExperimentFunction(experiment, [np.int64(3), 5]).seeds == (3, 5)
    with pytest.raises(ValueError, match=r"not 1\.5"):
        ExperimentFunction(experiment, [1.5])  # type: ignore[list-item]


@pytest.mark.parametrize("command", ["run small", "story small", "bench", "show small"])
@pytest.mark.parametrize("seed", ["seven", "1.7", "-1", "True", "", str(MAX_SEED + 1), "9" * 5_000])
def test_a_command_refuses_the_same_seeds(command: str, seed: str) -> None:
    result = CliRunner().invoke(main, [*command.split(), f"--seed={seed}"])
    assert result.exit_code == 2
    assert "a seed must be a whole number from 0 to 4294967295" in " ".join(result.output.split())


@pytest.mark.parametrize("seeds", ["0", "-3", "1.5", "many", "100001"])
def test_a_comparison_refuses_a_number_of_seeds_that_is_none(seeds: str) -> None:
    result = CliRunner().invoke(main, ["compare", "small", "small", f"--seeds={seeds}"])
    assert result.exit_code == 2
    assert "the number of seeds must be a whole number from 1 to 100000" in " ".join(result.output.split())
