"""What a story comes to, in sentences."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from cpsim.results.story import Jigsaw, Spell, Story
from cpsim.results.story_words import VERDICTS, on, one_hand
from cpsim.study.facts import in_weeks

_SERVICES = {"in_need": "a child-in-need service", "plan": "a child protection plan", "care": "care"}


def verdict(story: Story, onset: int | None) -> Story:
    """The story with its verdict: of the spell that began in week `onset`, or of what was done without one."""
    spell = next((spell for spell in story.spells if spell.onset == onset), None)
    sentences = _without_harm(story) if spell is None else _of_spell(story, spell)
    return replace(story, verdict=tuple(sentences))


def _of_spell(story: Story, spell: Spell) -> Iterator[str]:
    if spell.result is not None:
        yield VERDICTS[spell.cause or spell.result]
    until = spell.end if spell.deadline is None else min(spell.end, spell.deadline)
    stages = Counter(entry.stage for entry in story.entries if spell.onset <= entry.week <= until)
    in_sight = stages["passed_by"] + stages["noticed"]
    yield (
        f"In the {in_weeks(until - spell.onset)} that counted, {_number(in_sight, 'sign')} of harm or trouble lay in "
        f"sight of a professional: {stages['noticed']} noticed, {stages['recorded']} written down. "
        f"{_told(stages['shared'], stages['lost'])}"
    )
    if story.jigsaw is not None:
        yield _of_jigsaw(story.jigsaw)
    yield _of_protection(story, spell)


def _told(shared: int, lost: int) -> str:
    if not shared:
        return "Nobody told children's social care."
    on_the_way = (
        f", and {'it was' if lost == shared == 1 else f'{lost} of them'} lost on the way" if lost else ""
    )
    return f"{_number(shared, 'concern was', 'concerns were')} told to children's social care{on_the_way}."


def _of_jigsaw(jigsaw: Jigsaw) -> str:
    """What lay on whose file, and what it would have come to."""
    live = [piece for piece in jigsaw.pieces if piece.live]
    when = f"On {on(jigsaw.date)}"
    if not live:
        return f"{when} no agency held anything on file that still counted."
    most = max(live, key=lambda piece: piece.evidence)
    threshold = (
        "without anybody to tell"
        if most.threshold is None
        else f"against a threshold of {most.threshold:.2f}"
    )
    held = (
        f"{when} {len(live)} of {_number(len(jigsaw.pieces), 'file')} held something. The fullest was that of "
        f"{most.who}: {most.evidence:.2f} {threshold}."
    )
    if jigsaw.lowest_threshold is None or len(live) == 1:
        return held
    pooled = f"In one hand the pieces came to {jigsaw.pooled:.2f}, which {one_hand(jigsaw)}, {jigsaw.lowest_threshold:.2f}."
    return f"{held} {pooled}"


def _of_protection(story: Story, spell: Spell) -> str:
    begun = [
        stretch for stretch in story.protection if stretch.end > spell.onset and stretch.start < spell.end
    ]
    if not begun:
        return f"Nobody protected the child while the harm went on: {in_weeks(spell.end - spell.onset)}."
    if begun[0].start <= spell.onset:
        return "The child was effectively protected when the harm began."
    return f"Effective protection began {in_weeks(begun[0].start - spell.onset)} after the harm."


def _without_harm(story: Story) -> Iterator[str]:
    """What was done about a child in whose story no spell of significant harm is judged."""
    if not any(spell.significant for spell in story.spells):
        yield "The child was never in significant harm in the weeks told here."
    stages = Counter(entry.stage for entry in story.entries)
    yield (
        f"{_number(stages['delivered'], 'concern')} or requests arrived, {_number(stages['referred'], 'referral')}, "
        f"{_number(stages['initial_started'], 'initial assessment')}, "
        f"{_number(stages['core_started'], 'core assessment')}, "
        f"{_number(stages['enquiry_started'], 'section 47 enquiry', 'section 47 enquiries')}."
    )
    served = Counter[str]()
    for stretch in story.care:
        served[stretch.what] += stretch.end - stretch.start
    for what, name in _SERVICES.items():
        if served[what]:
            yield f"The family had {in_weeks(served[what])} of {name}."


def _number(number: int, what: str, several: str = "") -> str:
    """A number of things in words."""
    return f"{number} {what if number == 1 else several or what + 's'}"
