"""Golden vectors of position encodings, for test/encodings/*.test.ts: test/goldens/<kind>.json, each with its inputs.

    pip install torch==2.15.0 numpy==2.4.6 transformers==5.24.0 x-transformers==2.31.10
    python test/goldens/make.py            # all of them
    python test/goldens/make.py rope t5    # some

Each kind is a module of peers/ with one function, golden() -> dict. Its field "peer" names the code that the numbers come from, with the version
that ran, or says "formula": then they are written from the paper in float64, in that module. Numbers are rounded to 8 decimals.
"""

import importlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
KINDS = [
    "rope",
    "alibi",
    "t5",
    "kerple",
    "fire",
    "sandwich",
    "xpos",
    "shaw",
    "transformer-xl",
    "deberta",
    "tupe",
    "cope",
    "forgetting",
    "rope-fields",
    "polar",
    "fope",
    "path",
    "selective-rope",
    "grape",
    "dape",
    "attention-fields",
]


def rounded(value):
    """Numbers of a nest of dicts, lists, arrays and tensors, as Python's own."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [rounded(part) for part in value]
    return round(value, 8) if isinstance(value, float) else value


def main(kinds):
    for kind in kinds:
        golden = importlib.import_module(f"peers.{kind}").golden()
        (HERE / f"{kind}.json").write_text(json.dumps(rounded(golden), separators=(",", ":")) + "\n")
        print(f"{kind}: {golden['peer']}")


if __name__ == "__main__":
    main(sys.argv[1:] or KINDS)
