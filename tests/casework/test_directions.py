"""The direction in which each change must move the outcomes of children, families and services."""

import pytest
from tests.model.authority import FRONT_DOOR_SHUT, scenario, select_events, signature, tiny_result

from cpsim.results import RunResult
from cpsim.scenario.sections import KNOWN_KINDS

SEEDS = (1, 2, 3)


def set_for_all_kinds(setting: str, value: float) -> tuple[str, ...]:
    return tuple(f"agencies.{kind}.{setting}={value}" for kind in KNOWN_KINDS)


def read_causes(result: RunResult, parts: bool = False) -> dict[str, float]:
    causes = result.summary["chain_stopped_at_part" if parts else "chain_stopped_at"]
    assert isinstance(causes, dict)
    return causes


NO_FEEDBACK = (*FRONT_DOOR_SHUT, "sharing.consult_chance=0", "sharing.trust_effect=0",
               "sharing.unanswered_effect=0", "sharing.kept_after_sharing=1")  # fmt: skip
"""Sharing has no effect on the agencies that share, so a week's decisions do not depend on earlier ones."""


def test_more_attention_notices_everything_that_less_attention_notices() -> None:
    week = ("week", "child", "agency")
    little, much = (
        signature(
            select_events(tiny_result(*FRONT_DOOR_SHUT, *set_for_all_kinds("attention", share)), "noticed"),
            *week,
        )
        for share in (0.5, 0.9)
    )
    assert little < much


def test_more_attention_notices_no_less_in_the_first_week_with_the_front_door_open() -> None:
    first = -scenario().clock.warm_up_years * 52
    little, much = (
        select_events(tiny_result(*set_for_all_kinds("attention", share)), "noticed") for share in (0.5, 0.9)
    )
    assert signature(little[little["week"] == first], "child", "agency") <= signature(
        much[much["week"] == first], "child", "agency"
    )


def test_a_lower_threshold_for_noticing_notices_everything_that_a_higher_one_does() -> None:
    week = ("week", "child", "agency")
    high, low = (
        signature(
            select_events(
                tiny_result(*FRONT_DOOR_SHUT, *set_for_all_kinds("notice_threshold", threshold)), "noticed"
            ),
            *week,
        )
        for threshold in (3.0, 2.5)
    )
    assert high < low


def bind_all_kinds(awareness: float) -> tuple[str, ...]:
    return tuple(f"duties.{kind}={{bound: true, awareness: {awareness}}}" for kind in KNOWN_KINDS)


def test_a_duty_loses_no_message_when_sharing_has_no_effect_on_the_sender() -> None:
    """Every message that is sent without a duty is also sent with one."""
    message = ("week", "child", "agency")
    without, half, full = (
        signature(select_events(tiny_result(*NO_FEEDBACK, *bind_all_kinds(awareness)), "shared"), *message)
        for awareness in (0.0, 0.5, 1.0)
    )
    assert without < half < full


def test_a_duty_increases_the_number_of_messages() -> None:
    def shared(*settings: str) -> int:
        return sum(int(tiny_result(*settings, seed=seed).weekly["messages_sent"].sum()) for seed in SEEDS)

    assert shared(*bind_all_kinds(1.0)) > shared(*bind_all_kinds(0.0))


def test_a_duty_leads_to_more_contacts_and_more_assessments_without_need() -> None:
    """There are enough staff to assess every referral."""

    def total(column: str, *settings: str) -> int:
        staff = "workforce.assessment_posts_per_10k=100"
        return sum(int(tiny_result(staff, *settings, seed=seed).weekly[column].sum()) for seed in SEEDS)

    for column in ("contacts", "assessed_neither"):
        assert total(column, *bind_all_kinds(1.0), "sharing.duty_effect=2") > total(
            column, *bind_all_kinds(0.0)
        )


def test_no_spell_is_lost_for_want_of_a_record_if_every_sign_is_recorded() -> None:
    complete = tiny_result(*set_for_all_kinds("recording", 1.0))
    assert read_causes(complete)["C2"] == 0
    assert read_causes(tiny_result())["C2"] > 0
    assert len(select_events(complete, "recorded")) == len(select_events(complete, "noticed"))


def test_no_agency_holds_a_file_if_no_sign_is_recorded() -> None:
    no_records = tiny_result(*set_for_all_kinds("recording", 0.0))
    assert len(select_events(no_records, "recorded", "threshold_crossed", "consulted")) == 0
    assert read_causes(no_records, parts=True)["C1b"] == read_causes(no_records)["C3"] == 0


CERTAIN = ("network.delivery_base=1", "network.delivery_trust_power=0")


@pytest.mark.parametrize("seed", SEEDS)
def test_no_message_is_lost_if_delivery_is_certain(seed: int) -> None:
    certain = tiny_result(*CERTAIN, seed=seed)
    assert certain.weekly["messages_lost"].sum() == 0
    assert read_causes(certain, parts=True)["C4a"] == 0
    assert tiny_result(seed=seed).weekly["messages_lost"].sum() > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_no_message_is_late_if_delivery_takes_no_time(seed: int) -> None:
    prompt = tiny_result("network.message_delay_weeks=0", seed=seed)
    assert read_causes(prompt, parts=True)["C4b"] == 0
    in_both = {"week", "child", "agency"}
    sent, arrived = (
        signature(select_events(prompt, what), *sorted(in_both)) for what in ("shared", "delivered")
    )
    lost = signature(select_events(prompt, "lost"), *sorted(in_both))
    assert sent - lost <= arrived


def test_late_messages_are_a_cause_of_misses() -> None:
    assert read_causes(tiny_result("network.message_delay_weeks=8"), parts=True)["C4b"] > 0


def test_a_closed_front_door_screens_out_every_message() -> None:
    shut = tiny_result(*FRONT_DOOR_SHUT)
    assert shut.weekly["referrals"].sum() == 0
    assert (
        len(select_events(shut, "initial_started", "plan_started", "in_need_started", "effective_from")) == 0
    )
    for ratio in ("referral_ppv", "rereferral_share_12m", "contacts_per_referral", "source_share"):
        assert shut.summary[ratio] is None
    assert shut.summary["assessed_neither_per_10k_year"] == 0
    lost = read_causes(shut)
    assert sum(lost[code] for code in ("C6", "C7", "C8", "C9")) == 0
    missed = shut.spells[shut.spells["result_13w"] == "missed"]
    delivered_in_time = missed["first_delivery"] <= (missed["onset"] + 13).clip(
        upper=missed["serious_week"].fillna(9_999)
    )
    assert (missed.loc[delivered_in_time.fillna(value=False), "stopped_at"] == "C5").all()
    assert delivered_in_time.sum() > 0


def test_no_sign_is_noticed_without_attention() -> None:
    unattended = tiny_result(*set_for_all_kinds("attention", 0.0))
    assert len(select_events(unattended, "noticed", "shared", "delivered")) == len(
        select_events(unattended, "delivered")
    )
    assert len(select_events(unattended, "noticed")) == 0
    assert unattended.weekly["messages_sent"].sum() == 0
    assert (unattended.spells["first_notice"].isna()).all()


def test_effective_protection_leaves_less_harm_than_none() -> None:
    strong = tiny_result("protection.recovery_on_plan_per_week=1", "protection.recovery_in_need_per_week=1")
    none = tiny_result(
        "protection.recovery_on_plan_per_week=0",
        "protection.recovery_in_need_per_week=0",
        "protection.care_threshold=20",
    )
    assert len(select_events(none, "harm_ended_by_protection")) == 0
    assert strong.weekly["in_harm"].sum() < none.weekly["in_harm"].sum()


def test_serious_events_are_averted_on_a_plan_only_if_plans_avert_them() -> None:
    frequent = ("harm.serious_event_per_week=0.02", "protection.recovery_on_plan_per_week=0")
    averted = [
        len(
            select_events(
                tiny_result(*frequent, f"protection.serious_event_averted_share={share}"),
                "serious_event_averted",
            )
        )
        for share in (0, 1)
    ]
    assert averted[0] == 0 < averted[1]


def test_more_staff_make_assessments_more_punctual() -> None:
    steady = ("workforce.exit_per_year=0", "workforce.vacancy_start=0")
    few, many = (tiny_result(f"workforce.assessment_posts_per_10k={posts}", *steady) for posts in (15, 60))
    on_time = "initial_on_time_share"
    assert many.summary[on_time] > few.summary[on_time]  # type: ignore[operator]
    assert many.summary["utilisation_mean"] < few.summary["utilisation_mean"]  # type: ignore[operator]


def test_agencies_send_more_messages_if_their_files_do_not_fade() -> None:
    def contacts(fading: float) -> int:
        return sum(
            int(
                tiny_result(f"sharing.evidence_fading_per_week={fading}", *NO_FEEDBACK[:-1], seed=seed)
                .weekly["messages_sent"]
                .sum()
            )
            for seed in SEEDS
        )

    assert contacts(0.0) > contacts(0.2)


def test_no_file_is_left_behind_if_every_file_follows_its_child() -> None:
    assert len(select_events(tiny_result("population.file_left_behind=0"), "file_left_behind")) == 0
    assert len(select_events(tiny_result(), "file_left_behind")) > 0
