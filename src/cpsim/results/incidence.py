"""What comes first after harm begins, and how soon: cumulative incidence with competing events."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpsim.arrays import Floats, Ints

FIRSTS: dict[str, str] = {
    "serious_event": "A serious event",
    "protected": "Protected",
    "ended": "Ended by itself",
}
"""What may come first in a spell of harm: code -> plain name. Of two in one week the one that stands first here counts:
protection that begins in the week of a serious event comes too late."""

WEEKS = 52
"""Every spell is followed so long after its onset, unless the child grows up before."""

_CHILDHOOD = 18 * 52
_RESAMPLES = 200
_TAILS = (0.025, 0.975)


def cumulative_incidence(spells: pd.DataFrame) -> pd.DataFrame:
    """How many spells of harm have met each of the competing events by each week since onset.

    Estimated after Aalen and Johansen (1978), so that children who turn 18 before anything happens count as long as
    they are followed. Intervals are percentiles of a bootstrap of whole families, because siblings share a fate.

    Args:
        spells: the table of a run; columns in `cpsim.results.TABLES["spells"]`.

    Returns:
        One row an event of `FIRSTS` and week 0 to 52: `event`, `week`, `share` (0 to 1), `low`, `high` (95 %). Shares
        are NaN where there is no spell.
    """
    cell = _first_events(spells)
    share = _aalen_johansen(cell, np.ones(len(cell)))
    low, high = _limits(cell, spells["family"].to_numpy()) if len(cell) else (share, share)
    return pd.DataFrame(
        {
            "event": np.repeat(list(FIRSTS), WEEKS + 1),
            "week": np.tile(np.arange(WEEKS + 1), len(FIRSTS)),
            "share": share.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
        }
    )


def _limits(cell: Ints, family: Ints) -> tuple[Floats, Floats]:
    """Both ends of the 95 % intervals, each of shape [3 events, 53 weeks]; families are drawn with replacement."""
    codes, member = np.unique(family, return_inverse=True)
    draws = np.random.default_rng(1)
    chance = np.full(len(codes), 1 / len(codes))
    resampled = [
        _aalen_johansen(cell, draws.multinomial(len(codes), chance)[member].astype(np.float64))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(resampled, _TAILS, axis=0)
    return low, high


def _first_events(spells: pd.DataFrame) -> Ints:
    """Week and kind of the first event of each spell as one number, shape (J,): week x 4 + kind, 3 for none."""
    never = _CHILDHOOD + 1
    onset = spells["onset"].to_numpy(np.int64)
    grown_up = _CHILDHOOD - np.rint(spells["age_years"].to_numpy() * 52).astype(np.int64)
    serious, protected, end, untreated = (
        spells[column].to_numpy(np.int64, na_value=onset.max(initial=0) + never)
        for column in ("serious_week", "first_protected", "end_actual", "end_untreated")
    )
    # Where protection ended the harm in the very week in which it began, there is no week of protected harm.
    protected = np.minimum(protected, np.where(end < untreated, end, protected))
    firsts = np.stack([serious, protected, end]) - onset
    candidates = np.concatenate([firsts, np.minimum(grown_up, WEEKS + 1)[None]])
    cells: Ints = candidates.min(axis=0) * 4 + candidates.argmin(axis=0)
    return cells


def _aalen_johansen(cell: Ints, weight: Floats) -> Floats:
    """Cumulative incidence [3 events, 53 weeks] of spells that count by `weight`, shape (J,)."""
    happened = np.bincount(cell, weight, minlength=4 * (WEEKS + 2)).reshape(-1, 4)
    at_risk = happened.sum() - np.concatenate([[0.0], happened.sum(axis=1).cumsum()[:-1]])
    with np.errstate(invalid="ignore"):
        hazard = (happened[:, :3] / at_risk[:, None])[: WEEKS + 1]
    if len(cell):
        hazard = np.nan_to_num(hazard)
    open_before = np.concatenate([[1.0], np.cumprod(1 - hazard.sum(axis=1))[:-1]])
    incidence: Floats = np.cumsum(hazard * open_before[:, None], axis=0).T
    return incidence
