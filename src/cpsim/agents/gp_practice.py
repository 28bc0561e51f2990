"""General practices, which hold the medical records of the whole family.

In the example, `model` is a `ChildProtectionModel` with one organisation of each kind, at the start of its history.
"""

from typing import ClassVar

from cpsim.agents.organisation import Organisation, Trait

__all__ = ["GPPractice"]


class GPPractice(Organisation):
    """A general practice: it knows parents and children for years, but records and shares few of its concerns.

    A practice holds the records of the whole family, so what it does record remains available for years. GPs rarely
    attend child protection conferences, and believe that they attend more often than they do.

    >>> practice = model.agents_by_type[GPPractice][0]
    >>> bool(practice.recording < 0.5 * model.tables["organisations"]["recording"].max())
    True
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "GPs attended 9 of 114 child protection conferences (8%); by their own account they attended 42%",
            "measured",
            "Lea-Cox and Hall, GP attendance at child protection conferences, BMJ 1991",
        ),
        Trait(
            "0.8% of registered children get a maltreatment-related code in a year, while 4 to 16% are maltreated",
            "measured",
            "Woodman and others, Variation in recorded child maltreatment concerns in UK primary care, 2012; "
            "Gilbert and others, Burden and consequences of child maltreatment, 2009",
        ),
        Trait(
            "half of practices coded 0.9% of children or fewer in three years; one practice coded 13.4%",
            "measured",
            "Woodman and others, Variation in recorded child maltreatment concerns in UK primary care, 2012",
        ),
        Trait(
            "one GP in three could not get through to social services for help",
            "measured",
            "Pulse: GP pleas ignored by social services, 2017",
        ),
        Trait(
            "about 2% of referrals come from GPs",
            "guess",
            "order of magnitude, children in need tables 2014-16",
        ),
    )
