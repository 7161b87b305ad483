"""The training step of scripts/bench.ts in PyTorch, as its users would write it: GPT-2's block, scaled_dot_product_attention, fused AdamW.

    python pytorch_step.py '{"layers":2,"heads":4,"width":64,"context":64,"batch":32,"vocabulary":65,
                             "encoding":"learned","threads":2,"compile":"default","precision":"float32",
                             "device":"cpu"}'

Answers as contestant.py says.
"""

import json
import sys

import torch
from torch import nn

from contestant import serve
from pytorch_model import GPT


def main(size):
    torch.set_num_threads(size["threads"])
    torch.manual_seed(1)
    with torch.device(size["device"]):  # as a default it would cost every later call
        model = GPT(*(size[name] for name in ("layers", "heads", "width", "context", "vocabulary", "encoding")))
        tokens, targets = torch.randint(size["vocabulary"], (2, size["batch"], size["context"]))
    forward = torch.compile(model, mode=size["compile"]) if size["compile"] else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1, fused=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(size["device"], torch.bfloat16, enabled=size["precision"] == "bfloat16"):
            loss = forward(tokens, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    serve(step)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
