"""The first event after the onset of harm, and its time: cumulative incidence with competing events.

In the example of `cumulative_incidence`, `result` is the `RunResult` of an authority of 500 children.

>>> from cpsim.results.incidence import FIRST_EVENTS, WEEKS
>>> list(FIRST_EVENTS), WEEKS
(['serious_event', 'protected', 'ended'], 52)
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpsim.arrays import Floats, Ints
from cpsim.measures.deadlines import FIRST_EVENTS, WEEKS, encode_spells, estimate_incidence

__all__ = ["FIRST_EVENTS", "WEEKS", "cumulative_incidence"]

_RESAMPLES = 200
_TAILS = (0.025, 0.975)


def cumulative_incidence(spells: pd.DataFrame) -> pd.DataFrame:
    """Estimate the share of spells of harm in which each competing event came first, by week since onset.

    The estimator and the rule of what counts by a week are those of `cpsim.measures.deadlines`. Intervals are
    percentiles of a bootstrap of whole families, because siblings' outcomes are correlated.

    Args:
        spells: the table of a run; columns in `cpsim.results.TABLES["spells"]`.

    Returns:
        One row for each event of `FIRST_EVENTS` and week 0 to 52: `event`, `week`, `share` (0 to 1), `low` and
        `high` (95% interval). Shares are NaN if there is no spell.

    The shares of the three events never decrease, and together they are at most 1:

    >>> shares = cumulative_incidence(result.spells).pivot(index="week", columns="event", values="share")
    >>> bool(shares.diff().dropna().ge(0).all(axis=None)), bool(shares.sum(axis=1).round(9).le(1).all())
    (True, True)
    """
    cell = encode_spells(spells)
    share = estimate_incidence(cell, np.ones(len(cell)))
    low, high = _resample_limits(cell, spells["family"].to_numpy()) if len(cell) else (share, share)
    return pd.DataFrame(
        {
            "event": np.repeat(list(FIRST_EVENTS), WEEKS + 1),
            "week": np.tile(np.arange(WEEKS + 1), len(FIRST_EVENTS)),
            "share": share.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
        }
    )


def _resample_limits(cell: Ints, family: Ints) -> tuple[Floats, Floats]:
    """Compute both ends of the 95% intervals, each of shape (3 events, 53 weeks), by resampling families."""
    codes, member = np.unique(family, return_inverse=True)
    draws = np.random.default_rng(1)
    chance = np.full(len(codes), 1 / len(codes))
    resampled = [
        estimate_incidence(cell, draws.multinomial(len(codes), chance)[member].astype(np.float64))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(resampled, _TAILS, axis=0)
    return low, high
