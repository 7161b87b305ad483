"""Formula in float64: Li et al. 2024, arXiv:2310.04418, for keys up to the query."""

import numpy as np

from .draw import normal

H, T, HIDDEN, CONTEXT = 2, 10, 32, 8


def golden():
    c, threshold = 0.3, 1.2
    w1, b1 = normal(1, HIDDEN, seed=1), normal(HIDDEN, seed=2, deviation=0.5)
    w2, b2 = normal(HIDDEN, H, seed=3, deviation=0.2), normal(H, seed=4)
    bias = np.zeros((H, T, T))
    for i in range(T):
        for j in range(i + 1):
            far = max(i, threshold * CONTEXT / 2)
            x = np.log(c * (i - j) + 1) / (np.log(c * far + 1) + 1e-6)
            bias[:, i, j] = np.maximum(x * w1[0] + b1, 0) @ w2 + b2
    return {
        "peer": "formula",
        "context": CONTEXT,
        "c": [c],
        "threshold": [threshold],
        "fc": {"weight": w1, "bias": b1},
        "proj": {"weight": w2, "bias": b2},
        "bias": bias,
    }
