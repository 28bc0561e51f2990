"""The base class of policy levers: settings that a scenario gives, and an equation that turns dials.

In the example, `model` is a `ChildProtectionModel` with one organisation of each kind, at the start of its history.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from cpsim.scenario.events import TimelineEvent
from cpsim.stages.declarations import HasColumn

__all__ = ["Lever", "Obstacle"]

if TYPE_CHECKING:
    from cpsim.governance.context import LeverContext


class Obstacle(NamedTuple):
    """Why an event cannot change anything where it stands.

    Attributes:
        reason: the reason, a clause that can follow a colon.
        remedy: what would let it change something, an instruction such as `set share`.

    >>> Obstacle("an authority has 4 schools, and a share of 0.1 is less than one of them", "raise share").remedy
    'raise share'
    """

    reason: str
    remedy: str


class Lever(TimelineEvent):
    """A policy lever: an immutable class with settings and an equation.

    In the methods below, `since` is the number of weeks since the lever's date; it is negative before that date.

    Attributes:
        mechanism: numbers of the mechanisms of the model that it belongs to, such as "M16".
        dials: names of the dials that it may turn; turning any other raises a DeclarationError, as does any other use
            of a dial or signal that is not declared.
        dials_read: names of the dials that it may read, as the levers before it leave them.
        signals_sent: names of the signals that it may send to levers applied after it.
        signals_read: names of the signals that it may read.
        reads: columns of the state that it reads from the context's tables and ties, apart from those by which agents
            are selected; a dial or signal of this week is read with `read_dial` or `read_signal` instead.
        writes: columns that it writes itself; they belong to governance, such as grades, and not to casework.
        decided_by_reads: whether what it turns can depend on `reads`; False if these decide only what it writes.
        neutral: settings with which it changes nothing.
        rank: levers of a higher rank are applied after all levers of a lower rank, because they read the dials and
            signals of those.

    A lever that raises attention in schools by a share that grows over half a year:

    >>> from typing import ClassVar, Literal
    >>> from pydantic import Field
    >>> class Training(Lever):
    ...     "Trains the staff of schools to notice more signs."
    ...
    ...     mechanism: ClassVar = "M3"
    ...     dials: ClassVar = ("organisations.attention_factor",)
    ...     neutral: ClassVar = {"gain": 0.0}
    ...
    ...     lever: Literal["training"] = Field(default="training", description="what changes")
    ...     gain: float = Field(default=0.2, ge=0, le=1, description="gain in attention after half a year [share]")
    ...
    ...     def is_changing(self, since):
    ...         return 0 <= since <= 26
    ...
    ...     def turn_dials(self, context, since, memory):
    ...         schools = context.select_organisations(self, ["school"])
    ...         grown = min(max(since, 0) / 26, 1.0)
    ...         context.turn_dial("organisations.attention_factor", schools, 1 + self.gain * grown)

    An entry point of the group `cpsim.levers` makes it known to scenarios. It can be tried without one, on a model:

    >>> training = Training(gain=0.3)
    >>> context = model.lever_context
    >>> context.set_active_lever(training)
    >>> training.turn_dials(context, since=13, memory=training.create_memory(context))
    >>> context.write_dials()
    >>> model.tables["organisations"]["attention_factor"].round(2).tolist()
    [1.15, 1.0, 1.0, 1.0, 1.0, 1.0]
    >>> training.list_own_settings(), training.is_changing(since=26), training.is_changing(since=27)
    (('gain',), True, False)

    Its `apply_event`, which does nothing, is called on its date:

    >>> training.is_event_due(since=0), training.is_event_due(since=1)
    (True, False)
    >>> training.apply_event(context, since=0, memory=None)

    With a gain of 0 it is not in play, as it says itself:

    >>> Training(gain=0.0).find_obstacle(context)
    Obstacle(reason='with gain: 0 it changes nothing', remedy='set gain')
    >>> training.find_obstacle(context) is None
    True
    """

    mechanism: ClassVar[str]
    dials: ClassVar[tuple[str, ...]] = ()
    dials_read: ClassVar[tuple[str, ...]] = ()
    signals_sent: ClassVar[tuple[str, ...]] = ()
    signals_read: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[tuple[HasColumn, ...]] = ()
    writes: ClassVar[tuple[HasColumn, ...]] = ()
    decided_by_reads: ClassVar[bool] = True
    neutral: ClassVar[dict[str, Any]]
    rank: ClassVar[int] = 0

    def find_obstacle(self, context: "LeverContext") -> Obstacle | None:
        """Find what keeps this event from changing any dial or signal in the scenario, whatever happens in casework.

        It is asked only about an event that changes no dial while casework stands still. By default the obstacle is
        that all of its settings are neutral.

        Args:
            context: tables and settings in the event's first week, without the event.
        """
        del context
        if not self.neutral or any(getattr(self, name) != value for name, value in self.neutral.items()):
            return None
        return Obstacle(
            f"with {_format_settings(self.neutral)} it changes nothing",
            f"set {_join_alternatives(self.neutral)}",
        )

    def is_changing(self, since: int) -> bool:
        """Return whether its effect on the dials differs from that of the week before; by default when it begins."""
        return since == -self.lead_weeks()

    def is_event_due(self, since: int) -> bool:
        """Return whether `apply_event` is to be called this week; by default only on the lever's date."""
        return since == 0

    def create_memory(self, context: "LeverContext") -> Any:
        """Create what the lever has to remember from week to week in one run; it is copied when a model is forked."""
        del context

    def apply_event(self, context: "LeverContext", since: int, memory: Any) -> None:
        """Change a state that then develops by itself, such as trust in ties; does nothing by default.

        Args:
            context: what the lever can see and change.
            since: weeks since the lever's date.
            memory: what `create_memory` returned for this run.
        """

    def turn_dials(self, context: "LeverContext", since: int, memory: Any) -> None:
        """Turn the dials to their positions in this week, and send signals; does nothing by default.

        It is called in each week in which any lever changes or ends, after all dials have been reset.

        Args:
            context: what the lever can see and change.
            since: weeks since the lever's date; negative in the weeks of `lead_weeks`.
            memory: what `create_memory` returned for this run.
        """


def _format_settings(settings: dict[str, Any]) -> str:
    """Format settings as they are written in a file.

    >>> _format_settings({"factor": 1.0, "recovery_weeks": None})
    'factor: 1, recovery_weeks: null'
    """
    return ", ".join(f"{name}: {_format_value(value)}" for name, value in settings.items())


def _format_value(value: Any) -> str:
    if value is None:
        return "null"
    return f"{value:.10g}" if isinstance(value, float) else str(value).lower()


def _join_alternatives(names: Iterable[str]) -> str:
    """Join the names of settings, one of which is enough.

    >>> _join_alternatives(["gain"]), _join_alternatives(["depth", "tie_cut", "gain"])
    ('gain', 'depth, tie_cut or gain')
    """
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
