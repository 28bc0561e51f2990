"""Which settings move an outcome, alone and in pairs: least squares over the points, with seeds as blocks.

Every number is scaled to run from -1/2 at the lowest value run to 1/2 at the highest, so that a main effect is what the
outcome changes from one end to the other, in its own unit, while the other settings lie in the middle. An interaction
is how much that change differs between both ends of the other setting. A setting of words is compared with its first.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from cpsim.study.analysis.inference import Numbers, crossed, holm, told, verdicts
from cpsim.study.analysis.tables import without_gaps


class _Term(NamedTuple):
    """One column of the regression and between which values it runs."""

    setting: str
    start: object
    end: object
    column: Numbers


def main_effects(table: pd.DataFrame, points: pd.DataFrame, draws: pd.Series | None) -> pd.DataFrame:
    """What an outcome changes when one setting goes from one end to the other.

    Args:
        table: outcome [points, seeds]; points with gaps are left out.
        points: values of the settings [points, settings] with the same index.
        draws: which draw of the design each point comes from, same index; None if the points were written out, and
            others than these are not asked about.

    Returns:
        A row a setting (for words: a row a value but the first), the largest first: `setting`, `from`, `to`, `effect`,
        `low` and `high` (95 %), `p`, `p_holm` (over all rows), `verdict` and `fit`, the share of the variance between
        points that the effects explain together.

    Raises:
        ValueError: the points cannot tell the effects apart, or none has all its figures.
    """
    whole = without_gaps(table)
    terms = _terms(points.loc[whole.index])
    columns = _with_constant([term.column for term in terms], len(whole))
    effects = _effects(whole, columns, len(terms), draws)
    effects.insert(0, "setting", [term.setting for term in terms])
    effects.insert(1, "from", [term.start for term in terms])
    effects.insert(2, "to", [term.end for term in terms])
    return _largest_first(effects)


def pairwise_interactions(table: pd.DataFrame, points: pd.DataFrame, draws: pd.Series | None) -> pd.DataFrame:
    """How much the effect of one setting differs between both ends of another; main effects are in the same fit.

    Returns:
        A row a pair, the largest first: `setting`, `to`, `other`, `other_to`, and the rest as for main effects.

    Raises:
        ValueError: the points cannot tell the effects apart, as when settings vary one at a time.
    """
    whole = without_gaps(table)
    terms = _terms(points.loc[whole.index])
    pairs = [(one, other) for one, other in combinations(terms, 2) if one.setting != other.setting]
    products = [one.column * other.column for one, other in pairs]
    columns = _with_constant([*(term.column for term in terms), *products], len(whole))
    effects = _effects(whole, columns, len(pairs), draws)
    effects.insert(0, "setting", [one.setting for one, _ in pairs])
    effects.insert(1, "to", [one.end for one, _ in pairs])
    effects.insert(2, "other", [other.setting for _, other in pairs])
    effects.insert(3, "other_to", [other.end for _, other in pairs])
    return _largest_first(effects)


def _terms(points: pd.DataFrame) -> list[_Term]:
    if not len(points):
        raise ValueError("no point has all its figures")
    return [term for name, values in points.items() for term in _terms_of(str(name), values)]


def _terms_of(name: str, values: pd.Series) -> list[_Term]:
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        low, high = values.min(), values.max()
        if low == high:
            return []
        scaled = (values.to_numpy(dtype=np.float64) - (low + high) / 2) / (high - low)
        return [_Term(name, low, high, scaled)]
    first, *others = values.drop_duplicates()
    return [_Term(name, first, word, (values == word).to_numpy(dtype=np.float64) - 0.5) for word in others]


def _with_constant(columns: list[Numbers], points: int) -> Numbers:
    return np.column_stack([np.ones(points), *columns])


def _effects(table: pd.DataFrame, columns: Numbers, last: int, draws: pd.Series | None) -> pd.DataFrame:
    """The last so many terms of the fit, told."""
    values = table.to_numpy(dtype=np.float64)
    own_draws = None if draws is None else draws.loc[table.index].to_numpy(dtype=np.int64)
    fitted = told(crossed(values, columns, own_draws))
    effects = fitted.iloc[len(fitted) - last :].reset_index(drop=True).rename(columns={"value": "effect"})
    effects["p_holm"] = holm(effects["p"])
    effects["verdict"] = verdicts(effects["effect"], effects["p_holm"], "raises", "lowers")
    effects["fit"] = _fit(values.mean(axis=1), columns)
    return effects


def _fit(means: Numbers, columns: Numbers) -> float:
    total = ((means - means.mean()) ** 2).sum()
    residual = means - columns @ (np.linalg.pinv(columns) @ means)
    return float(1 - (residual**2).sum() / total) if total > 0 else float("nan")


def _largest_first(effects: pd.DataFrame) -> pd.DataFrame:
    return effects.sort_values("effect", key=abs, ascending=False, kind="stable", ignore_index=True)
