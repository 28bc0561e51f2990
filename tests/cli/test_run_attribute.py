"""`cpsim run --attribute`: the run as ever, and beside it which stage answers for what was missed."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.cli.test_run import asked, here  # noqa: F401  the fixtures of the plain command
from tests.results.attributions import attribution

from cpsim.cli import main
from cpsim.results.attribution import STAGE_GROUPS, Attribution


def cpsim(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", "../tiny.yaml", *arguments])


@pytest.fixture
def attributed(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:  # noqa: F811
    """A stand-in for the work; what it was asked for."""
    calls: list[Any] = []

    def attribute(scenario: Any, seeds: list[int], orders: int, *, on_week: Any) -> Attribution:
        calls.append((scenario.name, seeds, orders))
        on_week(1, 1)
        return attribution()

    from types import ModuleType

    module = ModuleType("cpsim.study.attribution")
    module.attribute = attribute  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cpsim.study.attribution", module)
    return calls


def test_the_readings_follow_the_summary_and_go_into_the_folder(here: Path, attributed: list[Any]) -> None:  # noqa: F811
    done = cpsim("--attribute", "--seed", "7", "--orders", "4", "--out", "run")
    assert done.exit_code == 0, done.output
    assert attributed == [("tiny", [7], 4)]
    assert done.stdout.index("False alarms") < done.stdout.index("who answers for them?")
    assert "Front door and assessment" in done.stdout
    assert Attribution.load(here / "run").table["stage"].tolist() == list(STAGE_GROUPS)
    assert (here / "run/figures/readings.png").is_file()
    assert (here / "run/figures/readings.svg").is_file()


def test_without_being_asked_no_stage_is_made_perfect(here: Path, attributed: list[Any]) -> None:  # noqa: F811
    cpsim("--out", "run")
    assert attributed == []
    assert not (here / "run/attribution.json").exists()
    assert not (here / "run/figures/readings.png").exists()


def test_json_stays_the_summary_and_without_figures_the_readings_are_kept_as_numbers(
    here: Path,  # noqa: F811
    attributed: list[Any],
) -> None:
    done = cpsim("--attribute", "--json", "--no-figures", "--out", "run")
    assert json.loads(done.output)["missed_risk_rate"] > 0
    assert (here / "run/attribution.json").is_file()
    assert not (here / "run/figures").exists()


@pytest.mark.parametrize("orders", ["3", "0", "722", "many"])
def test_a_number_of_orders_that_makes_no_pairs_is_refused_before_any_work(
    here: Path,  # noqa: F811
    attributed: list[Any],
    asked: list[Any],  # noqa: F811
    orders: str,
) -> None:
    done = cpsim("--attribute", "--orders", orders)
    assert done.exit_code == 2
    assert "--orders" in done.stderr
    assert attributed == asked == []


def test_orders_without_an_attribution_are_refused_before_any_work(
    here: Path,  # noqa: F811
    attributed: list[Any],
    asked: list[Any],  # noqa: F811
) -> None:
    done = cpsim("--orders", "4")
    assert done.exit_code == 2
    assert "--attribute" in done.stderr
    assert attributed == asked == []
