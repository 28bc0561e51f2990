"""Deliberate faults in the engine, to test whether docking finds them."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from tests.model.authority import get_world
from tests.twin.docking import DivergenceError, dock
from tests.twin.scenarios import SCENARIOS, build_scenario

from cpsim.casework import (
    allocation,
    assessment,
    delivery,
    life_events,
    noticing,
    protection,
    recording,
    screening,
    sharing,
)
from cpsim.casework.state import Casework
from cpsim.governance.autonomy import Autonomy
from cpsim.governance.duties import CooperationDuties
from cpsim.governance.hub import Hub
from cpsim.governance.scandal import Scandal
from cpsim.governance.workforce import StaffTurnover
from cpsim.network.ties import Ties


@dataclass(frozen=True)
class Fault:
    """A fault in the engine.

    Attributes:
        description: what is wrong, in a sentence.
        function: the function that gets the fault.
        old, new: a piece of its source that occurs once, and the replacement.
        expected_in: the scenario in which docking should find it, which is tried first.
    """

    description: str
    function: Callable[..., Any]
    old: str
    new: str
    expected_in: str = "baseline"


FAULTS = (
    Fault(
        "a duty raises the threshold for sharing",
        CooperationDuties.threshold_shift,
        "-weight",
        "weight",
        "dated duty",
    ),
    Fault(
        "a sanction on one kind of agency affects all kinds",
        CooperationDuties.threshold_shift,
        "return shift",
        "return np.full_like(shift, shift.min())",
        "dated duty",
    ),
    Fault(
        "reviews are held a week late",
        protection._hold_reviews,
        "[state.receiving_services] == state.week]",
        "[state.receiving_services] == state.week - 1]",
    ),
    Fault(
        "belief on social care's file does not fade",
        Casework.update_belief,
        " * self.belief_fade[self.week - records.believed[child]]",
        " * 1.0",
    ),
    Fault(
        "a message is delivered twice",
        Casework.take_from_transit,
        "self.messages_in_transit[~selected]",
        'self.messages_in_transit[self.messages_in_transit["due"] >= self.week]',
    ),
    Fault(
        "files are never left behind", life_events._clear_files, "state.files.evidence[file] = 0.0", "pass"
    ),
    Fault(
        "the trust of an unused tie never fades", Ties.fade_unused, "self._pull *= share", "self._pull *= 0"
    ),
    Fault(
        "the trust of a tie in use fades like that of an unused one",
        Ties.fade_unused,
        "np.less(self.last_use, week, out=self._idle)",
        "self._idle[:] = True",
    ),
    Fault(
        "siblings are as urgent as the child who was referred",
        screening._add_siblings,
        'siblings["score"] -= settings.sibling_discount',
        "pass",
        "too few workers",
    ),
    Fault(
        "the social worker with the largest caseload gets the next case",
        allocation.start_week,
        'np.lexsort((workers["caseload"][employed], team))',
        'np.lexsort((-workers["caseload"][employed], team))',
        "quick turnover",
    ),
    Fault(
        "care does not end harm at home",
        protection._reduce_harm,
        "resolved | (status == Status.CARE)",
        "resolved",
        "long careers",
    ),
    Fault(
        "workload does not make closure of cases more likely",
        protection._review_in_need,
        " + settings.closure_pressure * state.drift[state.authority[child]]",
        "",
        "too few workers",
    ),
    Fault(
        "a social worker can have one case more than the caseload limit",
        allocation.allocate_workers,
        "[worker] >= state.scenario",
        "[worker] > state.scenario",
        "long careers",
    ),
    Fault(
        "the last message about a child decides instead of the first",
        Casework.find_first_rows,
        "self._place[child[::-1]] = rows[::-1]",
        "self._place[child] = rows",
        "slow post",
    ),
    Fault(
        "a partner's evidence is added without discount", recording.pool_evidence, " * correlation", " * 0"
    ),
    Fault(
        "an answer adds to unanswered concerns instead of reducing them",
        screening._answer_senders,
        "-settings.answer_relief",
        "settings.answer_relief",
    ),
    Fault(
        "a lost message costs no trust",
        delivery.send_messages,
        "ties.lower_trust(tie[~delivered], network.trust_loss)",
        "pass",
    ),
    Fault(
        "a change of social worker does not slow protection",
        protection._reduce_harm,
        "gain *= settings.worker_change_factor ** records.worker_changes[child]",
        "pass",
        "quick turnover",
    ),
    Fault(
        "a new social worker judges as well as an experienced one",
        assessment._judgement_error,
        " * state.roster.noise[state.records.worker[child]]",
        "",
        "quick turnover",
    ),
    Fault(
        "trust does not fall when social workers leave",
        StaffTurnover._apply_exits,
        "1 / np.bincount",
        "0 * np.bincount",
        "quick turnover",
    ),
    Fault(
        "unused hours are not carried over",
        assessment._select_cases,
        "np.minimum(budget - used, largest)",
        "0.0",
        "too few workers",
    ),
    Fault(
        "a file keeps all its evidence after sharing",
        sharing.write_messages,
        "state.files.evidence[file] *= state.scenario.sharing.kept_after_sharing",
        "pass",
    ),
    Fault(
        "a shared record never mistakes one child for another",
        sharing._check_shared_record,
        "np.where(mistaken, neighbour, child)",
        "child",
        "shared records",
    ),
    Fault(
        "the sender's own file counts among the files of other agencies",
        recording.sum_other_files,
        "kinds != kind[:, None]",
        "kinds >= 0 * kind[:, None]",
        "shared records",
    ),
    Fault(
        "a shared record always shows all of the evidence",
        sharing._check_shared_record,
        'organisations["lookup_reach"][site]',
        "np.ones(len(site))",
        "shared records",
    ),
    Fault(
        "serious events of children without a referral become public too",
        protection._apply_serious_events,
        "harmed[records.referrals[harmed] > 0]",
        "harmed",
        "a scandal and its ratchet",
    ),
    Fault(
        "a scandal does not spread to other authorities",
        Scandal.turn_dials,
        "self.spillover",
        "0.0",
        "a scandal next door",
    ),
    Fault(
        "the first organisations in the table become autonomous, instead of a random choice",
        Autonomy.select_autonomous,
        'np.argsort(luck, kind="stable")',
        "np.arange(len(rows))",
        "links, hubs and free schools",
    ),
    Fault(
        "links affect ties in one direction only",
        Ties.find_between,
        "there | back",
        "there",
        "links, hubs and free schools",
    ),
    Fault("a hub changes nothing", Hub.turn_dials, "self.hub_trust", "trust", "links, hubs and free schools"),
    Fault(
        "thresholds for children of the smaller group are as for others",
        sharing.child_sharing_thresholds,
        "* state.world.children.group[child]",
        "* 0",
        "unequal treatment",
    ),
    Fault(
        "attention to children of the smaller group is as for others",
        noticing._attention,
        "exposure[site[smaller]]",
        "1.0",
        "unequal treatment",
    ),
)


def _read_without_decorators(function: FunctionType) -> str:
    """Return the source from `def` on; a decorator may name what only the body of a class knows."""
    text = textwrap.dedent(inspect.getsource(function))
    return "".join(text.splitlines(keepends=True)[ast.parse(text).body[0].lineno - 1 :])


@contextmanager
def inject_fault(fault: Fault) -> Iterator[None]:
    """Put a fault into the engine within the block, for all callers of the function.

    Raises:
        ValueError: the engine has changed, and the text to replace does not occur exactly once.
    """
    function = fault.function
    assert isinstance(function, FunctionType)
    text = _read_without_decorators(function)
    if text.count(fault.old) != 1:
        raise ValueError(
            f"{fault.old!r} does not occur exactly once in {function.__qualname__}; update the fault"
        )
    names = dict(function.__globals__)
    # Names in annotations may be imported for type checking only.
    faulty = f"from __future__ import annotations\n{text.replace(fault.old, fault.new)}"
    exec(compile(faulty, function.__qualname__, "exec"), names)  # noqa: S102
    correct = function.__code__
    function.__code__ = names[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = correct


def find_fault(fault: Fault) -> tuple[str, str] | None:
    """Find a fault by docking; return the scenario in which it shows and the report, or None if it shows in none."""
    with inject_fault(fault):
        for name in [fault.expected_in, *SCENARIOS]:
            settings = build_scenario(name)
            try:
                dock(settings, get_world(settings))
            except DivergenceError as found:
                return name, str(found)
    return None
