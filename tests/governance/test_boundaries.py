"""Merged organisations take over children, files and ties; mismatched boundaries misdirect messages."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.governance.examples import FROM
from tests.governance.lever_models import WEEK, apply_events
from tests.model.authority import build_model, replace_sections, scenario

from cpsim.casework.log import Occurrence
from cpsim.model import ChildProtectionModel
from cpsim.scenario.problems import ScenarioError

PRACTICES = "agencies.gp.sites_per_10k_children=30"
"""Six practices in the tiny authority."""


def merger(**settings: Any) -> dict[str, Any]:
    return {"date": FROM, "lever": "boundaries", "kind": "gp", "overlap": 1.0, "merge_to": 2, **settings}


@cache
def model_before_merger() -> ChildProtectionModel:
    """Return the tiny authority just before the merger; it is cached, so tests must fork it and not step it."""
    model = build_model(scenario(PRACTICES), collect=False)
    while model.week < WEEK:
        model.step()
    return model


def run_merger(*events: dict[str, Any], weeks: int = 1) -> ChildProtectionModel:
    """Return the tiny authority some weeks later, with the merger in the first of them."""
    model = model_before_merger().fork(replace_sections(scenario(PRACTICES), timeline=list(events)))
    for _ in range(weeks):
        model.step()
    return model


def set_boundaries(event: dict[str, Any]) -> ChildProtectionModel:
    """Return the tiny authority after a boundary change, without any casework before it."""
    model = build_model(replace_sections(scenario(PRACTICES), timeline=[event]), collect=False)
    for week in range(WEEK + 1):
        model.timeline.apply_levers(week)
    return model


def list_practices(model: ChildProtectionModel) -> list[int]:
    kinds = model.tables["organisations"]["kind"]
    return np.flatnonzero(kinds == model.kinds.index("gp")).tolist()


def count_children_by_practice(model: ChildProtectionModel) -> dict[int, int]:
    """Return the number of children on the list of each practice that has any."""
    files = model.casework.files.site.reshape(-1, len(model.kinds))[:, model.kinds.index("gp")]
    site, children = np.unique(files, return_counts=True)
    return dict(zip(site.tolist(), children.tolist(), strict=True))


def find_lost_files(model: ChildProtectionModel) -> set[int]:
    """Return the children whose file at a practice was lost in the week of the merger."""
    lost = model.casework.log.select(Occurrence.FILE_LEFT_BEHIND, WEEK)
    moves = model.world.attendance
    movers = moves.file[moves.offsets[WEEK] : moves.offsets[WEEK + 1]] // len(model.kinds)
    return set(lost.child[np.isin(lost.site, list_practices(model))].tolist()) - set(movers.tolist())


# -- mergers


@pytest.mark.parametrize("left", [1, 2, 4])
def test_the_given_number_of_practices_remains_and_every_child_has_a_practice(left: int) -> None:
    before, after = (
        count_children_by_practice(model_before_merger()),
        count_children_by_practice(run_merger(merger(merge_to=left))),
    )
    assert len(before) == 6
    assert len(after) == left
    assert sum(after.values()) == sum(before.values())


def test_neighbours_merge_into_the_practice_with_the_most_children() -> None:
    model = run_merger(merger())
    into = model.tables["organisations"]["absorbed_by"]
    on_list = model.tables["organisations"]["children"]
    for group in (list_practices(model)[:3], list_practices(model)[3:]):
        assert set(into[group].tolist()) == {group[int(np.argmax(on_list[group]))]}
    others = np.setdiff1d(np.arange(len(into)), list_practices(model))
    assert (into[others] == others).all()


def test_children_who_move_later_join_the_merged_practice_and_never_a_closed_one() -> None:
    model = run_merger(merger(), weeks=60)
    moves = model.world.attendance
    later = moves.site[moves.offsets[WEEK + 1] : moves.offsets[WEEK + 60]]
    assert np.isin(
        later, [site for site in list_practices(model) if site not in count_children_by_practice(model)]
    ).any()
    assert len(count_children_by_practice(model)) == 2


def test_a_second_merger_includes_the_practices_absorbed_in_the_first() -> None:
    in_steps = run_merger(merger(merge_to=3), merger(date="2006-04-10", merge_to=1), weeks=3)
    assert len(count_children_by_practice(in_steps)) == 1
    successor = next(iter(count_children_by_practice(in_steps)))
    assert (in_steps.tables["organisations"]["absorbed_by"][list_practices(in_steps)] == successor).all()


def test_the_given_share_of_files_is_lost_and_a_larger_share_includes_a_smaller_one() -> None:
    none, some, most = (find_lost_files(run_merger(merger(file_lost=share))) for share in (0.0, 0.3, 1.0))
    assert not none
    assert none < some < most
    assert len(some) / len(most) == pytest.approx(0.3, abs=0.05)
    model = run_merger(merger(file_lost=1.0))
    evidence = model.casework.files.evidence.reshape(-1, len(scenario().kinds))
    gp = scenario().kinds.index("gp")
    recorded = set(model.casework.log.select(Occurrence.RECORDED, WEEK).child.tolist())
    assert evidence[sorted(most - recorded), gp] == pytest.approx(0)
    assert np.delete(evidence[:, gp], sorted(most)).any(), "the files of the successor practices are not lost"


def test_a_merged_practice_has_the_ties_of_the_practices_that_it_absorbed() -> None:
    before, after = model_before_merger(), run_merger(merger(merge_to=1, file_lost=0.0))
    successor = next(iter(count_children_by_practice(after)))
    nodes = np.arange(len(after.tables["organisations"]))
    known_before = {
        partner
        for practice in list_practices(before)
        for partner in nodes[before.ties.find(practice, nodes) >= 0].tolist()
    }
    assert set(nodes[after.ties.find(successor, nodes) >= 0].tolist()) == known_before
    assert set(nodes[after.ties.find(nodes, successor) >= 0].tolist()) == known_before


def test_a_merger_changes_neither_the_number_of_ties_nor_trust() -> None:
    before, after = set_boundaries(merger(merge_to=None)), set_boundaries(merger(merge_to=1))
    assert len(after.ties) == len(before.ties)
    assert np.array_equal(after.ties.trust, before.ties.trust)


# -- boundaries


def find_misdirecting_practices(overlap: float) -> set[int]:
    """Return the practices that sometimes send a message to the wrong authority."""
    event = merger(merge_to=None, overlap=overlap, wrong_authority=0.1)
    chance = set_boundaries(event).tables["organisations"]["wrong_authority"]
    assert set(chance.tolist()) <= {0.0, 0.1}
    return set(np.flatnonzero(chance).tolist())


def test_fewer_practices_misdirect_messages_if_more_boundaries_match() -> None:
    assert find_misdirecting_practices(1.0) == set()
    assert (
        find_misdirecting_practices(0.8)
        <= find_misdirecting_practices(0.4)
        <= find_misdirecting_practices(0.0)
    )
    assert find_misdirecting_practices(0.0) == set(list_practices(model_before_merger()))


def test_new_boundaries_replace_old_ones_that_end() -> None:
    old = {"lever": "boundaries", "kind": "gp", "overlap": 0.0, "wrong_authority": 0.2, "until": FROM}
    chance = apply_events(old, merger(merge_to=None, overlap=0.0, wrong_authority=0.1)).tables[
        "organisations"
    ]
    assert set(chance["wrong_authority"].tolist()) == {0.0, 0.1}


# -- invalid settings


@pytest.mark.parametrize(
    ("nonsense", "sentence"),
    [
        ({"kind": "pct", "merge_to": 1}, r"merge_to.*an authority has 1 pct"),
        ({"merge_to": 6}, r"merge_to.*nothing would merge"),
        ({"kind": "gpp"}, r"kind.*did you mean 'gp'"),
        ({"overlap": 1.2}, "overlap"),
    ],
)
def test_invalid_boundaries_are_refused(nonsense: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        replace_sections(scenario(PRACTICES), timeline=[merger(**nonsense)])
