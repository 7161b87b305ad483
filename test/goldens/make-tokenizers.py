"""What PyPI's `tokenizers` makes of the same texts as src/data/tokenizers, for test/data/tokenizer-goldens.test.ts.

    pip install tokenizers==0.23.3
    python test/goldens/make-tokenizers.py > test/goldens/tokenizers.json

`trained`: vocabulary and merges of a byte-level BPE trained there. `read`: ids that it gives with the tokenizers that this
project wrote (our-tokenizers.ts, run by node).
"""
import json
import pathlib
import random
import subprocess

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ["<bos>", "<mask>"]
PROSE = """The dog that bit the man was bitten by the other dogs; they'd never bitten men before, and he'll not forget it.
It's 2026, and I've counted 12,345 steps since 1999... don't say "we're done" when you're not!

  Two spaces begin this line,\tand a tab is in it.   Three spaces too.\r\nThis line ended in two characters.
naïve café, Straße, Ωmega, привет мир, 你好世界。 ありがとう! 👩‍🚀 emoji 🙂🙂 and no-break\u00a0space, next\u0085line.
def f(x): return x**2 + f(x-1)  # code, aaaa aaaaa aaaaaaaa ababababab abcabcabc
"""
TEXTS = [PROSE, "", " ", "\n\n", "hello world", " leading and trailing ", "don't won't 'tis it's", "a\u00a0b\u3000c", "\ufeffmark",
         "<bos> is text", "Ġ", "🙂", "x" * 100, "dog  dog   dog\n\n\ndog \n dog", "MIXED Case wOrDs 123abc abc123", "\u0000\u0001"]


def draws():
    """Texts of few letters, whose pairs tie again and again."""
    rng = random.Random(1)
    yield PROSE, 400
    for letters, length, size in [("ab", 400, 300), ("abc", 2000, 340), ("abcde ", 4000, 420), ("xyzé🙂 \n", 2500, 330)]:
        yield "".join(rng.choice(letters) for _ in range(length)), size
    words = ["".join(rng.choice("aeinrst") for _ in range(rng.randint(1, 7))) for _ in range(120)]
    yield " ".join(rng.choice(words) for _ in range(1500)), 500


def trained(text, size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=2, special_tokens=SPECIAL, show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator([text], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = [token for token, _ in sorted(model["vocab"].items(), key=lambda entry: entry[1])]
    texts = [one for one in TEXTS if "<bos>" not in one]  # there "<bos>" is an added token, which text can become
    return {"text": text, "vocabSize": size, "tokens": tokens, "merges": model["merges"],
            "ids": [[one, tokenizer.encode(one).ids] for one in texts]}


def read():
    here = pathlib.Path(__file__).parent
    made = subprocess.run(["node", "--import", "./scripts/typescript.mjs", here / "our-tokenizers.ts"], input=PROSE.encode(), stdout=subprocess.PIPE,
                          check=True, cwd=here.parent.parent).stdout
    for kind, written in json.loads(made).items():
        tokenizer = Tokenizer.from_str(json.dumps(written))
        # A character that the vocabulary of characters lacks is an error there too.
        texts = [one for one in TEXTS if kind != "characters" or set(one) <= set(PROSE)]
        ids = [[one, tokenizer.encode(one).ids] for one in texts]
        back = tokenizer.decode(tokenizer.encode(PROSE).ids, skip_special_tokens=False)
        yield {"kind": kind, "written": written, "ids": ids, "decoded": back}


print(json.dumps({"tokenizers": tokenizers.__version__, "prose": PROSE, "trained": [trained(*one) for one in draws()],
                  "read": list(read())}))
