"""The child protection system of one or several runs: its state, the weekly plan, and how it is stepped and forked.

`cpsim.simulation` builds the system of one run, and `cpsim.blocks` joins those of several seeds.

>>> from cpsim.system import PLAN
>>> [step.name for step in PLAN][:4]
['governance', 'life', 'noticing', 'recording']
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, Self, TypeVar

from cpsim.agents.columns import AgentTable
from cpsim.arrays import Floats, Ints
from cpsim.casework.allocation import hand_over_cases, start_week
from cpsim.casework.assessment import assess
from cpsim.casework.delivery import deliver_messages, request_help, send_messages
from cpsim.casework.life_events import LifeCalendar, apply_life_events
from cpsim.casework.noticing import notice_signs
from cpsim.casework.protection import protect
from cpsim.casework.recording import record_concerns
from cpsim.casework.screening import screen
from cpsim.casework.sharing import share_concerns
from cpsim.casework.state import Casework
from cpsim.casework.week import Week
from cpsim.governance.timeline import Timeline
from cpsim.governance.workforce import StaffTurnover
from cpsim.measures.authorities import sample_authorities
from cpsim.measures.ledger import Snapshots
from cpsim.measures.weekly import sample_week
from cpsim.network.ties import Ties
from cpsim.scenario.history import has_same_history
from cpsim.scenario.schema import Scenario
from cpsim.stages.checks import AccessChecks
from cpsim.world import World

__all__ = ["PLAN", "ChildProtectionSystem", "Step"]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Step:
    """One step of the weekly plan.

    Attributes:
        name: unique name of the step.
        description: what the step does, in one sentence.
        run: function that carries out the step, called with the system.
        stages: the stages that it runs, which declare what they read and write.

    >>> from cpsim.simulation import Simulation
    >>> model = Simulation("small", seed=7, overrides={"population.children": 500})
    >>> employed = []
    >>> def count_workers(model):
    ...     employed.append(int(model.tables["workers"]["employed"].sum()))
    >>> model.plan.append(Step("count", "counts the social workers at the end of the week", count_workers))
    >>> for _ in range(3):
    ...     model.step()
    >>> len(employed)
    3
    """

    name: str
    description: str
    run: Callable[[Any], None]
    stages: tuple[Callable[..., object], ...] = ()


class Governance(Protocol):
    """What turns the dials of a system, week by week."""

    def apply_levers(self, week: int) -> None:
        """Apply the events of a week of the run."""
        ...

    def switch_scenario(self, scenario: Scenario) -> None:
        """Continue under another scenario whose levers up to the current week are the same."""
        ...


class ChildProtectionSystem:
    """The state of a child protection system, and the weekly plan that changes it.

    Attributes:
        settings: the resolved scenario.
        world: the drawn world, which is never changed.
        tables: state of the agents by table: authorities, organisations, teams, workers, ties.
        this_week: results that the steps of the week under way, or else of the last week, hand on to each other.
        week: number of weeks run; week `world.warm_up` is the first evaluated week.
        running: whether there are weeks left to run.
        plan: the steps of a week, in order; you can insert a `Step` of your own anywhere.
        samples: the results of `sample_week` so far, shape (weeks, runs, values).
        authority_samples: the results of `sample_authorities` so far, shape (weeks, values, A).
        access_checks: what each stage and lever has read and written, in debug mode; otherwise None.

    >>> from cpsim.simulation import Simulation
    >>> system = Simulation("small", seed=7, overrides={"population.children": 500})
    >>> system.step()
    >>> system.week, system.running, sorted(system.tables)
    (1, True, ['authorities', 'organisations', 'teams', 'ties', 'workers'])
    """

    settings: Scenario
    world: World
    tables: dict[str, AgentTable]
    ties: Ties
    casework: Casework
    timeline: Governance
    workforce: StaffTurnover
    life: LifeCalendar
    snapshots: Snapshots
    posts_by_authority: Ints
    this_week: Week
    week: int
    running: bool
    plan: list[Step]
    access_checks: AccessChecks | None
    samples: Floats
    authority_samples: Floats

    def step(self) -> None:
        """Run one week of the plan; `running` becomes false after the last week."""
        if not self.running:
            return
        self.this_week = Week(self.week)
        self.run_stage(start_week, self.casework, self.week)
        for step in self.plan:
            step.run(self)
        self.week += 1
        self.running = self.week < self.world.weeks

    def run_stage(self, stage: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a stage; in debug mode, check that it reads and writes only the columns that it declares.

        Args:
            stage: a function declared with `cpsim.stages.declarations.stage`.
            *args: its arguments, such as `casework`.
            **kwargs: its arguments by name.

        Raises:
            KeyError: in debug mode, the function is not declared as a stage.
            UndeclaredReadError: in debug mode, the stage read a column that it does not declare.
            UndeclaredWriteError: in debug mode, the stage wrote a column that it does not declare.

        >>> from cpsim.agents.tables import TeamColumns
        >>> from cpsim.simulation import Simulation
        >>> from cpsim.stages.declarations import stage
        >>> @stage(reads=(TeamColumns.vacancy_share,), writes=())
        ... def find_highest_vacancy_share(teams):
        ...     return float(teams["vacancy_share"].max())
        >>> model = Simulation("small", seed=7, debug=True, overrides={"population.children": 500})
        >>> model.run_stage(find_highest_vacancy_share, model.tables["teams"])
        0.0
        """
        if self.access_checks is None:
            return stage(*args, **kwargs)
        return self.access_checks.run(stage, self.week, *args, **kwargs)

    def fork(self, scenario: Scenario | None = None) -> Self:
        """Return an independent copy that continues under `scenario`, if given.

        The result is bit for bit that of a run from the start under that scenario.

        Raises:
            ValueError: the scenario differs in more than later events of the timeline.
        """
        if scenario is not None:
            self._check_same_history(scenario)
        fork = copy.deepcopy(self, {id(part): part for part in self._list_shared()})
        if scenario is not None:
            fork.switch_scenario(scenario)
        return fork

    def _list_shared(self) -> list[object]:
        """List what a fork shares with the original, since it never changes."""
        return [self.world, self.settings]

    def switch_scenario(self, scenario: Scenario) -> None:
        """Continue under another scenario, bit for bit as if the model had run under it from the start.

        Only what has had no effect yet can differ: events that begin or end in this week or later.

        Raises:
            ValueError: the scenario differs in more than later events of the timeline.

        >>> from cpsim.scenario.read import resolve_scenario
        >>> from cpsim.simulation import Simulation
        >>> model = Simulation("small", overrides={"population.children": 500})
        >>> model.step()
        >>> duty = {"date": "2005-06-06", "lever": "duty", "kinds": ["school"], "bound": True}
        >>> model.switch_scenario(resolve_scenario(model.settings, {"timeline": [duty]}))
        >>> model.settings.timeline[0].lever
        'duty'
        >>> model.switch_scenario(resolve_scenario(model.settings, {"population.children": 600}))
        Traceback (most recent call last):
        ...
        ValueError: the scenarios must not differ before week 1 of the run
        """
        self._check_same_history(scenario)
        self._set_scenario(scenario)

    def _set_scenario(self, scenario: Scenario) -> None:
        self.settings = self.casework.scenario = scenario
        self.timeline.switch_scenario(scenario)

    def _check_same_history(self, scenario: Scenario) -> None:
        if not has_same_history(self.settings, scenario, self.week):
            raise ValueError(f"the scenarios must not differ before week {self.week} of the run")


def _run_governance(system: ChildProtectionSystem) -> None:
    tables = system.tables
    system.run_stage(system.timeline.apply_levers, system.week)
    system.run_stage(system.workforce.update, tables["workers"], tables["teams"], system.ties, system.week)


def _run_life(system: ChildProtectionSystem) -> None:
    system.run_stage(apply_life_events, system.casework, system.life)
    system.run_stage(request_help, system.casework, system.life.need_start[system.week])


def _run_noticing(system: ChildProtectionSystem) -> None:
    system.this_week.concerns = system.run_stage(notice_signs, system.casework)


def _run_recording(system: ChildProtectionSystem) -> None:
    system.this_week.beliefs = system.run_stage(record_concerns, system.casework, system.this_week.concerns)


def _run_sharing(system: ChildProtectionSystem) -> None:
    week = system.this_week
    week.sent_messages = system.run_stage(share_concerns, system.casework, week.concerns, week.beliefs)


def _run_delivery(system: ChildProtectionSystem) -> None:
    system.run_stage(send_messages, system.casework, system.this_week.sent_messages)
    system.this_week.delivered_messages = system.run_stage(deliver_messages, system.casework)


def _run_screening(system: ChildProtectionSystem) -> None:
    system.this_week.screening = system.run_stage(
        screen, system.casework, system.this_week.delivered_messages
    )


def _run_assessment(system: ChildProtectionSystem) -> None:
    system.this_week.assessment = system.run_stage(assess, system.casework, system.this_week.screening)


def _run_protection(system: ChildProtectionSystem) -> None:
    system.run_stage(protect, system.casework, system.this_week.assessment, system.life.serious)


def _run_workforce_and_ties(system: ChildProtectionSystem) -> None:
    network = system.settings.network
    system.run_stage(hand_over_cases, system.casework)
    system.run_stage(system.ties.fade_unused, system.week, network.trust_fading_per_week, network.trust_new)


def _run_ledger(system: ChildProtectionSystem) -> None:
    system.run_stage(system.snapshots.update, system.casework)


def _run_data_collection(system: ChildProtectionSystem) -> None:
    system.samples[system.week] = system.run_stage(sample_week, system.casework, system.posts_by_authority)
    system.authority_samples[system.week] = system.run_stage(
        sample_authorities, system.casework, system.posts_by_authority
    )


PLAN: tuple[Step, ...] = (
    Step(
        "governance",
        "levers change dials on their dates; staff leave and are hired",
        _run_governance,
        (Timeline.apply_levers, StaffTurnover.update),
    ),
    Step(
        "life",
        "spells and needs begin and end; children move home or turn 18; families ask for help",
        _run_life,
        (apply_life_events, request_help),
    ),
    Step("noticing", "organisations notice some of the week's signs", _run_noticing, (notice_signs,)),
    Step(
        "recording",
        "noticed concerns are recorded on the agencies' files",
        _run_recording,
        (record_concerns,),
    ),
    Step(
        "sharing",
        "practitioners consult partners and decide whether to contact children's social care",
        _run_sharing,
        (share_concerns,),
    ),
    Step(
        "delivery",
        "messages are delivered; some are lost, some are delayed",
        _run_delivery,
        (send_messages, deliver_messages),
    ),
    Step("screening", "the front door decides which contacts become referrals", _run_screening, (screen,)),
    Step(
        "assessment",
        "initial and core assessments and section 47 enquiries are carried out",
        _run_assessment,
        (assess,),
    ),
    Step(
        "protection",
        "conferences, plans, services, care and reviews, and their effect on harm",
        _run_protection,
        (protect,),
    ),
    Step(
        "workforce and ties",
        "cases of leavers are handed over; trust in unused ties fades",
        _run_workforce_and_ties,
        (hand_over_cases, Ties.fade_unused),
    ),
    Step(
        "ledger",
        "the state of children whose deadline is this week is recorded",
        _run_ledger,
        (Snapshots.update,),
    ),
    Step(
        "data collection",
        "the state of the system is sampled",
        _run_data_collection,
        (sample_week, sample_authorities),
    ),
)
"""The steps of a week, in order."""
