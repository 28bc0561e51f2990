"""One strong example of every lever: an event that should do something in the tiny authority of the tests."""

from datetime import date
from typing import Any

FROM = date(2006, 4, 3)

EXAMPLES: dict[str, dict[str, Any]] = {
    "bars": {"kinds": ["school", "gp", "front_door"], "shift": -0.8},
    "duty": {"kinds": ["school", "gp"], "bound": True, "awareness": 1.0, "sanction": 1.0},
}
"""Settings by name of the lever, besides `date` and `lever`."""

SETTINGS: dict[str, tuple[str, ...]] = {}
"""What the tiny authority needs besides for a lever to come to bear, as overrides, such as "authorities.count=3"."""


def event(lever: str, **settings: Any) -> dict[str, Any]:
    """The example of a lever as a line of a timeline, with some settings changed."""
    return {"date": FROM, "lever": lever, **EXAMPLES[lever], **settings}
