"""The Mesa model: a simulation with agents, a network, a grid and a data collector.

`cpsim.simulation` does all the work; a run without Mesa needs only that.
"""

from functools import partial
from typing import Any

import mesa

from cpsim.agents.organisation import Organisation
from cpsim.agents.roster import continue_agent_ids, create_agents, sync_workers
from cpsim.agents.social_work import SocialWorkTeam
from cpsim.agents.tables import TeamRole
from cpsim.measures.weekly import SAMPLED
from cpsim.network.graph import build_graph
from cpsim.network.space import build_space
from cpsim.scenario.read import AnyScenario
from cpsim.simulation import Simulation, Step
from cpsim.world import World

__all__ = ["ChildProtectionModel"]


class ChildProtectionModel(Simulation, mesa.Model):
    """A `Simulation` as a Mesa model with weekly steps.

    Args:
        scenario: a `Scenario`, the name of a scenario of cpsim, the path of a file, or a mapping; None: the baseline.
        seed: whole number from 0 to `MAX_SEED`, as for `Simulation`; a fresh one if there is neither seed nor world.
        rng: another name for the seed, as in Mesa; a random generator is refused, because draws are keyed by the seed.
        world: world drawn earlier for the same seed and the same world settings.
        collect: whether to fill `datacollector` every week.
        debug: whether to check that stages and levers keep to what they declare, as for `Simulation`.
        **kwargs: settings by path, such as `{"sharing.share_noise": 0.5}`.

    Attributes:
        plan: the steps of a week, in order; those of `Simulation`, and two that keep Mesa's agents and data up to date.
        datacollector: a Mesa DataCollector with the columns `SAMPLED`.

    Raises:
        ScenarioError: the scenario or a setting is invalid.
        ValueError: the seed is not valid, both `seed` and `rng` are given, or the world was drawn for another seed or
            other world settings.

    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> model = ChildProtectionModel(town, seed=7)
    >>> model.step()
    >>> model.week, len(model.datacollector.get_model_vars_dataframe())
    (1, 1)

    Agents and network are those of Mesa and networkx:

    >>> from cpsim.agents.police_unit import PoliceUnit
    >>> police = model.agents_by_type[PoliceUnit][0]
    >>> police in model.agents, police.name in model.network
    (True, True)
    >>> len(model.grid.all_cells) == len(model.network)
    True
    """

    def __init__(
        self,
        scenario: AnyScenario | None = None,
        *,
        seed: int | None = None,
        rng: int | None = None,
        world: World | None = None,
        collect: bool = True,
        debug: bool | None = None,
        **kwargs: Any,
    ) -> None:
        if seed is not None and rng is not None:
            raise ValueError("seed and rng are two names for the seed of the run; give only one of them")
        given = rng if seed is None else seed
        Simulation.__init__(self, scenario, seed=given, world=world, overrides=kwargs, debug=debug)
        mesa.Model.__init__(self, rng=self.seed)
        self._agents_exist = False
        self.datacollector = mesa.DataCollector(  # type: ignore[no-untyped-call]
            model_reporters={
                name: partial(_read_sample, column=column) for column, name in enumerate(SAMPLED)
            }
        )
        after = [step.name for step in self.plan].index("workforce and ties") + 1
        self.plan.insert(after, _AGENTS)
        if collect:
            self.plan.append(_DATACOLLECTOR)

    @property  # type: ignore[misc]  # Mesa's own setter only raises an error
    def agents(self) -> Any:
        """All agents, as in Mesa; they are created on first use, because a run does not need them."""
        self._ensure_agents()
        return super().agents

    @property
    def agents_by_type(self) -> Any:
        """All agents by class, as in Mesa; they are created on first use."""
        self._ensure_agents()
        return super().agents_by_type

    def _ensure_agents(self) -> None:
        if not getattr(self, "_agents_exist", True):
            self._agents_exist = True
            create_agents(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a copied or unpickled model, which continues like the original."""
        self.__dict__.update(state)
        continue_agent_ids(self)

    @property
    def network(self) -> Any:
        """The current network as a new networkx DiGraph; nodes are names of organisations and front doors."""
        return build_graph(self.ties, self.nodes)

    @property
    def grid(self) -> Any:
        """The current network as a new Mesa `Network`, which Mesa's `make_space_component` and `SpaceRenderer` draw.

        Each cell is a node: an organisation, or the front door of an authority.
        """
        organisations = [agent for agent in self.agents if isinstance(agent, Organisation)]
        teams = self.agents_by_type[SocialWorkTeam]
        front_doors = [team for team in teams if team.role == TeamRole.FRONT_DOOR]
        return build_space(self.ties, [*organisations, *front_doors], self.random)


def _read_sample(model: ChildProtectionModel, column: int) -> float:
    """Return the latest sample of a column, for the data collector."""
    return float(model.samples[model.week, 0, column])


def _update_agents(model: Simulation) -> None:
    assert isinstance(model, ChildProtectionModel)
    if model._agents_exist:
        sync_workers(model)


def _collect_data(model: Simulation) -> None:
    assert isinstance(model, ChildProtectionModel)
    model.datacollector.collect(model)  # type: ignore[no-untyped-call]


_AGENTS = Step(
    "agents", "agents of leavers are removed, and agents of those hired are created", _update_agents
)
_DATACOLLECTOR = Step("datacollector", "the data collector of Mesa records the samples", _collect_data)
