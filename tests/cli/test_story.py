"""`cpsim story`: a chronology on the terminal, and a folder to keep."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cpsim.cli import main
from cpsim.model import run
from cpsim.scenario.read import load

TINY = ("population.children=1200", "clock.warm_up_years=1", "clock.years=2")


def cpsim(*arguments: str, tiny: bool = True) -> Result:
    settings = [part for setting in TINY if tiny for part in ("--set", setting)]
    return CliRunner().invoke(main, ["story", *arguments, *settings])


def test_a_story_is_printed_with_its_facts_its_chronology_and_its_legend() -> None:
    told = cpsim("small", "--find", "missed")
    assert told.exit_code == 0, told.output
    for words in ("Child ", "What it came to", "Chronology", "The pieces on", "log-odds", "invented"):
        assert words in told.output


def test_json_is_all_that_is_printed_when_it_is_asked_for() -> None:
    told = cpsim("small", "--json")
    (story,) = json.loads(told.output)["stories"]
    assert story["scenario"] == "small"
    assert story["entries"]


def test_two_scenarios_are_told_side_by_side() -> None:
    told = cpsim("small", "before_the_act", "--find", "missed", "--json")
    assert [story["scenario"] for story in json.loads(told.output)["stories"]] == ["small", "before_the_act"]


def test_a_folder_holds_text_data_and_the_timeline_for_the_wall(tmp_path: Path) -> None:
    told = cpsim("small", "--out", str(tmp_path / "story"))
    assert told.exit_code == 0, told.output
    names = {file.name for file in (tmp_path / "story").iterdir()}
    assert names == {"story.txt", "story.json", "timeline.png", "timeline.svg"}
    assert "Open" in told.output.splitlines()[-1]


def test_a_folder_that_exists_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    told = cpsim("small", "--out", str(tmp_path))
    assert told.exit_code == 2
    assert "exists already" in told.output


def test_a_saved_run_is_told_from_its_folder(tmp_path: Path) -> None:
    run(load("small", TINY), seed=3).save(tmp_path / "run")
    told = cpsim(str(tmp_path / "run"), "--json", tiny=False)
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["stories"][0]["seed"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["small", "--find", "mised"], "did you mean 'missed'"),
        (["small", "--find", "rescued"], "takes two scenarios"),
        (["small", "--child", "123456789"], "there is no child 123456789"),
        (["small", "--child", "-1"], "there is no child -1"),
        (["small", "--child", "1", "--find", "missed"], "not both"),
        (["small", "--nth", "0"], "the first is number 1"),
        (["small", "--nth", "99999"], "no child number 99999"),
        (["smal"], "did you mean 'small'"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_message_and_ends_with_2(
    arguments: list[str], message: str
) -> None:
    told = cpsim(*arguments)
    assert told.exit_code == 2
    assert message in told.output
    assert "Traceback" not in told.output


def test_a_run_that_is_over_takes_no_settings(tmp_path: Path) -> None:
    told = cpsim(str(tmp_path))
    assert told.exit_code == 2
    assert "--set goes with a scenario" in told.output


def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path) -> None:
    told = cpsim(str(tmp_path), tiny=False)
    assert told.exit_code == 2
    assert "not the folder of a run" in told.output
