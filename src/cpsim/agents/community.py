"""The community: relatives, neighbours, nurseries and voluntary bodies of one area."""

from typing import ClassVar

from cpsim.agents.organisation import Organisation, Trait


class Community(Organisation):
    """Everybody in an area who meets a child without being one of the great services.

    Family and neighbours see most of a young child's life, nurseries and voluntary bodies much of the rest. They write
    little down, come to few conferences, and are believed when they do speak, since few do so lightly.
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "about half of all reports come from professionals, so half do not",
            "measured",
            "Gilbert and others, Recognising and responding to child maltreatment, 2008",
        ),
        Trait(
            "65 % of members of the public who worried about a child told somebody",
            "measured",
            "Bedford Today on Action for Children, 2012 (South East England)",
        ),
        Trait(
            "individuals made 8 % of referrals in 2017-18",
            "measured",
            "National Audit Office, Pressures on children's social care, 2019",
        ),
        Trait("the front door gives their word more weight than a notification's", "guess", "calibrated"),
    )
