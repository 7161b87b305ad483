// What XLA and TensorFlow call: operands and a result as pointers, and the op's `backend_config`, a Shape as numbers with spaces between.
#pragma once
#include <cstddef>

struct Function {
  const char* name;
  void (*call)(float* result, const float** operands, const char* config, size_t length);
  // Floats of the result, a vector; null where the result has the shape of the first operand.
  long (*size)(const char* config, size_t length);
};

// One result each, of several tensors one behind another: register.cc says why.
//   whereabouts.attention           (q, k, v[, bias])           → z, stats
//   whereabouts.attention_gradient  (q, k, v[, bias], kept, dz)  → dq, dk, dv[, dbias], with what the first gave as `kept`
extern const Function kAttention, kAttentionGradient;

// Only TensorFlow calls these: XLA makes one loop of what they do.
//   whereabouts.norm  (x, gain[, bias])  → y
//   whereabouts.gelu  (x)                → y
extern const Function kNorm, kGelu;
