/**
 * native-gpu beside native: in miniature through the whole set-up, and what starting it says where
 * it cannot run.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../../../src/node/files/command.ts";
import { startEngine } from "../../../src/node/native/engines.ts";
import { ensureNative, nativeStatus, statusOf } from "../../../src/node/native/setup/index.ts";
import { addonPath } from "../../../src/node/native/setup/status.ts";
import { type FakeSetup, makeFakeSetup, TOOLS } from "./fake-setup.ts";

describe.skipIf(!TOOLS.python || !TOOLS.compiler)("a set-up of both with the real pip and compiler", () => {
  let native: FakeSetup;
  let gpu: FakeSetup;

  beforeAll(async () => {
    native = makeFakeSetup();
    await ensureNative(native.options);
    gpu = makeFakeSetup("native-gpu", native.folder);
    await ensureNative(gpu.options);
  }, 120_000);
  afterAll(() => rmSync(native.folder, { recursive: true, force: true }));

  const cuda = (name: string) => join(gpu.options.cache, "tensorflow-2.21.0-linux-fake-cuda", name);

  test("keeps an addon and a library of each, and of NVIDIA's wheel what it names", () => {
    const { tfjsNode, cache } = native.options;
    const [one, two] = [nativeStatus(tfjsNode), statusOf("native-gpu", tfjsNode)];
    if (!one.ready || !two.ready) throw new Error("one is not ready");
    // Each addon was loaded by the set-up, which it can only be when it finds the libraries of its
    // own folder.
    expect(readFileSync(one.addon).includes(`${one.record.library}\0`)).toBe(true);
    expect(readFileSync(two.addon).includes(`${cuda("tensorflow")}\0`)).toBe(true);
    const left = readdirSync(cache).map((name) => name.replace(/-[0-9a-f]{16}/, "-KEY"));
    expect(left.sort()).toEqual([
      "addon-KEY.node",
      "addon-KEY.node",
      "addon-KEY.node.sha256",
      "addon-KEY.node.sha256",
      "tensorflow-2.21.0-linux-fake",
      "tensorflow-2.21.0-linux-fake-cuda",
    ]);
    expect(readFileSync(cuda("nvidia/part/lib/libpart.so.1"), "utf8")).toBe("part/lib/libpart.so.1");
    expect(existsSync(cuda("nvidia/part/include"))).toBe(false);
  });

  test("sees that a library of NVIDIA's is truncated, and mends it without touching native", async () => {
    const { tfjsNode } = native.options;
    const library = cuda("nvidia/part/lib/libpart.so.1");
    const { size } = statSync(library);
    const before = statSync(nativeStatusAddon(tfjsNode)).mtimeMs;
    truncateSync(library, size - 1);
    expect(statusOf("native-gpu", tfjsNode)).toMatchObject({
      ready: false,
      reason: expect.stringContaining("is missing or not whole"),
    });
    expect(nativeStatus(tfjsNode).ready).toBe(true);
    await ensureNative(gpu.options);
    expect(statSync(library).size).toBe(size);
    expect(statSync(nativeStatusAddon(tfjsNode)).mtimeMs).toBe(before);
  });

  test("lays the files out anew where another version laid them elsewhere", async () => {
    const { platform, tfjsNode } = gpu.options;
    rmSync(addonPath(tfjsNode, "native-gpu")); // as a version with another addon finds it
    const moved = { ...platform, cuda: platform.cuda?.map((wheel) => ({ ...wheel, into: "other/lib" })) };
    await ensureNative({ ...gpu.options, platform: moved as typeof platform });
    expect(readdirSync(cuda("nvidia"))).toEqual(["other"]);
    expect(readdirSync(cuda("nvidia/other/lib")).sort()).toEqual(["libpart.so.1", "tool"]);
    expect(statusOf("native-gpu", tfjsNode).ready).toBe(true);
  });

  test("says in its errors how to go on, for native-gpu", async () => {
    rmSync(cuda("."), { recursive: true });
    const { platform } = gpu.options;
    const wrong = {
      ...platform,
      cuda: platform.cuda?.map((wheel) => ({ ...wheel, sha256: "0".repeat(64) })),
    };
    await expect(ensureNative({ ...gpu.options, platform: wrong as typeof platform })).rejects.toThrow(
      /^setup: fake-part==1.0.0 could not .* SHA-256 is not 0{64}; .*, then run npm run setup -- --gpu \(--engine native works/,
    );
    expect(existsSync(cuda("."))).toBe(false); // TensorFlow's own wheel was unpacked, and is not taken for whole
  });
});

function nativeStatusAddon(tfjsNode: string): string {
  const status = nativeStatus(tfjsNode);
  if (!status.ready) throw new Error(status.reason);
  return status.addon;
}

test.skipIf(statusOf("native-gpu").ready)(
  "native-gpu is not fetched by itself: its error has the command",
  async () => {
    await expect(startEngine("native-gpu")).rejects.toThrow(
      /^engine native-gpu: .*; run npm run setup -- --gpu$/,
    );
  },
);

test.skipIf(!nativeStatus().ready)(
  "a process that has loaded native does not load native-gpu beside it",
  async () => {
    await startEngine("native", { threads: 1 });
    await expect(startEngine("native-gpu")).rejects.toThrow(
      "engine native-gpu: this process has loaded native, and TensorFlow can be loaded once; use another process",
    );
  },
);

/** Status is one pointer, and 1 where all went well; it is returned by reference. */
const OPEN_ALL = `
import ctypes, sys
library = ctypes.CDLL(sys.argv[1] + "/tensorflow/libtensorflow_framework.so.2")
status = (ctypes.c_uint64 * 4)()
open_all = library._ZN3tsl8internal9DsoLoader26MaybeTryDlopenGPULibrariesEv
open_all.argtypes, open_all.restype = [ctypes.c_void_p], None
open_all(ctypes.addressof(status))
sys.exit(status[0] != 1)`;

test.skipIf(!statusOf("native-gpu").ready || !TOOLS.python)(
  "TensorFlow opens all libraries without which it uses no GPU",
  async () => {
    const status = statusOf("native-gpu");
    if (!status.ready) throw new Error(status.reason);
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "0", TF_CPP_MAX_VLOG_LEVEL: "1" };
    const { code, output } = await runCommand(["python3", "-c", OPEN_ALL, status.record.library], { env });
    expect(code, output).toBe(0);
  },
);

test.skipIf(!statusOf("native-gpu").ready)("native-gpu says on which device it computes", async () => {
  const script = join(import.meta.dirname, "../../../scripts/whereabouts.mjs");
  const { output } = await runCommand([process.execPath, script, "doctor", "--try", "native-gpu"]);
  expect(output).toMatch(/"starts":true.* with CUDA through tfjs-node, on the (GPU|CPU: no GPU was found), /);
});
