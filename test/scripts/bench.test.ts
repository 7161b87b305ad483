import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { besideNone, parseSize } from "../../scripts/bench/rows.ts";
import { nativeStatus, statusOf } from "../../src/node/native/setup/status.ts";
import { run } from "./run-command.ts";
import { runInside } from "./run-inside.ts";

vi.setConfig({ testTimeout: 120_000 });

const SMALL = ["bench", "--sizes", "1,1,8,4,2", "--threads", "1", "--rounds", "1"];

test.skipIf(!nativeStatus().ready)("bench prints a row for each encoding, as JSON alone", async () => {
  const { code, stdout } = await run(...SMALL, "--encodings", "none,learned", "--json");
  expect(code).toBe(0);
  const { rows } = JSON.parse(stdout) as { rows: Record<string, number>[] };
  expect(rows.map(({ encoding }) => encoding)).toEqual(["none", "learned"]);
  for (const row of rows) {
    expect(row).toMatchObject({ engine: "native", precision: "float32", layers: 1, heads: 1, width: 8 });
    expect(row).toMatchObject({ context: 4, batch: 2, threads: 1 });
    expect(row.tokensPerSecond).toBeCloseTo(8000 / (row.msPerStep as number), -1);
    expect(row.peakRssMB).toBeGreaterThan(50);
    expect(row.firstCallMs).toBeGreaterThan(row.msPerStep as number);
  }
  const [none, learned] = rows as [Record<string, number>, Record<string, number>];
  expect([none.ratioToNone, none.cpuRatioToNone, none.ratioFrom]).toEqual([1, 1, undefined]);
  expect(learned.cpuRatioToNone).toBeGreaterThan(0);
  expect(learned.ratioToNone).toBeGreaterThan(0);
  expect([learned.ratioFrom, learned.ratioTo]).toEqual([learned.ratioToNone, learned.ratioToNone]); // one round
});

test("the ratio to none is the median of the turns, beside the least and the most", () => {
  const ms = [
    [
      [2, 4, 30],
      [9, 9, 9],
      [5, 5, 5],
    ],
    [
      [2, 2, 2],
      [3, 3, 3],
      [1, 50, 10],
    ],
  ];
  const cpuMs = [
    [1, 6, 2],
    [1, 2, 4],
  ];
  const ratios = { ratioToNone: 2, ratioFrom: 0.5, ratioTo: 3 };
  expect(besideNone({ ms, cpuMs }, 0, 1)).toEqual({ ...ratios, cpuRatioToNone: 1 });
});

test.skipIf(!nativeStatus().ready)(
  "bench --generate has a row that remembers and one that reads anew",
  async () => {
    const { code, stdout, stderr } = await runInside(
      ...SMALL,
      "--generate",
      "--encodings",
      "learned",
      "--json",
    );
    expect(code, stderr).toBe(0);
    const { rows } = JSON.parse(stdout) as { rows: Record<string, number>[] };
    expect(rows.map(({ phase, cached }) => [phase, cached])).toEqual([
      ["generation", true],
      ["generation", false],
    ]);
    for (const row of rows) {
      expect(row).toMatchObject({ engine: "native", encoding: "learned", context: 4, batch: 2, threads: 1 });
      const expected = 2000 / (row.msPerStep as number); // two rows get a token a step
      expect(Math.abs((row.tokensPerSecond as number) - expected)).toBeLessThanOrEqual(1);
    }
  },
);

test.skipIf(!nativeStatus().ready)(
  "bench --endurance tells the memory ten times, and holds as many tensors each time",
  async () => {
    const { code, stdout } = await runInside(
      ...SMALL,
      "--endurance",
      "20",
      "--encodings",
      "learned",
      "--json",
    );
    expect(code).toBe(0);
    const { rows } = JSON.parse(stdout) as { rows: Record<string, number>[] };
    expect(rows.map(({ steps }) => steps)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    expect(new Set(rows.map(({ tensors }) => tensors)).size).toBe(1);
    for (const { rssMB } of rows) expect(rssMB).toBeGreaterThan(50);
  },
);

test.skipIf(!nativeStatus().ready)("bench --probes has a row for each probe, with its memory", async () => {
  const size = ["--sizes", "1,1,8,32,1", "--threads", "1"];
  const { code, stdout, stderr } = await runInside(
    "bench",
    "--probes",
    ...size,
    "--only",
    "order,coverage",
    "--json",
  );
  expect(code, stderr).toBe(0);
  const { rows } = JSON.parse(stdout) as { rows: Record<string, number>[] };
  expect(rows.map(({ probe }) => probe)).toEqual(["order", "coverage"]);
  for (const row of rows) {
    expect(row).toMatchObject({
      encoding: "learned",
      layers: 1,
      heads: 1,
      width: 8,
      context: 32,
      threads: 1,
    });
    expect(row.seconds).toBeGreaterThan(0);
    expect(row.rows).toBeGreaterThan(0);
    expect(row.peakRssMB).toBeGreaterThan(50);
  }
  expect(stderr).toMatch(/bench: order at 1,1,8,32: [0-9.]+ s, \d+ MB/);
});

test.skipIf(!nativeStatus().ready)("a peer that is not there is one line and exit code 2", async () => {
  const { code, stderr } = await runInside(
    ...SMALL,
    "--encodings",
    "none",
    "--peer",
    "pytorch",
    "--python",
    "/no/python",
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/bench: pytorch ended: .*--python/);
});

test.skipIf(statusOf("native-gpu").ready)("native-gpu says how it is installed", async () => {
  const { code, stderr } = await runInside(...SMALL, "--engine", "native-gpu");
  expect(code).toBe(2);
  expect(stderr).toMatch(/bench: native-gpu ended: .*; run npm run setup -- --gpu/);
});

test.each([
  [["--sizes", "2,3,64,32,16"], /2,3,64,32,16 is not layers,heads,width,context,batch/],
  [["--encodings", "colour"], /colour is not one of none/],
  [["--threads", "0"], /--threads: 0 is not a number/],
  [["--rounds", "0"], /--rounds: 0 is not/],
  [["--endurance", "0"], /--endurance: 0 is not a number of steps/],
  [["--generate", "--growth"], /--generate: was given beside --growth/],
  [
    ["--sweep", "--engine", "native-gpu"],
    /--engine: native-gpu was given beside --sweep, which times native alone; leave --engine out/,
  ],
  [["--probes", "--only", "colour"], /unknown probe "colour"; known: order/],
  [["--precision", "float16"], /float16 is not float32 or bfloat16/],
])("bench %s is refused", async (args, message) => {
  const { code, stderr } = await runInside("bench", ...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test("a size is layers, heads, width, context and batch", () => {
  expect(parseSize("2,4,64,32,16")).toEqual({ layers: 2, heads: 4, width: 64, context: 32, batch: 16 });
});

test.skipIf(!nativeStatus().ready)(
  "bench --import has a row with time and memory to the first logits",
  async () => {
    const golden = join(import.meta.dirname, "..", "goldens", "huggingface", "gpt2");
    const { code, stdout, stderr } = await runInside("bench", "--import", golden, "--rounds", "1", "--json");
    expect(code, stderr).toBe(0);
    const { rows } = JSON.parse(stdout) as { rows: Record<string, number>[] };
    expect(rows.map(({ library, round }) => [library, round])).toEqual([["whereabouts", 1]]);
    const [{ readyMs, loadedMs, logitsMs, readyRssMB, peakRssMB, fileMB, weightsMB }] = rows as [
      Record<string, number>,
    ];
    expect(loadedMs).toBeGreaterThan(readyMs as number);
    expect(logitsMs).toBeGreaterThan(loadedMs as number);
    expect(peakRssMB).toBeGreaterThanOrEqual(readyRssMB as number);
    expect(fileMB).toBeGreaterThan(weightsMB as number); // float32, and a header
  },
);
