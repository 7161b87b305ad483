"""Trains the model of scripts/bench/training.ts in PyTorch: the recipe of its preset, on the tokens that our set-up of the text wrote.

    python pytorch_train.py RUN.json...

Several runs are trained one after another in this process, as the half of a sweep that is one process's.

    {"layers": 4, "heads": 4, "width": 128, "context": 64, "vocabulary": 82, "encoding": "learned", "bias": false,
     "batch": 12, "rates": [0.00001, ...], "betas": [0.9, 0.99], "epsilon": 1e-8, "weightDecay": 0.1, "clip": 1, "evalEvery": 250,
     "train": "train.i32", "validation": "validation-1.i32", "seed": 1, "threads": 2, "compile": false}

`rates` has the learning rate of each step. `train` holds all tokens of training as 32-bit integers, `validation` windows of context + 1
of the held-out text: those that our run of the same seed is judged by. Training windows and initial weights are drawn here, unless
`batches` holds the windows of each step, and `start` the values of `parameters`, [[name, shape], ...], as 32-bit floats. The last state
is saved under `save`, where that is given.

Prints one JSON line a run {"seed", "steps", "validationNats", "seconds", "threads", "version"}; the seconds are those of training, with
compilation and every validation, without the start of Python.
"""

import json
import math
import re
import sys
import time

import torch
from torch import nn

from pytorch_model import GPT


def start(model, layers, width):
    """Initial values as src/model/parameters.ts and src/encodings/learned.ts have them: N(0, 1/C), into the residual stream
    1/sqrt(2 layers) of it, biases zero, gains one."""
    for name, value in model.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(value)
        elif value.dim() == 1:
            nn.init.ones_(value)
        else:
            into_stream = name.endswith("proj.weight")  # of attention and of the MLP
            nn.init.normal_(value, std=width**-0.5 / (math.sqrt(2 * layers) if into_stream else 1))


def given_start(model, path, parameters):
    """Values under GPT-2's names and in its layouts: linear weights are (in, out) there and (out, in) here."""
    values, at, ours = numbers_of(path, torch.float32), 0, dict(model.named_parameters())
    for name, shape in parameters:
        size = math.prod(shape)
        value, at = values[at : at + size].view(shape), at + size
        if name.endswith("relative.weight"):
            value = value.flip(0)  # nearest last there, first here
        name = re.sub(r"^h\.", "blocks.", name).replace(".attn.c_proj", ".proj")
        name = name.replace(".attn.", ".").replace(".mlp.", ".").replace(".relative.weight", ".bias")
        linear = name.startswith("blocks.") and len(shape) == 2
        with torch.no_grad():
            ours.pop(name).copy_(value.T if linear else value)
    assert not ours, f"pytorch_train: no start for {', '.join(ours)}"


def adamw(model, run):
    """Weight decay applies to matrices, the tables of tokens and positions among them, as in src/train/adamw.ts."""
    matrices = [value for value in model.parameters() if value.dim() >= 2]
    vectors = [value for value in model.parameters() if value.dim() < 2]
    groups = [{"params": matrices, "weight_decay": run["weightDecay"]}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.0, betas=tuple(run["betas"]), eps=run["epsilon"], fused=True)


def numbers_of(path, dtype):
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=dtype)


def tokens_of(path):
    return numbers_of(path, torch.int32).long()


def main(run):
    torch.set_num_threads(run["threads"])
    torch.manual_seed(run["seed"])
    context, batch, steps = run["context"], run["batch"], len(run["rates"])
    model = GPT(*(run[name] for name in ("layers", "heads", "width", "context", "vocabulary", "encoding", "bias")))
    if "start" in run:
        given_start(model, run["start"], run["parameters"])
    else:
        start(model, run["layers"], run["width"])
    forward = torch.compile(model) if run["compile"] else model
    optimizer = adamw(model, run)
    text = tokens_of(run["train"]) if "train" in run else None
    windows = tokens_of(run["validation"]).view(-1, context + 1)
    offsets = torch.arange(context + 1)
    batches = tokens_of(run["batches"]).view(steps, batch, context + 1) if "batches" in run else None

    def window_at(step):
        if batches is not None:
            return batches[step]
        return text[torch.randint(len(text) - context, (batch, 1)) + offsets]

    def validate():
        with torch.no_grad():
            losses = [(model(w[:, :-1], w[:, 1:]).item(), len(w)) for w in windows.split(batch)]
        return sum(loss * n for loss, n in losses) / len(windows)

    begun = time.perf_counter()
    for step, rate in enumerate(run["rates"]):
        window = window_at(step)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        loss = forward(window[:, :-1], window[:, 1:])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), run["clip"])
        optimizer.step()
        if (step + 1) % run["evalEvery"] == 0 or step + 1 == steps:
            validation = validate()
    if "save" in run:
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, run["save"])
    result = {"seed": run["seed"], "steps": steps, "validationNats": validation, "seconds": time.perf_counter() - begun}
    print(json.dumps({**result, "threads": torch.get_num_threads(), "version": torch.__version__}), flush=True)


for path in sys.argv[1:]:
    with open(path) as file:
        main(json.load(file))
