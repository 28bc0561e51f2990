"""Reading and writing of networks as GraphML files.

Files are untrusted: their size is limited, and a document type declaration is refused, so entities cannot expand
without limit or read other files.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Self
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

import numpy as np

from cpsim.agents.build import build_organisations
from cpsim.network.graph import build_graph, find_errors, read_graph
from cpsim.network.nodes import Nodes
from cpsim.scenario.paths import UnreadableFileError, read_bytes
from cpsim.scenario.problems import Problem, ScenarioError
from cpsim.scenario.sources import MAX_NETWORK_BYTES
from cpsim.scenario.text import escape_unsafe
from cpsim.world.authorities import draw_authorities
from cpsim.world.sites import place_sites

if TYPE_CHECKING:
    import networkx as nx

    from cpsim.network.ties import Ties
    from cpsim.scenario.nodes import Node
    from cpsim.scenario.schema import Scenario

MAX_ERRORS_SHOWN = 20
"""Number of errors that the message of a `NetworkFileError` lists."""


class NetworkFileError(ValueError):
    """A GraphML file is not a network of the scenario's organisations.

    What cannot be printed is escaped in its text.

    Attributes:
        path: path of the file.
        errors: one sentence for each error.
    """

    def __init__(self, path: Path, errors: list[str]) -> None:
        self.path = path
        self.errors = errors
        shown = [escape_unsafe(f"{path}: {error}") for error in errors[:MAX_ERRORS_SHOWN]]
        if len(errors) > MAX_ERRORS_SHOWN:
            shown.append(f"{path}: and {len(errors) - MAX_ERRORS_SHOWN} more")
        super().__init__("\n".join(shown))

    def __reduce__(self) -> tuple[type[Self], tuple[Path, list[str]]]:
        return type(self), (self.path, self.errors)  # pickling must work, for errors in a worker process


def read_graphml(path: Path, nodes: Nodes, trust_start: float) -> Ties:
    """Read the ties of a network from a GraphML file.

    The nodes of the file must have the names of organisations ("school-012") and front doors ("front-door-001"). Every
    organisation needs an edge to the front door of each authority that it serves; all other edges are lateral ties. An
    edge can have the attributes `role`, `trust` (0 to 1) and `delivery`; other attributes, such as those of a drawing
    program, are ignored. In an undirected file, an edge between two organisations is a tie in both directions.

    Args:
        path: path of the file.
        nodes: organisations and front doors of the scenario.
        trust_start: trust of edges without this attribute.

    Raises:
        NetworkFileError: the file cannot be read, or is not a network of the scenario's organisations.
    """
    return read_graph(_read_checked(path, nodes), nodes, trust_start)


def check_own_network(scenario: Scenario, settings: Node) -> None:
    """Check the network file that a scenario names, if it names one, without drawing its children.

    If the sizes of the authorities are drawn at random, so is the number of organisations; then only the form of the
    file is checked, because the organisations of one seed are not those of another.

    Args:
        scenario: the scenario.
        settings: its settings as they were read, with the places where they were written.

    Raises:
        ScenarioError: the file cannot be read, or is not a network of the scenario's organisations.
    """
    named = settings.find(["network", "graphml"])
    if scenario.network.graphml is None or named is None:
        return
    try:
        _check_own_network(Path(scenario.network.graphml), scenario)
    except NetworkFileError as error:
        sentences = str(error).splitlines()
        raise ScenarioError(Problem(sentence, named.at, named.path) for sentence in sentences) from None


def _check_own_network(path: Path, scenario: Scenario) -> None:
    settings = scenario.authorities
    if settings.count > 1 and settings.size_spread > 0:
        _parse(path)
        return
    sites = place_sites(
        scenario.population, scenario.agencies, draw_authorities(settings, scenario.population, seed=1)
    )
    no_children = np.zeros(len(sites.kind), np.int64)
    organisations = build_organisations(scenario.agencies, scenario.duties, sites, no_children)
    _read_checked(path, Nodes.of(organisations, scenario.kinds, sites.serves))


def _read_checked(path: Path, nodes: Nodes) -> nx.DiGraph[str]:
    """Read the graph of a file, and refuse one that is not a network of these organisations."""
    graph = _make_directed(_parse(path), nodes)
    if found := find_errors(graph, nodes):
        raise NetworkFileError(path, found)
    return graph


def write_graphml(ties: Ties, nodes: Nodes, path: Path) -> None:
    """Write the ties to a GraphML file; `read_graphml` reads the same ties back."""
    import networkx as nx

    nx.write_graphml_xml(build_graph(ties, nodes), path)


class _DoctypeError(Exception):
    """A file declares a document type."""


def _refuse_doctype(*_: object) -> None:
    raise _DoctypeError


def _parse(path: Path) -> nx.Graph[str]:
    """Parse a file with networkx, after a check with expat that refuses a DOCTYPE in any encoding."""
    import networkx as nx

    try:
        content = read_bytes(path, MAX_NETWORK_BYTES)
    except UnreadableFileError as error:
        raise NetworkFileError(path, [str(error)]) from None
    checker = expat.ParserCreate()
    checker.StartDoctypeDeclHandler = _refuse_doctype
    try:
        checker.Parse(content, True)
    except _DoctypeError:
        raise NetworkFileError(path, ["the file must not declare a DOCTYPE"]) from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NetworkFileError(path, [f"the file is not valid XML: {error}"]) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # a key without a type is a text, which is refused where it is used
            graph: nx.Graph[str] = nx.read_graphml(BytesIO(content))
    except (nx.NetworkXException, ParseError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise NetworkFileError(path, [f"the file is not valid GraphML: {error}"]) from None
    if graph.is_multigraph():
        raise NetworkFileError(
            path, ["two edges join the same nodes in the same direction; keep one of them"]
        )
    return graph


def _make_directed(graph: nx.Graph[str], nodes: Nodes) -> nx.DiGraph[str]:
    """Return the graph with one directed edge per tie; an undirected edge at a front door leads to it only."""
    import networkx as nx

    directed: nx.DiGraph[str] = nx.DiGraph()
    directed.add_nodes_from(graph.nodes)
    front_doors = set(nodes.names[nodes.organisations :])
    for one, other, data in graph.edges(data=True):
        source, target = (other, one) if not graph.is_directed() and one in front_doors else (one, other)
        directed.add_edge(source, target, **data)
        if not graph.is_directed() and target not in front_doors:
            directed.add_edge(target, source, **data)
    return directed
