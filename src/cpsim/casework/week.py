"""The results that the steps of a week hand on to the later steps of that week."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cpsim.casework.assessment import AssessmentOutcome
from cpsim.casework.noticing import Concerns
from cpsim.casework.recording import Beliefs
from cpsim.casework.screening import Screening
from cpsim.casework.state import Messages


@dataclass(eq=False, repr=False)
class Week:
    """One week of casework: each step writes its result, and the later steps of the week read it.

    Attributes:
        number: week of the run.
        concerns: signs noticed, a result of the step "noticing".
        beliefs: what the organisations that noticed them believe, of "recording".
        sent_messages: messages to social care, of "sharing".
        delivered_messages: messages that reached the front doors, of "delivery".
        screening: counts and escalations of the front doors, of "screening".
        assessment: children due for a service or a conference, of "assessment".

    >>> Week(12).screening
    Traceback (most recent call last):
    AttributeError: week 12 has no screening yet; read it after the step of the plan that writes it
    """

    number: int
    concerns: Concerns = field(init=False)
    beliefs: Beliefs = field(init=False)
    sent_messages: Messages = field(init=False)
    delivered_messages: Messages = field(init=False)
    screening: Screening = field(init=False)
    assessment: AssessmentOutcome = field(init=False)

    if not TYPE_CHECKING:  # a type checker would accept any name if it saw this method

        def __getattr__(self, name: str) -> object:
            if name in type(self).__dataclass_fields__ and "number" in self.__dict__:
                raise AttributeError(
                    f"week {self.number} has no {name} yet; read it after the step of the plan that writes it"
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
