"""The page of levers: every institution of the reform years with its levers, and every lever with its settings.

It is generated from the data and the program: institutions and their levers, the shipped scenarios that use them, the
tests that name them, and the dials that change when an institution is switched on in a small trial scenario.
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
from page_text import anchor, format_number, format_table
from ruamel.yaml import YAML

from cpsim.agents.dials import DIALS
from cpsim.agents.signals import SIGNALS
from cpsim.governance.lever import Lever
from cpsim.reach import find_idle_events
from cpsim.reach.effects import EventEffect, list_first_outcomes, measure_effects
from cpsim.scenario.claims import load_claims
from cpsim.scenario.clock import run_week_of
from cpsim.scenario.events import load_levers
from cpsim.scenario.institutions import Institution, load_institutions
from cpsim.scenario.read import find_shipped_scenarios, from_mapping
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation
from cpsim.world import World, draw_world

ROOT = Path(__file__).parents[1]

TRIAL_DATE = date(2006, 4, 3)
TRIAL_SETTINGS: dict[str, Any] = {
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
"""Settings in which every institution has dials to turn: some agencies are bound with little awareness, others not."""

PAGE = """\
# Levers

Between 1997 and 2017 England changed its child protection system in many ways: with duties, directors, trusts, pooled
budgets, databases, inspections, dismissals and new providers. Each of these **{institutions} institutions** can be
switched on by its name, on the date that you choose:

```yaml
name: merger_and_scandal
question: What if the scandal had happened before the effects of the merger were over?
extends: small
timeline:
  - {{date: 2006-04-01, lever: department_merger, tie_cut: 0.5}}
  - {{date: 2006-11-11, lever: scandal_pulse}}
```

An institution has no code of its own. It is a set of **levers**, of which there are {levers}, one or two for each
mechanism of [the model](model/index.md). A lever cannot change an outcome directly; it turns [dials](model/dials.md),
which casework reads. Whether an institution works is therefore the result of a run, with these numbers, most of which
are guesses.

A line can contain

- `date`, the day from which it applies; without it, it always applies;
- `until`, the day on which it ends;
- `authorities`, if there are several: a list of names, or one of `{{lot: 7}}`, `{{most_deprived: 3}}` and
  `{{least_resourced: 3}}`;
- any setting of its levers, such as `tie_cut` above, which changes each of its levers that has this setting.

An event that changes nothing where it stands is **not in play**: what it sets is already so, it needs another event,
its settings are neutral, or it comes after the run. `cpsim validate`, `run`, `compare` and `sweep` say so, with the
reason and with what would bring it into play. A trial finds it: the timeline is applied week by week to the bodies of
the scenario while casework stands still. An event whose effect depends on casework or on chance counts as in play. Two
arms that turn the same dials in every week are one arm under several names, and are named as such.

Below, *dials that change* gives the size with which an institution turns each dial in a trial of three authorities, in
which some agencies are under the duty to co-operate and others are not; *down to* and *up to* mark effects that change
over time. *Move first* names the outcomes next to the stages that read these dials; others follow from them. Settings
*without effect at their values* do nothing unless a line changes them. `cpsim explain NAME` prints this for one lever
or institution, and the reports of runs and comparisons for their own settings.

The `scenario.yaml` of a run shows the levers of each line, with all their settings and the name of the institution.
`cpsim explain institutions` and `cpsim explain levers` print the contents of this page; `cpsim scenarios` lists the
library.

[The effect of each institution](model/lever_effects.md) on misses, assessments, workload and cost is shown with
intervals over twenty seeds.

## What no lever can show

- **History.** A lever has the shape that the evidence suggests and a size that is a choice. It is not the reform
  itself, and a run with it is not a verdict on the reform.
- **Motives.** No one in the model seeks a career, fears the press or believes in a reform. How people respond to a
  policy is given as a number.
- **Selection.** Pilot areas volunteered, and strong councils choose different reforms from weak ones. In the model the
  scenario decides who takes part.
- **Other aims.** Most reforms had aims besides protection, such as education, health or lower spending. The model
  measures none of these.
- **Prevention.** How often harm begins does not depend on any policy.

{themes}

## The levers

All settings of each lever are explained in [the scenario reference](scenario_reference.md#timeline). The value in
brackets is the one at which a setting changes nothing by itself, if there is one; `?` marks a setting that a line must
give.

{primitives}

## Where each is used and tested

The scenarios are those of the library that name the institution. In addition, `test_every_lever` checks of every lever
that it changes no child at its neutral value, that it turns only the dials that it declares, and that a model forked on
its date gives the same result as a run with it. `test_library` runs all scenarios of the library.

{used}

## Claims

Five articles of these years make the following claims, which are given here in our own words. Their inclusion does not
mean that they are right. The scenarios are a starting point for examining them; a single run decides nothing.

{claimed}"""


def format_page() -> str:
    """Format the page."""
    uses = _find_scenarios()
    return PAGE.format(
        institutions=len(load_institutions()),
        levers=len(load_levers()),
        themes="\n\n".join(_format_themes(uses)),
        primitives=_format_levers(),
        used=_format_uses(uses),
        claimed=_format_claims(),
    )


def _find_scenarios() -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Find the scenarios of the library that name each institution, with the line that does so; dated ones first."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {
        identifier: [] for identifier in load_institutions()
    }
    for name, file in find_shipped_scenarios().items():
        for line in YAML(typ="safe", pure=True).load(file).get("timeline", ()):
            if line["lever"] in found:
                found[line["lever"]].append((name, line))
    return {
        identifier: sorted(lines, key=lambda line: "date" not in line[1])
        for identifier, lines in found.items()
    }


# -- institutions


def _format_themes(uses: dict[str, list[tuple[str, dict[str, Any]]]]) -> Iterator[str]:
    theme = ""
    for institution in load_institutions().values():
        if institution.theme != theme:
            theme = institution.theme
            yield f"## {theme}"
        yield _format_institution(institution, uses[institution.id])


def _format_institution(institution: Institution, scenarios: list[tuple[str, dict[str, Any]]]) -> str:
    points = [
        f"*Applies to:* {institution.applies_to}.",
        f"*Turns:* {_format_own_levers(institution)}",
        f"*Switch on:* `- {{{_format_switch(institution.id, scenarios)}}}`",
        f"*Cannot show:* {institution.cannot_show}",
        *([f"*By itself in the scenario small:* {idle}"] if (idle := _format_idle(institution)) else ()),
        *([f"*In the library:* {_format_links(scenarios)}."] if scenarios else ()),
    ]
    return "\n".join(
        [f"### {institution.id}", "", f"**{institution.name}.** {institution.history}", ""]
        + [f"- {point}" for point in points]
    )


def _format_switch(identifier: str, scenarios: list[tuple[str, dict[str, Any]]]) -> str:
    """Format the line that switches an institution on, with date and authorities of the library's first scenario."""
    line = scenarios[0][1] if scenarios else {}
    settings = {"date": line.get("date"), "lever": identifier, "authorities": line.get("authorities")}
    return ", ".join(
        f"{setting}: {_format_value(value)}" for setting, value in settings.items() if value is not None
    )


def _format_own_levers(institution: Institution) -> str:
    """Format the levers of an institution with their settings, and what changes in the trial scenario."""
    if not institution.levers:
        return "nothing."
    settings = ", ".join(_format_line(dict(lever)) for lever in institution.levers)
    effects, signals = _measure_effects(institution), {signal.name for signal in SIGNALS}
    dials = [f"`{dial.dial.name}` {dial.size}" for effect in effects for dial in effect.dials]
    first = dict.fromkeys(
        label for effect in effects for dial in effect.dials for label in list_first_outcomes(dial.dial.name)
    )
    parts = {
        "Dials that change": ", ".join(dials),
        "Move first": ", ".join(first).lower(),
        "Without effect at their values": ", ".join(
            f"`{setting}`" for effect in effects for setting in effect.off
        ),
        "Signals that change": _format_names(
            [name for name in _find_changes()[institution.id] if name in signals]
        ),
    }
    return f"{settings}." + "".join(f" *{title}:* {text}." for title, text in parts.items() if text)


def _build_trial(institution: Institution) -> Scenario:
    line = {"date": TRIAL_DATE, "lever": institution.id, "authorities": ["authority-01", "authority-02"]}
    return from_mapping({**TRIAL_SETTINGS, "timeline": [line]})


@cache
def _measure_effects_of(identifier: str) -> list[EventEffect]:
    return measure_effects(_build_trial(load_institutions()[identifier]))


def _measure_effects(institution: Institution) -> list[EventEffect]:
    """Measure what an institution does by itself in the trial scenario."""
    return _measure_effects_of(institution.id)


def _format_idle(institution: Institution) -> str:
    """Say why an institution is not in play by itself in the scenario small; empty if it is."""
    line: dict[str, Any] = {"date": TRIAL_DATE, "lever": institution.id, "authorities": ["authority-01"]}
    arm = from_mapping({"extends": "small", "authorities": {"count": 2}, "timeline": [line]})
    return " ".join(map(str, find_idle_events(arm)))


def _format_line(lever: dict[str, Any]) -> str:
    """Format a lever with the settings that an institution gives it."""
    name = lever.pop("lever")
    settings = ", ".join(f"{setting}: {_format_value(value)}" for setting, value in lever.items())
    return f"[`{name}`](scenario_reference.md#{name})" + (f" with `{settings}`" if settings else "")


def _format_value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_format_value(part)}' for name, part in value.items())}}}"
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def _find_changes() -> dict[str, list[str]]:
    """Find the dials and signals that each institution changes by itself in the trial scenario within 60 weeks."""
    settings = from_mapping(TRIAL_SETTINGS)
    world = draw_world(settings, seed=1)
    usual = _record_values(settings, world)
    changes = {}
    for identifier in load_institutions():
        found = _record_values(_build_trial(load_institutions()[identifier]), world)
        changes[identifier] = [name for name, seen in usual.items() if not np.array_equal(seen, found[name])]
    return changes


def _record_values(settings: Scenario, world: World) -> dict[str, NDArray[Any]]:
    """Record all dials and signals in three weeks after the date, one row for each, without simulating casework."""
    model = Simulation(settings, seed=1, world=world)
    variables = (*DIALS, *SIGNALS)
    seen: dict[str, list[NDArray[Any]]] = {variable.name: [] for variable in variables}
    begins = run_week_of(TRIAL_DATE, settings.clock)
    for week in range(begins + 61):
        model.timeline.apply_levers(week)
        if week - begins in (0, 30, 60):
            for variable in variables:
                seen[variable.name].append(model.tables[variable.table][variable.column].copy())
    return {name: np.array(weeks) for name, weeks in seen.items()}


def _lever_names(institution: Institution) -> list[str]:
    return list(dict.fromkeys(lever["lever"] for lever in institution.levers))


def _format_names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _format_links(scenarios: list[tuple[str, dict[str, Any]]]) -> str:
    names = dict.fromkeys(name for name, _ in scenarios)
    return ", ".join(f"[{name}](../scenarios/{name}.yaml)" for name in names)


# -- levers


def _find_lever(name: str) -> type[Lever]:
    lever = load_levers()[name]
    assert issubclass(lever, Lever)
    return lever


def _format_levers() -> str:
    page = (ROOT / "docs" / "model" / "index.md").read_text("utf-8")
    sections = [section.partition("\n") for section in SECTION.split(page)[1:]]
    return format_table(
        ["lever", "what it does", "mechanism", "settings", "dials", "signals sent", "signals read"],
        (
            [
                f"`{name}`",
                " ".join((inspect.getdoc(load_levers()[name]) or "").partition("\n\n")[0].split()),
                _format_mechanism(name, [(title, body) for title, _, body in sections]),
                ", ".join(_format_settings(_find_lever(name))),
                _format_names(list(_find_lever(name).dials)) or "none",
                _format_names(list(_find_lever(name).signals_sent)) or "none",
                _format_names(list(_find_lever(name).signals_read)) or "none",
            ]
            for name in load_levers()
        ),
    )


def _format_mechanism(name: str, sections: list[tuple[str, str]]) -> str:
    """Format the lever's mechanism, with a link to the section of the model page that describes it."""
    mechanism = _find_lever(name).mechanism
    first = mechanism.split()[0]
    about = [(title, body) for title, body in sections if first in re.findall(r"M\d+", title)]
    by_name = [(title, body) for title, body in about if f"`{name}`" in body]
    links = [f"[{mechanism}](model/index.md#{anchor(title)})" for title, _ in by_name or about]
    return links[0] if links else mechanism


def _format_settings(lever: type[Lever]) -> Iterator[str]:
    for name in lever.list_own_settings():
        field = lever.model_fields[name]
        default = "?" if field.is_required() else _format_default(field.get_default())
        off = f" (off: {_format_default(lever.neutral[name])})" if name in lever.neutral else ""
        yield f"`{name}` {default}{off}"


def _format_default(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return format_number(value) if isinstance(value, int | float) else str(value)


# -- scenarios and tests


def _format_uses(uses: dict[str, list[tuple[str, dict[str, Any]]]]) -> str:
    tests = {
        path.stem: path.read_text("utf-8") for path in sorted((ROOT / "tests/governance").glob("test_*.py"))
    }
    tests.pop("test_every_lever", None)
    return format_table(
        ["institution", "scenarios", "dials and signals", "tests"],
        (
            [
                f"[{identifier}](#{anchor(identifier)})",
                _format_links(uses[identifier]) or "none",
                _format_names(_find_changes()[identifier]) or "none",
                _format_names(_find_tests(institution, tests)) or "none",
            ]
            for identifier, institution in load_institutions().items()
        ),
    )


def _find_tests(institution: Institution, tests: dict[str, str]) -> list[str]:
    """Find the test modules that name one of the institution's levers in quotes or by its class."""
    mentions = [rf"[\"']{name}[\"']|\b{_find_lever(name).__name__}\b" for name in _lever_names(institution)]
    return [name for name, text in tests.items() if any(re.search(mention, text) for mention in mentions)]


# -- claims


def _format_claims() -> str:
    """Format the claims, with the scenarios of the library that refer to each."""
    scenarios = {
        name: YAML(typ="safe", pure=True).load(file) for name, file in find_shipped_scenarios().items()
    }
    return format_table(
        ["identifier", "claim", "article", "scenarios"],
        (
            [
                claim.id,
                claim.claim,
                f"{claim.article} ({claim.year})",
                _format_links(
                    [
                        (name, {})
                        for name, settings in scenarios.items()
                        if claim.id in settings.get("claims", ())
                    ]
                ),
            ]
            for claim in load_claims().values()
        ),
    )
