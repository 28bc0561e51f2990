"""Schools: the profession that sees children every day, and not at all in the holidays."""

from typing import ClassVar

from cpsim.agents.organisation import Organisation, Trait


class School(Organisation):
    """A school, with its designated teacher: sees its pupils daily, in term time only.

    Schools meet neglect and change of behaviour before anybody else can, hold much that is soft, and complain that
    nobody answers. In the holidays they see nothing at all: the world draws no
    sign for them in those weeks.
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
