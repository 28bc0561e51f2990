"""The experiments that come with cpsim: each can be read, sized, run and analysed, and none looks at misses alone."""

import json
import re
from copy import deepcopy
from math import prod
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from cpsim.cli import main
from cpsim.study.experiment import load_experiment
from cpsim.study.loaded import load_sweep

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "experiment_library.md"
LIBRARY = sorted((ROOT / "experiments").glob("*.yaml"))
SIDES = {
    "misses": {"missed_risk_rate"},
    "false alarms": {"false_alarm_families_per_10k_year"},
    "workload": {"utilisation_mean"},
    "money": {"cost_gbp_per_child_year"},
}
MOST_CHILDREN = 10_000

of_the_library = pytest.mark.parametrize("file", LIBRARY, ids=lambda file: file.stem)


def read(file: Path) -> dict[str, Any]:
    """What stands in the file, read without cpsim."""
    told: dict[str, Any] = YAML(typ="safe").load(file)
    return told


def runs_told(told: dict[str, Any]) -> int:
    design = told["design"]
    points = (
        design["points"] if design["kind"] == "latin_hypercube" else prod(map(len, told["vary"].values()))
    )
    return len(told["arms"]) * int(points) * int(told["seeds"])


def commanded(*words: str | Path) -> Result:
    ran = CliRunner().invoke(main, [str(word) for word in words])
    assert ran.exit_code == 0, ran.output
    return ran


def shrunken(file: Path, folder: Path) -> Path:
    """The same question put to 300 children for a year, at a few points."""
    told = read(file)
    tiny = {"population": {"children": 300}, "clock": {"warm_up_years": 1}}
    told["arms"] = {name: deepcopy(tiny) | dict(arm) for name, arm in told["arms"].items()}
    told["vary"] = {
        path: values[::2][:2] if isinstance(values, list) else values for path, values in told["vary"].items()
    }
    if told["design"]["kind"] == "latin_hypercube":
        told["design"]["points"] = len(told["vary"]) + 2
    told |= {"seeds": 2, "years": 1}
    small = folder / file.name
    YAML(typ="safe").dump(told, small)
    # Whatever happens in later years happens within the one that is left.
    small.write_text(re.sub(r"\d{4}-\d\d-\d\d", "2005-10-03", small.read_text("utf-8")), "utf-8")
    return small


def test_there_is_an_experiment_for_each_question_of_the_library() -> None:
    assert [file.stem for file in LIBRARY] == [
        "capacity_near_saturation", "duty_trust_workload", "information_capacity", "merger_dip_ties_resistance",
        "pooling_deficit", "thresholds_frontier",
    ]  # fmt: skip


@of_the_library
def test_an_experiment_asks_one_question_of_a_small_place_and_looks_at_all_sides(file: Path) -> None:
    experiment = load_experiment(file)
    definition = experiment.definition
    assert definition.name == file.stem
    assert definition.question.endswith("?")
    assert not [side for side, figures in SIDES.items() if not figures & set(definition.outcomes)]
    assert all(arm.scenario.population.children <= MOST_CHILDREN for arm in experiment.arms.values())


@of_the_library
def test_an_experiment_says_what_to_look_for_and_what_it_cannot_show(file: Path) -> None:
    comment = file.read_text("utf-8").split("\nname:")[0]
    assert all(line.startswith("#") for line in comment.splitlines())
    assert "Look for:" in comment
    assert "Cannot show:" in comment


@of_the_library
def test_the_arms_of_an_experiment_differ(file: Path) -> None:
    arms = [arm.scenario.model_dump_json(exclude={"name"}) for arm in load_experiment(file).arms.values()]
    assert len(set(arms)) == len(arms) > 1


@of_the_library
def test_a_dry_run_counts_the_runs_that_the_file_and_the_page_tell_of(file: Path) -> None:
    runs = json.loads(commanded("sweep", file, "--dry-run", "--json").stdout)["runs"]
    assert runs == runs_told(read(file))
    link = f"(../experiments/{file.name})"
    (paragraph,) = (part for part in PAGE.read_text("utf-8").split("\n## ") if link in part)
    assert f"{runs:,} runs" in paragraph
    assert load_experiment(file).definition.question in " ".join(paragraph.split())


@of_the_library
def test_a_shrunken_experiment_runs_to_its_end_and_is_analysed(file: Path, tmp_path: Path) -> None:
    small = shrunken(file, tmp_path)
    commanded("sweep", small, "--out", tmp_path / "swept", "--workers", "1", "--quiet")
    runs = load_sweep(tmp_path / "swept")
    assert len(runs) == load_experiment(small).number_of_runs
    assert set(runs["status"]) == {"done"}, runs[["stage", "error"]].drop_duplicates().to_string()
    commanded("analyse", tmp_path / "swept", "--quiet")
    page = (tmp_path / "swept" / "analysis" / "analysis.md").read_text("utf-8")
    assert load_experiment(small).definition.question in page
