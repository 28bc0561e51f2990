"""General practices: they hold the family's file, and keep it."""

from typing import ClassVar

from cpsim.agents.organisation import Organisation, Trait


class GPPractice(Organisation):
    """A general practice: knows parents and children for years, codes little of what it suspects, shares less.

    A practice sees the whole family's file, so what it does write down stays with it for years; its doctors rarely come
    to a conference, and then think that they came more often than they did.
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "a GP came to 9 of 114 child protection conferences (8 %), and thought it was 42 %",
            "measured",
            "Lea-Cox and Hall, GP attendance at child protection conferences, BMJ 1991",
        ),
        Trait(
            "0.8 % of registered children have a maltreatment-related code in a year, against 4 to 16 % who suffer it",
            "measured",
            "Woodman and others, Variation in recorded child maltreatment concerns in UK primary care, 2012; "
            "Gilbert and others, Burden and consequences of child maltreatment, 2009",
        ),
        Trait(
            "half of practices coded 0.9 % of children or fewer in three years, one 13.4 %",
            "measured",
            "Woodman and others, Variation in recorded child maltreatment concerns in UK primary care, 2012",
        ),
        Trait(
            "one GP in three could not get through to social services for help",
            "measured",
            "Pulse: GP pleas ignored by social services, 2017",
        ),
        Trait(
            "about 2 % of referrals come from GPs",
            "guess",
            "order of magnitude, children in need tables 2014-16",
        ),
    )
