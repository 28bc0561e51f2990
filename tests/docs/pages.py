"""Where the pages are, and the experiments that write them."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "docs" / "model"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def experiment(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of that name in `experiments`, read anew."""
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(name)
