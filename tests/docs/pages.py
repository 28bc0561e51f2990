"""Paths of the documentation pages, and the scripts that write them."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "docs" / "model"
README = ROOT / "README.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
COMPARING = ROOT / "docs" / "comparing.md"
TYPED = (README, TUTORIAL, COMPARING)
"""Pages whose commands a test types."""
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]


def import_script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import a script from `tools` or `experiments` again, without using a cached copy."""
    for folder in ("experiments", "tools"):
        monkeypatch.syspath_prepend(str(ROOT / folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(name)
