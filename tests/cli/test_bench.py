"""`cpsim bench` prints tables or JSON."""

import json
import re

import pytest
from click.testing import CliRunner

from cpsim.bench import against_twin
from cpsim.bench import measure as study
from cpsim.bench import sweep_overhead as bench_sweep
from cpsim.bench.against_twin import (
    HistoriesDifferError,
    SizeResult,
    TimedPair,
    TwinComparison,
    TwinMissingError,
)
from cpsim.bench.measure import MEASURES, Bench
from cpsim.bench.sweep_overhead import DEFAULT_WORKLOAD, SweepBench
from cpsim.cli import main


@pytest.fixture
def engine_calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Replace the slow measurement, and record its arguments."""
    calls: list[tuple[object, ...]] = []

    def measure_runs(*arguments: object) -> Bench:
        calls.append(arguments[:-1])
        about = {
            "children": 400,
            "weeks": 156,
            "warm_up_weeks": 52,
            "evaluated_weeks": 52,
            "child_weeks": 62_000,
        }
        about |= {"signs": 9_000, "seed": 1, "repeats": 2, "own_weeks_share_of_fork": 2 / 3}
        versions = {"python": "3.11.7", "mesa": "3.3.1", "numpy": "2.4.6"}
        values = {name: [0.25, 1.0, 2_000_000.0] for name in MEASURES}
        return Bench(
            about | {"versions": versions, "platform": "here"}, values, {"life": 0.3, "noticing": 0.1}
        )

    monkeypatch.setattr(study, "measure_runs", measure_runs)
    return calls


def test_each_value_is_printed_with_its_range_and_meaning(engine_calls: list[tuple[object, ...]]) -> None:
    ran = CliRunner().invoke(main, ["bench"])
    assert ran.exit_code == 0, ran.output
    for name, measure in MEASURES.items():
        assert re.search(rf"^{name} .*0\.25 .*2,000,000 .*{re.escape(measure.meaning)}$", ran.stdout, re.M)
    assert re.search(r"^life +75% ", ran.stdout, re.M)


def test_the_options_choose_what_is_measured(engine_calls: list[tuple[object, ...]]) -> None:
    options = "--children 900 --years 2 --warm-up-years 3 --seed 7 --repeats 5 --runs-in-one-process 40"
    assert CliRunner().invoke(main, ["bench", *options.split()]).exit_code == 0
    ((scenario, *rest),) = engine_calls
    assert scenario == study.resize_baseline(children=900, years=2, warm_up_years=3)
    assert rest == [7, 5, 40]


def test_the_default_is_the_baseline_over_five_years_after_18_years_of_warm_up(
    engine_calls: list[tuple[object, ...]],
) -> None:
    CliRunner().invoke(main, ["bench"])
    assert engine_calls[0][0] == study.resize_baseline(children=73_000, years=5, warm_up_years=18)


def test_json_output_has_all_values_and_nothing_else(engine_calls: list[tuple[object, ...]]) -> None:
    ran = CliRunner().invoke(main, ["bench", "--json"])
    values = json.loads(ran.stdout)
    expected = "child_weeks_per_second floor_ratio second_run_speedup fork_seconds fork_share_of_run"
    assert set(f"{expected} peak_memory_mb step_shares import_seconds help_seconds".split()) <= values.keys()
    assert ran.stderr == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--children 5", "population.children: expected a whole number from 200"),
        ("--years 0", "clock.years: expected a whole number from 1"),
        ("--warm-up-years -1", "clock.warm_up_years: expected a whole number from 0"),
        ("--repeats 0", "'--repeats': expected a whole number, 1 or greater, not '0'"),
        ("--seed -1", "a seed must be a whole number from 0 to 4294967295, not -1"),
        ("--years some", "'--years': expected a whole number, not 'some'"),
        ("--children 900 --children 800", "--children may be repeated only with --against-twin"),
        (
            "--against-twin --children 900 --children 5",
            "population.children: expected a whole number from 200",
        ),
        (
            "--against-twin --runs-in-one-process 9",
            "--runs-in-one-process cannot be used with --against-twin",
        ),
    ],
)
def test_invalid_options_end_with_2_before_any_measurement(options: str, message: str) -> None:
    ran = CliRunner().invoke(main, ["bench", *options.split()])
    assert ran.exit_code == 2
    assert message in ran.stderr


@pytest.fixture
def twin_calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Replace the comparison of engine and twin, and record its arguments."""
    calls: list[tuple[object, ...]] = []

    def compare_speed(*arguments: object) -> TwinComparison:
        calls.append(arguments[:-1])
        about = {"warm_up_weeks": 52, "evaluated_weeks": 52, "seed": 1, "repeats": 3, "platform": "here"}
        versions = {"python": "3.11.7", "mesa": "3.3.1", "numpy": "2.4.6"}
        small, large = (
            SizeResult(
                children,
                156,
                tuple(TimedPair(1.0, 1.0, seconds, 12_345) for seconds in (twin, twin + 9, twin + 1)),
            )
            for children, twin in ((5_000, 10.0), (50_000, 60.0))
        )
        return TwinComparison(about | {"versions": versions}, (large, small))

    monkeypatch.setattr(against_twin, "compare_speed", compare_speed)
    return calls


def test_the_speed_of_the_engine_relative_to_the_twin_is_printed(
    twin_calls: list[tuple[object, ...]],
) -> None:
    ran = CliRunner().invoke(main, ["bench", "--against-twin"])
    assert ran.exit_code == 0, ran.output
    assert re.search(r"^ +5,000 +12,345 .* 11 +10 +19 +6$", ran.stdout, re.M)
    sentence = "At 50,000 children the engine is 61 times as fast as the twin (60 to 69); the target is 100."
    assert sentence in ran.stdout


def test_json_output_has_the_ratio_at_the_largest_size(twin_calls: list[tuple[object, ...]]) -> None:
    values = json.loads(CliRunner().invoke(main, ["bench", "--against-twin", "--json"]).stdout)
    spread = [values[name] for name in ("twin_ratio_low", "twin_ratio", "twin_ratio_high")]
    assert spread == [60, 61, 69]
    assert [size["children"] for size in values["sizes"]] == [50_000, 5_000]


def test_the_default_against_the_twin_is_a_small_and_a_large_authority_over_few_years(
    twin_calls: list[tuple[object, ...]],
) -> None:
    CliRunner().invoke(main, ["bench", "--against-twin"])
    sizes = [study.resize_baseline(children, years=1, warm_up_years=1) for children in (5_000, 50_000)]
    assert twin_calls == [(sizes, 1, 3)]


def test_the_options_choose_the_runs_against_the_twin(twin_calls: list[tuple[object, ...]]) -> None:
    options = "--children 900 --children 800 --children 900 --years 2 --warm-up-years 0 --seed 7 --repeats 5"
    CliRunner().invoke(main, ["bench", "--against-twin", *options.split()])
    sizes = [study.resize_baseline(children, years=2, warm_up_years=0) for children in (900, 800)]
    assert twin_calls == [(sizes, 7, 5)]


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            TwinMissingError("the textbook twin comes with a copy"),
            2,
            "Error: the textbook twin comes with a copy\n",
        ),
        (
            HistoriesDifferError("child 7"),
            1,
            "Error: engine and twin do not produce the same events: child 7\n",
        ),
    ],
)
def test_a_failed_comparison_with_the_twin_ends_with_one_sentence(
    error: Exception, code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compare_speed(*arguments: object) -> TwinComparison:
        raise error

    monkeypatch.setattr(against_twin, "compare_speed", compare_speed)
    ran = CliRunner().invoke(main, ["bench", "--against-twin"])
    assert (ran.exit_code, ran.stdout, ran.stderr) == (code, "", message)


@pytest.fixture
def sweep_calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Replace the measurement of sweeps, and record its arguments."""
    calls: list[tuple[object, ...]] = []

    def measure_sweep(*arguments: object) -> SweepBench:
        calls.append(arguments[:-1])
        about = {"work": DEFAULT_WORKLOAD.describe(), "seed": 1, "repeats": 3, "platform": "here"}
        versions = {"python": "3.11.7", "mesa": "3.3.1", "numpy": "2.4.6"}
        return SweepBench(
            about | {"versions": versions}, {name: [0.25, 3.0, 0.5] for name in bench_sweep.MEASURES}
        )

    monkeypatch.setattr(bench_sweep, "measure_sweep", measure_sweep)
    return calls


def test_the_overhead_and_savings_of_a_sweep_are_printed_with_their_targets(
    sweep_calls: list[tuple[object, ...]],
) -> None:
    ran = CliRunner().invoke(main, ["bench", "--sweep", "--seed", "4"])
    assert ran.exit_code == 0, ran.output
    assert "parallel: 200 runs of 5,000 children" in ran.stdout
    for name, (unit, meaning, aim) in bench_sweep.MEASURES.items():
        assert re.search(rf"^{name} +0\.5  {re.escape(unit)} +{aim} +{re.escape(meaning)}$", ran.stdout, re.M)
    assert sweep_calls == [(4, 3)]


def test_json_output_has_the_overhead_of_a_sweep(sweep_calls: list[tuple[object, ...]]) -> None:
    ran = CliRunner().invoke(main, ["bench", "--sweep", "--json"])
    assert json.loads(ran.stdout)["overhead"] == 0.5
    assert ran.stderr == ""


@pytest.mark.parametrize(
    "option", ["--against-twin", "--children 900", "--years 2", "--runs-in-one-process 5"]
)
def test_options_for_other_measurements_are_refused_for_a_sweep(
    option: str, sweep_calls: list[tuple[object, ...]]
) -> None:
    ran = CliRunner().invoke(main, ["bench", "--sweep", *option.split()])
    assert ran.exit_code == 2
    assert "--sweep measures its own runs" in ran.stderr
    assert not sweep_calls
