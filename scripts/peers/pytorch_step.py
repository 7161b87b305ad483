"""The training step of scripts/bench.ts in PyTorch, as its users would write it: GPT-2's block, scaled_dot_product_attention, fused AdamW.

    python pytorch_step.py '{"layers":2,"heads":4,"width":64,"context":64,"batch":32,"vocabulary":65,
                             "encoding":"learned","threads":2,"compile":true,"precision":"float32"}'

Prints {"ready": true, "version": ...} after two steps of warm-up; then each line {"steps": n} on stdin is answered by one line
{"ms": [...], "loss": ..., "peakRssMB": ...} with the time of each of n steps. Ends with stdin.
"""

import json
import math
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

WINDOW = 8  # of the relative bias, as in src/encodings/relative.ts


class Block(nn.Module):
    def __init__(self, width, heads, relative):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.c_fc, self.c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
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
    def __init__(self, layers, heads, width, context, vocabulary, encoding):
        super().__init__()
        self.encoding = encoding
        self.wte = nn.Embedding(vocabulary, width)
        self.wpe = nn.Embedding(context, width) if encoding == "learned" else None
        self.blocks = nn.ModuleList(Block(width, heads, encoding == "relative") for _ in range(layers))
        self.ln_f = nn.LayerNorm(width)
        position = torch.arange(context)
        angle = position[:, None] * 10_000 ** (-torch.arange(0, width, 2) / width)
        self.register_buffer("sinusoid", torch.stack([angle.sin(), angle.cos()], 2).reshape(context, width))
        self.register_buffer("distance", (position[:, None] - position[None, :]).clamp(0, WINDOW))
        self.register_buffer("mask", torch.full((context, context), -math.inf).triu(1))

    def forward(self, tokens, targets):
        x = self.wte(tokens)
        if self.encoding == "learned":
            x = x + self.wpe.weight
        elif self.encoding == "sinusoidal":
            x = x + self.sinusoid
        for block in self.blocks:
            x = block(x, self.distance, self.mask)
        logits = self.ln_f(x) @ self.wte.weight.T
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))


def main(size):
    torch.set_num_threads(size["threads"])
    torch.manual_seed(1)
    model = GPT(*(size[name] for name in ("layers", "heads", "width", "context", "vocabulary", "encoding")))
    forward = torch.compile(model) if size["compile"] else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1, fused=True)
    tokens = torch.randint(size["vocabulary"], (size["batch"], size["context"]))
    targets = torch.randint(size["vocabulary"], (size["batch"], size["context"]))

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=size["precision"] == "bfloat16"):
            loss = forward(tokens, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    for _ in range(2):
        step()
    print(json.dumps({"ready": True, "version": torch.__version__}), flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(json.loads(line)["steps"]):
            begun = time.perf_counter()
            loss = step()
            times.append(1e3 * (time.perf_counter() - begun))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"ms": times, "loss": loss, "peakRssMB": peak}), flush=True)


main(json.loads(sys.argv[1]))
