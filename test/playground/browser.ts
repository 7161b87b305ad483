/** One build, one host and one browser for all tests of the page. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page, Route } from "playwright-core";
import { buildPlayground } from "../../scripts/playground/build.ts";
import { chromium, type Site, serve } from "./site.ts";

export const MODELS = join(import.meta.dirname, "..", "..", "checkpoints", "published");

export interface Opened {
  readonly page: Page;
  /** What the page said that it should not: errors, warnings, requests to other hosts. */
  readonly complaints: string[];
  /** Bytes by path, in the order of the answers. */
  readonly answered: { readonly path: string; readonly bytes: number }[];
}

export interface Playground {
  readonly site: Site;
  readonly browser: Browser;
  readonly open: Open;
  close(): Promise<void>;
}

/** A page at an address, such as "#length"; `ready` waits for its engine, `traced` begins a trace before it loads. */
export type Open = (
  hash: string,
  options?: {
    width?: number;
    dark?: boolean;
    ready?: boolean;
    traced?: boolean;
    /** Files that do not come. */
    without?: string;
    /** The worker says, as a complaint, what its policy refuses; else nobody hears of it. */
    tells?: boolean;
  },
) => Promise<Opened>;

/** The text of one of the elements that a selector finds, its white space as one space. */
export const textOf = async (page: Page, selector: string, place = 0): Promise<string> =>
  ((await page.locator(selector).nth(place).textContent()) ?? "").replaceAll(/\s+/g, " ").trim();

export const verdictOf = (page: Page, place = 0) => textOf(page, ".verdict", place);

/** Waits until both models of the first chapter have been asked by this page's engine. */
export const isLive = (page: Page) =>
  page.waitForSelector('[data-source="live"] >> nth=1', { timeout: 60_000 });

/** The worker's own script, which says first what is refused. */
async function tellRefusals(route: Route): Promise<void> {
  const response = await route.fetch();
  const tell = `addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
    console.error("the worker was refused: " + effectiveDirective + " " + blockedURI));`;
  await route.fulfill({ response, body: `${tell}\n${await response.text()}` });
}

/** Builds, serves and launches. */
export async function startPlayground(): Promise<Playground> {
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  await buildPlayground({ models: MODELS, out: folder });
  const site = await serve(folder);
  const { chromium: launcher } = await import("playwright-core");
  const browser = await launcher.launch({ executablePath: chromium() as string, args: ["--no-sandbox"] });
  return {
    site,
    browser,
    async open(
      hash,
      { width = 1280, dark = false, ready = true, traced = false, without, tells = false } = {},
    ) {
      const page = await browser.newPage({
        viewport: { width, height: 860 },
        colorScheme: dark ? "dark" : "light",
        reducedMotion: "reduce",
      });
      const complaints: string[] = [];
      const answered: { path: string; bytes: number }[] = [];
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        const own = request.url().startsWith(site.address) || /^(data|blob):/.test(request.url());
        if (!own) complaints.push(`asked ${request.url()}`);
      });
      page.on("response", async (response) => {
        if (!response.url().startsWith(site.address)) return;
        const path = response.url().slice(site.address.length);
        answered.push({ path, bytes: Number(response.headers()["content-length"] ?? 0) });
      });
      if (without !== undefined) await page.context().route(without, (route) => route.abort());
      if (tells) await page.context().route("**/assets/worker-*.js", tellRefusals);
      if (traced) await browser.startTracing(page, { categories: ["toplevel"] });
      await page.goto(site.address + hash);
      if (ready) await page.waitForSelector('.engine:not([data-engine=""])', { timeout: 60_000 });
      return { page, complaints, answered };
    },
    async close() {
      await browser.close();
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
