"""The result of a run can be saved, loaded, compared and understood."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.results.synthetic import KINDS, run_result

from cpsim.results import STOP_PARTS, STOPS, SUMMARY, TABLES, OutputError, RunResult
from cpsim.scenario.read import from_mapping, load

# Claims, charts and users' scripts rely on these names.
PROMISED = """
missed_risk_rate missed_risk_rate_4w missed_risk_rate_26w missed_risk_rate_52w chain_stopped_at
unprotected_weeks_share serious_events_per_10k_year serious_events_after_4_weeks_per_10k_year
weeks_to_protection_median_reached referrals_per_10k_year missed_on_file_share pooled_alarms_per_10k_year
pooled_alarm_ppv protected_strict_share harm_weeks_per_10k_year harm_averted_share falsely_reassured_per_10k_year
found_by_true missed_severe_rate missed_acute_rate missed_chronic_rate_52w share_rate participation
true_referrals_per_10k_year core_time_share unmet_need_gap inequality_gini effective_dprime
rating_truth_correlation misclassified_las
contacts_per_referral rereferral_share_12m referrals_assessed_share core_per_initial s47_per_referral
conferences_per_s47 plans_per_conference plan_stock_per_10k plan_months_mean repeat_plan_share initial_on_time_share
core_on_time_share source_share assessed_neither_per_10k_year referral_ppv needless_service_weeks_per_10k_year
utilisation_mean caseload_mean vacancy_share turnover_per_year trust_mean delivery_rate cost_gbp_per_child_year
cost_gbp_per_unprotected_week_averted equity_gap_miss equity_gap_assessed_neither
""".split()
EXTRA = """
protected_share self_resolved_share missed_of_unresolved_share harm_spells censored_spells chain_stopped_at_part
missed_risk_rate_families harm_onsets_per_10k_year pool_participation pooling_gbp_per_child_year
group_gap_miss group_gap_assessed_neither
contacts_per_10k_year in_need_stock_per_10k in_care_per_10k plans_over_two_years_share referred_by_age_5_share
""".split()


@pytest.fixture(scope="module")
def result() -> RunResult:
    made = run_result(years=1, spells=300)
    return RunResult(**{**vars(made), "scenario": from_mapping(made.scenario).model_dump()})


def test_the_summary_has_every_promised_name_and_documents_each(result: RunResult) -> None:
    missing = set(PROMISED + EXTRA) - set(SUMMARY)
    assert not missing, "users' scripts rely on these names; an outcome is gone or has another name"
    assert list(result.summary) == list(SUMMARY)
    assert all(quantity.unit and quantity.meaning.endswith(".") for quantity in SUMMARY.values())


def test_a_summary_with_an_undocumented_or_a_missing_name_is_refused(
    result: RunResult,
) -> None:
    parts = vars(result)
    with pytest.raises(ValueError, match="undocumented names \\['luck'\\]"):
        RunResult(**{**parts, "summary": result.summary | {"luck": 1.0}})
    with pytest.raises(ValueError, match="missing names \\['missed_risk_rate'\\]"):
        RunResult(
            **{**parts, "summary": {k: v for k, v in result.summary.items() if k != "missed_risk_rate"}}
        )


def test_an_undefined_rate_is_saved_as_null_not_zero(result: RunResult) -> None:
    blank = RunResult(**{**vars(result), "summary": result.summary | {"missed_risk_rate": float("nan")}})
    assert json.loads(blank.summary_to_json())["missed_risk_rate"] is None


def test_every_column_is_documented_and_an_undocumented_column_is_refused(result: RunResult) -> None:
    for name, columns in TABLES.items():
        assert all(column.meaning.endswith(".") for column in columns.values())
        frame = getattr(result, name)
        first = frame.columns[0]
        with pytest.raises(ValueError, match="luck"):
            RunResult(**{**vars(result), name: frame.assign(luck=1)})
        with pytest.raises(ValueError, match=f"missing columns \\['{first}'\\]"):
            RunResult(**{**vars(result), name: frame.drop(columns=first)})


def test_a_cause_outside_the_ledger_is_refused(result: RunResult) -> None:
    spells = result.spells.assign(stopped_at="C10")
    with pytest.raises(ValueError, match="C10"):
        RunResult(**{**vars(result), "spells": spells})


def test_each_kind_of_agency_has_columns_for_contacts_and_referrals(result: RunResult) -> None:
    for kind in KINDS:
        assert {f"contacts_from_{kind}", f"referrals_from_{kind}"} <= set(result.weekly.columns)


def test_a_saved_run_is_loaded_unchanged(result: RunResult, tmp_path: Path) -> None:
    again = RunResult.load(result.save(tmp_path / "run"))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(result, name))
    assert (again.summary, again.scenario, again.seed) == (result.summary, result.scenario, result.seed)
    assert again.provenance == result.provenance


def test_the_saved_scenario_can_be_run_again(result: RunResult, tmp_path: Path) -> None:
    duty = {"date": date(2005, 10, 1), "lever": "duty", "kinds": ["school"], "awareness": 0.4}
    clock = {"start": date(2005, 4, 1), "years": 1, "warm_up_years": 2}
    about = {"name": "again", "question": "Näher: dran? # ja"}
    scenario = from_mapping({**about, "clock": clock, "timeline": [duty]})
    resolved = scenario.model_dump()
    run = RunResult(**{**vars(result), "scenario": resolved})
    folder = run.save(tmp_path / "run")
    assert load(folder / "scenario.yaml") == scenario
    assert RunResult.load(folder).scenario == run.scenario


def test_a_run_without_harm_can_be_saved_and_loaded(result: RunResult, tmp_path: Path) -> None:
    tables = {"spells": result.spells.iloc[:0], "events": result.events.iloc[:0]}
    none = {"harm_spells": 0, "censored_spells": 0, "missed_risk_rate": None}
    empty = RunResult(**{**vars(result), **tables, "summary": result.summary | none})
    again = RunResult.load(empty.save(tmp_path / "run"))
    pd.testing.assert_frame_equal(again.spells, empty.spells)
    pd.testing.assert_frame_equal(again.events, empty.events)


def test_saving_the_same_run_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first = run_result(years=1, spells=300).save(tmp_path / "first")
    second = run_result(years=1, spells=300).save(tmp_path / "second")
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name


def test_the_order_of_categories_does_not_change_the_saved_bytes(result: RunResult, tmp_path: Path) -> None:
    stages = result.events["stage"]
    shuffled = result.events.assign(
        stage=pd.Categorical(stages, categories=[*stages.cat.categories[::-1], "never"])
    )
    other = RunResult(**{**vars(result), "events": shuffled})
    paths = [run.save(tmp_path / name) / "events.parquet" for name, run in (("a", result), ("b", other))]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_files_are_compressed_and_do_not_contain_library_versions(
    result: RunResult, tmp_path: Path
) -> None:
    parquet = pq.read_metadata(result.save(tmp_path / "run") / "spells.parquet")
    assert parquet.row_group(0).column(0).compression == "ZSTD"
    assert b"pandas" not in (parquet.metadata or {})


def test_a_folder_without_a_complete_run_is_refused_with_a_clear_message(
    result: RunResult, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="not the folder of a run"):
        RunResult.load(tmp_path)
    folder = result.save(tmp_path / "run")
    (folder / "weekly.parquet").write_bytes(b"not parquet")
    with pytest.raises(OutputError, match=r"weekly\.parquet: this is not a Parquet file"):
        RunResult.load(folder, anyway=True)


def test_the_provenance_records_seed_versions_hashes_and_duration(result: RunResult) -> None:
    record = result.provenance
    assert record["seed"] == result.seed
    assert {"cpsim", "python", "numpy", "mesa"} <= record["versions"].keys()
    assert len(record["scenario_sha256"]) == len(record["code_sha256"]) == 64
    assert record["duration_seconds"] == 12.346


def test_another_scenario_has_another_hash() -> None:
    one, other = run_result(years=1, spells=50), run_result(years=2, spells=50)
    assert one.provenance["scenario_sha256"] != other.provenance["scenario_sha256"]


def test_the_parts_of_stops_belong_to_the_ten_stops() -> None:
    assert list(STOPS) == [f"C{number}" for number in range(10)]
    assert {part[:2] for part in STOP_PARTS} == set(STOPS)


def test_misses_are_printed_with_harm_assessments_workload_and_money(result: RunResult) -> None:
    page = str(result)
    for heading in ("Missed risk", "Harm", "Assessments", "Workload", "Money"):
        assert heading in page
    assert (
        page.splitlines()[-1] == "No predictions about any real child or council: everyone here is invented."
    )


def test_the_printed_summary_has_at_most_40_lines_without_colour_and_marks_undefined_values(
    result: RunResult,
) -> None:
    undefined = result.summary | {"initial_on_time_share": None}
    page = str(RunResult(**{**vars(result), "summary": undefined}))
    without_remarks, _, _ = page.partition("duty is not in play")
    assert len(without_remarks.splitlines()) <= 36, "with the caution at its end, 40"
    assert "\x1b" not in page
    (on_time,) = [line for line in page.splitlines() if "Assessed on time" in line]
    assert "–" in on_time


def test_missed_with_the_pieces_on_file_is_printed_with_its_price(result: RunResult) -> None:
    price = {"missed_on_file_share": 0.073, "pooled_alarms_per_10k_year": 150.2, "pooled_alarm_ppv": 0.661}
    page = " ".join(str(RunResult(**{**vars(result), "summary": result.summary | price})).split())
    assert "on file 7.3% of spells of harm, at 150 alarms a year per 10,000, 66% of them true" in page


def test_a_scenario_name_with_markup_is_printed_unchanged(result: RunResult) -> None:
    odd = RunResult(**{**vars(result), "scenario": result.scenario | {"name": "[red]risk[/red] [/x]"}})
    assert "[red]risk[/red] [/x], seed 7" in str(odd)
