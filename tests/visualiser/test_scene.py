"""What a picture of the network holds is what the model's tables hold."""

import numpy as np
import pandas as pd
import pytest
from tests.model.authority import model_of, scenario

from cpsim.casework.log import Occurrence
from cpsim.constants import FRONT_DOOR
from cpsim.model import ChildProtectionModel
from cpsim.visualiser.packing import unpacked
from cpsim.visualiser.scene import Frame, Onlooker, live_files, loads

LATE = 104


@pytest.fixture(scope="module")
def settled() -> ChildProtectionModel:
    model = model_of(scenario())
    while model.week < LATE:
        model.step()
    return model


@pytest.fixture
def model(settled: ChildProtectionModel) -> ChildProtectionModel:
    return settled.fork()


def flow(frame: Frame) -> dict[tuple[int, int], tuple[int, int]]:
    """Messages sent and lost by pair and direction."""
    rows = unpacked(frame["flow"], "i2").reshape(-1, 4).tolist()
    return {(pair, backwards): (sent, lost) for pair, backwards, sent, lost in rows}


def test_every_organisation_front_door_and_team_has_one_place_of_its_own(model: ChildProtectionModel) -> None:
    net = Onlooker(model).network
    x, y = unpacked(net["x"], "f4"), unpacked(net["y"], "f4")
    teams = len(model.tables["teams"]) - model.nodes.front_doors
    assert len(net["names"]) == len(x) == len(y) == len(model.nodes) + teams
    assert net["names"][: len(model.nodes)] == list(model.nodes.names)
    assert len(np.unique(np.column_stack([x, y]).round(3), axis=0)) == len(x)
    assert ((x > 0) & (x < net["width"]) & (y > 0) & (y < net["height"])).all()


def test_the_front_door_stands_in_the_middle_and_neighbours_stand_together() -> None:
    model = ChildProtectionModel("small", collect=False, **{"clock.warm_up_years": 1})
    net = Onlooker(model).network
    place = np.column_stack([unpacked(net["x"], "f4"), unpacked(net["y"], "f4")])
    kinds = np.array(model.nodes.kinds)
    middle = np.array([net["width"], net["height"]]) / 2
    (door,) = np.flatnonzero(kinds == FRONT_DOOR)
    assert place[door] == pytest.approx(middle)
    practice = np.flatnonzero(kinds == "gp")[0]
    schools = np.flatnonzero(kinds == "school")
    away = np.hypot(*(place[schools] - place[practice]).T)
    apart = np.abs(model.nodes.area[schools] - int(model.nodes.area[practice]))
    assert away[apart == 0].max() < away[apart == 3].min()


def test_the_same_authority_is_drawn_in_the_same_way_for_every_seed() -> None:
    one, other = (Onlooker(ChildProtectionModel(scenario(), seed=seed, collect=False)) for seed in (1, 2))
    assert [one.network[name] for name in ("x", "y", "kind", "names")] == [  # type: ignore[literal-required]
        other.network[name]  # type: ignore[literal-required]
        for name in ("x", "y", "kind", "names")
    ]


def test_size_counts_children_with_live_files_and_open_cases(model: ChildProtectionModel) -> None:
    model.step()
    load = unpacked(Onlooker(model).frame()["load"], "u2")
    state = model.casework
    by_hand = np.zeros(len(model.tables["organisations"]), int)
    for file in range(len(state.files.site)):
        age = model.week - model.world.children.birth[file // state.kinds]
        held = state.files.evidence[file] * state.file_fade[state.week - state.files.touched[file]]
        if age < 18 * 52 and held >= model.settings.sharing.live_evidence:
            by_hand[state.files.site[file]] += 1
    assert load[: len(by_hand)].tolist() == by_hand.tolist()
    assert by_hand.sum() == len(live_files(model)) > 0
    worker = state.records.worker
    status = state.records.status
    open_now = worker[(worker >= 0) & (status > 0) & (status < 10)]
    assert load[len(model.nodes) :].sum() == len(open_now)


def test_looking_at_a_model_changes_nothing(model: ChildProtectionModel) -> None:
    watched, alone = model.fork(), model.fork()
    onlooker = Onlooker(watched)
    for _ in range(5):
        watched.step()
        onlooker.frame()
        alone.step()
    assert np.array_equal(watched.casework.files.evidence, alone.casework.files.evidence)
    assert np.array_equal(watched.ties.trust, alone.ties.trust)


def test_every_message_of_the_week_is_a_pulse_on_its_senders_tie(model: ChildProtectionModel) -> None:
    onlooker = Onlooker(model)
    model.step()
    rows = flow(onlooker.frame())
    referrals = onlooker.network["referrals"]
    sender = unpacked(onlooker.network["a"], "u2")
    sent = np.zeros(model.nodes.organisations, int)
    for (pair, _), (number, _) in rows.items():
        if pair < referrals:
            sent[sender[pair]] += number
    told = model.casework.log.of(Occurrence.SHARED, model.week - 1).site
    assert sent.tolist() == np.bincount(told, minlength=len(sent)).tolist()
    assert sent.sum() > 0


def test_a_lost_message_has_its_cross_at_its_senders_tie(model: ChildProtectionModel) -> None:
    model.ties.table["delivery"] = 0.0
    onlooker = Onlooker(model)
    model.step()
    rows = flow(onlooker.frame())
    assert rows
    assert all(lost == sent for sent, lost in rows.values())
    lost = model.casework.log.of(Occurrence.LOST, model.week - 1).site
    referrals = {pair: numbers for (pair, _), numbers in rows.items() if pair < onlooker.network["referrals"]}
    sender = unpacked(onlooker.network["a"], "u2")
    assert sorted(np.repeat([sender[pair] for pair in referrals], [n for _, n in referrals.values()])) == (
        sorted(lost.tolist())
    )


def test_a_tie_is_drawn_as_wide_as_the_trust_in_it_and_not_at_all_after_a_year_of_silence(
    model: ChildProtectionModel,
) -> None:
    onlooker = Onlooker(model)
    model.step()
    model.ties.table["trust"] = 0.2
    ties, net = model.ties, onlooker.network
    drawn = unpacked(onlooker.frame()["trust"], "u1")
    a, b = unpacked(net["a"], "u2"), unpacked(net["b"], "u2")
    for pair in range(len(drawn)):
        here = np.isin(ties.source, [a[pair], b[pair]]) & np.isin(ties.target, [a[pair], b[pair]])
        used = (ties.last_use[here] >= model.week - 52).any()
        assert drawn[pair] == (51 if used else 0)
    assert 0 < np.count_nonzero(drawn) < len(drawn)


def test_a_picture_seen_once_a_month_tells_of_every_week_or_of_the_last_that_was_noted(
    model: ChildProtectionModel,
) -> None:
    weekly, monthly, noted = (Onlooker(model.fork()) for _ in range(3))
    seen = []
    for _ in range(4):
        for onlooker in (weekly, monthly, noted):
            onlooker.model.step()
        noted.note()
        seen.append(weekly.frame()["happened"])
    assert monthly.frame()["happened"] == {name: sum(week[name] for week in seen) for name in seen[0]}
    assert noted.frame()["happened"] == seen[-1]
    assert noted.frame()["flow"] == weekly.frame()["flow"]


def test_a_tie_counts_as_broken_when_its_trust_has_fallen_within_a_quarter(
    model: ChildProtectionModel,
) -> None:
    onlooker = Onlooker(model)
    referrals = np.arange(onlooker.network["referrals"])
    used = unpacked(onlooker.frame()["trust"], "u1")[referrals] > 0
    model.step()
    assert len(unpacked(onlooker.frame()["fallen"], "u2")) < 5
    model.ties.table["trust"] *= 0.5
    model.step()
    fallen = unpacked(onlooker.frame()["fallen"], "u2")
    assert set(referrals[used]) - set(fallen) == set()
    for _ in range(14):
        model.step()
        onlooker.note()
    assert len(unpacked(onlooker.frame()["fallen"], "u2")) < 5


def test_the_children_of_the_week_are_marked_at_those_who_hold_their_files(
    model: ChildProtectionModel,
) -> None:
    onlooker = Onlooker(model)
    marked = []
    for _ in range(30):
        model.step()
        onlooker.note()
        frame = onlooker.frame()
        for verdict in frame["verdicts"]:
            held = live_files(model)
            held = held[held // model.casework.kinds == verdict["child"]]
            assert verdict["holders"] == model.casework.files.site[held].tolist()
            assert verdict["caught"] == (verdict["lost"] == "")
        marked += frame["verdicts"]
    tally = onlooker.frame()["tally"]
    before = Onlooker(model.fork()).verdicts.table
    before = before[before["deadline"] < LATE - model.world.warm_up]["result_13w"].value_counts()
    assert sum(verdict["caught"] for verdict in marked) == tally["protected"] - before.get("protected", 0)
    assert sum(not verdict["caught"] for verdict in marked) == tally["missed"] - before["missed"] > 0


def test_two_systems_under_the_same_rules_never_come_apart(model: ChildProtectionModel) -> None:
    left = Onlooker(model)
    right = Onlooker(model.fork(), beside=left)
    for _ in range(20):
        left.model.step()
        right.model.step()
        assert left.frame() == right.frame()
        assert left.course() == right.course()
        assert not any(verdict["apart"] for verdict in left.frame()["verdicts"])


def test_a_child_caught_here_and_missed_there_is_marked_on_both_sides(model: ChildProtectionModel) -> None:
    left = Onlooker(model)
    right = Onlooker(model.fork(), beside=left)
    right.model.tables["organisations"]["share_threshold_shift"] -= 3.0
    apart: dict[bool, set[int]] = {True: set(), False: set()}
    for _ in range(60):
        for onlooker in (left, right):
            onlooker.model.step()
        for side, onlooker in ((True, left), (False, right)):
            apart[side] |= {verdict["spell"] for verdict in onlooker.frame()["verdicts"] if verdict["apart"]}
    tables = (left.verdicts.table["result_13w"], right.verdicts.table["result_13w"])
    fates = pd.concat(tables, axis=1, join="inner", keys=["left", "right"])
    differ = fates[fates.isin(["protected", "missed"]).all(axis=1) & (fates["left"] != fates["right"])]
    assert apart[True] | apart[False] == set(differ.index)
    assert apart[True]


def test_an_organisation_that_another_has_absorbed_is_gone_and_nobody_else_is(
    model: ChildProtectionModel,
) -> None:
    model.tables["organisations"]["absorbed_by"][3] = 2
    assert np.flatnonzero(unpacked(Onlooker(model).frame()["gone"], "u1")).tolist() == [3]


def test_looking_twice_in_a_week_shows_the_same(model: ChildProtectionModel) -> None:
    onlooker = Onlooker(model)
    model.step()
    assert onlooker.frame() is onlooker.frame()


def test_a_kind_of_agency_that_a_scenario_adds_is_drawn_as_a_star() -> None:
    model = ChildProtectionModel(
        "small", collect=False, **{"agencies.youth_justice.sites_per_10k_children": 2}
    )
    net = Onlooker(model).network
    outlines = {style["label"]: style["outline"] for style in net["kinds"]}
    assert len(outlines["Youth justice"]) == 10
    assert len(loads(model)) == len(net["names"])
