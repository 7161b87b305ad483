// Which of the functions that were compiled for several widths of vectors the processor gets.
#pragma once

enum class Level { base, avx2, avx512 };

// The widest that both the processor and the operating system have; the variable WHEREABOUTS_VECTORS, base or avx2, asks for less.
Level widest();

// Of what was compiled: others than base may be missing.
template <typename Functions>
const Functions& ofWidest(const Functions& base, const Functions* avx2, const Functions* avx512) {
  if (avx512 != nullptr && widest() == Level::avx512) return *avx512;
  return avx2 != nullptr && widest() >= Level::avx2 ? *avx2 : base;
}
