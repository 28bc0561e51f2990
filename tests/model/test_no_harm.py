"""In a world without harm, missed-risk rates are undefined and there are still false alarms."""

from tests.model.authority import tiny_result

NO_HARM = "harm.onset_per_year=0"


def test_without_harm_nothing_is_missed_but_families_are_assessed_without_need_or_harm() -> None:
    result = tiny_result(NO_HARM)
    assert len(result.spells) == 0
    for rate in (
        "missed_risk_rate",
        "chain_stopped_at",
        "protected_share",
        "unprotected_weeks_share",
        "equity_gap_miss",
    ):
        assert result.summary[rate] is None, rate
    assert result.summary["serious_events"] == 0
    assert result.weekly["in_harm"].sum() == 0
    assert result.weekly["assessed_neither"].sum() > 0
