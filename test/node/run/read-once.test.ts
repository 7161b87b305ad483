/**
 * A file of a step that is exchanged between two reads: what is used is what was checked. Each is
 * exchanged at the first moment at which whoever read it has closed it.
 */
import { copyFileSync, renameSync, rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { DamagedError } from "../../../src/node/files/sums.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { stepName } from "../../../src/node/run/directory.ts";
import { disposeTree } from "../../../src/tensor/tree.ts";
import { STEPS, type TinyRuns, tinyRuns } from "./tiny-run.ts";

/** By path: what happens to a file once it was read. */
const { afterRead } = vi.hoisted(() => ({ afterRead: new Map<string, () => void>() }));
vi.mock(import("../../../src/node/files/regular.ts"), async (original) => {
  const real = await original();
  const exchange = (path: string) => {
    afterRead.get(path)?.();
    afterRead.delete(path);
  };
  return {
    ...real,
    async openRegularHandle(path) {
      const handle = await real.openRegularHandle(path);
      const close = handle.close.bind(handle);
      handle.close = () => close().then(() => exchange(path));
      return handle;
    },
    readRegular(path, most) {
      const bytes = real.readRegular(path, most);
      exchange(path);
      return bytes;
    },
  };
});

let runs: TinyRuns;
beforeAll(async () => {
  runs = await tinyRuns();
  await runs.train("whole");
});
afterEach(() => afterRead.clear());
afterAll(() => runs.remove());

/** Has the file of step 4 take the place of another step's, by renaming: no read sees half of each. */
function exchangeAfterRead(name: string, step: number, file: string): string {
  const path = runs.at(name, stepName(step), file);
  afterRead.set(path, () => {
    copyFileSync(runs.at("whole", stepName(4), file), `${path}.next`);
    renameSync(`${path}.next`, path);
  });
  return runs.at(name, stepName(step));
}

async function weights(step: string): Promise<unknown[]> {
  const { params } = await loadCheckpoint(step);
  const values = Object.values(params).map((tensor) => Array.from(tensor.dataSync()));
  disposeTree(params);
  return values;
}

test.each(["model.safetensors", "state.json"])("%s of a model that is asked", async (file) => {
  const saved = await weights(runs.at("whole", stepName(STEPS)));
  runs.copy("whole", `asked-${file}`);
  const step = exchangeAfterRead(`asked-${file}`, STEPS, file);
  const found = await weights(step).catch((error: unknown) => error);
  expect(afterRead.size).toBe(0); // it was exchanged
  if (!(found instanceof DamagedError)) expect(found).toEqual(saved);
  await expect(loadCheckpoint(step)).rejects.toThrow(`${file}: is not what was saved`);
});

test.each(["model.safetensors", "state.safetensors", "state.json"])(
  "%s of a step that training goes on from",
  async (file) => {
    const name = `trained-${file}`;
    runs.copy("whole", name);
    rmSync(runs.at(name, stepName(STEPS)), { recursive: true });
    exchangeAfterRead(name, 8, file);
    await runs.train(name).catch((error: unknown) => expect(error).toBeInstanceOf(DamagedError));
    expect(afterRead.size).toBe(0);
    const { from } = await runs.train(name); // the damaged step is set aside now, if it was not before
    expect([undefined, 4]).toContain(from); // undefined: the first had ended the run
    expect(runs.weights(name)).toBe(runs.weights("whole"));
  },
);
