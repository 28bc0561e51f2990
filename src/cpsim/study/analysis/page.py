"""The page of an analysis: what was found, in plain words, and what cannot be said."""

from collections.abc import Collection, Iterator

import pandas as pd

from cpsim.study.analysis.findings import Findings, Study
from cpsim.study.analysis.sentences import about, in_short
from cpsim.study.analysis.wording import cell, count, plain

MOST_ROWS = 12


def page(study: Study, found: Findings, pictures: Collection[str]) -> str:
    """The page in Markdown.

    Args:
        study: what was analysed.
        found: what was found.
        pictures: names of the figures that lie beside the page, as PNG.
    """
    definition = study.definition
    parts = [
        f"# {plain(definition.name)}: what was found",
        plain(definition.question),
        what_was_run(study),
    ]
    parts += ["## In short", "\n".join(f"- {sentence}" for sentence in in_short(study, found))]
    for title, names, says, columns in SECTIONS:
        shown = [name for name in names if name in pictures]
        if names[0] in found.tables:
            parts += [f"## {title}", says, *(f"![{title}]({name}.png)" for name in shown)]
            parts.append(_table(chosen(found.tables[names[0]], study), columns))
            parts.append(f"All of it: [{names[0]}.csv]({names[0]}.csv).")
    parts += ["## What cannot be said", "\n".join(f"- {sentence}" for sentence in limits(study, found))]
    return "\n\n".join(part for part in parts if part) + "\n"


SECTIONS: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...] = (
    (
        "What does each arm change?", ("differences",),
        "Difference to the first arm on the same children, mean over all points, with the 95 % interval of Student. "
        "`boot` is the same by bootstrap. `p_holm` allows for the number of rows. Each point on its own is in "
        "[differences_by_point.csv](differences_by_point.csv).",
        ("outcome", "arm", "difference", "low", "high", "boot_low", "boot_high", "p_holm", "verdict"),
    ),
    (
        "Under which conditions is an arm worse?", ("conditions",),
        "Found by PRIM: the box of settings in which points where the arm is worse than the first lie densest. "
        "`coverage` is how many of these it holds, `density` how many of its points are such, `worse_share` how many "
        "are overall, `by_chance` how often shuffled points gave as good a box. `quasi_p` is for each limit.",
        ("arm", "outcome", "worse_share", "shown", "density", "coverage", "by_chance", "setting", "low", "high",
         "quasi_p"),
    ),
    (
        "What matters most?", ("effects",),
        "Change of the outcome when a setting goes from one end of its range to the other: least squares over the "
        "points, with seeds as blocks. `fit` is the share of the differences between points that straight effects "
        "explain.",
        ("of", "outcome", "setting", "from", "to", "effect", "low", "high", "p_holm", "verdict", "fit"),
    ),
    (
        "Which settings work together?", ("interactions",),
        "How much the effect of one setting differs between both ends of another.",
        ("of", "outcome", "setting", "other", "effect", "low", "high", "p_holm", "verdict"),
    ),
    (
        "Which settings make the outcome uncertain?", ("sobol", "sobol_settling"),
        "Sobol indices, from part of the base points and from all: trust them once they settle.",
        ("arm", "outcome", "base_points", "setting", "first", "first_low", "first_high", "total", "total_low",
         "total_high"),
    ),
    (
        "Which settings matter at all?", ("morris",),
        "Morris's elementary effects, from part of the trajectories and from all. A setting with a small `mu_star` may "
        "be left as it is; a large `sigma` says that its effect hangs on others, or is not straight.",
        ("arm", "outcome", "trajectories", "setting", "mu_star", "mu_star_low", "mu_star_high", "mu", "sigma"),
    ),
    (
        "Which alternatives does no other beat?", ("pareto",),
        "An alternative is dominated if another is at least as good in the mean of everything, and shown to be better "
        "in something. It cannot be told where its place hangs on differences that are not shown.",
        (),
    ),
    (
        "Which arm would be regretted least?", ("regret",),
        "Regret is how much worse an arm is than the best one for that world; each point is a world. Chance makes it "
        "somewhat too high where seeds are few.",
        ("outcome", "arm", "max", "max_low", "max_high", "mean", "mean_low", "mean_high", "best", "worlds"),
    ),
    (
        "How many seeds are enough?", ("seeds",),
        "Seeds until the 95 % interval is as narrow as wanted, here for shares of the level of the first arm. What the "
        "spread between so few seeds may truly be gives the lowest and highest number.",
        ("of", "outcome", "share_of_level", "wanted", "seeds_now", "half_width_now", "seeds", "seeds_low",
         "seeds_high"),
    ),
)  # fmt: skip
"""Title, names of the table and its figures, what it says, and the columns shown; all of them if none are named."""


def what_was_run(study: Study) -> str:
    """How many runs of which arms, points and seeds, in a sentence or two."""
    runs = study.runs
    failed = int((runs["status"] != "done").sum())
    planned = study.planned_points * len(study.arms) * len(study.definition.seeds_run)
    told = (
        f"{len(runs):,} of {planned:,} runs: {count(len(study.arms), 'arm')} ({', '.join(map(plain, study.arms))}), "
        f"{count(study.planned_points, 'point')} ({study.definition.design.kind.replace('_', ' ')}), "
        f"{count(len(study.definition.seeds_run), 'seed')}."
    )
    return told + (
        f" {count(failed, 'run')} failed and {'is' if failed == 1 else 'are'} left out." if failed else ""
    )


def limits(study: Study, found: Findings) -> Iterator[str]:
    """What a sweep of this design cannot say, a sentence each."""
    yield from found.gaps
    seeds = len(study.definition.seeds_run)
    if 1 < seeds < 5:
        yield f"{seeds} seeds hardly tell how much chance there is; intervals by bootstrap are too narrow then."
    if study.draws is None and study.settings:
        yield "The points were written out. Intervals are for exactly these, not for settings between or beyond them."
    if study.settings:
        yield "Nothing can be said about settings that did not vary, nor beyond the ranges that were run."
    yield (
        "Intervals hold chance between children, and between points that were drawn. That the model or its parameters "
        "may be wrong is in none of them."
    )
    yield (
        "`p_holm` allows for all rows of its own table or arm and outcome, not for all tables together. Who looks at "
        "many tables finds something: repeat what matters with other seeds."
    )
    yield "Everybody in it is invented. It predicts for no real child and no real council."


def chosen(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The rows of a table that are worth a page: misses, false alarms and money, of the largest samples."""
    rows = about(table, study.headlines)
    for size in ("base_points", "trajectories"):
        if size in rows:
            rows = rows[rows[size] == rows[size].max()]
    return rows.reset_index() if rows.index.names != [None] else rows


def _table(rows: pd.DataFrame, columns: tuple[str, ...]) -> str:
    shown = [name for name in columns if name in rows] or list(rows.columns)
    lines = [f"| {' | '.join(shown)} |", f"|{' --- |' * len(shown)}"]
    first = rows[shown].head(MOST_ROWS).itertuples(index=False)
    lines += [f"| {' | '.join(cell(value) for value in row)} |" for row in first]
    if len(rows) > MOST_ROWS:
        lines.append(f"\n{len(rows) - MOST_ROWS:,} more rows.")
    return "\n".join(lines)
