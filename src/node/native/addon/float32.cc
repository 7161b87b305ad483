// Products of float32s are computed in float32. On a GPU TensorFlow rounds their factors to TF32, ten bits of mantissa, unless it is told not
// to; PyTorch rounds them where it is told to.

// tsl::enable_tensor_float_32_execution, which tf.config calls too; weak, so that an addon loads with other libraries.
extern "C" void _ZN3tsl32enable_tensor_float_32_executionEb(bool) __attribute__((weak));

__attribute__((constructor)) static void computeInFloat32() {
  if (_ZN3tsl32enable_tensor_float_32_executionEb != nullptr) _ZN3tsl32enable_tensor_float_32_executionEb(false);
}
