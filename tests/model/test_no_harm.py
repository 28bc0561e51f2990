"""In a world without harm, missed-risk rates are undefined and there are still families assessed with neither need "
"nor harm."""

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
        "missed_on_file_share",
        "protected_strict_share",
        "harm_averted_share",
        "protected_within_13w",
    ):
        assert result.summary[rate] is None, rate
    assert result.summary["serious_events_per_10k_year"] == 0
    assert result.weekly["in_harm"].sum() == 0
    assert result.weekly["assessed_neither"].sum() > 0
