"""Wrong options and files are answered by one sentence that says what to type, with exit code 2 and nothing written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cpsim.cli import main

NUMBERS = {
    "seven": "a seed must be a whole number from 0 to 4294967295, not 'seven'",
    "1.5": "a seed must be a whole number from 0 to 4294967295, not '1.5'",
    "1,000": "not '1,000', which has a thousands comma; write 1000",
    "3 seeds": "not '3 seeds'; write the number alone: 3",
}


@pytest.mark.parametrize(("seed", "message"), NUMBERS.items())
def test_a_seed_is_a_whole_number(seed: str, message: str) -> None:
    for command in ("run", "story", "show"):
        ran = CliRunner().invoke(main, [command, "small", "--seed", seed])
        assert ran.exit_code == 2
        assert message in ran.stderr


def test_the_limits_of_a_number_are_given() -> None:
    ran = CliRunner().invoke(main, ["run", "small", "--attribute", "--orders", "900"])
    assert "expected a whole number from 2 to 720, not '900'" in ran.stderr
    ran = CliRunner().invoke(main, ["story", "small", "--child", "first"])
    assert "expected a whole number, 0 or greater, not 'first'" in ran.stderr


def test_two_scenarios_with_other_children_are_refused_with_what_to_add() -> None:
    for command in ("show", "story"):
        ran = CliRunner().invoke(main, [command, "small", "baseline"])
        assert ran.exit_code == 2
        assert "for the children of small, add --set population.children=10000" in ran.stderr


BROKEN = """\
name: broken
extends: small
network: {graphml: broken.graphml}
"""


def test_a_network_file_is_checked_with_the_scenario_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(BROKEN, "utf-8")
    (tmp_path / "broken.graphml").write_text("hello", "utf-8")
    (tmp_path / "experiment.yaml").write_text("base: mine.yaml\nseeds: 1", "utf-8")
    for arguments in (
        ["validate", f"{tmp_path}/mine.yaml"],
        ["sweep", f"{tmp_path}/experiment.yaml", "--dry-run"],
    ):
        ran = CliRunner().invoke(main, arguments)
        assert ran.exit_code == 2
        assert "mine.yaml:3:20: network.graphml: " in ran.stderr
        assert "broken.graphml: the file is not valid XML" in ran.stderr


def test_the_organisations_of_a_network_file_are_those_of_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(BROKEN, "utf-8")
    (tmp_path / "broken.graphml").write_text(
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed">'
        + "".join(f'<node id="shool-{number}"/>' for number in range(60))
        + "</graph></graphml>",
        "utf-8",
    )
    ran = CliRunner().invoke(main, ["validate", f"{tmp_path}/mine.yaml"])
    assert ran.exit_code == 2
    assert "'shool-1' is not an organisation of this scenario" in ran.stderr
    assert len(ran.stderr.splitlines()) == 21


def run_cpsim(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", "from cpsim.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_a_refused_file_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"caf\\xe9.yaml".replace(b"\\xe9", b"\xe9"))
    file.write_text('name: "a\\e[31m"', "utf-8")
    ran = run_cpsim("run", str(file), folder=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert "1:7: name: the text contains an escape character (U+001B)" in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_folder_whose_name_is_not_utf_8_can_be_written_and_printed(tmp_path: Path) -> None:
    out = os.fsdecode(b"r\xe9sultats")
    town = ["--set", "population.children=200", "--set", "clock.years=1", "--set", "clock.warm_up_years=0"]
    ran = run_cpsim("run", "small", *town, "--out", out, "--quiet", "--no-figures", folder=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "r\\udce9sultats\n")
    assert (tmp_path / out / "summary.json").is_file()


@pytest.mark.parametrize("out", ["x" * 300, "file/below"])
def test_a_folder_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    ran = CliRunner().invoke(main, ["run", "small", "--out", str(tmp_path / out)])
    assert ran.exit_code == 2
    assert ran.stderr.count("\n") == 1


EVENT = "name: mine\nextends: small\ntimeline:\n  - {date: 2006-09-01, lever: duty, kinds: [school], bound: true}\n"

MENDED = {
    "name: mine\nextends: “small”\n": (
        "mine.yaml:2:10: extends: the text is in curly quotation marks, beginning with a left double quotation mark "
        '(U+201C), which would be part of it; type " instead'
    ),
    EVENT.replace("duty", "“duty”"): (
        "mine.yaml:4:31: timeline[0].lever: the text is in curly quotation marks, beginning with a left double "
        'quotation mark (U+201C), which would be part of it; type " instead'
    ),
    EVENT.replace("school", "‘school’"): (
        "mine.yaml:4:45: timeline[0].kinds[0]: the text is in curly quotation marks, beginning with a left single "
        "quotation mark (U+2018), which would be part of it; type ' instead"
    ),
    "name: mine\nextends:\u00a0small\nclock: {years: 3}\n": (
        "mine.yaml:2:9: this is a no-break space (U+00A0), as word processors write it; type an ordinary space instead"
    ),
    EVENT.replace("[school]", "school"): (
        "mine.yaml:4:44: timeline[0].kinds: expected a list that is not empty, not 'school'; write [school]"
    ),
    EVENT.replace("[school]", "council"): (
        "mine.yaml:4:44: timeline[0].kinds: expected a list that is not empty, not 'council'; write [council]\n"
        "mine.yaml:4:44: timeline[0].kinds[0]: no kind of agency is called 'council'; there are school, gp, pct, "
        "hospital, police, community"
    ),
    EVENT.replace(
        "[school]", "5"
    ): "mine.yaml:4:44: timeline[0].kinds: expected a list that is not empty, not 5",
    "name: mine\nextends: small\nclock.years: 3\n": (
        "mine.yaml:3:1: 'clock.years': there is no setting 'clock.years' here; in a file, write `clock: {years: ...}`"
    ),
}


@pytest.mark.parametrize(("text", "message"), MENDED.items())
def test_a_mistake_in_a_scenario_file_is_named_with_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(text, "utf-8")
    ran = CliRunner().invoke(main, ["validate", "mine.yaml"])
    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "", f"{message}\n")


def test_an_unknown_setting_with_a_path_gets_the_nearest_of_its_group(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "name: mine\nextends: small\nworkforce.posts_per_10k_children: 4\n", "utf-8"
    )
    ran = CliRunner().invoke(main, ["validate", f"{tmp_path}/mine.yaml"])
    assert (
        "'posts_per_10k_children' here; did you mean 'assessment_posts_per_10k' or 'long_term_posts_per_10k'?"
        in ran.stderr
    )


@pytest.mark.parametrize("word", ["lever", "levers", "events"])
def test_a_word_for_the_timeline_gets_its_name(tmp_path: Path, word: str) -> None:
    (tmp_path / "mine.yaml").write_text(f"name: mine\nextends: small\n{word}: []\n", "utf-8")
    ran = CliRunner().invoke(main, ["validate", f"{tmp_path}/mine.yaml"])
    assert f"there is no setting '{word}' here; did you mean 'timeline'?" in ran.stderr


def test_a_seed_that_is_no_whole_number_is_not_put_into_a_list(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\nbase: small\nseeds: 1.5\n", "utf-8")
    ran = CliRunner().invoke(main, ["sweep", f"{tmp_path}/mine.yaml", "--dry-run"])
    assert ran.exit_code == 2
    assert ran.stderr.splitlines()[0].endswith(
        "seeds: expected a whole number from 1 to 100000 or a list that is not empty, not 1.5"
    )
