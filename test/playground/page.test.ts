/** The playground in a real browser: one build, one host and one browser for all its tests. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../src/engine/index.ts";
import { type Open, type Opened, type Playground, startPlayground } from "./browser.ts";
import { testsOfCosts } from "./page-costs.ts";
import { testsOfOwn } from "./page-own.ts";
import { testsOfShutting } from "./page-shut.ts";
import { testsOfUse } from "./page-use.ts";
import { chromium } from "./site.ts";

if (chromium() === undefined)
  process.stderr.write("SKIPPED: test/playground/page.test.ts, for no Chromium is installed here\n");

describe.skipIf(chromium() === undefined)("the playground in Chromium", () => {
  let playground: Playground | undefined;
  const opened: Opened[] = [];
  const open: Open = async (...asked) => {
    const one = await (playground as Playground).open(...asked);
    opened.push(one);
    return one;
  };
  beforeAll(async () => {
    await startEngine("wasm");
    playground = await startPlayground();
  }, 240_000);
  afterAll(() => playground?.close());

  testsOfCosts(open);
  testsOfUse(open);
  testsOfOwn(open);
  testsOfShutting(open);

  test("nothing was said on the console, and no other host was asked", () => {
    expect(opened.length).toBeGreaterThan(8);
    expect(opened.flatMap(({ complaints }) => complaints)).toEqual([]);
  });
});
