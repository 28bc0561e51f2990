"""Outcomes: differences between local authorities, and whether ratings tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.registry import SHARE, outcome

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.arrays import Floats
    from cpsim.measures.outcomes.columns import OutcomeColumns

LEAST_AUTHORITIES: Final = 20
"""Fewest authorities for which a correlation between authorities is computed."""
_GOOD: Final = 3  # grades 3 and 4 of 4
_WORST: Final = 0.2  # the worst fifth by true quality


@outcome(
    unit="0 to 1",
    label="Inequality between authorities",
    meaning="Gini coefficient of the missed-risk rate over local authorities; undefined with one.",
    better="lower",
    digits=3,
    axis="Gini coefficient",
    change=("inequality between authorities rose by {size}", "inequality between authorities fell by {size}"),
    interest=0.01,
)
def inequality_gini(run: OutcomeColumns) -> float | None:
    rate = np.sort(_rates_missed(run))
    n = len(rate)
    if n < 2 or not rate.sum():
        return None
    return float((2 * np.arange(1, n + 1) - n - 1) @ rate / (n * rate.sum()))


def _rates_missed(run: OutcomeColumns) -> Floats:
    """Missed-risk rate of each authority with a spell that could be followed, shape (authorities,)."""
    followed = run.is_followed()
    by_authority = run.spells["authority"].to_numpy()[followed]
    missed = run.is_result("missed")[followed]
    number = np.bincount(by_authority)
    some = number > 0
    rates: Floats = np.bincount(by_authority, weights=missed)[some] / number[some]
    return rates


@outcome(
    unit="correlation, -1 to 1",
    label="Ratings and truth",
    meaning="Rank correlation over local authorities of the last grade for children's services in a year with the "
    "share of harm weeks that were protected in the next year, averaged over years; needs 20 authorities.",
    better="higher",
    digits=2,
    is_difference=True,
    axis="rank correlation",
)
def rating_truth_correlation(run: OutcomeColumns) -> float | None:
    if run.ratings.empty:
        return None
    grades = _grades_by_year(run)
    places = run.authorities.assign(year=run.authorities["year"] - 1)
    weeks = places["harm_weeks"].where(places["harm_weeks"] > 0)
    places["protected"] = 1 - places["harm_weeks_unprotected"] / weeks
    both = grades.merge(places[["authority", "year", "protected"]], on=["authority", "year"]).dropna()
    found = [
        graded["grade"].rank().corr(graded["protected"].rank())
        for _, graded in both.groupby("year")
        if len(graded) >= LEAST_AUTHORITIES and graded["grade"].nunique() > 1
    ]
    return float(np.mean(found)) if found else None


@outcome(
    unit=SHARE,
    label="Well rated, truly poor",
    meaning="Local authorities in the worst fifth by true quality that were rated 3 or 4, by year; needs 20 "
    "authorities.",
    better="lower",
    axis="of the worst fifth of authorities",
)
def misclassified_las(run: OutcomeColumns) -> float | None:
    good = worst = 0
    for _, graded in _grades_by_year(run).groupby("year"):
        if len(graded) < LEAST_AUTHORITIES:
            continue
        poor = graded.nsmallest(round(_WORST * len(graded)), "quality", keep="all")
        worst += len(poor)
        good += int((poor["grade"] >= _GOOD).sum())
    return ratio(good, worst)


def _grades_by_year(run: OutcomeColumns) -> pd.DataFrame:
    """Return the last rating of each authority's children's services in each evaluated year, counted from 1."""
    ratings, weeks = run.ratings, len(run.evaluated)
    graded = ratings[(ratings["service"] == "children") & ratings["week"].between(0, weeks - 1)]
    return (
        graded.assign(year=graded["week"] // WEEKS_PER_YEAR + 1)
        .sort_values("week", kind="stable")
        .drop_duplicates(["authority", "year"], keep="last")
    )
