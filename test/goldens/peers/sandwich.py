"""Formula in float64: Chi et al. 2023, arXiv:2212.10356: sinusoidal tables multiplied, then divided by 8h/H."""

import numpy as np

H, T, COLUMNS, BASE = 2, 12, 128, 10_000.0


def golden():
    angle = np.arange(T)[:, None] / BASE ** (2 * np.arange(COLUMNS // 2) / COLUMNS)
    table = np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    ratio = 8 * np.arange(1, H + 1) / H
    return {"peer": "formula", "bias": (table @ table.T) / ratio[:, None, None]}
