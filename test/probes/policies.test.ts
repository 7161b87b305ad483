/**
 * Policies, schemes and scalings of one checkpoint: against scalar losses, and against each other
 * where theory says that they are one.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { scalingsOf } from "../../src/probes/beyond.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import * as reference from "./reference-losses.ts";

/** Decimals: float32 against doubles, over a hundred or so sums of numbers of size 1 to 10. */
const ROUNDING = 4;
const L = 4;
const CONTEXTS = 3;
const windows = reference.randomText(80);

beforeAll(() => startTestEngine());

async function asked(position: { readonly kind: string }, fields: object = {}) {
  const model = smallModel(position, { layers: 1, width: 8, context: L, ...fields });
  const params = livelyParams(model);
  const before = tf.memory().numTensors;
  const subject = { model, params, tokenizer: reference.tokenizer, material: { windows } };
  const rows = await runProbe("policies", subject, 1, { contexts: CONTEXTS });
  expect(tf.memory().numTensors).toBe(before);
  const scalar = reference.referenceOf(model, params);
  disposeTree(params);
  /** Values by where their range ends, of rows with these coordinates. */
  const at = (place: object) =>
    rows
      .filter(({ metric, at }) => {
        const here = Object.entries(place).every(([key, value]) => at[key] === value);
        return metric === "policy_nll" && here;
      })
      .map(({ at, value }) => [at.to, value] as const);
  return { rows, scalar, at };
}

describe("a model without positions", () => {
  let answered: Awaited<ReturnType<typeof asked>>;
  beforeAll(async () => {
    answered = await asked({ kind: "none" });
  });

  test("loss by range and degradation are those of scalar loops", () => {
    const { tokens, targets } = windows.window(0, CONTEXTS, 4 * L);
    const nll = Array.from({ length: CONTEXTS }, (_, c) =>
      reference.referenceNll(answered.scalar, [
        tokens[4 * L * c] as number,
        ...targets.subarray(4 * L * c, 4 * L * (c + 1)),
      ]),
    );
    const rowTo = (to: number) =>
      answered.rows.find(({ at }) => at.scheme === "contiguous" && at.to === to) as Measurement;
    for (const [from, to] of [
      [0, L],
      [L, 2 * L],
      [2 * L, 4 * L],
    ] as const) {
      const means = nll.map((one) => reference.meanOf(one.slice(from, to)));
      const { value, se, n, at } = rowTo(to);
      expect(value).toBeCloseTo(reference.meanOf(means), ROUNDING);
      expect(se).toBeCloseTo(reference.errorOf(means), ROUNDING);
      expect([n, at.from]).toEqual([CONTEXTS, from + 1]);
    }
    const apart = nll.map((one) => reference.meanOf(one.slice(0, 2 * L)) - reference.meanOf(one.slice(0, L)));
    const ratio = answered.rows.find(({ metric }) => metric === "policy_degradation");
    expect(ratio?.value).toBeCloseTo(Math.exp(reference.meanOf(apart)), ROUNDING);
    expect(ratio?.se).toBeCloseTo(Math.exp(reference.meanOf(apart)) * reference.errorOf(apart), ROUNDING);
  });

  test("is the same under every scheme, and has neither policies nor scalings", () => {
    const schemes = ["contiguous", "randomized", "interpolated", "clamped", "wrapped"];
    expect([...new Set(answered.rows.map(({ at }) => at.scheme))]).toEqual(schemes);
    const [first, ...others] = schemes.map((scheme) => answered.at({ scheme }));
    expect(first).toHaveLength(3);
    for (const other of others)
      other.forEach(([to, value], i) => {
        expect(to).toBe(first?.[i]?.[0]);
        expect(value).toBeCloseTo(first?.[i]?.[1] as number, 5);
      });
    for (const { at } of answered.rows) expect([at.policy, at.scaling]).toEqual([undefined, undefined]);
  });
});

test("a learned table: clamp is the scheme clamped, wrap the scheme wrapped, and all policies are one up to L_max", async () => {
  const { at, rows } = await asked({ kind: "learned" });
  expect(at({ policy: "clamp" })).toEqual(at({ policy: "throw", scheme: "clamped" }));
  expect(at({ policy: "wrap" })).toEqual(at({ policy: "throw", scheme: "wrapped" }));
  expect(at({ policy: "throw", scheme: "contiguous" }).map(([to]) => to)).toEqual([L]); // undefined past it
  expect(at({ scheme: "randomized" })).toEqual([]); // draws positions that the table lacks
  const inside = rows.filter(({ metric, at }) => metric === "policy_nll" && at.to === L);
  for (const { value } of inside) expect(value).toBeCloseTo(inside[0]?.value as number, 5);
  const past = ["clamp", "wrap", "zero", "untrained", "interpolate"].map((policy) => at({ policy })[1]?.[1]);
  expect(new Set(past).size).toBe(5);
});

test("RoPE: linear by 4 at 4L is the scheme interpolated there; dynamic is none up to L_max; the others differ", async () => {
  const { at } = await asked({ kind: "rope" });
  const [linear, interpolated] = [at({ scaling: "linear" }), at({ scheme: "interpolated" })];
  expect(linear[2]?.[1]).toBeCloseTo(interpolated[2]?.[1] as number, 5);
  expect(linear[0]?.[1]).not.toBeCloseTo(interpolated[0]?.[1] as number, 3);
  const plain = at({ scaling: "none", scheme: "contiguous" });
  expect(at({ scaling: "dynamic" })[0]?.[1]).toBeCloseTo(plain[0]?.[1] as number, 5);
  const at2L = (scaling: string) => at({ scaling, scheme: "contiguous" })[1]?.[1] as number;
  expect(at2L("llama3")).toBeCloseTo(at2L("linear"), 5); // no pair turns once in 4 tokens: all are squeezed
  expect(new Set(["none", "linear", "ntk", "dynamic", "yarn"].map(at2L)).size).toBe(5);
});

test("scalings are those of the schema, a checkpoint's own with its own fields; an encoding without the field has none", () => {
  const own = smallModel({ kind: "rope", scaling: { kind: "yarn", factor: 7, betaFast: 3 } });
  const kinds = scalingsOf(own);
  expect(kinds.map(({ scaling }) => scaling)).toEqual([
    ...["none", "linear", "ntk", "dynamic", "yarn", "llama3", "longrope"],
  ]);
  expect(kinds.find(({ scaling }) => scaling === "yarn")?.model).toBe(own);
  const { model } = kinds.find(({ scaling }) => scaling === "linear") ?? {};
  expect(model?.config.position).toMatchObject({ kind: "rope", scaling: { kind: "linear", factor: 4 } });
  expect(scalingsOf(smallModel({ kind: "alibi" }))).toEqual([]);
});
