// Functions of rows of floats, of each width of vectors (rowwise.cc).
#pragma once

struct Norm {
  int width;
  // Whether the mean is taken from a row first.
  bool centred;
  float epsilon;
  const float *gain, *bias;  // (width); the bias may be null
};

struct Rowwise {
  // (x − mean)/√(variance + ε)·gain + bias of each row, or x/√(mean(x²) + ε)·gain.
  void (*norm)(const Norm&, const float* x, long rows, float* y);
  // ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
  void (*gelu)(const float* x, long n, float* y);
};

extern const Rowwise rowwise_base;
// Where they were compiled.
extern const Rowwise rowwise_avx2 __attribute__((weak)), rowwise_avx512 __attribute__((weak));
