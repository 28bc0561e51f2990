"""The engine: it builds world, agents, network, casework and governance from a scenario and runs the weekly plan.

Agents are rows of tables here. `cpsim.model` shows the same simulation as a Mesa model.

>>> from cpsim.simulation import PLAN
>>> [step.name for step in PLAN][:4]
['governance', 'life', 'noticing', 'recording']
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cpsim import draws
from cpsim.agents.build import (
    AUTHORITY_TRAITS,
    build_authorities,
    build_organisations,
    build_teams,
    build_workers,
    list_posts,
)
from cpsim.agents.columns import AgentTable
from cpsim.arrays import Floats, Integers, Ints
from cpsim.casework.life_events import build_life_calendar
from cpsim.casework.log import OCCURRENCES, FinishedLog, Log, Occurrence
from cpsim.casework.sightings import SightingsByWeek
from cpsim.casework.state import Casework
from cpsim.casework.transitions import TransitionChecks
from cpsim.casework.week import Week
from cpsim.constants import NEVER, WEEKS_PER_YEAR
from cpsim.governance.context import LeverContext
from cpsim.governance.timeline import Timeline
from cpsim.governance.workforce import StaffTurnover
from cpsim.histories.cache import NO_CACHE, HistoryCache, open_cache
from cpsim.histories.start import start_after_history
from cpsim.measures.assessments import build_assessments_table, find_assessments
from cpsim.measures.authorities import AUTHORITY_SAMPLES, build_authorities_table
from cpsim.measures.children import build_children_table
from cpsim.measures.conditions import build_conditions_table
from cpsim.measures.ledger import Snapshots, add_pieces_on_file, build_spells_table, select_evaluated_spells
from cpsim.measures.on_file import Crossings, find_alarms, find_crossings
from cpsim.measures.outcomes import Columns, compute_outcomes
from cpsim.measures.services import build_services_table
from cpsim.measures.weekly import SAMPLED, build_weekly_table
from cpsim.network.build import build_ties, count_shared_children
from cpsim.network.graphml import read_graphml
from cpsim.network.nodes import Nodes
from cpsim.network.ties import Ties, tie_keys
from cpsim.scenario.clock import total_weeks, warm_up_weeks
from cpsim.scenario.read import AnyScenario, Overrides, resolve_scenario
from cpsim.seeds import draw_seed, read_seed
from cpsim.stages.checks import AccessChecks, is_debug_mode
from cpsim.system import PLAN, ChildProtectionSystem, Step
from cpsim.world import World, draw_world, world_key
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.results import RunResult

__all__ = ["PLAN", "Simulation", "Step", "run"]

_EVENT_HISTORY_WEEKS = WEEKS_PER_YEAR
"""Number of weeks before week 0 whose events are in the results."""


class Simulation(ChildProtectionSystem):
    """The child protection system of one or several local authorities, simulated week by week.

    Args:
        scenario: a `Scenario`, the name of a scenario of cpsim, the path of a file, or a mapping; None: the baseline.
        seed: whole number from 0 to `MAX_SEED`. The same seed gives the same children under every scenario that has
            the same world settings. None: the seed of `world` if one is given, else a fresh one; the attribute `seed`
            and the result record it.
        world: world drawn earlier for the same seed and the same world settings.
        overrides: changes to settings: values by path, such as `{"sharing.share_noise": 0.5}`, or texts `path=value`.
        debug: whether to check that stages and levers keep to what they declare, which makes a run slower and changes
            no result; None: if the environment variable `CPSIM_DEBUG` is set to anything but 0.

    Attributes:
        seed: the seed of the run.

    Raises:
        ScenarioError: the scenario or a setting is invalid.
        ValueError: the seed is not valid, or the world was drawn for another seed or other world settings.

    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> simulation = Simulation(town, seed=7)
    >>> simulation.step()
    >>> simulation.week, simulation.authority_names
    (1, ('authority-01',))

    A fork has the same history and can continue under other events, so the two can be compared from here on:

    >>> while simulation.week < simulation.world.warm_up:
    ...     simulation.step()
    >>> duty = {"date": "2005-06-06", "lever": "duty", "kinds": ["school"], "bound": True}
    >>> with_duty = simulation.fork(resolve_scenario(town | {"timeline": [duty]}))
    >>> for each in (simulation, with_duty):
    ...     while each.running:
    ...         each.step()
    >>> history = slice(simulation.world.warm_up)
    >>> without_duty = simulation.sample_series("on_plan")
    >>> bool((without_duty[history] == with_duty.sample_series("on_plan")[history]).all())
    True

    A finished run has results; the outcomes or the spells of harm alone take less time:

    >>> result = simulation.result()
    >>> result.summary == simulation.summary()
    True
    >>> len(result.spells) == len(simulation.spells()) == len(simulation.columns().spells)
    True
    """

    def __init__(
        self,
        scenario: AnyScenario | None = None,
        *,
        seed: int | None = None,
        world: World | None = None,
        overrides: Overrides = (),
        debug: bool | None = None,
    ) -> None:
        seed = _choose_seed(seed, world)
        self.settings = resolve_scenario("baseline" if scenario is None else scenario, overrides)
        self.seed = seed
        if world is None:
            world = draw_world(self.settings, seed)
        elif world.key != world_key(self.settings, seed):
            raise ValueError(
                "the world was drawn for another seed or other world settings; draw one for this run"
            )
        self.world = world
        self.kinds = self.settings.kinds
        debug = is_debug_mode() if debug is None else debug
        self.access_checks = AccessChecks() if debug else None
        self._build()
        self.week = 0
        self.running = True
        self.this_week = Week(0)
        self.plan = list(PLAN)
        self.samples = np.zeros((world.weeks, 1, len(SAMPLED)))
        self.authority_samples = np.zeros((world.weeks, len(AUTHORITY_SAMPLES), len(world.authorities)))

    def _build(self) -> None:
        settings, world, seed = self.settings, self.world, self.seed
        children = np.bincount(
            world.attendance.first[self._find_open_files(0)], minlength=len(world.sites.kind)
        )
        organisations = build_organisations(settings.agencies, settings.duties, world.sites, children)
        authorities = build_authorities(
            settings.authorities,
            world.authorities,
            draws.generator(seed, "traits of authorities").standard_normal(
                (len(world.authorities), len(AUTHORITY_TRAITS))
            ),
        )
        teams = build_teams(settings.workforce, authorities, settings.population.children)
        team_of_post = list_posts(settings.workforce, teams, authorities)
        uniforms = draws.generator(seed, "workers at the start").random((len(team_of_post), 3))
        workers = build_workers(settings.workforce, teams, team_of_post, uniforms)
        self.nodes = Nodes.of(organisations, self.kinds, world.sites.serves)
        self.ties = self._build_network(authorities["trust"])
        self.tables: dict[str, AgentTable] = {
            "authorities": authorities,
            "organisations": organisations,
            "teams": teams,
            "workers": workers,
            "ties": self.ties.table,
        }
        self.posts = len(team_of_post)
        self.posts_by_authority = np.bincount(teams["authority"][team_of_post])
        self.lever_context = LeverContext(settings, self.tables, self.ties, self.authority_names, seed)
        self.timeline = Timeline(settings, self.lever_context, self.access_checks)
        self.workforce = StaffTurnover(settings, team_of_post, workers, seed)
        log = Log(detail_from=max(world.warm_up - _EVENT_HISTORY_WEEKS, 0))
        self.casework = Casework(
            settings,
            world,
            SightingsByWeek(settings, world),
            authorities,
            organisations,
            teams,
            workers,
            self.ties,
            log,
            None if self.access_checks is None else TransitionChecks(),
        )
        self.life = build_life_calendar(world)
        self.snapshots = Snapshots(world, settings.measures.horizon_weeks)
        if self.access_checks is not None:
            self._observe_state(self.access_checks)

    def _observe_state(self, checks: AccessChecks) -> None:
        for name, table in self.tables.items():
            checks.observe_table(name, table)
        state = self.casework
        for part in (state.files, state.records, state.harm, state):
            checks.observe_columns(part)

    def _find_open_files(self, week: int) -> Ints:
        """Return the rows of all files of children under 18 in `week`: int64[files]."""
        born = self.world.children.birth
        child = np.flatnonzero((born <= week) & (born > week - CHILDHOOD))
        return (child[:, None] * len(self.settings.agencies) + np.arange(len(self.settings.agencies))).ravel()

    @property
    def authority_names(self) -> tuple[str, ...]:
        """Names of the authorities, by row."""
        return self.world.authorities.names

    def _build_network(self, trust_shift: Floats) -> Ties:
        """Read the ties from the scenario's GraphML file, or create them; `trust_shift` is by authority."""
        settings = self.settings.network
        if settings.graphml is not None:
            return read_graphml(Path(settings.graphml), self.nodes, settings.trust_start)
        stream = draws.Stream(self.seed, "trust at the start")

        def trust(source: Integers, target: Integers) -> Floats:
            z = stream.normal(tie_keys(source, target, self.nodes.organisations))
            place = np.where(target < self.nodes.organisations, source, target)
            start = settings.trust_start + trust_shift[self.nodes.authority[place]]
            return np.clip(start + settings.trust_spread * z, 0.0, 1.0)

        shared = count_shared_children(
            self.world.attendance.first[self._find_open_files(0)], len(self.kinds), len(self.world.sites.kind)
        )
        tied = np.array([kind.tied for kind in self.settings.agencies.values()])[self.world.sites.kind]
        return build_ties(self.nodes, shared, settings.lateral_density, trust, tied)

    def sample_series(self, name: str) -> Floats:
        """Return the weekly samples of a column of `cpsim.measures.weekly.SAMPLED` so far: float64, shape (weeks run,).

        Raises:
            ValueError: there is no such column.
        """
        return self.samples[: self.week, 0, SAMPLED.index(name)]

    def summary(self) -> dict[str, Any]:
        """Return the outcomes by the names of `summary.json`, for callers that do not need the tables.

        Raises:
            RuntimeError: the run is not finished.
        """
        return compute_outcomes(self.columns())

    def result(self, started: datetime | None = None, seconds: float = 0.0) -> RunResult:
        """Return the results of the finished run: summary, tables and provenance.

        Args:
            started: time when the run started, for the provenance; now if None.
            seconds: duration of the run, for the provenance.

        Raises:
            RuntimeError: the run is not finished.
        """
        from cpsim.results.run_result import RunResult, collect_provenance

        run, world = self.columns(), self.world
        resolved, measures = self.settings.model_dump(mode="python"), self.settings.measures
        since = world.warm_up - _EVENT_HISTORY_WEEKS
        return RunResult(
            scenario=resolved,
            seed=self.seed,
            summary=compute_outcomes(run),
            weekly=run.weekly,
            spells=run.spells,
            children=build_children_table(world, run.events),
            conditions=build_conditions_table(measures, world, run.events, since),
            services=build_services_table(world, run.events, since),
            assessments=build_assessments_table(world, run.evaluated_assessments),
            agencies=self._build_agency_table(run.events),
            ties=self.ties.to_frame(self.nodes),
            events=_build_event_table(run.events, world.warm_up),
            authorities=run.authorities,
            ratings=run.ratings,
            provenance=collect_provenance(resolved, self.seed, started or datetime.now(UTC), seconds),
        )

    def spells(self) -> pd.DataFrame:
        """Return the table of spells of `result`, without computing the other tables.

        Raises:
            RuntimeError: the run is not finished.
        """
        log = self._finish_log()
        crossings = find_crossings(self.settings, self.world, log, select_evaluated_spells(self.world))
        return self._build_spells(log, crossings)

    def _build_spells(self, log: FinishedLog, crossings: Crossings) -> pd.DataFrame:
        table = build_spells_table(self.settings, self.world, log, self.snapshots)
        return add_pieces_on_file(table, self.settings, self.world, crossings)

    def _finish_log(self) -> FinishedLog:
        """Return the finished log of the run, and free memory that is no longer needed."""
        if self.running:
            raise RuntimeError(
                f"the run is in week {self.week} of {self.world.weeks}; step the model to the end first"
            )
        # The prepared signs are no longer needed, and the tables need the memory.
        self.casework.sightings.clear()
        self.casework.log.join()
        return FinishedLog(self.casework.log)

    def columns(self) -> Columns:
        """Return what outcomes are computed from, for outcomes that are not registered.

        Raises:
            RuntimeError: the run is not finished.
        """
        world, settings, events = self.world, self.settings, self._finish_log()
        crossings = find_crossings(settings, world, events, select_evaluated_spells(world))
        spells = self._build_spells(events, crossings)
        assessments = find_assessments(settings.measures, world, events)
        exits = np.bincount(
            self.tables["workers"]["left_week"][~self.tables["workers"]["employed"]], minlength=world.weeks
        )
        weekly = build_weekly_table(
            settings,
            world,
            events,
            spells,
            assessments,
            find_alarms(settings, world, events, crossings),
            self.samples[:, 0],
            exits,
            self.posts,
        )
        authorities = build_authorities_table(
            world, events, spells, assessments, settings.measures.horizon_weeks, self.authority_samples
        )
        ratings = self.lever_context.ratings.to_frame(world.warm_up)
        return Columns(settings, world, events, weekly, spells, assessments, authorities, ratings)

    def _build_agency_table(self, events: FinishedLog) -> pd.DataFrame:
        import pandas as pd

        organisations, world = self.tables["organisations"], self.world

        def count(what: int) -> Ints:
            site = events.select(what).select_weeks(world.warm_up, world.warm_up + world.evaluated_weeks).site
            return np.bincount(site, minlength=len(organisations))

        under_18 = self._find_open_files(world.weeks - 1)
        return pd.DataFrame(
            {
                "agency": np.arange(len(organisations)),
                "name": self.nodes.names[: len(organisations)],
                "kind": np.array(self.kinds)[organisations["kind"]],
                "authority": organisations["authority"],
                "area": organisations["area"],
                "children": np.bincount(self.casework.files.site[under_18], minlength=len(organisations)),
                "attention": organisations["attention"],
                "recording": organisations["recording"],
                "share_threshold": organisations["share_threshold"] + organisations["share_threshold_shift"],
                "noticed": count(Occurrence.NOTICED),
                "recorded": count(Occurrence.RECORDED),
                "consulted": count(Occurrence.CONSULTED),
                "shared": count(Occurrence.SHARED),
            }
        )


def _build_event_table(events: FinishedLog, warm_up: int) -> pd.DataFrame:
    """Return the table of events from a year before week 0, sorted by week and within a week by stage."""
    import pandas as pd

    parts = [
        events.select(what).select_weeks(warm_up - _EVENT_HISTORY_WEEKS, NEVER)
        for what in range(len(OCCURRENCES))
    ]
    last = max((int(part.week[-1]) for part in parts if len(part.week)), default=0)
    per_week = np.array([np.bincount(part.week, minlength=last + 1) for part in parts])
    total = per_week.sum(axis=0)
    week = np.arange(-warm_up, last + 1 - warm_up, dtype=np.int32).repeat(total)
    child, agency = np.empty(len(week), np.int32), np.empty(len(week), np.int32)
    value, stage = np.empty(len(week), np.float32), np.empty(len(week), np.int8)
    free = total.cumsum() - total
    names = sorted(name for name, part in zip(OCCURRENCES, parts, strict=True) if len(part.week))
    # Kind by kind instead of by sorting, which would take twice the memory.
    for name, part, size in zip(OCCURRENCES, parts, per_week, strict=True):
        row = (free - (size.cumsum() - size)).astype(np.int32).repeat(size)
        row += np.arange(len(row), dtype=np.int32)
        child[row], agency[row], value[row] = part.child, part.site, part.value
        stage[row] = names.index(name) if len(row) else 0
        free += size
    return pd.DataFrame(
        {
            "week": week,
            "child": child,
            "stage": pd.Categorical.from_codes(stage, categories=pd.Index(names)),
            "agency": agency,
            "value": value,
        },
        copy=False,
    )


def _choose_seed(seed: int | None, world: World | None) -> int:
    """Return the seed that is given, or else that of the world, or else a fresh one.

    Raises:
        ValueError: the one given is not a seed.
    """
    if seed is not None:
        return read_seed(seed)
    return draw_seed() if world is None else world.seed


def run(
    scenario: AnyScenario,
    seed: int = 1,
    on_week: Callable[[int, int], None] | None = None,
    *,
    overrides: Overrides = (),
    world: World | None = None,
    cache: HistoryCache | None = None,
) -> RunResult:
    """Run a scenario from start to end and return its results.

    Args:
        scenario: a `Scenario`, the name of a scenario of cpsim, the path of a file, or a mapping.
        seed: whole number from 0 to `MAX_SEED`.
        on_week: function called after every week with the number of weeks run and the total number of weeks.
        overrides: changes to settings: values by path, such as `{"clock.years": 3}`, or texts `path=value`.
        world: world drawn earlier for the same seed and the same world settings.
        cache: where the history up to week 0 is read if it was simulated before, and else kept; by default, if no
            world is given, the user's own, as `cpsim.histories.cache.open_cache` opens it.

    Raises:
        ScenarioError: the scenario is invalid.
        ValueError: the seed is not valid, or the world was drawn for another seed or other world settings.

    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> result = run(town, seed=7, overrides={"name": "a town"})
    >>> result.seed, result.scenario["name"]
    (7, 'a town')
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    settings = resolve_scenario(scenario, overrides)
    weeks, seed = total_weeks(settings.clock), read_seed(seed)

    def report(week: int) -> None:
        if on_week is not None:
            on_week(week, weeks)

    simulation = start_after_history(
        lambda: Simulation(settings, seed=seed, world=world),
        Simulation,
        settings,
        seed,
        warm_up_weeks(settings.clock),
        NO_CACHE if world is not None else cache or open_cache(),
        on_week=report,
    )
    while simulation.running:
        simulation.step()
        report(simulation.week)
    return simulation.result(started, time.perf_counter() - clock)
