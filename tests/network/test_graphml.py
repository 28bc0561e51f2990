"""GraphML files are read as untrusted data, refused with clear messages, and written so that they can be read back."""

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from cpsim.network import graphml
from cpsim.network.graphml import NetworkFileError, read_graphml, write_graphml
from cpsim.network.nodes import Nodes
from cpsim.network.ties import Ties

ReadGraph = Callable[[nx.Graph], Ties]
Refused = Callable[[bytes], str]
Change = Callable[[nx.DiGraph], object]


@pytest.fixture
def star(nodes: Nodes) -> nx.DiGraph:
    return nx.DiGraph((name, "front-door-001") for name in nodes.names[:5])


@pytest.fixture
def read(nodes: Nodes, tmp_path: Path) -> ReadGraph:
    def read_graph(graph: nx.Graph) -> Ties:
        path = tmp_path / "ours.graphml"
        nx.write_graphml_xml(graph, path)
        return read_graphml(path, nodes, trust_start=0.6)

    return read_graph


@pytest.fixture
def refused(nodes: Nodes, tmp_path: Path) -> Refused:
    def refuse(content: bytes) -> str:
        path = tmp_path / "untrusted.graphml"
        path.write_bytes(content)
        with pytest.raises(NetworkFileError) as error:
            read_graphml(path, nodes, trust_start=0.6)
        assert str(error.value).startswith(str(path))
        return str(error.value)

    return refuse


def test_a_written_network_is_read_back_unchanged(ties: Ties, nodes: Nodes, tmp_path: Path) -> None:
    ties.delivery[2] = 0.5
    path = tmp_path / "ours.graphml"
    write_graphml(ties, nodes, path)
    again = read_graphml(path, nodes, trust_start=0.0)
    for column in ("source", "target", "role", "trust", "delivery"):
        np.testing.assert_array_equal(again.table[column], ties.table[column])


def test_equal_networks_give_identical_files(ties: Ties, nodes: Nodes, tmp_path: Path) -> None:
    write_graphml(ties, nodes, tmp_path / "a.graphml")
    write_graphml(ties.copy(), nodes, tmp_path / "b.graphml")
    assert (tmp_path / "a.graphml").read_bytes() == (tmp_path / "b.graphml").read_bytes()


def test_an_undirected_edge_ties_partners_in_both_directions_and_leads_to_the_front_door_only(
    read: ReadGraph, nodes: Nodes
) -> None:
    drawing = nx.Graph(("front-door-001", name) for name in nodes.names[:5])
    drawing.add_edge("school-001", "gp-001", trust=0.7)
    ties = read(drawing)
    assert len(ties) == 7
    assert ties.trust[ties.find([0, 2], [2, 0])].tolist() == [0.7, 0.7]


def test_attributes_of_drawing_programs_are_ignored(read: ReadGraph, star: nx.DiGraph) -> None:
    nx.set_edge_attributes(star, 2.5, "weight")
    assert len(read(star)) == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda g: g.add_edge("shool-001", "gp-001"),
            "'shool-001' is not an organisation .* did you mean 'school-001'",
        ),
        (lambda g: g.remove_edge("gp-002", "front-door-001"), "'gp-002' has no edge to its front door"),
        (lambda g: g.remove_node("gp-002"), "'gp-002' has no edge to its front door"),
        (lambda g: g.add_edge("gp-001", "pct-001", trust=1.5), "trust between 0 and 1, not 1.5"),
        (lambda g: g.add_edge("gp-001", "pct-001", trust=float("nan")), "trust between 0 and 1, not nan"),
        (lambda g: g.add_edge("gp-001", "pct-001", trust="much"), "trust between 0 and 1, not 'much'"),
        (lambda g: g.add_edge("gp-001", "pct-001", delivery=-1.0), "delivery of 0 or more"),
        (lambda g: g.add_edge("gp-001", "pct-001", role="referral"), "role 'lateral', not 'referral'"),
        (lambda g: g.add_edge("gp-001", "pct-001", trsut=0.5), "'trsut'; did you mean 'trust'"),
        (lambda g: g.add_edge("gp-001", "gp-001"), "leads back to the same organisation"),
        (lambda g: g.add_edge("front-door-001", "gp-001"), "starts at a front door"),
    ],
)
def test_an_invalid_network_is_refused_with_an_explanation(
    read: ReadGraph, star: nx.DiGraph, change: Change, message: str
) -> None:
    change(star)
    with pytest.raises(NetworkFileError, match=message):
        read(star)


def test_all_errors_of_a_file_are_reported_together(read: ReadGraph, star: nx.DiGraph) -> None:
    star.add_edge("gp-001", "pct-001", trust=1.5)
    star.remove_edge("gp-002", "front-door-001")
    with pytest.raises(NetworkFileError) as error:
        read(star)
    assert len(error.value.errors) == 2


def test_the_number_of_errors_in_a_message_is_limited(read: ReadGraph) -> None:
    with pytest.raises(NetworkFileError, match="and 30 more"):
        read(nx.DiGraph((f"unknown-{i}", f"unknown-{i + 1}") for i in range(49)))


def test_a_prefix_that_is_not_declared_is_refused(refused: Refused) -> None:
    assert "not valid GraphML: unbound prefix" in refused(b"<graphml x:y='1'/>")


def test_what_cannot_be_printed_is_escaped_in_the_message(refused: Refused) -> None:
    node = "<graph><node id='a'><data key='\u200bk'/></node></graph>"
    text = f"<graphml xmlns='http://graphml.graphdrawing.org/xmlns'>{node}</graphml>"
    assert r"no key \u200bk" in refused(text.encode())


def test_a_key_without_a_type_is_a_text(refused: Refused) -> None:
    key = "<key id='d0' for='edge' attr.name='trust'/>"
    edge = "<edge source='school-001' target='gp-001'><data key='d0'>0.5</data></edge>"
    start = "<graphml xmlns='http://graphml.graphdrawing.org/xmlns'>"
    file = f"{start}{key}<graph edgedefault='directed'>{edge}</graph></graphml>"
    assert "trust between 0 and 1, not '0.5'" in refused(file.encode())


BOMB = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><graphml>&b;</graphml>'
ENTITY = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><graphml>&f;</graphml>'


@pytest.mark.parametrize("text", [BOMB, ENTITY, "<!DOCTYPE graphml><graphml/>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_that_declares_entities_is_refused_in_any_encoding(
    refused: Refused, text: str, encoding: str
) -> None:
    assert "DOCTYPE" in refused(text.encode(encoding))


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01", b"name: baseline\n", b"<graphml>", b"\xff\xfe<", b"<a>" * 100_000, b"<html></html>"],
)
def test_a_file_that_is_not_graphml_is_refused(refused: Refused, content: bytes) -> None:
    refused(content)


def test_text_in_place_of_a_number_is_refused(refused: Refused) -> None:
    refused(
        b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        b'<key id="t" for="edge" attr.name="trust" attr.type="double"/><graph edgedefault="directed">'
        b'<node id="a"/><node id="b"/><edge source="a" target="b"><data key="t">much</data></edge></graph></graphml>'
    )


def test_two_edges_between_the_same_nodes_are_refused(refused: Refused) -> None:
    assert "two edges" in refused(
        b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed">'
        b'<node id="a"/><node id="b"/><edge source="a" target="b"/><edge source="a" target="b"/></graph></graphml>'
    )


def test_a_file_above_the_size_limit_is_refused(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphml, "MAX_NETWORK_BYTES", 2_000_000)
    assert "the file has 2,000,001 bytes; at most 2,000,000 are allowed" in refused(b" " * 2_000_001)


def test_a_missing_file_is_reported(nodes: Nodes, tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError, match="there is no such file"):
        read_graphml(tmp_path / "none.graphml", nodes, trust_start=0.6)
