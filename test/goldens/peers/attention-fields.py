"""Learned sinks from gpt-oss as Hugging Face transformers has it; temperatures and gates by formulas in float64."""

from importlib.metadata import version
from types import SimpleNamespace

import numpy as np
import torch
from transformers.models.gpt_oss.modeling_gpt_oss import eager_attention_forward

from .draw import normal
from .scores import B, C, D, H, T, products, sigmoid, state

CONTEXT = 8


def mixed(scores, v):
    hidden = np.triu(np.full((T, T), -np.inf), 1)
    shifted = scores + hidden
    weights = np.exp(shifted - shifted.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True) @ v


def sinks(given, window=None):
    s = normal(H, seed=5)
    i, j = np.indices((T, T))
    seen = (j <= i) & (i - j < (window or T))
    mask = torch.tensor(np.where(seen, 0.0, -1e30))
    module = SimpleNamespace(num_key_value_groups=1, sinks=torch.tensor(s), training=False)
    q, k, v = (torch.tensor(given[name]) for name in "qkv")
    z, _ = eager_attention_forward(module, q, k, v, mask, D**-0.5)  # (B,T,H,D)
    return {
        "title": "sinks" if window is None else f"sinks in a window of {window}",
        "model": {"sinks": True, **({} if window is None else {"window": window})},
        "params": {"sinks": s},
        "z": z.transpose(1, 2),
    }


def temperature(given, kind, factors, **params):
    """@param factors of queries, (H,T)"""
    scores = products(given["q"], given["k"]) * factors[None, :, :, None]
    return {"title": kind["kind"], "model": {"temperature": kind}, "params": params, "z": mixed(scores, given["v"])}


def gate(given, kind):
    gain, shift = normal(C, seed=6), normal(C, seed=7)
    W, b = normal(C, C if kind == "elementwise" else H, seed=8), normal(C if kind == "elementwise" else H, seed=9)
    x = given["x"]
    normalized = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * gain + shift
    gates = sigmoid(normalized @ W + b).reshape(B, T, H, -1).transpose(0, 2, 1, 3)
    return {
        "title": f"{kind} gates",
        "model": {"gate": kind},
        "params": {"../ln_1.weight": gain, "../ln_1.bias": shift, "gate.weight": W, "gate.bias": b},
        "z": gates * mixed(products(given["q"], given["k"]), given["v"]),
    }


def golden():
    given = {**state(), "v": normal(B, H, T, D, seed=4)}
    n = np.arange(1, T + 1)
    s = normal(H, seed=10)
    steps = 1 + 0.5 * np.log1p(np.floor(n / 2))
    cases = [
        sinks(given),
        sinks(given, 3),
        temperature(given, {"kind": "ssmax"}, s[:, None] * np.log(n), temperature=s),
        temperature(given, {"kind": "log-n"}, np.tile(np.log(n) / np.log(CONTEXT), (H, 1))),
        temperature(given, {"kind": "llama4", "floor": 2, "scale": 0.5}, np.tile(steps, (H, 1))),
        gate(given, "elementwise"),
        gate(given, "headwise"),
    ]
    return {"peer": f"transformers {version('transformers')} (sinks), formula (the others)", "context": CONTEXT, "state": given, "cases": cases}
