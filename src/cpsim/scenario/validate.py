"""A tree of settings to a `Scenario`, or to all that is wrong with it."""

from cpsim.scenario.checks import CHECKS
from cpsim.scenario.events import levers
from cpsim.scenario.institutions import institutions
from cpsim.scenario.language import Language
from cpsim.scenario.nodes import Node, child_path
from cpsim.scenario.problems import Problem, did_you_mean, listed, shown
from cpsim.scenario.schema import Scenario


def _no_such_lever(node: Node) -> Problem:
    """An event that does not say what changes, or names a lever that nobody has."""
    told = node.beneath("lever")
    known = f"{listed(levers())}, and the institutions that `cpsim explain institutions` lists"
    if told is None or not isinstance(told.value, str):
        path, at = child_path(node.path, "lever"), told.at if told else node.at
        return Problem(f"this setting is missing; expected the name of a lever: {known}", at, path)
    hint = did_you_mean(told.value, [*levers(), *institutions()])
    message = f"there is no lever {shown(told.value)}{hint or f'; there are {known}'}"
    return Problem(message, told.at, told.path)


SCENARIOS = Language(Scenario, CHECKS, foundation="extends", unknown_branch=_no_such_lever)
"""The language of scenario files."""
