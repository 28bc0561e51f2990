"""Cuts the tidy table of a sweep into the tables of shape (points, seeds) that the analysis uses."""

import pandas as pd

from cpsim.experiment.definition import Design, LatinHypercube, Morris, Sobol
from cpsim.results.names import SUMMARY

_RUN_COLUMNS = frozenset(
    "run_id arm point seed status stage error seconds scenario_hash version".split()
)  # fmt: skip


def list_outcomes(runs: pd.DataFrame) -> list[str]:
    """List the columns that hold an outcome of `summary.json`."""
    return [name for name in _list_value_columns(runs) if _is_outcome(name)]


def list_settings(runs: pd.DataFrame) -> list[str]:
    """List the columns that hold a setting with more than one value."""
    return [name for name in _list_value_columns(runs) if not _is_outcome(name) and runs[name].nunique() > 1]


def list_arms(runs: pd.DataFrame) -> list[str]:
    """List the names of the arms; the others are compared with the first."""
    return [str(name) for name in runs["arm"].astype("category").cat.categories]


def select_points(runs: pd.DataFrame, settings: list[str]) -> pd.DataFrame:
    """Return the values of some settings: a row for each point, a column for each setting."""
    return runs.drop_duplicates("point").set_index("point")[settings].sort_index()


def label_draws(design: Design, points: pd.DataFrame) -> pd.Series | None:
    """Label each point with its draw: Sobol and Morris designs place several points around each point they draw.

    Args:
        design: design of the experiment.
        points: values of all varied settings, a row for each point.

    Returns:
        Numbers of the draws, with the index of `points`; None if the points were listed.
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
    """Return one outcome of one arm, shape (points, seeds); NaN where a run failed or the outcome is undefined."""
    own = runs[runs["arm"] == arm]
    values = own[outcome].astype("float64").where(own["status"] == "done")
    return own.assign(value=values).pivot(index="point", columns="seed", values="value")


def difference_table(runs: pd.DataFrame, arm: str, reference: str, outcome: str) -> pd.DataFrame:
    """Return the difference of an arm from another in one outcome, on the same children, shape (points, seeds)."""
    return outcome_table(runs, arm, outcome) - outcome_table(runs, reference, outcome)


def drop_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Return the points at which every seed has a value."""
    return table.dropna(axis=0, how="any")


def _list_value_columns(runs: pd.DataFrame) -> list[str]:
    return [str(name) for name in runs.columns if name not in _RUN_COLUMNS]


def _is_outcome(name: str) -> bool:
    return name.partition(".")[0] in SUMMARY
