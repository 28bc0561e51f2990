"""`cpsim bench` at a terminal and in a script."""

import json
import re

import pytest
from click.testing import CliRunner

from cpsim.cli import main
from cpsim.study import against_twin, bench_sweep
from cpsim.study import bench as study
from cpsim.study.against_twin import AgainstTwin, NotTheSame, NoTwin, Pair, Size
from cpsim.study.bench import MEASURES, Bench
from cpsim.study.bench_sweep import USUAL, SweepBench


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """A stand-in for the measuring, which takes its time; what it was asked for."""
    calls: list[tuple[object, ...]] = []

    def measure(*arguments: object) -> Bench:
        calls.append(arguments[:-1])
        about = {
            "children": 400,
            "weeks": 156,
            "warm_up_weeks": 52,
            "judged_weeks": 52,
            "child_weeks": 62_000,
        }
        about |= {"signs": 9_000, "seed": 1, "repeats": 2, "own_weeks_share_of_fork": 2 / 3}
        versions = {"python": "3.11.7", "mesa": "3.3.1", "numpy": "2.4.6"}
        values = {name: [0.25, 1.0, 2_000_000.0] for name in MEASURES}
        return Bench(
            about | {"versions": versions, "platform": "here"}, values, {"life": 0.3, "noticing": 0.1}
        )

    monkeypatch.setattr(study, "measure", measure)
    return calls


def test_a_person_reads_each_figure_with_its_spread_and_meaning(asked: list[tuple[object, ...]]) -> None:
    ran = CliRunner().invoke(main, ["bench"])
    assert ran.exit_code == 0, ran.output
    for name, measure in MEASURES.items():
        assert re.search(rf"^{name} .*0\.250 .*2,000,000 .*{re.escape(measure.meaning)}$", ran.stdout, re.M)
    assert re.search(r"^life +75\.0% ", ran.stdout, re.M)


def test_the_options_choose_what_is_measured(asked: list[tuple[object, ...]]) -> None:
    options = "--children 900 --years 2 --warm-up-years 3 --seed 7 --repeats 5 --runs-in-one-process 40"
    assert CliRunner().invoke(main, ["bench", *options.split()]).exit_code == 0
    ((scenario, *rest),) = asked
    assert scenario == study.authority(children=900, years=2, warm_up_years=3)
    assert rest == [7, 5, 40]


def test_by_default_it_is_an_average_authority_over_five_years_and_a_childhood_before(
    asked: list[tuple[object, ...]],
) -> None:
    CliRunner().invoke(main, ["bench"])
    assert asked[0][0] == study.authority(children=73_000, years=5, warm_up_years=18)


def test_a_script_reads_json_and_nothing_else(asked: list[tuple[object, ...]]) -> None:
    ran = CliRunner().invoke(main, ["bench", "--json"])
    figures = json.loads(ran.stdout)
    expected = "child_weeks_per_second floor_ratio second_run_speedup fork_seconds fork_share_of_run"
    assert set(f"{expected} peak_memory_mb step_shares import_seconds help_seconds".split()) <= figures.keys()
    assert ran.stderr == ""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--children 5", "population.children: expected a whole number from 200"),
        ("--years 0", "clock.years: expected a whole number from 1"),
        ("--warm-up-years -1", "clock.warm_up_years: expected a whole number from 0"),
        ("--repeats 0", "'--repeats': 0 is not in the range"),
        ("--seed -1", "'--seed': -1 is not in the range"),
        ("--years some", "'--years': 'some' is not a valid integer"),
        ("--children 900 --children 800", "several --children are for --against-twin only"),
        (
            "--against-twin --children 900 --children 5",
            "population.children: expected a whole number from 200",
        ),
        ("--against-twin --runs-in-one-process 9", "--runs-in-one-process has nothing to do with the twin"),
    ],
)
def test_options_that_make_no_sense_end_with_2_before_anything_is_measured(options: str, told: str) -> None:
    ran = CliRunner().invoke(main, ["bench", *options.split()])
    assert ran.exit_code == 2
    assert told in ran.stderr


@pytest.fixture
def raced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """A stand-in for racing engine and twin; what it was asked for."""
    calls: list[tuple[object, ...]] = []

    def compare_speed(*arguments: object) -> AgainstTwin:
        calls.append(arguments[:-1])
        about = {"warm_up_weeks": 52, "judged_weeks": 52, "seed": 1, "repeats": 3, "platform": "here"}
        versions = {"python": "3.11.7", "mesa": "3.3.1", "numpy": "2.4.6"}
        small, large = (
            Size(
                children,
                156,
                tuple(Pair(1.0, 1.0, seconds, 12_345) for seconds in (twin, twin + 9, twin + 1)),
            )
            for children, twin in ((5_000, 10.0), (50_000, 60.0))
        )
        return AgainstTwin(about | {"versions": versions}, (large, small))

    monkeypatch.setattr(against_twin, "compare_speed", compare_speed)
    return calls


def test_a_person_reads_how_many_times_as_fast_as_the_twin_the_engine_is(
    raced: list[tuple[object, ...]],
) -> None:
    ran = CliRunner().invoke(main, ["bench", "--against-twin"])
    assert ran.exit_code == 0, ran.output
    assert re.search(r"^ +5,000 +12,345 .* 11 +10 +19 +6$", ran.stdout, re.M)
    said = "At 50,000 children the engine is 61 times as fast as the twin (60 to 69); the aim is 100."
    assert said in ran.stdout


def test_a_script_reads_the_ratio_at_the_largest_size(raced: list[tuple[object, ...]]) -> None:
    figures = json.loads(CliRunner().invoke(main, ["bench", "--against-twin", "--json"]).stdout)
    spread = [figures[name] for name in ("twin_ratio_low", "twin_ratio", "twin_ratio_high")]
    assert spread == [60, 61, 69]
    assert [size["children"] for size in figures["sizes"]] == [50_000, 5_000]


def test_by_default_the_twin_lives_a_small_and_a_large_authority_over_few_years(
    raced: list[tuple[object, ...]],
) -> None:
    CliRunner().invoke(main, ["bench", "--against-twin"])
    sizes = [study.authority(children, years=1, warm_up_years=1) for children in (5_000, 50_000)]
    assert raced == [(sizes, 1, 3)]


def test_the_options_choose_what_the_twin_lives(raced: list[tuple[object, ...]]) -> None:
    options = "--children 900 --children 800 --children 900 --years 2 --warm-up-years 0 --seed 7 --repeats 5"
    CliRunner().invoke(main, ["bench", "--against-twin", *options.split()])
    sizes = [study.authority(children, years=2, warm_up_years=0) for children in (900, 800)]
    assert raced == [(sizes, 7, 5)]


@pytest.mark.parametrize(
    ("fault", "code", "told"),
    [
        (NoTwin("the textbook twin comes with a copy"), 2, "Error: the textbook twin comes with a copy\n"),
        (NotTheSame("child 7"), 1, "Error: engine and twin do not do the same: child 7\n"),
    ],
)
def test_a_race_that_cannot_be_ends_with_one_clear_sentence(
    fault: Exception, code: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compare_speed(*arguments: object) -> AgainstTwin:
        raise fault

    monkeypatch.setattr(against_twin, "compare_speed", compare_speed)
    ran = CliRunner().invoke(main, ["bench", "--against-twin"])
    assert (ran.exit_code, ran.stdout, ran.stderr) == (code, "", told)


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """A stand-in for measuring sweeps; what it was asked for."""
    calls: list[tuple[object, ...]] = []

    def measure_sweep(*arguments: object) -> SweepBench:
        calls.append(arguments[:-1])
        about = {"work": USUAL.sentences(), "seed": 1, "repeats": 3, "platform": "here"}
        versions = {"python": "3.11.7", "mesa": "3.3.1", "numpy": "2.4.6"}
        return SweepBench(
            about | {"versions": versions}, {name: [0.25, 3.0, 0.5] for name in bench_sweep.MEASURES}
        )

    monkeypatch.setattr(bench_sweep, "measure_sweep", measure_sweep)
    return calls


def test_a_person_reads_what_a_sweep_adds_and_saves_and_what_was_aimed_at(
    swept: list[tuple[object, ...]],
) -> None:
    ran = CliRunner().invoke(main, ["bench", "--sweep", "--seed", "4"])
    assert ran.exit_code == 0, ran.output
    assert "parallel: 200 runs of 5,000 children" in ran.stdout
    for name, (unit, meaning, aim) in bench_sweep.MEASURES.items():
        assert re.search(
            rf"^{name} +0\.500  {re.escape(unit)} +{aim} +{re.escape(meaning)}$", ran.stdout, re.M
        )
    assert swept == [(4, 3)]


def test_a_script_reads_what_a_sweep_adds_and_saves(swept: list[tuple[object, ...]]) -> None:
    ran = CliRunner().invoke(main, ["bench", "--sweep", "--json"])
    assert json.loads(ran.stdout)["overhead"] == 0.5
    assert ran.stderr == ""


@pytest.mark.parametrize(
    "option", ["--against-twin", "--children 900", "--years 2", "--runs-in-one-process 5"]
)
def test_a_sweep_is_measured_on_runs_of_its_own(option: str, swept: list[tuple[object, ...]]) -> None:
    ran = CliRunner().invoke(main, ["bench", "--sweep", *option.split()])
    assert ran.exit_code == 2
    assert "--sweep measures runs of its own" in ran.stderr
    assert not swept
