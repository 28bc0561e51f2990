"""The lines to paste for what `cpsim explain` and `cpsim scenarios` find: one function for each kind of thing.

Each returns the line, or an empty text where there is none.
"""

from __future__ import annotations

from typing import Any


def write_event(name: str) -> str:
    """Write the line of a timeline for a lever or an institution, and what else the scenario needs for it.

    >>> write_event("gp_duty")
    '- {date: 2006-09-01, lever: gp_duty}'
    >>> write_event("takeover")
    '- {date: 2006-09-01, lever: takeover, authorities: [authority-01]}  # needs `authorities: {count: 2}` or more'
    """
    from cpsim.scenario.starting_lines import NoLineError, build_line, format_in_one_line, needs_authorities

    try:
        line = build_line(name)
    except NoLineError as error:
        return f"# no line: {error}"
    needs = "  # needs `authorities: {count: 2}` or more" if needs_authorities(line) else ""
    return f"- {format_in_one_line(line)}{needs}"


def write_scenario(name: str) -> str:
    """Write the command that runs a shipped scenario.

    >>> write_scenario("small")
    'cpsim run small'
    """
    return f"cpsim run {name}"


def write_setting(path: str) -> str:
    """Write a setting with its default as it stands in a scenario file; for a lever's, in a line of the timeline.

    Nothing is written for a setting without a default, or in a list of groups.

    >>> write_setting("agencies.gp.attention")
    'agencies: {gp: {attention: 0.7}}'
    >>> write_setting("levers.hub.strength")
    '- {date: 2006-09-01, lever: hub, kinds: [school, pct], strength: 0.5}'
    """
    from cpsim.scenario.settings import list_settings, split_lever_setting
    from cpsim.scenario.starting_lines import NoLineError, build_line, format_in_one_line

    default: Any = list_settings()[path].default
    if split := split_lever_setting(path):
        lever, name = split
        try:
            line = build_line(lever)
        except NoLineError:
            return ""
        if default is None and name not in line:
            return ""
        return f"- {format_in_one_line(line if name in line else {**line, name: default})}"
    section, *steps = path.split(".")
    if section == "duties" and len(steps) == 1:
        steps = ["school", *steps]
    if default is None or "[" in path or "<" in path or path.startswith("agencies.other."):
        return ""
    text = format_in_one_line(default)
    for step in reversed(steps):
        text = f"{{{step}: {text}}}"
    return f"{section}: {text}"


def write_outcome(name: str) -> str:
    """Write the line by which comparisons judge a scenario by an outcome first, or else how it is read in Python.

    The line names a part of an outcome in parts. Without a smallest size of interest, an outcome is judged only if the
    file names one.

    >>> write_outcome("missed_risk_rate"), write_outcome("source_share"), write_outcome("harm_spells")
    ('primary_outcome: missed_risk_rate', 'primary_outcome: source_share.school', 'result.summary["harm_spells"]')
    """
    from cpsim.measures.outcomes import OUTCOMES
    from cpsim.measures.outcomes.registry import BY_KIND

    outcome = OUTCOMES[name]
    if not outcome.interest:
        return f'result.summary["{name}"]'
    part = "school" if outcome.parts == BY_KIND else next(iter(outcome.parts), "")
    return f"primary_outcome: {'.'.join(filter(None, (name, part)))}"


def write_claim(claim: str) -> str:
    """Write the command that lists the scenarios that test a claim.

    >>> write_claim("H7")
    'cpsim scenarios H7'
    """
    return f"cpsim scenarios {claim}"


def write_nothing(name: str) -> str:
    """Write nothing, for what a scenario cannot name.

    >>> write_nothing("E454")
    ''
    """
    del name
    return ""
