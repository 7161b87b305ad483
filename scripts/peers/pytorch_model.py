"""GPT-2 in PyTorch, as its users would write it, for the scripts beside this one: scaled_dot_product_attention, one matrix for tokens and output."""

import math

import torch
from torch import nn
from torch.nn import functional as F

WINDOW = 8  # of the relative bias, as in src/encodings/relative.ts


class Block(nn.Module):
    def __init__(self, width, heads, relative, bias):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width, bias=bias), nn.LayerNorm(width, bias=bias)
        self.c_attn, self.proj = nn.Linear(width, 3 * width, bias), nn.Linear(width, width, bias)
        self.c_fc, self.c_proj = nn.Linear(width, 4 * width, bias), nn.Linear(4 * width, width, bias)
        self.bias = nn.Parameter(torch.zeros(heads, WINDOW + 1)) if relative else None

    def forward(self, x, distance, mask):
        B, T, C = x.shape
        q, k, v = (h.view(B, T, self.heads, -1).transpose(1, 2) for h in self.c_attn(self.ln_1(x)).split(C, 2))
        if self.bias is None:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            bias = self.bias[:, distance] / math.sqrt(q.shape[-1]) + mask  # (H,T,T)
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        x = x + self.proj(y.transpose(1, 2).reshape(B, T, C))
        return x + self.c_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class GPT(nn.Module):
    """The mean loss of a batch: (B,T) tokens and targets to a scalar, in nats."""

    def __init__(self, layers, heads, width, context, vocabulary, encoding, bias=True):
        super().__init__()
        self.encoding = encoding
        self.wte = nn.Embedding(vocabulary, width)
        self.wpe = nn.Embedding(context, width) if encoding == "learned" else None
        self.blocks = nn.ModuleList(Block(width, heads, encoding == "relative", bias) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width, bias=bias)
        position = torch.arange(context)
        angle = position[:, None] * 10_000 ** (-torch.arange(0, width, 2) / width)
        self.register_buffer("sinusoid", torch.stack([angle.sin(), angle.cos()], 2).reshape(context, width))
        pairs = context if encoding == "relative" else 0  # gigabytes at 16,384 tokens
        position = position[:pairs]
        self.register_buffer("distance", (position[:, None] - position[None, :]).clamp(0, WINDOW))
        self.register_buffer("mask", torch.full((pairs, pairs), -math.inf).triu(1))

    def forward(self, tokens, targets):
        x = self.wte(tokens)
        if self.encoding == "learned":
            x = x + self.wpe.weight
        elif self.encoding == "sinusoidal":
            x = x + self.sinusoid
        for block in self.blocks:
            x = block(x, self.distance, self.mask)
        logits = self.ln_f(x) @ self.wte.weight.T
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))
