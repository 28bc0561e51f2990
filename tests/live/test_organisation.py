"""The panel of a node shows what the model's tables and log contain."""

import numpy as np
import pytest
from tests.model.authority import build_model, scenario

from cpsim.casework.log import Occurrence
from cpsim.live.organisation import PanelContent, describe_node
from cpsim.live.snapshot import ModelViewer, count_loads
from cpsim.model import ChildProtectionModel

LATE = 130


@pytest.fixture(scope="module")
def viewer() -> ModelViewer:
    model = build_model(scenario())
    while model.week < LATE - 20:
        model.step()
    result = ModelViewer(model)
    while model.week < LATE:
        model.step()
        result.record_week()
    return result


def find_node(model: ChildProtectionModel, kind: str) -> int:
    return model.nodes.kinds.index(kind)


def count_stages(content: PanelContent) -> dict[str, int]:
    return {stage["label"]: stage["count"] for stage in content["stages"]}


def test_a_school_shows_its_files_and_the_stages_of_its_concerns(viewer: ModelViewer) -> None:
    model = viewer.model
    school = find_node(model, "school")
    content = describe_node(viewer, school)
    assert (content["title"], content["kind"]) == ("School 1", "School")
    assert content["facts"][0] == {
        "label": "children with a live file",
        "value": str(count_loads(model)[school]),
    }
    log = model.casework.log
    for label, what in (("noticed", Occurrence.NOTICED), ("shared with social care", Occurrence.SHARED)):
        assert count_stages(content)[label] == np.count_nonzero(log.select(what, LATE - 52).site == school)
    assert count_stages(content)["noticed"] >= count_stages(content)["recorded"] > 0


def test_signs_that_a_practice_did_not_share_are_counted_and_the_latest_listed(
    viewer: ModelViewer,
) -> None:
    model = viewer.model
    practice = find_node(model, "gp")
    content = describe_node(viewer, practice)
    assert (
        content["unshared"]
        == count_stages(content)["noticed"] - count_stages(content)["shared with social care"]
        > 0
    )
    noticed = model.casework.log.select(Occurrence.NOTICED, LATE - 52)
    latest = noticed.child[noticed.site == practice]
    assert {sign["child"] for sign in content["latest"]} <= set(latest.tolist())
    assert all(sign["reason"] for sign in content["latest"])


def test_a_threshold_is_shown_with_that_of_the_opening(viewer: ModelViewer) -> None:
    forked = viewer.model.fork()
    forked_viewer = ModelViewer(forked)
    school = find_node(forked, "school")
    forked.tables["organisations"]["share_threshold_shift"] -= 0.5
    content = describe_node(forked_viewer, school)
    assert content["threshold"] is not None
    assert content["opening_threshold"] is not None
    assert content["threshold"] == pytest.approx(content["opening_threshold"] - 0.5)


def test_the_most_used_ties_come_first_with_their_trust(viewer: ModelViewer) -> None:
    model = viewer.model
    police = find_node(model, "police")
    content = describe_node(viewer, police)
    uses = [tie["uses"] for tie in content["ties"]]
    assert uses == sorted(uses, reverse=True)
    front_door = model.nodes.organisations
    to_front_door = next(tie for tie in content["ties"] if tie["node"] == front_door)
    row = model.ties.find(police, front_door)
    assert to_front_door["trust"] == pytest.approx(model.ties.trust[row], abs=0.001)
    assert to_front_door["lost"] == model.ties.uses[row] - model.ties.delivered[row]


def test_the_front_door_shows_who_waits_and_what_it_accepts(viewer: ModelViewer) -> None:
    model = viewer.model
    content = describe_node(viewer, model.nodes.organisations)
    assert content["title"] == "Front door"
    assert content["facts"][0]["value"] == str(len(model.casework.waiting_initial))
    referred = len(model.casework.log.select(Occurrence.REFERRED, LATE - 52).week)
    assert count_stages(content)["accepted as a referral"] == referred > 0
    assert content["threshold"] is not None
    assert content["unshared"] == 0


def test_a_team_shows_its_open_cases_and_its_social_workers(viewer: ModelViewer) -> None:
    model = viewer.model
    team = len(model.nodes)
    content = describe_node(viewer, team)
    facts = [f"{fact['value']} {fact['label']}" for fact in content["facts"]]
    row = int(np.flatnonzero(model.tables["teams"]["role"] == 1)[0])
    workers = model.tables["workers"]
    people = int(np.count_nonzero(workers["employed"] & (workers["team"] == row)))
    assert people == 1, "a small team, in which the noun must be in the singular"
    assert "1 social worker" in facts
    assert content["threshold"] is None
    assert content["stages"] == content["ties"] == []


def test_every_node_has_a_panel(viewer: ModelViewer) -> None:
    titles = [describe_node(viewer, node)["title"] for node in range(len(viewer.network["names"]))]
    assert titles == viewer.network["titles"]
    assert len(set(titles)) == len(titles)
    with pytest.raises(IndexError):
        describe_node(viewer, len(titles))
