"""A child's story: found by a stated rule, told as it happened, the same under the same scenario."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.model.authority import assert_same, changed, finished, model_of, run_of, scenario
from tests.study.stories import alone, deaf, harsh, past, told

import cpsim
from cpsim.casework.log import OCCURRENCES
from cpsim.model import ChildProtectionModel
from cpsim.results import CAUSE_PARTS, RunResult
from cpsim.study.finding import find
from cpsim.study.story import CannotTell, stories_of, story
from cpsim.study.witness import Witness

GOLDEN = Path(__file__).with_name("golden_story.json")


@pytest.fixture
def model() -> ChildProtectionModel:
    """The tiny authority with much harm, before its first week."""
    return model_of(harsh())


def witnessed(model: ChildProtectionModel, *children: int) -> Witness:
    witness = Witness(model, *children)
    while model.running:
        model.step()
    return witness


@pytest.fixture(scope="module")
def watched() -> Witness:
    """Somebody who watches children who come to harm, from the first week to the last."""
    model = model_of(scenario("conference.plan_threshold=1.5"))
    return witnessed(model, *np.unique(model.world.spells.child[model.world.spells.harm]).tolist())


# The witness.


def test_a_witness_changes_nothing(model: ChildProtectionModel) -> None:
    Witness(model, *range(300, 400))
    assert_same(finished(model), run_of(harsh()))


def test_a_fork_takes_its_witness_along(model: ChildProtectionModel) -> None:
    for _ in range(20):
        model.step()
    Witness(model, 300)
    assert_same(finished(model.fork()), run_of(harsh()))


def test_where_everybody_attends_no_sign_is_passed_by() -> None:
    kinds = {kind: {"attention": 1.0} for kind in ("school", "gp", "pct", "hospital", "police", "community")}
    attentive = model_of(changed(harsh(), agencies=_laid_over(kinds)))
    assert not witnessed(attentive, *range(900, 1400)).passed_by


def _laid_over(kinds: dict[str, dict[str, float]]) -> dict[str, object]:
    ours = harsh().model_dump(mode="python")["agencies"]
    return {kind: {**settings, **kinds.get(kind, {})} for kind, settings in ours.items()}


def test_who_passes_a_sign_by_has_not_noticed_it_and_some_are_passed_by(watched: Witness) -> None:
    noticed = watched.model.casework.log.of(OCCURRENCES.index("noticed"))
    seen = set(zip(noticed.week.tolist(), noticed.child.tolist(), noticed.site.tolist(), strict=True))
    passed = {(sign.week, sign.child, sign.site) for sign in watched.passed_by}
    assert passed
    assert not passed & seen


@pytest.mark.parametrize(
    ("judgement", "follows"),
    [("telling", "shared"), ("screening", "referred"), ("conference", "plan_started")],
)
def test_what_follows_a_judgement_is_what_its_bar_says(
    watched: Witness, judgement: str, follows: str
) -> None:
    events = watched.model.casework.log.of(OCCURRENCES.index(follows))
    happened = set(zip(events.week.tolist(), events.child.tolist(), strict=True))
    minutes = [minute for minute in watched.minutes if minute.what == judgement]
    passed = {(minute.week, minute.child) for minute in minutes if minute.judged > minute.threshold}
    failed = {(minute.week, minute.child) for minute in minutes if minute.judged <= minute.threshold} - passed
    assert passed
    assert failed
    assert passed <= happened
    assert not failed & happened


def test_a_case_is_closed_after_an_assessment_only_below_the_bar_for_a_service(watched: Witness) -> None:
    events = watched.model.casework.log.of(OCCURRENCES.index("no_further_action"))
    closed = set(zip(events.week.tolist(), events.child.tolist(), strict=True))
    assessed = [minute for minute in watched.minutes if minute.what.endswith("assessment")]
    assert any((minute.week, minute.child) in closed for minute in assessed)
    assert all(
        minute.judged <= minute.threshold for minute in assessed if (minute.week, minute.child) in closed
    )


# Finding a child.


def planted(part: str | None, result: str, severity: float = 99.0) -> tuple[RunResult, int]:
    """The run with one more spell of this fate, graver than all others, and its child."""
    run = past().result
    spells = run.spells.copy()
    spells["severity"] = spells["severity"].clip(upper=50.0)
    spells["result_13w"] = spells["result_13w"].where(spells["result_13w"] != "missed", "censored")
    spells[["cause", "cause_part"]] = None
    spells.loc[7, ["severity", "result_13w", "cause_part"]] = [severity, result, part]
    spells.loc[7, "serious_week"] = spells.loc[7, "onset"] + 3
    return RunResult(**{**vars(run), "spells": spells}), int(spells.loc[7, "child"])


CAUSES = {
    "no-opportunity": ["C0"],
    "never-noticed": ["C1a"],
    "too-weak": ["C1b"],
    "not-recorded": ["C2"],
    "not-shared": ["C3a"],
    "jigsaw": ["C3b"],
    "lost-in-transit": ["C4a", "C4b", "C4c"],
    "screened-out": ["C5"],
    "queued": ["C6a", "C6b", "C6c"],
    "misjudged": ["C7"],
    "too-late": ["C8"],
    "closed-too-early": ["C9"],
}


@pytest.mark.parametrize(("word", "part"), [(word, part) for word, parts in CAUSES.items() for part in parts])
def test_a_word_finds_the_spell_that_was_lost_at_its_step(word: str, part: str) -> None:
    run, child = planted(part, "missed")
    found = find(word, [run], past().world, 1)
    assert found is not None
    assert found.child == child
    assert find(word, [run], past().world, 2) is None


def test_every_cause_of_the_ledger_can_be_looked_for() -> None:
    assert {part for parts in CAUSES.values() for part in parts} == set(CAUSE_PARTS)


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("missed", "missed"),
        ("serious-event", "missed"),
        ("protected", "protected"),
        ("self-resolved", "self_resolved"),
    ],
)
def test_a_word_finds_the_gravest_spell_of_its_fate(word: str, result: str) -> None:
    run, child = planted(None, result)
    found = find(word, [run], past().world, 1)
    assert found is not None
    assert found.child == child


def test_rescued_and_lost_find_the_child_whose_fate_turned() -> None:
    missed, child = planted("C5", "missed")
    protected, _ = planted(None, "protected")
    for word, runs in (("rescued", [missed, protected]), ("lost", [protected, missed])):
        found = find(word, runs, past().world, 1)
        assert found is not None
        assert found.child == child
        assert find(word, runs[::-1], past().world, 1) is None


def test_a_false_alarm_is_found_in_a_family_where_nobody_ever_came_to_harm() -> None:
    only = alone("false-alarm")
    children, spells = past().world.children, past().world.spells
    harmed = set(children.family[spells.child[spells.harm]].tolist())
    assert int(children.family[only.child]) not in harmed
    assert any(entry.stage == "initial_started" for entry in only.entries)
    assert "never in significant harm" in only.verdict[0]


def test_the_second_that_is_found_is_not_graver_than_the_first() -> None:
    first, second = (find("missed", [past().result], past().world, number) for number in (1, 2))
    assert first is not None
    assert second is not None
    severity = past().result.spells.set_index(["child", "onset"])["severity"]
    assert severity[first.child, first.onset] >= severity[second.child, second.onset]


# What is told.


@pytest.mark.parametrize("word", ["jigsaw", "too-weak"])
def test_the_pieces_on_file_bear_out_the_cause_that_the_ledger_found(word: str) -> None:
    jigsaw = alone(word).jigsaw
    assert jigsaw is not None
    assert not jigsaw.alone
    assert jigsaw.together == (word == "jigsaw")


def test_a_spell_has_the_fate_that_a_comparison_gives_it() -> None:
    fates = {spell.fate for word in ("jigsaw", "protected") for spell in alone(word).spells}
    assert {"C3", "protected"} <= fates


def test_the_pieces_lie_on_the_files_of_their_week() -> None:
    only = alone("jigsaw")
    assert only.jigsaw is not None
    that_week = only.files[only.files["week"] == only.jigsaw.week].set_index("agency")
    for piece in only.jigsaw.pieces:
        assert that_week.loc[piece.who, "evidence"] == piece.evidence
    assert set(that_week["pooled"]) == {only.jigsaw.pooled}


def test_a_lost_message_never_arrives_and_the_others_arrive_no_sooner_than_they_were_sent() -> None:
    messages = [message for word in ("lost-in-transit", "screened-out") for message in alone(word).messages]
    assert {"lost", "delivered"} <= {message.fate for message in messages}
    for message in messages:
        assert (message.arrived is None) == (message.fate in ("lost", "under way"))
        assert message.arrived is None or message.arrived >= message.sent


def test_a_decision_is_told_with_its_evidence_on_the_right_side_of_its_bar() -> None:
    for word in ("jigsaw", "screened-out", "protected", "queued", "misjudged"):
        for entry in alone(word).entries:
            if entry.evidence is None or entry.threshold is None:
                continue
            if "below the threshold" in entry.says and entry.stage in ("kept", "shared"):
                assert entry.evidence < entry.threshold, entry
            if entry.stage == "conference":
                assert ("above" in entry.says) == (entry.evidence > entry.threshold), entry


def test_protection_lasts_as_long_as_the_events_say() -> None:
    only = told("protected", whole=True)[0]
    begins = [entry.week for entry in only.entries if entry.stage == "effective_from"]
    assert begins
    assert begins == [stretch.start for stretch in only.protection]


def test_harm_that_nobody_saw_is_told_as_unseen() -> None:
    for entry in alone("missed").entries:
        assert entry.seen == (
            entry.stage not in ("born", "harm_began", "harm_ended", "need_began", "passed_by", "judged")
        )


def test_a_story_names_organisations_of_the_run_and_says_that_the_child_is_invented() -> None:
    only = alone("missed")
    names = set(past().result.agencies["name"])
    assert {entry.who for entry in only.entries if entry.agency >= 0 and entry.kind != "social_care"} <= names
    assert "invented" in only.text()
    assert "no evidence" in " ".join(only.text().split())


def test_a_story_keeps_to_the_year_before_and_after_unless_all_is_asked_for() -> None:
    around, whole = alone("missed"), told("missed", whole=True)[0]
    assert (around.first, around.last) != (whole.first, whole.last)
    assert around.last - around.first <= 104
    assert set(around.entries) <= set(whole.entries)
    assert whole.last == min((1 + 4 + 1) * 52 - 52 - 1, whole.last)


def test_the_plain_text_has_no_line_that_is_too_wide_and_no_colour() -> None:
    lines = told("lost", beside=True).text(120).splitlines()
    assert max(map(len, lines)) <= 120
    assert not any("\x1b" in line for line in lines)


# Side by side.


def test_one_scenario_beside_itself_tells_the_same_story_twice() -> None:
    both = story(harsh(), harsh(), find="missed")
    assert both.parted is None
    assert both[0].to_json() == both[1].to_json()
    assert "Nothing that happens to the child differs" in " ".join(both.text().split())


def test_lives_part_no_sooner_than_the_rules_and_then_are_told_apart() -> None:
    both = told("lost", beside=True)
    decree = (deaf().timeline[0].date - deaf().clock.start).days // 7
    assert both.parted is not None
    assert both.parted >= decree
    text = " ".join(both.text(140).split())
    assert "the lives part here" in text
    assert {both[0].spells[-1].result, both[1].spells[-1].result} == {"protected", "missed"}


def test_scenarios_with_other_children_are_not_put_side_by_side() -> None:
    with pytest.raises(CannotTell, match="do not grow the same children"):
        story(harsh(), scenario("population.children=1500"))


# A saved run.


def test_a_saved_run_and_its_scenario_tell_the_same_story(tmp_path: Path) -> None:
    folder = past().result.save(tmp_path / "run")
    (saved,) = story(folder, find="missed")
    assert saved.to_json() == alone("missed").to_json()


def test_a_run_of_another_version_is_told_with_a_warning() -> None:
    run = past().result
    aged = RunResult(**{**vars(run), "provenance": run.provenance | {"code_sha256": "before"}})
    (only,) = story(aged, find="missed")
    assert [remark for remark in only.remarks if "another version" in remark]
    assert "another version" in " ".join(only.text().split())


def test_a_saved_run_in_which_the_child_fared_differently_is_told_with_a_warning() -> None:
    run, child = planted("C8", "missed")
    (only,) = story(run, child=child)
    assert any("fared differently" in remark for remark in only.remarks)


def test_a_saved_run_keeps_its_seed() -> None:
    with pytest.raises(CannotTell, match="keeps its own seed"):
        story(past().result, find="missed", seed=9)


# What cannot be told.


def test_a_child_that_does_not_exist_is_refused_with_the_numbers_that_do() -> None:
    last = len(past().world.children.birth) - 1
    with pytest.raises(CannotTell, match=f"from 0 to {last}"):
        story(harsh(), child=last + 1)


def test_somebody_who_was_grown_up_before_it_all_is_refused() -> None:
    with pytest.raises(CannotTell, match="turned 18"):
        story(scenario("clock.warm_up_years=3"), child=0)


def test_a_misspelt_word_is_met_with_the_nearest() -> None:
    with pytest.raises(CannotTell, match="did you mean 'jigsaw'"):
        story(harsh(), find="jigsw")


def test_words_that_compare_ask_for_a_second_scenario() -> None:
    with pytest.raises(CannotTell, match="takes two scenarios"):
        story(harsh(), find="rescued")


def test_where_nobody_is_found_the_rule_is_told() -> None:
    with pytest.raises(
        CannotTell, match=r"no child number 100000 .* the gravest spell of harm that was missed"
    ):
        story(harsh(), find="missed", nth=100_000)


def test_a_child_to_whom_nothing_happened_has_a_story_all_the_same() -> None:
    world = past().world
    events = set(past().result.events["child"])
    quiet = next(
        child
        for child in range(len(world.children.birth) - 1, 0, -1)
        if child not in events and world.children.birth[child] < 100 and child not in world.spells.child
    )
    (only,) = story(harsh(), child=quiet)
    assert "never in significant harm" in only.verdict[0]
    assert only.text()


# At hand.


def test_a_past_at_hand_tells_the_same_story_as_a_fresh_run() -> None:
    only = alone("missed")
    assert story(harsh(), child=only.child)[0].to_json() == only.to_json()


def test_a_witness_in_a_running_model_tells_what_has_happened_so_far(model: ChildProtectionModel) -> None:
    child = alone("missed").child
    witness = Witness(model, child)
    with pytest.raises(CannotTell, match="not watched"):
        stories_of(witness, child=child)
    while model.week < 150:
        model.step()
    (so_far,) = stories_of(witness, child=child)
    whole = stories_of(past(), child=child, whole=True)[0]
    judged = ("judged",)
    assert [entry for entry in whole.entries if entry.week < 98 and entry.stage not in judged] == [
        entry for entry in so_far.entries if entry.week < 98
    ]
    assert so_far.last == 149 - 52


def test_cpsim_story_is_the_same_door() -> None:
    assert cpsim.story(harsh(), find="missed").to_json() == told("missed").to_json()


# JSON.


def without_files() -> dict[str, Any]:
    """The story of one child without the long table of what lay on file, which has tests of its own."""
    (only,) = json.loads(told("jigsaw").to_json())["stories"]
    return {name: value for name, value in only.items() if name != "files"}


def test_the_story_of_one_child_stays_as_it_was_written_down() -> None:
    written, now = json.loads(GOLDEN.read_text("utf-8")), without_files()
    assert now["entries"] == written["entries"]
    assert now == written


def test_json_holds_no_endless_numbers_and_all_dates_as_text() -> None:
    data = json.loads(told("not-shared").to_json(), parse_constant=pytest.fail)
    (only,) = data["stories"]
    assert only["about"]["week_0"] == "2005-04-01"
    assert {len(entry["date"]) for entry in only["entries"]} == {10}
