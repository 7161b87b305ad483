// Applies TF_CPP_MIN_LOG_LEVEL to the logs of the TensorFlow library when the addon is loaded.
//
// TensorFlow 2.21 logs through Abseil, and until a program calls Abseil's initialisation every message goes to stderr,
// whatever the level. Only Python calls it; from C the library prints a banner at its first operation. The function is
// exported under a name that changes with Abseil's release: declared weak, so that another release merely prints again.
#include <cstdlib>

extern "C" void _ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE(int)
    __attribute__((weak));

__attribute__((constructor)) static void apply_log_level() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level != nullptr && _ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE != nullptr) {
    _ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE(std::atoi(level));
  }
}
