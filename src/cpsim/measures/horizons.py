"""Names of the columns and outcomes that contain a horizon, the weeks from onset to a deadline.

The primary horizon is a setting, `measures.horizon_weeks`; the other horizons are the same for every run.
"""

from typing import Final

OTHER_HORIZONS: Final = (4, 26, 52)
"""Horizons at which every spell is evaluated as well, in weeks."""


def list_horizons(primary: int) -> tuple[int, ...]:
    """List all horizons of a run in weeks, in ascending order.

    >>> list_horizons(13)
    (4, 13, 26, 52)
    """
    return tuple(sorted({primary, *OTHER_HORIZONS}))


def result_column(horizon: int) -> str:
    """Name of the column of the table of spells with the results at a horizon.

    >>> result_column(13)
    'result_13w'
    """
    return f"result_{horizon}w"


def weekly_column(result: str, horizon: int) -> str:
    """Name of the column of the weekly table that counts the spells with a result at the primary horizon.

    >>> weekly_column("missed", 13)
    'missed_13w'
    """
    return f"{result}_{horizon}w"
