"""What an experiment file may say, and what must hold between its settings.

The classes are strict like those of a scenario. What an experiment says about scenarios (its base, its arms, the paths
that it varies) is held against the language of scenarios when the file is read.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from cpsim.scenario.language import Check, Finding, Language
from cpsim.scenario.nodes import Node, child_path
from cpsim.scenario.problems import Problem, did_you_mean, listed, shown
from cpsim.scenario.sections import Section
from cpsim.study.outcomes import USUAL
from cpsim.study.rank_correlation import of_normal_scores
from cpsim.study.vary import DISTRIBUTIONS, Values, Varied

MAX_RUNS = 2_000_000
"""The most runs of an experiment; their table still fits into memory."""
MAX_YEARS = 100
THE_ONLY_ARM = "base"
"""Name of the arm of an experiment that names none."""

_LEAST_EIGENVALUE = 1e-6

_Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
_DESIGN_SEED = Field(
    default=1, ge=0, le=2**32 - 1, description="draws the design; the runs have seeds of their own"
)


class Grid(Section):
    """Every combination of the values listed."""

    kind: Literal["grid"] = "grid"


class ListOfPoints(Section):
    """Points written in a file: one row a point, one column a path."""

    kind: Literal["list"]
    file: str = Field(
        min_length=1, description="a CSV file beside this one; its header names the paths varied"
    )


class LatinHypercube(Section):
    """Points of which each slice of each setting holds exactly one."""

    kind: Literal["latin_hypercube"]
    points: int = Field(ge=2, le=MAX_RUNS, description="number of points")
    seed: _Seed = _DESIGN_SEED


class Sobol(Section):
    """Saltelli's scheme for Sobol indices of k settings."""

    kind: Literal["sobol"]
    base_points: int = Field(
        ge=2, le=MAX_RUNS, description="N, a power of two; N (k + 2) points are run, N (2k + 2) with pairs"
    )
    pairs: bool = Field(default=False, description="whether indices of pairs of settings are wanted too")
    seed: _Seed = _DESIGN_SEED


class Morris(Section):
    """Morris's trajectories through a grid of k settings, which change one setting at a time."""

    kind: Literal["morris"]
    trajectories: int = Field(ge=2, le=MAX_RUNS, description="N; N (k + 1) points are run")
    levels: int = Field(default=4, ge=2, le=100, description="levels of the grid, an even number")
    seed: _Seed = _DESIGN_SEED


class OneAtATime(Section):
    """The base, and from there each setting alone: to every value of its list, or to both ends of its range."""

    kind: Literal["one_at_a_time"]


DESIGNS = ("grid", "list", "latin_hypercube", "sobol", "morris", "one_at_a_time")
Design = Annotated[
    Grid | ListOfPoints | LatinHypercube | Sobol | Morris | OneAtATime, Field(discriminator="kind")
]


class Correlation(Section):
    """Two settings that tend to be high together, or one low where the other is high."""

    between: Annotated[tuple[str, ...], Field(strict=False, min_length=2, max_length=2)] = Field(
        description="two of the paths varied"
    )
    r: float = Field(gt=-1, lt=1, description="their rank correlation")


class Allowance(Section):
    """What the experiment may cost."""

    runs: int | None = Field(default=None, ge=1, description="more runs than this are refused")
    minutes: float | None = Field(
        default=None, gt=0, description="after this time the sweep stops; the same command continues it"
    )


class Definition(Section):
    """An experiment: one question, and the runs that answer it."""

    name: str = Field(
        default="unnamed", min_length=1, max_length=200, description="a short name for tables and figures"
    )
    question: str = Field(
        default="", max_length=2_000, description="the question that the experiment is meant to answer"
    )
    base: str = Field(
        default="baseline", description="the scenario to start from: a shipped name or a file beside this one"
    )
    arms: dict[str, dict[str, Any] | None] = Field(
        default_factory=dict, description="what is compared: settings laid over the base, by name of the arm"
    )
    vary: dict[str, Varied] = Field(
        default_factory=dict, description="paths of a scenario, and the values that they take in all arms"
    )
    correlation: tuple[Correlation, ...] = Field(
        default=(), strict=False, description="rank correlations between varied settings; 0 unless given"
    )
    design: Design = Field(default=Grid(), description="which points of the varied settings are run")
    seeds: (
        Annotated[int, Field(ge=1, le=100_000)]
        | Annotated[tuple[_Seed, ...], Field(strict=False, min_length=1)]
    ) = Field(default=1, description="how many seeds, from 1 on, or which; the same in all arms and points")
    outcomes: tuple[str, ...] = Field(
        default=USUAL, strict=False, min_length=1, description="names of summary.json, dotted for parts"
    )
    years: int | None = Field(
        default=None, ge=1, le=MAX_YEARS, description="years judged; overrides clock.years"
    )
    budget: Allowance = Allowance()

    @property
    def seeds_run(self) -> tuple[int, ...]:
        """The seeds, each once."""
        return tuple(range(1, self.seeds + 1)) if isinstance(self.seeds, int) else self.seeds

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms in their order."""
        return tuple(self.arms) or (THE_ONLY_ARM,)


def names_of_arms_are_plain(experiment: Definition) -> Iterator[Finding]:
    """They become values of a column, words of a legend and parts of file names."""
    for name in experiment.arms:
        if not re.fullmatch(r"\w[\w-]{0,59}", name):
            yield ("arms", name), "expected a name of letters, digits, _ and -, such as early_duty"


def what_is_varied_makes_sense(experiment: Definition) -> Iterator[Finding]:
    """Every list, range and distribution knows best what would make no sense of it."""
    for path, varied in experiment.vary.items():
        if fault := varied.fault():
            location, sentence = fault
            yield ("vary", path, *location), sentence


def the_design_has_something_to_vary(experiment: Definition) -> Iterator[Finding]:
    """A design without settings has no points; a list brings its own; a grid cannot count a range."""
    design, vary = experiment.design, experiment.vary
    if design.kind == "list" and vary:
        yield ("vary",), f"the columns of {shown(design.file)} say what varies; leave vary out"
    if design.kind not in ("grid", "list") and not vary:
        yield ("design", "kind"), f"{design.kind} needs settings to vary; add vary"
    if design.kind == "grid":
        for path, varied in vary.items():
            if not isinstance(varied, Values):
                yield ("vary", path), "a grid needs a list of values, such as [0.2, 0.4, 0.6], not a range"


def the_numbers_of_a_design_suit_it(experiment: Definition) -> Iterator[Finding]:
    """Sobol' sequences are balanced at powers of two; Morris's step is half an even number of levels."""
    design = experiment.design
    if design.kind == "sobol" and design.base_points & (design.base_points - 1):
        below = 2 ** (design.base_points.bit_length() - 1)
        yield (
            ("design", "base_points"),
            f"expected a power of two, such as {below} or {2 * below}, not {design.base_points}",
        )
    if design.kind == "morris" and design.levels % 2:
        yield ("design", "levels"), f"expected an even number, not {design.levels}"


def correlations_are_possible(experiment: Definition) -> Iterator[Finding]:
    """Only a Latin hypercube can be rearranged, and not every set of correlations exists."""
    seen: set[frozenset[str]] = set()
    names = list(experiment.vary)
    for index, correlation in enumerate(experiment.correlation):
        unknown = [(step, name) for step, name in enumerate(correlation.between) if name not in names]
        for step, name in unknown:
            hint = did_you_mean(name, names) or f"; there are {listed(names)}"
            yield ("correlation", index, "between", step), f"{shown(name)} is not varied{hint}"
        pair = frozenset(correlation.between)
        if len(pair) == 1 or pair in seen:
            yield ("correlation", index, "between"), "expected two different settings, and each pair once"
        if unknown or len(pair) == 1 or pair in seen:
            return
        seen.add(pair)
    if experiment.correlation:
        yield from _faults_of_all_correlations(experiment)


def _faults_of_all_correlations(experiment: Definition) -> Iterator[Finding]:
    design = experiment.design
    if design.kind != "latin_hypercube":
        yield ("correlation",), f"only a latin_hypercube can be correlated, not a {design.kind}"
    elif design.points <= len(experiment.vary):
        yield ("design", "points"), "correlated settings need more points than there are settings"
    elif np.linalg.eigvalsh(of_normal_scores(correlation_matrix(experiment))).min() < _LEAST_EIGENVALUE:
        yield (
            ("correlation",),
            "no settings can be correlated in this way: together these contradict each other",
        )


def seeds_and_outcomes_stand_once(experiment: Definition) -> Iterator[Finding]:
    """A seed given twice would count its children twice."""
    for setting, given in (("seeds", experiment.seeds_run), ("outcomes", experiment.outcomes)):
        for index, entry in enumerate(given):
            if entry in given[:index]:
                yield (setting, index), f"{shown(entry)} stands in this list twice"


def correlation_matrix(experiment: Definition) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rank correlations between the varied settings in their order [settings, settings]."""
    place = {name: index for index, name in enumerate(experiment.vary)}
    matrix = np.eye(len(place))
    for correlation in experiment.correlation:
        one, other = (place[name] for name in correlation.between)
        matrix[one, other] = matrix[other, one] = correlation.r
    return matrix


def _no_such_branch(node: Node) -> Problem:
    """A design that nobody has, or a way to vary that nobody knows."""
    word, options = ("kind", DESIGNS) if node.path == "design" else ("distribution", tuple(DISTRIBUTIONS))
    told = node.beneath(word)
    if word == "distribution" and told is None:
        expected = "a list of values, a range {from: 0.1, to: 0.9}, or a distribution"
        return Problem(f"expected {expected}, not {shown(node.value)}", node.at, node.path)
    if told is None or not isinstance(told.value, str):
        at = told.at if told else node.at
        return Problem(f"expected one of {listed(options)}", at, child_path(node.path, word))
    plain = "; a range {from: 0.1, to: 0.9} is uniform" if word == "distribution" else ""
    hint = did_you_mean(told.value, options) or f"; there are {listed(options)}{plain}"
    return Problem(
        f"there is no {'design' if word == 'kind' else word} {shown(told.value)}{hint}", told.at, told.path
    )


EXPERIMENTS = Language(
    Definition,
    [
        Check(names_of_arms_are_plain, ()),
        Check(what_is_varied_makes_sense, ()),
        Check(the_design_has_something_to_vary, ("design", "vary", "vary.")),
        Check(the_numbers_of_a_design_suit_it, ("design",)),
        Check(correlations_are_possible, ("design", "correlation", "vary", "vary.")),
        Check(seeds_and_outcomes_stand_once, ()),
    ],
    foundation="base",
    unknown_branch=_no_such_branch,
)
"""The language of experiment files."""
