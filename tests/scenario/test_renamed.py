"""Names that were changed: an old name gives an error with the new one, and the changelog lists them all."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cpsim.agents.dials import DIALS
from cpsim.agents.signals import SIGNALS
from cpsim.cli import main
from cpsim.lessons.figures import LESSON_OUTCOMES
from cpsim.scenario.events import load_levers
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import load, resolve_scenario
from cpsim.scenario.register import load_register
from cpsim.scenario.renamed import Renaming, list_renamings

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


def of_kind(kind: str) -> list[Renaming]:
    return [renaming for renaming in list_renamings() if renaming.kind == kind]


def places_of(setting: str) -> list[tuple[str, str]]:
    """Where a setting is written: its path without its own name, and the kind of place it is in."""
    return [
        (row.id.rpartition(".")[0], row.id.split(".")[0])
        for row in load_register().values()
        if row.id.rpartition(".")[2] == setting
    ]


@pytest.mark.parametrize("renaming", of_kind("setting"), ids=lambda renaming: renaming.old)
def test_an_old_setting_in_a_file_gives_the_new_name_with_line_and_column(
    renaming: Renaming, tmp_path: Path
) -> None:
    file = tmp_path / "old.yaml"
    for group, section in places_of(renaming.new):
        if section == "levers":
            lever = group.split(".")[1]
            text = f"name: old\ntimeline:\n  - {{date: 2006-05-01, lever: {lever}, {renaming.old}: 1}}\n"
            line, column = 3, text.splitlines()[2].index(renaming.old) + 1
        else:
            keys = group.split(".")
            nested = [f"{'  ' * depth}{key}:" for depth, key in enumerate(keys)]
            text = "\n".join(["name: old", *nested, f"{'  ' * len(keys)}{renaming.old}: 1", ""])
            line, column = 2 + len(keys), 1 + 2 * len(keys)
        file.write_text(text, encoding="utf-8")
        result = CliRunner().invoke(main, ["validate", str(file)])
        assert result.exit_code == 2, text
        assert f"{file}:{line}:{column}: " in result.output, result.output
        assert f"it is now called '{renaming.new}'" in result.output, result.output


@pytest.mark.parametrize("kind", ["lever", "institution"])
def test_an_old_lever_or_institution_in_a_file_gives_the_new_name(kind: str, tmp_path: Path) -> None:
    for renaming in of_kind(kind):
        file = tmp_path / "old.yaml"
        file.write_text(
            f"name: old\ntimeline:\n  - {{date: 2006-05-01, lever: {renaming.old}}}\n", encoding="utf-8"
        )
        result = CliRunner().invoke(main, ["validate", str(file)])
        assert result.exit_code == 2
        assert f"{file}:3:31: timeline[0].lever: " in result.output
        assert f"it is now called '{renaming.new}'" in result.output


def test_an_old_setting_of_the_command_line_or_of_python_gives_the_new_name() -> None:
    with pytest.raises(ScenarioError, match="it is now called 'referral_threshold'"):
        load("small", ["front_door.referral_bar=1"])
    with pytest.raises(ScenarioError, match="it is now called 'referral_threshold'"):
        resolve_scenario("small", {"front_door.referral_bar": 1})


def test_an_old_path_in_an_experiment_gives_the_new_name(tmp_path: Path) -> None:
    file = tmp_path / "old.yaml"
    file.write_text(
        "name: old\nbase: small\nvary:\n  front_door.referral_bar: [1, 2]\nseeds: 2\n"
        "outcomes: [missed_risk_rate]\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(main, ["sweep", str(file), "--dry-run"])
    assert result.exit_code == 2
    assert f"{file}:4:3: " in result.output
    assert "it is now called 'referral_threshold'" in result.output


def test_an_old_option_gives_the_new_one() -> None:
    for renaming in of_kind("option"):
        command, option = renaming.old.split()
        result = CliRunner().invoke(main, [command, "small", option])
        assert result.exit_code == 2
        assert f"No such option '{option}'; it is now called '{renaming.new}'" in result.output


def test_an_old_rule_of_a_story_gives_the_new_one() -> None:
    for renaming in of_kind("rule of a story"):
        result = CliRunner().invoke(main, ["story", "small", "--find", renaming.old])
        assert result.exit_code == 2
        assert f"it is now called '{renaming.new}'" in " ".join(result.output.split())


@pytest.mark.parametrize(("command", "word"), [("levers", "bars"), ("parameters", "sharing.share_bar")])
def test_explain_gives_the_new_name_of_an_old_one(command: str, word: str) -> None:
    result = CliRunner().invoke(main, ["explain", command, word])
    assert result.exit_code == 2
    assert "it is now called" in result.output


def test_new_names_exist_and_old_ones_do_not() -> None:
    settings = {row.id.rpartition(".")[2] for row in load_register().values()}
    existing = {
        "setting": settings,
        "lever": set(load_levers()),
        "institution": set(load_institutions()),
        "outcome of a lesson": set(LESSON_OUTCOMES),
        "dial": {variable.name for variable in (*DIALS, *SIGNALS)},
    }
    for kind, names in existing.items():
        assert {renaming.new for renaming in of_kind(kind)} <= names
        assert names.isdisjoint(renaming.old for renaming in of_kind(kind))


def test_the_changelog_lists_every_renaming() -> None:
    text = CHANGELOG.read_text(encoding="utf-8")
    for renaming in list_renamings():
        assert f"| {renaming.kind} | `{renaming.old}` | `{renaming.new}` |" in text
