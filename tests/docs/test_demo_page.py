"""The page about the demo lists every control with its own description."""

from tests.docs.pages import ROOT

from cpsim.live.controls import BUTTONS, SLIDERS

TEXT = (ROOT / "docs" / "demo.md").read_text("utf-8")


def test_every_slider_and_button_is_listed_in_order() -> None:
    rows = [f"| {slider.label} | {slider.hint} | `{slider.lever}` |" for slider in SLIDERS]
    rows += [f"| {button.label} | {button.hint} | `{button.settings['lever']}` |" for button in BUTTONS]
    assert [line for line in TEXT.splitlines() if line in rows] == rows
