"""Network files in GraphML that are changed at random."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from tests.fuzz.documented import check_problems, check_text, run_command
from tests.fuzz.target import Fault, Target
from tests.fuzz.texts import EditedText, FileContent, InsertText, ReplaceToken, edited_texts
from tests.model.extremes import TOWN

from cpsim.model import ChildProtectionModel
from cpsim.network.graphml import NetworkFileError, write_graphml
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import load

SCENARIO = """\
extends: small
population: {children: 200}
clock: {years: 1, warm_up_years: 0}
network: {graphml: n.graphml}
"""
TAGS = [
    "<node id='school-001'/>", "<node/>", "<edge source='gp-001' target='school-001'/>", "<graph/>", "<!--", "<port/>",
    "<edge source='x' target='gp-001'/>", "<data key='d0'>2</data>", "<data key='d0'>NaN</data>", "<data key='d9'/>",
    "<data/>", "<key id='d0'/>", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "<?xml version='1.1'?>", "&a;", "&#0;", "&#27;",
    "<![CDATA[x]]>", "<hyperedge/>", "<default>x</default>", "xmlns='x'", "edgedefault='undirected'", "attr.type='int'",
    "attr.type='list'", "attr.name='trust'", "attr.name='delivery'", "true", "1e999", "-1", "source", "id='",
    "<node id='front-door-001'>",
]  # fmt: skip
"""Pieces of GraphML."""


@cache
def make_networks() -> dict[str, str]:
    """Write the network of a tiny authority, and one by hand, without the ties between agencies."""
    model = ChildProtectionModel(TOWN, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "n.graphml")
        write_graphml(model.ties, model.nodes, file)
        written = file.read_text("utf-8")
    sites = [str(name) for name in model.nodes.names if not str(name).startswith("front-door")]
    edges = "\n".join(f'<edge source="{name}" target="front-door-001"/>' for name in sites)
    nodes = "\n".join(f'<node id="{name}"/>' for name in [*sites, "front-door-001"])
    by_hand = f'<graphml><graph edgedefault="undirected">\n{nodes}\n{edges}\n</graph></graphml>'
    return {"written": written, "by hand": by_hand}


@dataclass(frozen=True)
class NetworkFile:
    """A network file, and whether it is checked by the command line too."""

    text: FileContent
    by_command: bool


def use_network(given: NetworkFile, folder: Path) -> bool:
    """Use a network file in a scenario; one that is accepted gives a model."""
    file = folder / "own.yaml"
    file.write_text(SCENARIO, "utf-8")
    network = folder / "n.graphml"
    network.write_bytes(given.text.encode(make_networks()))
    accepted = True
    try:
        model = ChildProtectionModel(load(file), seed=1)
    except ScenarioError as error:
        check_problems(error)
        accepted = False
    except NetworkFileError as error:
        check_text(str(error), lines=True)
        if not str(error).startswith(str(network)):
            raise Fault(f"the message does not name the file: {error}") from error
        accepted = False
    else:
        model.step()
    if given.by_command and (run_command("validate", str(file)).exit_code == 0) != accepted:
        raise Fault("`cpsim validate` and the model do not agree")
    return accepted


changes = st.one_of(
    st.builds(ReplaceToken, st.integers(0, 2_000), st.sampled_from(TAGS)),
    st.builds(InsertText, st.integers(0, 20_000), st.sampled_from(TAGS)),
)
NETWORK_FILE = Target(
    "network_file",
    "network files with changed lines, values, tags and characters",
    st.builds(
        NetworkFile,
        edited_texts(["by hand", "written"], most=2)
        | st.builds(
            EditedText, st.sampled_from(["by hand", "written"]), st.lists(changes, max_size=2).map(tuple)
        ),
        st.booleans(),
    ),
    use_network,
    examples=100,
    few=40,
    prepare=make_networks,
)
