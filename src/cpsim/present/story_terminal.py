"""Stories as text for a terminal: facts, summary, chronology, the agencies' files and a legend."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cpsim.formatting import UNDEFINED, format_count, format_day, format_decimals, format_list
from cpsim.present.story_sentences import (
    INVENTED,
    LEGEND,
    PREDICATES,
    TURNS,
    UNSEEN,
    describe_pooled_evidence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cpsim.results.story import Entry, Jigsaw, Stories, Story


def format_story(story: Story) -> Group:
    """Lay out one story for rich."""
    return Group(
        Text(describe_outcome((story,)), style="bold"),
        Text(f"Seed {story.seed}. {format_facts(story)}"),
        *_format_summary(story),
        *_format_heading(
            f"Chronology, {format_day(story.day(story.first))} to {format_day(story.day(story.last))}"
        ),
        _format_chronology((story,), None),
        *_format_files(story.jigsaw),
        *_format_footnotes((story,)),
    )


def format_side_by_side(stories: Stories) -> Group:
    """Lay out several stories of one child for rich: the summary of each, then all week by week, side by side."""
    first = stories[0]
    return Group(
        Text(describe_outcome(stories.stories), style="bold"),
        Text(f"Seed {first.seed}. {format_facts(first)}"),
        *(part for story in stories for part in _format_summary(story, story.scenario)),
        *_format_heading(
            f"Chronology, {format_day(first.day(first.first))} to {format_day(first.day(first.last))}"
        ),
        Text(describe_divergence(stories)),
        Text(),
        _format_chronology(stories.stories, stories.divergence_week),
        *(part for story in stories for part in _format_files(story.jigsaw, story.scenario)),
        *_format_footnotes(stories.stories),
    )


def describe_outcome(stories: Sequence[Story]) -> str:
    """Say in one sentence what happened to a child, and what became of the spell of harm in each scenario.

    Args:
        stories: stories of the child under one or more scenarios, the reference first.
    """
    first = stories[0]
    under = format_list(story.scenario for story in stories)
    if first.onset is None:
        if any(spell.significant for story in stories for spell in story.spells):
            return (
                f"Child {first.child} under {under}: this story is about no spell of harm that is evaluated."
            )
        return f"Child {first.child} was not in significant harm at any time in this story under {under}."
    results = [story.spell.result if story.spell else None for story in stories]
    if len(set(results)) == 1:
        became = f"{PREDICATES[results[0]]} under {under}"
    else:
        became = format_list(
            f"{PREDICATES[result]} under {story.scenario}"
            for story, result in zip(stories, results, strict=True)
        )
    turn = TURNS.get((results[0], results[1])) if len(results) == 2 else None
    return (
        f"Child {first.child} came to significant harm on {format_day(first.day(first.onset))}; the spell {became}"
        f"{f', so it is {turn}' if turn else ''}."
    )


def format_facts(story: Story) -> str:
    """Describe the child in sentences: age, place, siblings and earlier contact with social care."""
    about = story.about
    years = about["age_years"]
    earlier = (format_count(about[f"earlier_{noun}s"], noun) for noun in ("referral", "plan"))
    age = format_count(years, "year") if years >= 2 else format_count(round(12 * years), "month")
    return (
        f"Born {format_day(about['born'])}, aged {age} in this story. Lives in {about['authority']}, "
        f"area {about['area']}, deprivation decile {about['decile']} of 10; "
        f"{format_count(about['siblings'], 'sibling')} under 18. Before this story: {' and '.join(earlier)}."
    )


def describe_divergence(stories: Stories) -> str:
    """Say in a sentence when the scenarios diverge, and by which events."""
    week = stories.divergence_week
    if week is None:
        return "Nothing that happens to the child differs between these scenarios."
    events = "; ".join(
        f"under {story.scenario} {_describe_first_difference(story, stories, week)}" for story in stories
    )
    if week == stories[0].first:
        return f"The scenarios have diverged before the story begins: {events}."
    return f"Until {format_day(stories[0].day(week))} the same events happen. Then the scenarios diverge: {events}."


def _describe_first_difference(story: Story, stories: Stories, week: int) -> str:
    """Describe the first event of the week in this story that does not happen in every other story."""
    others = [
        {(entry.stage, entry.agency) for entry in other.entries if entry.week == week} for other in stories
    ]
    for entry in story.entries:
        if entry.week == week and not all((entry.stage, entry.agency) in other for other in others):
            return f"{entry.who} – {entry.sentence.rstrip('.')}"
    return "nothing happens that week"


def _format_summary(story: Story, name: str = "") -> Iterator[Text | Padding]:
    yield from _format_heading(f"Summary under {name}" if name else "Summary")
    yield Text(" ".join([*story.verdict, *story.remarks]))


def _format_heading(words: str) -> tuple[Text, Text]:
    return Text(), Text(words, style="bold")


def _format_chronology(stories: Sequence[Story], divergence_week: int | None) -> Table:
    """Lay out the entries by week and by who acts, with one column for each story."""
    page = Table(box=None, padding=(0, 2, 0, 0), show_header=len(stories) > 1, header_style="bold")
    page.add_column("Week of", no_wrap=True)
    page.add_column("Who", no_wrap=True, max_width=18)
    for story in stories:
        page.add_column(Text(story.scenario if len(stories) > 1 else ""), ratio=1)
    columns = [_group_by_actor(story) for story in stories]
    previous: int | None = None
    marked = False
    actors = dict.fromkeys(key for column in columns for key in column)  # a set has no fixed order
    for week, who in sorted(actors, key=lambda key: (key[0], _rank(columns, key))):
        cells = [column.get((week, who), Text()) for column in columns]
        same = len(cells) > 1 and all(cell.plain == cells[0].plain for cell in cells)
        if week == divergence_week and week > stories[0].first and not same and not marked:
            page.add_row("", "", *(Text("— the scenarios diverge here —", style="bold") for _ in stories))
            marked = True
        when = "" if previous == week else format_day(stories[0].day(week), short=True)
        others = [Text("the same", style="dim") for _ in cells[1:]] if same else cells[1:]
        page.add_row(when, Text(who), cells[0], *others)
        previous = week
    return page


def _group_by_actor(story: Story) -> dict[tuple[int, str], Text]:
    """Join the sentences by week and actor."""
    texts: dict[tuple[int, str], Text] = {}
    for (week, who), entries in groupby(story.entries, key=lambda entry: (entry.week, entry.who)):
        text = Text(" ").join(_format_sentence(entry) for entry in entries)
        texts[week, who] = Text(" ").join([texts[week, who], text]) if (week, who) in texts else text
    return texts


def _rank(columns: Sequence[dict[tuple[int, str], Text]], key: tuple[int, str]) -> int:
    """Return the earliest place of an actor within a week over the stories in which the actor appears."""
    return min(list(column).index(key) - _find_week(column, key[0]) for column in columns if key in column)


def _find_week(column: dict[tuple[int, str], Text], week: int) -> int:
    return next(place for place, (when, _) in enumerate(column) if when == week)


def _format_sentence(entry: Entry) -> Text:
    return Text(entry.sentence) if entry.seen else Text(f"{UNSEEN} {entry.sentence}", style="italic")


def _format_files(jigsaw: Jigsaw | None, name: str = "") -> Iterator[Text | Table]:
    """Lay out the evidence on each agency's file and the pooled evidence."""
    if jigsaw is None:
        return
    under = f" under {name}" if name else ""
    yield from _format_heading(f"Evidence on file on {format_day(jigsaw.date)}{under}")
    page = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    page.add_column("file of", no_wrap=True)
    page.add_column("evidence", justify="right")
    page.add_column("threshold", justify="right")
    page.add_column("")
    for piece in jigsaw.pieces:
        threshold = "none" if piece.threshold is None else format_decimals(piece.threshold, 2)
        page.add_row(
            Text(piece.who),
            format_decimals(piece.evidence, 2) if piece.live else UNDEFINED,
            threshold,
            _compare_with_threshold(piece.live, piece.evidence, piece.threshold),
        )
    if jigsaw.lowest_threshold is not None:
        page.add_row(
            Text("all files pooled", style="bold"),
            format_decimals(jigsaw.pooled, 2),
            format_decimals(jigsaw.lowest_threshold, 2),
            Text(describe_pooled_evidence(jigsaw), style="bold"),
        )  # fmt: skip
    yield page


def _compare_with_threshold(live: bool, evidence: float, threshold: float | None) -> str:
    if not live:
        return "no evidence that still counts"
    return "at its threshold" if threshold is not None and evidence >= threshold else "below its threshold"


def _format_footnotes(stories: Sequence[Story]) -> Iterator[Text]:
    yield Text()
    if any(not entry.seen for story in stories for entry in story.entries):
        yield Text(f"{UNSEEN} = no practitioner knew of it at the time.", style="dim")
    yield Text(LEGEND, style="dim")
    yield Text(INVENTED, style="italic")
