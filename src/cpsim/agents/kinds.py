"""The class of agent for each kind of agency."""

from cpsim.agents.community import Community
from cpsim.agents.gp_practice import GPPractice
from cpsim.agents.hospital import Hospital
from cpsim.agents.organisation import Organisation, OtherAgency
from cpsim.agents.police_unit import PoliceUnit
from cpsim.agents.primary_care_trust import PrimaryCareTrust
from cpsim.agents.school import School

AGENT_CLASSES: dict[str, type[Organisation]] = {
    "school": School,
    "gp": GPPractice,
    "pct": PrimaryCareTrust,
    "hospital": Hospital,
    "police": PoliceUnit,
    "community": Community,
}
"""Class of agent by kind of agency."""


def agent_class(kind: str) -> type[Organisation]:
    """Return the class of a kind of agency; `OtherAgency` for a kind that a scenario has added.

    >>> agent_class("gp").__name__, agent_class("youth_justice").__name__
    ('GPPractice', 'OtherAgency')
    """
    return AGENT_CLASSES.get(kind, OtherAgency)
