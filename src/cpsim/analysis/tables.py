"""Cuts the tidy table of a sweep into the tables of shape (points, seeds) that the analysis uses.

In the examples, `runs` are the runs of a sweep with the arms `as_it_was`, `asked` and `bound`, eight points and four
seeds, as `cpsim.load_sweep` returns them.
"""

import pandas as pd

from cpsim.experiment.definition import Design, LatinHypercube, Morris, Sobol
from cpsim.inference import is_constant, subtract
from cpsim.results.names import SUMMARY

__all__ = [
    "difference_table",
    "drop_gaps",
    "label_draws",
    "list_arms",
    "list_outcomes",
    "list_settings",
    "outcome_table",
    "select_points",
    "varies_between_points",
]

_RUN_COLUMNS = frozenset(
    "run_id arm point seed status stage error seconds scenario_hash version".split()
)  # fmt: skip


def list_outcomes(runs: pd.DataFrame) -> list[str]:
    """List the columns that hold an outcome of `summary.json`.

    >>> list_outcomes(runs)
    ['missed_risk_rate', 'assessed_neither_per_10k_year', 'cost_gbp_per_child_year']
    """
    return [name for name in _list_value_columns(runs) if _is_outcome(name)]


def list_settings(runs: pd.DataFrame) -> list[str]:
    """List the columns that hold a setting with more than one value.

    >>> list_settings(runs)
    ['network.trust_start', 'workforce.vacancy_share']
    """
    return [name for name in _list_value_columns(runs) if not _is_outcome(name) and runs[name].nunique() > 1]


def list_arms(runs: pd.DataFrame) -> list[str]:
    """List the names of the arms; the others are compared with the first.

    >>> list_arms(runs)
    ['as_it_was', 'asked', 'bound']
    """
    return [str(name) for name in runs["arm"].astype("category").cat.categories]


def select_points(runs: pd.DataFrame, settings: list[str]) -> pd.DataFrame:
    """Return the values of some settings: a row for each point, a column for each setting.

    >>> select_points(runs, ["network.trust_start"]).shape
    (8, 1)
    """
    return runs.drop_duplicates("point").set_index("point")[settings].sort_index()


def label_draws(design: Design, points: pd.DataFrame) -> pd.Series | None:
    """Label each point with its draw: Sobol and Morris designs place several points around each point they draw.

    Args:
        design: design of the experiment.
        points: values of all varied settings, a row for each point.

    Returns:
        Numbers of the draws, with the index of `points`; None if the points were listed.

    A trajectory of Morris has one point more than there are settings:

    >>> points = pd.DataFrame({"trust": [0.2, 0.4, 0.4, 0.6, 0.4, 0.4], "posts": [10, 10, 20, 20, 20, 10]})
    >>> label_draws(Morris(kind="morris", trajectories=2), points).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    settings = len(points.columns)
    if isinstance(design, Sobol):
        per_draw = (2 * settings if design.pairs else settings) + 2
    elif isinstance(design, Morris):
        per_draw = settings + 1
    elif isinstance(design, LatinHypercube):
        per_draw = 1
    else:
        return None
    return pd.Series(points.index // per_draw, index=points.index, dtype="int64")


def outcome_table(runs: pd.DataFrame, arm: str, outcome: str) -> pd.DataFrame:
    """Return one outcome of one arm, shape (points, seeds); NaN where a run failed or the outcome is undefined.

    >>> outcome_table(runs, "bound", "missed_risk_rate").shape
    (8, 4)
    """
    own = runs[runs["arm"] == arm]
    values = own[outcome].astype("float64").where(own["status"] == "done")
    return own.assign(value=values).pivot(index="point", columns="seed", values="value")


def difference_table(runs: pd.DataFrame, arm: str, reference: str, outcome: str) -> pd.DataFrame:
    """Return the difference of an arm from another in one outcome, on the same children, shape (points, seeds).

    >>> difference = difference_table(runs, "bound", "as_it_was", "assessed_neither_per_10k_year")
    >>> bool((difference > 0).all(axis=None))
    True
    """
    own, other = outcome_table(runs, arm, outcome).align(outcome_table(runs, reference, outcome))
    return pd.DataFrame(subtract(own.to_numpy(), other.to_numpy()), index=own.index, columns=own.columns)


def drop_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Return the points at which every seed has a value.

    >>> drop_gaps(pd.DataFrame({1: [0.5, 0.6], 2: [0.4, float("nan")]})).index.tolist()
    [0]
    """
    return table.dropna(axis=0, how="any")


def varies_between_points(table: pd.DataFrame) -> bool:
    """Return whether the mean over seeds differs between points without gaps, by more than rounding.

    >>> varies_between_points(pd.DataFrame({1: [0.1 + 0.2, 0.4], 2: [0.3, 0.2]}))
    False
    """
    return not is_constant(drop_gaps(table).mean(axis=1).to_numpy(dtype="float64"))


def _list_value_columns(runs: pd.DataFrame) -> list[str]:
    return [str(name) for name in runs.columns if name not in _RUN_COLUMNS]


def _is_outcome(name: str) -> bool:
    return name.partition(".")[0] in SUMMARY
