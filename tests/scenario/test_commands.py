"""`cpsim validate` and `cpsim schema`, used by a person and by a script."""

import json
from pathlib import Path

from click.testing import CliRunner

from cpsim.cli import main


def test_validate_prints_ok_for_each_valid_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("extends: small", "utf-8")
    result = CliRunner().invoke(main, ["validate", str(file), "baseline", "--set", "clock.years=3"])
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{file}: ok\nbaseline: ok\n", "")


def test_validate_prints_all_problems_of_all_files_on_standard_error_and_exits_with_2(tmp_path: Path) -> None:
    good, bad, worse = (tmp_path / f"{name}.yaml" for name in ("good", "bad", "worse"))
    good.write_text("name: good", "utf-8")
    bad.write_text("clock: {years: 0}\nnam: bad", "utf-8")
    worse.write_text("a: [", "utf-8")
    result = CliRunner().invoke(main, ["validate", str(bad), str(good), str(worse), str(tmp_path)])
    assert result.exit_code == 2
    assert result.stdout == f"{good}: ok\n"
    assert [line[: line.index(": ")] for line in result.stderr.splitlines()] == [
        f"{bad}:1:16",
        f"{bad}:2:1",
        f"{worse}:1:5",
        f"{tmp_path}",
    ]


def test_validate_without_a_file_or_with_an_invalid_override_exits_with_2() -> None:
    assert CliRunner().invoke(main, ["validate"]).exit_code == 2
    result = CliRunner().invoke(main, ["validate", "small", "--set", "clock.yeers=3"])
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "--set clock.yeers: there is no setting 'yeers' here; did you mean 'years'?"
    )


def test_schema_prints_json_schema() -> None:
    result = CliRunner().invoke(main, ["schema"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["properties"]["clock"]


def test_an_unknown_command_exits_with_2() -> None:
    assert CliRunner().invoke(main, ["valdate"]).exit_code == 2
