"""Schools: the profession that sees children every day, and not at all in the holidays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cpsim.agents.organisation import Organisation, Trait

HOLIDAY_WEEKS: frozenset[int] = frozenset({6, 13, 14, 21, 29, 30, 31, 32, 33, 34, 42, 50, 51})
"""Weeks of the year (0 = from 1 January) in which English schools are closed.

Thirteen of 52: a half-term week in each of three terms, two weeks at Easter and at Christmas, six in the summer. Easter
is held fixed in April. The first days of January, still holiday in many years, are counted as term.
"""


def in_term(start: date, weeks: int) -> NDArray[np.bool_]:
    """Whether schools are open in each of `weeks` weeks from `start`: bool[weeks].

    A week belongs to the year of its fourth day, so every calendar year has 13 weeks of holiday, now and then 14.
    """
    middles = (start + timedelta(days=7 * week + 3) for week in range(weeks))
    return np.array([_week_of_year(day) not in HOLIDAY_WEEKS for day in middles], bool)


def _week_of_year(day: date) -> int:
    return min((day.timetuple().tm_yday - 1) // 7, 51)


class School(Organisation):
    """A school, with its designated teacher: sees its pupils daily, in term time only.

    Schools meet neglect and change of behaviour before anybody else can, hold much that is soft, and complain that
    nobody answers. In the holidays they see nothing at all.
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "two in three school staff reported a safeguarding concern in the past year; 15 % never did",
            "measured",
            "TES/NSPCC poll: teachers are the front line, 2014",
        ),
        Trait(
            "schools send about one referral in seven",
            "measured",
            "Children in need census 2013-14 (13.1 % of referrals)",
        ),
        Trait(
            "teachers give lack of feedback and doubt about social services as reasons not to report",
            "measured",
            "CYP Now on the Lancet child maltreatment series, 2008 (43 UK schools)",
        ),
        Trait("closed to children in 13 weeks of the year", "derived", "190 school days a year in England"),
        Trait("one meeting a week in term in which a teacher could see something", "guess", "set here"),
    )
