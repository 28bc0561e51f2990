"""The tables that a run leaves behind: every column with its type and meaning; and tables as Parquet and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cpsim.results.names import CAUSE_PARTS, CAUSES, RESULTS

PHASES = ("warm_up", "evaluated", "run_off")
GROUPS = ("larger", "smaller")

_ARROW: dict[str, pa.DataType] = {
    "int32": pa.int32(),
    "int64": pa.int64(),
    "Int32": pa.int32(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "datetime64[ms]": pa.timestamp("ms"),
    "str": pa.string(),
    "category": pa.dictionary(pa.int32(), pa.string()),
}


@dataclass(frozen=True)
class Column:
    """One column: its pandas dtype, its meaning with unit, and, where the words are fixed, which words it may hold.

    A category without fixed `words` holds names that the scenario or the engine brings; its words are kept sorted, so
    that equal tables are equal bytes.
    """

    dtype: str
    meaning: str
    words: tuple[str, ...] = ()


def _count(meaning: str) -> Column:
    return Column("int32", meaning)


def _rate(meaning: str) -> Column:
    return Column("float64", meaning)


def _week(meaning: str) -> Column:
    return Column("Int32", f"Week {meaning}; empty if it never came. Week 0 is the first evaluated week.")


def _word(meaning: str, words: Iterable[str] = ()) -> Column:
    return Column("category", meaning, tuple(words))


def _result(weeks: int) -> Column:
    return _word(f"What had become of the spell {weeks} weeks after onset.", RESULTS)


WEEKLY: dict[str, Column] = {
    "week": _count("Week; 0 is the first evaluated week, the warm-up lies below it."),
    "date": Column("datetime64[ms]", "First day of the week."),
    "phase": _word("Warm-up, evaluated years, or the run-off in which open spells are followed.", PHASES),
    "children": _count("Children under 18."),
    "in_harm": _count("Children in significant harm."),
    "in_harm_unprotected": _count("Of these, without effective protection."),
    "in_need": _count("Children in need but not in significant harm."),
    "contacts": _count("Contacts reaching the front door."),
    "referrals": _count("Contacts accepted as referrals."),
    "repeat_referrals": _count("Referrals whose child had a referral closed within 12 months."),
    "initial_started": _count("Initial assessments started."),
    "initial_finished": _count("Initial assessments finished."),
    "initial_on_time": _count("Of these, within the statutory limit."),
    "core_started": _count("Core assessments started."),
    "core_finished": _count("Core assessments finished."),
    "core_on_time": _count("Of these, within the statutory limit."),
    "s47_started": _count("Section 47 enquiries started."),
    "conferences": _count("Initial child protection conferences held, in children."),
    "plans_started": _count("Child protection plans started."),
    "repeat_plans": _count("Of these, children who had been on a plan before."),
    "plans_ended": _count("Child protection plans ended."),
    "on_plan": _count("Children on a child protection plan."),
    "in_need_service": _count("Children receiving a child-in-need service."),
    "in_care": _count("Children in care."),
    "care_starts": _count("Children who entered care."),
    "deadlines_13w": _count("Spells of harm whose 13-week deadline fell in this week."),
    "missed_13w": _count("Of these, missed."),
    "protected_13w": _count("Of these, protected in time."),
    "self_resolved_13w": _count("Of these, ended by themselves."),
    "censored_13w": _count("Of these, not followed to the deadline."),
    "serious_events": _count("First serious events in a spell of harm."),
    "false_alarm_families": _count(
        "Families whose assessment or enquiry began with no child in significant harm."
    ),
    "needless_family_weeks": _count(
        "Families under assessment, service or plan with no child in need or harm."
    ),
    "hours_demanded": _rate("Social-work hours demanded."),
    "hours_available": _rate("Social-work hours available for casework."),
    "hours_paid": _rate("Social-work hours that are paid for, whatever they are spent on."),
    "pool_participation": _rate("Share of the money for joint packages that is in pools."),
    "pooling_gbp": _rate(
        "What setting up and running pooled budgets takes of the money for services, in GBP."
    ),
    "utilisation": _rate("Hours demanded for each hour available."),
    "caseload_mean": _rate("Open children for each case-holding worker in post."),
    "vacancy_share": _rate("Share of posts that stand empty."),
    "exits": _count("Social workers who left."),
    "trust_mean": _rate("Mean trust on ties between agencies, 0 to 1."),
    "messages_sent": _count("Messages of concern sent to a front door."),
    "messages_delivered": _count("Messages that arrived."),
    "messages_lost": _count("Messages that were lost."),
    "consultations": _count("Consultations between partner agencies."),
    "contacts_from_<kind>": _count("Contacts sent by this kind of agency."),
    "referrals_from_<kind>": _count("Referrals whose first message came from this kind of agency."),
}

SPELLS: dict[str, Column] = {
    "child": _count("Row of the child."),
    "family": _count("Row of the family."),
    "authority": _count("Row of the local authority."),
    "area": _count("Row of the area at onset."),
    "decile": _count("Deprivation of the area, 1 least to 10 most."),
    "group": _word("Which of the two groups of the population the family belongs to.", GROUPS),
    "age_years": _rate("Age at onset, in years."),
    "onset": _count("Week in which the harm began."),
    "end_untreated": _week("in which the harm would have ended without any protection"),
    "end_actual": _week("in which the harm ended"),
    "severity": _rate("Severity; 1 is a typical child in need."),
    "serious_week": _week("of the first serious event"),
    "first_contact": _week("of the first professional contact after onset"),
    "first_notice": _week("in which somebody first noticed a sign"),
    "first_record": _week("in which a sign was first written down"),
    "first_threshold": _week("in which an agency's evidence first passed its threshold for sharing"),
    "first_share": _week("in which a concern was first sent"),
    "first_delivery": _week("in which a concern first arrived"),
    "first_referral": _week("in which a contact was first accepted as a referral"),
    "first_assessment": _week("in which an assessment first started"),
    "first_protected": _week("in which effective protection first held"),
    "result_4w": _result(4),
    "result_13w": _result(13),
    "result_26w": _result(26),
    "result_52w": _result(52),
    "cause": _word("Where the concern was lost; empty unless missed at 13 weeks.", CAUSES),
    "cause_part": _word("The same by the finer codes of the ledger.", CAUSE_PARTS),
}

AGENCIES: dict[str, Column] = {
    "agency": _count("Row of the organisation."),
    "name": Column("str", "Name of the organisation."),
    "kind": _word("Kind of agency."),
    "authority": _count("Row of the local authority."),
    "area": _count("Row of the area; -1 serves the whole authority."),
    "children": _count("Children on its list at the end of the run."),
    "attention": _rate("Probability that a sign in its sight is attended to."),
    "recording": _rate("Probability that a noticed sign is written down."),
    "share_threshold": _rate("Evidence above which it is inclined to share."),
    "noticed": _count("Signs noticed in the evaluated years."),
    "recorded": _count("Signs written down in the evaluated years."),
    "consulted": _count("Consultations with partners in the evaluated years."),
    "shared": _count("Concerns sent to the front door in the evaluated years."),
}

TIES: dict[str, Column] = {
    "source": Column("str", "Organisation that speaks."),
    "target": Column("str", "Organisation that is spoken to."),
    "source_kind": _word("Kind of the source."),
    "target_kind": _word("Kind of the target."),
    "role": _word("Referral to the front door, or lateral between partners.", ("referral", "lateral")),
    "trust": _rate("Trust at the end of the run, 0 to 1."),
    "uses": _count("Messages and consultations sent since the warm-up began."),
    "delivered": _count("Of these, arrived."),
}

EVENTS: dict[str, Column] = {
    "week": _count("Week; 0 is the first evaluated week."),
    "child": _count("Row of the child."),
    "stage": _word("What happened."),
    "agency": _count("Row of the organisation that acted; -1 is children's social care."),
    "value": Column("float32", "Evidence, score or weeks, as the stage has it."),
}

PLACES: dict[str, Column] = {
    "authority": _count("Row of the local authority."),
    "name": Column("str", "Its name."),
    "year": _count("Evaluated year, from 1 on."),
    "children": _rate("Children under 18 who lived there in a mean week."),
    "referrals": _count("Contacts accepted as referrals."),
    "initial_finished": _count("Initial assessments finished."),
    "initial_on_time": _count("Of these, within the statutory limit."),
    "s47_started": _count("Section 47 enquiries started."),
    "plans_started": _count("Child protection plans started."),
    "spells": _count("Spells of significant harm that began in this year to children who lived there."),
    "missed": _count("Of these, missed 13 weeks after onset."),
    "protected": _count("Of these, protected in time."),
    "self_resolved": _count("Of these, ended by themselves."),
    "censored": _count("Of these, not followed to the deadline."),
    "serious_events": _count("First serious events in a spell of harm."),
    "false_alarm_families": _count(
        "Families whose assessment or enquiry began with no child in significant harm."
    ),
    "messages_sent": _count("Messages of concern about its children."),
    "messages_lost": _count("Of these, lost."),
    "messages_misdirected": _count("Messages about its children that another authority got."),
    "hours_demanded": _rate("Social-work hours demanded."),
    "hours_available": _rate("Social-work hours available."),
    "front_door_load": _rate("Load that its front door felt, for the mean week."),
    "vacancy_share": _rate("Share of posts that stood empty, for the mean week."),
}

RATINGS: dict[str, Column] = {
    "week": _count("Week; 0 is the first evaluated week."),
    "authority": _count("Row of the local authority."),
    "service": _word(
        "Service that was inspected; that of adults is a comparator that nothing touches.",
        ("children", "adults"),
    ),
    "score": _rate("Score that the inspectors gave, in standard deviations between authorities."),
    "grade": _count("Grade, from 1, the lowest, to 4."),
    "quality": _rate("Quality as it truly was, in the same unit."),
    "gaming": _rate("How much better returns looked than they were, in the same unit."),
}

Tables = Mapping[str, Mapping[str, Column]]

TABLES: dict[str, dict[str, Column]] = {
    "weekly": WEEKLY,
    "spells": SPELLS,
    "agencies": AGENCIES,
    "ties": TIES,
    "events": EVENTS,
    "authorities": PLACES,
    "ratings": RATINGS,
}
"""Table -> column -> `Column`. `<kind>` in a column's name stands for each kind of agency in the scenario."""


def conform(table: str, frame: pd.DataFrame, described: Tables = TABLES) -> pd.DataFrame:
    """Return `frame` with exactly the columns of `table`, in their order and with their dtypes and a plain index.

    Raises:
        ValueError: a column is missing or not described, or a word is not among those allowed.
    """
    columns = _columns(described[table], table, frame.columns)
    return pd.DataFrame(
        {name: _cast(f"{table}.{name}", frame[name], column) for name, column in columns.items()},
        copy=False,
    ).reset_index(drop=True)


def write(table: str, frame: pd.DataFrame, path: Path, described: Tables = TABLES) -> None:
    """Write a conformed `frame` to `path` as zstd Parquet; equal tables give equal bytes.

    Raises:
        OSError: the disk refuses.
    """
    columns = _columns(described[table], table, frame.columns)
    schema = pa.schema([(name, _ARROW[column.dtype]) for name, column in columns.items()])
    # pandas would otherwise leave its own version in the file, and equal runs would differ by it
    arrow = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(arrow, path, compression="zstd")


def read(table: str, path: Path, described: Tables = TABLES) -> pd.DataFrame:
    """Read what `write` wrote.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not Parquet or not this table.
    """
    return conform(table, pq.read_table(path).to_pandas(), described)


def _columns(described: Mapping[str, Column], table: str, names: Iterable[str]) -> dict[str, Column]:
    """Match the columns of a frame to their descriptions: those described in order, `<kind>` filled in."""
    names = list(names)
    found: dict[str, Column] = {}
    missing: list[str] = []
    for name, column in described.items():
        stem = name.removesuffix("<kind>")
        matches = [other for other in names if other.startswith(stem)] if stem != name else [name]
        found |= dict.fromkeys(matches, column)
        missing += [match for match in matches if match not in names]
    unknown = [name for name in names if name not in found]
    if missing or unknown:
        raise ValueError(f"table {table}: missing columns {missing}, columns without a description {unknown}")
    return found


def _cast(label: str, values: pd.Series, column: Column) -> pd.Series:
    if column.dtype == "category":
        return _categories(label, values, column.words)
    return values if values.dtype == column.dtype else values.astype(pd.api.types.pandas_dtype(column.dtype))


def _categories(label: str, values: pd.Series, words: tuple[str, ...]) -> pd.Series:
    series = values.astype("category")
    present = sorted(map(str, series.cat.remove_unused_categories().cat.categories))
    unknown = [word for word in present if words and word not in words]
    if unknown:
        raise ValueError(f"column {label}: {unknown} not among {list(words)}")
    return series.cat.set_categories(list(words) or present)
