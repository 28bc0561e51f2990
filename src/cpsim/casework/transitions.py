"""The legal transitions of a child's case: from which status to which it can move, in which step, and when."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from cpsim.arrays import Ints
from cpsim.casework.state import STATUSES, Casework, Status

_MOST_LISTED = 5


class IllegalTransitionError(RuntimeError):
    """A child's case was moved between two statuses for which the table of transitions has no row."""


class Transition(NamedTuple):
    """One legal transition of a child's case.

    Attributes:
        before, after: codes of `Status`.
        step: name of the step of the week in which it happens.
        description: when it happens, in words.
    """

    before: int
    after: int
    step: str
    description: str


TRANSITIONS: Final = (
    Transition(
        Status.CLOSED, Status.WAITING, "screening", "a referral of the child or a sibling is to be assessed"
    ),
    Transition(Status.WAITING, Status.INITIAL, "assessment", "the initial assessment starts"),
    Transition(
        Status.INITIAL, Status.CLOSED, "assessment", "the initial assessment ends with no further action"
    ),
    Transition(
        Status.INITIAL,
        Status.CORE_WAITING,
        "assessment",
        "a core assessment or section 47 enquiry is to follow",
    ),
    Transition(Status.INITIAL, Status.IN_NEED, "protection", "a child-in-need service starts"),
    Transition(Status.CORE_WAITING, Status.CORE, "assessment", "the core assessment starts"),
    Transition(Status.CORE_WAITING, Status.ENQUIRY, "assessment", "the section 47 enquiry starts"),
    Transition(Status.CORE, Status.CLOSED, "assessment", "the core assessment ends with no further action"),
    Transition(Status.CORE, Status.IN_NEED, "protection", "a child-in-need service starts"),
    Transition(Status.ENQUIRY, Status.CLOSED, "assessment", "the enquiry ends with no further action"),
    Transition(Status.ENQUIRY, Status.CONFERENCE, "assessment", "a child protection conference is called"),
    Transition(Status.ENQUIRY, Status.IN_NEED, "protection", "a child-in-need service starts"),
    Transition(
        Status.CONFERENCE, Status.IN_NEED, "protection", "the conference decides on a service without a plan"
    ),
    Transition(Status.CONFERENCE, Status.PLAN, "protection", "the conference decides on a plan"),
    Transition(
        Status.IN_NEED,
        Status.CORE_WAITING,
        "assessment",
        "a section 47 enquiry is to be made after new contacts",
    ),
    Transition(Status.IN_NEED, Status.CLOSED, "protection", "a review ends the service"),
    Transition(Status.PLAN, Status.IN_NEED, "protection", "a review ends the plan, and a service follows"),
    Transition(Status.PLAN, Status.CARE, "protection", "the child comes into care"),
    Transition(Status.CARE, Status.IN_NEED, "protection", "the child returns home, and a service follows"),
    *(
        Transition(status, Status.ADULT, "life", "the child turns 18")
        for status in range(Status.CLOSED, Status.ADULT)
    ),
)
"""All transitions that the stages of casework make; children start as closed, and adults stay adults."""


class TransitionChecks:
    """The checks of the transitions of one run in debug mode.

    Attributes:
        permitted: pairs of codes of `Status` between which a case may move.
        observed: pairs between which cases have moved.
    """

    def __init__(self) -> None:
        self.permitted = {(transition.before, transition.after) for transition in TRANSITIONS}
        self.observed: set[tuple[int, int]] = set()

    def permit(self, transitions: Iterable[tuple[int, int]]) -> None:
        """Permit further transitions in this run, such as those of a perfect stage."""
        self.permitted.update(transitions)

    def check_move(self, state: Casework, child: Ints, to: int) -> None:
        """Check that the table allows each of these cases to move to a status, and note the transitions.

        Args:
            state: the state of casework before the move.
            child: rows of the children, shape (n,).
            to: code of `Status`.

        Raises:
            IllegalTransitionError: the table has no such transition.
        """
        before = state.records.status[child]
        for code in np.unique(before).tolist():
            if (code, to) not in self.permitted:
                raise IllegalTransitionError(
                    f"week {state.week}: {_list_children(child[before == code])} cannot move from "
                    f"{STATUSES[code]!r} to {STATUSES[to]!r}; `cpsim plan --transitions` lists what is allowed"
                )
            self.observed.add((code, to))


def _list_children(child: Ints) -> str:
    """Return rows of children as text, shortened if there are many."""
    listed = ", ".join(str(row) for row in child[:_MOST_LISTED].tolist())
    if len(child) > _MOST_LISTED:
        listed += f" and {len(child) - _MOST_LISTED} more"
    return f"{'children' if len(child) > 1 else 'child'} {listed}"
