"""Consistency checks between the settings of a scenario, one function for each rule.

A check yields pairs of a location, such as `("timeline", 2, "date")`, and a message. It gets the scenario without the
settings that are already known to be wrong, so that a misspelling in one place does not hide a contradiction in
another. `add_check` names the sections that a check reads; the check is skipped if one of them contains an error.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from cpsim.constants import FRONT_DOOR, SOCIAL_CARE
from cpsim.scenario.authorities import authority_names
from cpsim.scenario.claims import load_claims
from cpsim.scenario.clock import (
    date_of,
    evaluated_weeks,
    last_day_of_years,
    total_weeks,
    warm_up_weeks,
    week_of,
)
from cpsim.scenario.events import BEST, AuthorityChoice, TimelineEvent
from cpsim.scenario.file_format import Check, Finding, find_repeats
from cpsim.scenario.guide import Location
from cpsim.scenario.memory import (
    LIMIT_VARIABLE,
    count_children,
    estimate_memory,
    find_drivers,
    find_largest_tile,
    read_memory_limit,
)
from cpsim.scenario.places import choose_children_per_area, count_teams
from cpsim.scenario.problems import find_nearest, format_options, format_value, suggest_nearest
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import KNOWN_KINDS
from cpsim.scenario.text import describe_curly_quotes
from cpsim.scenario.tiles import TILE_CHILDREN, is_tiled

Rule = Callable[[Scenario], Iterator[Finding]]

MAX_KINDS = 40
MIN_CHILDREN = 50
"""Smallest number of children in all authorities together."""
MAX_ROWS = 32_000
"""Largest number of neighbourhoods, organisations, or teams and posts; they are numbered in an int16."""
RESERVED_NAMES = frozenset({BEST, "worst", "all", "any", "none", *AuthorityChoice.model_fields})
"""Words that choose authorities, or might be taken for such a choice; no authority can have one as its name."""
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 1, 1)


CHECKS: list[Check[Scenario]] = []


def add_check(*sections: str) -> Callable[[Rule], Rule]:
    """Decorate a rule that reads these sections, to add it to `CHECKS`."""

    def add(rule: Rule) -> Rule:
        CHECKS.append(Check(rule, sections))
        return rule

    return add


@add_check()
def check_start_date(scenario: Scenario) -> Iterator[Finding]:
    """Find a start long before or after the period of the institutions, which is probably a typing error."""
    start = scenario.clock.start
    if not EARLIEST <= start <= LATEST:
        yield ("clock", "start"), f"{start} is out of range; expected a date from {EARLIEST} to {LATEST}"


@add_check()
def check_claims(scenario: Scenario) -> Iterator[Finding]:
    """Find claims that are not in the list of claims."""
    for index, claim in enumerate(scenario.claims):
        if claim not in load_claims():
            hint = suggest_nearest(claim, load_claims()) or "; `cpsim explain claims` lists them"
            yield ("claims", index), f"there is no claim {format_value(claim)}{hint}"
    for index, message in find_repeats(scenario.claims):
        yield ("claims", index), message


@add_check(
    "clock", "population", "authorities", "authorities.", "harm", "harm.", "other_need.", "signs", "agencies."
)
def check_memory(scenario: Scenario) -> Iterator[Finding]:
    """Find a run that is too large, because an untrusted file must not exhaust the memory."""
    if len(scenario.agencies) > MAX_KINDS:  # refused by itself
        return
    estimate, limit = estimate_memory(scenario), read_memory_limit()
    if estimate.gigabytes <= limit:
        return
    drivers = find_drivers(scenario) or [("population", "children")]
    changes = " or ".join(_describe_driver(scenario, location) for location in drivers)
    yield (
        drivers[0],
        f"this run needs {estimate}; at most {limit:g} GB are allowed. Change {changes}, or set the environment "
        f"variable {LIMIT_VARIABLE} to allow more",
    )


@add_check("harm", "measures")
def check_severity_cutoffs(scenario: Scenario) -> Iterator[Finding]:
    """Find a cut-off of need above that of significant harm."""
    need, harm = scenario.measures.need_cutoff, scenario.harm.harm_cutoff
    if need <= harm:
        return
    if "need_cutoff" in scenario.measures.model_fields_set:
        yield (
            ("measures", "need_cutoff"),
            f"{need:g} is above harm.harm_cutoff ({harm:g}), the severity from which a spell is significant harm; "
            "need is less severe",
        )
    else:
        yield (
            ("harm", "harm_cutoff"),
            f"{harm:g} is below measures.need_cutoff ({need:g}), the severity from which a spell is need; set that "
            "as well",
        )


@add_check("population", "authorities")
def check_number_of_children(scenario: Scenario) -> Iterator[Finding]:
    """Find authorities that are so small that a run could have no child at all, and no rate per child."""
    children = count_children(scenario)
    if children < MIN_CHILDREN:
        yield (
            ("authorities", "named"),
            f"about {children:.0f} children in all authorities are too few; at least {MIN_CHILDREN} are needed, so "
            "raise population.children or the size of an authority",
        )


def _describe_driver(scenario: Scenario, location: Location) -> str:
    """Name a setting with its value, if it is a single number."""
    value: Any = scenario
    for step in location:
        value = value[step] if isinstance(value, dict) else getattr(value, str(step))
    number = f" ({value:.10g})" if isinstance(value, int | float) else ""
    return f"{'.'.join(map(str, location))}{number}"


@add_check("population", "authorities", "agencies", "workforce")
def check_table_sizes(scenario: Scenario) -> Iterator[Finding]:
    """Find too many neighbourhoods, organisations, or teams and posts to be numbered in 16 bits."""
    population, workforce = scenario.population, scenario.workforce
    largest = find_largest_tile(scenario)
    children, count = largest.children, largest.count
    children_per_area = choose_children_per_area(population)
    posts = workforce.assessment_posts_per_10k + workforce.long_term_posts_per_10k
    sites = sum(kind.sites_per_10k_children for kind in scenario.agencies.values())
    teams = 1 + sum(count_teams(workforce, children / count))
    for what, number, path in (
        ("neighbourhoods", children / children_per_area, ("population", "children_per_area")),
        ("organisations", children * sites / 10_000 + count * len(scenario.agencies), ("agencies",)),
        ("teams and posts", count * teams + children * posts / 10_000, ("workforce",)),
    ):
        if number > MAX_ROWS:
            place = "the largest tile" if is_tiled(scenario) else "all authorities"
            yield path, f"about {round(number):,} {what} in {place}; at most {MAX_ROWS:,} are allowed"


@add_check("authorities")
def check_authority_names(scenario: Scenario) -> Iterator[Finding]:
    """Find two authorities with the same name, names with a meaning of their own, and more names than authorities."""
    settings = scenario.authorities
    numbered = authority_names(settings)[len(settings.named) :]
    if len(settings.named) > settings.count:
        yield (
            ("authorities", "count"),
            f"{len(settings.named)} authorities are named, but count is {settings.count}",
        )
    names = authority_names(settings)
    for index, authority in enumerate(settings.named):
        location = ("authorities", "named", index, "name")
        if authority.name in (*names[:index], *numbered):
            yield location, f"another authority is already called {format_value(authority.name)}"
        if authority.name.strip().casefold() in RESERVED_NAMES:
            yield (
                location,
                f"{format_value(authority.name)} has a meaning of its own where an event chooses authorities; write "
                "another name",
            )


@add_check("authorities", "authorities.regions")
def check_regions(scenario: Scenario) -> Iterator[Finding]:
    """Find regions that do not have all authorities, that share a name, or that stand next to names of authorities."""
    settings = scenario.authorities
    if not settings.regions:
        return
    number = sum(region.count for region in settings.regions)
    if number != settings.count:
        yield (
            ("authorities", "count"),
            f"the regions have {number} authorities, but count is {settings.count}",
        )
    if settings.named:
        yield (
            ("authorities", "named"),
            "the regions name all authorities; leave out either authorities.named or authorities.regions",
        )
    names = [region.name for region in settings.regions]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield (
                ("authorities", "regions", index, "name"),
                f"another region is already called {format_value(name)}",
            )


@add_check("authorities", "network")
def check_tiles(scenario: Scenario) -> Iterator[Finding]:
    """Find what needs all authorities in one simulation, and therefore cannot be divided into tiles."""
    if not is_tiled(scenario):
        return
    if scenario.network.graphml is not None:
        yield (
            ("network", "graphml"),
            f"the ties of a file cannot be divided into tiles; leave out {TILE_CHILDREN} or the file",
        )
    for index, event in enumerate(scenario.timeline):
        if isinstance(event.authorities, AuthorityChoice):
            yield (
                ("timeline", index, "authorities"),
                "a rule cannot choose among the authorities of several tiles; name the authorities, or leave out "
                f"{TILE_CHILDREN}",
            )


@add_check("authorities")
def check_event_authorities(scenario: Scenario) -> Iterator[Finding]:
    """Find events that name an authority that does not exist."""
    names = authority_names(scenario.authorities)
    for index, event in enumerate(scenario.timeline):
        if isinstance(event.authorities, tuple):
            for place, name in enumerate(event.authorities):
                if name not in names:
                    message = (
                        f"no authority is called {format_value(name)}; there are {format_options(names)}"
                    )
                    yield (
                        ("timeline", index, "authorities", place),
                        message + suggest_nearest(name, names),
                    )


@add_check("authorities")
def check_authority_choices(scenario: Scenario) -> Iterator[Finding]:
    """Find events that choose authorities by several rules, or more authorities than there are."""
    count = scenario.authorities.count
    for index, event in enumerate(scenario.timeline):
        if not isinstance(event.authorities, AuthorityChoice):
            continue
        numbers = event.authorities.model_dump(exclude_none=True)
        if len(numbers) != 1:
            rules = format_options(AuthorityChoice.model_fields)
            yield (
                ("timeline", index, "authorities"),
                f"expected exactly one rule for the choice of authorities: {rules}",
            )
        for rule, number in numbers.items():
            if number > count:
                available = (
                    "there is only one authority" if count == 1 else f"there are only {count} authorities"
                )
                yield ("timeline", index, "authorities", rule), f"{number} authorities, but {available}"


@add_check("timeline[]")
def check_levers(scenario: Scenario) -> Iterator[Finding]:
    """Find contradictions in the settings of each event; the levers define these themselves."""
    for index, event in enumerate(scenario.timeline):
        for location, message in event.find_contradictions(scenario):
            yield ("timeline", index, *location), message


@add_check("clock")
def check_event_dates(scenario: Scenario) -> Iterator[Finding]:
    """Find events before the warm-up."""
    clock = scenario.clock
    if not EARLIEST <= clock.start <= LATEST:
        return
    first = -warm_up_weeks(clock)
    for index, event in enumerate(scenario.timeline):
        if event.date is not None and week_of(event.date, clock) < first:
            yield (
                ("timeline", index, "date"),
                f"{event.date} is before the warm-up begins, on {date_of(first, clock)}",
            )


def find_late_events(scenario: Scenario) -> Iterator[Finding]:
    """Find events after the evaluated years, which have no effect, or one on the year of follow-up only.

    A date is after the evaluated years if it is more than `clock.years` calendar years after the start, although the
    evaluated weeks end some days earlier.
    """
    clock = scenario.clock
    warm_up, evaluated = warm_up_weeks(clock), evaluated_weeks(clock)
    for index, event in enumerate(scenario.timeline):
        begins = event.first_week(clock)
        if event.date is None or event.date <= last_day_of_years(clock) or begins < warm_up + evaluated:
            continue
        if begins >= total_weeks(clock):
            end = date_of(total_weeks(clock) - warm_up, clock) - timedelta(days=1)
            message = (
                f"{event.date} is after the last simulated week, which ends on {end}; the event has no effect"
            )
        else:
            end = date_of(evaluated, clock) - timedelta(days=1)
            message = (
                f"{event.date} is after the evaluated weeks, which end on {end}; the event affects only the year of "
                "follow-up"
            )
        yield ("timeline", index, "date"), message


@add_check()
def check_event_order(scenario: Scenario) -> Iterator[Finding]:
    """Find events out of order: those without a date come first, then those with a date in ascending order."""
    for index, (earlier, later) in enumerate(
        zip(scenario.timeline, scenario.timeline[1:], strict=False), start=1
    ):
        if earlier.date is not None and later.date is None:
            yield (
                ("timeline", index),
                "an event without a date holds from the beginning; move it before the events with a date",
            )
        elif earlier.date is not None and later.date is not None and later.date < earlier.date:
            message = f"{later.date} comes after {earlier.date}; write events in the order of their dates"
            yield ("timeline", index, "date"), message


@add_check("clock")
def check_event_ends(scenario: Scenario) -> Iterator[Finding]:
    """Find events that end before they begin or in the same week, and would never hold."""
    clock = scenario.clock
    if not EARLIEST <= clock.start <= LATEST:
        return
    for index, event in enumerate(scenario.timeline):
        begins, end = event.effective_week(clock), event.end_week(clock)
        if end is not None and end <= begins:
            week = begins - warm_up_weeks(clock)
            since = event.date or date_of(week, clock)
            later = (
                f"write {date_of(week + 1, clock)} or a later date"
                if week < week_of(date.max, clock)
                else "leave it out"
            )
            yield (
                ("timeline", index, "until"),
                f"{event.until} is not in a later week than its first day, {since}, so the event would never hold; "
                f"{later}",
            )


@add_check()
def check_event_lists(scenario: Scenario) -> Iterator[Finding]:
    """Find entries that are twice in a list of an event: an event applies to each of them once."""
    for index, event in enumerate(scenario.timeline):
        for name, entries in event:
            if isinstance(entries, tuple):
                for place, message in find_repeats(entries):
                    yield ("timeline", index, name, place), message


@add_check("agencies")
def check_event_kinds(scenario: Scenario) -> Iterator[Finding]:
    """Find events that name a kind of agency that does not exist."""
    for index, event in enumerate(scenario.timeline):
        for location, kind in _find_kinds(event):
            if kind not in scenario.agencies and kind not in event.other_bodies:
                yield (
                    ("timeline", index, *location),
                    _describe_unknown_kind(kind, scenario, event.other_bodies),
                )


def _find_kinds(event: TimelineEvent) -> Iterator[tuple[Location, str]]:
    """Yield each kind of agency that an event names, with its location."""
    if (kind := getattr(event, "kind", None)) is not None:
        yield ("kind",), kind
    for setting in ("kinds", "partners", "services"):
        for place, kind in enumerate(getattr(event, setting, None) or ()):
            yield (setting, place), kind


@add_check("agencies")
def check_duty_kinds(scenario: Scenario) -> Iterator[Finding]:
    """Find duties for a kind of agency that does not exist."""
    for kind in scenario.duties:
        if kind not in scenario.agencies:
            yield ("duties", kind), _describe_unknown_kind(kind, scenario)


def _describe_unknown_kind(kind: str, scenario: Scenario, others: tuple[str, ...] = ()) -> str:
    if message := describe_curly_quotes(kind):
        return message
    kinds = [*scenario.agencies, *others]
    message = f"no kind of agency is called {format_value(kind)}; there are {format_options(kinds)}"
    return message + suggest_nearest(kind, kinds)


@add_check()
def check_kind_spelling(scenario: Scenario) -> Iterator[Finding]:
    """Find new kinds that are probably misspelt known ones: `polise` would add a second police force."""
    for kind in scenario.agencies:
        near = find_nearest(kind, KNOWN_KINDS, cutoff=0.75)
        if kind not in KNOWN_KINDS and near:
            yield (
                ("agencies", kind),
                f"a new kind needs a name unlike the known {format_options(KNOWN_KINDS)}; did you mean {near!r}?",
            )


@add_check()
def check_kind_names(scenario: Scenario) -> Iterator[Finding]:
    """Find names of kinds that cannot be part of a column name in the results."""
    for kind in scenario.agencies:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", kind):
            yield (
                ("agencies", kind),
                "expected a name of lower-case letters, digits and _, such as youth_justice",
            )
        elif kind in (FRONT_DOOR, SOCIAL_CARE):
            yield (
                ("agencies", kind),
                f"{kind} is a separate body and cannot be the name of a kind of agency",
            )


@add_check()
def check_number_of_kinds(scenario: Scenario) -> Iterator[Finding]:
    """Find too many kinds of agency; each child is assigned to one organisation of each kind, which needs memory."""
    if len(scenario.agencies) > MAX_KINDS:
        yield ("agencies",), f"{len(scenario.agencies)} kinds of agency; at most {MAX_KINDS} are allowed"


@add_check("other_need.disability", "other_need.family_stress", "other_need.older_teenager")
def check_age_ranges(scenario: Scenario) -> Iterator[Finding]:
    """Find ranges of ages that end before they begin."""
    needs = scenario.other_need
    for name in type(needs).model_fields:
        need = getattr(needs, name)
        if need.to_age < need.from_age:
            yield ("other_need", name, "to_age"), f"{need.to_age} is below from_age, which is {need.from_age}"
