"""The report of a sweep states findings and limits, is accessible, and is safe with hostile names."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.analysis.studies import ARMS, LISTS, RANGES, TRUST, arm, build_manifest, study
from tests.present.examples import DRAWN, render_page
from tests.present.pages import HOSTILE, assert_well_formed, extract_file, extract_text

from cpsim.analysis.findings import Study, collect_findings
from cpsim.analysis.sections import SECTIONS
from cpsim.experiment.definition import Grid, Morris, Sobol
from cpsim.experiment.read import load_experiment
from cpsim.present.sweep_page import render_sweep_page
from cpsim.scenario.read import load

BOUND = {"timeline": [{"date": date(2005, 10, 3), "lever": "s10_duty_schools"}]}


@pytest.fixture(scope="module")
def drawn() -> str:
    return render_page(study(DRAWN))


def test_a_report_is_well_formed(drawn: str) -> None:
    assert_well_formed(drawn)


def test_every_question_that_the_design_can_answer_has_a_section(drawn: str) -> None:
    found = collect_findings(study(DRAWN))
    for section in SECTIONS:
        heading = f'<h2 id="{section.table.replace("_", "-")}-title">{section.title}</h2>'
        assert (heading in drawn) == (section.table in found.tables)


@pytest.mark.parametrize(
    "made",
    [
        study(Sobol(kind="sobol", base_points=8)),
        study(Morris(kind="morris", trajectories=4)),
        study(Grid(), vary=LISTS),
        study(Grid(), seeds=1, arms={"alone": ARMS["asked"]}, vary=LISTS),
    ],
    ids=["sobol", "morris", "grid", "one seed, one arm"],
)
def test_reports_of_other_designs_are_well_formed(made: Study) -> None:
    assert_well_formed(render_page(made))


def test_the_findings_are_in_sentences_before_any_table(drawn: str) -> None:
    answer = extract_text(drawn).partition("The answer in brief ")[2].partition("The setting")[0]
    assert "Missed risk rate with bound against as_it_was: " in answer
    assert "Assessed neither per 10k year with bound against as_it_was: higher, by" in answer


def test_the_limits_are_in_the_report(drawn: str) -> None:
    limits = extract_text(drawn).partition("What this cannot show")[2]
    assert "With 4 seeds, chance is estimated poorly" in limits
    assert "Nothing here is a prediction about a real child or council." in limits


def test_an_arm_is_described_by_its_differences_from_the_first() -> None:
    made = study(DRAWN)
    settings = json.loads(load("small").model_dump_json())
    bound = json.loads(load("duty_to_schools").model_dump_json())
    about = build_manifest(made) | {"decides": {"arms": {"as_it_was": settings, "bound": bound}}}
    text = extract_text(render_sweep_page(made, collect_findings(made), about))
    assert "From 12 January 2010: Schools' and academies' duty to co-operate" in text
    assert "clock.start 1 April 2009 1 April 2005 first day of the evaluated years" in text


def test_the_experiment_in_the_report_can_be_run_again(tmp_path: Path) -> None:
    made = study(DRAWN)
    real = {"base": "small", "arms": {"as_it_was": None, "bound": BOUND}, "vary": {TRUST: RANGES[TRUST]}}
    about = made.definition.model_copy(update=real)
    page = render_page(
        Study(made.runs, type(about).model_validate_json(about.model_dump_json(by_alias=True)))
    )
    file = tmp_path / "experiment.yaml"
    file.write_text(extract_file(page, "experiment.yaml"), "utf-8")
    again = load_experiment(file).definition
    assert again.model_dump(exclude={"arms"}) == about.model_dump(exclude={"arms"})
    assert YAML(typ="safe").load(file)["arms"]["bound"] == BOUND


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_are_shown_as_text(kind: str) -> None:
    made = study(DRAWN, arms={"as_it_was": ARMS["as_it_was"], HOSTILE[kind][:100]: arm(3, fewer_missed=0.03)})
    changes = {"name": HOSTILE[kind][:200], "question": HOSTILE[kind][:2000]}
    made = replace(made, definition=made.definition.model_copy(update=changes))
    assert_well_formed(render_page(made))
