"""Police units, which send many notifications of little weight each.

In the example, `model` is a `ChildProtectionModel` with one organisation of each kind, at the start of its history.
"""

from typing import ClassVar

from cpsim.agents.organisation import Organisation, Trait

__all__ = ["PoliceUnit"]


class PoliceUnit(Organisation):
    """A police child protection unit: it passes on nearly every domestic incident with a child in the home.

    Its records are complete and its threshold is low, so it is the largest source of contacts, and the front door gives
    each single contact little weight.

    >>> police = model.agents_by_type[PoliceUnit][0]
    >>> bool(police.share_threshold == model.tables["organisations"]["share_threshold"].min())
    True
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "5% of police notifications of domestic violence led to an initial assessment",
            "measured",
            "Community Care on Stanley and others, police notifications of domestic violence incidents, 2010",
        ),
        Trait(
            "the police send about one referral in four",
            "measured",
            "Children in need census 2013-14 (24% of referrals)",
        ),
        Trait(
            "one force made about 94,000 child welfare records a year",
            "derived",
            "Care Appointments on the Metropolitan Police, 2019 (472,307 in five years)",
        ),
        Trait(
            "police meet a child much more often the more severe the spell of harm is",
            "guess",
            "calibrated to national figures",
        ),
    )
