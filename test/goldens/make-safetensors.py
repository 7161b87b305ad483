"""Files as the Python package writes them, for test/formats/safetensors.test.ts.

    pip install safetensors==0.8.0 numpy
    python test/goldens/make-safetensors.py > test/goldens/safetensors.json

Each case holds the file (base64), its metadata and, by name, each tensor's dtype, shape and raw bytes (base64).
"""

import base64
import ctypes
import json

import numpy as np
import safetensors

PYTHON_NAMES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "I16": "int16", "U16": "uint16", "F16": "float16",
    "BF16": "bfloat16", "I32": "int32", "U32": "uint32", "F32": "float32", "F64": "float64",
    "I64": "int64", "U64": "uint64",
}  # fmt: skip


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def case(title, tensors, metadata=None):
    """tensors: name -> (dtype, shape, bytes), in any order: the package sorts them."""
    buffers = {name: ctypes.create_string_buffer(data, max(1, len(data))) for name, (_, _, data) in tensors.items()}
    specs = {
        name: safetensors.TensorSpec(
            dtype=PYTHON_NAMES[dtype], shape=shape, data_ptr=ctypes.addressof(buffers[name]), data_len=len(data)
        )
        for name, (dtype, shape, data) in tensors.items()
    }
    file = bytes(safetensors.serialize(specs, metadata=metadata))
    assert {name for name, _ in safetensors.deserialize(file)} == set(tensors)
    rows = {name: {"dtype": d, "shape": list(s), "bytes": text(b)} for name, (d, s, b) in tensors.items()}
    return {"title": title, "file": text(file), "metadata": metadata or {}, "tensors": rows}


def f32(*values):
    return np.array(values, dtype="<f4").tobytes()


def bits(*values):
    return np.array(values, dtype="<u4").tobytes()


small = {dtype: np.array([1, 0, 1], dtype=name).tobytes() for dtype, name in PYTHON_NAMES.items() if dtype != "BF16"}
small["BF16"] = bytes([0x80, 0x3F, 0, 0, 0xC0, 0xFF])  # 1, 0, NaN
rng = np.random.default_rng(1)

cases = [
    case("no tensors", {}),
    case("no tensors, one metadata entry", {}, {"format": "pt"}),
    case(
        "a small GPT-2",
        {
            "wte.weight": ("F32", [5, 4], rng.standard_normal((5, 4), dtype=np.float32).tobytes()),
            "h.0.attn.c_attn.weight": ("F32", [4, 12], rng.standard_normal((4, 12), dtype=np.float32).tobytes()),
            "h.0.attn.bias": ("BOOL", [1, 1, 2, 2], bytes([1, 0, 1, 1])),
            "h.10.ln_1.bias": ("F32", [4], f32(0, 1, 2, 3)),
            "h.2.ln_1.bias": ("F32", [4], f32(0, 1, 2, 3)),
            "step": ("I64", [], np.array(500, dtype="<i8").tobytes()),
        },
        {"format": "pt"},
    ),
    case("every type", {dtype.lower(): (dtype, [3], small[dtype]) for dtype in PYTHON_NAMES}),
    case(
        "float bits: NaN payloads, both zeros, subnormals, infinities",
        {"x": ("F32", [2, 4], bits(0x7FC00001, 0x7F800001, 0xFFBFFFFF, 0x80000000, 0, 1, 0x807FFFFF, 0xFF800000))},
    ),
    case("scalars and empty tensors", {"s": ("F32", [], f32(3)), "e": ("F32", [0], b""), "m": ("I32", [2, 0, 3], b"")}),
    case(
        "names that need escapes, sort by code point or mean something in JavaScript",
        {
            name: ("F32", [1], f32(i))
            for i, name in enumerate(
                ["\U0001f600", "\ue000", "\ud7ff", "é", "", "a", "aa", "B", '"\\/', "\b\f\n\r\t\x01\x1f\x7f\u2028"]
                + ["10", "9", "__proto__", "constructor", "toString", "hasOwnProperty"]
            )
        },
        {"__proto__": "é\n"},
    ),
]
print(json.dumps({"package": f"safetensors {safetensors.__version__}", "cases": cases}, indent=1))
