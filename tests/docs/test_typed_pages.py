"""What the tutorial, the README and the page on comparisons ask the reader to type and to save is valid.

`tests/long/test_tutorial.py` types all of it.
"""

import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.docs.pages import README, TUTORIAL, TYPED
from tools.typed_pages import find_difference, list_blocks

from cpsim.cli import main
from cpsim.experiment.read import load_experiment
from cpsim.scenario.problems import ScenarioError
from cpsim.scenario.read import load

PRINTED = "one\ntwo\nthree\nfour\n"


def save_files(page: Path, folder: Path) -> dict[str, Path]:
    """Save the files of a page in a folder, and return their paths by name."""
    files = {block.subject: folder / block.subject for block in list_blocks(page) if block.kind == "yaml"}
    for block in list_blocks(page):
        if block.kind == "yaml":
            files[block.subject].write_text(block.content, "utf-8")
    return files


@pytest.mark.parametrize("page", TYPED, ids=lambda page: page.name)
def test_every_command_to_type_exists_with_its_options(page: Path, tmp_path: Path) -> None:
    commands = [block.content for block in list_blocks(page) if block.kind == "sh"]
    assert commands, f"{page.name} has no command to type"
    for command in commands:
        name, *arguments = shlex.split(command)[1:]
        found = main.get_command(click.Context(main), name)
        assert found is not None, command
        found.make_context(name, arguments)


@pytest.mark.parametrize("page", TYPED, ids=lambda page: page.name)
def test_every_picture_is_there_and_is_described(page: Path) -> None:
    pictures = [block.content for block in list_blocks(page) if block.kind == "picture"]
    text = page.read_text("utf-8")
    assert pictures, f"{page.name} has no picture"
    for picture in pictures:
        assert (page.parent / picture).is_file()
        assert f"![]({picture})" not in text


def test_every_file_of_the_tutorial_is_valid_but_the_one_with_slips(tmp_path: Path) -> None:
    files = save_files(TUTORIAL, tmp_path)
    load_experiment(files.pop("depends.yaml"))
    with pytest.raises(ScenarioError, match=r"(?s)'school'\?.*'awareness'\?"):
        load(files.pop("slip.yaml"))
    assert [load(file).name for file in files.values()] == [name.partition(".")[0] for name in files]


def test_the_file_of_the_tutorial_is_what_cpsim_writes_but_for_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (command,) = (block.content for block in list_blocks(TUTORIAL) if block.content.startswith("cpsim new"))
    assert CliRunner().invoke(main, shlex.split(command)[1:]).exit_code == 0
    written = (tmp_path / "bound_schools.yaml").read_text("utf-8").splitlines()
    shown = save_files(TUTORIAL, tmp_path)["bound_schools.yaml"].read_text("utf-8").splitlines()
    changed = [pair for pair in zip(written, shown, strict=True) if pair[0] != pair[1]]
    assert [pair[0].partition(":")[0] for pair in changed] == ["question"]


def test_the_readme_and_the_tutorial_compare_the_same_scenario(tmp_path: Path) -> None:
    loaded = [load(save_files(page, tmp_path)["bound_schools.yaml"]) for page in (README, TUTORIAL)]
    assert loaded[0] == loaded[1]


def test_the_first_screen_of_the_readme_has_install_change_compare_and_answer() -> None:
    above = README.read_text("utf-8").partition("![")[0]
    rendered = [line for line in above.splitlines() if line and not line.startswith(("<!--", "```"))]
    assert len(rendered) <= 45, f"{len(rendered)} lines do not fit on one screen"
    for words in ("pip install", "extends: small", "cpsim compare small", "would have been seen"):
        assert words in above


def test_the_tutorial_has_seven_steps_each_with_a_picture_and_a_question() -> None:
    steps = TUTORIAL.read_text("utf-8").split("\n## ")[2:9]
    assert [step[0] for step in steps] == list("1234567")
    for step in steps:
        assert "\n<!-- picture of " in step
        assert "\n**Think.** " in step
        assert "\n**What could go wrong?** " in step


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        (PRINTED, ""),
        ("one\n…\nfour\n", ""),
        ("…\nthree  \nfour\n", ""),
        ("one\nthree\nfour\n", "one\nthree\nfour"),  # left out without a mark
        ("two\n…\n", "two"),  # the beginning left out without a mark
        ("one\n…\nthree\n", "three"),  # the end left out without a mark
        ("one\n…\nthree\n…\ntwo\n…\n", "two"),  # in another order
    ],
)
def test_lines_may_only_be_left_out_where_a_page_says_so(shown: str, missing: str) -> None:
    assert find_difference(shown, PRINTED) == missing
