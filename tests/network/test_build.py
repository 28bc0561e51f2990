"""Ties between partners are created from catchments: organisations that share children are tied."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from cpsim.agents.build import ORGANISATIONS
from cpsim.agents.columns import AgentTable
from cpsim.network.build import SharedChildren, build_ties, count_shared_children
from cpsim.network.graph import build_graph, read_graph
from cpsim.network.nodes import Nodes
from cpsim.network.ties import Ties

KINDS = 3
PLACE = np.array(
    [
        [0, 2, 4],
        [0, 2, 4],
        [0, 3, 4],
        [1, 3, 4],
        [1, 3, 4],
        [1, 3, 4],
        [-1, 3, 4],
    ],
    np.int16,
)
"""Seven children with a school (0, 1), a GP practice (2, 3) and the PCT (4); the youngest has no school yet."""


def half(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    return np.full(source.shape, 0.5)


@pytest.fixture
def shared() -> SharedChildren:
    return count_shared_children(PLACE.ravel(), KINDS, 5)


def pairs(ties: Ties) -> set[tuple[int, int]]:
    return set(zip(ties.source.tolist(), ties.target.tolist(), strict=True))


def test_shared_children_are_counted_for_each_pair_of_organisations(shared: SharedChildren) -> None:
    counted = dict(
        zip(zip(shared.first.tolist(), shared.second.tolist(), strict=True), shared.children, strict=True)
    )
    assert counted == {(0, 2): 2, (0, 3): 1, (1, 3): 3, (0, 4): 3, (1, 4): 3, (2, 4): 2, (3, 4): 5}
    assert sorted(counted) == list(counted)


def test_children_without_a_school_are_not_counted() -> None:
    assert count_shared_children(np.full(6, -1, np.int16), KINDS, 5).children.size == 0
    assert count_shared_children(np.array([3], np.int16), 1, 5).children.size == 0


def test_every_organisation_has_a_tie_to_the_front_door_even_at_density_zero(
    nodes: Nodes, shared: SharedChildren
) -> None:
    ties = build_ties(nodes, shared, 0.0, half)
    assert pairs(ties) == {(organisation, 5) for organisation in range(5)}


def test_the_pairs_that_share_most_children_are_tied_first(nodes: Nodes, shared: SharedChildren) -> None:
    ties = build_ties(nodes, shared, 0.25, half)
    assert {(1, 3), (3, 1)} <= pairs(ties), (
        "of four pairs of school and practice, the one that shares most children must be tied"
    )
    assert (0, 2) not in pairs(ties)


def test_organisations_without_shared_children_are_not_tied_even_at_full_density(
    nodes: Nodes, shared: SharedChildren
) -> None:
    ties = build_ties(nodes, shared, 1.0, half)
    assert (1, 2) not in pairs(ties)
    assert len(ties) == 5 + 2 * 7


def test_a_denser_network_has_all_ties_of_a_sparser_one(nodes: Nodes, shared: SharedChildren) -> None:
    networks = [pairs(build_ties(nodes, shared, density, half)) for density in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert all(sparse <= dense for sparse, dense in pairwise(networks))


def test_lateral_ties_exist_in_both_directions(nodes: Nodes, shared: SharedChildren) -> None:
    ties = build_ties(nodes, shared, 0.5, half)
    lateral = {(source, target) for source, target in pairs(ties) if target != 5}
    assert lateral == {(target, source) for source, target in lateral}


def test_trust_of_a_tie_does_not_depend_on_other_ties(nodes: Nodes, shared: SharedChildren) -> None:
    def of_the_pair(source: np.ndarray, target: np.ndarray) -> np.ndarray:
        return (source * 7 + target) % 10 / 10

    sparse, dense = (build_ties(nodes, shared, density, of_the_pair) for density in (0.25, 1.0))
    same = dense.find(sparse.source, sparse.target)
    np.testing.assert_array_equal(dense.trust[same], sparse.trust)


def test_each_authority_has_a_front_door_and_local_organisations_have_no_ties_to_another_authority() -> None:
    organisations = AgentTable(ORGANISATIONS, 4)
    organisations["kind"] = [0, 1, 0, 1]
    organisations["authority"] = [0, 0, 1, 1]
    nodes = Nodes.of(organisations, ("school", "gp"), organisations["authority"][:, None] == [0, 1])
    shared = count_shared_children(np.array([[0, 1], [2, 3], [0, 3]], np.int16).ravel(), 2, 4)
    assert pairs(build_ties(nodes, shared, 1.0, half)) == {
        (0, 4),
        (1, 4),
        (2, 5),
        (3, 5),
        (0, 1),
        (1, 0),
        (2, 3),
        (3, 2),
    }
    assert nodes.names[4:] == ("front-door-001", "front-door-002")


def test_a_density_above_one_is_refused(nodes: Nodes, shared: SharedChildren) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        build_ties(nodes, shared, 1.5, half)


def test_graph_and_ties_hold_the_same_data(nodes: Nodes, ties: Ties) -> None:
    graph = build_graph(ties, nodes)
    assert graph.number_of_edges() == len(ties)
    assert graph.nodes["gp-002"] == {"kind": "gp", "area": 1, "authority": 0}
    assert graph.nodes["front-door-001"]["kind"] == "front_door"
    assert graph.edges["school-001", "gp-001"]["role"] == "lateral"
    again = read_graph(graph, nodes, trust_start=0.0)
    for column in ("source", "target", "role", "trust", "delivery"):
        np.testing.assert_array_equal(again.table[column], ties.table[column])


def test_changing_the_graph_does_not_change_the_ties(nodes: Nodes, ties: Ties) -> None:
    graph = build_graph(ties, nodes)
    graph.edges["school-001", "gp-001"]["trust"] = 1.0
    assert ties.trust[ties.find(0, 2)] != 1.0


def test_edges_without_trust_get_the_trust_of_the_scenario(nodes: Nodes) -> None:
    graph = nx.DiGraph((name, "front-door-001") for name in nodes.names[:5])
    graph.add_edge("school-001", "gp-002", trust=0.9)
    ties = read_graph(graph, nodes, trust_start=0.6)
    assert ties.trust.tolist() == [0.9, 0.6, 0.6, 0.6, 0.6, 0.6]
    graph.remove_edge("pct-001", "front-door-001")
    with pytest.raises(ValueError, match="'pct-001' has no edge to its front door"):
        read_graph(graph, nodes, trust_start=0.6)
