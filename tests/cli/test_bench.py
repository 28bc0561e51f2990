"""`cpsim bench` at a terminal and in a script."""

import json
import re

import pytest
from click.testing import CliRunner

from cpsim.cli import main
from cpsim.study import bench as study
from cpsim.study.bench import MEASURES, Bench


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
    ],
)
def test_options_that_make_no_sense_end_with_2_before_anything_is_measured(options: str, told: str) -> None:
    ran = CliRunner().invoke(main, ["bench", *options.split()])
    assert ran.exit_code == 2
    assert told in ran.stderr
