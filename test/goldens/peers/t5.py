"""Hugging Face's T5: buckets, and the bias of a table."""

from importlib.metadata import version

import torch
from transformers import T5Config
from transformers.models.t5.modeling_t5 import T5Attention

from .draw import normal

H, T, BUCKETS, MAX_DISTANCE = 2, 12, 8, 10


def bias(table, causal):
    config = T5Config(
        d_model=8,
        d_kv=4,
        num_heads=H,
        relative_attention_num_buckets=BUCKETS,
        relative_attention_max_distance=MAX_DISTANCE,
        is_decoder=causal,
    )
    attention = T5Attention(config, has_relative_attention_bias=True, layer_idx=0)
    attention.relative_attention_bias.weight.data = torch.tensor(table, dtype=torch.float32)
    return attention.compute_bias(T, T)[0]


def golden():
    table = normal(BUCKETS, H)
    distances = torch.arange(-200, 201)  # key − query
    bucket = lambda two: T5Attention._relative_position_bucket(distances, two, num_buckets=32, max_distance=128)
    return {
        "peer": f"transformers {version('transformers')}",
        "buckets": BUCKETS,
        "maxDistance": MAX_DISTANCE,
        "table": table,
        "causal": bias(table, True).detach(),
        "bidirectional": bias(table, False).detach(),
        "published": {"from": -200, "causal": bucket(False), "bidirectional": bucket(True)},
    }
