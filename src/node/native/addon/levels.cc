#include "levels.h"

#include <cstdlib>
#include <string>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace {

Level chosen(const std::string& asked) {
#if defined(__x86_64__)
  unsigned a, b, c, d, low, high;
  if (asked == "base") return Level::base;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_FMA) || !(c & bit_OSXSAVE)) return Level::base;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 0x6) != 0x6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2)) return Level::base;
  return (low & 0xe6) == 0xe6 && (b & bit_AVX512F) && asked != "avx2" ? Level::avx512 : Level::avx2;
#else
  return Level::base;
#endif
}

}  // namespace

// Asked once: in a virtual machine the question takes the time of a whole step.
Level widest() {
  static const char* asked = std::getenv("WHEREABOUTS_VECTORS");
  static const Level level = chosen(asked != nullptr ? asked : "");
  return level;
}
