"""Conversion between ties and a networkx graph, which is easier to inspect, draw and edit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cpsim.constants import FRONT_DOOR
from cpsim.network.ties import TieRole, Ties
from cpsim.scenario.problems import find_nearest, format_value, suggest_nearest

if TYPE_CHECKING:
    import networkx as nx

    from cpsim.network.nodes import Nodes

_SUGGESTIONS = 20
"""Most names for which the nearest known one is searched."""

EDGE_ATTRIBUTES = ("role", "trust", "delivery")
"""Attributes of an edge; all are optional: the target determines the role, the scenario trust and delivery."""


def build_graph(ties: Ties, nodes: Nodes) -> nx.DiGraph[str]:
    """Return a new graph of the ties: nodes have kind, area and authority; edges have role, trust and delivery."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    places = zip(nodes.names, nodes.kinds, nodes.area.tolist(), nodes.authority.tolist(), strict=True)
    for name, kind, area, authority in places:
        graph.add_node(name, kind=kind, area=area, authority=authority)
    columns = (ties.source, ties.target, ties.role, ties.trust, ties.delivery)
    for source, target, role, trust, delivery in zip(*(column.tolist() for column in columns), strict=True):
        graph.add_edge(
            nodes.names[source],
            nodes.names[target],
            role=TieRole(role).name.lower(),
            trust=trust,
            delivery=delivery,
        )
    return graph


def read_graph(graph: nx.DiGraph[str], nodes: Nodes, trust_start: float) -> Ties:
    """Return the ties of a graph whose nodes have the names of organisations and front doors.

    Args:
        graph: the graph; edges can have role, trust and delivery.
        nodes: organisations and front doors.
        trust_start: trust of edges without this attribute.

    Raises:
        ValueError: the graph is not a network of these organisations; the message lists all errors, one per line.
    """
    found = find_errors(graph, nodes)
    if found:
        raise ValueError("\n".join(found))
    edges = list(graph.edges(data=True))
    return Ties(
        np.array([nodes.row[source] for source, _, _ in edges], np.int64),
        np.array([nodes.row[target] for _, target, _ in edges], np.int64),
        np.array([data.get("trust", trust_start) for _, _, data in edges], np.float64),
        nodes.organisations,
        nodes.front_doors,
        np.array([data.get("delivery", 1.0) for _, _, data in edges], np.float64),
    )


def find_errors(graph: nx.DiGraph[str], nodes: Nodes) -> list[str]:
    """Return one sentence for each reason why the graph is not a network of these organisations."""
    unknown = [name for name in graph.nodes if name not in nodes.row]
    if unknown:
        return [
            _describe_unknown(name, nodes, near=number < _SUGGESTIONS) for number, name in enumerate(unknown)
        ]
    found = []
    for source, target, data in graph.edges(data=True):
        found += _find_edge_errors(source, target, data, nodes)
    for row, front_door in zip(*(column.tolist() for column in nodes.referral_pairs()), strict=True):
        if not graph.has_edge(nodes.names[row], nodes.names[front_door]):
            found.append(f"{nodes.names[row]!r} has no edge to its front door {nodes.names[front_door]!r}")
    return found


def _describe_unknown(name: object, nodes: Nodes, *, near: bool) -> str:
    """Describe an unknown name, with the nearest known one if `near`, which takes some milliseconds."""
    hint = suggest_nearest(str(name), nodes.names) if near else ""
    form = f"; names look like {nodes.names[0]!r}"
    return f"{format_value(name)} is not an organisation of this scenario{hint or form}"


def _find_edge_errors(source: str, target: str, data: dict[str, Any], nodes: Nodes) -> list[str]:
    edge = f"the edge from {source!r} to {target!r}"
    found = []
    if source == target:
        found.append(f"{edge} leads back to the same organisation")
    if nodes.kinds[nodes.row[source]] == FRONT_DOOR:
        found.append(
            f"{edge} starts at a front door; remove it, because a front door answers over incoming edges"
        )
    elif (
        nodes.kinds[nodes.row[target]] == FRONT_DOOR
        and not nodes.serves[nodes.row[source], nodes.authority[nodes.row[target]]]
    ):
        found.append(f"{edge} leads to the front door of another authority")
    return found + _find_attribute_errors(edge, nodes.kinds[nodes.row[target]], data)


def _find_attribute_errors(edge: str, target_kind: str, data: dict[str, Any]) -> list[str]:
    found = []
    role = (TieRole.REFERRAL if target_kind == FRONT_DOOR else TieRole.LATERAL).name.lower()
    if data.get("role", role) != role:
        found.append(f"{edge} must have the role {role!r}, not {format_value(data['role'])}")
    if "trust" in data and not _is_within(data["trust"], 1.0):
        found.append(f"{edge} must have a trust between 0 and 1, not {format_value(data['trust'])}")
    if "delivery" in data and not _is_within(data["delivery"], math.inf):
        found.append(f"{edge} must have a delivery of 0 or more, not {format_value(data['delivery'])}")
    for name in data.keys() - set(EDGE_ATTRIBUTES):
        near = find_nearest(str(name), EDGE_ATTRIBUTES)
        if near:
            found.append(f"{edge} has an attribute {name!r}; did you mean {near!r}?")
    return found


def _is_within(value: object, highest: float) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= highest
