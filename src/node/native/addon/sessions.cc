// How sessions run graphs.
//
// Without TensorFlow's optimizers of graphs (Grappler): they rewrite a graph before its first run, for 0.1 to 0.2 s where it has a thousand
// nodes. What XLA compiles it simplifies itself, and other graphs run as fast without.
//
// On one thread, the caller's. glibc gives memory to other threads from heaps of 64 MB at most: a larger block, such as XLA asks for once
// a step, it maps anew each time (memory.cc), and the kernel clears 200 MB a step at 6 layers, width 384.
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

// tensorflow/c/c_api.h; weak, so that an addon loads with other libraries. tfjs-node's call of the first is compiled as one of the
// function below (RENAMED in own-sources.ts).
#undef TF_NewSessionOptions
extern "C" {
#define WEAK __attribute__((weak))
struct TF_SessionOptions;
TF_SessionOptions* TF_NewSessionOptions() WEAK;
struct TF_Status;
TF_Status* TF_NewStatus() WEAK;
void TF_DeleteStatus(TF_Status*) WEAK;
void TF_SetConfig(TF_SessionOptions*, const void* config, size_t length, TF_Status*) WEAK;
}

// Of tensorflow/core/protobuf/config.proto and rewriter_config.proto.
static std::string config() {
  // graph_options (10) { rewrite_options (10) { disable_meta_optimizer (19): true } }
  std::string bytes{10 << 3 | 2, 5, 10 << 3 | 2, 3, static_cast<char>(0x80 | (19 << 3 & 0x7f)), 19 >> 4, 1};
  const char* threads = std::getenv("TF_NUM_INTEROP_THREADS");
  // inter_op_parallelism_threads (5): -1
  if (threads != nullptr && std::strcmp(threads, "1") == 0) bytes += std::string(1, 5 << 3) + std::string(9, '\xff') + '\x01';
  return bytes;
}

extern "C" TF_SessionOptions* whereabouts_NewSessionOptions() {
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_Status* status = TF_NewStatus();
  const std::string bytes = config();
  TF_SetConfig(options, bytes.data(), bytes.size(), status);  // where it fails, the options are those of before
  TF_DeleteStatus(status);
  return options;
}
