"""Attention of the tiny models of Hugging Face's libraries, as they compute it, and measures of it in loops.

    pip install -r scripts/peers/requirements.txt
    python scripts/peers/attentions.py test/goldens/huggingface     reads folders that huggingface.py made, writes attentions.json

Patterns are those of `output_attentions`. Measures are means over contexts; those of rotary pairs are of queries and keys as the model's own
projection gives them, before the rotation.
"""

import json
import math
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers
from transformers import AutoModel

IDS = [[3, 1, 4, 1, 5, 9, 2], [6, 5, 3, 5, 8, 16, 0]]
MODELS = ["gpt2", "gpt-neox", "gpt-neox-sequential", "bloom", "bert"]


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def measures(patterns, causal):
    """Of one head; patterns is a (T,T) list for each context."""
    size = len(patterns[0])
    each = range(size)

    def over(of):
        return mean(of(pattern) for pattern in patterns)

    def nats(row):
        return -sum(weight * math.log(weight) for weight in row if weight > 0)

    def previous(pattern):
        matched = sum(pattern[i][i - 1] for i in each if i >= 2)
        return matched / sum(pattern[i][j] for i in each for j in each if j >= 1)

    def at(distance):
        queries = [i for i in each if 0 <= i - distance < size]
        return over(lambda pattern: mean(pattern[i][i - distance] for i in queries))

    return {
        "mean_distance": over(lambda p: mean(sum(p[i][j] * abs(i - j) for j in each) for i in each)),
        "attention_entropy": over(lambda p: mean(nats(p[i]) for i in each)),
        "first_token_attention": over(lambda p: mean(p[i][0] for i in each if i > 0)),
        "attention_by_distance": {str(d): at(d) for d in range(0 if causal else 1 - size, size)},
        "previous token": over(previous),
    }


def frequencies(model, states):
    """Of each layer, head and rotary pair: the mean length of its queries times that of its keys, of each context, averaged."""
    config = model.config
    heads = config.num_attention_heads
    width = config.hidden_size // heads
    pairs = int(width * config.rope_parameters["partial_rotary_factor"]) // 2

    def use(queries, keys, pair):
        lengths = [part[:, [pair, pair + pairs]].norm(dim=-1).mean().item() for part in (queries, keys)]
        return lengths[0] * lengths[1]

    found = []
    for projected in states:  # (B,T,H·3·D): query, key and value of one head after another
        split = projected.view(len(IDS), -1, heads, 3 * width)
        of_head = lambda context, head: (split[context, :, head, :width], split[context, :, head, width : 2 * width])
        found.append(
            [
                [mean(use(*of_head(context, head), pair) for context in range(len(IDS))) for pair in range(pairs)]
                for head in range(heads)
            ]
        )
    return found


def case(folder):
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").double().eval()
    projections = []
    for name, module in model.named_modules():
        if name.endswith("query_key_value") and "neox" in folder.name:
            module.register_forward_hook(lambda _module, _inputs, output: projections.append(output))
    with torch.no_grad():
        attentions = model(torch.tensor(IDS), output_attentions=True).attentions  # a layer: (B,H,T,T)
    causal = folder.name != "bert"
    patterns = [layer.transpose(0, 1).tolist() for layer in attentions]  # (H,B,T,T)
    return {
        "name": folder.name,
        "patterns": [[[[[round(w, 6) for w in row] for row in p] for p in head] for head in layer] for layer in patterns],
        "measures": [[measures(head, causal) for head in layer] for layer in patterns],
        **({"frequencies": frequencies(model, projections)} if projections else {}),
    }


if __name__ == "__main__":
    goldens = Path(sys.argv[1])
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    cases = [case(goldens / name) for name in MODELS]
    (goldens / "attentions.json").write_text(json.dumps({"versions": versions, "ids": IDS, "cases": cases}))
