"""Policy reaches children only through dials: each is turned by a lever and read by a stage that declares it."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from tests.governance.examples import EXAMPLES, SETTINGS, event
from tests.model.authority import build_model, replace_sections, scenario

from cpsim.agents.columns import AgentTable
from cpsim.agents.dials import DIALS
from cpsim.agents.signals import SIGNALS
from cpsim.dial_use import find_dial_uses, find_signal_uses
from cpsim.governance.context import DeclarationError, LeverContext
from cpsim.governance.duties import CooperationDuties
from cpsim.governance.lever import Lever
from cpsim.scenario.events import load_levers
from cpsim.stages.checks import UndeclaredReadError, UndeclaredWriteError

LEVERS: list[type[Lever]] = [
    *(lever for lever in load_levers().values() if issubclass(lever, Lever)),
    CooperationDuties,
]


# -- dials and signals in the code


def test_every_dial_is_turned_by_a_lever_and_read_by_a_module() -> None:
    for name, use in find_dial_uses().items():
        assert use.changed_by, f"no lever turns {name}"
        assert use.read_by_modules, f"neither casework, the workforce, ties nor costs read {name}"


def test_every_signal_is_sent_by_a_lever_and_read_by_a_lever() -> None:
    for name, use in find_signal_uses().items():
        assert use.changed_by, f"no lever sends {name}"
        assert use.read_by_levers, f"no lever reads {name}"


def test_only_measures_report_signals() -> None:
    readers = {module for use in find_signal_uses().values() for module in use.read_by_modules}
    assert readers == {"measures.weekly"}, "casework must not read a signal"


def test_dials_and_signals_are_kept_apart() -> None:
    names = [variable.name for variable in (*DIALS, *SIGNALS)]
    assert len(set(names)) == len(names)
    assert all(variable.description for variable in (*DIALS, *SIGNALS))


def test_declarations_name_existing_dials_and_signals() -> None:
    dials, signals = {dial.name for dial in DIALS}, {signal.name for signal in SIGNALS}
    for lever in LEVERS:
        assert {*lever.dials, *lever.dials_read} <= dials, lever.__name__
        assert {*lever.signals_sent, *lever.signals_read} <= signals, lever.__name__


def test_every_dial_is_read_where_the_model_uses_it() -> None:
    uses = find_dial_uses()
    assert uses["teams.capacity_factor"].read_by_modules == ("governance.workforce",)
    assert uses["teams.contact_load"].read_by_modules == ("casework.assessment",)
    assert "law" in uses["organisations.share_threshold_shift"].changed_by


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_lever_uses_all_dials_and_signals_that_it_declares(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Levers that choose between two funders use the signals of one of them in an example."""
    used: dict[str, set[str]] = {
        kind: set() for kind in ("dials", "dials_read", "signals_sent", "signals_read")
    }

    def spy(method: str, kind: str) -> None:
        original = getattr(LeverContext, method)

        def record(context: LeverContext, variable: str, *arguments: Any) -> Any:
            if context._lever is not None and context._lever.lever == name:
                used[kind].add(variable)
            return original(context, variable, *arguments)

        monkeypatch.setattr(LeverContext, method, record)

    for method, kind in {
        "turn_dial": "dials",
        "set_state": "dials",
        "read_dial": "dials_read",
        "send_signal": "signals_sent",
        "read_signal": "signals_read",
    }.items():
        spy(method, kind)
    lever = load_levers()[name]
    assert issubclass(lever, Lever)
    funders = ("council", "health") if "funder" in lever.model_fields else (None,)
    for funder in funders:
        settings = {} if funder is None else {"funder": funder}
        model = build_model(
            replace_sections(scenario(*SETTINGS.get(name, ())), timeline=[event(name, **settings)]),
            collect=False,
        )
        for week in range(model.world.weeks):
            model.timeline.apply_levers(week)
    for kind, names in used.items():
        assert names == set(getattr(lever, kind)), f"{name}.{kind}"


# -- levers that use what they do not declare


class Careless(Lever):
    """A lever from outside that turns, sends and reads what it pleases."""

    mechanism: ClassVar = "M1"
    dials: ClassVar = ("teams.accuracy", "ties.trust")
    neutral: ClassVar = {}

    lever: Literal["careless"] = "careless"


def open_context() -> LeverContext:
    context = build_model(scenario(), collect=False).lever_context
    context.set_active_lever(Careless())
    return context


@pytest.mark.parametrize(
    ("method", "name", "message"),
    [
        (
            "turn_dial",
            "teams.exit_factor",
            "the lever 'careless' must not turn the dial teams.exit_factor; add it to the class attribute `dials`",
        ),
        ("turn_dial", "teams.acuracy", "there is no dial teams.acuracy; did you mean 'teams.accuracy'?"),
        (
            "turn_dial",
            "authorities.council_pooled",
            "authorities.council_pooled is a signal, not a dial; use send_signal and read_signal",
        ),
        ("turn_dial", "ties.trust", "the dial ties.trust is a state; set it with set_state in apply_event"),
        (
            "set_state",
            "teams.accuracy",
            "the dial teams.accuracy is not a state; turn it with turn_dial in turn_dials",
        ),
        (
            "send_signal",
            "authorities.council_pooled",
            "the lever 'careless' must not send the signal authorities.council_pooled; "
            "add it to the class attribute `signals_sent`",
        ),
        (
            "send_signal",
            "authorities.council_poled",
            "there is no signal authorities.council_poled; did you mean 'authorities.council_pooled'?",
        ),
        (
            "send_signal",
            "teams.accuracy",
            "teams.accuracy is a dial, not a signal; use turn_dial and read_dial",
        ),
    ],
)
def test_a_lever_that_changes_what_it_does_not_declare_is_refused(
    method: str, name: str, message: str
) -> None:
    with pytest.raises(DeclarationError) as refused:
        getattr(open_context(), method)(name, np.array([0]), 0.5)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("method", "name", "attribute"),
    [("read_dial", "teams.accuracy", "dials_read"), ("read_signal", "authorities.pooled", "signals_read")],
)
def test_a_lever_that_reads_what_it_does_not_declare_is_refused(
    method: str, name: str, attribute: str
) -> None:
    with pytest.raises(DeclarationError):
        getattr(open_context(), method)(name)
    with pytest.raises(DeclarationError, match=f"`{attribute}`"):
        getattr(open_context(), method)("authorities.council_pooled" if attribute == "signals_read" else name)


@pytest.mark.parametrize(
    ("access", "error", "message"),
    [
        (
            lambda tables: tables["authorities"]["grade"].max(),
            UndeclaredReadError,
            "read authorities.grade, which it does not declare; add it to its `reads`",
        ),
        (
            lambda tables: tables["teams"]["utilisation"].fill(0.5),
            UndeclaredWriteError,
            "wrote teams.utilisation, which it does not declare; add it to its `writes` "
            "if it belongs to governance, or else turn a dial",
        ),
        (
            lambda tables: tables["teams"]["accuracy"].fill(2.0),
            UndeclaredWriteError,
            "wrote teams.accuracy, which it does not declare; add it to its `writes` "
            "if it belongs to governance, or else turn a dial",
        ),
    ],
    ids=["reads a grade", "writes a column of casework", "writes a dial without turning it"],
)
def test_in_debug_mode_a_lever_that_accesses_the_state_undeclared_is_refused(
    access: Callable[[Mapping[str, AgentTable]], object],
    error: type[Exception],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        CooperationDuties, "turn_dials", lambda _law, context, _since, _memory: access(context.tables)
    )
    model = build_model(scenario(), debug=True, collect=False)
    with pytest.raises(error) as refused:
        model.step()
    assert str(refused.value) == f"week 0: the lever 'law' {message}"


def test_nothing_is_turned_while_no_lever_is_active() -> None:
    context = build_model(scenario(), collect=False).lever_context
    with pytest.raises(DeclarationError, match="no lever is active"):
        context.turn_dial("teams.accuracy", np.array([0]), 0.5)


# -- the law


def test_the_law_lowers_the_threshold_of_the_agencies_that_it_binds_without_any_event() -> None:
    model = build_model(scenario(), collect=False)
    model.timeline.apply_levers(0)
    organisations, sharing = model.tables["organisations"], model.settings.sharing
    weight = sharing.duty_effect * organisations["duty_awareness"] + (
        sharing.sanction_effect * organisations["duty_sanction"]
    )
    bound = organisations["duty_bound"]
    assert bound.any(), "the duty of 2005 binds some agencies"
    assert organisations["share_threshold_shift"][bound] == pytest.approx(-weight[bound])
    assert not organisations["share_threshold_shift"][~bound].any(), "the law turns only what it binds"
