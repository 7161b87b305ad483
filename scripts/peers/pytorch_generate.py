"""Generation of scripts/bench.ts in PyTorch, as its users would write it: the model of pytorch_model.py, keys and values in tensors made ahead.

    python pytorch_generate.py '{"layers":2,"heads":4,"width":64,"context":256,"batch":1,"vocabulary":65,
                                 "encoding":"learned","threads":2,"compile":false,"device":"cpu"}'

Greedy, from one token to the end of the context. Eagerly, a token attends to the slots that are filled; with "compile" to all of them under a
mask, since shapes must stay. Answers as contestant.py says; a call is a context, and a step a token of it.
"""

import json
import sys

import torch
from torch.nn import functional as F

from contestant import serve
from pytorch_model import GPT


def attend(block, x, keys, values, at, mask):
    """One token of each row, (B,1,C), beside the slots before it; its own slot is filled on the way."""
    B, _, C = x.shape
    q, k, v = (h.view(B, 1, block.heads, -1).transpose(1, 2) for h in block.c_attn(block.ln_1(x)).split(C, 2))
    if mask is None:
        keys[:, :, at : at + 1], values[:, :, at : at + 1] = k, v
        keys, values = keys[:, :, : at + 1], values[:, :, : at + 1]
    else:
        keys.index_copy_(2, at, k)
        values.index_copy_(2, at, v)
    y = F.scaled_dot_product_attention(q, keys, values, attn_mask=mask)
    x = x + block.proj(y.transpose(1, 2).reshape(B, 1, C))
    return x + block.c_proj(F.gelu(block.c_fc(block.ln_2(x)), approximate="tanh"))


def next_tokens(model, memory, tokens, at, mask=None):
    """The likeliest next token of each row, (B,1)."""
    x = model.wte(tokens)
    table = {"learned": lambda: model.wpe.weight, "sinusoidal": lambda: model.sinusoid}.get(model.encoding)
    if table is not None:
        x = x + (table()[at] if mask is None else table().index_select(0, at))
    for block, (keys, values) in zip(model.blocks, memory):
        x = attend(block, x, keys, values, at, mask)
    return (model.ln_f(x) @ model.wte.weight.T).argmax(-1)


def main(size):
    torch.set_num_threads(size["threads"])
    torch.manual_seed(1)
    names = ("layers", "heads", "width", "context", "vocabulary", "encoding")
    B, T, H = size["batch"], size["context"], size["heads"]
    slots = (B, H, T, size["width"] // H)
    with torch.device(size["device"]):  # as a default it would cost every later call
        model = GPT(*(size[name] for name in names)).eval()
        memory = [(torch.zeros(slots), torch.zeros(slots)) for _ in range(size["layers"])]
        places = torch.arange(T)
    step = torch.compile(next_tokens, mode=size["compile"]) if size["compile"] else next_tokens

    @torch.inference_mode()
    def generate():
        tokens = torch.zeros(B, 1, dtype=torch.long, device=places.device)
        for at in range(T):
            if size["compile"]:
                tokens = step(model, memory, tokens, places[at : at + 1], (places <= at)[None])
            else:
                tokens = step(model, memory, tokens, at)
        return tokens.tolist()  # waits for the GPU

    serve(generate, T)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
