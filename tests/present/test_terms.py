"""The meaning of every term is one click away."""

import re

import pytest

from cpsim.formatting import format_outcome_name
from cpsim.measures.outcomes import OUTCOMES
from cpsim.present.blocks import PageTable
from cpsim.present.terms import create_terms, link_term


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_link_of_every_outcome_leads_to_its_meaning(name: str) -> None:
    (table,) = create_terms([name])
    assert isinstance(table, PageTable)
    term, meaning, _, direction = table.groups[0].rows[0]
    assert re.findall('href="#(.+?)"', link_term(name)) == re.findall('id="(.+?)"', term)
    assert OUTCOMES[name].label in link_term(name).unescape()
    assert meaning == OUTCOMES[name].meaning
    assert direction.split()[0] == (OUTCOMES[name].better or "neither")


def test_a_part_leads_to_the_meaning_of_the_whole() -> None:
    name = "chain_stopped_at.C3"
    assert link_term(name) == f'<a href="#term-chain_stopped_at">{format_outcome_name(name)}</a>'


def test_terms_are_listed_once_in_the_order_of_the_alphabet() -> None:
    (table,) = create_terms(["utilisation_mean", "caseload_mean", "utilisation_mean"])
    assert isinstance(table, PageTable)
    assert [re.sub("<.*?>", "", row[0]) for row in table.groups[0].rows] == ["Caseload", "Hours demanded"]


def test_a_share_is_in_the_unit_in_which_it_is_written() -> None:
    (table,) = create_terms(["missed_risk_rate"])
    assert isinstance(table, PageTable)
    assert table.groups[0].rows[0][2] == "share, as a percentage"


def test_a_page_without_outcomes_has_no_terms() -> None:
    assert create_terms([]) == ()
