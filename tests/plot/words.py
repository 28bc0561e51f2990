"""What a figure says."""

from matplotlib.figure import Figure


def words(figure: Figure) -> str:
    """Every text of a figure, in the order in which it was written."""
    texts = [*figure.texts, *(text for axes in figure.axes for text in (axes.title, *axes.texts))]
    return "\n".join(text.get_text() for text in texts)
