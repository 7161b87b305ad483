/**
 * The CUDA build of TensorFlow: its own wheel and the wheels of NVIDIA's libraries that its extra
 * `and-cuda` names.
 *
 * TensorFlow opens seven of those libraries when it looks for a GPU, and uses none where one of
 * them is missing. Of their files only what is loaded at run time is kept. TensorFlow finds them
 * below `../nvidia/` from its own folder, and they find each other likewise (the RUNPATH of each):
 * the layout of a Python installation stays, but for cuSOLVER.
 *
 * `@tensorflow/tfjs-node-gpu` is not needed for it: its sources and its JavaScript are those of
 * tfjs-node, file by file, and one addon serves both libraries. Only what it downloads is another,
 * and that is gone too (tensorflow/tfjs #8742).
 */
import { type CudaWheel, type Platform, TENSORFLOW_VERSION, ZIG_LINUX_X64 } from "./platforms.ts";

const CUDNN_PARTS = [
  ...["", "_adv", "_cnn", "_engines_precompiled", "_engines_runtime_compiled", "_engines_tensor_ir"],
  ...["_ext", "_graph", "_heuristic", "_ops"],
];

const CUDA_WHEELS: readonly CudaWheel[] = [
  {
    requirement: "nvidia-cuda-runtime-cu12==12.9.79",
    sha256: "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
    tag: "manylinux_2_17_x86_64",
    bytes: 3_493_179,
    members: ["cuda_runtime/lib/libcudart.so.12"],
  },
  {
    requirement: "nvidia-cuda-nvcc-cu12==12.9.86", // XLA assembles its kernels with ptxas and links libdevice into them
    sha256: "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0",
    tag: "manylinux_2_12_x86_64",
    bytes: 40_546_229,
    members: ["cuda_nvcc/bin/ptxas", "cuda_nvcc/nvvm/libdevice/libdevice.10.bc"],
  },
  {
    requirement: "nvidia-cuda-nvrtc-cu12==12.9.86",
    sha256: "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
    tag: "manylinux_2_12_x86_64",
    bytes: 89_568_129,
    members: ["cuda_nvrtc/lib/libnvrtc.so.12", "cuda_nvrtc/lib/libnvrtc-builtins.so.12.9"],
  },
  {
    requirement: "nvidia-cuda-cupti-cu12==12.9.79",
    sha256: "096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f",
    tag: "manylinux_2_25_x86_64",
    bytes: 10_814_997,
    members: ["cuda_cupti/lib/libcupti.so.12"],
  },
  {
    requirement: "nvidia-nvjitlink-cu12==12.9.86",
    sha256: "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
    tag: "manylinux_2_12_x86_64",
    bytes: 39_748_338,
    members: ["nvjitlink/lib/libnvJitLink.so.12"],
  },
  {
    requirement: "nvidia-cublas-cu12==12.9.3.13",
    sha256: "d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72",
    tag: "manylinux_2_27_x86_64",
    bytes: 581_217_458,
    members: ["cublas/lib/libcublas.so.12", "cublas/lib/libcublasLt.so.12"],
  },
  {
    requirement: "nvidia-cudnn-cu12==9.28.0.42",
    sha256: "9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375",
    tag: "manylinux_2_27_x86_64",
    bytes: 716_538_495,
    members: CUDNN_PARTS.map((part) => `cudnn/lib/libcudnn${part}.so.9`),
  },
  {
    requirement: "nvidia-cufft-cu12==11.4.1.4",
    sha256: "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
    tag: "manylinux_2_17_x86_64",
    bytes: 200_877_592,
    members: ["cufft/lib/libcufft.so.11"],
  },
  {
    requirement: "nvidia-curand-cu12==10.3.10.19",
    sha256: "49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e",
    tag: "manylinux_2_27_x86_64",
    bytes: 68_295_626,
    members: ["curand/lib/libcurand.so.10"],
  },
  {
    requirement: "nvidia-cusolver-cu12==11.7.5.82",
    sha256: "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
    tag: "manylinux_2_27_x86_64",
    bytes: 338_117_415,
    members: ["cusolver/lib/libcusolver.so.11"],
    into: "cusparse/lib", // libtensorflow_framework, which opens it, does not look in cusolver/lib
  },
  {
    requirement: "nvidia-cusparse-cu12==12.5.10.65",
    sha256: "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
    tag: "manylinux_2_17_x86_64",
    bytes: 366_465_088,
    members: ["cusparse/lib/libcusparse.so.12"],
  },
  {
    requirement: "nvidia-nccl-cu12==2.32.3",
    sha256: "bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c",
    tag: "manylinux_2_27_x86_64",
    bytes: 351_526_311,
    members: ["nccl/lib/libnccl.so.2"],
  },
];

/** The platforms with a GPU build; TensorFlow has wheels with CUDA for no other. */
export const GPU_PLATFORMS: readonly Platform[] = [
  {
    id: "linux-x64",
    engine: "native-gpu",
    wheel: {
      requirement: `tensorflow==${TENSORFLOW_VERSION}`,
      sha256: "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
      tag: "manylinux_2_27_x86_64",
      bytes: 572_611_111,
    },
    libraries: ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
    libraryBytes: 5_249_539_288,
    cuda: CUDA_WHEELS,
    zig: ZIG_LINUX_X64,
    tried: "sets up, loads and trains on the processor where there is no GPU; ran on one H100 (driver 580)",
  },
];
