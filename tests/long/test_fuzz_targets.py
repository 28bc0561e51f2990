"""Every entry point gives a correct result or a documented error for inputs of any kind.

`python tools/fuzz.py` tries many more.
"""

import pytest
from tests.fuzz.target import Target, run_round
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)
def test_any_input_is_accepted_or_refused_with_a_documented_error(target: Target) -> None:
    ended = run_round(target, 1, target.few)
    assert ended.failure is None, f"{ended.failure.report}\ninput: {ended.failure.given}"
    assert ended.accepted > 0, "an input that is always refused says little"
