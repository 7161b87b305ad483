"""Makes a Hugging Face GPT-2 of a checkpoint of nanoGPT, which is a pickle and is never read by whereabouts itself.

    pip install torch safetensors
    python scripts/peers/nanogpt.py ckpt.pt FOLDER
    npm run -s import -- FOLDER --out CHECKPOINT

nanoGPT stores linear layers (out,in), where GPT-2 has (in,out); it may lack biases, for which zeros stand; its GELU is the exact one.
It ties its head to the table of tokens; where a fork does not, both are written. What a fork adds is refused by its name.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

ARGUMENTS = {"n_layer", "n_head", "n_embd", "block_size", "bias", "vocab_size", "dropout"}
LINEAR = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")


def convert(checkpoint, folder):
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)  # tensors and numbers, no code
    args = saved["model_args"]
    if unknown := sorted(set(args) - ARGUMENTS):
        sys.exit(f"{checkpoint}: model_args {', '.join(unknown)}: not nanoGPT's, and what they change is not known")
    weights = {}
    for name, value in saved["model"].items():
        name = name.removeprefix("_orig_mod.").removeprefix("transformer.")  # of torch.compile
        if name.endswith(".attn.bias"):
            if not torch.equal(value, torch.ones_like(value).tril()):
                sys.exit(f"{checkpoint}: {name} is not a causal mask")
            continue
        if name in weights:
            sys.exit(f"{checkpoint}: {name} is there twice")
        weights[name] = (value.T if name.endswith(LINEAR) else value).float().contiguous()
    head = weights.get("lm_head.weight")
    tied = head is None or torch.equal(head, weights["wte.weight"])
    if tied:
        weights.pop("lm_head.weight", None)
    else:
        print(f"{checkpoint}: lm_head.weight differs from wte.weight; both are written", file=sys.stderr)
    for name, value in list(weights.items()):
        if name not in ("wte.weight", "wpe.weight", "lm_head.weight") and name.endswith(".weight"):
            weights.setdefault(name.removesuffix("weight") + "bias", torch.zeros(value.shape[-1]))
    config = {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "vocab_size": args["vocab_size"],
        "n_positions": args["block_size"],
        "n_embd": args["n_embd"],
        "n_layer": args["n_layer"],
        "n_head": args["n_head"],
        "activation_function": "gelu",
        "layer_norm_epsilon": 1e-5,
        "tie_word_embeddings": tied,
    }
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    convert(sys.argv[1], Path(sys.argv[2]))
