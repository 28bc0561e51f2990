"""A tiny authority with much harm, and the stories told of it."""

from functools import cache

from tests.model.authority import changed, scenario
from tests.twin.scenarios import MANY_POSTS, SEVERE

from cpsim.results.story import Stories, Story
from cpsim.scenario.schema import Scenario
from cpsim.study.story import Past, pasts_of, stories_of

LISTENS_LESS = {
    "date": "2006-06-05",
    "lever": "thresholds",
    "kinds": ["school", "police", "gp", "front_door"],
    "shift": 0.7,
}
"""A decree, in the second judged year, that puts agencies off telling and the front door off listening."""


@cache
def harsh() -> Scenario:
    """The tiny authority with much harm in it."""
    return changed(scenario(), name="harsh", **SEVERE, workforce=MANY_POSTS)


@cache
def deaf() -> Scenario:
    """The same until a decree comes into force."""
    return changed(harsh(), name="deaf", timeline=[LISTENS_LESS])


@cache
def pasts() -> tuple[Past, Past]:
    """The two runs that stories are told from; nobody may step them."""
    one, other = pasts_of(harsh(), deaf())
    return one, other


def past() -> Past:
    """The first of them."""
    return pasts()[0]


@cache
def told(word: str, *, beside: bool = False, whole: bool = False) -> Stories:
    """The story that a word finds, alone or beside the same child's under the decree."""
    return stories_of(*pasts()[: 1 + beside], find=word, whole=whole)


def alone(word: str) -> Story:
    """The one story that a word finds."""
    (only,) = told(word)
    return only
