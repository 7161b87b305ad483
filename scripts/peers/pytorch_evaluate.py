"""Evaluation of scripts/bench.ts in PyTorch, as its users would write it: the mean loss of a batch of the model of pytorch_model.py, whose
causal attention is scaled_dot_product_attention's flash kernel.

    python pytorch_evaluate.py '{"layers":2,"heads":4,"width":64,"context":16384,"batch":1,"vocabulary":65,
                                 "encoding":"learned","threads":1,"compile":false,"device":"cpu"}'

Answers as contestant.py says.
"""

import json
import sys

import torch

from contestant import serve
from pytorch_model import GPT


def main(size):
    torch.set_num_threads(size["threads"])
    torch.manual_seed(1)
    names = ("layers", "heads", "width", "context", "vocabulary", "encoding")
    with torch.device(size["device"]):  # as a default it would cost every later call
        model = GPT(*(size[name] for name in names)).eval()
        tokens, targets = torch.randint(size["vocabulary"], (2, size["batch"], size["context"]))
    forward = torch.compile(model, mode=size["compile"]) if size["compile"] else model

    @torch.inference_mode()
    def evaluate():
        return forward(tokens, targets).item()

    serve(evaluate)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
