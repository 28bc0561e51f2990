"""The experiments that come with cpsim can be read, estimated, run and analysed, and none looks at misses alone."""

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
from cpsim.experiment.read import load_experiment
from cpsim.sweeps.loaded import load_sweep

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "experiment_library.md"
LIBRARY = sorted((ROOT / "experiments").glob("*.yaml"))
KINDS_OF_OUTCOME = {
    "misses": {"missed_risk_rate"},
    "false alarms": {"false_alarm_families_per_10k_year"},
    "workload": {"utilisation_mean"},
    "money": {"cost_gbp_per_child_year"},
}
MOST_CHILDREN = 10_000

of_the_library = pytest.mark.parametrize("file", LIBRARY, ids=lambda file: file.stem)


def read(file: Path) -> dict[str, Any]:
    """Read an experiment file without cpsim."""
    content: dict[str, Any] = YAML(typ="safe").load(file)
    return content


def count_runs(content: dict[str, Any]) -> int:
    design = content["design"]
    points = (
        design["points"] if design["kind"] == "latin_hypercube" else prod(map(len, content["vary"].values()))
    )
    return len(content["arms"]) * int(points) * int(content["seeds"])


def run_cpsim(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def shrink_experiment(file: Path, folder: Path) -> Path:
    """Write the same experiment with 300 children, one evaluated year and a few points."""
    content = read(file)
    tiny = {"population": {"children": 300}, "clock": {"warm_up_years": 1}}
    content["arms"] = {name: deepcopy(tiny) | dict(arm) for name, arm in content["arms"].items()}
    content["vary"] = {
        path: values[::2][:2] if isinstance(values, list) else values
        for path, values in content["vary"].items()
    }
    if content["design"]["kind"] == "latin_hypercube":
        content["design"]["points"] = len(content["vary"]) + 2
    content |= {"seeds": 2, "years": 1}
    small = folder / file.name
    YAML(typ="safe").dump(content, small)
    # Later events are moved into the one evaluated year.
    small.write_text(re.sub(r"\d{4}-\d\d-\d\d", "2005-10-03", small.read_text("utf-8")), "utf-8")
    return small


def test_there_is_an_experiment_for_each_question_of_the_library() -> None:
    assert [file.stem for file in LIBRARY] == [
        "capacity_near_saturation", "duty_trust_workload", "information_capacity", "merger_dip_ties_resistance",
        "pooling_deficit", "thresholds_frontier",
    ]  # fmt: skip


@of_the_library
def test_an_experiment_has_a_question_a_small_authority_and_outcomes_of_every_kind(file: Path) -> None:
    experiment = load_experiment(file)
    definition = experiment.definition
    assert definition.name == file.stem
    assert definition.question.endswith("?")
    assert not [kind for kind, names in KINDS_OF_OUTCOME.items() if not names & set(definition.outcomes)]
    assert all(arm.scenario.population.children <= MOST_CHILDREN for arm in experiment.arms.values())


@of_the_library
def test_an_experiment_file_states_what_to_look_for_and_what_it_cannot_show(file: Path) -> None:
    comment = file.read_text("utf-8").split("\nname:")[0]
    assert all(line.startswith("#") for line in comment.splitlines())
    assert "Look for:" in comment
    assert "Cannot show:" in comment


@of_the_library
def test_the_arms_of_an_experiment_differ(file: Path) -> None:
    arms = [arm.scenario.model_dump_json(exclude={"name"}) for arm in load_experiment(file).arms.values()]
    assert len(set(arms)) == len(arms) > 1


@of_the_library
def test_a_dry_run_counts_as_many_runs_as_the_file_and_the_page(file: Path) -> None:
    runs = json.loads(run_cpsim("sweep", file, "--dry-run", "--json").stdout)["runs"]
    assert runs == count_runs(read(file))
    link = f"(../experiments/{file.name})"
    (paragraph,) = (part for part in PAGE.read_text("utf-8").split("\n## ") if link in part)
    assert f"{runs:,} runs" in paragraph
    assert load_experiment(file).definition.question in " ".join(paragraph.split())


@of_the_library
def test_a_shrunken_experiment_can_be_run_and_analysed(file: Path, tmp_path: Path) -> None:
    small = shrink_experiment(file, tmp_path)
    run_cpsim("sweep", small, "--out", tmp_path / "sweep", "--workers", "1", "--quiet")
    runs = load_sweep(tmp_path / "sweep")
    assert len(runs) == load_experiment(small).number_of_runs
    assert set(runs["status"]) == {"done"}, runs[["stage", "error"]].drop_duplicates().to_string()
    run_cpsim("analyse", tmp_path / "sweep", "--quiet")
    page = (tmp_path / "sweep" / "analysis" / "analysis.md").read_text("utf-8")
    assert load_experiment(small).definition.question in page
