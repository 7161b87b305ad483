// Sessions of graphs leave out TensorFlow's optimizers of graphs (Grappler).
//
// They rewrite a graph before its first run, for 0.1 to 0.2 s where a graph has a thousand nodes. Those that XLA compiles it simplifies
// itself, and the others run as fast without.
#include "tensorflow/c/c_api.h"

// tfjs-node's call of it is compiled as one of the function below (compile-addon.ts).
#undef TF_NewSessionOptions
extern "C" TF_SessionOptions* TF_NewSessionOptions();

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
