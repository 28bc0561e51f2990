"""Rank correlation between columns that were drawn independently, without touching a single value."""

from typing import Any

import numpy as np

Matrix = np.ndarray[Any, np.dtype[np.float64]]


def of_normal_scores(ranks: Matrix) -> Matrix:
    """The correlations of normal scores that belong to rank correlations [settings, settings]."""
    normal: Matrix = 2 * np.sin(np.pi * ranks / 6)
    np.fill_diagonal(normal, 1.0)
    return normal


def correlated(columns: Matrix, wanted: Matrix, draws: np.random.Generator) -> Matrix:
    """Rearrange each column so that the rank correlations come near those wanted.

    After Iman and Conover (1982), A distribution-free approach to inducing rank correlation among input variables,
    Communications in Statistics - Simulation and Computation 11(3), 311-334. Normal scores in random order are freed of
    the correlation that they have by chance and given the one that is wanted; each column then follows the ranks of its
    scores. A column keeps its values, so a Latin hypercube stays one.

    Args:
        columns: independent columns [points, settings], more points than settings.
        wanted: rank correlations (Spearman's) [settings, settings]; those of their normal scores are positive definite.
        draws: where the random order comes from.

    Returns:
        The columns, rearranged [points, settings].
    """
    from scipy.special import ndtri

    points, settings = columns.shape
    scores = ndtri(np.arange(1, points + 1) / (points + 1))
    shuffled = np.column_stack([draws.permutation(scores) for _ in range(settings)])
    by_chance = np.linalg.cholesky(np.corrcoef(shuffled, rowvar=False))
    target = (
        shuffled
        @ np.linalg.solve(by_chance, np.eye(settings)).T
        @ np.linalg.cholesky(of_normal_scores(wanted)).T
    )
    ranks = target.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.take_along_axis(np.sort(columns, axis=0), ranks, axis=0)
