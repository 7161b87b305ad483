// What a call of attention is about, and the functions of each width of vectors (attention.cc).
#pragma once

struct Shape {
  int batch, heads, queries, keys, width;
  // Index of the first query among the keys.
  int first;
  bool causal;
  // Of the bias: 0 without one, 1 where all rows of the batch share it, else batch.
  int biasBatch;
  float scale;
};

// One head of one row of a batch; T queries, S keys, D their width.
struct Head {
  const float *q, *k, *v;  // (T,D), (S,D), (S,D)
  const float* bias;       // (T,S), or null
  float* z;                // (T,D): of the forward pass, and for the backward pass again
  float* stats;            // (T,2): the greatest score, and one over the sum of weights
  const float* dz;         // (T,D)
  float *dq, *dk, *dv;
  float* dbias;   // (T,S), or null
  bool addsBias;  // to dbias, where another row of the batch was before
};

// Floats of memory that a head needs.
using Scratch = long (*)(const Shape&);
using Work = void (*)(const Shape&, const Head&, float* scratch);

struct Attention {
  Scratch scratch;
  Work forward, backward;
};

extern const Attention attention_base;
// Where they were compiled.
extern const Attention attention_avx2 __attribute__((weak)), attention_avx512 __attribute__((weak));
