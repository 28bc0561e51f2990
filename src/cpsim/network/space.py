"""The network as a space of Mesa, for Mesa's visualisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpsim.network.ties import Ties

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence


def build_space(ties: Ties, agents: Sequence[Any], generator: random.Random) -> Any:
    """Return a new Mesa `Network` with a cell for each node, which holds its agent, and a connection for each tie.

    Nodes are numbers, and connections have no direction, because Mesa draws no other networks. Each agent gets the
    attribute `cell`, its cell in this space.

    Args:
        ties: the ties between organisations and front doors.
        agents: the agent of each node, by its row.
        generator: Mesa's generator of the model.
    """
    import networkx as nx
    from mesa.discrete_space import Network

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(agents)))
    graph.add_edges_from(zip(ties.source.tolist(), ties.target.tolist(), strict=True))
    space: Any = Network(graph, random=generator)
    for row, agent in enumerate(agents):
        agent.cell = space[row]
        space[row].add_agent(agent)
    return space
