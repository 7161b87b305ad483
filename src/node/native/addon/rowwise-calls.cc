// Normalization and GELU of a tensor, in parts for the threads of the team.
#include "calls.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "levels.h"
#include "rowwise.h"
#include "team.h"

namespace {

const Rowwise& best() {
  static const Rowwise& rowwise = ofWidest(rowwise_base, &rowwise_avx2, &rowwise_avx512);
  return rowwise;
}

// Floats that a thread is worth waking for.
constexpr long kPart = 1 << 15;

// work(from, count) of rows, one part after another or side by side.
template <typename F>
void inParts(long rows, long width, F work) {
  const long each = width < kPart ? kPart / width : 1;
  Team::all().run(static_cast<int>((rows + each - 1) / each), [&](int part) {
    const long from = part * each;
    work(from, from + each < rows ? each : rows - from);
  });
}

struct NormCall {
  long rows;
  Norm norm;
  bool biased;
};

// Written by custom-calls.ts, as in calls.cc.
NormCall normOf(const char* text, size_t length) {
  NormCall call{};
  int centred = 0, biased = 0;
  Norm& norm = call.norm;
  const std::string config(text, length);
  if (std::sscanf(config.c_str(), "%ld %d %d %d %f", &call.rows, &norm.width, &centred, &biased, &norm.epsilon) != 5) std::abort();
  norm.centred = centred != 0;
  call.biased = biased != 0;
  return call;
}

void norm(float* result, const float** operands, const char* config, size_t length) {
  auto [rows, norm, biased] = normOf(config, length);
  norm.gain = operands[1];
  norm.bias = biased ? operands[2] : nullptr;
  inParts(rows, norm.width, [&, &norm = norm](long from, long count) {
    const long at = from * norm.width;
    best().norm(norm, operands[0] + at, count, result + at);
  });
}

long sizeOf(const char* config, size_t length) {
  long n = 0;
  if (std::sscanf(std::string(config, length).c_str(), "%ld", &n) != 1) std::abort();
  return n;
}

void gelu(float* result, const float** operands, const char* config, size_t length) {
  inParts(sizeOf(config, length), 1, [&](long from, long count) { best().gelu(operands[0] + from, count, result + from); });
}

}  // namespace

const Function kNorm{"whereabouts.norm", norm, nullptr};
const Function kGelu{"whereabouts.gelu", gelu, nullptr};
