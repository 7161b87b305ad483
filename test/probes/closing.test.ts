/**
 * A masked model whose texts end in a token, as BERT's in [SEP], is asked in that frame: the mask
 * stands before it. A causal one is asked what comes next, and is not given it.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wordsTokenizer } from "../../src/data/tokenizers/words.ts";
import { startEngine } from "../../src/engine/index.ts";
import { openLastToken } from "../../src/probes/last-token.ts";
import { comparePair } from "../../src/probes/pair.ts";
import { createReader } from "../../src/probes/reader.ts";
import { openScorer } from "../../src/probes/scorer.ts";
import { tf } from "../../src/tensor/tf.ts";
import { livelyParams, logitsFor, smallModel } from "../model/small.ts";

const [MASK, SEP] = [9, 10];
const words = wordsTokenizer(["a", "b", "c", "d", "e", "f", "g", "h", "i", "<mask>", "sep"]);
const context = [7, 1, 2];

beforeAll(async () => {
  await startEngine("cpu");
});

const subjectOf = (fields: object, closing: readonly number[]) => {
  const model = smallModel({ kind: "learned" }, fields);
  const tokenizer = { ...words, ...(closing.length > 0 && { closing }) };
  return { model, params: livelyParams(model), tokenizer, material: {} };
};

/** ln p at one token of a context, by a plain forward pass. */
function logProbsAt({ model, params }: ReturnType<typeof subjectOf>, tokens: readonly number[], at: number) {
  const logits = logitsFor(model, params, [tokens])[0]?.[at] as number[];
  return tf.tidy(() => Array.from(tf.logSoftmax(tf.tensor1d(logits)).dataSync()));
}

const near = (got: ArrayLike<number>, expected: ArrayLike<number>) => {
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(expected[i] as number, 4);
};

describe.each([
  ["masked, with [SEP]", { attention: "bidirectional" }, [SEP], [MASK, SEP]],
  ["masked, with two", { attention: "bidirectional" }, [SEP, 3], [MASK, SEP, 3]],
  ["masked, with none", { attention: "bidirectional" }, [], [MASK]],
  ["causal, with [SEP]", {}, [SEP], []],
] as const)("%s", (_title, fields, closing, read) => {
  let subject: ReturnType<typeof subjectOf>;
  beforeAll(() => {
    subject = subjectOf(fields, closing);
  });
  afterAll(() => tf.dispose(Object.values(subject.params)));
  const whole = [...context, ...read];
  const at = read.length === 0 ? context.length - 1 : context.length;

  test("the reader answers at the token before it", async () => {
    const reader = createReader(subject);
    const [reading] = await reader.read([context]);
    reader.close();
    near(reading?.logProbs as Float32Array, logProbsAt(subject, whole, at));
    const [comparison] = await comparePair(subject, "h b c", "c b h");
    expect(comparison?.next[0][0]?.probability).toBeCloseTo(
      Math.exp(Math.max(...logProbsAt(subject, whole, at))),
      4,
    );
  });

  test("so do the log-probabilities of a few tokens", async () => {
    const last = openLastToken(subject);
    const [asked] = await last.read([{ context, asked: [0, 4] }]);
    last.close();
    const expected = logProbsAt(subject, whole, at);
    near(asked as number[], [expected[0] as number, expected[4] as number]);
  });

  test("a sequence is scored with it behind, and it is not scored", async () => {
    const scorer = openScorer(subject);
    const [scores] = await scorer.score([context], 1);
    scorer.close();
    expect(scores).toHaveLength(context.length);
    const token = 2;
    const masked = [
      ...context.map((id, t) => (t === token && read.length > 0 ? MASK : id)),
      ...read.slice(1),
    ];
    const expected = logProbsAt(subject, masked, read.length > 0 ? token : token - 1);
    expect(scores?.[token]).toBeCloseTo(expected[context[token] as number] as number, 4);
  });
});
