"""Perfect stages: what the system would have missed if a group of its steps never failed a child in harm.

A perfect stage is not a lever. A lever turns dials and may never touch an outcome; a perfect stage is a set of further
steps in the week, in which an oracle that knows who is in significant harm acts. The oracle uses the ledger's rule of
the furthest chain, but applies it every week instead of once: a child is stopped at a stage if the ledger would place
the miss there, were the deadline this week. A child who is stopped at a perfect stage passes it in the same week, and
the next stage receives the case as usual. No other child is touched, and everything else follows from the same
equations with the same keyed draws.

| perfect stage | stopped there | passing means | the next stage then decides |
|---|---|---|---|
| opportunity | C0 | a practitioner meets the child this week | whether the sign is noticed |
| noticing and recording | C1, C2 | an agency has recorded enough to reach its threshold | whether it makes contact |
| sharing and pooling | C3 | the most worried agency shares the evidence on all files | whether the message arrives |
| transit | C4 | the message arrives at the right front door this week | whether it is accepted |
| front door and assessment | C5, C6, C7 | a plan, based on a correct estimate of the harm | whether it takes effect |
| protection | C8, C9 | a plan is effective from this week, and no plan or service ends during the harm | |

A child whose chain has already passed a stage is not taken through it again: a concern that was shared and then closed
has stopped at the front door. Only evaluated spells are considered, from their onset to their end.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy.special import logit

from cpsim import draws
from cpsim.arrays import Bools, Ints
from cpsim.attribution.first_meetings import FirstMeetings
from cpsim.casework.allocation import allocate_workers, release_workers
from cpsim.casework.assessment import AssessmentOutcome
from cpsim.casework.log import FinishedLog, Occurrence
from cpsim.casework.noticing import Concerns, notice_sightings
from cpsim.casework.protection import postpone_reviews, start_effective_protection, start_plans
from cpsim.casework.recording import (
    Beliefs,
    combine_evidence,
    open_files,
    read_files,
    sum_other_files,
    write_evidence,
)
from cpsim.casework.sharing import child_sharing_thresholds, write_messages
from cpsim.casework.state import MESSAGE, Casework, Messages, Status, append_rows, build_rows
from cpsim.constants import NEVER
from cpsim.measures.ledger import (
    LOOK_BACK,
    classify_stops,
    find_closures,
    select_evaluated_spells,
    summarise_files,
)
from cpsim.results.attribution import STAGE_GROUPS
from cpsim.simulation import Simulation, Step

_CHAIN = (
    Occurrence.NOTICED,
    Occurrence.RECORDED,
    Occurrence.THRESHOLD_CROSSED,
    Occurrence.SHARED,
    Occurrence.LOST,
    Occurrence.MISDIRECTED,
    Occurrence.DELIVERED,
    Occurrence.REFERRED,
    Occurrence.INITIAL_FINISHED,
    Occurrence.PLAN_STARTED,
    Occurrence.PLAN_ENDED,
    Occurrence.IN_NEED_ENDED,
    Occurrence.CARE_STARTED,
    Occurrence.CARE_ENDED,
)
"""Occurrences that the rule of the furthest chain depends on."""

_SHORT_CUTS = tuple((status, Status.PLAN) for status in range(Status.CLOSED, Status.PLAN))
"""Transitions that only the oracle makes: it starts a plan whatever stage the case has reached."""

_FAR = 1e3
"""Log-odds larger than the distance of any agency from its threshold."""


def make_stages_perfect(model: Simulation, stages: Iterable[str]) -> None:
    """Add the oracle's steps for some stages to the plan of a model.

    Args:
        model: the model, which is changed.
        stages: names of `STAGE_GROUPS`.

    Raises:
        ValueError: there is no stage of this name.
    """
    wanted = set(stages)
    unknown = wanted - STAGE_GROUPS.keys()
    if unknown:
        raise ValueError(
            f"there is no stage {', '.join(sorted(unknown))}; stages are: {', '.join(STAGE_GROUPS)}"
        )
    oracle = Oracle(model)
    model.casework.permit_transitions(_SHORT_CUTS)
    for stage, before, description, act in _ACTIONS:
        if stage in wanted:
            place = [step.name for step in model.plan].index(before)
            model.plan.insert(place, Step(f"perfect {stage}", description, partial(act, oracle)))


class Oracle:
    """Finds the children in significant harm who are not protected, and where their chains of concern have stopped.

    Attributes:
        spell: rows of the evaluated spells, shape (J,).
        met: whether perfect opportunity has brought about a meeting, bool, shape (J,).
        meetings: those meetings.
        last_sender: the organisation that last made contact about each child, -1 for none, int64, shape (N,).
        last_evidence: evidence in its message, log-odds, float64, shape (N,).
    """

    def __init__(self, model: Simulation) -> None:
        world = model.world
        n = len(world.children.birth)
        self.spell = select_evaluated_spells(world)
        self.met = np.zeros(len(self.spell), np.bool_)
        self.meetings = FirstMeetings(model.settings, world, self.spell)
        self.last_sender, self.last_evidence = np.full(n, -1), np.zeros(n)
        self._last = {what: np.full(n, -NEVER) for what in _CHAIN}
        self._read = max(world.warm_up - LOOK_BACK, 0)

    def select_in_harm(self, state: Casework) -> Ints:
        """Return the places in `spell` of the spells under way, shape (n,)."""
        return np.flatnonzero(state.harm.spell[state.world.spells.child[self.spell]] == self.spell)

    def select_stopped(self, state: Casework, stage: str) -> Ints:
        """Return the places in `spell` of unprotected children whose chain has stopped at `stage`, shape (n,)."""
        place = self.select_in_harm(state)
        place = place[state.records.protected_since[self.find_children(state, place)] < 0]
        if not len(place):
            return place
        spell = self.spell[place]
        child = state.world.spells.child[spell]
        onset = state.world.spells.onset[spell].astype(np.int64)
        self._read_log(state)
        status = state.records.status[child]
        closures = find_closures(
            state.world, FinishedLog(state.log), child, onset, np.full(len(child), state.week), status
        )
        since = closures.find_start(onset)
        code = classify_stops(
            lambda what: self._last[what][child] >= since,
            status,
            summarise_files(state, child),
            self.met[place] | (state.world.first_contact[spell] <= state.week),
            closures.in_harm,
        )
        return place[np.isin(code.astype("U2"), STAGE_GROUPS[stage])]

    def find_children(self, state: Casework, place: Ints) -> Ints:
        """Return the children of the spells at these places, shape (n,)."""
        child: Ints = state.world.spells.child[self.spell[place]]
        return child

    def _read_log(self, state: Casework) -> None:
        """Update the last week of each occurrence from the log since the last call."""
        for what, last in self._last.items():
            events = state.log.select(what, self._read)
            last[events.child] = events.week
            if what == Occurrence.SHARED:
                self.last_sender[events.child], self.last_evidence[events.child] = events.site, events.value
        self._read = state.week


def _arrange_meetings(oracle: Oracle, model: Simulation) -> None:
    """Make opportunity perfect: children whom no practitioner has met yet meet one this week."""
    place = oracle.select_stopped(model.casework, "opportunity")
    if not len(place):
        return
    oracle.met[place] = True
    week, meetings = model.this_week, oracle.meetings
    noticed = notice_sightings(model.casework, meetings.find_sightings(place))
    week.concerns = Concerns._make(_replace_rows(week.concerns, slice(None), noticed))


def _recognise_harm(oracle: Oracle, model: Simulation) -> None:
    """Make noticing and recording perfect: an agency's file holds just enough evidence to reach its threshold."""
    state, week = model.casework, model.this_week
    place = oracle.select_stopped(state, "noticing and recording")
    files = _Files(state, oracle.find_children(state, place))
    kind = files.find_nearest_to_threshold(oracle.meetings.kind[place])
    child, kind = files.keep_with_front_door(kind)
    if not len(child):
        return
    certain, beliefs = _build_concerns_at_threshold(state, child, kind, week.concerns, week.beliefs)
    _log_new_concerns(state, week.concerns, certain)
    stays = ~np.isin(week.concerns.file, certain.file)
    week.concerns = Concerns._make(_replace_rows(week.concerns, stays, certain))
    week.beliefs = Beliefs._make(_replace_rows(week.beliefs, stays, beliefs))


def _build_concerns_at_threshold(
    state: Casework, child: Ints, kind: Ints, concerns: Concerns, beliefs: Beliefs
) -> tuple[Concerns, Beliefs]:
    """Return concerns and beliefs of agencies whose files reach their threshold, or hold more; rows as `child`.

    An agency that noticed a sign this week keeps its belief and its sharing noise; for the others noise is drawn.
    """
    file = child * state.kinds + kind
    site = state.files.site[file].astype(np.int64)
    held, unanswered = open_files(state, file)
    evidence = (
        child_sharing_thresholds(state, child, site) + state.scenario.sharing.unanswered_effect * unanswered
    )
    lot = draws.Stream(state.world.seed, "courage of the certain").uniform(*state.keys.concern(child, kind))
    sharing_noise = (state.scenario.sharing.share_noise * logit(lot)).astype(np.float32)
    theirs, mine = np.nonzero(concerns.file[:, None] == file)
    evidence[mine] = np.maximum(evidence[mine], beliefs.evidence[theirs])
    sharing_noise[mine] = concerns.sharing_noise[theirs]
    added = (evidence - held).astype(np.float32)
    write_evidence(state, file, evidence)
    recorded = np.ones(len(file), np.bool_)
    return Concerns(file, child, site, added, recorded, sharing_noise), Beliefs(evidence, unanswered)


def _log_new_concerns(state: Casework, before: Concerns, certain: Concerns) -> None:
    """Log the concerns that had not been noticed, or not been recorded, this week."""
    for what, already in (
        (Occurrence.NOTICED, before.file),
        (Occurrence.RECORDED, before.file[before.recorded]),
    ):
        new = ~np.isin(certain.file, already)
        state.log.add(state.week, what, certain.child[new], certain.site[new])


def _replace_rows(before: Iterable[Any], stays: Bools | slice, after: Iterable[Any]) -> Iterator[Any]:
    """Yield, column by column, the rows of `before` that stay and then those of `after`."""
    return (np.concatenate([old[stays], new]) for old, new in zip(before, after, strict=True))


class _Files:
    """Distance of each kind of agency's file on each child from its threshold; shapes (n, K)."""

    def __init__(self, state: Casework, child: Ints) -> None:
        self._child = child
        file = child[:, None] * state.kinds + np.arange(state.kinds)
        held = read_files(state, file)
        self._live = held >= state.scenario.sharing.live_evidence
        self._distance = (
            child_sharing_thresholds(state, child[:, None], state.files.site[file].astype(np.int64)) - held
        )

    def find_nearest_to_threshold(self, meets: Ints) -> Ints:
        """Return the kind whose live file is nearest to its threshold, else the kind that meets the child; (n,)."""
        no_file = np.where(np.arange(self._distance.shape[1]) == meets[:, None], _FAR, 2 * _FAR)
        kind: Ints = (self._distance + np.where(self._live, 0.0, no_file)).argmin(axis=1)
        return kind

    def find_most_worried(self) -> Ints:
        """Return the kind furthest above its threshold, or else nearest below it; shape (n,)."""
        kind: Ints = self._distance.argmin(axis=1)
        return kind

    def keep_with_front_door(self, kind: Ints) -> tuple[Ints, Ints]:
        """Return the children whose agency of `kind` has a tie to a front door, and that kind; shapes (m,)."""
        tied = np.isfinite(self._distance[np.arange(len(kind)), kind])
        return self._child[tied], kind[tied]


def _share_all_evidence(oracle: Oracle, model: Simulation) -> None:
    """Make sharing and pooling perfect: the most worried agency sends the pooled evidence of all files."""
    state = model.casework
    files = _Files(state, oracle.find_children(state, oracle.select_stopped(state, "sharing and pooling")))
    child, kind = files.keep_with_front_door(files.find_most_worried())
    if not len(child):
        return
    file = child * state.kinds + kind
    own, _ = open_files(state, file)
    pooled = combine_evidence(state, own, *sum_other_files(state, child, kind))
    sent = write_messages(state, file, child, state.files.site[file].astype(np.int64), pooled)
    model.this_week.sent_messages = append_rows(model.this_week.sent_messages, sent)


def _deliver_messages(oracle: Oracle, model: Simulation) -> None:
    """Make transit perfect: messages that have not arrived are delivered at the right front door this week."""
    state = model.casework
    child = oracle.find_children(state, oracle.select_stopped(state, "transit"))
    if not len(child):
        return
    late = np.isin(state.messages_in_transit["child"], child) & ~state.messages_in_transit["request"]
    found = state.take_from_transit(late)
    found["authority"] = state.authority[found["child"]]
    lost = child[~np.isin(child, found["child"])]
    messages = append_rows(found, _resend_messages(oracle, state, lost))
    state.log.add(state.week, Occurrence.DELIVERED, messages["child"], messages["site"], messages["evidence"])
    model.this_week.delivered_messages = append_rows(model.this_week.delivered_messages, messages)


def _resend_messages(oracle: Oracle, state: Casework, child: Ints) -> Messages:
    """Rebuild the last message about each child, from the organisation of that kind that serves the child now."""
    kind = state.organisations["kind"][oracle.last_sender[child]].astype(np.int64)
    site = state.files.site[child * state.kinds + kind].astype(np.int64)
    tied = state.ties.referral_tie[site, state.authority[child]] >= 0
    child, kind, site = child[tied], kind[tied], site[tied]
    return build_rows(
        MESSAGE,
        child,
        kind=kind,
        site=site,
        evidence=oracle.last_evidence[child],
        request=False,
        authority=state.authority[child],
        due=state.week,
    )


def _decide_correctly(oracle: Oracle, model: Simulation) -> None:
    """Make front door and assessment perfect: a plan starts at once, whatever stage the case has reached."""
    state = model.casework
    child = oracle.find_children(state, oracle.select_stopped(state, "front door and assessment"))
    _start_plans(state, child)
    in_need, conferences = model.this_week.assessment
    model.this_week.assessment = AssessmentOutcome(
        in_need[~np.isin(in_need, child)], conferences[~np.isin(conferences, child)]
    )


def _start_plans(state: Casework, child: Ints) -> None:
    """Take each case off the lists and start a plan, with the harm itself as the estimate; shape (n,)."""
    if not len(child):
        return
    state.withdraw_from_lists(child)
    # Assessment and plans have different social workers.
    release_workers(state, child[state.records.status[child] < Status.IN_NEED])
    start_plans(state, child, state.harm.severity[child])


def _keep_services(oracle: Oracle, model: Simulation) -> None:
    """Make protection perfect: during harm no plan or service ends at a review, and every plan has a social worker."""
    state, records = model.casework, model.casework.records
    child = oracle.find_children(state, oracle.select_in_harm(state))
    child = child[np.isin(records.status[child], (Status.IN_NEED, Status.PLAN))]
    postpone_reviews(state, child[records.review[child] == state.week])
    on_plan = child[records.status[child] == Status.PLAN]
    allocate_workers(state, state.long_term_teams, on_plan[records.worker[on_plan] < 0])


def _protect_children(oracle: Oracle, model: Simulation) -> None:
    """Make protection perfect: a plan that was decided on, or ended too early, is effective from this week."""
    state, records = model.casework, model.casework.records
    child = oracle.find_children(state, oracle.select_stopped(state, "protection"))
    if not len(child):
        return
    _start_plans(state, child[records.status[child] != Status.PLAN])
    allocate_workers(state, state.long_term_teams, child[records.worker[child] < 0])
    start_effective_protection(state, child)


_ACTIONS: tuple[tuple[str, str, str, Callable[[Oracle, Simulation], None]], ...] = (
    ("opportunity", "recording", "children whom no one has met meet a practitioner", _arrange_meetings),
    (
        "noticing and recording",
        "sharing",
        "an agency recognises harm in each child it has met",
        _recognise_harm,
    ),
    (
        "sharing and pooling",
        "delivery",
        "the evidence on all files is pooled and shared",
        _share_all_evidence,
    ),
    ("transit", "screening", "every message arrives at the right front door", _deliver_messages),
    (
        "front door and assessment",
        "protection",
        "every contact that has arrived leads to a plan",
        _decide_correctly,
    ),
    (
        "protection",
        "protection",
        "no plan or service ends or loses its social worker during harm",
        _keep_services,
    ),
    (
        "protection",
        "workforce and ties",
        "every protection that was decided on is effective",
        _protect_children,
    ),
)
"""The oracle's actions in order: the stage, the step of the week before which it acts, a description, the function."""
