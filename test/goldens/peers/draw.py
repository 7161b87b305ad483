"""Inputs: normal numbers of three decimals, the same at each run."""

import numpy as np


def normal(*shape, seed=0, deviation=1.0):
    return np.round(np.random.RandomState(seed).standard_normal(shape) * deviation, 3)
