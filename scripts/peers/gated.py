"""Llama and its like, and scaled rotations of GPT-NeoX, as Hugging Face's libraries make them:
random tiny models, for `huggingface.py`."""

import transformers

VOCABULARY = 17
SHORT = [[3, 1, 4, 1, 5, 9, 2], [6, 5, 3, 5, 8, 16, 0]]
# Past the length that scalings start from.
LONG = [[(7 * i + 3 * (i // 5) ** 2) % VOCABULARY for i in range(40)]]


def gated(kind, config):
    def make(rope=None, **fields):
        sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 24}
        more = {"max_position_embeddings": 64, "rope_parameters": rope or {"rope_type": "default", "rope_theta": 10000.0}}
        return kind(config(vocab_size=VOCABULARY, **{**sizes, **more, **fields}))

    return make


llama = gated(transformers.LlamaForCausalLM, transformers.LlamaConfig)
qwen2 = gated(transformers.Qwen2ForCausalLM, transformers.Qwen2Config)
mistral = gated(transformers.MistralForCausalLM, transformers.MistralConfig)
qwen3 = gated(transformers.Qwen3ForCausalLM, transformers.Qwen3Config)
phi3 = gated(transformers.Phi3ForCausalLM, transformers.Phi3Config)
smollm3 = gated(transformers.SmolLM3ForCausalLM, transformers.SmolLM3Config)


def neox(rope, **fields):
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24, "max_position_embeddings": 64}
    return transformers.GPTNeoXForCausalLM(transformers.GPTNeoXConfig(vocab_size=VOCABULARY, rope_parameters=rope, **{**sizes, **fields}))


def scaled(rope_type, **fields):
    return {"rope_type": rope_type, "rope_theta": 100.0, **fields}


def older(config, _tensors):
    """As files were written until 2025, with what a class has by default left out."""
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = {"type": rope.pop("rope_type"), **rope}
    for name in ["head_dim", "num_key_value_heads", "attention_bias", "mlp_bias"]:
        del config[name]


def neox_older(config, _tensors):
    """As GPT-NeoX was written until 2025, its scaling in a dictionary of its own."""
    rope = config.pop("rope_parameters")
    config["rotary_emb_base"], config["rotary_pct"] = rope.pop("rope_theta"), rope.pop("partial_rotary_factor")
    config["rope_scaling"] = {"type": rope.pop("rope_type"), **rope}


def length_outside(config, _tensors):
    """The first context beside the dictionary, as Phi-3 has it, whose name of the type is the older one."""
    older(config, _tensors)
    config["original_max_position_embeddings"] = config["rope_scaling"].pop("original_max_position_embeddings")


def without_types(config, _tensors):
    del config["layer_types"]


def without_layers(config, _tensors):
    del config["layer_types"], config["no_rope_layers"]


def head_stored(_config, tensors):
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()


def phi3_older(config, _tensors):
    """As Phi-3 was written in 2024: the part and the first context beside the dictionary."""
    rope = config.pop("rope_parameters")
    config["rope_theta"], config["partial_rotary_factor"] = rope.pop("rope_theta"), rope.pop("partial_rotary_factor")
    rope.pop("original_max_position_embeddings")
    rope.pop("rope_type")
    config["rope_scaling"] = {"type": "longrope", **rope}


LLAMA3 = scaled("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)
YARN = scaled("yarn", factor=4.0, original_max_position_embeddings=16)
LONGROPE = scaled("longrope", short_factor=[1.0, 1.25], long_factor=[1.5, 3.0], original_max_position_embeddings=16)

# By the name of the folder: how the model is made, what it reads, and what is then changed in the folder.
MODELS = {
    "llama": (lambda: llama(num_hidden_layers=2, num_key_value_heads=1), SHORT, None),
    "llama-tied-biased": (
        lambda: llama(tie_word_embeddings=True, attention_bias=True, mlp_bias=True, head_dim=6, rms_norm_eps=1e-2),
        SHORT,
        None,
    ),
    "llama-attention-biased": (lambda: llama(attention_bias=True), SHORT, None),
    "llama-mlp-biased": (lambda: llama(mlp_bias=True), SHORT, None),
    "llama-head-stored": (lambda: llama(tie_word_embeddings=True), SHORT, head_stored),
    "llama3": (lambda: llama(LLAMA3), LONG, None),
    "llama-linear-older": (lambda: llama(scaled("linear", factor=4.0), num_key_value_heads=4), LONG, older),
    "llama-dynamic": (lambda: llama(scaled("dynamic", factor=2.0), max_position_embeddings=16), LONG, None),
    "llama-yarn": (lambda: llama(YARN), LONG, None),
    "llama-yarn-attention": (lambda: llama({**YARN, "attention_factor": 1.5, "beta_fast": 2.0, "beta_slow": 0.1}), LONG, None),
    "llama-yarn-unrounded": (
        lambda: llama({**YARN, "beta_fast": 2.0, "beta_slow": 0.1, "truncate": False, "mscale": 0.7, "mscale_all_dim": 0.3}),
        LONG,
        None,
    ),
    "llama-longrope": (lambda: llama(LONGROPE), LONG, None),
    "llama-longrope-short": (lambda: llama({**LONGROPE, "factor": 2.0}), SHORT, None),
    "llama-longrope-older": (lambda: llama({**LONGROPE, "attention_factor": 1.3}, num_key_value_heads=4), LONG, length_outside),
    "llama-proportional": (lambda: llama(scaled("proportional", partial_rotary_factor=0.5), head_dim=8), LONG, None),
    "neox-yarn": (lambda: neox({**YARN, "partial_rotary_factor": 0.5}), LONG, None),
    "neox-longrope-older": (lambda: neox({**LONGROPE, "partial_rotary_factor": 0.5}, use_parallel_residual=False), LONG, neox_older),
    "neox-dynamic": (
        lambda: neox(scaled("dynamic", factor=2.0, partial_rotary_factor=1.0), max_position_embeddings=16, tie_word_embeddings=True),
        LONG,
        None,
    ),
    "qwen2": (lambda: qwen2(), SHORT, None),
    "qwen2-tied-yarn": (lambda: qwen2(YARN, tie_word_embeddings=True, num_key_value_heads=1), LONG, None),
    "qwen2-windows": (
        lambda: qwen2(num_hidden_layers=3, use_sliding_window=True, sliding_window=4, max_window_layers=1),
        LONG,
        None,
    ),
    "qwen2-windows-older": (
        lambda: qwen2(num_hidden_layers=2, use_sliding_window=True, sliding_window=3, max_window_layers=1),
        SHORT,
        without_types,
    ),
    "mistral": (lambda: mistral(num_hidden_layers=2, sliding_window=3, head_dim=6), SHORT, None),
    "mistral-whole": (lambda: mistral(LLAMA3, sliding_window=None, hidden_size=18, num_key_value_heads=1, head_dim=8), LONG, None),
    "qwen3": (lambda: qwen3(num_hidden_layers=2, head_dim=6, rms_norm_eps=1e-2), SHORT, None),
    "qwen3-biased-yarn": (lambda: qwen3(YARN, attention_bias=True, tie_word_embeddings=True, head_dim=8, num_key_value_heads=1), LONG, None),
    "qwen3-windows": (
        lambda: qwen3(num_hidden_layers=2, head_dim=4, use_sliding_window=True, sliding_window=3, max_window_layers=1),
        SHORT,
        None,
    ),
    "smollm3": (lambda: smollm3(num_hidden_layers=4, pad_token_id=0), SHORT, None),
    "smollm3-windows": (
        lambda: smollm3(
            YARN,
            num_hidden_layers=3,
            pad_token_id=0,
            no_rope_layers=[0, 1, 0],
            use_sliding_window=True,
            sliding_window=5,
            attention_bias=True,
            tie_word_embeddings=False,
        ),
        LONG,
        None,
    ),
    "smollm3-unturned": (lambda: smollm3(num_hidden_layers=2, pad_token_id=0, no_rope_layers=[0, 0]), SHORT, None),
    "phi3": (lambda: phi3(num_hidden_layers=2, sliding_window=3, pad_token_id=0), SHORT, None),
    "phi3-part-tied": (
        lambda: phi3(scaled("default", partial_rotary_factor=0.75), hidden_size=32, num_key_value_heads=1, pad_token_id=0, tie_word_embeddings=True),
        LONG,
        None,
    ),
    "phi3-longrope-older": (
        lambda: phi3({**LONGROPE, "partial_rotary_factor": 0.5}, hidden_size=32, original_max_position_embeddings=16, pad_token_id=0),
        LONG,
        phi3_older,
    ),
    "smollm3-older": (lambda: smollm3(num_hidden_layers=4, pad_token_id=0, no_rope_layer_interval=2), SHORT, without_layers),
}
