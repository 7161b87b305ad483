/** What stands on stderr: our lines alone, whatever the processor makes TensorFlow do by itself. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { nativeStatus } from "../../../src/node/native/setup/status.ts";
import { LEARNED, run, TINY } from "../../scripts/run-command.ts";
import { runChild } from "./child.ts";

const NOTICE = /oneDNN custom operations are on/;

let folder: string;
beforeEach(() => {
  vi.stubEnv("TF_ENABLE_ONEDNN_OPTS", undefined);
  folder ??= mkdtempSync(join(tmpdir(), "stderr-"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Starts engines one after another in a process of its own. @param oneDnn set from JavaScript
 * before the first
 */
function startEngines(names: readonly string[], oneDnn?: string) {
  const { stdout, stderr } = runChild("start-engines", [
    names.join(","),
    ...(oneDnn === undefined ? [] : [oneDnn]),
  ]);
  return { oneDnn: stdout.trim(), stderr };
}

test("an engine that is started again, after others, prints nothing", () => {
  const native = nativeStatus().ready ? ["native"] : [];
  const names = ["cpu", "wasm", ...native];
  expect(startEngines([...names, ...names]).stderr).toBe("");
});

describe.skipIf(!nativeStatus().ready)("TensorFlow", () => {
  test("a command prints our lines alone", async () => {
    const { stderr, code } = await run("train", LEARNED, "--engine", "native", "--out", folder, ...TINY);
    expect(code, stderr).toBe(0);
    const lines = stderr.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !/^(learned {6}|train: |next: npm run )/.test(line))).toEqual([]);
  });

  test("who asks for TensorFlow.js after it has started gets layers too, which it leaves out", () => {
    const { stdout, stderr } = runChild("whole-tfjs", []);
    const { backend, losses } = JSON.parse(stdout) as { backend: string; losses: [number, number] };
    expect({ backend, stderr }).toEqual({ backend: "tensorflow", stderr: "" });
    expect(losses[1]).toBeLessThan(losses[0]);
  });

  test("its oneDNN operations are off, unless the user has set them", () => {
    expect(startEngines(["native"])).toEqual({ oneDnn: "0", stderr: "" });
  });

  // A processor with AVX2 alone is silent by itself: here 1 shows that what JavaScript sets is what
  // the library reads.
  test.runIf(process.arch === "x64")(
    "the library sees the variable as it is set here, and a user's stays",
    () => {
      const set = startEngines(["native"], "1");
      expect(set.oneDnn).toBe("1");
      expect(set.stderr).toMatch(NOTICE);
      expect(startEngines(["native"], "0")).toEqual({ oneDnn: "0", stderr: "" });
      vi.stubEnv("TF_ENABLE_ONEDNN_OPTS", "1");
      expect(startEngines(["native"]).oneDnn).toBe("1");
    },
  );
});
