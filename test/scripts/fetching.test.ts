/** A command that is ended while it fetches a corpus ends at once, and so does the pip that it runs. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { isAlive } from "../is-alive.ts";
import { pathOf } from "../node/native/fake-setup.ts";
import { start } from "./run-command.ts";

const SHAKESPEARE = join(import.meta.dirname, "../../models/shakespeare.json");
const folder = mkdtempSync(join(tmpdir(), "fetching-"));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(process.platform === "win32").each([
  [
    "train",
    ["train", SHAKESPEARE, "--engine", "cpu", "--out", join(folder, "run")],
    { code: 130, signal: null },
  ],
  ["data", ["data", "shakespeare"], { code: null, signal: "SIGTERM" }],
] as const)("%s", async (name, command, expected) => {
  const pid = join(folder, `${name}.pid`);
  // Neither has Python's -c, so that the first to answer is pip3.
  const pip3 = `case "$1" in download) echo $$ > ${pid}; exec sleep 60;; esac`;
  vi.stubEnv("PATH", `${pathOf(folder, { pip3, python3: "exit 1" })}:${process.env.PATH}`);
  vi.stubEnv("XDG_CACHE_HOME", join(folder, name));
  const { child, outcome } = start(...command);
  const pip = await vi.waitUntil(() => existsSync(pid) && Number(readFileSync(pid, "utf8")), {
    timeout: 60_000,
  });
  child.kill("SIGTERM");
  const { code, signal, stderr } = await outcome;
  expect({ code, signal }, stderr).toEqual(expected);
  await vi.waitUntil(() => !isAlive(pip), { timeout: 10_000 });
  if (name === "train") expect(readdirSync(join(folder, name, "whereabouts", "data"))).toEqual([]);
});
