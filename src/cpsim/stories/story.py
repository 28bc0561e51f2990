"""The story of one synthetic child, under one scenario or side by side under several.

The scenario is run twice, with the same result: once to the end, to find out who was missed, and once more from a year
before week 0 with an observer, who records the child that the story is about.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.parallel.shared_history import step_to
from cpsim.parallel.worlds import WorldCache
from cpsim.results import RunResult
from cpsim.results.loading import describe_changes
from cpsim.results.origin import hash_code
from cpsim.results.story import Stories, Story
from cpsim.scenario.clock import date_of, total_weeks
from cpsim.scenario.history import has_same_history
from cpsim.scenario.paths import is_folder
from cpsim.scenario.problems import format_value, suggest_nearest
from cpsim.scenario.read import AnyScenario, find_shipped_scenarios, resolve_scenario
from cpsim.scenario.renamed import suggest_new_name
from cpsim.scenario.schema import Scenario
from cpsim.seeds import read_seed
from cpsim.simulation import Simulation
from cpsim.stories.narrator import Focus, build_story
from cpsim.stories.observer import Observer
from cpsim.stories.selection import RULES, ChosenChild, find_child, find_turning_point
from cpsim.world import World
from cpsim.world.calendar import CHILDHOOD
from cpsim.world.differences import describe_other_children

__all__ = ["StoryRun", "StoryUnavailable", "build_stories", "prepare_story_runs", "story"]

Source = AnyScenario | RunResult
"""A scenario (an object, a name, a file or a mapping), or a run (an object or its folder)."""

OnWeek = Callable[[int, int], None]
"""Called with the weeks that have been run and the weeks in all."""

_AROUND = WEEKS_PER_YEAR
"""Weeks that a story covers before and after its turning point."""


class StoryUnavailable(ValueError):
    """No such story can be shown; the message says why, and what to choose instead.

    >>> story("small", find="misssed")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cpsim.stories.story.StoryUnavailable: there is no keyword 'misssed'; did you mean 'missed'?; use one of: ...
    """


@dataclass(frozen=True, eq=False)
class StoryRun:
    """A finished run from which stories can be built.

    Attributes:
        before: the model as it was a year before week 0; forked for each story.
        result: the result of the run.
        saved: the result of the same run as saved in a folder; None if the run was made from a scenario.

    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> (run,) = prepare_story_runs(town, seed=7)
    >>> run.world.seed, run.reported is run.result
    (7, True)

    A story can cover any weeks, which are weeks of the run here:

    >>> run.build_story(3, Focus(first=52, last=60, week=56)).last + run.world.warm_up
    60
    """

    before: Simulation
    result: RunResult
    saved: RunResult | None = None

    @property
    def reported(self) -> RunResult:
        """The result that the reader has: the saved one, if there is one."""
        return self.saved or self.result

    @property
    def world(self) -> World:
        """The drawn world."""
        return self.before.world

    def build_story(self, child: int, focus: Focus) -> Story:
        """Build the story of a child by running the weeks up to its end once more with an observer.

        Args:
            child: row of the child.
            focus: the weeks to cover, and the turning point.
        """
        model = self.before.fork()
        observer = Observer(model, child)
        step_to(model, focus.last + 1)
        story = build_story(observer, child, focus, self.result.spells)
        return replace(story, remarks=tuple(self._list_remarks(child)))

    def _list_remarks(self, child: int) -> list[str]:
        if self.saved is None:
            return []
        changes = describe_changes(self.saved.provenance)
        remarks = [f"The run was {changes}."] if changes else []
        if self.saved.provenance.get("code_sha256") != hash_code():
            remarks.append(
                "The run was made by another version of cpsim; this story was made by the present one."
            )
        rerun, saved = (run.spells[run.spells["child"] == child] for run in (self.result, self.saved))
        if not rerun.reset_index(drop=True).equals(saved.reset_index(drop=True)):
            remarks.append(
                "This child's result in the saved run is different: the two versions do not agree."
            )
        return remarks


def story(
    scenario: Source,
    *others: Source,
    child: int | None = None,
    find: str | None = None,
    nth: int = 1,
    seed: int | None = None,
    full: bool = False,
    anyway: bool = False,
    on_week: OnWeek | None = None,
) -> Stories:
    """Build the story of one child, side by side if there are several scenarios.

    Args:
        scenario: a scenario (an object, a name, a file or a mapping), or a run (an object or its folder).
        *others: more of them, with the same children.
        child: row of the child; if None, `find` chooses the child.
        find: a keyword of `cpsim.stories.selection.RULES`; "missed" if neither is given.
        nth: which of the children that `find` finds, from 1.
        seed: seed of the world, a whole number from 0 to `MAX_SEED`, 1 if None; a saved run has its own.
        full: cover everything from a year before week 0, not only the year before and after the turning point.
        anyway: load the folder of a run even if files in it have changed since they were written.
        on_week: called from time to time with the weeks that have been run and the weeks in all.

    Raises:
        StoryUnavailable: no child is found, there is no such child, or the sources do not have the same children.
        ScenarioError: a scenario is wrong.
        OutputError: a folder holds no run, or files in it have changed or are damaged.
        ValueError: the seed is not valid.

    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> stories = story(town, find="missed")
    >>> len(stories), stories[0].verdict[0].split()[0]
    (1, 'Missed.')
    """
    _check_choice(child, find, nth, 1 + len(others))
    runs = prepare_story_runs(scenario, *others, seed=seed, anyway=anyway, on_week=on_week)
    return _build_stories(runs, _choose_child(runs, child, find, nth), full=full)


def build_stories(
    *sources: StoryRun | Observer,
    child: int | None = None,
    find: str | None = None,
    nth: int = 1,
    full: bool = False,
) -> Stories:
    """Build the stories of one child from runs or observers that already exist.

    Args:
        *sources: either runs, of which up to two years are run once more; or observers, who have recorded the child
            in models that may still be running, which takes no time.
        child: row of the child; if None, `find` chooses the child, which needs runs.
        find: a keyword of `cpsim.stories.selection.RULES`; "missed" if neither is given.
        nth: which of the children that `find` finds, from 1.
        full: cover everything that is known; observers always do.

    Raises:
        StoryUnavailable: no child is found, there is no such child, or an observer has not observed it.

    Several stories of the same run, which is run only once to its end:

    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> runs = prepare_story_runs(town)
    >>> first, second = (build_stories(*runs, find="missed", nth=nth)[0] for nth in (1, 2))
    >>> first.child != second.child
    True
    """
    observers = [source for source in sources if isinstance(source, Observer)]
    if observers:
        return Stories(
            tuple(build_story(observer, *_focus_on_observed(observer, child)) for observer in observers)
        )
    runs = [source for source in sources if isinstance(source, StoryRun)]
    _check_choice(child, find, nth, len(runs))
    return _build_stories(runs, _choose_child(runs, child, find, nth), full=full)


def prepare_story_runs(
    *sources: Source, seed: int | None = None, anyway: bool = False, on_week: OnWeek | None = None
) -> list[StoryRun]:
    """Run every source to its end and keep each model as it was a year before week 0; shared history is run once.

    Args:
        *sources: scenarios or runs, with the same children.
        seed: seed of the world, a whole number from 0 to `MAX_SEED`, 1 if None; a saved run has its own.
        anyway: load the folder of a run even if files in it have changed since they were written.
        on_week: called from time to time with the weeks that have been run and the weeks in all.

    Raises:
        StoryUnavailable: the sources do not have the same children.
        ScenarioError: a scenario is wrong.
        OutputError: a folder holds no run, or files in it have changed or are damaged.
        ValueError: the seed is not valid.

    `build_stories` has an example. Scenarios with other children are refused before anything is run:

    >>> prepare_story_runs("small", {"extends": "small", "name": "tiny", "population": {"children": 500}})
    Traceback (most recent call last):
    ...
    cpsim.stories.story.StoryUnavailable: 'small' and 'tiny' do not have the same children: they differ in
    population.children; for the children of small, add --set population.children=10000
    """
    saved = [_load_saved(source, anyway=anyway) for source in sources]
    settings = [_resolve_settings(source, run) for source, run in zip(sources, saved, strict=True)]
    seed = _agree_on_seed(saved, None if seed is None else read_seed(seed))
    _check_same_children(settings)
    worlds, weeks = WorldCache(), total_weeks(settings[0].clock)
    runs: list[StoryRun] = []
    for number, (scenario, run) in enumerate(zip(settings, saved, strict=True)):
        done = number * weeks

        def on_step(week: int, done: int = done) -> None:
            if on_week is not None:
                on_week(done + week, len(settings) * weeks)

        before = _start_model(scenario, seed, runs, worlds)
        step_to(before, _first_covered_week(before.world), on_step)
        finished = before.fork()
        step_to(finished, weeks, on_step)
        runs.append(StoryRun(before, finished.result(), run))
    return runs


def _load_saved(source: Source, *, anyway: bool) -> RunResult | None:
    """Return the run that a source is or names, None for a scenario."""
    if isinstance(source, RunResult):
        return source
    if isinstance(source, str | os.PathLike) and is_run_folder(source):
        return RunResult.load(source, anyway=anyway)
    return None


def is_run_folder(source: str | os.PathLike[str]) -> bool:
    """Return whether a source is the folder of a run; the name of a shipped scenario takes precedence."""
    return is_folder(source) and os.fspath(source) not in find_shipped_scenarios()


def _resolve_settings(source: Source, run: RunResult | None) -> Scenario:
    if run is not None:
        return resolve_scenario(run.scenario)
    assert not isinstance(source, RunResult)
    return resolve_scenario(source)


def _agree_on_seed(saved: Sequence[RunResult | None], seed: int | None) -> int:
    seeds = {run.seed for run in saved if run is not None}
    if len(seeds | ({seed} - {None})) > 1:
        names = ", ".join(str(seed) for seed in sorted(seeds))
        raise StoryUnavailable(
            f"a saved run has its own seed ({names}), and another seed has other children; leave out the seed"
        )
    return next(iter(seeds), 1 if seed is None else seed)


def _check_same_children(settings: Sequence[Scenario]) -> None:
    first = settings[0]
    for scenario in settings:
        if difference := describe_other_children(first, scenario):
            names = f"{format_value(first.name)} and {format_value(scenario.name)}"
            raise StoryUnavailable(f"{names} do not have the same children: {difference}")


def _start_model(scenario: Scenario, seed: int, runs: Sequence[StoryRun], worlds: WorldCache) -> Simulation:
    """Return a model under a scenario; it starts from a run with the same history, if there is one."""
    for run in runs:
        if has_same_history(run.before.settings, scenario, run.before.week):
            return run.before.fork(scenario)
    return Simulation(scenario, seed=seed, world=worlds.get(scenario, seed))


def _first_covered_week(world: World) -> int:
    """Return the first week of the run that a story can cover: from here on the log holds everyday events."""
    return max(world.warm_up - WEEKS_PER_YEAR, 0)


def _check_choice(child: int | None, keyword: str | None, nth: int, runs: int) -> None:
    """Refuse an impossible choice of child before anything is run."""
    if child is not None and keyword is not None:
        raise StoryUnavailable("give either a child or a keyword to find one by, not both")
    if keyword is not None and keyword not in RULES:
        hint = suggest_new_name("rule of a story", keyword) or suggest_nearest(keyword, sorted(RULES))
        raise StoryUnavailable(
            f"there is no keyword {format_value(keyword)}{hint}; use one of: {', '.join(RULES)}"
        )
    if keyword is not None and RULES[keyword].of_two and runs < 2:
        raise StoryUnavailable(f"{keyword} needs two scenarios: {RULES[keyword].description}")
    if nth < 1:
        raise StoryUnavailable(f"children found are numbered from 1, so nth cannot be {nth}")


def _choose_child(runs: Sequence[StoryRun], child: int | None, keyword: str | None, nth: int) -> ChosenChild:
    if child is not None:
        return _choose_given_child(runs, child)
    keyword = keyword or "missed"
    found = find_child(keyword, [run.reported for run in runs], runs[0].world, nth)
    if found is None:
        which = "no child" if nth == 1 else f"no child number {nth}"
        raise StoryUnavailable(f"there is {which} in this run for {keyword}: {RULES[keyword].description}")
    return found


def _choose_given_child(runs: Sequence[StoryRun], child: int) -> ChosenChild:
    world = runs[0].world
    last = len(world.children.birth) - 1
    if not 0 <= child <= last:
        raise StoryUnavailable(f"there is no child {child}; children are numbered from 0 to {last}")
    first, born = _first_covered_week(world), int(world.children.birth[child])
    if born + CHILDHOOD <= first:
        day = date_of(born + CHILDHOOD - world.warm_up, runs[0].before.settings.clock)
        raise StoryUnavailable(
            f"child {child} turned 18 on {day}, before the first week that a story can cover; choose a younger child"
        )
    points = [find_turning_point(child, [run.reported]) for run in runs]
    default = ChosenChild(child, max(first, born) - world.warm_up, None)
    return next((point for point in points if point is not None), default)


def _build_stories(runs: Sequence[StoryRun], chosen: ChosenChild, *, full: bool) -> Stories:
    world = runs[0].world
    born, warm_up = int(world.children.birth[chosen.child]), world.warm_up
    first = max(_first_covered_week(world), born)
    last = min(world.weeks, born + CHILDHOOD + 1) - 1
    week, onset = chosen.week + warm_up, None if chosen.onset is None else chosen.onset + warm_up
    if not full:
        first, last = max(first, week - _AROUND), min(last, week + _AROUND)
    focus = Focus(first, last, week, onset)
    return Stories(tuple(run.build_story(chosen.child, focus) for run in runs))


def _focus_on_observed(observer: Observer, child: int | None) -> tuple[int, Focus]:
    """Return a child and a focus on all that was observed; the last spell of harm that has begun is its spell."""
    if child is None or child not in observer.children or not observer.weeks:
        raise StoryUnavailable(f"this observer has not observed child {child} yet")
    first, last = observer.weeks[0].week, observer.weeks[-1].week
    spells = observer.model.world.spells
    begun = spells.onset[
        (spells.child == child) & spells.harm & (spells.onset <= last) & (spells.end > first)
    ]
    return child, Focus(first, last, last, int(begun[-1]) if len(begun) else None)
