/** Tests of what the page costs, computes and leaves out. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { expect, test } from "vitest";
import { encodings } from "../../src/encodings/index.ts";
import { openStep } from "../../src/playground/compute/open-model.ts";
import { logitsOf } from "../../src/probes/logits.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { isLive, MODELS, type Open, type Opened, textOf, verdictOf } from "./browser.ts";
import { freshFolder } from "./fresh-folder.ts";
import { longestTask } from "./longest-task.ts";
import { giveFiles, logitsInPage } from "./own-models.ts";

/** Registers them. */
export function testsOfCosts(open: Open): void {
  test("it has an answer before its engine, is usable within 2 s, and stays within its bytes", async () => {
    let last: Opened | undefined;
    let soonest = Number.POSITIVE_INFINITY; // of several, for other work on this machine slows one
    for (let turn = 0; turn < 4 && soonest > 2000; turn++) {
      await last?.page.close();
      last = await open("", { ready: false });
      const { page } = last;
      await page.waitForSelector(".verdict strong");
      const usable = await page.evaluate(() => performance.getEntriesByName("usable")[0]?.startTime ?? 1e9);
      soonest = Math.min(soonest, usable);
    }
    expect(soonest).toBeLessThan(2000);
    const { page, answered } = last as Opened;
    expect(await page.locator("[data-source]").first().getAttribute("data-source")).toMatch(/built|live/);
    expect(await verdictOf(page, 0)).toMatch(/^0\.9\d\d bits apart.*layer 1 is the first/s);
    expect(await verdictOf(page, 1)).toMatch(/^0\.0\d\d bits apart.*layer 2 is the first/s);
    await page.waitForSelector('[data-source="live"]', { timeout: 60_000 });
    const weights = answered.filter(({ path }) => path.endsWith(".safetensors"));
    const until = answered.indexOf(weights[0] as (typeof answered)[number]);
    const sum = answered.slice(0, until + 1).reduce((bytes, one) => bytes + one.bytes, 0);
    process.stdout.write(
      `playground: usable after ${Math.round(soonest)} ms, ${sum} bytes to the first live answer\n`,
    );
    expect(weights[0]?.bytes).toBeLessThanOrEqual(500_000);
    expect(sum).toBeLessThanOrEqual(2_500_000);
    await page.close();
  }, 120_000);

  test("logits equal Node's within 1e-4, of every encoding", async () => {
    const { page } = await open("#own");
    for (const { kind } of encodings) {
      const folder = join(MODELS, `${kind}-who`);
      const isPublished = existsSync(folder);
      const names = ["config.json", "tokenizer.json", "model.safetensors"];
      const files = isPublished
        ? new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]))
        : await freshFolder(kind);
      const { model, params, tokenizer } = await openStep(files, kind);
      const ids = tokenizer.encode("<bos> dog bites man . who is bitten ?");
      const here = (await logitsOf(model, params, ids)).flat();
      disposeTree(params);
      if (!isPublished) await giveFiles(page, files);
      const there = await logitsInPage(page, isPublished ? kind : "own", ids);
      const apart = Math.max(...here.map((value, i) => Math.abs(value - (there[i] as number))));
      expect(apart, kind).toBeLessThan(1e-4);
    }
    await page.close();
  }, 180_000);

  test("the page's own thread never computes 100 ms at a stretch, whatever is opened", async () => {
    let longest = Number.POSITIVE_INFINITY; // of several turns: a machine that is short of memory slows one
    for (let turn = 0; turn < 3 && longest > 100; turn++) longest = Math.min(longest, await walk(open));
    process.stdout.write(`playground: longest task ${Math.round(longest)} ms of the page's thread\n`);
    expect(longest).toBeLessThan(100);
  }, 180_000);

  test("where WebAssembly does not start another engine does, and the page names both", async () => {
    const { page, complaints } = await open("#order", { without: "**/*.wasm" });
    expect(await textOf(page, ".engine")).toMatch(/by WebGL, .*not started: wasm: .*; webgpu: /);
    await isLive(page);
    expect(await verdictOf(page, 0)).toMatch(/^0\.9\d\d bits apart.*layer 1 is the first/);
    complaints.length = 0; // the files that were kept from it
    await page.close();
  }, 120_000);

  test("where none starts the chapter says so above what was computed when the page was made", async () => {
    const without = { without: "**/*.wasm", ready: false };
    const { page, complaints } = await open("#order?engine=wasm", without);
    await expect
      .poll(() => textOf(page, "main [role=alert]"), { timeout: 30_000 })
      .toMatch(
        /^No engine runs, so this page computes nothing new: choose another engine below\. .*none starts .* wasm: /,
      );
    expect(await textOf(page, ".engine")).toBe("No engine runs.");
    expect(await verdictOf(page, 0)).toMatch(/^0\.9\d\d bits apart/);
    expect(await page.locator('[data-source="live"]').count()).toBe(0);
    complaints.length = 0; // the files that were kept from it
    await page.close();
  }, 60_000);

  test("each chapter is one screen of 1280 × 800", async () => {
    const { page } = await open("#order?encoding=learned"); // of which a head's scores have the most terms
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const name of [
      "Word order",
      "Past L_max",
      "How position enters",
      "Side by side",
      "Train one",
      "Your own",
    ]) {
      await page.getByRole("link", { name }).click();
      await expect.poll(() => textOf(page, "main"), { timeout: 60_000 }).not.toContain("…");
      await page.waitForTimeout(200); // figures are drawn one after another
      expect(await page.evaluate(() => document.documentElement.scrollHeight), name).toBeLessThanOrEqual(800);
    }
    await page.close();
  }, 120_000);

  test("axe finds nothing serious in any chapter, in light, dark and at 360 pixels", async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    for (const [hash, options] of [
      ["#order", { width: 360, dark: true }],
      ["#length", {}],
      ["#position?encoding=learned", { width: 360 }],
      ["#compare?encodings=none.alibi", { dark: true }],
      ["#train", { dark: true }],
      ["#own", {}],
    ] as const) {
      const { page } = await open(hash, options);
      await expect.poll(() => textOf(page, "main"), { timeout: 60_000 }).not.toContain("…");
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: {
            run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
          };
        };
        return (await axe.run()).violations.map(
          ({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`,
        );
      });
      expect(
        found.filter((one) => /^(serious|critical)/.test(one)),
        hash,
      ).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, hash).toBeLessThanOrEqual(0);
      await page.close();
    }
  }, 180_000);
}

/** Opens every chapter but the one that waits for a folder. @returns the longest task, in milliseconds */
async function walk(open: Open): Promise<number> {
  const { page } = await open("", { ready: false, traced: true });
  const browser = page.context().browser() as Browser;
  await isLive(page);
  await page.getByRole("button", { name: /Swap/ }).click();
  for (const name of ["Past L_max", "How position enters", "Side by side", "Train one"]) {
    await page.getByRole("link", { name }).click();
    await expect.poll(() => textOf(page, "main"), { timeout: 60_000 }).not.toContain("…");
  }
  await page.getByRole("link", { name: "Past L_max" }).click();
  for (const tokens of ["40", "96", "256"]) await page.getByRole("slider").fill(tokens);
  await page.waitForTimeout(300); // the last figures
  const longest = longestTask(await browser.stopTracing());
  await page.close();
  return longest;
}
