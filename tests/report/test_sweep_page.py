"""The page of a sweep says what was found and what cannot be said, to everybody, whatever its arms are called."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.browser import NewPage
from tests.report.pages import HOSTILE, held_file, readable, sound, text_of
from tests.study.analysis.studies import ARMS, LISTS, RANGES, TRUST, arm, frozen, study

from cpsim.report import sweep_page
from cpsim.scenario.read import load
from cpsim.study.analysis.findings import Study, findings
from cpsim.study.analysis.page import SECTIONS
from cpsim.study.definition import Grid, LatinHypercube, Morris, Sobol
from cpsim.study.experiment import load_experiment

DRAWN = LatinHypercube(kind="latin_hypercube", points=24)
BOUND = {"timeline": [{"date": date(2005, 10, 3), "lever": "s10_duty_schools"}]}


def page_of(made: Study) -> str:
    return sweep_page(made, findings(made), frozen(made))


@pytest.fixture(scope="module")
def drawn() -> str:
    return page_of(study(DRAWN))


def test_a_page_is_sound(drawn: str) -> None:
    sound(drawn)


def test_every_question_that_the_design_allows_has_its_section(drawn: str) -> None:
    found = findings(study(DRAWN))
    for title, names, _, _ in SECTIONS:
        assert (f'<h2 id="{names[0].replace("_", "-")}-title">{title}</h2>' in drawn) == (
            names[0] in found.tables
        )


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
def test_other_designs_have_pages_that_are_sound(made: Study) -> None:
    sound(page_of(made))


def test_what_is_found_is_told_in_sentences_before_any_table(drawn: str) -> None:
    answer = text_of(drawn).partition("The answer in short ")[2].partition("The setting")[0]
    assert "Missed risk rate with bound against as_it_was: " in answer
    assert "False alarm families per 10k year with bound against as_it_was: higher, by" in answer


def test_what_cannot_be_said_stands_on_the_page(drawn: str) -> None:
    limits = text_of(drawn).partition("What this cannot show")[2]
    assert "4 seeds hardly tell how much chance there is" in limits
    assert "It predicts for no real child and no real council." in limits


def test_an_arm_is_told_by_what_it_has_otherwise_than_the_first() -> None:
    made = study(DRAWN)
    settings = json.loads(load("small").model_dump_json())
    bound = json.loads(load("duty_to_schools").model_dump_json())
    about = frozen(made) | {"decides": {"arms": {"as_it_was": settings, "bound": bound}}}
    text = text_of(sweep_page(made, findings(made), about))
    assert "From 12 January 2010: Duty to co-operate of schools and academies" in text
    assert "clock.start 1 April 2009 1 April 2005 first day that is judged" in text


def test_the_experiment_on_the_page_can_be_run_again(tmp_path: Path) -> None:
    made = study(DRAWN)
    real = {"base": "small", "arms": {"as_it_was": None, "bound": BOUND}, "vary": {TRUST: RANGES[TRUST]}}
    about = made.definition.model_copy(update=real)
    page = page_of(Study(made.runs, type(about).model_validate_json(about.model_dump_json(by_alias=True))))
    file = tmp_path / "experiment.yaml"
    file.write_text(held_file(page, "experiment.yaml"), "utf-8")
    again = load_experiment(file).definition
    assert again.model_dump(exclude={"arms"}) == about.model_dump(exclude={"arms"})
    assert YAML(typ="safe").load(file)["arms"]["bound"] == BOUND


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_are_shown_as_what_they_are(kind: str) -> None:
    made = study(DRAWN, arms={"as_it_was": ARMS["as_it_was"], HOSTILE[kind][:100]: arm(3, fewer_missed=0.03)})
    told = {"name": HOSTILE[kind][:200], "question": HOSTILE[kind][:2000]}
    made = replace(made, definition=made.definition.model_copy(update=told))
    sound(page_of(made))


def test_everybody_can_read_the_page(drawn: str, new_page: NewPage, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(drawn, "utf-8")
    readable(new_page, file, "sweep")
