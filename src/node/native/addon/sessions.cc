// Sessions of graphs leave out TensorFlow's optimizers of graphs (Grappler).
//
// They rewrite a graph before its first run, for 0.1 to 0.2 s where a graph has a thousand nodes. Those that XLA compiles it simplifies
// itself, and the others run as fast without.
#include <cstddef>

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

extern "C" TF_SessionOptions* whereabouts_NewSessionOptions() {
  // tensorflow/core/protobuf/config.proto and rewriter_config.proto:
  // ConfigProto { graph_options (10) { rewrite_options (10) { disable_meta_optimizer (19): true } } }
  constexpr unsigned char kWithoutGrappler[] = {10 << 3 | 2, 5, 10 << 3 | 2, 3, (19 << 3 & 0x7f) | 0x80, 19 >> 4, 1};
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_Status* status = TF_NewStatus();
  TF_SetConfig(options, kWithoutGrappler, sizeof kWithoutGrappler, status);  // where it fails, the options are those of before
  TF_DeleteStatus(status);
  return options;
}
