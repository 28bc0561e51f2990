"""The text of a figure."""

from matplotlib.figure import Figure


def read_figure_text(figure: Figure) -> str:
    """Read all text of a figure, in the order in which it was added."""
    texts = [*figure.texts, *(text for axes in figure.axes for text in (axes.title, *axes.texts))]
    return "\n".join(text.get_text() for text in texts)
