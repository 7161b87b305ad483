"""Hugging Face transformers: LLaMA with LongRoPE, within its first context and past it, and with
p-RoPE ("proportional" there)."""

from importlib.metadata import version

import torch
from transformers import LlamaConfig
from transformers.models.llama import modeling_llama as llama

from .scores import H, products, state

D, CONTEXT, BASE = 8, 64, 100.0
SHORT, LONG = [1.0, 1.1, 1.5, 2.0], [1.0, 2.0, 5.0, 8.0]
LONGROPE = {"rope_type": "longrope", "short_factor": SHORT, "long_factor": LONG, "original_max_position_embeddings": 16}
SCALING = {"kind": "longrope", "short": SHORT, "long": LONG, "original": 16}


def case(title, positions, parameters, **position):
    given = state(width=D)
    rope = {"rope_theta": BASE, **parameters}
    config = LlamaConfig(hidden_size=H * D, num_attention_heads=H, max_position_embeddings=CONTEXT, rope_parameters=rope)
    q, k = (torch.tensor(given[name], dtype=torch.float32) for name in "qk")
    cos, sin = llama.LlamaRotaryEmbedding(config)(q, torch.tensor([positions]))
    turned = [x.double().numpy() for x in llama.apply_rotary_pos_emb(q, k, cos, sin)]
    return {
        "title": title,
        "position": {"kind": "rope", "base": BASE, **position},
        "sizes": {"heads": H, "width": H * D, "context": CONTEXT},
        "positions": positions,
        "params": {},
        "scores": products(*turned, D),
    }


def golden():
    near, far = [0, 1, 2, 5, 9, 15], [0, 1, 2, 5, 9, 16]
    return {
        "peer": f"transformers {version('transformers')}",
        "state": state(width=D),
        "cases": [
            case("LongRoPE, within its first context", near, LONGROPE, scaling={**SCALING, "factor": 4}),
            case("LongRoPE, past it", far, {**LONGROPE, "factor": 2.0}, scaling={**SCALING, "factor": 2}),
            case("LongRoPE, of a size of its own", far, {**LONGROPE, "attention_factor": 1.3}, scaling={**SCALING, "attention": 1.3}),
            case("p-RoPE", far, {"rope_type": "proportional", "partial_rotary_factor": 0.75}, turning=0.75),
        ],
    }
