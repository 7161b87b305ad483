/**
 * Where the TensorFlow library comes from: the wheels of its Python packages, whose C interface
 * tfjs-node's addon was written for. The original prebuilt libraries are no longer served
 * (tensorflow/tfjs #8742).
 */
import type { Wheel } from "../../files/pip.ts";
import type { NativeEngine } from "../../files/progress.ts";

/** One wheel of NVIDIA's and the members that are unpacked, below `nvidia/` in the wheel and in the cache. */
export interface CudaWheel extends Wheel {
  readonly members: readonly string[];
  /** The folder below `nvidia/` that they are unpacked to, where it is not their own. */
  readonly into?: string;
}

/** What is needed to set up one engine on one platform. */
export interface Platform {
  readonly id: string;
  readonly engine: NativeEngine;
  readonly wheel: Wheel;
  /** What the library opens besides itself to compute on a GPU. */
  readonly cuda?: readonly CudaWheel[];
  /** The two libraries, as named in the wheel's `tensorflow/` folder. */
  readonly libraries: readonly [string, string];
  /** Size on disk of all that is unpacked, for the check of free space. */
  readonly libraryBytes: number;
  /** Compiler for a machine that has none. */
  readonly zig: Wheel;
  /** What was seen to work. Reported by `doctor`; say so where a platform was never run. */
  readonly tried: string;
}

/**
 * Folder of the two libraries, below the platform's own in the cache. With CUDA they are in one of
 * their own: they look for NVIDIA's beside it.
 */
export const librariesIn = ({ cuda }: Platform): string => (cuda === undefined ? "" : "tensorflow");

/** Version of the library; a new one makes every clone set up again. */
export const TENSORFLOW_VERSION = "2.21.0";

const ZIG = "ziglang==0.15.2";

/** The compiler of both engines on Linux x64. */
export const ZIG_LINUX_X64: Wheel = {
  requirement: ZIG,
  sha256: "806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130",
  tag: "manylinux_2_12_x86_64",
  bytes: 93_508_126,
};

/** The platforms of the native engine; `cuda.ts` has those of native-gpu. */
export const PLATFORMS: readonly Platform[] = [
  {
    id: "linux-x64",
    engine: "native",
    wheel: {
      requirement: `tensorflow-cpu==${TENSORFLOW_VERSION}`,
      sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
      tag: "manylinux_2_27_x86_64",
      bytes: 274_000_871,
    },
    libraries: ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
    libraryBytes: 853_308_936,
    zig: ZIG_LINUX_X64,
    tried: "runs",
  },
  {
    id: "linux-arm64",
    engine: "native",
    wheel: {
      requirement: `tensorflow==${TENSORFLOW_VERSION}`,
      sha256: "b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552",
      tag: "manylinux_2_27_aarch64",
      bytes: 282_000_000,
    },
    libraries: ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
    libraryBytes: 883_000_000,
    zig: {
      requirement: ZIG,
      sha256: "edc0aa60ec964a4cf462d40f68d7de242ddf37fd9a80f2afaee6397059463230",
      tag: "manylinux_2_17_aarch64",
      bytes: 90_542_084,
    },
    tried: "library and addon ran in an emulator; never on a real machine",
  },
  {
    id: "darwin-arm64",
    engine: "native",
    wheel: {
      requirement: `tensorflow==${TENSORFLOW_VERSION}`,
      sha256: "56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712",
      tag: "macosx_12_0_arm64",
      bytes: 223_000_000,
    },
    libraries: ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"],
    libraryBytes: 740_000_000,
    zig: {
      requirement: ZIG,
      sha256: "acae2a9ce67ed249ad68d42c21bc73b5f9d51a33ba5ea42f609f78683e8d9bb7",
      tag: "macosx_12_0_arm64",
      bytes: 92_993_702,
    },
    tried: "the addon was linked against the library; never run",
  },
];

/** The 14 headers that the addon includes, below `tensorflow/include/` in the wheel. */
export const HEADERS: readonly string[] = [
  ...[
    "c_api",
    "c_api_macros",
    "tf_attrtype",
    "tf_buffer",
    "tf_datatype",
    "tf_status",
    "tf_tensor",
    "tf_tstring",
  ].map((name) => `tensorflow/c/${name}.h`),
  "tensorflow/c/eager/c_api.h",
  "tensorflow/core/platform/ctstring.h",
  "tensorflow/core/platform/ctstring_internal.h",
  "tsl/platform/ctstring.h",
  "tsl/platform/ctstring_internal.h",
  "xla/tsl/c/tsl_status.h",
];
