"""The folder of a result may come from anyone: what it names, links or contains can do no harm when it is loaded."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.results.attributions import attribution
from tests.results.synthetic import run_result
from tests.results.synthetic_comparison import comparison

from cpsim.results import Comparison, OutputError, RunResult, tables
from cpsim.results.attribution import Attribution
from cpsim.results.errors import InvalidFileError
from cpsim.results.loading import find_file, locate_file
from cpsim.results.manifest import list_written_files, write_manifest
from cpsim.results.run_result import convert_tuples_to_lists
from cpsim.scenario.read import from_mapping
from cpsim.sweeps.loaded import load_provenance, load_sweep

SECRET = "root:x:0:0:secret"


@pytest.fixture
def compared(tmp_path: Path) -> Path:
    """A saved comparison, and next to it a file that is none of its business."""
    (tmp_path / "secret.yaml").write_text(SECRET, "utf-8")
    return comparison(seeds=2, prevalences=(None,), spells=60).save(tmp_path / "compared")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_result(years=1, spells=50).save(tmp_path_factory.mktemp("saved") / "run")


@pytest.fixture
def run(saved: Path, tmp_path: Path) -> Path:
    """A copy of a saved run."""
    folder = tmp_path / "run"
    folder.mkdir()
    for file in saved.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def forge_manifest(folder: Path) -> None:
    """List the files as they are now, as the author of an untrusted folder can."""
    write_manifest(folder, list_written_files(folder))


def rename_scenario_files(folder: Path, name: object) -> None:
    head = json.loads((folder / "comparison.json").read_text("utf-8"))
    head["scenario_files"] = dict.fromkeys(head["scenario_files"], name)
    (folder / "comparison.json").write_text(json.dumps(head), "utf-8")
    forge_manifest(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../secret.yaml",
        "/etc/passwd",
        "scenarios/../../secret.yaml",
        "C:\\secret.yaml",
        "",
        ".",
        None,
        7,
        ["a"],
    ],
)
def test_a_comparison_names_only_files_in_its_folder(compared: Path, name: object) -> None:
    rename_scenario_files(compared, name)
    with pytest.raises(InvalidFileError, match=r"comparison\.json: scenario_files") as caught:
        Comparison.load(compared)
    assert "secret" not in str(caught.value).replace("secret.yaml", "")
    with pytest.raises(ValueError, match=r"does not name a file in this folder|this is a folder"):
        find_file(compared, name, 1_000)


def test_a_link_does_not_lead_out_of_the_folder(compared: Path, run: Path) -> None:
    scenario = compared / "scenarios" / "1-small.yaml"
    scenario.rename(compared / "elsewhere.yaml")
    scenario.symlink_to(compared / "elsewhere.yaml")
    with pytest.raises(
        OutputError, match=r"scenarios/1-small\.yaml is a link; copy the file into the folder"
    ):
        Comparison.load(compared)
    scenario.unlink()
    (compared / "elsewhere.yaml").rename(scenario)
    (compared / "scenarios").rename(compared.parent / "scenarios")
    (compared / "scenarios").symlink_to(compared.parent / "scenarios")
    with pytest.raises(OutputError, match=r"scenarios/1-small\.yaml is a link"):
        Comparison.load(compared)
    (run / "scenario.yaml").unlink()
    (run / "scenario.yaml").symlink_to(compared.parent / "secret.yaml")
    with pytest.raises(OutputError, match=r"scenario\.yaml is a link"):
        RunResult.load(run)
    with pytest.raises(ValueError, match="is a link"):
        locate_file(run, "scenario.yaml")


def replace_by_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def replace_by_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def fill_with_zeros(file: Path) -> None:
    with file.open("wb") as handle:
        handle.truncate(20_000_000_000)


@pytest.mark.parametrize("name", ["scenario.yaml", "provenance.json", "summary.json", "events.parquet"])
@pytest.mark.parametrize(
    ("replace", "message"),
    [
        (replace_by_pipe, "this is not an ordinary file"),
        (replace_by_folder, "this is a folder"),
        (fill_with_zeros, "the file has 20,000,000,000 bytes; at most"),
        (Path.unlink, "there is no such file"),
    ],
)
def test_only_ordinary_files_of_a_reasonable_size_are_read(
    run: Path, name: str, replace: Callable[[Path], None], message: str
) -> None:
    replace(run / name)
    with pytest.raises(OutputError, match=f"{name}: {message}"):
        RunResult.load(run)


CONTENTS = {
    "brackets": ("provenance.json", "[" * 200_000),
    "no JSON": ("provenance.json", SECRET),
    "another value": ("provenance.json", "[1]"),
    "a bomb of aliases": (
        "scenario.yaml",
        "a0: &a0 [lol]\n"
        + "\n".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]" for n in range(12)),
    ),
    "an alias to itself": ("scenario.yaml", "name: &a [*a]"),
    "brackets in YAML": ("scenario.yaml", "name: " + "[" * 200_000),
    "an object of Python": ("scenario.yaml", "name: !!python/object/apply:os.system [ls]"),
    "no YAML": ("scenario.yaml", SECRET),
    "a name that is no text": ("scenario.yaml", "name: [a]"),
    "no Parquet": ("events.parquet", SECRET),
}


@pytest.mark.parametrize(("name", "content"), CONTENTS.values(), ids=CONTENTS.keys())
def test_a_file_with_other_content_is_refused_without_a_quotation(run: Path, name: str, content: str) -> None:
    (run / name).write_text(content, "utf-8")
    forge_manifest(run)
    with pytest.raises(InvalidFileError, match=name) as caught:
        RunResult.load(run)
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 1_000


def test_a_table_of_too_many_rows_is_not_loaded(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pa.table({"week": pa.array([0] * 1_000_000, pa.int32())})
    pq.write_table(rows, run / "weekly.parquet")
    assert (run / "weekly.parquet").stat().st_size < 10_000
    forge_manifest(run)
    monkeypatch.setattr(tables, "_MAX_CELLS", 100_000)
    with pytest.raises(InvalidFileError, match=r"weekly\.parquet: 1,000,000 rows, too many to load"):
        RunResult.load(run)


@pytest.mark.parametrize("path", ["a\0b", "x" * 5_000, "nowhere", "\udcff"])
@pytest.mark.parametrize(
    "load", [RunResult.load, Comparison.load, Attribution.load, load_sweep, load_provenance]
)
def test_a_path_that_is_no_folder_gets_one_sentence(load: Callable[[str], object], path: str) -> None:
    with pytest.raises(OutputError, match=r"there is no such folder"):
        load(path)


def test_a_file_in_place_of_a_folder_is_named(run: Path) -> None:
    with pytest.raises(OutputError, match="this is a file"):
        RunResult.load(run / "summary.json")


def test_a_path_that_cannot_exist_cannot_be_written(run: Path) -> None:
    loaded = RunResult.load(run)
    for path in ("a\0b", "\ud800"):
        with pytest.raises(OutputError, match="a character that no path can have"):
            loaded.save(path)
    with pytest.raises(OutputError, match="too long"):
        loaded.save("x" * 300)


def test_dates_and_numbers_of_a_scenario_are_read_as_they_were_written(run: Path) -> None:
    loaded, original = RunResult.load(run), run_result(years=1, spells=50)
    assert loaded.scenario == convert_tuples_to_lists(from_mapping(original.scenario).model_dump())
    assert loaded.scenario["clock"]["start"] == original.scenario["clock"]["start"]


def test_an_attribution_is_read_from_an_ordinary_file_only(tmp_path: Path) -> None:
    attribution().save(tmp_path)
    replace_by_pipe(tmp_path / "attribution.json")
    with pytest.raises(OutputError, match="not an ordinary file"):
        Attribution.load(tmp_path)
