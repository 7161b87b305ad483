"""Formula in float64: Shaw et al. 2018, arXiv:1803.02155, equations 3 and 4 with a whole (T,T,D) tensor of vectors, as in the paper's text."""

import numpy as np

from .draw import normal

B, H, T, D, WINDOW = 2, 2, 6, 4, 2


def golden():
    q, weights = normal(B, H, T, D, seed=1), np.abs(normal(B, H, T, T, seed=2))
    keys, values = normal(2 * WINDOW + 1, D, seed=3), normal(2 * WINDOW + 1, D, seed=4)
    at = np.arange(T)
    row = np.clip(at[None, :] - at[:, None], -WINDOW, WINDOW) + WINDOW
    return {
        "peer": "formula",
        "attention": "bidirectional",
        "position": {"kind": "shaw", "window": WINDOW},
        "state": {"q": q, "weights": weights},
        "params": {"shaw.keys.weight": keys, "shaw.values.weight": values},
        "bias": np.einsum("bhid,ijd->bhij", q, keys[row]) / np.sqrt(D),
        "values": np.einsum("bhij,ijd->bhid", weights, values[row]),
    }
