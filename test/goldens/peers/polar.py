"""x-transformers' polar embedding: sizes of queries and keys beside angles of positions, a learned
phase on the keys'."""

from importlib.metadata import version

import numpy as np
import torch
from x_transformers.x_transformers import PolarEmbedding, apply_polar_pos_emb

from .draw import normal
from .scores import D, H, T, products, state


def case(phases, base):
    given = state()
    polar = PolarEmbedding(D, H, base=base)
    polar.learned_bias.data = torch.tensor(phases, dtype=torch.float32)[:, None]
    angles, phase = polar(torch.arange(T))
    q = apply_polar_pos_emb(torch.tensor(given["q"]), angles)
    k = apply_polar_pos_emb(torch.tensor(given["k"]), (angles + phase).detach())
    return {
        "title": f"base {base}",
        "position": {"kind": "polar", "base": base},
        "params": {"polar.phase": phases},
        "scores": products(q.double().numpy(), k.double().numpy()),
    }


def golden():
    phases = normal(H, D, seed=9, deviation=3.0)  # some outside of [-2 pi, 0], which both clamp to
    return {"peer": f"x-transformers {version('x-transformers')}", "state": state(), "cases": [case(phases, 100.0), case(-np.abs(phases), 10000.0)]}
