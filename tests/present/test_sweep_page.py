"""The report of a sweep states findings and limits, is accessible, and is safe with hostile names."""

import json
import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.analysis.golden import PLANTED
from tests.analysis.studies import ARMS, LISTS, RANGES, TRUST, arm, build_manifest, study
from tests.present.examples import DRAWN, render_page
from tests.present.pages import HOSTILE, assert_well_formed, extract_file, extract_text

from cpsim.analysis.answer import answer_question, describe_seeds
from cpsim.analysis.findings import Findings, Study, collect_findings
from cpsim.analysis.page import format_page
from cpsim.analysis.sections import SECTIONS
from cpsim.experiment.definition import Grid, Morris, Sobol
from cpsim.experiment.read import load_experiment
from cpsim.present.sweep_page import render_sweep_page
from cpsim.results import SUMMARY
from cpsim.scenario.read import load

BOUND = {"timeline": [{"date": date(2005, 10, 3), "lever": "s10_duty_schools"}]}


@dataclass(frozen=True)
class Report:
    """A study, its findings and its report."""

    made: Study
    found: Findings
    page: str


STUDIES = {
    "arms, points drawn": lambda: study(DRAWN),
    "arms, points listed": lambda: study(Grid(), vary=LISTS),
    "sobol": lambda: study(Sobol(kind="sobol", base_points=8)),
    "morris": lambda: study(Morris(kind="morris", trajectories=4)),
    "one seed, one arm": lambda: study(Grid(), seeds=1, arms={"alone": ARMS["asked"]}, vary=LISTS),
    "an event": PLANTED["one setting drives"],
}


@cache
def get_report(name: str) -> Report:
    made = STUDIES[name]()
    found = collect_findings(made)
    return Report(made, found, render_sweep_page(made, found, build_manifest(made)))


@pytest.fixture
def report() -> Report:
    """The report of the study with drawn points."""
    return get_report("arms, points drawn")


@pytest.fixture
def drawn(report: Report) -> str:
    """The page of this report."""
    return report.page


def test_every_question_that_the_design_can_answer_has_a_section(report: Report) -> None:
    drawn, found = report.page, report.found
    for section in SECTIONS:
        heading = f'<h2 id="{section.table.replace("_", "-")}-title">{section.title}</h2>'
        assert (heading in drawn) == (section.table in found.tables)


def test_the_findings_are_in_sentences_before_any_table(drawn: str) -> None:
    answer = extract_text(drawn).partition("The answer in brief ")[2].partition("The setting")[0]
    assert "Missed risk: no difference was shown with bound compared with as_it_was (" in answer
    assert "more families a year per 10,000 children were assessed with neither need nor harm (" in answer


def test_the_limits_are_in_the_report(drawn: str) -> None:
    limits = extract_text(drawn).partition("What this cannot show")[2]
    assert "With 4 seeds, chance is estimated poorly" in limits
    assert "Nothing here is a prediction about a real child or council." in limits


def test_an_arm_is_described_by_its_differences_from_the_first(report: Report) -> None:
    made = report.made
    settings = json.loads(load("small").model_dump_json())
    bound = json.loads(load("duty_to_schools").model_dump_json())
    about = build_manifest(made) | {"decides": {"arms": {"as_it_was": settings, "bound": bound}}}
    text = extract_text(render_sweep_page(made, report.found, about, figures={}))
    assert "From 12 January 2010: Schools' and academies' duty to co-operate" in text
    assert "clock.start 1 April 2009 1 April 2005 first day of the evaluated years" in text


def test_the_experiment_in_the_report_can_be_run_again(report: Report, tmp_path: Path) -> None:
    made = report.made
    real = {"base": "small", "arms": {"as_it_was": None, "bound": BOUND}, "vary": {TRUST: RANGES[TRUST]}}
    about = made.definition.model_copy(update=real)
    again = Study(made.runs, type(about).model_validate_json(about.model_dump_json(by_alias=True)))
    page = render_sweep_page(again, report.found, build_manifest(again), figures={})
    file = tmp_path / "experiment.yaml"
    file.write_text(extract_file(page, "experiment.yaml"), "utf-8")
    written = load_experiment(file).definition
    assert written.model_dump(exclude={"arms"}) == about.model_dump(exclude={"arms"})
    assert YAML(typ="safe").load(file)["arms"]["bound"] == BOUND


def test_the_first_screen_has_the_question_the_answer_the_seeds_and_the_first_picture(report: Report) -> None:
    made, found, drawn = report.made, report.found, report.page
    header = drawn.partition("<header>")[2].partition("</header>")[0]
    text = extract_text(f"{header}<svg></svg>")
    parts = (
        "Does a duty help",
        answer_question(made, found),
        describe_seeds(made, found),
        "Missed risk with bound",
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert header.count("<svg") == 1
    assert "What does each arm change? Difference from the first arm" in header
    assert header.count("would have been seen") >= 1
    rest = drawn.partition("</header>")[2]
    assert "Difference from the first arm on the same children" not in rest, "the picture is on the page once"


def test_the_numbers_of_the_answer_are_in_the_table_of_its_section() -> None:
    made = PLANTED["only a near outcome moved"]()
    text = extract_text(render_page(made))
    assert "the front door received 40.2 more contacts a year per 10,000 children (39.1 to 41.2)." in text
    section = text.partition("What does each arm change? Difference from the first arm")[2].partition(
        "All rows"
    )[0]
    assert "Contacts, per 10,000 children a year asked" in section
    assert "+40.2 39.1 to 41.2" in section


@pytest.mark.parametrize("name", STUDIES)
def test_a_report_is_well_formed_and_no_sentence_heading_or_caption_has_the_name_of_a_field(
    name: str,
) -> None:
    made, found, report = get_report(name).made, get_report(name).found, get_report(name).page
    assert_well_formed(report)
    columns = {str(column) for table in found.tables.values() for column in table.reset_index().columns}
    fields = {field for field in (*SUMMARY, *columns, *made.settings) if re.search(r"[_.]", field)}
    fields |= {"p_holm", "boot_low", "mu_star", "quasi_p"}
    pages = {
        "report.html": re.sub(r'<(code|style)\b.*?</\1>| (href|id)="[^"]*"', " ", report, flags=re.DOTALL),
        "analysis.md": re.sub(r"`[^`]*`|\[\w+\.csv\]\(\w+\.csv\)", " ", format_page(made, found, {})),
    }
    for page, text in pages.items():
        words = unescape(re.sub(r"</?(bdi|wbr)[^>]*>|\\\\", "", text))
        used = [field for field in fields if re.search(rf"(?<![\w.]){re.escape(field)}(?![\w.])", words)]
        assert used == [], page
        assert not re.search(r"\bat point \d", words), page


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_are_shown_as_text(kind: str) -> None:
    made = study(DRAWN, arms={"as_it_was": ARMS["as_it_was"], HOSTILE[kind][:100]: arm(3, fewer_missed=0.03)})
    changes = {"name": HOSTILE[kind][:200], "question": HOSTILE[kind][:2000]}
    made = replace(made, definition=made.definition.model_copy(update=changes))
    assert_well_formed(render_page(made))
