"""A folder whose files have changed, or cannot be results, is refused with one clear message."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from tests.results.attributions import attribution
from tests.results.synthetic_comparison import comparison

import cpsim
from cpsim.cli import main
from cpsim.parallel.engine import open_in_process_engine
from cpsim.present.run_page import render_run_page
from cpsim.results import Comparison, OutputError, RunResult
from cpsim.results.attribution import Attribution
from cpsim.results.errors import ChangedFileError, InvalidFileError
from cpsim.results.manifest import list_written_files, write_manifest
from cpsim.sweeps.loaded import load_provenance, load_sweep

TOWN = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
EXPERIMENT = """
name: trust
base: small
arms: {small: {population: {children: 300}, clock: {years: 1, warm_up_years: 1}}}
vary: {network.trust_start: [0.2, 0.6]}
design: {kind: grid}
seeds: 1
outcomes: [missed_risk_rate]
"""
Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run, a comparison, and a sweep."""
    folder = tmp_path_factory.mktemp("saved")
    attribution().save(cpsim.run(TOWN, seed=1).save(folder / "run"))
    comparison(seeds=2, prevalences=(None,), spells=20).save(folder / "comparison")
    (folder / "trust.yaml").write_text(EXPERIMENT, "utf-8")
    cpsim.sweep(folder / "trust.yaml", folder / "sweep", open_in_process_engine())
    return folder


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def write_json(name: str, *steps: str, value: Any) -> Change:
    """Replace a value in a JSON file."""

    def change(folder: Path) -> None:
        data = json.loads((folder / name).read_text("utf-8"))
        inner = data
        for step in steps[:-1]:
            inner = inner[step]
        inner[steps[-1]] = value
        (folder / name).write_text(json.dumps(data), "utf-8")

    return change


def write_column(table: str, column: str, value: object, row: int = 0) -> Change:
    """Replace one value in a column of a table."""

    def change(folder: Path) -> None:
        arrow = pq.read_table(folder / f"{table}.parquet")
        place, values = arrow.schema.get_field_index(column), arrow[column].to_pylist()
        values[row] = value
        field = arrow.schema.field(column)
        pq.write_table(
            arrow.set_column(place, field, pa.array(values, field.type)), folder / f"{table}.parquet"
        )

    return change


def change_table(table: str, change_frame: Callable[[pa.Table], pa.Table]) -> Change:
    def change(folder: Path) -> None:
        file = folder / f"{table}.parquet"
        pq.write_table(change_frame(pq.read_table(file)), file)

    return change


def write(name: str, text: str) -> Change:
    return lambda folder: (folder / name).write_text(text, "utf-8")


def swap(old: str, new: str) -> Change:
    return lambda folder: shutil.copy(folder / f"{old}.parquet", folder / f"{new}.parquet")


RUN: dict[str, tuple[Change, str]] = {
    "a share above 1": (write_json("summary.json", "missed_risk_rate", value=1.5), "summary.json: missed_risk_rate"),
    "a text for a number": (write_json("summary.json", "harm_spells", value="many"), "summary.json: harm_spells"),
    "a number for parts": (write_json("summary.json", "chain_stopped_at", value=1), "summary.json: chain_stopped_at"),
    "a name is missing": (write("summary.json", "{}"), "summary.json: missing names"),
    "not a number": (write("summary.json", '{"missed_risk_rate": NaN}'), "summary.json: this is not JSON"),
    "an infinite number": (write("summary.json", '{"missed_risk_rate": 1e999}'), "summary.json: this is not JSON"),
    "a very long number": (write("summary.json", f'{{"a": {"9" * 5000}}}'), "summary.json: this is not JSON"),
    "deep JSON": (write("summary.json", "[" * 100_000), "summary.json: it is nested too deep"),
    "a list": (write("summary.json", "[]"), "summary.json: expected a group of names"),
    "not UTF-8": (lambda folder: (folder / "summary.json").write_bytes(b"\xff{"), "summary.json: this is not JSON"),
    "a negative seed": (write_json("provenance.json", "seed", value=-1), "provenance.json: seed"),
    "a huge seed": (write_json("provenance.json", "seed", value=10**30), "provenance.json: seed"),
    "a seed in words": (write_json("provenance.json", "seed", value="one"), "provenance.json: seed"),
    "no versions": (write_json("provenance.json", "versions", value={}), "provenance.json: versions.cpsim"),
    "an empty scenario": (write("scenario.yaml", ""), "scenario.yaml:1:1"),
    "deep YAML": (write("scenario.yaml", "a: " + "[" * 5_000), "scenario.yaml:1"),
    "YAML that refers to itself": (write("scenario.yaml", "name: &a [*a]"), "scenario.yaml:1"),
    "a wrong setting": (write("scenario.yaml", "clock: {years: many}"), "scenario.yaml:1:16: clock.years"),
    "another clock": (write("scenario.yaml", "clock: {years: 2, warm_up_years: 1}"), "weekly.parquet: table weekly"),
    "no weeks": (change_table("weekly", lambda table: table[:0]), "weekly.parquet: table weekly"),
    "no spells": (change_table("spells", lambda table: table[:0]), "spells.parquet: table spells"),
    "no agencies": (change_table("agencies", lambda table: table[:0]), "agencies.parquet: column agencies.agency"),
    "no authorities": (change_table("authorities", lambda table: table[:0]), "authorities.parquet: table"),
    "spells for events": (swap("spells", "events"), "events.parquet: table events"),
    "weeks in reverse": (change_table("weekly", lambda table: table[::-1]), "weekly.parquet: column weekly.week"),
    "a week twice": (write_column("weekly", "week", 0), "weekly.parquet: column weekly.week"),
    "a negative count": (write_column("weekly", "referrals", -1), "weekly.parquet: column weekly.referrals"),
    "a child too many": (write_column("spells", "child", 10**6), "spells.parquet: column spells.child"),
    "an onset too late": (write_column("spells", "onset", 52), "spells.parquet: column spells.onset"),
    "a week too late": (write_column("spells", "first_notice", 900), "spells.parquet: column spells.first_notice"),
    "an unknown agency": (write_column("events", "agency", 6), "events.parquet: column events.agency"),
    "an unknown authority": (write_column("spells", "authority", 1), "spells.parquet: column spells.authority"),
    "trust above 1": (write_column("ties", "trust", 1.5), "ties.parquet: column ties.trust"),
    "more than was sent": (write_column("ties", "delivered", 10**6), "ties.parquet: column ties.delivered"),
    "no kind": (write_column("agencies", "kind", None), "agencies.parquet: column agencies.kind"),
    "numbers as text": (
        change_table("spells", lambda table: table.set_column(0, "child", table["child"].cast(pa.string()))),
        "spells.parquet: column spells.child: expected int32, not string",
    ),
    "not Parquet": (write("ties.parquet", "source,target"), "ties.parquet: this is not a Parquet file"),
}  # fmt: skip


@pytest.mark.parametrize("case", RUN)
def test_a_run_with_a_file_that_cannot_be_its_own_is_refused(case: str, copy: Path) -> None:
    folder, (change, message) = copy / "run", RUN[case]
    change(folder)
    with pytest.raises(ChangedFileError, match=r"has changed since cpsim wrote it; use --anyway"):
        RunResult.load(folder)
    for forge_manifest in (False, True):
        if forge_manifest:
            write_manifest(folder, list_written_files(folder))
        with pytest.raises(InvalidFileError) as refused:
            RunResult.load(folder, anyway=not forge_manifest)
        assert str(refused.value).startswith(f"{folder}/{message}")


COMPARISON: dict[str, tuple[Change, str]] = {
    "a single arm": (write_json("comparison.json", "arms", value=["small"]), "comparison.json: arms"),
    "a repeated seed": (write_json("comparison.json", "seeds", value=[1, 1]), "comparison.json: seeds"),
    "an unknown pairing": (write_json("comparison.json", "pairing", value={}), "comparison.json: pairing"),
    "a file elsewhere": (
        write_json("comparison.json", "scenario_files", "small", value="../../etc/passwd"),
        "comparison.json: scenario_files",
    ),
    "a wrong setting": (write("scenarios/1-small.yaml", "clock: 5"), "scenarios/1-small.yaml:1:8: clock"),
    "another seed": (write_column("runs", "seed", 9), "runs.parquet: column runs.seed: 9"),
    "a share above 1": (
        write_column("runs", "missed_risk_rate", 2.0),
        "runs.parquet: column runs.missed_risk_rate",
    ),
    "no runs": (change_table("runs", lambda table: table[:0]), "runs.parquet: table runs"),
    "flows for turns": (swap("flows", "turns"), "turns.parquet: table turns"),
    "no differences": (
        change_table("differences", lambda table: table[:0]),
        "differences.parquet: column differences.outcome: there is no missed_risk_rate",
    ),
    "a difference less": (
        change_table("differences", lambda table: table[:-1]),
        "differences.parquet: table differences: the number of rows differs",
    ),
    "a difference twice": (
        change_table("differences", lambda table: pa.concat_tables([table[:-1], table[:1]])),
        "differences.parquet: columns differences.prevalence, differences.outcome and differences.arm: row",
    ),
    "a run twice": (
        write_column("runs", "seed", 2),
        "runs.parquet: columns runs.prevalence, runs.arm and runs.seed: row 1 has the same values",
    ),
    "a child twice": (
        change_table("children", lambda table: pa.concat_tables([table, table[:1]])),
        "children.parquet: columns children.arm, children.seed, children.child and children.onset: row",
    ),
    "an infinite difference": (
        write_column("differences", "difference", math.inf),
        "differences.parquet: column differences.difference: expected finite numbers, not inf in row 0",
    ),
    "a negative p-value": (
        write_column("differences", "p", -0.5),
        "differences.parquet: column differences.p",
    ),
}


@pytest.mark.parametrize("case", COMPARISON)
def test_a_comparison_with_a_file_that_cannot_be_its_own_is_refused(case: str, copy: Path) -> None:
    folder, (change, message) = copy / "comparison", COMPARISON[case]
    change(folder)
    with pytest.raises(ChangedFileError, match="has changed since cpsim wrote it"):
        Comparison.load(folder)
    with pytest.raises(InvalidFileError) as refused:
        Comparison.load(folder, anyway=True)
    assert str(refused.value).startswith(f"{folder}/{message}")


ATTRIBUTION: dict[str, tuple[Change, str]] = {
    "no seeds": (write_json("attribution.json", "seeds", value=[]), "seeds"),
    "half a child": (
        write_json("attribution.json", "children", "data", value=[[1, "transit", 4.5, 3, "C4", True]]),
        "column children.child",
    ),
    "no stages": (write_json("attribution.json", "table", "data", value=[]), "table table"),
    "no columns": (write_json("attribution.json", "runs", "columns", value=[]), "table runs"),
    "other seeds": (write_json("attribution.json", "seeds", value=[2]), "column by_seed.seed"),
}


@pytest.mark.parametrize("case", ATTRIBUTION)
def test_an_attribution_that_cannot_be_one_is_refused(case: str, copy: Path) -> None:
    folder, (change, message) = copy / "run", ATTRIBUTION[case]
    change(folder)
    with pytest.raises(ChangedFileError, match="has changed since cpsim wrote it"):
        Attribution.load(folder)
    with pytest.raises(InvalidFileError) as refused:
        Attribution.load(folder, anyway=True)
    assert str(refused.value).startswith(f"{folder}/attribution.json: {message}")


def test_a_run_without_a_file_or_its_manifest_is_refused(copy: Path) -> None:
    (copy / "run" / "manifest.json").unlink()
    with pytest.raises(ChangedFileError, match=r"manifest\.json is missing or damaged"):
        RunResult.load(copy / "run")
    (copy / "run" / "ties.parquet").unlink()
    with pytest.raises(
        OutputError, match=r"not the folder of a run \(ties\.parquet: there is no such file\)"
    ):
        RunResult.load(copy / "run", anyway=True)


def test_a_changed_run_that_is_loaded_anyway_says_so_wherever_it_is_shown(copy: Path) -> None:
    write_json("summary.json", "referral_ppv", value=0.5)(copy / "run")
    note = "loaded although summary.json has changed"
    result = RunResult.load(copy / "run", anyway=True)
    assert result.summary["referral_ppv"] == 0.5
    assert result.provenance["changed_files"] == ["summary.json"]
    for shown in (repr(result), str(result), result._repr_html_(), render_run_page(result, figures={})):
        assert note in shown
    again = RunResult.load(result.save(copy / "again"))
    assert note in str(again), "a copy that is saved again is still marked"


def test_a_changed_part_of_a_sweep_is_read_anyway_and_marked(copy: Path) -> None:
    (part,) = (copy / "sweep" / "parts").iterdir()
    before = load_sweep(copy / "sweep")
    pq.write_table(pq.read_table(part), part, compression="none")
    with pytest.raises(OutputError, match=r"its content has changed.*--anyway"):
        load_sweep(copy / "sweep")
    loaded = load_sweep(copy / "sweep", anyway=True)
    pd.testing.assert_frame_equal(loaded, before, check_flags=False)
    assert loaded.attrs["changed_files"] == [f"parts/{part.name}"]


def change_provenance(folder: Path, change_frame: Callable[[pa.Table], pa.Table]) -> str:
    """Change the provenance of the part of a sweep, and return the name of its file."""
    (file,) = (folder / "provenance").iterdir()
    pq.write_table(change_frame(pq.read_table(file)), file)
    return f"provenance/{file.name}"


def test_a_provenance_that_cannot_be_one_is_refused_by_the_name_of_its_file(copy: Path) -> None:
    name = change_provenance(copy / "sweep", lambda table: table.drop_columns(["seconds"]))
    with pytest.raises(OutputError, match=rf"{name}: it has no column seconds"):
        load_provenance(copy / "sweep", anyway=True)
    change_provenance(
        copy / "sweep", lambda table: table.append_column("seconds", pa.array(["many"] * len(table)))
    )
    with pytest.raises(OutputError, match=rf"{name}: column seconds: expected double, not string"):
        load_provenance(copy / "sweep", anyway=True)
    (copy / "sweep" / name).write_bytes(b"")
    with pytest.raises(OutputError, match=rf"in its provenance, {name}: "):
        load_provenance(copy / "sweep", anyway=True)


def set_missed_rate(rate: float) -> Change:
    def change(folder: Path) -> None:
        (part,) = (folder / "parts").iterdir()
        table = pq.read_table(part)
        place = table.schema.get_field_index("missed_risk_rate")
        pq.write_table(table.set_column(place, "missed_risk_rate", pa.array([rate] * len(table))), part)

    return change


def test_a_part_of_a_sweep_that_cannot_be_one_is_refused_by_its_name(copy: Path) -> None:
    (part,) = (copy / "sweep" / "parts").iterdir()
    set_missed_rate(7.0)(copy / "sweep")
    with pytest.raises(
        InvalidFileError, match=rf"parts/{part.name}: column missed_risk_rate: expected numbers of at most 1"
    ):
        load_sweep(copy / "sweep", anyway=True)
    set_missed_rate(-math.inf)(copy / "sweep")
    with pytest.raises(
        InvalidFileError, match=rf"parts/{part.name}: column missed_risk_rate: expected finite numbers"
    ):
        load_sweep(copy / "sweep", anyway=True)


def test_the_reason_of_a_library_becomes_one_line(copy: Path) -> None:
    (part,) = (copy / "sweep" / "parts").iterdir()
    content = bytearray(part.read_bytes())
    content[4] ^= 16  # in the header of the first column
    part.write_bytes(content)
    with pytest.raises(
        OutputError, match=r"Invalid data Deserializing page header failed\.; repeat"
    ) as refused:
        load_sweep(copy / "sweep", anyway=True)
    assert str(refused.value).isprintable()


COMMANDS: dict[str, tuple[list[str], str, Change, Change]] = {
    "story": (
        ["story", "run"], "run", write_json("summary.json", "referral_ppv", value=0.5), write("summary.json", "{}"),
    ),
    "table": (["table", "sweep"], "sweep", set_missed_rate(0.5), set_missed_rate(7)),
    "analyse": (["analyse", "sweep"], "sweep", set_missed_rate(0.5), set_missed_rate(7)),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_refuses_a_changed_folder_and_continues_with_anyway(
    command: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, folder, harmless, harmful = COMMANDS[command]
    monkeypatch.chdir(copy)
    harmless(copy / folder)
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 2
    assert "--anyway" in refused.stderr
    assert CliRunner().invoke(main, [*arguments, "--anyway"]).exit_code == 0
    harmful(copy / folder)
    failed = CliRunner().invoke(main, [*arguments, "--anyway"])
    assert failed.exit_code == 2
    assert failed.stderr.startswith(f"Error: {folder}/")
