"""Every sign that could be noticed, true or false, with the uniform numbers that decide what happens to it (M2).

A meeting shows a sign of strength x = shift + bias + noise. The shift is the agency's signal strength multiplied by the
severity of a spell or by the apparent severity of another need; otherwise it is 0 and the sign is false. The bias
belongs to a child and a kind of agency and never changes, so a misreading repeats however often an agency looks. Only
signs above `weakest_visible_sign` are drawn, as one Poisson process along the lives of all children, placed end to end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Bools, Floats, Integers, Ints
from cpsim.ranges import expand_ranges
from cpsim.scenario.sections import AgencyKindSettings, SignSettings
from cpsim.world.calendar import AGE_BANDS, CHILDHOOD, is_term_time, values_by_age_band
from cpsim.world.harm import Needs, Spells
from cpsim.world.population import Children

_MARKS = 4

_SIGNS_IN_A_STEP = 2
"""Signs for whose marks the random generator takes one step."""

_SIGNS_AT_ONCE = 1 << 16
"""Signs that are placed at once; more would not fit into the processor's cache."""


class MarkedSigns(NamedTuple):
    """Signs with the numbers that decide what happens to them; n signs.

    Attributes:
        kind: kind of agency, int64, shape (n,) or one for all.
        file: `child * K + kind` for K kinds of agency, int32, shape (n,).
        strength: in standard deviations of noise, float32, shape (n,).
        gate: condition for the sign to appear, int32, shape (n,). 0: always, outside any spell; 1 + s: while spell s
            lasts; 1 + S + s: in the weeks of spell s, but only if protection has ended the spell early.
        marks: uniform numbers that decide about noticing, recording, sharing and hiding by protection, float32,
            shape (n, 4).
    """

    kind: Ints | int
    file: NDArray[np.int32]
    strength: NDArray[np.float32]
    gate: NDArray[np.int32]
    marks: NDArray[np.float32]


@dataclass(frozen=True)
class Signs:
    """Signs to one kind of agency, one row each, in order of week; at most one for each child and week.

    There are G signs. The H signs in the weeks of a spell have a gate, and the others do not. The marks are drawn when
    they are needed, because they would take more memory than everything else about a sign.

    Attributes:
        kinds: names of all kinds of agency.
        kind: this kind of agency, an index into `kinds`.
        seed: seed of the world.
        offsets: signs of week t are rows `offsets[t] : offsets[t + 1]`, int64, shape (weeks + 1,).
        child: int32, shape (G,).
        strength: in standard deviations of noise, float32, shape (G,).
        has_gate: whether each sign has a gate, eight signs in a byte, uint8, shape (G / 8,).
        gate: gates as in `MarkedSigns` of the signs that have one, int32, shape (H,).
        gate_offsets: gates of week t are `gate[gate_offsets[t] : gate_offsets[t + 1]]`, int64, shape (weeks + 1,).
    """

    kinds: tuple[str, ...]
    kind: int
    seed: int
    offsets: Ints
    child: NDArray[np.int32]
    strength: NDArray[np.float32]
    has_gate: NDArray[np.uint8]
    gate: NDArray[np.int32]
    gate_offsets: Ints

    def mark(self, first: int, end: int) -> MarkedSigns:
        """Return the signs of weeks `first` to `end` (exclusive) in order of week, with their marks."""
        start, stop = self.offsets[[first, end]].tolist()
        has_gate = np.unpackbits(self.has_gate[start // 8 : -(-stop // 8)])[start % 8 :][: stop - start]
        gate = np.zeros(stop - start, np.int32)
        gate[has_gate.nonzero()[0]] = self.gate[slice(*self.gate_offsets[[first, end]])]
        return MarkedSigns(
            self.kind,
            file=self.child[start:stop] * np.int32(len(self.kinds)) + np.int32(self.kind),
            strength=self.strength[start:stop],
            gate=gate,
            marks=self._draw_marks(start, stop),
        )

    def _draw_marks(self, first: int, end: int) -> NDArray[np.float32]:
        """Draw the marks of rows `first` to `end` (exclusive), float32, shape (n, 4)."""
        steps, rest = divmod(first, _SIGNS_IN_A_STEP)
        generator = draws.generator(self.seed, f"marks on signs to {self.kinds[self.kind]}", skip=steps)
        marks: NDArray[np.float32] = generator.random((rest + end - first, _MARKS), dtype=np.float32)[rest:]
        return marks

    def find_weeks(self, first: int, end: int) -> NDArray[np.int16]:
        """Find the week of each sign of weeks `first` to `end` (exclusive), shape (n,)."""
        weeks: NDArray[np.int16] = np.arange(first, end, dtype=np.int16)
        return weeks.repeat(np.diff(self.offsets[first : end + 1]))


@dataclass(frozen=True)
class _Stretches:
    """Intervals of children's lives with one severity each, split into stretches with one rate of meetings each.

    Attributes:
        child: child of each interval, shape (I,).
        severity: severity of harm or apparent severity of need in the interval, shape (I,).
        whole: interval that each stretch is part of, shape (R,); stretches of a child are in order of time.
        start: first week of each stretch, shape (R,).
        length: number of weeks of each stretch, shape (R,).
        band: age band in each stretch, shape (R,).
    """

    child: Ints
    severity: Floats
    whole: NDArray[np.int32]
    start: NDArray[np.int16]
    length: NDArray[np.int16]
    band: NDArray[np.int8]


class _Placed(NamedTuple):
    """Signs to one kind of agency; shapes (n,).

    Attributes:
        child: int32.
        week: int16.
        strength: float32.
    """

    child: NDArray[np.int32]
    week: NDArray[np.int16]
    strength: NDArray[np.float32]


def _split_by_age(
    children: Children, child: Ints, start: Integers, end: Integers, severity: Floats, weeks: int
) -> _Stretches:
    """Split the interval from `start` to `end` of each child at the edges of the age bands and of the run."""
    birth = children.birth[child].astype(np.int64)[:, None]
    first = np.maximum(np.maximum(birth + AGE_BANDS[:-1], start[:, None]), 0)
    last = np.minimum(np.minimum(birth + AGE_BANDS[1:], end[:, None]), weeks)
    lasts = last > first
    whole, band = np.nonzero(lasts)
    begins, length = first[lasts].astype(np.int16), (last - first)[lasts].astype(np.int16)
    return _Stretches(child, severity, whole.astype(np.int32), begins, length, band.astype(np.int8))


def _split_lifetimes(children: Children, weeks: int) -> _Stretches:
    """Split the whole life of every child by age band, with severity 0."""
    child = np.arange(len(children.birth))
    return _split_by_age(
        children, child, np.zeros_like(child), np.full_like(child, weeks), np.zeros(len(child)), weeks
    )


def _draw_along(
    stretches: _Stretches, kind: AgencyKindSettings, bias: Floats, generator: np.random.Generator
) -> _Placed:
    """Draw signs along `stretches`, in their order."""
    from scipy.special import ndtr, ndtri

    by_band = values_by_age_band(kind.contacts_per_week)
    mean = bias[stretches.child] + kind.signal_strength * stretches.severity
    visible = ndtr(mean - kind.weakest_visible_sign)
    expected = by_band[stretches.band]
    expected *= (1 + kind.contact_rise_with_severity * stretches.severity)[stretches.whole]
    expected *= visible[stretches.whole]
    expected *= stretches.length
    end_of = np.cumsum(expected)
    total = float(end_of[-1]) if len(end_of) else 0.0
    # Six standard deviations above the mean number, so that the draws practically never end before the line does.
    at = generator.standard_exponential(int(total + 6 * np.sqrt(total) + 20))
    np.cumsum(at, out=at)
    at = at[: np.searchsorted(at, total)]

    placed = _Placed._make(np.empty(len(at), dtype) for dtype in (np.int32, np.int16, np.float32))
    for first in range(0, len(at), _SIGNS_AT_ONCE):
        here = at[first : first + _SIGNS_AT_ONCE]
        row = np.searchsorted(end_of, here, side="right")
        length, meetings = stretches.length[row], expected[row]
        pace = length / np.maximum(meetings, 1e-300)  # weeks per expected sign
        into = ((here - (end_of[row] - meetings)) * pace).astype(np.int64)
        whole = stretches.whole[row]
        signs = slice(first, first + len(here))
        placed.week[signs] = stretches.start[row] + np.minimum(into, length - 1)
        placed.strength[signs] = mean[whole] - ndtri(visible[whole] * (1.0 - generator.random(len(row))))
        placed.child[signs] = stretches.child[whole]
    return placed


def _select_strongest_of_week(signs: _Placed) -> _Placed:
    """Join the signs of a child's week, which must follow each other, into one with the greatest strength."""
    if not len(signs.child):
        return signs
    differs = (signs.child[1:] != signs.child[:-1]) | (signs.week[1:] != signs.week[:-1])
    first = np.concatenate([[0], 1 + differs.nonzero()[0]])
    strength = np.maximum.reduceat(signs.strength, first)
    return _Placed(signs.child[first], signs.week[first], strength)


def _key(signs: _Placed, weeks: int) -> Ints:
    """Return a key that sorts by child and then by week, int64, shape (n,)."""
    key: Ints = signs.child * np.int64(weeks) + signs.week
    return key


def _merge(signs: _Placed, more: _Placed, weeks: int) -> _Placed:
    """Merge signs in order of child and week with others in any order; of several in a week, only the strongest."""
    signs = _select_strongest_of_week(signs)
    order = np.argsort(_key(more, weeks), kind="stable")
    more = _select_strongest_of_week(_Placed._make(column[order] for column in more))
    key, more_key = _key(signs, weeks), _key(more, weeks)
    place = np.searchsorted(key, more_key)
    again = place < len(key)
    again[again] = key[place[again]] == more_key[again]
    np.maximum.at(signs.strength, place[again], more.strength[again])
    new, place = _Placed._make(column[~again] for column in more), place[~again]
    return _Placed._make(np.insert(signs[i], place, new[i]) for i in range(len(signs)))


def misreading(settings: SignSettings, name: str, children: Children, seed: int) -> Floats:
    """Return the lasting bias with which a kind of agency reads each child's signs (M2).

    Returns:
        Bias in standard deviations of noise, float64, shape (N,).
    """
    families, share = len(children.family_start) - 1, settings.bias_family_correlation
    in_family = draws.generator(seed, "family misreading").standard_normal(families)[children.family]
    own = draws.generator(seed, f"misreading by {name}").standard_normal(len(children.birth))
    bias: Floats = settings.bias_spread * (np.sqrt(share) * in_family + np.sqrt(1 - share) * own)
    return bias


def draw_signs(
    settings: SignSettings,
    agencies: Mapping[str, AgencyKindSettings],
    children: Children,
    spells: Spells,
    needs: Needs,
    first_day: date,
    warm_up: int,
    weeks: int,
    seed: int,
) -> tuple[Signs, ...]:
    """Draw the signs to each kind of agency (M2); kinds have separate streams, so adding one changes no other."""
    lives = _split_lifetimes(children, weeks)
    in_spell = _split_by_age(children, spells.child, spells.onset, spells.end, spells.severity, weeks)
    in_need = _split_by_age(children, needs.child, needs.start, needs.end, needs.apparent_severity, weeks)
    term = is_term_time(first_day - timedelta(weeks=warm_up), weeks)

    def draw(name: str, kind: AgencyKindSettings) -> tuple[_Placed, _Placed]:
        generator = draws.generator(seed, f"signs to {name}")
        bias = misreading(settings, name, children, seed)
        false = _draw_along(lives, kind, bias, generator)
        false = _merge(false, _draw_along(in_need, kind, bias, generator), weeks)
        return false, _select_strongest_of_week(_draw_along(in_spell, kind, bias, generator))

    all_weeks = np.ones(weeks, np.bool_)
    return tuple(
        Signs(
            tuple(agencies),
            index,
            seed,
            *_sort_by_week(*draw(name, kind), spells, term if kind.term_time_only else all_weeks),
        )
        for index, (name, kind) in enumerate(agencies.items())
    )


def _sort_by_week(
    false: _Placed, true: _Placed, spells: Spells, seen: Bools
) -> tuple[Ints, NDArray[np.int32], NDArray[np.float32], NDArray[np.uint8], NDArray[np.int32], Ints]:
    """Sort the signs to one kind of agency by week, in the order of the children within a week.

    Args:
        false: signs of children who are not in harm, in order of child and week.
        true: signs of harm.
        spells: the spells of harm.
        seen: whether the agency sees children in each week, shape (weeks,).

    Returns:
        The columns of `Signs`.
    """
    gate = np.concatenate(
        [
            _find_gates(false, spells, len(seen), 1 + len(spells.child)),
            _find_gates(true, spells, len(seen), 1),
        ]
    )
    week = np.concatenate([false.week, true.week])
    order = np.argsort(week, kind="stable")  # a radix sort, because weeks are int16
    order = order[seen[week[order]]]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(week[order], minlength=len(seen)))])
    gate = gate[order]
    gated = gate.nonzero()[0]
    has_gate, gate, gate_offsets = np.packbits(gate > 0), gate[gated], np.searchsorted(gated, offsets)
    child = np.concatenate([false.child, true.child])[order]
    strength = np.concatenate([false.strength, true.strength])[order]
    return offsets, child, strength, has_gate, gate, gate_offsets


def _find_gates(signs: _Placed, spells: Spells, weeks: int, first_gate: int) -> NDArray[np.int32]:
    """Find the gate of each sign: `first_gate` plus the row of the spell in whose weeks it falls, or 0 outside any.

    Args:
        signs: signs in order of child and week, shape (n,).
        spells: the spells of harm.
        weeks: number of weeks of the run.
        first_gate: gate of the first spell.

    Returns:
        Gates as in `MarkedSigns`, int32, shape (n,).
    """
    key = _key(signs, weeks)
    first, end = (
        np.searchsorted(key, spells.child * weeks + week.clip(0, weeks))
        for week in (spells.onset, spells.end)
    )
    spell, row = expand_ranges(first, end - first)
    gate = np.zeros(len(key), np.int32)
    gate[row] = first_gate + spell
    return gate


def practitioner_meetings(
    agencies: Mapping[str, AgencyKindSettings], children: Children, spells: Spells
) -> dict[str, Floats]:
    """Return the expected meetings a week of practitioners with the child of each spell, at the child's age at onset.

    The community (relatives, neighbours, voluntary bodies) is left out.

    Returns:
        Meetings a week by kind of agency, float64, shape (S,) each.
    """
    age = np.maximum(spells.onset - children.birth[spells.child], 0)
    band = np.searchsorted(AGE_BANDS, age, side="right") - 1
    return {
        name: values_by_age_band(kind.contacts_per_week)[band]
        * (1 + kind.contact_rise_with_severity * spells.severity)
        for name, kind in agencies.items()
        if name != "community"
    }


def draw_first_contact(
    agencies: Mapping[str, AgencyKindSettings], children: Children, spells: Spells, weeks: int, seed: int
) -> NDArray[np.int32]:
    """Draw the first week of each spell in which any practitioner meets the child, int32, shape (S,).

    The time from onset to that meeting is exponentially distributed.
    """
    rate = sum(practitioner_meetings(agencies, children, spells).values(), np.zeros(len(spells.child)))
    key = draws.keys(spells.child, spells.onset + CHILDHOOD)
    wait = -np.log(draws.Stream(seed, "first contact").uniform(key)) / np.maximum(rate, 1e-12)
    return (spells.onset + np.minimum(wait, 4 * weeks)).astype(np.int32)
