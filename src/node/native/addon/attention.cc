// softmax(scale·q·kᵀ + bias)·v of one head, and its gradient: scores are never written to memory as a whole.
//
// Some queries at a time, against the keys that they see: their scores stay in the processor's cache. The backward pass computes the
// weights again from the scores' greatest and sum (Dao et al. 2022, arXiv:2205.14135). With P the weights, dP = dz·vᵀ and
// dS = P∘(dP − rows(dz∘z)):  dv = Pᵀ·dz, dq = scale·dS·k, dk = scale·dSᵀ·q, dbias = dS.
//
// Compiled once for each width of vectors, with LEVEL in the names; functions of no other file are compiled into it, lest one with
// instructions of a newer processor be linked for all.
#include "attention.h"
#include "lanes.h"

namespace {

constexpr int kQueries = 16;
constexpr float kHidden = -1e30f;

INLINE int smaller(int a, int b) { return a < b ? a : b; }

// Keys that the query sees: the first so many.
INLINE int seen(const Shape& s, int query) { return s.causal ? smaller(s.first + query + 1, s.keys) : s.keys; }

// Memory is handed out from the front.
INLINE float* take(float*& scratch, long floats) {
  float* taken = scratch;
  scratch += floats;
  return taken;
}

// Rows of a multiple of kLanes floats: x itself, or a copy with zeros behind.
INLINE const float* wide(const float* x, int rows, int width, float*& scratch) {
  const int ld = padded(width);
  if (ld == width) return x;
  float* copy = take(scratch, (long)rows * ld);
  std::memset(copy, 0, sizeof(float) * rows * ld);
  for (int i = 0; i < rows; i++) std::memcpy(copy + (long)i * ld, x + (long)i * width, sizeof(float) * width);
  return copy;
}

INLINE float* wideOutput(float* x, int rows, int width, float*& scratch) {
  return padded(width) == width ? x : take(scratch, (long)rows * padded(width));
}

INLINE void narrow(const float* from, int rows, int width, float* to) {
  if (from == to) return;
  for (int i = 0; i < rows; i++) std::memcpy(to + (long)i * width, from + (long)i * padded(width), sizeof(float) * width);
}

// (S,D) → (D,S), with zeros behind.
INLINE const float* transposed(const float* x, int rows, int width, float*& scratch) {
  const long ld = padded(rows);
  float* y = take(scratch, width * ld);
  const int quadRows = rows / 4 * 4, quadColumns = width / 4 * 4;
  for (int i = 0; i < quadRows; i += 4)
    for (int d = 0; d < quadColumns; d += 4) transposeQuad(x + (long)i * width + d, width, y + d * ld + i, ld);
  for (int d = 0; d < width; d++) {
    for (int i = d < quadColumns ? quadRows : 0; i < rows; i++) y[d * ld + i] = x[(long)i * width + d];
    for (long i = rows; i < ld; i++) y[d * ld + i] = 0;
  }
  return y;
}

// Σ a∘b of n floats.
INLINE float inner(const float* a, const float* b, int n) {
  Vec total{};
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) total += load(a + i) * load(b + i);
  float rest = 0;
  for (; i < n; i++) rest += a[i] * b[i];
  return sum(total) + rest;
}

// The bias of one query, with room behind it, for it is read by vectors.
INLINE const float* biasOf(const Shape& s, const Head& h, int query, float* room) {
  if (h.bias == nullptr) return nullptr;
  const float* bias = h.bias + (long)query * s.keys;
  if (padded(s.keys) == s.keys) return bias;
  std::memcpy(room, bias, sizeof(float) * seen(s, query));
  return room;
}

INLINE Vec score(const Shape& s, const float* row, const float* bias, int j) {
  const Vec x = load(row + j) * s.scale;
  return bias == nullptr ? x : x + load(bias + j);
}

long scratch(const Shape& s) {
  const long D = padded(s.width), S = padded(s.keys), T = s.queries;
  return 2 * (long)s.width * S + (2 * kQueries + 1) * S + D * (4 * T + 4 * S) + 64;
}

// Weights in place of the products of one query with the keys; zero where it does not see, up to `width`.
INLINE void weigh(const Shape& s, const float* bias, int end, int width, float* row, float* stats) {
  Vec greatestOf = all(kHidden);
  for (int j = 0; j < end; j += kLanes) {
    const Vec x = upTo(end - j, score(s, row, bias, j), all(kHidden));
    store(row + j, x);
    greatestOf = x > greatestOf ? x : greatestOf;
  }
  const float most = greatest(greatestOf);
  Vec total{};
  for (int j = 0; j < width; j += kLanes) {
    const Vec x = upTo(end - j, exponential(load(row + j) - most), Vec{});
    store(row + j, x);
    total += x;
  }
  const float inverse = 1 / sum(total);
  for (int j = 0; j < end; j += kLanes) store(row + j, load(row + j) * inverse);
  stats[0] = most;
  stats[1] = inverse;
}

void forward(const Shape& s, const Head& h, float* memory) {
  const int D = padded(s.width), S = padded(s.keys);
  const float* kT = transposed(h.k, s.keys, s.width, memory);
  const float* v = wide(h.v, s.keys, s.width, memory);
  float* z = wideOutput(h.z, s.queries, s.width, memory);
  float *p = take(memory, (long)kQueries * S), *biasRow = take(memory, S);
  std::memset(biasRow, 0, sizeof(float) * S);
  for (int from = 0; from < s.queries; from += kQueries) {
    const int rows = smaller(kQueries, s.queries - from), keys = seen(s, from + rows - 1), width = padded(keys);
    product<false>(rows, width, s.width, {h.q + (long)from * s.width, s.width, 1}, kT, S, p, S);
    for (int i = 0; i < rows; i++) {
      const int query = from + i;
      weigh(s, biasOf(s, h, query, biasRow), seen(s, query), width, p + (long)i * S, h.stats + 2 * query);
    }
    product<false>(rows, D, keys, {p, S, 1}, v, D, z + (long)from * D, D);
  }
  narrow(z, s.queries, s.width, h.z);
}

// dS of one query to the gradient of its bias.
INLINE void addSlopes(const Shape& s, const Head& h, int query, const float* ds, int width) {
  float* to = h.dbias + (long)query * s.keys;
  const int end = smaller(width, s.keys);
  if (!h.addsBias) {
    std::memcpy(to, ds, sizeof(float) * end);
    std::memset(to + end, 0, sizeof(float) * (s.keys - end));
    return;
  }
  int j = 0;
  for (; j + kLanes <= end; j += kLanes) store(to + j, load(to + j) + load(ds + j));
  for (; j < end; j++) to[j] += ds[j];
}

// Weights in place of one query's products with the keys, and dS in place of dP.
INLINE void slope(const Shape& s, const float* bias, const float* stats, int end, int width, float delta, float* row, float* slopes) {
  for (int j = 0; j < width; j += kLanes) {
    const Vec x = upTo(end - j, exponential(score(s, row, bias, j) - stats[0]) * stats[1], Vec{});
    store(row + j, x);
    store(slopes + j, x * (load(slopes + j) - delta));
  }
}

void backward(const Shape& s, const Head& h, float* memory) {
  const int D = padded(s.width), S = padded(s.keys);
  const float *kT = transposed(h.k, s.keys, s.width, memory), *vT = transposed(h.v, s.keys, s.width, memory);
  const float *q = wide(h.q, s.queries, s.width, memory), *k = wide(h.k, s.keys, s.width, memory);
  const float* dz = wide(h.dz, s.queries, s.width, memory);
  float* dq = wideOutput(h.dq, s.queries, s.width, memory);
  float *dk = wideOutput(h.dk, s.keys, s.width, memory), *dv = wideOutput(h.dv, s.keys, s.width, memory);
  float *p = take(memory, (long)kQueries * S), *slopes = take(memory, (long)kQueries * S), *biasRow = take(memory, S);
  std::memset(biasRow, 0, sizeof(float) * S);
  std::memset(dk, 0, sizeof(float) * s.keys * D);
  std::memset(dv, 0, sizeof(float) * s.keys * D);
  for (int from = 0; from < s.queries; from += kQueries) {
    const int rows = smaller(kQueries, s.queries - from), keys = seen(s, from + rows - 1), width = padded(keys);
    const long at = (long)from * s.width;
    product<false>(rows, width, s.width, {h.q + at, s.width, 1}, kT, S, p, S);
    product<false>(rows, width, s.width, {h.dz + at, s.width, 1}, vT, S, slopes, S);
    for (int i = 0; i < rows; i++) {
      const long row = at + (long)i * s.width;
      const float delta = inner(h.dz + row, h.z + row, s.width);
      float* ds = slopes + (long)i * S;
      const int query = from + i;
      slope(s, biasOf(s, h, query, biasRow), h.stats + 2 * query, seen(s, query), width, delta, p + (long)i * S, ds);
      if (h.dbias != nullptr) addSlopes(s, h, query, ds, width);
      for (int j = 0; j < width; j += kLanes) store(ds + j, load(ds + j) * s.scale);
    }
    product<true>(keys, D, rows, {p, 1, S}, dz + (long)from * D, D, dv, D);
    product<true>(keys, D, rows, {slopes, 1, S}, q + (long)from * D, D, dk, D);
    product<false>(rows, D, keys, {slopes, S, 1}, k, D, dq + (long)from * D, D);
  }
  narrow(dq, s.queries, s.width, h.dq);
  narrow(dk, s.keys, s.width, h.dk);
  narrow(dv, s.keys, s.width, h.dv);
}

}  // namespace

const Attention NAMED(attention_, LEVEL) = {scratch, forward, backward};
