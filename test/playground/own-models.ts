/** Models that the page is given, and what it makes of them. */
import type { Page } from "playwright-core";
import { expect } from "vitest";

interface Questions {
  ask(kind: "logits", asked: { of: string; ids: readonly number[] }): Promise<number[][]>;
  ask(kind: "folder", asked: { files: Files }): Promise<unknown>;
}

type Files = ReadonlyMap<string, Uint8Array>;

const asTexts = (files: Files) =>
  [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")] as const);

/** Drops files on the chapter of one's own model. */
export const dropFiles = (page: Page, files: Files): Promise<void> =>
  page.evaluate((given) => {
    const dropped = new DataTransfer();
    for (const [name, base64] of given)
      dropped.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    document.querySelector(".drop")?.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped }));
  }, asTexts(files));

/** Drops a file or a folder of the disk there, as a person does with the mouse. */
export async function dropPath(page: Page, path: string): Promise<void> {
  const box = (await page.locator(".drop").boundingBox()) ?? expect.fail("there is nowhere to drop it");
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", { type, x: box.x + 40, y: box.y + 20, data });
  await session.detach();
}

/** Hands files to the worker, as that chapter does. */
export const giveFiles = (page: Page, files: Files): Promise<void> =>
  page.evaluate(async (given) => {
    const { whereabouts } = globalThis as unknown as { whereabouts: Questions };
    const bytes = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    await whereabouts.ask("folder", { files: new Map(given.map(([name, text]) => [name, bytes(text)])) });
  }, asTexts(files));

/** Of one row, flat. @param of an encoding, or "own" */
export const logitsInPage = (page: Page, of: string, ids: readonly number[]): Promise<number[]> =>
  page.evaluate(
    async (asked) => {
      const { whereabouts } = globalThis as unknown as { whereabouts: Questions };
      return (await whereabouts.ask("logits", asked)).flat();
    },
    { of, ids },
  );
