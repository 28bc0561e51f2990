"""A run that continues from the cache equals one from the start, and no other history is taken for its own."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.model.authority import assert_same

from cpsim.cli import main
from cpsim.comparison.compare import compare
from cpsim.histories.cache import HistoryCache
from cpsim.histories.errors import CacheWarning
from cpsim.histories.start import start_after_history
from cpsim.live.shared_history import SharedHistory
from cpsim.parallel.engine import InProcessExecutor, open_in_process_engine
from cpsim.results import Comparison
from cpsim.scenario.read import load
from cpsim.simulation import Simulation, run

TOWN = {"population.children": 600, "clock.warm_up_years": 2, "clock.years": 1}
DUTY = {"date": "2005-06-06", "lever": "duty", "kinds": ["school"], "bound": True}


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HistoryCache:
    """The cache of the user, empty; even short histories are kept."""
    monkeypatch.setenv("CPSIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CPSIM_CACHE_GB", "0.1")
    monkeypatch.setattr("cpsim.histories.start.LEAST_SECONDS", 0.0)
    return HistoryCache(tmp_path / "cache" / "histories", limit=1e8)


class Other(Simulation):
    """A class of simulations with a history of its own."""


def count_simulated_weeks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    weeks: list[int] = []
    step = Simulation.step
    monkeypatch.setattr(Simulation, "step", lambda model: (weeks.append(model.week), step(model))[1])
    return weeks


def test_a_second_run_simulates_only_the_evaluated_years_and_gives_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = run("small", overrides=TOWN)
    weeks = count_simulated_weeks(monkeypatch)
    assert_same(run("small", overrides=TOWN), first)
    assert (weeks[0], len(weeks)) == (2 * 52, 2 * 52), "one evaluated year and the follow-up"


def test_a_reform_starts_from_the_history_without_it(
    cache: HistoryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    reform = {**TOWN, "timeline": [DUTY]}
    monkeypatch.setenv("CPSIM_CACHE_GB", "0")
    expected = run("small", overrides=reform)
    monkeypatch.setenv("CPSIM_CACHE_GB", "0.1")
    run("small", overrides=TOWN)
    weeks = count_simulated_weeks(monkeypatch)
    assert_same(run("small", overrides=reform), expected)
    assert weeks[0] == 2 * 52
    assert len(cache.list_histories()) == 1


@pytest.mark.parametrize(
    "change",
    [{"population.children": 601}, {"network.trust_start": 0.3}, {"clock.warm_up_years": 1}, {"clock.years": 2},
     {"timeline": [DUTY | {"date": "2004-06-07"}]}],
    ids=["children", "trust", "warm-up", "years", "an earlier duty"],
)  # fmt: skip
def test_another_history_is_simulated_from_the_start(
    change: dict[str, object], cache: HistoryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("small", overrides=TOWN)
    weeks = count_simulated_weeks(monkeypatch)
    run("small", overrides=TOWN | change)
    assert weeks[0] == 0
    assert len(cache.list_histories()) == 2


def test_another_seed_has_a_history_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    run("small", seed=1, overrides=TOWN)
    weeks = count_simulated_weeks(monkeypatch)
    run("small", seed=2, overrides=TOWN)
    assert weeks[0] == 0


def test_a_damaged_history_costs_a_warning_and_changes_nothing(cache: HistoryCache) -> None:
    first = run("small", overrides=TOWN)
    (file,) = cache.folder.iterdir()
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.warns(CacheWarning, match="is damaged"):
        again = run("small", overrides=TOWN)
    assert_same(again, first)
    assert_same(run("small", overrides=TOWN), first)


def test_progress_jumps_to_the_end_of_the_history() -> None:
    run("small", overrides=TOWN)
    reported: list[tuple[int, int]] = []
    run("small", overrides=TOWN, on_week=lambda *weeks: reported.append(weeks))
    assert reported == [(week, 4 * 52) for week in range(2 * 52, 4 * 52 + 1)]


def test_a_comparison_takes_the_history_that_its_arms_share(cache: HistoryCache) -> None:
    arms = ("small", {"extends": "small", "name": "duty", "timeline": [DUTY]})

    def compare_arms() -> Comparison:
        engine = open_in_process_engine(InProcessExecutor())
        return compare(*arms, seeds=2, prevalences=(), overrides=TOWN, engine=engine)

    first = compare_arms()
    assert len(cache.list_histories()) == 2
    assert compare_arms().runs.equals(first.runs)


def test_a_comparison_in_debug_mode_checks_the_history_too(monkeypatch: pytest.MonkeyPatch) -> None:
    run("small", overrides=TOWN)
    weeks = count_simulated_weeks(monkeypatch)
    monkeypatch.setenv("CPSIM_DEBUG", "1")
    arms, engine = (
        ("small", {"extends": "small", "name": "again"}),
        open_in_process_engine(InProcessExecutor()),
    )
    compare(*arms, seeds=1, prevalences=(), overrides=TOWN, engine=engine)
    assert weeks[0] == 0


def test_a_demo_opens_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load("small", TOWN)
    SharedHistory((settings,), 1, opening_week=104).fork()
    weeks = count_simulated_weeks(monkeypatch)
    (model,) = SharedHistory((settings,), 1, opening_week=104).fork()
    assert (model.week, weeks) == (104, [])


def test_a_history_is_not_taken_for_that_of_another_class(cache: HistoryCache) -> None:
    settings = load("small", TOWN)
    start_after_history(lambda: Simulation(settings, seed=1), Simulation, settings, 1, 104, cache)
    model = start_after_history(lambda: Other(settings, seed=1), Other, settings, 1, 104, cache)
    assert type(model) is Other


def test_the_command_runs_without_the_cache_if_asked(
    cache: HistoryCache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = [part for path, value in TOWN.items() for part in ("--set", f"{path}={value}")]
    run_small = ["run", "small", *settings, "--no-figures", "--quiet"]
    assert CliRunner().invoke(main, [*run_small, "--no-cache"]).exit_code == 0
    assert cache.list_histories() == []
    monkeypatch.setenv("CPSIM_CACHE_GB", "0.1")
    assert CliRunner().invoke(main, run_small).exit_code == 0
    listed = CliRunner().invoke(main, ["cache"])
    assert "small" in listed.output
    assert "1 history, " in listed.output
    assert CliRunner().invoke(main, ["cache", "--clear"]).output == "Removed 1 history.\n"


def test_a_damaged_history_is_reported_in_one_line(
    cache: HistoryCache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    run("small", overrides=TOWN)
    (file,) = cache.folder.iterdir()
    file.write_bytes(b"nothing")
    settings = [part for path, value in TOWN.items() for part in ("--set", f"{path}={value}")]
    result = CliRunner().invoke(main, ["run", "small", *settings, "--no-figures", "--quiet"])
    assert result.exit_code == 0
    assert result.stderr == "warning: the cached history is damaged; it is simulated again\n"
