"""The tidy table of a sweep, cut into the tables [points, seeds] that analysis works on."""

import pandas as pd

from cpsim.results.names import SUMMARY
from cpsim.study.definition import Design, LatinHypercube, Morris, Sobol

_ABOUT_RUNS = frozenset(
    "run_id arm point seed status stage error seconds scenario_hash version".split()
)  # fmt: skip


def outcomes_of(runs: pd.DataFrame) -> list[str]:
    """Columns that hold a figure of `summary.json`."""
    return [name for name in _figures(runs) if _is_outcome(name)]


def settings_of(runs: pd.DataFrame) -> list[str]:
    """Columns that hold a setting which has more than one value."""
    return [name for name in _figures(runs) if not _is_outcome(name) and runs[name].nunique() > 1]


def arms_of(runs: pd.DataFrame) -> list[str]:
    """Names of the arms; the first is the one that the others are compared with."""
    return [str(name) for name in runs["arm"].astype("category").cat.categories]


def points_of(runs: pd.DataFrame, settings: list[str]) -> pd.DataFrame:
    """Values of some settings: index `point`, a column each."""
    return runs.drop_duplicates("point").set_index("point")[settings].sort_index()


def draws_of(design: Design, points: pd.DataFrame) -> pd.Series | None:
    """Which draw each point comes from: Sobol and Morris designs place several points around each that they draw.

    Args:
        design: of the experiment.
        points: values of all settings varied: index `point`, a column each.

    Returns:
        A series with the index of `points`; None if the points were written out.
    """
    settings = len(points.columns)
    if isinstance(design, Sobol):
        together = (2 * settings if design.pairs else settings) + 2
    elif isinstance(design, Morris):
        together = settings + 1
    elif isinstance(design, LatinHypercube):
        together = 1
    else:
        return None
    return pd.Series(points.index // together, index=points.index, dtype="int64")


def outcome_table(runs: pd.DataFrame, arm: str, outcome: str) -> pd.DataFrame:
    """One outcome of one arm [points, seeds]; not a number where a run failed or leaves the figure undefined."""
    own = runs[runs["arm"] == arm]
    figures = own[outcome].astype("float64").where(own["status"] == "done")
    return own.assign(figure=figures).pivot(index="point", columns="seed", values="figure")


def difference_table(runs: pd.DataFrame, arm: str, reference: str, outcome: str) -> pd.DataFrame:
    """What an arm has more of an outcome than another on the same children [points, seeds]."""
    return outcome_table(runs, arm, outcome) - outcome_table(runs, reference, outcome)


def without_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """The points at which every seed has a figure."""
    return table.dropna(axis=0, how="any")


def _figures(runs: pd.DataFrame) -> list[str]:
    return [str(name) for name in runs.columns if name not in _ABOUT_RUNS]


def _is_outcome(name: str) -> bool:
    return name.partition(".")[0] in SUMMARY
