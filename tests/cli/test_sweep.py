"""`cpsim sweep --dry-run` checks an experiment and estimates its runs, time and size."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from cpsim.cli import main
from cpsim.experiment import estimate
from cpsim.experiment.definition import Definition
from cpsim.experiment.estimate import _Trial
from cpsim.scenario.clock import total_weeks
from cpsim.scenario.read import load
from cpsim.scenario.schema import Scenario

TEXT = """\
name: duty
base: small
arms:
  as_it_was:
  bound: {timeline: [{date: 2006-04-03, lever: duty, kinds: [gp], bound: true}]}
vary: {network.trust_start: [0.2, 0.4, 0.6], population.children: [400]}
seeds: 5
"""


@pytest.fixture
def steady_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every trial run the same duration, so that the estimate depends only on the experiment."""
    monkeypatch.setattr(estimate, "_time_trial", lambda *_: estimate._Trial(start=0.1, week=0.001, end=0.05))


def dry_run(folder: Path, text: str, *options: str) -> Result:
    file = folder / "duty.yaml"
    file.write_text(text, "utf-8")
    return CliRunner().invoke(main, ["sweep", str(file), "--dry-run", *options])


def test_a_dry_run_estimates_runs_time_size_and_memory(tmp_path: Path) -> None:
    ran = dry_run(tmp_path, TEXT)
    assert ran.exit_code == 0, ran.stderr
    runs, length, size, memory, blocks = ran.stdout.splitlines()
    assert runs == "duty: 2 arms x 3 points x 5 seeds = 30 runs"
    assert length.startswith("expected time: about ")
    assert "an estimate" in length
    assert size.startswith("expected size: about ")
    assert memory.startswith("expected memory: about 0.")
    assert re.fullmatch(r"[2-5] seeds are simulated together, with the same results as one by one", blocks)


@pytest.mark.usefixtures("steady_machine")
def test_a_dry_run_says_why_each_seed_is_simulated_by_itself(tmp_path: Path) -> None:
    large = TEXT.replace("population.children: [400]", "population.children: [73000]")
    *_, blocks = dry_run(tmp_path, large).stdout.splitlines()
    assert blocks == (
        "each seed is simulated by itself: a run has 73,000 children, and only runs of up to 50,000 gain from it"
    )


@pytest.mark.usefixtures("steady_machine")
def test_one_run_in_one_process_is_estimated_in_the_singular(tmp_path: Path) -> None:
    text = "name: duty\nbase: small\nyears: 1\narms:\n  exempt: {}\nseeds: 1"
    runs, length, *_ = dry_run(tmp_path, text, "--workers", "1").stdout.splitlines()
    assert runs == "duty: 1 arm x 1 point x 1 seed = 1 run"
    assert " with 1 worker process (an estimate, " in length


@pytest.mark.usefixtures("steady_machine")
def test_json_output_has_the_same_estimate_and_more_workers_need_less_time(tmp_path: Path) -> None:
    one, four = (
        json.loads(dry_run(tmp_path, TEXT, "--json", "--workers", str(number)).stdout) for number in (1, 4)
    )
    assert (one["arms"], one["points"], one["seeds"], one["runs"]) == (2, 3, 5, 30)
    assert 0 < four["seconds"] < one["seconds"]
    assert one["megabytes"] > 0
    assert one["gigabytes_per_worker"] > 0


@pytest.mark.usefixtures("steady_machine")
def test_arms_with_a_shared_history_are_expected_to_take_less_time(tmp_path: Path) -> None:
    apart = TEXT.replace("date: 2006-04-03, ", "")
    together, alone = (json.loads(dry_run(tmp_path, text, "--json").stdout) for text in (TEXT, apart))
    assert together["seconds_per_run"] < 0.9 * alone["seconds_per_run"]


@pytest.mark.usefixtures("steady_machine")
def test_points_with_a_shared_history_are_expected_to_take_less_time(tmp_path: Path) -> None:
    later = TEXT.replace("bound: true}]}", "bound: true, awareness: 0.1}]}").replace(
        "as_it_was:\n",
        "as_it_was: {timeline: [{date: 2006-04-03, lever: duty, kinds: [gp], awareness: 0.1}]}\n",
    )
    later = later.replace("network.trust_start: [0.2, 0.4, 0.6]", "'timeline[0].awareness': [0.2, 0.4, 0.6]")
    few = ("seeds: 5", "seeds: 2")  # too few to be simulated together
    together, alone = (
        json.loads(dry_run(tmp_path, text.replace(*few), "--json", "--workers", "1").stdout)
        for text in (later, TEXT)
    )
    assert together["runs"] == alone["runs"]
    assert together["seconds_per_run"] < 0.9 * alone["seconds_per_run"]


def test_a_short_load_on_the_machine_does_not_change_the_estimate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = iter([_Trial(9.0, 9.0, 9.0), _Trial(0.1, 9.0, 0.3), _Trial(0.2, 0.01, 0.1)])
    monkeypatch.setattr("cpsim.experiment.estimate._time_short_runs", lambda *_: next(tried))
    seconds = json.loads(dry_run(tmp_path, "base: small\nyears: 5", "--json", "--workers", "1").stdout)[
        "seconds_per_run"
    ]
    assert seconds == pytest.approx(0.1 + 0.01 * total_weeks(load("small").clock) + 0.1)


def test_an_invalid_experiment_ends_with_2_and_all_its_errors(tmp_path: Path) -> None:
    ran = dry_run(tmp_path, TEXT.replace("0.6", "6").replace("gp", "pg"))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert [line.split(": ")[0][-4:] for line in ran.stderr.splitlines()] == ["5:62", "6:40"]


def test_a_missing_library_ends_with_1_and_the_command_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "SALib.sample", None)
    ran = dry_run(tmp_path, TEXT + "design: {kind: sobol, base_points: 2}")
    assert ran.exit_code == 1
    assert "pip install 'cpsim[sweep]'" in ran.stderr


def test_the_schema_of_experiments_accepts_an_experiment_and_refuses_misspellings() -> None:
    ran = CliRunner().invoke(main, ["schema", "--experiment"])
    schema = json.loads(ran.stdout)
    Draft202012Validator.check_schema(schema)
    assert not Definition.model_json_schema()["$defs"].keys() & Scenario.model_json_schema()["$defs"].keys()
    validator = Draft202012Validator(schema)

    def is_valid(text: str) -> bool:
        data: Any = json.loads(json.dumps(YAML(typ="safe").load(text), default=str))
        return validator.is_valid(data)

    assert is_valid(TEXT)
    for right, wrong in (("vary", "vry"), ("lever: duty", "lever: duti"), ("seeds: 5", "seeds: five")):
        assert not is_valid(TEXT.replace(right, wrong)), wrong
