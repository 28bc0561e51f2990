"""Induce rank correlations between independent columns by reordering their values."""

import numpy as np

from cpsim.arrays import Floats


def normal_score_correlations(ranks: Floats) -> Floats:
    """Correlations of normal scores that correspond to rank correlations, shape (settings, settings).

    >>> normal_score_correlations(np.array([[1.0, 0.5], [0.5, 1.0]])).round(3).tolist()
    [[1.0, 0.518], [0.518, 1.0]]
    """
    normal: Floats = 2 * np.sin(np.pi * ranks / 6)
    np.fill_diagonal(normal, 1.0)
    return normal


def induce_rank_correlation(columns: Floats, target: Floats, draws: np.random.Generator) -> Floats:
    """Reorder each column so that the rank correlations approach the target.

    After Iman and Conover (1982), A distribution-free approach to inducing rank correlation among input variables,
    Communications in Statistics - Simulation and Computation 11(3), 311-334. The chance correlation of normal scores in
    random order is removed, the target correlation is applied, and each column takes the rank order of its scores. The
    values of a column do not change, so a Latin hypercube remains a Latin hypercube.

    Args:
        columns: independent columns, shape (points, settings), with more points than settings.
        target: Spearman rank correlations, shape (settings, settings); the matrix of their normal-score correlations
            must be positive definite.
        draws: generator of the random order.

    Returns:
        The reordered columns, shape (points, settings).
    """
    from scipy.special import ndtri

    points, settings = columns.shape
    scores = ndtri(np.arange(1, points + 1) / (points + 1))
    shuffled = np.column_stack([draws.permutation(scores) for _ in range(settings)])
    by_chance = np.linalg.cholesky(np.corrcoef(shuffled, rowvar=False))
    scores_with_target = (
        shuffled
        @ np.linalg.solve(by_chance, np.eye(settings)).T
        @ np.linalg.cholesky(normal_score_correlations(target)).T
    )
    ranks = scores_with_target.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.take_along_axis(np.sort(columns, axis=0), ranks, axis=0)
