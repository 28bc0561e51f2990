"""Policy reaches children only through dials: each is turned by a lever and read by a module that declares it."""

import ast
import importlib
import inspect
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from tests.governance.examples import EXAMPLES, SETTINGS, event
from tests.model.authority import build_model, replace_sections, scenario

from cpsim.agents.dials import DIALS, PolicyVariable
from cpsim.agents.signals import SIGNALS
from cpsim.dial_use import find_dial_uses, find_signal_uses, list_reading_modules
from cpsim.governance.context import DeclarationError, LeverContext
from cpsim.governance.duties import CooperationDuties
from cpsim.governance.lever import Lever
from cpsim.scenario.events import load_levers

DRAWS_TIES = {"network.graph"}
"""Modules that show ties in a drawing or a file and take no part in a run."""

MODULES = [name for name in list_reading_modules() if name not in DRAWS_TIES]

LEVERS: list[type[Lever]] = [
    *(lever for lever in load_levers().values() if issubclass(lever, Lever)),
    CooperationDuties,
]


# -- dials and signals in the code


def find_reads(source: str, variables: Sequence[PolicyVariable]) -> set[str]:
    """Find the dials or signals that a module reads: columns of tables by name, and attributes of the ties."""
    names = {variable.column: variable.name for variable in variables}
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            column = node.slice.value
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[-1], ast.Constant):
            column = node.args[-1].value if "column" in ast.unparse(node.func) else None
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value).split(".")[-1] == "ties":
            column = node.attr
        else:
            continue
        if column in names:
            found.add(names[column])
    return found


def find_undeclared_and_unused(source: str, declared: Sequence[str]) -> tuple[set[str], set[str]]:
    """Compare the dials that a module reads with those that it declares: undeclared, and declared but not read."""
    reads = find_reads(source, DIALS)
    return reads - set(declared), set(declared) - reads


@pytest.mark.parametrize("name", MODULES)
def test_a_module_declares_exactly_the_dials_that_it_reads(name: str) -> None:
    module = importlib.import_module(f"cpsim.{name}")
    undeclared, unused = find_undeclared_and_unused(
        inspect.getsource(module), getattr(module, "READS_DIALS", ())
    )
    assert not undeclared, f"{name} reads {undeclared}; add them to its READS_DIALS"
    assert not unused, f"{name} declares {unused} in READS_DIALS but does not read them"


@pytest.mark.parametrize("name", MODULES)
def test_only_measures_report_signals_and_they_declare_it(name: str) -> None:
    module = importlib.import_module(f"cpsim.{name}")
    reads = find_reads(inspect.getsource(module), SIGNALS)
    assert reads == set(getattr(module, "READS_SIGNALS", ())), f"READS_SIGNALS of {name} is not what it reads"
    assert not reads or name.startswith("measures."), f"{name} reads {reads}, which only levers may read"


@pytest.mark.parametrize(
    "line",
    [
        'state.organisations["attention_factor"][site]',
        'front_door_column(state, "accuracy")',
        "state.ties.trust[tie]",
    ],
)
def test_a_reader_that_is_not_declared_is_found(line: str) -> None:
    undeclared, _ = find_undeclared_and_unused(f"value = {line}\n", ())
    assert len(undeclared) == 1, f"the reader in {line!r} was not noticed"


def test_a_declaration_without_a_reader_is_found() -> None:
    assert find_undeclared_and_unused("value = 1\n", ("teams.accuracy",)) == (
        set(),
        {"teams.accuracy"},
    )


def test_every_dial_is_turned_by_a_lever_and_read_by_a_module() -> None:
    for name, use in find_dial_uses().items():
        assert use.changed_by, f"no lever turns {name}"
        assert use.read_by_modules, f"neither casework, the workforce, ties nor costs read {name}"


def test_every_signal_is_sent_by_a_lever_and_read_by_a_lever() -> None:
    for name, use in find_signal_uses().items():
        assert use.changed_by, f"no lever sends {name}"
        assert use.read_by_levers, f"no lever reads {name}"


def test_dials_and_signals_are_kept_apart() -> None:
    names = [variable.name for variable in (*DIALS, *SIGNALS)]
    assert len(set(names)) == len(names)
    assert all(variable.description for variable in (*DIALS, *SIGNALS))


def test_declarations_name_existing_dials_and_signals() -> None:
    dials, signals = {dial.name for dial in DIALS}, {signal.name for signal in SIGNALS}
    for lever in LEVERS:
        assert {*lever.dials, *lever.dials_read} <= dials, lever.__name__
        assert {*lever.signals_sent, *lever.signals_read} <= signals, lever.__name__
    for name in MODULES:
        module = importlib.import_module(f"cpsim.{name}")
        assert set(getattr(module, "READS_DIALS", ())) <= dials, name


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
