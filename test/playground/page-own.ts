/** Tests of folders that a person gives to the page: of every kind that is read, and what is refused. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { MODELS, type Open, textOf } from "./browser.ts";
import { dropPath, logitsInPage } from "./own-models.ts";

const GOLDENS = join(import.meta.dirname, "..", "goldens", "huggingface");
interface Golden {
  readonly name: string;
  readonly ids: number[][];
  readonly logits: number[][][];
}
/** What Hugging Face's libraries say of a model: in the folder itself, or among those of the older ones. */
function goldenOf(kind: string): Golden {
  const read = (path: string) => JSON.parse(readFileSync(join(GOLDENS, path), "utf8"));
  if (existsSync(join(GOLDENS, kind, "case.json"))) return read(join(kind, "case.json"));
  const { cases }: { cases: Golden[] } = read("cases.json");
  return cases.find(({ name }) => name === kind) ?? expect.fail(`no golden ${kind}`);
}
/** One of each architecture that is read: causal, and masked, which no tokenizer here has a mask for. */
const CAUSAL = [
  ...["gpt2-sharded", "gpt-neox", "bloom", "mpt", "opt", "gptj", "llama3", "mistral", "qwen2-windows"],
  ...["qwen3", "smollm3-windows"],
];
const MASKED = ["bert", "roberta", "distilbert"];

/** Registers them. */
export function testsOfOwn(open: Open): void {
  const folder = mkdtempSync(join(tmpdir(), "dropped-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const copyOf = (from: string, name: string): string => {
    const to = join(folder, name);
    cpSync(from, to, { recursive: true });
    return to;
  };
  const status = (page: Page) => textOf(page, ".opened");
  const opens = async (page: Page, path: string, what: RegExp) => {
    await dropPath(page, path);
    await expect.poll(() => status(page), { timeout: 30_000, interval: 30 }).toMatch(what);
  };

  test("a model of each kind that is read is dropped, has Hugging Face's logits, is spoken to and probed", async () => {
    const ids = Array.from({ length: 70 }, (_, i) => 1 + ((i * i) % 15)).join("+"); // more than most L_max
    const { page } = await open(`#own?first=1+2+3&second=3+2+1&reading=${ids}&probe=kernel`);
    const settles = (pattern: RegExp, kind: string) =>
      expect
        .poll(() => textOf(page, "main"), { timeout: 30_000, interval: 30, message: kind })
        .toMatch(pattern);
    for (const kind of [...CAUSAL, ...MASKED]) {
      const golden = goldenOf(kind);
      await opens(page, join(GOLDENS, kind), new RegExp(` parameters, .* from ${kind}[.]`));
      const there = await logitsInPage(page, "own", golden.ids[0] as number[]);
      const apart = (golden.logits[0] as number[][])
        .flat()
        .map((value, i) => Math.abs(value - (there[i] as number)));
      expect(Math.max(...apart), kind).toBeLessThan(1e-4);
      await settles(
        MASKED.includes(kind) ? /answers at <mask>, which its tokenizer lacks/ : /\d bits apart: /,
        kind,
      );
      await settles(kind === "bloom" ? /has 70 tokens, fewer than a window of \d+/ : /\d+ rows/, kind);
    }
    await page.close();
  }, 180_000);

  test("what is nested, a run, or damaged, unknown or too big opens or says why, and the page goes on", async () => {
    const { page } = await open("#own");
    const refuses = async (path: string, why: RegExp) => {
      await dropPath(page, path);
      await expect.poll(() => textOf(page, "[role=alert]"), { timeout: 30_000, interval: 30 }).toMatch(why);
    };
    const alibi = join(MODELS, "alibi-who");
    mkdirSync(join(folder, "outer", "inner"), { recursive: true });
    cpSync(alibi, join(folder, "outer", "inner", "alibi-who"), { recursive: true });
    await opens(page, join(folder, "outer"), /^ALiBi: /);
    for (const step of ["step-000200", "step-000400"]) copyOf(join(MODELS, "rope-who"), `run/${step}`);
    const log = [1, 2].map((loss, i) => JSON.stringify({ step: 200 * (i + 1), split: "validation", loss }));
    writeFileSync(join(folder, "run", "log.jsonl"), `${log.join("\n")}\n`);
    await opens(page, join(folder, "run"), /^RoPE: .* Step 200 of the run's 2: the best in validation\./);

    const damaged = copyOf(alibi, "damaged");
    const weights = join(damaged, "model.safetensors");
    const bytes = readFileSync(weights);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(weights, bytes);
    await refuses(damaged, /model\.safetensors: is not what was saved \(sha256 /);
    truncateSync(weights, 0);
    await refuses(damaged, /model\.safetensors has 0 bytes/);
    truncateSync(weights, 1_200_000_000); // a hole, which takes no room
    await refuses(damaged, /1,200 MB, and a page holds 1,074 MB/);
    const unknown = copyOf(join(GOLDENS, "gpt2"), "unknown");
    writeFileSync(join(unknown, "config.json"), '{ "model_type": "mamba" }');
    await refuses(unknown, /"mamba"/);
    const shard = copyOf(join(GOLDENS, "gpt2-sharded"), "shard");
    rmSync(join(shard, "model-00002-of-00002.safetensors"));
    await refuses(shard, /model-00002-of-00002\.safetensors: is missing, though the index says/);
    await refuses(join(GOLDENS, "cases.json"), /config\.json is missing/);

    await opens(page, join(MODELS, "learned-who"), /^Learned: /);
    await page.getByLabel("Probe").selectOption("kernel");
    await page.waitForSelector("main table", { timeout: 60_000 });
    await page.close();
  }, 120_000);
}
