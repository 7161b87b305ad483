"""Formula in float64: Movahedi et al. 2025, arXiv:2511.17388: rotations by angles that tokens add
up, after a causal convolution."""

import numpy as np

from .draw import normal
from .scores import B, C, D, H, T, products, rotated, state

BASE, RANK, WIDTH = 50.0, 3, 3


def golden():
    given = state()
    x = given["x"]
    down, up, kernel = normal(C, RANK, seed=4), normal(RANK, H * D // 2, seed=5), normal(WIDTH, H * D // 2, seed=6)
    heads = x.reshape(B, T, H, C // H)
    heads = heads / np.sqrt((heads**2).sum(-1, keepdims=True) + 1e-6)
    phi = heads.reshape(B, T, C) @ down @ up
    mixed = np.zeros_like(phi)
    for t in range(T):
        for c in range(WIDTH):  # c tokens back
            if t >= c:
                mixed[:, t] += kernel[WIDTH - 1 - c] * phi[:, t - c]
    omega = BASE ** (-2 * np.arange(D // 2) / D)
    sums = np.cumsum(mixed.reshape(B, T, H, D // 2) * omega, axis=1).transpose(0, 2, 1, 3)
    params = {"selective-rope.down": down, "selective-rope.up": up, "selective-rope.kernel": kernel}
    return {
        "peer": "formula",
        "state": given,
        "cases": [
            {
                "title": "angles of tokens",
                "position": {"kind": "selective-rope", "base": BASE, "rank": RANK, "convolution": WIDTH},
                "params": params,
                "scores": products(rotated(given["q"], sums), rotated(given["k"], sums)),
            }
        ],
    }
