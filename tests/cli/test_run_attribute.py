"""`cpsim run --attribute` also attributes the missed spells to stages."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.cli.test_run import here, recorded_runs  # noqa: F401  fixtures
from tests.results.attributions import attribution

from cpsim.cli import main
from cpsim.results.attribution import STAGE_GROUPS, Attribution


def cpsim(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", "../tiny.yaml", *arguments])


@pytest.fixture
def attribution_calls(recorded_runs: list[Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:  # noqa: F811
    """Replace the attribution by a fast one, and record its arguments."""
    calls: list[Any] = []

    def attribute(scenario: Any, seeds: list[int], orders: int, *, on_week: Any) -> Attribution:
        calls.append((scenario.name, seeds, orders))
        on_week(1, 1)
        return attribution()

    from types import ModuleType

    module = ModuleType("cpsim.attribution.attribute")
    module.attribute = attribute  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cpsim.attribution.attribute", module)
    return calls


def test_the_attribution_follows_the_summary_and_is_saved_in_the_folder(
    here: Path,  # noqa: F811
    attribution_calls: list[Any],
) -> None:
    done = cpsim("--attribute", "--seed", "7", "--orders", "4", "--out", "run")
    assert done.exit_code == 0, done.output
    assert attribution_calls == [("tiny", [7], 4)]
    assert done.stdout.index("Assessments") < done.stdout.index("spells of harm missed, by stage")
    assert "Front door and assessment" in done.stdout
    assert Attribution.load(here / "run").table["stage"].tolist() == list(STAGE_GROUPS)
    assert (here / "run/figures/readings.png").is_file()
    assert (here / "run/figures/readings.svg").is_file()


def test_without_the_option_no_attribution_is_done(here: Path, attribution_calls: list[Any]) -> None:  # noqa: F811
    cpsim("--out", "run")
    assert attribution_calls == []
    assert not (here / "run/attribution.json").exists()
    assert not (here / "run/figures/readings.png").exists()


def test_json_output_stays_the_summary_and_the_attribution_is_saved_without_figures(
    here: Path,  # noqa: F811
    attribution_calls: list[Any],
) -> None:
    done = cpsim("--attribute", "--json", "--no-figures", "--out", "run")
    assert json.loads(done.output)["missed_risk_rate"] > 0
    assert (here / "run/attribution.json").is_file()
    assert not (here / "run/figures").exists()


@pytest.mark.parametrize("orders", ["3", "0", "722", "many"])
def test_an_invalid_number_of_orders_is_refused_before_the_run(
    here: Path,  # noqa: F811
    attribution_calls: list[Any],
    recorded_runs: list[Any],  # noqa: F811
    orders: str,
) -> None:
    done = cpsim("--attribute", "--orders", orders)
    assert done.exit_code == 2
    assert "--orders" in done.stderr
    assert attribution_calls == recorded_runs == []


def test_orders_without_an_attribution_are_refused_before_the_run(
    here: Path,  # noqa: F811
    attribution_calls: list[Any],
    recorded_runs: list[Any],  # noqa: F811
) -> None:
    done = cpsim("--orders", "4")
    assert done.exit_code == 2
    assert "--attribute" in done.stderr
    assert attribution_calls == recorded_runs == []
