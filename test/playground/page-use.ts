/** Tests of what a person does with the page. */
import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openLive } from "../../src/playground/compute/training.ts";
import { isLive, MODELS, type Open, textOf, verdictOf } from "./browser.ts";
import { dropFiles, logitsInPage } from "./own-models.ts";

const stateOf = (page: Page) => new URLSearchParams(new URL(page.url()).hash.split("?")[1] ?? "");

const GOLDENS = join(import.meta.dirname, "..", "goldens", "huggingface");

/** Registers them. */
export function testsOfUse(open: Open): void {
  test("words are swapped by a button, dragged, exchanged and moved by the keyboard; the address has them", async () => {
    const { page } = await open("#order");
    await isLive(page);
    const word = (place: number) => page.locator(`[data-place="${place}"]`);
    const shown = async () => (await page.locator("[data-place]").allInnerTexts()).join(" ");
    expect(await shown()).toBe("man bites dog");
    const before = await verdictOf(page, 0);
    await page.getByRole("button", { name: /Swap man and dog/ }).click();
    await expect.poll(shown).toBe("dog bites man");
    await expect.poll(() => verdictOf(page, 0), { timeout: 30_000 }).toMatch(/^0\.000 bits.*no layer/s);
    await word(0).dragTo(word(2));
    await expect.poll(shown).toBe("bites man dog");
    await word(0).focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(shown).toBe("man bites dog");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("data-place"))).toBe("1");
    await expect.poll(() => verdictOf(page, 0), { timeout: 30_000 }).toBe(before);
    await word(0).press("Enter");
    await word(1).press("Space");
    await expect.poll(shown).toBe("bites man dog");
    await word(0).press("Enter");
    await word(0).press("Escape"); // what was picked is put back
    await word(1).press("Enter");
    await word(1).press("Enter");
    expect(await shown()).toBe("bites man dog");
    for (const place of [0, 1]) await word(place).evaluate((one: HTMLElement) => one.click()); // a screen reader's
    await expect.poll(shown).toBe("man bites dog");
    await word(2).hover();
    await page.mouse.down();
    await word(0).hover();
    await expect.poll(shown).toBe("dog man bites");
    await page.keyboard.press("Escape"); // a drag, given up
    await page.mouse.up();
    await expect.poll(shown).toBe("man bites dog");
    await page.getByLabel("Second noun").selectOption("nurse");
    expect(stateOf(page).get("words")).toBe("dog.bites.nurse");
    await page.reload();
    await expect.poll(shown).toBe("nurse bites dog");
    const save = page.locator("chart-figure[data-drawn] .save").first();
    await save.waitFor({ timeout: 60_000 });
    const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
    const svg = readFileSync(await download.path(), "utf8");
    expect(svg).toMatch(/^<svg [\s\S]*next words after[\s\S]*<\/svg>$/);
    expect(svg).not.toContain("var(--");
    await page.evaluate(() => {
      location.hash = "#order?words=foo.bar.baz"; // as somebody types it
    });
    await expect.poll(shown).toBe("man bites dog");
    await page.close();
  }, 120_000);

  test("a context is slid past L_max under two policies, and the loss says which breaks", async () => {
    const { page } = await open("#length?encoding=learned&way=clamp");
    const slider = page.getByRole("slider", { name: "Tokens of a context" });
    const settled = (pattern: RegExp) =>
      expect.poll(() => verdictOf(page), { timeout: 60_000 }).toMatch(pattern);
    await slider.fill("24");
    await settled(/in the second half of L_max = 32\.$/);
    await slider.fill("128");
    await settled(/^It breaks\..* past it/);
    const clamp = await verdictOf(page);
    await page.getByText("interpolate policy").click(); // squeezes the trained positions too
    await settled(/^It breaks within L_max already: .* Past it, /);
    await expect.poll(() => verdictOf(page), { timeout: 60_000 }).not.toBe(clamp);
    expect(stateOf(page).get("way")).toBe("interpolate");
    expect(stateOf(page).get("length")).toBe("128");
    await page.close();
  }, 120_000);

  test("a small model trains, waits while the tab is hidden, and takes the steps that Node takes", async () => {
    const { page } = await open("#train");
    const step = () => page.locator(".verdict").getAttribute("data-step").then(Number);
    await page.getByRole("button", { name: "20 steps", exact: true }).click();
    await expect.poll(step, { timeout: 60_000, interval: 20 }).toBeGreaterThan(2);
    const hide = (hidden: boolean) =>
      page.evaluate((is) => {
        Object.defineProperty(document, "hidden", { value: is, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await hide(true);
    await page.waitForTimeout(400); // for the step that was under way
    const stopped = await step();
    await page.waitForTimeout(400);
    expect(await step()).toBe(stopped);
    expect(stopped).toBeLessThan(20);
    await hide(false);
    await expect.poll(step, { timeout: 60_000 }).toBe(20);
    const points = await page.evaluate(
      () =>
        (globalThis as unknown as { whereabouts: { live: { points: { loss: number }[] } } }).whereabouts.live
          .points,
    );
    const live = openLive({ encoding: "rope", seed: 1 });
    for (let i = 1; i <= 20; i++) expect(points[i]?.loss).toBeCloseTo((await live.next()).loss as number, 5);
    live.close();
    await page.close();
  }, 120_000);

  test("a folder is opened by choosing it and by dropping its files; what is none says why", async () => {
    const { page } = await open("#own");
    const status = () => textOf(page, ".opened");
    await page.locator('input[type="file"]').setInputFiles(realpathSync(join(MODELS, "alibi-who")));
    await expect
      .poll(status, { timeout: 30_000 })
      .toMatch(/^ALiBi: [\d,]+ parameters, 44 tokens, L_max 32\./);
    await expect.poll(() => verdictOf(page), { timeout: 30_000 }).toMatch(/^0\.9\d\d bits apart: layer 1/);
    await page.getByLabel("Probe").selectOption("kernel");
    await page.waitForSelector("main table", { timeout: 60_000 });
    const names = ["config.json", "tokenizer.json", "model.safetensors"];
    const bytes = (name: string) => new Uint8Array(readFileSync(join(MODELS, "learned-who", name)));
    await dropFiles(page, new Map(names.map((name) => [name, bytes(name)])));
    await expect.poll(status, { timeout: 30_000 }).toMatch(/^Learned: /);
    const golden = JSON.parse(readFileSync(join(GOLDENS, "cases.json"), "utf8")).cases.find(
      ({ name }: { name: string }) => name === "gpt2-sharded",
    ) as { ids: number[][]; logits: number[][][] };
    await page.locator('input[type="file"]').setInputFiles(join(GOLDENS, "gpt2-sharded"));
    await expect.poll(status, { timeout: 30_000 }).toMatch(/tokens are written as their ids/);
    const there = await logitsInPage(page, "own", golden.ids[0] as number[]);
    (golden.logits[0] as number[][]).flat().forEach((value, i) => {
      expect(Math.abs(value - (there[i] as number))).toBeLessThan(1e-4);
    });
    await page.getByLabel("One text").fill("1 2 3");
    await page.getByLabel("Another").fill("3 2 1");
    await page.getByLabel("Another").blur();
    await expect.poll(() => verdictOf(page), { timeout: 30_000 }).toMatch(/^\d\.\d{3} bits apart: /);
    await page.locator('input[type="file"]').setInputFiles(join(MODELS, "..", "..", "models"));
    await expect.poll(() => textOf(page, "[role=alert]")).toMatch(/config\.json is missing/);
    await page.close();
  }, 120_000);
}
