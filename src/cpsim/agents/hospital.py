"""Hospitals: emergency departments and children's wards.

In the example, `model` is a `ChildProtectionModel` with one organisation of each kind, at the start of its history.
"""

from typing import ClassVar

from cpsim.agents.organisation import Organisation, Trait

__all__ = ["Hospital"]


class Hospital(Organisation):
    """An acute hospital: it meets few children each week, but sees them when they are injured or acutely ill.

    Staff of the emergency department see the injury but not the family. A different person sees the child at each
    attendance, and the child leaves within hours.

    >>> hospital = model.agents_by_type[Hospital][0]
    >>> hospital.name, hospital.area  # -1 = the whole authority
    ('hospital-001', -1)
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "children under ten attended emergency departments 2.2 million times in a year",
            "measured",
            "Making the Link: A&E statistics 2009-10 by age",
        ),
        Trait(
            "infants attend most often: 634 attendances per 1,000 infant-years",
            "measured",
            "Nath and others, A&E attendances in infants, BMC Health Services Research 2022 (2013-14)",
        ),
        Trait(
            "between 2 and 10% of children in emergency departments are maltreated",
            "measured",
            "Educational paper: screening for child abuse in the emergency room, 2012",
        ),
        Trait(
            "31% of abusive head injuries had been missed at an earlier visit",
            "measured",
            "Flaherty and Sege, Barriers to physician identification and reporting, 2005 (USA)",
        ),
        Trait(
            "about 2.5% of referrals come from emergency departments", "guess", "order of magnitude, 2014-16"
        ),
    )
