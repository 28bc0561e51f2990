"""The answer of a sweep: one sentence, how many seeds it rests on, and what drives the outcome."""

from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cpsim.analysis.effects import effects_by_seed
from cpsim.analysis.findings import Findings, Study, name_difference
from cpsim.analysis.reasons import explain_setting
from cpsim.analysis.seeds import find_seeds_to_show
from cpsim.analysis.tables import difference_table, drop_gaps, outcome_table
from cpsim.analysis.wording import (
    clean_text,
    format_cell,
    format_ends,
    format_limits,
    format_seeds,
    format_size,
)
from cpsim.arrays import Floats
from cpsim.formatting import (
    add_rate,
    format_change,
    format_count,
    format_difference,
    format_interest,
    format_interval,
    format_list,
    format_noun,
    format_outcome,
    format_percent,
    raise_first,
)
from cpsim.inference import POWER, is_constant
from cpsim.measures.outcomes import OUTCOMES
from cpsim.results.verdicts import CANNOT_BE_SAID, NOT_SHOWN

_MOST_DRIVERS = 3
_FEW_SEEDS = 10
"""Seeds of a pilot: fewer hardly determine how much results vary between seeds."""

_NOT_SHOWN = (NOT_SHOWN, CANNOT_BE_SAID)

Row = dict[Hashable, Any]


def answer_question(study: Study, found: Findings) -> str:
    """Answer the question of an experiment in a sentence: about its arms, or else about its settings.

    Args:
        study: the sweep.
        found: its findings.
    """
    outcome = find_primary(study)
    if outcome is None:
        return "No run has a value of any outcome."
    if "differences" in found.tables:
        sentence = _answer_arms(study, found, outcome)
    elif "effects" in found.tables:
        sentence = _answer_settings(study, found.tables["effects"], outcome)
    else:
        level = study.runs.loc[study.runs["status"] == "done", outcome].mean()
        sentence = f"nothing was compared; {format_noun(outcome)} was {format_outcome(outcome, level)}"
    return f"{raise_first(sentence)}."


def find_primary(study: Study) -> str | None:
    """Find the outcome that the answer is about: the first headline, or else the first outcome with a value."""
    return next(iter([*study.headlines, *study.outcomes]), None)


def find_main_arm(study: Study, found: Findings) -> str | None:
    """Find the arm that the answer is about: the one with the largest difference that is shown, or else of all."""
    if "differences" not in found.tables:
        return None
    rows = _select(found.tables["differences"], find_primary(study))
    return str(_sort_by_size(select_shown(rows) or rows, "difference")[0]["arm"])


def select_shown(rows: list[Row]) -> list[Row]:
    """Select the rows whose difference or effect is shown."""
    return [row for row in rows if row["verdict"] not in _NOT_SHOWN]


def _select(table: pd.DataFrame, outcome: str | None) -> list[Row]:
    return table[table["outcome"] == outcome].to_dict("records")


def _sort_by_size(rows: list[Row], value: str) -> list[Row]:
    """Sort rows by the size of a difference or effect, the largest first and the unknown last."""
    return sorted(rows, key=lambda row: -abs(row[value]) if row[value] == row[value] else 0)


def _answer_arms(study: Study, found: Findings, outcome: str) -> str:
    table = found.tables["differences"]
    rows = _select(table, outcome)
    over = "averaged over the points, " if rows[0]["points"] > 1 else ""
    shown = _sort_by_size(select_shown(rows), "difference")
    if shown:
        first = shown[0]
        text = f"{over}{_format_row(first)} {_name_pair(first, study)}"
        where = _describe_where_worse(study, found, outcome, [first["arm"]])
        if where:
            return f"{text}, but {where}"
        more = _find_other(study, table, outcome, arm=first["arm"])
        if more:
            return f"{text}, and {_format_row(more)}"
        return (
            f"{text}; {_format_row(shown[1])} with {clean_text(shown[1]['arm'])}" if len(shown) > 1 else text
        )
    text = _describe_undecided(study, rows, outcome, over)
    where = _describe_where_worse(study, found, outcome, study.arms[1:])
    if where:
        return f"{text}, but {where}"
    more = _find_other(study, table, outcome) or _find_other(study, table, outcome, among=study.outcomes)
    if more:
        which = f" with {clean_text(more['arm'])}" if len(rows) > 1 else ""
        return f"{text}, but {_format_row(more)}{which}"
    return f"{text}{_add_strongest(study, found, outcome)}"


def _describe_where_worse(study: Study, found: Findings, outcome: str, arms: list[str]) -> str:
    """Describe the conditions under which an arm is worse that chance explains least; empty if none are shown."""
    if "conditions" not in found.tables:
        return ""
    rows = [
        row for row in _select(found.tables["conditions"], outcome) if row["arm"] in arms and row["shown"]
    ]
    if not rows:
        return ""
    best = min(rows, key=lambda row: row["by_chance"])
    limits = describe_box(study, [row for row in rows if row["arm"] == best["arm"]])
    return limits and f"with {clean_text(best['arm'])} it was {best['worse_is']} mostly where {limits}"


def describe_box(study: Study, limits: list[Row]) -> str:
    """Describe the limits of a box of settings, a row each; empty if it has none."""
    settings = [(study.described[row["setting"]], row) for row in limits if isinstance(row["setting"], str)]
    return format_list(f"{setting.name} {format_limits(setting, row)}" for setting, row in settings)


def _add_strongest(study: Study, found: Findings, outcome: str) -> str:
    """Say which setting moves the outcome most in the first arm, after a semicolon; empty if none is shown to."""
    effects = found.tables.get("effects")
    moved = [] if effects is None else select_shown(_select(effects[effects["of"] == study.arms[0]], outcome))
    if not moved:
        return ""
    strongest = _sort_by_size(moved, "effect")[0]
    change = f"{_format_row(strongest, 'effect')} in {clean_text(study.arms[0])}"
    return f"; {describe_range(study, strongest)}, {change}"


def _describe_undecided(study: Study, rows: list[Row], outcome: str, over: str) -> str:
    """Say that the arms are the same in an outcome, that no difference is shown, or that none can be estimated."""
    name, first = format_noun(outcome), clean_text(study.arms[0])
    pair = _name_pair(rows[0], study) if len(rows) == 1 else "between the arms"
    if all(row["low"] == row["high"] == 0 for row in rows):
        others = clean_text(rows[0]["arm"]) if len(rows) == 1 else "every other arm"
        return f"{name} was the same with {others} as with {first}, with every seed"
    undecided = [row for row in rows if row["verdict"] == NOT_SHOWN]
    if undecided:
        return f"{over}no difference in {name} was shown {pair} ({format_smallest(undecided)} would have been seen)"
    reason = "one seed does not show" if study.seeds == 1 else "too few runs have finished to show"
    text = f"whether {name} differs {pair} cannot be said, because {reason} what is chance"
    known = _sort_by_size([row for row in rows if row["difference"] == row["difference"] != 0], "difference")
    if not known:
        return text
    return f"{text}; in these runs {_format_row(known[0])} with {clean_text(known[0]['arm'])}"


def _name_pair(row: Row, study: Study) -> str:
    return f"with {clean_text(row['arm'])} compared with {clean_text(study.arms[0])}"


def _format_row(row: Row, value: str = "difference") -> str:
    return format_change(row["outcome"], row[value], row["low"], row["high"])


def _find_other(
    study: Study,
    table: pd.DataFrame,
    outcome: str,
    *,
    value: str = "difference",
    among: list[str] | None = None,
    **where: object,
) -> Row | None:
    """Find the largest shown difference in another headline, in units of the smallest difference of interest."""
    rows = [
        row
        for name in among or study.headlines
        if name != outcome
        for row in select_shown(_select(table, name))
        if all(row[key] == wanted for key, wanted in where.items())
    ]
    return max(rows, key=lambda row: abs(row[value]) / _find_interest(row["outcome"], row), default=None)


def _find_interest(outcome: str, row: Row) -> float:
    """Return the smallest difference of interest, or else the smallest that would have been shown."""
    return OUTCOMES[outcome.partition(".")[0]].interest or row["smallest_shown"] or 1.0


def _answer_settings(study: Study, table: pd.DataFrame, outcome: str) -> str:
    name, first = format_noun(outcome), study.arms[0]
    own = table[table["of"] == first]
    rows = _select(own, outcome)
    if not rows or all(row["fit"] != row["fit"] for row in rows):
        return f"no setting that varies moves {name}: it is the same at all points"
    shown = _sort_by_size(select_shown(rows), "effect")
    if shown:
        strongest = shown[0]
        text = f"{describe_range(study, strongest)}, {_format_row(strongest, 'effect')}"
        more = _find_other(
            study, own, outcome, value="effect", setting=strongest["setting"], to=strongest["to"]
        )
        return f"{text}, and {_format_row(more, 'effect')}" if more else text
    text = describe_no_driver(rows, outcome)
    more = _find_other(study, own, outcome, value="effect") or _find_other(
        study, own, outcome, value="effect", among=study.outcomes
    )
    if more:
        return f"{text}, but {describe_range(study, more)}, {_format_row(more, 'effect')}"
    if rows[0]["verdict"] == CANNOT_BE_SAID and rows[0]["effect"] != 0:
        return f"{text}; in these runs, {describe_range(study, rows[0])}, {_format_row(rows[0], 'effect')}"
    return text


def describe_no_driver(rows: list[Row], outcome: str, where: str = "") -> str:
    """Say that no setting is shown to move an outcome, and what would have been seen.

    Args:
        rows: the effects of all settings on the outcome.
        outcome: its name.
        where: the arm that the effects are about, with a preposition.
    """
    name = format_noun(outcome)
    undecided = [row for row in rows if row["verdict"] == NOT_SHOWN]
    if not undecided:
        return (
            f"which settings move {name}{where} cannot be said, because one seed does not show what is chance"
        )
    return (
        f"no setting was shown to move {name}{where} (a change of {format_smallest(undecided)} from one end of a "
        "setting's range to the other would have been seen)"
    )


def format_smallest(rows: list[Row]) -> str:
    """Format the size from which a difference or effect in any of some rows would have been shown."""
    widest = max(rows, key=lambda row: row["smallest_shown"])
    return format_size(widest["outcome"], widest["smallest_shown"], (widest["high"] - widest["low"]) / 2)


def describe_range(study: Study, row: Row, *, meaning: bool = True) -> str:
    """Name a setting and the two values between which an effect is: its ends, or two words."""
    setting = study.described[row["setting"]]
    about = f" ({setting.meaning})" if meaning and setting.meaning else ""
    if isinstance(row["to"], str | bool | np.bool_):
        start, end = (format_cell(_to_python(row[key])) for key in ("from", "to"))
        return f"with “{end}” instead of “{start}” as {setting.name}{about}"
    return f"from the lowest to the highest {setting.name}{about}"


def describe_seeds(study: Study, found: Findings) -> str:
    """Say how many seeds the answer rests on, whether they are few, and how many would settle it.

    Args:
        study: the sweep.
        found: its findings.
    """
    seeds, outcome = study.seeds, find_primary(study)
    if seeds == 1:
        return (
            "This rests on one seed, which cannot show what is due to chance between populations of children. Repeat "
            "the sweep with at least 10 seeds."
        )
    few = ", which are few" if seeds < _FEW_SEEDS else ""
    rests = f"This rests on {format_count(seeds, 'seed')}"
    basis = _find_basis(study, found, outcome) if outcome else None
    interest = OUTCOMES[outcome.partition(".")[0]].interest if outcome else 0.0
    if outcome is None or basis is None or not interest:
        return f"{rests}{few}."
    by_seed, tests, smallest = basis
    if is_constant(by_seed):
        return f"{rests}, which all give the same result."
    probability = f"with a probability of {format_percent(POWER)}"
    interest = OUTCOMES[outcome.partition(".")[0]].interest
    size = add_rate(outcome, format_interest(outcome, interest))
    what = f"to see a difference of {size} in {format_noun(outcome)} {probability}"
    if smallest <= interest:
        return f"{rests}{few + ', but' if few else ', which are'} enough {what}."
    needed = find_seeds_to_show(float(by_seed.std(ddof=1)), interest, tests)
    if needed > seeds:
        more = "" if study.draws is None else ", and more points,"
        return f"{rests}, which are too few: about {format_seeds(needed)}{more} would be needed {what}."
    return f"{rests}{few}. More points rather than more seeds would be needed {what}."


class _Basis(NamedTuple):
    """What the answer rests on: values by seed, the tests of their family, and the size that would have been shown."""

    by_seed: Floats
    tests: int
    smallest: float


def _find_basis(study: Study, found: Findings, outcome: str) -> _Basis | None:
    """Find the paired difference, or else the effect, that varies most between seeds; None without any."""
    first, *others = study.paired_arms
    if "differences" in found.tables:
        rows = [row for row in _select(found.tables["differences"], outcome) if row["arm"] in others]
        tables = [difference_table(study.runs, row["arm"], first, outcome) for row in rows]
        values = [drop_gaps(table).mean(axis=0).to_numpy(dtype=np.float64) for table in tables]
    elif "effects" in found.tables:
        effects = found.tables["effects"]
        rows = _select(effects[effects["of"] == study.arms[0]], outcome)
        by_seed = effects_by_seed(outcome_table(study.runs, study.arms[0], outcome), study.points)
        values = list(by_seed.to_numpy(dtype=np.float64))
    else:
        return None
    known = [each for each in values if len(each) > 1 and not np.isnan(each).any()]
    if not known:
        return None
    smallest = max(float(row["smallest_shown"]) for row in rows)
    return _Basis(max(known, key=lambda each: float(each.std())), int(rows[0]["tests"]), smallest)


def explain_drivers(study: Study, found: Findings) -> Iterator[str]:
    """Yield what moves the primary outcome most, with a reason if one is known, a sentence or two each.

    Args:
        study: the sweep.
        found: its findings.
    """
    outcome, effects = find_primary(study), found.tables.get("effects")
    if outcome is None or effects is None:
        return
    first = study.arms[0]
    where = f" in {clean_text(first)}" if len(study.arms) > 1 else ""
    own = _select(effects[effects["of"] == first], outcome)
    shown = _sort_by_size(select_shown(own), "effect")
    if own and not shown:
        yield f"{raise_first(describe_no_driver(own, outcome, where))}."
    drivers = [(row, first, f"{_format_row(row, 'effect')}{where}") for row in shown[:_MOST_DRIVERS]]
    for arm in study.paired_arms[1:]:
        rows = _select(effects[effects["of"] == name_difference(arm, first)], outcome)
        drivers += [
            (row, arm, _format_change_of_difference(row, arm))
            for row in _sort_by_size(select_shown(rows), "effect")[:1]
        ]
    named: set[str] = set()
    for row, arm, change in drivers:
        is_new = row["setting"] not in named
        named.add(row["setting"])
        reason = _explain(study, row, arm) if is_new else ""
        yield f"{_describe_driver(study, row, meaning=is_new)}, {change}.{reason}"


def _format_change_of_difference(row: Row, arm: str) -> str:
    """Say how the difference that an arm makes changes with a setting."""
    size = format_difference(row["outcome"], row["effect"], (row["high"] - row["low"]) / 2)
    ends = format_interval(row["outcome"], row["low"], row["high"], unit=False)
    return f"the difference that {clean_text(arm)} makes changed by {size} ({ends})"


def _describe_driver(study: Study, row: Row, *, meaning: bool) -> str:
    """Name a setting, with its meaning if asked for, and the two values between which an effect is."""
    setting = study.described[row["setting"]]
    if isinstance(row["to"], str | bool | np.bool_):
        return raise_first(describe_range(study, row, meaning=meaning))
    about = f" ({setting.meaning})" if meaning and setting.meaning else ""
    return f"{raise_first(setting.name)}{about}: from {format_ends(setting, row['from'], row['to'])}"


def _explain(study: Study, row: Row, arm: str) -> str:
    """Give the reason of an effect in an arm, after a space; empty if none is known."""
    if arm not in study.scenarios:
        return ""
    low, high = (_to_python(row[key]) for key in ("from", "to"))
    reason = explain_setting(row["setting"], low, high, study.scenarios[arm])
    return f" {reason}" if reason else ""


def _to_python(value: object) -> object:
    """Convert a number or truth value of numpy to one of Python."""
    return value.item() if isinstance(value, np.generic) else value
