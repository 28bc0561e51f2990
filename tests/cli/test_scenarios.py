"""`cpsim scenarios`: what comes with cpsim, by name, year, claims and question."""

import json
from itertools import pairwise
from pathlib import Path

from click.testing import CliRunner

from cpsim.cli import main
from cpsim.scenario.read import load, shipped


def listed() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(CliRunner().invoke(main, ["scenarios", "--json"]).stdout)
    return rows


def test_each_scenario_is_listed_with_its_claims_and_its_question() -> None:
    ran = CliRunner().invoke(main, ["scenarios"])
    assert ran.exit_code == 0, ran.output
    lines = {line.split()[0]: line for line in ran.stdout.splitlines()[1:]}
    assert lines.keys() == shipped().keys()
    for name, line in lines.items():
        scenario = load(name)
        assert line.endswith(f" {scenario.question}")
        assert f"  {' '.join(scenario.claims)} " in line


def test_a_script_also_learns_where_the_file_is() -> None:
    for row in listed():
        scenario = load(Path(str(row["file"])))
        assert (scenario.question, list(scenario.claims)) == (row["question"], row["claims"])


def test_places_come_before_what_happened_in_them_and_that_in_the_order_of_history() -> None:
    rows = listed()
    assert rows[0]["name"] == "baseline"
    assert rows[0]["year"] is None
    assert all(one <= other for one, other in pairwise([row["year"] or 0 for row in rows]))
    (scandal,) = [row for row in rows if row["name"] == "scandal_pulse"]
    assert scandal["year"] == 2008
