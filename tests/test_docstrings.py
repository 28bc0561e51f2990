"""Examples in docstrings are run as they stand, and what `import cpsim` offers has one each."""

import doctest
import importlib
import inspect
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import cpsim


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


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_give_what_they_say(name: str) -> None:
    with np.printoptions(legacy=False):
        results = doctest.testmod(load(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0, f"run: python -m doctest on {name}"


@pytest.mark.parametrize("name", sorted(cpsim.__all__))
def test_every_name_of_the_package_has_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(cpsim, name)) or ""
    assert ">>> " in text, f"cpsim.{name} has no example"
