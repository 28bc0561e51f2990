"""Events of a timeline: the settings that all levers share, and the levers that are installed.

Each lever is a class with its own settings and equation. It is found by its name among the entry points of the group
`cpsim.levers`, whether it comes with cpsim or from another package.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from cpsim.scenario.clock import run_week_of
from cpsim.scenario.sections import ClockSettings, Day, Line, SettingsSection

if TYPE_CHECKING:
    from cpsim.scenario.schema import Scenario

LEVER_GROUP = "cpsim.levers"
"""The group of entry points in which levers are found."""

BEST: Final = "best"
"""Stands for the authority with the best rating or quality where an event names one authority."""


class AuthorityChoice(SettingsSection):
    """A rule that chooses some of the authorities."""

    lot: int | None = Field(
        default=None, ge=1, le=150, description="number of authorities drawn by lot [authorities]"
    )
    most_deprived: int | None = Field(
        default=None, ge=1, le=150, description="number of the most deprived authorities [authorities]"
    )
    least_resourced: int | None = Field(
        default=None,
        ge=1,
        le=150,
        description="number of the authorities with the fewest posts per child [authorities]",
    )


class TimelineEvent(SettingsSection):
    """A change on a date, with the settings that all levers share.

    Attributes:
        other_bodies: bodies that the event may name as well as kinds of agency, such as the front door.

    >>> from cpsim.scenario import load
    >>> event = {"date": "2006-04-03", "until": "2007-04-02", "lever": "duty", "kinds": ["gp"], "bound": True}
    >>> scenario = load("small", {"timeline": [event]})
    >>> (duty,) = scenario.timeline
    >>> duty.list_own_settings()
    ('kinds', 'bound', 'awareness', 'sanction')

    Its weeks are weeks of the run. A lever without an announcement begins to matter when it takes effect:

    >>> duty.end_week(scenario.clock) - duty.effective_week(scenario.clock)
    52
    >>> duty.lead_weeks(), duty.first_week(scenario.clock) == duty.effective_week(scenario.clock)
    (0, True)

    A lever knows which of its settings make no sense together:

    >>> list(duty.model_copy(update={"bound": None}).find_contradictions(scenario))
    [((), 'changes nothing; set at least one of bound, awareness, sanction')]
    """

    other_bodies: ClassVar[tuple[str, ...]] = ()

    date: Day | None = Field(
        default=None, description="the first day on which it holds; left out = the first day of history"
    )
    lever: str = Field(description="what changes")
    until: Day | None = Field(
        default=None, description="the first day on which it no longer holds; left out = it stays"
    )
    authorities: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] | AuthorityChoice | None = (
        Field(default=None, description="the authorities that it applies to; left out = all of them")
    )
    institution: Line | None = Field(
        default=None, description="the historical institution that it is part of, if any"
    )

    @classmethod
    def list_own_settings(cls) -> tuple[str, ...]:
        """List the settings that only this lever has, without those that all levers share."""
        return tuple(name for name in cls.model_fields if name not in TimelineEvent.model_fields)

    def lead_weeks(self) -> int:
        """Return the number of weeks before its date at which it begins to matter, for example from an announcement."""
        return 0

    def effective_week(self, clock: ClockSettings) -> int:
        """Return the week of the run in which it takes effect; the first week if it has no date."""
        return 0 if self.date is None else run_week_of(self.date, clock)

    def first_week(self, clock: ClockSettings) -> int:
        """Return the first week of the run in which it matters, which may be before it takes effect."""
        return max(self.effective_week(clock) - self.lead_weeks(), 0)

    def end_week(self, clock: ClockSettings) -> int | None:
        """Return the first week of the run in which it no longer holds; None if it has no end."""
        return None if self.until is None else run_week_of(self.until, clock)

    def find_contradictions(self, scenario: "Scenario") -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the location and the description of each setting that contradicts the scenario; none by default."""
        del scenario
        yield from ()


class _Levers(Mapping[str, type[TimelineEvent]]):
    """The installed levers by name, in the order of their names; a class is imported when it is looked up."""

    def __init__(self) -> None:
        points = sorted(entry_points(group=LEVER_GROUP), key=lambda point: point.name)
        self._points = {point.name: point for point in points}

    def __getitem__(self, name: str) -> type[TimelineEvent]:
        return _import_lever(self._points[name])

    def __contains__(self, name: object) -> bool:
        return name in self._points

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


@cache
def _import_lever(point: EntryPoint) -> type[TimelineEvent]:
    lever: Any = point.load()
    if not (isinstance(lever, type) and issubclass(lever, TimelineEvent)):
        raise TypeError(f"entry point {point.name!r} of {LEVER_GROUP}: {point.value} is not a lever class")
    return lever


@cache
def load_levers() -> Mapping[str, type[TimelineEvent]]:
    """Load all levers: name -> class, in the order of their names; a class is imported when it is looked up.

    Raises:
        TypeError: a lever is looked up whose entry point does not refer to a lever class.

    >>> load_levers()["duty"].list_own_settings()
    ('kinds', 'bound', 'awareness', 'sanction')
    """
    return _Levers()


class _ChosenByLever:
    """Makes an event of the class that its `lever` names; no other lever is imported."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(_validate_event)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        del schema
        return handler(_unite(load_levers()))


AnyLever = Annotated[TimelineEvent, _ChosenByLever]
"""Type of an event with the settings of its own lever."""


def _unite(names: Iterable[str]) -> CoreSchema:
    """Return the schema of an event that has one of these levers."""
    choices = {name: load_levers()[name].__pydantic_core_schema__ for name in names}
    return core_schema.tagged_union_schema(choices, discriminator="lever")


@cache
def _build_validator(*names: str) -> SchemaValidator:
    return SchemaValidator(_unite(names))


def _validate_event(event: object) -> object:
    name = event.get("lever") if isinstance(event, Mapping) else getattr(event, "lever", None)
    names = [name] if isinstance(name, str) and name in load_levers() else []
    return _build_validator(*names).validate_python(event)
