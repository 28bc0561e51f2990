"""Every name of `summary.json` computed a second time, from its definition in docs/results.md, with pandas alone.

Nothing of cpsim is used, only the files of a run's folder, so that a fault in the measures cannot hide in both.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

Value = float | dict[str, float] | None
YEAR = 52
CHILDHOOD = 18 * YEAR
FINDINGS = ("not_in_need", "in_need", "harm")
STATES = ("in_harm", "likely_harm", "in_need", "additional_needs", "neither")

FORMULAS: dict[str, Callable[["Run"], Value]] = {}


def formula(function: Callable[["Run"], Value]) -> Callable[["Run"], Value]:
    FORMULAS[function.__name__] = function
    return function


class Run:
    """The tables of a run's folder."""

    def __init__(self, folder: Path) -> None:
        for table in folder.glob("*.parquet"):
            setattr(self, table.stem, pd.read_parquet(table))
        self.scenario: dict[str, Any] = YAML(typ="safe", pure=True).load(
            (folder / "scenario.yaml").read_text()
        )
        self.measures = self.scenario["measures"]
        self.kinds = list(self.scenario["agencies"])
        self.weeks = YEAR * self.scenario["clock"]["years"]
        self.evaluated = self.weekly[self.weekly["phase"] == "evaluated"]
        self.child_years = self.count_children().sum() / YEAR
        self.harm = self.conditions[self.conditions["condition"] == "harm"]
        self.add_results()

    def count_children(self) -> pd.Series:
        """Children under 18 in each evaluated week."""
        born, week = self.children["birth"].to_numpy(), np.arange(self.weeks)[:, None]
        return pd.Series(((born <= week) & (born + CHILDHOOD > week)).sum(axis=1))

    def rate(self, number: float) -> float:
        return 1e4 * number / self.child_years

    def select(self, *stages: str, everywhen: bool = False) -> pd.DataFrame:
        rows = self.events[self.events["stage"].isin(stages)]
        return rows if everywhen else rows[rows["week"].between(0, self.weeks - 1)]

    def overlap(self, episodes: pd.DataFrame, end: str) -> pd.Series:
        """Weeks of each episode that are evaluated."""
        last = episodes[end].fillna(10**6).astype("int64").clip(upper=self.weeks)
        return (last - episodes["start"].clip(lower=0)).clip(lower=0)

    # Spells of harm and their results at a deadline.

    def add_results(self) -> None:
        spells = self.harm[self.harm["start"].between(0, self.weeks - 1)].copy()
        born = self.children.set_index("child")["birth"]
        spells["turns_18"] = spells["child"].map(born) + CHILDHOOD
        serious = self.select("serious_event", everywhen=True)
        spells["serious"] = self.first_event(spells, serious, upto="end_untreated")
        effective = self.services[self.services["service"] == "effective"]
        spells["protected"] = self.find_first_protected(spells, effective)
        for weeks in {4, 26, 52, self.measures["horizon_weeks"]}:
            spells[f"result_{weeks}"] = self.judge(spells, effective, weeks)
        own = self.measures["horizon_weeks"]
        spells["result"] = spells[f"result_{own}"]
        spells["deadline"] = np.minimum(spells["start"] + own, spells["serious"].fillna(np.inf))
        strict = self.judge(spells, self.find_strict(effective), own) == "protected"
        lenient = (spells["severity"] < self.measures["strict_cutoff"]) & (spells["result"] == "protected")
        spells["strict"] = strict & (spells["severity"] >= self.measures["strict_cutoff"]) | lenient
        self.harm_spells = spells.sort_values(["child", "start"]).reset_index(drop=True)
        self.followed = self.harm_spells[self.harm_spells["result"] != "censored"]
        self.missed = self.harm_spells[self.harm_spells["result"] == "missed"]

    @staticmethod
    def first_event(spells: pd.DataFrame, events: pd.DataFrame, upto: str) -> pd.Series:
        """First week of an event about the child from the onset to a week (exclusive)."""
        pairs = spells[["child", "start", upto]].reset_index().merge(events[["child", "week"]], on="child")
        within = pairs[(pairs["week"] >= pairs["start"]) & (pairs["week"] < pairs[upto])]
        return within.groupby("index")["week"].min().reindex(spells.index)

    @staticmethod
    def find_first_protected(spells: pd.DataFrame, effective: pd.DataFrame) -> pd.Series:
        """First week of effective protection, up to the first week after the harm (inclusive)."""
        pairs = (
            spells[["child", "start", "end_actual"]]
            .reset_index()
            .merge(effective[["child", "start", "end"]], on="child", suffixes=("", "_of"))
        )
        until = pairs["end"].astype("float").fillna(np.inf)
        both = pairs[(pairs["start_of"] <= pairs["end_actual"]) & (until > pairs["start"])]
        week = both[["start", "start_of"]].max(axis=1)
        return week.groupby(both["index"]).min().reindex(spells.index)

    @staticmethod
    def judge(spells: pd.DataFrame, protection: pd.DataFrame, weeks: int) -> pd.Series:
        serious = spells["serious"].astype("float").fillna(np.inf)
        deadline = np.minimum(spells["start"] + weeks, serious)
        last = np.minimum(deadline, spells["end_actual"])
        table = spells[["child", "start"]].assign(last=last, serious=serious).reset_index()
        pairs = table.merge(protection[["child", "start", "end"]], on="child", suffixes=("", "_of"))
        until = pairs["end"].astype("float").fillna(np.inf)
        in_force = (pairs["start_of"] <= pairs["last"]) & (until >= pairs["last"])
        in_time = in_force & (pairs["start_of"] < pairs["serious"])
        ever = (pairs["start_of"] <= pairs["last"]) & (until > pairs["start"])
        protected = spells.index.isin(pairs["index"][in_time])
        touched = spells.index.isin(pairs["index"][ever])
        result = pd.Series("missed", index=spells.index)
        result[(spells["end_actual"] < deadline) & ~touched] = "self_resolved"
        result[protected] = "protected"
        result[(spells["turns_18"] < deadline) & (serious > deadline)] = "censored"
        return result

    def find_strict(self, effective: pd.DataFrame) -> pd.DataFrame:
        """Effective protection in the weeks in which the child has a plan or is in care, in uninterrupted episodes."""
        grave = self.services[self.services["service"].isin(["plan", "care"])]
        grave = merge_episodes(grave[["child", "start", "end"]])
        pairs = effective.merge(grave, on="child", suffixes=("", "_of"))
        start = pairs[["start", "start_of"]].max(axis=1)
        end = pairs[["end", "end_of"]].astype("float").fillna(np.inf).min(axis=1)
        both = pairs.assign(start=start, end=end)[["child", "start", "end"]]
        return both[both["end"] > both["start"]].replace({"end": {np.inf: np.nan}})

    # What was true of a family.

    def find_states(self, families: pd.DataFrame) -> pd.Series:
        """Gravest state of each family from `first` to `last` (inclusive)."""
        table = families[["family", "first", "last"]].reset_index()
        pairs = table.merge(self.conditions, on="family")
        during = (pairs["start"] <= pairs["last"]) & (pairs["end_actual"] > pairs["first"])
        likely = (pairs["start"] > pairs["last"]) & (
            pairs["start"] <= pairs["last"] + self.measures["likely_harm_weeks"]
        )
        is_harm = pairs["condition"] == "harm"
        rank = pd.Series(4, index=pairs.index)
        rank[during & (pairs["condition"] == "additional_needs")] = 3
        rank[during & ~pairs["condition"].isin(["harm", "additional_needs"])] = 2
        rank[likely & is_harm] = 1
        rank[during & is_harm] = 0
        gravest = rank.groupby(pairs["index"]).min().reindex(families.index).fillna(4).astype("int64")
        return gravest.map(dict(enumerate(STATES)))

    # Evidence on file.

    def find_evidence(self) -> pd.DataFrame:
        """Evidence at each sign and each onset: strongest file, pooled files, and all that was noticed."""
        kind_of = self.agencies.set_index("agency")["kind"].astype(str)
        key = ["week", "child", "agency"]
        noticed = self.select("noticed", everywhen=True)[[*key, "value"]]
        recorded = self.select("recorded", everywhen=True)[key].assign(recorded=True)
        signs = noticed.merge(recorded, on=key, how="left").fillna({"recorded": False})
        signs["kind"] = signs["agency"].map(kind_of)
        signs["value"] = signs["value"].astype("float64")
        points = pd.concat(
            [
                signs[["child", "week"]].assign(sign=True),
                self.harm_spells[["child", "start"]].set_axis(["child", "week"], axis=1).assign(sign=False),
            ]
        )
        points = points.groupby(["child", "week"], as_index=False)["sign"].any()
        pairs = points.merge(signs, on="child", suffixes=("", "_of"))
        age = pairs["week"] - pairs["week_of"]
        pairs = pairs[(age >= 0) & (age < YEAR)]
        sharing = self.scenario["sharing"]
        fade = np.exp(-sharing["evidence_fading_per_week"] * (pairs["week"] - pairs["week_of"]))
        found = points.set_index(["child", "week"])
        for name, weight in (("on_file", pairs["recorded"].astype(float)), ("noticed", 1.0)):
            held = (
                (pairs["value"] * fade * weight).groupby([pairs["child"], pairs["week"], pairs["kind"]]).sum()
            )
            live = held[held >= sharing["live_evidence"]].groupby(level=[0, 1])
            strongest = held.groupby(level=[0, 1]).max()
            pooled = live.sum() / (1 + (live.count() - 1) * sharing["signal_correlation"])
            together = pd.concat([pooled, strongest], axis=1).max(axis=1)
            found[name] = together
            if name == "on_file":
                found["known"] = strongest
        found["noticed"] = found[["on_file", "noticed"]].max(axis=1)
        return found.reset_index()

    def find_tiers(self) -> pd.Series:
        """How much the agencies had about each missed spell, while there was time."""
        evidence, threshold = self.find_evidence(), self.measures["on_file_threshold"]
        missed = self.missed
        chronic = missed["end_untreated"] - missed["start"] >= self.measures["chronic_from_weeks"]
        reaction = chronic.map(
            {True: self.measures["chronic_reaction_weeks"], False: self.measures["acute_reaction_weeks"]}
        )
        table = missed[["child", "start"]].assign(last=missed["deadline"] - reaction).reset_index()
        pairs = table.merge(evidence, on="child")
        pairs = pairs[pairs["week"].between(pairs["start"], pairs["last"])]
        tier = pd.Series(pd.NA, index=missed.index, dtype="object")
        for name in ("noticed", "on_file", "known"):
            tier[missed.index.isin(pairs["index"][pairs[name] >= threshold])] = name
        return tier

    def find_alarms(self) -> pd.DataFrame:
        evidence = self.find_evidence()
        crossed = evidence[evidence["sign"] & (evidence["on_file"] >= self.measures["on_file_threshold"])]
        crossed = crossed.sort_values(["child", "week"])
        quiet = crossed.groupby("child")["week"].diff().fillna(np.inf) > self.measures["alarm_gap_weeks"]
        alarms = crossed[quiet & crossed["week"].between(0, self.weeks - 1)].reset_index(drop=True)
        pairs = alarms[["child", "week"]].reset_index().merge(self.harm, on="child")
        soon = pairs["week"] + self.measures["likely_harm_weeks"]
        true = (pairs["start"] <= soon) & (pairs["end_actual"] > pairs["week"])
        return alarms.assign(true=alarms.index.isin(pairs["index"][true]))


def merge_episodes(episodes: pd.DataFrame, by: str = "child") -> pd.DataFrame:
    """Merge episodes of one child or family that overlap or adjoin."""
    table = episodes.assign(end=episodes["end"].astype("float").fillna(np.inf)).sort_values([by, "start"])
    before = table.groupby(by)["end"].cummax().groupby(table[by]).shift()
    group = (before.isna() | (table["start"] > before)).cumsum()
    merged = table.groupby(group).agg({by: "first", "start": "min", "end": "max"})
    return merged.reset_index(drop=True).replace({"end": {np.inf: np.nan}})


def divide(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def share(codes: pd.Series, names: list[str]) -> dict[str, float] | None:
    codes = codes.dropna().astype(str)
    return {name: float((codes == name).mean()) for name in names} if len(codes) else None


def share_missed(spells: pd.DataFrame, column: str = "result") -> float | None:
    followed = spells[spells[column] != "censored"]
    return divide((followed[column] == "missed").sum(), len(followed))


# Missed risk.


@formula
def missed_risk_rate(run: Run) -> Value:
    return share_missed(run.harm_spells)


@formula
def missed_risk_rate_4w(run: Run) -> Value:
    return share_missed(run.harm_spells, "result_4")


@formula
def missed_risk_rate_26w(run: Run) -> Value:
    return share_missed(run.harm_spells, "result_26")


@formula
def missed_risk_rate_52w(run: Run) -> Value:
    return share_missed(run.harm_spells, "result_52")


def is_chronic(run: Run) -> pd.Series:
    spells = run.harm_spells
    return spells["end_untreated"] - spells["start"] >= run.measures["chronic_from_weeks"]


@formula
def missed_acute_rate(run: Run) -> Value:
    return share_missed(run.harm_spells[~is_chronic(run)])


@formula
def missed_chronic_rate_52w(run: Run) -> Value:
    return share_missed(run.harm_spells[is_chronic(run)], "result_52")


@formula
def chronic_share(run: Run) -> Value:
    return divide(is_chronic(run).sum(), len(run.harm_spells))


@formula
def chronic_harm_weeks_share(run: Run) -> Value:
    weeks = run.harm_spells["end_actual"] - run.harm_spells["start"]
    return divide(weeks[is_chronic(run)].sum(), weeks.sum())


@formula
def missed_severe_rate(run: Run) -> Value:
    z = NormalDist().inv_cdf(run.measures["severe_quantile"])
    cutoff = np.exp(run.scenario["harm"]["severity_spread"] * z)
    return share_missed(run.harm_spells[run.harm_spells["severity"] > cutoff])


@formula
def missed_on_file_share(run: Run) -> Value:
    return divide(run.find_tiers().isin(["known", "on_file"]).sum(), len(run.followed))


@formula
def missed_known_share(run: Run) -> Value:
    return divide((run.find_tiers() == "known").sum(), len(run.followed))


@formula
def missed_noticed_share(run: Run) -> Value:
    return divide(run.find_tiers().notna().sum(), len(run.followed))


@formula
def missed_on_file_by_failure(run: Run) -> Value:
    missed = run.missed
    events = run.select("referred", everywhen=True)[["child", "week"]]
    pairs = missed[["child", "start", "deadline"]].reset_index().merge(events, on="child")
    referred = pairs["index"][pairs["week"].between(pairs["start"] - 26, pairs["deadline"])]
    failed = pd.Series("never_referred", index=missed.index)
    failed[missed.index.isin(referred)] = "not_protected"
    failed[missed["protected"] <= missed["deadline"]] = "protection_lost"
    on_file = failed[run.find_tiers().isin(["known", "on_file"])]
    return share(on_file, ["never_referred", "not_protected", "protection_lost"])


@formula
def pooled_alarms_per_10k_year(run: Run) -> Value:
    return run.rate(len(run.find_alarms()))


@formula
def pooled_alarm_ppv(run: Run) -> Value:
    alarms = run.find_alarms()
    return divide(alarms["true"].sum(), len(alarms))


@formula
def protected_share(run: Run) -> Value:
    return divide((run.followed["result"] == "protected").sum(), len(run.followed))


@formula
def protected_strict_share(run: Run) -> Value:
    return divide(run.harm_spells["strict"].sum(), len(run.followed))


@formula
def self_resolved_share(run: Run) -> Value:
    return divide((run.followed["result"] == "self_resolved").sum(), len(run.followed))


@formula
def missed_of_unresolved_share(run: Run) -> Value:
    unresolved = run.followed[run.followed["result"] != "self_resolved"]
    return divide((unresolved["result"] == "missed").sum(), len(unresolved))


@formula
def missed_risk_rate_families(run: Run) -> Value:
    return divide(run.missed["family"].nunique(), run.followed["family"].nunique())


@formula
def harm_onsets_per_10k_year(run: Run) -> Value:
    return run.rate(len(run.harm_spells))


@formula
def harm_spells(run: Run) -> Value:
    return float(len(run.harm_spells))


@formula
def censored_spells(run: Run) -> Value:
    return float((run.harm_spells["result"] == "censored").sum())


STOPS = "C0 C1 C2 C3 C4 C5 C6 C7 C8 C9".split()
STOP_PARTS = "C0 C1a C1b C2 C3a C3b C4a C4b C4c C5 C6a C6b C6c C7 C8 C9a".split()


@formula
def chain_stopped_at(run: Run) -> Value:
    return share(run.spells["stopped_at"], STOPS)


@formula
def chain_stopped_at_part(run: Run) -> Value:
    return share(run.spells["stopped_at_part"], STOP_PARTS)


@formula
def new_harm_after_closure_share(run: Run) -> Value:
    missed = run.missed
    ends = run.select("plan_ended", "in_need_ended", "care_ended", everywhen=True)[["child", "week"]]
    pairs = missed[["child", "start", "deadline", "end_actual"]].reset_index().merge(ends, on="child")
    upto = np.minimum(pairs["deadline"], pairs["end_actual"] - 1)
    closed = pairs[pairs["week"].between(pairs["start"] - 26, upto)]
    last = closed.groupby("index")["week"].max()
    table = missed.loc[last.index, ["child", "deadline"]].assign(closed=last)
    served = run.services[run.services["service"] != "effective"]
    open_then = table.reset_index().merge(served, on="child")
    until = open_then["end"].astype("float").fillna(np.inf)
    again = open_then["index"][
        (open_then["start"] <= open_then["deadline"]) & (until > open_then["deadline"])
    ]
    table = table[~table.index.isin(again)]
    harm = table.reset_index().merge(run.harm, on="child")
    in_harm = harm["index"][(harm["start"] <= harm["closed"]) & (harm["end_actual"] > harm["closed"])]
    return divide((~table.index.isin(in_harm)).sum(), len(missed))


# Harm.


@formula
def harm_weeks_per_10k_year(run: Run) -> Value:
    return run.rate(run.overlap(run.harm, "end_actual").sum())


@formula
def harm_averted_share(run: Run) -> Value:
    untreated = run.overlap(run.harm, "end_untreated").sum()
    return divide(untreated - run.overlap(run.harm, "end_actual").sum(), untreated)


@formula
def unprotected_weeks_share(run: Run) -> Value:
    effective = run.services[run.services["service"] == "effective"]
    pairs = run.harm.merge(effective, on="child", suffixes=("", "_of"))
    until = pairs["end"].astype("float").fillna(np.inf)
    both = pd.DataFrame(
        {
            "start": pairs[["start", "start_of"]].max(axis=1),
            "end": np.minimum(pairs["end_actual"], until),
        }
    )
    weeks = run.overlap(run.harm, "end_actual").sum()
    return divide(weeks - run.overlap(both[both["end"] > both["start"]], "end").sum(), weeks)


@formula
def serious_events_per_10k_year(run: Run) -> Value:
    return run.rate(len(run.select("serious_event")))


@formula
def serious_events_after_4_weeks_per_10k_year(run: Run) -> Value:
    pairs = run.select("serious_event").reset_index().merge(run.harm, on="child")
    during = pairs[(pairs["start"] <= pairs["week"]) & (pairs["end_untreated"] > pairs["week"])]
    return run.rate((during["week"] - during["start"] >= 4).sum())


def find_incidence(run: Run, weeks: int) -> Value:
    """Aalen-Johansen, week by week."""
    spells = run.harm_spells
    if spells.empty:
        return None
    times = pd.DataFrame(
        {
            "serious": spells["serious"].astype("float").fillna(np.inf) - spells["start"],
            "protected": spells["protected"].astype("float").fillna(np.inf) - spells["start"],
            "ended": spells["end_actual"] - spells["start"] + 1,
            "adult": spells["turns_18"] - spells["start"],
        }
    )
    first, when = times.idxmin(axis=1), times.min(axis=1)
    still, share_protected = 1.0, 0.0
    for week in range(weeks + 1):
        at_risk = (when >= week).sum()
        now = first[when == week]
        if not at_risk:
            break
        share_protected += still * (now == "protected").sum() / at_risk
        still *= 1 - (now != "adult").sum() / at_risk
    return float(share_protected)


for _weeks in (4, 13, 26, 52):
    FORMULAS[f"protected_within_{_weeks}w"] = lambda run, weeks=_weeks: find_incidence(run, weeks)  # type: ignore[misc]


@formula
def weeks_to_protection_median_reached(run: Run) -> Value:
    weeks = (run.harm_spells["protected"] - run.harm_spells["start"]).dropna()
    return float(weeks.median()) if len(weeks) else None


# Assessments.


def find_assessments(run: Run) -> pd.DataFrame:
    """Check the table of assessments against what was true, and return it."""
    table = run.assessments
    first = table["contact"] - run.measures["before_contact_weeks"]
    return table.assign(true=run.find_states(table.assign(first=first, last=table["end"])))


def count_cells(run: Run) -> dict[str, int]:
    table = find_assessments(run)
    return {
        f"{found}_{true}": int(((table["found"] == found) & (table["true"] == true)).sum())
        for found in FINDINGS
        for true in STATES
    }


@formula
def assessed_neither_per_10k_year(run: Run) -> Value:
    return run.rate((find_assessments(run)["true"] == "neither").sum())


@formula
def falsely_reassured_per_10k_year(run: Run) -> Value:
    return run.rate(count_cells(run)["not_in_need_in_harm"])


@formula
def assessed_by_state_per_10k_year(run: Run) -> Value:
    true = find_assessments(run)["true"]
    return {state: run.rate((true == state).sum()) for state in STATES}


@formula
def found_by_true(run: Run) -> Value:
    cells = count_cells(run)
    total = sum(cells.values())
    return {cell: number / total for cell, number in cells.items()} if total else None


@formula
def assessed_not_in_need_share(run: Run) -> Value:
    return divide((run.assessments["found"] == "not_in_need").sum(), len(run.assessments))


def count_false_enquiries(run: Run) -> int:
    table = find_assessments(run)
    return int((table["enquiry"] & ~table["true"].isin(["in_harm", "likely_harm"])).sum())


@formula
def enquiry_false_alarms_per_10k_year(run: Run) -> Value:
    return run.rate(count_false_enquiries(run))


@formula
def enquiry_false_alarm_share(run: Run) -> Value:
    return divide(count_false_enquiries(run), run.assessments["enquiry"].sum())


def mark_in_harm(run: Run, events: pd.DataFrame) -> pd.Series:
    events = events.reset_index(drop=True)
    pairs = events.reset_index().merge(run.harm, on="child")
    during = pairs["index"][(pairs["start"] <= pairs["week"]) & (pairs["end_actual"] > pairs["week"])]
    return pd.Series(events.index.isin(during))


@formula
def referral_ppv(run: Run) -> Value:
    referred = run.select("referred")
    return divide(mark_in_harm(run, referred).sum(), len(referred))


@formula
def true_referrals_per_10k_year(run: Run) -> Value:
    return run.rate(mark_in_harm(run, run.select("referred")).sum())


@formula
def needless_service_weeks_per_10k_year(run: Run) -> Value:
    served = run.services[run.services["service"] != "effective"]
    served = merge_episodes(served[["family", "start", "end"]], "family")
    served["start"] = served["start"].clip(lower=0)
    served["end"] = served["end"].fillna(np.inf).clip(upper=run.weeks)
    likely = np.where(run.conditions["condition"] == "harm", run.measures["likely_harm_weeks"], 0)
    true = run.conditions[["family"]].assign(
        start=run.conditions["start"] - likely, end=run.conditions["end_actual"]
    )
    true = merge_episodes(true, "family")
    served = served[served["end"] > served["start"]]
    pairs = served.merge(true, on="family", suffixes=("", "_of"))
    both = np.minimum(pairs["end"], pairs["end_of"]) - np.maximum(pairs["start"], pairs["start_of"])
    return run.rate((served["end"] - served["start"]).sum() - both.clip(lower=0).sum())


@formula
def unmet_need_gap(run: Run) -> Value:
    served = run.services[run.services["service"] != "effective"]
    served = merge_episodes(served[["child", "start", "end"]])
    unmet = []
    for band in ("additional_needs", "need", "harm"):
        spells = run.conditions[run.conditions["condition"] == band]
        weeks = run.overlap(spells, "end_actual").sum()
        pairs = spells.merge(served, on="child", suffixes=("", "_of"))
        both = pd.DataFrame(
            {
                "start": pairs[["start", "start_of"]].max(axis=1),
                "end": np.minimum(pairs["end_actual"], pairs["end"].fillna(np.inf)),
            }
        )
        met = run.overlap(both[both["end"] > both["start"]], "end").sum()
        if not weeks:
            return None
        unmet.append((weeks - met) / weeks)
    return 100 * (unmet[1] - (unmet[0] + unmet[2]) / 2)


# From a contact to a plan.


@formula
def contacts_per_10k_year(run: Run) -> Value:
    return run.rate(len(run.select("referred", "screened_out")))


@formula
def contacts_per_referral(run: Run) -> Value:
    return divide(len(run.select("referred", "screened_out")), len(run.select("referred")))


@formula
def referrals_per_10k_year(run: Run) -> Value:
    return run.rate(len(run.select("referred")))


@formula
def rereferral_share_12m(run: Run) -> Value:
    referred = run.select("referred", everywhen=True).sort_values(["child", "week"])
    since = referred["week"] - referred.groupby("child")["week"].shift()
    again = since <= YEAR
    if run.scenario["authorities"]["count"] > 1:
        again = referred["value"] > 0  # a front door does not know of referrals to another authority
    evaluated = referred["week"].between(0, run.weeks - 1)
    return divide(again[evaluated].sum(), evaluated.sum())


@formula
def referrals_assessed_share(run: Run) -> Value:
    referred = run.select("referred", everywhen=True).sort_values(["child", "week"])
    referred["again"] = referred.groupby("child")["week"].shift(-1).fillna(np.inf)
    rows = referred[referred["week"].between(0, run.weeks - 1)].reset_index(drop=True)
    started = run.select("initial_started", everywhen=True)[["child", "week"]]
    pairs = rows.reset_index().merge(started, on="child", suffixes=("", "_of"))
    followed = pairs[
        (pairs["week_of"] >= pairs["week"])
        & (pairs["week_of"] <= pairs["week"] + 26)
        & (pairs["week_of"] < pairs["again"])
    ]
    return divide(followed["index"].nunique(), len(rows))


@formula
def core_per_initial(run: Run) -> Value:
    return divide(len(run.select("core_started")), len(run.select("initial_started")))


@formula
def s47_per_referral(run: Run) -> Value:
    return divide(len(run.select("enquiry_started")), len(run.select("referred")))


@formula
def conferences_per_s47(run: Run) -> Value:
    return divide(len(run.select("conference")), len(run.select("enquiry_started")))


@formula
def plans_per_conference(run: Run) -> Value:
    return divide(len(run.select("plan_started")), len(run.select("conference")))


def find_stock(run: Run, service: str) -> float:
    rows = run.services[run.services["service"] == service]
    return 1e4 * run.overlap(rows, "end").sum() / run.count_children().sum()


@formula
def plan_stock_per_10k(run: Run) -> Value:
    return find_stock(run, "plan")


@formula
def in_need_stock_per_10k(run: Run) -> Value:
    return 1e4 * run.evaluated["in_need_service"].sum() / run.count_children().sum()


@formula
def in_care_per_10k(run: Run) -> Value:
    return find_stock(run, "care")


@formula
def plan_months_mean(run: Run) -> Value:
    weeks = run.select("plan_ended")["value"]
    return float(weeks.astype("float64").mean()) / (YEAR / 12) if len(weeks) else None


@formula
def plans_over_two_years_share(run: Run) -> Value:
    weeks = run.select("plan_ended")["value"]
    return divide((weeks > 2 * YEAR).sum(), len(weeks))


@formula
def repeat_plan_share(run: Run) -> Value:
    started = run.select("plan_started")
    return divide((started["value"] > 0).sum(), len(started))


@formula
def initial_on_time_share(run: Run) -> Value:
    finished = run.select("initial_finished")
    return divide((finished["value"] > 0).sum(), len(finished))


@formula
def core_on_time_share(run: Run) -> Value:
    finished = run.select("core_finished")
    return divide((finished["value"] > 0).sum(), len(finished))


@formula
def referred_by_age_5_share(run: Run) -> Value:
    warm_up = -run.weekly["week"].min()
    five = run.children["birth"] + 5 * YEAR
    turned = run.children[(run.children["birth"] >= -warm_up) & five.between(0, run.weeks - 1)]
    by_then = turned["first_referral"] <= turned["birth"] + 5 * YEAR - 1
    return divide(by_then.fillna(value=False).sum(), len(turned))


@formula
def source_share(run: Run) -> Value:
    kind = run.agencies.set_index("agency")["kind"].astype(str)
    return share(run.select("referred")["agency"].map(kind), run.kinds)


for step, stage in {
    "initial": "initial_started",
    "s47": "enquiry_started",
    "conferences": "conference",
    "plans": "plan_started",
}.items():
    FORMULAS[f"{step}_per_10k_year"] = lambda run, stage=stage: run.rate(len(run.select(stage)))


@formula
def protected_per_10k_year(run: Run) -> Value:
    return run.rate(int((run.harm_spells["result"] == "protected").sum()))


@formula
def contacts_by_kind_per_10k_year(run: Run) -> Value:
    kind = run.agencies.set_index("agency")["kind"].astype(str)
    made = run.select("referred", "screened_out")["agency"].map(kind)
    return {name: run.rate(int((made == name).sum())) for name in run.kinds}


# Sharing.


@formula
def weeks_to_message_by_kind(run: Run) -> Value:
    followed = run.harm_spells[run.harm_spells["result_52"] != "censored"]
    sent = run.select("shared", everywhen=True)[["week", "child", "agency"]]
    sent = sent.assign(kind=sent["agency"].map(run.agencies.set_index("agency")["kind"].astype(str)))
    pairs = followed[["child", "start"]].reset_index().merge(sent, on="child")
    waited = pairs.assign(weeks=pairs["week"] - pairs["start"])
    waited = waited[waited["weeks"].between(0, YEAR)]
    first = waited.groupby(["kind", "index"])["weeks"].min()
    return {
        kind: float((first.get(kind, pd.Series(dtype=float)).reindex(followed.index).fillna(YEAR)).mean())
        for kind in run.kinds
    }


def find_crossings(run: Run) -> pd.DataFrame:
    """First crossing of each organisation about each spell, and whether it shared within 4 weeks."""
    crossed = run.select("threshold_crossed", everywhen=True)[["week", "child", "agency"]]
    spells = run.harm_spells[["child", "start", "end_untreated"]].reset_index()
    pairs = spells.merge(crossed, on="child")
    pairs = pairs[(pairs["week"] >= pairs["start"]) & (pairs["week"] < pairs["end_untreated"])]
    first = pairs.groupby(["index", "child", "agency"], as_index=False)["week"].min()
    shared = run.select("shared", everywhen=True)[["week", "child", "agency"]]
    both = first.reset_index(names="row").merge(shared, on=["child", "agency"], suffixes=("", "_of"))
    soon = both["row"][both["week_of"].between(both["week"], both["week"] + 4)]
    kind = run.agencies.set_index("agency")["kind"].astype(str)
    return first.assign(shared=first.index.isin(soon), kind=first["agency"].map(kind))


@formula
def share_rate(run: Run) -> Value:
    first = find_crossings(run)
    return divide(first["shared"].sum(), len(first))


@formula
def share_rate_by_kind(run: Run) -> Value:
    shares = find_crossings(run).groupby("kind")["shared"].mean().to_dict()
    return shares or None


@formula
def participation(run: Run) -> Value:
    def list_active(*stages: str) -> set[tuple[int, int]]:
        rows = run.select(*stages)
        return set(zip(rows["week"] // 13, rows["agency"], strict=True))

    noticed = list_active("noticed")
    return divide(len(noticed & list_active("shared", "consulted")), len(noticed))


@formula
def effective_dprime(run: Run) -> Value:
    contacts = run.select("referred", "screened_out").reset_index(drop=True)
    in_harm, referred = mark_in_harm(run, contacts), contacts["stage"] == "referred"
    if in_harm.all() or not in_harm.any():
        return None

    def find_z(rows: pd.Series) -> float:
        n = int(rows.sum())
        accepted = (referred & rows).sum() / n
        return NormalDist().inv_cdf(min(max(accepted, 1 / (2 * n)), 1 - 1 / (2 * n)))

    return find_z(in_harm) - find_z(~in_harm)


def find_first_step(run: Run, stage: str) -> pd.DataFrame:
    spells = run.harm_spells[["child", "start", "end_actual"]].reset_index()
    pairs = spells.merge(run.select(stage, everywhen=True)[["week", "child", "agency"]], on="child")
    pairs = pairs[(pairs["week"] >= pairs["start"]) & (pairs["week"] <= pairs["end_actual"])]
    kind = run.agencies.set_index("agency")["kind"].astype(str)
    first = pairs.sort_values("week", kind="stable").drop_duplicates("index")
    return first.assign(weeks=first["week"] - first["start"], kind=first["agency"].map(kind))


def register_step(step: str, stage: str, *, by_kind: bool) -> None:
    def median(run: Run) -> Value:
        first = find_first_step(run, stage)
        return float(first["weeks"].median()) if len(first) else None

    def medians(run: Run) -> Value:
        return find_first_step(run, stage).groupby("kind")["weeks"].median().to_dict() or None

    FORMULAS[f"weeks_to_first_{step}_median_reached"] = median
    if by_kind:
        FORMULAS[f"weeks_to_first_{step}_by_kind"] = medians


register_step("share", "shared", by_kind=True)
register_step("referral", "referred", by_kind=True)
register_step("assessment", "initial_started", by_kind=False)


# Workload, ties and money.


@formula
def utilisation_mean(run: Run) -> Value:
    return divide(run.evaluated["hours_demanded"].sum(), run.evaluated["hours_available"].sum())


@formula
def caseload_mean(run: Run) -> Value:
    return float(run.evaluated["caseload_mean"].mean())


@formula
def vacancy_share(run: Run) -> Value:
    return float(run.evaluated["vacancy_share"].mean())


@formula
def turnover_per_year(run: Run) -> Value:
    years = run.weeks / YEAR
    return divide(run.evaluated["exits"].sum() / years, run.evaluated["posts"].mean())


@formula
def core_time_share(run: Run) -> Value:
    return divide(run.evaluated["hours_available"].sum(), run.evaluated["hours_paid"].sum())


@formula
def trust_mean(run: Run) -> Value:
    return float(run.evaluated["trust_mean"].mean())


@formula
def delivery_rate(run: Run) -> Value:
    sent = run.select("shared")[["week", "child", "agency"]].reset_index(drop=True)
    arrived = run.select("delivered", everywhen=True)[["week", "child", "agency"]]
    pairs = sent.reset_index().merge(arrived, on=["child", "agency"], suffixes=("", "_of"))
    in_time = pairs["index"][pairs["week_of"].between(pairs["week"], pairs["week"] + 4)]
    return divide(in_time.nunique(), len(sent))


@formula
def cost_gbp_per_child_year(run: Run) -> Value:
    price, weekly = run.scenario["costs"], run.evaluated
    total = (
        weekly["hours_paid"].sum() * price["hour_of_social_work_gbp"]
        + len(run.select("shared")) * price["partner_hours_per_contact"] * price["partner_hour_gbp"]
        + len(run.select("conference")) * price["conference_gbp"]
        + weekly["in_need_service"].sum() * price["in_need_service_week_gbp"]
        + weekly["on_plan"].sum() * price["plan_service_week_gbp"]
        + weekly["in_care"].sum() * price["care_week_gbp"]
        + len(run.select("court_application")) * price["court_application_gbp"]
    )
    return float(total / run.child_years)


@formula
def pool_participation(run: Run) -> Value:
    return float(run.evaluated["pool_participation"].mean())


@formula
def pooling_gbp_per_child_year(run: Run) -> Value:
    return float(run.evaluated["pooling_gbp"].sum() / run.child_years)


@formula
def cost_gbp_per_unprotected_week_averted(_: Run) -> Value:
    return None


# Gaps.


def find_gap(rates: list[float | None], factor: float) -> float | None:
    return None if None in rates else factor * (rates[0] - rates[1])  # type: ignore[operator]


def list_groups(run: Run, what: str) -> list[pd.Series]:
    """Children of the two groups that are compared."""
    children = run.children
    if what == "equity":
        return [children["child"][children["decile"] >= 9], children["child"][children["decile"] <= 2]]
    return [children["child"][children["group"] == each] for each in ("smaller", "larger")]


def find_missed_gap(run: Run, what: str) -> Value:
    spells = run.harm_spells
    return find_gap(
        [share_missed(spells[spells["child"].isin(members)]) for members in list_groups(run, what)], 100
    )


def find_neither_gap(run: Run, what: str) -> Value:
    families = find_assessments(run)
    families = families["family"][families["true"] == "neither"]
    rates: list[float | None] = []
    for members in list_groups(run, what):
        rows = run.children[run.children["child"].isin(members)]
        last = (rows["birth"] + CHILDHOOD).clip(upper=run.weeks)
        years = (last - rows["birth"].clip(lower=0)).sum() / YEAR
        rates.append(divide(1e4 * families.isin(rows["family"]).sum(), years))
    return find_gap(rates, 1)


for _what in ("equity", "group"):
    FORMULAS[f"{_what}_gap_miss"] = lambda run, what=_what: find_missed_gap(run, what)  # type: ignore[misc]
    FORMULAS[f"{_what}_gap_assessed_neither"] = lambda run, what=_what: find_neither_gap(run, what)  # type: ignore[misc]


# Authorities.


@formula
def inequality_gini(run: Run) -> Value:
    followed = run.spells[run.spells[f"result_{run.measures['horizon_weeks']}w"] != "censored"]
    missed = followed[f"result_{run.measures['horizon_weeks']}w"] == "missed"
    rates = missed.groupby(followed["authority"]).mean().to_numpy()
    if len(rates) < 2 or not rates.sum():
        return None
    differences = np.abs(rates[:, None] - rates).mean()
    return float(differences / (2 * rates.mean()))


def list_grades(run: Run) -> pd.DataFrame:
    rows = run.ratings[
        (run.ratings["service"] == "children") & run.ratings["week"].between(0, run.weeks - 1)
    ].copy()
    rows["year"] = rows["week"] // YEAR + 1
    return rows.sort_values("week", kind="stable").groupby(["authority", "year"], as_index=False).last()


@formula
def rating_truth_correlation(run: Run) -> Value:
    places = run.authorities[["authority", "year", "harm_weeks", "harm_weeks_unprotected"]]
    protected = 1 - places["harm_weeks_unprotected"] / places["harm_weeks"].replace(0, np.nan)
    following = places.assign(year=places["year"] - 1, protected=protected)
    both = list_grades(run).merge(following, on=["authority", "year"]).dropna(subset=["protected"])
    found = [
        rows["grade"].corr(rows["protected"], method="spearman")
        for _, rows in both.groupby("year")
        if len(rows) >= 20 and rows["grade"].nunique() > 1
    ]
    return float(np.mean(found)) if found else None


@formula
def misclassified_las(run: Run) -> Value:
    good = worst = 0
    for _, rows in list_grades(run).groupby("year"):
        if len(rows) >= 20:
            poor = rows[rows["quality"].rank(method="min") <= round(len(rows) / 5)]
            good, worst = good + int((poor["grade"] >= 3).sum()), worst + len(poor)
    return divide(good, worst)
