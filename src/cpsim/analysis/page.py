"""The page of an analysis: findings in sentences and tables, and what cannot be concluded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from cpsim.analysis.findings import Findings, Study
from cpsim.analysis.sentences import select_outcomes, summarise_findings
from cpsim.analysis.wording import clean_text, escape_markdown, format_cell
from cpsim.formatting import format_count, format_decimals

MOST_ROWS = 12


def format_page(study: Study, found: Findings, figures: Mapping[str, Sequence[str]]) -> str:
    """Format the page as Markdown.

    Args:
        study: the sweep that was analysed.
        found: its findings.
        figures: name of a table -> names of its figures that are in the same folder, as PNG.
    """
    definition = study.definition
    parts = [
        f"# {escape_markdown(clean_text(definition.name))}: findings",
        escape_markdown(clean_text(definition.question)),
        escape_markdown(describe_runs(study)),
    ]
    parts += ["## In short", _format_bullets(summarise_findings(study, found))]
    for title, table, explanation, columns in SECTIONS:
        shown = figures.get(table, ())
        if table in found.tables:
            parts += [f"## {title}", explanation, *(f"![{title}]({name}.png)" for name in shown)]
            parts.append(_format_table(select_rows(found.tables[table], study), columns))
            parts.append(f"Full table: [{table}.csv]({table}.csv).")
    parts += [
        "## What cannot be concluded",
        _format_bullets(list_limits(study, found)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


SECTIONS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "What does each arm change?", "differences",
        "Difference from the first arm, mean over all points, with a 95% interval (Student's t); `paired` says whether "
        "both arms have the same children. `boot` is the interval by bootstrap. `p_holm` is adjusted for the number of "
        "rows. The differences at each point are in [differences_by_point.csv](differences_by_point.csv).",
        ("outcome", "arm", "difference", "low", "high", "boot_low", "boot_high", "p_holm", "verdict", "paired"),
    ),
    (
        "Under which conditions is an arm worse?", "conditions",
        "Found by PRIM: the box of settings in which the points where the arm is worse than the first are densest. "
        "`coverage` is the share of these points that are in the box, `density` their share of the points in the "
        "box, `worse_share` their share of all points, and `by_chance` how often shuffled points gave an equally "
        "good box. `quasi_p` belongs to each limit.",
        ("arm", "outcome", "worse_share", "shown", "density", "coverage", "by_chance", "setting", "low", "high",
         "quasi_p"),
    ),
    (
        "Which settings matter most?", "effects",
        "Change in the outcome when a setting goes from one end of its range to the other: least squares over the "
        "points, with seeds as blocks. `fit` is the share of the variance between points that linear effects "
        "explain; it is empty if there is none.",
        ("of", "outcome", "setting", "from", "to", "effect", "low", "high", "p_holm", "verdict", "fit"),
    ),
    (
        "Which settings interact?", "interactions",
        "How much the effect of one setting differs between the two ends of another.",
        ("of", "outcome", "setting", "other", "effect", "low", "high", "p_holm", "verdict"),
    ),
    (
        "Which settings make the outcome uncertain?", "sobol",
        "Sobol indices from part of the base points and from all: trust them once they no longer change.",
        ("arm", "outcome", "base_points", "setting", "first", "first_low", "first_high", "total", "total_low",
         "total_high"),
    ),
    (
        "Which settings matter at all?", "morris",
        "Morris's elementary effects from part of the trajectories and from all. A setting with a small `mu_star` "
        "can be left at its default; a large `sigma` means that its effect depends on other settings or is not "
        "linear.",
        ("arm", "outcome", "trajectories", "setting", "mu_star", "mu_star_low", "mu_star_high", "mu", "sigma"),
    ),
    (
        "Which alternatives are on the Pareto front?", "pareto",
        "An alternative is dominated if another is at least as good in the mean of every outcome and is shown to be "
        "better in one. It is undecided if its place depends on differences that are not shown.",
        (),
    ),
    (
        "Which arm has the smallest regret?", "regret",
        "Regret at a point is how much worse an arm is than the best arm there. With few seeds, chance makes it "
        "somewhat too large.",
        ("outcome", "arm", "max", "max_low", "max_high", "mean", "mean_low", "mean_high", "best", "worlds"),
    ),
    (
        "How many seeds are enough?", "seeds",
        "Number of seeds at which the 95% interval becomes as narrow as wanted, here for shares of the level of the "
        "first arm. The lowest and highest numbers reflect how uncertain the variation between so few seeds is.",
        ("of", "outcome", "share_of_level", "wanted", "seeds_now", "half_width_now", "seeds", "seeds_low",
         "seeds_high"),
    ),
)  # fmt: skip
"""Title, name of the table, explanation, and the columns shown (all columns if none are named)."""


def describe_runs(study: Study) -> str:
    """Describe the runs: how many arms, points and seeds, and how many failed."""
    runs = study.runs
    failed = int((runs["status"] != "done").sum())
    planned = study.planned_points * len(study.arms) * len(study.definition.seeds_run)
    description = (
        f"{format_decimals(len(runs))} of {format_count(planned, 'run')}: {format_count(len(study.arms), 'arm')} "
        f"({', '.join(map(clean_text, study.arms))}), {format_count(study.planned_points, 'point')} "
        f"({study.definition.design.kind.replace('_', ' ')}), "
        f"{format_count(len(study.definition.seeds_run), 'seed')}."
    )
    return description + (
        f" {format_count(failed, 'run failed and is', 'runs failed and are')} left out." if failed else ""
    )


def list_limits(study: Study, found: Findings) -> Iterator[str]:
    """Yield what cannot be concluded from a sweep of this design, one sentence each."""
    yield from found.gaps
    seeds = len(study.definition.seeds_run)
    if 1 < seeds < 5:
        yield f"With {seeds} seeds, chance is estimated poorly, and bootstrap intervals are too narrow."
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
        "`p_holm` is adjusted for the rows of its own table, or of its arm and outcome, not for all tables together. "
        "Many tables always show something: repeat what matters with other seeds."
    )
    yield (
        "All children, families and agencies are invented. Nothing here is a prediction about a real child or "
        "council."
    )


def select_rows(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Select the rows of a table for the page: the headlines, from the largest samples."""
    rows = select_outcomes(table, study.headlines)
    for size in ("base_points", "trajectories"):
        if size in rows:
            rows = rows[rows[size] == rows[size].max()]
    return rows.reset_index() if rows.index.names != [None] else rows


def _format_bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {escape_markdown(sentence)}" for sentence in sentences)


def _format_table(rows: pd.DataFrame, columns: tuple[str, ...]) -> str:
    shown = [name for name in columns if name in rows] or list(rows.columns)
    lines = [f"| {' | '.join(map(escape_markdown, shown))} |", f"|{' --- |' * len(shown)}"]
    first = rows[shown].head(MOST_ROWS).itertuples(index=False)
    lines += [f"| {' | '.join(escape_markdown(format_cell(value)) for value in row)} |" for row in first]
    if len(rows) > MOST_ROWS:
        lines.append(f"\n{format_count(len(rows) - MOST_ROWS, 'more row')}.")
    return "\n".join(lines)
