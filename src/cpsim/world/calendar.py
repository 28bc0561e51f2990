"""Lengths of life in weeks, and the school year."""

from datetime import date, timedelta
from typing import Final

import numpy as np

from cpsim.arrays import Bools, Floats
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.scenario.sections import ContactsPerWeek, OnsetByAge

CHILDHOOD: Final = 18 * WEEKS_PER_YEAR
"""Weeks from birth to the eighteenth birthday."""

AGE_BANDS: Final = np.array([0, 1, 4, 11, 18]) * WEEKS_PER_YEAR
"""Edges in weeks of the four age bands: under 1, 1 to 3, 4 to 10, 11 to 17."""

SCHOOL_START: Final = 4 * WEEKS_PER_YEAR
SECONDARY_START: Final = 11 * WEEKS_PER_YEAR

HOLIDAY_WEEKS: Final = frozenset({1, 8, 15, 16, 22, 30, 31, 32, 33, 34, 35, 44, 52, 53})
"""ISO weeks without school in England: Christmas, Easter, Whitsun, summer and the half terms."""


def at_each_age(settings: ContactsPerWeek | OnsetByAge) -> Floats:
    """The values of a setting that differs by age, in the order of the bands; shape (4,)."""
    return np.array([settings.under_1, settings.age_1_to_3, settings.age_4_to_10, settings.age_11_to_17])


def in_term(first_day: date, weeks: int) -> Bools:
    """Whether school is open, for each of `weeks` weeks from the week that begins on `first_day`; shape (weeks,)."""
    return np.array(
        [(first_day + timedelta(weeks=week)).isocalendar().week not in HOLIDAY_WEEKS for week in range(weeks)]
    )
