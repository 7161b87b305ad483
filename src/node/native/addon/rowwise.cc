// Normalization and GELU in one pass over memory each, where TensorFlow's own operations take ten.
//
// Compiled once for each width of vectors, with LEVEL in the names, as attention.cc is.
#include "rowwise.h"
#include "lanes.h"

namespace {

// Σ f(x) over a row, by lanes.
template <typename F>
INLINE float total(const float* x, int n, F f) {
  Vec lanes{};
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) lanes += f(load(x + i));
  float rest = 0;
  for (; i < n; i++) rest += f(all(x[i]))[0];
  return sum(lanes) + rest;
}

// The lanes of a row from i on, zeros behind its end.
INLINE Vec part(const float* x, int i, int n) {
  if (i + kLanes <= n) return load(x + i);
  float rest[kLanes] = {};
  std::memcpy(rest, x + i, sizeof(float) * (n - i));
  return load(rest);
}

// y = f(x, i) for the floats from i on.
template <typename F>
INLINE void each(const float* x, int n, float* y, F f) {
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) store(y + i, f(load(x + i), i));
  if (i == n) return;
  float rest[kLanes];
  store(rest, f(part(x, i, n), i));
  std::memcpy(y + i, rest, sizeof(float) * (n - i));
}

void norm(const Norm& s, const float* x, long rows, float* y) {
  const int n = s.width;
  for (long row = 0; row < rows; row++, x += n, y += n) {
    const float mean = s.centred ? total(x, n, [](Vec v) { return v; }) / n : 0;
    const float variance = total(x, n, [=](Vec v) { return (v - mean) * (v - mean); }) / n;
    const float scale = 1 / __builtin_sqrtf(variance + s.epsilon);
    each(x, n, y, [&](Vec v, int i) {
      const Vec z = (v - mean) * scale * part(s.gain, i, n);
      return s.bias == nullptr ? z : z + part(s.bias, i, n);
    });
  }
}

// x·σ(2u), with ½(1 + tanh u) = σ(2u) and the exponential of −|2u| alone.
INLINE Vec geluOf(Vec x) {
  const Vec twice = x * 1.5957691216f * (1.0f + 0.044715f * x * x);  // 2·√(2/π)
  const Vec e = exponential(twice < 0.0f ? twice : -twice);
  return x * (twice < 0.0f ? e : all(1)) / (1.0f + e);
}

void gelu(const float* x, long n, float* y) {
  constexpr int kRow = 1 << 20;
  for (; n > 0; n -= kRow, x += kRow, y += kRow) each(x, n < kRow ? static_cast<int>(n) : kRow, y, [](Vec v, int) { return geluOf(v); });
}

}  // namespace

const Rowwise NAMED(rowwise_, LEVEL) = {norm, gelu};
