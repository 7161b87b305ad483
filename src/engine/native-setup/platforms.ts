/**
 * Where the TensorFlow library comes from: the wheels of its Python packages, whose C interface tfjs-node's addon
 * was written for. The original prebuilt libraries are no longer served (tensorflow/tfjs #8742).
 */
import { SetupError } from "./progress.ts";

/** A wheel, pinned by its hash. */
export interface Wheel {
  readonly requirement: string;
  readonly sha256: string;
  /** pip's platform tag; another tag finds nothing. */
  readonly tag: string;
  /** Size of the download, for progress and the check of free space. */
  readonly bytes: number;
}

/** What is needed to set up one platform. */
export interface Platform {
  readonly id: string;
  readonly wheel: Wheel;
  /** The two libraries, as named in the wheel's `tensorflow/` folder. */
  readonly libraries: readonly [string, string];
  /** Their size on disk together, for the check of free space. */
  readonly libraryBytes: number;
  /** Compiler for a machine that has none. */
  readonly zig: Wheel;
  /** What was seen to work. Reported by `doctor`; say so where a platform was never run. */
  readonly tried: string;
}

/** Version of the library; a new one makes every clone set up again. */
export const TENSORFLOW_VERSION = "2.21.0";

const ZIG = "ziglang==0.15.2";

/** The platforms that set-up knows. */
export const PLATFORMS: readonly Platform[] = [
  {
    id: "linux-x64",
    wheel: {
      requirement: `tensorflow-cpu==${TENSORFLOW_VERSION}`,
      sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
      tag: "manylinux_2_27_x86_64",
      bytes: 274_000_871,
    },
    libraries: ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
    libraryBytes: 853_308_936,
    zig: {
      requirement: ZIG,
      sha256: "806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130",
      tag: "manylinux_2_12_x86_64",
      bytes: 93_508_126,
    },
    tried: "runs",
  },
  {
    id: "linux-arm64",
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

/** This machine, as far as the choice of a wheel depends on it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Version of glibc, undefined where there is none (musl, macOS). */
  readonly glibc?: string | undefined;
}

/**
 * The entry of the table for a machine.
 *
 * @throws SetupError when TensorFlow has no library for it.
 */
export function platformFor(machine: Machine = thisMachine()): Platform {
  const id = `${machine.platform}-${machine.arch}`;
  const found = PLATFORMS.find((platform) => platform.id === id);
  const known = PLATFORMS.map((platform) => platform.id).join(", ");
  if (found === undefined) throw new SetupError(`no TensorFlow library for ${id}`, `use one of ${known}`);
  if (machine.platform !== "linux") return found;
  if (machine.glibc === undefined) {
    throw new SetupError(
      `no TensorFlow library for ${id} without glibc`,
      "use a distribution with glibc 2.27 or newer",
    );
  }
  const [major = 0, minor = 0] = machine.glibc.split(".").map(Number);
  if (major < 2 || (major === 2 && minor < 27)) {
    throw new SetupError(`glibc is ${machine.glibc}, TensorFlow needs 2.27`, "use a newer distribution");
  }
  return found;
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  if (process.platform !== "linux") return { platform: process.platform, arch: process.arch };
  // Node's own report names the C library it runs on; types of `header` are left open by @types/node.
  const report = process.report?.getReport() as unknown as { header?: { glibcVersionRuntime?: string } };
  return { platform: "linux", arch: process.arch, glibc: report.header?.glibcVersionRuntime };
}
