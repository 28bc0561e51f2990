"""Stages made perfect: what the system would have missed if a group of its steps never failed a child in harm.

This is no lever. A lever turns dials and may never touch an outcome; here an oracle of the analyst, which knows who is
in significant harm, is put into the model as further steps of the week. Its rule is the ledger's rule of the furthest
chain, asked every week instead of once: a child is stopped at a stage if the ledger would lay the miss there, were the
deadline now. Whoever is stopped at a perfect stage passes it in the same week, by the door through which the next stage
takes its work. Nobody else is touched, and everything else follows from the same equations with the same keyed draws.

| perfect stage | stopped there | passing means | the next stage then decides |
|---|---|---|---|
| opportunity | C0 | a professional meets the child this week | whether the sign is noticed |
| noticing and recording | C1, C2 | an agency has written down just enough to be at its threshold | whether it tells |
| sharing and pooling | C3 | the most worried agency tells social care what all files hold | whether it arrives |
| transit | C4 | what was told lies at the right front door this week | whether it is taken up |
| front door and assessment | C5, C6, C7 | a plan, on a true estimate of the harm | whether it takes effect |
| protection | C8, C9 | a plan is effective from this week, and neither it nor a service ends in harm | |

A child whose chain has passed a stage once is not taken through it again: what was shared and then closed has stopped
at the front door. Only spells that the ledger judges are looked at, from their onset until they end.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy.special import logit

from cpsim import draws
from cpsim.arrays import Bools, Ints
from cpsim.casework.allocation import allocate_workers
from cpsim.casework.assessment import AssessmentOutcome
from cpsim.casework.log import Occurrence
from cpsim.casework.noticing import Concerns, notice_rows
from cpsim.casework.protection import start_plans
from cpsim.casework.recording import Beliefs, combine_evidence, open_files, read_files, sum_other_files
from cpsim.casework.sharing import child_sharing_thresholds, write_messages
from cpsim.casework.state import MESSAGE, Casework, Messages, Status, append_rows, build_rows
from cpsim.constants import NEVER
from cpsim.measures.ledger import LOOK_BACK, classify_causes, select_evaluated_spells, summarise_files
from cpsim.model import ChildProtectionModel, Step
from cpsim.results.attribution import STAGE_GROUPS
from cpsim.study.first_meetings import FirstMeetings

_REMEMBERED = (
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
"""What the rule of the furthest chain asks about."""

_FAR = 1e3
"""More log-odds than any agency lacks."""


def make_stages_perfect(model: ChildProtectionModel, stages: Iterable[str]) -> None:
    """Put the oracle's steps for `stages`, names of `STAGE_GROUPS`, into the plan of a model.

    Raises:
        ValueError: there is no stage of this name.
    """
    wanted = set(stages)
    unknown = wanted - STAGE_GROUPS.keys()
    if unknown:
        raise ValueError(
            f"no stage is called {', '.join(sorted(unknown))}; there are {', '.join(STAGE_GROUPS)}"
        )
    oracle = Oracle(model)
    for stage, before, says, act in _ACTS:
        if stage in wanted:
            place = [step.name for step in model.plan].index(before)
            model.plan.insert(place, Step(f"perfect {stage}", says, partial(act, oracle)))


class Oracle:
    """Who is in significant harm and unprotected, and where the furthest chain of concern about each has stopped.

    Attributes:
        spell: rows of the spells that the ledger judges, shape (J,).
        met: whether perfect opportunity has brought about a meeting, bool, shape (J,).
        meetings: those meetings.
        told: who told social care last about each child, row of the organisation, int64, shape (N,).
        said: what it said, log-odds, float64, shape (N,).
    """

    def __init__(self, model: ChildProtectionModel) -> None:
        world = model.world
        n = len(world.children.birth)
        self.spell = select_evaluated_spells(world)
        self.met = np.zeros(len(self.spell), np.bool_)
        self.meetings = FirstMeetings(model.settings, world, self.spell)
        self.told, self.said = np.full(n, -1), np.zeros(n)
        self._last = {what: np.full(n, -NEVER) for what in _REMEMBERED}
        self._read = max(world.warm_up - LOOK_BACK, 0)

    def in_harm(self, state: Casework) -> Ints:
        """Places in `spell` of those under way, shape (n,)."""
        return np.flatnonzero(state.harm.spell[state.world.spells.child[self.spell]] == self.spell)

    def stopped(self, state: Casework, stage: str) -> Ints:
        """Places in `spell` of those who are not effectively protected and have stopped at `stage`, shape (n,)."""
        place = self.in_harm(state)
        place = place[state.records.protected_since[self.children(state, place)] < 0]
        if not len(place):
            return place
        spell = self.spell[place]
        child = state.world.spells.child[spell]
        since = state.world.spells.onset[spell] - LOOK_BACK
        self._keep_up(state)
        code = classify_causes(
            lambda what: self._last[what][child] >= since,
            state.records.status[child],
            summarise_files(state, child),
            self.met[place] | (state.world.first_contact[spell] <= state.week),
        )
        return place[np.isin(code.astype("U2"), STAGE_GROUPS[stage])]

    def children(self, state: Casework, place: Ints) -> Ints:
        """Children of the spells at these places, shape (n,)."""
        child: Ints = state.world.spells.child[self.spell[place]]
        return child

    def _keep_up(self, state: Casework) -> None:
        """Read what has happened since this was last done."""
        for what, last in self._last.items():
            happened = state.log.select(what, self._read)
            last[happened.child] = happened.week
            if what == Occurrence.SHARED:
                self.told[happened.child], self.said[happened.child] = happened.site, happened.value
        self._read = state.week


def _bring_together(oracle: Oracle, model: ChildProtectionModel) -> None:
    """Perfect opportunity: whoever nobody has met yet meets a professional this week."""
    place = oracle.stopped(model.casework, "opportunity")
    if not len(place):
        return
    oracle.met[place] = True
    meetings = oracle.meetings
    more = notice_rows(model.casework, meetings.sightings, meetings.rows(place))
    model.concerns = Concerns._make(_laid_over(model.concerns, slice(None), more))


def _recognise(oracle: Oracle, model: ChildProtectionModel) -> None:
    """Perfect noticing and recording: an agency has on file, written down, what just brings it to its threshold."""
    state = model.casework
    place = oracle.stopped(state, "noticing and recording")
    files = _Files(state, oracle.children(state, place))
    kind = files.nearest_to_threshold(oracle.meetings.kind[place])
    child, kind = files.with_a_door(kind)
    if not len(child):
        return
    certain, beliefs = _threshold_crossed(state, child, kind, model.concerns, model.beliefs)
    _note(state, model.concerns, certain)
    stays = ~np.isin(model.concerns.file, certain.file)
    model.concerns = Concerns._make(_laid_over(model.concerns, stays, certain))
    model.beliefs = Beliefs._make(_laid_over(model.beliefs, stays, beliefs))


def _threshold_crossed(
    state: Casework, child: Ints, kind: Ints, concerns: Concerns, beliefs: Beliefs
) -> tuple[Concerns, Beliefs]:
    """Concerns of agencies that believe and have written down what brings them to their threshold, or more; rows as `child`.

    Whoever has noticed something this week keeps what it believes and its courage; others find some.
    """
    file = child * state.kinds + kind
    site = state.files.site[file].astype(np.int64)
    held, unanswered = open_files(state, file)
    evidence = child_sharing_thresholds(state, child, site) + state.scenario.sharing.unanswered_effect * unanswered
    lot = draws.Stream(state.world.seed, "courage of the certain").uniform(state.keys.concern(child, kind))
    sharing_noise = (state.scenario.sharing.share_noise * logit(lot)).astype(np.float32)
    theirs, mine = np.nonzero(concerns.file[:, None] == file)
    evidence[mine] = np.maximum(evidence[mine], beliefs.evidence[theirs])
    sharing_noise[mine] = concerns.sharing_noise[theirs]
    added = (evidence - held).astype(np.float32)
    state.files.evidence[file] = evidence
    recorded = np.ones(len(file), np.bool_)
    return Concerns(file, child, site, added, recorded, sharing_noise), Beliefs(evidence, unanswered)


def _note(state: Casework, before: Concerns, certain: Concerns) -> None:
    """Log what was not noticed, or not written down, this week before."""
    for what, had in (
        (Occurrence.NOTICED, before.file),
        (Occurrence.RECORDED, before.file[before.recorded]),
    ):
        new = ~np.isin(certain.file, had)
        state.log.add(state.week, what, certain.child[new], certain.site[new])


def _laid_over(before: Iterable[Any], stays: Bools | slice, after: Iterable[Any]) -> Iterator[Any]:
    """Column by column, the rows of `before` that stay and then those of `after`."""
    return (np.concatenate([old[stays], new]) for old, new in zip(before, after, strict=True))


class _Files:
    """What each kind of agency holds on each child beside its threshold; shapes (n, K)."""

    def __init__(self, state: Casework, child: Ints) -> None:
        self._child = child
        file = child[:, None] * state.kinds + np.arange(state.kinds)
        held = read_files(state, file)
        self._live = held >= state.scenario.sharing.live_evidence
        self._lacks = child_sharing_thresholds(state, child[:, None], state.files.site[file].astype(np.int64)) - held

    def nearest_to_threshold(self, meets: Ints) -> Ints:
        """Who lacks least of those with a live file; where there is none, whoever `meets` the child; shape (n,)."""
        no_file = np.where(np.arange(self._lacks.shape[1]) == meets[:, None], _FAR, 2 * _FAR)
        kind: Ints = (self._lacks + np.where(self._live, 0.0, no_file)).argmin(axis=1)
        return kind

    def most_worried(self) -> Ints:
        """Who is furthest above the threshold, or nearest below; shape (n,)."""
        kind: Ints = self._lacks.argmin(axis=1)
        return kind

    def with_a_door(self, kind: Ints) -> tuple[Ints, Ints]:
        """The children whose agency of `kind` has a front door to tell, and that kind; shapes (m,)."""
        heard = np.isfinite(self._lacks[np.arange(len(kind)), kind])
        return self._child[heard], kind[heard]


def _tell_all(oracle: Oracle, model: ChildProtectionModel) -> None:
    """Perfect sharing and pooling: who is most worried tells social care what all the files together amount to."""
    state = model.casework
    files = _Files(state, oracle.children(state, oracle.stopped(state, "sharing and pooling")))
    child, kind = files.with_a_door(files.most_worried())
    if not len(child):
        return
    file = child * state.kinds + kind
    own, _ = open_files(state, file)
    said = combine_evidence(state, own, *sum_other_files(state, child, kind))
    sent = write_messages(state, file, child, state.files.site[file].astype(np.int64), said)
    model.sent_messages = append_rows(model.sent_messages, sent)


def _bring(oracle: Oracle, model: ChildProtectionModel) -> None:
    """Perfect transit: what was told about a child and has not arrived lies at the right front door this week."""
    state = model.casework
    child = oracle.children(state, oracle.stopped(state, "transit"))
    if not len(child):
        return
    late = np.isin(state.messages_in_transit["child"], child) & ~state.messages_in_transit["request"]
    found, state.messages_in_transit = state.messages_in_transit[late], state.messages_in_transit[~late]
    found["authority"] = state.authority[found["child"]]
    lost = child[~np.isin(child, found["child"])]
    messages = append_rows(found, _told_again(oracle, state, lost))
    state.log.add(state.week, Occurrence.DELIVERED, messages["child"], messages["site"], messages["evidence"])
    model.delivered_messages = append_rows(model.delivered_messages, messages)


def _told_again(oracle: Oracle, state: Casework, child: Ints) -> Messages:
    """The last word about each child, from the agency of that kind which serves it now, if it has a tie to the door."""
    kind = state.organisations["kind"][oracle.told[child]].astype(np.int64)
    site = state.files.site[child * state.kinds + kind].astype(np.int64)
    tied = state.ties.referral_tie[site, state.authority[child]] >= 0
    child, kind, site = child[tied], kind[tied], site[tied]
    return build_rows(
        MESSAGE,
        child,
        kind=kind,
        site=site,
        evidence=oracle.said[child],
        request=False,
        authority=state.authority[child],
        due=state.week,
    )


def _decide_rightly(oracle: Oracle, model: ChildProtectionModel) -> None:
    """Perfect front door and assessment: a plan at once, whatever stage the case has reached."""
    state = model.casework
    child = oracle.children(state, oracle.stopped(state, "front door and assessment"))
    _put_on_plan(state, child)
    in_need, conferences = model.assessment
    model.assessment = AssessmentOutcome(in_need[~np.isin(in_need, child)], conferences[~np.isin(conferences, child)])


def _put_on_plan(state: Casework, child: Ints) -> None:
    """Take each child from wherever the case lies and put it on a plan; the estimate is the harm itself; shape (n,)."""
    if not len(child):
        return
    for queue in ("waiting_initial", "waiting_core"):
        rows = getattr(state, queue)
        setattr(state, queue, rows[~np.isin(rows["child"], child)])
    state.under_way = state.under_way[~np.isin(state.under_way, child)]
    without_service = child[state.records.status[child] < Status.IN_NEED]
    state.records.worker[without_service] = -1  # whoever assesses is not who works on plans
    start_plans(state, child, state.harm.severity[child])


def _hold(oracle: Oracle, model: ChildProtectionModel) -> None:
    """Perfect protection: while harm lasts no plan or service ends at its review, and no plan lacks a worker."""
    state, records = model.casework, model.casework.records
    child = oracle.children(state, oracle.in_harm(state))
    child = child[np.isin(records.status[child], (Status.IN_NEED, Status.PLAN))]
    due = child[records.review[child] == state.week]
    records.review[due] += state.scenario.protection.review_every_weeks
    on_plan = child[records.status[child] == Status.PLAN]
    allocate_workers(state, state.long_term_teams, on_plan[records.worker[on_plan] < 0])


def _protect(oracle: Oracle, model: ChildProtectionModel) -> None:
    """Perfect protection: whoever was decided on, or let go too early, is on an effective plan from this week."""
    state, records = model.casework, model.casework.records
    child = oracle.children(state, oracle.stopped(state, "protection"))
    if not len(child):
        return
    _put_on_plan(state, child[records.status[child] != Status.PLAN])
    allocate_workers(state, state.long_term_teams, child[records.worker[child] < 0])
    records.protected_since[child] = state.week
    state.log.add(state.week, Occurrence.EFFECTIVE_FROM, child)


_ACTS: tuple[tuple[str, str, str, Callable[[Oracle, ChildProtectionModel], None]], ...] = (
    ("opportunity", "recording", "whoever nobody has met meets a professional", _bring_together),
    ("noticing and recording", "sharing", "whoever was met is known to an agency", _recognise),
    ("sharing and pooling", "delivery", "what is known is told, all pieces together", _tell_all),
    ("transit", "screening", "what was told arrives", _bring),
    ("front door and assessment", "protection", "what has arrived leads to a plan", _decide_rightly),
    ("protection", "protection", "no plan or service ends or loses its worker while harm lasts", _hold),
    ("protection", "workforce and ties", "whoever is to be protected is", _protect),
)
"""What the oracle does for a stage, in order: the stage, the step before which it acts, a sentence, and the doing."""
