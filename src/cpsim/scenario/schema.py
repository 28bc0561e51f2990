"""The schema of a scenario file: its sections, and a timeline whose events are levers.

Numbers take their default, unit, description and limits from the register (`parameters.csv`). The classes are strict
and frozen: a misspelt key or a wrong type is an error, and a scenario does not change after it has been read.
"""

from typing import Any, Final

from pydantic import Field, model_validator

from cpsim.scenario.events import AnyLever
from cpsim.scenario.sections import (
    BOUND_SINCE_2005,
    KNOWN_KINDS,
    AgencyKindSettings,
    AssessmentSettings,
    AuthoritySettings,
    ClockSettings,
    ConferenceSettings,
    CostSettings,
    DutySettings,
    FrontDoorSettings,
    HarmSettings,
    Line,
    MeasureSettings,
    NetworkSettings,
    OtherNeedSettings,
    Paragraphs,
    PopulationSettings,
    ProtectionSettings,
    SettingsSection,
    SharingSettings,
    SignSettings,
    WorkforceSettings,
    merge_defaults,
    read_kind_defaults,
)

LONGEST_NAME: Final = 200
"""Most characters of the name of a scenario."""

DESCRIPTIVE: Final = ("name", "question", "claims", "extends", "primary_outcome", "size_of_interest")
"""Settings that say what a scenario is about and how it is judged; they change no run."""


class Scenario(SettingsSection):
    """The settings of a run, complete except for the seed.

    >>> from cpsim.scenario import load
    >>> scenario = load("small", {"population.children": 500})
    >>> scenario.name, scenario.population.children
    ('small', 500)
    >>> scenario.kinds
    ('school', 'gp', 'pct', 'hospital', 'police', 'community')
    """

    name: Line = Field(
        default="unnamed",
        min_length=1,
        max_length=LONGEST_NAME,
        description="a short name for tables and figures",
    )
    question: Paragraphs = Field(
        default="", max_length=2_000, description="the question that the scenario should answer"
    )
    claims: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="the claims that it tests; `cpsim explain claims` lists them",
    )
    extends: Line | None = Field(
        default=None,
        description="the scenario that this one changes: a shipped name, or a file next to this one",
    )
    primary_outcome: Line | None = Field(
        default=None,
        description="the outcome by which comparisons judge it first; `cpsim explain outcomes` lists them; "
        "missed_risk_rate if none is named",
    )
    size_of_interest: float | None = Field(
        default=None,
        ge=0.0001,
        le=1_000_000,
        description="smallest difference in the primary outcome that matters; a share is from 0 to 1 [its unit]",
    )
    clock: ClockSettings = ClockSettings()
    population: PopulationSettings = PopulationSettings()
    authorities: AuthoritySettings = AuthoritySettings()
    harm: HarmSettings = HarmSettings()
    other_need: OtherNeedSettings = OtherNeedSettings()
    signs: SignSettings = SignSettings()
    agencies: dict[str, AgencyKindSettings] = Field(
        default_factory=dict,
        validate_default=True,
        description="kinds of agency by name; the six known kinds are always included",
    )
    duties: dict[str, DutySettings] = Field(
        default_factory=dict,
        description="the duty to co-operate by kind; by default pct and police are bound and all others exempt",
    )
    sharing: SharingSettings = SharingSettings()
    network: NetworkSettings = NetworkSettings()
    front_door: FrontDoorSettings = FrontDoorSettings()
    assessment: AssessmentSettings = AssessmentSettings()
    conference: ConferenceSettings = ConferenceSettings()
    protection: ProtectionSettings = ProtectionSettings()
    workforce: WorkforceSettings = WorkforceSettings()
    costs: CostSettings = CostSettings()
    measures: MeasureSettings = MeasureSettings()
    timeline: tuple[AnyLever, ...] = Field(
        default=(), strict=False, description="what changes on which date, in order"
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in_known_kinds_and_duties(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        filled = dict(data)
        given = data.get("agencies", {})
        if isinstance(given, dict):
            kinds = {
                kind: merge_defaults(read_kind_defaults(kind), given.get(kind, {})) for kind in KNOWN_KINDS
            }
            filled["agencies"] = kinds | {kind: given[kind] for kind in given if kind not in KNOWN_KINDS}
        duties = data.get("duties", {})
        if isinstance(duties, dict):
            filled["duties"] = {kind: {} for kind in BOUND_SINCE_2005} | duties
        return filled

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of agency, in the order of their index in arrays."""
        return tuple(self.agencies)
