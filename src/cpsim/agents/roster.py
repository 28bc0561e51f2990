"""The Mesa agents of a model, which are views of the rows of its tables.

A run needs the tables only. The Mesa agents are created when `model.agents` is first used, for example in a notebook,
in the demo or by a DataCollector.
"""

from __future__ import annotations

import itertools
from typing import Protocol

import mesa
import numpy as np

from cpsim.agents.agent_column import HasTables
from cpsim.agents.build import number_names, team_names
from cpsim.agents.kinds import agent_class
from cpsim.agents.local_authority import LocalAuthority
from cpsim.agents.social_work import SocialWorker, SocialWorkTeam


class AgentModel(HasTables, Protocol):
    """The part of a Mesa model that `create_agents` uses: tables, kinds of agency, and names of authorities."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of agency, in the order of the column `kind`."""
        ...

    @property
    def authority_names(self) -> tuple[str, ...]:
        """Names of the authorities, by row of their table."""
        ...


def create_agents(model: AgentModel) -> None:
    """Create the Mesa agents of a model as views of the rows of its tables; call it once per model.

    Organisations come first, then authorities, teams and social workers.
    """
    assert isinstance(model, mesa.Model)
    organisations, teams = model.tables["organisations"], model.tables["teams"]
    labels = [model.kinds[kind] for kind in organisations["kind"]]
    for row, (name, kind) in enumerate(zip(number_names(labels), labels, strict=True)):
        agent_class(kind)(model, row, name, kind)
    for row, name in enumerate(model.authority_names):
        LocalAuthority(model, row, name)
    for row, name in enumerate(team_names(teams)):
        SocialWorkTeam(model, row, name)
    sync_workers(model)


def sync_workers(model: AgentModel) -> None:
    """Remove the agents of social workers who have left, and create agents for those who have been hired.

    Call it after staff have left and been hired in a week, once the agents have been created.
    """
    assert isinstance(model, mesa.Model)
    employed = set(np.flatnonzero(model.tables["workers"]["employed"]).tolist())
    present = {worker.row: worker for worker in model.agents_by_type.get(SocialWorker, ())}
    for row in sorted(present.keys() - employed):
        mesa.Agent.remove(present[row])  # the row stays in the table
    for row in sorted(employed - present.keys()):
        SocialWorker(model, row)


def continue_agent_ids(model: mesa.Model) -> None:
    """Continue the numbers of a copied or unpickled model's agents, so that a later agent gets a new number.

    Versions of Mesa before 3.4.2 count the agents of every model in a global dictionary, which a copy is not in.
    """
    counters = getattr(mesa.Agent, "_ids", None)
    numbers = [agent.unique_id for agent in vars(model).get("_agents", ())]
    if counters is not None and numbers:
        counters[model] = itertools.count(max(numbers) + 1)


def release_model(model: mesa.Model) -> None:
    """Remove the references that would keep a finished model in memory.

    Versions of Mesa before 3.4.2 count the agents of every model in a global dictionary, so a process would keep all
    models that it has run.
    """
    counters = getattr(mesa.Agent, "_ids", None)
    if counters is not None:
        counters.pop(model, None)
    # Mesa stores two bound methods on the model itself. This is a reference cycle, which the garbage collector would
    # find late, because a run creates few Python objects.
    for bound in ("step", "_user_step"):
        vars(model).pop(bound, None)
