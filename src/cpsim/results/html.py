"""How results show themselves in a notebook: one HTML element, escaped, readable with eyes and ears, light and dark."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from cpsim.results import colours
from cpsim.results.comparison_tables import HEADLINES as COMPARED
from cpsim.results.comparison_tables import LOST, RESCUED
from cpsim.results.comparison_words import signed
from cpsim.results.directions import sign_of_worse
from cpsim.results.names import RESULTS
from cpsim.results.printed import CAUTION, HEADLINES, UNDEFINED, formatted, percent, period
from cpsim.results.stages import STAGES
from cpsim.results.verdicts import HIGHER, LOWER

if TYPE_CHECKING:
    from cpsim.results.attribution import Attribution
    from cpsim.results.comparison import Comparison
    from cpsim.results.run_result import RunResult
    from cpsim.results.story import Stories, Story

_STYLE = """
.cpsim-result { font-size: 0.95em; line-height: 1.35; max-width: 64em; }
.cpsim-result pre.cpsim-story { overflow-x: auto; color: inherit; background: none; max-width: none; }
.cpsim-result p, .cpsim-result ul { margin: 0.4em 0; padding: 0; }
.cpsim-result bdi { overflow-wrap: anywhere; }
.cpsim-result small { display: block; opacity: 0.75; font-size: 0.85em; }
.cpsim-result .cpsim-bar { display: flex; gap: 1px; height: 1.1em; margin: 0.3em 0; }
.cpsim-result .cpsim-key { display: flex; flex-wrap: wrap; gap: 0.1em 1.2em; list-style: none; }
.cpsim-result .cpsim-key i { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.35em; }
.cpsim-result .cpsim-groups { columns: 3 15em; column-gap: 2em; }
.cpsim-result .cpsim-groups .cpsim-table { break-inside: avoid; }
.cpsim-result .cpsim-wide { overflow-x: auto; }
.cpsim-result .cpsim-wide .cpsim-table { min-width: 40em; }
.cpsim-result table.cpsim-table { border-collapse: collapse; width: 100%; margin: 0.4em 0; font-size: inherit; }
.cpsim-result .cpsim-table caption { text-align: left; font-weight: bold; padding: 0.2em 0; color: inherit; }
.cpsim-result .cpsim-table thead tr:nth-child(n) { border-bottom: 1px solid; background: none; }
.cpsim-result .cpsim-table tbody tr:nth-child(n) {
  background: none; border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent);
}
.cpsim-result .cpsim-table th, .cpsim-result .cpsim-table td {
  text-align: right; vertical-align: top; padding: 0.15em 0 0.15em 0.8em; font-weight: normal;
  font-variant-numeric: tabular-nums; border: 0; color: inherit; background: none; max-width: 22em;
}
.cpsim-result .cpsim-table th[scope=row] { text-align: left; padding-left: 0; white-space: normal; }
.cpsim-result .cpsim-table th[scope=col] { font-weight: bold; vertical-align: bottom; }
"""
_UNDECIDED = "color-mix(in srgb, currentColor 40%, transparent)"
_LONGEST_NAME = 120


def run_html(result: RunResult) -> str:
    """A run: where its risks were lost, and the headlines with their meanings."""
    children = result.weekly.loc[result.weekly["phase"] == "evaluated", "children"].mean()
    head = f"<b>{_name(result.scenario['name'])}</b>, seed {result.seed}: {children:,.0f} children, {period(result)}"
    tables = "".join(
        _table(
            heading,
            (),
            {
                f"{escape(label)}<small>{escape(meaning)}</small>": (formatted(name, result.summary[name]),)
                for name, (label, meaning) in rows.items()
            },
        )
        for heading, rows in HEADLINES.items()
    )
    bar = _bar(_fates(result.summary)) + _key(_fates(result.summary))
    return _shown(f"<p>{head}</p>{bar}<div class='cpsim-groups'>{tables}</div>")


def comparison_html(comparison: Comparison) -> str:
    """A comparison: where each arm loses its risks, the headlines with their differences, and what that says."""
    number = len(comparison.seeds)
    others = ", ".join(f"<b>{_name(arm)}</b>" for arm in comparison.others)
    head = f"{others} against <b>{_name(comparison.reference)}</b>: {number} seed{'' if number == 1 else 's'}"
    runs = comparison.at(table="runs").groupby("arm").mean(numeric_only=True).to_dict("index")
    fates = {arm: _fates(_summary(runs[arm])) for arm in comparison.arms}
    bars = "".join(f"<p>{_name(arm)}{_bar(fates[arm])}</p>" for arm in comparison.arms)
    key = _key(dict.fromkeys(fates[comparison.reference]))
    tables = "".join(_differences(comparison, arm) for arm in comparison.others)
    words = "".join(f"<li>{escape(sentence)}</li>" for sentence in comparison.sentences())
    return _shown(
        f"<p>{head}</p>{bars}{key}{tables}<details><summary>In words</summary><ul>{words}</ul></details>"
    )


def attribution_html(attribution: Attribution) -> str:
    """An attribution: its three readings of the same misses, stage by stage."""
    rows = {
        escape(str(row["stage"]).capitalize()): tuple(
            _share(row[name]) for name in ("ledger_share", "but_for_share", "shapley_share")
        )
        for row in attribution.table.to_dict("records")
    }
    rows["Missed whatever is perfect"] = ("", "", _share(attribution.floor))
    table = _table(
        "What each stage answers for, of the missed",
        ("lost here", "rescued if it alone were perfect", "its part, in any order (Shapley)"),
        rows,
    )
    words = "".join(f"<li>{escape(sentence)}</li>" for sentence in attribution.sentences())
    missed = f"{attribution.missed:,.0f} of {attribution.spells:,.0f} spells of harm missed"
    head = f"<p><b>{_name(attribution.scenario)}</b>: {missed}</p>"
    return _shown(f"{head}{table}<details><summary>In words</summary><ul>{words}</ul></details>")


def story_html(story: Story | Stories) -> str:
    """A story, or several beside each other, as they are printed."""
    text = escape(story.text())
    label = "The chronology of a synthetic child"
    return _styled(f"<pre class='cpsim-story' role='region' tabindex='0' aria-label='{label}'>{text}</pre>")


def _shown(content: str) -> str:
    return _styled(f"{content}<p><small>{escape(CAUTION)}</small></p>")


def _styled(content: str) -> str:
    return f"<div class='cpsim-result'><style>{_STYLE}</style>{content}</div>"


def _name(text: str) -> str:
    """A name from a file: harmless, not without end, and of either direction of writing."""
    return f"<bdi>{escape(textwrap.shorten(text, _LONGEST_NAME, placeholder=' …'))}</bdi>"


def _fates(summary: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """What became of spells of harm: (plain name, colour) -> share of all that could be followed."""
    missed, causes = summary["missed_risk_rate"], summary["missed_by_cause"]
    if missed is None or math.isnan(missed):
        return {}
    return {
        (RESULTS["protected"], colours.GREEN): summary["protected_share"],
        (RESULTS["self_resolved"], _UNDECIDED): summary["self_resolved_share"],
        **{
            (f"Lost: {stage.name.lower()}", stage.colour): missed
            * sum((causes or {}).get(code, 0) for code in stage.causes)
            for stage in STAGES
        },
    }


def _summary(means: Mapping[Any, float]) -> dict[str, Any]:
    """The means of an arm with its causes as parts again."""
    parts = {
        name.partition(".")[2]: value for name, value in means.items() if name.startswith("missed_by_cause.")
    }
    return {**means, "missed_by_cause": parts}


def _bar(fates: Mapping[tuple[str, str], float]) -> str:
    told = ", ".join(f"{name} {percent(share)}" for (name, _), share in fates.items()) or "no spells of harm"
    parts = "".join(
        f"<span style='flex: {share:.4f} 0 0; background: {colour}'></span>"
        for (_, colour), share in fates.items()
    )
    return f"<span class='cpsim-bar' role='img' aria-label='{escape(told)}'>{parts}</span>"


def _key(fates: Mapping[tuple[str, str], float | None]) -> str:
    """Colours in words, with their shares where there are any."""
    items = "".join(
        f"<li><i style='background: {colour}'></i>{escape(name)}{'' if share is None else f' {percent(share)}'}</li>"
        for (name, colour), share in fates.items()
    )
    return f"<ul class='cpsim-key'>{items}</ul>"


def _differences(comparison: Comparison, arm: str) -> str:
    """The headlines of one arm beside the reference, and whom it caught and lost."""
    labels = {name: label for rows in HEADLINES.values() for name, (label, _) in rows.items()}
    told = {row["outcome"]: row for row in comparison.at().to_dict("records") if row["arm"] == arm}
    rows = {escape(labels[outcome]): _cells(outcome, told[outcome]) for outcome in COMPARED}
    turns = {row["turn"]: row for row in comparison.turns.to_dict("records") if row["arm"] == arm}
    for turn, name in ((RESCUED, "Caught, who were missed"), (LOST, "Missed, who were caught")):
        if turn in turns:
            low, high = turns[turn]["low"], turns[turn]["high"]
            between = "" if math.isnan(low) else f"{max(low, 0):,.1f} to {high:,.1f}"
            rows[f"{name}<small>spells a seed</small>"] = (
                "",
                f"{turns[turn]['children']:,.1f}",
                "",
                between,
                "",
            )
    columns = (_name(comparison.reference), _name(arm), "difference", "95 %", "")
    table = _table(f"What {_name(arm)} changes", columns, rows)
    label = escape(textwrap.shorten(arm, _LONGEST_NAME))
    return f"<div class='cpsim-wide' role='region' tabindex='0' aria-label='{label}'>{table}</div>"


def _cells(outcome: str, row: Mapping[Any, Any]) -> tuple[str, ...]:
    levels = (
        formatted(outcome, None if math.isnan(row[name]) else row[name])
        for name in ("reference_mean", "mean")
    )
    if math.isnan(row["difference"]):
        return (*levels, UNDEFINED, "", "")
    half = (row["high"] - row["low"]) / 2
    between = (
        ""
        if math.isnan(half)
        else f"{signed(outcome, row['low'], half)} to {signed(outcome, row['high'], half)}"
    )
    sign = {HIGHER: 1, LOWER: -1}.get(row["verdict"], 0) * sign_of_worse(outcome)
    verdict = {1: _judged(colours.VERMILION, "worse"), -1: _judged(colours.BLUE, "better")}.get(
        sign, row["verdict"]
    )
    return (*levels, signed(outcome, row["difference"], half), between, verdict)


def _judged(colour: str, word: str) -> str:
    return f"<span aria-hidden='true' style='color: {colour}'>●</span> {word}"


def _table(caption: str, columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """A table with named rows; what it is given is HTML already."""
    cells = "".join(f"<th scope='col'>{column}</th>" if column else "<td></td>" for column in columns)
    head = f"<thead><tr><td></td>{cells}</tr></thead>" if columns else ""
    body = "".join(
        f"<tr><th scope='row'>{name}</th>{''.join(f'<td>{value}</td>' for value in values)}</tr>"
        for name, values in rows.items()
    )
    return f"<table class='cpsim-table'><caption>{caption}</caption>{head}<tbody>{body}</tbody></table>"


def _share(value: float) -> str:
    return UNDEFINED if math.isnan(value) else percent(value)
