"""The sections of a scenario file: one class for each section, one field for each setting.

Numbers take their default, unit, description and limits from the register (`parameters.csv`). The classes are strict
and frozen: a misspelt key or a wrong type is an error, and a scenario does not change after it has been read.
"""

import datetime as dt
from contextlib import suppress
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from cpsim.scenario.nodes import ISO_DATE
from cpsim.scenario.register import load_register, quantity
from cpsim.scenario.text import describe_unsafe

UNSAFE_TEXT = "unsafe_text"
"""Type of the validation error for a text with characters that are refused; its message says which and why."""


def _refuse_unsafe(text: str, *, lines: bool) -> str:
    if message := describe_unsafe(text, lines=lines):
        raise PydanticCustomError(UNSAFE_TEXT, "{message}", {"message": message})
    return text


Line = Annotated[str, AfterValidator(partial(_refuse_unsafe, lines=False))]
"""Type of a setting that is a text of one line, such as a name, without characters that are unsafe to show."""
Paragraphs = Annotated[str, AfterValidator(partial(_refuse_unsafe, lines=True))]
"""Type of a setting that is a text of one or more lines, such as a question."""


def _read_day(value: object) -> object:
    """Read a text such as "2006-05-01", quoted or not, as a date; anything else is left for the schema to judge."""
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        with suppress(ValueError):
            return dt.date.fromisoformat(value)
    return value


Day = Annotated[dt.date, BeforeValidator(_read_day)]
"""Type of a setting that is a date."""


def _drop_example(schema: dict[str, Any]) -> None:
    """Leave the example of a docstring out of a JSON Schema, whose descriptions are for authors of files."""
    schema["description"] = schema["description"].partition("\n\n>>> ")[0]


class SettingsSection(BaseModel):
    """A group of settings with strict types and no unknown keys; immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra=_drop_example)


class ClockSettings(SettingsSection):
    """The evaluated period, and the history before it; a year has 52 weeks, so five years end six days early."""

    start: Day = Field(
        default=dt.date(2005, 4, 1), description="first day of the evaluated years; week 0 begins here"
    )
    years: int = quantity("clock.years", at_least=1)
    warm_up_years: int = quantity("clock.warm_up_years")


class NamedAuthoritySettings(SettingsSection):
    """A local authority with a name; each trait that it does not set is drawn at random."""

    name: Line = Field(
        min_length=1, max_length=60, description="its name in tables and in the timeline, such as Ashford"
    )
    size: float | None = Field(
        default=None, ge=0.01, le=20, description="children relative to the average [multiplier]"
    )
    deprivation: float | None = Field(
        default=None,
        ge=-9,
        le=9,
        description="deprivation above the average; negative = less deprived [deciles]",
    )
    resources: float | None = Field(
        default=None, ge=0.01, le=20, description="posts per child relative to the average [multiplier]"
    )
    leadership: float | None = Field(
        default=None,
        ge=0.01,
        le=20,
        description="how well its teams distinguish harm from no harm, relative to the average [multiplier]",
    )
    trust: float | None = Field(
        default=None, ge=-1, le=1, description="trust at the start above the average [trust_0_1]"
    )
    money: float | None = Field(
        default=None,
        ge=0.01,
        le=20,
        description="services that its money can buy, relative to the average [multiplier]",
    )


class RegionSettings(SettingsSection):
    """A region: local authorities that follow each other and are numbered by its name."""

    name: Line = Field(
        min_length=1, max_length=50, description="its name, which begins the names of its authorities"
    )
    count: int = Field(ge=1, le=150, description="number of its authorities [authorities]")
    size: float = Field(
        default=1.0,
        ge=0.01,
        le=20,
        description="children of its average authority relative to population.children [multiplier]",
    )
    map_column: int | None = Field(
        default=None,
        ge=0,
        le=9,
        description="its column on the map of regions, from 0; left out = in order [columns]",
    )
    map_row: int | None = Field(
        default=None,
        ge=0,
        le=9,
        description="its row on the map of regions, from 0; left out = in order [rows]",
    )


class AuthoritySettings(SettingsSection):
    """The local authorities: their number, the names of some, and how far they differ."""

    count: int = quantity("authorities.count", at_least=1)
    named: tuple[NamedAuthoritySettings, ...] = Field(
        default=(),
        strict=False,
        max_length=150,
        description="the authorities that have a name; the others are numbered",
    )
    regions: tuple[RegionSettings, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="the regions, which together have all authorities; they replace `named`",
    )
    tile_children: int | None = Field(
        default=None,
        ge=200,
        le=10_000_000,
        description="most children in a tile, a part of a region that is simulated by itself; none = one simulation of "
        "all authorities [children]",
    )
    size_spread: float = quantity("authorities.size_spread")
    deprivation_spread: float = quantity("authorities.deprivation_spread")
    resources_spread: float = quantity("authorities.resources_spread")
    leadership_spread: float = quantity("authorities.leadership_spread")
    trust_spread: float = quantity("authorities.trust_spread")
    money_spread: float = quantity("authorities.money_spread")
    moves_between: float = quantity("authorities.moves_between")


class PopulationSettings(SettingsSection):
    """Children, families and neighbourhoods of a local authority of average size."""

    children: int = quantity("population.children", at_least=200)
    children_per_area: int = quantity("population.children_per_area", at_least=50)
    extra_sibling_chance: float = quantity("population.extra_sibling_chance")
    home_moves_per_year: float = quantity("population.home_moves_per_year")
    school_change_on_move: float = quantity("population.school_change_on_move")
    gp_change_on_move: float = quantity("population.gp_change_on_move")
    file_left_behind: float = quantity("population.file_left_behind")
    school_outside_share: float = quantity("population.school_outside_share")
    group_share: float = quantity("population.group_share")


class OnsetByAgeSettings(SettingsSection):
    """Onset of adversity at each age relative to the average (M1)."""

    under_1: float = quantity("harm.onset_by_age.under_1")
    age_1_to_3: float = quantity("harm.onset_by_age.age_1_to_3")
    age_4_to_10: float = quantity("harm.onset_by_age.age_4_to_10")
    age_11_to_17: float = quantity("harm.onset_by_age.age_11_to_17")


class HarmSettings(SettingsSection):
    """The course of adversity without any intervention (M1)."""

    onset_per_year: float = quantity("harm.onset_per_year")
    deprivation_slope: float = quantity("harm.deprivation_slope")
    family_frailty_shape: float = quantity("harm.family_frailty_shape")
    onset_by_age: OnsetByAgeSettings = OnsetByAgeSettings()
    spell_median_weeks: float = quantity("harm.spell_median_weeks", at_least=1)
    spell_spread: float = quantity("harm.spell_spread")
    severity_spread: float = quantity("harm.severity_spread")
    severity_family_correlation: float = quantity("harm.severity_family_correlation")
    harm_cutoff: float = quantity("harm.harm_cutoff")
    reentry_gap_weeks: int = quantity("harm.reentry_gap_weeks")
    serious_event_per_week: float = quantity("harm.serious_event_per_week")
    serious_event_power: float = quantity("harm.serious_event_power")


class NeedSettings(SettingsSection):
    """One kind of need other than harm: how often it begins, how long it lasts, at which ages, and how it appears."""

    starts_per_10k_year: float
    median_weeks: float
    spread_weeks: float
    from_age: int
    to_age: int
    help_request_chance: float
    apparent_severity: float


class DisabilitySettings(NeedSettings):
    """Children in need because of a disability."""

    starts_per_10k_year: float = quantity("other_need.disability.starts_per_10k_year")
    median_weeks: float = quantity("other_need.disability.median_weeks", at_least=1)
    spread_weeks: float = quantity("other_need.disability.spread_weeks")
    from_age: int = quantity("other_need.disability.from_age")
    to_age: int = quantity("other_need.disability.to_age")
    help_request_chance: float = quantity("other_need.disability.help_request_chance")
    apparent_severity: float = quantity("other_need.disability.apparent_severity")


class FamilyStressSettings(NeedSettings):
    """Children in need because their family is under stress."""

    starts_per_10k_year: float = quantity("other_need.family_stress.starts_per_10k_year")
    median_weeks: float = quantity("other_need.family_stress.median_weeks", at_least=1)
    spread_weeks: float = quantity("other_need.family_stress.spread_weeks")
    from_age: int = quantity("other_need.family_stress.from_age")
    to_age: int = quantity("other_need.family_stress.to_age")
    help_request_chance: float = quantity("other_need.family_stress.help_request_chance")
    apparent_severity: float = quantity("other_need.family_stress.apparent_severity")


class OlderTeenagerSettings(NeedSettings):
    """Young people aged 16 and 17 in need, many of them homeless."""

    starts_per_10k_year: float = quantity("other_need.older_teenager.starts_per_10k_year")
    median_weeks: float = quantity("other_need.older_teenager.median_weeks", at_least=1)
    spread_weeks: float = quantity("other_need.older_teenager.spread_weeks")
    from_age: int = quantity("other_need.older_teenager.from_age")
    to_age: int = quantity("other_need.older_teenager.to_age")
    help_request_chance: float = quantity("other_need.older_teenager.help_request_chance")
    apparent_severity: float = quantity("other_need.older_teenager.apparent_severity")


class OtherNeedSettings(SettingsSection):
    """Children in need for reasons other than harm: they add to caseloads and can look like children in harm."""

    disability: DisabilitySettings = DisabilitySettings()
    family_stress: FamilyStressSettings = FamilyStressSettings()
    older_teenager: OlderTeenagerSettings = OlderTeenagerSettings()


class SignSettings(SettingsSection):
    """Bias in the signs of harm that is common to all observers (M2)."""

    bias_spread: float = quantity("signs.bias_spread")
    bias_family_correlation: float = quantity("signs.bias_family_correlation")


class ContactsPerWeekSettings(SettingsSection):
    """Contacts a week with a child of each age (M2)."""

    under_1: float = quantity("agencies.other.contacts_per_week.under_1")
    age_1_to_3: float = quantity("agencies.other.contacts_per_week.age_1_to_3")
    age_4_to_10: float = quantity("agencies.other.contacts_per_week.age_4_to_10")
    age_11_to_17: float = quantity("agencies.other.contacts_per_week.age_11_to_17")


class AgencyKindSettings(SettingsSection):
    """One kind of agency: what its practitioners meet, notice, record and share (M2-M6, M10, M25).

    Six kinds are known and have their own defaults; any other name defines a new kind.
    """

    catchment: Literal["area", "authority", "region"] = Field(
        default="authority",
        description="what each of its organisations serves: neighbourhoods, a whole authority, or a part of the region "
        "that may cross the borders of authorities",
    )
    tied: bool = Field(default=True, description="whether it has ties to the front door and to partners")
    term_time_only: bool = Field(
        default=False, description="whether it meets no children in the school holidays"
    )
    sites_per_10k_children: float = quantity("agencies.other.sites_per_10k_children")
    contacts_per_week: ContactsPerWeekSettings = ContactsPerWeekSettings()
    contact_rise_with_severity: float = quantity("agencies.other.contact_rise_with_severity")
    signal_strength: float = quantity("agencies.other.signal_strength")
    weakest_visible_sign: float = quantity("agencies.other.weakest_visible_sign")
    notice_threshold: float = quantity("agencies.other.notice_threshold")
    attention: float = quantity("agencies.other.attention")
    recording: float = quantity("agencies.other.recording")
    evidence_weight: float = quantity("agencies.other.evidence_weight")
    share_threshold: float = quantity("agencies.other.share_threshold")
    credibility: float = quantity("agencies.other.credibility")
    conference_attendance: float = quantity("agencies.other.conference_attendance")


KNOWN_KINDS = ("school", "gp", "pct", "hospital", "police", "community")
BOUND_SINCE_2005 = ("pct", "police")
"""Kinds bound by section 10 of the Children Act 2004, which left out schools and GP practices."""

_NEIGHBOURHOOD_KINDS = frozenset({"school", "gp", "community"})


def read_kind_defaults(kind: str) -> dict[str, Any]:
    """Read the defaults of a known kind of agency from the register, nested as in a scenario file.

    >>> defaults = read_kind_defaults("school")
    >>> defaults["catchment"], defaults["term_time_only"]
    ('area', True)
    """
    prefix = f"agencies.{kind}."
    nested: dict[str, Any] = {
        "catchment": "area" if kind in _NEIGHBOURHOOD_KINDS else "authority",
        "term_time_only": kind == "school",
    }
    for row in load_register().values():
        if row.id.startswith(prefix):
            *outer, last = row.id.removeprefix(prefix).split(".")
            target = nested
            for key in outer:
                target = target.setdefault(key, {})
            target[last] = row.default
    return nested


def merge_defaults(defaults: dict[str, Any], given: Any) -> Any:
    """Lay the settings of `given` over `defaults`; a value that is not a mapping is returned for validation to refuse.

    >>> merge_defaults({"attention": 0.5, "ages": {"under_1": 1}}, {"ages": {"under_1": 2}})
    {'attention': 0.5, 'ages': {'under_1': 2}}
    """
    if not isinstance(given, dict):
        return given
    merged = dict(defaults)
    for key, value in given.items():
        merged[key] = merge_defaults(defaults[key], value) if isinstance(defaults.get(key), dict) else value
    return merged


class SharingSettings(SettingsSection):
    """How evidence is recorded, pooled with partners and shared with children's social care (M3-M6)."""

    notice_softness: float = quantity("sharing.notice_softness", at_least=0.02)
    evidence_fading_per_week: float = quantity("sharing.evidence_fading_per_week")
    least_evidence: float = quantity("sharing.least_evidence")
    share_noise: float = quantity("sharing.share_noise", at_least=0)
    kept_after_sharing: float = quantity("sharing.kept_after_sharing")
    unanswered_effect: float = quantity("sharing.unanswered_effect", at_least=0)
    answer_relief: float = quantity("sharing.answer_relief")
    duty_effect: float = quantity("sharing.duty_effect", at_least=0)
    sanction_effect: float = quantity("sharing.sanction_effect", at_least=0)
    trust_effect: float = quantity("sharing.trust_effect", at_least=0)
    trust_reference: float = quantity("sharing.trust_reference")
    workload_effect: float = quantity("sharing.workload_effect", at_least=0)
    consult_margin: float = quantity("sharing.consult_margin", at_least=0)
    consult_chance: float = quantity("sharing.consult_chance")
    signal_correlation: float = quantity("sharing.signal_correlation")
    live_evidence: float = quantity("sharing.live_evidence", at_least=0)


class NetworkSettings(SettingsSection):
    """Ties between organisations, trust along them, and the delivery of messages (M7-M9)."""

    graphml: str | None = Field(
        default=None,
        description="a GraphML file with the ties, next to the scenario file; none = generated ties",
    )
    lateral_density: float = quantity("network.lateral_density")
    trust_start: float = quantity("network.trust_start")
    trust_spread: float = quantity("network.trust_spread")
    trust_new: float = quantity("network.trust_new")
    trust_gain: float = quantity("network.trust_gain")
    trust_loss: float = quantity("network.trust_loss")
    trust_rejection: float = quantity("network.trust_rejection")
    trust_fading_per_week: float = quantity("network.trust_fading_per_week")
    delivery_base: float = quantity("network.delivery_base")
    delivery_trust_power: float = quantity("network.delivery_trust_power")
    message_delay_weeks: float = quantity("network.message_delay_weeks")
    wrong_authority: float = quantity("network.wrong_authority")


class FrontDoorSettings(SettingsSection):
    """Screening of contacts (M10), and the file of children's social care."""

    file_fading_per_week: float = quantity("front_door.file_fading_per_week")
    closed_history_below: float = quantity("front_door.closed_history_below")
    same_source_weight: float = quantity("front_door.same_source_weight")
    other_source_weight: float = quantity("front_door.other_source_weight")
    kept_after_assessment: float = quantity("front_door.kept_after_assessment")
    sibling_chance: float = quantity("front_door.sibling_chance")
    sibling_discount: float = quantity("front_door.sibling_discount", at_least=0)
    referral_threshold: float = quantity("front_door.referral_threshold")
    assessment_threshold: float = quantity("front_door.assessment_threshold")
    history_effect: float = quantity("front_door.history_effect", at_least=0)
    plan_history_effect: float = quantity("front_door.plan_history_effect", at_least=0)
    screening_noise: float = quantity("front_door.screening_noise", at_least=0)
    drift: float = quantity("front_door.drift")
    drift_limit: float = quantity("front_door.drift_limit")
    load_target: float = quantity("front_door.load_target")
    load_memory_weeks: float = quantity("front_door.load_memory_weeks", at_least=1)
    flood_effect: float = quantity("front_door.flood_effect")
    escalation_margin: float = quantity("front_door.escalation_margin", at_least=0)
    request_strength: float = quantity("front_door.request_strength")


class AssessmentSettings(SettingsSection):
    """Initial and core assessments and section 47 enquiries (M11, M12)."""

    judgement_block_weeks: int = quantity("assessment.judgement_block_weeks", at_least=1)
    initial_noise: float = quantity("assessment.initial_noise")
    core_noise: float = quantity("assessment.core_noise")
    child_bias: float = quantity("assessment.child_bias")
    child_bias_remaining: float = quantity("assessment.child_bias_remaining")
    file_weight: float = quantity("assessment.file_weight")
    file_limit: float = quantity("assessment.file_limit")
    need_threshold: float = quantity("assessment.need_threshold")
    core_threshold: float = quantity("assessment.core_threshold")
    s47_threshold: float = quantity("assessment.s47_threshold")
    conference_threshold: float = quantity("assessment.conference_threshold")
    need_threshold_after_enquiry: float = quantity("assessment.need_threshold_after_enquiry")
    other_need_recognised: float = quantity("assessment.other_need_recognised")
    time_compression: float = quantity("assessment.time_compression")
    initial_days_median: float = quantity("assessment.initial_days_median", at_least=0.1)
    initial_days_spread: float = quantity("assessment.initial_days_spread")
    initial_limit_days: int = quantity("assessment.initial_limit_days", at_least=1)
    core_weeks_median: float = quantity("assessment.core_weeks_median", at_least=0.1)
    core_weeks_spread: float = quantity("assessment.core_weeks_spread")
    core_limit_days: int = quantity("assessment.core_limit_days", at_least=1)
    enquiry_weeks: int = quantity("assessment.enquiry_weeks", at_least=1)
    urgency_per_week_waiting: float = quantity("assessment.urgency_per_week_waiting", at_least=0)
    urgency_cap: float = quantity("assessment.urgency_cap")
    longest_initial_weeks: int = quantity("assessment.longest_initial_weeks", at_least=1)
    longest_core_weeks: int = quantity("assessment.longest_core_weeks", at_least=1)


class ConferenceSettings(SettingsSection):
    """The child protection conference (M25)."""

    wait_weeks: int = quantity("conference.wait_weeks", at_least=1)
    plan_threshold: float = quantity("conference.plan_threshold")
    noise: float = quantity("conference.noise")
    unique_information_chance: float = quantity("conference.unique_information_chance")
    evidence_weight: float = quantity("conference.evidence_weight")


class ProtectionSettings(SettingsSection):
    """Child in need services, child protection plans and care: their reviews and their end (M14)."""

    recovery_on_plan_per_week: float = quantity("protection.recovery_on_plan_per_week")
    recovery_in_need_per_week: float = quantity("protection.recovery_in_need_per_week")
    signs_hidden_on_plan: float = quantity("protection.signs_hidden_on_plan")
    signs_hidden_in_need: float = quantity("protection.signs_hidden_in_need")
    serious_event_averted_share: float = quantity("protection.serious_event_averted_share")
    first_review_weeks: int = quantity("protection.first_review_weeks", at_least=1)
    review_every_weeks: int = quantity("protection.review_every_weeks", at_least=1)
    first_review_closure_chance: float = quantity("protection.first_review_closure_chance")
    review_noise: float = quantity("protection.review_noise")
    plan_closure_threshold: float = quantity("protection.plan_closure_threshold")
    in_need_review_weeks: int = quantity("protection.in_need_review_weeks", at_least=1)
    in_need_closure_threshold: float = quantity("protection.in_need_closure_threshold")
    closure_pressure: float = quantity("protection.closure_pressure")
    kept_after_closure: float = quantity("protection.kept_after_closure")
    care_threshold: float = quantity("protection.care_threshold")
    care_voluntary_share: float = quantity("protection.care_voluntary_share")
    court_weeks: int = quantity("protection.court_weeks", at_least=1)
    care_median_weeks: float = quantity("protection.care_median_weeks", at_least=1)
    care_spread: float = quantity("protection.care_spread")
    effective_hours_share: float = quantity("protection.effective_hours_share")
    worker_change_factor: float = quantity("protection.worker_change_factor")


class WorkforceSettings(SettingsSection):
    """Social workers: posts, hours, turnover and experience (M12, M13)."""

    hours_contact: float = quantity("workforce.hours_contact")
    hours_referral: float = quantity("workforce.hours_referral")
    hours_initial: float = quantity("workforce.hours_initial", at_least=0.1)
    hours_core: float = quantity("workforce.hours_core", at_least=0.1)
    hours_s47: float = quantity("workforce.hours_s47")
    hours_conference: float = quantity("workforce.hours_conference")
    hours_plan_week: float = quantity("workforce.hours_plan_week")
    hours_in_need_week: float = quantity("workforce.hours_in_need_week")
    hours_care_week: float = quantity("workforce.hours_care_week")
    casework_hours_per_week: float = quantity("workforce.casework_hours_per_week", at_least=1)
    assessment_posts_per_10k: float = quantity("workforce.assessment_posts_per_10k")
    long_term_posts_per_10k: float = quantity("workforce.long_term_posts_per_10k")
    assessment_teams: int = quantity("workforce.assessment_teams")
    long_term_teams: int = quantity("workforce.long_term_teams")
    least_new_assessment_share: float = quantity("workforce.least_new_assessment_share")
    caseload_limit: int = quantity("workforce.caseload_limit")
    exit_per_year: float = quantity("workforce.exit_per_year")
    burnout_effect: float = quantity("workforce.burnout_effect")
    refill_weeks: int = quantity("workforce.refill_weeks")
    vacancy_start: float = quantity("workforce.vacancy_start")
    learning_weeks: float = quantity("workforce.learning_weeks", at_least=1)
    learning_noise: float = quantity("workforce.learning_noise")
    newly_qualified_share: float = quantity("workforce.newly_qualified_share")
    prior_experience_weeks: float = quantity("workforce.prior_experience_weeks")


class CostSettings(SettingsSection):
    """Unit costs, constant over time; harm has no price."""

    hour_of_social_work_gbp: float = quantity("costs.hour_of_social_work_gbp")
    partner_hours_per_contact: float = quantity("costs.partner_hours_per_contact")
    partner_hour_gbp: float = quantity("costs.partner_hour_gbp")
    conference_gbp: float = quantity("costs.conference_gbp")
    in_need_service_week_gbp: float = quantity("costs.in_need_service_week_gbp")
    plan_service_week_gbp: float = quantity("costs.plan_service_week_gbp")
    care_week_gbp: float = quantity("costs.care_week_gbp")
    court_application_gbp: float = quantity("costs.court_application_gbp")


class MeasureSettings(SettingsSection):
    """How the results of a run are measured."""

    horizon_weeks: int = Field(
        default=13,
        ge=1,
        le=52,
        description="weeks from onset to the deadline after which an unprotected spell is missed [weeks]",
    )
    need_cutoff: float = quantity("measures.need_cutoff")
    severe_quantile: float = quantity("measures.severe_quantile")
    chronic_from_weeks: int = quantity("measures.chronic_from_weeks")
    likely_harm_weeks: int = quantity("measures.likely_harm_weeks")
    before_contact_weeks: int = quantity("measures.before_contact_weeks")
    on_file_threshold: float = quantity("measures.on_file_threshold")
    strict_cutoff: float = quantity("measures.strict_cutoff")
    acute_reaction_weeks: int = quantity("measures.acute_reaction_weeks")
    chronic_reaction_weeks: int = quantity("measures.chronic_reaction_weeks")
    alarm_gap_weeks: int = quantity("measures.alarm_gap_weeks")


class DutySettings(SettingsSection):
    """The duty to co-operate of one kind of agency (M6)."""

    bound: bool = Field(default=True, description="whether the law binds this kind of agency; false = exempt")
    awareness: float = quantity("duties.awareness")
    sanction: float = quantity("duties.sanction")
