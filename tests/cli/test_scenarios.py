"""`cpsim scenarios` lists the scenarios that come with cpsim."""

import json
from itertools import pairwise
from pathlib import Path

from click.testing import CliRunner

from cpsim.cli import main
from cpsim.scenario.read import find_shipped_scenarios, load


def list_scenarios() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(CliRunner().invoke(main, ["scenarios", "--json"]).stdout)
    return rows


def test_each_scenario_is_listed_with_its_claims_and_its_question() -> None:
    ran = CliRunner().invoke(main, ["scenarios"])
    assert ran.exit_code == 0, ran.output
    lines = {line.split()[0]: line for line in ran.stdout.splitlines()[1:]}
    assert lines.keys() == find_shipped_scenarios().keys()
    for name, line in lines.items():
        scenario = load(name)
        assert line.endswith(f" {scenario.question}")
        assert f"  {' '.join(scenario.claims)} " in line


def test_json_output_includes_the_path_of_the_file() -> None:
    for row in list_scenarios():
        scenario = load(Path(str(row["file"])))
        assert (scenario.question, list(scenario.claims)) == (row["question"], row["claims"])


def test_scenarios_without_events_come_first_and_the_others_in_order_of_their_year() -> None:
    rows = list_scenarios()
    assert rows[0]["name"] == "baseline"
    assert rows[0]["year"] is None
    assert all(one <= other for one, other in pairwise([row["year"] or 0 for row in rows]))
    (scandal,) = [row for row in rows if row["name"] == "scandal_pulse"]
    assert scandal["year"] == 2008


def test_words_select_the_scenarios_that_mention_all_of_them() -> None:
    ran = CliRunner().invoke(main, ["scenarios", "merger", "opposed"])
    assert ran.exit_code == 2
    ran = CliRunner().invoke(main, ["scenarios", "merger", "staff"])
    assert [line.split()[0] for line in ran.stdout.splitlines()] == ["name", "merger_imposed"]
    ran = CliRunner().invoke(main, ["scenarios", "mergr"])
    assert "no scenario mentions 'mergr'; did you mean 'merger'?" in ran.stderr
