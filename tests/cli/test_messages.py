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
    assert "expected a whole number, not 'first'" in ran.stderr


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
