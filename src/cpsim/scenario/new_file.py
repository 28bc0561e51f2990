"""New scenario files to start from: a base, a question, and events with their main settings explained in comments."""

import io
import os
import re
import shlex
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.tokens import CommentToken

from cpsim.scenario.authorities import authority_names
from cpsim.scenario.events import load_levers
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.merge import read_file
from cpsim.scenario.nodes import to_values
from cpsim.scenario.problems import ScenarioError, format_value, suggest_nearest
from cpsim.scenario.read import load
from cpsim.scenario.renamed import suggest_new_name
from cpsim.scenario.schema import Scenario
from cpsim.scenario.settings import list_settings
from cpsim.scenario.sources import SCENARIO_ENDINGS, find_scenario, find_shipped_scenarios, is_scenario_name
from cpsim.scenario.starting_lines import NoLineError, build_line, list_main_settings, needs_authorities

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_WIDTH = 100
_Collection = TypeVar("_Collection", CommentedMap, CommentedSeq)


class NewFileError(ValueError):
    """A file cannot be started; the message says why and what to write instead."""


@dataclass(frozen=True)
class Base:
    """The scenario from which a new one starts.

    Attributes:
        extends: how the new file names it.
        scenario: the scenario.
        timeline: its events as they are written, institutions by their names.

    >>> find_base("pct_merger", Path()).timeline[1]
    {'date': '2006-10-01', 'lever': 'pct_merger', 'merge_to': 1}
    """

    extends: str
    scenario: Scenario
    timeline: tuple[dict[str, Any], ...]

    @property
    def day(self) -> date:
        """The first 1 September that is at least a year after the evaluated weeks begin; a date for new events.

        >>> find_base("small", Path()).day
        datetime.date(2006, 9, 1)
        """
        start = self.scenario.clock.start
        return date(start.year + (1 if (start.month, start.day) <= (9, 1) else 2), 9, 1)


def check_name(name: str) -> None:
    """Check the name of a new scenario, which is also that of its file.

    Raises:
        NewFileError: it is no name of lower-case letters, digits and underscores, or that of a shipped scenario.

    >>> check_name("our_duty")
    >>> check_name("Our duty")
    Traceback (most recent call last):
    ...
    cpsim.scenario.new_file.NewFileError: expected a name of at most 60 lower-case letters, digits and _, beginning \
with a letter, not 'Our duty'; did you mean 'our_duty'?
    """
    if name in find_shipped_scenarios():
        raise NewFileError(
            f"{name} is a scenario that comes with cpsim; choose another name, and extend it with `--from {name}`"
        )
    if not _NAME.fullmatch(name):
        stem = name.lower().removesuffix(".yaml").removesuffix(".yml")
        intended = re.sub(r"[^a-z0-9]+", "_", stem).strip("_")
        hint = f"; did you mean {intended!r}?" if _NAME.fullmatch(intended) else ""
        raise NewFileError(
            "expected a name of at most 60 lower-case letters, digits and _, beginning with a letter, not "
            f"{format_value(name)}{hint}"
        )


def find_base(named: str, folder: Path) -> Base:
    """Find the scenario from which a new one in `folder` starts.

    Args:
        named: the name of a shipped scenario, or the path of a file.
        folder: the folder of the new file.

    Raises:
        NewFileError: the file is not in the folder or below it.
        ScenarioError: there is no such scenario, or it is not valid.
    """
    path = find_scenario(named)
    extends = named
    if not is_scenario_name(named):
        relative = Path(os.path.relpath(path, folder))
        if ".." in relative.parts:
            raise NewFileError(
                f"{format_value(named)} is outside this folder, and a scenario can only extend one in its own folder "
                "or below; copy it here"
            )
        extends = relative.as_posix()
        if relative.suffix.lower() not in SCENARIO_ENDINGS:
            raise NewFileError(
                f"expected a file whose name ends in {' or '.join(SCENARIO_ENDINGS)}, not {named!r}"
            )
    scenario = load(path)
    written = read_file(path, []).get("timeline")
    return Base(extends, scenario, tuple(to_values(written)) if written else ())


def build_text(name: str, base: Base, chosen: Sequence[str]) -> str:
    """Build the text of a new scenario file.

    The events of the base come before the new ones, because a timeline replaces that of the base as a whole.

    Args:
        name: name of the scenario.
        base: the scenario that it extends.
        chosen: names of levers and institutions, each for one event.

    Raises:
        NewFileError: there is no such lever or institution, or nothing stands for it in the model.

    >>> print(build_text("our_hub", find_base("small", Path()), []))
    # A scenario to start from. Change the question, then the settings below.
    name: our_hub
    question: What changes, compared with small?
    extends: small  # every setting that is not in this file is as there
    <BLANKLINE>
    # Nothing changes yet. `cpsim explain WORDS` finds events and prints the line to paste below.
    timeline: []
    <BLANKLINE>
    # Next:
    #   cpsim validate our_hub.yaml
    #   cpsim compare small our_hub.yaml
    <BLANKLINE>
    """
    lines = [_build_line(each, base) for each in dict.fromkeys(chosen)]
    file = CommentedMap(name=name, question=_write_question(base, lines), extends=base.extends)
    file.yaml_set_start_comment("A scenario to start from. Change the question, then the settings below.\n")
    file.yaml_add_eol_comment("every setting that is not in this file is as there", "extends")
    if base.scenario.authorities.count == 1 and any(map(needs_authorities, lines)):
        file["authorities"] = _put_in_one_line(CommentedMap(count=2))
        file.yaml_add_eol_comment("an event below needs more than one authority", "authorities")
    file["timeline"] = _build_timeline(base, lines)
    if base.timeline:
        before = f"The events of {base.extends} are repeated here, because a list replaces that of the base as a whole."
        file.yaml_set_comment_before_after_key("timeline", before=f"\n{before}")
    elif not lines:
        before = "Nothing changes yet. `cpsim explain WORDS` finds events and prints the line to paste below."
        file.yaml_set_comment_before_after_key("timeline", before=f"\n{before}")
    _add_last_comment(file, ["", "Next:", *(f"  {command}" for command in list_next_commands(name, base))])
    return _dump(file)


def list_next_commands(name: str, base: Base) -> tuple[str, str]:
    """List the commands to type once the file has been written.

    >>> list_next_commands("our_hub", find_base("small", Path()))
    ('cpsim validate our_hub.yaml', 'cpsim compare small our_hub.yaml')
    """
    return f"cpsim validate {name}.yaml", f"cpsim compare {shlex.quote(base.extends)} {name}.yaml"


def _build_line(name: str, base: Base) -> dict[str, Any]:
    """Build the line of a lever or an institution with its main settings."""
    known = [*load_levers(), *load_institutions()]
    if name not in known:
        hint = (
            suggest_new_name("lever", name)
            or suggest_new_name("institution", name)
            or suggest_nearest(name, known)
        )
        hint = hint or f"; `cpsim explain {name}` searches for it"
        raise NewFileError(f"no lever or institution is called {format_value(name)}{hint}")
    try:
        line = build_line(name, base.day)
    except NoLineError as error:
        raise NewFileError(f"{name} cannot be an event: {error}") from None
    if needs_authorities(line):
        line["authorities"] = [authority_names(base.scenario.authorities)[0]]
    return {"date": base.day, "lever": name} | list_main_settings(line)


def _write_question(base: Base, lines: Sequence[dict[str, Any]]) -> str:
    if not lines:
        return f"What changes, compared with {base.scenario.name}?"
    names = " and ".join(line["lever"] for line in lines)
    place, year = base.scenario.name, base.day.year
    return f"Are fewer children in harm missed than in {place} with {names} from September {year}?"


def _build_timeline(base: Base, lines: Sequence[dict[str, Any]]) -> CommentedSeq:
    """Build the timeline, in order of dates: the events of the base as they are, and the new ones with comments."""
    events = [_copy_event(event) for event in base.timeline]
    events += [_explain_event(line) for line in lines]
    events.sort(key=lambda event: event.get("date") or date.min)
    return CommentedSeq(events) if events else _put_in_one_line(CommentedSeq())


def _copy_event(event: dict[str, Any]) -> CommentedMap:
    days = {key: date.fromisoformat(event[key]) for key in ("date", "until") if event.get(key)}
    return _put_in_one_line(CommentedMap(event | days))


def _explain_event(line: dict[str, Any]) -> CommentedMap:
    """Build an event with a comment above each of its settings, and one on what it is."""
    name = line["lever"]
    event = CommentedMap(line)
    for key, value in line.items():
        if isinstance(value, list):
            event[key] = _put_in_one_line(CommentedSeq(value))
    others = ", ".join(_list_other_settings(name, line))
    further = _wrap(f"Further settings, which have their defaults here: {others}") if others else ""
    about = "\n".join(filter(None, (_wrap(_describe(name)), further)))
    event.yaml_set_comment_before_after_key("lever", before=about, indent=4)
    for key in [key for key in line if key not in ("date", "lever")]:
        event.yaml_set_comment_before_after_key(key, before=_wrap(_describe_setting(line, key)), indent=4)
    return event


def _describe(name: str) -> str:
    if institution := load_institutions().get(name):
        return f"{institution.name}. {institution.history}"
    return " ".join((load_levers()[name].__doc__ or "").partition("\n\n")[0].split())


def _list_own_levers(name: str) -> list[str]:
    """List the levers whose settings a line has: those of an institution, or the lever itself."""
    institution = load_institutions().get(name)
    return list(dict.fromkeys(preset["lever"] for preset in institution.levers)) if institution else [name]


def _describe_setting(line: dict[str, Any], key: str) -> str:
    """Describe a setting of a line; the default of an institution's setting is the value that it gives."""
    if key == "authorities":
        return "the authorities to which it applies"
    own = list_settings()
    name = line["lever"]
    path = next(path for lever in _list_own_levers(name) if (path := f"levers.{lever}.{key}") in own)
    return own[path].describe(line[key] if name in load_institutions() else None)


def _list_other_settings(name: str, line: dict[str, Any]) -> list[str]:
    levers = (load_levers()[lever] for lever in _list_own_levers(name))
    return list(
        dict.fromkeys(key for lever in levers for key in lever.list_own_settings() if key not in line)
    )


def _wrap(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_on_hyphens=False)


def _put_in_one_line(collection: _Collection) -> _Collection:
    collection.fa.set_flow_style()
    return collection


def _add_last_comment(mapping: CommentedMap, lines: Sequence[str]) -> None:
    """Add a comment below the last setting of a mapping; an empty line stays empty."""
    text = "\n".join(f"# {line}".rstrip() if line else "" for line in lines)
    mapping.ca.end = [CommentToken(f"{text}\n", CommentMark(0), None)]


def _dump(file: CommentedMap) -> str:
    yaml = YAML()
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(file, text)
    return text.getvalue()


def write_file(path: Path, text: str) -> None:
    """Write a new scenario file in one step, after reading it as a scenario.

    Raises:
        NewFileError: the scenario would not be valid, there is a file of this name already, or the folder cannot be
            written; nothing has changed then.
    """
    hidden = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    try:
        with hidden.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        load(hidden)
        _publish(hidden, path)
    except ScenarioError as error:
        reasons = "; ".join(problem.message for problem in error.problems)
        raise NewFileError(f"the scenario would not be valid: {reasons}") from None
    except FileExistsError:
        raise NewFileError(describe_existing(path)) from None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise NewFileError(f"{path} cannot be written in this folder: {reason}") from None
    finally:
        with suppress(OSError):
            hidden.unlink()


def describe_existing(path: Path) -> str:
    """Describe that a file is already there.

    >>> describe_existing(Path("our_duty.yaml"))
    'our_duty.yaml exists already and was left as it is; choose another name'
    """
    return f"{path} exists already and was left as it is; choose another name"


def _publish(hidden: Path, path: Path) -> None:
    """Give a file its name, which must still be free."""
    try:
        path.hardlink_to(hidden)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        hidden.rename(path)
