"""All that can be asked of one sweep: the tables that its design allows, and why it allows no others."""

from dataclasses import dataclass, field

import pandas as pd

from cpsim.results.directions import sign_of_worse
from cpsim.study.analysis.effects import main_effects, pairwise_interactions
from cpsim.study.analysis.indices import morris_convergence, sobol_convergence
from cpsim.study.analysis.pairs import differences_by_point, differences_over_all
from cpsim.study.analysis.pareto import alternatives_of, pareto
from cpsim.study.analysis.prim import Found, find_box
from cpsim.study.analysis.regret import regret
from cpsim.study.analysis.seeds import seeds_needed
from cpsim.study.analysis.tables import (
    arms_of,
    difference_table,
    draws_of,
    outcome_table,
    outcomes_of,
    points_of,
    settings_of,
    without_gaps,
)
from cpsim.study.definition import Definition, Morris, Sobol
from cpsim.study.designs import number_of_points, unit_points

_HEADLINES = ("missed_risk_rate", "false_alarm_families_per_10k_year", "cost_gbp_per_child_year")
_MOST_HEADLINES = 3
_LEAST_CASES = 20
_COLUMNS_OF_CONDITIONS = (
    "arm outcome worse_is points worse_share shown coverage density by_chance setting low high quasi_p lowest highest"
).split()
_SHARES = (0.01, 0.02, 0.05, 0.1)


@dataclass(frozen=True)
class Study:
    """The runs of a sweep and what they were meant to be.

    Attributes:
        runs: the tidy table of the sweep, as `load_sweep` gives it.
        definition: of its experiment.
    """

    runs: pd.DataFrame
    definition: Definition

    @property
    def arms(self) -> list[str]:
        """Names of the arms; the first is the one that the others are compared with."""
        return arms_of(self.runs)

    @property
    def outcomes(self) -> list[str]:
        """The outcomes of which at least one run has a figure."""
        return [name for name in outcomes_of(self.runs) if self.runs[name].notna().any()]

    @property
    def headlines(self) -> list[str]:
        """Misses, false alarms and money, or the first outcomes of which a better direction is known."""
        judged = [name for name in self.outcomes if sign_of_worse(name)]
        chosen = [name for name in _HEADLINES if name in judged]
        return (chosen if len(chosen) > 1 else judged)[:_MOST_HEADLINES]

    @property
    def settings(self) -> list[str]:
        """The settings that have more than one value."""
        return settings_of(self.runs)

    @property
    def points(self) -> pd.DataFrame:
        """Their values by point."""
        return points_of(self.runs, self.settings)

    @property
    def draws(self) -> pd.Series | None:
        """Which draw of the design each point comes from."""
        varied = list(self.definition.vary) or self.settings
        return draws_of(self.definition.design, points_of(self.runs, varied))

    @property
    def planned_points(self) -> int:
        """How many points the design has, run or not."""
        return number_of_points(self.definition, listed=int(self.runs["point"].max()) + 1)


@dataclass
class Findings:
    """What was found.

    Attributes:
        tables: by name: differences, differences_by_point, seeds, effects, interactions, sobol, morris, conditions,
            regret, pareto; those that apply.
        boxes: what PRIM found, by arm and outcome; `conditions` is a table of it.
        gaps: what could not be asked, and why, a sentence each.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    boxes: dict[tuple[str, str], Found] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)


def findings(study: Study) -> Findings:
    """Ask everything that the design of a sweep allows.

    Args:
        study: at least one of its runs is done.

    Raises:
        LibraryMissing: the design is Sobol's or Morris's and SALib is not installed.
    """
    found = Findings()
    for question in (_differences, _seeds, _effects, _indices, _conditions, _front, _regret):
        question(study, found)
    return found


def _differences(study: Study, found: Findings) -> None:
    if len(study.arms) < 2:
        found.gaps.append("There is one arm only, so that no policy is compared with another.")
        return
    found.tables["differences"] = differences_over_all(study.runs, study.outcomes, study.draws)
    parts = [differences_by_point(study.runs, outcome).assign(outcome=outcome) for outcome in study.outcomes]
    found.tables["differences_by_point"] = pd.concat(parts, ignore_index=True)


def _seeds(study: Study, found: Findings) -> None:
    if study.runs["seed"].nunique() < 2:
        found.gaps.append(
            "There is one seed only: how much chance there is between one population of children and another cannot "
            "be said, and every result holds for these children."
        )
        return
    parts = []
    for outcome in study.outcomes:
        level = float(study.runs.loc[study.runs["arm"] == study.arms[0], outcome].abs().mean())
        for name, table in _compared_tables(study, outcome).items():
            if level > 0 and len(without_gaps(table)):
                needed = seeds_needed(table, [share * level for share in _SHARES])
                parts.append(needed.assign(of=name, outcome=outcome, share_of_level=_SHARES))
    if parts:
        found.tables["seeds"] = pd.concat(parts, ignore_index=True)


def _compared_tables(study: Study, outcome: str) -> dict[str, pd.DataFrame]:
    """Paired differences to the first arm; the level of the only arm where there is one."""
    first, *others = study.arms
    if not others:
        return {first: outcome_table(study.runs, first, outcome)}
    return {less(arm, first): difference_table(study.runs, arm, first, outcome) for arm in others}


def less(arm: str, reference: str) -> str:
    """How the difference between two arms is called in tables."""
    return f"{arm} less {reference}"


def _effects(study: Study, found: Findings) -> None:
    if not study.settings:
        found.gaps.append("No setting varies, so that nothing can be said about what matters.")
        return
    main: list[pd.DataFrame] = []
    pairs: list[pd.DataFrame] = []
    refused = set()
    for outcome in study.outcomes:
        first = study.arms[0]
        levels = {first: outcome_table(study.runs, first, outcome)}
        for name, table in (levels | _compared_tables(study, outcome)).items():
            for asked, parts in ((main_effects, main), (pairwise_interactions, pairs)):
                try:
                    effects = asked(table, study.points, study.draws)
                except ValueError as error:
                    refused.add(f"{asked.__name__.replace('_', ' ')} of {outcome} in {name}: {error}")
                else:
                    parts.append(effects.assign(of=name, outcome=outcome))
    if main:
        found.tables["effects"] = pd.concat(main, ignore_index=True)
    if pairs and len(study.settings) > 1:
        found.tables["interactions"] = pd.concat(pairs, ignore_index=True)
    found.gaps += [f"{sentence[0].upper()}{sentence[1:]}." for sentence in sorted(refused)[:3]]


def _indices(study: Study, found: Findings) -> None:
    design, varied = study.definition.design, list(study.definition.vary)
    if not isinstance(design, Sobol | Morris):
        return
    name = design.kind
    parts = []
    for arm in study.arms:
        for outcome in study.outcomes:
            table = outcome_table(study.runs, arm, outcome).reindex(range(study.planned_points))
            try:
                if isinstance(design, Sobol):
                    indices = sobol_convergence(table, varied, pairs=design.pairs)
                else:
                    cells = unit_points(study.definition)
                    indices = morris_convergence(table, cells, varied, levels=design.levels)
            except ValueError as error:
                found.gaps.append(f"{name.capitalize()} indices of {outcome} in {arm}: {error}.")
            else:
                parts.append(indices.assign(arm=arm, outcome=outcome))
    if parts:
        found.tables[name] = pd.concat(parts, ignore_index=True)


def _conditions(study: Study, found: Findings) -> None:
    """Where an arm is worse than the first."""
    if len(study.arms) < 2 or not study.settings:
        return
    rows: list[dict[str, object]] = []
    few = set()
    for outcome in study.headlines:
        for arm in study.arms[1:]:
            difference = without_gaps(difference_table(study.runs, arm, study.arms[0], outcome)).mean(axis=1)
            worse = sign_of_worse(outcome) * difference > 0
            if len(worse) < _LEAST_CASES:
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
                rows += _rows_of(box, about, study.points)
            else:
                rows.append(about | {"shown": False})
    if few:
        found.gaps.append(
            f"{min(few)} whole points are too few to look for conditions under which an arm is worse; at least "
            f"{_LEAST_CASES} are needed."
        )
    if rows:
        found.tables["conditions"] = pd.DataFrame(rows, columns=_COLUMNS_OF_CONDITIONS)
    if found.boxes:
        ways = [box.trajectory.assign(arm=arm, outcome=name) for (arm, name), box in found.boxes.items()]
        found.tables["conditions_way"] = pd.concat(ways, ignore_index=True)


def _rows_of(box: Found, about: dict[str, object], points: pd.DataFrame) -> list[dict[str, object]]:
    """A row a limit, with the lowest and highest value run (0 and 1 for a word)."""
    told = about | {
        "shown": box.shown,
        "coverage": box.coverage,
        "density": box.density,
        "by_chance": box.by_chance,
    }
    ends = {
        str(name): {"lowest": float(values.min()), "highest": float(values.max())}
        for name, values in points.select_dtypes(["number", "bool"]).items()
    }
    a_word = {"lowest": 0.0, "highest": 1.0}
    limits = [
        told | {str(key): value for key, value in row.items()} | ends.get(row["setting"], a_word)
        for row in box.limits.to_dict("records")
    ]
    return limits or [told]


def _front(study: Study, found: Findings) -> None:
    if len(study.headlines) < 2:
        found.gaps.append(
            "Fewer than two of misses, false alarms and money were kept: there is no front to show."
        )
        return
    by = _alternatives(study)
    tables = alternatives_of(study.runs, study.headlines, by) if by else {}
    if tables and min(len(table) for table in tables.values()) > 1:
        front = pareto(tables)
        found.tables["pareto"] = front.join(study.points, on="point") if "point" in by else front


def _alternatives(study: Study) -> list[str]:
    """What somebody could choose: an arm, and a point if it was written out; what was drawn is the state of a world."""
    arms = ["arm"] if len(study.arms) > 1 else []
    points = ["point"] if study.draws is None and len(study.points) > 1 else []
    return arms + points


def _regret(study: Study, found: Findings) -> None:
    if len(study.arms) < 2 or len(study.points) < 2:
        return
    parts = [regret(study.runs, outcome).assign(outcome=outcome) for outcome in study.headlines]
    filled = [part for part in parts if len(part)]
    if filled:
        found.tables["regret"] = pd.concat(filled, ignore_index=True)
