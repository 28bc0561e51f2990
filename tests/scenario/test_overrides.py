"""`--set path=value` changes one setting, and reports problems with the same messages as a file."""

import numpy as np
import pytest

from cpsim.scenario import ScenarioError, from_mapping
from cpsim.scenario.schema import Scenario

EVENTS = [
    {"date": "2006-05-01", "lever": "duty", "kinds": ["school"], "bound": True},
    {"date": "2006-05-01", "lever": "duty", "kinds": ["gp"], "awareness": 0.5},
]


def load_with(*overrides: str) -> Scenario:
    return from_mapping({"name": "a", "timeline": EVENTS}, overrides)


def test_any_setting_can_be_overridden_whether_or_not_the_file_sets_it() -> None:
    scenario = load_with(
        "sharing.share_noise=0.4", "agencies.police.attention=0.5", "timeline[1].date=2006-06-01"
    )
    default = from_mapping({})
    assert scenario.sharing.share_noise == 0.4
    assert scenario.agencies["police"].attention == 0.5
    assert scenario.agencies["police"].recording == default.agencies["police"].recording
    assert scenario.agencies["gp"] == default.agencies["gp"]
    assert [event.date.month for event in scenario.timeline] == [5, 6]


def test_an_override_is_read_as_yaml_and_the_last_one_wins() -> None:
    assert load_with("clock.years=3", "clock.years=4").clock.years == 4
    assert load_with("name=a=b: c".replace(": ", ":")).name == "a=b:c"
    assert load_with("duties.gp={bound: false, awareness: 1}").duties["gp"].bound is False
    assert load_with("timeline=[]").timeline == ()


@pytest.mark.parametrize(
    ("override", "start"),
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
        ("clock.years=[1", "--set clock.years: the bracket that opens here is never closed"),
        ("clock.years=!!int 3", "--set clock.years: tags such as"),
        ("clock.years=.nan", "--set clock.years: a finite number is needed"),
        ("extends=small", "--set extends: `extends` can only be set in the scenario's own file"),
    ],
)
def test_an_invalid_override_is_reported_with_its_path(override: str, start: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_with(override)
    (problem,) = caught.value.problems
    assert str(problem).startswith(start)


def test_all_invalid_overrides_are_reported_together() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_with("clock.years=0", "nonsense", "sharing.share_nose=1")
    assert len(caught.value.problems) == 3


def test_a_mapping_gives_the_same_messages_without_line_numbers() -> None:
    with pytest.raises(ScenarioError) as caught:
        from_mapping({"clock": {"yeers": 3}, "sharing": {"share_noise": float("nan")}, "name": object()})
    assert [str(problem).partition(":")[0] for problem in caught.value.problems] == [
        "sharing.share_noise",
        "name",
        "clock.yeers",
    ]


def test_numpy_numbers_are_accepted_as_numbers() -> None:
    scenario = from_mapping({"sharing": {"share_noise": np.float64(0.25)}, "clock": {"years": np.int64(3)}})
    assert (scenario.sharing.share_noise, scenario.clock.years) == (0.25, 3)
    assert type(scenario.sharing.share_noise) is float


def test_a_mapping_can_extend_a_shipped_scenario_but_not_a_file() -> None:
    assert from_mapping({"extends": "small"}).population.children == 10_000
    with pytest.raises(ScenarioError, match="only a scenario that comes with cpsim"):
        from_mapping({"extends": "./small.yaml"})


def test_a_mapping_that_contains_itself_is_refused() -> None:
    endless: dict[str, object] = {}
    endless["clock"] = endless
    with pytest.raises(ScenarioError, match="deep"):
        from_mapping(endless)
