"""Commands import only the libraries that they need, because an import can take longer than the command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

DUTY = "{date: 2006-04-03, lever: duty, kinds: [gp], bound: true}"
SHOWING = {"matplotlib", "mesa", "networkx", "solara"}
CALCULATING = {"pandas", "pyarrow", "scipy"}
SMALL = ["population.children=300", "clock.years=1", "clock.warm_up_years=1"]
SETTINGS = [word for setting in SMALL for word in ("--set", setting)]

NAME_LOADED = """
import json, sys
import click
from cpsim.cli import main
for command in sys.argv[1:]:
    try:
        main(command.split(), standalone_mode=False)
    except click.exceptions.Exit as end:
        assert end.exit_code == 0
    print()
    print("loaded:", json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""

COMPARE_AND_SWEEP = """
import json, sys
import cpsim
from cpsim.parallel.engine import open_in_process_engine
town = {"extends": "small", "population": {"children": 300}, "clock": {"years": 1, "warm_up_years": 1}}
cpsim.compare(town, town | {"name": "again"}, seeds=2, engine=open_in_process_engine())
cpsim.attribute(town, orders=2)
cpsim.sweep(sys.argv[1], "swept", open_in_process_engine())
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""

EXPERIMENT = """
name: trust
base: small
arms: {town: {population: {children: 300}, clock: {years: 1, warm_up_years: 1}}}
vary: {network.trust_start: {from: 0.2, to: 0.6}}
design: {kind: latin_hypercube, points: 2}
seeds: 1
outcomes: [missed_risk_rate]
"""


def run_python(folder: Path, code: str, *arguments: str) -> list[str]:
    """Run the code in a new interpreter and return the lines that it prints."""
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=folder
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def list_loaded(folder: Path, code: str, *arguments: str) -> set[str]:
    """Return what a new interpreter has imported after running the code, which prints it last."""
    return set(json.loads(run_python(folder, code, *arguments)[-1]))


Loaded = dict[str, set[str]]


def list_loaded_by(folder: Path, *commands: str) -> Loaded:
    """Return the top-level packages that a new interpreter has imported after each of some commands in turn."""
    lines = run_python(folder, NAME_LOADED, *commands)
    loaded = [set(json.loads(line.removeprefix("loaded: "))) for line in lines if line.startswith("loaded: ")]
    return dict(zip(commands, loaded, strict=True))


READING = [
    "--help",
    "validate small",
    "schema",
    "explain levers",
    "explain institutions six month",
    "explain settings trust",
    "explain scenarios merger",
    "scenarios merger",
    "new mine --lever duty",
]
OTHERS = [
    "plan small",
    "schema --experiment",
    "scenarios",
    "explain",
    "explain duty",
    "explain six month",
    "explain outcomes",
]


@pytest.fixture(scope="module")
def after_reading(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """What is loaded after each command that reads settings."""
    return list_loaded_by(tmp_path_factory.mktemp("reading"), *READING)


@pytest.fixture(scope="module")
def after_others(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """What is loaded after each other command that runs nothing."""
    return list_loaded_by(tmp_path_factory.mktemp("others"), *OTHERS)


@pytest.mark.parametrize("command", READING)
def test_commands_that_read_settings_load_no_numpy(after_reading: Loaded, command: str) -> None:
    """So they load no library for tables or figures either, because these need it."""
    assert not after_reading[command] & {"numpy", *SHOWING, *CALCULATING}


@pytest.mark.parametrize("command", OTHERS)
def test_commands_that_run_nothing_load_neither_mesa_nor_tables_nor_figures(
    after_others: Loaded, command: str
) -> None:
    assert not after_others[command] & (SHOWING | CALCULATING)


READ = """
import json, sys
from cpsim.scenario import load
load("small", sys.argv[1:])
print(json.dumps(sorted(sys.modules)))
"""


def test_reading_a_scenario_loads_only_the_levers_that_it_names(tmp_path: Path) -> None:
    loaded = list_loaded(tmp_path, READ, f"timeline=[{DUTY}]")
    assert "numpy" not in loaded
    assert {name for name in loaded if name.startswith("cpsim.governance.")} == {
        "cpsim.governance.duties",
        "cpsim.governance.lever",
    }


def test_commands_that_run_the_engine_load_neither_mesa_nor_figures(tmp_path: Path) -> None:
    settings = " ".join(SETTINGS)
    commands = ["validate department_merger", "run small --no-figures --out run", "story small"]
    loaded = list_loaded_by(tmp_path, *(f"{command} {settings}" for command in commands))
    assert all("numpy" in names for names in loaded.values())
    assert not set.union(*loaded.values()) & SHOWING


def test_comparisons_attributions_and_sweeps_load_neither_mesa_nor_figures(tmp_path: Path) -> None:
    (tmp_path / "trust.yaml").write_text(EXPERIMENT, encoding="utf-8")
    assert not list_loaded(tmp_path, COMPARE_AND_SWEEP, "trust.yaml") & SHOWING
