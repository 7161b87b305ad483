// Vectors of floats as wide as the processor's registers, and the small products of matrices that attention is made of.
//
// GCC's vector extensions, which Clang has too: a file that includes this is compiled once for each width.
#pragma once
#include <cstring>

// A name with LEVEL behind it, once LEVEL is replaced.
#define JOINED(a, b) a##b
#define NAMED(a, b) JOINED(a, b)

namespace {

#ifdef __AVX512F__
constexpr int kLanes = 16;
#else
constexpr int kLanes = 8;
#endif

typedef float Vec __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
typedef int IntVec __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE Vec load(const float* from) { return *reinterpret_cast<const Vec*>(from); }
INLINE void store(float* to, Vec x) { *reinterpret_cast<Vec*>(to) = x; }
INLINE Vec all(float x) { return x - Vec{}; }
INLINE int padded(int n) { return (n + kLanes - 1) / kLanes * kLanes; }

// The first n lanes of x, and of y behind them.
INLINE Vec upTo(int n, Vec x, Vec y) {
  IntVec index;
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) index[i] = i;
  return index < (n - IntVec{}) ? x : y;
}

// One number of a vector, by halves: the order is always the same.
template <typename F>
INLINE float reduced(Vec x, F f) {
  float v[kLanes];
  store(v, x);
#pragma GCC unroll 4
  for (int n = kLanes / 2; n > 0; n /= 2) {
#pragma GCC unroll 8
    for (int i = 0; i < n; i++) v[i] = f(v[i], v[i + n]);
  }
  return v[0];
}
INLINE float sum(Vec x) {
  return reduced(x, [](float a, float b) { return a + b; });
}
INLINE float greatest(Vec x) {
  return reduced(x, [](float a, float b) { return a > b ? a : b; });
}

// eˣ for x ≤ 0, with a relative error of 2e-7: 2ⁿ·eʳ, |r| ≤ ln 2/2, and a polynomial of degree 6 for eʳ (Cephes, expf).
INLINE Vec exponential(Vec x) {
  x = x < all(-87.0f) ? all(-87.0f) : x;  // below, the power of two would not be a normal number
  const Vec shifted = x * 1.44269504f + 12582912.0f;  // 1.5·2²³: what is left of the fraction is the nearest integer
  const Vec n = shifted - 12582912.0f;
  const Vec r = x - n * 0.693359375f + n * 2.12194440e-4f;  // ln 2 in two parts
  Vec p = all(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const Vec e = p * r * r + r + 1.0f;
  const IntVec power = (IntVec)shifted - (IntVec)all(12582912.0f);
  return (Vec)((IntVec)e + (power << 23));
}

#ifdef __has_builtin
#if __has_builtin(__builtin_shufflevector)
#define HAS_SHUFFLES
#endif
#endif

// 4 × 4 of x, rows of ldx floats, to the columns of y.
INLINE void transposeQuad(const float* x, long ldx, float* y, long ldy) {
#ifdef HAS_SHUFFLES
  typedef float Quad __attribute__((vector_size(16), aligned(4), may_alias));
  const auto row = [&](int i) { return *reinterpret_cast<const Quad*>(x + i * ldx); };
  const Quad a = row(0), b = row(1), c = row(2), d = row(3);
  const Quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Quad AB = __builtin_shufflevector(a, b, 2, 6, 3, 7), CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *reinterpret_cast<Quad*>(y) = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  *reinterpret_cast<Quad*>(y + ldy) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  *reinterpret_cast<Quad*>(y + 2 * ldy) = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
  *reinterpret_cast<Quad*>(y + 3 * ldy) = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
#else
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++) y[j * ldy + i] = x[i * ldx + j];
#endif
}

// A left factor: its element (i, k) is at from[i·row + k·column], so that a transposed one costs nothing.
struct Left {
  const float* from;
  long row, column;
};

// Rows i … i + R − 1, kLanes·V columns.
template <int R, int V, bool Add>
INLINE void tile(int K, const float* a, Left left, const float* b, int ldb, float* c, int ldc) {
  Vec sums[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 8
    for (int v = 0; v < V; v++) sums[r][v] = Add ? load(c + r * ldc + v * kLanes) : Vec{};
  }
  for (int k = 0; k < K; k++) {
    Vec row[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; v++) row[v] = load(b + (long)k * ldb + v * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      const Vec x = all(a[r * left.row + k * left.column]);
#pragma GCC unroll 8
      for (int v = 0; v < V; v++) sums[r][v] += x * row[v];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 8
    for (int v = 0; v < V; v++) store(c + r * ldc + v * kLanes, sums[r][v]);
  }
}

template <int V, bool Add>
INLINE void columns(int M, int K, Left left, const float* b, int ldb, float* c, int ldc) {
  // As many sums as there are registers: 32 with AVX-512, 16 without.
  constexpr int R = V == 4 ? 5 : V == 2 ? 6 : 8;
  int i = 0;
  const auto at = [&](int i) { return left.from + i * left.row; };
  for (; i + R <= M; i += R) tile<R, V, Add>(K, at(i), left, b, ldb, c + (long)i * ldc, ldc);
  for (; i + 2 <= M; i += 2) tile<2, V, Add>(K, at(i), left, b, ldb, c + (long)i * ldc, ldc);
  for (; i < M; i++) tile<1, V, Add>(K, at(i), left, b, ldb, c + (long)i * ldc, ldc);
}

// C = A·B, or C += A·B: A (M,K), B (K,N) and C (M,N) by rows of ldb and ldc floats, N a multiple of kLanes. Not inlined, for it takes
// long to compile.
template <bool Add>
__attribute__((noinline)) void product(int M, int N, int K, Left left, const float* b, int ldb, float* c, int ldc) {
  int j = 0;
  if (kLanes == 16)
    for (; j + 4 * kLanes <= N; j += 4 * kLanes) columns<4, Add>(M, K, left, b + j, ldb, c + j, ldc);
  for (; j + 2 * kLanes <= N; j += 2 * kLanes) columns<2, Add>(M, K, left, b + j, ldb, c + j, ldc);
  for (; j + kLanes <= N; j += kLanes) columns<1, Add>(M, K, left, b + j, ldb, c + j, ldc);
}

}  // namespace
