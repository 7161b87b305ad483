"""Tokenizers as people publish them, each kind trained tiny on a text of our own by PyPI's `tokenizers`, and the ids that it
gives of drawn texts, for test/formats/foreign-tokenizers.test.ts and for `whereabouts parity --tokenizers`.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3
    python scripts/peers/foreign_tokenizers.py test/goldens/foreign-tokenizers.json
    python scripts/peers/foreign_tokenizers.py FILE --seed 7 --texts 2000     other texts, for a comparison that is not kept

`sentencepiece` only compiles the small table of characters of the `precompiled` kind, which is left out without it.
"""
import argparse
import importlib.util
import io
import json
import random
import os
import tempfile

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXT = """The dog that bit the man was bitten by the other dogs; they'd never bitten men before, and he'll not forget it.
It's 2026, and I've counted 12,345 steps since 1999... don't say "we're done" when you're not!

  Two spaces begin this line,\tand a tab is in it.   Three spaces too.\r\nThis line ended in two characters.
naïve café, Straße, Ωmega, привет мир, 你好世界。 ありがとう! 👩‍🚀 emoji 🙂🙂 and no-break\u00a0space, next\u0085line.
def f(x): return x**2 + f(x-1)  # code, aaaa aaaaa aaaaaaaa ababababab abcabcabc
Which man did the dog bite, and which dog bit which man? The man bites the dog, the dog bites the man.
"""

# Which pieces of text are drawn: what tokenizers treat differently, by kind.
PIECES = [
    "the dog bites the man", "The Man", "dogs", "I've", "they'd", "'s", "'LL", "12345", "1999", "3.14", "x**2", "f(x)", "...", "!?", "#", "\"we're\"",
    "naïve", "cafe\u0301", "e\u0301\u0323", "Straße", "İstanbul", "ΣΊΣΥΦΟΣ", "Ǆ", "ﬁne", "ＡＢＣ", "½", "Ⅷ", "x²", "٣٤", "०१", "①", "привет", "你好世界", "𠀀𠀁", "ありがとう",
    "한국어", "\u1112\u1161\u11ab", "हिन्दी", "العربية", "ไทย", "𝐀𝐁", "👩\u200d🚀", "🙂", "🙂🙂🙂", "🇩🇪", "♥\ufe0f", "—", "…", "«»", "。", "，", "\u0600", "€", "$", "^", "`", "|", "~", "_",
    "a_b", "ABCdef", "aaaaaaaaaaaa", "abab", "Ġ", "▁", "▁▁", "<0x41>", "##s", "<unk>", "[UNK]", "<s>", "</s>", "<mask>", "[MASK]", "[CLS]", "<|endoftext|>", "<|end", "<pad>",
    "<single>", "x<single>", "<single>y", "<Norm>", "<norm>", "\u0000", "\u0001", "\u007f", "\u200b", "\ufffd", "\u00ad", "\u200e", "\ue000", "\u0378", "\ufeff",
]
SPACES = [" ", " ", " ", " ", "", "", "  ", "   ", "        ", "\n", "\n\n", "\r\n", "\t", " \n ", "\u00a0", "\u0085", "\u2028", "\u3000", "\u2003", "\u000b", "\u000c", "\u001c", "\ufeff", "\u200b", " \u0301"]
FIXED = ["", " ", "  ", "\n", "the dog bites the man", "The dog bites the man", " the dog", "the dog ", "<s>", "<s> the", "a" * 130, "x" + " " * 40 + "y", "🙂" * 20]


def dealt(cards, rng):
    """Draws without end, each card once before any comes again."""
    while True:
        yield from rng.sample(cards, len(cards))


def drawn(count, seed):
    rng = random.Random(seed)
    piece, space = dealt(PIECES, rng), dealt(SPACES, rng)
    texts = list(FIXED)
    while len(texts) < count:
        parts = [next(space)]
        for _ in range(rng.randint(1, 6)):
            parts += [next(piece), next(space)]
        texts.append("".join(parts))
    return texts[:count]


LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
])
BLOOM = r" ?[^(\s|[.,!?…。，、।۔،])]+"
ALPHABET = sorted(pre_tokenizers.ByteLevel.alphabet())
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(pattern, behavior, invert)


def byte_level(pre, size=330, special=("<|endoftext|>",), normalizer=None, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    tokenizer.pre_tokenizer = pre
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=list(special), show_progress=False, initial_alphabet=ALPHABET)
    tokenizer.train_from_iterator([TEXT], trainer)
    return tokenizer


def inner(**fields):
    return pre_tokenizers.ByteLevel(**{"add_prefix_space": False, "use_regex": False, **fields})


def gpt2():
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False))
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def neox():
    """NFC, and runs of spaces as added tokens past the vocabulary that are no special ones."""
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), normalizer=normalizers.NFC(), special=["<|endoftext|>", "<|padding|>"])
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in (8, 4, 2)])
    return tokenizer


def prefixed():
    """A space before a text, RoBERTa's mask that takes the space before it, and added tokens with each flag."""
    special = ["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True, special=True)]
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True), special=special)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=True)
    tokenizer.add_tokens([AddedToken("<single>", single_word=True), AddedToken("<norm>", rstrip=True, normalized=True)])
    return tokenizer


def llama3():
    tokenizer = byte_level(pre_tokenizers.Sequence([split(Regex(LLAMA3)), inner()]), special=["<s>", "<|endoftext|>"])
    tokenizer = Tokenizer.from_str(changed(tokenizer, lambda model: model.update(ignore_merges=True)))
    template = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 0)])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    return tokenizer


def changed(tokenizer, change):
    written = json.loads(tokenizer.to_str())
    change(written["model"])
    return json.dumps(written)


def removed_spaces():
    """Splits of every behaviour, one after another."""
    steps = [split("|", "removed"), split("_", "merged_with_previous"), split(Regex(r"\d"), "merged_with_next"), split(Regex("[.!?]"), "contiguous"),
             split(Regex(r"\p{Han}+|[^\p{Han}]+"), "removed", invert=True), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation("contiguous")]
    return byte_level(pre_tokenizers.Sequence([*steps, inner()]), normalizer=normalizers.Sequence([normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()]))


def wordpiece(lowercase, **normalizer):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase, **normalizer)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator([TEXT], trainers.WordPieceTrainer(vocab_size=260, special_tokens=special, show_progress=False))
    frame = [("[CLS]", tokenizer.token_to_id("[CLS]")), ("[SEP]", tokenizer.token_to_id("[SEP]"))]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=frame)
    return tokenizer


def with_bytes(tokenizer, special):
    """A trained BPE whose vocabulary begins as Llama's does: special tokens, 256 bytes, then its own."""
    def change(model):
        own = [token for token, _ in sorted(model["vocab"].items(), key=lambda entry: entry[1]) if token not in special]
        own = [token for token in own if not any(rare in token for rare in "🙂你привет")]  # so that text falls back to bytes
        tokens = [*special, *BYTES, *own]
        model["vocab"] = {token: i for i, token in enumerate(tokens)}
        model["merges"] = [pair for pair in model["merges"] if all(part in model["vocab"] for part in [*pair, "".join(pair)])]
        model.update(byte_fallback=True, fuse_unk=True, unk_token="<unk>")

    return Tokenizer.from_str(changed(tokenizer, change))


SPECIAL = ["<unk>", "<s>", "</s>"]


def sentence_bpe(normalizer, pre, size=300):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizer
    if pre is not None:
        tokenizer.pre_tokenizer = pre
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=[], show_progress=False, max_token_length=8)
    tokenizer.train_from_iterator(TEXT.splitlines(), trainer)
    tokenizer = with_bytes(tokenizer, SPECIAL)
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


UNDERLINE = normalizers.Replace(" ", "▁")
SPOKEN = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]


def llama2():
    tokenizer = sentence_bpe(normalizers.Sequence([normalizers.Prepend("▁"), UNDERLINE]), None)
    tokenizer.decoder = decoders.Sequence([*SPOKEN, decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    return tokenizer


def metaspace_bpe():
    tokenizer = sentence_bpe(normalizers.NFKC(), pre_tokenizers.Metaspace("▁", prepend_scheme="first", split=False))
    tokenizer.decoder = decoders.Sequence([*SPOKEN, decoders.Strip(" ", 1, 0)])
    return tokenizer


def gemma():
    tokenizer = sentence_bpe(UNDERLINE, split(" ", "merged_with_previous"))
    tokenizer.decoder = decoders.Sequence(SPOKEN)
    return tokenizer


def unigram(normalizer=None, size=230, **fields):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizer or normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(TEXT.splitlines(), trainer)
    return Tokenizer.from_str(changed(tokenizer, lambda model: model.update(fields)))


def unigram_bytes():
    tokenizer = unigram(normalizers.Replace(Regex(" {2,}"), " "))

    def change(model):
        kept = [one for one in model["vocab"] if not any(rare in one[0] for rare in "🙂你привет")]
        model.update(byte_fallback=True, vocab=[*kept, *([byte, -9.0] for byte in BYTES)])

    tokenizer = Tokenizer.from_str(changed(tokenizer, change))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="never", split=False)
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace("▁", prepend_scheme="never")])
    return tokenizer


def precompiled():
    """A small table of characters in SentencePiece's own format; the full ones have 200 kB."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2 as proto

    rules = {"ﬁ": "fi", "½": "1/2", "²": "2", "Ａ": "A", "Ｂ": "B", "Ｃ": "C", "\u3000": " ", "\u00a0": " ", "\u200b": "", "\u0001": "", "e\u0301": "é", "…": "...",
             "한": "\u1112\u1161\u11ab", "①": "1", "Ⅷ": "VIII", "\u0085": " ", "\t": " ", "ab": "BA", "x\u0301": "ẋ"}
    lines = [f"{' '.join(f'{ord(c):X}' for c in a)}\t{' '.join(f'{ord(c):X}' for c in b)}" for a, b in rules.items()]
    made = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rules.tsv")
        with open(path, "w", encoding="utf8") as file:
            file.write("\n".join(lines) + "\n")
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(TEXT.splitlines()), model_writer=made, vocab_size=110, normalization_rule_tsv=path,
                                                 minloglevel=3, hard_vocab_limit=False)
    model = proto.ModelProto()
    model.ParseFromString(made.getvalue())
    table = normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap)
    return unigram(normalizers.Sequence([table, normalizers.Replace(Regex(" {2,}"), "▁")]))


def words():
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator([TEXT], trainers.WordLevelTrainer(vocab_size=60, special_tokens=["<unk>", "<pad>"], show_progress=False))
    return tokenizer


def suffixed():
    """BPE as before bytes: an end of word, and words that are parted at white space and signs."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()])
    tokenizer.decoder = decoders.BPEDecoder("</w>")
    tokenizer.train_from_iterator([TEXT], trainers.BpeTrainer(vocab_size=220, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False))
    return tokenizer


KINDS = {
    "gpt2": gpt2,
    "neox": neox,
    "prefixed": prefixed,
    "llama3": llama3,
    "qwen2": lambda: byte_level(pre_tokenizers.Sequence([split(Regex(LLAMA3.replace("{1,3}", ""))), inner()]), normalizer=normalizers.NFC()),
    "o200k": lambda: byte_level(pre_tokenizers.Sequence([split(Regex(O200K)), inner()])),
    "bloom": lambda: byte_level(pre_tokenizers.Sequence([split(Regex(BLOOM)), inner()]), special=["<unk>", "<s>", "</s>", "<pad>"]),
    "smollm": lambda: byte_level(pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])),
    "splits": removed_spaces,
    "bert-uncased": lambda: wordpiece(True),
    "bert-cased": lambda: wordpiece(False, strip_accents=False),
    "llama2": llama2,
    "metaspace-bpe": metaspace_bpe,
    "gemma": gemma,
    "unigram": unigram,
    "unigram-bytes": unigram_bytes,
    "precompiled": precompiled,
    "words": words,
    "suffixed": suffixed,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=int, default=60)
    args = parser.parse_args()
    texts = drawn(args.texts, args.seed)
    kinds = {}
    for name, make in KINDS.items():
        if name == "precompiled" and importlib.util.find_spec("sentencepiece") is None:
            continue
        tokenizer = make()
        encoded = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        kinds[name] = {
            "written": json.loads(tokenizer.to_str()),
            "framed": tokenizer.encode("the dog").ids,
            "ids": encoded,
            "decoded": [tokenizer.decode(ids, skip_special_tokens=False) for ids in encoded],
        }
    with open(args.file, "w", encoding="utf8") as file:
        json.dump({"tokenizers": tokenizers.__version__, "texts": texts, "kinds": kinds}, file, separators=(",", ":"))
        file.write("\n")


main()
