"""A story begins with a sentence on what happened to the child, and what became of the spell in each scenario."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from cpsim.present.story_terminal import describe_outcome
from cpsim.results.story import FILES, Spell, Stories, Story

SPELL = Spell(10, 40, severity=1.5, significant=True, deadline=23, result="missed", stopped_at="C5")
STORY = Story(
    scenario="small",
    seed=1,
    child=12,
    about={
        "born": date(1999, 4, 1), "age_years": 6.2, "authority": "authority-01", "area": 1, "decile": 4,
        "siblings": 1, "earlier_referrals": 0, "earlier_plans": 0, "week_0": date(2005, 4, 1),
    },
    first=0,
    last=60,
    spells=(SPELL,),
    entries=(),
    messages=(),
    care=(),
    protection=(),
    files=pd.DataFrame(columns=list(FILES)),
    jigsaw=None,
    verdict=("Missed.",),
    onset=10,
)  # fmt: skip


def tell(scenario: str, result: str | None) -> Story:
    return replace(STORY, scenario=scenario, spells=(replace(SPELL, result=result),))


@pytest.mark.parametrize(
    ("results", "end"),
    [
        (("missed",), "was missed under a."),
        (("protected",), "was protected in time under a."),
        (("self_resolved",), "ended without protection under a."),
        (("censored",), "could not be followed to its deadline under a."),
        ((None,), "is not evaluated under a."),
        (("missed", "missed"), "was missed under a and b."),
        (
            ("missed", "protected"),
            "was missed under a and was protected in time under b, so it is newly reached.",
        ),
        (
            ("protected", "missed"),
            "was protected in time under a and was missed under b, so it is newly missed.",
        ),
        (("missed", "self_resolved"), "was missed under a and ended without protection under b."),
        (
            ("missed", "protected", "missed"),
            "was missed under a, was protected in time under b and was missed under c.",
        ),
    ],
)
def test_a_story_begins_with_what_became_of_the_spell(results: tuple[str | None, ...], end: str) -> None:
    stories = tuple(tell(name, result) for name, result in zip("abc", results, strict=False))
    sentence = f"Child 12 came to significant harm on 10 June 2005; the spell {end}"
    assert describe_outcome(stories) == sentence
    assert " ".join(Stories(stories).text().split()).startswith(sentence)


def test_a_story_about_no_spell_says_whether_there_was_harm() -> None:
    about_none = replace(STORY, onset=None)
    assert describe_outcome((about_none,)) == (
        "Child 12 under small: this story is about no spell of harm that is evaluated."
    )
    assert describe_outcome((replace(about_none, spells=()),)) == (
        "Child 12 was not in significant harm at any time in this story under small."
    )
