"""How stories are laid out for a terminal: facts, verdict, chronology, the pieces of the jigsaw, a legend."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cpsim.results.story_words import INVENTED, LEGEND, UNSEEN, on, one_hand

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cpsim.results.story import Entry, Jigsaw, Stories, Story


def laid_out(story: Story) -> Group:
    """One story from top to bottom."""
    return Group(
        Text(f"Child {story.child} under {story.scenario}, seed {story.seed}", style="bold"),
        Text(facts(story)),
        *_came_to(story),
        *_heading(f"Chronology, {on(story.day(story.first))} to {on(story.day(story.last))}"),
        _chronology((story,), None),
        *_pieces(story.jigsaw),
        *_footnotes((story,)),
    )


def beside(stories: Stories) -> Group:
    """Several stories of one child: what each came to, then week by week beside each other."""
    first = stories[0]
    under = ", ".join(story.scenario for story in stories)
    return Group(
        Text(f"Child {first.child}, seed {first.seed}, side by side under {under}", style="bold"),
        Text(facts(first)),
        *(part for story in stories for part in _came_to(story, story.scenario)),
        *_heading(f"Chronology, {on(first.day(first.first))} to {on(first.day(first.last))}"),
        Text(parting(stories)),
        Text(),
        _chronology(stories.stories, stories.parted),
        *(part for story in stories for part in _pieces(story.jigsaw, story.scenario)),
        *_footnotes(stories.stories),
    )


def facts(story: Story) -> str:
    """Who the child is, in sentences."""
    about = story.about
    siblings = about["siblings"]
    family = (
        "no brothers or sisters under 18" if not siblings else f"{siblings} under 18 in the family beside it"
    )
    before = _counted(about["earlier_referrals"], "referral"), _counted(about["earlier_plans"], "plan")
    years = about["age_years"]
    age = f"{years:.0f} years" if years >= 2 else _counted(round(12 * years), "month")
    return (
        f"Born {on(about['born'])}, {age} old when it matters. Lives in {about['authority']}, "
        f"neighbourhood {about['area']}, deprivation {about['decile']} of 10; {family}. Before this story: "
        f"{before[0]} and {before[1]}."
    )


def parting(stories: Stories) -> str:
    """When and by what the lives part, in a sentence."""
    week = stories.parted
    if week is None:
        return "Nothing that happens to the child differs between these scenarios."
    said = [
        f"under {story.scenario} {_first_difference(story, stories, week)}" for story in stories
    ]  # fmt: skip
    if week == stories[0].first:
        return f"When the story begins the lives have parted: {'; '.join(said)}."
    return f"Until {on(stories[0].day(week))} the same things happen. Then the lives part: {'; '.join(said)}."


def _first_difference(story: Story, stories: Stories, week: int) -> str:
    """What happens in the week of parting in this story and not in every other, the first of it."""
    others = [
        {(entry.stage, entry.agency) for entry in other.entries if entry.week == week} for other in stories
    ]
    for entry in story.entries:
        if entry.week == week and not all((entry.stage, entry.agency) in other for other in others):
            return f"{entry.who} – {entry.says.rstrip('.')}"
    return "nothing happens that week"


def _came_to(story: Story, name: str = "") -> Iterator[Text | Padding]:
    yield from _heading(f"What it came to under {name}" if name else "What it came to")
    yield Text(" ".join([*story.verdict, *story.remarks]))


def _heading(words: str) -> tuple[Text, Text]:
    return Text(), Text(words, style="bold")


def _chronology(stories: Sequence[Story], parted: int | None) -> Table:
    """The entries by week and by who acts, one column a story."""
    page = Table(box=None, padding=(0, 2, 0, 0), show_header=len(stories) > 1, header_style="bold")
    page.add_column("Week of", no_wrap=True)
    page.add_column("Who", no_wrap=True, max_width=18)
    for story in stories:
        page.add_column(story.scenario if len(stories) > 1 else "", ratio=1)
    told = [_by_who(story) for story in stories]
    shown: int | None = None
    marked = False
    everybody = dict.fromkeys(key for one in told for key in one)  # a set would be in another order each time
    for week, who in sorted(everybody, key=lambda key: (key[0], _rank(told, key))):
        cells = [one.get((week, who), Text()) for one in told]
        same = len(cells) > 1 and all(cell.plain == cells[0].plain for cell in cells)
        if week == parted and week > stories[0].first and not same and not marked:
            page.add_row("", "", *(Text("— the lives part here —", style="bold") for _ in stories))
            marked = True
        when = "" if shown == week else f"{stories[0].day(week):%d %b %Y}"
        others = [Text("the same", style="dim") for _ in cells[1:]] if same else cells[1:]
        page.add_row(when, who, cells[0], *others)
        shown = week
    return page


def _by_who(story: Story) -> dict[tuple[int, str], Text]:
    """What each did in each week, as one text."""
    told: dict[tuple[int, str], Text] = {}
    for (week, who), entries in groupby(story.entries, key=lambda entry: (entry.week, entry.who)):
        text = Text(" ").join(_sentence(entry) for entry in entries)
        told[week, who] = Text(" ").join([told[week, who], text]) if (week, who) in told else text
    return told


def _rank(told: Sequence[dict[tuple[int, str], Text]], key: tuple[int, str]) -> int:
    """Place of somebody in a week, as the first story has it that tells of both."""
    return min(list(one).index(key) - _begins(one, key[0]) for one in told if key in one)


def _begins(told: dict[tuple[int, str], Text], week: int) -> int:
    return next(place for place, (when, _) in enumerate(told) if when == week)


def _sentence(entry: Entry) -> Text:
    return Text(entry.says) if entry.seen else Text(f"{UNSEEN} {entry.says}", style="italic")


def _pieces(jigsaw: Jigsaw | None, name: str = "") -> Iterator[Text | Table]:
    """What lay on whose file, and what it would have come to in one hand."""
    if jigsaw is None:
        return
    under = f" under {name}" if name else ""
    yield from _heading(f"The pieces on {on(jigsaw.date)}{under}")
    page = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    page.add_column("file of", no_wrap=True)
    page.add_column("evidence", justify="right")
    page.add_column("threshold", justify="right")
    page.add_column("")
    for piece in jigsaw.pieces:
        threshold = "none" if piece.threshold is None else f"{piece.threshold:.2f}"
        page.add_row(
            piece.who,
            f"{piece.evidence:.2f}" if piece.live else "–",
            threshold,
            _reached(piece.live, piece.evidence, piece.threshold),
        )
    if jigsaw.lowest_threshold is not None:
        page.add_row(
            Text("all in one hand", style="bold"), f"{jigsaw.pooled:.2f}", f"{jigsaw.lowest_threshold:.2f}",
            Text(one_hand(jigsaw), style="bold"),
        )  # fmt: skip
    yield page


def _reached(live: bool, evidence: float, threshold: float | None) -> str:
    if not live:
        return "nothing that still counts"
    return "at its threshold" if threshold is not None and evidence >= threshold else "below its threshold"


def _footnotes(stories: Sequence[Story]) -> Iterator[Text]:
    yield Text()
    if any(not entry.seen for story in stories for entry in story.entries):
        yield Text(f"{UNSEEN} = no professional knew of it at the time.", style="dim")
    yield Text(LEGEND, style="dim")
    yield Text(INVENTED, style="italic")


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
