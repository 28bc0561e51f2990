"""Schools, which see their pupils every day in term time and not at all in the holidays.

In the example, `model` is a `ChildProtectionModel` with one organisation of each kind, at the start of its history.
"""

from typing import ClassVar

from cpsim.agents.organisation import Organisation, Trait

__all__ = ["School"]


class School(Organisation):
    """A school, with its designated teacher: it sees its pupils daily, in term time only.

    Schools notice neglect and changes of behaviour before other agencies can, hold much low-level information, and
    complain that children's social care does not answer. In the school holidays they notice no signs.

    >>> schools = model.agents_by_type[School]
    >>> schools[0].name, schools[0].kind
    ('school-001', 'school')
    >>> schools[0].attention = 1.0  # every noticeable sign is noticed here from this week on
    >>> float(model.tables["organisations"]["attention"][schools[0].row])
    1.0
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "two in three school staff reported a safeguarding concern in the past year; 15% had never done so",
            "measured",
            "TES/NSPCC poll: teachers are the front line, 2014",
        ),
        Trait(
            "schools make about one referral in seven",
            "measured",
            "Children in need census 2013-14 (13.1% of referrals)",
        ),
        Trait(
            "teachers give lack of feedback and doubt about social services as reasons not to report",
            "measured",
            "CYP Now on the Lancet child maltreatment series, 2008 (43 UK schools)",
        ),
        Trait("closed to children in 13 weeks of the year", "derived", "190 school days a year in England"),
        Trait("one meeting a week in term in which a teacher could see something", "guess", "set here"),
    )
