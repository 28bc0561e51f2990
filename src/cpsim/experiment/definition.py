"""The settings of an experiment file, and the rules between them.

The classes are strict, like those of a scenario. The settings that refer to scenarios (the base, the arms and the
varied paths) are checked against the scenario schema when the file is read.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from cpsim.arrays import Floats
from cpsim.constants import MAX_SEED, MAX_SEEDS
from cpsim.experiment.outcomes import DEFAULT_OUTCOMES
from cpsim.experiment.rank_correlation import normal_score_correlations
from cpsim.experiment.variation import DISTRIBUTIONS, Values, Variation
from cpsim.scenario import read
from cpsim.scenario.file_format import Check, FileFormat, Finding, find_repeats
from cpsim.scenario.nodes import Node, child_path
from cpsim.scenario.problems import Problem, format_options, format_value, suggest_nearest
from cpsim.scenario.sections import Line, Paragraphs, SettingsSection

MAX_RUNS = 2_000_000
"""The largest number of runs of an experiment; a table of this size still fits into memory."""
MAX_YEARS = 100
MAX_ARMS = 100
DEFAULT_ARM = "base"
"""Name of the single arm of an experiment that lists no arms."""

__all__ = ["Definition", "build_json_schema"]

_MIN_EIGENVALUE = 1e-6

_Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
_DESIGN_SEED = Field(
    default=1, ge=0, le=MAX_SEED, description="seed of the design; independent of the seeds of the runs"
)


class Grid(SettingsSection):
    """Every combination of the listed values."""

    kind: Literal["grid"] = "grid"


class ListOfPoints(SettingsSection):
    """Points read from a file with a row for each point and a column for each path."""

    kind: Literal["list"]
    file: Line = Field(
        min_length=1, description="a CSV file in the folder of this one; its header lists the varied paths"
    )


class LatinHypercube(SettingsSection):
    """A Latin hypercube sample: each of n equal slices of every setting contains exactly one of the n points."""

    kind: Literal["latin_hypercube"]
    points: int = Field(ge=2, le=MAX_RUNS, description="number of points")
    seed: _Seed = _DESIGN_SEED


class Sobol(SettingsSection):
    """Saltelli's sampling scheme for the Sobol indices of k settings."""

    kind: Literal["sobol"]
    base_points: int = Field(
        ge=2, le=MAX_RUNS, description="N, a power of two; N (k + 2) points are run, N (2k + 2) with pairs"
    )
    pairs: bool = Field(default=False, description="also estimate indices of pairs of settings")
    seed: _Seed = _DESIGN_SEED


class Morris(SettingsSection):
    """Morris trajectories through a grid of k settings; each step changes one setting."""

    kind: Literal["morris"]
    trajectories: int = Field(ge=2, le=MAX_RUNS, description="N; N (k + 1) points are run")
    levels: int = Field(default=4, ge=2, le=100, description="number of grid levels, an even number")
    seed: _Seed = _DESIGN_SEED


class OneAtATime(SettingsSection):
    """The base point, then each setting changed alone: to every value of its list, or to both ends of its range."""

    kind: Literal["one_at_a_time"]


DESIGNS = ("grid", "list", "latin_hypercube", "sobol", "morris", "one_at_a_time")
Design = Annotated[
    Grid | ListOfPoints | LatinHypercube | Sobol | Morris | OneAtATime, Field(discriminator="kind")
]


class Correlation(SettingsSection):
    """A rank correlation between two varied settings."""

    between: Annotated[tuple[str, ...], Field(strict=False, min_length=2, max_length=2)] = Field(
        description="two of the varied paths"
    )
    r: float = Field(gt=-1, lt=1, description="their rank correlation (Spearman)")


class RunBudget(SettingsSection):
    """Limits on the size and duration of an experiment."""

    runs: int | None = Field(default=None, ge=1, description="an experiment with more runs is refused")
    minutes: float | None = Field(
        default=None, gt=0, description="the sweep stops after this time; repeat the command to continue"
    )


class Definition(SettingsSection):
    """The definition of an experiment: its question, its arms, what it varies and which runs it needs.

    >>> definition = Definition.model_validate({"name": "duty", "arms": {"as_it_is": None, "bound": None}, "seeds": 2})
    >>> definition.arm_names, definition.seeds_run
    (('as_it_is', 'bound'), (1, 2))
    """

    name: Line = Field(
        default="unnamed", min_length=1, max_length=200, description="a short name for tables and figures"
    )
    question: Paragraphs = Field(
        default="", max_length=2_000, description="the question that the experiment should answer"
    )
    base: Line = Field(
        default="baseline",
        description="the scenario to start from: a shipped name, or a file in the folder of this one",
    )
    arms: dict[str, dict[str, Any] | None] = Field(
        default_factory=dict,
        description="the alternatives compared: name of the arm, and settings that override the base",
    )
    vary: dict[str, Variation] = Field(
        default_factory=dict,
        description="paths of scenario settings, and the values that they take in all arms",
    )
    correlation: tuple[Correlation, ...] = Field(
        default=(), strict=False, description="rank correlations between varied settings; 0 unless given"
    )
    design: Design = Field(default=Grid(), description="the points of the varied settings that are run")
    seeds: (
        Annotated[int, Field(ge=1, le=MAX_SEEDS)]
        | Annotated[tuple[_Seed, ...], Field(strict=False, min_length=1, max_length=MAX_SEEDS)]
    ) = Field(default=1, description="number of seeds, from 1, or a list; the same for all arms and points")
    outcomes: tuple[str, ...] = Field(
        default=DEFAULT_OUTCOMES,
        strict=False,
        min_length=1,
        description="outcomes of summary.json, with a full stop before a part",
    )
    years: int | None = Field(
        default=None, ge=1, le=MAX_YEARS, description="evaluated years of 52 weeks; overrides clock.years"
    )
    budget: RunBudget = RunBudget()

    @property
    def seeds_run(self) -> tuple[int, ...]:
        """The seeds that are run; a number n stands for 1 to n."""
        return tuple(range(1, self.seeds + 1)) if isinstance(self.seeds, int) else self.seeds

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms, in the order of the file."""
        return tuple(self.arms) or (DEFAULT_ARM,)


def check_arm_names(experiment: Definition) -> Iterator[Finding]:
    """Check that arm names can be used in table columns, legends and file names."""
    for name in experiment.arms:
        if not re.fullmatch(r"\w[\w-]{0,59}", name):
            yield (
                ("arms", name),
                "expected a name of at most 60 letters, digits, _ and -, which does not start with -; "
                "for example early_duty",
            )


def check_variations(experiment: Definition) -> Iterator[Finding]:
    """Check every list, range and distribution under `vary`."""
    for path, variation in experiment.vary.items():
        if problem := variation.find_problem():
            location, message = problem
            yield ("vary", path, *location), message


def check_design_against_vary(experiment: Definition) -> Iterator[Finding]:
    """Check that `vary` suits the design: a list has its own columns, and a grid needs lists of values."""
    design, vary = experiment.design, experiment.vary
    if design.kind == "list" and vary:
        yield ("vary",), f"the columns of {format_value(design.file)} define what varies; remove vary"
    if design.kind not in ("grid", "list") and not vary:
        yield ("design", "kind"), f"{design.kind} needs settings to vary; add vary"
    if design.kind == "grid":
        for path, variation in vary.items():
            if not isinstance(variation, Values):
                yield ("vary", path), "a grid needs a list of values, such as [0.2, 0.4, 0.6], not a range"


def check_design_numbers(experiment: Definition) -> Iterator[Finding]:
    """Check the numbers that a design needs.

    A Sobol sequence is balanced only at powers of two, and the step of a Morris design is half an even number of
    levels.
    """
    design = experiment.design
    if design.kind == "sobol" and design.base_points & (design.base_points - 1):
        below = 2 ** (design.base_points.bit_length() - 1)
        yield (
            ("design", "base_points"),
            f"expected a power of two, such as {below} or {2 * below}, not {design.base_points}",
        )
    if design.kind == "morris" and design.levels % 2:
        yield ("design", "levels"), f"expected an even number, not {design.levels}"


def check_correlations(experiment: Definition) -> Iterator[Finding]:
    """Check that the correlations are between varied settings, each pair once, and can exist together."""
    seen: set[frozenset[str]] = set()
    names = list(experiment.vary)
    for index, correlation in enumerate(experiment.correlation):
        unknown = [(step, name) for step, name in enumerate(correlation.between) if name not in names]
        for step, name in unknown:
            hint = suggest_nearest(name, names) or f"; allowed: {format_options(names)}"
            yield ("correlation", index, "between", step), f"{format_value(name)} is not varied{hint}"
        pair = frozenset(correlation.between)
        if len(pair) == 1 or pair in seen:
            yield (
                ("correlation", index, "between"),
                "expected two different settings, and each pair only once",
            )
        if unknown or len(pair) == 1 or pair in seen:
            return
        seen.add(pair)
    if experiment.correlation:
        yield from _check_correlation_matrix(experiment)


def _check_correlation_matrix(experiment: Definition) -> Iterator[Finding]:
    design = experiment.design
    if design.kind != "latin_hypercube":
        yield ("correlation",), f"only a latin_hypercube can have correlations, not a {design.kind}"
    elif design.points <= len(experiment.vary):
        yield (
            ("design", "points"),
            f"correlations need more points than varied settings, so at least {len(experiment.vary) + 1}",
        )
    elif (
        np.linalg.eigvalsh(normal_score_correlations(correlation_matrix(experiment))).min() < _MIN_EIGENVALUE
    ):
        yield (
            ("correlation",),
            "these correlations contradict each other: no settings can have all of them",
        )


def check_duplicates(experiment: Definition) -> Iterator[Finding]:
    """Check that no seed and no outcome is listed twice; a repeated seed would count its children twice."""
    for setting, given in (("seeds", experiment.seeds_run), ("outcomes", experiment.outcomes)):
        for index, message in find_repeats(given):
            yield (setting, index), message


def correlation_matrix(experiment: Definition) -> Floats:
    """Rank correlations between the varied settings, in the order of `vary`, shape (settings, settings)."""
    place = {name: index for index, name in enumerate(experiment.vary)}
    matrix = np.eye(len(place))
    for correlation in experiment.correlation:
        one, other = (place[name] for name in correlation.between)
        matrix[one, other] = matrix[other, one] = correlation.r
    return matrix


def _describe_unknown_kind(node: Node) -> Problem:
    """Describe a design or a variation whose kind is missing or unknown."""
    key, options = ("kind", DESIGNS) if node.path == "design" else ("distribution", tuple(DISTRIBUTIONS))
    given = node.get(key)
    if key == "distribution" and given is None:
        expected = "a list of values, a range {from: 0.1, to: 0.9}, or a distribution"
        return Problem(f"expected {expected}, not {format_value(node.value)}", node.at, node.path)
    if given is None or not isinstance(given.value, str):
        at = given.at if given else node.at
        return Problem(f"expected one of {format_options(options)}", at, child_path(node.path, key))
    uniform = (
        "; for a uniform distribution write a range {from: 0.1, to: 0.9}" if key == "distribution" else ""
    )
    hint = suggest_nearest(given.value, options) or f"; allowed: {format_options(options)}{uniform}"
    noun = "design" if key == "kind" else key
    return Problem(f"there is no {noun} {format_value(given.value)}{hint}", given.at, given.path)


EXPERIMENTS = FileFormat(
    Definition,
    [
        Check(check_arm_names, ()),
        Check(check_variations, ()),
        Check(check_design_against_vary, ("design", "vary", "vary.")),
        Check(check_design_numbers, ("design",)),
        Check(check_correlations, ("design", "correlation", "vary", "vary.")),
        Check(check_duplicates, ()),
    ],
    foundation="base",
    unknown_branch=_describe_unknown_kind,
    synonyms={
        "scenario": "base",
        "extends": "base",
        "scenarios": "arms",
        "parameters": "vary",
        "replicates": "seeds",
        "seed": "seeds",
        "title": "name",
        "description": "question",
    },
)
"""The file format of experiments."""


def build_json_schema() -> dict[str, Any]:
    """Build the JSON Schema of experiment files; an arm has the settings of a scenario.

    >>> schema = build_json_schema()
    >>> schema["title"], "vary" in schema["properties"]
    ('A cpsim experiment', True)
    """
    dialect = "https://json-schema.org/draft/2020-12/schema"
    schema, scenario = Definition.model_json_schema(), read.build_json_schema()
    root = {key: part for key, part in scenario.items() if key not in ("$schema", "$defs")}
    arms = {**schema["properties"]["arms"], "additionalProperties": {"anyOf": [root, {"type": "null"}]}}
    return {
        "$schema": dialect,
        **schema,
        "$defs": {**scenario["$defs"], **schema["$defs"]},
        "properties": {**schema["properties"], "arms": arms},
        "title": "A cpsim experiment",
    }
