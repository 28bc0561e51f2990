"""Experiment files and their points files, changed at random."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from tests.files import ROOT
from tests.fuzz.documented import check_problems_of_file, run_command
from tests.fuzz.target import Target
from tests.fuzz.texts import EditedText, FileContent, edited_texts

from cpsim.experiment.read import Experiment, load_experiment
from cpsim.experiment.runs import build_run_scenario
from cpsim.scenario.problems import ScenarioError

_HEAD = """\
name: trust
base: small
arms:
  as_it_was: {population: {children: 200}, clock: {warm_up_years: 1}}
  bound:
    population: {children: 200}
    clock: {warm_up_years: 1}
    timeline: [{date: 2005-10-03, lever: duty, kinds: [school, gp], bound: true}]
years: 1
outcomes: [missed_risk_rate, chain_stopped_at.C3]
"""
_VARY = """\
vary:
  network.trust_start: {from: 0.2, to: 0.6}
  front_door.referral_threshold: {distribution: normal, mean: 3.0, sd: 0.5, low: 2.0, high: 4.0}
  workforce.assessment_posts_per_10k: {from: 1, to: 9, scale: log}
"""
OWN = {
    "a grid": _HEAD
    + "vary:\n  network.trust_start: [0.2, 0.6]\n  duties.gp.bound: [true, false]\nseeds: 3\n",
    "a list of points": _HEAD + "design: {kind: list, file: points.csv}\nseeds: [4, 9]\n",
    "a latin hypercube": f"{_HEAD}{_VARY}"
    "  harm.spell_median_weeks: {distribution: lognormal, median: 30, sd_log: 0.5, low: 5, high: 90}\n"
    "  sharing.share_noise: {distribution: triangular, low: 0, mode: 0.4, high: 1}\n"
    "design: {kind: latin_hypercube, points: 8, seed: 2}\n"
    "correlation: [{between: [network.trust_start, sharing.share_noise], r: 0.4}]\n"
    "budget: {runs: 500, minutes: 10}\n",
    "a sobol design": f"{_HEAD}{_VARY}design: {{kind: sobol, base_points: 4, pairs: true}}\n",
    "a morris design": f"{_HEAD}{_VARY}design: {{kind: morris, trajectories: 3, levels: 4}}\n",
    "one at a time": f"{_HEAD}{_VARY}design: {{kind: one_at_a_time}}\n",
    "a base in a file": "base: other.yaml\narms: {a: , b: {extends: other.yaml, network: {graphml: n.graphml}}}\n",
    "nothing": "",
}
"""Experiment files written for this purpose: name -> text."""

POINTS = {
    "commas": "network.trust_start,duties.gp.bound,population.children\n0.2,true,200\n0.4,false,300\n",
    "semicolons": 'network.trust_start;clock.start\n0.2;2005-04-01\n"0.4";2006-04-01\n',
    "tabs": "\tnetwork.trust_start\tname\n0\t0.2\tA town\n1\t4e-1\t\n",
}
"""Points files written for this purpose: name -> text."""


@cache
def list_experiment_texts() -> dict[str, str]:
    """List the texts that are changed: our own, and the experiments of the project."""
    shipped = {file.stem: file.read_text("utf-8") for file in sorted((ROOT / "experiments").glob("*.yaml"))}
    return {**OWN, **shipped}


@dataclass(frozen=True)
class ExperimentFile:
    """An experiment file and its points file, and whether it is planned by the command line too."""

    text: FileContent
    points: FileContent
    by_command: bool


def plan_experiment(given: ExperimentFile, folder: Path) -> bool:
    """Load an experiment, and build the scenarios of its first point; a small one is estimated by the command."""
    file = folder / "edited.yaml"
    file.write_bytes(given.text.encode(list_experiment_texts()))
    (folder / "points.csv").write_bytes(given.points.encode(POINTS))
    (folder / "other.yaml").write_text("extends: small\npopulation: {children: 200}\n", "utf-8")
    try:
        experiment = load_experiment(file)
    except ScenarioError as error:
        check_problems_of_file(error, file)
        experiment = None
    if given.by_command and (experiment is None or _is_small(experiment)):
        run_command("sweep", str(file), "--dry-run", codes=(0,) if experiment else (2,))
    if experiment is None:
        return False
    for arm in experiment.arms:
        try:
            build_run_scenario(experiment, arm, int(experiment.points.index[0]))
        except ScenarioError as error:  # the values of a point can contradict each other
            check_problems_of_file(error, file)
    return True


def _is_small(experiment: Experiment) -> bool:
    scenario = next(iter(experiment.arms.values())).scenario
    return scenario.population.children * scenario.authorities.count <= 1_000


EXPERIMENT_TEXT = Target(
    "experiment_text",
    "experiment files and points files with changed lines, values and characters",
    st.one_of(
        st.builds(
            ExperimentFile,
            edited_texts(sorted(list_experiment_texts())),
            st.just(EditedText("commas", ())),
            st.booleans(),
        ),
        st.builds(
            ExperimentFile,
            st.just(EditedText("a list of points", ())),
            edited_texts(sorted(POINTS)),
            st.booleans(),
        ),
    ),
    plan_experiment,
    examples=100,
    few=40,
)
