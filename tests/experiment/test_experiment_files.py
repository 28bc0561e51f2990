"""An experiment file is checked like a scenario: all errors are reported at once, each with its place."""

from pathlib import Path

import pytest

from cpsim.experiment.read import Experiment, load_experiment
from cpsim.experiment.runs import build_run_scenario, build_run_table, list_fixed_settings, read_point_values
from cpsim.model import ChildProtectionModel
from cpsim.network.graphml import write_graphml
from cpsim.scenario import ScenarioError
from cpsim.scenario.read import load

BOUND = "{timeline: [{date: 2006-04-03, lever: duty, kinds: [school, gp], bound: true}]}"
DUTY = f"""\
name: duty_trust
question: Does a duty help where there is no trust?
base: small
arms:
  as_it_was:
  bound: {BOUND}
vary:
  network.trust_start: [0.2, 0.6]
  sharing.duty_effect: [0, 0.7]
seeds: 3
outcomes: [missed_risk_rate, chain_stopped_at.C3]
years: 2
"""


def write_file(folder: Path, text: str, name: str = "x.yaml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def read(folder: Path, text: str) -> Experiment:
    return load_experiment(write_file(folder, text))


def list_problems(folder: Path, text: str) -> list[str]:
    """List the errors of an experiment file called `x.yaml`, one line each."""
    with pytest.raises(ScenarioError) as caught:
        read(folder, text)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_an_experiment_compares_its_arms_at_every_point_with_the_same_seeds(tmp_path: Path) -> None:
    experiment = read(tmp_path, DUTY)
    runs = build_run_table(experiment)
    assert list(experiment.arms) == ["as_it_was", "bound"]
    assert len(runs) == experiment.number_of_runs == 2 * 4 * 3
    assert runs["run_id"].is_unique
    assert runs.equals(runs.sort_values(["arm", "point", "seed"]))
    for _, of_arm in runs.groupby("arm", observed=True):
        assert of_arm["seed"].tolist() == [1, 2, 3] * 4
        assert of_arm["point"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_the_scenario_of_a_run_is_its_base_overridden_by_the_arm_and_the_point(tmp_path: Path) -> None:
    experiment = read(tmp_path, DUTY)
    assert read_point_values(experiment, 1) == {"network.trust_start": 0.2, "sharing.duty_effect": 0.7}
    scenario = build_run_scenario(experiment, "bound", 1)
    expected = load("small", ["network.trust_start=0.2", "sharing.duty_effect=0.7", "clock.years=2"])
    assert scenario.model_copy(update={"timeline": ()}) == expected
    assert scenario.timeline[0].lever == "duty"
    assert build_run_scenario(experiment, "as_it_was", 1) == expected


def test_an_experiment_without_arms_and_points_runs_its_base(tmp_path: Path) -> None:
    experiment = read(tmp_path, "base: small\nseeds: [4, 9]")
    assert build_run_table(experiment)[["arm", "point", "seed"]].values.tolist() == [
        ["base", 0, 4],
        ["base", 0, 9],
    ]
    assert build_run_scenario(experiment, "base", 0) == load("small")


def test_an_arm_may_start_from_another_scenario(tmp_path: Path) -> None:
    write_file(tmp_path, "name: theirs\nextends: small\nsharing: {share_noise: 0.4}", "theirs.yaml")
    experiment = read(tmp_path, "base: small\narms: {ours: {}, theirs: {extends: theirs.yaml}}")
    assert build_run_scenario(experiment, "theirs", 0) == load(tmp_path / "theirs.yaml")
    assert build_run_scenario(experiment, "ours", 0) == load("small")


def test_the_identifier_of_a_run_depends_on_its_settings_and_not_on_names(tmp_path: Path) -> None:
    ids = build_run_table(read(tmp_path, DUTY))["run_id"].tolist()
    renamed = DUTY.replace("name: duty_trust", "name: other").replace("as_it_was", "before")
    assert build_run_table(read(tmp_path, renamed))["run_id"].tolist() == ids
    for change in ("seeds: [4, 5, 6]", "years: 3", "sharing.duty_effect: [0.1, 0.8]", "bound: false"):
        key = change.split(":")[0]
        changed = "\n".join(
            line.replace("bound: true", "bound: false") if key == "bound" else
            line.split(key)[0] + change if line.strip().startswith(f"{key}:") else line
            for line in DUTY.splitlines()
        )  # fmt: skip
        others = build_run_table(read(tmp_path, changed))["run_id"].tolist()
        assert others[-12:] != ids[-12:], change
        assert list_fixed_settings(read(tmp_path, changed)) != list_fixed_settings(read(tmp_path, DUTY)), (
            change
        )


def test_repeated_runs_have_different_identifiers(tmp_path: Path) -> None:
    write_file(tmp_path, "network.trust_start\n0.2\n0.2\n0.3\n", "points.csv")
    text = "base: small\narms: {a: {}, b: {}}\nseeds: 2\ndesign: {kind: list, file: points.csv}"
    runs = build_run_table(read(tmp_path, text))
    assert len(runs) == 12
    assert runs["run_id"].is_unique


def test_budget_and_names_are_not_among_the_fixed_settings(tmp_path: Path) -> None:
    changed = DUTY.replace("a duty help", "it help").replace("seeds: 3", "seeds: [1, 2, 3]")
    assert list_fixed_settings(read(tmp_path, changed + "budget: {runs: 24}")) == list_fixed_settings(
        read(tmp_path, DUTY)
    )


def test_a_network_file_is_identified_by_its_content(tmp_path: Path) -> None:
    text = "base: small\narms: {ours: {network: {graphml: ties.graphml}}}"
    ids = []
    model = ChildProtectionModel(
        "small", **{"population.children": 500, "clock.years": 1, "clock.warm_up_years": 0}
    )
    text = text.replace(
        "ours: {", "ours: {population: {children: 500}, clock: {years: 1, warm_up_years: 0}, "
    )
    for trust in (0.3, 0.6):
        model.ties.trust[:] = trust
        write_graphml(model.ties, model.nodes, tmp_path / "ties.graphml")
        experiment = read(tmp_path, text)
        ids += build_run_table(experiment)["run_id"].tolist()
        assert build_run_scenario(experiment, "ours", 0).network.graphml == str(tmp_path / "ties.graphml")
    assert len(set(ids)) == 2


def test_texts_dates_and_switches_can_vary(tmp_path: Path) -> None:
    experiment = read(
        tmp_path,
        "base: small\nvary:\n  agencies.school.catchment: [area, authority]\n  clock.start: [2004-04-01, 2005-04-01]\n"
        "  duties.school.bound: [true, false]\n  duties.school.awareness: [0, 1]",
    )
    last = build_run_scenario(experiment, "base", 15)
    assert (last.agencies["school"].catchment, str(last.clock.start)) == ("authority", "2005-04-01")
    assert (last.duties["school"].bound, last.duties["school"].awareness) == (False, 1.0)


def test_a_setting_of_an_event_varies_within_the_limits_of_its_lever(tmp_path: Path) -> None:
    text = (
        "base: small\narms: {a: {timeline: [{date: 2006-04-03, lever: duty, kinds: [gp], bound: true}]}}\n"
        "vary:\n  timeline[0].awareness: {from: 0.1, to: 0.9}\ndesign: {kind: latin_hypercube, points: 4}"
    )
    experiment = read(tmp_path, text)
    for point, awareness in enumerate(experiment.points["timeline[0].awareness"]):
        assert build_run_scenario(experiment, "a", point).timeline[0].model_dump()["awareness"] == awareness
    (problem,) = list_problems(tmp_path, text.replace("0.9", "9"))
    assert "expected a number from 0 to 1, not 9" in problem


def test_one_at_a_time_starts_from_the_value_or_the_default_of_the_base(tmp_path: Path) -> None:
    text = "base: small\nvary: {population.children: [500], sharing.share_noise: [0, 1]}\ndesign: {kind: one_at_a_time}"
    noise = load("small").sharing.share_noise
    points = read(tmp_path, text).points.to_numpy().tolist()
    assert points == [[10_000, noise], [500, noise], [10_000, 0], [10_000, 1]]
    event = "arms: {a: {timeline: [{lever: duty, kinds: [gp], bound: true}]}}"
    (problem,) = list_problems(
        tmp_path, f"{text}\n{event}".replace("sharing.share_noise", "'timeline[0].awareness'")
    )
    assert "the base has no value here" in problem


def test_every_value_outside_its_limits_is_reported(tmp_path: Path) -> None:
    problems = list_problems(tmp_path, "base: small\nvary: {network.trust_start: [0.5, 1.2, 1.5, 0.7, -1]}")
    assert [line.split(": ")[1][-3:] for line in problems] == ["[1]", "[2]", "[4]"]


ERRORS = {
    "a misspelt setting": ("bse: small", "1:1: bse: ", "did you mean 'base'?"),
    "a scenario in place of a base": ("scenario: small", "1:1: scenario: ", "did you mean 'base'?"),
    "seeds by another word": ("base: small\nreplicates: 5", "2:1: replicates: ", "did you mean 'seeds'?"),
    "a seed with a fraction": (
        "base: small\nseeds: [1.5]",
        "2:9: seeds[0]: ",
        "expected a whole number from 0 to 4294967295, not 1.5",
    ),
    "a name with an escape sequence": ('name: "a\\e[31m"', "1:7: name: ", "an escape character (U+001B)"),
    "a question in curly quotes": ("question: “What if?”", "1:11: question: ", "curly quotation marks"),
    "a hidden base": ("base: .ssh/config.yaml", "1:7: base: ", "is hidden"),
    "a base that is no scenario file": ("base: notes.txt", "1:7: base: ", "whose name ends in .yaml or .yml"),
    "a list of points of another kind": (
        "base: small\ndesign: {kind: list, file: points.xlsx}",
        "2:28: design.file: ",
        "whose name ends in .csv or .txt",
    ),
    "a list of points elsewhere": (
        "base: small\ndesign: {kind: list, file: /dev/zero}",
        "2:28: design.file: ",
        "a path must be relative to the file that names it",
    ),
    "more arms than anyone compares": (
        "base: small\narms:\n" + "".join(f"  arm_{number}: {{}}\n" for number in range(3_000)),
        "2:1: arms: ",
        "3,000 arms; at most 100 are allowed",
    ),
    "an unknown base": ("base: smal", "1:7: base: ", "did you mean 'small'?"),
    "a base outside the folder": ("base: ../small.yaml", "1:7: base: ", "outside the folder"),
    "a misspelt setting of an arm": (
        "base: small\narms:\n  a: {sharing: {share_nois: 0.4}}",
        "3:17: arms.a.sharing.share_nois: ",
        "did you mean 'share_noise'?",
    ),
    "an arm that contradicts itself": (
        "base: small\narms:\n  a: {timeline: [{date: 2006-04-03, lever: duty, kinds: [schol], bound: true}]}",
        "3:58: arms.a.timeline[0].kinds[0]: ",
        "did you mean 'school'?",
    ),
    "an arm with a space in its name": (
        "base: small\narms: {'a b': {}}",
        "2:8: arms.'a b': ",
        "letters, digits",
    ),
    "an arm that is a number": ("base: small\narms: {a: 3}", "2:11: arms.a: ", "a group of settings"),
    "a path without its section": (
        "base: small\nvary:\n  trust_start: [0.2]",
        "3:3: vary.trust_start: ",
        "did you mean 'network.trust_start'?",
    ),
    "a misspelt path": (
        "base: small\nvary: {network.trust_strt: [0.2]}",
        "2:8: vary.'network.trust_strt': ",
        "did you mean 'trust_start'?",
    ),
    "a path to a group": (
        "base: small\nvary: {network: [1]}",
        "2:8: vary.network: ",
        "choose one of graphml",
    ),
    "a path without effect": (
        "base: small\nvary: {name: [a, b]}",
        "2:8: vary.name: ",
        "has no effect on a run",
    ),
    "an event that does not exist": (
        "base: small\nvary: {'timeline[0].awareness': [0.1]}",
        "2:34: vary.'timeline[0].awareness'[0]: ",
        "timeline: this is not a list with entries",
    ),
    "a value outside its limits": (
        "base: small\nvary: {network.trust_start: [0.2, 1.2]}",
        "2:35: vary.'network.trust_start'[1]: ",
        "a number from 0 to 1, not 1.2",
    ),
    "half a child": (
        "base: small\nvary: {population.children: {from: 800.5, to: 900}}\ndesign: {kind: latin_hypercube, points: 2}",
        "2:36: vary.'population.children'.from: ",
        "a whole number from 200 to 1000000, not 800.5",
    ),
    "a range that ends too high": (
        "base: small\nvary: {network.trust_start: {from: 0, to: 2}}\ndesign: {kind: latin_hypercube, points: 2}",
        "2:43: vary.'network.trust_start'.to: ",
        "a number from 0 to 1, not 2",
    ),
    "a range the wrong way round": (
        "base: small\nvary: {network.trust_start: {from: 1, to: 0}}\ndesign: {kind: latin_hypercube, points: 2}",
        "2:43: vary.'network.trust_start'.to: ",
        "0 is not above from, which is 1",
    ),
    "a logarithm of zero": (
        "base: small\nvary: {network.trust_start: {from: 0, to: 1, scale: log}}\n"
        "design: {kind: latin_hypercube, points: 2}",
        "2:36: vary.'network.trust_start'.from: ",
        "must start above 0",
    ),
    "a single value": (
        "base: small\nvary: {network.trust_start: 0.2}",
        "2:29: vary.'network.trust_start': ",
        "expected a list of values, a range {from: 0.1, to: 0.9}, or a distribution, not 0.2",
    ),
    "a misspelt limit": (
        "base: small\nvary: {network.trust_start: {from: 0.1, to: 0.2, scal: log}}\n"
        "design: {kind: latin_hypercube, points: 2}",
        "2:50: vary.'network.trust_start'.scal: ",
        "did you mean 'scale'? allowed: from, to, scale",
    ),
    "an unknown distribution": (
        "base: small\nvary: {network.trust_start: {distribution: norml, mean: 0, sd: 1, low: 0, high: 1}}",
        "2:44: vary.'network.trust_start'.distribution: ",
        "did you mean 'normal'?",
    ),
    "a distribution without limits": (
        "base: small\nvary: {network.trust_start: {distribution: normal, mean: 0, sd: 1, low: 0}}",
        "2:8: vary.'network.trust_start'.high: ",
        "this setting is missing",
    ),
    "a distribution far outside its limits": (
        "base: small\nvary: {network.trust_start: {distribution: normal, mean: -9, sd: 0.1, low: 0, high: 1}}\n"
        "design: {kind: latin_hypercube, points: 2}",
        "2:8: vary.'network.trust_start': ",
        "practically no probability",
    ),
    "a value twice": (
        "base: small\nvary: {network.trust_start: [0.2, 0.2]}",
        "2:35: vary.'network.trust_start'[1]: ",
        "0.2 is in this list twice",
    ),
    "a grid of ranges": (
        "base: small\nvary: {network.trust_start: {from: 0, to: 1}}",
        "2:8: vary.'network.trust_start': ",
        "a grid needs a list",
    ),
    "an unknown design": (
        "base: small\ndesign: {kind: sobel}",
        "2:16: design.kind: ",
        "mean 'sobol'?",
    ),
    "a design without a kind": (
        "base: small\ndesign: {points: 3}",
        "2:9: design.kind: ",
        "one of grid, list",
    ),
    "a misspelt setting of a design": (
        "base: small\nvary: {network.trust_start: [0.2]}\ndesign: {kind: latin_hypercube, point: 3, points: 2}",
        "3:33: design.point: ",
        "did you mean 'points'? allowed: kind, points, seed",
    ),
    "a design without varied settings": (
        "base: small\ndesign: {kind: sobol, base_points: 8}",
        "2:16: design.kind: ",
        "add vary",
    ),
    "a number of Sobol points that is not a power of two": (
        "base: small\nvary: {network.trust_start: [0.2]}\ndesign: {kind: sobol, base_points: 100}",
        "3:36: design.base_points: ",
        "a power of two, such as 64 or 128, not 100",
    ),
    "an odd number of Morris levels": (
        "base: small\nvary: {network.trust_start: [0.2]}\ndesign: {kind: morris, trajectories: 2, levels: 5}",
        "3:49: design.levels: ",
        "an even number",
    ),
    "a correlation with a setting that does not vary": (
        "base: small\nvary: {network.trust_start: [0.2]}\ndesign: {kind: latin_hypercube, points: 9}\n"
        "correlation: [{between: [network.trust_start, network.trust_spread], r: 0.2}]",
        "4:47: correlation[0].between[1]: ",
        "'network.trust_spread' is not varied; did you mean 'network.trust_start'?",
    ),
    "correlations that contradict each other": (
        "base: small\nvary:\n  network.trust_start: [0.2, 0.3]\n  network.trust_new: [0.2, 0.3]\n"
        "  network.trust_gain: [0.2, 0.3]\ndesign: {kind: latin_hypercube, points: 9}\n"
        "correlation:\n  - {between: [network.trust_start, network.trust_new], r: 0.9}\n"
        "  - {between: [network.trust_start, network.trust_gain], r: 0.9}\n"
        "  - {between: [network.trust_new, network.trust_gain], r: -0.9}",
        "8:3: correlation: ",
        "contradict each other",
    ),
    "a correlation in a grid": (
        "base: small\nvary: {network.trust_start: [0.2], network.trust_new: [0.3]}\n"
        "correlation: [{between: [network.trust_start, network.trust_new], r: 0.2}]",
        "3:14: correlation: ",
        "only a latin_hypercube",
    ),
    "an unknown outcome": (
        "base: small\noutcomes: [missed_risk_rat]",
        "2:12: outcomes[0]: ",
        "did you mean 'missed_risk_rate'?",
    ),
    "an outcome without its part": (
        "base: small\noutcomes: [chain_stopped_at]",
        "2:12: outcomes[0]: ",
        "choose one, such as chain_stopped_at.C0",
    ),
    "an unknown part of an outcome": (
        "base: small\noutcomes: [source_share.polise]",
        "2:12: outcomes[0]: ",
        "did you mean 'police'?",
    ),
    "a seed twice": ("base: small\nseeds: [1, 1]", "2:12: seeds[1]: ", "twice"),
    "more runs than the budget allows": (
        "base: small\nseeds: 9\nbudget: {runs: 8}",
        "3:16: budget.runs: ",
        "1 point x 1 arm x 9 seeds = 9 runs; the budget allows 8",
    ),
    "no years": ("base: small\nyears: 0", "2:8: years: ", "a whole number from 1 to 100, not 0"),
    "arms that differ in what varies": (
        "base: small\narms: {a: {}, b: {network: {trust_start: 0.9}}}\nvary: {network.trust_start: [0.1, 0.2]}",
        "3:8: vary.'network.trust_start': ",
        "the arms give this setting different values (a: not set, b: 0.9)",
    ),
    "a list of points that does not exist": (
        "base: small\ndesign: {kind: list, file: points.csv}",
        "2:28: design.file: ",
        "this list of points has errors",
    ),
}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_reported_with_its_place_and_what_is_allowed(error: str, tmp_path: Path) -> None:
    text, place, message = ERRORS[error]
    (problem,) = [line for line in list_problems(tmp_path, text) if line.startswith("x.yaml")]
    assert problem.startswith(f"x.yaml:{place}")
    assert message in problem


def test_all_errors_of_a_file_are_reported_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        DUTY.replace("question:", "qestion:").replace("0.6]", "6]").replace("kinds: [school", "kinds: [skool")
    )
    text = text.replace("seeds: 3", "seeds: many").replace("chain_stopped_at.C3", "chain_stopped_at.C33")
    assert [line.split(": ")[1] for line in list_problems(tmp_path, text)] == [
        "qestion",
        "arms.bound.timeline[0].kinds[0]",
        "vary.'network.trust_start'[1]",
        "seeds",
        "outcomes[1]",
    ]


def test_an_error_in_the_base_is_reported_in_the_base_and_where_it_is_named(tmp_path: Path) -> None:
    write_file(tmp_path, "name: b\nclock: {yers: 3}", "b.yaml")
    assert [line.split(": ")[0] for line in list_problems(tmp_path, "name: a\nbase: b.yaml")] == [
        "b.yaml:2:9",
        "x.yaml:2:7",
    ]


@pytest.mark.parametrize(
    "text", ["", "- 1", "base: [", "arms: 3", "vary: [1]", "design: 3", "outcomes: {}", "a: b: c"]
)
def test_a_file_of_another_kind_is_refused_with_a_place(text: str, tmp_path: Path) -> None:
    assert all(line.startswith("x.yaml:1:") for line in list_problems(tmp_path, text))


LIST = "base: small\ndesign: {kind: list, file: points.csv}"


def test_points_can_be_read_from_a_list(tmp_path: Path) -> None:
    write_file(tmp_path, "network.trust_start,population.children\n0.1,500\n1,600\n\n0.2,700\n", "points.csv")
    points = read(tmp_path, LIST).points
    assert points["network.trust_start"].tolist() == [0.1, 1.0, 0.2]
    assert points["population.children"].tolist() == [500, 600, 700]
    assert points.dtypes.astype(str).tolist() == ["float64", "int64"]


LIST_ERRORS = {
    "a misspelt column": ("network.trust_strt\n0.1", "1:1: ", "did you mean 'trust_start'?"),
    "a column twice": ("network.trust_start,network.trust_start\n0.1,0.2", "1:21: ", "twice"),
    "a value outside its limits": ("network.trust_new,network.trust_start\n0.1,0.2\n0.1,7", "3:5: ", "not 7"),
    "a text for a number": ("network.trust_start\n0.1\nmuch", "3:1: ", "not 'much'"),
    "half a child": ("population.children\n200.5", "2:1: ", "a whole number from 200"),
    "a decimal comma": (
        "network.trust_start;sharing.duty_effect\n0,3;1",
        "2:1: ",
        "0,3 has a decimal comma; write 0.3",
    ),
    "two kinds of delimiter": (
        "network.trust_start;sharing.duty_effect,a\n1;1,1",
        "1:1: ",
        "has commas and semicolons",
    ),
    "an empty cell": ("network.trust_new,network.trust_start\n0.1,", "2:5: ", "a single value"),
    "a row that is too short": (
        "network.trust_new,network.trust_start\n0.1,0.1\n0.2",
        "3:1: ",
        "this row has 1 cell, but the header has 2",
    ),
    "no rows": ("network.trust_new", "1:1: ", "a row for each point"),
}


@pytest.mark.parametrize("error", LIST_ERRORS)
def test_an_error_in_a_list_of_points_is_reported_with_its_line(error: str, tmp_path: Path) -> None:
    text, place, message = LIST_ERRORS[error]
    write_file(tmp_path, text, "points.csv")
    (problem,) = [line for line in list_problems(tmp_path, LIST) if line.startswith("points.csv")]
    assert problem.startswith(f"points.csv:{place}")
    assert message in problem


@pytest.mark.parametrize(
    "text",
    [
        "population.children,network.trust_start\n200.0,0.3\n300.0,0.4\n",
        "population.children;network.trust_start\n200;0.3\n300;0.4\n",
        "population.children\tnetwork.trust_start\n200\t0.3\n300\t0.4\n",
        ",population.children,network.trust_start\n0,200,0.3\n1,300,0.4\n",
        "point,population.children,network.trust_start\r\n0,200.0,0.3\r\n1,300.0,0.4\r\n",
        "Unnamed: 0;population.children;network.trust_start\n1;200;0.3\n2;300;0.4\n",
        "\ufeffpopulation.children;network.trust_start\n200;0.3\n300;0.4\n",
    ],
    ids=["pandas", "semicolons", "tabs", "index", "named index", "index from 1", "byte order mark"],
)
def test_a_list_of_points_is_read_as_pandas_and_spreadsheets_write_it(tmp_path: Path, text: str) -> None:
    write_file(tmp_path, text, "points.csv")
    points = read(tmp_path, LIST).points
    assert points["population.children"].tolist() == [200, 300]
    assert points["network.trust_start"].tolist() == [0.3, 0.4]
    assert points.dtypes.astype(str).tolist() == ["int64", "float64"]


def test_our_own_table_of_points_can_be_read_again(tmp_path: Path) -> None:
    points = read(
        tmp_path, "base: small\nvary: {population.children: [200, 300], network.trust_start: [0.3]}"
    ).points
    points.to_csv(tmp_path / "points.csv")
    assert read(tmp_path, LIST).points.equals(points)


def test_a_column_that_does_not_number_the_rows_is_not_taken_for_an_index(tmp_path: Path) -> None:
    write_file(tmp_path, ",network.trust_start\n7,0.3\n9,0.4\n", "points.csv")
    assert any(line.startswith("points.csv:1:1: expected the path") for line in list_problems(tmp_path, LIST))


def test_a_point_that_is_listed_twice_is_run_twice(tmp_path: Path) -> None:
    write_file(tmp_path, "network.trust_start\n0.3\n0.3\n", "points.csv")
    assert read(tmp_path, LIST).number_of_runs == 2
