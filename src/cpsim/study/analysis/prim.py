"""Scenario discovery: under which conditions is something so? The patient rule induction method (PRIM).

Friedman and Fisher (1999): from all cases, thin slices are peeled off the sides, each time the one that gains most,
until few cases are left; the box that is chosen is then pasted out again where that loses nothing. Coverage, density
and quasi-p-values after Bryant and Lempert (2010). As a search over many boxes always finds something, the same search
is also made over shuffled cases, and what it finds there is what chance alone can do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cpsim.study.analysis.inference import CONFIDENCE, Numbers

Cases = np.ndarray[Any, np.dtype[np.bool_]]

_PEEL = 0.05
_LEAST_SHARE = 0.05
_SHUFFLES = 99
_ENOUGH_AS_GOOD = 10
_LOW, _HIGH = 0, 1


@dataclass(frozen=True)
class Found:
    """What PRIM found.

    Attributes:
        trajectory: a row a peel, the whole space first: `step`, `cases`, `coverage` (share of all cases of interest
            that lie in the box), `density` (share of the cases in the box that are of interest), `restricted` settings.
        limits: a row a restricted setting of the chosen box, the surest first: `setting`, `low`, `high` (infinite where
            a side is open), `quasi_p`. A setting of words stands as `setting = word`, 1 where it is so.
        cases: how many cases lie in the chosen box.
        coverage: its coverage.
        density: its density.
        base: share of interest among all cases.
        by_chance: how often as good a box was found among shuffled cases, from 0.01 to 1.
    """

    trajectory: pd.DataFrame
    limits: pd.DataFrame
    cases: int
    coverage: float
    density: float
    base: float
    by_chance: float

    @property
    def shown(self) -> bool:
        """Whether the box is better than what chance finds."""
        return self.by_chance < 1 - CONFIDENCE and len(self.limits) > 0


@dataclass(frozen=True)
class _Box:
    """Limits of each column [2, columns]; a case on a limit is inside."""

    limits: Numbers

    def holds(self, columns: Numbers) -> Cases:
        """Which cases lie inside [cases]."""
        inside: Cases = ((columns >= self.limits[_LOW]) & (columns <= self.limits[_HIGH])).all(axis=1)
        return inside

    def with_limit(self, side: int, column: int, limit: float) -> "_Box":
        """The same box but for one of its sides."""
        limits = self.limits.copy()
        limits[side, column] = limit
        return replace(self, limits=limits)

    def without(self, column: int) -> "_Box":
        """The same box, open in one column."""
        return self.with_limit(_LOW, column, -np.inf).with_limit(_HIGH, column, np.inf)

    @property
    def restricted(self) -> list[int]:
        """Columns that have a limit."""
        return [int(column) for column in np.flatnonzero(np.isfinite(self.limits).any(axis=0))]


def find_box(points: pd.DataFrame, interest: pd.Series, *, seed: int = 1) -> Found:
    """The box in which cases of interest are dense.

    Of the boxes on the way the one is chosen whose coverage and density have the highest harmonic mean. It is pasted,
    and restrictions that chance explains (quasi-p above 0.05) are given up, the least sure first.

    Args:
        points: values of the settings [cases, settings]; numbers, or words.
        interest: whether a case is of interest (bool), same index.
        seed: draws the shuffles.

    Raises:
        ValueError: none or all of the cases are of interest, so that nothing tells them apart.
    """
    wanted = interest.to_numpy(dtype=np.bool_)
    if wanted.all() or not wanted.any():
        raise ValueError("either none or all of the cases are of interest")
    columns = _as_numbers(points)
    cells = columns.to_numpy(dtype=np.float64)
    way = list(_peeled(cells, wanted))
    best, within = max(way, key=lambda step: _worth(step[1], wanted))
    chosen = _simplified(_pasted(best, cells, wanted), cells, wanted)
    inside = chosen.holds(cells)
    return Found(
        trajectory=pd.DataFrame([_step(number, *step, wanted) for number, step in enumerate(way)]),
        limits=_limits(chosen, columns, wanted),
        cases=int(inside.sum()),
        coverage=float(wanted[inside].sum() / wanted.sum()),
        density=float(wanted[inside].mean()),
        base=float(wanted.mean()),
        by_chance=_by_chance(cells, wanted, _worth(within, wanted), seed),
    )


def _as_numbers(points: pd.DataFrame) -> pd.DataFrame:
    """Settings as columns of numbers; each word of a setting has a column of its own, 1 where it stands."""
    words = [name for name, values in points.items() if not pd.api.types.is_numeric_dtype(values)]
    wide = pd.get_dummies(points.astype(dict.fromkeys(words, "str")), columns=words, prefix_sep=" = ")
    return wide.astype("float64")


def _peeled(cells: Numbers, wanted: Cases) -> Iterator[tuple[_Box, Cases]]:
    """The whole space, then one peel after the other until the box is pure or small; with each the cases inside."""
    box = _Box(np.array([[-np.inf], [np.inf]]) * np.ones(cells.shape[1]))
    inside = box.holds(cells)
    yield box, inside
    while not wanted[inside].all():
        candidates = [
            (gain, peeled)
            for column in range(cells.shape[1])
            for side in (_LOW, _HIGH)
            if (found := _peel(box, side, column, cells, wanted, inside)) is not None
            for gain, peeled in [found]
        ]
        if not candidates:
            return
        _, box = max(candidates, key=lambda candidate: candidate[0])
        inside = box.holds(cells)
        yield box, inside


def _peel(
    box: _Box, side: int, column: int, cells: Numbers, wanted: Cases, inside: Cases
) -> tuple[float, _Box] | None:
    """One slice off one side, and the density gained for each share of the cases lost; None if too few would stay.

    Slices are of unequal size where values are tied, so that the gain alone would favour the thickest.
    """
    values = cells[inside, column]
    place = int(_PEEL * len(values)) if side == _LOW else len(values) - 1 - int(_PEEL * len(values))
    edge = np.partition(values, place)[place]
    away = values < edge if side == _LOW else values > edge
    if not away.any():
        away = values == edge
    kept = ~away
    if kept.sum() < max(_LEAST_SHARE * len(cells), 1):
        return None
    nearest = (
        values[kept].min() + values[away].max() if side == _LOW else values[kept].max() + values[away].min()
    )
    hits = wanted[inside]
    gain = (hits[kept].mean() - hits.mean()) / away.mean()
    return float(gain), box.with_limit(side, column, float(nearest) / 2)


def _pasted(box: _Box, cells: Numbers, wanted: Cases) -> _Box:
    """The box, widened slice by slice as long as its density does not fall."""
    while True:
        wider = [
            pasted
            for column in box.restricted
            for side in (_LOW, _HIGH)
            if (pasted := _paste(box, side, column, cells)) is not None
        ]
        density = wanted[box.holds(cells)].mean()
        better = [pasted for pasted in wider if wanted[pasted.holds(cells)].mean() >= density]
        if not better:
            return box
        box = max(better, key=lambda pasted: (wanted[pasted.holds(cells)].mean(), pasted.holds(cells).sum()))


def _paste(box: _Box, side: int, column: int, cells: Numbers) -> _Box | None:
    """The box with one more slice on one side; None if that side is open."""
    limit = box.limits[side, column]
    if np.isinf(limit):
        return None
    besides = cells[box.without(column).holds(cells), column]
    beyond = np.sort(besides[besides < limit])[::-1] if side == _LOW else np.sort(besides[besides > limit])
    slice_size = max(int(_PEEL * box.holds(cells).sum()), 1)
    if slice_size >= len(beyond):
        return box.with_limit(side, column, -np.inf if side == _LOW else np.inf)
    last = beyond[slice_size - 1]
    further = beyond[beyond < last] if side == _LOW else beyond[beyond > last]
    if not len(further):
        return box.with_limit(side, column, -np.inf if side == _LOW else np.inf)
    return box.with_limit(side, column, float(last + further[0]) / 2)


def _simplified(box: _Box, cells: Numbers, wanted: Cases) -> _Box:
    """The box without the restrictions that chance explains."""
    while box.restricted:
        doubts = {column: _quasi_p(box, column, cells, wanted) for column in box.restricted}
        least_sure = max(doubts, key=lambda column: doubts[column])
        if doubts[least_sure] <= 1 - CONFIDENCE:
            return box
        box = box.without(least_sure)
    return box


def _quasi_p(box: _Box, column: int, cells: Numbers, wanted: Cases) -> float:
    """How likely as many cases of interest are if a column's limits told nothing: binomial, density without them."""
    from scipy.stats import binom

    inside, looser = box.holds(cells), box.without(column).holds(cells)
    return float(binom.sf(wanted[inside].sum() - 1, inside.sum(), wanted[looser].mean()))


def _worth(inside: Cases, wanted: Cases) -> float:
    """Harmonic mean of coverage and density of the cases inside a box."""
    return float(2 * wanted[inside].sum() / (wanted.sum() + inside.sum()))


def _by_chance(cells: Numbers, wanted: Cases, worth: float, seed: int) -> float:
    """Share of shuffles with as good a box; after enough of these it is known well enough (Besag and Clifford 1991)."""
    draws = np.random.default_rng(seed)
    as_good = 0
    for shuffles in range(1, _SHUFFLES + 1):
        shuffled = draws.permutation(wanted)
        as_good += max(_worth(inside, shuffled) for _, inside in _peeled(cells, shuffled)) >= worth
        if as_good == _ENOUGH_AS_GOOD:
            return as_good / shuffles
    return (1 + as_good) / (1 + _SHUFFLES)


def _step(number: int, box: _Box, inside: Cases, wanted: Cases) -> dict[str, float]:
    return {
        "step": number,
        "cases": int(inside.sum()),
        "coverage": wanted[inside].sum() / wanted.sum(),
        "density": wanted[inside].mean(),
        "restricted": len(box.restricted),
    }


def _limits(box: _Box, columns: pd.DataFrame, wanted: Cases) -> pd.DataFrame:
    cells = columns.to_numpy(dtype=np.float64)
    rows = [
        {
            "setting": str(columns.columns[column]),
            "low": box.limits[_LOW, column],
            "high": box.limits[_HIGH, column],
            "quasi_p": _quasi_p(box, column, cells, wanted),
        }
        for column in box.restricted
    ]
    frame = pd.DataFrame(rows, columns=["setting", "low", "high", "quasi_p"])
    return frame.sort_values("quasi_p", kind="stable", ignore_index=True)
