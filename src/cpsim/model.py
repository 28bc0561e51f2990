"""The model: builds world, agents, network, casework and governance from a scenario, and runs the weekly plan."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import mesa
import numpy as np
import pandas as pd

from cpsim import draws
from cpsim.agents.columns import AgentTable
from cpsim.agents.roster import (
    AUTHORITY_TRAITS,
    build_authorities,
    build_organisations,
    build_teams,
    build_workers,
    create_agents,
    list_posts,
    release_model,
    sync_workers,
)
from cpsim.arrays import Floats, Integers, Ints
from cpsim.casework.allocation import hand_over_cases, start_week
from cpsim.casework.assessment import AssessmentOutcome, assess
from cpsim.casework.delivery import deliver_messages, request_help, send_messages
from cpsim.casework.life_events import LifeCalendar, apply_life_events, build_life_calendar
from cpsim.casework.log import OCCURRENCES, FinishedLog, Log, Occurrence
from cpsim.casework.noticing import Concerns, notice_signs
from cpsim.casework.protection import protect
from cpsim.casework.recording import Beliefs, record_concerns
from cpsim.casework.screening import Screening, screen
from cpsim.casework.sharing import share_concerns
from cpsim.casework.sightings import NO_SIGHTINGS, prepare_sightings
from cpsim.casework.state import Casework, Messages
from cpsim.constants import NEVER
from cpsim.governance.context import LeverContext
from cpsim.governance.timeline import Timeline
from cpsim.governance.workforce import StaffTurnover
from cpsim.measures.authorities import AUTHORITY_SAMPLES, build_authorities_table, sample_authorities
from cpsim.measures.indicators import summarise
from cpsim.measures.ledger import Snapshots, build_spells_table
from cpsim.measures.weekly import SAMPLED, build_weekly_table, sample_week
from cpsim.network.build import build_ties, count_shared_children
from cpsim.network.graph import build_graph
from cpsim.network.graphml import read_graphml
from cpsim.network.nodes import Nodes
from cpsim.network.ties import Ties, tie_keys
from cpsim.results import RunResult
from cpsim.results.run_result import collect_provenance
from cpsim.scenario.events import TimelineEvent
from cpsim.scenario.read import AnyScenario, Overrides, resolve_scenario
from cpsim.scenario.schema import Scenario
from cpsim.world import World, draw_world, world_key
from cpsim.world.calendar import CHILDHOOD

_HISTORY_KEPT = 52
"""Weeks before week 0 from which events are kept in the result."""


@dataclass(frozen=True)
class Step:
    """One step of the weekly plan: its name, what it does in a sentence, and the doing."""

    name: str
    description: str
    run: Callable[["ChildProtectionModel"], None]


class ChildProtectionModel(mesa.Model):
    """The child protection system of one local authority or of many, week by week; an ordinary Mesa model.

    Args:
        scenario: a `Scenario`, the name of a shipped one, a file, a mapping, or None for the baseline.
        seed: whole number from 0 on, 1 if None; the same seed gives the same children under every scenario.
        world: a world drawn before for the same seed and the same world settings, to be shared.
        collect: whether to fill `datacollector` every week.
        **kwargs: settings by path, e.g. `{"sharing.share_noise": 0.5}`.

    Attributes:
        settings: the resolved scenario.
        world: the drawn world; immutable.
        tables: columns of the agents by table name: authorities, organisations, teams, workers, ties.
        week: weeks done; week `world.warm_up` is the first judged one.
        plan: the steps of a week, in order; insert a `Step` of your own before or after any other.
        datacollector: a Mesa DataCollector with the columns of `SAMPLED`.

    Raises:
        ScenarioError: the scenario or a setting is wrong.
        ValueError: the seed is negative, or the world belongs to another seed or other settings.
    """

    # What one step of the week hands to the next.
    concerns: Concerns
    beliefs: Beliefs
    sent_messages: Messages
    delivered_messages: Messages
    screening: Screening
    assessment: AssessmentOutcome

    def __init__(
        self,
        scenario: AnyScenario | None = None,
        *,
        seed: int | None = 1,
        world: World | None = None,
        collect: bool = True,
        **kwargs: Any,
    ) -> None:
        seed = 1 if seed is None else int(seed)
        if seed < 0:
            raise ValueError(f"a seed is a whole number from 0 on, not {seed}")
        super().__init__(rng=seed)
        self.settings = resolve_scenario("baseline" if scenario is None else scenario, kwargs)
        self.seed = seed
        if world is None:
            world = draw_world(self.settings, seed)
        elif world.key != world_key(self.settings, seed):
            raise ValueError("this world was drawn for another seed or for other world settings")
        self.world = world
        self.kinds = self.settings.kinds
        self._collects = collect
        self._agents_exist = False
        self._build()
        self.week = 0
        self.plan = list(PLAN)
        self._samples = np.zeros((world.weeks, len(SAMPLED)))
        self._in_places = np.zeros((world.weeks, len(AUTHORITY_SAMPLES), len(world.authorities)))
        self.datacollector = mesa.DataCollector(  # type: ignore[no-untyped-call]
            model_reporters={name: _latest(index) for index, name in enumerate(SAMPLED)}
        )

    def _build(self) -> None:
        settings, world, seed = self.settings, self.world, self.seed
        children = np.bincount(world.attendance.first[self._alive_at(0)], minlength=len(world.sites.kind))
        organisations = build_organisations(settings.agencies, world.sites, children)
        authorities = build_authorities(
            settings.authorities,
            world.authorities,
            draws.generator(seed, "traits of authorities").standard_normal((len(world.authorities), len(AUTHORITY_TRAITS))),
        )
        teams = build_teams(settings.workforce, authorities)
        team_of_post = list_posts(settings.workforce, teams, authorities)
        lots = draws.generator(seed, "workers at the start").random((len(team_of_post), 3))
        workers = build_workers(settings.workforce, team_of_post, lots)
        self.nodes = Nodes.of(organisations, self.kinds, world.sites.serves)
        self.ties = self._network(authorities["trust"])
        self.tables: dict[str, AgentTable] = {
            "authorities": authorities,
            "organisations": organisations,
            "teams": teams,
            "workers": workers,
            "ties": self.ties.table,
        }
        self.posts = len(team_of_post)
        self.posts_in_each = np.bincount(teams["authority"][team_of_post])
        self.lever_context = LeverContext(settings, self.tables, self.ties, self.authority_names, seed)
        self.timeline = Timeline(settings, self.lever_context)
        self.workforce = StaffTurnover(settings, team_of_post, workers, seed)
        log = Log(detail_from=max(world.warm_up - _HISTORY_KEPT, 0))
        self.casework = Casework(
            settings,
            world,
            prepare_sightings(settings, world, world.signs),
            authorities,
            organisations,
            teams,
            workers,
            self.ties,
            log,
        )
        self.life: LifeCalendar = build_life_calendar(world)
        self.snapshots = Snapshots(world)

    def _alive_at(self, week: int) -> Ints:
        """Rows of the files of children under 18 in `week`."""
        born = self.world.children.birth
        child = np.flatnonzero((born <= week) & (born > week - CHILDHOOD))
        return (child[:, None] * len(self.settings.agencies) + np.arange(len(self.settings.agencies))).ravel()

    @property
    def authority_names(self) -> tuple[str, ...]:
        """Names of the authorities, by row of their table."""
        return self.world.authorities.names

    def _network(self, trust_beyond: Floats) -> Ties:
        settings = self.settings.network
        if settings.graphml is not None:
            return read_graphml(Path(settings.graphml), self.nodes, settings.trust_start)
        chance = draws.Stream(self.seed, "trust at the start")

        def trust(source: Integers, target: Integers) -> Floats:
            z = chance.normal(tie_keys(source, target, self.nodes.organisations))
            where = np.where(target < self.nodes.organisations, source, target)
            start = settings.trust_start + trust_beyond[self.nodes.authority[where]]
            return np.clip(start + settings.trust_spread * z, 0.0, 1.0)

        shared = count_shared_children(
            self.world.attendance.first[self._alive_at(0)], len(self.kinds), len(self.world.sites.kind)
        )
        tied = np.array([kind.tied for kind in self.settings.agencies.values()])[self.world.sites.kind]
        return build_ties(self.nodes, shared, settings.lateral_density, trust, tied)

    @property  # type: ignore[misc]  # Mesa's own setter only raises
    def agents(self) -> Any:
        """All agents; they are created when somebody first asks, so that a headless run pays nothing for them."""
        self._make_agents()
        return super().agents

    @property
    def agents_by_type(self) -> Any:
        """Agents by class, as in Mesa."""
        self._make_agents()
        return super().agents_by_type

    def _make_agents(self) -> None:
        if not getattr(self, "_agents_exist", True):
            self._agents_exist = True
            create_agents(self)

    @property
    def network(self) -> Any:
        """The network as it stands, as a fresh networkx DiGraph."""
        return build_graph(self.ties, self.nodes)

    def step(self) -> None:
        """Run one week of the plan; `running` turns false after the last."""
        if not self.running:
            return
        start_week(self.casework, self.week)
        for step in self.plan:
            step.run(self)
        self.week += 1
        self.running = self.week < self.world.weeks

    def fork(self, scenario: Scenario | None = None) -> Self:
        """A model that shares this one's past and goes on separately, under `scenario` if given.

        The result is bit for bit what a run from the start under that scenario would give.

        Raises:
            ValueError: the scenario differs in more than later events.
        """
        if scenario is not None:
            self._check_same_past(scenario)
        shared = (self.world, self.settings)
        twin = copy.deepcopy(self, {id(part): part for part in shared})
        if scenario is not None:
            twin.switch_scenario(scenario)
        return twin

    def switch_scenario(self, scenario: Scenario) -> None:
        """Go on under another scenario with the same past, bit for bit as if it had been this one from the start.

        Only settings that have not come to bear yet may differ: what begins or ends on the timeline from this week on.

        Raises:
            ValueError: the scenario differs in more than later events.
        """
        self._check_same_past(scenario)
        self.settings = self.casework.scenario = scenario
        self.timeline.switch_scenario(scenario)

    def _check_same_past(self, scenario: Scenario) -> None:
        if not has_same_history(self.settings, scenario, self.week):
            raise ValueError(f"the scenarios already differ before week {self.week}, so they share no past")

    def sample_series(self, name: str) -> Floats:
        """What was sampled in each of the weeks done, by its name in `SAMPLED`, shape (week,).

        Raises:
            ValueError: nothing of that name is sampled.
        """
        return self._samples[: self.week, SAMPLED.index(name)]

    def summary(self) -> dict[str, Any]:
        """The figures of `result` alone, by the names of `summary.json`, for who needs no tables; the run must be over.

        Raises:
            RuntimeError: weeks are left to run.
        """
        events, spells, weekly = self._judged()
        return summarise(self.settings, self.world, events, weekly, spells, self.posts)

    def result(self, started: datetime | None = None, seconds: float = 0.0) -> RunResult:
        """What the run leaves behind; the run must be over.

        Raises:
            RuntimeError: weeks are left to run.
        """
        events, spells, weekly = self._judged()
        world, settings = self.world, self.settings
        resolved = settings.model_dump(mode="python")
        return RunResult(
            scenario=resolved,
            seed=self.seed,
            summary=summarise(settings, world, events, weekly, spells, self.posts),
            weekly=weekly,
            spells=spells,
            agencies=self._agency_table(events),
            ties=self.ties.to_frame(self.nodes),
            events=_event_table(events, world.warm_up),
            authorities=build_authorities_table(world, events, spells, self._in_places),
            ratings=self.lever_context.ratings.to_frame(world.warm_up),
            provenance=collect_provenance(resolved, self.seed, started or datetime.now(UTC), seconds),
        )

    def spells(self) -> pd.DataFrame:
        """The table of spells of `result` alone; the run must be over.

        Raises:
            RuntimeError: weeks are left to run.
        """
        return build_spells_table(self.world, self._happened(), self.snapshots)

    def _happened(self) -> FinishedLog:
        """All that has happened in the run, which must be over."""
        if self.running:
            raise RuntimeError(
                f"the run is in week {self.week} of {self.world.weeks}: step it to the end first"
            )
        # The prepared signs have done their service, and the tables need the room.
        self.casework.sightings = NO_SIGHTINGS
        return FinishedLog(self.casework.log)

    def _judged(self) -> tuple[FinishedLog, pd.DataFrame, pd.DataFrame]:
        """What happened, the spells as the ledger judges them, and the weekly table."""
        world, settings, events = self.world, self.settings, self._happened()
        spells = build_spells_table(world, events, self.snapshots)
        exits = np.bincount(
            self.tables["workers"]["left_week"][~self.tables["workers"]["employed"]], minlength=world.weeks
        )
        weekly = build_weekly_table(
            world, self.kinds, world.sites.kind, settings.clock.start, events, spells, self._samples, exits
        )
        return events, spells, weekly

    def _agency_table(self, events: FinishedLog) -> pd.DataFrame:
        organisations, world = self.tables["organisations"], self.world

        def count(what: int) -> Ints:
            site = events.select(what).select_weeks(world.warm_up, world.warm_up + world.evaluated_weeks).site
            return np.bincount(site, minlength=len(organisations))

        under_18 = self._alive_at(world.weeks - 1)
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


def _event_table(events: FinishedLog, warm_up: int) -> pd.DataFrame:
    """All happenings from a year before week 0 on, by week and within a week by stage."""
    parts = [events.select(what).select_weeks(warm_up - _HISTORY_KEPT, NEVER) for what in range(len(OCCURRENCES))]
    sizes = [len(part.week) for part in parts]
    # Column by column, so that no more than one of them is held twice.
    order = np.argsort(np.concatenate([part.week for part in parts]), kind="stable")
    what = np.repeat(np.arange(len(parts), dtype=np.int8), sizes)[order]
    return pd.DataFrame(
        {
            "week": np.concatenate([part.week for part in parts])[order] - np.int32(warm_up),
            "child": np.concatenate([part.child for part in parts])[order],
            "stage": pd.Categorical.from_codes(what, categories=pd.Index(OCCURRENCES)),
            "agency": np.concatenate([part.site for part in parts])[order],
            "value": np.concatenate([part.value for part in parts])[order],
        },
        copy=False,
    )


def has_same_history(one: Scenario, other: Scenario, week: int) -> bool:
    """Whether two scenarios lead to the same past: they differ in name, question and what comes from `week` on at most.

    What comes are events that begin by then, and the ends of those that began before.
    """

    def past(scenario: Scenario) -> tuple[Any, Any]:
        clock = scenario.clock
        ours = scenario.model_dump(exclude={"name", "question", "extends", "timeline"})
        begun = [event for event in scenario.timeline if event.first_week(clock) < week]
        return ours, [_open_ended(event) if (event.end_week(clock) or 0) >= week else event for event in begun]

    return past(one) == past(other)


def _open_ended(event: TimelineEvent) -> TimelineEvent:
    return event.model_copy(update={"until": None})


def _latest(index: int) -> Callable[[ChildProtectionModel], float]:
    """Reporter of the last sample of a column; a function, since Mesa calls other callables without the model."""

    def report(model: ChildProtectionModel) -> float:
        return float(model._samples[model.week, index])

    return report


def _governance(model: ChildProtectionModel) -> None:
    tables = model.tables
    model.timeline.apply_levers(model.week)
    model.workforce.update(tables["workers"], tables["teams"], model.ties, model.week)


def _life(model: ChildProtectionModel) -> None:
    apply_life_events(model.casework, model.life)
    request_help(model.casework, model.life.need_start[model.week])


def _noticing(model: ChildProtectionModel) -> None:
    model.concerns = notice_signs(model.casework)


def _recording(model: ChildProtectionModel) -> None:
    model.beliefs = record_concerns(model.casework, model.concerns)


def _sharing(model: ChildProtectionModel) -> None:
    model.sent_messages = share_concerns(model.casework, model.concerns, model.beliefs)


def _delivery(model: ChildProtectionModel) -> None:
    send_messages(model.casework, model.sent_messages)
    model.delivered_messages = deliver_messages(model.casework)


def _screening(model: ChildProtectionModel) -> None:
    model.screening = screen(model.casework, model.delivered_messages)


def _assessment(model: ChildProtectionModel) -> None:
    model.assessment = assess(model.casework, model.screening)


def _protection(model: ChildProtectionModel) -> None:
    protect(model.casework, model.assessment, model.life.serious)


def _workforce_and_ties(model: ChildProtectionModel) -> None:
    network = model.settings.network
    hand_over_cases(model.casework)
    model.ties.fade_unused(model.week, network.trust_fading_per_week, network.trust_new)
    if model._agents_exist:
        sync_workers(model)


def _ledger(model: ChildProtectionModel) -> None:
    model.snapshots.update(model.casework)


def _data_collection(model: ChildProtectionModel) -> None:
    model._samples[model.week] = sample_week(
        model.casework, model.workforce.vacancy_share(model.tables["workers"])
    )
    model._in_places[model.week] = sample_authorities(model.casework, model.posts_in_each)
    if model._collects:
        model.datacollector.collect(model)  # type: ignore[no-untyped-call]


PLAN: tuple[Step, ...] = (
    Step("governance", "levers turn dials on their dates; people leave and come", _governance),
    Step("life", "spells and needs begin and end; children move, grow up, ask for help", _life),
    Step("noticing", "organisations meet the week's signs and notice some", _noticing),
    Step("recording", "what is written down goes on the agencies' files", _recording),
    Step("sharing", "professionals ask partners and decide whether to tell social care", _sharing),
    Step("delivery", "messages travel; some are lost, some come late", _delivery),
    Step("screening", "the front door decides what becomes a referral", _screening),
    Step("assessment", "initial and core assessments and section 47 enquiries", _assessment),
    Step("protection", "conferences, plans, services, care, reviews; what they do to harm", _protection),
    Step("workforce and ties", "cases of leavers are handed over; unused ties fade", _workforce_and_ties),
    Step("ledger", "deadlines of this week are noted", _ledger),
    Step("data collection", "the state of the system is sampled", _data_collection),
)
"""The week, in order."""


def run(
    scenario: AnyScenario,
    seed: int = 1,
    on_week: Callable[[int, int], None] | None = None,
    *,
    overrides: Overrides = (),
    world: World | None = None,
) -> RunResult:
    """Run a scenario from its start to its end.

    Args:
        scenario: a `Scenario`, the name of a shipped one, a file, or a mapping.
        seed: whole number from 0 on.
        on_week: called with (weeks done, weeks in all) after every week.
        overrides: settings laid over the scenario: values by path, such as `{"clock.years": 3}`, or texts `path=value`.
        world: a world drawn before for this seed and these world settings.

    Raises:
        ScenarioError: the scenario is wrong.
        ValueError: the seed is negative or the world does not fit.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    settings = resolve_scenario(scenario, overrides)
    model = ChildProtectionModel(settings, seed=seed, world=world, collect=False)
    try:
        while model.running:
            model.step()
            if on_week is not None:
                on_week(model.week, model.world.weeks)
        return model.result(started, time.perf_counter() - clock)
    finally:
        release_model(model)
