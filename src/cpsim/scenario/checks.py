"""What must hold between the settings of a scenario: one small function a rule.

A rule yields pairs of a location (`("timeline", 2, "date")`) and a sentence. It is told of a scenario without its
faulty settings, so that a misspelling in one place does not hide a contradiction in another; `reads` names the sections
that a rule compares with, and a rule is not asked when one of those is at fault.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

from cpsim.constants import FRONT_DOOR, SOCIAL_CARE
from cpsim.scenario.authorities import authority_names
from cpsim.scenario.claims import claims
from cpsim.scenario.clock import date_of, evaluated_weeks, warm_up_weeks, week_of, weeks_of
from cpsim.scenario.events import Choice, Event
from cpsim.scenario.guide import Location
from cpsim.scenario.language import Check, Finding
from cpsim.scenario.problems import did_you_mean, listed, nearest, shown
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import KNOWN_KINDS

Rule = Callable[[Scenario], Iterator[Finding]]

MAX_KINDS = 40
MAX_CHILD_WEEKS = 400_000_000
"""Children times weeks of a run that fits into some 3 GB, four times the baseline."""
MAX_ROWS = 32_000
"""Neighbourhoods, organisations, or teams and posts: as many as fit into an int16."""
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 1, 1)


CHECKS: list[Check[Scenario]] = []


def reads(*sections: str) -> Callable[[Rule], Rule]:
    """Enter the rule below into `CHECKS`."""

    def enter(rule: Rule) -> Rule:
        CHECKS.append(Check(rule, sections))
        return rule

    return enter


@reads()
def start_is_in_the_time_of_institutions(scenario: Scenario) -> Iterator[Finding]:
    """A story before social services, or in a far future, is a slip of the pen."""
    start = scenario.clock.start
    if not EARLIEST <= start <= LATEST:
        yield ("clock", "start"), f"{start} is absurd; expected a date from {EARLIEST} to {LATEST}"


@reads()
def claims_are_known(scenario: Scenario) -> Iterator[Finding]:
    """A scenario speaks to claims that somebody has made."""
    for index, claim in enumerate(scenario.claims):
        if claim not in claims():
            hint = did_you_mean(claim, claims()) or "; `cpsim explain claims` lists them"
            yield ("claims", index), f"there is no claim {shown(claim)}{hint}"


@reads("clock", "population", "authorities")
def the_run_fits_into_memory(scenario: Scenario) -> Iterator[Finding]:
    """A file that a stranger sends must not eat the memory."""
    weeks = weeks_of(scenario.clock)
    in_average_ones = scenario.population.children
    children = in_average_ones * _average_authorities(scenario)
    if children * weeks > MAX_CHILD_WEEKS:
        most = int(in_average_ones * MAX_CHILD_WEEKS / (children * weeks))
        years = weeks // 52
        where = "" if scenario.authorities.count == 1 else f" in {scenario.authorities.count} authorities"
        yield (
            ("population", "children"),
            f"{round(children):,} children{where} over {years} years of history, judging and run-off do not fit into "
            f"memory; at most {most:,} do",
        )


def _average_authorities(scenario: Scenario) -> float:
    """How many authorities of average size would have as many children as all of the scenario's have."""
    named = scenario.authorities.named
    said = [authority.size for authority in named if authority.size is not None]
    return sum(said) + max(scenario.authorities.count - len(said), 0)


@reads("population", "authorities", "agencies", "workforce")
def rows_can_be_numbered(scenario: Scenario) -> Iterator[Finding]:
    """Neighbourhoods, organisations, teams and posts are numbered in small whole numbers, to save memory."""
    authorities, population, workforce = (
        _average_authorities(scenario),
        scenario.population,
        scenario.workforce,
    )
    children = authorities * population.children
    count = scenario.authorities.count
    posts = workforce.assessment_posts_per_10k + workforce.long_term_posts_per_10k
    sites = sum(kind.sites_per_10k_children for kind in scenario.agencies.values())
    teams = 1 + workforce.assessment_teams + workforce.long_term_teams
    for what, number, path in (
        ("neighbourhoods", children / population.children_per_area, ("population", "children_per_area")),
        ("organisations", children * sites / 10_000 + count * len(scenario.agencies), ("agencies",)),
        ("teams and posts", count * teams + children * posts / 10_000, ("workforce",)),
    ):
        if number > MAX_ROWS:
            yield path, f"some {round(number):,} {what} in all authorities; at most {MAX_ROWS:,} are possible"


@reads("authorities")
def named_authorities_can_be_told_apart(scenario: Scenario) -> Iterator[Finding]:
    """Two authorities of one name, or more names than authorities, leave open who is meant."""
    settings = scenario.authorities
    if len(settings.named) > settings.count:
        yield (
            ("authorities", "count"),
            f"{len(settings.named)} authorities are named, but there are {settings.count}",
        )
    for index, authority in enumerate(settings.named):
        if authority.name in authority_names(settings)[:index]:
            yield (
                ("authorities", "named", index, "name"),
                f"another authority is called {shown(authority.name)} too",
            )


@reads("authorities")
def events_concern_authorities_that_exist(scenario: Scenario) -> Iterator[Finding]:
    """What happens in an authority that there is not happens nowhere."""
    names = authority_names(scenario.authorities)
    for index, event in enumerate(scenario.timeline):
        if isinstance(event.authorities, tuple):
            for place, name in enumerate(event.authorities):
                if name not in names:
                    yield (
                        ("timeline", index, "authorities", place),
                        f"no authority is called {shown(name)}; there are {listed(names)}{did_you_mean(name, names)}",
                    )


@reads("authorities")
def events_choose_authorities_by_one_rule(scenario: Scenario) -> Iterator[Finding]:
    """By lot and by deprivation at once leaves open how; more of them than there are is a slip."""
    count = scenario.authorities.count
    for index, event in enumerate(scenario.timeline):
        if not isinstance(event.authorities, Choice):
            continue
        said = event.authorities.model_dump(exclude_none=True)
        if len(said) != 1:
            rules = listed(Choice.model_fields)
            yield ("timeline", index, "authorities"), f"expected one rule by which they are chosen: {rules}"
        for rule, number in said.items():
            if number > count:
                number_there = (
                    "there is only one authority" if count == 1 else f"there are only {count} authorities"
                )
                yield ("timeline", index, "authorities", rule), f"{number} of them, but {number_there}"


@reads()
def events_make_sense_by_themselves(scenario: Scenario) -> Iterator[Finding]:
    """Every lever knows best what would make no sense of it."""
    for index, event in enumerate(scenario.timeline):
        for location, sentence in event.contradictions(scenario):
            yield ("timeline", index, *location), sentence


@reads("clock")
def events_fall_within_the_run(scenario: Scenario) -> Iterator[Finding]:
    """An event outside history and the years judged would never happen."""
    clock = scenario.clock
    if not EARLIEST <= clock.start <= LATEST:
        return
    first, last = -warm_up_weeks(clock), evaluated_weeks(clock) - 1
    for index, event in enumerate(scenario.timeline):
        if event.date is None:
            continue
        if week_of(event.date, clock) < first:
            yield (
                ("timeline", index, "date"),
                f"{event.date} is before history begins, on {date_of(first, clock)}",
            )
        if week_of(event.date, clock) > last:
            end = date_of(last + 1, clock)
            yield (
                ("timeline", index, "date"),
                f"{event.date} is after the years judged; they end before {end}",
            )


@reads()
def events_stand_in_order(scenario: Scenario) -> Iterator[Finding]:
    """A timeline is read from top to bottom; several events may share a day, and what always held comes first."""
    for index, (earlier, later) in enumerate(
        zip(scenario.timeline, scenario.timeline[1:], strict=False), start=1
    ):
        if earlier.date is not None and later.date is None:
            yield (
                ("timeline", index),
                "an event without a date holds from the beginning and stands before the others",
            )
        elif earlier.date is not None and later.date is not None and later.date < earlier.date:
            sentence = (
                f"{later.date} stands after {earlier.date}; events must stand in the order of their dates"
            )
            yield ("timeline", index, "date"), sentence


@reads()
def events_end_after_they_begin(scenario: Scenario) -> Iterator[Finding]:
    """What ends on the day on which it begins never was."""
    for index, event in enumerate(scenario.timeline):
        if event.until is not None and event.date is not None and event.until <= event.date:
            yield ("timeline", index, "until"), f"{event.until} is not after its date, {event.date}"


@reads("agencies")
def events_concern_agencies_that_exist(scenario: Scenario) -> Iterator[Finding]:
    """A duty for a kind of agency that nobody has cannot bind anybody."""
    for index, event in enumerate(scenario.timeline):
        for location, kind in _kinds_named_by(event):
            if kind not in scenario.agencies and kind not in event.beside_kinds:
                yield ("timeline", index, *location), _no_such_kind(kind, scenario, event.beside_kinds)


def _kinds_named_by(event: Event) -> Iterator[tuple[Location, str]]:
    """Where an event names kinds of agency, and which."""
    if (kind := getattr(event, "kind", None)) is not None:
        yield ("kind",), kind
    for setting in ("kinds", "partners", "services"):
        for place, kind in enumerate(getattr(event, setting, None) or ()):
            yield (setting, place), kind


@reads("agencies")
def duties_concern_agencies_that_exist(scenario: Scenario) -> Iterator[Finding]:
    """As for events."""
    for kind in scenario.duties:
        if kind not in scenario.agencies:
            yield ("duties", kind), _no_such_kind(kind, scenario)


def _no_such_kind(kind: str, scenario: Scenario, others: tuple[str, ...] = ()) -> str:
    kinds = [*scenario.agencies, *others]
    return f"no kind of agency is called {shown(kind)}; there are {listed(kinds)}{did_you_mean(kind, kinds)}"


@reads()
def new_kinds_are_not_misspelt_known_ones(scenario: Scenario) -> Iterator[Finding]:
    """`polise:` would otherwise quietly found a second police force."""
    for kind in scenario.agencies:
        near = nearest(kind, KNOWN_KINDS, cutoff=0.75)
        if kind not in KNOWN_KINDS and near:
            yield (
                ("agencies", kind),
                f"a new kind needs a name unlike the known {listed(KNOWN_KINDS)}; did you mean {near!r}?",
            )


@reads()
def kinds_can_name_a_column(scenario: Scenario) -> Iterator[Finding]:
    """The name of a kind becomes part of a column's name in the results."""
    for kind in scenario.agencies:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", kind):
            yield ("agencies", kind), "expected a name of small letters, digits and _, such as youth_justice"
        elif kind in (FRONT_DOOR, SOCIAL_CARE):
            yield (
                ("agencies", kind),
                f"{kind} is a body of its own and cannot be the name of a kind of agency",
            )


@reads()
def kinds_are_not_too_many(scenario: Scenario) -> Iterator[Finding]:
    """Every child has a place with every kind of agency, which costs memory."""
    if len(scenario.agencies) > MAX_KINDS:
        yield ("agencies",), f"{len(scenario.agencies)} kinds of agency; at most {MAX_KINDS} are possible"


@reads("other_need.disability", "other_need.family_stress", "other_need.older_teenager")
def ages_run_upwards(scenario: Scenario) -> Iterator[Finding]:
    """A range of ages that ends before it begins holds no child."""
    needs = scenario.other_need
    for name in type(needs).model_fields:
        need = getattr(needs, name)
        if need.to_age < need.from_age:
            yield ("other_need", name, "to_age"), f"{need.to_age} is below from_age, which is {need.from_age}"
