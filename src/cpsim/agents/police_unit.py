"""Police: notifications in volume, each with little weight."""

from typing import ClassVar

from cpsim.agents.organisation import Organisation, Trait


class PoliceUnit(Organisation):
    """A police child protection unit: passes on nearly every domestic incident with a child in the home.

    Its file is complete and its threshold is low, so that it is the largest source of contacts; the front door has learnt to
    take little from any single one of them.
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "5 % of police notifications of domestic violence led to an initial assessment",
            "measured",
            "Community Care on Stanley and others, police notifications of domestic violence incidents, 2010",
        ),
        Trait(
            "the police send about one referral in four",
            "measured",
            "Children in need census 2013-14 (24 % of referrals)",
        ),
        Trait(
            "one force made about 94,000 child welfare records a year",
            "derived",
            "Care Appointments on the Metropolitan Police, 2019 (472,307 in five years)",
        ),
        Trait(
            "meetings rise steeply with the severity of a spell", "guess", "calibrated to national figures"
        ),
    )
