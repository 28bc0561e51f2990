"""Which settings affect an outcome, alone and in pairs: least squares over the points, with seeds as blocks.

Every numeric setting is scaled to run from -1/2 at its lowest value to 1/2 at its highest. A main effect is therefore
the change in the outcome from one end to the other, in the outcome's own unit, with the other settings in the middle.
An interaction is how much that change differs between the ends of the other setting. A setting whose values are words
is compared with its first value.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from cpsim.analysis.families import count_tests_over_seeds, tabulate_family
from cpsim.analysis.tables import drop_gaps
from cpsim.arrays import Floats
from cpsim.inference import Estimates, find_rounding_error, fit_crossed, is_constant

__all__ = ["effects_by_seed", "main_effects", "pairwise_interactions"]


class _Term(NamedTuple):
    """One column of the regression and the two values that it runs between."""

    setting: str
    start: object
    end: object
    column: Floats


def main_effects(table: pd.DataFrame, points: pd.DataFrame, draws: pd.Series | None) -> pd.DataFrame:
    """Estimate how an outcome changes when one setting goes from one end of its range to the other.

    Args:
        table: outcome, shape (points, seeds); points with gaps are left out.
        points: values of the settings, shape (points, settings), with the same index.
        draws: the draw of the design that each point belongs to, same index; None if the points were listed.

    Returns:
        A row for each setting (for words: a row for each value but the first), the largest effect first: `setting`,
        `from`, `to`, `effect`, `low` and `high` (at the level of the family, which is all rows), `p`, `tests` (number
        of distinct tests in the family), `smallest_shown` (with a probability of 80%), `verdict` and `fit`, the share
        of the variance between points that all effects explain together; NaN if the mean does not vary between points,
        so that there is nothing to explain.

    Raises:
        ValueError: the points cannot separate the effects, or no point has all its values.

    Trust lowers the outcome by 0.2 from one end of its range to the other, and the number of posts has no effect:

    >>> points = pd.DataFrame({"trust": [0.2, 0.6, 0.2, 0.6], "posts": [10, 10, 20, 20]})
    >>> table = pd.DataFrame({1: [0.7, 0.5, 0.7, 0.5], 2: [0.6, 0.41, 0.61, 0.4]})
    >>> effects = main_effects(table, points, draws=None).set_index("setting")
    >>> effects["effect"].round(2).tolist(), effects.index.tolist()
    ([-0.2, 0.0], ['trust', 'posts'])
    """
    complete = drop_gaps(table)
    terms = _build_terms(points.loc[complete.index])
    columns = _add_constant([term.column for term in terms], len(complete))
    effects = _estimate_effects(complete, columns, len(terms), draws)
    effects.insert(0, "setting", [term.setting for term in terms])
    effects.insert(1, "from", [term.start for term in terms])
    effects.insert(2, "to", [term.end for term in terms])
    return _sort_by_size(effects)


def effects_by_seed(table: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Estimate the main effects for each seed alone; their mean over seeds is that of `main_effects`.

    Args:
        table: outcome, shape (points, seeds); points with gaps are left out.
        points: values of the settings, shape (points, settings), with the same index.

    Returns:
        Effects, shape (terms, seeds), with the names of the settings as index, in their order in `points`.

    >>> points = pd.DataFrame({"trust": [0.2, 0.6]})
    >>> effects_by_seed(pd.DataFrame({1: [0.7, 0.5], 2: [0.6, 0.5]}), points).round(2).loc["trust"].tolist()
    [-0.2, -0.1]
    """
    complete = drop_gaps(table)
    terms = _build_terms(points.loc[complete.index])
    columns = _add_constant([term.column for term in terms], len(complete))
    by_seed = _fit_by_seed(complete.to_numpy(dtype=np.float64), columns)[1:]
    return pd.DataFrame(by_seed, index=[term.setting for term in terms], columns=complete.columns)


def pairwise_interactions(table: pd.DataFrame, points: pd.DataFrame, draws: pd.Series | None) -> pd.DataFrame:
    """Estimate how much the effect of one setting differs between the ends of another, together with main effects.

    Args:
        table: outcome, shape (points, seeds); points with gaps are left out.
        points: values of the settings, shape (points, settings), with the same index.
        draws: the draw of the design that each point belongs to, same index; None if the points were listed.

    Returns:
        A row for each pair, the largest interaction first: `setting`, `to`, `other`, `other_to`, and the columns of
        main effects from `effect` on.

    Raises:
        ValueError: the points cannot separate the effects, for example because settings vary one at a time.

    Posts help only where trust is high:

    >>> points = pd.DataFrame({"trust": [0.2, 0.6, 0.2, 0.6], "posts": [10, 10, 20, 20]})
    >>> table = pd.DataFrame({1: [0.7, 0.7, 0.7, 0.5], 2: [0.6, 0.6, 0.6, 0.4]})
    >>> found = pairwise_interactions(table, points, draws=None)
    >>> found[["setting", "other", "effect"]].round(2).to_numpy().tolist()
    [['trust', 'posts', -0.2]]
    """
    complete = drop_gaps(table)
    terms = _build_terms(points.loc[complete.index])
    pairs = [(one, other) for one, other in combinations(terms, 2) if one.setting != other.setting]
    products = [one.column * other.column for one, other in pairs]
    columns = _add_constant([*(term.column for term in terms), *products], len(complete))
    effects = _estimate_effects(complete, columns, len(pairs), draws)
    effects.insert(0, "setting", [one.setting for one, _ in pairs])
    effects.insert(1, "to", [one.end for one, _ in pairs])
    effects.insert(2, "other", [other.setting for _, other in pairs])
    effects.insert(3, "other_to", [other.end for _, other in pairs])
    return _sort_by_size(effects)


def _build_terms(points: pd.DataFrame) -> list[_Term]:
    if not len(points):
        raise ValueError("no point has values for all its seeds")
    return [term for name, values in points.items() for term in _build_setting_terms(str(name), values)]


def _build_setting_terms(name: str, values: pd.Series) -> list[_Term]:
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        low, high = values.min(), values.max()
        if low == high:
            return []
        scaled = (values.to_numpy(dtype=np.float64) - (low + high) / 2) / (high - low)
        return [_Term(name, low, high, scaled)]
    first, *others = values.drop_duplicates()
    return [_Term(name, first, value, (values == value).to_numpy(dtype=np.float64) - 0.5) for value in others]


def _add_constant(columns: list[Floats], points: int) -> Floats:
    return np.column_stack([np.ones(points), *columns])


def _estimate_effects(
    table: pd.DataFrame, columns: Floats, last: int, draws: pd.Series | None
) -> pd.DataFrame:
    """Fit all columns and tabulate the last terms, which are one family."""
    values = table.to_numpy(dtype=np.float64)
    own_draws = None if draws is None else draws.loc[table.index].to_numpy(dtype=np.int64)
    estimates = fit_crossed(values, columns, own_draws)
    first = len(estimates.value) - last
    by_seed = _fit_by_seed(values, columns)[first:]
    tests = count_tests_over_seeds(by_seed) if draws is None else last
    family = Estimates(*(column[first:] for column in estimates))
    effects = tabulate_family(family, tests, higher="raises", lower="lowers").rename(
        columns={"value": "effect"}
    )
    effects["fit"] = _explained_share(values.mean(axis=1), columns)
    return effects


def _fit_by_seed(values: Floats, columns: Floats) -> Floats:
    """Estimate all terms for each seed alone; 0 where rounding alone differs from it; shape (terms, seeds)."""
    by_seed: Floats = np.linalg.pinv(columns) @ values
    return np.where(np.abs(by_seed) < find_rounding_error(values), 0.0, by_seed)


def _explained_share(means: Floats, columns: Floats) -> float:
    if is_constant(means):
        return float("nan")
    residual = means - columns @ (np.linalg.pinv(columns) @ means)
    return float(1 - (residual**2).sum() / ((means - means.mean()) ** 2).sum())


def _sort_by_size(effects: pd.DataFrame) -> pd.DataFrame:
    return effects.sort_values("effect", key=abs, ascending=False, kind="stable", ignore_index=True)
