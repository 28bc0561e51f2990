"""Arms with other children are compared without pairing, and arms that evaluate other years are refused."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import cpsim
from cpsim.cli import main
from cpsim.comparison.compare import ComparisonError, plan_comparison
from cpsim.experiment.read import load_experiment
from cpsim.parallel.engine import open_in_process_engine
from cpsim.scenario import from_mapping
from cpsim.scenario.problems import ScenarioError
from cpsim.world import draw_world
from cpsim.world.comparable import ArmsDifferError, changes_children, check_arms

TOWN = {"extends": "small", "population": {"children": 300}, "clock": {"years": 1, "warm_up_years": 0}}

ARMS = """
base: small
years: 1
arms:
  town: {population: {children: 200}, clock: {warm_up_years: 0}}
  city: {population: {children: 400}, clock: {warm_up_years: 0}}
seeds: 3
outcomes: [missed_risk_rate, cost_gbp_per_child_year]
"""
OTHER = "city has other children than town, so they are compared without pairing: population.children is 200 in town "


def write_file(folder: Path, text: str, name: str) -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def check(**sections: object) -> dict[str, str]:
    """Check an arm in which these sections of the settings differ."""
    arms = {"here": TOWN, "there": TOWN | sections}
    return check_arms({name: from_mapping(settings).model_dump() for name, settings in arms.items()})


@pytest.mark.parametrize(
    ("section", "settings", "message"),
    [
        ("population", {"children": 310}, "population.children is 300 in here and 310 in there"),
        ("population", {"children": 300, "group_share": 0.4}, "population.group_share is"),
        ("population", {"children": 300, "extra_sibling_chance": 0.1}, "population.extra_sibling_chance is"),
        ("authorities", {"count": 2}, "authorities.count is 1 in here and 2 in there"),
        ("authorities", {"named": [{"name": "Ashford", "deprivation": 3}]}, "authorities.named differ"),
    ],
)
def test_settings_on_which_the_children_depend_make_other_children(
    section: str, settings: dict[str, object], message: str
) -> None:
    (sentence,) = check(**{section: settings}).values()
    assert sentence.startswith(
        f"there has other children than here, so they are compared without pairing: {message}"
    )
    assert sentence.endswith("Make these settings equal to pair them.")


@pytest.mark.parametrize(
    ("section", "settings"),
    [
        ("population", {"children": 300, "home_moves_per_year": 0.5}),
        ("authorities", {"named": [{"name": "Ashford", "money": 3}]}),
        ("authorities", {"size_spread": 1.0}),
        ("harm", {"onset_per_year": 0.2}),
        ("network", {"trust_start": 0.9}),
    ],
)
def test_other_settings_leave_the_children_as_they_are(section: str, settings: dict[str, object]) -> None:
    assert check(**{section: settings}) == {}
    worlds = [draw_world(from_mapping(given), 1) for given in (TOWN, TOWN | {section: settings})]
    for column in ("birth", "family", "area", "decile", "group"):
        one, other = (getattr(world.children, column) for world in worlds)
        assert (one == other).all()


@pytest.mark.parametrize(
    ("section", "settings", "message"),
    [
        (
            "clock",
            {"years": 2, "warm_up_years": 0},
            "different years: clock.years is 1 in here and 2 in there",
        ),
        (
            "clock",
            {"years": 1, "warm_up_years": 1},
            "different years: clock.warm_up_years is 0 in here and 1 in",
        ),
        (
            "measures",
            {"horizon_weeks": 26},
            "different deadlines: measures.horizon_weeks is 13 in here and 26 in",
        ),
    ],
)
def test_arms_that_evaluate_other_years_or_deadlines_are_refused(
    section: str, settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ArmsDifferError, match=f"here and there evaluate {message}"):
        check(**{section: settings})


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("population.children", True),
        ("clock.years", True),
        ("clock.start", False),
        ("harm.harm_cutoff", False),
    ],
)
def test_a_varied_setting_may_change_the_children(path: str, changes: bool) -> None:
    assert changes_children(path) == changes


def test_comparison_and_experiment_refuse_other_years_with_the_same_sentence(tmp_path: Path) -> None:
    later = TOWN | {"name": "later", "clock": {"years": 1, "warm_up_years": 0, "start": "2006-04-01"}}
    sentence = (
        "clock.start is 2005-04-01 in {} and 2006-04-01 in {}. Make them equal, for example with "
        "clock.start=2006-04-01, after --set or in a file"
    )
    with pytest.raises(ComparisonError, match=sentence.format("small", "later")):
        plan_comparison([TOWN, later])
    text = ARMS.replace("city: {population: {children: 400}, clock: {", "city: {clock: {start: 2006-04-01, ")
    with pytest.raises(
        ScenarioError, match=rf"arms.yaml:6:3: arms\.city: .*{sentence.format('town', 'city')}"
    ):
        load_experiment(write_file(tmp_path, text, "arms.yaml"))


def test_a_sweep_of_other_children_says_so_and_pairs_nothing(tmp_path: Path) -> None:
    file = write_file(tmp_path, ARMS, "arms.yaml")
    result = CliRunner().invoke(main, ["sweep", str(file), "--dry-run"])
    assert result.exit_code == 0
    assert result.stderr.startswith(
        f"warning: {OTHER}and 400 in city. Make these settings equal to pair them."
    )
    cpsim.sweep(file, tmp_path / "swept", open_in_process_engine())
    analysis = cpsim.analyse(tmp_path / "swept")
    assert not analysis.tables["differences"]["paired"].any()
    assert not analysis.tables["differences_by_point"]["paired"].any()
    assert {"conditions", "regret", "pareto"}.isdisjoint(analysis.tables)
    assert set(analysis.tables["seeds"]["of"]) == {"town"}
    assert any(sentence.startswith(OTHER) for sentence in analysis.gaps)
    assert CliRunner().invoke(main, ["analyse", str(tmp_path / "swept")]).exit_code == 0
    page = re.sub("<[^>]*>", "", (tmp_path / "swept" / "report.html").read_text("utf-8"))
    assert OTHER in page
    assert "on the same children" not in page


def test_a_comparison_with_other_children_says_so_and_pairs_nothing() -> None:
    city = TOWN | {"name": "city", "population": {"children": 310}}
    found = cpsim.compare(TOWN, city, seeds=2, prevalences=(), engine=open_in_process_engine())
    assert found.pairing == {"city": "seed"}
    assert len(found.prices) == len(found.children) == 0
    assert any("city has other children than small, so they are compared without pairing: population.children is "
               "300 in small and 310 in city" in sentence for sentence in found.describe())  # fmt: skip


def test_points_with_other_children_are_not_said_to_have_the_same(tmp_path: Path) -> None:
    town = "{clock: {warm_up_years: 0}}"
    text = (
        f"base: small\nyears: 1\narms: {{town: {town}}}\nvary: {{population.children: [200, 400]}}\nseeds: 1"
    )
    file = write_file(tmp_path, text, "points.yaml")
    cpsim.sweep(file, tmp_path / "swept", open_in_process_engine())
    gaps = cpsim.analyse(tmp_path / "swept").gaps
    assert (
        "Points with other values of “children” have other children, so chance is part of its effect." in gaps
    )
