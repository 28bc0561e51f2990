"""The network and its frames show what the model's tables contain."""

import numpy as np
import pandas as pd
import pytest
from tests.model.authority import build_model, scenario

from cpsim.casework.log import Occurrence
from cpsim.constants import FRONT_DOOR
from cpsim.live.packing import unpack
from cpsim.live.snapshot import Frame, ModelViewer, count_loads, find_live_files
from cpsim.model import ChildProtectionModel

LATE = 104


@pytest.fixture(scope="module")
def settled() -> ChildProtectionModel:
    model = build_model(scenario())
    while model.week < LATE:
        model.step()
    return model


@pytest.fixture
def model(settled: ChildProtectionModel) -> ChildProtectionModel:
    return settled.fork()


def flow(frame: Frame) -> dict[tuple[int, int], tuple[int, int]]:
    """Messages sent and lost by pair and direction."""
    rows = unpack(frame["flow"], "i2").reshape(-1, 4).tolist()
    return {(pair, backwards): (sent, lost) for pair, backwards, sent, lost in rows}


def test_every_organisation_front_door_and_team_has_its_own_position(model: ChildProtectionModel) -> None:
    net = ModelViewer(model).network
    x, y = unpack(net["x"], "f4"), unpack(net["y"], "f4")
    teams = len(model.tables["teams"]) - model.nodes.front_doors
    assert len(net["names"]) == len(x) == len(y) == len(model.nodes) + teams
    assert net["names"][: len(model.nodes)] == list(model.nodes.names)
    assert len(np.unique(np.column_stack([x, y]).round(3), axis=0)) == len(x)
    assert ((x > 0) & (x < net["width"]) & (y > 0) & (y < net["height"])).all()


def test_the_front_door_is_in_the_middle_and_neighbours_are_close_together() -> None:
    model = ChildProtectionModel("small", seed=1, collect=False, **{"clock.warm_up_years": 1})
    net = ModelViewer(model).network
    place = np.column_stack([unpack(net["x"], "f4"), unpack(net["y"], "f4")])
    kinds = np.array(model.nodes.kinds)
    middle = np.array([net["width"], net["height"]]) / 2
    (front_door,) = np.flatnonzero(kinds == FRONT_DOOR)
    assert place[front_door] == pytest.approx(middle)
    practice = np.flatnonzero(kinds == "gp")[0]
    schools = np.flatnonzero(kinds == "school")
    away = np.hypot(*(place[schools] - place[practice]).T)
    apart = np.abs(model.nodes.area[schools] - int(model.nodes.area[practice]))
    far = apart == apart.max()
    assert apart.max() > 0
    assert away[apart == 0].max() < away[far].min()


def test_an_authority_has_the_same_positions_for_every_seed() -> None:
    one, other = (ModelViewer(ChildProtectionModel(scenario(), seed=seed, collect=False)) for seed in (1, 2))
    assert [one.network[name] for name in ("x", "y", "kind", "names")] == [  # type: ignore[literal-required]
        other.network[name]  # type: ignore[literal-required]
        for name in ("x", "y", "kind", "names")
    ]


def test_size_counts_children_with_live_files_and_open_cases(model: ChildProtectionModel) -> None:
    model.step()
    load = unpack(ModelViewer(model).get_frame()["load"], "u2")
    state = model.casework
    by_hand = np.zeros(len(model.tables["organisations"]), int)
    for file in range(len(state.files.site)):
        age = model.week - model.world.children.birth[file // state.kinds]
        held = state.files.evidence[file] * state.file_fade[state.week - state.files.touched[file]]
        if age < 18 * 52 and held >= model.settings.sharing.live_evidence:
            by_hand[state.files.site[file]] += 1
    assert load[: len(by_hand)].tolist() == by_hand.tolist()
    assert by_hand.sum() == len(find_live_files(model)) > 0
    worker = state.records.worker
    status = state.records.status
    open_now = worker[(worker >= 0) & (status > 0) & (status < 10)]
    assert load[len(model.nodes) :].sum() == len(open_now)


def test_viewing_a_model_does_not_change_it(model: ChildProtectionModel) -> None:
    watched, alone = model.fork(), model.fork()
    viewer = ModelViewer(watched)
    for _ in range(5):
        watched.step()
        viewer.get_frame()
        alone.step()
    assert np.array_equal(watched.casework.files.evidence, alone.casework.files.evidence)
    assert np.array_equal(watched.ties.trust, alone.ties.trust)


def test_every_message_of_the_week_is_a_dot_on_its_senders_tie(model: ChildProtectionModel) -> None:
    viewer = ModelViewer(model)
    model.step()
    rows = flow(viewer.get_frame())
    referrals = viewer.network["referrals"]
    sender = unpack(viewer.network["a"], "u2")
    sent = np.zeros(model.nodes.organisations, int)
    for (pair, _), (number, _) in rows.items():
        if pair < referrals:
            sent[sender[pair]] += number
    senders = model.casework.log.select(Occurrence.SHARED, model.week - 1).site
    assert sent.tolist() == np.bincount(senders, minlength=len(sent)).tolist()
    assert sent.sum() > 0


def test_a_lost_message_is_a_cross_on_its_senders_tie(model: ChildProtectionModel) -> None:
    model.ties.table["delivery"] = 0.0
    viewer = ModelViewer(model)
    model.step()
    rows = flow(viewer.get_frame())
    assert rows
    assert all(lost == sent for sent, lost in rows.values())
    lost = model.casework.log.select(Occurrence.LOST, model.week - 1).site
    referrals = {pair: numbers for (pair, _), numbers in rows.items() if pair < viewer.network["referrals"]}
    sender = unpack(viewer.network["a"], "u2")
    assert sorted(np.repeat([sender[pair] for pair in referrals], [n for _, n in referrals.values()])) == (
        sorted(lost.tolist())
    )


def test_a_tie_shows_its_trust_and_disappears_after_a_year_without_use(
    model: ChildProtectionModel,
) -> None:
    viewer = ModelViewer(model)
    model.step()
    model.ties.table["trust"] = 0.2
    ties, net = model.ties, viewer.network
    drawn = unpack(viewer.get_frame()["trust"], "u1")
    a, b = unpack(net["a"], "u2"), unpack(net["b"], "u2")
    for pair in range(len(drawn)):
        here = np.isin(ties.source, [a[pair], b[pair]]) & np.isin(ties.target, [a[pair], b[pair]])
        used = (ties.last_use[here] >= model.week - 52).any()
        assert drawn[pair] == (51 if used else 0)
    assert 0 < np.count_nonzero(drawn) < len(drawn)


def test_a_monthly_frame_shows_all_weeks_or_only_the_last_recorded_one(
    model: ChildProtectionModel,
) -> None:
    weekly, monthly, recorded = (ModelViewer(model.fork()) for _ in range(3))
    seen = []
    for _ in range(4):
        for viewer in (weekly, monthly, recorded):
            viewer.model.step()
        recorded.record_week()
        seen.append(weekly.get_frame()["events"])
    assert monthly.get_frame()["events"] == {name: sum(week[name] for week in seen) for name in seen[0]}
    assert recorded.get_frame()["events"] == seen[-1]
    assert recorded.get_frame()["flow"] == weekly.get_frame()["flow"]


def test_a_tie_is_weakened_if_its_trust_has_fallen_within_a_quarter(
    model: ChildProtectionModel,
) -> None:
    viewer = ModelViewer(model)
    referrals = np.arange(viewer.network["referrals"])
    used = unpack(viewer.get_frame()["trust"], "u1")[referrals] > 0
    model.step()
    assert len(unpack(viewer.get_frame()["fallen"], "u2")) < 5
    model.ties.table["trust"] *= 0.5
    model.step()
    fallen = unpack(viewer.get_frame()["fallen"], "u2")
    assert set(referrals[used]) - set(fallen) == set()
    for _ in range(14):
        model.step()
        viewer.record_week()
    assert len(unpack(viewer.get_frame()["fallen"], "u2")) < 5


def test_the_children_of_the_week_are_marked_at_the_agencies_with_files_on_them(
    model: ChildProtectionModel,
) -> None:
    viewer = ModelViewer(model)
    marked = []
    for _ in range(30):
        model.step()
        viewer.record_week()
        frame = viewer.get_frame()
        for verdict in frame["verdicts"]:
            held = find_live_files(model)
            held = held[held // model.casework.kinds == verdict["child"]]
            assert verdict["holders"] == model.casework.files.site[held].tolist()
            assert verdict["protected"] == (verdict["stopped_at"] == "")
        marked += frame["verdicts"]
    tally = viewer.get_frame()["tally"]
    before = ModelViewer(model.fork()).verdicts.table
    before = before[before["deadline"] < LATE - model.world.warm_up]["result"].value_counts()
    assert sum(verdict["protected"] for verdict in marked) == tally["protected"] - before.get("protected", 0)
    assert sum(not verdict["protected"] for verdict in marked) == tally["missed"] - before["missed"] > 0


def test_two_systems_under_the_same_rules_never_differ(model: ChildProtectionModel) -> None:
    left = ModelViewer(model)
    right = ModelViewer(model.fork(), other=left)
    for _ in range(20):
        left.model.step()
        right.model.step()
        assert left.get_frame() == right.get_frame()
        assert left.get_series() == right.get_series()
        assert not any(verdict["differs"] for verdict in left.get_frame()["verdicts"])


def test_a_child_protected_on_one_side_and_missed_on_the_other_is_marked_on_both(
    model: ChildProtectionModel,
) -> None:
    left = ModelViewer(model)
    right = ModelViewer(model.fork(), other=left)
    right.model.tables["organisations"]["share_threshold_shift"] -= 3.0
    differing: dict[bool, set[int]] = {True: set(), False: set()}
    for _ in range(60):
        for viewer in (left, right):
            viewer.model.step()
        for side, viewer in ((True, left), (False, right)):
            differing[side] |= {
                verdict["spell"] for verdict in viewer.get_frame()["verdicts"] if verdict["differs"]
            }
    tables = (left.verdicts.table["result"], right.verdicts.table["result"])
    fates = pd.concat(tables, axis=1, join="inner", keys=["left", "right"])
    differ = fates[fates.isin(["protected", "missed"]).all(axis=1) & (fates["left"] != fates["right"])]
    assert differing[True] | differing[False] == set(differ.index)
    assert differing[True]


def test_only_an_absorbed_organisation_is_shown_as_absorbed(
    model: ChildProtectionModel,
) -> None:
    model.tables["organisations"]["absorbed_by"][3] = 2
    assert np.flatnonzero(unpack(ModelViewer(model).get_frame()["absorbed"], "u1")).tolist() == [3]


def test_a_second_frame_in_the_same_week_is_the_same_object(model: ChildProtectionModel) -> None:
    viewer = ModelViewer(model)
    model.step()
    assert viewer.get_frame() is viewer.get_frame()


def test_a_kind_of_agency_that_a_scenario_adds_is_drawn_as_a_star() -> None:
    model = ChildProtectionModel(
        "small", seed=1, collect=False, **{"agencies.youth_justice.sites_per_10k_children": 2}
    )
    net = ModelViewer(model).network
    outlines = {style["label"]: style["outline"] for style in net["kinds"]}
    assert len(outlines["Youth justice"]) == 10
    assert len(count_loads(model)) == len(net["names"])
