"""What a picture of the network holds, read from a model and never written to it.

`network_of` is what stays (who stands where, who may talk to whom); it is sent once. An `Onlooker` tells what changes:
a frame holds the state of the network in a week and what has happened in it, a course the state of the plots.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np

from cpsim.agents.roster import team_names
from cpsim.agents.social_work import TeamRole
from cpsim.arrays import Bools, Floats, Ints
from cpsim.casework.allocation import open_cases
from cpsim.casework.log import Occurrence
from cpsim.casework.recording import look_up
from cpsim.casework.screening import at_the_doors
from cpsim.casework.sharing import thresholds
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.causes import CAUSE_PARTS, RESULTS
from cpsim.network.ties import TieRole
from cpsim.scenario.clock import date_of
from cpsim.visualiser.course import QUARTER, Course, Courses
from cpsim.visualiser.packing import packed
from cpsim.visualiser.places import places_of
from cpsim.visualiser.shapes import KindStyle, styles_of
from cpsim.visualiser.verdicts import Verdicts
from cpsim.world.calendar import CHILDHOOD

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cpsim.casework.state import Casework
    from cpsim.model import ChildProtectionModel


class Network(TypedDict):
    """What stays the same from frame to frame; nodes are organisations, then front doors, then the other teams.

    `x`, `y` (float32) and `kind` (uint8, a row of `kinds`) have one number a node. `a` and `b` (uint16) are the nodes
    of each pair that a tie joins: the first `referrals` of them lead from an organisation `a` to a front door `b`.
    `inner_a` and `inner_b` lead from front doors to teams. `since` is the month from which on children are judged.
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


class Verdict(TypedDict):
    """A child whose deadline has passed: row of the spell and of the child, and where the child was lost, if missed.

    `holders` are the nodes that hold a live file on the child; `apart` says whether a system beside this one caught
    whom this one missed, or missed whom it caught.
    """

    spell: int
    child: int
    caught: bool
    lost: str
    holders: list[int]
    apart: bool


class Frame(TypedDict):
    """What is to be seen in one week, and what has happened since the note before: usually in that week alone.

    By node: `load` (uint16: children with a live file, open cases of a team, children waiting at a front door), `threshold`
    (float32, see `current_thresholds`), `gone` (uint8: absorbed by another), `noticed` and `told` (uint16).
    By pair: `trust` (uint8, 1..255; 0 = nobody has used the tie for a year). `fallen` (uint16) are the pairs whose
    trust has fallen by more than `FALL` within a quarter of a year.
    `flow` (int16, four a row): pair, 1 if it went from `b` to `a`, messages and questions sent, how many were lost.
    `verdicts` are of the deadlines that have passed; `tally` counts the spells of harm judged so far by result.
    """

    week: int
    date: str
    load: str
    threshold: str
    gone: str
    noticed: str
    told: str
    trust: str
    fallen: str
    flow: str
    happened: dict[str, int]
    verdicts: list[Verdict]
    tally: dict[str, int]


@dataclass(frozen=True)
class Pairs:
    """The pairs of nodes that ties join, whichever way they lead: referrals first, in the order of their ties.

    Attributes:
        a, b: nodes of each pair, int64, shape (P,); `a` < `b`.
        referrals: how many pairs lead to a front door.
        of_tie: the pair of each tie, int64, shape (E,).
    """

    a: Ints
    b: Ints
    referrals: int
    of_tie: Ints

    @classmethod
    def of(cls, model: ChildProtectionModel) -> Pairs:
        """The pairs of a model's network."""
        ties = model.ties
        low = np.minimum(ties.source, ties.target).astype(np.int64)
        high = np.maximum(ties.source, ties.target).astype(np.int64)
        key = ((ties.role != TieRole.REFERRAL) * len(model.nodes) + low) * len(model.nodes) + high
        _, first, of_tie = np.unique(key, return_index=True, return_inverse=True)
        referrals = int(np.count_nonzero(ties.role[first] == TieRole.REFERRAL))
        return cls(low[first], high[first], referrals, of_tie.astype(np.int64))

    def trust(self, model: ChildProtectionModel) -> Floats:
        """Mean trust over the ties of each pair, 0..1, shape (P,)."""
        ties = np.bincount(self.of_tie, minlength=len(self.a))
        mean: Floats = np.bincount(self.of_tie, model.ties.trust, len(self.a)) / ties
        return mean

    def idle(self, model: ChildProtectionModel) -> Bools:
        """Pairs of which neither has turned to the other for a year, shape (P,)."""
        busy = model.ties.last_use >= max(model.week - WEEKS_PER_YEAR, 0)
        idle: Bools = np.bincount(self.of_tie, busy, len(self.a)) == 0
        return idle


def network_of(model: ChildProtectionModel) -> Network:
    """Who stands where, what each is, and who may talk to whom."""
    nodes, teams = model.nodes, model.tables["teams"]
    places = places_of(nodes, teams, model.world.authorities)
    behind = behind_the_doors(model)
    of_teams = [team_names(teams)[team] for team in behind]
    kinds = [*nodes.kinds, *(name.rsplit("-", 1)[0] for name in of_teams)]
    styles = styles_of(list(dict.fromkeys(kinds)))
    names = [*nodes.names, *of_teams]
    place = {style["name"]: index for index, style in enumerate(styles)}
    pairs = Pairs.of(model)
    door = nodes.organisations + teams["authority"][behind]
    return {
        "scenario": model.settings.name,
        "since": f"{model.settings.clock.start:%B %Y}",
        "x": packed(places.x, "f4"),
        "y": packed(places.y, "f4"),
        "width": places.width,
        "height": places.height,
        "names": names,
        "titles": _titles(names, kinds, {style["name"]: style["label"] for style in styles}),
        "kind": packed(np.array([place[kind] for kind in kinds]), "u1"),
        "kinds": styles,
        "a": packed(pairs.a, "u2"),
        "b": packed(pairs.b, "u2"),
        "referrals": pairs.referrals,
        "inner_a": packed(door, "u2"),
        "inner_b": packed(len(nodes) + np.arange(len(behind)), "u2"),
    }


def _titles(names: list[str], kinds: list[str], labels: Mapping[str, str]) -> list[str]:
    """What a class calls each node: "School 12", and plain "Hospital" where there is only one."""
    return [
        f"{labels[kind]} {int(name.rsplit('-', 1)[1])}" if kinds.count(kind) > 1 else labels[kind]
        for name, kind in zip(names, kinds, strict=True)
    ]


def behind_the_doors(model: ChildProtectionModel) -> Ints:
    """Rows of the teams to which the front doors hand on, in the order in which they follow the nodes."""
    return np.flatnonzero(model.tables["teams"]["role"] != TeamRole.FRONT_DOOR)


def _as_bytes(trust: Floats) -> Ints:
    """Trust from 0 to 1 as a whole number from 1 to 255."""
    return np.maximum(np.rint(trust * 255), 1).astype(np.int64)


def live_files(model: ChildProtectionModel) -> Ints:
    """Rows of the files of children under 18 that hold live evidence now (M4), shape (n,)."""
    state = model.casework
    # Evidence only fades, so what is too weak in the books is too weak today.
    file = np.flatnonzero(state.files.evidence >= state.scenario.sharing.live_evidence)
    young = model.week - model.world.children.birth[file // state.kinds] < CHILDHOOD
    file = file[young]
    live: Ints = file[look_up(state, file) >= state.scenario.sharing.live_evidence]
    return live


def loads(model: ChildProtectionModel) -> Ints:
    """How many children each node has on its hands, shape (n,).

    Live files of an organisation, children who wait at a front door, open cases of a team.
    """
    state = model.casework
    files = np.bincount(state.files.site[live_files(model)], minlength=model.nodes.organisations)
    waiting = np.bincount(state.authority[state.waiting_initial["child"]], minlength=model.nodes.front_doors)
    return np.concatenate([files, waiting, _open_cases(state, len(state.teams))[behind_the_doors(model)]])


def _open_cases(state: Casework, teams: int) -> Ints:
    """Open cases of each team, shape (teams,)."""
    worker = state.records.worker[open_cases(state)]
    return np.bincount(state.workers["team"][worker[worker >= 0]], minlength=teams)


def holders(model: ChildProtectionModel, child: int) -> list[int]:
    """Organisations that hold a live file on a child."""
    state = model.casework
    file = child * state.kinds + np.arange(state.kinds)
    live = look_up(state, file) >= state.scenario.sharing.live_evidence
    return [int(site) for site in state.files.site[file[live]]]


def current_thresholds(model: ChildProtectionModel) -> Floats:
    """Log-odds at which each node acts half the time, shape (n,); NaN for the teams behind the front doors.

    An organisation then tells its own social care (M6), and a front door accepts a referral (M10).
    """
    state, organisations = model.casework, model.tables["organisations"]
    threshold = np.full(len(model.nodes) + len(behind_the_doors(model)), np.nan)
    own = thresholds(state)[np.arange(len(organisations)), organisations["authority"]]
    moved = state.drift + at_the_doors(state, "screening_threshold_shift")
    threshold[: len(model.nodes)] = np.concatenate([own, state.scenario.front_door.referral_threshold + moved])
    return threshold


_HAPPENED = {
    "noticed": Occurrence.NOTICED,
    "told": Occurrence.SHARED,
    "lost": Occurrence.LOST,
    "astray": Occurrence.MISDIRECTED,
    "turned_away": Occurrence.SCREENED_OUT,
    "accepted": Occurrence.REFERRED,
}
"""What a frame counts, by the word under which it does."""


FALL = 0.1
"""Trust that a tie must lose within a quarter of a year to be drawn as broken."""

_OPPOSITE = {"protected": "missed", "missed": "protected"}


class _Note(NamedTuple):
    """The network as it stood in a week: uses and deliveries by tie, trust by pair."""

    week: int
    uses: Ints
    delivered: Ints
    trust: Floats


class Onlooker:
    """Looks at a model while somebody else steps it, and tells what is to be seen.

    A note of every week costs next to nothing; a frame is made when one is to be drawn. Whoever steps the model in
    another thread keeps it from going on meanwhile.

    Args:
        model: the model, in any week.
        beside: the onlooker at a model of the same children that stands beside this one; both are stepped before either
            is looked at.

    Attributes:
        model: the model.
        verdicts: the ledger's verdicts on it so far.
        network: what stays.
        opening_thresholds: `current_thresholds` when the show began.
    """

    def __init__(self, model: ChildProtectionModel, beside: Onlooker | None = None) -> None:
        self.model = model
        self.verdicts = Verdicts(model)
        self.network = network_of(model)
        self.opening_thresholds = current_thresholds(model)
        self._pairs = Pairs.of(model)
        self._courses = Courses(model, self.verdicts)
        self._notes = deque([self._note(), self._note()])
        # Of each other the two know the verdicts alone: a circle would outlive the tab that made it.
        self._beside: Verdicts | None = None
        if beside is not None:
            self._beside, beside._beside = beside.verdicts, self.verdicts
        self._frame = self._look()

    def note(self) -> None:
        """Note the week just lived, so that the next frame tells of this week alone."""
        if self.model.week > self._notes[-1].week:
            self._notes.append(self._note())
            while self._notes[1].week <= self.model.week - QUARTER:
                self._notes.popleft()
            self._courses.note()

    def frame(self) -> Frame:
        """What is to be seen of the model now; looking twice in a week gives the same frame twice."""
        self.note()
        if self._notes[-1].week - self.model.world.warm_up > self._frame["week"]:
            self._frame = self._look()
        return self._frame

    def course(self) -> Course:
        """What the plots hold now."""
        self.note()
        return self._courses.now()

    def _note(self) -> _Note:
        ties = self.model.ties
        return _Note(self.model.week, ties.uses.copy(), ties.delivered.copy(), self._pairs.trust(self.model))

    def _look(self) -> Frame:
        model, note, since = self.model, self._notes[-1], self._notes[-2].week
        trust = np.where(self._pairs.idle(model), 0, _as_bytes(note.trust))
        fallen = np.flatnonzero((self._notes[0].trust - note.trust > FALL) & (trust > 0))
        week = model.week - model.world.warm_up
        day = date_of(week, model.settings.clock)
        return {
            "week": week,
            "date": f"{day.day} {day:%B %Y}",
            "load": packed(loads(model), "u2"),
            "threshold": packed(current_thresholds(model), "f4"),
            "gone": packed(self._gone(), "u1"),
            "noticed": packed(self._by_node(Occurrence.NOTICED, since), "u2"),
            "told": packed(self._by_node(Occurrence.SHARED, since), "u2"),
            "trust": packed(trust, "u1"),
            "fallen": packed(fallen, "u2"),
            "flow": packed(self._flow(), "i2"),
            "happened": {
                name: len(model.casework.log.of(what, since).week) for name, what in _HAPPENED.items()
            },
            "verdicts": self._verdicts_since(since - model.world.warm_up),
            "tally": self._tally(),
        }

    def _verdicts_since(self, week: int) -> list[Verdict]:
        """The children caught or missed at deadlines from a week on, from week 0, and who holds files on them."""
        self.verdicts.catch_up()
        table = self.verdicts.table  # in the order of deadlines
        recent = table.iloc[np.searchsorted(table["deadline"].to_numpy(), week) :]
        told = recent[recent["result_13w"].isin(_OPPOSITE)]
        columns = (told[name] for name in ("child", "result_13w", "cause_part"))
        elsewhere = self._elsewhere(told.index)
        return [
            {
                "spell": int(spell),
                "child": int(child),
                "caught": result == "protected",
                "lost": CAUSE_PARTS.get(part, ""),
                "holders": holders(self.model, int(child)),
                "apart": elsewhere.get(spell) == _OPPOSITE[result],
            }
            for spell, child, result, part in zip(told.index, *columns, strict=True)
        ]

    def _elsewhere(self, spells: pd.Index[int]) -> Mapping[int, str]:
        """What the system beside this one has made of some spells, as far as it has judged them."""
        if self._beside is None:
            return {}
        self._beside.catch_up()
        results = self._beside.table["result_13w"]
        return dict(results[results.index.isin(spells)])

    def _tally(self) -> dict[str, int]:
        """How many spells have been judged with each result."""
        counts = self.verdicts.table["result_13w"].value_counts()
        return {result: int(counts.get(result, 0)) for result in RESULTS}

    def _gone(self) -> Bools:
        """Nodes that another has absorbed, shape (n,)."""
        heir = self.model.tables["organisations"]["absorbed_by"]
        gone = np.zeros(len(self.network["names"]), np.bool_)
        gone[: len(heir)] = heir != np.arange(len(heir))
        return gone

    def _by_node(self, what: int, since: int) -> Ints:
        """How often something has happened at each node since week `since`, shape (n,)."""
        return np.bincount(self.model.casework.log.of(what, since).site, minlength=len(self.network["names"]))

    def _flow(self) -> Ints:
        """What has travelled over each tie since the note before: pair, whether backwards, sent, lost; shape (m, 4)."""
        before, now = self._notes[-2], self._notes[-1]
        sent = now.uses - before.uses
        lost = sent - (now.delivered - before.delivered)
        used = np.flatnonzero(sent)
        pair = self._pairs.of_tie[used]
        backwards = self.model.ties.source[used] != self._pairs.a[pair]
        return np.column_stack([pair, backwards, sent[used], lost[used]])
