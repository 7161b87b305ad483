/** Types of the examples, which are the same on every Node: `scripts/test.ts` runs this on one. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { FILES, programOf, ROOT } from "./example-programs.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "example-types-")));
afterAll(() => rmSync(folder, { recursive: true }));

test("the examples have no type errors", () => {
  for (const [entry, file] of FILES) writeFileSync(join(folder, file), programOf(entry, folder));
  const own = { noEmit: true, typeRoots: [join(ROOT, "node_modules", "@types")] };
  const config = { extends: join(ROOT, "tsconfig.json"), compilerOptions: own, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "--project", folder], { encoding: "utf8" });
  expect(stdout).toBe("");
});
