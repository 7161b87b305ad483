/**
 * Runs `whereabouts` in one process beside the test's, command after command: for files of the
 * user's own, whose import the test runner would replace by its own, at a fraction of the second
 * that a process a command takes to start.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { afterAll } from "vitest";
import type { Outcome } from "./run-command.ts";

/** What runs a command in the process, which starts with the first and ends after the file's tests. */
export function runsBeside(): (...args: string[]) => Promise<Outcome> {
  let child: ChildProcess | undefined;
  afterAll(() => {
    child?.kill();
  });
  return async (...args) => {
    child ??= startServing();
    const over = new AbortController();
    const answer = once(child, "message", over);
    const end = once(child, "exit", over).then(([code]) => {
      throw new Error(`${args.join(" ")}: ended the process of commands (exit code ${code})`);
    });
    child.send(args);
    try {
      const [outcome] = await Promise.race([answer, end]);
      return outcome as Outcome; // by serve-commands.ts
    } finally {
      for (const one of [answer, end]) one.catch(() => {}); // the other is given up
      over.abort();
    }
  };
}

const startServing = (): ChildProcess =>
  fork(new URL("children/serve-commands.ts", import.meta.url), {
    cwd: new URL("../..", import.meta.url),
    execArgv: ["--import", new URL("../../scripts/typescript.mjs", import.meta.url).href],
  });
