"""The community: relatives, neighbours, nurseries and voluntary bodies of one area.

In the example, `model` is a `ChildProtectionModel` with one organisation of each kind, at the start of its history.
"""

from typing import ClassVar

from cpsim.agents.organisation import Organisation, Trait

__all__ = ["Community"]


class Community(Organisation):
    """The community of an area: people and bodies who meet children outside the statutory services.

    Relatives and neighbours see most of a young child's life, and nurseries and voluntary bodies see much of the rest.
    They need little evidence to make a contact and attend few conferences, and the front door gives each single contact
    little weight.

    >>> community = model.agents_by_type[Community][0]
    >>> community.credibility < 0 < community.share_threshold
    True
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "about half of all reports come from professionals, so the other half come from the community",
            "measured",
            "Gilbert and others, Recognising and responding to child maltreatment, 2008",
        ),
        Trait(
            "65% of members of the public who were worried about a child reported it",
            "measured",
            "Bedford Today on Action for Children, 2012 (South East England)",
        ),
        Trait(
            "individuals made 8% of referrals in 2017-18",
            "measured",
            "National Audit Office, Pressures on children's social care, 2019",
        ),
        Trait(
            "the front door gives their contacts about as little weight as police notifications",
            "guess",
            "calibrated",
        ),
    )
