"""Examples in docstrings are run as they stand, and every public name is explained and has one.

A name is public if the `__all__` of a module has it. A method or property of a public class may be in the example of
its class instead of one of its own, and a constant in that of a module that offers it. Some examples use a result that
they do not make, such as `result`; `given.py` makes it.
"""

import ast
import doctest
import importlib
import inspect
import re
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tests.docs.pages import PAGES, ROOT
from tests.docs.test_examples import BLOCK
from tests.given import GIVEN

import cpsim
from cpsim.measures.outcomes import OUTCOMES
from cpsim.plot.registry import FIGURES


def load(name: str) -> ModuleType:
    """Import a module; warnings about the code of other libraries do not count."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Failed to validate hooks", category=UserWarning)
        return importlib.import_module(name)


PACKAGE = Path(cpsim.__file__).parent
MODULES = sorted(
    ".".join(("cpsim", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
)
OFFERING = [module for module in map(load, MODULES) if hasattr(module, "__all__")]


def name_fully(what: Any) -> str:
    return f"{what.__module__}.{what.__qualname__}"


def list_public_names() -> dict[str, Any]:
    """List the classes, functions and constants in the `__all__` of any module, by their full names.

    Names of types, such as `AnyScenario`, need no example.
    """
    public: dict[str, Any] = {}
    for module in OFFERING:
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isclass(value) or inspect.isroutine(value):
                public[name_fully(value)] = value
            elif name.isupper():
                public[f"{module.__name__}.{name}"] = value
    return public


PUBLIC = list_public_names()
CONSTANTS = sorted(name for name in PUBLIC if name.rpartition(".")[2].isupper())
CLASSES = [value for value in PUBLIC.values() if inspect.isclass(value)]


def find_function(member: Any) -> Any:
    """Find the function behind a method or a property."""
    for attribute in ("fget", "func", "__func__"):
        member = getattr(member, attribute, member)
    return member


def list_members() -> dict[str, Any]:
    """List the methods and properties of public classes, also those that they inherit from a class of cpsim."""
    kinds = (property, cached_property, classmethod, staticmethod)
    return {
        f"{name_fully(owner)}.{name}": find_function(member)
        for each in CLASSES
        for owner in each.__mro__
        if owner.__module__.startswith("cpsim")
        for name, member in vars(owner).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, kinds))
    }


MEMBERS = list_members()


def read_example(docstring: str | None) -> str:
    """Read the code of the examples in a docstring, without their output."""
    return "".join(example.source for example in doctest.DocTestParser().get_examples(docstring or ""))


def uses(code: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", code) is not None


def find_names_not_made(code: str) -> set[str]:
    """Find the names that a code reads and does not make itself."""
    names = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    made = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return {node.id for node in names} - made


@pytest.fixture
def _registries_as_before() -> Iterator[None]:
    """Forget the outcomes and figures that an example registers."""
    before = dict(OUTCOMES), dict(FIGURES)
    yield
    for registry, entries in zip((OUTCOMES, FIGURES), before, strict=True):
        registry.clear()
        registry.update(entries)


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.usefixtures("_registries_as_before")
def test_examples_in_docstrings_give_what_they_say(name: str) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    with np.printoptions(legacy=False):
        for test in doctest.DocTestFinder().find(load(name)):
            needed = find_names_not_made(read_example(test.docstring))
            test.globs |= {word: make() for word, make in GIVEN.items() if word in needed}
            runner.run(test)
    assert runner.failures == 0, f"examples of {name}: see the output"


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - set(CONSTANTS)))
def test_every_public_class_and_function_has_an_example(name: str) -> None:
    code = read_example(PUBLIC[name].__doc__)
    assert code, f"{name} has no example"
    if inspect.isroutine(PUBLIC[name]):
        assert uses(code, name.rpartition(".")[2]), f"the example of {name} does not call it"


@pytest.mark.parametrize("name", CONSTANTS)
def test_every_public_constant_is_in_an_example_of_a_module_that_offers_it(name: str) -> None:
    constant = name.rpartition(".")[2]
    docstrings = [module.__doc__ for module in OFFERING if constant in module.__all__]
    assert any(uses(read_example(each), constant) for each in docstrings), f"{name} has no example"


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_every_public_method_and_property_is_explained_and_in_an_example(name: str) -> None:
    owner, _, member = name.rpartition(".")
    docstring = inspect.getdoc(MEMBERS[name])
    assert docstring, f"{name} has no docstring"
    families = [each.__mro__ for each in CLASSES if owner in map(name_fully, each.__mro__)]
    docstrings = [docstring, *(each.__doc__ for family in families for each in family)]
    assert any(uses(read_example(each), member) for each in docstrings), f"{name} is in no example"


def test_the_classes_that_public_functions_return_are_public() -> None:
    classes = {
        value.__name__: value
        for module in map(load, MODULES)
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__ and value.__name__[0] != "_"
    }
    hidden = {}
    for name, function in (PUBLIC | MEMBERS).items():
        if not inspect.isfunction(function):
            continue
        # Modules import some classes for type checkers only, so annotations cannot be evaluated.
        words = re.findall(r"\w+", str(inspect.signature(function).return_annotation))
        known = classes | vars(load(function.__module__))
        returned = [known[word] for word in words if known.get(word) in classes.values()]
        if returned and not set(returned) <= set(CLASSES):
            hidden[name] = returned
    assert not hidden


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if "from cpsim" in page.read_text("utf-8")],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_the_examples_of_a_page_import_only_public_names(page: Path) -> None:
    for block in BLOCK.finditer(page.read_text("utf-8")):
        for node in ast.walk(ast.parse(block[1])):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("cpsim"):
                values = {alias.name: getattr(load(str(node.module)), alias.name) for alias in node.names}
                hidden = [
                    name
                    for name, value in values.items()
                    if not (inspect.ismodule(value) or value in PUBLIC.values())
                ]
                assert not hidden, f"{node.module}: add {hidden} to __all__"
