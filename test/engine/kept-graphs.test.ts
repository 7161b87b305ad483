/** Graphs that are kept for the next function of the same name and meaning. */
import { expect, test } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import type { Compiler, Graph } from "../../src/engine/compiler.ts";
import { recordEngine } from "../../src/engine/engine.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { tf } from "../../src/tensor/tf.ts";

/** A compiler that counts what it makes and frees, and runs functions as they are. */
function counting() {
  const counts = { made: 0, freed: 0 };
  const compiler = {
    graph(fn: (inputs: never) => unknown): Graph<never, unknown> {
      counts.made++;
      return { run: (inputs) => tf.tidy(() => fn(inputs) as never), close: () => void counts.freed++ };
    },
  } as unknown as Compiler; // no more of it is called here
  return { counts, compiler };
}

async function withCounting(use: (counts: { made: number; freed: number }) => void) {
  const cpu = await startEngine("cpu");
  const { counts, compiler } = counting();
  recordEngine({ ...cpu, compiler });
  try {
    use(counts);
  } finally {
    recordEngine(cpu);
  }
}

/** x + by, of (n). */
function added(by: number, n: number, of?: string): number[] {
  const add = compile(({ x }: { x: tf.Tensor }) => ({ y: tf.add(x, by) }), { name: "add", of });
  const x = tf.zeros([n]);
  const { y } = add({ x });
  const values = Array.from(y.dataSync());
  tf.dispose([x, y]);
  add.close();
  return values;
}

test("a function that says what it is runs the graphs of the last one that was the same", () =>
  withCounting((counts) => {
    expect([added(1, 2, "one"), added(1, 2, "one")]).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(counts).toEqual({ made: 1, freed: 0 });
    expect(added(2, 2, "two")).toEqual([2, 2]); // another function
    expect(added(1, 3, "one")).toEqual([1, 1, 1]); // another shape
    expect(counts).toEqual({ made: 3, freed: 0 });
  }));

test("one that does not say is compiled anew, and freed with it", () =>
  withCounting((counts) => {
    expect([added(1, 2), added(2, 2)]).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(counts).toEqual({ made: 2, freed: 2 });
  }));

test("of many, those that were used least recently are freed", () =>
  withCounting((counts) => {
    added(0, 1, "first");
    for (let n = 1; n < 64; n++) added(n, 1, String(n));
    expect(counts).toEqual({ made: 64, freed: 0 });
    added(0, 1, "first");
    added(64, 1, "64"); // frees "1"
    expect(counts).toEqual({ made: 65, freed: 1 });
    added(0, 1, "first");
    expect(counts.made).toBe(65);
    expect(added(1, 1, "1")).toEqual([1]);
    expect(counts.made).toBe(66);
  }));
