"""What a sweep has found, in sentences."""

from collections.abc import Callable, Iterator

import pandas as pd

from cpsim.results.verdicts import CANNOT_BE_SAID, NOT_SHOWN
from cpsim.study.analysis.findings import Findings, Study
from cpsim.study.analysis.pareto import DOMINATED, FRONT, UNDECIDED
from cpsim.study.analysis.wording import cell, number, percent, plain, readable, within

MOST_NAMES = 12


def in_short(study: Study, found: Findings) -> Iterator[str]:
    """A sentence for each thing that was found about misses, false alarms and money."""
    tables = found.tables
    for name, tell in _SHORT.items():
        if name in tables:
            yield from tell(about(tables[name], study.headlines), study)


def about(table: pd.DataFrame, outcomes: list[str]) -> pd.DataFrame:
    """The rows of a table that are about some outcomes; all rows of one that has them side by side."""
    return table[table["outcome"].isin(outcomes)] if "outcome" in table else table


def _tell_differences(table: pd.DataFrame, study: Study) -> Iterator[str]:
    for row in table.to_dict("records"):
        between = f"{number(row['low'])} to {number(row['high'])}"
        what = f"{readable(row['outcome'])} with {plain(row['arm'])} against {plain(study.arms[0])}"
        if row["verdict"] == CANNOT_BE_SAID:
            yield f"{what}: cannot be said."
        elif row["low"] == row["high"] == 0:
            yield f"{what}: the same, with every seed."
        elif row["verdict"] == NOT_SHOWN and row["low"] * row["high"] > 0:
            yield f"{what}: no difference shown; {between} alone would be one, but among so many it may be chance."
        elif row["verdict"] == NOT_SHOWN:
            yield f"{what}: no difference shown; it may be anything from {between}."
        else:
            yield f"{what}: {row['verdict']}, {_by(row['difference'], row['low'], row['high'])}."


def _tell_effects(table: pd.DataFrame, study: Study) -> Iterator[str]:
    first = table[table["of"] == study.arms[0]]
    for outcome, rows in first.groupby("outcome", sort=False):
        shown = rows[~rows["verdict"].isin([NOT_SHOWN, CANNOT_BE_SAID])]
        if not len(shown):
            yield f"No setting is shown to move {readable(str(outcome))}."
            continue
        strongest = shown.sort_values("effect", key=abs).iloc[-1]
        yield (
            f"What moves {readable(str(outcome))} most is `{strongest['setting']}`: from {cell(strongest['from'])} "
            f"to {cell(strongest['to'])} it {strongest['verdict']} it "
            f"{_by(strongest['effect'], strongest['low'], strongest['high'])}."
        )


def _by(value: float, low: float, high: float) -> str:
    """How large something is that is shown: the verdict has told its direction, so a sign would tell it twice."""
    least, most = sorted((abs(low), abs(high)))
    return f"by {number(abs(value))} ({number(least)} to {number(most)})"


def _tell_conditions(table: pd.DataFrame, study: Study) -> Iterator[str]:
    for (arm, outcome), rows in table.groupby(["arm", "outcome"], sort=False):
        row = rows.iloc[0]
        what = f"a {row['worse_is']} {readable(str(outcome))} than {plain(study.arms[0])}"
        if row["worse_share"] in (0, 1):
            yield f"{plain(str(arm))} has {what} at {'none' if row['worse_share'] == 0 else 'all'} of the points."
        elif row["shown"]:
            limits = " and ".join(
                f"`{limit['setting']}` {within(limit)}" for limit in rows.to_dict("records")
            )
            yield (
                f"{plain(str(arm))} has {what} mostly where {limits}: there at {percent(row['density'])} of the "
                f"points, overall at {percent(row['worse_share'])}."
            )
        else:
            yield (
                f"{plain(str(arm))} has {what} at {percent(row['worse_share'])} of the points, and no conditions are "
                "shown under which that is so."
            )


def _tell_front(table: pd.DataFrame, _: Study) -> Iterator[str]:
    kind = " and ".join(f"{name}s" for name in table.index.names)
    for status, words in ((FRONT, "On the front"), (DOMINATED, "Dominated"), (UNDECIDED, "Cannot be told")):
        names = [plain(_name(key)) for key in table.index[table["status"] == status]]
        if len(names) > MOST_NAMES:
            yield f"{words}: {len(names):,} of {len(table):,} {kind}."
        elif names:
            yield f"{words}, of {len(table):,} {kind}: {', '.join(names)}."


def _name(key: object) -> str:
    """An alternative: an arm, a point, or an arm at a point."""
    return f"{key[0]} at point {key[1]}" if isinstance(key, tuple) else str(key)


def _tell_regret(table: pd.DataFrame, _: Study) -> Iterator[str]:
    for outcome, rows in table.groupby("outcome", sort=False):
        least, following = rows.sort_values("max", kind="stable").head(2).to_dict("records")
        if least["max_high"] < following["max_low"]:
            yield (
                f"In its worst world, {plain(least['arm'])} is regretted least for {readable(str(outcome))} "
                f"({number(least['max'])}); it is best in {percent(least['best'])} of the worlds."
            )
        else:
            yield f"No arm is shown to be regretted least for {readable(str(outcome))}."


_SHORT: dict[str, Callable[[pd.DataFrame, Study], Iterator[str]]] = {
    "differences": _tell_differences,
    "conditions": _tell_conditions,
    "effects": _tell_effects,
    "pareto": _tell_front,
    "regret": _tell_regret,
}
