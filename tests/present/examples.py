"""Runs and studies whose pages are tested."""

from typing import Any

from tests.analysis.studies import build_manifest
from tests.results.synthetic import run_result

from cpsim.analysis.findings import Study, collect_findings
from cpsim.experiment.definition import LatinHypercube
from cpsim.present.sweep_page import render_sweep_page
from cpsim.results import RunResult
from cpsim.scenario.read import load

DRAWN = LatinHypercube(kind="latin_hypercube", points=24)


def render_page(made: Study) -> str:
    return render_sweep_page(made, collect_findings(made), build_manifest(made))


def create_result(scenario: dict[str, Any], **changes: Any) -> RunResult:
    """Create a synthetic result of a real scenario."""
    return RunResult(**{**vars(run_result(years=2, spells=300)), "scenario": scenario, **changes})


def resolve_scenario(name: str, *overrides: str) -> dict[str, Any]:
    return load(name, overrides).model_dump(mode="python")
