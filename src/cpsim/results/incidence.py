"""The first event after the onset of harm, and its time: cumulative incidence with competing events.

In the example of `cumulative_incidence`, `result` is the `RunResult` of an authority of 500 children.

>>> from cpsim.results.incidence import FIRST_EVENTS
>>> list(FIRST_EVENTS)
['serious_event', 'protected', 'ended']
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpsim.arrays import Floats, Ints
from cpsim.constants import WEEKS_PER_YEAR

__all__ = ["FIRST_EVENTS", "cumulative_incidence"]

FIRST_EVENTS: dict[str, str] = {
    "serious_event": "A serious event",
    "protected": "Protected",
    "ended": "Ended without protection",
}
"""Competing first events in a spell of harm: code -> label. Of two in one week, the earlier in this order counts:
protection that begins in the week of a serious event comes too late."""

WEEKS = 52
"""Weeks after onset for which every spell is followed, unless the child turns 18 before."""

_CHILDHOOD = 18 * WEEKS_PER_YEAR
_RESAMPLES = 200
_TAILS = (0.025, 0.975)


def cumulative_incidence(spells: pd.DataFrame) -> pd.DataFrame:
    """Estimate the share of spells of harm in which each competing event came first, by week since onset.

    The Aalen-Johansen estimator (1978) counts children who turn 18 before any event for the weeks in which they are
    followed. Intervals are percentiles of a bootstrap of whole families, because siblings' outcomes are correlated.

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
    cell = _encode_first_events(spells)
    share = _estimate_incidence(cell, np.ones(len(cell)))
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
        _estimate_incidence(cell, draws.multinomial(len(codes), chance)[member].astype(np.float64))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(resampled, _TAILS, axis=0)
    return low, high


def _encode_first_events(spells: pd.DataFrame) -> Ints:
    """Encode the first event of each spell, shape (spells,): week x 4 + event, where event 3 is none."""
    never = _CHILDHOOD + 1
    onset = spells["onset"].to_numpy(np.int64)
    turns_18 = _CHILDHOOD - np.rint(spells["age_years"].to_numpy() * WEEKS_PER_YEAR).astype(np.int64)
    serious, protected, end, untreated = (
        spells[column].to_numpy(np.int64, na_value=onset.max(initial=0) + never)
        for column in ("serious_week", "first_protected", "end_actual", "end_untreated")
    )
    # Protection that ends the harm in the week in which it begins leaves no week of protected harm.
    protected = np.minimum(protected, np.where(end < untreated, end, protected))
    firsts = np.stack([serious, protected, end]) - onset
    candidates = np.concatenate([firsts, np.minimum(turns_18, WEEKS + 1)[None]])
    cells: Ints = candidates.min(axis=0) * 4 + candidates.argmin(axis=0)
    return cells


def _estimate_incidence(cell: Ints, weight: Floats) -> Floats:
    """Compute cumulative incidence, shape (3 events, 53 weeks), of spells weighted by `weight`, shape (spells,)."""
    happened = np.bincount(cell, weight, minlength=4 * (WEEKS + 2)).reshape(-1, 4)
    at_risk = happened.sum() - np.concatenate([[0.0], happened.sum(axis=1).cumsum()[:-1]])
    with np.errstate(invalid="ignore"):
        hazard = (happened[:, :3] / at_risk[:, None])[: WEEKS + 1]
    if len(cell):
        hazard = np.nan_to_num(hazard)
    open_before = np.concatenate([[1.0], np.cumprod(1 - hazard.sum(axis=1))[:-1]])
    incidence: Floats = np.cumsum(hazard * open_before[:, None], axis=0).T
    return incidence
