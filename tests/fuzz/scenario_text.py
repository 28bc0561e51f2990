"""Scenario files that are changed at random."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from tests.fuzz.documented import check_problems_of_file, run_command
from tests.fuzz.target import Fault, Target
from tests.fuzz.texts import FileContent, edited_texts
from tests.governance.examples import EXAMPLES, event

import cpsim
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import find_shipped_scenarios, to_yaml

OWN = {
    "every section": """\
name: duty_to_schools
question: "Do schools share more, sooner?"  # a comment
extends: small
clock: &clock {start: 2005-04-01, years: 3, warm_up_years: 1}
population: {children: 900, children_per_area: 300}
authorities:
  count: 3
  quality_sd: 0.2
  named:
    - {name: Ashford, children: 1.5, deprivation: 0.8}
    - name: Bexhill
      posts: 0.9
sharing:
  share_noise: 0.4
agencies:
  youth_justice:
    catchment: authority
    contacts_per_week: {under_1: 0, age_11_to_17: 1e-2}
duties: {youth_justice: {bound: true}}
claims: [C1, C2]
network: {trust_start: 0.3}
timeline:
  - {date: 2006-09-01, lever: duty, kinds: [school, gp], bound: true, awareness: 0.45, authorities: [Ashford]}
  - date: 2006-09-01
    lever: duty
    kinds:
      - police
    sanction: .5
    authorities: {lot: 2}
  - {date: 2007-04-01, until: 2008-04-01, lever: department_merger, tie_cut: 0.5}
""",
    "an own network": "name: own\nextends: small\nnetwork: {graphml: network.graphml}\n",
    "a file that extends another": "extends: other.yaml\nclock: {years: 2}\n",
    "an empty timeline": "extends: baseline\ntimeline: []\n",
    "one line": "{name: a, clock: {years: 2}, timeline: [{lever: scandal, date: 2005-05-02}]}",
    "nothing": "",
    "aliases": "name: &n town\nclock: &c {years: 2}\nharm: *c\ntimeline: [&e {lever: duty, kinds: [gp]}, *e]\n",
}
"""Scenario files written for this purpose: name -> text."""

OTHER = "name: other\nextends: small\nsharing: {share_noise: 0.2}\n"


@cache
def list_scenario_texts() -> dict[str, str]:
    """List the texts that are changed: our own, one with every lever, and those that come with cpsim."""
    rows = (
        f"  - {{{', '.join(f'{key}: {_format(value)}' for key, value in event(lever).items())}}}\n"
        for lever in EXAMPLES
    )
    every_lever = "extends: small\nauthorities: {count: 2}\ntimeline:\n" + "".join(rows)
    shipped = {name: file.read_text("utf-8") for name, file in find_shipped_scenarios().items()}
    return {**OWN, "every lever": every_lever, **shipped}


def _format(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario file, and whether it is checked by the command line too."""

    text: FileContent
    by_command: bool = False


def load_scenario(given: ScenarioFile, folder: Path) -> bool:
    """Load a scenario file; one that is accepted is written and read back to an equal scenario."""
    file = folder / "edited.yaml"
    file.write_bytes(given.text.encode(list_scenario_texts()))
    (folder / "other.yaml").write_text(OTHER, "utf-8")
    try:
        scenario = cpsim.load(file)
    except ScenarioError as error:
        check_problems_of_file(error, file)
        scenario = None
    if given.by_command:
        result = run_command("validate", str(file))
        if (result.exit_code == 0) != (scenario is not None):
            raise Fault(f"`cpsim validate` ends with exit code {result.exit_code}: {result.output}")
    if scenario is None:
        return False
    again = folder / "again.yaml"
    again.write_text(to_yaml(scenario), "utf-8")
    if cpsim.load(again) != scenario:
        raise Fault("a scenario that is written and read back differs")
    return True


SCENARIO_TEXT = Target(
    "scenario_text",
    "scenario files with changed lines, values and characters",
    st.builds(ScenarioFile, edited_texts(sorted(list_scenario_texts())), st.booleans()),
    load_scenario,
    examples=200,
    few=60,
)
