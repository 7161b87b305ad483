/** What the tests of functions that are compiled for several widths of vectors share. */
import { afterEach, beforeEach, expect, vi } from "vitest";
import { nativeStatus } from "../../../src/node/native/setup/status.ts";

/** What `WHEREABOUTS_VECTORS` asks for; undefined is the widest. */
export const levels = process.arch === "x64" ? ["base", "avx2", undefined] : [undefined];

/** Skips the tests of a file where the addon has none of our sources; `vi.stubEnv` lasts for one test. */
export function needOwnSources(): void {
  const status = nativeStatus();
  beforeEach(({ skip }) => {
    skip(!status.ready, status.ready ? "" : status.reason);
    skip(process.platform === "darwin", "sources of ours are not compiled there");
  });
  afterEach(() => vi.unstubAllEnvs());
}

/** Largest difference over the largest element, or over 1. */
export function worst(ours: readonly number[], reference: readonly number[]): number {
  expect(ours.length).toBe(reference.length);
  const scale = reference.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  return ours.reduce((most, x, i) => Math.max(most, Math.abs(x - (reference[i] as number))), 0) / scale;
}
