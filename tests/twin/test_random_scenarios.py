"""Engine and twin agree about authorities that nobody has thought of."""

import datetime as dt
import math
from operator import itemgetter
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.governance.examples import event
from tests.twin.docking import ROUNDING, Diverged, dock
from tests.twin.policy import HAPPENS, TURNS
from tests.twin.scenarios import MANY_POSTS, SEVERE, scenario

from cpsim.scenario.register import UNITS, Parameter, register
from cpsim.world import draw_world

SETTINGS = [
    row
    for row in register().values()
    if row.id.split(".")[0] not in {"clock", "costs", "duties", "levers"}
    and not row.id.startswith(("agencies.other.", "population.children", "authorities.count"))
    and not row.id.endswith(("from_age", "to_age"))
]
"""Everything a child's story depends on, but for the size and number of authorities and pairs that stand in order."""

LEAST = {"sharing.notice_softness": 0.02, "workforce.learning_weeks": 1.0}
"""Settings that cannot be switched off altogether."""

KINDS = st.sampled_from(["school", "gp", "pct", "hospital", "police", "community"])
SHARES = st.sampled_from([0.0, 0.5, 1.0])


def value_of(row: Parameter) -> st.SearchStrategy[tuple[str, float]]:
    """A setting at one end of its plausible range, at the other, or switched off."""
    lowest, highest = UNITS[row.unit]
    found = [
        value for value in (row.low, row.high, row.neutral) if value is not None and math.isfinite(value)
    ]
    least = LEAST.get(row.id, lowest)
    return st.tuples(st.just(row.id), st.sampled_from([min(max(value, least), highest) for value in found]))


CHANGES = st.lists(
    st.sampled_from(SETTINGS).flatmap(value_of), max_size=12, unique_by=lambda change: change[0]
)
DUTIES = st.dictionaries(
    KINDS,
    st.fixed_dictionaries({"bound": st.booleans(), "awareness": SHARES, "sanction": SHARES}),
    max_size=2,
)
DUTY: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "date": st.dates(dt.date(2004, 4, 12), dt.date(2006, 3, 1)),
        "lever": st.just("duty"),
        "kinds": st.lists(KINDS, min_size=1, max_size=3, unique=True),
        "bound": st.booleans(),
    },
    optional={"awareness": SHARES, "sanction": SHARES},
)
LEVER: st.SearchStrategy[dict[str, Any]] = st.sampled_from(sorted({*TURNS, *HAPPENS})).flatmap(
    lambda lever: st.dates(dt.date(2004, 4, 12), dt.date(2006, 3, 1)).map(
        lambda date: {**event(lever), "date": date}
    )
)
"""Strong examples of the levers."""

TIMELINE = st.lists(DUTY | LEVER, max_size=3).map(lambda events: sorted(events, key=itemgetter("date")))


def laid_out(changes: list[tuple[str, float]]) -> dict[str, Any]:
    """Settings by path as nested sections, over an authority in which much happens."""
    tree: dict[str, Any] = {section: dict(values) for section, values in SEVERE.items()}
    tree["workforce"] = dict(MANY_POSTS)
    for path, value in changes:
        *outer, last = path.split(".")
        section = tree
        for name in outer:
            section = section.setdefault(name, {})
        section[last] = value
    return tree


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    changes=CHANGES,
    duties=DUTIES,
    timeline=TIMELINE,
    places=st.sampled_from([1, 3]),
    trusts=st.sampled_from(["authority", "region", "area"]),
    seed=st.integers(0, 50),
)
def test_whatever_the_scenario_engine_and_twin_live_through_the_same_history(
    changes: list[tuple[str, float]],
    duties: dict[str, Any],
    timeline: list[dict[str, Any]],
    places: int,
    trusts: str,
    seed: int,
) -> None:
    tree = laid_out(changes)
    tree["population"] = {**tree.get("population", {}), "children": 600 // places, "children_per_area": 50}
    tree["authorities"] = {**tree.get("authorities", {}), "count": places}
    agencies = tree.setdefault("agencies", {})
    agencies["pct"] = {**agencies.get("pct", {}), "catchment": trusts}
    # So that schools can be merged.
    agencies["school"] = {**agencies.get("school", {}), "sites_per_10k_children": 100}
    tree["clock"] = {"warm_up_years": 1, "years": 1}
    # What names an authority of its own needs several of them.
    events = [event for event in timeline if places > 1 or "authorities" not in event]
    anywhere = scenario("baseline", **tree, duties=duties, timeline=events)
    try:
        dock(anywhere, draw_world(anywhere, seed))
    except Diverged as parted:
        # Among millions of decisions some lie closer than the engine's single precision can tell.
        assume(parted.closest > ROUNDING)
        raise
