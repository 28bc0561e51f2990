"""The format of scenario files: the schema, the rules between settings, and the message for an unknown lever."""

from cpsim.scenario.checks import CHECKS, find_late_events
from cpsim.scenario.events import load_levers
from cpsim.scenario.file_format import FileFormat
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.nodes import Node, child_path
from cpsim.scenario.problems import Problem, format_options, format_value, suggest_nearest
from cpsim.scenario.renamed import suggest_new_name
from cpsim.scenario.schema import Scenario
from cpsim.scenario.text import describe_curly_quotes


def _describe_unknown_lever(node: Node) -> Problem:
    """Describe the problem with an event that names no lever, or one that does not exist."""
    lever = node.get("lever")
    known = f"{format_options(load_levers())}, and the institutions that `cpsim explain institutions` lists"
    if lever is None or not isinstance(lever.value, str):
        path, at = child_path(node.path, "lever"), lever.at if lever else node.at
        return Problem(f"this setting is missing; expected the name of a lever: {known}", at, path)
    if message := describe_curly_quotes(lever.value):
        return Problem(message, lever.at, lever.path)
    hint = (
        suggest_new_name("lever", lever.value)
        or suggest_new_name("institution", lever.value)
        or suggest_nearest(lever.value, [*load_levers(), *load_institutions()])
    )
    message = f"there is no lever {format_value(lever.value)}{hint or f'; there are {known}'}"
    return Problem(message, lever.at, lever.path)


SCENARIOS = FileFormat(
    Scenario,
    CHECKS,
    foundation="extends",
    unknown_branch=_describe_unknown_lever,
    cautions=(find_late_events,),
    synonyms={
        "base": "extends",
        "scenario": "extends",
        "title": "name",
        "description": "question",
        "events": "timeline",
        "lever": "timeline",
        "levers": "timeline",
    },
)
"""The format of scenario files."""
