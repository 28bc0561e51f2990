"""Deadlines: what counts as having happened by the deadline of a spell of harm, in one place.

The ledger, cumulative incidence and every page use these rules. Protection and a serious event count in the week in
which they happen. An end counts from the week after: a spell whose first week without harm is that of the deadline
lasted the whole time, and is judged at the deadline.

>>> from cpsim.measures.deadlines import FIRST_EVENTS
>>> list(FIRST_EVENTS)
['serious_event', 'protected', 'ended']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cpsim.arrays import Floats, Ints
from cpsim.constants import NEVER, WEEKS_PER_YEAR
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cpsim.measures.intervals import Episodes

FIRST_EVENTS: Final[dict[str, str]] = {
    "serious_event": "A serious event",
    "protected": "First protected",
    "ended": "Ended without protection",
}
"""Competing first events in a spell of harm: code -> label. Of two in one week, the earlier in this order counts:
protection that begins in the week of a serious event comes too late."""

WEEKS: Final = 52
"""Weeks after onset for which every spell is followed, unless the child turns 18 before."""

_FREE = len(FIRST_EVENTS)


def find_deadline(onset: Ints, serious: Ints, horizon: int) -> Ints:
    """Find the week of each spell's deadline: `horizon` weeks after onset, or the first serious event if earlier.

    >>> find_deadline(np.array([10, 10]), np.array([12, 90]), 13).tolist()
    [12, 23]
    """
    deadline: Ints = np.minimum(onset + horizon, serious)
    return deadline


def judge_spells(
    child: Ints, onset: Ints, end: Ints, serious: Ints, turned_18: Ints, protection: Episodes, horizon: int
) -> NDArray[np.str_]:
    """Judge each spell at its deadline, shape (J,); the first rule that applies decides.

    Args:
        child: rows of the children, shape (J,).
        onset: first week of each spell, shape (J,).
        end: first week after it, shape (J,).
        serious: week of its first serious event, `NEVER` if none, shape (J,).
        turned_18: week in which the child turns 18, shape (J,).
        protection: the episodes of uninterrupted protection of each child.
        horizon: weeks from onset to the deadline.

    Returns:
        `censored`, `protected`, `self_resolved` or `missed`.
    """
    deadline = find_deadline(onset, serious, horizon)
    censored = (turned_18 < deadline) & (serious > deadline)
    last = np.minimum(deadline, end)
    start, until = protection.find_last_begun(child, last)
    # Protection that starts in the week of the serious event is too late.
    in_time = (start < serious) & (start <= last)
    protected = in_time & (until >= last)
    ever = protection.find_first_week(child, onset, last + 1) < NEVER
    resolved = (_weeks_to_end(onset, end) <= deadline - onset) & ~ever
    return np.select([censored, protected, resolved], ["censored", "protected", "self_resolved"], "missed")


def _weeks_to_end(onset: Ints, end: Ints) -> Ints:
    """Weeks from onset until an end counts, shape (J,)."""
    weeks: Ints = end - onset + 1
    return weeks


def encode_first_events(onset: Ints, serious: Ints, protected: Ints, end: Ints, turned_18: Ints) -> Ints:
    """Encode the first event of each spell and the weeks until it, shape (J,): weeks x 4 + event, where 3 is none.

    Args:
        onset: first week of each spell.
        serious, protected: weeks of the first serious event and of the first protection, `NEVER` if none.
        end: first week after it.
        turned_18: week in which the child turns 18.
    """
    since = np.stack([serious - onset, protected - onset, _weeks_to_end(onset, end), turned_18 - onset])
    since[_FREE] = np.minimum(since[_FREE], WEEKS + 1)
    cells: Ints = since.min(axis=0) * (_FREE + 1) + since.argmin(axis=0)
    return cells


def encode_spells(spells: pd.DataFrame) -> Ints:
    """Encode the first event of each row of the table of spells; see `encode_first_events`.

    Args:
        spells: columns as in `cpsim.results.TABLES["spells"]`.
    """
    onset = spells["onset"].to_numpy(np.int64)
    age = np.rint(spells["age_years"].to_numpy() * WEEKS_PER_YEAR).astype(np.int64)
    serious, protected, end = (
        spells[column].to_numpy(np.int64, na_value=NEVER)
        for column in ("serious_week", "first_protected", "end_actual")
    )
    return encode_first_events(onset, serious, protected, end, onset + CHILDHOOD - age)


def estimate_incidence(cell: Ints, weight: Floats) -> Floats:
    """Estimate the share of spells in which each event came first, by week since onset.

    The Aalen-Johansen estimator (Aalen and Johansen 1978, Scandinavian Journal of Statistics 5, 141-150): children who
    turn 18 before any event count for the weeks in which they are followed.

    Args:
        cell: first events, as encoded by `encode_first_events`, shape (J,).
        weight: weight of each spell, shape (J,).

    Returns:
        Shares from 0 to 1, NaN without spells, shape (3 events, 53 weeks).

    Two spells; one is protected after 4 weeks, the other ends by itself after 10:

    >>> first = encode_first_events(
    ...     np.array([0, 0]), np.array([99, 99]), np.array([4, 99]), np.array([30, 10]), np.array([99, 99])
    ... )
    >>> estimate_incidence(first, np.ones(2))[:, [3, 4, 10, 11]].tolist()
    [[0.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.5, 0.5], [0.0, 0.0, 0.0, 0.5]]
    """
    happened = np.bincount(cell, weight, minlength=(_FREE + 1) * (WEEKS + 2)).reshape(-1, _FREE + 1)
    at_risk = happened.sum() - np.concatenate([[0.0], happened.sum(axis=1).cumsum()[:-1]])
    with np.errstate(invalid="ignore"):
        hazard = (happened[:, :_FREE] / at_risk[:, None])[: WEEKS + 1]
    if len(cell):
        hazard = np.nan_to_num(hazard)
    open_before = np.concatenate([[1.0], np.cumprod(1 - hazard.sum(axis=1))[:-1]])
    incidence: Floats = np.cumsum(hazard * open_before[:, None], axis=0).T
    return incidence
