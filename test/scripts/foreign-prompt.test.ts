/** Commands that take a text for a Hugging Face folder with a tokenizer of its own. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runInside } from "./run-inside.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "prompt-"));
  cpSync(join(import.meta.dirname, "..", "goldens", "huggingface", "gpt2"), folder, { recursive: true });
  const vocab = { "[UNK]": 0, dog: 1, bites: 2, man: 3, "<s>": 4, "</s>": 5 };
  const model = { type: "WordLevel", vocab, unk_token: "[UNK]" };
  const json = { pre_tokenizer: { type: "WhitespaceSplit" }, model };
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(json));
  const settings = { bos_token: "<s>", eos_token: "</s>", add_bos_token: true };
  writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify(settings));
});
afterAll(() => rmSync(folder, { recursive: true }));

const logits = async (...options: string[]) => runInside("logits", folder, "--engine", "cpu", ...options);

test("logits of a text are those of its ids, which are printed with their tokens", async () => {
  const asked = await logits("--prompt", "dog bites man");
  expect(asked.code, asked.stderr).toBe(0);
  const { ids, tokens, logits: rows } = JSON.parse(asked.stdout);
  expect({ ids, tokens }).toEqual({ ids: [4, 1, 2, 3], tokens: ["<s>", "dog", "bites", "man"] });
  const byIds = await logits("--ids", "4,1,2,3");
  expect(JSON.parse(byIds.stdout)).toEqual({ logits: rows });
  expect(asked.stderr).toMatch(/"<s>" opens every text\n.*names no token for 11 of the model's 17 rows/);
});

test("a text and ids at once, and neither, are refused", async () => {
  const both = await logits("--prompt", "dog", "--ids", "1");
  expect(both).toMatchObject({ code: 2, stdout: "" });
  expect(both.stderr).toMatch(/--ids: was given beside --prompt; give token ids, or a text with --prompt\n$/);
  const neither = await logits();
  expect(neither).toMatchObject({ code: 2, stdout: "" });
  expect(neither.stderr).toMatch(/--ids: is missing; give token ids, or a text with --prompt\n$/);
});

test("sample goes on with words, without what opens and ends a text", async () => {
  const options = ["--prompt", "dog bites", "--tokens", "4", "--engine", "cpu", "--json"];
  const { code, stdout, stderr } = await runInside("sample", folder, ...options);
  expect(code, stderr).toBe(0);
  const { samples } = JSON.parse(stdout) as { samples: { text: string; ids: number[] }[] };
  const [sample] = samples;
  expect(sample?.ids.slice(0, 3)).toEqual([4, 1, 2]);
  expect(sample?.text).toMatch(/^dog bites/);
  expect(sample?.text).not.toMatch(/<\/s>$/);
});
