// Keeps the memory of one training step for the next.
//
// A compiled step asks for one block for all of its intermediate values, some tens of megabytes. From 32 MB up glibc maps such a block
// anew at each step and gives it back after, so that the kernel clears every page of it each time: a quarter of the step at 4 layers,
// width 128. With these limits freed blocks up to 1 GB stay with the process.
#include <cstdlib>  // defines __GLIBC__

#ifdef __GLIBC__
#include <malloc.h>

__attribute__((constructor)) static void keep_freed_blocks() {
  constexpr int kGigabyte = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kGigabyte);
  mallopt(M_TRIM_THRESHOLD, kGigabyte);
  mallopt(M_TOP_PAD, 64 << 20);
}
#endif
