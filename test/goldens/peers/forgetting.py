"""x-transformers' data dependent ALiBi, which is the forgetting transformer's bias."""

from importlib.metadata import version

import torch
from x_transformers.x_transformers import DataDependentAlibi

from .draw import normal

B, H, T, D = 2, 2, 6, 4
C = H * D


def golden():
    x, weight, b = normal(B, T, C, seed=1), normal(C, H, seed=2), normal(H, seed=3)
    peer = DataDependentAlibi(C, H).double()
    peer.to_forget_gates[0].weight.data = torch.tensor(weight).T
    peer.to_forget_gates[0].bias.data = torch.tensor(b)
    return {
        "peer": f"x-transformers {version('x-transformers')}",
        "attention": "causal",
        "position": {"kind": "forgetting"},
        "state": {"x": x},
        "params": {"forgetting.weight": weight, "forgetting.bias": b},
        "bias": peer(torch.tensor(x)).detach(),
    }
