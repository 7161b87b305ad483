// What XLA and TensorFlow call: operands and results as pointers, and the op's `backend_config`, a Shape as numbers with spaces between.
#pragma once
#include <cstddef>

// One result each, of several tensors one behind another: register.cc says why.
//   whereabouts.attention           (q, k, v[, bias])           → z, stats
//   whereabouts.attention_gradient  (q, k, v[, bias], kept, dz)  → dq, dk, dv[, dbias], with what the first gave as `kept`
void attention(float* result, const float** operands, const char* config, size_t length);
void attentionGradient(float* result, const float** operands, const char* config, size_t length);

// Floats of a result.
long attentionSize(const char* config, size_t length);
long attentionGradientSize(const char* config, size_t length);

constexpr const char* kAttention = "whereabouts.attention";
constexpr const char* kAttentionGradient = "whereabouts.attention_gradient";
