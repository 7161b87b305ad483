"""Hugging Face transformers: LLaMA (halves, scalings), GPT-NeoX (partial), GPT-J (interleaved). x-transformers for ntk, which the former lacks."""

from importlib.metadata import version

import torch
from transformers import GPTNeoXConfig, LlamaConfig
from transformers.models.gptj import modeling_gptj as gptj
from transformers.models.gpt_neox import modeling_gpt_neox as neox
from transformers.models.llama import modeling_llama as llama
from x_transformers import x_transformers as lucid

from .draw import normal

H, D, CONTEXT, BASE = 2, 8, 64, 100.0
POSITIONS = [0, 1, 2, 5, 17, 40, 63, 100]
LAYOUTS = {"llama": "halves", "neox": "halves", "gptj": "interleaved", "x-transformers": "interleaved"}


def by_llama(q, **scaling):
    config = LlamaConfig(**shape(), rope_parameters={"rope_type": "default", "rope_theta": BASE, **scaling})
    cos, sin = llama.LlamaRotaryEmbedding(config)(q, torch.tensor([POSITIONS]))
    return llama.apply_rotary_pos_emb(q, q, cos, sin)[0]


def by_neox(q, **scaling):
    """Half of the columns: Llama's default ignores partial_rotary_factor."""
    parameters = {"rope_type": "default", "rope_theta": BASE, "partial_rotary_factor": 0.5, **scaling}
    config = GPTNeoXConfig(**shape(), rope_parameters=parameters)
    cos, sin = neox.GPTNeoXRotaryEmbedding(config)(q, torch.tensor([POSITIONS]))
    assert cos.shape[-1] == D // 2
    return neox.apply_rotary_pos_emb(q, q, cos, sin)[0]


def shape():
    return {"hidden_size": H * D, "num_attention_heads": H, "max_position_embeddings": CONTEXT}


def by_gptj(q):
    """GPT-J has base 10000 alone, and its heads on the third axis."""
    table = gptj.create_sinusoidal_positions(max(POSITIONS) + 1, D)[POSITIONS]
    sin, cos = torch.split(table, D // 2, dim=-1)
    return gptj.apply_rotary_pos_emb(q.transpose(1, 2), sin[None], cos[None]).transpose(1, 2)


def by_lucid(q, factor):
    rotary = lucid.RotaryEmbedding(D, base=BASE, base_rescale_factor=factor)
    frequencies, _ = rotary(torch.tensor(POSITIONS))
    return lucid.apply_rotary_pos_emb(q, frequencies)


def golden():
    q = torch.tensor(normal(1, H, len(POSITIONS), D), dtype=torch.float32)
    hf = {"original_max_position_embeddings": CONTEXT}
    bands = {"low_freq_factor": 1.0, "high_freq_factor": 4.0}
    betas = {"beta_fast": 6.0, "beta_slow": 0.5}
    case = lambda peer, rotated, **position: {
        "title": f"{position.get('scaling', {}).get('kind', 'none')}, {peer}",
        "position": {"kind": "rope", "layout": LAYOUTS[peer], "base": BASE, **position},
        "rotated": rotated,
    }
    return {
        "peer": f"transformers {version('transformers')}, x-transformers {version('x-transformers')}",
        "context": CONTEXT,
        "positions": POSITIONS,
        "q": q,
        "cases": [
            case("llama", by_llama(q)),
            case("gptj", by_gptj(q), base=10_000),
            case("neox", by_neox(q), rotary=0.5),
            case("llama", by_llama(q, rope_type="linear", factor=4.0), scaling={"kind": "linear", "factor": 4}),
            case("x-transformers", by_lucid(q, 4.0), scaling={"kind": "ntk", "factor": 4}),
            case("llama", by_llama(q, rope_type="dynamic", factor=2.0), scaling={"kind": "dynamic", "factor": 2}),
            case(
                "llama",
                by_llama(q, rope_type="yarn", factor=4.0, **betas, **hf),
                scaling={"kind": "yarn", "factor": 4, "betaFast": 6, "betaSlow": 0.5},
            ),
            case(
                "neox",
                by_neox(q, rope_type="yarn", factor=4.0, **betas, **hf),
                rotary=0.5,
                scaling={"kind": "yarn", "factor": 4, "betaFast": 6, "betaSlow": 0.5},
            ),
            case(
                "llama",
                by_llama(q, rope_type="llama3", factor=8.0, **bands, **hf),
                scaling={"kind": "llama3", "factor": 8, "lowFrequency": 1, "highFrequency": 4},
            ),
        ],
    }
