"""What the panel of a node tells is what the model's tables and log hold."""

import numpy as np
import pytest
from tests.model.authority import model_of, scenario

from cpsim.casework.log import Occurrence
from cpsim.model import ChildProtectionModel
from cpsim.visualiser.organisation import About, about
from cpsim.visualiser.scene import Onlooker, loads

LATE = 130


@pytest.fixture(scope="module")
def onlooker() -> Onlooker:
    model = model_of(scenario())
    while model.week < LATE - 20:
        model.step()
    watched = Onlooker(model)
    while model.week < LATE:
        model.step()
        watched.note()
    return watched


def node_of(model: ChildProtectionModel, kind: str) -> int:
    return model.nodes.kinds.index(kind)


def stages(told: About) -> dict[str, int]:
    return {stage["label"]: stage["count"] for stage in told["stages"]}


def test_a_school_tells_how_many_files_it_holds_and_what_became_of_its_concerns(onlooker: Onlooker) -> None:
    model = onlooker.model
    school = node_of(model, "school")
    told = about(onlooker, school)
    assert (told["title"], told["kind"]) == ("School 1", "School")
    assert told["facts"][0] == {"label": "children with a live file", "value": str(loads(model)[school])}
    log = model.casework.log
    for label, what in (("noticed", Occurrence.NOTICED), ("told social care", Occurrence.SHARED)):
        assert stages(told)[label] == np.count_nonzero(log.of(what, LATE - 52).site == school)
    assert stages(told)["noticed"] >= stages(told)["written down"] > 0


def test_what_a_practice_noticed_and_did_not_tell_is_counted_and_the_latest_are_named(
    onlooker: Onlooker,
) -> None:
    model = onlooker.model
    practice = node_of(model, "gp")
    told = about(onlooker, practice)
    assert told["kept_back"] == stages(told)["noticed"] - stages(told)["told social care"] > 0
    noticed = model.casework.log.of(Occurrence.NOTICED, LATE - 52)
    latest = noticed.child[noticed.site == practice]
    assert {kept["child"] for kept in told["latest"]} <= set(latest.tolist())
    assert all(kept["why"] for kept in told["latest"])


def test_a_threshold_stands_beside_that_of_the_opening(onlooker: Onlooker) -> None:
    forked = onlooker.model.fork()
    watched = Onlooker(forked)
    school = node_of(forked, "school")
    forked.tables["organisations"]["share_threshold_shift"] -= 0.5
    told = about(watched, school)
    assert told["threshold"] is not None
    assert told["opening_threshold"] is not None
    assert told["threshold"] == pytest.approx(told["opening_threshold"] - 0.5)


def test_the_ties_that_are_used_most_come_first_with_their_trust(onlooker: Onlooker) -> None:
    model = onlooker.model
    police = node_of(model, "police")
    told = about(onlooker, police)
    uses = [tie["uses"] for tie in told["ties"]]
    assert uses == sorted(uses, reverse=True)
    front_door = model.nodes.organisations
    to_the_door = next(tie for tie in told["ties"] if tie["node"] == front_door)
    row = model.ties.find(police, front_door)
    assert to_the_door["trust"] == pytest.approx(model.ties.trust[row], abs=0.001)
    assert to_the_door["lost"] == model.ties.uses[row] - model.ties.delivered[row]


def test_the_front_door_tells_of_those_who_wait_and_of_what_it_accepts(onlooker: Onlooker) -> None:
    model = onlooker.model
    told = about(onlooker, model.nodes.organisations)
    assert told["title"] == "Front door"
    assert told["facts"][0]["value"] == str(len(model.casework.waiting_initial))
    referred = len(model.casework.log.of(Occurrence.REFERRED, LATE - 52).week)
    assert stages(told)["accepted as a referral"] == referred > 0
    assert told["threshold"] is not None
    assert told["kept_back"] == 0


def test_a_team_tells_its_open_cases_and_its_people(onlooker: Onlooker) -> None:
    model = onlooker.model
    team = len(model.nodes)
    told = about(onlooker, team)
    facts = {fact["label"]: fact["value"] for fact in told["facts"]}
    row = int(np.flatnonzero(model.tables["teams"]["role"] == 1)[0])
    workers = model.tables["workers"]
    assert facts["social workers"] == str(np.count_nonzero(workers["employed"] & (workers["team"] == row)))
    assert told["threshold"] is None
    assert told["stages"] == told["ties"] == []


def test_every_node_has_a_panel(onlooker: Onlooker) -> None:
    titles = [about(onlooker, node)["title"] for node in range(len(onlooker.network["names"]))]
    assert titles == onlooker.network["titles"]
    assert len(set(titles)) == len(titles)
    with pytest.raises(IndexError):
        about(onlooker, len(titles))
