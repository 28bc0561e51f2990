"""`--set path=value` changes one setting, and says what is wrong with it in the same words as a file."""

import numpy as np
import pytest

from cpsim.scenario import ScenarioError, from_mapping
from cpsim.scenario.schema import Scenario

EVENTS = [
    {"date": "2006-05-01", "lever": "duty", "kinds": ["school"], "bound": True},
    {"date": "2006-05-01", "lever": "duty", "kinds": ["gp"], "awareness": 0.5},
]


def with_set(*overrides: str) -> Scenario:
    return from_mapping({"name": "a", "timeline": EVENTS}, overrides)


def test_a_setting_of_any_section_can_be_set_whether_or_not_the_file_names_it() -> None:
    scenario = with_set(
        "sharing.share_noise=0.4", "agencies.police.attention=0.5", "timeline[1].date=2006-06-01"
    )
    default = from_mapping({})
    assert scenario.sharing.share_noise == 0.4
    assert scenario.agencies["police"].attention == 0.5
    assert scenario.agencies["police"].recording == default.agencies["police"].recording
    assert scenario.agencies["gp"] == default.agencies["gp"]
    assert [event.date.month for event in scenario.timeline] == [5, 6]


def test_the_value_is_read_as_in_a_file_and_the_last_word_counts() -> None:
    assert with_set("clock.years=3", "clock.years=4").clock.years == 4
    assert with_set("name=a=b: c".replace(": ", ":")).name == "a=b:c"
    assert with_set("duties.gp={bound: false, awareness: 1}").duties["gp"].bound is False
    assert with_set("timeline=[]").timeline == ()


@pytest.mark.parametrize(
    ("override", "told"),
    [
        (
            "sharing.share_nose=1",
            "--set sharing.share_nose: there is no setting 'share_nose' here; did you mean 'share_noise'?",
        ),
        (
            "share_noise=1",
            "--set share_noise: there is no setting 'share_noise' here; did you mean 'sharing.share_noise'?",
        ),
        ("clock.years=many", "--set clock.years: expected a whole number from 1 to 100, not 'many'"),
        ("clock={years: 0}", "--set clock.years: expected a whole number from 1 to 100, not 0"),
        ("clock.start=2006-02-30", "--set clock.start: 2006-02-30 is not in the calendar"),
        ("timeline[0].kinds=[scool]", "--set timeline[0].kinds[0]: no kind of agency is called 'scool'"),
        ("timeline[2].date=2006-05-01", "--set timeline[2]: the list has 2 entries, counted from 0"),
        ("timeline.date=2006-05-01", "--set timeline: this is a list; choose an entry, such as timeline[0]"),
        ("name.first=b", "--set name: this is a single value and has no settings inside"),
        ("clock[0]=b", "--set clock: this is not a list"),
        ("clock.years", "--set clock.years: expected path=value"),
        ("=3", "--set =3: expected path=value"),
        ("clock..years=3", "--set clock..years=3: expected path=value"),
        ("clock.years=[1", "--set clock.years: the text ends inside an open bracket"),
        ("clock.years=!!int 3", "--set clock.years: tags such as"),
        ("clock.years=.nan", "--set clock.years: a finite number is needed"),
        ("extends=small", "--set extends: a scenario says in its own file what it extends"),
    ],
)
def test_a_faulty_override_is_told_by_its_path(override: str, told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        with_set(override)
    (problem,) = caught.value.problems
    assert str(problem).startswith(told)


def test_all_faulty_overrides_are_told_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        with_set("clock.years=0", "nonsense", "sharing.share_nose=1")
    assert len(caught.value.problems) == 3


def test_a_mapping_gives_the_same_messages_without_lines() -> None:
    with pytest.raises(ScenarioError) as caught:
        from_mapping({"clock": {"yeers": 3}, "sharing": {"share_noise": float("nan")}, "name": object()})
    assert [str(problem).partition(":")[0] for problem in caught.value.problems] == [
        "sharing.share_noise",
        "name",
        "clock.yeers",
    ]


def test_numbers_out_of_a_design_matrix_are_numbers() -> None:
    scenario = from_mapping({"sharing": {"share_noise": np.float64(0.25)}, "clock": {"years": np.int64(3)}})
    assert (scenario.sharing.share_noise, scenario.clock.years) == (0.25, 3)
    assert type(scenario.sharing.share_noise) is float


def test_a_mapping_may_extend_a_shipped_scenario_but_no_file() -> None:
    assert from_mapping({"extends": "small"}).population.children == 10_000
    with pytest.raises(ScenarioError, match="only a scenario that comes with cpsim"):
        from_mapping({"extends": "./small.yaml"})


def test_a_mapping_that_contains_itself_is_refused() -> None:
    endless: dict[str, object] = {}
    endless["clock"] = endless
    with pytest.raises(ScenarioError, match="deep"):
        from_mapping(endless)
