/** Files that define a task, a corpus or a probe, right but for the fields that replace theirs. */

export const task = (
  fields = "",
) => `import { defineTask, z } from "whereabouts"; export default { name: "mine",
  title: "Mine", order: "all of it", symbols: ["a", "b"], shortest: 1, heldOutFrom: 3,
  inputLength: (n) => n, answerLength: () => 1, chance: () => 0.5, orderBlind: () => undefined,
  draw: (n, rng) => { const input = Array.from({ length: n }, () => "ab"[rng.integer(2)]);
    return { input, answer: [input[0]] }; }, ${fields} };`;
export const corpus = (fields = "") => `export default { name: "mine", licence: "MIT", source: "here",
  parts: () => ({ train: ["a rose is ", "a rose is a rose"], heldout: ["is a rose a rose"] }), ${fields} };`;
export const probe = (
  fields = "",
) => `import { defineProbe, z } from "whereabouts"; export default { name: "mine", question: "What?",
  needs: [], metrics: { mine_size: { title: "size", unit: "tokens", better: "neither", meaning: "A size." } },
  config: z.strictObject({}), run: async () => [{ metric: "mine_size", value: 1, n: 1, at: {} }], ${fields} };`;
export const oneRow = (row: string) =>
  probe(`run: async () => [{ metric: "mine_size", n: 1, at: {}, ${row} }]`);

/** What is wrong, and what is said of it. */
export const wrong: readonly (readonly ["task" | "corpus" | "probe", string, string, RegExp])[] = [
  ["task", "it is not TypeScript", "export default {", /cannot be run \(.*\); mend the file$/s],
  ["task", "it exports nothing", "export {};", /exports no task; write export default defineTask/],
  [
    "task",
    "it exports two",
    "export const a = { symbols: [], draw() {} }, b = { symbols: [], draw() {} };",
    /exports 2 tasks \(a, b\)/,
  ],
  ["task", "a listed name", task('name: "copy"'), /name: is the name of a listed task; choose another$/],
  ["task", "a word twice", task('symbols: ["a", "a"]'), /symbols: holds a word twice$/],
  ["task", "a word of every task", task('symbols: ["a", ":"]'), /symbols\.1: is a sign of every task/],
  ["task", "a word in two", task('symbols: ["a b"]'), /symbols\.0: words without white space$/],
  ["task", "no function", task("chance: 0.5"), /chance: must be a function$/],
  ["task", "a chance above 1", task("chance: () => 2"), /chance of 1 items returned what is no result: /],
  [
    "task",
    "a length that is none",
    task("inputLength: (n) => n / 2"),
    /inputLength of \d items returned what is no result: /,
  ],
  [
    "task",
    "an unknown word",
    task('draw: () => ({ input: ["c"], answer: ["a"] })'),
    /input\.0: is no word of symbols$/,
  ],
  [
    "task",
    "more words than it says",
    task('draw: (n) => ({ input: ["a"], answer: ["a", "b"] })'),
    /answer: has more words than its length says, 1$/,
  ],
  ["task", "no answer", task('draw: () => ({ input: ["a"], answer: [] })'), /draw of 1 items .*answer: /],
  ["task", "a draw that throws", task('draw() { throw new Error("oh"); }'), /draw failed \(Error: oh\)/],
  ["task", "an async draw", task("draw: async () => ({})"), /draw of 1 items returned what is no result/],
  [
    "task",
    "another source of chance",
    `let i = 0; ${task('draw: (n) => ({ input: ["a"], answer: ["ab"[i++ % 2]] })')}`,
    /draw of 1 items gave two problems for one random stream; draw from its rng alone$/,
  ],
  [
    "task",
    "a split that is no boolean",
    task("heldOut: () => 1"),
    /heldOut of \d items returned what is no result/,
  ],
  ["corpus", "a listed name", corpus('name: "shakespeare"'), /name: is the name of a listed corpus/],
  ["corpus", "no licence", corpus('licence: ""'), /licence: /],
  [
    "corpus",
    "parts that are none",
    corpus('parts: () => "text"'),
    /parts returned text; return \{ train: \[text, …\]/,
  ],
  ["corpus", "a text for texts", corpus('parts: () => ({ train: "abc" })'), /train is abc; give a list/],
  [
    "corpus",
    "a number for a text",
    corpus("parts: () => ({ train: [3] })"),
    /parts: train\.0 is 3; give texts as strings$/,
  ],
  ["corpus", "no text", corpus("parts: () => ({ train: [] })"), /parts: train holds no text/],
  [
    "corpus",
    "half of a pair",
    corpus('parts: () => ({ train: ["\\ud800"] })'),
    /train\.0 holds half of a surrogate pair/,
  ],
  [
    "corpus",
    "parts that throw",
    corpus('async parts() { throw new Error("oh"); }'),
    /parts failed \(Error: oh\); mend the file$/,
  ],
  [
    "corpus",
    "an iterator that throws",
    corpus('parts: () => ({ train: (function* () { yield "a"; throw new Error("oh"); })() })'),
    /parts: train failed \(Error: oh\)/,
  ],
  ["probe", "a listed name", probe('name: "order"'), /name: is the name of a listed probe/],
  ["probe", "an unknown need", probe('needs: ["gold"]'), /needs\.0: .*pairs/],
  [
    "probe",
    "a listed metric",
    probe('metrics: { chance: { title: "c", unit: "", better: "lower", meaning: "m" } }'),
    /metrics\.chance: is a metric of a listed probe/,
  ],
  ["probe", "a metric without a meaning", probe("metrics: { m: {} }"), /metrics\.m\.title: /],
  ["probe", "a config that is no schema", probe("config: {}"), /config: must be a zod object/],
  ["probe", "no rows", probe("run: async () => {}"), /what run returns: .*expected array/],
  ["probe", "an unknown metric", oneRow('metric: "other", value: 1'), /what run returns: 0\.metric: /],
  ["probe", "a text for a value", oneRow('value: "1"'), /what run returns: 0\.value: /],
  [
    "probe",
    "a run that throws",
    probe('async run() { throw new Error("oh"); }'),
    /run failed \(Error: oh\); mend the file$/,
  ],
];
