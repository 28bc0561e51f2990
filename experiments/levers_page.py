"""The page of levers: every institution of the reform years with what it turns, and every lever with its settings.

All of it is read off the data and the program: institutions and their levers, the shipped scenarios that use them, the
tests that name them, and the dials that are seen to move when an institution is switched on in some small places.
"""

import inspect
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odd_page import SECTION
from page_text import anchor, number, table
from ruamel.yaml import YAML

from cpsim.agents.dials import DIALS
from cpsim.governance.lever import Lever
from cpsim.model import ChildProtectionModel
from cpsim.scenario.claims import load_claims
from cpsim.scenario.clock import run_week_of
from cpsim.scenario.events import load_levers
from cpsim.scenario.institutions import Institution, load_institutions
from cpsim.scenario.read import find_shipped_scenarios, from_mapping
from cpsim.world import World, draw_world

ROOT = Path(__file__).parents[1]

TRIED_ON = date(2006, 4, 3)
TRIED_IN: dict[str, Any] = {
    "extends": "small",
    "clock": {"warm_up_years": 1, "years": 4},
    "authorities": {"count": 3, "leadership_spread": 0.1},
    "agencies": {"pct": {"sites_per_10k_children": 8}},
    "duties": {
        "school": {"bound": True, "awareness": 0.2},
        "gp": {"bound": True, "awareness": 0.2},
        "pct": {"bound": False},
        "police": {"bound": False},
    },
}
"""Places that leave every institution something to turn: some are bound and hardly know of it, others are not."""

PAGE = """\
# Levers

Between 1997 and 2017 England tried nearly everything on its child protection system: duties, directors, trusts, pooled
budgets, databases, inspections, sackings, new providers. Each of these **{institutions} institutions** can be switched
on here by its name, on the date that you choose:

```yaml
name: merger_and_scandal
question: What if the scandal had come before the merger had healed?
extends: small
timeline:
  - {{date: 2006-04-01, lever: department_merger, tie_cut: 0.5}}
  - {{date: 2006-11-11, lever: scandal_pulse}}
```

An institution has no code of its own. It is a set of **levers**, of which there are {levers}, one or two for each
mechanism of [the model](model/index.md). A lever may not touch an outcome; it turns [dials](model/dials.md), and
casework does the rest. So nothing here is said to work: whether it does is what a run finds, with these numbers, most
of which are guesses.

A line may say

- `date`, the day from which it holds; without one it has always held;
- `until`, the day from which it holds no more;
- `authorities`, if there are several: a list of names, or one of `{{lot: 7}}`, `{{most_deprived: 3}}` and
  `{{least_resourced: 3}}`;
- any setting of the levers that it is made of, such as `tie_cut` above. It goes to each of them that has it.

The `scenario.yaml` of a run shows what a line became: its levers, each with all of its settings and the name of the
institution. `cpsim explain institutions` and `cpsim explain levers` print what follows; `cpsim scenarios` lists the
library.

What each of them changes here by itself, misses beside false alarms, work and money, stands with intervals over twenty
seeds [on a page of its own](model/lever_effects.md).

## What no lever here can show

- **History.** A lever has the shape that the evidence suggests and a size that somebody chose. It is not the reform
  itself, and a run with it is no judgement on it.
- **Motives.** Nobody in the model wants a career, fears the press or believes in a reform. What people do with an order
  is put in as a number.
- **Selection.** Pilots wanted to be pilots, and strong councils choose other reforms than weak ones. Here the scenario
  says who takes part.
- **What it was for.** Most reforms had aims besides protection: schooling, health, thrift. The model counts none.
- **Prevention.** How often harm begins does not depend on any policy.

{themes}

## The levers

Each lever in full, with all that its settings mean, stands with [every setting](scenario_reference.md#timeline). In
brackets is the value at which a setting turns nothing, where it has one by itself; `?` stands for what a line has to
say.

{primitives}

## Where each is used and tested

Scenarios are those of the library that name the institution. Every lever is besides held to what `test_every_lever`
asks: at its neutral value it changes not one child, it turns only the dials that it declares, and a model forked at its
date ends like a run under it. `test_library` runs all scenarios of the library.

{used}

## What was claimed

Five articles of these years held the following to be so, each in a sentence of ours. A claim stands here because
somebody made it. The scenarios beside it are a way to begin on it; one run of one settles nothing.

{claimed}"""


def text() -> str:
    """The page."""
    used = _scenarios()
    return PAGE.format(
        institutions=len(load_institutions()),
        levers=len(load_levers()),
        themes="\n\n".join(_themes(used)),
        primitives=_primitives(),
        used=_used(used),
        claimed=_claimed(),
    )


def _scenarios() -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Institution -> scenarios of the library that name it, each with the line that does so; dated ones first."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {word: [] for word in load_institutions()}
    for name, file in find_shipped_scenarios().items():
        for line in YAML(typ="safe", pure=True).load(file).get("timeline", ()):
            if line["lever"] in found:
                found[line["lever"]].append((name, line))
    return {word: sorted(lines, key=lambda line: "date" not in line[1]) for word, lines in found.items()}


# -- institutions


def _themes(used: dict[str, list[tuple[str, dict[str, Any]]]]) -> Iterator[str]:
    theme = ""
    for institution in load_institutions().values():
        if institution.theme != theme:
            theme = institution.theme
            yield f"## {theme}"
        yield _section(institution, used[institution.id])


def _section(institution: Institution, scenarios: list[tuple[str, dict[str, Any]]]) -> str:
    points = [
        f"*Bound:* {institution.applies_to}.",
        f"*Turns:* {_turns(institution)}",
        f"*Switch on:* `- {{{_switch(institution.id, scenarios)}}}`",
        f"*Cannot show:* {institution.cannot_show}",
        *([f"*In the library:* {_links(scenarios)}."] if scenarios else ()),
    ]
    return "\n".join(
        [f"### {institution.id}", "", f"**{institution.name}.** {institution.history}", ""]
        + [f"- {point}" for point in points]
    )


def _switch(word: str, scenarios: list[tuple[str, dict[str, Any]]]) -> str:
    """The line that switches an institution on: its day and places are those of the library's first scenario."""
    line = scenarios[0][1] if scenarios else {}
    said = {"date": line.get("date"), "lever": word, "authorities": line.get("authorities")}
    return ", ".join(f"{setting}: {_value(value)}" for setting, value in said.items() if value is not None)


def _turns(institution: Institution) -> str:
    """Its levers, each with what it says to it, and the dials that are seen to move."""
    if not institution.levers:
        return "nothing."
    said = ", ".join(_line(dict(lever)) for lever in institution.levers)
    return f"{said}. *Dials that move:* {_ticked(_turned()[institution.id])}."


def _line(lever: dict[str, Any]) -> str:
    """A lever with what an institution says to it."""
    name = lever.pop("lever")
    said = ", ".join(f"{setting}: {_value(value)}" for setting, value in lever.items())
    return f"[`{name}`](scenario_reference.md#{name})" + (f" with `{said}`" if said else "")


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_value(part)}' for name, part in value.items())}}}"
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def _turned() -> dict[str, list[str]]:
    """Institution -> the dials that it turns by itself within a year and more in the places of `TRIED_IN`."""
    settings = from_mapping(TRIED_IN)
    world = draw_world(settings, seed=1)
    usual = _dials_under([], world)
    turned = {}
    for word in load_institutions():
        line = {"date": TRIED_ON, "lever": word, "authorities": ["authority-01", "authority-02"]}
        found = _dials_under([line], world)
        turned[word] = [dial for dial, seen in usual.items() if not np.array_equal(seen, found[dial])]
    return turned


def _dials_under(timeline: list[dict[str, Any]], world: World) -> dict[str, NDArray[Any]]:
    """All dials in some weeks after the date, one row a week, in places where nobody notices anything yet."""
    settings = from_mapping({**TRIED_IN, "timeline": timeline})
    model = ChildProtectionModel(settings, seed=1, world=world, collect=False)
    seen: dict[str, list[NDArray[Any]]] = {dial.name: [] for dial in DIALS}
    begins = run_week_of(TRIED_ON, settings.clock)
    for week in range(begins + 61):
        model.timeline.apply_levers(week)
        if week - begins in (0, 30, 60):
            for dial in DIALS:
                seen[dial.name].append(model.tables[dial.table][dial.column].copy())
    return {name: np.array(weeks) for name, weeks in seen.items()}


def _names(institution: Institution) -> list[str]:
    return list(dict.fromkeys(lever["lever"] for lever in institution.levers))


def _ticked(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _links(scenarios: list[tuple[str, dict[str, Any]]]) -> str:
    names = dict.fromkeys(name for name, _ in scenarios)
    return ", ".join(f"[{name}](../scenarios/{name}.yaml)" for name in names)


# -- levers


def _lever(name: str) -> type[Lever]:
    lever = load_levers()[name]
    assert issubclass(lever, Lever)
    return lever


def _primitives() -> str:
    page = (ROOT / "docs" / "model" / "index.md").read_text("utf-8")
    sections = [section.partition("\n") for section in SECTION.split(page)[1:]]
    return table(
        ["lever", "what it does", "mechanism", "settings", "dials"],
        (
            [
                f"`{name}`",
                " ".join((inspect.getdoc(load_levers()[name]) or "").partition("\n\n")[0].split()),
                _mechanism(name, [(title, body) for title, _, body in sections]),
                ", ".join(_settings(_lever(name))),
                _ticked(list(_lever(name).dials)),
            ]
            for name in load_levers()
        ),
    )


def _mechanism(name: str, sections: list[tuple[str, str]]) -> str:
    """The lever's mechanisms, with a link to the section of the model page that tells of it."""
    mechanism = _lever(name).mechanism
    first = mechanism.split()[0]
    about = [(title, body) for title, body in sections if first in re.findall(r"M\d+", title)]
    by_name = [(title, body) for title, body in about if f"`{name}`" in body]
    links = [f"[{mechanism}](model/index.md#{anchor(title)})" for title, _ in by_name or about]
    return links[0] if links else mechanism


def _settings(lever: type[Lever]) -> Iterator[str]:
    for name in lever.own_setting_names():
        field = lever.model_fields[name]
        default = "?" if field.is_required() else _shown(field.get_default())
        off = f" (off: {_shown(lever.neutral[name])})" if name in lever.neutral else ""
        yield f"`{name}` {default}{off}"


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return number(value) if isinstance(value, int | float) else str(value)


# -- scenarios and tests


def _used(used: dict[str, list[tuple[str, dict[str, Any]]]]) -> str:
    tests = {
        path.stem: path.read_text("utf-8") for path in sorted((ROOT / "tests/governance").glob("test_*.py"))
    }
    tests.pop("test_every_lever", None)
    return table(
        ["institution", "scenarios", "dials", "tests"],
        (
            [
                f"[{word}](#{anchor(word)})",
                _links(used[word]) or "none",
                _ticked(_turned()[word]) or "none",
                _ticked(_tests(institution, tests)) or "none",
            ]
            for word, institution in load_institutions().items()
        ),
    )


def _tests(institution: Institution, tests: dict[str, str]) -> list[str]:
    """Modules of tests that name one of its levers, by its word in quotes or by its class."""
    mentions = [rf"[\"']{name}[\"']|\b{_lever(name).__name__}\b" for name in _names(institution)]
    return [name for name, text in tests.items() if any(re.search(mention, text) for mention in mentions)]


# -- claims


def _claimed() -> str:
    """The claims, and the scenarios of the library that speak to each."""
    written = {name: YAML(typ="safe", pure=True).load(file) for name, file in find_shipped_scenarios().items()}
    return table(
        ["claim", "what is said to be so", "article", "scenarios"],
        (
            [
                claim.id,
                claim.claim,
                f"{claim.article} ({claim.year})",
                _links([(name, {}) for name, said in written.items() if claim.id in said.get("claims", ())]),
            ]
            for claim in load_claims().values()
        ),
    )
