"""Lesson files that are changed at random."""

from functools import cache
from pathlib import Path

from tests.fuzz.documented import check_problems_of_file
from tests.fuzz.target import Target
from tests.fuzz.texts import FileContent, edited_texts

from cpsim.lessons.lesson import list_shipped_lessons, load_lesson
from cpsim.scenario.problems import ScenarioError


@cache
def list_lesson_texts() -> dict[str, str]:
    """List the texts of the lessons that come with cpsim."""
    return {name: file.read_text("utf-8") for name, file in list_shipped_lessons().items()}


def load_edited_lesson(given: FileContent, folder: Path) -> bool:
    """Load a lesson file, and the two scenarios that it shows."""
    file = folder / "edited.yaml"
    file.write_bytes(given.encode(list_lesson_texts()))
    try:
        load_lesson(file).load_systems()
    except ScenarioError as error:
        check_problems_of_file(error, file)
        return False
    return True


LESSON_TEXT = Target(
    "lesson_text",
    "lesson files with changed lines, values and characters",
    edited_texts(sorted(list_lesson_texts())),
    load_edited_lesson,
    examples=100,
    few=25,
)
