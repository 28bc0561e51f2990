"""Seeds of any kind, for every entry point that takes seeds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import Result
from hypothesis import strategies as st
from tests.fuzz.documented import check_text, run_command
from tests.fuzz.python_settings import load_tiny_experiment
from tests.fuzz.target import Fault, Target
from tests.fuzz.values import leaves, make_values, nest, numbers, texts

import cpsim
from cpsim.comparison.compare import ComparisonError, plan_comparison
from cpsim.constants import MAX_SEED, MAX_SEEDS
from cpsim.experiment.adapters import ExperimentFunction, Objective
from cpsim.live.session import Classroom, Show
from cpsim.live.shared_history import SharedHistories
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import from_mapping
from cpsim.seeds import list_seeds, read_seed, read_seed_count
from cpsim.world import draw_world

TOWN: dict[str, Any] = {
    "extends": "small",
    "population": {"children": 200},
    "clock": {"years": 1, "warm_up_years": 0},
}

READERS: dict[str, Callable[[Any], Any]] = {
    "read_seed": read_seed,
    "read_seed_count": read_seed_count,
    "list_seeds": list_seeds,
    "plan of a comparison": lambda seeds: plan_comparison([TOWN, TOWN], seeds).seeds,
    "function": lambda seeds: ExperimentFunction(load_tiny_experiment(), seeds).seeds,
    "objective": lambda seeds: Objective(load_tiny_experiment(), {"missed_risk_rate": 1.0}, seeds=seeds),
}
"""Entry points that read seeds and run nothing."""

RUNS: dict[str, Callable[[Any], Any]] = {
    "run": lambda seed: cpsim.run(TOWN, seed).seed,
    "model, seed": lambda seed: cpsim.ChildProtectionModel(TOWN, seed=seed).seed,
    "model, rng": lambda seed: cpsim.ChildProtectionModel(TOWN, rng=seed).seed,
    "world": lambda seed: draw_world(from_mapping(TOWN), seed).seed,
    "demo": lambda seed: Classroom(Show((from_mapping(TOWN),), 1, 0, SharedHistories()), seed),
    "story": lambda seed: cpsim.story(TOWN, seed=seed),
    "attribute": lambda seeds: cpsim.attribute(TOWN, [seeds], 2).seeds,
}
"""Entry points that run something with a seed."""


@dataclass(frozen=True)
class GivenSeeds:
    """Seeds for an entry point; a `Rare` value stands for another."""

    entry_point: str
    seeds: Any


def give_seeds(given: GivenSeeds, folder: Path) -> bool:
    """Give seeds to an entry point; those that it takes are whole numbers of Python within the limits."""
    del folder
    seeds = make_values(given.seeds)
    try:
        taken = (READERS | RUNS)[given.entry_point](seeds)
    except ScenarioError:
        raise
    except (ComparisonError, ValueError) as error:
        check_text(str(error))
        if "seed" not in str(error):
            raise
        return False
    numbers = taken if isinstance(taken, tuple) else (taken,) if isinstance(taken, int) else ()
    if not all(type(number) is int and 0 <= number <= MAX_SEED for number in numbers):
        raise Fault(f"taken as seeds: {taken!r}")
    return True


@dataclass(frozen=True)
class TypedSeeds:
    """Seeds as they are typed: in an option, or in an experiment file."""

    where: str
    text: str


INVALID = ("--set", "clock.years=none")
"""An error of the scenario, so that nothing is run."""


def _plan_with_seeds(text: str, folder: Path) -> Result:
    file = folder / "experiment.yaml"
    file.write_bytes(f"base: small\nseeds: {text}\n".encode("utf-8", "surrogatepass"))
    return run_command("sweep", str(file), "--dry-run")


def type_seeds(given: TypedSeeds, folder: Path) -> bool:
    """Type seeds on the command line; the scenario has an error of its own, so that nothing is run."""
    if given.where == "--seed":
        result = run_command("run", "small", "--seed", given.text, *INVALID)
    elif given.where == "--seeds":
        result = run_command("compare", "small", "small", "--seeds", given.text, *INVALID)
    else:
        result = _plan_with_seeds(given.text, folder)
    return "seed" not in result.stderr


several = st.one_of(
    st.lists(numbers | leaves, max_size=4), st.lists(numbers | leaves, max_size=4).map(tuple),
    st.sampled_from([MAX_SEEDS, MAX_SEEDS + 1]), nest(texts),
)  # fmt: skip

SEEDS = Target(
    "seeds",
    "seeds of any kind for every function that takes them",
    st.one_of(
        st.builds(GivenSeeds, st.sampled_from(sorted(READERS)), several),
        st.builds(GivenSeeds, st.sampled_from(sorted(RUNS)), leaves | st.just(MAX_SEED) | nest(texts)),
    ),
    give_seeds,
    examples=200,
    few=50,
    prepare=load_tiny_experiment,
)
TYPED_SEEDS = Target(
    "typed_seeds",
    "seeds as they are typed in an option or in an experiment file",
    st.builds(TypedSeeds, st.sampled_from(["--seed", "--seeds", "a file"]), texts | numbers.map(str)),
    type_seeds,
    examples=100,
    few=25,
)
