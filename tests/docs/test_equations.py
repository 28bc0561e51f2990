"""Every equation of the model page has a number of its own, and every symbol in it is explained."""

import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from tests.docs.pages import MODEL, PAGES, ROOT, import_script

from cpsim.scenario.register import load_register

TEXT = (MODEL / "index.md").read_text("utf-8")
DISPLAYED = re.findall(r"^```math\n(.*?)\n```$", TEXT, re.DOTALL | re.MULTILINE)
NUMBERS = re.findall(r"\\tag\{(.*?)\}", TEXT)


@pytest.fixture
def odd_page(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return import_script("odd_page", monkeypatch)


def test_every_equation_has_exactly_one_number_of_its_own() -> None:
    assert DISPLAYED
    assert [equation for equation in DISPLAYED if len(re.findall(r"\\tag\{", equation)) != 1] == []
    assert [number for number, times in Counter(NUMBERS).items() if times > 1] == []
    assert len(NUMBERS) == len(DISPLAYED)


def test_the_number_of_an_equation_belongs_to_a_mechanism_of_its_section(odd_page: ModuleType) -> None:
    submodels = odd_page.read_submodels(TEXT)
    assert sum(len(submodel.equations) for submodel in submodels) == len(DISPLAYED)
    for submodel in submodels:
        own = {mechanism or "L" for mechanism in submodel.mechanisms}
        assert {equation.number.partition(".")[0] for equation in submodel.equations} <= own


def test_a_sentence_introduces_every_equation(odd_page: ModuleType) -> None:
    without = [
        equation.number
        for submodel in odd_page.read_submodels(TEXT)
        for equation in submodel.equations
        if not equation.introduction
    ]
    assert without == []


def test_every_symbol_of_an_equation_is_a_setting_or_is_explained_on_the_page(
    odd_page: ModuleType,
) -> None:
    known = odd_page.find_letters(TEXT) | {
        odd_page.setting_symbol(row).strip("$") for row in load_register().values()
    }
    unknown = {equation: odd_page.find_symbols_in_tex(equation) - known for equation in DISPLAYED}
    assert {equation: symbols for equation, symbols in unknown.items() if symbols} == {}


def test_no_explained_letter_is_also_the_symbol_of_a_setting(odd_page: ModuleType) -> None:
    letters = odd_page.find_letters(TEXT)
    ambiguous = [
        row.id
        for row in load_register().values()
        if row.mechanism and odd_page.setting_symbol(row).strip("$") in letters
    ]
    assert ambiguous == []


def test_every_setting_of_a_mechanism_is_listed_with_a_submodel_on_the_odd_page(odd_page: ModuleType) -> None:
    letters = odd_page.find_letters(TEXT)
    shown = {
        row.id
        for submodel in odd_page.read_submodels(TEXT)
        for rows in odd_page.select_settings(submodel, letters)
        for row in rows
    }
    assert [
        row.id for row in load_register().values() if row.mechanism and row.symbol and row.id not in shown
    ] == []


def test_a_setting_is_listed_with_the_submodels_that_use_it_and_no_others(odd_page: ModuleType) -> None:
    page = (MODEL / "odd.md").read_text("utf-8")
    sections = dict(section.split("\n", 1) for section in page.split("\n### ")[1:])
    letters = odd_page.find_letters(TEXT)
    for submodel in odd_page.read_submodels(TEXT):
        rows = [line for line in sections[submodel.title].splitlines() if line.startswith("| $")]
        shown = {line.split("|")[1].strip(" $") for line in rows}
        settings = {odd_page.setting_symbol(row).strip("$") for row in load_register().values()}
        assert shown == (odd_page.find_symbols(submodel.text) & settings) - letters


@pytest.mark.parametrize(
    ("tex", "symbols"),
    [
        (r"u_1 < \mathrm{att}_{a} \cdot \frac{x}{s_{n}}", {"u_{1}", r"\mathrm{att}_{a}", "x", "s_{n}"}),
        (r"\theta_{47} + \theta \ge T_{\mathrm{init}}", {r"\theta_{47}", r"\theta", r"T_{\mathrm{init}}"}),
        (r"\begin{cases} k_{1} & \text{a new voice} \end{cases} \tag{M4.4}", {"k_{1}"}),
        (r"\left[ b_{d} \right]_{\text{if bound}} \hat v", {"b_{d}", "v"}),
        (r"\exp(-\delta) \eta \ell y_{\text{end}}", {r"\delta", r"\eta", r"\ell", "y"}),
    ],
)
def test_symbols_are_distinguished_from_commands_and_words(
    tex: str, symbols: set[str], odd_page: ModuleType
) -> None:
    assert odd_page.find_symbols_in_tex(tex) == symbols


def test_every_cited_equation_number_exists(odd_page: ModuleType) -> None:
    files = [*PAGES, *(ROOT / "tests" / "twin").glob("*.py")]
    missing = {
        file.name: set(odd_page.CITED.findall(file.read_text("utf-8"))) - set(NUMBERS) for file in files
    }
    assert {name: numbers for name, numbers in missing.items() if numbers} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_mathematics_is_written_so_that_github_renders_it(page: Path) -> None:
    """Between dollar signs GitHub removes a backslash before punctuation, which breaks rows, spaces and braces."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert "$$" not in text, "a displayed equation goes between ```math and ```"
    for paragraph in re.split(r"\n{2,}|\|\n", re.sub(r"`[^`\n]*`", "", text)):
        assert paragraph.count("$") % 2 == 0, paragraph
        assert [tex for tex in re.findall(r"\$([^$]*)\$", paragraph) if re.search(r"\\[^A-Za-z]", tex)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_heading_has_a_target(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anchor = import_script("page_text", monkeypatch).anchor
    for target, heading in re.findall(r"\]\((?!https?://)([^)#\s]*)#([^)\s]+)\)", page.read_text("utf-8")):
        target_text = (page.parent / target if target else page).read_text("utf-8")
        assert heading in {anchor(title) for title in re.findall(r"^#+ (.*)$", target_text, re.MULTILINE)}
