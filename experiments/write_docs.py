"""Write the pages of the documentation that are read off the program, and the pictures of the baseline.

python experiments/write_docs.py              the pages: parameters, settings, results, dials, levers, ODD
python experiments/write_docs.py --pictures   the pictures in docs/images, from a run of the baseline with seed 1
"""

import argparse
import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import levers_page
import odd_page
from page_text import anchor, mathematics, number, table, unit

from cpsim.agents.dials import DIALS
from cpsim.casework.log import OCCURRENCES
from cpsim.results import CAUSE_PARTS, CAUSES, RESULTS, SUMMARY, TABLES
from cpsim.results.comparison_tables import COMPARISON_TABLES, FATES
from cpsim.results.tables import Column
from cpsim.scenario.events import Event, levers
from cpsim.scenario.guide import Guide
from cpsim.scenario.register import UNITS, Parameter, register
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import KNOWN_KINDS

DOCS = Path(__file__).parents[1] / "docs"
HEAD = "<!-- made by experiments/write_docs.py; do not edit -->\n"
PICTURES = ("lost_where", "incidence", "funnel", "weeks", "network")
TAGS = {
    "measured": "seen in a source, as a number for England or the nearest to it",
    "derived": "worked out from numbers that were seen",
    "guess": "set by judgement or tuned until national figures were met; no source gives it",
}


# -- parameters


PARAMETERS = """\
# The {total} numbers

Every number that the model uses stands in one register, `src/cpsim/scenario/parameters.csv`; the schema of scenarios
and this page are read off it. A scenario may change each of them.

**{measured} of them are measured, {derived} derived and {guess} are guesses.** A number that was tuned until the model
met national figures is counted as a guess, since other values would have met them too
([calibration](calibration.md)).

{tags}

{counts}

*Plausible* is the range over which a study should vary the number; the program accepts a wider one
([settings](../scenario_reference.md)). *Off* is the value that switches the mechanism off; where there is none, it
cannot be. Symbols and M-numbers are those of [the model](index.md).

{sections}"""


def parameters() -> str:
    """Every number of the register, with how many of them anybody has measured."""
    groups: dict[str, list[Parameter]] = {}
    for row in register().values():
        groups.setdefault(_group(row.id), []).append(row)
    tags = Counter(row.tag for row in register().values())
    counts = {name: Counter(row.tag for row in rows) for name, rows in groups.items()}
    return PARAMETERS.format(
        total=tags.total(),
        **{tag: tags[tag] for tag in TAGS},
        tags=table(
            ["tag", "numbers", "meaning"], [[tag, str(tags[tag]), says] for tag, says in TAGS.items()]
        ),
        counts=table(
            ["section", *TAGS],
            [[f"[{name}](#{anchor(name)})", *(str(of[tag]) for tag in TAGS)] for name, of in counts.items()],
        ),
        sections="\n\n".join(f"## {name}\n\n{_parameter_table(rows, name)}" for name, rows in groups.items()),
    )


def _group(identity: str) -> str:
    first, second, *_ = identity.split(".")
    return f"{first}.{second}" if first in ("agencies", "other_need") else first


def _parameter_table(rows: list[Parameter], group: str) -> str:
    head = ["setting", "symbol", "", "meaning", "unit", "default", "plausible", "off", "tag", "source"]
    return table(
        head,
        (
            [
                f"`{row.id.removeprefix(group + '.')}`",
                mathematics(row.symbol) if row.symbol else "",
                row.mechanism,
                row.meaning.removesuffix(f" ({group.partition('.')[2]})"),
                unit(row.unit),
                number(row.default),
                f"{number(row.low)} to {number(row.high)}",
                number(row.neutral),
                row.tag,
                row.source,
            ]
            for row in rows
        ),
    )


# -- settings


SETTINGS = """\
# Every setting

What a [scenario file](scenarios.md) may say. `cpsim schema` prints the same as JSON Schema. A setting that is left out
keeps its default; sources and plausible ranges of the numbers stand with [the parameters](model/parameters.md).

`<kind>` stands for the name of a kind of agency: {known}, or one
of your own. The table under `agencies` shows the defaults of a kind of your own; those of the six known kinds stand
with the parameters.

{top}

{sections}

## timeline

What changes on which date, in order: a list of events. Each names the lever that it turns, and may say of it:

{common}

What else it may say depends on the lever.

{levers}

## Units

Numbers beyond what makes sense in their unit are refused.

{units}"""


def scenario_reference() -> str:
    """Every setting of a scenario file, from its JSON Schema."""
    schema = Scenario.model_json_schema()
    properties = schema["properties"]
    units = [[unit(name), number(low), number(high)] for name, (low, high) in UNITS.items()]
    return SETTINGS.format(
        known=", ".join(f"`{kind}`" for kind in KNOWN_KINDS),
        top=_settings_table(
            schema, [leaf for leaf in properties.items() if not _inside(schema, leaf[1])], ""
        ),
        sections="\n\n".join(
            _section(schema, name, fragment)
            for name, fragment in properties.items()
            if _inside(schema, fragment)
        ),
        common=_settings_table(schema, _event_settings(schema, Event), "timeline"),
        levers="\n\n".join(
            f"### {name}\n\n{inspect.getdoc(lever)}\n\n"
            f"{_settings_table(schema, _event_settings(schema, lever), f'timeline.0.{name}')}"
            for name, lever in levers().items()
        ),
        units=table(["unit", "lowest", "highest"], units),
    )


def _event_settings(schema: dict[str, Any], lever: type[Event]) -> list[tuple[str, dict[str, Any]]]:
    """The settings that all levers have, or those that one has besides, by path."""
    if lever is Event:
        any_lever, names = next(iter(levers().values())), Event.model_fields.keys() - {"institution"}
        start = "timeline.0"
    else:
        any_lever, names = lever, lever.model_fields.keys() - Event.model_fields.keys()
        start = f"timeline.0.{lever.model_json_schema()['properties']['lever']['const']}"
    properties = schema["$defs"][any_lever.__name__]["properties"]
    return [(f"{start}.{name}", properties[name]) for name in any_lever.model_fields if name in names]


def _section(schema: dict[str, Any], name: str, fragment: dict[str, Any]) -> str:
    says = fragment.get("description") or _resolved(schema, fragment)["description"]
    sentence = f"{says[:1].upper()}{says[1:].removesuffix('.')}."
    return (
        f"## {name}\n\n{sentence}\n\n{_settings_table(schema, list(_leaves(schema, fragment, name)), name)}"
    )


def _resolved(schema: dict[str, Any], fragment: dict[str, Any]) -> dict[str, Any]:
    reference = fragment.get("$ref")
    return schema["$defs"][reference.rsplit("/", 1)[1]] if reference else fragment


def _inside(schema: dict[str, Any], fragment: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Settings one level down; a free name is `<kind>`, an entry of a list `[n]`."""
    fragment = _resolved(schema, fragment)
    within: dict[str, dict[str, Any]] = dict(fragment.get("properties", {}))
    if isinstance(others := fragment.get("additionalProperties"), dict):
        within["<kind>"] = others
    if "properties" in _resolved(schema, fragment.get("items", {})):
        within["[n]"] = fragment["items"]
    return within


def _leaves(
    schema: dict[str, Any], fragment: dict[str, Any], path: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    within = _inside(schema, fragment)
    if not within:
        yield path, fragment
    for name, inner in within.items():
        yield from _leaves(schema, inner, f"{path}{name}" if name == "[n]" else f"{path}.{name}")


def _settings_table(schema: dict[str, Any], leaves: list[tuple[str, dict[str, Any]]], section: str) -> str:
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
                unit(fragment.get("unit", "")),
                guide.expected(location),
                _default(fragment),
            ]
        )
    return table(["setting", "what it says", "unit", "allowed", "default"], rows)


def _default(fragment: dict[str, Any]) -> str:
    if "default" not in fragment:
        return ""
    value = fragment["default"]
    if value is None or value in ("", []):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return number(value) if isinstance(value, int | float) else str(value)


# -- results

_SPELL = "row of the spell in the drawn world"
STAGES: dict[str, tuple[str, str]] = {
    "noticed": ("somebody noticed a sign", "evidence of the sign, log-odds"),
    "recorded": ("the sign was written down", ""),
    "threshold_crossed": ("the agency's evidence reached its threshold for telling social care", ""),
    "consulted": ("a partner was asked", "evidence before asking, log-odds"),
    "shared": ("a concern was sent to social care", "evidence told, log-odds"),
    "lost": ("the message was lost", ""),
    "delivered": ("a message arrived at the front door", "evidence told, log-odds"),
    "screened_out": ("the front door took no referral", "worry of the front door, log-odds"),
    "referred": (
        "the contact became a referral",
        "1 if the child was referred within the 52 weeks before, else 0",
    ),
    "initial_started": ("an initial assessment began", ""),
    "initial_finished": ("an initial assessment ended", "1 if within the statutory limit, else 0"),
    "no_further_action": (
        "an assessment or enquiry ended without a service",
        "severity as estimated",
    ),
    "core_started": ("a core assessment began, alone or as part of an enquiry", ""),
    "core_finished": ("a core assessment ended", "1 if within the statutory limit, else 0"),
    "enquiry_started": ("a section 47 enquiry began", ""),
    "enquiry_finished": ("a section 47 enquiry ended", "severity as estimated"),
    "conference": ("a child protection conference was held", "severity as estimated"),
    "plan_started": ("a child protection plan began", "number of earlier plans"),
    "plan_ended": ("a plan ended", "its length, weeks"),
    "in_need_started": ("a child-in-need service began", "number of plans so far"),
    "in_need_ended": ("a child-in-need service ended at a review", "its length, weeks"),
    "court_application": ("a section 31 application was decided on", ""),
    "care_started": ("the child came into care", "number of plans so far"),
    "care_ended": ("the child left care", "length of the stay, weeks"),
    "effective_from": ("effective protection began", ""),
    "effective_until": ("effective protection ended", ""),
    "harm_ended_by_protection": (
        "protection ended a spell of adversity",
        "row of the spell in the drawn world",
    ),
    "serious_event": ("a serious event", _SPELL),
    "serious_event_averted": (
        "a serious event that a plan averted",
        "row of the spell in the drawn world",
    ),
    "file_left_behind": (
        "the child moved and a file stayed behind; the agency is the new one, -1 for that of social care",
        "",
    ),
    "worker_changed": (
        "the child's social worker left, or the child the authority",
        "changes of worker so far in this case",
    ),
    "turned_18": ("a child with an open case turned eighteen", ""),
    "looked_up": (
        "somebody who kept silent looked the child up in a shared record",
        "what the record showed of the other agencies' evidence, log-odds",
    ),
    "misdirected": (
        "a message went to another authority than the child's, or came when the child had left; nobody read it",
        "",
    ),
}
"""What each stage of `events.parquet` means, and what its value holds."""


RESULTS_PAGE = """\
# What a run leaves behind

[Running](running.md) says which files there are. This page says what every name in them means; how each is counted
follows [the ledger](model/index.md#what-is-counted).

## summary.json

All figures are over the years judged, without history and run-off. A value is a number, numbers by part, or `null`
where it is undefined. Shares run from 0 to 1.

{summary}

## Results and causes

A spell of harm has one of four results at each deadline: 4, 13, 26 and 52 weeks after onset, or its first serious event
if that comes before.

{results}

A spell missed at 13 weeks has one cause, the step that stopped the furthest chain of concern:

{causes}

Parts divide some of the causes:

{parts}

{tables}

### Stages

What the column `stage` may hold, and what `value` then is.

{stages}

## What a comparison leaves behind

[Comparing scenarios](comparing.md#the-folder) says which files there are. A *fate* is what becomes of a spell of harm
in one arm, 13 weeks after onset; a cause stands for missed:

{fates}

{of_comparisons}"""

A_ROW = {
    "weekly": "a week",
    "spells": "a spell of significant harm that began in the years judged",
    "agencies": "an organisation",
    "ties": "a directed tie",
    "events": "something that happened about a child",
    "authorities": "a local authority in an evaluated year; a child counts where it lives at the time",
    "ratings": "a grade that inspectors gave to a service; none without an inspection in the timeline",
}

A_ROW_OF_COMPARISONS = {
    "runs": "a run: one arm on one seed at one prevalence; it has every number of `summary.json` as well, parts as "
    "`missed_by_cause.C3`",
    "differences": "a figure, an arm and a prevalence",
    "children": "a spell of significant harm in the reference or in the arm, as the scenarios have it",
    "flows": "a pair of fates",
    "turns": "an arm and a way in which fates turn",
    "prices": "an arm and a prevalence",
}


def described(tables: dict[str, dict[str, Column]], a_row: dict[str, str], heading: str) -> str:
    """A section for each table of a folder: what a row is, and its columns."""

    def section(name: str, columns: dict[str, Column]) -> str:
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
            f"{table(['column', 'type', 'meaning'], rows)}"
        )

    return "\n\n".join(section(name, columns) for name, columns in tables.items())


def results() -> str:
    """Every name of the summary and every column of the tables."""

    def codes(of: dict[str, str]) -> str:
        return table(["code", "meaning"], [[f"`{code}`", says] for code, says in of.items()])

    summary = [[f"`{name}`", about.unit, about.meaning] for name, about in SUMMARY.items()]
    return RESULTS_PAGE.format(
        summary=table(["name", "unit", "meaning"], summary),
        results=codes(RESULTS),
        causes=codes(CAUSES),
        parts=codes(CAUSE_PARTS),
        tables=described(TABLES, A_ROW, "##"),
        fates=codes(FATES),
        of_comparisons=described(COMPARISON_TABLES, A_ROW_OF_COMPARISONS, "###"),
        stages=table(
            ["stage", "what happened", "value"],
            [[f"`{stage}`", *STAGES[stage]] for stage in OCCURRENCES],
        ),
    )


# -- dials


DIALS_PAGE = """\
# The dials

A policy may never touch an outcome. It may only turn one of these dials, and casework reads nothing else of policy.
They are columns of `model.tables`, and attributes of the [agents](../python.md#agents). *Neutral* is the value at
which a dial changes nothing. *Levers* says what several levers do to one dial: they add up, multiply, are chances of
which one suffices, or the largest of them counts. A state is changed on a day and then lives on by itself.

{dials}"""


def dials() -> str:
    """The dials: the only things that policies turn."""
    head = ["dial", "what it is", "unit", "neutral", "family", "levers", "read by"]
    rows = [
        [
            f"`{dial.name}`",
            dial.says,
            unit(dial.unit),
            "own value" if dial.neutral is None else number(dial.neutral),
            dial.family,
            dial.composes,
            ", ".join(dial.read_by),
        ]
        for dial in DIALS
    ]
    return DIALS_PAGE.format(dials=table(head, rows))


def odd() -> str:
    """The submodels of the ODD page; what goes before them is written by hand."""
    return odd_page.submodels(DOCS / "model" / "index.md", DOCS.parent / "tests" / "twin")


PAGES: dict[str, Callable[[], str]] = {
    "model/parameters.md": parameters,
    "model/odd.md": odd,
    "model/dials.md": dials,
    "levers.md": levers_page.text,
    "results.md": results,
    "scenario_reference.md": scenario_reference,
}
"""Page in `docs` -> what writes its text."""


def text_of(page: str) -> str:
    """The text of a page as it should stand on the disk; what stands above its mark is kept."""
    path = DOCS / page
    by_hand = path.read_text(encoding="utf-8").partition(HEAD)[0] if path.exists() else ""
    return f"{by_hand}{HEAD}{PAGES[page]()}\n"


def write_pictures() -> None:
    """Run the baseline with seed 1 and put its figures into `docs/images`, small enough for a page."""
    from cpsim.model import run
    from cpsim.plot import OF_RUN, style

    result = run("baseline", seed=1)
    (DOCS / "images").mkdir(exist_ok=True)
    with style.styled():
        for name in PICTURES:
            figure = OF_RUN[name](result)
            figure.savefig(DOCS / "images" / f"{name}.png", dpi=100, metadata={"Software": None})


def main() -> None:
    """Write the pages, and the pictures if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", action="store_true", help="also run the baseline and draw its pictures")
    for page in PAGES:
        path = DOCS / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(page), encoding="utf-8")
    if parser.parse_args().pictures:
        write_pictures()


if __name__ == "__main__":
    main()
