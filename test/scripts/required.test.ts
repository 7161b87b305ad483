/** Packages that commands require instead of importing: what an import of them gives is the same. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as core from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import * as zod from "zod";

const TYPESCRIPT = new URL("../../scripts/typescript.mjs", import.meta.url).href;
const SCRIPT = `
import { createRequire } from "node:module";
import * as core from "@tensorflow/tfjs-core";
import z, * as zod from "zod";
const require = createRequire(import.meta.url);
const isOne = require("@tensorflow/tfjs-core").engine === core.engine && require("zod").z === zod.z && z === zod.z;
const bad = z.strictObject({ n: zod.int() }).safeParse({ n: 1.5 });
process.stdout.write(JSON.stringify({ core: Object.keys(core), zod: Object.keys(zod), isOne, says: bad.error.issues[0].message }));
`;

test("an import has the names that it has without, of the one instance that others require", () => {
  const stdout = execFileSync(
    process.execPath,
    ["--import", TYPESCRIPT, "--input-type=module", "--eval", SCRIPT],
    { cwd: fileURLToPath(new URL("../..", import.meta.url)), encoding: "utf8" },
  );
  const found = JSON.parse(stdout);
  const names = (module: object) => Object.keys(module).sort();
  expect(found.core.sort()).toEqual(names(core));
  expect(found.zod.sort()).toEqual(names(zod));
  expect(found.isOne).toBe(true);
  expect(found.says).toBe(zod.int().safeParse(1.5).error?.issues[0]?.message);
});
