// Attention over all heads: each is a piece of work of its own, for the threads of the team.
#include "calls.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "attention.h"
#include "levels.h"
#include "team.h"

namespace {

const Attention& best() {
  static const Attention& attention = ofWidest(attention_base, &attention_avx2, &attention_avx512);
  return attention;
}

// One for each head; or, where rows of a batch share a bias, one for each of `heads`, which adds its gradient over the batch.
template <typename F>
void eachHead(const Shape& s, bool together, F work) {
  const int parts = together ? s.heads : s.batch * s.heads;
  Team::all().run(parts, [&](int part) {
    static thread_local std::vector<float> memory;
    const size_t needed = best().scratch(s);
    if (memory.size() < needed) memory.resize(needed);
    if (!together) return work(part / s.heads, part % s.heads, memory.data());
    for (int row = 0; row < s.batch; row++) work(row, part, memory.data());
  });
}

struct Places {
  long queries, keys, stats, bias;
};

Places placesOf(const Shape& s, int row, int head) {
  const long at = (long)row * s.heads + head;
  const long scores = (long)s.queries * s.keys;
  return {at * s.queries * s.width, at * s.keys * s.width, at * s.queries * 2, (s.biasBatch > 1 ? at : head) * scores};
}

// Written by custom-calls.ts; another text would be a fault of ours, and wrong numbers worse than an end.
Shape parsed(const char* text, size_t length) {
  Shape s;
  int causal = 0;
  const int read = std::sscanf(std::string(text, length).c_str(), "%d %d %d %d %d %d %d %d %f", &s.batch, &s.heads, &s.queries, &s.keys,
                                &s.width, &s.first, &causal, &s.biasBatch, &s.scale);
  if (read != 9) std::abort();
  s.causal = causal != 0;
  return s;
}

// Floats of a tensor of all queries, of all keys, of all scores that a bias is added to.
long queriesOf(const Shape& s) { return (long)s.batch * s.heads * s.queries * s.width; }
long keysOf(const Shape& s) { return (long)s.batch * s.heads * s.keys * s.width; }
long biasOf(const Shape& s) { return (long)s.biasBatch * s.heads * s.queries * s.keys; }

// The operands that both calls begin with.
Head headOf(const Shape& s, const Places& at, const float** operands) {
  Head h{};
  h.q = operands[0] + at.queries;
  h.k = operands[1] + at.keys;
  h.v = operands[2] + at.keys;
  h.bias = s.biasBatch > 0 ? operands[3] + at.bias : nullptr;
  return h;
}

void attention(float* result, const float** operands, const char* config, size_t length) {
  const Shape s = parsed(config, length);
  eachHead(s, false, [&](int row, int head, float* memory) {
    const Places at = placesOf(s, row, head);
    Head h = headOf(s, at, operands);
    h.z = result + at.queries;
    h.stats = result + queriesOf(s) + at.stats;
    best().forward(s, h, memory);
  });
}

void attentionGradient(float* result, const float** operands, const char* config, size_t length) {
  const Shape s = parsed(config, length);
  const float** behind = operands + (s.biasBatch > 0 ? 4 : 3);
  float* kept = const_cast<float*>(behind[0]);  // read only
  eachHead(s, s.biasBatch == 1, [&](int row, int head, float* memory) {
    const Places at = placesOf(s, row, head);
    Head h = headOf(s, at, operands);
    h.z = kept + at.queries;
    h.stats = kept + queriesOf(s) + at.stats;
    h.dz = behind[1] + at.queries;
    h.dq = result + at.queries;
    h.dk = result + queriesOf(s) + at.keys;
    h.dv = result + queriesOf(s) + keysOf(s) + at.keys;
    h.dbias = s.biasBatch > 0 ? result + queriesOf(s) + 2 * keysOf(s) + at.bias : nullptr;
    h.addsBias = s.biasBatch == 1 && row > 0;
    best().backward(s, h, memory);
  });
}

long attentionSize(const char* config, size_t length) {
  const Shape s = parsed(config, length);
  return queriesOf(s) + 2L * s.batch * s.heads * s.queries;
}

long attentionGradientSize(const char* config, size_t length) {
  const Shape s = parsed(config, length);
  return queriesOf(s) + 2 * keysOf(s) + biasOf(s);
}

}  // namespace

const Function kAttention{"whereabouts.attention", attention, attentionSize};
const Function kAttentionGradient{"whereabouts.attention_gradient", attentionGradient, attentionGradientSize};
