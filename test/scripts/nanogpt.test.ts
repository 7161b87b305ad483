/**
 * `scripts/peers/nanogpt.py`, with lists in the place of PyTorch's tensors: it drops no tensor that
 * differs from what stands for it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "..", "..", "scripts", "peers", "nanogpt.py");
const STAND_INS = join(import.meta.dirname, "peers");

const ARGUMENTS = { n_layer: 1, n_head: 1, n_embd: 2, block_size: 3, bias: false, vocab_size: 4, dropout: 0 };
const TABLE = [
  [1, 2],
  [3, 4],
  [5, 6],
  [7, 8],
];
const OTHER = TABLE.map(([a, b]) => [b, a]);
const MASK = [
  [
    [
      [1, 0, 0],
      [1, 1, 0],
      [1, 1, 1],
    ],
  ],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nanogpt-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
function convert(tensors: object, more: object = {}) {
  const [file, out] = [join(folder, `${++made}.pt`), join(folder, `${made}`)];
  const model = {
    "_orig_mod.transformer.wte.weight": TABLE,
    "_orig_mod.transformer.h.0.attn.c_proj.weight": [
      [1, 2],
      [3, 4],
    ],
    "_orig_mod.transformer.ln_f.weight": [1, 1],
    ...tensors,
  };
  writeFileSync(file, JSON.stringify({ model_args: { ...ARGUMENTS, ...more }, model }));
  const env = { ...process.env, PYTHONPATH: STAND_INS, PYTHONDONTWRITEBYTECODE: "1" };
  const { status, stderr } = spawnSync("python3", [SCRIPT, file, out], { env, encoding: "utf8" });
  const read = (name: string) =>
    existsSync(join(out, name)) ? JSON.parse(readFileSync(join(out, name), "utf8")) : undefined;
  return { status, stderr, config: read("config.json"), tensors: read("model.safetensors") };
}

test("a head that is the table, and a causal mask, are left out", () => {
  const { status, config, tensors, stderr } = convert({
    "_orig_mod.lm_head.weight": TABLE,
    "_orig_mod.transformer.h.0.attn.bias": MASK,
  });
  expect(status, stderr).toBe(0);
  expect(config).toMatchObject({ tie_word_embeddings: true, n_head: 1, n_positions: 3 });
  expect(tensors).toEqual({
    "wte.weight": TABLE,
    "h.0.attn.c_proj.weight": [
      [1, 3],
      [2, 4],
    ],
    "h.0.attn.c_proj.bias": [0, 0],
    "ln_f.weight": [1, 1],
    "ln_f.bias": [0, 0],
  });
});

test("a head that differs is written, untied, and said", () => {
  const { status, config, tensors, stderr } = convert({ "lm_head.weight": OTHER });
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/lm_head\.weight differs from wte\.weight; both are written/);
  expect(config.tie_word_embeddings).toBe(false);
  expect(tensors["lm_head.weight"]).toEqual(OTHER);
  expect(tensors).not.toHaveProperty("lm_head.bias");
});

test.each<[string, object, object, RegExp]>([
  [
    "another mask",
    {
      "transformer.h.0.attn.bias": [
        [
          [
            [1, 1],
            [1, 1],
          ],
        ],
      ],
    },
    {},
    /h\.0\.attn\.bias is not a causal mask/,
  ],
  ["an argument of a fork", {}, { n_kv_head: 1 }, /model_args n_kv_head: not nanoGPT's/],
  ["a tensor under two names", { "wte.weight": OTHER }, {}, /wte\.weight is there twice/],
])("%s is refused by its name, and nothing is written", (_title, tensors, more, message) => {
  const { status, stderr, config } = convert(tensors, more);
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  expect(config).toBeUndefined();
});
