import { dirname } from "node:path";
import { expect, test } from "vitest";
import { isInputError } from "../../../src/errors.ts";
import { GPU_PLATFORMS } from "../../../src/node/native/setup/cuda.ts";
import { libraryFolder, neededBytes, sourcesOf } from "../../../src/node/native/setup/library.ts";
import { platformFor } from "../../../src/node/native/setup/machine.ts";
import { HEADERS, PLATFORMS } from "../../../src/node/native/setup/platforms.ts";

test("every platform is pinned by two SHA-256, names two libraries and says what was tried", () => {
  for (const { wheel, zig, libraries, cuda = [], tried } of [...PLATFORMS, ...GPU_PLATFORMS]) {
    for (const { sha256, requirement, bytes } of [wheel, zig, ...cuda]) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(requirement).toMatch(/^[a-z0-9-]+==\d+(\.\d+){2,3}$/);
      expect(bytes).toBeGreaterThan(1e6);
    }
    expect(libraries).toHaveLength(2);
    expect(tried).not.toBe("");
  }
  expect(HEADERS).toHaveLength(14);
});

test("a machine finds its platform, or the reason why it has none", () => {
  expect(platformFor("native", { platform: "linux", arch: "x64", glibc: "2.27" }).id).toBe("linux-x64");
  expect(platformFor("native", { platform: "darwin", arch: "arm64" }).id).toBe("darwin-arm64");
  const refused = (platform: string, arch: string, glibc?: string) => () =>
    platformFor("native", { platform, arch, glibc });
  expect(refused("win32", "x64")).toThrow(
    "setup: no TensorFlow library for win32-x64; use one of linux-x64, linux-arm64, darwin-arm64",
  );
  expect(refused("linux", "x64")).toThrow("without glibc");
  expect(refused("linux", "x64", "2.17")).toThrow("glibc is 2.17, TensorFlow needs 2.27");
});

const linux = { platform: "linux", arch: "x64", glibc: "2.36" };

test.each([
  ["darwin", "arm64"],
  ["win32", "x64"],
  ["linux", "arm64"],
])("%s-%s has no CUDA build, which is bad input and not a failure", (platform, arch) => {
  let error: unknown;
  try {
    platformFor("native-gpu", { platform, arch, glibc: "2.36" });
  } catch (caught) {
    error = caught;
  }
  expect(isInputError(error)).toBe(true);
  expect((error as Error).message).toBe(
    `setup: no CUDA build of TensorFlow for ${platform}-${arch}; use linux-x64, ` +
      "then run npm run setup -- --gpu (--engine native works without it)",
  );
});

test("native-gpu is TensorFlow's wheel with CUDA and one wheel for each requirement of its extra and-cuda", () => {
  const [tensorflow, ...cuda] = sourcesOf(platformFor("native-gpu", linux)).map(
    ({ wheel }) => wheel.requirement,
  );
  expect(tensorflow).toBe("tensorflow==2.21.0");
  // METADATA of that wheel, "Requires-Dist: ...; extra == 'and-cuda'", with the bounds that it gives.
  const bounds: Record<string, readonly [from: string, below: number]> = {
    "nvidia-cublas-cu12": ["12.5.3.2", 13],
    "nvidia-cuda-cupti-cu12": ["12.5.82", 13],
    "nvidia-cuda-nvcc-cu12": ["12.5.82", 13],
    "nvidia-cuda-nvrtc-cu12": ["12.5.82", 13],
    "nvidia-cuda-runtime-cu12": ["12.5.82", 13],
    "nvidia-cudnn-cu12": ["9.3.0.75", 10],
    "nvidia-cufft-cu12": ["11.2.3.61", 12],
    "nvidia-curand-cu12": ["10.3.6.82", 11],
    "nvidia-cusolver-cu12": ["11.6.3.83", 12],
    "nvidia-cusparse-cu12": ["12.5.1.3", 13],
    "nvidia-nccl-cu12": ["2.27.7", 3],
    "nvidia-nvjitlink-cu12": ["12.5.82", 13],
  };
  expect(cuda.map((requirement) => requirement.split("==")[0]).sort()).toEqual(Object.keys(bounds));
  for (const requirement of cuda) {
    const [name, version] = requirement.split("==") as [string, string];
    const [from, below] = bounds[name] as readonly [string, number];
    expect(version.localeCompare(from, "en", { numeric: true }), requirement).toBeGreaterThanOrEqual(0);
    expect(Number.parseInt(version, 10), requirement).toBeLessThan(below);
  }
});

test("with CUDA the files lie as in a Python installation, but for cuSOLVER: the RUNPATHs find them", () => {
  const targets = sourcesOf(platformFor("native-gpu", linux)).flatMap(({ members }) => members);
  const at = new Map(targets.map(([member, target]) => [member, target]));
  expect(new Set(at.values()).size).toBe(targets.length);
  for (const name of ["cc", "framework"]) {
    const library = `tensorflow/libtensorflow_${name}.so.2`;
    expect(at.get(library)).toBe(library);
  }
  // What readelf says of libtensorflow_framework.so.2: $ORIGIN/../nvidia/<part>/lib of these, from
  // where it opens the seven libraries without which it uses no GPU.
  const parts = ["cuda_runtime", "cusparse", "cufft", "cudnn", "cublas", "nccl", "cuda_cupti", "nvshmem"];
  const folders = parts.map((part) => `nvidia/${part}/lib`);
  for (const name of ["cudart", "cublas", "cublasLt", "cufft", "cusolver", "cusparse", "cudnn"]) {
    const target = [...at.values()].find((path) => path.includes(`/lib${name}.so.`));
    expect(folders, name).toContain(dirname(target as string));
  }
  expect(at.get("nvidia/cuda_nvcc/bin/ptxas")).toBe("nvidia/cuda_nvcc/bin/ptxas");
  expect([...at.keys()].filter((name) => /\.(a|h|py|alt\.so)/.test(name)).sort()).toEqual(
    HEADERS.map((name) => `tensorflow/include/${name}`).sort(),
  );
});

test("both builds of a machine have their own folder in the cache, and with CUDA it is to hold five times as much", () => {
  const [cpu, gpu] = [platformFor("native", linux), platformFor("native-gpu", linux)];
  expect(libraryFolder("/cache", cpu)).toBe("/cache/tensorflow-2.21.0-linux-x64");
  expect(libraryFolder("/cache", gpu)).toBe("/cache/tensorflow-2.21.0-linux-x64-cuda");
  expect(neededBytes(cpu)).toBe(274_000_871 + 853_308_936);
  expect(neededBytes(gpu)).toBe(716_538_495 + 5_249_539_288); // the largest wheel is cuDNN's
});
