/**
 * What every position encoding promises of generation: remembered keys give the logits of a context
 * that is read anew.
 */
import { expect, test } from "vitest";
import type { EncodingDefinition } from "../../src/encodings/encoding.ts";
import { createGenerator, type Generator } from "../../src/model/generate.ts";
import type { Model } from "../../src/model/model.ts";
import type { Scheme } from "../../src/model/positions.ts";
import type { Params } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { furthest, livelyParams, logitsFor, smallModel, someTokens } from "../model/small.ts";
import { configsOf } from "./contract-data.ts";

/** Relative to the largest logit: float32 over a hundred or so sums, in another order. */
const ROUNDING = 1e-5;
/** As the contract's: less than what any real change does, well above rounding. */
const A_CHANGE = 1e-3;
/** One slot is empty, the next token fills it, and the one after doubles them. */
const PROMPT = 5;
/** To begin with; each number of slots is a graph to compile. */
const SLOTS = 6;
/** Past L_max, 8, where the encoding goes there. */
const LONGEST = 10;

/**
 * Declares the test of one encoding in each of its configurations, on the engine that runs.
 *
 * A block more doubles what a graph takes to compile, and so does a second number of slots: the
 * default configuration has two of each, and so has each configuration where it runs eagerly
 * (`engines.test.ts`).
 */
export function testMemory(definition: EncodingDefinition): void {
  const { kind } = definition;
  test(`${kind}: a token read beside remembered keys has the logits that it has in the whole context`, async () => {
    for (const [n, config] of configsOf(kind).entries()) {
      const model = smallModel({ kind, ...config }, { layers: n === 0 ? 2 : 1 }, [definition]);
      await expectRemembered(model, JSON.stringify(config), n === 0 ? SLOTS : 2 * SLOTS);
    }
  });
}

/** In two rows, from position 0 and from 1. */
export async function expectRemembered(model: Model, which: string, slots = SLOTS): Promise<void> {
  const params = livelyParams(model);
  const before = tf.memory().numTensors;
  const generator = createGenerator(model, params, { slots });
  // The claim is needed: were it not made, the same keys would give other logits.
  const encoding = { ...model.encoding, dependsOnLength: false };
  const careless = createGenerator({ ...model, encoding }, params, { slots });
  for (const by of [0, 1]) {
    const scheme = { kind: "shifted", by } as const;
    const most = (model.encoding.maxPositions ?? Number.POSITIVE_INFINITY) - by;
    const tokens = someTokens(2, Math.min(LONGEST, most));
    const found = await logitsWhile(generator, tokens, scheme);
    const wanted = wantedLogits(model, params, tokens, scheme);
    const zeros = wanted.map((rows) => rows.map((row) => row.map(() => 0)));
    expect(furthest(found, wanted) / furthest(wanted, zeros), which).toBeLessThan(ROUNDING);
    if (!model.encoding.dependsOnLength) continue;
    expect(furthest(await logitsWhile(careless, tokens, scheme), wanted), which).toBeGreaterThan(A_CHANGE);
  }
  generator.close();
  careless.close();
  expect(tf.memory().numTensors).toBe(before);
  disposeTree(params);
}

/**
 * Logits of the tokens from the prompt's last on, by token and row, (n,B,V), where each next token
 * is the one given.
 */
async function logitsWhile(generator: Generator, tokens: number[][], scheme: Scheme): Promise<number[][][]> {
  const found: number[][][] = [];
  const choose = (logits: Float32Array, row: number) => {
    if (row === 0) found.push([]);
    found.at(-1)?.push([...logits]);
    return tokens[row]?.[PROMPT + found.length - 1] ?? 0;
  };
  const prompts = tokens.map((row) => row.slice(0, PROMPT));
  const count = (tokens[0] as number[]).length - PROMPT + 1;
  for await (const _ of generator.generate(prompts, { tokens: count, choose, scheme }));
  return found;
}

/** The same of contexts read as a whole: one, or as many as there are lengths where the length counts. */
function wantedLogits(model: Model, params: Params, tokens: number[][], scheme: Scheme): number[][][] {
  const length = (tokens[0] as number[]).length;
  const whole = model.encoding.dependsOnLength ? undefined : logitsFor(model, params, tokens, scheme);
  return Array.from({ length: length - PROMPT + 1 }, (_, n) => {
    const end = PROMPT + n;
    const rows =
      whole ??
      logitsFor(
        model,
        params,
        tokens.map((row) => row.slice(0, end)),
        scheme,
      );
    return rows.map((row) => row[end - 1] as number[]);
  });
}
