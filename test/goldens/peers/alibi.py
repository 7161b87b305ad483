"""x-transformers' bias, and the slopes of Hugging Face's BLOOM."""

from importlib.metadata import version

import torch
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from x_transformers.x_transformers import AlibiPositionalBias

T = 8


def slopes(heads):
    """BLOOM's bias is m·j: at j = 1, m."""
    return build_alibi_tensor(torch.ones(1, 2), heads, torch.float32)[:, 0, 1]


def golden():
    return {
        "peer": f"x-transformers {version('x-transformers')} (bias), transformers {version('transformers')} (slopes)",
        "slopes": {str(heads): slopes(heads) for heads in range(1, 17)},
        "bias": {str(heads): AlibiPositionalBias(heads, heads)(T, T) for heads in (2, 6)},
    }
