"""The verdict of a story: sentences that sum up what became of the child, and where the chain of concern stopped."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from cpsim.formatting import format_count, format_day, format_decimals
from cpsim.present.story_sentences import NEW_HARM, VERDICTS, describe_pooled_evidence
from cpsim.results.story import Jigsaw, Spell, Story

_SERVICES = {
    "in_need": "A child-in-need service was provided for",
    "plan": "A child protection plan was in place for",
    "care": "The child was in care for",
}


def add_verdict(story: Story) -> Story:
    """Return the story with its verdict.

    Args:
        story: a story without a verdict.
    """
    sentences = _sum_up_services(story) if story.spell is None else _sum_up_spell(story, story.spell)
    return replace(story, verdict=tuple(sentences))


def _sum_up_spell(story: Story, spell: Spell) -> Iterator[str]:
    if spell.result is not None:
        yield VERDICTS[spell.stopped_at or spell.result]
    if spell.new_harm_after_closure:
        yield NEW_HARM
    until = spell.end if spell.deadline is None else min(spell.end, spell.deadline)
    stages = Counter(entry.stage for entry in story.entries if spell.onset <= entry.week <= until)
    in_sight = stages["passed_by"] + stages["noticed"]
    yield (
        f"In the {format_count(until - spell.onset, 'week')} after the harm began, practitioners could have noticed "
        f"{format_count(in_sight, 'sign')} of harm or adversity; they noticed {stages['noticed']} and recorded "
        f"{stages['recorded']}. "
        f"{_sum_up_messages(stages['shared'], stages['lost'])}"
    )
    if story.jigsaw is not None:
        yield _sum_up_jigsaw(story.jigsaw)
    yield _sum_up_protection(story, spell)


def _sum_up_messages(shared: int, lost: int) -> str:
    if not shared:
        return "No agency made contact with children's social care."
    if lost == shared == 1:
        return "One concern was sent to children's social care but was lost on the way."
    on_the_way = f"; {format_count(lost, 'of them was', 'of them were')} lost on the way" if lost else ""
    return (
        f"{format_count(shared, 'concern was', 'concerns were')} sent to children's social care{on_the_way}."
    )


def _sum_up_jigsaw(jigsaw: Jigsaw) -> str:
    """Describe the evidence on each agency's file, and what it amounts to when it is pooled."""
    live = [piece for piece in jigsaw.pieces if piece.live]
    when = f"On {format_day(jigsaw.date)}"
    if not live:
        return f"{when}, no agency's file held evidence that still counted."
    strongest = max(live, key=lambda piece: piece.evidence)
    threshold = (
        "with no front door to contact"
        if strongest.threshold is None
        else f"against a threshold of {format_decimals(strongest.threshold, 2)}"
    )
    held = (
        f"{when}, {len(live)} of {format_count(len(jigsaw.pieces), 'file')} held evidence. The strongest evidence was "
        f"on the file of {strongest.who}: {format_decimals(strongest.evidence, 2)} {threshold}."
    )
    if jigsaw.lowest_threshold is None or len(live) == 1:
        return held
    pooled = (
        f"Pooled, the evidence on all files came to {format_decimals(jigsaw.pooled, 2)}, which "
        f"{describe_pooled_evidence(jigsaw)}, {format_decimals(jigsaw.lowest_threshold, 2)}."
    )
    return f"{held} {pooled}"


def _sum_up_protection(story: Story, spell: Spell) -> str:
    begun = [period for period in story.protection if period.end > spell.onset and period.start < spell.end]
    if not begun:
        weeks = format_count(spell.end - spell.onset, "week")
        return f"The child was not protected at any time during the harm, which lasted {weeks}."
    if begun[0].start <= spell.onset:
        return "The child was already effectively protected when the harm began."
    return f"Effective protection began {format_count(begun[0].start - spell.onset, 'week')} after the onset of harm."


def _sum_up_services(story: Story) -> Iterator[str]:
    """Describe what was done about a child whose story is not about a spell of significant harm."""
    if not any(spell.significant for spell in story.spells):
        yield "The child was not in significant harm at any time in this story."
    stages = Counter(entry.stage for entry in story.entries)
    yield (
        f"Contacts received about the child: {stages['delivered']}; referrals: {stages['referred']}; initial "
        f"assessments: {stages['initial_started']}; core assessments: {stages['core_started']}; section 47 enquiries: "
        f"{stages['enquiry_started']}."
    )
    weeks = Counter[str]()
    for period in story.care:
        weeks[period.status] += period.end - period.start
    for what, sentence in _SERVICES.items():
        if weeks[what]:
            yield f"{sentence} {format_count(weeks[what], 'week')}."
