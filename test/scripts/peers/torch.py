"""As much of PyTorch as `scripts/peers/nanogpt.py` asks for, on nested lists: a checkpoint is read from JSON."""

import json


class Tensor:
    def __init__(self, values):
        self.values = values

    @property
    def shape(self):
        sizes, inner = [], self.values
        while isinstance(inner, list):
            sizes.append(len(inner))
            inner = inner[0]
        return sizes

    @property
    def T(self):
        return Tensor([list(column) for column in zip(*self.values)])

    def float(self):
        return self

    def contiguous(self):
        return self

    def tril(self):
        lower = lambda x: [lower(one) for one in x] if isinstance(x[0][0], list) else [[v if j <= i else 0 for j, v in enumerate(row)] for i, row in enumerate(x)]
        return Tensor(lower(self.values))


def load(path, map_location, weights_only):
    saved = json.load(open(path))
    return {**saved, "model": {name: Tensor(values) for name, values in saved["model"].items()}}


def equal(a, b):
    return a.values == b.values


def zeros(size):
    return Tensor([0] * size)


def ones_like(tensor):
    ones = lambda x: [ones(one) for one in x] if isinstance(x, list) else 1
    return Tensor(ones(tensor.values))
