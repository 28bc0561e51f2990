"""Reads a network that somebody else has drawn, and writes ours, as GraphML.

A file that a stranger sends is read as data and nothing else: its size is limited, and it may not declare a document
type, so that no entity can make it grow or reach for another file.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Self
from xml.parsers import expat

from cpsim.network.graph import faults, graph_of, ties_of

if TYPE_CHECKING:
    from pathlib import Path

    import networkx as nx

    from cpsim.network.nodes import Nodes
    from cpsim.network.ties import Ties

LARGEST_FILE = 20_000_000
"""Largest file that is read, in bytes: some 100,000 edges."""

MOST_FAULTS = 20
"""Faults that an error lists one by one."""


class NetworkFileError(ValueError):
    """A GraphML file that is no network of this scenario's organisations.

    Attributes:
        path: the file.
        faults: what is wrong, one sentence a fault.
    """

    def __init__(self, path: Path, faults: list[str]) -> None:
        self.path = path
        self.faults = faults
        shown = [f"{path}: {fault}" for fault in faults[:MOST_FAULTS]]
        if len(faults) > MOST_FAULTS:
            shown.append(f"{path}: and {len(faults) - MOST_FAULTS} more")
        super().__init__("\n".join(shown))

    def __reduce__(self) -> tuple[type[Self], tuple[Path, list[str]]]:
        return type(self), (self.path, self.faults)  # so that it can come from a worker


def read_graphml(path: Path, nodes: Nodes, trust_start: float) -> Ties:
    """The ties of a user's own network.

    The file's nodes are named as the organisations ("school-012") and front doors ("front-door-001") are. Every
    organisation needs an edge to the front door of each authority that it serves; all other edges are lateral ties. An
    edge may have `role`, `trust` (0..1) and `delivery`; other attributes, such as a drawing program's, are passed over.
    In an undirected file an edge between two organisations counts both ways.

    Args:
        path: the file.
        nodes: organisations and front doors of the scenario.
        trust_start: trust of an edge that says nothing of it.

    Raises:
        NetworkFileError: with every fault of the file.
        OSError: if the file cannot be read.
    """
    drawn = _parse(path, _content(path))
    if drawn.is_multigraph():
        raise NetworkFileError(path, ["two edges join the same nodes in the same direction"])
    graph = _directed(drawn, nodes)
    found = faults(graph, nodes)
    if found:
        raise NetworkFileError(path, found)
    return ties_of(graph, nodes, trust_start)


def to_graphml(ties: Ties, nodes: Nodes, path: Path) -> None:
    """Write the state of the ties to a GraphML file that `read_graphml` reads back unchanged."""
    import networkx as nx

    nx.write_graphml_xml(graph_of(ties, nodes), path)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise NetworkFileError(path, [f"larger than {LARGEST_FILE // 1_000_000} MB"])
    return content


class _DoctypeError(Exception):
    """The file declares a document type."""


def _refuse_doctype(*_: object) -> None:
    raise _DoctypeError


def _parse(path: Path, content: bytes) -> nx.Graph[str]:
    """The file as networkx understands it, after a pass that stops at a DOCTYPE in whatever encoding it hides."""
    import networkx as nx

    scout = expat.ParserCreate()
    scout.StartDoctypeDeclHandler = _refuse_doctype
    try:
        scout.Parse(content, True)
    except _DoctypeError:
        raise NetworkFileError(path, ["a network may not declare a DOCTYPE"]) from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NetworkFileError(path, [f"no readable XML: {error}"]) from None
    try:
        graph: nx.Graph[str] = nx.read_graphml(BytesIO(content))
    except (nx.NetworkXException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NetworkFileError(path, [f"no readable GraphML: {error}"]) from None
    return graph


def _directed(graph: nx.Graph[str], nodes: Nodes) -> nx.DiGraph[str]:
    """The graph with one directed edge a tie; an undirected edge at a front door leads there only."""
    import networkx as nx

    directed: nx.DiGraph[str] = nx.DiGraph()
    directed.add_nodes_from(graph.nodes)
    doors = set(nodes.names[nodes.organisations :])
    for one, other, data in graph.edges(data=True):
        source, target = (other, one) if not graph.is_directed() and one in doors else (one, other)
        directed.add_edge(source, target, **data)
        if not graph.is_directed() and target not in doors:
            directed.add_edge(target, source, **data)
    return directed
