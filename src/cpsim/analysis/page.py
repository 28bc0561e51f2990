"""The page of an analysis: findings in sentences and tables, and what cannot be concluded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cpsim.analysis.answer import answer_question, describe_seeds, explain_drivers
from cpsim.analysis.findings import Findings, Study
from cpsim.analysis.sections import MOST_ROWS, Section, find_sections, select_columns, select_rows
from cpsim.analysis.sentences import summarise_findings
from cpsim.analysis.wording import clean_text, escape_markdown
from cpsim.formatting import format_count, format_decimals, format_list


def format_page(study: Study, found: Findings, figures: Mapping[str, Sequence[str]]) -> str:
    """Format the page as Markdown.

    Args:
        study: the sweep that was analysed.
        found: its findings.
        figures: name of a table -> names of its figures that are in the same folder, as PNG.
    """
    definition = study.definition
    drivers = list(explain_drivers(study, found))
    parts = [
        f"# {escape_markdown(clean_text(definition.question or definition.name))}",
        f"**{escape_markdown(answer_question(study, found))}**",
        escape_markdown(describe_seeds(study, found)),
        escape_markdown(f"{clean_text(definition.name)}: {describe_runs(study)}"),
        *(["## What drives the outcome", _format_bullets(drivers)] if drivers else []),
        "## In short",
        _format_bullets(summarise_findings(study, found)),
    ]
    for section in find_sections(found.tables):
        parts += _format_section(section, study, found, figures.get(section.table, ()))
    parts += [
        "## What cannot be concluded",
        _format_bullets(list_limits(study, found)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _format_section(section: Section, study: Study, found: Findings, figures: Sequence[str]) -> list[str]:
    rows = select_rows(found.tables[section.table], study).to_dict("records")
    columns = select_columns(section, found.tables[section.table], study)
    lines = [
        f"| {' | '.join(escape_markdown(column.head) for column in columns)} |",
        f"|{' --- |' * len(columns)}",
    ]
    lines += [
        f"| {' | '.join(escape_markdown(column.format(row, study)) for column in columns)} |"
        for row in rows[:MOST_ROWS]
    ]
    if len(rows) > MOST_ROWS:
        lines.append(f"\n{format_count(len(rows) - MOST_ROWS, 'more row')}.")
    files = format_list(f"[{name}.csv]({name}.csv)" for name in section.list_files(found.tables))
    return [
        f"## {section.title}",
        section.explanation,
        *(f"![{section.title}]({name}.png)" for name in figures),
        "\n".join(lines),
        f"All rows and columns: {files}.",
    ]


_DESIGNS = {
    "grid": "a grid",
    "list": "listed in a file",
    "latin_hypercube": "a Latin hypercube",
    "sobol": "a Sobol design",
    "morris": "a Morris design",
    "one_at_a_time": "one setting changed at a time",
}


def describe_runs(study: Study) -> str:
    """Describe the runs: how many arms, points and seeds, and how many failed."""
    runs = study.runs
    failed = int((runs["status"] != "done").sum())
    planned = study.planned_points * len(study.arms) * len(study.definition.seeds_run)
    description = (
        f"{format_decimals(len(runs))} of {format_count(planned, 'run')}: {format_count(len(study.arms), 'arm')} "
        f"({', '.join(map(clean_text, study.arms))}), {format_count(study.planned_points, 'point')} "
        f"({_DESIGNS[study.definition.design.kind]}), "
        f"{format_count(len(study.definition.seeds_run), 'seed')}."
    )
    return description + (
        f" {format_count(failed, 'run failed and is', 'runs failed and are')} left out." if failed else ""
    )


def list_limits(study: Study, found: Findings) -> Iterator[str]:
    """Yield what cannot be concluded from a sweep of this design, one sentence each."""
    yield from found.gaps
    seeds = study.seeds
    if 1 < seeds < 5:
        yield (
            f"With {seeds} seeds, chance is estimated poorly, and the intervals of regret, which are those of "
            "resampled seeds, are too narrow."
        )
    if study.draws is None and study.settings:
        yield (
            "The points were listed, not drawn: intervals hold for these points only, not for settings between "
            "or beyond them."
        )
    if study.settings:
        yield (
            "Nothing can be concluded about settings that did not vary, or about values outside the ranges "
            "that were run."
        )
    yield (
        "Intervals cover chance between populations of children and between points that were drawn. They do not "
        "cover errors in the model or its parameters."
    )
    yield (
        "Intervals hold together for the rows of their own table, or of its arm and outcome, not for all tables "
        "together. Many tables always show something: repeat what matters with other seeds."
    )
    yield (
        "All children, families and agencies are invented. Nothing here is a prediction about a real child or "
        "council."
    )


def _format_bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {escape_markdown(sentence)}" for sentence in sentences)
