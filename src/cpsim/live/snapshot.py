"""What the page shows of a model: reads the model and never changes it.

`describe_network` returns what stays the same (nodes, positions, ties); it is sent once. A `ModelViewer` returns what
changes: a frame has the state of the network in one week and its events, a series the data of the plots.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np

from cpsim.agents.build import team_names
from cpsim.agents.tables import TeamRole
from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.allocation import list_open_cases
from cpsim.casework.log import Occurrence
from cpsim.casework.recording import read_files
from cpsim.casework.screening import front_door_column
from cpsim.casework.sharing import sharing_thresholds
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import format_day, format_month
from cpsim.live.packing import pack
from cpsim.live.positions import place_nodes
from cpsim.live.shapes import KindStyle, find_styles
from cpsim.live.time_series import QUARTER, PlotSeries, SeriesRecorder
from cpsim.live.verdicts import RunningVerdicts
from cpsim.measures.chain import RESULTS, STOP_PARTS
from cpsim.network.ties import TieRole
from cpsim.scenario.clock import date_of
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cpsim.casework.state import Casework
    from cpsim.model import ChildProtectionModel


class NetworkView(TypedDict):
    """What stays the same from frame to frame; nodes are organisations, then front doors, then the other teams.

    `x`, `y` (float32) and `kind` (uint8, a row of `kinds`) have one number for each node. `a` and `b` (uint16) are the
    nodes of each pair joined by a tie: the first `referrals` pairs lead from an organisation `a` to a front door `b`.
    `inner_a` and `inner_b` lead from front doors to teams. `since` is the first month of the evaluated weeks.
    """

    scenario: str
    since: str
    x: str
    y: str
    width: float
    height: float
    names: list[str]
    titles: list[str]
    kind: str
    kinds: list[KindStyle]
    a: str
    b: str
    referrals: int
    inner_a: str
    inner_b: str


class ChildVerdict(TypedDict):
    """A child whose deadline has passed: rows of the spell and the child, and where the chain stopped if missed.

    `holders` are the nodes that hold a live file on the child. `differs` is whether the other of two systems protected
    a child whom this one missed, or missed one whom this one protected.
    """

    spell: int
    child: int
    protected: bool
    stopped_at: str
    holders: list[int]
    differs: bool


class Frame(TypedDict):
    """The state of the network in one week, and the events since the last recorded week, usually of that week alone.

    By node: `load` (uint16, see `count_loads`), `threshold` (float32, see `current_thresholds`), `absorbed` (uint8, 1
    if another organisation has absorbed it), `noticed` and `shared` (uint16).
    By pair: `trust` (uint8, 1 to 255; 0 if the tie was not used for a year). `fallen` (uint16) are the pairs whose
    trust has fallen by more than `TRUST_FALL` within a quarter of a year.
    `flow` (int16, four in a row): pair, 1 if from `b` to `a`, messages and questions sent, how many were lost.
    `verdicts` are those of the deadlines that have passed; `tally` counts all evaluated spells of harm by result.
    """

    week: int
    date: str
    load: str
    threshold: str
    absorbed: str
    noticed: str
    shared: str
    trust: str
    fallen: str
    flow: str
    events: dict[str, int]
    verdicts: list[ChildVerdict]
    tally: dict[str, int]


@dataclass(frozen=True)
class TiePairs:
    """The pairs of nodes joined by ties in either direction: those to front doors first, then in the order of the ties.

    Attributes:
        a, b: nodes of each pair, int64, shape (P,); `a` < `b`.
        referrals: number of pairs that lead to a front door.
        of_tie: the pair of each tie, int64, shape (E,).
    """

    a: Ints
    b: Ints
    referrals: int
    of_tie: Ints

    @classmethod
    def of(cls, model: ChildProtectionModel) -> TiePairs:
        """Find the pairs of a model's network."""
        ties = model.ties
        low = np.minimum(ties.source, ties.target).astype(np.int64)
        high = np.maximum(ties.source, ties.target).astype(np.int64)
        key = ((ties.role != TieRole.REFERRAL) * len(model.nodes) + low) * len(model.nodes) + high
        _, first, of_tie = np.unique(key, return_index=True, return_inverse=True)
        referrals = int(np.count_nonzero(ties.role[first] == TieRole.REFERRAL))
        return cls(low[first], high[first], referrals, of_tie.astype(np.int64))

    def mean_trust(self, model: ChildProtectionModel) -> Floats:
        """Mean trust over the ties of each pair, 0 to 1, shape (P,)."""
        ties = np.bincount(self.of_tie, minlength=len(self.a))
        mean: Floats = np.bincount(self.of_tie, model.ties.trust, len(self.a)) / ties
        return mean

    def find_idle(self, model: ChildProtectionModel) -> Bools:
        """Find the pairs whose ties have not been used for a year, shape (P,)."""
        busy = model.ties.last_use >= max(model.week - WEEKS_PER_YEAR, 0)
        idle: Bools = np.bincount(self.of_tie, busy, len(self.a)) == 0
        return idle


def describe_network(model: ChildProtectionModel) -> NetworkView:
    """Return the nodes with their kinds and positions, and the pairs joined by ties."""
    nodes, teams = model.nodes, model.tables["teams"]
    positions = place_nodes(nodes, teams, model.world.authorities)
    other_teams = find_other_teams(model)
    own_names = [team_names(teams)[team] for team in other_teams]
    kinds = [*nodes.kinds, *(name.rsplit("-", 1)[0] for name in own_names)]
    styles = find_styles(list(dict.fromkeys(kinds)))
    names = [*nodes.names, *own_names]
    row_of_kind = {style["name"]: index for index, style in enumerate(styles)}
    pairs = TiePairs.of(model)
    front_door = nodes.organisations + teams["authority"][other_teams]
    return {
        "scenario": model.settings.name,
        "since": format_month(model.settings.clock.start),
        "x": pack(positions.x, "f4"),
        "y": pack(positions.y, "f4"),
        "width": positions.width,
        "height": positions.height,
        "names": names,
        "titles": _format_titles(names, kinds, {style["name"]: style["label"] for style in styles}),
        "kind": pack(np.array([row_of_kind[kind] for kind in kinds]), "u1"),
        "kinds": styles,
        "a": pack(pairs.a, "u2"),
        "b": pack(pairs.b, "u2"),
        "referrals": pairs.referrals,
        "inner_a": pack(front_door, "u2"),
        "inner_b": pack(len(nodes) + np.arange(len(other_teams)), "u2"),
    }


def _format_titles(names: list[str], kinds: list[str], labels: Mapping[str, str]) -> list[str]:
    """Return the title of each node on the page: "School 12", or "Hospital" if there is only one."""
    return [
        f"{labels[kind]} {int(name.rsplit('-', 1)[1])}" if kinds.count(kind) > 1 else labels[kind]
        for name, kind in zip(names, kinds, strict=True)
    ]


def find_other_teams(model: ChildProtectionModel) -> Ints:
    """Return the rows of the teams that are not front doors, which follow the other nodes in this order."""
    return np.flatnonzero(model.tables["teams"]["role"] != TeamRole.FRONT_DOOR)


def _scale_to_bytes(trust: Floats) -> Ints:
    """Scale trust from 0 to 1 to a whole number from 1 to 255."""
    return np.maximum(np.rint(trust * 255), 1).astype(np.int64)


def find_live_files(model: ChildProtectionModel) -> Ints:
    """Return the rows of the files of children under 18 that hold live evidence now (M4), shape (n,)."""
    state = model.casework
    # Evidence only fades, so a file whose stored evidence is too weak cannot be live now.
    file = np.flatnonzero(state.files.evidence >= state.scenario.sharing.live_evidence)
    young = model.week - model.world.children.birth[file // state.kinds] < CHILDHOOD
    file = file[young]
    live: Ints = file[read_files(state, file) >= state.scenario.sharing.live_evidence]
    return live


def count_loads(model: ChildProtectionModel) -> Ints:
    """Count the children of each node, shape (n,).

    An organisation counts children with a live file, a front door children who wait for an initial assessment, a team
    its open cases.
    """
    state = model.casework
    files = np.bincount(state.files.site[find_live_files(model)], minlength=model.nodes.organisations)
    waiting = np.bincount(state.authority[state.waiting_initial["child"]], minlength=model.nodes.front_doors)
    return np.concatenate(
        [files, waiting, _count_open_cases(state, len(state.teams))[find_other_teams(model)]]
    )


def _count_open_cases(state: Casework, teams: int) -> Ints:
    """Count the open cases of each team, shape (teams,)."""
    worker = state.records.worker[list_open_cases(state)]
    return np.bincount(state.workers["team"][worker[worker >= 0]], minlength=teams)


def find_holders(model: ChildProtectionModel, child: int) -> list[int]:
    """Return the organisations that hold a live file on a child."""
    state = model.casework
    file = child * state.kinds + np.arange(state.kinds)
    live = read_files(state, file) >= state.scenario.sharing.live_evidence
    return [int(site) for site in state.files.site[file[live]]]


def current_thresholds(model: ChildProtectionModel) -> Floats:
    """Threshold in log-odds at which each node acts half the time, shape (n,); NaN for teams other than front doors.

    An organisation then shares with children's social care of its own authority (M6), and a front door accepts a
    referral (M10).
    """
    state, organisations = model.casework, model.tables["organisations"]
    threshold = np.full(len(model.nodes) + len(find_other_teams(model)), np.nan)
    own = sharing_thresholds(state, np.arange(len(organisations)), organisations["authority"])
    moved = state.drift + front_door_column(state, "screening_threshold_shift")
    threshold[: len(model.nodes)] = np.concatenate(
        [own, state.scenario.front_door.referral_threshold + moved]
    )
    return threshold


_EVENTS = {
    "noticed": Occurrence.NOTICED,
    "shared": Occurrence.SHARED,
    "lost": Occurrence.LOST,
    "misdirected": Occurrence.MISDIRECTED,
    "screened_out": Occurrence.SCREENED_OUT,
    "referred": Occurrence.REFERRED,
}
"""The kinds of event that a frame counts, by name."""


TRUST_FALL = 0.1
"""Loss of trust within a quarter of a year from which on a tie is drawn as weakened."""

_OPPOSITE = {"protected": "missed", "missed": "protected"}


class _WeekRecord(NamedTuple):
    """The network at the beginning of a week: uses and deliveries by tie, trust by pair."""

    week: int
    uses: Ints
    delivered: Ints
    trust: Floats


class ModelViewer:
    """Prepares what the page shows of a model while the caller steps the model.

    Recording a week is cheap; a frame is built only when it is needed. The caller must not step the model in another
    thread while a method runs.

    Args:
        model: the model, in any week.
        other: the viewer of the other of two models on the same children; step both before reading either.

    Attributes:
        model: the model.
        verdicts: the results of its spells of harm so far.
        network: what stays the same from frame to frame.
        opening_thresholds: `current_thresholds` when the show opened.
    """

    def __init__(self, model: ChildProtectionModel, other: ModelViewer | None = None) -> None:
        self.model = model
        self.verdicts = RunningVerdicts(model)
        self.network = describe_network(model)
        self.opening_thresholds = current_thresholds(model)
        self._pairs = TiePairs.of(model)
        self._recorder = SeriesRecorder(model, self.verdicts)
        self._records = deque([self._record(), self._record()])
        # Each viewer holds only the verdicts of the other: a reference cycle would outlive the tab.
        self._other_verdicts: RunningVerdicts | None = None
        if other is not None:
            self._other_verdicts, other._other_verdicts = other.verdicts, self.verdicts
        self._frame = self._build_frame()

    def record_week(self) -> None:
        """Record the week just simulated, so that the next frame shows the events of this week alone."""
        if self.model.week > self._records[-1].week:
            self._records.append(self._record())
            while self._records[1].week <= self.model.week - QUARTER:
                self._records.popleft()
            self._recorder.record_week()

    def get_frame(self) -> Frame:
        """Return the frame of the present week; a second call in the same week returns the same object."""
        self.record_week()
        if self._records[-1].week - self.model.world.warm_up > self._frame["week"]:
            self._frame = self._build_frame()
        return self._frame

    def get_series(self) -> PlotSeries:
        """Return the time series of the plots up to the present week."""
        self.record_week()
        return self._recorder.collect()

    def _record(self) -> _WeekRecord:
        ties, trust = self.model.ties, self._pairs.mean_trust(self.model)
        return _WeekRecord(self.model.week, ties.uses.copy(), ties.delivered.copy(), trust)

    def _build_frame(self) -> Frame:
        model, record, since = self.model, self._records[-1], self._records[-2].week
        trust = np.where(self._pairs.find_idle(model), 0, _scale_to_bytes(record.trust))
        fallen = np.flatnonzero((self._records[0].trust - record.trust > TRUST_FALL) & (trust > 0))
        week = model.week - model.world.warm_up
        return {
            "week": week,
            "date": format_day(date_of(week, model.settings.clock)),
            "load": pack(count_loads(model), "u2"),
            "threshold": pack(current_thresholds(model), "f4"),
            "absorbed": pack(self._find_absorbed(), "u1"),
            "noticed": pack(self._count_by_node(Occurrence.NOTICED, since), "u2"),
            "shared": pack(self._count_by_node(Occurrence.SHARED, since), "u2"),
            "trust": pack(trust, "u1"),
            "fallen": pack(fallen, "u2"),
            "flow": pack(self._tabulate_flow(), "i2"),
            "events": {
                name: len(model.casework.log.select(what, since).week) for name, what in _EVENTS.items()
            },
            "verdicts": self._list_verdicts(since - model.world.warm_up),
            "tally": self._count_results(),
        }

    def _list_verdicts(self, week: int) -> list[ChildVerdict]:
        """List the children protected or missed at deadlines from `week` on, counted from week 0."""
        self.verdicts.catch_up()
        table = self.verdicts.table  # in the order of deadlines
        recent = table.iloc[np.searchsorted(table["deadline"].to_numpy(), week) :]
        decided = recent[recent["result"].isin(_OPPOSITE)]
        columns = (decided[name] for name in ("child", "result", "stopped_at_part"))
        other_results = self._find_other_results(decided.index)
        return [
            {
                "spell": int(spell),
                "child": int(child),
                "protected": result == "protected",
                "stopped_at": STOP_PARTS.get(part, ""),
                "holders": find_holders(self.model, int(child)),
                "differs": other_results.get(spell) == _OPPOSITE[result],
            }
            for spell, child, result, part in zip(decided.index, *columns, strict=True)
        ]

    def _find_other_results(self, spells: pd.Index[int]) -> Mapping[int, str]:
        """Return the results of spells in the other system, as far as they have been evaluated there."""
        if self._other_verdicts is None:
            return {}
        self._other_verdicts.catch_up()
        results = self._other_verdicts.table["result"]
        return dict(results[results.index.isin(spells)])

    def _count_results(self) -> dict[str, int]:
        """Count the evaluated spells by result."""
        counts = self.verdicts.table["result"].value_counts()
        return {result: int(counts.get(result, 0)) for result in RESULTS}

    def _find_absorbed(self) -> Bools:
        """Find the organisations that another has absorbed, shape (n,)."""
        successor = self.model.tables["organisations"]["absorbed_by"]
        absorbed = np.zeros(len(self.network["names"]), np.bool_)
        absorbed[: len(successor)] = successor != np.arange(len(successor))
        return absorbed

    def _count_by_node(self, what: int, since: int) -> Ints:
        """Count the events of one kind at each node since week `since` of the run, shape (n,)."""
        return np.bincount(
            self.model.casework.log.select(what, since).site, minlength=len(self.network["names"])
        )

    def _tabulate_flow(self) -> Ints:
        """Return the traffic of each tie since the last record: pair, whether backwards, sent, lost; shape (m, 4)."""
        before, now = self._records[-2], self._records[-1]
        sent = now.uses - before.uses
        lost = sent - (now.delivered - before.delivered)
        used = np.flatnonzero(sent)
        pair = self._pairs.of_tie[used]
        backwards = self.model.ties.source[used] != self._pairs.a[pair]
        return np.column_stack([pair, backwards, sent[used], lost[used]])
