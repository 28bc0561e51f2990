"""What a class may ask of the one place that it has clicked on: its files, its threshold, its ties, its silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from cpsim.casework.log import Events, Occurrence
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.scenario.clock import date_of
from cpsim.visualiser.packing import unpacked
from cpsim.visualiser.scene import behind_the_doors, current_thresholds, loads

if TYPE_CHECKING:
    from cpsim.model import ChildProtectionModel
    from cpsim.visualiser.scene import Onlooker

_TIES, _LATEST = 8, 6
"""How many ties and how many concerns that were kept back are told one by one."""


class Fact(TypedDict):
    """A number in words, and what it is."""

    label: str
    value: str


class Stage(TypedDict):
    """How many concerns of the last year have come so far."""

    label: str
    count: int


class Tie(TypedDict):
    """A tie to or from another node: its trust, and how often it was used since the start of history."""

    node: int
    title: str
    trust: float
    uses: int
    lost: int


class KeptBack(TypedDict):
    """A sign that was noticed here and not told to social care: when, about whom, and how far it came."""

    date: str
    child: int
    why: str


class About(TypedDict):
    """Everything that the panel of a node tells; `threshold` and `opening_threshold` are None where nothing is decided by a threshold."""

    node: int
    title: str
    kind: str
    colour: str
    facts: list[Fact]
    bar_label: str
    threshold: float | None
    opening_threshold: float | None
    since: str
    stages: list[Stage]
    kept_back: int
    latest: list[KeptBack]
    tie_label: str
    ties: list[Tie]
    all_ties: int


def about(onlooker: Onlooker, node: int) -> About:
    """What the panel of a node tells now.

    Raises:
        IndexError: there is no such node.
    """
    model, net = onlooker.model, onlooker.network
    organisations = model.nodes.organisations
    style = net["kinds"][unpacked(net["kind"], "u1")[node]]
    year = _Year.of(model)
    here = node < organisations
    silence = _silence(model, year, node) if here else _Silence(0, [])
    threshold, opening_threshold = (
        float(current_thresholds(model)[node]),
        float(onlooker.opening_thresholds[node]),
    )
    ties = model.ties.out_of(node) if here else model.ties.into(node)
    decides = not np.isnan(threshold)
    return {
        "node": node,
        "title": net["titles"][node],
        "kind": style["label"],
        "colour": style["colour"],
        "facts": _facts(model, node),
        "bar_label": "Worry at which it tells social care"
        if here
        else "Worry at which it accepts a referral",
        "threshold": threshold if decides else None,
        "opening_threshold": opening_threshold if decides else None,
        "since": _day(model, year.first),
        "stages": _stages(model, year, node),
        "kept_back": silence.signs,
        "latest": silence.latest,
        "tie_label": "Whom it turns to" if here else "Who turns to it",
        "ties": _ties(onlooker, ties, here),
        "all_ties": len(ties),
    }


class _Year(NamedTuple):
    """The last year, or as much of it as is written down in detail: run weeks `first` to `end` (not included)."""

    first: int
    end: int

    @classmethod
    def of(cls, model: ChildProtectionModel) -> _Year:
        return cls(max(model.week - WEEKS_PER_YEAR, model.casework.log.detail_from), model.week)


def _day(model: ChildProtectionModel, week: int) -> str:
    day = date_of(week - model.world.warm_up, model.settings.clock)
    return f"{day.day} {day:%B %Y}"


def _facts(model: ChildProtectionModel, node: int) -> list[Fact]:
    load = f"{loads(model)[node]:,}"
    if node < model.nodes.organisations:
        return _of_organisation(model, node, load)
    if node < len(model.nodes):
        return [{"label": "children wait for an initial assessment", "value": load}]
    return _of_team(model, int(behind_the_doors(model)[node - len(model.nodes)]), load)


def _of_organisation(model: ChildProtectionModel, row: int, load: str) -> list[Fact]:
    organisations = model.tables["organisations"]
    attention = organisations["attention"][row] * organisations["attention_factor"][row]
    area, heir = int(organisations["area"][row]), int(organisations["absorbed_by"][row])
    told = [
        (load, "children with a live file"),
        (f"{attention:.0%}", "of the signs in its sight get attention"),
    ]
    told.append(
        (f"{area + 1}", "is its neighbourhood") if area >= 0 else ("all", "neighbourhoods are served")
    )
    if len(model.authority_names) > 1:
        told.append((model.authority_names[organisations["authority"][row]], "is its authority"))
    if heir != row:
        told.append((model.nodes.names[heir], "has absorbed it"))
    return [{"label": label, "value": value} for value, label in told]


def _of_team(model: ChildProtectionModel, row: int, load: str) -> list[Fact]:
    teams, workers = model.tables["teams"], model.tables["workers"]
    people = np.count_nonzero(workers["employed"] & (workers["team"] == row))
    told = [
        (load, "open cases"),
        (f"{people}", "social workers"),
        (f"{teams['vacancy_share'][row]:.0%}", "of its posts stand empty"),
        (f"{teams['utilisation'][row]:.0%}", "of its hours are asked for"),
        (f"{teams['delivered_share'][row]:.0%}", "of the planned help is given"),
    ]
    return [{"label": label, "value": value} for value, label in told]


_WAY = {
    "noticed": Occurrence.NOTICED,
    "written down": Occurrence.RECORDED,
    "above the threshold": Occurrence.THRESHOLD_CROSSED,
    "partner asked": Occurrence.CONSULTED,
    "told social care": Occurrence.SHARED,
    "lost on the way": Occurrence.LOST,
    "turned away": Occurrence.SCREENED_OUT,
    "accepted as a referral": Occurrence.REFERRED,
}


def _stages(model: ChildProtectionModel, year: _Year, node: int) -> list[Stage]:
    """How far concerns have come in the last year; at a front door those about its children, none at a team."""
    log, organisations = model.casework.log, model.nodes.organisations

    def count(what: int) -> int:
        events = log.of(what, year.first)
        if node < organisations:
            return int(np.count_nonzero(events.site == node))
        return int(np.count_nonzero(model.casework.authority[events.child] == node - organisations))

    if node >= len(model.nodes):
        return []
    way = _WAY if node < organisations else dict(list(_WAY.items())[-4:])
    return [{"label": label, "count": count(what)} for label, what in way.items()]


class _Silence(NamedTuple):
    """Signs that were noticed and not told: how many, and the latest."""

    signs: int
    latest: list[KeptBack]


def _silence(model: ChildProtectionModel, year: _Year, row: int) -> _Silence:
    """What an organisation has noticed in the last year and not told social care in the same week."""

    def here(what: int) -> set[tuple[int, int]]:
        events = _at(model.casework.log.of(what, year.first), row)
        return set(zip(events.week.tolist(), events.child.tolist(), strict=True))

    told = here(Occurrence.SHARED)
    silent = sorted(here(Occurrence.NOTICED) - told, reverse=True)
    written, above, asked = (
        here(what) for what in (Occurrence.RECORDED, Occurrence.THRESHOLD_CROSSED, Occurrence.CONSULTED)
    )

    def why(concern: tuple[int, int]) -> str:
        if concern not in written:
            return "not written down"
        level = "above the threshold, yet not told" if concern in above else "not worried enough"
        return f"{level}, though a partner was asked" if concern in asked else level

    latest: list[KeptBack] = [
        {"date": _day(model, week), "child": child, "why": why((week, child))}
        for week, child in silent[:_LATEST]
    ]
    return _Silence(len(silent), latest)


def _at(events: Events, row: int) -> Events:
    """Those of some events that happened at one organisation."""
    here = events.site == row
    return Events(events.week[here], events.child[here], events.site[here], events.value[here])


def _ties(onlooker: Onlooker, rows: NDArray[np.intp], here: bool) -> list[Tie]:
    """The ties that are used most, the most used first."""
    ties, titles = onlooker.model.ties, onlooker.network["titles"]
    most = rows[np.argsort(-ties.uses[rows], kind="stable")][:_TIES]
    others = ties.target if here else ties.source
    return [
        {
            "node": int(others[tie]),
            "title": titles[others[tie]],
            "trust": round(float(ties.trust[tie]), 3),
            "uses": int(ties.uses[tie]),
            "lost": int(ties.uses[tie] - ties.delivered[tie]),
        }
        for tie in most.tolist()
    ]
