"""Outcomes: from a contact to a child protection plan, as in the official statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.outcomes.columns import ratio
from cpsim.measures.outcomes.registry import BY_KIND, MONTHS, PER_10K, PER_10K_YEAR, RATIO, SHARE, outcome

if TYPE_CHECKING:
    from cpsim.measures.outcomes.columns import OutcomeColumns

_WEEKS_PER_MONTH: Final = WEEKS_PER_YEAR / 12
_FROM: Final = "referrals_from_"  # first part of the columns that count referrals by kind of agency
_CONTACTS_FROM: Final = "contacts_from_"


@outcome(
    unit=PER_10K_YEAR,
    label="Contacts",
    meaning="Contacts that reach the front door.",
    change=(
        "the front door received {size} more contacts a year per 10,000 children",
        "the front door received {size} fewer contacts a year per 10,000 children",
    ),
    interest=10,
)
def contacts_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.total("contacts"))


@outcome(
    unit=PER_10K_YEAR,
    label="Contacts, by kind",
    meaning="Contacts that reach the front door from each kind of agency.",
    parts=BY_KIND,
    part_label="Contacts by {part}",
    change=(
        "{part} made {size} more contacts a year per 10,000 children",
        "{part} made {size} fewer contacts a year per 10,000 children",
    ),
    interest=5,
)
def contacts_by_kind_per_10k_year(run: OutcomeColumns) -> dict[str, float] | None:
    columns = [name for name in run.evaluated.columns if name.startswith(_CONTACTS_FROM)]
    return {name.removeprefix(_CONTACTS_FROM): run.rate(run.total(name)) for name in columns} or None


@outcome(
    unit=RATIO,
    label="Contacts per referral",
    meaning="Contacts that reach the front door for each contact accepted as a referral.",
    noun="contacts per referral",
    change=(
        "{size} more contacts were made for each referral",
        "{size} fewer contacts were made for each referral",
    ),
    interest=0.05,
)
def contacts_per_referral(run: OutcomeColumns) -> float | None:
    return run.divide("contacts", by="referrals")


@outcome(
    unit=PER_10K_YEAR,
    label="Referrals",
    meaning="Contacts accepted as referrals.",
    heading="Workload",
    tables=("run",),
    official="dcsf-cpp-2009",
    change=(
        "{size} more contacts a year per 10,000 children became referrals",
        "{size} fewer contacts a year per 10,000 children became referrals",
    ),
    interest=5,
)
def referrals_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(run.total("referrals"))


@outcome(
    unit=SHARE,
    label="Re-referrals",
    meaning="Referrals of children who had been referred before within the last 12 months.",
    heading="Workload",
    note="of referrals, within 12 months",
    axis="of referrals",
    tables=("run",),
    official="dcsf-cpp-2009",
)
def rereferral_share_12m(run: OutcomeColumns) -> float | None:
    return run.divide("repeat_referrals", by="referrals")


@outcome(
    unit=SHARE,
    label="Referrals assessed",
    meaning="Referrals that an initial assessment followed within 26 weeks and before the child's next referral.",
    axis="of referrals",
    official="dcsf-cpp-2009",
)
def referrals_assessed_share(run: OutcomeColumns) -> float | None:
    return ratio(run.count("referrals_assessed"), run.total("referrals"))


def _register_rate(step: str, column: str, label: str, meaning: str, changed: str) -> None:
    """Register a step from a contact to a plan as a rate, so that the steps of two arms can be followed."""

    def compute(run: OutcomeColumns) -> float:
        return run.rate(run.total(column))

    compute.__name__ = f"{step}_per_10k_year"
    outcome(
        unit=PER_10K_YEAR,
        label=label,
        meaning=meaning,
        change=(changed.format(more="more"), changed.format(more="fewer")),
        interest=2,
    )(compute)


_register_rate(
    "initial",
    "initial_started",
    "Initial assessments",
    "Children whose initial assessment starts.",
    "{{size}} {more} children a year per 10,000 were assessed",
)
_register_rate(
    "s47",
    "s47_started",
    "Section 47 enquiries",
    "Children about whom a section 47 enquiry starts.",
    "{{size}} {more} children a year per 10,000 were the subject of a section 47 enquiry",
)
_register_rate(
    "conferences",
    "conferences",
    "Conferences",
    "Initial child protection conferences, one for each child.",
    "{{size}} {more} children a year per 10,000 had a conference",
)
_register_rate(
    "plans",
    "plans_started",
    "Plans started",
    "Children whose child protection plan starts.",
    "{{size}} {more} children a year per 10,000 were put on a plan",
)


@outcome(
    unit=PER_10K_YEAR,
    label="Protected in time, a year",
    meaning="Spells of harm protected at the deadline.",
    better="higher",
    noun="spells protected in time",
    change=(
        "{size} more spells a year per 10,000 children were protected in time",
        "{size} fewer spells a year per 10,000 children were protected in time",
    ),
    interest=2,
)
def protected_per_10k_year(run: OutcomeColumns) -> float:
    return run.rate(float(run.is_result("protected").sum()))


@outcome(
    unit=RATIO,
    label="Core assessments per initial assessment",
    meaning="Core assessments started for each initial assessment.",
    official="dcsf-cpp-2009",
)
def core_per_initial(run: OutcomeColumns) -> float | None:
    return run.divide("core_started", by="initial_started")


@outcome(
    unit=RATIO,
    label="Section 47 enquiries per referral",
    meaning="Section 47 enquiries started for each referral.",
    official="dfe-cin-2010",
    noun="section 47 enquiries per referral",
    change=(
        "the number of section 47 enquiries for each referral rose by {size}",
        "the number of section 47 enquiries for each referral fell by {size}",
    ),
    interest=0.01,
)
def s47_per_referral(run: OutcomeColumns) -> float | None:
    return run.divide("s47_started", by="referrals")


@outcome(
    unit=RATIO,
    label="Conferences per section 47 enquiry",
    meaning="Initial child protection conferences for each section 47 enquiry.",
    official="dfe-cin-2010",
)
def conferences_per_s47(run: OutcomeColumns) -> float | None:
    return run.divide("conferences", by="s47_started")


@outcome(
    unit=RATIO,
    label="Plans per conference",
    meaning="Child protection plans started for each conference.",
    official="dfe-cin-2010",
    change=(
        "the number of plans for each conference rose by {size}",
        "the number of plans for each conference fell by {size}",
    ),
    interest=0.01,
)
def plans_per_conference(run: OutcomeColumns) -> float | None:
    return run.divide("plans_started", by="conferences")


@outcome(
    unit=PER_10K,
    label="Children on a plan",
    meaning="Children on a child protection plan in an average week.",
    heading="Workload",
    note="per 10,000 children, average week",
    tables=("run",),
    official="dcsf-cpp-2009",
    change=(
        "{size} more children per 10,000 were on a plan",
        "{size} fewer children per 10,000 were on a plan",
    ),
    interest=1,
)
def plan_stock_per_10k(run: OutcomeColumns) -> float:
    return run.stock("on_plan")


@outcome(
    unit=PER_10K,
    label="Children in need",
    meaning="Children receiving a child-in-need service in an average week.",
    official="dcsf-cin-2009",
    change=(
        "{size} more children per 10,000 had a child-in-need service",
        "{size} fewer children per 10,000 had a child-in-need service",
    ),
    interest=5,
)
def in_need_stock_per_10k(run: OutcomeColumns) -> float:
    return run.stock("in_need_service")


@outcome(unit=PER_10K, label="Children in care", meaning="Children in care in an average week.")
def in_care_per_10k(run: OutcomeColumns) -> float:
    return run.stock("in_care")


@outcome(
    unit=MONTHS,
    label="Length of plans",
    meaning="Mean length of child protection plans that ended.",
    change=("plans lasted {size} longer", "plans were {size} shorter"),
    interest=0.5,
)
def plan_months_mean(run: OutcomeColumns) -> float | None:
    weeks = ratio(run.count("weeks_on_ended_plans"), run.total("plans_ended"))
    return None if weeks is None else weeks / _WEEKS_PER_MONTH


@outcome(
    unit=SHARE,
    label="Plans over two years",
    meaning="Plans that had lasted more than two years, as a share of those that ended.",
    axis="of plans that ended",
    official="dcsf-cpp-2009",
)
def plans_over_two_years_share(run: OutcomeColumns) -> float | None:
    return ratio(run.count("long_plans_ended"), run.total("plans_ended"))


@outcome(
    unit=SHARE,
    label="Repeat plans",
    meaning="Plans started for children who had been on a plan before.",
    axis="of plans started",
    official="dcsf-cpp-2009",
)
def repeat_plan_share(run: OutcomeColumns) -> float | None:
    return run.divide("repeat_plans", by="plans_started")


@outcome(
    unit=SHARE,
    label="Assessed on time",
    meaning="Initial assessments completed within the statutory time limit, as a share of those completed.",
    better="higher",
    heading="Workload",
    note="of initial assessments",
    axis="of initial assessments",
    tables=("run",),
    official="assessment-framework-2000",
    noun="assessments on time",
    change=(
        "the share of initial assessments completed on time rose by {size}",
        "the share of initial assessments completed on time fell by {size}",
    ),
    interest=0.01,
)
def initial_on_time_share(run: OutcomeColumns) -> float | None:
    return run.divide("initial_on_time", by="initial_finished")


@outcome(
    unit=SHARE,
    label="Core assessed on time",
    meaning="Core assessments completed within the statutory time limit, as a share of those completed.",
    better="higher",
    axis="of core assessments",
    official="assessment-framework-2000",
)
def core_on_time_share(run: OutcomeColumns) -> float | None:
    return run.divide("core_on_time", by="core_finished")


@outcome(
    unit=SHARE,
    label="Referred by age 5",
    meaning="Children turning five who had been referred at least once.",
    axis="of children turning five",
)
def referred_by_age_5_share(run: OutcomeColumns) -> float | None:
    return ratio(run.count("children_referred_by_five"), run.count("children_turning_five"))


@outcome(
    unit=SHARE,
    label="Sources of referrals",
    meaning="Referrals by the kind of agency that sent the first message; sums to 1.",
    axis="of referrals",
    parts=BY_KIND,
    official="dfe-cin-2014",
    part_label="Referrals from {part}",
    noun="the share of referrals from {part}",
    change=(
        "the share of referrals that came from {part} rose by {size}",
        "the share of referrals that came from {part} fell by {size}",
    ),
    interest=0.01,
)
def source_share(run: OutcomeColumns) -> dict[str, float] | None:
    referrals = run.total("referrals")
    columns = [name for name in run.evaluated.columns if name.startswith(_FROM)]
    return {name.removeprefix(_FROM): run.total(name) / referrals for name in columns} if referrals else None
