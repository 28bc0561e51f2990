"""The panel of one node: its files, its threshold, its ties, and the signs that it noticed and did not share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from cpsim.casework.log import Events, Occurrence
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import format_day, format_decimals, format_percent, pluralise
from cpsim.live.packing import unpack
from cpsim.live.snapshot import count_loads, current_thresholds, find_other_teams
from cpsim.scenario.clock import date_of

if TYPE_CHECKING:
    from cpsim.live.snapshot import ModelViewer
    from cpsim.model import ChildProtectionModel

_TIES, _LATEST = 8, 6
"""How many ties, and how many signs that were not shared, are listed one by one."""


class PanelFact(TypedDict):
    """A number, formatted, and the words that follow it."""

    label: str
    value: str


class PanelStage(TypedDict):
    """How many concerns of the last year have reached a stage."""

    label: str
    count: int


class PanelTie(TypedDict):
    """A tie to or from another node: its trust, and how often it was used since the start of history."""

    node: int
    title: str
    trust: float
    uses: int
    lost: int


class UnsharedSign(TypedDict):
    """A sign that was noticed here and not shared with social care: when, about whom, and how far it came."""

    date: str
    child: int
    reason: str


class PanelContent(TypedDict):
    """The content of the panel of a node.

    `threshold` and `opening_threshold` are None for a node without a threshold. `unshared` counts the signs of the
    last year that were noticed here and not shared, of which `latest` lists the latest ones.
    """

    node: int
    title: str
    kind: str
    colour: str
    facts: list[PanelFact]
    threshold_label: str
    threshold: float | None
    opening_threshold: float | None
    since: str
    stages: list[PanelStage]
    unshared: int
    latest: list[UnsharedSign]
    tie_label: str
    ties: list[PanelTie]
    all_ties: int


def describe_node(viewer: ModelViewer, node: int) -> PanelContent:
    """Describe a node for its panel.

    Raises:
        IndexError: there is no such node.
    """
    model, net = viewer.model, viewer.network
    organisations = model.nodes.organisations
    style = net["kinds"][unpack(net["kind"], "u1")[node]]
    year = _Year.of(model)
    is_organisation = node < organisations
    unshared = _find_unshared(model, year, node) if is_organisation else _UnsharedSigns(0, [])
    threshold, opening_threshold = (
        float(current_thresholds(model)[node]),
        float(viewer.opening_thresholds[node]),
    )
    ties = model.ties.find_outgoing(node) if is_organisation else model.ties.find_incoming(node)
    has_threshold = not np.isnan(threshold)
    return {
        "node": node,
        "title": net["titles"][node],
        "kind": style["label"],
        "colour": style["colour"],
        "facts": _list_facts(model, node),
        "threshold_label": "Threshold for sharing with social care"
        if is_organisation
        else "Threshold for accepting a referral",
        "threshold": threshold if has_threshold else None,
        "opening_threshold": opening_threshold if has_threshold else None,
        "since": _format_start(model, year.first),
        "stages": _count_stages(model, year, node),
        "unshared": unshared.number,
        "latest": unshared.latest,
        "tie_label": "Partners that it contacts" if is_organisation else "Partners that contact it",
        "ties": _list_ties(viewer, ties, is_organisation),
        "all_ties": len(ties),
    }


class _Year(NamedTuple):
    """The last year, or the part of it with a detailed log: weeks `first` to `end` (exclusive) of the run."""

    first: int
    end: int

    @classmethod
    def of(cls, model: ChildProtectionModel) -> _Year:
        return cls(max(model.week - WEEKS_PER_YEAR, model.casework.log.detail_from), model.week)


def _format_start(model: ChildProtectionModel, week: int) -> str:
    return format_day(date_of(week - model.world.warm_up, model.settings.clock))


def _list_facts(model: ChildProtectionModel, node: int) -> list[PanelFact]:
    load = int(count_loads(model)[node])
    if node < model.nodes.organisations:
        facts = _list_organisation_facts(model, node, load)
    elif node < len(model.nodes):
        child = pluralise(load, "child", "children")
        facts = [(format_decimals(load), f"{child} waiting for an initial assessment")]
    else:
        facts = _list_team_facts(model, int(find_other_teams(model)[node - len(model.nodes)]), load)
    return [{"label": label, "value": value} for value, label in facts]


def _list_organisation_facts(model: ChildProtectionModel, row: int, load: int) -> list[tuple[str, str]]:
    organisations = model.tables["organisations"]
    attention = organisations["attention"][row] * organisations["attention_factor"][row]
    area, successor = int(organisations["area"][row]), int(organisations["absorbed_by"][row])
    facts = [
        (format_decimals(load), f"{pluralise(load, 'child', 'children')} with a live file"),
        (format_percent(attention), "of the signs within its sight are noticed"),
    ]
    facts.append(
        (f"{area + 1}", "is its neighbourhood") if area >= 0 else ("all", "neighbourhoods are served")
    )
    if len(model.authority_names) > 1:
        facts.append((model.authority_names[organisations["authority"][row]], "is its authority"))
    if successor != row:
        facts.append((model.nodes.names[successor], "has absorbed it"))
    return facts


def _list_team_facts(model: ChildProtectionModel, row: int, load: int) -> list[tuple[str, str]]:
    teams, workers = model.tables["teams"], model.tables["workers"]
    people = int(np.count_nonzero(workers["employed"] & (workers["team"] == row)))
    return [
        (format_decimals(load), pluralise(load, "open case")),
        (format_decimals(people), pluralise(people, "social worker")),
        (format_percent(teams["vacancy_share"][row]), "of its posts are vacant"),
        (format_percent(teams["utilisation"][row]), "of its hours are needed"),
        (format_percent(teams["delivered_share"][row]), "of the planned help is delivered"),
    ]


_STAGES = {
    "noticed": Occurrence.NOTICED,
    "recorded": Occurrence.RECORDED,
    "above the threshold": Occurrence.THRESHOLD_CROSSED,
    "partner consulted": Occurrence.CONSULTED,
    "shared with social care": Occurrence.SHARED,
    "lost on the way": Occurrence.LOST,
    "screened out": Occurrence.SCREENED_OUT,
    "accepted as a referral": Occurrence.REFERRED,
}
"""The stages of a concern; a front door shows the last four."""


def _count_stages(model: ChildProtectionModel, year: _Year, node: int) -> list[PanelStage]:
    """Count how far concerns came in the last year: at a front door those about its children, at a team none."""
    log, organisations = model.casework.log, model.nodes.organisations

    def count(what: int) -> int:
        events = log.select(what, year.first)
        if node < organisations:
            return int(np.count_nonzero(events.site == node))
        return int(np.count_nonzero(model.casework.authority[events.child] == node - organisations))

    if node >= len(model.nodes):
        return []
    stages = _STAGES if node < organisations else dict(list(_STAGES.items())[-4:])
    return [{"label": label, "count": count(what)} for label, what in stages.items()]


class _UnsharedSigns(NamedTuple):
    """Signs that were noticed and not shared: how many, and the latest."""

    number: int
    latest: list[UnsharedSign]


def _find_unshared(model: ChildProtectionModel, year: _Year, row: int) -> _UnsharedSigns:
    """Find the signs that an organisation noticed in the last year and did not share in the same week."""

    def select(what: int) -> set[tuple[int, int]]:
        events = _select_site(model.casework.log.select(what, year.first), row)
        return set(zip(events.week.tolist(), events.child.tolist(), strict=True))

    shared = select(Occurrence.SHARED)
    unshared = sorted(select(Occurrence.NOTICED) - shared, reverse=True)
    recorded, above, consulted = (
        select(what) for what in (Occurrence.RECORDED, Occurrence.THRESHOLD_CROSSED, Occurrence.CONSULTED)
    )

    def explain(concern: tuple[int, int]) -> str:
        if concern not in recorded:
            return "not recorded"
        level = "above the threshold, but not shared" if concern in above else "below the threshold"
        return f"{level}, although a partner was consulted" if concern in consulted else level

    latest: list[UnsharedSign] = [
        {"date": _format_start(model, week), "child": child, "reason": explain((week, child))}
        for week, child in unshared[:_LATEST]
    ]
    return _UnsharedSigns(len(unshared), latest)


def _select_site(events: Events, row: int) -> Events:
    """Select the events at one organisation."""
    here = events.site == row
    return Events(events.week[here], events.child[here], events.site[here], events.value[here])


def _list_ties(viewer: ModelViewer, rows: NDArray[np.intp], outgoing: bool) -> list[PanelTie]:
    """List the ties used most, the most used first."""
    ties, titles = viewer.model.ties, viewer.network["titles"]
    most = rows[np.argsort(-ties.uses[rows], kind="stable")][:_TIES]
    others = ties.target if outgoing else ties.source
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
