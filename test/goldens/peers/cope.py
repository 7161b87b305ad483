"""x-transformers' CoPE, on masked scores with the 1/√D in them."""

from importlib.metadata import version

import torch
from x_transformers.x_transformers import CoPE

from .draw import normal

B, H, T, D, POSITIONS = 2, 2, 6, 4, 3


def golden():
    q, k = (torch.tensor(normal(B, H, T, D, seed=seed)) for seed in (1, 2))
    table = torch.tensor(normal(POSITIONS, D, seed=3))
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    scores = (q @ k.mT / D**0.5).masked_fill(later, -1e9)
    cope = CoPE(D, H, POSITIONS).double()
    cope.pos_emb.data = table
    return {
        "peer": f"x-transformers {version('x-transformers')}",
        "attention": "causal",
        "position": {"kind": "cope", "positions": POSITIONS},
        "state": {"q": q, "scores": scores},
        "params": {"cope.weight": table},
        "bias": cope(q, scores).detach(),
    }
