"""What a comparison answers, in sentences, for planted changes."""

import re

import pytest
from tests.present.golden_answers import (
    CASES,
    DUTY,
    FILE,
    LETTER,
    SHARED_MORE,
    create,
    create_case,
    write_answers,
)
from tests.results.synthetic_comparison import comparison

from cpsim.formatting import find_grain, format_noun
from cpsim.present.comparison_answer import (
    create_answer,
    describe_seeds,
    format_smallest_shown,
    select_row,
)
from cpsim.results.comparison import Comparison
from cpsim.results.comparison_tables import HEADLINES
from cpsim.results.verdicts import NOT_SHOWN


def answer(found: Comparison) -> str:
    """Return all sentences about the only arm."""
    (arm,) = found.others
    return " ".join(create_answer(found, arm).sentences)


def test_the_answers_of_planted_comparisons_are_those_of_the_golden_file() -> None:
    assert write_answers() == FILE.read_text("utf-8"), "write it: python -m tests.present.golden_answers"


@pytest.mark.parametrize("title", CASES)
def test_a_lead_is_one_sentence_of_at_most_two_findings(title: str) -> None:
    """Apart from intervals in brackets and the 10,000 of a unit, a lead has at most two numbers."""
    found = create_case(title)
    for arm in found.others:
        lead = create_answer(found, arm).lead
        numbers = re.findall(r"\d[\d,.]*", re.sub(r"\(.*?\)", "", lead).replace("10,000", ""))
        assert len(numbers) <= 2, lead
        assert lead.count(". ") == 0
        assert lead.endswith(".")


@pytest.mark.parametrize("title", CASES)
def test_every_headline_is_in_the_answer_unless_nothing_can_be_said(title: str) -> None:
    """What is not shown to change is named as well, with the change that would have been seen."""
    found = create_case(title)
    for arm in found.others:
        given = create_answer(found, arm)
        if not given.price:
            assert "changes nothing" in given.lead or "One seed" in given.lead
            continue
        unmoved = " ".join((given.unmoved, *given.price, *given.touched))
        for outcome in HEADLINES:
            row = select_row(found, arm, outcome)
            if row["verdict"] == NOT_SHOWN and outcome != found.primary:
                assert (
                    f"{format_noun(outcome)} ({format_smallest_shown(row)} would have been seen)" in unmoved
                )


def test_a_chance_finding_of_the_primary_outcome_is_not_called_unclear() -> None:
    found = create(
        {"letter": [LETTER]}, {"letter": {"missed_risk_rate": -0.05}}, seeds=60, spread=0.15, spells=20
    )
    lead = create_answer(found, "letter").lead
    assert lead.startswith("Missed risk fell by 5.0 percentage points")
    assert "unclear" not in lead


def test_if_the_most_seeds_do_not_settle_the_answer_it_is_unclear_and_the_seeds_are_named() -> None:
    found = create_case("The most seeds do not settle the answer")
    given = create_answer(found, "letter")
    assert given.lead == "Whether missed risk changed is unclear."
    half = select_row(found, "letter", "missed_risk_rate")
    needed = 60 * ((half["high"] - half["low"]) / 0.01) ** 2
    (named,) = re.findall(r"about (\d+) would \(--most-seeds \1\)", given.seeds)
    assert int(named) - 1 < needed <= int(named)


def test_with_a_fixed_number_of_seeds_the_note_names_the_option_that_fixes_it() -> None:
    found = create_case("Few seeds")
    assert found.pilot is None
    assert re.fullmatch(
        r"4 seeds are few and do not settle a difference of 1 percentage point in missed risk; about (\d+) would "
        r"\(--seeds \1\)\.",
        describe_seeds(found),
    )


def test_a_wide_interval_of_another_outcome_does_not_make_the_answer_unclear() -> None:
    """Only the primary outcome decides whether the seeds are enough."""
    found = create({"letter": [LETTER]}, {"letter": {}}, levels={"utilisation_mean": 40.0})
    assert create_answer(found, "letter").lead == "No change in missed risk was shown."


def test_a_saving_is_explained_if_fewer_children_were_served_and_not_otherwise() -> None:
    saving = {"cost_gbp_per_child_year": -15.0}
    fewer = create({"letter": [LETTER]}, {"letter": saving | {"referrals_per_10k_year": -60.0}})
    alike = create({"letter": [LETTER]}, {"letter": saving})
    explanation = "“Cost” is lower, which may only reflect fewer referrals."
    assert explanation in answer(fewer)
    assert "may only reflect" not in answer(alike)
    dearer = create(
        {"letter": [LETTER]}, {"letter": {"cost_gbp_per_child_year": 15.0, "referrals_per_10k_year": -60.0}}
    )
    assert "may only reflect" not in answer(dearer), "a higher cost needs no explanation"


def test_a_saving_that_the_arm_touches_directly_is_explained_too() -> None:
    found = create_case("Cost fell because fewer were served in an overloaded system")
    assert "cost_gbp_per_child_year" in found.near["merged"]
    text = answer(found)
    assert "The system cost £15.0 less a year for each child (£13.7 to £16.3)." in text
    assert "“Cost” is lower, which may only reflect fewer referrals and children on a plan." in text


def test_a_saving_in_the_lead_is_explained_there() -> None:
    saving = {"cost_gbp_per_child_year": -15.0, "referrals_per_10k_year": -60.0}
    arm = create({"priced": []}, {"priced": saving}, primary="cost_gbp_per_child_year", interest=2.0)
    given = create_answer(arm, "priced")
    assert given.lead.endswith("(£14.2 to £15.8), which may only reflect fewer referrals.")
    assert not any("may only reflect" in sentence for sentence in given.caution), "it is not said twice"


def test_overload_of_either_system_is_named_with_its_arm() -> None:
    both = answer(create_case("Both systems are overloaded"))
    assert "Under small, social work is overloaded" in both
    assert "Under letter, social work is overloaded" in both
    broken = answer(create_case("The system has broken down"))
    assert "Under merged, the system has broken down: 7.02 hours of work are demanded for each hour" in broken
    assert "Under small" not in broken


def test_an_arm_with_only_an_idle_event_changes_nothing_and_the_event_is_named() -> None:
    given = create_answer(create_case("Equal arms"), "planned")
    assert given.lead.startswith("planned changes nothing:")
    assert any("workforce_plan is not in play" in sentence for sentence in given.caution)
    assert (given.touched, given.price, given.whom) == ((), (), "")


def test_with_one_seed_nothing_is_said_to_have_no_change() -> None:
    """A verdict that cannot be given is not the verdict that there is no change, at any prevalence."""
    found = create(
        {"letter": [LETTER]}, {"letter": {}}, seeds=1, pilot=None, prevalences=(None, 0.01), spells=20
    )
    assert "no change" not in answer(found).lower()


def test_with_several_arms_every_sentence_names_its_arm() -> None:
    found = create_case("Three arms")
    first, seeds, *others = found.describe()
    assert first == "Missed risk fell under bound_schools; no change in missed risk was shown under letter."
    assert seeds == describe_seeds(found)
    about_arms = [text for text in others if text.startswith(("bound_schools: ", "letter: "))]
    expected = sum(
        len(create_answer(found, arm).sentences) - 1 for arm in found.others
    )  # all but that on seeds
    assert len(about_arms) == expected


def test_an_outcome_that_is_named_is_not_named_again() -> None:
    found = create_case("The primary outcome fell and what the event touches moved")
    text = answer(found)
    for clause in (
        "Schools made 12.0 more contacts",
        "missed risk fell by 3.00",
        "the front door received 12 more",
    ):
        assert text.count(clause) == 1


def test_a_file_can_name_the_primary_outcome() -> None:
    found = create_case("A primary outcome that is no headline")
    given = create_answer(found, "bound_schools")
    assert given.lead.startswith("Schools made 12.0 more contacts")
    assert given.note == "Contacts by schools: 413 instead of 401."
    assert "missed risk" in given.unmoved, "the usual one is a headline like others"


def test_a_difference_that_is_the_same_with_every_seed_comes_first() -> None:
    found = create({"bound_schools": [DUTY]}, {"bound_schools": SHARED_MORE | {"caseload_mean": 2.0}})
    table = found.differences.copy()
    row = (table["outcome"] == "vacancy_share") & (table["family"] == "other")
    assert row.any()
    table.loc[row, ["difference", "low", "high", "verdict"]] = 0.1, 0.1, 0.1, "higher"
    certain = Comparison(**{**vars(found), "differences": table})
    assert "2 differ: vacant posts; " in answer(certain)


@pytest.mark.parametrize(
    ("low", "high", "grain"), [(-1.0, 3.0, 2.0), (10.0, 14.0, 2.0), (0.1, 4.1, 0.3), (-4.1, -0.1, 0.3)]
)
def test_an_interval_that_excludes_0_is_written_so_that_it_can_be_seen(
    low: float, high: float, grain: float
) -> None:
    assert find_grain(low, high) == pytest.approx(grain)


def test_the_table_of_the_terminal_shows_no_interval_that_seems_to_contain_0_as_a_change() -> None:
    """An interval from 0.05 to 44.45 is not written as 0 to 44 next to the verdict "higher"."""
    found = comparison(arms=("small", "duty_complete"), prevalences=(None,))
    table = found.differences.copy()
    row = table["outcome"] == "harm_weeks_per_10k_year"
    table.loc[row, ["difference", "low", "high", "verdict"]] = 22.25, 0.05, 44.45, "higher"
    near = Comparison(**{**vars(found), "differences": table})
    (lower_limit,) = re.findall(r"Harm weeks .* \(([\d.]+) to [\d.]+\) higher", str(near))
    assert float(lower_limit) > 0
