"""Write the pages for teachers from the lessons and their measured outcomes: notes, hand-outs and results.

python tools/lesson_pages.py    # docs/teaching.md and docs/lessons/, in a second
"""

import re
from itertools import accumulate
from pathlib import Path
from textwrap import fill

from page_text import format_table

from cpsim.formatting import format_day
from cpsim.lessons.figures import LESSON_OUTCOMES, load_measured
from cpsim.lessons.lesson import (
    MINUTES,
    Lesson,
    Prompt,
    describe_action,
    list_shipped_lessons,
    load_lesson,
)
from cpsim.scenario.clock import date_of

DOCS = Path(__file__).parents[1] / "docs"
HEAD = "<!-- made by tools/lesson_pages.py; do not edit -->\n"
ORDER = ("jigsaw", "merger", "duty")

NOTES = """\
# Teaching with cpsim: three lessons of {minutes} minutes

In each lesson a class watches the same town twice, on one screen: the same children, the same harm, and one difference
on the right. Students make a prediction, watch, and open the story of a child who was protected on one side and missed
on the other. Then they learn whether what they saw is typical. No lesson requires any programming.

| lesson | question |
| --- | --- |
{overview}

![The lesson on the merger, two years after the merger: prompts, both networks, plots](images/lesson_merger.png)

## Before the lesson

- Install [the demo](demo.md) and try `cpsim show --lesson merger` once on the machine and the projector that you will
  use. It works without internet. At the first start the page takes some seconds to appear, because eighteen years of
  history are simulated, so that agencies hold files when the lesson begins; later starts continue from
  [the same history](performance.md#histories-that-were-simulated-before).
- Print the hand-out for each student: {handouts}.
- Read *what must not be concluded* below, because students will conclude it.
- The lessons are new. What students *may think* is our expectation, not the experience of a class.
- Everyone in the model is invented: every child, every family, every organisation. But for some students child
  protection may be part of their own lives. Say before you begin that anyone may leave the room without giving a
  reason.

## On the screen

- The prompts are shown next to the model. *Next* and *Back* move between them; so do Page Down and Page Up, and with
  them a presenter's remote control. The panel shows which step you are at, and the clock how much time this step has
  left. Nothing happens when the time runs out.
- *Play* (▶) simulates week after week until the date in the prompt, and stops there by itself. "Step a year" is faster.
  The yellow box says what the class is to press or move; first choose *right*.
- Below the networks, a table shows where chains of concern stopped, and two lists grow: children protected on one side
  and missed on the other. A click opens both stories side by side; Escape closes them.

![One child in both systems; a line marks where the two stories begin to differ](images/lesson_child.png)

- Reset starts the lesson again. If someone presses another button, nothing is broken, but the results below no longer
  apply to what the class then sees.

## How the results were measured

All numbers in the lessons were measured with {seeds} seeds, which are {seeds} towns of about 10,000 children. Each town
was simulated with and without the actions of the class, through the same controls that the class uses. The differences
below are means over towns, with 95% intervals (Student's t on paired differences). The town of each lesson was not
chosen because it shows an effect well. It is the town whose differences are closest to the means over all claims of the
lesson; the last column shows its results. `python experiments/lesson_figures.py` repeats the measurement. cpsim refuses
to load a lesson if one of its claims does not match the measured results. The results of each seed are in
[measured.csv](lessons/measured.csv).

With {tests} intervals, about {chance:.0f} would exclude zero by chance alone. Most numbers in the model are guesses
([the parameters](model/parameters.md)). So all of this is about the model, and about England only so far as the
mechanisms are right.

{lessons}
"""

LESSON = """\
## {title}

**{question}**

*Aim.* {aim}

*Start.* `cpsim show --lesson {name}`; hand-out: [{title}](lessons/{name}.md). Left: {left}. Right: {right}.

{steps}

### The question at the end

> {ask}

A good answer includes:

{answer}

What must not be concluded:

{not_to_conclude}

### Results

{results}
"""

HAND_OUT = """\
# {title}

*{question}*

{hand_out}

{write}

**At the end.** {ask}
"""


def write_pages() -> None:
    """Write the notes for teachers, and one hand-out for each lesson."""
    lessons = [load_lesson(name) for name in sorted(list_shipped_lessons(), key=ORDER.index)]
    for lesson in lessons:
        (DOCS / "lessons" / f"{lesson.name}.md").write_text(HEAD + format_hand_out(lesson), "utf-8")
    (DOCS / "teaching.md").write_text(HEAD + format_notes(lessons), "utf-8")


def wrap_text(text: str) -> str:
    """Wrap a text to lines of 120 characters; tables and images stay as they are."""
    return "\n".join(map(_wrap_line, text.splitlines())) + "\n"


def _wrap_line(line: str) -> str:
    if line.startswith(("|", "!")):
        return line
    lead = re.match(r"(- |\d\. |> )?", line)
    indent = "" if lead is None else lead[0] if lead[0] == "> " else " " * len(lead[0])
    return fill(line, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def format_notes(lessons: list[Lesson]) -> str:
    """Format the notes for teachers."""
    tests = sum(len(lesson.claims) for lesson in lessons)
    return wrap_text(
        NOTES.format(
            minutes=MINUTES,
            overview="\n".join(
                f"| [{lesson.title}](#{lesson.title.replace(' ', '-').lower()}) | {lesson.question} |"
                for lesson in lessons
            ),
            handouts=", ".join(f"[{lesson.title}](lessons/{lesson.name}.md)" for lesson in lessons),
            seeds=next(iter(load_measured().values())).seeds,
            tests=tests,
            chance=tests / 20,
            lessons="\n".join(map(format_lesson, lessons)),
        ).rstrip()
    )


def format_lesson(lesson: Lesson) -> str:
    """Format the notes on one lesson."""
    ends = list(accumulate(prompt.minutes for prompt in lesson.prompts))
    steps = (
        format_step(lesson, number, prompt, end - prompt.minutes)
        for number, (prompt, end) in enumerate(zip(lesson.prompts, ends, strict=True))
    )
    return LESSON.format(
        title=lesson.title,
        question=lesson.question,
        aim=lesson.aim,
        name=lesson.name,
        left=lesson.sides[0].lower(),
        right=lesson.sides[1].lower(),
        steps="\n\n".join(steps),
        ask=lesson.ask,
        answer=format_list(lesson.good_answer),
        not_to_conclude=format_list(lesson.not_to_conclude),
        results=format_results(lesson),
    )


def format_step(lesson: Lesson, number: int, prompt: Prompt, start: int) -> str:
    """Format one step of a lesson: its minutes, what the class does, and what the teacher says."""
    actions = " ".join(describe_action(action) for action in lesson.select_actions(number))
    until = ""
    if prompt.plays_until is not None:
        day = date_of(prompt.plays_until, lesson.load_systems()[0].clock)
        until = f"*Plays until* {format_day(day)}."
    parts = {
        "Do": " ".join(filter(None, [actions and f"Only on the right: {actions}", prompt.do, until])),
        "Look": prompt.look,
        "Write down": prompt.write,
        "Say": prompt.say,
        "Students may think": prompt.expect,
    }
    items = "\n".join(f"- **{name}.** {text}" for name, text in parts.items() if text)
    title = f"{prompt.title[:1].lower()}{prompt.title[1:]}"
    return f"### {start} to {start + prompt.minutes} minutes: {title}\n\n{items}"


def format_results(lesson: Lesson) -> str:
    """Format the claims of a lesson as a table, each with its measured outcome."""
    rows = []
    for claim in lesson.claims:
        outcome = load_measured()[lesson.result_key(claim), claim.outcome]
        numbers = outcome.format_numbers(LESSON_OUTCOMES[claim.outcome].digits)
        is_own = claim.variant is None
        rows.append(
            [
                lesson.format_claim(claim),
                numbers["left"],
                f"{numbers['difference']} ({numbers['interval']})",
                f"{numbers['rises']}% / {numbers['falls']}%",
                numbers["here"] if is_own else "",
            ]
        )
    head = [
        "claim",
        "left",
        "difference on the right (95% interval)",
        "towns with more / with fewer",
        f"this town (seed {lesson.seed})",
    ]
    return format_table(head, rows)


def format_hand_out(lesson: Lesson) -> str:
    """Format half a page for each student: what to read, what to write down, and the question."""
    lines = (
        f"{number}. *{prompt.title.rstrip('?')}.* {prompt.write}"
        for number, prompt in enumerate((prompt for prompt in lesson.prompts if prompt.write), 1)
    )
    return wrap_text(
        HAND_OUT.format(
            title=lesson.title,
            question=lesson.question,
            hand_out=lesson.hand_out,
            write="\n".join(lines),
            ask=lesson.ask,
        )
    )


def format_list(sentences: tuple[str, ...]) -> str:
    """Format sentences as a bulleted list."""
    return "\n".join(f"- {sentence}" for sentence in sentences)


if __name__ == "__main__":
    write_pages()
