"""The pages for teachers, read off the lessons and what was measured for them: notes, hand-outs, figures."""

import re
from itertools import accumulate
from pathlib import Path
from textwrap import fill

from page_text import table

from cpsim.scenario.clock import date_of
from cpsim.visualiser.figures import FIGURES, measured
from cpsim.visualiser.lessons import MINUTES, Lesson, Prompt, load_lesson, shipped, told

HEAD = "<!-- made by experiments/lesson_figures.py; do not edit -->\n"
ORDER = ("jigsaw", "merger", "duty")

NOTES = """\
# Teaching with cpsim: three lessons of {minutes} minutes

In each lesson a class watches the same town twice, on one screen: the same children, the same harm, and one thing done
differently on the right. They predict, watch, open the story of a child who was caught on one side and missed on the
other, and then learn whether what they saw is typical. No lesson needs any knowledge of programming.

| lesson | question |
| --- | --- |
{overview}

![The lesson on the merger, two years after the day: prompts, both networks, plots](images/lesson_merger.png)

## Before the lesson

- Install [the demo](demo.md) and try `cpsim show --lesson merger` once on the machine and the projector that you will
  use. It works without internet. The first picture takes some seconds: eighteen years of
  history are lived first, so that files are full when the lesson begins.
- Print the hand-out, one for each student: {handouts}.
- Read *what must not be concluded* below. Students will conclude it.
- The lessons are new. What students *may think* is what we expect, and not what a class has said.
- Everybody in the model is invented: every child, every family, every organisation. Child protection is nevertheless
  somebody's life. Say before you begin that anybody may leave the room without giving a reason.

## On the screen

- The prompts stand beside the model. *Next* and *Back* go through them; so do Page Down and Page Up, and with them any
  presenter. The threshold shows where you are, the clock how long this step still has. Nothing happens when it runs out.
- *Play* (▶) lives one week after the other until the date that the prompt names, and stands still there by itself.
  "Step a year" is quicker. What the class is to press or move stands in the yellow box; choose *right* first.
- Below the pictures stands where those missed were lost, step by step, and two lists grow: children caught on one side
  and missed on the other. A click opens both stories beside each other; Escape closes them.

![One child in both systems; the line says where the two lives part](images/lesson_child.png)

- Reset begins the lesson anew. If somebody presses something else, nothing is broken, but the figures below no longer
  hold for what the class then sees.

## How the figures were measured

Everything that a lesson claims was measured on {seeds} seeds, which are {seeds} towns of some 10,000 children, each
lived with and without what the class does, by the very controls that the class uses. The differences below are means
over towns, with 95 % intervals (Student's t on paired differences). The town of each lesson was not chosen because it
shows something well. It is the one whose differences lie closest to the means, all claims of the lesson together;
*here* says what it shows. `python experiments/lesson_figures.py` measures again, and a lesson that claims what its
figures do not show is refused when it is read. What was measured on each seed is in
[measured.csv](lessons/measured.csv).

With {tests} intervals, some {chance:.0f} would leave out zero by chance alone. Most numbers of the model are guesses
([the parameters](model/parameters.md)), so all of this is about the model, and about England only as far as the
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

A good answer holds:

{answer}

What must not be concluded:

{not_to_conclude}

### What was measured

{figures}
"""

HAND_OUT = """\
# {title}

*{question}*

{hand_out}

{write}

**At the end.** {ask}
"""


def write(docs: Path) -> None:
    """Write the notes for teachers, and a hand-out a lesson."""
    lessons = [load_lesson(name) for name in sorted(shipped(), key=ORDER.index)]
    for lesson in lessons:
        (docs / "lessons" / f"{lesson.name}.md").write_text(HEAD + hand_out(lesson), "utf-8")
    (docs / "teaching.md").write_text(HEAD + notes(lessons), "utf-8")


def folded(text: str) -> str:
    """The text in lines of a readable length; tables and pictures stay as they are."""
    return "\n".join(map(_folded, text.splitlines())) + "\n"


def _folded(line: str) -> str:
    if line.startswith(("|", "!")):
        return line
    lead = re.match(r"(- |\d\. |> )?", line)
    indent = "" if lead is None else lead[0] if lead[0] == "> " else " " * len(lead[0])
    return fill(line, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def notes(lessons: list[Lesson]) -> str:
    """The notes for teachers."""
    tests = sum(len(lesson.claims) for lesson in lessons)
    return folded(
        NOTES.format(
            minutes=MINUTES,
            overview="\n".join(
                f"| [{lesson.title}](#{lesson.title.replace(' ', '-').lower()}) | {lesson.question} |"
                for lesson in lessons
            ),
            handouts=", ".join(f"[{lesson.title}](lessons/{lesson.name}.md)" for lesson in lessons),
            seeds=next(iter(measured().values())).seeds,
            tests=tests,
            chance=tests / 20,
            lessons="\n".join(map(notes_on, lessons)),
        ).rstrip()
    )


def notes_on(lesson: Lesson) -> str:
    """The notes on one lesson."""
    ends = list(accumulate(prompt.minutes for prompt in lesson.prompts))
    steps = (
        step(lesson, number, prompt, end - prompt.minutes)
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
        answer=listed(lesson.good_answer),
        not_to_conclude=listed(lesson.not_to_conclude),
        figures=figures(lesson),
    )


def step(lesson: Lesson, number: int, prompt: Prompt, begins: int) -> str:
    """One step of a lesson: when, what the class does, and what the teacher says."""
    acts = " ".join(told(act) for act in lesson.acts_of(number))
    until = ""
    if prompt.plays_until is not None:
        day = date_of(prompt.plays_until, lesson.systems()[0].clock)
        until = f"*Plays until* {day.day} {day:%B %Y}."
    parts = {
        "Do": " ".join(filter(None, [acts and f"On the right alone: {acts}", prompt.do, until])),
        "Look": prompt.look,
        "Write down": prompt.write,
        "Say": prompt.say,
        "Students may think": prompt.expect,
    }
    text = "\n".join(f"- **{name}.** {words}" for name, words in parts.items() if words)
    return f"### {begins} to {begins + prompt.minutes} minutes: {prompt.title[:1].lower()}{prompt.title[1:]}\n\n{text}"


def figures(lesson: Lesson) -> str:
    """What the lesson claims, each sentence with its figure."""
    rows = []
    for claim in lesson.claims:
        figure, decimals = measured()[lesson.key(claim), claim.figure], FIGURES[claim.figure][1]
        words = figure.words(decimals)
        own = claim.variant is None
        rows.append(
            [
                lesson.sentence(claim),
                words["left"],
                f"{words['difference']} ({words['interval']})",
                f"{words['rises']} / {words['falls']} %",
                words["here"] if own else "",
            ]
        )
    head = [
        "what the lesson says",
        "left",
        "difference",
        "towns with more / with fewer",
        f"here (seed {lesson.seed})",
    ]
    return table(head, rows)


def hand_out(lesson: Lesson) -> str:
    """Half a page for each student: what to read, what to write down, and the question."""
    lines = (
        f"{number}. *{prompt.title.rstrip('?')}.* {prompt.write}"
        for number, prompt in enumerate((prompt for prompt in lesson.prompts if prompt.write), 1)
    )
    return folded(
        HAND_OUT.format(
            title=lesson.title,
            question=lesson.question,
            hand_out=lesson.hand_out,
            write="\n".join(lines),
            ask=lesson.ask,
        )
    )


def listed(sentences: tuple[str, ...]) -> str:
    """Sentences as a list."""
    return "\n".join(f"- {sentence}" for sentence in sentences)
