/** What an own encoding's file may export, and what is said of one that cannot be used. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
let child: ChildProcess;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "own-encoding-"));
  // A process, for the test runner replaces the import of a file by its own.
  child = fork(new URL("children/load-own.ts", import.meta.url), {
    execArgv: ["--import", new URL("../../../scripts/typescript.mjs", import.meta.url).href],
  });
});
afterAll(() => {
  child.kill();
  rmSync(folder, { recursive: true });
});

let files = 0;

/** "loaded", or the error, of a file with this text. */
async function outcomeOf(text: string): Promise<string> {
  const file = join(folder, `file-${files++}.ts`);
  writeFileSync(file, text);
  const answer = once(child, "message");
  child.send({ encoding: file });
  return String((await answer)[0]);
}

const definition = (fields: string) =>
  `import { defineEncoding, z } from "whereabouts"; export default { kind: "mine", title: "Mine", source: "", relative: true,
   config: z.strictObject({}), create: () => ({}), ${fields} };`;
const cases: Record<string, readonly [string, RegExp]> = {
  "it is not TypeScript": ["export default {", /cannot be run \(.*\); mend the file$/s],
  "it exports nothing": ["export {};", /exports no encoding; write export default defineEncoding/],
  "it exports two": [
    "export const a = { kind: 'a', create() {} }; export const b = { kind: 'b', create() {} };",
    /exports 2 encodings \(a, b\); make one of them the default export$/,
  ],
  "a listed name": [definition('kind: "learned"'), /default export: kind: is the name of a listed encoding/],
  "a name with spaces": [definition('kind: "my own"'), /kind: lower-case letters, digits and '-' only/],
  "config is no schema": [definition("config: {}"), /config: must be a zod object, such as z\.strictObject/],
  "create is no function": [definition("create: 3"), /create: must be a function$/],
  "create throws": [
    definition('create() { throw new Error("oh"); }'),
    /create failed \(Error: oh\); mend the file$/,
  ],
  "an unknown seam": [
    definition("create: () => ({ rotate() {} })"),
    /what create returns: rotate is not a field; known here: .*bias/,
  ],
  "a shape that is none": [
    definition("create: () => ({ params: { w: { shape: [2.5], init: () => 0 } } })"),
    /what create returns: params\.w\.shape\.0: /,
  ],
};

const hooks = (fields: string) =>
  definition(`create: () => ({ ${fields} })`).replace("z }", "z, tf, zeros }");
const W = "w: { shape: [2], init: zeros }";
const wrong: Record<string, readonly [string, RegExp]> = {
  "a bias without return": [
    hooks("bias() {}"),
    /bias returned nothing; return a tensor of a shape that broadcasts to \(1,2,8,8\)/,
  ],
  "a transform without return": [hooks("transform() {}"), /transform returned nothing; .* shape \(1,2,8,4\)/],
  "an embed without return": [hooks("embed() {}"), /embed returned nothing; .* broadcasts to \(8,8\)/],
  "values without return": [hooks("values() {}"), /values returned nothing; .* broadcasts to \(1,2,8,4\)/],
  "an async bias": [
    hooks("async bias() { return tf.scalar(0); }"),
    /bias returned a promise, as async functions do/,
  ],
  "a number for a tensor": [hooks("bias: () => 3"), /bias returned 3; return a tensor/],
  "a bias of a wrong shape": [
    hooks("bias: () => tf.zeros([3, 8, 8])"),
    /bias returned shape \(3,8,8\); return a tensor of a shape that broadcasts to \(1,2,8,8\)/,
  ],
  "a transform of a wrong shape": [
    hooks("transform: () => tf.zeros([8, 4])"),
    /transform returned shape \(8,4\); return a tensor of shape \(1,2,8,4\)/,
  ],
  "a throw in a hook": [
    hooks('bias() { throw new Error("boom"); }'),
    /bias failed \(Error: boom\); mend the file/,
  ],
  "a function without a gradient": [
    hooks("bias: ({ scores }) => tf.cast(tf.less(scores, 0), 'float32')"),
    /a step of training failed \(Error: Cannot compute gradient.*Less/,
  ],
  "an async create": [
    definition("create: async () => ({ bias: () => tf.scalar(0) })"),
    /create returned a promise, as async functions do; return the encoding itself/,
  ],
  "a create without return": [
    definition("create() {}"),
    /what create returns: .*expected object, received undefined/,
  ],
  "a parameter named __proto__": [hooks(`params: { __proto__: { ${W} } }`), /params\.__proto__ is no name/],
  "one that is quoted": [
    hooks('layerParams: { ["__proto__"]: { shape: [2], init: zeros } }'),
    /layerParams\.__proto__/,
  ],
  "NaN from a hook": [
    hooks("bias: ({ scores }) => tf.log(tf.mul(-1, tf.abs(scores)))"),
    /bias has \d+ of 128 numbers that are not finite/,
  ],
  "NaN from its gradient alone": [
    hooks(`params: { ${W} }, bias: ({ params }) => tf.sqrt(tf.reshape(params.w, [2, 1, 1]))`),
    /the gradient by w has \d of 2 numbers that are not finite/,
  ],
  "an init without return": [
    hooks("params: { w: { shape: [2], init() {} } }"),
    /init of params "w" returned nothing for element 0; return a finite number/,
  ],
  "an init that throws": [
    hooks('params: { w: { shape: [2], init() { throw new Error("boom"); } } }'),
    /init of params "w" failed \(Error: boom\)/,
  ],
  "what is thrown has no text": [
    definition("create() { throw Object.create(null); }"),
    /create failed \(something without a text\)/,
  ],
  "nor where the file throws it": [
    "throw Object.create(null);",
    /cannot be run \(something without a text\)/,
  ],
  "a getter that throws": [hooks('get bias() { throw new Error("boom"); }'), /create failed \(Error: boom\)/],
  "a getter of the definition": [definition('get title() { throw new Error("boom"); }'), /boom/],
  "a Proxy that throws": [
    definition('create: () => new Proxy({}, { get() { throw new Error("boom"); } })'),
    /create failed \(Error: boom\)/,
  ],
  "a tensor that is disposed of": [
    hooks("bias() { const x = tf.scalar(0); x.dispose(); return x; }"),
    /bias returned a tensor that it has disposed of/,
  ],
  "a tensor of text": [hooks("bias: () => tf.scalar('a', 'string')"), /bias returned a tensor of string/],
  "an object with a shape": [hooks("transform: (x) => ({ shape: x.shape })"), /transform returned an object/],
  "one name for a shared and a block's parameter": [
    hooks(`params: { ${W} }, layerParams: { ${W} }`),
    /params and layerParams both have w/,
  ],
  "a field named kind": [
    definition("config: z.strictObject({ kind: z.string().default('x') })"),
    /config: has a field kind/,
  ],
  "a field that JSON does not hold": [
    definition("config: z.strictObject({ a: z.any().default(() => () => 3) })"),
    /config: a does not come back from a checkpoint as it was/,
  ],
  "a field that changes whenever it is parsed": [
    definition("config: z.strictObject({ a: z.number().default(1).transform((x) => x + 1) })"),
    /config: a does not come back from a checkpoint as it was/,
  ],
  "positions past float32": [hooks("maxPositions: 1e9"), /maxPositions: .*16777216/],
};

test.each(Object.entries({ ...cases, ...wrong }))("%s: an InputError", async (_title, [text, message]) => {
  const outcome = await outcomeOf(text);
  expect(outcome).toMatch(/^InputError: --encoding: .*file-\d+\.ts/);
  expect(outcome).toMatch(message);
});

test.each([
  ["the default export", definition("")],
  ["the only export", definition("").replace("export default", "export const mine =")],
  ["one that depends on the length", hooks("dependsOnLength: true")],
  [
    "one that hides keys by −∞",
    hooks("bias: ({ positions: { key } }) => tf.where(tf.greater(key, 3), -Infinity, 0)"),
  ],
  [
    "one whose functions are a class's",
    `${hooks("").replace("create: () => ({  })", "create: () => new Slope()")}
     class Slope { slope = undefined; bias({ scores }) { return tf.mul(this.slope ?? 0, scores); } }`.replace(
      "slope = undefined; ",
      "",
    ),
  ],
  ["beside other exports", `${definition("")} export const SIZE = 3; export const sizes = { SIZE };`],
])("%s loads", async (_title, text) => {
  expect(await outcomeOf(text)).toBe("loaded");
});

test.each(["ts", "mts", "mjs"])(
  "runs the bytes that were hashed, whatever the file holds by then (.%s)",
  async (ending) => {
    const file = join(folder, `changed.${ending}`);
    writeFileSync(file, "throw new Error('read again');");
    writeFileSync(join(folder, "beside.mjs"), "export const title = 'Beside';");
    const answer = once(child, "message");
    child.send({ file, text: 'import { title } from "./beside.mjs"; export default title;' });
    expect(String((await answer)[0])).toBe("Beside");
  },
);
