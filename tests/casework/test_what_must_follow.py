"""Turn one thing, and say what must follow for children, families and those who work with them."""

import pytest
from tests.model.authority import FRONT_DOOR_SHUT, outcome, scenario, signature, stage

from cpsim.results import RunResult
from cpsim.scenario.sections import KNOWN_KINDS

SEEDS = (1, 2, 3)


def every_kind(habit: str, value: float) -> tuple[str, ...]:
    return tuple(f"agencies.{kind}.{habit}={value}" for kind in KNOWN_KINDS)


def causes(result: RunResult, parts: bool = False) -> dict[str, float]:
    found = result.summary["missed_by_cause_part" if parts else "missed_by_cause"]
    assert isinstance(found, dict)
    return found


NO_ECHO = (*FRONT_DOOR_SHUT, "sharing.consult_chance=0", "sharing.trust_effect=0", "sharing.unanswered_effect=0",
           "sharing.kept_after_sharing=1")  # fmt: skip
"""Nothing that is shared comes back to those who share, so a week's decisions do not depend on those before."""


def test_more_attention_never_loses_sight_of_anything_that_less_attention_saw() -> None:
    week = ("week", "child", "agency")
    little, much = (
        signature(stage(outcome(*FRONT_DOOR_SHUT, *every_kind("attention", share)), "noticed"), *week)
        for share in (0.5, 0.9)
    )
    assert little < much


def test_in_the_first_week_the_same_holds_with_the_front_door_open() -> None:
    first = -scenario().clock.warm_up_years * 52
    little, much = (stage(outcome(*every_kind("attention", share)), "noticed") for share in (0.5, 0.9))
    assert signature(little[little["week"] == first], "child", "agency") <= signature(
        much[much["week"] == first], "child", "agency"
    )


def test_a_lower_bar_in_noticing_never_loses_sight_of_anything() -> None:
    week = ("week", "child", "agency")
    high, low = (
        signature(
            stage(outcome(*FRONT_DOOR_SHUT, *every_kind("notice_threshold", threshold)), "noticed"), *week
        )
        for threshold in (3.0, 2.5)
    )
    assert high < low


def duty_for_all(awareness: float) -> tuple[str, ...]:
    return tuple(f"duties.{kind}={{bound: true, awareness: {awareness}}}" for kind in KNOWN_KINDS)


def test_a_duty_silences_nobody_when_nothing_comes_back() -> None:
    """Message by message: whoever would have told social care without a duty tells it with one."""
    message = ("week", "child", "agency")
    without, half, full = (
        signature(stage(outcome(*NO_ECHO, *duty_for_all(awareness)), "shared"), *message)
        for awareness in (0.0, 0.5, 1.0)
    )
    assert without < half < full


def test_a_duty_never_lowers_sharing_in_total() -> None:
    def shared(*settings: str) -> int:
        return sum(int(outcome(*settings, seed=seed).weekly["messages_sent"].sum()) for seed in SEEDS)

    assert shared(*duty_for_all(1.0)) > shared(*duty_for_all(0.0))


def test_a_duty_brings_more_contacts_and_troubles_no_fewer_families() -> None:
    """With staff to look into all of them; fewer misses are never bought for nothing."""

    def total(column: str, *settings: str) -> int:
        staff = "workforce.assessment_posts_per_10k=100"
        return sum(int(outcome(staff, *settings, seed=seed).weekly[column].sum()) for seed in SEEDS)

    for column in ("contacts", "false_alarm_families"):
        assert total(column, *duty_for_all(1.0), "sharing.duty_effect=2") > total(column, *duty_for_all(0.0))


def test_where_everything_is_written_down_nothing_is_lost_for_want_of_a_record() -> None:
    perfect = outcome(*every_kind("recording", 1.0))
    assert causes(perfect)["C2"] == 0
    assert causes(outcome())["C2"] > 0
    assert len(stage(perfect, "recorded")) == len(stage(perfect, "noticed"))


def test_where_nothing_is_written_down_nobody_holds_a_file() -> None:
    forgetful = outcome(*every_kind("recording", 0.0))
    assert len(stage(forgetful, "recorded", "threshold_crossed", "consulted")) == 0
    assert causes(forgetful, parts=True)["C1b"] == causes(forgetful)["C3"] == 0


CERTAIN = ("network.delivery_base=1", "network.delivery_trust_power=0")


@pytest.mark.parametrize("seed", SEEDS)
def test_where_every_message_arrives_none_is_lost(seed: int) -> None:
    certain = outcome(*CERTAIN, seed=seed)
    assert certain.weekly["messages_lost"].sum() == 0
    assert causes(certain, parts=True)["C4a"] == 0
    assert outcome(seed=seed).weekly["messages_lost"].sum() > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_where_messages_take_no_time_none_is_late(seed: int) -> None:
    prompt = outcome("network.message_delay_weeks=0", seed=seed)
    assert causes(prompt, parts=True)["C4b"] == 0
    in_both = {"week", "child", "agency"}
    sent, arrived = (signature(stage(prompt, what), *sorted(in_both)) for what in ("shared", "delivered"))
    lost = signature(stage(prompt, "lost"), *sorted(in_both))
    assert sent - lost <= arrived


def test_late_messages_are_blamed_on_the_post() -> None:
    assert causes(outcome("network.message_delay_weeks=8"), parts=True)["C4b"] > 0


def test_behind_a_shut_front_door_every_message_that_arrives_is_screened_out() -> None:
    shut = outcome(*FRONT_DOOR_SHUT)
    assert shut.weekly["referrals"].sum() == 0
    assert len(stage(shut, "initial_started", "plan_started", "in_need_started", "effective_from")) == 0
    for ratio in ("referral_ppv", "rereferral_share_12m", "contacts_per_referral", "source_share"):
        assert shut.summary[ratio] is None
    assert shut.summary["false_alarm_families_per_10k_year"] == 0
    lost = causes(shut)
    assert sum(lost[code] for code in ("C6", "C7", "C8", "C9")) == 0
    missed = shut.spells[shut.spells["result_13w"] == "missed"]
    told = missed["first_delivery"] <= (missed["onset"] + 13).clip(upper=missed["serious_week"].fillna(9_999))
    assert (missed.loc[told.fillna(value=False), "cause"] == "C5").all()
    assert told.sum() > 0


def test_where_nobody_attends_nobody_ever_knows() -> None:
    blind = outcome(*every_kind("attention", 0.0))
    assert len(stage(blind, "noticed", "shared", "delivered")) == len(stage(blind, "delivered"))
    assert len(stage(blind, "noticed")) == 0
    assert blind.weekly["messages_sent"].sum() == 0
    assert (blind.spells["first_notice"].isna()).all()


def test_protection_that_works_at_once_leaves_less_harm_than_none() -> None:
    strong = outcome("protection.recovery_on_plan_per_week=1", "protection.recovery_in_need_per_week=1")
    none = outcome(
        "protection.recovery_on_plan_per_week=0",
        "protection.recovery_in_need_per_week=0",
        "protection.care_threshold=20",
    )
    assert len(stage(none, "harm_ended_by_protection")) == 0
    assert strong.weekly["in_harm"].sum() < none.weekly["in_harm"].sum()


def test_a_plan_that_averts_every_serious_event_lets_none_happen_on_a_plan() -> None:
    frequent = ("harm.serious_event_per_week=0.02", "protection.recovery_on_plan_per_week=0")
    averted = [
        len(
            stage(
                outcome(*frequent, f"protection.serious_event_averted_share={share}"), "serious_event_averted"
            )
        )
        for share in (0, 1)
    ]
    assert averted[0] == 0 < averted[1]


def test_more_staff_shorten_the_queue() -> None:
    steady = ("workforce.exit_per_year=0", "workforce.vacancy_start=0")
    few, many = (outcome(f"workforce.assessment_posts_per_10k={posts}", *steady) for posts in (15, 60))
    on_time = "initial_on_time_share"
    assert many.summary[on_time] > few.summary[on_time]  # type: ignore[operator]
    assert many.summary["utilisation_mean"] < few.summary["utilisation_mean"]  # type: ignore[operator]


def test_who_is_never_forgotten_is_referred_at_least_as_often() -> None:
    def contacts(fading: float) -> int:
        return sum(
            int(
                outcome(f"sharing.evidence_fading_per_week={fading}", *NO_ECHO[:-1], seed=seed)
                .weekly["messages_sent"]
                .sum()
            )
            for seed in SEEDS
        )

    assert contacts(0.0) > contacts(0.2)


def test_where_every_file_follows_its_child_none_is_left_behind() -> None:
    assert len(stage(outcome("population.file_left_behind=0"), "file_left_behind")) == 0
    assert len(stage(outcome(), "file_left_behind")) > 0
