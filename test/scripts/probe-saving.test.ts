/**
 * `whereabouts probe`, and what it may keep: printed first, kept where it can be, and only of the
 * run that was trained.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LEARNED, run, sets, TINY } from "./run-command.ts";
import { runInside } from "./run-inside.ts";

const FILE = `import { defineEncoding, tf, z } from "whereabouts";
export default defineEncoding({
  kind: "mine", title: "Mine", source: "here", relative: true, config: z.strictObject({}),
  create: () => ({ bias: ({ positions: { query, key } }) =>
    tf.expandDims(tf.neg(tf.abs(tf.sub(tf.expandDims(query, 1), tf.expandDims(key, 0)))), 0) }),
});
`;

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const train = (name: string) => ["train", LEARNED, "--out", at(name), "--engine", "cpu", ...TINY];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "probe-saving-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("results that cannot be saved are printed all the same, and stderr says so", async () => {
  const { code: trained } = await runInside(...train("run"));
  expect(trained).toBe(0);
  writeFileSync(at("run", "probes"), "a file, where a folder would be"); // root may write what is read-only
  const { code, stdout, stderr } = await runInside(
    "probe",
    at("run"),
    "--probe",
    "coverage",
    "--engine",
    "cpu",
    "--json",
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)[0].metric).toBe("row_coverage");
  expect(stderr).toMatch(/^probe: the results could not be saved: .*probes.*\n$/m);
  expect(stderr).not.toContain("--out");
});

test("a run of an own encoding that changed is not probed, for the answers would be another's", async () => {
  const file = at("mine.ts");
  writeFileSync(file, FILE);
  const own = ["--encoding", file];
  const { code: trained } = await run(...train("own"), ...own, ...sets("model.position.kind=mine"));
  expect(trained).toBe(0);
  writeFileSync(file, FILE.replace("tf.neg(", "tf.mul(2, "));
  mkdirSync(at("own", "probes"));
  writeFileSync(at("own", "probes", "length.json"), "[]");
  const { code, stdout, stderr } = await run(
    "probe",
    at("own"),
    "--probe",
    "length",
    "--engine",
    "cpu",
    ...own,
  );
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(
    /mine\.ts as it was then \(sha256 [0-9a-f]{8}, now [0-9a-f]{8}\); give the file as it was/,
  );
  expect(readFileSync(at("own", "probes", "length.json"), "utf8")).toBe("[]");
});
