"""`cpsim story` prints the chronology of a child and can save it with a timeline."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cpsim.cli import main
from cpsim.scenario.read import load
from cpsim.simulation import run

TINY = ("population.children=1200", "clock.warm_up_years=1", "clock.years=2")


def cpsim(*arguments: str, tiny: bool = True) -> Result:
    settings = [part for setting in TINY if tiny for part in ("--set", setting)]
    return CliRunner().invoke(main, ["story", *arguments, *settings])


def test_a_story_is_printed_with_its_summary_chronology_and_legend() -> None:
    done = cpsim("small", "--find", "missed")
    assert done.exit_code == 0, done.output
    for words in ("Child ", "Summary", "Chronology", "Evidence on file on", "log-odds", "invented"):
        assert words in done.output


def test_json_output_is_the_story_and_nothing_else() -> None:
    done = cpsim("small", "--json")
    (story,) = json.loads(done.output)["stories"]
    assert story["scenario"] == "small"
    assert story["entries"]


def test_two_scenarios_are_printed_side_by_side() -> None:
    done = cpsim("small", "before_the_act", "--find", "missed", "--json")
    assert [story["scenario"] for story in json.loads(done.output)["stories"]] == ["small", "before_the_act"]


def test_a_saved_story_has_text_data_and_a_timeline(tmp_path: Path) -> None:
    done = cpsim("small", "--out", str(tmp_path / "story"))
    assert done.exit_code == 0, done.output
    names = {file.name for file in (tmp_path / "story").iterdir()}
    assert names == {"story.txt", "story.json", "timeline.png", "timeline.svg", "manifest.json"}
    assert "Open" in done.output.splitlines()[-1]


def test_an_existing_folder_is_refused_before_any_run(tmp_path: Path) -> None:
    done = cpsim("small", "--out", str(tmp_path))
    assert done.exit_code == 2
    assert "exists already" in done.output


def test_the_story_of_a_saved_run_is_built_from_its_folder(tmp_path: Path) -> None:
    run(load("small", TINY), seed=3).save(tmp_path / "run")
    done = cpsim(str(tmp_path / "run"), "--json", tiny=False)
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["stories"][0]["seed"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["small", "--find", "mised"], "did you mean 'missed'"),
        (["small", "--find", "newly-reached"], "needs two scenarios"),
        (["small", "--child", "123456789"], "there is no child 123456789"),
        (["small", "--child", "-1"], "expected a whole number, 0 or greater"),
        (["small", "--child", "1", "--find", "missed"], "not both"),
        (["small", "--nth", "0"], "expected a whole number, 1 or greater"),
        (["small", "--nth", "99999"], "no child number 99999"),
        (["smal"], "did you mean 'small'"),
    ],
)
def test_a_story_that_is_unavailable_ends_with_one_message_and_exit_code_2(
    arguments: list[str], message: str
) -> None:
    done = cpsim(*arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output


def test_a_finished_run_takes_no_overrides(tmp_path: Path) -> None:
    done = cpsim(str(tmp_path))
    assert done.exit_code == 2
    assert "use --set only with scenarios" in done.output


def test_a_folder_that_is_not_a_run_is_refused(tmp_path: Path) -> None:
    done = cpsim(str(tmp_path), tiny=False)
    assert done.exit_code == 2
    assert "not the folder of a run" in done.output
