/** Which folder of those that were dropped is the model's, and what its files say of damage. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkSums, type Folder, jsonIn } from "../../src/playground/compute/folder.ts";
import { modelFolder } from "../../src/playground/model-folder.ts";

const PUBLISHED = join(import.meta.dirname, "..", "..", "checkpoints", "published", "rope-who");
const nothing = async () => "";
const model = (folder: string) => ["config.json", "model.safetensors"].map((name) => `${folder}/${name}`);

describe("of the folders that were dropped", () => {
  test("the one that holds config.json is the model's, wherever it lies", async () => {
    expect(await modelFolder(["config.json", "model.safetensors"], nothing)).toEqual({
      folder: "",
      notes: [],
    });
    const paths = [...model("snapshots/main"), "snapshots/README.md", ...model("snapshots/main/1_Pooling")];
    expect((await modelFolder(paths, nothing)).folder).toBe("snapshots/main");
  });

  const run = ["run/run.json", ...[200, 400, 600].flatMap((step) => model(`run/step-000${step}`))];
  const validated = [3, 1, 2].map((loss, i) => ({ step: 200 * (i + 1), split: "validation", loss }));

  test("a run stands for its best step, without a log for its last, and says so", async () => {
    const log = validated.map((line) => JSON.stringify(line)).join("\n");
    expect(await modelFolder([...run, "run/log.jsonl"], async () => log)).toEqual({
      folder: "run/step-000400",
      notes: ["Step 400 of the run's 3: the best in validation."],
    });
    const { folder, notes } = await modelFolder(run, nothing);
    expect([folder, ...notes]).toEqual(["run/step-000600", expect.stringMatching(/^Step 600 .* the last/)]);
    const cut = run.filter((path) => path !== "run/step-000600/model.safetensors");
    expect((await modelFolder(cut, nothing)).folder).toBe("run/step-000400");
  });

  test.each([
    [["notes.txt"], /config\.json is missing; .*1 files were given/],
    [[...model("a/x"), ...model("a/y"), ...model("a/z"), ...model("a/w")], /4 models \(x, y, z and 1 more\)/],
    [["gpt2/config.json", "gpt2/pytorch_model.bin"], /weights are in pytorch_model\.bin/],
    [["gpt2/config.json", "gpt2/tokenizer.json"], /model\.safetensors is missing/],
  ])("%j is refused and says why", async (paths, why) => {
    await expect(modelFolder(paths, nothing)).rejects.toThrow(why);
  });
});

describe("a folder that names its hashes", () => {
  const names = ["config.json", "tokenizer.json", "model.safetensors", "SHA256SUMS"];
  const published: Folder = new Map(
    names.map((name) => [name, new Uint8Array(readFileSync(join(PUBLISHED, name)))]),
  );
  const withFile = (name: string, bytes: Uint8Array) => new Map([...published, [name, bytes]]);
  const flipped = (name: string) => {
    const bytes = Uint8Array.from(published.get(name) as Uint8Array);
    bytes[bytes.length - 2] = (bytes[bytes.length - 2] as number) ^ 1;
    return withFile(name, bytes);
  };

  test("passes as it was saved; one that names none passes unchecked", async () => {
    expect(await checkSums(published, "m")).toEqual([]);
    expect(await checkSums(new Map([["config.json", new Uint8Array(1)]]), "m")).toEqual([]);
  });

  test.each(names.slice(0, 3))("one bit of %s is seen, with what to do", async (name) => {
    const why = new RegExp(`^m: ${name}: is not what was saved \\(sha256 .{12}…, was .{12}…\\); load again$`);
    await expect(checkSums(flipped(name), "m", "load again")).rejects.toThrow(why);
  });

  test("a list that is cut off or names no weights is refused", async () => {
    const list = published.get("SHA256SUMS") as Uint8Array;
    await expect(checkSums(withFile("SHA256SUMS", list.subarray(0, 90)), "m")).rejects.toThrow(/is cut off/);
    const line = list.subarray(0, list.indexOf(10) + 1);
    await expect(checkSums(withFile("SHA256SUMS", line), "m")).rejects.toThrow(/lacks model\.safetensors/);
  });

  test("files of 0 bytes and JSON that nobody can hold are refused by name", () => {
    expect(() => jsonIn(withFile("config.json", new Uint8Array(0)), "config.json", "m")).toThrow(
      "m: config.json has 0 bytes; copy the file again",
    );
    const deep = new TextEncoder().encode("[".repeat(200) + "]".repeat(200));
    expect(() => jsonIn(withFile("config.json", deep), "config.json", "m")).toThrow(/nested more than 100/);
  });
});
