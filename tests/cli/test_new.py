"""`cpsim new` writes a scenario file to start from, which is valid as it is written, and changes no other file."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cpsim.cli import main
from cpsim.scenario.events import load_levers
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.read import from_mapping, load
from cpsim.scenario.settings import list_settings
from cpsim.scenario.starting_lines import build_line

GOLDEN = """\
# A scenario to start from. Change the question, then the settings below.
name: our_duty
question: Are fewer children in harm missed than in small with duty from September 2006?
extends: small  # every setting that is not in this file is as there
timeline:
  - date: 2006-09-01
    # Changes the duty to co-operate of some kinds of agency; a setting that is left out stays as it was.
    # Further settings, which have their defaults here: sanction
    lever: duty
    # the kinds of agency that it affects (a list that is not empty, has to be given)
    kinds: [school]
    # whether the duty binds them; false = exempt (true or false, may be left out)
    bound: true
    # share of staff who know of the duty (share, a number from 0 to 1, may be left out)
    awareness: 0.45

# Next:
#   cpsim validate our_duty.yaml
#   cpsim compare small our_duty.yaml
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["new", *arguments])


def refuse(*arguments: str) -> str:
    """The message of a command that is refused."""
    ran = start(*arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    return ran.stderr.removeprefix("Error: ").removesuffix("\n")


def list_folder(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_explains_each_setting_and_the_next_commands_are_printed(folder: Path) -> None:
    ran = start("our_duty", "--from", "small", "--lever", "duty")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert (
        ran.stdout == "our_duty.yaml\n  cpsim validate our_duty.yaml\n  cpsim compare small our_duty.yaml\n"
    )
    assert (folder / "our_duty.yaml").read_text("utf-8") == GOLDEN
    assert list_folder(folder) == ["our_duty.yaml"]


@pytest.mark.parametrize("name", [*load_levers(), *load_institutions()])
def test_the_file_of_every_lever_and_institution_is_valid(name: str) -> None:
    if name in load_institutions() and not load_institutions()[name].levers:
        assert refuse("begun", "--lever", name).startswith(f"{name} cannot be an event: ")
        return
    assert start("begun", "--lever", name).exit_code == 0
    assert load("./begun.yaml").timeline


@pytest.mark.parametrize("name", [name for name, row in load_institutions().items() if row.levers])
def test_writing_the_main_settings_of_an_institution_changes_nothing(name: str) -> None:
    start("begun", "--lever", name)
    begun = load("./begun.yaml")
    settings = {"extends": "small", "authorities": {"count": begun.authorities.count}}
    assert begun.timeline == from_mapping(settings | {"timeline": [build_line(name)]}).timeline


def test_a_number_is_explained_with_its_unit_range_and_default() -> None:
    start("our_hub", "--lever", "hub")
    text = Path("our_hub.yaml").read_text("utf-8")
    comment = list_settings()["levers.hub.strength"].describe()
    assert comment.endswith("(share, plausible 0 to 1, default 0.5)")
    assert f"    # {comment}\n    strength: 0.5\n" in text


def test_several_levers_are_several_events() -> None:
    start("both", "--lever", "hub", "--lever", "gp_duty", "--lever", "hub")
    hub, duty = load("./both.yaml").timeline
    assert (hub.lever, duty.institution) == ("hub", "gp_duty")


def test_a_takeover_gets_a_second_authority() -> None:
    start("taken", "--lever", "takeover")
    assert load("./taken.yaml").authorities.count == 2
    start("taken_in_england", "--from", "england", "--lever", "takeover")
    assert load("./taken_in_england.yaml").authorities == load("england").authorities


def test_without_a_lever_nothing_changes_yet() -> None:
    assert start("plain").exit_code == 0
    assert load("./plain.yaml").timeline == ()
    assert "`cpsim explain WORDS` finds events" in Path("plain.yaml").read_text("utf-8")


def test_the_events_of_the_scenario_that_it_extends_are_kept() -> None:
    start("more", "--from", "pct_merger", "--lever", "hub")
    begun, base = load("./more.yaml"), load("pct_merger")
    assert [event for event in begun.timeline if event.lever != "hub"] == list(base.timeline)
    dates = [event.date or date.min for event in begun.timeline]
    assert dates == sorted(dates)
    assert len(begun.timeline) == len(base.timeline) + 1


def test_a_file_of_this_folder_can_be_extended(folder: Path) -> None:
    (folder / "ours").mkdir()
    (folder / "ours" / "town.yaml").write_text("name: town\nextends: small\nclock: {years: 3}\n", "utf-8")
    assert start("more", "--from", "ours/town.yaml", "--lever", "hub").exit_code == 0
    assert load("./more.yaml").clock.years == 3


def test_a_file_that_exists_is_left_as_it_is(folder: Path) -> None:
    (folder / "mine.yaml").write_text("mine", "utf-8")
    assert refuse("mine", "--lever", "duty") == (
        "mine.yaml exists already and was left as it is; choose another name"
    )
    (folder / "linked.yaml").symlink_to("nowhere")
    assert refuse("linked", "--lever", "duty").startswith("linked.yaml exists already")
    assert (folder / "mine.yaml").read_text("utf-8") == "mine"
    assert list_folder(folder) == ["linked.yaml", "mine.yaml"]


def test_a_file_that_appears_while_it_is_written_is_left_as_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link_after_another(path: Path, target: Path) -> None:
        path.write_text("of another process", "utf-8")
        raise FileExistsError(path)

    monkeypatch.setattr(Path, "hardlink_to", link_after_another)
    assert refuse("mine", "--lever", "duty").startswith("mine.yaml exists already")
    assert list_folder(folder) == ["mine.yaml"]
    assert (folder / "mine.yaml").read_text("utf-8") == "of another process"


def test_a_file_system_without_links_is_written_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_link(path: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse_link)
    assert start("mine", "--lever", "duty").exit_code == 0
    assert load("./mine.yaml").timeline
    assert list_folder(folder) == ["mine.yaml"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Our duty", "not 'Our duty'; did you mean 'our_duty'?"),
        ("our-duty.yaml", "not 'our-duty.yaml'; did you mean 'our_duty'?"),
        (
            "../duty",
            "expected a name of at most 60 lower-case letters, digits and _, beginning with a letter",
        ),
        ("/tmp/duty", "expected a name of at most 60"),
        ("2006", "expected a name of at most 60"),
        ("x" * 61, "expected a name of at most 60"),
        (
            "small",
            "small is a scenario that comes with cpsim; choose another name, and extend it with `--from small`",
        ),
    ],
)
def test_a_name_is_checked(folder: Path, name: str, message: str) -> None:
    assert message in refuse(name, "--lever", "duty")
    assert list_folder(folder) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lever", "dutty"], "no lever or institution is called 'dutty'; did you mean 'duty'?"),
        (["--lever", "gp-duty"], "did you mean 'gp_duty'?"),
        (["--lever", "bars"], "no lever or institution is called 'bars'; it is now called 'thresholds'"),
        (["--lever", "database"], "'database'; `cpsim explain database` searches for it"),
        (["--from", "smal"], "no scenario 'smal' comes with cpsim; did you mean 'small'?"),
        (["--from", "../ours.yaml"], "'../ours.yaml' is outside this folder"),
        (["--from", "ours.yaml"], "ours.yaml: there is no such file"),
        (["--from", "ours.txt"], "expected a file whose name ends in .yaml or .yml, not 'ours.txt'"),
    ],
)
def test_an_unknown_lever_or_scenario_is_refused(folder: Path, arguments: list[str], message: str) -> None:
    assert message in refuse("mine", *arguments)
    assert list_folder(folder) == []


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    folder.rmdir()
    assert refuse("mine") == "mine.yaml cannot be written in this folder: no such file or directory"
