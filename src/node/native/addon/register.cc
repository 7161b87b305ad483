// Tells TensorFlow of attention: XLA, which calls it from the graphs that it compiles, and the processor's kernels, for all others; and of a
// product that XLA alone computes.
//
// Both know it as the op XlaCustomCallV2, for which TensorFlow itself has no kernel outside XLA.
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "calls.h"

// Declared as TensorFlow 2.21's libraries export them; weak, so that an addon loads with other libraries. The first two are
// xla::CustomCallTargetRegistry's Global and Register, which no header that is kept of its package has; the rest is tensorflow/c/kernels.h,
// tf_tensor.h and tf_status.h.
extern "C" {
#define WEAK __attribute__((weak))
void* _ZN3xla24CustomCallTargetRegistry6GlobalEv() WEAK;
void _ZN3xla24CustomCallTargetRegistry8RegisterERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPvS8_(
    void* registry, const void* symbol, void* address, const void* platform) WEAK;

struct TF_Status;
TF_Status* TF_NewStatus() WEAK;
void TF_DeleteStatus(TF_Status*) WEAK;
int TF_GetCode(const TF_Status*) WEAK;
void TF_SetStatus(TF_Status*, int code, const char* message) WEAK;

struct TF_Tensor;
void* TF_TensorData(const TF_Tensor*) WEAK;
void TF_DeleteTensor(TF_Tensor*) WEAK;
int TF_NumDims(const TF_Tensor*) WEAK;
int64_t TF_Dim(const TF_Tensor*, int i) WEAK;

struct TF_KernelBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
TF_KernelBuilder* TF_NewKernelBuilder(const char* op, const char* device, void* (*create)(TF_OpKernelConstruction*),
                                      void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*)) WEAK;
void TF_RegisterKernelBuilder(const char* name, TF_KernelBuilder*, TF_Status*) WEAK;
void TF_KernelBuilder_TypeConstraint(TF_KernelBuilder*, const char* attr, int type, TF_Status*) WEAK;
void TF_OpKernelConstruction_GetAttrSize(TF_OpKernelConstruction*, const char* name, int32_t* list, int32_t* total, TF_Status*) WEAK;
void TF_OpKernelConstruction_GetAttrString(TF_OpKernelConstruction*, const char* name, char* value, size_t length, TF_Status*) WEAK;
void TF_OpKernelConstruction_Failure(TF_OpKernelConstruction*, TF_Status*) WEAK;
int TF_NumInputs(TF_OpKernelContext*) WEAK;
void TF_GetInput(TF_OpKernelContext*, int i, TF_Tensor**, TF_Status*) WEAK;
TF_Tensor* TF_AllocateOutput(TF_OpKernelContext*, int i, int type, const int64_t* dims, int rank, size_t bytes, TF_Status*) WEAK;
void TF_OpKernelContext_Failure(TF_OpKernelContext*, TF_Status*) WEAK;
}

// TF_Code and TF_DataType.
constexpr int kOk = 0, kUnimplemented = 12, kFloat = 1, kBfloat16 = 14;

namespace {

// XLA passes a result or, of several, a list of them. In code that it kept it forgets which of the two (CustomCallThunk::OpBuffers'
// is_tuple_result is not read back): `out` may be a list of one. That list is a variable of the caller, as the list of operands is; a
// result lies far from both.
float* resultOf(void* out, const void** operands) {
  const auto distance = reinterpret_cast<intptr_t>(out) - reinterpret_cast<intptr_t>(operands);
  return distance > -4096 && distance < 4096 ? *static_cast<float**>(out) : static_cast<float*>(out);
}

template <const Function& function>
void fromXla(void* out, const void** operands, const char* config, size_t length, void*) {
  function.call(resultOf(out, operands), reinterpret_cast<const float**>(operands), config, length);
}

// A std::string as the library's compiler lays it out, whatever the addon's makes of the name.
struct LibraryString {
  const char* text;
  size_t length;
  char more[16];
};

template <const Function& function>
void tellXla() {
  const LibraryString symbol{function.name, std::strlen(function.name), {}}, platform{"Host", 4, {}};
  _ZN3xla24CustomCallTargetRegistry8RegisterERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPvS8_(
      _ZN3xla24CustomCallTargetRegistry6GlobalEv(), &symbol, reinterpret_cast<void*>(fromXla<function>), &platform);
}

const Function* named(const std::string& name) {
  for (const Function* function : {&kAttention, &kAttentionGradient, &kNorm, &kGelu})
    if (name == function->name) return function;
  return nullptr;
}

// A node of a graph that XLA does not compile.
struct Kernel {
  const Function* function;
  std::string config;
};

std::string attribute(TF_OpKernelConstruction* node, const char* name, TF_Status* status) {
  int32_t list = 0, length = 0;
  TF_OpKernelConstruction_GetAttrSize(node, name, &list, &length, status);
  std::string value(length > 0 ? length : 0, '\0');
  if (TF_GetCode(status) == kOk) TF_OpKernelConstruction_GetAttrString(node, name, value.data(), value.size(), status);
  return value;
}

void* create(TF_OpKernelConstruction* node) {
  TF_Status* status = TF_NewStatus();
  const std::string target = attribute(node, "call_target_name", status), config = attribute(node, "backend_config", status);
  const Function* function = named(target);
  if (TF_GetCode(status) == kOk && function == nullptr)
    TF_SetStatus(status, kUnimplemented, ("the addon has no function " + target).c_str());
  const bool made = TF_GetCode(status) == kOk;
  if (!made) TF_OpKernelConstruction_Failure(node, status);
  TF_DeleteStatus(status);
  return made ? new Kernel{function, config} : nullptr;
}

std::vector<int64_t> dimsOf(const TF_Tensor* tensor) {
  std::vector<int64_t> dims(TF_NumDims(tensor));
  for (size_t i = 0; i < dims.size(); i++) dims[i] = TF_Dim(tensor, i);
  return dims;
}

void compute(void* made, TF_OpKernelContext* context) {
  const auto& [function, config] = *static_cast<Kernel*>(made);
  TF_Status* status = TF_NewStatus();
  std::vector<TF_Tensor*> tensors(TF_NumInputs(context));
  std::vector<const float*> operands;
  for (int i = 0; i < static_cast<int>(tensors.size()); i++) {
    TF_GetInput(context, i, &tensors[i], status);
    operands.push_back(static_cast<const float*>(TF_TensorData(tensors[i])));
  }
  const std::vector<int64_t> dims = function->size ? std::vector<int64_t>{function->size(config.data(), config.size())} : dimsOf(tensors[0]);
  const int64_t size = std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<int64_t>());
  TF_Tensor* result = TF_AllocateOutput(context, 0, kFloat, dims.data(), dims.size(), size * sizeof(float), status);
  if (TF_GetCode(status) == kOk) {
    function->call(static_cast<float*>(TF_TensorData(result)), operands.data(), config.data(), config.size());
    tensors.push_back(result);
  } else {
    TF_OpKernelContext_Failure(context, status);
  }
  for (TF_Tensor* tensor : tensors) TF_DeleteTensor(tensor);
  TF_DeleteStatus(status);
}

void destroy(void* made) { delete static_cast<Kernel*>(made); }

// A product of bfloat16s with a result of floats. TensorFlow has it for XLA alone, and yet places no node of a graph for which the
// processor has no kernel.
void* createNothing(TF_OpKernelConstruction*) { return nullptr; }

void refuse(void*, TF_OpKernelContext* context) {
  TF_Status* status = TF_NewStatus();
  TF_SetStatus(status, kUnimplemented, "a product of bfloat16s with a result of floats runs only where XLA compiles it");
  TF_OpKernelContext_Failure(context, status);
  TF_DeleteStatus(status);
}

void registerProduct(TF_Status* status) {
  TF_KernelBuilder* product = TF_NewKernelBuilder("BatchMatMulV3", "CPU", createNothing, refuse, [](void*) {});
  for (const char* operand : {"Ta", "Tb"}) TF_KernelBuilder_TypeConstraint(product, operand, kBfloat16, status);
  TF_KernelBuilder_TypeConstraint(product, "Tout", kFloat, status);
  TF_RegisterKernelBuilder("WhereaboutsProduct", product, status);
}

// Tells the process by a variable of its environment, with its number: a child of it may have another addon.
__attribute__((constructor)) void registerKernels() {
  if (_ZN3xla24CustomCallTargetRegistry6GlobalEv == nullptr || TF_NewKernelBuilder == nullptr) return;
  tellXla<kAttention>();
  tellXla<kAttentionGradient>();
  TF_Status* status = TF_NewStatus();
  TF_RegisterKernelBuilder("WhereaboutsCustomCall", TF_NewKernelBuilder("XlaCustomCallV2", "CPU", create, compute, destroy), status);
  if (TF_GetCode(status) == kOk) registerProduct(status);
  if (TF_GetCode(status) == kOk) setenv("WHEREABOUTS_CUSTOM_CALLS", std::to_string(getpid()).c_str(), 1);
  TF_DeleteStatus(status);
}

}  // namespace
