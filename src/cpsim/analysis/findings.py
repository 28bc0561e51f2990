"""All findings of one sweep: the tables that its design allows, and the reasons why it allows no others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from cpsim.analysis.effects import main_effects, pairwise_interactions
from cpsim.analysis.indices import morris_convergence, sobol_convergence
from cpsim.analysis.pairs import differences_by_point, differences_over_all
from cpsim.analysis.pareto import find_pareto_front, list_alternatives
from cpsim.analysis.prim import FoundBox, find_box
from cpsim.analysis.regret import regret
from cpsim.analysis.seeds import seeds_needed
from cpsim.analysis.tables import (
    difference_table,
    drop_gaps,
    label_draws,
    list_arms,
    list_outcomes,
    list_settings,
    outcome_table,
    select_points,
    varies_between_points,
)
from cpsim.experiment.definition import Definition, Morris, Sobol
from cpsim.experiment.designs import draw_unit_points, number_of_points
from cpsim.formatting import format_count, format_list, format_noun
from cpsim.measures.outcomes import list_first_headlines, sign_of_worse
from cpsim.results.analysis import Analysis
from cpsim.results.loading import describe_changes
from cpsim.scenario.descriptions import SettingDescription, describe_settings
from cpsim.world.comparable import changes_children

_HEADLINES = list_first_headlines(("Missed risk", "Assessments", "Money"))
_MOST_HEADLINES = len(_HEADLINES)
"""Figures of a sweep have room for three outcomes, so that workload is in the tables only."""
_LEAST_POINTS = 20
_MOST_NAMES = 5
_COLUMNS_OF_CONDITIONS = (
    "arm outcome worse_is points worse_share shown coverage density by_chance setting low high quasi_p lowest highest"
).split()
_SHARES_OF_LEVEL = (0.01, 0.02, 0.05, 0.1)


@dataclass(frozen=True)
class Study:
    """The runs of a sweep and the definition of its experiment.

    Attributes:
        runs: the tidy table of the sweep, as `load_sweep` returns it.
        definition: the definition of the experiment.
        other_children: a sentence about each arm with other children than the first, as `check_arms` returns them.
        scenarios: resolved settings of each arm; without them the reasons of effects are not known.
    """

    runs: pd.DataFrame
    definition: Definition
    other_children: Mapping[str, str] = field(default_factory=dict)
    scenarios: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def arms(self) -> list[str]:
        """Names of the arms; the others are compared with the first."""
        return list_arms(self.runs)

    @property
    def paired_arms(self) -> list[str]:
        """The first arm, and the arms that have the same children."""
        return [arm for arm in self.arms if arm not in self.other_children]

    @property
    def paired_runs(self) -> pd.DataFrame:
        """The runs of these arms."""
        runs = self.runs[self.runs["arm"].isin(self.paired_arms)]
        return runs.assign(arm=pd.Categorical(runs["arm"], categories=self.paired_arms))

    @property
    def seeds(self) -> int:
        """Number of seeds with a run that has finished."""
        return int(self.runs.loc[self.runs["status"] == "done", "seed"].nunique())

    @property
    def outcomes(self) -> list[str]:
        """Outcomes for which at least one run has a value."""
        return [name for name in list_outcomes(self.runs) if self.runs[name].notna().any()]

    @property
    def headlines(self) -> list[str]:
        """Missed risk, families with neither, and cost, or else the first outcomes with a known better direction."""
        directed = [name for name in self.outcomes if sign_of_worse(name)]
        chosen = [name for name in _HEADLINES if name in directed]
        return (chosen if len(chosen) > 1 else directed)[:_MOST_HEADLINES]

    @property
    def settings(self) -> list[str]:
        """Settings with more than one value."""
        return list_settings(self.runs)

    @cached_property
    def described(self) -> dict[str, SettingDescription]:
        """These settings in words, by path."""
        return describe_settings(self.settings, self.scenarios.get(self.arms[0], {}))

    @property
    def points(self) -> pd.DataFrame:
        """Values of these settings by point."""
        return select_points(self.runs, self.settings)

    @property
    def draws(self) -> pd.Series | None:
        """The draw of the design that each point belongs to; None if the points were listed."""
        varied = list(self.definition.vary) or self.settings
        return label_draws(self.definition.design, select_points(self.runs, varied))

    @property
    def planned_points(self) -> int:
        """Number of points in the design, whether they were run or not."""
        return number_of_points(self.definition, file_rows=int(self.runs["point"].max()) + 1)


@dataclass
class Findings:
    """The findings of a sweep.

    Attributes:
        tables: by name: differences, differences_by_point, seeds, effects, interactions, sobol, morris, conditions,
            regret, pareto; those that the design allows.
        boxes: boxes found by PRIM, by arm and outcome; `conditions` is a table of them.
        gaps: what could not be analysed, and why, a sentence each.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    boxes: dict[tuple[str, str], FoundBox] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)


def collect_findings(study: Study) -> Findings:
    """Compute every table that the design of a sweep allows.

    Args:
        study: a sweep of which at least one run has finished.

    Raises:
        MissingLibraryError: the design is Sobol's or Morris's and SALib is not installed.
    """
    found = Findings()
    for add in (
        _add_changes,
        _add_differences,
        _add_seeds,
        _add_effects,
        _add_indices,
        _add_conditions,
        _add_front,
        _add_regret,
    ):
        add(study, found)
    return found


def create_analysis(study: Study, found: Findings) -> Analysis:
    """Create the result for figures and notebooks from the findings of a sweep."""
    return Analysis(
        study.definition.name, tuple(study.headlines), found.tables, tuple(found.gaps), study.described
    )


def _add_changes(study: Study, found: Findings) -> None:
    if changes := describe_changes(study.runs.attrs):
        found.gaps.append(f"The sweep was {changes}, so its results may not be those of the runs.")


def _add_differences(study: Study, found: Findings) -> None:
    if len(study.arms) < 2:
        found.gaps.append("There is only one arm, so no policies are compared.")
        return
    found.gaps += study.other_children.values()
    unpaired = study.other_children
    found.tables["differences"] = differences_over_all(
        study.runs, study.outcomes, study.draws, unpaired=unpaired
    )
    parts = [
        differences_by_point(study.runs, outcome, unpaired=unpaired).assign(outcome=outcome)
        for outcome in study.outcomes
    ]
    found.tables["differences_by_point"] = pd.concat(parts, ignore_index=True)


def _add_seeds(study: Study, found: Findings) -> None:
    if study.runs["seed"].nunique() < 2:
        found.gaps.append(
            "There is only one seed, so chance between populations of children cannot be estimated; every result holds "
            "for these children only."
        )
        return
    parts = []
    compared = found.tables.get("differences")
    tests = 1 if compared is None else int(compared["tests"].iloc[0])
    for outcome in study.outcomes:
        level = float(study.runs.loc[study.runs["arm"] == study.arms[0], outcome].abs().mean())
        for name, table in _list_compared_tables(study, outcome).items():
            if level > 0 and len(drop_gaps(table)):
                needed = seeds_needed(table, [share * level for share in _SHARES_OF_LEVEL], tests)
                parts.append(needed.assign(of=name, outcome=outcome, share_of_level=_SHARES_OF_LEVEL))
    if parts:
        found.tables["seeds"] = pd.concat(parts, ignore_index=True)


def _list_compared_tables(study: Study, outcome: str) -> dict[str, pd.DataFrame]:
    """Return paired differences from the first arm, by name; if there are none, the level of the first arm."""
    first, *others = study.paired_arms
    if not others:
        return {first: outcome_table(study.runs, first, outcome)}
    return {name_difference(arm, first): difference_table(study.runs, arm, first, outcome) for arm in others}


def name_difference(arm: str, reference: str) -> str:
    """Return the name in tables of the difference between two arms.

    >>> name_difference("duty", "small")
    'duty less small'
    """
    return f"{arm} less {reference}"


def _add_effects(study: Study, found: Findings) -> None:
    if not study.settings:
        found.gaps.append("No setting varies, so nothing can be concluded about which settings matter.")
        return
    main: list[pd.DataFrame] = []
    pairs: list[pd.DataFrame] = []
    refused = set()
    for outcome in study.outcomes:
        for name, table in _list_explained_tables(study, outcome).items():
            for kind, estimate, parts in (
                ("main effects", main_effects, main),
                ("pairwise interactions", pairwise_interactions, pairs),
            ):
                try:
                    effects = estimate(table, study.points, study.draws)
                except ValueError as error:
                    refused.add(f"{kind} on {format_noun(outcome)} in {name}: {error}")
                else:
                    parts.append(effects.assign(of=name, outcome=outcome))
    if main:
        found.tables["effects"] = pd.concat(main, ignore_index=True)
    if pairs and len(study.settings) > 1:
        found.tables["interactions"] = pd.concat(pairs, ignore_index=True)
    found.gaps += [f"{sentence[0].upper()}{sentence[1:]}." for sentence in sorted(refused)[:3]]
    found.gaps += _list_limits_of_effects(study)


def _list_limits_of_effects(study: Study) -> Iterator[str]:
    """Yield which settings also change the children, and where there is nothing to explain."""
    for setting in filter(changes_children, study.settings):
        own = study.described[setting].name
        yield f"Points with other values of “{own}” have other children, so chance is part of its effect."
    constant = [
        f"{format_noun(outcome)} in {name}"
        for outcome in study.outcomes
        for name, table in _list_explained_tables(study, outcome).items()
        if not varies_between_points(table)
    ]
    if constant:
        yield f"There is nothing to explain, because all points have the same value: {_format_some(constant)}."


def _list_explained_tables(study: Study, outcome: str) -> dict[str, pd.DataFrame]:
    """Return the level of the first arm and the paired differences from it, by name."""
    first = study.arms[0]
    return {first: outcome_table(study.runs, first, outcome)} | _list_compared_tables(study, outcome)


def _add_indices(study: Study, found: Findings) -> None:
    design, varied = study.definition.design, list(study.definition.vary)
    if not isinstance(design, Sobol | Morris):
        return
    name = design.kind
    parts, constant = [], []
    for arm in study.arms:
        for outcome in study.outcomes:
            table = outcome_table(study.runs, arm, outcome).reindex(range(study.planned_points))
            try:
                if isinstance(design, Sobol):
                    indices = sobol_convergence(table, varied, pairs=design.pairs)
                else:
                    cells = draw_unit_points(study.definition)
                    indices = morris_convergence(table, cells, varied, levels=design.levels)
            except ValueError as error:
                found.gaps.append(f"{name.capitalize()} indices of {format_noun(outcome)} in {arm}: {error}.")
            else:
                parts.append(indices.assign(arm=arm, outcome=outcome))
                if not varies_between_points(table):
                    constant.append(f"{format_noun(outcome)} in {arm}")
    if parts:
        found.tables[name] = pd.concat(parts, ignore_index=True)
    if constant:
        found.gaps.append(
            f"{name.capitalize()} indices have nothing to explain, because all points have the same value: "
            f"{_format_some(constant)}."
        )


def _format_some(names: list[str]) -> str:
    """Format the first few names as a list, with the number of the others."""
    more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    return format_list([*names[:_MOST_NAMES], *more])


def _add_conditions(study: Study, found: Findings) -> None:
    """Add the conditions under which an arm is worse than the first on the same children."""
    if len(study.paired_arms) < 2 or not study.settings:
        return
    rows: list[dict[str, object]] = []
    few = set()
    for outcome in study.headlines:
        for arm in study.paired_arms[1:]:
            difference = drop_gaps(difference_table(study.runs, arm, study.arms[0], outcome)).mean(axis=1)
            worse = sign_of_worse(outcome) * difference > 0
            if len(worse) < _LEAST_POINTS:
                few.add(len(worse))
                continue
            about: dict[str, object] = {
                "arm": arm,
                "outcome": outcome,
                "worse_is": "higher" if sign_of_worse(outcome) > 0 else "lower",
                "points": len(worse),
                "worse_share": worse.mean(),
            }
            if worse.any() and not worse.all():
                box = find_box(study.points.loc[worse.index], worse)
                found.boxes[arm, outcome] = box
                rows += _tabulate_box(box, about, study.points)
            else:
                rows.append(about | {"shown": False})
    if few:
        found.gaps.append(
            f"{format_count(min(few), 'complete point is', 'complete points are')} too few to find conditions under "
            "which an arm is worse; at least "
            f"{_LEAST_POINTS} are needed."
        )
    if rows:
        found.tables["conditions"] = pd.DataFrame(rows, columns=_COLUMNS_OF_CONDITIONS)
    if found.boxes:
        trajectories = [
            box.trajectory.assign(arm=arm, outcome=name) for (arm, name), box in found.boxes.items()
        ]
        found.tables["conditions_way"] = pd.concat(trajectories, ignore_index=True)


def _tabulate_box(box: FoundBox, about: dict[str, object], points: pd.DataFrame) -> list[dict[str, object]]:
    """Return a row for each limit, with the lowest and highest value that was run (0 and 1 for a word)."""
    summary = about | {
        "shown": box.is_better_than_chance,
        "coverage": box.coverage,
        "density": box.density,
        "by_chance": box.by_chance,
    }
    ends = {
        str(name): {"lowest": float(values.min()), "highest": float(values.max())}
        for name, values in points.select_dtypes(["number", "bool"]).items()
    }
    word_range = {"lowest": 0.0, "highest": 1.0}
    limits = [
        summary | {str(key): value for key, value in row.items()} | ends.get(row["setting"], word_range)
        for row in box.limits.to_dict("records")
    ]
    return limits or [summary]


def _add_front(study: Study, found: Findings) -> None:
    if len(study.headlines) < 2:
        found.gaps.append(
            "Fewer than two of missed risk, families assessed with neither, and cost were recorded, so there is no "
            "Pareto front."
        )
        return
    by = _choose_alternatives(study)
    tables = list_alternatives(study.paired_runs, study.headlines, by) if by else {}
    if tables and min(len(table) for table in tables.values()) > 1:
        front = find_pareto_front(tables)
        found.tables["pareto"] = front.join(study.points, on="point") if "point" in by else front


def _choose_alternatives(study: Study) -> list[str]:
    """Return what a decision-maker can choose: an arm, and a point if the points were listed and not drawn."""
    arms = ["arm"] if len(study.paired_arms) > 1 else []
    points = ["point"] if study.draws is None and len(study.points) > 1 else []
    return arms + points


def _add_regret(study: Study, found: Findings) -> None:
    if len(study.paired_arms) < 2 or len(study.points) < 2:
        return
    parts = [regret(study.paired_runs, outcome).assign(outcome=outcome) for outcome in study.headlines]
    filled = [part for part in parts if len(part)]
    if filled:
        found.tables["regret"] = pd.concat(filled, ignore_index=True)
