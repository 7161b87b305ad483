import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { commitOf } from "../../../src/node/run/commit.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "commit-")));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

const git = (cwd: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e", ...args], { cwd, encoding: "utf8" }).trim();

/** A repository of one commit, whose configuration names a program that leaves a mark when git runs it. */
function hostile(name: string): { readonly path: string; readonly mark: string } {
  const [path, mark] = [join(folder, name), join(folder, `${name}.mark`)];
  mkdirSync(path);
  git(path, "init", "-q");
  writeFileSync(join(path, "file"), name);
  git(path, "add", "file");
  git(path, "commit", "-q", "-m", "one");
  writeFileSync(join(path, "hook"), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
  git(path, "config", "core.fsmonitor", join(path, "hook"));
  return { path, mark };
}

describe.skipIf(process.platform === "win32")("the commit of a report", () => {
  test("is that of the project's own checkout, with a word where files were changed", () => {
    const { path } = hostile("own");
    const head = git(path, "-c", "core.fsmonitor=", "rev-parse", "--short", "HEAD");
    expect(commitOf(path)).toBe(head);
    writeFileSync(join(path, "file"), "changed");
    expect(commitOf(path)).toBe(`${head}, with local changes`);
  });

  test("is unknown for a folder that only lies in a repository, and no program of that is run", () => {
    const { path, mark } = hostile("around");
    mkdirSync(join(path, "project"));
    expect(commitOf(join(path, "project"))).toBe("unknown");
    writeFileSync(join(path, "project", ".git"), "gitdir: nowhere\n"); // git would look further up
    expect(commitOf(join(path, "project"))).toBe("unknown");
    expect(existsSync(mark)).toBe(false);
  });

  test("is not that of another repository which the environment or the current folder names", () => {
    const [own, other] = [hostile("mine"), hostile("theirs")];
    vi.stubEnv("GIT_DIR", join(other.path, ".git"));
    vi.stubEnv("GIT_WORK_TREE", other.path);
    const here = process.cwd();
    process.chdir(other.path);
    try {
      const found = commitOf(own.path);
      vi.unstubAllEnvs();
      expect(found).toBe(git(own.path, "-c", "core.fsmonitor=", "rev-parse", "--short", "HEAD"));
    } finally {
      process.chdir(here);
    }
    expect(existsSync(own.mark) || existsSync(other.mark)).toBe(false);
  });
});
