"""Ages in weeks, age bands, and the school year."""

from datetime import date, timedelta
from typing import Final

import numpy as np

from cpsim.arrays import Bools, Floats
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.scenario.sections import ContactsPerWeekSettings, OnsetByAgeSettings

CHILDHOOD: Final = 18 * WEEKS_PER_YEAR
"""Weeks from birth to the eighteenth birthday."""

AGE_BANDS: Final = np.array([0, 1, 4, 11, 18]) * WEEKS_PER_YEAR
"""Edges of the four age bands in weeks of age: under 1, 1 to 3, 4 to 10, 11 to 17."""

SCHOOL_START: Final = 4 * WEEKS_PER_YEAR
SECONDARY_START: Final = 11 * WEEKS_PER_YEAR
"""Age in weeks at which children start primary and secondary school."""

HOLIDAY_WEEKS: Final = frozenset({1, 8, 15, 16, 22, 30, 31, 32, 33, 34, 35, 44, 52, 53})
"""ISO weeks of the school holidays in England: Christmas, Easter, Whitsun, summer and the half terms."""


def values_by_age_band(settings: ContactsPerWeekSettings | OnsetByAgeSettings) -> Floats:
    """Return a setting's values for the age bands, youngest first, float64, shape (4,)."""
    return np.array([settings.under_1, settings.age_1_to_3, settings.age_4_to_10, settings.age_11_to_17])


def is_term_time(first_day: date, weeks: int) -> Bools:
    """Return whether schools are open in each week from the week that begins on `first_day`, bool, shape (weeks,).

    >>> is_term_time(date(2005, 12, 12), 4).tolist()  # two weeks before Christmas to the week after New Year
    [True, True, False, False]
    """
    return np.array(
        [(first_day + timedelta(weeks=week)).isocalendar().week not in HOLIDAY_WEEKS for week in range(weeks)]
    )
