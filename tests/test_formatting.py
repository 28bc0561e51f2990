"""A value reads the same in the terminal, on a page, in a figure and in a sentence."""

import math
import re
from pathlib import Path

import pytest

import cpsim
from cpsim.formatting import (
    UNDEFINED,
    format_decimals,
    format_difference,
    format_estimate,
    format_interval,
    format_money,
    format_outcome,
    format_percent,
)

ROOMS = ("present", "plot", "analysis", "results", "stories")


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
    assert format_outcome("missed_by_cause.C3", 0.12) == "12%"


def test_an_interval_names_its_unit_once_and_money_at_both_ends() -> None:
    assert format_interval("missed_risk_rate", -0.012, 0.003) == "−1.2 to +0.3 percentage points"
    assert format_interval("missed_risk_rate", -0.012, 0.003, unit=False) == "−1.2 to +0.3"
    assert format_interval("cost_gbp_per_child_year", -20.0, 30.0) == "−£20 to +£30"


def test_less_money_has_its_minus_before_the_pound_sign() -> None:
    assert format_money(-1234.0) == "−£1,234"


def test_a_number_of_children_per_seed_is_never_below_zero() -> None:
    assert format_estimate(1.5, -0.4, 3.4) == "1.5 (0.0 to 3.4)"


def test_percentages_and_lists_are_written_by_the_formatter_alone() -> None:
    home = re.compile(r"def _?(format_(percent|magnitude|difference|list|amount|money|outcome|number))\(")
    package = Path(cpsim.__file__).parent
    elsewhere = [
        f"{path.relative_to(package)}: {found.group(1)}"
        for room in ROOMS
        for path in sorted((package / room).rglob("*.py"))
        for found in home.finditer(path.read_text(encoding="utf-8"))
        if path.name != "comparison_prevalence.py"  # the numbers of an axis, whose decimals follow its ticks
    ]
    assert not elsewhere, "use cpsim.formatting instead of these functions"
