"""x-transformers' rotary embedding with use_xpos: scores, since every implementation centres its scales elsewhere."""

from importlib.metadata import version

import torch
from x_transformers.x_transformers import RotaryEmbedding, apply_rotary_pos_emb

from .draw import normal

H, T, D, SCALE_BASE = 2, 10, 8, 5


def golden():
    q, k = (torch.tensor(normal(1, H, T, D, seed=seed), dtype=torch.float32) for seed in (1, 2))
    rotary = RotaryEmbedding(D, use_xpos=True, scale_base=SCALE_BASE)
    frequencies, scale = rotary(torch.arange(T))
    scores = apply_rotary_pos_emb(q, frequencies, scale) @ apply_rotary_pos_emb(k, frequencies, scale**-1).mT
    return {
        "peer": f"x-transformers {version('x-transformers')}",
        "scaleBase": SCALE_BASE,
        "q": q,
        "k": k,
        "scores": scores,
    }
