"""Scenario discovery: the conditions under which something happens, by the patient rule induction method (PRIM).

Friedman and Fisher (1999): thin slices are peeled off the space of cases, each time the slice that gains most, until
few cases are left; the chosen box is then pasted out again where that loses nothing. Coverage, density and
quasi-p-values follow Bryant and Lempert (2010). A search over many boxes always finds something, so the same search is
also made over shuffled cases, to show what chance alone finds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cpsim.arrays import Bools, Floats
from cpsim.inference import CONFIDENCE

__all__ = ["FoundBox", "find_box"]

_PEEL_SHARE = 0.05
_MIN_SHARE = 0.05
_SHUFFLES = 99
_ENOUGH_GOOD_SHUFFLES = 10
_LOW, _HIGH = 0, 1


@dataclass(frozen=True)
class FoundBox:
    """The box that PRIM found.

    Attributes:
        trajectory: a row for each peel, the whole space first: `step`, `cases`, `coverage` (share of all cases of
            interest that are in the box), `density` (share of the cases in the box that are of interest), and
            `restricted`, the number of restricted settings.
        limits: a row for each restricted setting of the chosen box, the most certain first: `setting`, `low`, `high`
            (infinite where a side is open), `quasi_p`. A word is a setting `setting = word`, 1 where it holds.
        cases: number of cases in the chosen box.
        coverage: coverage of the chosen box.
        density: density of the chosen box.
        base: share of cases of interest among all cases.
        by_chance: how often an equally good box was found among shuffled cases, from 0.01 to 1.

    >>> points = pd.DataFrame({"trust": np.linspace(0.2, 0.6, 40), "posts": np.tile([10, 20], 20)})
    >>> box = find_box(points, points["trust"] < 0.3)
    >>> box.is_better_than_chance, box.coverage, box.density
    (True, 1.0, 1.0)
    """

    trajectory: pd.DataFrame
    limits: pd.DataFrame
    cases: int
    coverage: float
    density: float
    base: float
    by_chance: float

    @property
    def is_better_than_chance(self) -> bool:
        """Whether the box is better than what chance alone finds."""
        return self.by_chance < 1 - CONFIDENCE and len(self.limits) > 0


@dataclass(frozen=True)
class _Box:
    """Limits of each column, shape (2, columns); a case on a limit is inside."""

    limits: Floats

    def find_inside(self, columns: Floats) -> Bools:
        """Return which cases are inside, shape (cases,)."""
        inside: Bools = ((columns >= self.limits[_LOW]) & (columns <= self.limits[_HIGH])).all(axis=1)
        return inside

    def replace_limit(self, side: int, column: int, limit: float) -> "_Box":
        """Return the box with another limit on one side."""
        limits = self.limits.copy()
        limits[side, column] = limit
        return replace(self, limits=limits)

    def drop_limits(self, column: int) -> "_Box":
        """Return the box without limits in one column."""
        return self.replace_limit(_LOW, column, -np.inf).replace_limit(_HIGH, column, np.inf)

    @property
    def restricted(self) -> list[int]:
        """Columns that have a limit."""
        return [int(column) for column in np.flatnonzero(np.isfinite(self.limits).any(axis=0))]


def find_box(points: pd.DataFrame, interest: pd.Series, *, seed: int = 1) -> FoundBox:
    """Find the box in which cases of interest are dense.

    Of all boxes on the trajectory, the one with the highest harmonic mean of coverage and density is chosen. It is
    pasted, and restrictions that chance explains (quasi-p above 0.05) are dropped, the least certain first.

    Args:
        points: values of the settings, shape (cases, settings); numbers or words.
        interest: whether a case is of interest (bool), same index.
        seed: seed of the shuffles.

    Raises:
        ValueError: none or all of the cases are of interest.

    An arm is worse where trust is low, whatever the number of posts:

    >>> points = pd.DataFrame({"trust": np.linspace(0.2, 0.6, 40), "posts": np.tile([10, 20], 20)})
    >>> find_box(points, points["trust"] < 0.3).limits["setting"].tolist()
    ['trust']
    """
    wanted = interest.to_numpy(dtype=np.bool_)
    if wanted.all() or not wanted.any():
        raise ValueError("either none or all of the cases are of interest")
    columns = _encode_words(points)
    cells = columns.to_numpy(dtype=np.float64)
    trajectory = list(_peel_boxes(cells, wanted))
    best, best_inside = max(trajectory, key=lambda step: _score(step[1], wanted))
    chosen = _drop_uncertain_limits(_paste_box(best, cells, wanted), cells, wanted)
    inside = chosen.find_inside(cells)
    return FoundBox(
        trajectory=pd.DataFrame(
            [_describe_step(number, *step, wanted) for number, step in enumerate(trajectory)]
        ),
        limits=_tabulate_limits(chosen, columns, wanted),
        cases=int(inside.sum()),
        coverage=float(wanted[inside].sum() / wanted.sum()),
        density=float(wanted[inside].mean()),
        base=float(wanted.mean()),
        by_chance=_estimate_chance(cells, wanted, _score(best_inside, wanted), seed),
    )


def _encode_words(points: pd.DataFrame) -> pd.DataFrame:
    """Return settings as columns of numbers; each word of a setting gets a column of its own, 1 where it holds."""
    words = [name for name, values in points.items() if not pd.api.types.is_numeric_dtype(values)]
    wide = pd.get_dummies(points.astype(dict.fromkeys(words, "str")), columns=words, prefix_sep=" = ")
    return wide.astype("float64")


def _peel_boxes(cells: Floats, wanted: Bools) -> Iterator[tuple[_Box, Bools]]:
    """Yield the whole space and then each peel, until the box is pure or small, with the cases inside."""
    box = _Box(np.array([[-np.inf], [np.inf]]) * np.ones(cells.shape[1]))
    inside = box.find_inside(cells)
    yield box, inside
    while not wanted[inside].all():
        candidates = [
            (gain, peeled)
            for column in range(cells.shape[1])
            for side in (_LOW, _HIGH)
            if (found := _peel_side(box, side, column, cells, wanted, inside)) is not None
            for gain, peeled in [found]
        ]
        if not candidates:
            return
        _, box = max(candidates, key=lambda candidate: candidate[0])
        inside = box.find_inside(cells)
        yield box, inside


def _peel_side(
    box: _Box, side: int, column: int, cells: Floats, wanted: Bools, inside: Bools
) -> tuple[float, _Box] | None:
    """Peel a slice off one side; returns the gain in density per share of cases lost, and the box; None if too small.

    Slices have unequal sizes where values are tied, so the gain alone would favour the thickest slice.
    """
    values = cells[inside, column]
    place = (
        int(_PEEL_SHARE * len(values)) if side == _LOW else len(values) - 1 - int(_PEEL_SHARE * len(values))
    )
    edge = np.partition(values, place)[place]
    away = values < edge if side == _LOW else values > edge
    if not away.any():
        away = values == edge
    kept = ~away
    if kept.sum() < max(_MIN_SHARE * len(cells), 1):
        return None
    nearest = (
        values[kept].min() + values[away].max() if side == _LOW else values[kept].max() + values[away].min()
    )
    hits = wanted[inside]
    gain = (hits[kept].mean() - hits.mean()) / away.mean()
    return float(gain), box.replace_limit(side, column, float(nearest) / 2)


def _paste_box(box: _Box, cells: Floats, wanted: Bools) -> _Box:
    """Return the box, widened slice by slice while its density does not fall."""
    while True:
        wider = [
            pasted
            for column in box.restricted
            for side in (_LOW, _HIGH)
            if (pasted := _paste_side(box, side, column, cells)) is not None
        ]
        density = wanted[box.find_inside(cells)].mean()
        better = [pasted for pasted in wider if wanted[pasted.find_inside(cells)].mean() >= density]
        if not better:
            return box
        box = max(
            better,
            key=lambda pasted: (wanted[pasted.find_inside(cells)].mean(), pasted.find_inside(cells).sum()),
        )


def _paste_side(box: _Box, side: int, column: int, cells: Floats) -> _Box | None:
    """Return the box with one more slice on one side; None if that side is open."""
    limit = box.limits[side, column]
    if np.isinf(limit):
        return None
    candidates = cells[box.drop_limits(column).find_inside(cells), column]
    beyond = (
        np.sort(candidates[candidates < limit])[::-1]
        if side == _LOW
        else np.sort(candidates[candidates > limit])
    )
    slice_size = max(int(_PEEL_SHARE * box.find_inside(cells).sum()), 1)
    if slice_size >= len(beyond):
        return box.replace_limit(side, column, -np.inf if side == _LOW else np.inf)
    last = beyond[slice_size - 1]
    further = beyond[beyond < last] if side == _LOW else beyond[beyond > last]
    if not len(further):
        return box.replace_limit(side, column, -np.inf if side == _LOW else np.inf)
    return box.replace_limit(side, column, float(last + further[0]) / 2)


def _drop_uncertain_limits(box: _Box, cells: Floats, wanted: Bools) -> _Box:
    """Return the box without the restrictions that chance explains."""
    while box.restricted:
        p_values = {column: _compute_quasi_p(box, column, cells, wanted) for column in box.restricted}
        least_certain = max(p_values, key=lambda column: p_values[column])
        if p_values[least_certain] <= 1 - CONFIDENCE:
            return box
        box = box.drop_limits(least_certain)
    return box


def _compute_quasi_p(box: _Box, column: int, cells: Floats, wanted: Bools) -> float:
    """Return the binomial probability of as many cases of interest if the limits of a column had no effect."""
    from scipy.stats import binom

    inside, looser = box.find_inside(cells), box.drop_limits(column).find_inside(cells)
    return float(binom.sf(wanted[inside].sum() - 1, inside.sum(), wanted[looser].mean()))


def _score(inside: Bools, wanted: Bools) -> float:
    """Return the harmonic mean of coverage and density of the cases inside a box."""
    return float(2 * wanted[inside].sum() / (wanted.sum() + inside.sum()))


def _estimate_chance(cells: Floats, wanted: Bools, score: float, seed: int) -> float:
    """Estimate the share of shuffles with an equally good box; stops after enough of them (Besag and Clifford 1991)."""
    generator = np.random.default_rng(seed)
    good_shuffles = 0
    for shuffles in range(1, _SHUFFLES + 1):
        shuffled = generator.permutation(wanted)
        good_shuffles += max(_score(inside, shuffled) for _, inside in _peel_boxes(cells, shuffled)) >= score
        if good_shuffles == _ENOUGH_GOOD_SHUFFLES:
            return good_shuffles / shuffles
    return (1 + good_shuffles) / (1 + _SHUFFLES)


def _describe_step(number: int, box: _Box, inside: Bools, wanted: Bools) -> dict[str, float]:
    return {
        "step": number,
        "cases": int(inside.sum()),
        "coverage": wanted[inside].sum() / wanted.sum(),
        "density": wanted[inside].mean(),
        "restricted": len(box.restricted),
    }


def _tabulate_limits(box: _Box, columns: pd.DataFrame, wanted: Bools) -> pd.DataFrame:
    cells = columns.to_numpy(dtype=np.float64)
    rows = [
        {
            "setting": str(columns.columns[column]),
            "low": box.limits[_LOW, column],
            "high": box.limits[_HIGH, column],
            "quasi_p": _compute_quasi_p(box, column, cells, wanted),
        }
        for column in box.restricted
    ]
    frame = pd.DataFrame(rows, columns=["setting", "low", "high", "quasi_p"])
    return frame.sort_values("quasi_p", kind="stable", ignore_index=True)
