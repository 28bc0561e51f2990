"""Write the pages of the documentation that are generated from the program, and the figures of the baseline.

python tools/write_docs.py              the pages: parameters, bibliography, settings, results, dials, levers, ODD
python tools/write_docs.py --figures   the figures in docs/images as well, from a run of the baseline with seed 1
"""

import argparse
import inspect
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import levers_page
import odd_page
from page_text import anchor, format_number, format_symbol, format_table, format_unit

from cpsim.agents.dials import DIALS, PolicyVariable
from cpsim.agents.signals import SIGNALS
from cpsim.casework.log import OCCURRENCES
from cpsim.dial_use import Use, find_dial_uses, find_signal_uses
from cpsim.formatting import format_interest
from cpsim.plot.figures import list_run_figures
from cpsim.plot.registry import RegisteredFigure, Shown, list_figures
from cpsim.reach.effects import list_first_outcomes
from cpsim.results import RESULTS, STOP_PARTS, STOPS, SUMMARY, TABLES
from cpsim.results.columns import TableColumn
from cpsim.results.comparison_tables import COMPARISON_TABLES, FATES
from cpsim.results.names import FAILURES, FINDINGS, STATES, TIERS
from cpsim.scenario.bibliography import load_bibliography
from cpsim.scenario.events import TimelineEvent, load_levers
from cpsim.scenario.evidence import CHECKED, load_evidence
from cpsim.scenario.guide import Guide
from cpsim.scenario.register import TAGS, UNITS, Parameter, load_register
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import KNOWN_KINDS
from cpsim.scenario.settings import find_inner_settings, find_leaves, resolve_reference

DOCS = Path(__file__).parents[1] / "docs"
HEAD = "<!-- made by tools/write_docs.py; do not edit -->\n"


# -- parameters


PARAMETERS = """\
# The {total} parameters

All numbers that the model uses are in one register, `src/cpsim/scenario/parameters.csv`, from which the schema of
scenarios and this page are generated. A scenario can change each of them.

**{measured} of them are measured, {derived} are derived, {choice} are choices and {guess} are guesses.** A number
that was tuned until the model met national statistics counts as a guess, since other values would have met them too
([calibration](calibration.md)). {with_evidence} rest on evidence, if only in part: the evidence of a threshold that
was tuned is the statistic to which it was tuned.

{tags}

{counts}

*Plausible* is the range over which a study should vary the number; the program accepts a wider one
([settings](../scenario_reference.md)). *Off* is the value that switches the mechanism off, if there is one. *Evidence*
has the ids of [figures](bibliography.md#evidence), and *entry* the keys of
[publications](bibliography.md#bibliography). Symbols and M-numbers are those of [the model](index.md).

{sections}"""


def format_parameters() -> str:
    """Format the page of parameters, with the number of them that are measured."""
    groups: dict[str, list[Parameter]] = {}
    for row in load_register().values():
        groups.setdefault(_parameter_group(row.id), []).append(row)
    tags = Counter(row.tag for row in load_register().values())
    counts = {name: Counter(row.tag for row in rows) for name, rows in groups.items()}
    return PARAMETERS.format(
        total=tags.total(),
        **{tag: tags[tag] for tag in TAGS},
        with_evidence=sum(bool(row.evidence) for row in load_register().values()),
        tags=format_table(
            ["tag", "numbers", "meaning"], [[tag, str(tags[tag]), meaning] for tag, meaning in TAGS.items()]
        ),
        counts=format_table(
            ["section", *TAGS],
            [
                [f"[{name}](#{anchor(name)})", *(str(number[tag]) for tag in TAGS)]
                for name, number in counts.items()
            ],
        ),
        sections="\n\n".join(
            f"## {name}\n\n{_format_parameters(rows, name)}" for name, rows in groups.items()
        ),
    )


def _parameter_group(identity: str) -> str:
    first, second, *_ = identity.split(".")
    return f"{first}.{second}" if first in ("agencies", "other_need") else first


def _format_parameters(rows: list[Parameter], group: str) -> str:
    head = ["setting", "symbol", "", "meaning", "unit", "default", "plausible", "off", "tag", "source"]
    head += ["evidence", "entry"]
    return format_table(
        head,
        (
            [
                f"`{row.id.removeprefix(group + '.')}`",
                format_symbol(row.symbol) if row.symbol else "",
                row.mechanism,
                row.meaning.removesuffix(f" ({group.partition('.')[2]})"),
                format_unit(row.unit),
                format_number(row.default),
                f"{format_number(row.low)} to {format_number(row.high)}",
                format_number(row.neutral),
                row.tag,
                f"{row.source}; at an end of the range, because: {row.at_end}" if row.at_end else row.source,
                ", ".join(row.evidence),
                ", ".join(row.entries),
            ]
            for row in rows
        ),
    )


# -- bibliography


BIBLIOGRAPHY = """\
# Evidence and bibliography

The [parameters](parameters.md), the [targets of the calibration](funnel.md) and the [public patterns](patterns.md)
rest on these figures and publications. Both lists come with the program, as `evidence.csv` and `bibliography.json` in
`src/cpsim/scenario`.
`cpsim explain evidence` and `cpsim explain references` search them. The bibliography is in CSL-JSON, which Zotero,
pandoc and citeproc read.

## Evidence

*Entry* is the publication that gives a figure, and *read in* the text in which it was read, if that is another one:
many official figures were read in summaries of the release. {seen} figures were seen, {computed} were computed from
figures that were seen, and {memory} are recalled and not verified.

{evidence}

## Bibliography

{references}"""


def format_bibliography() -> str:
    """Format the page of evidence and bibliography."""
    evidence, references = load_evidence().values(), load_bibliography().values()
    checked = Counter(row.checked for row in evidence)
    return BIBLIOGRAPHY.format(
        **{code: checked[code] for code in CHECKED},
        evidence=format_table(
            ["id", "quantity", "figure", "unit", "year", "place", "entry", "read in", "checked", "note"],
            (
                [
                    row.id,
                    row.quantity,
                    row.format_figure(),
                    row.unit,
                    row.year,
                    row.place,
                    row.entry,
                    row.read_in,
                    row.checked,
                    row.note,
                ]
                for row in evidence
            ),
        ),
        references=format_table(["entry", "reference"], ([row.key, row.format()] for row in references)),
    )


# -- settings


SETTINGS = """\
# Every setting

This page lists what a [scenario file](scenarios.md) can contain; `cpsim schema` prints the same as JSON Schema. A
setting that is left out has its default. [The parameters](model/parameters.md) list sources and plausible ranges of the
numbers.

`<kind>` stands for the name of a kind of agency: {known}, or one
of your own. The table under `agencies` shows the defaults for a kind of your own; the parameters list those of the six
known kinds.

{top}

{sections}

## timeline

A list of events in order of date. Each event names a lever and can contain:

{common}

Further settings depend on the lever.

{levers}

## Units

Numbers outside the limits of their unit are rejected.

{units}"""


def format_scenario_reference() -> str:
    """Format the page of all settings of a scenario file, from its JSON Schema."""
    schema = Scenario.model_json_schema()
    properties = schema["properties"]
    units = [
        [format_unit(name), format_number(low), format_number(high)] for name, (low, high) in UNITS.items()
    ]
    return SETTINGS.format(
        known=", ".join(f"`{kind}`" for kind in KNOWN_KINDS),
        top=_format_settings(
            schema, [leaf for leaf in properties.items() if not find_inner_settings(schema, leaf[1])], ""
        ),
        sections="\n\n".join(
            _format_section(schema, name, fragment)
            for name, fragment in properties.items()
            if find_inner_settings(schema, fragment)
        ),
        common=_format_settings(schema, _select_event_settings(schema, TimelineEvent), "timeline"),
        levers="\n\n".join(
            f"### {name}\n\n{inspect.getdoc(lever)}\n\n"
            f"{_format_settings(schema, _select_event_settings(schema, lever), f'timeline.0.{name}')}"
            for name, lever in load_levers().items()
        ),
        units=format_table(["unit", "lowest", "highest"], units),
    )


def _select_event_settings(
    schema: dict[str, Any], lever: type[TimelineEvent]
) -> list[tuple[str, dict[str, Any]]]:
    """Select the settings that all levers have, or those that only this lever has, by path."""
    if lever is TimelineEvent:
        any_lever, names = (
            next(iter(load_levers().values())),
            TimelineEvent.model_fields.keys() - {"institution"},
        )
        start = "timeline.0"
    else:
        any_lever, names = lever, lever.model_fields.keys() - TimelineEvent.model_fields.keys()
        start = f"timeline.0.{lever.model_json_schema()['properties']['lever']['const']}"
    properties = schema["$defs"][any_lever.__name__]["properties"]
    return [(f"{start}.{name}", properties[name]) for name in any_lever.model_fields if name in names]


def _format_section(schema: dict[str, Any], name: str, fragment: dict[str, Any]) -> str:
    description = fragment.get("description") or resolve_reference(schema, fragment)["description"]
    sentence = f"{description[:1].upper()}{description[1:].removesuffix('.')}."
    return f"## {name}\n\n{sentence}\n\n{_format_settings(schema, list(find_leaves(schema, fragment, name)), name)}"


def _format_settings(schema: dict[str, Any], leaves: list[tuple[str, dict[str, Any]]], section: str) -> str:
    guide = Guide(schema)
    rows = []
    for path, fragment in leaves:
        steps = path.replace("[n]", ".0").split(".")
        location = tuple(
            int(step) if step.isdigit() else "any" if step == "<kind>" else step for step in steps
        )
        rows.append(
            [
                f"`{path.removeprefix(section + '.').removeprefix('0.')}`",
                fragment.get("description", "").partition(" [")[0].removesuffix(" (another kind of agency)"),
                format_unit(fragment.get("unit", "")),
                guide.describe_expected(location),
                _format_default(fragment),
            ]
        )
    return format_table(["setting", "meaning", "unit", "allowed", "default"], rows)


def _format_default(fragment: dict[str, Any]) -> str:
    if "default" not in fragment:
        return ""
    value = fragment["default"]
    if value is None or value in ("", []):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return format_number(value) if isinstance(value, int | float) else str(value)


# -- results

_SPELL = "row of the spell in the drawn world"
STAGES: dict[str, tuple[str, str]] = {
    "noticed": ("an agency noticed a sign", "evidence of the sign, log-odds"),
    "recorded": ("the agency recorded the sign", ""),
    "threshold_crossed": ("the agency's evidence reached its threshold for sharing", ""),
    "consulted": ("the agency consulted a partner", "evidence before the consultation, log-odds"),
    "shared": ("the agency sent a concern to the front door", "evidence shared, log-odds"),
    "lost": ("the message was lost on the way", ""),
    "delivered": ("a message arrived at the front door", "evidence shared, log-odds"),
    "screened_out": ("the front door did not accept a referral", "score at the front door, log-odds"),
    "referred": (
        "the front door accepted the contact as a referral",
        "1 if the child was referred within the previous 52 weeks, else 0",
    ),
    "initial_started": ("an initial assessment began", ""),
    "initial_finished": ("an initial assessment ended", "1 if within the statutory time limit, else 0"),
    "no_further_action": (
        "an assessment or enquiry ended without a service",
        "estimated severity",
    ),
    "core_started": ("a core assessment began, alone or as part of an enquiry", ""),
    "core_finished": ("a core assessment ended", "1 if within the statutory time limit, else 0"),
    "enquiry_started": ("a section 47 enquiry began", ""),
    "enquiry_finished": ("a section 47 enquiry ended", "estimated severity"),
    "conference": ("a child protection conference was held", "estimated severity"),
    "plan_started": ("a child protection plan began", "number of earlier plans"),
    "plan_ended": ("a plan ended", "length, weeks"),
    "in_need_started": ("a child-in-need service began", "number of plans so far"),
    "in_need_ended": ("a child-in-need service ended at a review", "length, weeks"),
    "court_application": ("a section 31 application to the court was decided on", ""),
    "care_started": ("the child entered care", "number of plans so far"),
    "care_ended": ("the child left care", "length, weeks"),
    "effective_from": ("effective protection began", ""),
    "effective_until": ("effective protection ended", ""),
    "harm_ended_by_protection": (
        "protection ended a spell of adversity",
        "row of the spell in the drawn world",
    ),
    "serious_event": ("a serious event", _SPELL),
    "serious_event_averted": (
        "a plan averted a serious event",
        "row of the spell in the drawn world",
    ),
    "file_left_behind": (
        "the child moved and a file was left behind; the agency is the new one, or -1 for social care",
        "",
    ),
    "worker_changed": (
        "the child's social worker left, or the child left the authority",
        "changes of social worker so far in this case",
    ),
    "turned_18": ("a child with an open case turned 18", ""),
    "looked_up": (
        "an agency that made no contact looked the child up in a shared record",
        "evidence of other agencies that the record showed, log-odds",
    ),
    "misdirected": (
        "a message went to the wrong authority, or arrived after the child had left; no one read it",
        "",
    ),
}
"""What each stage of `events.parquet` means, and what its value holds."""


RESULTS_PAGE = """\
# Results

[Running](running.md) lists the files of a run. This page explains every name in them. Misses are counted as described
in [the ledger](model/index.md#what-is-counted).

## summary.json

All outcomes are measured over the evaluated years, without warm-up and follow-up. A value is a number, numbers by part,
or `null` if it is undefined. Shares are between 0 and 1. [Measures](model/measures.md) explains the definitions, and
which outcomes are still to come. Every value can be computed again from the tables of the folder: a test does so with
pandas alone. The column “of interest” has the smallest difference that a
[comparison](comparing.md) is to settle, a choice; “explained by” names outcomes that can explain a better value
when they are lower, so that it is not better by itself; “as in” names an official statistic with this definition.

{summary}

## Results, and where the chain stopped

A spell of harm has one of four results at each deadline. The deadlines are 4, 13, 26 and 52 weeks after onset, or the
first serious event if that is earlier.

{results}

For a spell missed at 13 weeks the ledger has the stage at which the furthest chain of concern stopped. This is not a
cause: [attribution](attribution.md) shows what would have happened if a stage had worked.

{stops}

Some stages are divided into parts:

{parts}

New harm after a sound closure (C9b) is coded by its own chain and marked in `new_harm_after_closure`.

How it failed, in the column `failed`, and how much the agencies had while there was time, in the column `had`:

{failures}

{tiers}

## Findings and states

What an assessment found, and what was true of the family at its gravest:

{findings}

{states}

{tables}

### Stages

The values of the column `stage`, and the meaning of `value` for each.

{stages}

## Folders that have changed

`RunResult.load`, `Comparison.load`, `Attribution.load`, `cpsim.load_sweep`, and the commands `story`, `table` and
`analyse` compare each file that they read with its digest, in `manifest.json` or in the files of the sweep. A file
that has changed is refused, with exit code 2:

```text
Error: runs/small-seed1: summary.json has changed since cpsim wrote it; use --anyway (in Python: ...
```

With `--anyway`, or `anyway=True` in Python, the file is loaded as it is. The result then has a list `changed_files`
in its provenance, or in `attrs` for the table of a sweep, and its text, reports and stories say "loaded although
summary.json has changed". Figures and reports are not read, so they may be changed or deleted.

Whether or not files have changed, and also with `--anyway`, a folder is refused if its files cannot be those of one
result: a missing name or column, a wrong type, a value outside its limits (a share above 1, a negative count, a week
outside the run, a child or an organisation that does not exist), or tables that do not agree with the scenario and
with each other. The message names the file and the name, column or line.

## Results of a comparison

[Comparing scenarios](comparing.md#the-folder) lists the files of a comparison. The *fate* of a spell of harm in one
arm is its result 13 weeks after onset, or the cause if it was missed:

{fates}

{of_comparisons}"""

A_ROW = {
    "weekly": "a week",
    "spells": "a spell of significant harm that began in the evaluated years",
    "children": "a child who is under 18 in an evaluated week",
    "conditions": "a spell of adversity, or another need, that had not ended a year before week 0: what is true, and"
    " no agency knows",
    "services": "an episode of a service, a plan or care, or of effective protection by any of them, that had not "
    "ended a year before week 0",
    "assessments": "an assessment of a family that ended in the evaluated years: what was found, and what was true",
    "agencies": "an organisation",
    "ties": "a directed tie",
    "events": "an event in a child's case",
    "authorities": "a local authority in an evaluated year; children are counted where they live at the time",
    "ratings": "a grade given to a service by inspectors; there are none without an inspection in the timeline",
}

A_ROW_OF_COMPARISONS = {
    "runs": "a run: one arm on one seed at one prevalence; it also has every outcome of `summary.json`, with parts "
    "named like `chain_stopped_at.C3`",
    "differences": "an outcome, an arm and a prevalence",
    "children": "a spell of significant harm in the reference or in the arm, at the scenarios' own prevalence",
    "flows": "a pair of fates",
    "turns": "an arm and a way in which fates turn",
    "prices": "an arm and a prevalence",
}


def format_tables(tables: dict[str, dict[str, TableColumn]], a_row: dict[str, str], heading: str) -> str:
    """Format a section for each table of a folder: the meaning of a row, and the columns."""

    def format_table_section(name: str, columns: dict[str, TableColumn]) -> str:
        of_runs = (
            {figure.partition(".")[0] for figure in columns} & SUMMARY.keys() if name == "runs" else set()
        )
        rows = [
            [f"`{column}`", about.dtype, about.meaning]
            for column, about in columns.items()
            if column.partition(".")[0] not in of_runs
        ]
        return (
            f"{heading} {name}.parquet\n\nOne row is {a_row[name]}.\n\n"
            f"{format_table(['column', 'type', 'meaning'], rows)}"
        )

    return "\n\n".join(format_table_section(name, columns) for name, columns in tables.items())


def format_results() -> str:
    """Format the page of results, with every name of the summary and every column of the tables."""

    def format_codes(meanings: dict[str, str]) -> str:
        return format_table(
            ["code", "meaning"], [[f"`{code}`", meaning] for code, meaning in meanings.items()]
        )

    def cite(entry: str) -> str:
        return f"[{entry}](model/bibliography.md)" if entry else ""

    def name_interest(name: str, size: float) -> str:
        return format_interest(name, size) if size else ""

    summary = [
        [
            f"`{name}`",
            about.unit,
            about.meaning,
            name_interest(name, about.interest),
            ", ".join(f"`{each}`" for each in about.explained_by),
            cite(about.official),
        ]
        for name, about in SUMMARY.items()
    ]
    return RESULTS_PAGE.format(
        summary=format_table(["name", "unit", "meaning", "of interest", "explained by", "as in"], summary),
        results=format_codes(RESULTS),
        stops=format_codes(STOPS),
        failures=format_codes(FAILURES),
        tiers=format_codes(TIERS),
        findings=format_codes(FINDINGS),
        states=format_codes(STATES),
        parts=format_codes(STOP_PARTS),
        tables=format_tables(TABLES, A_ROW, "##"),
        fates=format_codes(FATES),
        of_comparisons=format_tables(COMPARISON_TABLES, A_ROW_OF_COMPARISONS, "###"),
        stages=format_table(
            ["stage", "what happened", "value"],
            [[f"`{stage}`", *STAGES[stage]] for stage in OCCURRENCES],
        ),
    )


# -- dials


DIALS_PAGE = """\
# The dials

A policy cannot change an outcome directly. It can only turn one of these dials, and casework, the workforce, ties and
costs read nothing else of a policy. Dials are columns of `model.tables` and attributes of the
[agents](../python.md#agents). *Neutral* is the value at which a dial has no effect. *Levers* is the rule for several
levers that turn the same dial: their effects are added or multiplied, combined as independent probabilities, or the
largest counts. A state is changed on a date and then follows its own dynamics. *Turned by* lists the
[levers](../levers.md); `law` is the duty to co-operate, which is always in force and turns its dial as levers do. *Read
by* lists the modules of the program with a stage that reads the dial, and the levers that read it. Both are found in
the code, not written by hand. *Moves first* names the outcomes next to these stages; others follow from them.

{dials}

## Signals

Some levers work together: a deficit limits what a funder pays into a pooled budget. Such values pass from one lever to
another as signals. Casework never reads a signal, so a signal affects children only through the dials of the levers
that read it. `measures.weekly` reports two of them in the results. The rule *last* means that the value of the last
lever counts.

{signals}"""


def format_dials() -> str:
    """Format the page of dials and signals, the only variables that policies change."""
    head = ["meaning", "unit", "neutral", "levers"]
    dial_uses, signal_uses = find_dial_uses(), find_signal_uses()
    dials = [
        [
            *_format_variable(dial),
            dial.family,
            *_format_use(dial_uses[dial.name]),
            ", ".join(list_first_outcomes(dial.name)).lower(),
        ]
        for dial in DIALS
    ]
    signals = [[*_format_variable(signal), *_format_use(signal_uses[signal.name])] for signal in SIGNALS]
    return DIALS_PAGE.format(
        dials=format_table(["dial", *head, "family", "turned by", "read by", "moves first"], dials),
        signals=format_table(["signal", *head, "sent by", "read by"], signals),
    )


def _format_variable(variable: PolicyVariable) -> list[str]:
    return [
        f"`{variable.name}`",
        variable.description,
        format_unit(variable.unit),
        "own value" if variable.neutral is None else format_number(variable.neutral),
        variable.composes,
    ]


def _format_use(use: Use) -> list[str]:
    """Format what changes and what reads a dial or signal, as two cells."""
    return [", ".join(f"`{name}`" for name in names) for names in (use.changed_by, use.readers)]


def format_submodels() -> str:
    """Format the submodels of the ODD page; the text before them is written by hand."""
    return odd_page.format_submodels(DOCS / "model" / "index.md", DOCS.parent / "tests" / "twin")


PAGES: dict[str, Callable[[], str]] = {
    "model/parameters.md": format_parameters,
    "model/bibliography.md": format_bibliography,
    "model/odd.md": format_submodels,
    "model/dials.md": format_dials,
    "levers.md": levers_page.format_page,
    "results.md": format_results,
    "scenario_reference.md": format_scenario_reference,
}
"""The function that formats the text of each page in `docs`."""


def build_page(page: str) -> str:
    """Build the text of a page; text above the mark is kept."""
    path = DOCS / page
    by_hand = path.read_text(encoding="utf-8").partition(HEAD)[0] if path.exists() else ""
    return f"{by_hand}{HEAD}{PAGES[page]()}\n"


FIGURES_PAGE = DOCS / "figures.md"
TABLES_OF_FIGURES: dict[str, tuple[Shown, ...]] = {
    "a run": ("run",),
    "a comparison": ("comparison", "arm"),
    "a story and an attribution": ("story", "attribution"),
    "a sweep": ("sweep",),
}
"""What the figures of each table on the page of figures show."""


def build_figures_page() -> str:
    """Build the text of the page of figures; only its tables are generated, from the registry of figures."""
    text = FIGURES_PAGE.read_text(encoding="utf-8")
    for title, shown in TABLES_OF_FIGURES.items():
        start, end = (
            f"<!-- figures of {title}, made by tools/write_docs.py; do not edit -->\n",
            "<!-- end -->",
        )
        before, after = text.split(start)
        table = _format_figures([each for of in shown for each in list_figures(of)])
        text = f"{before}{start}{table}\n{end}{after.split(end, 1)[1]}"
    return text


def _format_figures(figures: list[RegisteredFigure]) -> str:
    """Format a table of figures; content and uncertainty are left out if no figure has any."""
    rows = [[f"`{each.draw.__name__}`", each.question, each.content, each.uncertainty] for each in figures]
    head = ["figure", "question", "content", "uncertainty"]
    columns = 4 if any(each.content for each in figures) else 2
    return format_table(head[:columns], [row[:columns] for row in rows])


def draw_figures() -> None:
    """Run the baseline with seed 1 and draw its figures in `docs/images`, small enough for a page."""
    from images import save_image

    from cpsim.plot import style
    from cpsim.simulation import run

    result = run("baseline", seed=1)
    (DOCS / "images").mkdir(exist_ok=True)
    with style.use_style():
        for name, draw in list_run_figures(result).items():
            save_image(draw(), DOCS / "images" / f"{name}.png")


def main() -> None:
    """Write the pages, and the figures if requested."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--figures", action="store_true", help="also run the baseline and draw its figures")
    for page in PAGES:
        path = DOCS / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(build_page(page), encoding="utf-8")
    FIGURES_PAGE.write_text(build_figures_page(), encoding="utf-8")
    if parser.parse_args().figures:
        draw_figures()


if __name__ == "__main__":
    main()
