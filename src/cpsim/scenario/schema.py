"""What a scenario file may say: its sections, and the timeline of all levers that there are.

Numbers take their default, unit, sentence and limits from the register (`parameters.csv`). The classes are strict and
frozen: a misspelt key or a wrong type is an error, and a scenario never changes once it is read.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from cpsim.scenario.events import Event, levers
from cpsim.scenario.sections import (
    BOUND_SINCE_2005,
    KNOWN_KINDS,
    AgencyKind,
    Assessment,
    Authorities,
    Clock,
    Conference,
    Costs,
    Duty,
    FrontDoor,
    Harm,
    Network,
    OtherNeed,
    Population,
    Protection,
    Section,
    Sharing,
    Signs,
    Workforce,
    over,
    register_defaults,
)

if TYPE_CHECKING:
    AnyLever = Event
else:
    AnyLever = Annotated[reduce(or_, levers().values()), Field(discriminator="lever")]


class Scenario(Section):
    """One local authority under one set of rules: everything that a run needs besides its seed."""

    name: str = Field(
        default="unnamed", min_length=1, max_length=200, description="a short name for tables and figures"
    )
    question: str = Field(
        default="", max_length=2_000, description="the question that the scenario is meant to answer"
    )
    claims: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="the claims that it speaks to; `cpsim explain claims` lists them",
    )
    extends: str | None = Field(
        default=None, description="the scenario that this one changes: a shipped name or a file beside it"
    )
    clock: Clock = Clock()
    population: Population = Population()
    authorities: Authorities = Authorities()
    harm: Harm = Harm()
    other_need: OtherNeed = OtherNeed()
    signs: Signs = Signs()
    agencies: dict[str, AgencyKind] = Field(
        default_factory=dict,
        validate_default=True,
        description="kinds of agency by name; the six known kinds are always there",
    )
    duties: dict[str, Duty] = Field(
        default_factory=dict,
        description="the duty to cooperate by kind; pct and police are bound unless said otherwise, others exempt",
    )
    sharing: Sharing = Sharing()
    network: Network = Network()
    front_door: FrontDoor = FrontDoor()
    assessment: Assessment = Assessment()
    conference: Conference = Conference()
    protection: Protection = Protection()
    workforce: Workforce = Workforce()
    costs: Costs = Costs()
    timeline: tuple[AnyLever, ...] = Field(
        default=(), strict=False, description="what changes on which date, in order"
    )

    @model_validator(mode="before")
    @classmethod
    def _known_kinds_and_duties_have_defaults(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        filled = dict(data)
        given = data.get("agencies", {})
        if isinstance(given, dict):
            kinds = {kind: over(register_defaults(kind), given.get(kind, {})) for kind in KNOWN_KINDS}
            filled["agencies"] = kinds | {kind: given[kind] for kind in given if kind not in KNOWN_KINDS}
        duties = data.get("duties", {})
        if isinstance(duties, dict):
            filled["duties"] = {kind: {} for kind in BOUND_SINCE_2005} | duties
        return filled

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of agency, in the order of their index in every array."""
        return tuple(self.agencies)
