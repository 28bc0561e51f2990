"""The experiments that come with cpsim can be read, estimated, run and analysed, and none looks at misses alone."""

import json
from math import prod
from pathlib import Path
from typing import Any

from tests.experiment.library import LIBRARY, PAGE, of_the_library, read, run_cpsim

from cpsim.experiment.read import load_experiment

KINDS_OF_OUTCOME = {
    "misses": {"missed_risk_rate"},
    "assessments": {"assessed_neither_per_10k_year"},
    "workload": {"utilisation_mean"},
    "money": {"cost_gbp_per_child_year"},
}
MOST_CHILDREN = 10_000


def count_runs(content: dict[str, Any]) -> int:
    design = content["design"]
    points = (
        design["points"] if design["kind"] == "latin_hypercube" else prod(map(len, content["vary"].values()))
    )
    return len(content["arms"]) * int(points) * int(content["seeds"])


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
