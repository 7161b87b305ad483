"""Formula in float64: Ke et al. 2021, arXiv:2006.15595, section 3.1."""

import numpy as np

from .draw import normal

H, T, D, WINDOW = 2, 6, 4, 2
C, CONTEXT = H * D, 8


def golden():
    p, query, key = normal(CONTEXT, C, seed=1), normal(C, C, seed=2), normal(C, C, seed=3)
    b = normal(2 * WINDOW + 1, H, seed=4)
    heads = lambda weight: (p[:T] @ weight).reshape(T, H, D)
    untied = np.einsum("ihd,jhd->hij", heads(query), heads(key)) / np.sqrt(2 * D)
    at = np.arange(T)
    row = np.clip(at[None, :] - at[:, None], -WINDOW, WINDOW) + WINDOW
    return {
        "peer": "formula",
        "attention": "bidirectional",
        "position": {"kind": "tupe", "relativeBias": True, "window": WINDOW},
        "state": {},
        "params": {
            "tupe.weight": p,
            "tupe.query.weight": query,
            "tupe.key.weight": key,
            "tupe.bias.weight": b,
        },
        "bias": untied + b[row].transpose(2, 0, 1),
    }
