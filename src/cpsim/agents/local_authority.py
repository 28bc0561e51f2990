"""Local authorities and the traits in which they differ.

In the example, `model` is a `ChildProtectionModel` of one authority, at the start of its history.
"""

from __future__ import annotations

import mesa

from cpsim.agents.table_agent import TableAgent
from cpsim.agents.tables import AuthorityColumns

__all__ = ["LocalAuthority"]


class LocalAuthority(AuthorityColumns, TableAgent):
    """A local authority, with its children, posts, leadership, and money for services.

    Its social work teams are agents of their own.

    Args:
        model: the Mesa model; it must have `tables`.
        row: row in the table of authorities.
        name: name, such as "authority-01".

    >>> authority = model.agents_by_type[LocalAuthority][0]
    >>> authority.name, authority.children
    ('authority-01', 500)
    """

    instead = "lower authorities.count in the scenario"

    def __init__(self, model: mesa.Model, row: int, name: str) -> None:
        self.row = row
        self.name = name
        super().__init__(model)

    def __repr__(self) -> str:
        return f"<LocalAuthority {self.name}>"
