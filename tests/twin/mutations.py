"""Faults put into the engine on purpose, to see whether docking would find them."""

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from tests.model.authority import get_world
from tests.twin.docking import Diverged, dock
from tests.twin.scenarios import SCENARIOS, scenario

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
from cpsim.governance.context import CooperationDuties
from cpsim.governance.hub import Hub
from cpsim.governance.scandal import Scandal
from cpsim.governance.workforce import StaffTurnover
from cpsim.network.ties import Ties


@dataclass(frozen=True)
class Fault:
    """Something wrong with the engine.

    Attributes:
        says: what is wrong, in a sentence.
        where: the function that is wrong.
        old, new: a piece of its text that occurs once, and what stands there instead.
        shows_in: the scenario in which it should show.
    """

    says: str
    where: Callable[..., Any]
    old: str
    new: str
    shows_in: str = "baseline"


FAULTS = (
    Fault(
        "a duty raises the threshold for sharing",
        CooperationDuties.threshold_shift,
        "-weight",
        "weight",
        "dated duty",
    ),
    Fault(
        "a sanction of one kind of agency is felt by all",
        CooperationDuties.threshold_shift,
        "return shift",
        "return np.full_like(shift, shift.min())",
        "dated duty",
    ),
    Fault(
        "reviews come a week late",
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
        delivery.deliver_messages,
        "state.messages_in_transit[~due]",
        'state.messages_in_transit[state.messages_in_transit["due"] >= state.week]',
    ),
    Fault(
        "files always follow the child", life_events._clear_files, "state.files.evidence[file] = 0.0", "pass"
    ),
    Fault("an idle tie never fades", Ties.fade_unused, "self._pull *= share", "self._pull *= 0"),
    Fault(
        "a tie in use fades like an idle one",
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
        "the most loaded worker gets the next case",
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
        "pressure of work closes no cases",
        protection._review_in_need,
        " + settings.closure_pressure * state.drift[state.authority[child]]",
        "",
        "too few workers",
    ),
    Fault(
        "a worker may have one case more than the largest caseload",
        allocation.allocate_workers,
        "[worker] >= state.scenario",
        "[worker] > state.scenario",
        "long careers",
    ),
    Fault(
        "the newest concern decides instead of the first",
        Casework.find_first_rows,
        "self._place[child[::-1]] = rows[::-1]",
        "self._place[child] = rows",
        "slow post",
    ),
    Fault(
        "a partner's evidence is added without discount", recording.pool_evidence, " * correlation", " * 0"
    ),
    Fault(
        "an answer lifts discouragement instead of easing it",
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
        "a change of worker does not slow protection down",
        protection._reduce_harm,
        "gain *= settings.worker_change_factor ** records.worker_changes[child]",
        "pass",
        "quick turnover",
    ),
    Fault(
        "a new worker judges like an old hand",
        assessment._judgement_error,
        " * state.roster.noise[state.records.worker[child]]",
        "",
        "quick turnover",
    ),
    Fault(
        "nobody who leaves takes trust along",
        StaffTurnover._apply_exits,
        "1 / np.bincount",
        "0 * np.bincount",
        "quick turnover",
    ),
    Fault(
        "hours that are left over are lost",
        assessment._select_cases,
        "np.minimum(budget - used, largest)",
        "0.0",
        "too few workers",
    ),
    Fault(
        "whoever has told forgets nothing",
        sharing.write_messages,
        "state.files.evidence[file] *= state.scenario.sharing.kept_after_sharing",
        "pass",
    ),
    Fault(
        "a shared record never mistakes one child for another",
        sharing._check_shared_record,
        "np.where(mistaken, _find_mistaken_child(state, child), child)",
        "child",
        "shared records",
    ),
    Fault(
        "the file of whoever speaks is read beside what it says",
        recording.sum_other_files,
        "kinds != kind[:, None]",
        "kinds >= 0 * kind[:, None]",
        "shared records",
    ),
    Fault(
        "an index shows as much as a full record",
        sharing._check_shared_record,
        'organisations["lookup_reach"][site]',
        "np.ones(len(site))",
        "shared records",
    ),
    Fault(
        "what befalls children whom nobody knew is visible too",
        protection._count_visible_events,
        "child[state.records.referrals[child] > 0]",
        "child",
        "a scandal and its ratchet",
    ),
    Fault(
        "others do not hear of a scandal", Scandal.turn_dials, "self.spillover", "0.0", "a scandal next door"
    ),
    Fault(
        "the first of the list are set free",
        Autonomy.select_autonomous,
        'np.argsort(luck, kind="stable")',
        "np.arange(len(rows))",
        "links, hubs and free schools",
    ),
    Fault(
        "links reach in one direction only",
        Ties.find_between,
        "there | back",
        "there",
        "links, hubs and free schools",
    ),
    Fault("a hub changes nothing", Hub.turn_dials, "self.hub_trust", "trust", "links, hubs and free schools"),
    Fault(
        "the smaller group is told about like others",
        sharing.child_sharing_thresholds,
        "* state.world.children.group[child]",
        "* 0",
        "unequal treatment",
    ),
    Fault(
        "the smaller group is watched like others",
        noticing._attention,
        "exposure[site[smaller]]",
        "1.0",
        "unequal treatment",
    ),
)


@contextmanager
def broken(fault: Fault) -> Iterator[None]:
    """The engine with a fault; whoever has imported the function calls the wrong one.

    Raises:
        ValueError: the engine has moved on, and what is to be changed does not stand there once.
    """
    function = fault.where
    assert isinstance(function, FunctionType)
    text = textwrap.dedent(inspect.getsource(function))
    if text.count(fault.old) != 1:
        raise ValueError(f"{fault.old!r} does not stand once in {function.__qualname__}")
    names = dict(function.__globals__)
    # What annotations name is not always there when a program runs.
    faulty = f"from __future__ import annotations\n{text.replace(fault.old, fault.new)}"
    exec(compile(faulty, function.__qualname__, "exec"), names)  # noqa: S102
    sound = function.__code__
    function.__code__ = names[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = sound


def caught(fault: Fault) -> tuple[str, str] | None:
    """The scenario in which docking finds the fault, and the first sign of it; None if it does in none."""
    with broken(fault):
        for name in [fault.shows_in, *SCENARIOS]:
            settings = scenario(name)
            try:
                dock(settings, get_world(settings))
            except Diverged as found:
                return name, str(found)
    return None
