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
    lines = {line.split()[0]: line for line in ran.stdout.splitlines()[1:-3]}
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


def list_found(*words: str) -> list[str]:
    """The names of the scenarios in the table that a search prints."""
    ran = CliRunner().invoke(main, ["scenarios", *words])
    assert ran.exit_code == 0, ran.output
    return [line.split()[0] for line in ran.stdout.split("\n\n")[0].splitlines()[1:]]


def test_words_select_the_scenarios_that_mention_all_of_them_in_any_order() -> None:
    assert list_found("merger", "staff") == ["merger_imposed"]
    assert list_found("staff", "MERGERS") == ["merger_imposed"]


def test_words_of_the_field_find_what_is_meant() -> None:
    assert "tracking_pilot" in list_found("database")
    assert "scandal_pulse" in list_found("baby", "p")
    assert "dcs_hub" in list_found("MASH")


def test_the_commands_to_type_follow_once_with_the_scenario_that_fits_best() -> None:
    lines = CliRunner().invoke(main, ["scenarios", "merger"]).stdout.splitlines()
    assert lines[-2:] == ["cpsim run department_merger", "cpsim new my_scenario --from department_merger"]
    assert CliRunner().invoke(main, ["scenarios"]).stdout.splitlines()[-2] == "cpsim run NAME"


def test_words_that_no_scenario_mentions_end_with_2_and_the_nearest() -> None:
    for words, message in {
        "mergr": "no scenario mentions 'mergr'; did you mean 'merger'?",
        "merger opposed": "no scenario mentions 'opposed'",
        "austerity merger": "no scenario mentions 'austerity' and 'merger' together; search for fewer words",
    }.items():
        ran = CliRunner().invoke(main, ["scenarios", *words.split()])
        assert (ran.exit_code, ran.stderr.splitlines()[-1]) == (2, f"Error: {message}")
