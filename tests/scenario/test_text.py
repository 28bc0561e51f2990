"""Text from files: names may not control a terminal, reverse the order of reading, or contain what cannot be seen."""

from pathlib import Path

import pytest
from tests.scenario.reported import load_problems

from cpsim.scenario import ScenarioError, from_mapping, load
from cpsim.scenario.text import (
    describe_character,
    escape_unsafe,
    find_curly_quotes,
    replace_lookalike,
)

REFUSED = {
    "an escape sequence": ("a\\e[31mb", "an escape character (U+001B)"),
    "a null": ("a\\0b", "a null character (U+0000)"),
    "an escape of eight-bit terminals": ("a\\x9b2Jb", "a control character (U+009B)"),
    "a delete": ("a\\x7fb", "a control character (U+007F)"),
    "a line end": ("a\\nb", "a line feed character (U+000A)"),
    "a tab": ("a\\tb", "a tab (U+0009)"),
    "a line separator": ("a\\u2028b", "a line separator (U+2028)"),
    "a paragraph separator": ("a\\u2029b", "a paragraph separator (U+2029)"),
    "an override of direction": ("a\\u202eb", "a right-to-left override (U+202E)"),
    "an isolate of direction": ("a\\u2066b", "a left-to-right isolate (U+2066)"),
    "a space without width": ("a\\u200bb", "a zero width space (U+200B)"),
    "a joiner without width": ("a\\u200db", "a zero width joiner (U+200D)"),
    "a byte order mark": ("a\\ufeffb", "a zero width no-break space (U+FEFF)"),
    "a tag": ("a\\U000e0041b", "a tag latin capital letter a (U+E0041)"),
}

PLACES = {
    "the name of a scenario": "name: {text}",
    "the name of an authority": "authorities: {{named: [{{name: {text}}}]}}",
    "the name of an institution": "timeline: [{{lever: duty, kinds: [gp], bound: true, institution: {text}}}]",
}


@pytest.mark.parametrize(("text", "named"), REFUSED.values(), ids=REFUSED.keys())
def test_a_name_with_a_character_that_is_unsafe_to_show_is_refused(
    tmp_path: Path, text: str, named: str
) -> None:
    file = tmp_path / "mine.yaml"
    for place in PLACES.values():
        file.write_text(place.format(text=f'"{text}"'), "utf-8")
        (problem,) = load_problems(file)
        assert f"the text contains {named}, which is not allowed here; remove it" in problem


@pytest.mark.parametrize(("text", "named"), REFUSED.values(), ids=REFUSED.keys())
def test_a_question_may_have_several_lines_and_nothing_else_that_is_unsafe(
    tmp_path: Path, text: str, named: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f'question: "{text}"', "utf-8")
    if text in ("a\\nb", "a\\tb"):
        assert load(file).question in ("a\nb", "a\tb")
    else:
        (problem,) = load_problems(file)
        assert named in problem


def test_names_of_any_language_are_accepted() -> None:
    for name in (
        "Ynys Môn",
        "Ashford [north]",
        "[/b]",
        "costs $5 & <b>",
        "Šiauliai",
        "東京",
        "👪",
        "a\u0301",
    ):
        assert from_mapping({"name": name}).name == name


def test_a_name_in_python_is_checked_like_one_in_a_file() -> None:
    with pytest.raises(ScenarioError, match=r"name: the text contains an escape character \(U\+001B\)"):
        from_mapping({"name": "\x1b[2J"})


def test_a_no_break_space_in_a_name_is_named_because_it_looks_like_another_one() -> None:
    with pytest.raises(ScenarioError, match=r"a no-break space \(U\+00A0\).*type an ordinary space instead"):
        from_mapping({"authorities": {"named": [{"name": "Ashford\xa0North"}]}})


def test_curly_quotation_marks_around_a_name_are_not_part_of_it() -> None:
    with pytest.raises(ScenarioError) as caught:
        from_mapping({"name": "“duty”"})
    assert str(caught.value) == (
        "name: the text is in curly quotation marks, beginning with a left double quotation mark (U+201C), which would "
        'be part of it; type " instead'
    )
    assert from_mapping({"question": "What does “duty” mean?"}).question == "What does “duty” mean?"


def test_every_character_has_a_name_in_plain_words() -> None:
    assert describe_character("—") == "an em dash (U+2014)"
    assert describe_character("\x07") == "a bell character (U+0007)"
    assert replace_lookalike("«") == '"'
    assert replace_lookalike("é") is replace_lookalike("-") is None
    assert find_curly_quotes("„Ashford“") == "„"
    assert escape_unsafe("a\nb\x1b", keep_lines=True) == "a\nb\\x1b"
