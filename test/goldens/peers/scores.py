"""What the goldens of scores share: queries, keys and inputs of B contexts, and products of them in float64."""

import numpy as np

from .draw import normal

B, H, T, D = 2, 2, 6, 4
C = H * D


def state(seed=1, width=D, tokens=T):
    """Queries and keys (B,H,T,D), and the block's normalized input (B,T,C)."""
    q, k = (normal(B, H, tokens, width, seed=seed + n) for n in (0, 1))
    return {"q": q, "k": k, "x": normal(B, tokens, H * width, seed=seed + 2)}


def products(q, k, width=D):
    return np.einsum("bhid,bhjd->bhij", q, k) / np.sqrt(width)


def rotated(x, angle):
    """Pairs c and c + D/2 of columns, turned by angles that broadcast to (B,H,T,D/2)."""
    a, b = np.split(x, 2, axis=-1)
    return np.concatenate([a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) + a * np.sin(angle)], axis=-1)


def softplus(x):
    return np.logaddexp(0, x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))
