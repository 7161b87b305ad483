/**
 * Tests of what neither leaves the page nor enters it: other hosts, damaged files, its style in
 * files that it saves.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MODELS, type Open, textOf, verdictOf } from "./browser.ts";

/** Registers them. */
export function testsOfShutting(open: Open): void {
  test("neither the page nor its worker can ask another host, which would answer", async () => {
    const other = await answering();
    const { page, complaints } = await open("#order", { tells: true });
    expect(complaints).toEqual([]); // neither tries to evaluate a text
    const [worker] = page.workers();
    if (worker === undefined) expect.fail("the page has no worker");
    const own = page.url().replace(/#.*/, "");
    const inPage = (code: string): Promise<unknown> => page.evaluate(code);
    const inWorker = (code: string): Promise<unknown> => worker.evaluate(code);
    for (const evaluate of [inPage, inWorker]) {
      expect(await evaluate(`fetch(${JSON.stringify(own)}).then(() => "came")`)).toBe("came");
      expect(await evaluate(attempts(other.address))).toEqual(["refused", "refused", "refused"]);
    }
    expect(await page.evaluate(picture(other.address))).toBe("refused");
    expect(await fetch(`${other.address}from-here`).then(({ ok }) => ok)).toBe(true);
    expect(other.asked).toEqual(["/from-here"]);
    expect(complaints.filter((one) => /Content Security Policy/.test(one)).length).toBeGreaterThan(3);
    expect(complaints.join()).toMatch(/the worker was refused: connect-src /);
    await page.close();
    complaints.length = 0; // what was refused
    await other.close();
  }, 60_000);

  test("a model that its host has damaged is refused by its hash, and the page goes on", async () => {
    const { page } = await open("#order");
    const weights = readFileSync(join(MODELS, "alibi-who", "model.safetensors"));
    weights[weights.length - 1] = (weights.at(-1) as number) ^ 1;
    await page
      .context()
      .route("**/models/alibi/model.safetensors", (route) => route.fulfill({ body: weights }));
    const encoding = page.getByLabel("Encoding, beside none");
    await encoding.selectOption("alibi");
    await expect
      .poll(() => textOf(page, "[role=alert]"), { timeout: 30_000 })
      .toMatch(/^models\/alibi: model\.safetensors: is not what was saved .*; load the page again; /);
    await encoding.selectOption("xpos");
    await expect.poll(() => verdictOf(page), { timeout: 30_000 }).toMatch(/^\d\.\d{3} bits apart/);
    expect(await page.locator("[role=alert]").count()).toBe(0);
    await page.close();
  }, 60_000);

  test("figures that a dark page saves stand alone: light, in a font, with nothing cut off", async () => {
    const files: string[] = [];
    for (const hash of ["#order", "#length", "#position", "#compare?encodings=none.alibi"]) {
      const { page } = await open(hash, { dark: true });
      await expect.poll(() => textOf(page, "main"), { timeout: 60_000 }).not.toContain("…");
      await page.waitForTimeout(200); // figures are drawn one after another
      const buttons = page.locator("chart-figure[data-drawn] .save");
      for (let i = 0; i < (await buttons.count()); i++) {
        const [download] = await Promise.all([page.waitForEvent("download"), buttons.nth(i).click()]);
        files.push(readFileSync(await download.path(), "utf8"));
      }
      await page.close();
    }
    expect(files.length).toBeGreaterThan(10);
    const { page } = await open("#order", { dark: true, ready: false });
    for (const svg of files) {
      await page.goto(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`);
      expect(await page.evaluate(faults), svg.slice(0, 300)).toEqual([]);
    }
    await page.close();
  }, 120_000);
}

/** What is wrong with the SVG that a tab shows, with no page around it. */
function faults(): string[] {
  const root = document.documentElement;
  if (root.tagName !== "svg") return [`is <${root.tagName}>`];
  const found: string[] = [];
  const box = root.getBoundingClientRect();
  const texts = [...root.querySelectorAll("text")].filter((one) => one.textContent?.trim());
  if (texts.length < 3) found.push(`${texts.length} texts`);
  for (const one of root.querySelectorAll("*")) {
    for (const { name, value } of one.attributes)
      if (/var\(|currentColor|inherit/.test(value)) found.push(`${name}="${value}"`);
  }
  for (const one of texts) {
    const { fill, fontFamily, fontSize } = getComputedStyle(one);
    const [r = 255, g = 255, b = 255] = (fill.match(/\d+/g) ?? []).map(Number);
    const said = `"${one.textContent}" ${fill} ${fontFamily} ${fontSize}`;
    if (0.3 * r + 0.59 * g + 0.11 * b > 150) found.push(`too light on white: ${said}`);
    if (!/sans-serif/.test(fontFamily) || !/^1[1-4]/.test(fontSize)) found.push(`in another font: ${said}`);
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const over = Math.max(box.left - left, right - box.right, box.top - top, bottom - box.bottom);
    if (over > 2) found.push(`${Math.round(over)} pixels outside: ${said}`);
  }
  return found;
}

/** As text, for the module runner of tests would rewrite the import. */
const attempts = (address: string) => `Promise.all([
  fetch("${address}fetch").then(() => "came", () => "refused"),
  import("${address}module.js").then(() => "came", () => "refused"),
  new Promise((done) => {
    try {
      const socket = new WebSocket("${address.replace("http", "ws")}");
      socket.onopen = () => done("came");
      socket.onerror = () => done("refused");
    } catch { done("refused"); }
  }),
])`;

const picture = (address: string) => `new Promise((done) => {
  const image = new Image();
  image.onload = () => done("came");
  image.onerror = () => done("refused");
  image.src = "${address}picture.svg";
})`;

/** A host that answers whoever asks. */
async function answering() {
  const asked: string[] = [];
  const server: Server = createServer(({ url = "" }, response) => {
    asked.push(url);
    const type = url.endsWith("svg") ? "image/svg+xml" : "text/javascript";
    const body = url.endsWith("svg") ? '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>' : "";
    response.writeHead(200, { "access-control-allow-origin": "*", "content-type": type }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise((done) => server.close(done));
  return { asked, address: `http://127.0.0.1:${port}/`, close };
}
