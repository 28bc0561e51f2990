r"""Text from files: which characters it may contain, what they are called, and how it is made safe to show.

Refused are characters that control a terminal, that reverse the order of reading, or that cannot be seen: two names
that look the same should be the same, and a name should not change what is printed after it.
"""

import re
import unicodedata

_NONCHARACTERS = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
)
_INVISIBLE = (
    "\x7f-\x9f"  # delete, and the control characters of eight-bit terminals
    "\xad\u061c\u180e\u200b-\u200f"  # a soft hyphen, and characters of no width
    "\u2028-\u202e\u2060-\u206f"  # line and paragraph separators, and changes of the direction of reading
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f" + _NONCHARACTERS
)

_OTHER_SPACES = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"

UNSAFE_IN_LINE = re.compile(f"[\x00-\x1f{_OTHER_SPACES}{_INVISIBLE}]")
"""Characters that a text of one line must not contain; its only space is the ordinary one."""
UNSAFE_IN_PARAGRAPHS = re.compile(f"[\x00-\x08\x0b-\x1f{_INVISIBLE}]")
"""Characters that a text of several lines must not contain; it may have line ends and tabs."""

_CONTROL_NAMES = {
    0: "null",
    7: "bell",
    8: "backspace",
    9: "tab",
    10: "line feed",
    13: "carriage return",
    27: "escape",
}
_SINGLE_QUOTES, _DOUBLE_QUOTES = "‘’‚‛‹›", "“”„‟«»"
_CURLY_QUOTES = _SINGLE_QUOTES + _DOUBLE_QUOTES


def describe_character(character: str) -> str:
    r"""Describe a character by its name in plain words and its number.

    >>> describe_character("–"), describe_character("\x1b")
    ('an en dash (U+2013)', 'an escape character (U+001B)')
    """
    number = ord(character)
    name = unicodedata.name(character, "").lower()
    if not name:
        name = f"{_CONTROL_NAMES.get(number, 'control')} character".replace("tab character", "tab")
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name} (U+{number:04X})"


def replace_lookalike(character: str) -> str | None:
    r"""The character of a keyboard for which a similar one stands, as word processors write it; None if there is none.

    >>> [replace_lookalike(character) for character in "–“’\xa0：a"]
    ['-', '"', "'", ' ', ':', None]
    """
    if character.isascii():
        return None
    category = unicodedata.category(character)
    if category == "Pd" or character in "−•":
        return "-"
    if character == "·":
        return "."
    if character in _CURLY_QUOTES:
        return "'" if character in _SINGLE_QUOTES else '"'
    if category == "Zs":
        return " "
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 and plain.isascii() and not plain.isalnum() else None


def find_curly_quotes(text: str) -> str | None:
    """The character with which a text begins if it is wholly in curly quotation marks; else None.

    >>> find_curly_quotes("“Ashford”"), find_curly_quotes("the “best” town")
    ('“', None)
    """
    quoted = len(text) > 1 and text[0] in _CURLY_QUOTES and text[-1] in _CURLY_QUOTES
    return text[0] if quoted and not set(text[1:-1]) & set(_DOUBLE_QUOTES) else None


def escape_unsafe(text: str, *, keep_lines: bool = False) -> str:
    r"""Escape each character that cannot be printed, so that a text cannot control a terminal or hide part of itself.

    Args:
        text: the text to show.
        keep_lines: whether line ends and tabs stay what they are.

    >>> escape_unsafe("a" + chr(27) + "[2J")
    'a\\x1b[2J'
    """
    kept = "\n\t" if keep_lines else ""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in kept else ascii(character)[1:-1]
        for character in text
    )


def describe_unsafe(text: str, *, lines: bool) -> str | None:
    r"""Describe why a text is refused, and what to type instead; None if it is not.

    Args:
        text: the text of a setting.
        lines: whether it may have several lines.

    >>> describe_unsafe("a" + chr(27), lines=False)
    'the text contains an escape character (U+001B), which is not allowed here; remove it'
    >>> describe_unsafe("one\ntwo", lines=True)
    """
    if bad := (UNSAFE_IN_PARAGRAPHS if lines else UNSAFE_IN_LINE).search(text):
        instead = "type an ordinary space instead" if replace_lookalike(bad[0]) else "remove it"
        return f"the text contains {describe_character(bad[0])}, which is not allowed here; {instead}"
    return describe_curly_quotes(text)


def describe_curly_quotes(text: str) -> str | None:
    """Describe that a text is wholly in curly quotation marks, and what to type instead; None if it is not.

    >>> describe_curly_quotes("“Ashford”")  # doctest: +ELLIPSIS
    'the text is in curly quotation marks, beginning with a left double ...; type " instead'
    """
    quote = find_curly_quotes(text)
    if quote is None:
        return None
    return (
        f"the text is in curly quotation marks, beginning with {describe_character(quote)}, which would be part of "
        f"it; type {replace_lookalike(quote)} instead"
    )
