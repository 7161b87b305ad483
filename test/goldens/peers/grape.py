"""Formula in float64: Zhang et al. 2025, arXiv:2512.07805, the additive case whose slope the key gates."""

import numpy as np

from .draw import normal
from .scores import D, H, T, products, softplus, state

SLOPES = np.array([2.0**-4, 2.0**-8])


def case(gated):
    given = state()
    q, k = given["q"], given["k"]
    omega, u = normal(H, seed=4), normal(H, D, seed=5)
    distance = np.subtract.outer(np.arange(T), np.arange(T)).clip(0)
    bias = -distance * (softplus(omega) * SLOPES)[:, None, None]
    if gated:
        unit = u / np.linalg.norm(u, axis=1, keepdims=True)
        bias = bias * softplus(np.einsum("bhjd,hd->bhj", k, unit) / np.sqrt(D))[:, :, None]
    return {
        "title": "gated by keys" if gated else "slopes alone",
        "position": {"kind": "grape", "gated": gated},
        "params": {"grape.omega": omega, **({"grape.gate": u} if gated else {})},
        "scores": products(q, k) + bias,
    }


def golden():
    return {"peer": "formula", "state": state(), "cases": [case(True), case(False)]}
