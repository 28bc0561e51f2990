"""Primary Care Trusts: health visitors and the other community health services.

In the example, `model` is a `ChildProtectionModel` with one organisation of each kind, at the start of its history.
"""

from typing import ClassVar

from cpsim.agents.organisation import Organisation, Trait

__all__ = ["PrimaryCareTrust"]


class PrimaryCareTrust(Organisation):
    """A Primary Care Trust (PCT): its health visitors see nearly all infants at home, but few children of school age.

    It also runs school nursing, speech therapy and other community health services. Before October 2006 PCTs were
    smaller than local authorities and rarely shared their boundaries.

    >>> trust = model.agents_by_type[PrimaryCareTrust][0]
    >>> trust.name, trust.area  # -1 = the whole authority
    ('pct-001', -1)
    """

    traits: ClassVar[tuple[Trait, ...]] = (
        Trait(
            "the number of health visitors fell from 10,137 in 2004 to 8,092 in 2010 (full-time equivalents)",
            "measured",
            "Hansard, Health visitors: manpower, 2007; CYP Now: Health visitor national growth plan stalls, 2011",
        ),
        Trait(
            "under-fives per health visitor ranged from 160 to 1,140 between trusts",
            "measured",
            "Guardian on the Family and Parenting Institute's survey of trusts, 2008",
        ),
        Trait(
            "303 trusts became 152 in October 2006, when 70% shared a boundary with one authority",
            "measured",
            "Digital Health: number of PCTs to be halved, 2006; GP Online: PCT numbers halved, 2006",
        ),
        Trait(
            "visits are frequent in the first year of life, less so until age three, and rare after the fifth birthday",
            "guess",
            "contact rates by age, set here",
        ),
    )
