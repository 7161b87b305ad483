"""Formula in float64: Zheng et al. 2024, arXiv:2405.14722 and 2410.04798: a network over heads
corrects scores and a bias of distances."""

import numpy as np

from .draw import normal
from .scores import B, H, T, products, softplus, state

HIDDEN = 5


def case(prior, kernel):
    given = state()
    scores = products(given["q"], given["k"])
    distance = np.abs(np.subtract.outer(np.arange(T), np.arange(T))).astype(float)
    r1, r2 = normal(H, seed=4), normal(H, seed=5)
    if prior == "kerple":
        bias = -softplus(r1)[:, None, None] * np.log1p(softplus(r2)[:, None, None] * distance)
    else:
        bias = -np.array([2.0**-4, 2.0**-8])[:, None, None] * distance
    read = 2 * H * kernel
    W1, b1, W2, b2 = normal(read, HIDDEN, seed=6, deviation=0.5), normal(HIDDEN, seed=7), normal(HIDDEN, H, seed=8), normal(H, seed=9)
    whole = np.zeros((B, H, T, T))
    half = kernel // 2
    for b, i, j in np.ndindex(B, T, T):
        if j > i:
            continue
        beside = []
        for key in range(j - half, j + half + 1):
            seen = 0 <= key <= i
            beside += [*scores[b, :, i, key], *bias[:, i, key]] if seen else [0.0] * (2 * H)
        inner = np.array(beside) @ W1 + b1
        added = np.where(inner > 0, inner, 0.01 * inner) @ W2 + b2
        whole[b, :, i, j] = scores[b, :, i, j] + bias[:, i, j] + added
    params = {"dape.in": W1, "dape.in.bias": b1, "dape.out": W2, "dape.out.bias": b2}
    return {
        "title": f"{prior}, {kernel} keys",
        "position": {"kind": "dape", "prior": prior, "kernel": kernel, "hidden": HIDDEN},
        "params": {**params, **({"kerple.r1": r1, "kerple.r2": r2} if prior == "kerple" else {})},
        "scores": whole,
    }


def golden():
    return {"peer": "formula", "state": state(), "cases": [case("kerple", 3), case("alibi", 1)]}
