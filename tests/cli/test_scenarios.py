"""`cpsim scenarios`: what comes with cpsim, by name and question."""

import json
from pathlib import Path

from click.testing import CliRunner

from cpsim.cli import main
from cpsim.scenario.read import load, shipped


def test_each_scenario_is_listed_with_its_question() -> None:
    ran = CliRunner().invoke(main, ["scenarios"])
    assert ran.exit_code == 0, ran.output
    for line, name in zip(ran.stdout.splitlines()[1:], shipped(), strict=True):
        assert line.split()[0] == name
        assert line.endswith(load(name).question)


def test_a_script_also_learns_where_the_file_is() -> None:
    listed = json.loads(CliRunner().invoke(main, ["scenarios", "--json"]).stdout)
    assert [row["name"] for row in listed] == list(shipped())
    assert all(load(Path(row["file"])).question == row["question"] for row in listed)
