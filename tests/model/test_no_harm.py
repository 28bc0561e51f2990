"""A world without harm: nothing to miss, no rate, and false alarms all the same."""

from tests.model.authority import outcome

NO_HARM = "harm.onset_per_year=0"


def test_without_harm_nothing_can_be_missed_but_families_can_be_troubled_for_nothing() -> None:
    result = outcome(NO_HARM)
    assert len(result.spells) == 0
    for rate in (
        "missed_risk_rate",
        "missed_by_cause",
        "protected_share",
        "unprotected_weeks_share",
        "equity_gap_miss",
    ):
        assert result.summary[rate] is None, rate
    assert result.summary["serious_events"] == 0
    assert result.weekly["in_harm"].sum() == 0
    assert result.weekly["false_alarm_families"].sum() > 0
