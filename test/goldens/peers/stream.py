"""The repository's random numbers (src/tensor/rng.ts), written anew: FNV-1a and MurmurHash3's
finalizer make a state, xoroshiro128+ numbers."""

import math

WORD = 0xFFFFFFFF


class Stream:
    def __init__(self, seed, name):
        self.words = [self.hashed(offset, f"{seed}/{name}") for offset in (0x811C9DC5, 0x9E3779B9, 0x85EBCA6B, 0xC2B2AE35)]

    @staticmethod
    def hashed(h, text):
        for letter in text.encode("utf-16-le")[::2]:
            h = (h ^ letter) * 0x01000193 & WORD
        h = (h ^ h >> 16) * 0x85EBCA6B & WORD
        h = (h ^ h >> 13) * 0xC2B2AE35 & WORD
        return h ^ h >> 16

    def bits(self):
        """xoroshiro128+ on two words of 64 bits, of whose sum the lower 32 are taken."""
        high0, low0, high1, low1 = self.words
        s0, s1 = high0 << 32 | low0, high1 << 32 | low1
        out = (s0 + s1) & WORD
        s1 ^= s0
        rotate = lambda x, by: (x << by | x >> 64 - by) & 0xFFFFFFFFFFFFFFFF
        s0 = rotate(s0, 24) ^ s1 ^ (s1 << 16 & 0xFFFFFFFFFFFFFFFF)
        s1 = rotate(s1, 37)
        self.words = [s0 >> 32, s0 & WORD, s1 >> 32, s1 & WORD]
        return out

    def uniform(self):
        return (self.bits() & 0xFFFFFF) / 2**24

    def normal(self):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())
