"""Hugging Face's DeBERTa-v2 without shared projections, buckets and biases."""

from importlib.metadata import version

import torch
from transformers import DebertaV2Config
from transformers.models.deberta_v2.modeling_deberta_v2 import DisentangledSelfAttention

from .draw import normal

B, H, T, D, WINDOW = 2, 2, 6, 4, 3
C = H * D


def golden():
    q, k = (torch.tensor(normal(B, H, T, D, seed=seed), dtype=torch.float32) for seed in (1, 2))
    table, keys, queries = (
        torch.tensor(normal(*shape, seed=seed), dtype=torch.float32)
        for seed, shape in ((3, (2 * WINDOW, C)), (4, (C, C)), (5, (C, C)))
    )
    config = DebertaV2Config(
        hidden_size=C,
        num_attention_heads=H,
        relative_attention=True,
        max_relative_positions=WINDOW,
        position_buckets=-1,
        pos_att_type=["c2p", "p2c"],
        share_att_key=False,
    )
    attention = DisentangledSelfAttention(config).eval()
    for layer, weight in ((attention.pos_key_proj, keys), (attention.pos_query_proj, queries)):
        layer.weight.data, layer.bias.data = weight.T, torch.zeros(C)
    flat = lambda x: x.reshape(B * H, T, D)
    bias = attention.disentangled_attention_bias(flat(q), flat(k), None, table, 3)
    return {
        "peer": f"transformers {version('transformers')}: DeBERTa-v2",
        "attention": "bidirectional",
        "position": {"kind": "deberta", "window": WINDOW},
        "state": {"q": q, "k": k},
        "params": {
            "deberta.rel.weight": table,
            "deberta.pos_key.weight": keys,
            "deberta.pos_query.weight": queries,
        },
        "bias": bias.detach().reshape(B, H, T, T),
    }
