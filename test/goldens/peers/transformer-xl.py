"""Hugging Face's XLNet, whose relative attention is Transformer-XL's for both directions: its sinusoids, shift and order of sums."""

from importlib.metadata import version

import torch
from transformers import XLNetConfig
from transformers.models.xlnet.modeling_xlnet import XLNetModel, XLNetRelativeAttention

from .draw import normal

B, H, T, D = 2, 2, 6, 4
C = H * D


def golden():
    torch.set_default_dtype(torch.float64)
    q, k = (torch.tensor(normal(B, H, T, D, seed=seed)) for seed in (1, 2))
    weight, u, v = (torch.tensor(normal(*shape, seed=seed)) for seed, shape in ((3, (C, C)), (4, (H, D)), (5, (H, D))))
    model = XLNetModel(XLNetConfig(vocab_size=2, d_model=C, n_layer=1, n_head=H, d_inner=1))
    waves = model.relative_positional_encoding(T, T).double()[:, 0]  # distances T … 1 − T
    r = (waves @ weight).reshape(-1, H, D)
    bd = torch.einsum("bnid,jnd->bnij", q + v[:, None], r)
    bd = XLNetRelativeAttention.rel_shift_bnij(bd, klen=T)
    torch.set_default_dtype(torch.float32)
    return {
        "peer": f"transformers {version('transformers')}: XLNet",
        "attention": "bidirectional",
        "position": {"kind": "transformer-xl"},
        "state": {"q": q, "k": k},
        "params": {"transformer-xl.r.weight": weight, "transformer-xl.u": u, "transformer-xl.v": v},
        "bias": (torch.einsum("nd,bnjd->bnj", u, k)[:, :, None] + bd) / D**0.5,
    }
