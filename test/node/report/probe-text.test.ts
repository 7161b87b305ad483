/** What `probe` prints for a person: within 80 columns, each metric explained where it stands. */
import { expect, test } from "vitest";
import { GLOSSARY, PLACES } from "../../../src/node/report/glossary.ts";
import { comparisonText, measurementsText } from "../../../src/node/report/probe-text.ts";
import { metrics } from "../../../src/probes/index.ts";
import type { Measurement } from "../../../src/probes/probe.ts";

const named = Object.keys(metrics).sort();

const at = {
  layer: 12,
  length: 16_384,
  items: 512,
  depth: 0.1,
  position: 8191,
  beyond: "interpolate",
  split: "heldout",
};
const parameter = "h.11.attn.transformer_xl.position.weight";
const rows: Measurement[] = named.flatMap((metric) =>
  [0, 1, 2].map((i) => ({
    metric,
    value: 1234.56789 + i,
    unit: "accuracy",
    n: 1920 + i,
    at: metric.includes("row")
      ? { parameter, from: 1000 + i, to: 4095 }
      : { ...at, layer: i, items: 500 + i, length: 100 + i },
  })),
);

test("every metric of a probe has words", () => {
  expect(named.length).toBeGreaterThan(12);
  expect(named).toContain("l50");
  for (const { title, unit, meaning } of Object.values(metrics)) {
    expect([title, unit, meaning].every((text) => text.length > 0)).toBe(true);
    expect(meaning).toMatch(/^[a-zA-Z0-9−‖].*\.$/s);
  }
});

test("the page's glossary takes the same words", () => {
  for (const metric of ["swap_accuracy", "hidden_distance", "headroom"] as const) {
    expect(GLOSSARY.map(([, meaning]) => meaning)).toContain(metrics[metric]?.meaning);
  }
});

test("no line is wider than 80 columns", () => {
  const long = measurementsText(rows)
    .split("\n")
    .filter((line) => [...line].length > 80);
  expect(long).toEqual([]);
});

test("nor is one of a pair, however many blocks the model has", () => {
  const next = [[{ token: "man", probability: 0.5 }], [{ token: "dog", probability: 0.5 }]] as const;
  const distanceByLayer = Array.from({ length: 13 }, () => 0.1234);
  const text = comparisonText("dog bites man", "man bites dog", [
    { continuation: "", next, divergenceBits: 1, distanceByLayer } as never,
  ]);
  expect(text.replace(/\s+/g, " ")).toMatch(/after the embedding 0\.1234, after block 0 .* after block 11 /);
  expect(text.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
});

test("each metric is explained once, with its unit and what all its rows share above them", () => {
  const text = measurementsText(rows).replace(/\s+/g, " ");
  for (const { meaning } of Object.values(metrics)) expect(text.split(meaning)).toHaveLength(2);
  for (const field of Object.keys(at)) expect(text).toContain(`${field}: ${PLACES[field]}`);
  const block = measurementsText(rows)
    .split("\n\n")
    .find((one) => one.startsWith("l50 (")) as string;
  expect(block.split("\n").slice(0, 2).join(" ")).toContain("beyond interpolate");
  expect(block.split("\n").at(-1)).toMatch(/^ *2 +102 +502 +1236\.5679 +1922$/);
});

test("curves by position are averaged over ranges that double", () => {
  const curve = Array.from({ length: 128 }, (_, position) => ({
    metric: "nll",
    value: position < 32 ? 1 : position < 64 ? 2 : 3,
    unit: "nats",
    n: 64,
    at: { position, beyond: "contiguous", split: "heldout" },
  }));
  expect(measurementsText(curve)).toMatch(
    /^ 0–31 {3}1\.0000$|0–31 +1\.0000\n *32–63 +2\.0000\n *64–127 +3\.0000/m,
  );
});

test("a value that there is none of is a dash, or what its metric says of it", () => {
  const none = (metric: string, unit: string, at = {}) =>
    measurementsText([{ metric, value: null, unit, n: 4, at }]);
  expect(none("hidden_cka", "CKA")).toMatch(/–/);
  expect(none("l50", "items")).toMatch(/past all sizes/);
  expect(none("steps_to_accuracy", "steps", { until: 2000 })).toMatch(/not within 2,000 steps/);
});

test("curves by many distances are averaged over ranges that double, to either side", () => {
  const near = Array.from({ length: 12 }, (_, i) => ({ distance: i - 3 }));
  const far = [
    { distance: 9, to: 12 },
    { distance: 13, to: 15 },
  ];
  const curve = (sites: readonly { distance: number }[]) =>
    sites.map((at): Measurement => ({ metric: "weight", value: at.distance, unit: "", n: 1, at }));
  const shown = (rows: readonly Measurement[]) =>
    measurementsText(rows)
      .split("\n")
      .flatMap(
        (line) =>
          line
            .match(/^ *(\S+) +(-?\d+\.\d{4})$/)
            ?.slice(1)
            .join(" ") ?? [],
      );
  expect(shown(curve([...near, ...far]))).toEqual([
    ...["−2–3 -2.5000", "−1 -1.0000", "0 0.0000", "1 1.0000", "2–3 2.5000", "4–7 5.5000", "8–15 10.0000"],
  ]);
  expect(shown(curve(near.slice(3, 6)))).toEqual(["0 0.0000", "1 1.0000", "2 2.0000"]);
});

test("counts are whole numbers, what rounding left of 0 is 0, and small places keep two digits", () => {
  const text = measurementsText([
    { metric: "headroom", value: 2, unit: "tokens", n: 64, at: { length: 32 } },
    { metric: "primacy", value: 5e-18, se: 0.013, unit: "ratio", n: 32, at: { length: 16 } },
    { metric: "frequency_use", value: 0.5, se: 0.1, unit: "ratio", n: 32, at: { omega: 0.00316 } },
    { metric: "frequency_use", value: 0.5, se: 0.1, unit: "ratio", n: 32, at: { omega: 0.316 } },
  ]);
  expect(text).toMatch(/^ +32 +2 +64$/m);
  expect(text).toMatch(/^ +16 +0\.0000 ± 0\.0130 +32$/m);
  expect(text).toMatch(/^0\.0032 /m);
  expect(text).toMatch(/^0\.32 /m);
});
