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
try:
    main(sys.argv[1:], standalone_mode=False)
except click.exceptions.Exit as end:
    assert end.exit_code == 0
print()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
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


def list_loaded(folder: Path, code: str, *arguments: str) -> set[str]:
    """Return the top-level packages that a new interpreter has imported after running the code."""
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=folder
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "command",
    [
        "validate small",
        "plan small",
        "schema",
        "schema --experiment",
        "scenarios",
        "explain",
        "explain duty",
        "explain six month",
        "explain outcomes",
    ],
)
def test_commands_that_run_nothing_load_neither_mesa_nor_tables_nor_figures(
    tmp_path: Path, command: str
) -> None:
    loaded = list_loaded(tmp_path, NAME_LOADED, *command.split())
    assert not loaded & (SHOWING | CALCULATING)


READ = """
import json, sys
from cpsim.scenario import load
load("small", sys.argv[1:])
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "validate small",
        "schema",
        "explain levers",
        "explain institutions six month",
        "explain settings trust",
        "explain scenarios merger",
        "scenarios merger",
        "new mine --lever duty",
    ],
)
def test_commands_that_read_settings_load_no_numpy(tmp_path: Path, command: str) -> None:
    assert "numpy" not in list_loaded(tmp_path, NAME_LOADED, *command.split())


def test_reading_a_scenario_loads_only_the_levers_that_it_names(tmp_path: Path) -> None:
    loaded = list_loaded(tmp_path, READ, f"timeline=[{DUTY}]")
    assert "numpy" not in loaded
    assert {name for name in loaded if name.startswith("cpsim.governance.")} == {
        "cpsim.governance.duties",
        "cpsim.governance.lever",
    }


@pytest.mark.parametrize(
    "command", ["run small --no-figures --out run", "story small", "validate department_merger"]
)
def test_commands_that_run_the_engine_load_neither_mesa_nor_figures(tmp_path: Path, command: str) -> None:
    loaded = list_loaded(tmp_path, NAME_LOADED, *command.split(), *SETTINGS)
    assert "numpy" in loaded
    assert not loaded & SHOWING


def test_comparisons_attributions_and_sweeps_load_neither_mesa_nor_figures(tmp_path: Path) -> None:
    (tmp_path / "trust.yaml").write_text(EXPERIMENT, encoding="utf-8")
    assert not list_loaded(tmp_path, COMPARE_AND_SWEEP, "trust.yaml") & SHOWING
