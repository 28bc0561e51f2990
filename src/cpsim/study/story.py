"""The story of one synthetic child, under one scenario or side by side under several.

A run is repeated, since it is the same each time: once to the end, to know who was missed, and once more from a year
before week 0 with a witness beside it, who watches the child that the story is about.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cpsim.agents.roster import release
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.model import ChildProtectionModel, same_until
from cpsim.results import RunResult
from cpsim.results.run_result import code_sha256
from cpsim.results.story import Stories, Story
from cpsim.scenario.clock import date_of, weeks_of
from cpsim.scenario.problems import did_you_mean, shown
from cpsim.scenario.read import AnyScenario, resolved, shipped
from cpsim.scenario.schema import Scenario
from cpsim.study.arms import step_to
from cpsim.study.finding import RULES, Found, turning_point
from cpsim.study.finding import find as find_by_rule
from cpsim.study.telling import Focus, tell
from cpsim.study.witness import Witness
from cpsim.study.worlds import Worlds
from cpsim.world import World, world_key
from cpsim.world.calendar import CHILDHOOD

Source = AnyScenario | RunResult
"""A scenario by name, file, mapping or as it is; or a run, as it is or by its folder."""

OnWeek = Callable[[int, int], None]

_AROUND = WEEKS_PER_YEAR
"""A story is told from so many weeks before what it turns on until as many after."""


class CannotTell(ValueError):
    """There is no such story; the message says why, and what to ask for instead."""


@dataclass(frozen=True, eq=False)
class Past:
    """A run that stories are told from.

    Attributes:
        before: the model as it stood a year before week 0; forked for each story.
        result: what the run leaves behind.
        saved: what the same run left behind in a folder; None if it is told straight from a scenario.
    """

    before: ChildProtectionModel
    result: RunResult
    saved: RunResult | None = None

    @property
    def known(self) -> RunResult:
        """The run that the reader knows."""
        return self.saved or self.result

    @property
    def world(self) -> World:
        """The drawn world."""
        return self.before.world

    def tell(self, child: int, focus: Focus) -> Story:
        """The story of a child: the weeks up to the end of the story are lived once more, with a witness."""
        model = self.before.fork()
        try:
            witness = Witness(model, child)
            step_to(model, focus.last + 1)
            told = tell(witness, child, focus, self.result.spells)
        finally:
            release(model)
        return replace(told, remarks=tuple(self._remarks(child)))

    def _remarks(self, child: int) -> list[str]:
        if self.saved is None:
            return []
        remarks = []
        if self.saved.provenance.get("code_sha256") != code_sha256():
            remarks.append("The run was made by another version of cpsim; the story is told by this one.")
        ours, theirs = (run.spells[run.spells["child"] == child] for run in (self.result, self.saved))
        if not ours.reset_index(drop=True).equals(theirs.reset_index(drop=True)):
            remarks.append("In the saved run this child fared differently: the two versions do not agree.")
        return remarks


def story(
    scenario: Source,
    *others: Source,
    child: int | None = None,
    find: str | None = None,
    nth: int = 1,
    seed: int | None = None,
    whole: bool = False,
    on_week: OnWeek | None = None,
) -> Stories:
    """Tell the story of one child, side by side if there are several scenarios.

    Args:
        scenario: a scenario by name, file, mapping or as it is; or a run, as it is or by its folder.
        *others: more of them, that grow the same children.
        child: row of the child; if None, `find` chooses.
        find: a word of `cpsim.study.finding.RULES`; "missed" if neither is given.
        nth: which of those that `find` finds, from 1 on.
        seed: of the world, 1 if None; that of a run is its own.
        whole: tell everything from a year before week 0 on, not only the year before and after the turning point.
        on_week: called with (weeks done, weeks in all) now and then.

    Raises:
        CannotTell: nobody is found, there is no such child, or the sources do not belong together.
        ScenarioError: a scenario is wrong.
        OutputError: a folder holds no run.
    """
    _check_asked(child, find, nth, 1 + len(others))
    pasts = pasts_of(scenario, *others, seed=seed, on_week=on_week)
    try:
        return _told(pasts, _found(pasts, child, find, nth), whole=whole)
    finally:
        for past in pasts:
            release(past.before)


def stories_of(
    *lives: Past | Witness,
    child: int | None = None,
    find: str | None = None,
    nth: int = 1,
    whole: bool = False,
) -> Stories:
    """The stories of one child in runs that are at hand.

    Args:
        *lives: either pasts, of which two years are lived once more; or witnesses, who have watched the child in models
            that may still be running: they tell what they have seen, and it takes no time.
        child: row of the child; if None, `find` chooses, which takes pasts.
        find: a word of `cpsim.study.finding.RULES`; "missed" if neither is given.
        nth: which of those that `find` finds, from 1 on.
        whole: tell everything that is known; witnesses always do.

    Raises:
        CannotTell: nobody is found, or there is no such child, or a witness has not watched it.
    """
    witnesses = [life for life in lives if isinstance(life, Witness)]
    if witnesses:
        return Stories(tuple(tell(witness, *_so_far(witness, child)) for witness in witnesses))
    pasts = [life for life in lives if isinstance(life, Past)]
    _check_asked(child, find, nth, len(pasts))
    return _told(pasts, _found(pasts, child, find, nth), whole=whole)


def pasts_of(*sources: Source, seed: int | None = None, on_week: OnWeek | None = None) -> list[Past]:
    """Run every source to its end, and keep how each stood a year before week 0; what they share is lived once.

    Raises:
        CannotTell: the sources do not grow the same children.
        ScenarioError: a scenario is wrong.
        OutputError: a folder holds no run.
    """
    saved = [_saved(source) for source in sources]
    settings = [_settings(source, run) for source, run in zip(sources, saved, strict=True)]
    seed = _one_seed(saved, seed)
    _check_same_children(settings, seed)
    worlds, weeks = Worlds(), weeks_of(settings[0].clock)
    pasts: list[Past] = []
    for number, (scenario, run) in enumerate(zip(settings, saved, strict=True)):
        done = number * weeks

        def on_step(week: int, done: int = done) -> None:
            if on_week is not None:
                on_week(done + week, len(settings) * weeks)

        before = _begun(scenario, seed, pasts, worlds)
        step_to(before, _from_week(before.world), on_step)
        lived = before.fork()
        step_to(lived, weeks, on_step)
        pasts.append(Past(before, lived.result(), run))
        release(lived)
    return pasts


def _saved(source: Source) -> RunResult | None:
    """The run that a source is or names, None for a scenario."""
    if isinstance(source, RunResult):
        return source
    if isinstance(source, str | os.PathLike) and is_folder(source):
        return RunResult.load(source)
    return None


def is_folder(source: str | os.PathLike[str]) -> bool:
    """Whether a source is meant as the folder of a run; a scenario that comes with cpsim goes before a folder."""
    return Path(source).is_dir() and os.fspath(source) not in shipped()


def _settings(source: Source, run: RunResult | None) -> Scenario:
    if run is not None:
        return resolved(run.scenario)
    assert not isinstance(source, RunResult)
    return resolved(source)


def _one_seed(saved: Sequence[RunResult | None], seed: int | None) -> int:
    seeds = {run.seed for run in saved if run is not None}
    if len(seeds | ({seed} - {None})) > 1:
        named = ", ".join(str(seed) for seed in sorted(seeds))
        raise CannotTell(f"a saved run keeps its own seed ({named}); under another seed other children live")
    return next(iter(seeds), 1 if seed is None else seed)


def _check_same_children(settings: Sequence[Scenario], seed: int) -> None:
    keys = [world_key(scenario, seed) for scenario in settings]
    for scenario, key in zip(settings, keys, strict=True):
        if key != keys[0]:
            raise CannotTell(
                f"{shown(settings[0].name)} and {shown(scenario.name)} do not grow the same children: they differ in "
                f"what the world is drawn from (clock, population, harm, needs, signs or places)"
            )


def _begun(scenario: Scenario, seed: int, pasts: Sequence[Past], worlds: Worlds) -> ChildProtectionModel:
    """A model under a scenario, as far as a past that is at hand can bring it."""
    for past in pasts:
        if same_until(past.before.settings, scenario, past.before.week):
            return past.before.fork(scenario)
    return ChildProtectionModel(scenario, seed=seed, world=worlds.of(scenario, seed), collect=False)


def _from_week(world: World) -> int:
    """First week of the run that can be told: the log keeps everyday happenings from here on."""
    return max(world.warm_up - WEEKS_PER_YEAR, 0)


def _check_asked(child: int | None, word: str | None, nth: int, runs: int) -> None:
    """Refuse what can never be found, before anything is run."""
    if child is not None and word is not None:
        raise CannotTell("either a child or a word to look for, not both")
    if word is not None and word not in RULES:
        raise CannotTell(
            f"nothing is known of {shown(word)}{did_you_mean(word, sorted(RULES))}; look for one of: "
            f"{', '.join(RULES)}"
        )
    if word is not None and RULES[word].of_two and runs < 2:
        raise CannotTell(f"{word} takes two scenarios: {RULES[word].says}")
    if nth < 1:
        raise CannotTell(f"the first is number 1, not {nth}")


def _found(pasts: Sequence[Past], child: int | None, word: str | None, nth: int) -> Found:
    if child is not None:
        return _chosen(pasts, child)
    word = word or "missed"
    found = find_by_rule(word, [past.known for past in pasts], pasts[0].world, nth)
    if found is None:
        which = "no child" if nth == 1 else f"no child number {nth}"
        raise CannotTell(f"{which} in this run for {word}: {RULES[word].says}")
    return found


def _chosen(pasts: Sequence[Past], child: int) -> Found:
    world = pasts[0].world
    last = len(world.children.birth) - 1
    if not 0 <= child <= last:
        raise CannotTell(f"there is no child {child}; children are numbered from 0 to {last}")
    first, born = _from_week(world), int(world.children.birth[child])
    if born + CHILDHOOD <= first:
        day = date_of(born + CHILDHOOD - world.warm_up, pasts[0].before.settings.clock)
        raise CannotTell(f"child {child} turned 18 on {day}, before anything was kept that could be told")
    points = [turning_point(child, [past.known]) for past in pasts]
    default = Found(child, max(first, born) - world.warm_up, None)
    return next((point for point in points if point is not None), default)


def _told(pasts: Sequence[Past], found: Found, *, whole: bool) -> Stories:
    world = pasts[0].world
    born, warm_up = int(world.children.birth[found.child]), world.warm_up
    first = max(_from_week(world), born)
    last = min(world.weeks, born + CHILDHOOD + 1) - 1
    week, onset = found.week + warm_up, None if found.onset is None else found.onset + warm_up
    if not whole:
        first, last = max(first, week - _AROUND), min(last, week + _AROUND)
    focus = Focus(first, last, week, onset)
    return Stories(tuple(past.tell(found.child, focus) for past in pasts))


def _so_far(witness: Witness, child: int | None) -> tuple[int, Focus]:
    """A child and all that a witness has seen of it; it turns on the last spell of significant harm that has begun."""
    if child is None or child not in witness.children or not witness.weeks:
        raise CannotTell(f"this witness has not watched child {child} yet")
    first, last = witness.weeks[0].week, witness.weeks[-1].week
    spells = witness.model.world.spells
    begun = spells.onset[
        (spells.child == child) & spells.harm & (spells.onset <= last) & (spells.end > first)
    ]
    return child, Focus(first, last, last, int(begun[-1]) if len(begun) else None)
