"""A tiny authority with much harm, and stories of its children."""

from functools import cache

from tests.model.authority import replace_sections, scenario
from tests.twin.scenarios import MANY_POSTS, SEVERE

from cpsim.results.story import Stories, Story
from cpsim.scenario.schema import Scenario
from cpsim.stories.story import StoryRun, build_stories, prepare_story_runs

RAISED_THRESHOLDS = {
    "date": "2006-06-05",
    "lever": "thresholds",
    "kinds": ["school", "police", "gp", "front_door"],
    "shift": 0.7,
}
"""A policy in the second evaluated year that raises the thresholds of agencies and of the front door."""


@cache
def harsh_scenario() -> Scenario:
    """The tiny authority with much harm in it."""
    return replace_sections(scenario(), name="harsh", **SEVERE, workforce=MANY_POSTS)


@cache
def brief_scenario() -> Scenario:
    """The scenario with much harm, with one evaluated year, for tests that run it again."""
    return replace_sections(harsh_scenario(), clock={"years": 1})


@cache
def brief_run() -> StoryRun:
    """The run of the brief scenario; it must not be stepped."""
    (only,) = prepare_story_runs(brief_scenario())
    return only


@cache
def raised_thresholds_scenario() -> Scenario:
    """The same scenario until the policy comes into force."""
    return replace_sections(harsh_scenario(), name="raised_thresholds", timeline=[RAISED_THRESHOLDS])


@cache
def story_runs() -> tuple[StoryRun, StoryRun]:
    """The two runs that stories are built from; they must not be stepped."""
    one, other = prepare_story_runs(harsh_scenario(), raised_thresholds_scenario())
    return one, other


def story_run() -> StoryRun:
    """The run of the first scenario."""
    return story_runs()[0]


@cache
def find_stories(keyword: str, *, side_by_side: bool = False, full: bool = False) -> Stories:
    """Find the story for a keyword, alone or side by side with the same child's story under the policy.

    The policy newly protects hardly any child, so such a child is found where the policy is withdrawn.
    """
    runs = story_runs()[::-1] if keyword == "newly-reached" else story_runs()
    return build_stories(*runs[: 1 + side_by_side], find=keyword, full=full)


def find_story(keyword: str) -> Story:
    """Find the only story for a keyword."""
    (story,) = find_stories(keyword)
    return story
