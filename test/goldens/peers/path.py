"""Formula in float64: Yang et al. 2025, arXiv:2505.16381: the product of reflections is formed, token by token."""

import numpy as np

from .draw import normal
from .scores import B, C, D, H, T, sigmoid, state

RANK = 3


def golden():
    given = state()
    q, k, x = given["q"], given["k"], given["x"]
    down, up, weight, bias = normal(C, RANK, seed=4), normal(RANK, C, seed=5), normal(C, H, seed=6), normal(H, seed=7)
    w = (x @ down @ up).reshape(B, T, H, D)
    w = w / np.sqrt((w**2).sum(-1, keepdims=True) + 1e-6)
    beta = 2 * sigmoid(x @ weight + bias)  # (B,T,H)
    scores = np.zeros((B, H, T, T))
    for b, h, i, j in np.ndindex(B, H, T, T):
        if j > i:
            continue
        passed = q[b, h, i]
        for t in range(i, j, -1):  # from the query back to the token after the key
            passed = passed @ (np.eye(D) - beta[b, t, h] * np.outer(w[b, t, h], w[b, t, h]))
        scores[b, h, i, j] = passed @ k[b, h, j] / np.sqrt(D)
    params = {"path.down": down, "path.up": up, "path.beta.weight": weight, "path.beta.bias": bias}
    return {
        "peer": "formula",
        "state": given,
        "cases": [{"title": "a product of reflections", "position": {"kind": "path", "rank": RANK}, "params": params, "scores": scores}],
    }
