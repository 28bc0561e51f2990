"""The memory that a run needs, estimated from its settings before anything is drawn.

Most memory goes to the signs that agencies could notice, which are drawn for every child and kind of agency, and to the
events in the log. Their expected numbers follow from the settings (M1, M2); the bytes for each were fitted to the peak
memory of ten runs, from 200 to 1,000,000 children and with 6 to 36 kinds of agency.
"""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from cpsim.constants import MEMORY_LIMIT_GB, WEEKS_PER_YEAR
from cpsim.scenario.clock import FOLLOW_UP_WEEKS, evaluated_weeks, total_weeks
from cpsim.scenario.guide import Location
from cpsim.scenario.problems import Place, Problem, ScenarioError, format_value
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import KNOWN_KINDS, AgencyKindSettings, NeedSettings
from cpsim.scenario.tiles import TILE_CHILDREN, Tile, is_tiled, list_tiles

LIMIT_VARIABLE: Final = "CPSIM_MEMORY_GB"
"""Environment variable that sets another limit than `MEMORY_LIMIT_GB`, in gigabytes."""

_BAND_YEARS: Final = (1, 3, 7, 7)
"""Years of childhood in each age band: under 1, 1 to 3, 4 to 10, and 11 to 17."""
_CHILDHOOD: Final = sum(_BAND_YEARS) * WEEKS_PER_YEAR
_PLACE_SETTINGS: Final = (
    "population.children", "authorities.count", "clock.years", "clock.warm_up_years", "signs.bias_spread",
)  # fmt: skip
_SIGN_SETTINGS: Final = (
    "contacts_per_week", "contact_rise_with_severity", "signal_strength", "weakest_visible_sign",
)  # fmt: skip
"""Settings that the estimate depends on: of the children and the years, and of a kind of agency."""

_POINTS: Final = 201
"""Points at which a normal distribution is evaluated."""

_TERM_SHARE: Final = 38 / 52
"""Share of the weeks in which schools are open."""

_BASE_BYTES: Final = 250e6
"""The interpreter and its libraries, with those for figures."""
_BYTES_PER_CHILD, _BYTES_PER_FILE, _BYTES_PER_SIGN, _BYTES_PER_EVENT = 320, 24, 12, 42
_BYTES_PER_DRAWN_SIGN = 16
"""What signs need while those of one kind of agency are drawn; of several in a week only the strongest is kept."""
_EVENTS_PER_SIGN = 1.2
"""Events in the log for each sign that could be noticed, as in the shipped scenarios."""


@dataclass(frozen=True)
class MemoryEstimate:
    """The expected size of a run, or of the largest tile of one.

    Attributes:
        children: children who are under 18 in any week.
        weeks: number of weeks.
        files: files of agencies on children, one for each child and kind of agency.
        signs: signs that could be noticed, at most one for each child, kind of agency and week.
        drawn: signs drawn for one kind of agency, the largest, with those that are not the strongest of a week.
        events: events in the log.
        tiles: number of tiles.
    """

    children: float
    weeks: int
    files: float
    signs: float
    drawn: float
    events: float
    tiles: int = 1

    @property
    def gigabytes(self) -> float:
        """Peak memory of a run with its figures, in GB."""
        return (_BASE_BYTES + self.bytes_of_run) / 1e9

    @property
    def bytes_of_run(self) -> float:
        """Peak memory of a run itself, without libraries, in bytes."""
        drawing = _BYTES_PER_DRAWN_SIGN * self.drawn
        results = _BYTES_PER_FILE * self.files + _BYTES_PER_EVENT * self.events
        kept = _BYTES_PER_CHILD * self.children + _BYTES_PER_SIGN * self.signs
        return kept + max(drawing, results)

    def __str__(self) -> str:
        signs = _round(max(self.signs, self.drawn))
        size = f"{self.gigabytes:.2g}" if self.gigabytes < 10 else _round(self.gigabytes)
        largest = f" in the largest of {self.tiles} tiles" if self.tiles > 1 else ""
        return (
            f"about {size} GB of memory, for {signs} signs that agencies could notice and {_round(self.events)} "
            f"events, from {_round(self.children)} children over {self.weeks} weeks{largest}"
        )


def _round(number: float) -> str:
    """Write a number with two significant digits.

    >>> _round(1_234_567)
    '1,200,000'
    """
    digits = max(math.floor(math.log10(number)), 1) if number >= 1 else 1
    return f"{round(number, 1 - digits):,.0f}"


class _Stretch(NamedTuple):
    """Weeks of children's lives with one distribution of severity.

    Attributes:
        child_weeks: number of weeks, over all children.
        by_age: share of these weeks in each age band.
        severities: severities of harm, or apparent severities of need, each with its share of the weeks.
    """

    child_weeks: float
    by_age: list[float]
    severities: list[tuple[float, float]]


def read_memory_limit() -> float:
    """Read the limit on the memory of a run, in GB: the default, or what the environment variable sets.

    Raises:
        ScenarioError: the variable is not a number above 0.
    """
    return read_gigabytes(LIMIT_VARIABLE, MEMORY_LIMIT_GB, "the most memory that a run may need", "above 0")


def read_gigabytes(variable: str, default: float, meaning: str, limit: Literal["above 0", "from 0"]) -> float:
    """Read a number of gigabytes from an environment variable.

    Args:
        variable: name of the variable.
        default: the value if the variable is not set or empty.
        meaning: what the number is, for the error.
        limit: which numbers are allowed.

    Raises:
        ScenarioError: the variable is not such a number.
    """
    text = os.environ.get(variable, "")
    try:
        number = float(text) if text else default
    except ValueError:
        number = math.nan
    if number > 0 or (number == 0 and limit == "from 0"):
        return number
    message = f"expected {meaning}, a number of GB {limit}, not {format_value(text)}"
    raise ScenarioError([Problem(message, Place(variable))])


def estimate_memory(scenario: Scenario) -> MemoryEstimate:
    """Estimate the memory of a run from its settings, which takes a few milliseconds.

    >>> from cpsim.scenario.read import load
    >>> estimate = estimate_memory(load("small"))
    >>> estimate.weeks, round(estimate.gigabytes, 1)
    (1248, 0.3)
    """
    clock = scenario.clock
    weeks = total_weeks(clock)
    children = find_largest_tile(scenario).children * (1 + weeks / _CHILDHOOD)
    by_kind = _count_by_kind(scenario)
    signs = sum(kept for kept, _ in by_kind.values())
    logged = min(evaluated_weeks(clock) + FOLLOW_UP_WEEKS + WEEKS_PER_YEAR, weeks) / weeks
    return MemoryEstimate(
        children=children,
        weeks=weeks,
        files=children * len(by_kind),
        signs=signs,
        drawn=max(drawn for _, drawn in by_kind.values()),
        events=_EVENTS_PER_SIGN * signs * logged,
        tiles=len(list_tiles(scenario)),
    )


def _count_by_kind(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Count the expected signs for each kind of agency: those kept, and all that are drawn."""
    stretches = [*_list_stretches(scenario, total_weeks(scenario.clock))]
    expected = {
        name: [_count_signs(kind, scenario.signs.bias_spread, part) for part in stretches]
        for name, kind in scenario.agencies.items()
    }
    return {
        name: (sum(few for few, _ in parts), sum(all_ for _, all_ in parts))
        for name, parts in expected.items()
    }


def count_children(scenario: Scenario) -> float:
    """Count the children under 18 in all authorities at any time."""
    return sum(tile.children for tile in list_tiles(scenario))


def find_largest_tile(scenario: Scenario) -> Tile:
    """Find the tile with most children, which needs most memory; without tiles, that of all authorities."""
    return max(list_tiles(scenario), key=lambda tile: tile.children)


def _list_stretches(scenario: Scenario, weeks: int) -> Iterator[_Stretch]:
    """List the weeks of all lives, with signs that are false, and those in spells of harm and in other needs."""
    harm, now = scenario.harm, find_largest_tile(scenario).children
    ages = [years / sum(_BAND_YEARS) for years in _BAND_YEARS]
    yield _Stretch(now * weeks, ages, [(0.0, 1.0)])
    hazard = harm.onset_per_year / WEEKS_PER_YEAR
    length = _mean_length(harm.spell_median_weeks, harm.spell_spread)
    rate = hazard / (1 + hazard * (length + harm.reentry_gap_weeks))
    spells = now * (weeks + length) * rate
    rises = harm.onset_by_age.model_dump().values()
    onsets = [share * rise for share, rise in zip(ages, rises, strict=True)]
    # A severity that is expected in none of the spells does not count, however large it is.
    severities = _list_normal_points(reach=math.sqrt(2 * math.log(spells + 2)))
    yield _Stretch(
        now * weeks * rate * length,
        [onset / max(sum(onsets), 1e-9) for onset in onsets],
        [(math.exp(harm.severity_spread * point), weight) for point, weight in severities],
    )
    for reason in type(scenario.other_need).model_fields:
        need = getattr(scenario.other_need, reason)
        starts = now * need.starts_per_10k_year / 10_000 * weeks / WEEKS_PER_YEAR
        in_need = starts * _mean_length(need.median_weeks, need.spread_weeks)
        yield _Stretch(in_need, ages, [(need.apparent_severity, 1.0)])


def _mean_length(median: float, spread: float) -> float:
    """Expected weeks of a spell or need; on average, half of childhood is left when it begins."""
    return 1 + sum(
        weight * min(median * math.exp(spread * point), _CHILDHOOD / 2)
        for point, weight in _list_normal_points(reach=4.0)
    )


def _list_normal_points(reach: float) -> list[tuple[float, float]]:
    """List points of a standard normal distribution from -`reach` to `reach`, each with its weight."""
    points = [reach * (2 * number / (_POINTS - 1) - 1) for number in range(_POINTS)]
    densities = [math.exp(-0.5 * point**2) for point in points]
    total = sum(densities)
    return [(point, density / total) for point, density in zip(points, densities, strict=True)]


def _count_signs(kind: AgencyKindSettings, bias_spread: float, part: _Stretch) -> tuple[float, float]:
    """Count the expected signs for a kind of agency in some weeks: those kept, and all that are drawn (M2)."""
    contacts = kind.contacts_per_week.model_dump().values()
    kept = drawn = 0.0
    for severity, weight in part.severities:
        strength = kind.signal_strength * severity - kind.weakest_visible_sign
        visible = 0.5 * math.erfc(-strength / math.sqrt(2 * (1 + bias_spread**2)))
        meetings = (1 + kind.contact_rise_with_severity * severity) * visible
        for share, contact in zip(part.by_age, contacts, strict=True):
            weeks, in_a_week = part.child_weeks * share * weight, contact * meetings
            kept -= weeks * math.expm1(-in_a_week)
            drawn += weeks * in_a_week
    return kept * (_TERM_SHARE if kind.term_time_only else 1.0), drawn


def find_drivers(scenario: Scenario) -> list[Location]:
    """Find up to three settings that make the estimate large.

    These are the setting whose default would save most, and those whose defaults would save at least half as much.

    Returns:
        Their locations, the most effective first; none if every setting has its default.
    """
    kinds = {kind: AgencyKindSettings() for kind in scenario.agencies if kind not in KNOWN_KINDS}
    defaults = Scenario(agencies=kinds)
    now = estimate_memory(scenario).gigabytes
    savings = {
        location: now - estimate_memory(changed).gigabytes
        for location in _list_candidates(scenario)
        if (changed := _reset(scenario, defaults, location)) != scenario
    }
    most = max(savings.values(), default=0.0)
    drivers = [location for location, saved in savings.items() if 2 * saved >= most > 0]
    if is_tiled(scenario) and find_largest_tile(scenario).count > 1:
        drivers.insert(0, tuple(TILE_CHILDREN.split(".")))
    return sorted(drivers, key=lambda location: -savings.get(location, now))[:3]


def _list_candidates(scenario: Scenario) -> Iterator[Location]:
    """List the settings on which the estimate depends; of the agencies, only the three kinds with most signs."""
    for path in _PLACE_SETTINGS:
        yield tuple(path.split("."))
    yield from (("harm", name) for name in type(scenario.harm).model_fields)
    for reason in type(scenario.other_need).model_fields:
        yield from (("other_need", reason, name) for name in NeedSettings.model_fields)
    drawn = {kind: max(numbers) for kind, numbers in _count_by_kind(scenario).items()}
    for kind in sorted(drawn, key=lambda kind: -drawn[kind])[:3]:
        yield from (("agencies", kind, name) for name in _SIGN_SETTINGS)


def _reset(section: Any, default: Any, location: Location) -> Any:
    """Copy a section with one setting at its default."""
    if not location:
        return default
    name, *inner = location
    if isinstance(section, dict):
        return section | {name: _reset(section[name], default[name], tuple(inner))}
    changed = _reset(getattr(section, str(name)), getattr(default, str(name)), tuple(inner))
    return section.model_copy(update={str(name): changed})
