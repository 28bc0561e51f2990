"""Every sign that could be noticed, true or false, with the uniform numbers that decide what happens to it (M2).

A meeting shows a sign of strength x = shift + bias + noise. The shift is the agency's signal strength multiplied by the
severity of a spell or by the apparent severity of another need; otherwise it is 0 and the sign is false. The bias
belongs to a child and a kind of agency and never changes, so false alarms repeat however often an agency looks. Only
signs above `weakest_visible_sign` are drawn, as one Poisson process along the lives of all children, placed end to end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cpsim import draws
from cpsim.arrays import Floats, Integers, Ints
from cpsim.scenario.sections import AgencyKindSettings, SignSettings
from cpsim.world.calendar import AGE_BANDS, CHILDHOOD, is_term_time, values_by_age_band
from cpsim.world.harm import Needs, Spells
from cpsim.world.population import Children

_MARKS = 4


@dataclass(frozen=True)
class Signs:
    """Signs, one row each, in order of week; at most one for each child, kind of agency and week; G signs.

    Attributes:
        offsets: signs of week t are rows `offsets[t] : offsets[t + 1]`, int64, shape (weeks + 1,).
        file: `child * K + kind` for K kinds of agency, int32, shape (G,).
        strength: in standard deviations of noise, float32, shape (G,).
        gate: condition for the sign to appear, int32, shape (G,). 0: always, outside any spell; 1 + s: while spell s
            lasts; 1 + S + s: in the weeks of spell s, but only if protection has ended the spell early.
        marks: uniform numbers that decide about noticing, recording, sharing and hiding by protection, float32,
            shape (G, 4).
    """

    offsets: Ints
    file: NDArray[np.int32]
    strength: NDArray[np.float32]
    gate: NDArray[np.int32]
    marks: NDArray[np.float32]


NO_SIGNS: Final = Signs(
    offsets=np.zeros(1, np.int64),
    file=np.empty(0, np.int32),
    strength=np.empty(0, np.float32),
    gate=np.empty(0, np.int32),
    marks=np.empty((0, _MARKS), np.float32),
)
"""No signs, of a world that is not drawn but joined from others."""


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
    whole: Ints
    start: NDArray[np.int16]
    length: NDArray[np.int16]
    band: Ints


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
    return _Stretches(child, severity, whole, begins, length, band)


def _split_lifetimes(children: Children, weeks: int) -> _Stretches:
    """Split the whole life of every child by age band, with severity 0."""
    child = np.arange(len(children.birth))
    return _split_by_age(
        children, child, np.zeros_like(child), np.full_like(child, weeks), np.zeros(len(child)), weeks
    )


def _draw_along(
    stretches: _Stretches, kind: AgencyKindSettings, bias: Floats, generator: np.random.Generator
) -> tuple[Ints, Ints, Floats, Ints]:
    """Draw signs along `stretches`; return child, week, strength and interval of each, shapes (signs,), in order."""
    from scipy.special import ndtr, ndtri

    by_band = values_by_age_band(kind.contacts_per_week)
    mean = bias[stretches.child] + kind.signal_strength * stretches.severity
    visible = ndtr(mean - kind.weakest_visible_sign)
    rise = 1 + kind.contact_rise_with_severity * stretches.severity
    expected = by_band[stretches.band] * rise[stretches.whole] * visible[stretches.whole] * stretches.length
    end_of = np.cumsum(expected)
    total = float(end_of[-1]) if len(end_of) else 0.0
    # Six standard deviations above the mean number, so that the draws practically never end before the line does.
    at = np.cumsum(generator.standard_exponential(int(total + 6 * np.sqrt(total) + 20)))
    at = at[: np.searchsorted(at, total)]
    row = np.searchsorted(end_of, at, side="right")
    pace = stretches.length / np.maximum(expected, 1e-300)  # weeks per expected sign
    into = ((at - (end_of - expected)[row]) * pace[row]).astype(np.int64)
    week = stretches.start[row] + np.minimum(into, (stretches.length - 1)[row])
    whole = stretches.whole[row]
    strength = mean[whole] - ndtri(visible[whole] * (1.0 - generator.random(len(row))))
    return stretches.child[whole], week, strength, whole


def _strongest_of_week(key: Ints, strength: Floats) -> tuple[Ints, Floats]:
    """Return the first row of each run of equal keys in the sorted `key`, and the greatest strength in each run."""
    first = (
        np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.empty(0, np.int64)
    )
    return first, np.maximum.reduceat(strength, first) if len(key) else strength


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
) -> Signs:
    """Draw all signs for all kinds of agency (M2); kinds have separate streams, so adding one changes no other."""
    kinds = len(agencies)
    lives = _split_lifetimes(children, weeks)
    in_spell = _split_by_age(children, spells.child, spells.onset, spells.end, spells.severity, weeks)
    in_need = _split_by_age(children, needs.child, needs.start, needs.end, needs.apparent_severity, weeks)
    term = is_term_time(first_day - timedelta(weeks=warm_up), weeks)

    week_of: list[NDArray[np.int16]] = []
    file_of: list[NDArray[np.int32]] = []
    strength_of: list[NDArray[np.float32]] = []
    gate_of: list[NDArray[np.int32]] = []
    for index, (name, kind) in enumerate(agencies.items()):
        generator = draws.generator(seed, f"signs to {name}")
        bias = misreading(settings, name, children, seed)
        child, week, strength, _ = _draw_along(lives, kind, bias, generator)
        also_child, also_week, also_strength, _ = _draw_along(in_need, kind, bias, generator)
        child, week = np.concatenate([child, also_child]), np.concatenate([week, also_week])
        key = child * weeks + week
        order = np.argsort(key, kind="stable")
        first, strength = _strongest_of_week(key[order], np.concatenate([strength, also_strength])[order])
        child, week = child[order][first], week[order][first]
        behind = spells.find_at(child, week)
        gate = np.where(behind >= 0, 1 + len(spells.child) + behind, 0)

        true_child, true_week, true_strength, behind = _draw_along(in_spell, kind, bias, generator)
        first, true_strength = _strongest_of_week(true_child * weeks + true_week, true_strength)
        week = np.concatenate([week, true_week[first]])
        seen = term[week] if kind.term_time_only else np.ones(len(week), np.bool_)
        week_of.append(week[seen].astype(np.int16))
        file = np.concatenate([child, true_child[first]])[seen] * kinds + index
        file_of.append(file.astype(np.int32))
        strength_of.append(np.concatenate([strength, true_strength])[seen].astype(np.float32))
        gate_of.append(np.concatenate([gate, 1 + behind[first]])[seen].astype(np.int32))

    week = np.concatenate(week_of)
    order = np.argsort(week, kind="stable")
    file = np.concatenate(file_of)[order]
    return Signs(
        offsets=np.concatenate([[0], np.cumsum(np.bincount(week, minlength=weeks))]),
        file=file,
        strength=np.concatenate(strength_of)[order],
        gate=np.concatenate(gate_of)[order],
        marks=_draw_marks(file % kinds, tuple(agencies), seed),
    )


def _draw_marks(kind: Integers, names: tuple[str, ...], seed: int) -> NDArray[np.float32]:
    """Draw the marks of all signs, float32, shape (G, 4), with a separate stream for each kind of agency."""
    marks = np.empty((len(kind), _MARKS), np.float32)
    row = f"V{marks.itemsize * _MARKS}"  # NumPy copies one item of 16 bytes in half the time of four numbers
    for index, name in enumerate(names):
        rows = np.flatnonzero(kind == index)
        generator = draws.generator(seed, f"marks on signs to {name}")
        marks.view(row)[rows] = generator.random((len(rows), _MARKS), dtype=np.float32).view(row)
    return marks


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
