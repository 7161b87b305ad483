"""Formula in float64: Hua et al. 2024, arXiv:2412.17739: each pair turns by a sum of the
frequencies that turn in training."""

import numpy as np

from .scores import products, state
from .stream import Stream

H, D, CONTEXT, BASE, SPREAD = 2, 8, 12, 7.0, 0.5
POSITIONS = np.array([0.0, 1.0, 2.0, 5.0, 11.0, 40.0])


def mixing(name, K):
    stream = Stream(0, f"fope/{name}")
    drawn = np.array([[SPREAD / np.sqrt(K) * stream.normal() for _ in range(K)] for _ in range(K)])
    return np.eye(K) + drawn


def turned(x):
    """Columns k and k + D/2; those that did not turn once in a context of training stand still."""
    omega = BASE ** (-2 * np.arange(D // 2) / D)
    kept = omega[omega * CONTEXT >= 2 * np.pi]
    K = len(kept)
    assert 1 < K < D // 2
    angles = POSITIONS[:, None] * kept
    still = np.zeros((len(POSITIONS), D // 2 - K))
    cos = np.concatenate([np.cos(angles) @ mixing("cos", K), still + 1], 1)
    sin = np.concatenate([np.sin(angles) @ mixing("sin", K), still], 1)
    a, b = x[..., : D // 2], x[..., D // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


def golden():
    given = state(width=D)
    return {
        "peer": "formula",
        "state": given,
        "cases": [
            {
                "title": "sums of frequencies",
                "position": {"kind": "fope", "base": BASE, "spread": SPREAD},
                "sizes": {"heads": H, "width": H * D, "context": CONTEXT},
                "positions": POSITIONS,
                "params": {},
                "scores": products(turned(given["q"]), turned(given["k"]), D),
            }
        ],
    }
