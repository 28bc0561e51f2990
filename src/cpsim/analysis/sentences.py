"""Sentences that sum up the findings of a sweep."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import pandas as pd

from cpsim.analysis.answer import (
    describe_box,
    describe_no_driver,
    describe_range,
    format_smallest,
    select_shown,
)
from cpsim.analysis.findings import Findings, Study
from cpsim.analysis.pareto import DOMINATED, FRONT, UNDECIDED
from cpsim.analysis.wording import (
    clean_text,
    format_size,
    format_varied,
)
from cpsim.formatting import (
    format_change,
    format_count,
    format_decimals,
    format_interval,
    format_list,
    format_noun,
    format_outcome_name,
    format_percent,
    raise_first,
)
from cpsim.results.verdicts import CANNOT_BE_SAID, NOT_SHOWN

MOST_NAMES = 6
_MOST_SETTINGS = 4
_LEAST_SEEDS = 8
"""With fewer seeds, intervals from resampled seeds are too narrow."""


def summarise_findings(study: Study, found: Findings) -> Iterator[str]:
    """Yield the findings about the headlines, and what is shown about other outcomes, one sentence each."""
    for name, describe in _DESCRIPTIONS.items():
        if name in found.tables:
            yield from describe(select_outcomes(found.tables[name], study.headlines), study)
            if name in ("differences", "effects"):
                yield from describe(select_other_shown(found.tables[name], study), study)


def select_outcomes(table: pd.DataFrame, outcomes: list[str]) -> pd.DataFrame:
    """Return the rows of a table about some outcomes; all rows if the outcomes are columns."""
    return table[table["outcome"].isin(outcomes)] if "outcome" in table else table


def _describe_differences(table: pd.DataFrame, study: Study) -> Iterator[str]:
    for row in table.to_dict("records"):
        low, high = row["low"], row["high"]
        arm, first = clean_text(row["arm"]), clean_text(study.arms[0])
        pair, label = f"with {arm} compared with {first}", format_outcome_name(row["outcome"])
        if row["verdict"] == CANNOT_BE_SAID:
            yield f"{label}: cannot be said {pair}, because chance cannot be estimated."
        elif low == high == 0:
            yield f"{label}: the same with {arm} as with {first}, with every seed."
        elif row["verdict"] == NOT_SHOWN:
            interval = format_interval(row["outcome"], low, high, unit=False)
            yield (
                f"{label}: no difference was shown {pair} ({interval}; {format_smallest([row])} would have been seen)."
            )
        else:
            yield f"{raise_first(format_change(row['outcome'], row['difference'], low, high))} {pair}."


def select_other_shown(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Select the shown differences or effects in outcomes that are no headlines."""
    others = [name for name in study.outcomes if name not in study.headlines]
    shown = ~table["verdict"].isin([NOT_SHOWN, CANNOT_BE_SAID])
    return table[shown & table["outcome"].isin(others)]


def _describe_effects(table: pd.DataFrame, study: Study) -> Iterator[str]:
    first = table[table["of"] == study.arms[0]]
    where = f" in {clean_text(study.arms[0])}" if len(study.arms) > 1 else ""
    for outcome, own in first.groupby("outcome", sort=False):
        rows, name = own.to_dict("records"), format_noun(str(outcome))
        shown = select_shown(rows)
        if own["fit"].isna().all():
            yield f"No setting that varies moves {name}{where}: it is the same at all points."
        elif not shown:
            yield f"{raise_first(describe_no_driver(rows, str(outcome), where))}."
        else:
            strongest = max(shown, key=lambda row: abs(row["effect"]))
            change = format_change(str(outcome), strongest["effect"], strongest["low"], strongest["high"])
            yield f"{raise_first(describe_range(study, strongest, meaning=False))}, {change}{where}."


def _describe_conditions(table: pd.DataFrame, study: Study) -> Iterator[str]:
    for (arm, outcome), rows in table.groupby(["arm", "outcome"], sort=False):
        row = rows.iloc[0]
        label, pair = (
            format_outcome_name(str(outcome)),
            f"{clean_text(str(arm))} than with {clean_text(study.arms[0])}",
        )
        worse = f"{label}: {row['worse_is']}, and so worse, with {pair}"
        if row["worse_share"] in (0, 1):
            yield f"{worse} at {'none' if row['worse_share'] == 0 else 'all'} of the points."
        elif row["shown"]:
            limits = describe_box(study, rows.to_dict("records"))
            yield (
                f"{worse} mostly where {limits}: at {format_percent(row['density'])} of the points there, and at "
                f"{format_percent(row['worse_share'])} of all points."
            )
        else:
            yield (
                f"{worse} at {format_percent(row['worse_share'])} of the points, and no conditions are shown that "
                "explain where."
            )


def _describe_front(table: pd.DataFrame, study: Study) -> Iterator[str]:
    one, several = (" and ".join(f"{name}{ending}" for name in table.index.names) for ending in ("", "s"))
    alternatives = format_count(len(table), one, several)
    for status, label in ((FRONT, "On the front"), (DOMINATED, "Dominated"), (UNDECIDED, "Undecided")):
        names = [
            name_alternative(key, table.index.names, study) for key in table.index[table["status"] == status]
        ]
        if len(names) > MOST_NAMES:
            yield f"{label}: {format_decimals(len(names))} of {alternatives}."
        elif names:
            yield f"{label}, of {alternatives}: {'; '.join(names)}."


def name_alternative(key: Any, levels: Sequence[Hashable], study: Study) -> str:
    """Name an alternative: an arm, the settings of a point, or an arm with these settings.

    Args:
        key: its key in the index of the table.
        levels: names of the levels of the index, of `arm` and `point`.
        study: the sweep.
    """
    parts = dict(zip(levels, key if isinstance(key, tuple) else (key,), strict=True))
    arm = clean_text(str(parts["arm"])) if "arm" in parts else ""
    point = format_point(study, parts["point"]) if "point" in parts else ""
    return " at ".join(filter(None, (arm, point)))


def format_point(study: Study, point: Any) -> str:
    """Format a point as the values of its settings, such as "awareness 0.45 and trust 0.3"."""
    values = study.points.loc[point]
    first = [
        f"{study.described[path].name} {format_varied(study.described[path], value)}"
        for path, value in list(values.items())[:_MOST_SETTINGS]
    ]
    more = len(values) - len(first)
    return format_list([*first, format_count(more, "more setting")] if more else first)


def _describe_regret(table: pd.DataFrame, study: Study) -> Iterator[str]:
    seeds = study.seeds
    if len(table) and seeds < _LEAST_SEEDS:
        yield f"{format_count(seeds, 'seed is', 'seeds are')} too few to say which arm has the smallest maximum regret."
        return
    for outcome, rows in table.groupby("outcome", sort=False):
        least, following = rows.sort_values("max", kind="stable").head(2).to_dict("records")
        label = format_outcome_name(str(outcome))
        if least["max_high"] < following["max_low"]:
            yield (
                f"{label}: {clean_text(least['arm'])} has the smallest maximum regret "
                f"({format_size(str(outcome), least['max'])}); it is best at {format_percent(least['best'])} of the "
                "points."
            )
        else:
            yield f"{label}: no arm is shown to have the smallest maximum regret."


_DESCRIPTIONS: dict[str, Callable[[pd.DataFrame, Study], Iterator[str]]] = {
    "differences": _describe_differences,
    "conditions": _describe_conditions,
    "effects": _describe_effects,
    "pareto": _describe_front,
    "regret": _describe_regret,
}
