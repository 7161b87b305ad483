/** Programs of `children/`, each in a process of its own. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const TYPESCRIPT = new URL("../../../scripts/typescript.mjs", import.meta.url).href;

/** What a program prints that ends with 0. @param input on its stdin */
export function runChild(name: string, args: readonly string[], input = "") {
  const path = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));
  const command = ["--import", TYPESCRIPT, path, ...args];
  const { stdout, stderr, status } = spawnSync(process.execPath, command, {
    maxBuffer: 2 ** 26,
    encoding: "utf8",
    input,
  });
  expect(status, stderr).toBe(0);
  return { stdout, stderr };
}
