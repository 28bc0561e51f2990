"""Results as HTML for a notebook: one accessible element, escaped, for light and dark themes."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from cpsim.formatting import (
    UNDEFINED,
    find_grain,
    format_count,
    format_decimals,
    format_difference,
    format_interval,
    format_outcome,
    format_percent,
    format_price,
    format_range,
)
from cpsim.measures.outcomes import OUTCOMES, group_by_heading
from cpsim.present import colours
from cpsim.present.comparison_answer import create_answer, name_arm, select_arm
from cpsim.present.phrases import add_changes, replace_forbidden
from cpsim.present.run_terminal import (
    CAUTION,
    format_note,
    format_period,
)
from cpsim.present.stages import STAGES
from cpsim.present.tones import choose_tone
from cpsim.results.comparison_tables import HEADLINES as COMPARED
from cpsim.results.comparison_tables import NEWLY_MISSED, NEWLY_REACHED
from cpsim.results.names import RESULTS

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
_NEUTRAL = "color-mix(in srgb, currentColor 40%, transparent)"
_LONGEST_NAME = 120


def render_run_html(result: RunResult) -> str:
    """Return a run as HTML: the results of its spells, where chains stopped, and the headline outcomes with notes."""
    children = result.weekly.loc[result.weekly["phase"] == "evaluated", "children"].mean()
    name = _format_name(result.scenario["name"])
    head = f"<b>{name}</b>, seed {result.seed}: {format_decimals(children)} children, {format_period(result)}"
    changes = escape(add_changes("", result.provenance))
    tables = "".join(
        _format_table(
            heading,
            (),
            {
                f"{escape(each.label)}<small>{escape(format_note(each, result.summary))}</small>": (
                    format_outcome(each.name, result.summary[each.name]),
                )
                for each in outcomes
            },
        )
        for heading, outcomes in group_by_heading("run").items()
    )
    bar = _format_bar(_list_fates(result.summary)) + _format_key(_list_fates(result.summary))
    return _add_caution(f"<p>{head}{changes}</p>{bar}<div class='cpsim-groups'>{tables}</div>")


def render_comparison_html(comparison: Comparison) -> str:
    """Return a comparison as HTML: results of spells for each arm, differences in headline outcomes, and sentences."""
    number = len(comparison.seeds)
    others = ", ".join(f"<b>{_format_name(arm)}</b>" for arm in comparison.others)
    head = (
        f"{others} compared with <b>{_format_name(comparison.reference)}</b>: {format_count(number, 'seed')}"
    )
    leads = "".join(_format_lead(comparison, arm) for arm in comparison.others)
    changes = escape(add_changes("", comparison.provenance))
    runs = comparison.select_rows(table="runs").groupby("arm").mean(numeric_only=True).to_dict("index")
    fates = {arm: _list_fates(_rebuild_summary(runs[arm])) for arm in comparison.arms}
    bars = "".join(f"<p>{_format_name(arm)}{_format_bar(fates[arm])}</p>" for arm in comparison.arms)
    key = _format_key(dict.fromkeys(fates[comparison.reference]))
    tables = "".join(_format_differences(comparison, arm) for arm in comparison.others)
    sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in comparison.describe())
    return _add_caution(
        f"<p>{head}{changes}</p>{leads}{bars}{key}{tables}<details><summary>Findings in "
        f"sentences</summary><ul>{sentences}</ul></details>"
    )


def _format_lead(comparison: Comparison, arm: str) -> str:
    """Format the answer about an arm, with how sure it is."""
    answer = create_answer(comparison, arm)
    lead = name_arm(arm, answer.lead) if len(comparison.others) > 1 else answer.lead
    notes = " ".join(filter(None, (answer.note, answer.seeds, *answer.caution)))
    return f"<p style='overflow-wrap: anywhere'><b>{escape(lead)}</b> {escape(notes)}</p>"


def render_attribution_html(attribution: Attribution) -> str:
    """Return an attribution as HTML: the three methods by stage, and sentences."""
    rows = {
        escape(str(row["stage"]).capitalize()): tuple(
            format_percent(row[name]) for name in ("ledger_share", "but_for_share", "shapley_share")
        )
        for row in attribution.table.to_dict("records")
    }
    rows["Missed even if all stages are perfect"] = ("", "", format_percent(attribution.floor))
    table = _format_table(
        "Attribution of misses to stages",
        ("stopped here (ledger)", "averted if it alone were perfect", "share in any order (Shapley)"),
        rows,
    )
    sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in attribution.describe())
    missed = f"{format_decimals(attribution.missed)} of {format_decimals(attribution.spells)} spells of harm missed"
    changes = escape(add_changes("", attribution.provenance))
    head = f"<p><b>{_format_name(attribution.scenario)}</b>: {missed}{changes}</p>"
    return _add_caution(
        f"{head}{table}<details><summary>Findings in sentences</summary><ul>{sentences}</ul></details>"
    )


def render_story_html(story: Story | Stories) -> str:
    """Return one story, or several side by side, as HTML."""
    text = escape(story.text())
    label = "The chronology of a synthetic child"
    return _add_style(
        f"<pre class='cpsim-story' role='region' tabindex='0' aria-label='{label}'>{text}</pre>"
    )


def _add_caution(content: str) -> str:
    return _add_style(f"{content}<p><small>{escape(CAUTION)}</small></p>")


def _add_style(content: str) -> str:
    return f"<div class='cpsim-result'><style>{_STYLE}</style>{replace_forbidden(content)}</div>"


def _format_name(text: str) -> str:
    """Escape a name from a file, shorten it, and isolate its direction of writing."""
    return f"<bdi>{escape(textwrap.shorten(text, _LONGEST_NAME, placeholder=' …'))}</bdi>"


def _list_fates(summary: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """List the fates of spells of harm: (label, colour) -> share of all that could be followed."""
    missed, stops = summary["missed_risk_rate"], summary["chain_stopped_at"]
    if missed is None or math.isnan(missed):
        return {}
    return {
        (RESULTS["protected"], colours.GREEN): summary["protected_share"],
        (RESULTS["self_resolved"], _NEUTRAL): summary["self_resolved_share"],
        **{
            (f"Missed: {stage.name.lower()}", stage.colour): missed
            * sum((stops or {}).get(code, 0) for code in stage.stops)
            for stage in STAGES
        },
    }


def _rebuild_summary(means: Mapping[Any, float]) -> dict[str, Any]:
    """Return the means of an arm in the form of a summary, with stops as parts."""
    parts = {
        name.partition(".")[2]: value for name, value in means.items() if name.startswith("chain_stopped_at.")
    }
    return {**means, "chain_stopped_at": parts}


def _format_bar(fates: Mapping[tuple[str, str], float]) -> str:
    label = (
        ", ".join(f"{name} {format_percent(share)}" for (name, _), share in fates.items())
        or "no spells of harm"
    )
    parts = "".join(
        f"<span style='flex: {share:.4f} 0 0; background: {colour}'></span>"
        for (_, colour), share in fates.items()
    )
    return f"<span class='cpsim-bar' role='img' aria-label='{escape(label)}'>{parts}</span>"


def _format_key(fates: Mapping[tuple[str, str], float | None]) -> str:
    """Format the key to the colours, with shares if there are any."""
    items = "".join(
        "<li><i style='background: "
        f"{colour}'></i>{escape(name)}{'' if share is None else f' {format_percent(share)}'}</li>"
        for (name, colour), share in fates.items()
    )
    return f"<ul class='cpsim-key'>{items}</ul>"


def _format_differences(comparison: Comparison, arm: str) -> str:
    """Format the headline outcomes of one arm and the reference, and the children newly reached and newly missed."""
    by_outcome = select_arm(comparison, arm)
    means = {outcome: row["mean"] for outcome, row in by_outcome.items()}
    verdicts = {outcome: str(row["verdict"]) for outcome, row in by_outcome.items()}
    rows = {
        f"{escape(OUTCOMES[outcome].label)}<small>{escape(format_price(outcome, means))}</small>": _format_cells(
            outcome, by_outcome[outcome], verdicts
        )
        for outcome in COMPARED
    }
    turns = {row["turn"]: row for row in comparison.turns.to_dict("records") if row["arm"] == arm}
    for turn, name in ((NEWLY_REACHED, "Newly reached"), (NEWLY_MISSED, "Newly missed")):
        if turn in turns:
            low, high = turns[turn]["low"], turns[turn]["high"]
            interval = "" if math.isnan(low) else format_range(low, high)
            rows[f"{name}<small>spells per seed</small>"] = (
                "",
                format_decimals(turns[turn]["spells"], 1),
                "",
                interval,
                "",
            )
    columns = (_format_name(comparison.reference), _format_name(arm), "difference", "interval", "")
    table = _format_table(f"Differences under {_format_name(arm)}", columns, rows)
    label = escape(textwrap.shorten(arm, _LONGEST_NAME))
    return f"<div class='cpsim-wide' role='region' tabindex='0' aria-label='{label}'>{table}</div>"


def _format_cells(outcome: str, row: Mapping[Any, Any], verdicts: Mapping[str, str]) -> tuple[str, ...]:
    levels = (format_outcome(outcome, row[name]) for name in ("reference_mean", "mean"))
    if math.isnan(row["difference"]):
        return (*levels, UNDEFINED, "", "")
    half = find_grain(row["low"], row["high"])
    interval = "" if math.isnan(half) else format_interval(outcome, row["low"], row["high"], half)
    tone = choose_tone(outcome, verdicts)
    colour = {"worse": colours.VERMILION, "better": colours.BLUE}.get(tone, "")
    verdict = _format_verdict(colour, tone) if colour else row["verdict"]
    return (*levels, format_difference(outcome, row["difference"], half), interval, verdict)


def _format_verdict(colour: str, text: str) -> str:
    return f"<span aria-hidden='true' style='color: {colour}'>●</span> {text}"


def _format_table(caption: str, columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """Format a table with named rows from texts that are already HTML."""
    cells = "".join(f"<th scope='col'>{column}</th>" if column else "<td></td>" for column in columns)
    head = f"<thead><tr><td></td>{cells}</tr></thead>" if columns else ""
    body = "".join(
        f"<tr><th scope='row'>{name}</th>{''.join(f'<td>{value}</td>' for value in values)}</tr>"
        for name, values in rows.items()
    )
    return f"<table class='cpsim-table'><caption>{caption}</caption>{head}<tbody>{body}</tbody></table>"
