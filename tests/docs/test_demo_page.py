"""The page on the demo names every control, with the sentence that the control itself has."""

from tests.docs.pages import ROOT

from cpsim.visualiser.controls import BUTTONS, SLIDERS

TEXT = (ROOT / "docs" / "demo.md").read_text("utf-8")


def test_every_slider_and_button_is_told_in_the_order_of_the_page() -> None:
    rows = [f"| {slider.label} | {slider.hint} | `{slider.lever}` |" for slider in SLIDERS]
    rows += [f"| {button.label} | {button.hint} | `{button.says['lever']}` |" for button in BUTTONS]
    assert [line for line in TEXT.splitlines() if line in rows] == rows
