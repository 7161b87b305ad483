"""Formula in float64: Chi et al. 2022, arXiv:2205.09921, with positive parameters by softplus and a power below 2 by a sigmoid."""

import numpy as np

from .draw import normal

H, T = 2, 10


def softplus(x):
    return np.logaddexp(0, x)


def golden():
    raw1, raw2 = normal(H, seed=1), normal(H, seed=2)
    distance = np.abs(np.subtract.outer(np.arange(T), np.arange(T))).astype(float)
    r1 = softplus(raw1)[:, None, None]
    exponent = 2 / (1 + np.exp(-raw2))[:, None, None]
    return {
        "peer": "formula",
        "r1": raw1,
        "r2": raw2,
        "log": -r1 * np.log(1 + softplus(raw2)[:, None, None] * distance),
        "power": -r1 * distance**exponent,
    }
