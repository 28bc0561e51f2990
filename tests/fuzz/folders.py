"""Folders of results that are damaged, by accident or by intent."""

import datetime as dt
import io
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from rich.console import Console, Group
from tests.fuzz.documented import check_text, run_command
from tests.fuzz.target import Fault, Target
from tests.fuzz.texts import HOSTILE, Edit, edits

import cpsim
from cpsim.analysis.analyse import load_study
from cpsim.analysis.findings import collect_findings
from cpsim.experiment.read import load_experiment
from cpsim.parallel.engine import open_in_process_engine
from cpsim.present.attribution_terminal import format_attribution
from cpsim.present.comparison_page import render_comparison_page
from cpsim.present.comparison_terminal import format_comparison
from cpsim.present.run_page import render_run_page
from cpsim.present.run_terminal import format_run
from cpsim.results import COMPARISON_TABLES, TABLES, Comparison, OutputError, RunResult
from cpsim.results.attribution import ATTRIBUTION_TABLES, Attribution
from cpsim.results.files import compute_digest
from cpsim.results.manifest import MANIFEST, list_written_files, write_manifest
from cpsim.sweeps.folder import open_sweep_folder
from cpsim.sweeps.loaded import load_definition, load_provenance, load_sweep
from cpsim.sweeps.sweep import list_remaining_tasks, sweep
from cpsim.sweeps.tasks import DONE, run_sweep_task
from cpsim.world.comparable import ArmsDifferError

TOWN: dict[str, Any] = {
    "extends": "small",
    "population": {"children": 200},
    "clock": {"years": 1, "warm_up_years": 1},
    "authorities": {"count": 2},
}
DUTY = {
    "name": "duty",
    "timeline": [{"date": "2005-10-03", "lever": "duty", "kinds": ["school"], "bound": True}],
}
INSPECTED = {"timeline": [{"date": "2005-10-03", "lever": "inspection", "every_weeks": 26}]}
EXPERIMENT = """\
base: small
arms:
  as_it_was: {population: {children: 200}, clock: {warm_up_years: 1}}
  bound:
    population: {children: 200}
    clock: {warm_up_years: 1}
    timeline: [{date: 2005-10-03, lever: duty, kinds: [school, gp], bound: true}]
vary: {network.trust_start: [0.2, 0.6]}
seeds: 2
years: 1
outcomes: [missed_risk_rate, assessed_neither_per_10k_year, chain_stopped_at.C3]
"""

Files = dict[str, bytes]
"""Path in the folder -> content."""


@contextmanager
def _in_new_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


def _read_files(folder: Path) -> Files:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def make_run() -> Files:
    """Save a run with an attribution, and an inspection."""
    with _in_new_folder() as place:
        result = cpsim.run(TOWN | INSPECTED)
        attribution = cpsim.attribute(TOWN | INSPECTED, 1, 2)
        folder = result.save(place / "run", lambda hidden: attribution.save(hidden) and None)
        return _read_files(folder)


def make_comparison() -> Files:
    """Save a comparison of two scenarios."""
    with _in_new_folder() as place:
        engine = open_in_process_engine()
        compared = cpsim.compare(TOWN, TOWN | DUTY, seeds=2, prevalences=(), engine=engine)
        return _read_files(compared.save(place / "compared"))


def make_sweep() -> Files:
    """Run a sweep with two arms, two points and two seeds."""
    with _in_new_folder() as place:
        (place / "experiment.yaml").write_text(EXPERIMENT, "utf-8")
        sweep(place / "experiment.yaml", place / "sweep", open_in_process_engine())
        return _read_files(place / "sweep")


def make_stopped_sweep() -> Files:
    """Make a sweep of which some rows are in a part, and others still in the journal."""
    with _in_new_folder() as place:
        (place / "experiment.yaml").write_text(EXPERIMENT, "utf-8")
        experiment = load_experiment(place / "experiment.yaml")
        with open_sweep_folder(place / "sweep", experiment) as folder:
            first, *others = list_remaining_tasks(folder, 1)
            run_sweep_task(first, folder.add)
            folder.write_part()
            for task in others:
                run_sweep_task(task, folder.add)
            return _read_files(place / "sweep")


def make_analysed_sweep() -> Files:
    """Run a sweep, and analyse it."""
    with _in_new_folder() as place:
        write_files(make_files("sweep"), place / "sweep")
        run_command("analyse", str(place / "sweep"), codes=(0,))
        return _read_files(place / "sweep")


def _load_run(folder: Path, *, anyway: bool) -> dict[str, Any]:
    result = RunResult.load(folder, anyway=anyway)
    _show(format_run(result))
    render_run_page(result, figures={})
    frames = {name: getattr(result, name) for name in TABLES}
    return {
        "summary": result.summary,
        "scenario": result.scenario,
        "seed": result.seed,
        "repr": repr(result),
        **frames,
    }


def _load_attribution(folder: Path, *, anyway: bool) -> dict[str, Any]:
    attribution = Attribution.load(folder, anyway=anyway)
    _show(format_attribution(attribution))
    frames = {name: getattr(attribution, name) for name in ATTRIBUTION_TABLES}
    return {"seeds": attribution.seeds, "orders": attribution.orders, "repr": repr(attribution), **frames}


def _load_comparison(folder: Path, *, anyway: bool) -> dict[str, Any]:
    comparison = Comparison.load(folder, anyway=anyway)
    _show(format_comparison(comparison))
    render_comparison_page(comparison, figures={})
    frames = {name: getattr(comparison, name) for name in COMPARISON_TABLES}
    return {
        "json": comparison.to_json(),
        "scenarios": comparison.scenarios,
        "repr": repr(comparison),
        **frames,
    }


def _load_sweep(folder: Path, *, anyway: bool) -> dict[str, Any]:
    runs, provenance = load_sweep(folder, anyway=anyway), load_provenance(folder, anyway=anyway)
    definition = load_definition(folder, anyway=anyway)
    study = load_study(folder, anyway=anyway)
    if (study.runs["status"] == DONE).any():
        collect_findings(study)
    return {"runs": runs, "provenance": provenance, "definition": definition}


def _show(page: Group) -> None:
    Console(file=io.StringIO(), width=100).print(page)


@dataclass(frozen=True)
class Kind:
    """A kind of folder: how one is made, how it is loaded, and the commands that read it."""

    make: Callable[[], Files]
    load: Callable[..., dict[str, Any]]
    commands: tuple[tuple[str, ...], ...] = ()


KINDS: dict[str, Kind] = {
    "run": Kind(make_run, _load_run, (("story", "FOLDER", "--find", "missed"),)),
    "attribution": Kind(make_run, _load_attribution),
    "comparison": Kind(make_comparison, _load_comparison),
    "sweep": Kind(
        make_sweep,
        _load_sweep,
        (("table", "FOLDER"), ("table", "FOLDER", "--provenance"), ("analyse", "FOLDER")),
    ),
    "stopped sweep": Kind(
        make_stopped_sweep, _load_sweep, (("table", "FOLDER"), ("table", "FOLDER", "--provenance"))
    ),
    "analysed sweep": Kind(make_analysed_sweep, _load_sweep),
}


@cache
def make_files(kind: str) -> Files:
    """Make a folder of a kind once, and return its files."""
    return KINDS[kind].make()


def write_files(files: Files, folder: Path) -> None:
    """Write files into a new folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@cache
def load_undamaged(kind: str) -> dict[str, Any]:
    """Load a folder of a kind as it was written."""
    with _in_new_folder() as place:
        write_files(make_files(kind), place / "folder")
        return KINDS[kind].load(place / "folder", anyway=False)


def _are_equal(undamaged: dict[str, Any], loaded: dict[str, Any]) -> bool:
    """Whether a result is equal to the undamaged one; a sweep need not be complete, so it may have fewer runs."""
    for name, value in undamaged.items():
        if not isinstance(value, pd.DataFrame):
            equal = value == loaded[name]
        elif "run_id" in value:
            expected = value[value["run_id"].isin(loaded[name]["run_id"])]
            equal = expected.reset_index(drop=True).equals(loaded[name])
        else:
            equal = value.equals(loaded[name])
        if not equal:
            return False
    return True


# -- damage


class Damage(Protocol):
    """Damage to one file or several in a folder; its numbers count round and round, so that it fits any folder."""

    def apply(self, folder: Path) -> list[str]:
        """Damage the folder, and return the names of the files that are concerned."""


def _list_files(folder: Path, *endings: str) -> list[Path]:
    """List the files of a folder with these endings, or all of them."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink()]
    return [file for file in files if not endings or file.suffix in endings]


def _pick(folder: Path, number: int, *endings: str) -> Path:
    files = _list_files(folder, *endings)
    return files[number % len(files)]


@dataclass(frozen=True)
class ChangeBytes:
    """Cuts a file off, and flips bits in it."""

    file: int
    keep: float
    flipped: tuple[int, ...]

    def apply(self, folder: Path) -> list[str]:
        file = _pick(folder, self.file)
        content = bytearray(file.read_bytes())
        del content[round(self.keep * len(content)) :]
        for place in self.flipped if content else ():
            content[place % len(content)] ^= 1 << place % 8
        file.write_bytes(content)
        return [file.name]


@dataclass(frozen=True)
class ReplaceFile:
    """Puts something else in the place of a file: nothing, a folder, a link, or a pipe."""

    file: int
    by: str

    def apply(self, folder: Path) -> list[str]:
        file = _pick(folder, self.file)
        elsewhere = folder.parent / "elsewhere"
        if self.by == "a link to itself elsewhere":
            file.rename(elsewhere)
        else:
            file.unlink()
        if self.by == "a folder":
            file.mkdir()
        elif self.by == "a pipe":
            os.mkfifo(file)
        elif self.by.startswith("a link"):
            file.symlink_to(
                {"a link to itself": file, "a link to nothing": folder / "nothing"}.get(self.by, elsewhere)
            )
        return [file.name]


@dataclass(frozen=True)
class SwapFiles:
    """Swaps two files, or copies one over the other."""

    file: int
    other: int
    copy: bool

    def apply(self, folder: Path) -> list[str]:
        one, other = _pick(folder, self.file), _pick(folder, self.other)
        mine, theirs = one.read_bytes(), other.read_bytes()
        one.write_bytes(theirs)
        if not self.copy:
            other.write_bytes(mine)
        return [one.name, other.name]


@dataclass(frozen=True)
class EditText:
    """Changes the text of a file."""

    file: int
    edits: tuple[Edit, ...]

    def apply(self, folder: Path) -> list[str]:
        file = _pick(folder, self.file, ".json", ".jsonl", ".yaml", ".csv", ".md")
        text = file.read_text("utf-8", "replace")
        for edit in self.edits:
            text = edit.apply(text)
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        return [file.name]


@dataclass(frozen=True)
class ReplaceEntry:
    """Replaces or removes a value in a JSON file; a line of a journal gets a new digest."""

    file: int
    place: int
    value: Any

    def apply(self, folder: Path) -> list[str]:
        file = _pick(folder, self.file, ".json", ".jsonl")
        if file.suffix == ".jsonl":
            lines = file.read_bytes().splitlines()
            at = self.place % len(lines) if lines else 0
            changed = self._change(lines[at].partition(b" ")[2]) if lines else b""
            lines[at : at + 1] = [compute_digest(changed).encode() + b" " + changed, b""]
            file.write_bytes(b"\n".join(line for line in lines if line) + b"\n")
        else:
            file.write_bytes(self._change(file.read_bytes()))
        return [file.name]

    def _change(self, content: bytes) -> bytes:
        try:
            data = json.loads(content)
        except ValueError:  # damaged before
            return content
        places = list(_list_places(data))
        if places:
            holder, key = places[self.place % len(places)]
            if self.value is REMOVED:
                del holder[key]
            else:
                holder[key] = self.value
        return json.dumps(data).encode("utf-8", "surrogatepass")


REMOVED = "(removed)"


def _list_places(data: Any) -> Iterator[tuple[Any, Any]]:
    """List the places of all values in a JSON document."""
    for key, value in (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    ):
        yield data, key
        yield from _list_places(value)


@dataclass(frozen=True)
class ChangeTable:
    """Changes a column, or the rows, of a table."""

    file: int
    column: int
    change: str
    row: int

    def apply(self, folder: Path) -> list[str]:
        file = _pick(folder, self.file, ".parquet")
        try:
            table = pq.read_table(pa.BufferReader(file.read_bytes()))
        except (pa.ArrowException, OSError):  # damaged before
            return [file.name]
        if table.num_columns:
            pq.write_table(self._change(table), file)
        return [file.name]

    def _change(self, table: pa.Table) -> pa.Table:
        at = self.column % table.num_columns
        name, values = table.column_names[at], table.column(at)
        rows = {
            "no rows": table.slice(0, 0), "one row less": table.slice(1),
            "rows twice": pa.concat_tables([table, table]), "one column": table.select([name]),
            "rows in reverse": table.take(pa.array(range(table.num_rows)[::-1], pa.int64())),
            "no column": table.remove_column(at), "twice": table.append_column(name, values),
            "another name": table.rename_columns(["x" if other == name else other for other in table.column_names]),
            "text": table.set_column(at, name, pa.array([str(value) for value in values.to_pylist()], pa.string())),
            "a list": table.set_column(at, name, pa.array([[1]] * table.num_rows)),
            "nothing": table.set_column(at, name, pa.nulls(table.num_rows, values.type)),
            "a null type": table.set_column(at, name, pa.nulls(table.num_rows)),
        }  # fmt: skip
        if self.change in rows:
            return rows[self.change]
        entries = values.to_pylist()
        if entries:
            entries[self.row % len(entries)] = CELLS[self.change]
        try:
            return table.set_column(at, name, pa.array(entries, values.type))
        except (pa.ArrowException, TypeError, OverflowError):  # this value does not fit into the column
            return table


CELLS: dict[str, Any] = {
    "missing": None, "not a number": math.nan, "infinite": math.inf, "minus infinite": -math.inf, "minus one": -1,
    "zero": 0, "one": 1, "half": 0.5, "huge": 1e300, "127": 127, "a large row": 2**31 - 1, "a very large row": 2**62,
    "an escape": "\x1b[2J", "markup": "<script>[bold]", "empty": "", "text": "x" * 1_000, "true": True, "false": False,
    "a far date": dt.date(2261, 1, 1), "an early date": dt.date(1678, 1, 1),
}  # fmt: skip
CHANGES = (
    "no rows", "one row less", "rows twice", "rows in reverse", "one column", "no column", "twice", "another name",
    "text", "a list", "nothing", "a null type", *CELLS,
)  # fmt: skip

numbers = st.integers(0, 400)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 5)
    | st.integers()
    | st.floats()
    | st.sampled_from(HOSTILE)
    | st.just(REMOVED),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
damages: st.SearchStrategy[Damage] = st.one_of(
    st.builds(ChangeTable, numbers, numbers, st.sampled_from(CHANGES), st.integers(0, 5_000)),
    st.builds(ReplaceEntry, numbers, numbers, json_values),
    st.builds(EditText, numbers, st.lists(edits, min_size=1, max_size=3).map(tuple)),
    st.builds(ChangeBytes, numbers, st.just(1.0), st.lists(st.integers(0, 100_000), max_size=3).map(tuple)),
    st.builds(ChangeBytes, numbers, st.floats(0, 1), st.just(())),
    st.builds(
        ReplaceFile, numbers,
        st.sampled_from(
            ["nothing", "a folder", "a link to itself", "a link to nothing", "a link to itself elsewhere", "a pipe"]
        ),
    ),
    st.builds(SwapFiles, numbers, numbers, st.booleans()),
)  # fmt: skip


@dataclass(frozen=True)
class DamagedFolder:
    """A folder that is damaged, and how it is loaded.

    Attributes:
        kind: a name in `KINDS`.
        damages: the damage.
        forged: whether the manifest lists the damaged files as if cpsim had written them.
        anyway: whether files that have changed are loaded.
        command: number of the command that reads it; None to load it in Python.
    """

    kind: str
    damages: tuple[Damage, ...]
    forged: bool
    anyway: bool
    command: int | None


def load_damaged_folder(given: DamagedFolder, folder: Path) -> bool:
    """Load a damaged folder: it gives an equal result, or an error that names a damaged file."""
    place, kind = folder / "folder", KINDS[given.kind]
    undamaged = load_undamaged(given.kind)
    write_files(make_files(given.kind), place)
    names = [
        name for damage in given.damages if _list_files(place, ".parquet") for name in damage.apply(place)
    ]
    if given.forged and (place / MANIFEST).is_file():
        write_manifest(place, list_written_files(place))
    if given.command is not None and kind.commands:
        arguments = kind.commands[given.command % len(kind.commands)]
        options = ("--anyway",) if given.anyway else ()
        result = run_command(*(str(place) if word == "FOLDER" else word for word in arguments), *options)
        if result.exit_code:
            _check_message(result.stderr, place, names)
        return result.exit_code == 0
    try:
        loaded = kind.load(place, anyway=given.anyway)
    except ArmsDifferError as error:
        check_text(str(error))
        return False
    except OutputError as error:
        check_text(str(error))
        _check_message(str(error), place, names)
        return False
    if not (given.anyway or given.forged or _are_equal(undamaged, loaded)):
        raise Fault("a damaged folder is loaded, and the result differs")
    return True


def _check_message(message: str, folder: Path, names: list[str]) -> None:
    if str(folder) not in message:
        raise Fault(f"the message does not name the folder: {message}")
    # The name of a numbered file that is missing has a digest, which the message cannot know.
    known = [re.sub(r"^(\d{6}-)[0-9a-f]+\.parquet$", r"\1", name) for name in names]
    if MANIFEST not in names and not any(name in message for name in (*known, MANIFEST)):
        raise Fault(f"the message names none of the files {names}: {message}")


@dataclass(frozen=True)
class ContinuedSweep:
    """A damaged folder in which the sweep is continued."""

    kind: str
    damages: tuple[Damage, ...]


def continue_sweep(given: ContinuedSweep, folder: Path) -> bool:
    """Continue a sweep in a damaged folder: it gives the results of an undamaged sweep, or an error.

    A row with another value and its digest is taken as it is.
    """
    place, file = folder / "folder", folder / "experiment.yaml"
    file.write_text(EXPERIMENT, "utf-8")
    write_files(make_files(given.kind), place)
    for damage in given.damages:
        damage.apply(place)
    try:
        progress = sweep(file, place, open_in_process_engine())
    except OutputError as error:
        check_text(str(error), lines=True)
        if str(place) not in str(error):
            raise Fault(f"the message does not name the folder: {error}") from error
        return False
    for sentence in progress.set_aside:
        check_text(sentence)
    is_forged = any(isinstance(damage, ReplaceEntry) for damage in given.damages)  # with a digest that fits
    if not (is_forged or load_sweep(place).equals(load_undamaged("sweep")["runs"])):
        raise Fault("a sweep that is continued in a damaged folder gives other results")
    return True


def analyse_again(given: ContinuedSweep, folder: Path) -> bool:
    """Analyse a sweep again whose earlier analysis is damaged; the files of the user are kept."""
    place = folder / "folder"
    write_files(make_files(given.kind), place)
    (place / "analysis" / "notes.txt").write_text("mine", "utf-8")
    for damage in given.damages:
        damage.apply(place)
    kept = (place / "analysis" / "notes.txt").is_file()
    result = run_command("analyse", str(place))
    if result.exit_code and str(place) not in result.stderr:
        raise Fault(f"the message does not name the folder: {result.stderr}")
    if kept and not (place / "analysis" / "notes.txt").is_file():
        raise Fault("a file of the user is gone")
    return result.exit_code == 0


several_damages = st.lists(damages, min_size=1, max_size=2).map(tuple)
CONTINUED_SWEEPS = Target(
    "continued_sweeps",
    "sweeps that are continued in damaged folders",
    st.builds(ContinuedSweep, st.sampled_from(["sweep", "stopped sweep"]), several_damages),
    continue_sweep,
    examples=40,
    few=8,
    seconds=60,
    prepare=lambda: [load_undamaged(kind) for kind in ("sweep", "stopped sweep")],
)
ANALYSES = Target(
    "analyses",
    "sweeps that are analysed again in damaged folders",
    st.builds(ContinuedSweep, st.just("analysed sweep"), several_damages),
    analyse_again,
    examples=8,
    few=3,
    seconds=60,
    prepare=lambda: make_files("analysed sweep"),
)
FOLDERS = Target(
    "folders",
    "damaged folders of runs, attributions, comparisons and sweeps",
    st.builds(
        DamagedFolder,
        st.sampled_from(["run", "attribution", "comparison", "sweep", "stopped sweep"]),
        several_damages,
        st.booleans(),
        st.booleans(),
        st.none() | st.none() | st.integers(0, 2),
    ),
    load_damaged_folder,
    examples=100,
    few=30,
    seconds=60,
    prepare=lambda: [load_undamaged(kind) for kind in KINDS if kind != "analysed sweep"],
)
