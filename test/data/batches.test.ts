import { expect, test } from "vitest";
import { type Batch, batchOf, openStream } from "../../src/data/batches.ts";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { dataConfig, openWho } from "../../src/data/index.ts";
import { InputError } from "../../src/errors.ts";

const open = (fields: object = {}, seed = 1) => openWho(whoConfig.parse({ kind: "who", ...fields }), seed);

/** The L+1 tokens of a row. */
const windowOf = ({ tokens, targets, length }: Batch, row: number): number[] => [
  ...tokens.subarray(row * length, (row + 1) * length),
  targets[(row + 1) * length - 1] ?? -1,
];

test("a window of L+1 tokens gives L inputs and L targets, each the next token", () => {
  const { tokens, targets, weights } = batchOf(Int32Array.of(1, 2, 3, 4, 5, 6), 2, 2);
  expect([...tokens]).toEqual([1, 2, 4, 5]);
  expect([...targets]).toEqual([2, 3, 5, 6]);
  expect(weights).toBeUndefined();
  expect(() => batchOf(Int32Array.of(1, 2), 2, 2)).toThrow(TypeError);
});

test("a batch depends on seed and step alone", () => {
  const [one, other] = [open(), open()];
  const later = one.batch(7, 4, 32);
  for (let step = 0; step < 3; step++) other.batch(step, 4, 32);
  expect(other.batch(7, 4, 32)).toEqual(later);
  expect(one.batch(8, 4, 32)).not.toEqual(later);
  expect(open({}, 2).batch(7, 4, 32)).not.toEqual(later);
});

test("a stream restored from its saved state goes on with the same batches", () => {
  const { batch } = open();
  const at = (step: number) => batch(step, 4, 32);
  const whole = openStream(at);
  const all = Array.from({ length: 6 }, () => whole.next());
  const stopped = openStream(at);
  const before = [stopped.next(), stopped.next()];
  const resumed = openStream(at, JSON.parse(JSON.stringify(stopped.state())));
  const after = Array.from({ length: 4 }, () => resumed.next());
  expect([...before, ...after]).toEqual(all);
  expect(resumed.state()).toEqual(whole.state());
});

test("a state that no stream gave is refused", () => {
  const { batch } = open();
  for (const state of [{}, { step: -1 }, { step: 1.5 }, { step: 1, more: 2 }, null, "3"]) {
    expect(() => openStream((step) => batch(step, 1, 8), state)).toThrow(InputError);
  }
});

test("no held-out triple appears in 1,000 training batches, and every training fact does", () => {
  const { batch, world, tokenizer } = open();
  const seen = new Set<string>();
  const word = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.token(id));
  const nouns = new Set(world.nouns.flatMap((noun) => tokenizer.encode(noun)));
  for (let step = 0; step < 1000; step++) {
    const { tokens } = batch(step, 64, 32);
    for (let i = 0; i + 4 < tokens.length; i++) {
      const [a = 0, b = 0, c = 0, d = 0, e = 0] = tokens.subarray(i, i + 5);
      if (i % 32 > 27 || !nouns.has(a)) continue;
      if (nouns.has(c)) seen.add(`${word[a]} ${word[b]} ${word[c]}`);
      else if (word[d] === "by" && nouns.has(e)) seen.add(`${word[a]} is ${word[c]} by ${word[e]}`);
    }
  }
  const told = world.facts.train.map(({ agent, verb, patient, voice }) =>
    voice === "active"
      ? `${agent} ${verb.active} ${patient}`
      : `${patient} is ${verb.participle} by ${agent}`,
  );
  expect(seen).toEqual(new Set(told));
});

test("each row of a stream opens a story and is filled with whole stories, the last cut", () => {
  const { batch, tokenizer } = open();
  const { bos } = tokenizer;
  const rows = batch(0, 64, 40);
  for (let row = 0; row < 64; row++) {
    const window = windowOf(rows, row);
    const starts = window.flatMap((id, place) => (id === bos ? [place] : []));
    expect(window.length).toBe(41);
    expect(starts[0]).toBe(0);
    for (const start of starts.slice(1)) expect(tokenizer.token(window[start - 1] ?? -1)).toBe(".");
    const lengths = starts.slice(1).map((start, story) => start - (starts[story] ?? 0));
    expect(lengths.every((length) => length === 16 || length === 18)).toBe(true);
  }
});

test("without bos the same stories come without it, from the same vocabulary", () => {
  const [withBos, without] = [open({ packing: "story" }), open({ packing: "story", bos: false })];
  expect(without.tokenizer.vocabSize).toBe(withBos.tokenizer.vocabSize);
  const text = (data: typeof without) =>
    Array.from({ length: 8 }, (_, row) => data.tokenizer.decode(windowOf(data.batch(0, 8, 32), row)));
  const bare = text(without);
  expect(bare.join(" ")).not.toContain("<bos>");
  expect(text(withBos)).toEqual(bare.map((row) => `<bos> ${row}`.replace(/ <pad>$/, "")));
});

test('packing "story" puts one story in a row, and what is left has no weight', () => {
  const { batch, tokenizer } = open({ packing: "story" });
  const rows = batch(0, 16, 32);
  for (let row = 0; row < 16; row++) {
    const window = windowOf(rows, row);
    const end = window.indexOf(tokenizer.pad ?? -1);
    expect([16, 18]).toContain(end);
    expect(window.slice(end).every((id) => id === tokenizer.pad)).toBe(true);
    const weights = [...(rows.weights ?? []).slice(row * 32, (row + 1) * 32)];
    expect(weights).toEqual(Array.from({ length: 32 }, (_, place) => (place < end - 1 ? 1 : 0)));
  }
});

test("data of an unknown kind or with an unknown field is refused", () => {
  expect(dataConfig.safeParse({ kind: "what" }).success).toBe(false);
  expect(dataConfig.safeParse({ kind: "who", boss: true }).success).toBe(false);
});
