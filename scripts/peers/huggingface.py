"""Hugging Face's side of the exchange of models: makes random tiny ones, and reads those that were exported to it.

    pip install -r scripts/peers/requirements.txt
    python scripts/peers/huggingface.py make FOLDER     a model a folder, and cases.json: ids, logits, last states
    python scripts/peers/huggingface.py make FOLDER NAME...
                                                        those of gated.py alone, each with its case.json
    python scripts/peers/huggingface.py read FILE FOLDER...
                                                        writes to FILE, for each: missing and unexpected keys, logits of its ids.json
    python scripts/peers/huggingface.py load FOLDER     prints time and memory to the first logits, on Linux
    python scripts/peers/huggingface.py states FOLDER FILE TEXT...
                                                        writes to FILE, for each text: its ids, the states after each block

Every parameter is moved away from its initial value, so that a bias of zero or a gain of one shows.
"""

import json
import os
import resource
import sys
import zlib
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import gated
import torch
import transformers
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoModelForMaskedLM

VOCABULARY = 17
IDS = [[3, 1, 4, 1, 5, 9, 2], [6, 5, 3, 5, 8, 16, 0]]

# RoBERTa does not count a padding token, whose id is 1 there.
UNPADDED = {"roberta": [[3, 11, 4, 11, 5, 9, 2], [6, 5, 3, 5, 8, 16, 0]]}


def gpt2(**fields):
    sizes = {"n_positions": 10, "n_embd": 12, "n_layer": 2, "n_head": 3}
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=VOCABULARY, bos_token_id=0, eos_token_id=0, **{**sizes, **fields}))


def bert(kind, **fields):
    sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 48}
    tokens = {"vocab_size": VOCABULARY, "max_position_embeddings": 10, "type_vocab_size": 2}
    return kind(transformers.BertConfig(**{**tokens, **sizes, **fields}))


def gpt_neox(rotary, **fields):
    sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 48}
    rope = {"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": rotary}
    config = transformers.GPTNeoXConfig(
        vocab_size=VOCABULARY, max_position_embeddings=10, rope_parameters=rope, **{**sizes, **fields}
    )
    return transformers.GPTNeoXForCausalLM(config)


def bloom(**fields):
    sizes = {"hidden_size": 12, "n_layer": 2, "n_head": 3}
    return transformers.BloomForCausalLM(transformers.BloomConfig(vocab_size=VOCABULARY, **{**sizes, **fields}))


def roberta(kind, **fields):
    sizes = {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 3, "intermediate_size": 48}
    tokens = {"vocab_size": VOCABULARY, "max_position_embeddings": 12, "type_vocab_size": 1}
    return kind(transformers.RobertaConfig(**{**tokens, **sizes, **fields}))


def distilbert(kind, **fields):
    sizes = {"dim": 12, "n_layers": 1, "n_heads": 3, "hidden_dim": 48}
    return kind(transformers.DistilBertConfig(vocab_size=VOCABULARY, max_position_embeddings=10, **{**sizes, **fields}))


def mpt(**fields):
    sizes = {"d_model": 12, "n_layers": 1, "n_heads": 3, "max_seq_len": 10}
    return transformers.MptForCausalLM(transformers.MptConfig(vocab_size=VOCABULARY, **{**sizes, **fields}))


def opt(**fields):
    sizes = {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 3, "ffn_dim": 48}
    config = transformers.OPTConfig(vocab_size=VOCABULARY, max_position_embeddings=10, **{**sizes, **fields})
    return transformers.OPTForCausalLM(config)


def gptj(**fields):
    sizes = {"n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 10, "rotary_dim": 4}
    return transformers.GPTJForCausalLM(transformers.GPTJConfig(vocab_size=VOCABULARY, **{**sizes, **fields}))


# By the name of the folder: how the model is made, and how it is saved.
MODELS = {
    "gpt2": (gpt2, {}),
    "gpt2-sharded": (lambda: gpt2(n_layer=1), {"max_shard_size": "6KB"}),
    "gpt2-untied-erf": (
        lambda: gpt2(tie_word_embeddings=False, activation_function="gelu", layer_norm_epsilon=1e-3, n_layer=1),
        {},
    ),
    "gpt2-half": (lambda: gpt2(n_layer=1).to(torch.float16), {}),
    "bert": (lambda: bert(transformers.BertForMaskedLM), {}),
    "bert-without-head": (lambda: bert(transformers.BertModel, num_hidden_layers=1), {}),
    "gpt-neox": (lambda: gpt_neox(0.5, num_hidden_layers=1), {}),
    "gpt-neox-sequential": (
        lambda: gpt_neox(1.0, use_parallel_residual=False, hidden_act="gelu_new", num_hidden_layers=1),
        {},
    ),
    "bloom": (lambda: bloom(n_layer=1), {}),
    "roberta": (lambda: roberta(transformers.RobertaForMaskedLM), {}),
    "roberta-without-head": (lambda: roberta(transformers.RobertaModel, pad_token_id=7, max_position_embeddings=18), {}),
    "distilbert": (lambda: distilbert(transformers.DistilBertForMaskedLM), {}),
    "distilbert-without-head": (lambda: distilbert(transformers.DistilBertModel, hidden_dim=20), {}),
    "distilbert-relu": (lambda: distilbert(transformers.DistilBertForMaskedLM, activation="relu", tie_word_embeddings=False), {}),
    "mpt": (mpt, {}),
    "opt": (opt, {}),
    "opt-gelu-untied": (lambda: opt(activation_function="gelu", tie_word_embeddings=False, ffn_dim=20), {}),
    "gptj": (lambda: gptj(n_layer=2), {}),
    "gptj-tied": (lambda: gptj(tie_word_embeddings=True, rotary_dim=8, activation_function="gelu"), {}),
}


def renamed(**names):
    """Writes fields of config.json under another of their names."""

    def change(config, _tensors):
        for name, alias in names.items():
            config[alias] = config.pop(name)

    return change


def called_tied(config, _tensors):
    config["tie_word_embeddings"] = True


def head_alone(_config, tensors):
    tensors["lm_head.weight"] = tensors.pop("transformer.wte.weight")


UNTIED = {"tie_word_embeddings": False}

# By the name of the folder: how the model is made, and what is then changed in the folder: its logits are those of what it is read as.
CHANGED = {
    "gpt2-aliased": (
        lambda: gpt2(n_layer=1),
        renamed(n_embd="hidden_size", n_layer="num_hidden_layers", n_head="num_attention_heads", n_positions="max_position_embeddings"),
    ),
    "bloom-aliased": (lambda: bloom(n_layer=1), renamed(n_head="num_attention_heads", n_layer="num_hidden_layers", hidden_size="n_embed")),
    "gpt2-other-head": (lambda: gpt2(n_layer=1, **UNTIED), called_tied),
    "gpt2-head-alone": (lambda: gpt2(n_layer=1), head_alone),
    "gpt-neox-other-head": (lambda: gpt_neox(0.5, num_hidden_layers=1, **UNTIED), called_tied),
    "bloom-other-head": (lambda: bloom(n_layer=1, **UNTIED), called_tied),
    "bert-other-head": (lambda: bert(transformers.BertForMaskedLM, num_hidden_layers=1, **UNTIED), called_tied),
}


# Seeds of these are their places; of those that came later, their names, so that one more changes no other.
FIRST = [
    *["gpt2", "gpt2-sharded", "gpt2-untied-erf", "gpt2-half", "bert", "bert-without-head", "gpt-neox", "gpt-neox-sequential", "bloom"],
    *["gpt2-aliased", "bloom-aliased", "gpt2-other-head", "gpt2-head-alone", "gpt-neox-other-head", "bloom-other-head", "bert-other-head"],
]


def seed(name):
    return FIRST.index(name) if name in FIRST else zlib.crc32(name.encode())


def change(folder, how):
    config = json.loads((folder / "config.json").read_text())
    tensors = load_file(folder / "model.safetensors")
    how(config, tensors)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def logits(model, ids):
    """Logits and last states; those of a model without a head are its states times its table, as we read it."""
    model = model.float().eval()
    with torch.no_grad():
        out = model(torch.tensor(ids), output_hidden_states=True)
    states = out.hidden_states[-1]
    scores = out.logits if "logits" in out else states @ model.get_input_embeddings().weight.T
    return {"logits": rounded(scores), "states": rounded(states)}


def rounded(values):
    """Six decimals are a hundredth of what the comparison allows."""
    return [[[round(number, 6) for number in row] for row in rows] for rows in values.tolist()]


def made(folder, create, ids, saving=None, how=None):
    """Makes a model in a folder of its own, and computes with what lies there then."""
    torch.manual_seed(seed(folder.name))
    model = create()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    model.save_pretrained(folder, **(saving or {}))
    (folder / "generation_config.json").unlink(missing_ok=True)
    if how is not None:
        change(folder, how)
        model = type(model).from_pretrained(folder)
    return {"name": folder.name, "ids": ids, **logits(model, ids)}


def made_gated(folder, name):
    create, ids, how = gated.MODELS[name]
    return made(folder / name, create, ids, how=how)


VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__}


def make(folder):
    cases = []
    for name, (create, saving) in MODELS.items():
        cases.append(made(folder / name, create, UNPADDED.get(name, IDS), saving))
    for name, (create, how) in CHANGED.items():
        cases.append(made(folder / name, create, UNPADDED.get(name, IDS), how=how))
    cases += [made_gated(folder, name) for name in gated.MODELS]
    lines = ",\n".join(map(json.dumps, cases))  # one a line: versions of this file are compared by lines
    (folder / "cases.json").write_text(f'{{"versions": {json.dumps(VERSIONS)}, "cases": [\n{lines}\n]}}\n')


def make_some(folder, names):
    for name in names:
        (folder / name / "case.json").write_text(json.dumps({"versions": VERSIONS, **made_gated(folder, name)}) + "\n")


def read(folder):
    config = AutoConfig.from_pretrained(folder)
    [name] = config.architectures
    without_head = "For" not in name and "LMHead" not in name
    kind = AutoModel if without_head else AutoModelForMaskedLM if name.endswith("ForMaskedLM") else AutoModelForCausalLM
    options = {"add_pooling_layer": False} if name in ["BertModel", "RobertaModel"] else {}
    model, loading = kind.from_pretrained(folder, output_loading_info=True, **options)
    ids = json.loads((folder / "ids.json").read_text())
    keys = {name: sorted(map(str, loading[name])) for name in ["missing_keys", "unexpected_keys", "mismatched_keys"]}
    return {"folder": str(folder), **keys, **logits(model, ids)}


def states(folder, text):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    ids = tokenizer.encode(text).ids
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").float().eval()
    with torch.no_grad():
        hidden = model(torch.tensor([ids]), output_hidden_states=True).hidden_states
    return {"ids": ids, "states": [layer[0].tolist() for layer in hidden]}


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def since_start():
    """Milliseconds since this process began, imports and all."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return 1000 * (uptime - ticks / os.sysconf("SC_CLK_TCK"))


def load(folder):
    ready, before = since_start(), resident()
    model = AutoModelForCausalLM.from_pretrained(folder).float().eval()
    loaded = since_start()
    length = min(64, getattr(model.config, "max_position_embeddings", 64))
    with torch.no_grad():
        logits = model(torch.arange(length)[None] % model.config.vocab_size).logits
    times = {"readyMs": ready, "loadedMs": loaded, "logitsMs": since_start()}
    memory = {"readyRssMB": before, "peakRssMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}
    return {**times, **memory, "logits": logits[0, -1].tolist()}


if __name__ == "__main__":
    command, *folders = sys.argv[1:]
    if command == "load":
        print(json.dumps(load(Path(folders[0]))))
    elif command == "make":
        folder, *names = folders
        make_some(Path(folder), names) if names else make(Path(folder))
    elif command == "states":
        folder, answer, *texts = folders
        Path(answer).write_text(json.dumps([states(Path(folder), text) for text in texts]))
    else:
        answer, *folders = folders
        Path(answer).write_text(json.dumps([read(Path(folder)) for folder in folders]))
