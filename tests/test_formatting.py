"""A value reads the same in the terminal, on a page, in a figure and in a sentence."""

import ast
import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import cpsim
from cpsim.formatting import (
    UNDEFINED,
    add_sign,
    format_count,
    format_decimals,
    format_difference,
    format_estimate,
    format_interval,
    format_money,
    format_outcome,
    format_percent,
)

ROOMS = (
    "analysis", "attribution", "bench", "browser", "cli", "lessons", "live", "parallel", "plot", "present", "results",
    "stories",
)  # fmt: skip
NOT_FOR_READERS = {
    "cli/_kinds.py": "settings as in a scenario file",
    "parallel/jobs.py": "settings of a job",
    "plot/saving.py": "coordinates",
    "present/comparison_page.py": "a command",
    "present/notebook.py": "a style",
    "present/page_figures.py": "coordinates",
}
"""Files that write numbers for other programs -> what they write."""


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.694, "69%"), (0.0995, "10%"), (0.0994, "9.9%"), (0.0004, "<0.1%"), (0.0, "0%"), (-0.25, "−25%")],
)
def test_a_share_is_whole_per_cent_with_one_decimal_below_ten(share: float, text: str) -> None:
    assert format_percent(share) == text
    assert share < 0 or format_outcome("missed_risk_rate", share) == text, "an outcome reads as a share does"


def test_an_undefined_value_is_a_dash_in_every_form() -> None:
    texts = [
        format_outcome("missed_risk_rate", None),
        format_outcome("missed_risk_rate", math.nan),
        format_percent(math.nan),
        format_decimals(math.nan),
        format_difference("missed_risk_rate", math.nan),
        format_interval("missed_risk_rate", math.nan, math.nan),
    ]
    assert texts == [UNDEFINED] * len(texts)


def test_a_part_of_an_outcome_has_the_unit_of_the_outcome() -> None:
    assert format_outcome("chain_stopped_at.C3", 0.12) == "12%"


def test_an_interval_names_its_unit_once_and_money_at_both_ends() -> None:
    assert format_interval("missed_risk_rate", -0.012, 0.003) == "−1.2 to +0.3 percentage points"
    assert format_interval("missed_risk_rate", -0.012, 0.003, unit=False) == "−1.2 to +0.3"
    assert format_interval("cost_gbp_per_child_year", -20.0, 30.0) == "−£20 to +£30"


def test_less_money_has_its_minus_before_the_pound_sign() -> None:
    assert format_money(-1234.0) == "−£1,234"


def test_a_number_has_a_sign_in_front_unless_it_is_rounded_to_zero() -> None:
    numbers = [format_decimals(value, 1) for value in (2.0, -2.0, 0.04, -0.04)]
    assert [add_sign(number) for number in numbers] == ["+2.0", "−2.0", "0.0", "0.0"]
    assert add_sign(format_percent(0.0004)) == "<0.1%"
    assert add_sign(UNDEFINED) == UNDEFINED


def test_a_noun_is_in_the_singular_if_the_number_reads_as_one() -> None:
    assert [format_count(weeks, "week") for weeks in (0, 1, 1.2, 2)] == [
        "0 weeks",
        "1 week",
        "1 week",
        "2 weeks",
    ]
    assert format_count(1, "worker process", "worker processes") == "1 worker process"


def test_a_number_of_children_per_seed_is_never_below_zero() -> None:
    assert format_estimate(1.5, -0.4, 3.4) == "1.5 (0.0 to 3.4)"


def list_format_codes(text: str) -> Iterator[str]:
    """Yield the codes of numbers in f-strings and templates, such as `.1f`; dates have codes with a per cent sign."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            code = ast.unparse(node.format_spec)[2:-1]
            if "%B" not in code and "%b" not in code:
                yield code
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\{\w+:([^{}]*[dfg%,])\}", node.value)


def test_codes_of_numbers_are_found_in_strings_and_templates() -> None:
    assert list(list_format_codes("f'{x:,.0f} and {y:g}'")) == [",.0f", "g"]
    assert list(list_format_codes("'evidence {value:.2f}'")) == [".2f"]
    assert list(list_format_codes("f'{day:%b} {name} {x}'")) == []


def test_numbers_and_lists_are_written_by_the_formatter_alone() -> None:
    home = re.compile(
        r"def _?(format_(percent|magnitude|difference|list|amount|money|outcome|number|count|day))\("
    )
    package = Path(cpsim.__file__).parent
    elsewhere = [
        f"{name}: {found}"
        for room in ROOMS
        for path in sorted((package / room).rglob("*.py"))
        if (name := path.relative_to(package).as_posix()) not in NOT_FOR_READERS
        for text in [path.read_text(encoding="utf-8")]
        for found in (*home.findall(text), *list_format_codes(text))
    ]
    assert not elsewhere, "use cpsim.formatting instead"
