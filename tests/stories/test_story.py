"""A child's story is found by a stated rule, shows what happened, and is the same under the same scenario."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.model.authority import (
    assert_same,
    build_model,
    replace_sections,
    run_scenario,
    run_to_end,
    scenario,
)
from tests.stories.stories import (
    brief_run,
    brief_scenario,
    find_stories,
    find_story,
    harsh_scenario,
    raised_thresholds_scenario,
    story_run,
)

import cpsim
from cpsim.casework.log import OCCURRENCES
from cpsim.model import ChildProtectionModel
from cpsim.present.story_sentences import NEW_HARM, VERDICTS
from cpsim.results import STOP_PARTS, RunResult
from cpsim.stories.observer import Observer
from cpsim.stories.selection import find_child
from cpsim.stories.story import StoryUnavailable, build_stories, story

GOLDEN = Path(__file__).with_name("golden_story.json")


@pytest.fixture
def model() -> ChildProtectionModel:
    """The tiny authority with much harm and one evaluated year, before its first week."""
    return build_model(brief_scenario())


@cache
def run_unobserved() -> RunResult:
    """Run the same authority without an observer."""
    return run_scenario(brief_scenario())


def observe_to_end(model: ChildProtectionModel, *children: int) -> Observer:
    observer = Observer(model, *children)
    while model.running:
        model.step()
    return observer


@pytest.fixture(scope="module")
def observer() -> Observer:
    """An observer of all children who come to harm, from the first week to the last."""
    model = build_model(scenario("conference.plan_threshold=1.5"))
    return observe_to_end(model, *np.unique(model.world.spells.child[model.world.spells.harm]).tolist())


# The observer.


def test_an_observer_changes_nothing(model: ChildProtectionModel) -> None:
    Observer(model, *range(300, 400))
    assert_same(run_to_end(model), run_unobserved())


def test_a_fork_takes_its_observer_with_it(model: ChildProtectionModel) -> None:
    for _ in range(20):
        model.step()
    Observer(model, 300)
    assert_same(run_to_end(model.fork()), run_unobserved())


def test_with_full_attention_no_sign_goes_unnoticed() -> None:
    kinds = {kind: {"attention": 1.0} for kind in ("school", "gp", "pct", "hospital", "police", "community")}
    attentive = build_model(replace_sections(brief_scenario(), agencies=_replace_agency_settings(kinds)))
    assert not observe_to_end(attentive, *range(900, 1400)).unnoticed_signs


def _replace_agency_settings(kinds: dict[str, dict[str, float]]) -> dict[str, object]:
    present = harsh_scenario().model_dump(mode="python")["agencies"]
    return {kind: {**settings, **kinds.get(kind, {})} for kind, settings in present.items()}


def test_signs_recorded_as_unnoticed_were_not_noticed_and_some_exist(observer: Observer) -> None:
    noticed = observer.model.casework.log.select(OCCURRENCES.index("noticed"))
    seen = set(zip(noticed.week.tolist(), noticed.child.tolist(), noticed.site.tolist(), strict=True))
    unnoticed = {(sign.week, sign.child, sign.site) for sign in observer.unnoticed_signs}
    assert unnoticed
    assert not unnoticed & seen


@pytest.mark.parametrize(
    ("judgement", "follows"),
    [("sharing", "shared"), ("screening", "referred"), ("conference", "plan_started")],
)
def test_the_event_after_a_judgement_follows_from_its_threshold(
    observer: Observer, judgement: str, follows: str
) -> None:
    events = observer.model.casework.log.select(OCCURRENCES.index(follows))
    happened = set(zip(events.week.tolist(), events.child.tolist(), strict=True))
    judgements = [each for each in observer.judgements if each.decision == judgement]
    passed = {(each.week, each.child) for each in judgements if each.estimate > each.threshold}
    failed = {(each.week, each.child) for each in judgements if each.estimate <= each.threshold} - passed
    assert passed
    assert failed
    assert passed <= happened
    assert not failed & happened


def test_a_case_is_closed_after_an_assessment_only_below_the_threshold_for_a_service(
    observer: Observer,
) -> None:
    events = observer.model.casework.log.select(OCCURRENCES.index("no_further_action"))
    closed = set(zip(events.week.tolist(), events.child.tolist(), strict=True))
    assessed = [each for each in observer.judgements if each.decision.endswith("assessment")]
    assert any((each.week, each.child) in closed for each in assessed)
    assert all(each.estimate <= each.threshold for each in assessed if (each.week, each.child) in closed)


# Finding a child.


def plant_spell(part: str | None, result: str, severity: float = 99.0) -> tuple[RunResult, int]:
    """Return the run with a spell of this result, more severe than all others, and its child."""
    run = story_run().result
    spells = run.spells.copy()
    spells["severity"] = spells["severity"].clip(upper=50.0)
    spells["result_13w"] = spells["result_13w"].where(spells["result_13w"] != "missed", "censored")
    spells[["stopped_at", "stopped_at_part"]] = None
    spells.loc[7, ["severity", "result_13w", "stopped_at_part"]] = [severity, result, part]
    spells.loc[7, "serious_week"] = spells.loc[7, "onset"] + 3
    return RunResult(**{**vars(run), "spells": spells}), int(spells.loc[7, "child"])


STOPS = {
    "no-opportunity": ["C0"],
    "never-noticed": ["C1a"],
    "too-weak": ["C1b"],
    "not-recorded": ["C2"],
    "not-shared": ["C3a"],
    "jigsaw": ["C3b"],
    "lost-in-transit": ["C4a", "C4b", "C4c"],
    "screened-out": ["C5"],
    "queued": ["C6a", "C6b", "C6c"],
    "assessed-below-threshold": ["C7"],
    "too-late": ["C8"],
    "closed-in-harm": ["C9a"],
}


@pytest.mark.parametrize(
    ("keyword", "part"), [(keyword, part) for keyword, parts in STOPS.items() for part in parts]
)
def test_a_keyword_finds_the_spell_that_was_lost_at_its_stage(keyword: str, part: str) -> None:
    run, child = plant_spell(part, "missed")
    found = find_child(keyword, [run], story_run().world, 1)
    assert found is not None
    assert found.child == child
    assert find_child(keyword, [run], story_run().world, 2) is None


def test_every_stop_of_the_ledger_has_a_keyword() -> None:
    assert {part for parts in STOPS.values() for part in parts} == set(STOP_PARTS)


@pytest.mark.parametrize(
    ("keyword", "result"),
    [
        ("missed", "missed"),
        ("serious-event", "missed"),
        ("protected", "protected"),
        ("self-resolved", "self_resolved"),
    ],
)
def test_a_keyword_finds_the_most_severe_spell_of_its_result(keyword: str, result: str) -> None:
    run, child = plant_spell(None, result)
    found = find_child(keyword, [run], story_run().world, 1)
    assert found is not None
    assert found.child == child


def test_newly_reached_and_newly_missed_find_the_child_whose_fate_changed() -> None:
    missed, child = plant_spell("C5", "missed")
    protected, _ = plant_spell(None, "protected")
    for keyword, runs in (("newly-reached", [missed, protected]), ("newly-missed", [protected, missed])):
        found = find_child(keyword, runs, story_run().world, 1)
        assert found is not None
        assert found.child == child
        assert find_child(keyword, runs[::-1], story_run().world, 1) is None


@pytest.mark.parametrize(
    ("keyword", "states", "stage"),
    [
        ("false-alarm", {"in_need", "additional_needs", "neither"}, "enquiry_started"),
        ("assessed-neither", {"neither"}, "initial_started"),
    ],
)
def test_an_assessment_is_found_by_what_was_true_of_the_family(
    keyword: str, states: set[str], stage: str
) -> None:
    run, world = story_run().result, story_run().world
    found = find_child(keyword, [run], world, 1)
    assert found is not None
    own = run.assessments[run.assessments["family"] == world.children.family[found.child]]
    (only,) = own[(own["start"] <= found.week) & (own["end"] >= found.week)].to_dict("records")
    assert only["true"] in states
    begun = run.events[(run.events["child"] == found.child) & (run.events["stage"] == stage)]
    assert found.week in set(begun["week"])


def test_new_harm_after_a_sound_closure_is_marked_and_coded_by_its_own_chain() -> None:
    spells = story_run().result.spells
    marked = spells[spells["new_harm_after_closure"]]
    alone = marked[
        ~marked["child"].duplicated(keep=False) & ~marked["child"].isin(spells.drop(marked.index)["child"])
    ]
    row = alone.iloc[0]
    (only,) = build_stories(story_run(), child=int(row["child"]))
    spell = next(spell for spell in only.spells if spell.onset == row["onset"])
    assert spell.stopped_at == row["stopped_at_part"]
    assert only.verdict[:2] == (VERDICTS[row["stopped_at_part"]], NEW_HARM)


def test_the_second_child_found_is_not_in_more_severe_harm_than_the_first() -> None:
    first, second = (
        find_child("missed", [story_run().result], story_run().world, number) for number in (1, 2)
    )
    assert first is not None
    assert second is not None
    severity = story_run().result.spells.set_index(["child", "onset"])["severity"]
    assert severity[first.child, first.onset] >= severity[second.child, second.onset]


# The content of a story.


@pytest.mark.parametrize("keyword", ["jigsaw", "too-weak"])
def test_the_evidence_on_file_agrees_with_the_stop_in_the_ledger(keyword: str) -> None:
    jigsaw = find_story(keyword).jigsaw
    assert jigsaw is not None
    assert not jigsaw.is_enough_alone
    assert jigsaw.is_enough_together == (keyword == "jigsaw")


def test_a_spell_has_the_fate_that_a_comparison_gives_it() -> None:
    fates = {spell.fate for keyword in ("jigsaw", "protected") for spell in find_story(keyword).spells}
    assert {"C3", "protected"} <= fates


def test_the_pieces_are_those_on_file_in_their_week() -> None:
    only = find_story("jigsaw")
    assert only.jigsaw is not None
    that_week = only.files[only.files["week"] == only.jigsaw.week].set_index("agency")
    for piece in only.jigsaw.pieces:
        assert that_week.loc[piece.who, "evidence"] == piece.evidence
    assert set(that_week["pooled"]) == {only.jigsaw.pooled}


def test_a_lost_message_never_arrives_and_no_message_arrives_before_it_was_sent() -> None:
    messages = [
        message for keyword in ("lost-in-transit", "screened-out") for message in find_story(keyword).messages
    ]
    assert {"lost", "delivered"} <= {message.fate for message in messages}
    for message in messages:
        assert (message.arrived is None) == (message.fate in ("lost", "under way"))
        assert message.arrived is None or message.arrived >= message.sent


def test_the_evidence_of_a_decision_is_on_the_right_side_of_its_threshold() -> None:
    for keyword in ("jigsaw", "screened-out", "protected", "queued", "assessed-below-threshold"):
        for entry in find_story(keyword).entries:
            if entry.evidence is None or entry.threshold is None:
                continue
            if "below the threshold" in entry.sentence and entry.stage in ("kept", "shared"):
                assert entry.evidence < entry.threshold, entry
            if entry.stage == "conference":
                assert ("above" in entry.sentence) == (entry.evidence > entry.threshold), entry


def test_periods_of_protection_begin_with_their_events() -> None:
    only = find_stories("protected", full=True)[0]
    begins = [entry.week for entry in only.entries if entry.stage == "effective_from"]
    assert begins
    assert begins == [period.start for period in only.protection]


def test_events_that_no_practitioner_knew_of_are_marked_as_unseen() -> None:
    for entry in find_story("missed").entries:
        assert entry.seen == (
            entry.stage not in ("born", "harm_began", "harm_ended", "need_began", "passed_by", "judged")
        )


def test_a_story_names_organisations_of_the_run_and_says_that_the_child_is_invented() -> None:
    only = find_story("missed")
    names = set(story_run().result.agencies["name"])
    assert {entry.who for entry in only.entries if entry.agency >= 0 and entry.kind != "social_care"} <= names
    assert "invented" in only.text()
    assert "not evidence" in " ".join(only.text().split())


def test_a_story_covers_a_year_before_and_after_unless_it_is_full() -> None:
    around, full = find_story("missed"), find_stories("missed", full=True)[0]
    assert (around.first, around.last) != (full.first, full.last)
    assert around.last - around.first <= 104
    assert set(around.entries) <= set(full.entries)
    assert full.last == min((1 + 4 + 1) * 52 - 52 - 1, full.last)


def test_the_plain_text_has_no_line_that_is_too_long_and_no_colour() -> None:
    lines = find_stories("newly-missed", side_by_side=True).text(120).splitlines()
    assert max(map(len, lines)) <= 120
    assert not any("\x1b" in line for line in lines)


# Side by side.


def test_a_scenario_side_by_side_with_itself_gives_the_same_story_twice() -> None:
    both = story(brief_scenario(), brief_scenario(), find="missed")
    assert both.divergence_week is None
    assert both[0].to_json() == both[1].to_json()
    assert "Nothing that happens to the child differs" in " ".join(both.text().split())


def test_stories_diverge_no_earlier_than_the_policies_and_the_text_says_where() -> None:
    both = find_stories("newly-missed", side_by_side=True)
    policy_week = (
        raised_thresholds_scenario().timeline[0].date - raised_thresholds_scenario().clock.start
    ).days // 7
    assert both.divergence_week is not None
    assert both.divergence_week >= policy_week
    text = " ".join(both.text(140).split())
    assert "the scenarios diverge here" in text
    assert {both[0].spells[-1].result, both[1].spells[-1].result} == {"protected", "missed"}


def test_scenarios_with_different_children_are_refused() -> None:
    with pytest.raises(StoryUnavailable, match="do not have the same children"):
        story(harsh_scenario(), scenario("population.children=1500"))


# A saved run.


def test_a_saved_run_and_its_scenario_give_the_same_story(tmp_path: Path) -> None:
    folder = brief_run().result.save(tmp_path / "run")
    saved = story(folder, find="missed")
    assert saved.to_json() == build_stories(brief_run(), find="missed").to_json()


def test_a_story_of_a_run_of_another_version_has_a_warning() -> None:
    run = brief_run().result
    aged = RunResult(**{**vars(run), "provenance": run.provenance | {"code_sha256": "before"}})
    (only,) = story(aged, find="missed")
    assert [remark for remark in only.remarks if "another version" in remark]
    assert "another version" in " ".join(only.text().split())


def test_a_story_that_differs_from_the_saved_run_has_a_warning() -> None:
    run, child = plant_spell("C8", "missed")
    (only,) = story(run, child=child)
    assert any("result in the saved run is different" in remark for remark in only.remarks)


def test_a_saved_run_has_its_own_seed() -> None:
    with pytest.raises(StoryUnavailable, match="has its own seed"):
        story(story_run().result, find="missed", seed=9)


# Stories that are not available.


def test_a_child_that_does_not_exist_is_refused_with_the_valid_numbers() -> None:
    last = len(story_run().world.children.birth) - 1
    with pytest.raises(StoryUnavailable, match=f"from 0 to {last}"):
        story(harsh_scenario(), child=last + 1)


def test_a_child_who_turned_18_before_the_story_is_refused() -> None:
    with pytest.raises(StoryUnavailable, match="turned 18"):
        story(scenario("clock.warm_up_years=3"), child=0)


def test_a_misspelt_keyword_is_refused_with_the_nearest() -> None:
    with pytest.raises(StoryUnavailable, match="did you mean 'jigsaw'"):
        story(harsh_scenario(), find="jigsw")


def test_keywords_that_compare_need_a_second_scenario() -> None:
    with pytest.raises(StoryUnavailable, match="needs two scenarios"):
        story(harsh_scenario(), find="newly-reached")


def test_if_no_child_is_found_the_message_states_the_rule() -> None:
    with pytest.raises(
        StoryUnavailable, match=r"no child number 100000 .* the most severe spell of harm that was missed"
    ):
        story(harsh_scenario(), find="missed", nth=100_000)


def test_a_child_without_any_event_has_a_story() -> None:
    world = brief_run().world
    events = set(brief_run().result.events["child"])
    quiet = next(
        child
        for child in range(len(world.children.birth) - 1, 0, -1)
        if child not in events and world.children.birth[child] < 100 and child not in world.spells.child
    )
    (only,) = story(brief_scenario(), child=quiet)
    assert "not in significant harm" in only.verdict[0]
    assert only.text()


# Runs and observers that already exist.


def test_an_existing_run_gives_the_same_story_as_a_new_run() -> None:
    (only,) = build_stories(brief_run(), find="missed")
    assert story(brief_scenario(), child=only.child)[0].to_json() == only.to_json()


def test_an_observer_of_a_running_model_gives_the_story_so_far(model: ChildProtectionModel) -> None:
    (full,) = build_stories(brief_run(), find="missed", full=True)
    child = full.child
    observer = Observer(model, child)
    with pytest.raises(StoryUnavailable, match="has not observed"):
        build_stories(observer, child=child)
    while model.week < 150:
        model.step()
    (so_far,) = build_stories(observer, child=child)
    judged = ("judged",)
    assert [entry for entry in full.entries if entry.week < 98 and entry.stage not in judged] == [
        entry for entry in so_far.entries if entry.week < 98
    ]
    assert so_far.last == 149 - 52


def test_cpsim_story_gives_the_same_story() -> None:
    again = cpsim.story(brief_scenario(), find="missed")
    assert again.to_json() == build_stories(brief_run(), find="missed").to_json()


# JSON.


def export_without_files() -> dict[str, Any]:
    """Return the story of one child without the long table of files, which has tests of its own."""
    (only,) = json.loads(find_stories("jigsaw").to_json())["stories"]
    return {name: value for name, value in only.items() if name != "files"}


def test_the_story_of_one_child_equals_the_saved_one() -> None:
    written, now = json.loads(GOLDEN.read_text("utf-8")), export_without_files()
    assert now["entries"] == written["entries"]
    assert now == written


def test_json_has_no_infinite_numbers_and_dates_as_text() -> None:
    data = json.loads(find_stories("not-shared").to_json(), parse_constant=pytest.fail)
    (only,) = data["stories"]
    assert only["about"]["week_0"] == "2005-04-01"
    assert {len(entry["date"]) for entry in only["entries"]} == {10}
