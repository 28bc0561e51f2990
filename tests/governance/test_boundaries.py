"""Merged organisations take over children, files and ties; where boundaries do not match, messages go astray."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.governance.boards import WEEK, governed
from tests.governance.examples import FROM
from tests.model.authority import changed, model_of, scenario

from cpsim.casework.log import Occurrence
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError

PRACTICES = "agencies.gp.sites_per_10k_children=30"
"""Six practices in the tiny authority."""


def merger(**settings: Any) -> dict[str, Any]:
    return {"date": FROM, "lever": "boundaries", "kind": "gp", "overlap": 1.0, "merge_to": 2, **settings}


@cache
def the_day_before() -> ChildProtectionModel:
    """The tiny authority on the eve of the merger; nobody may step it."""
    model = model_of(scenario(PRACTICES), collect=False)
    while model.week < WEEK:
        model.step()
    return model


def merged(*events: dict[str, Any], weeks: int = 1) -> ChildProtectionModel:
    """The same some weeks on, with the merger on its first day."""
    model = the_day_before().fork(changed(scenario(PRACTICES), timeline=list(events)))
    for _ in range(weeks):
        model.step()
    return model


def drawn(event: dict[str, Any]) -> ChildProtectionModel:
    """The same authority with its boundaries as they are drawn on the day, if nobody had met a child before."""
    model = model_of(changed(scenario(PRACTICES), timeline=[event]), collect=False)
    for week in range(WEEK + 1):
        model.timeline.apply_levers(week)
    return model


def practices(model: ChildProtectionModel) -> list[int]:
    kinds = model.tables["organisations"]["kind"]
    return np.flatnonzero(kinds == model.kinds.index("gp")).tolist()


def lists(model: ChildProtectionModel) -> dict[int, int]:
    """Children on the list of each practice that has any."""
    files = model.casework.files.site.reshape(-1, len(model.kinds))[:, model.kinds.index("gp")]
    site, children = np.unique(files, return_counts=True)
    return dict(zip(site.tolist(), children.tolist(), strict=True))


def files_lost(model: ChildProtectionModel) -> set[int]:
    """Children whose file at a practice got lost on the day of the merger."""
    lost = model.casework.log.select(Occurrence.FILE_LEFT_BEHIND, WEEK)
    moves = model.world.attendance
    movers = moves.file[moves.offsets[WEEK] : moves.offsets[WEEK + 1]] // len(model.kinds)
    return set(lost.child[np.isin(lost.site, practices(model))].tolist()) - set(movers.tolist())


# -- mergers


@pytest.mark.parametrize("left", [1, 2, 4])
def test_as_many_are_left_as_are_to_be_left_and_no_child_is_without_a_practice(left: int) -> None:
    before, after = lists(the_day_before()), lists(merged(merger(merge_to=left)))
    assert len(before) == 6
    assert len(after) == left
    assert sum(after.values()) == sum(before.values())


def test_neighbours_merge_and_the_one_with_most_children_leads() -> None:
    model = merged(merger())
    into = model.tables["organisations"]["absorbed_by"]
    on_list = model.tables["organisations"]["children"]
    for group in (practices(model)[:3], practices(model)[3:]):
        assert set(into[group].tolist()) == {group[int(np.argmax(on_list[group]))]}
    others = np.setdiff1d(np.arange(len(into)), practices(model))
    assert (into[others] == others).all()


def test_whoever_moves_later_comes_to_the_merged_practice_and_never_to_one_that_is_no_more() -> None:
    model = merged(merger(), weeks=60)
    moves = model.world.attendance
    later = moves.site[moves.offsets[WEEK + 1] : moves.offsets[WEEK + 60]]
    assert np.isin(later, [site for site in practices(model) if site not in lists(model)]).any()
    assert len(lists(model)) == 2


def test_who_was_absorbed_before_goes_along_in_the_next_merger() -> None:
    in_steps = merged(merger(merge_to=3), merger(date="2006-04-10", merge_to=1), weeks=3)
    assert len(lists(in_steps)) == 1
    heir = next(iter(lists(in_steps)))
    assert (in_steps.tables["organisations"]["absorbed_by"][practices(in_steps)] == heir).all()


def test_files_get_lost_as_often_as_is_said_and_a_worse_merger_loses_the_same_and_more() -> None:
    none, some, most = (files_lost(merged(merger(file_lost=share))) for share in (0.0, 0.3, 1.0))
    assert not none
    assert none < some < most
    assert len(some) / len(most) == pytest.approx(0.3, abs=0.05)
    evidence = merged(merger(file_lost=1.0)).casework.files.evidence.reshape(-1, len(scenario().kinds))
    gp = scenario().kinds.index("gp")
    assert evidence[sorted(most), gp] == pytest.approx(0)
    assert np.delete(evidence[:, gp], sorted(most)).any(), "files of those who absorb others are safe"


def test_merged_practices_know_whom_those_they_absorbed_knew() -> None:
    before, after = the_day_before(), merged(merger(merge_to=1, file_lost=0.0))
    heir = next(iter(lists(after)))
    nodes = np.arange(len(after.tables["organisations"]))
    known_before = {
        partner
        for practice in practices(before)
        for partner in nodes[before.ties.find(practice, nodes) >= 0].tolist()
    }
    assert set(nodes[after.ties.find(heir, nodes) >= 0].tolist()) == known_before
    assert set(nodes[after.ties.find(nodes, heir) >= 0].tolist()) == known_before


def test_a_merger_makes_and_loses_no_tie_and_no_trust() -> None:
    before, after = drawn(merger(merge_to=None)), drawn(merger(merge_to=1))
    assert len(after.ties) == len(before.ties)
    assert np.array_equal(after.ties.trust, before.ties.trust)


# -- boundaries


def astray(overlap: float) -> set[int]:
    """Practices that go to the wrong door now and then."""
    event = merger(merge_to=None, overlap=overlap, wrong_authority=0.1)
    chance = drawn(event).tables["organisations"]["wrong_authority"]
    assert set(chance.tolist()) <= {0.0, 0.1}
    return set(np.flatnonzero(chance).tolist())


def test_the_more_boundaries_match_the_fewer_go_to_the_wrong_door() -> None:
    assert astray(1.0) == set()
    assert astray(0.8) <= astray(0.4) <= astray(0.0)
    assert astray(0.0) == set(practices(the_day_before()))


def test_new_boundaries_replace_the_old_where_the_old_end() -> None:
    old = {"lever": "boundaries", "kind": "gp", "overlap": 0.0, "wrong_authority": 0.2, "until": FROM}
    chance = governed(old, merger(merge_to=None, overlap=0.0, wrong_authority=0.1)).tables["organisations"]
    assert set(chance["wrong_authority"].tolist()) == {0.0, 0.1}


# -- what makes no sense


@pytest.mark.parametrize(
    ("nonsense", "sentence"),
    [
        ({"kind": "pct", "merge_to": 1}, r"merge_to.*an authority has 1 pct here"),
        ({"merge_to": 6}, r"merge_to.*nothing merges"),
        ({"kind": "gpp"}, r"kind.*did you mean 'gp'"),
        ({"overlap": 1.2}, "overlap"),
    ],
)
def test_boundaries_that_make_no_sense_are_refused(nonsense: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        changed(scenario(PRACTICES), timeline=[merger(**nonsense)])
