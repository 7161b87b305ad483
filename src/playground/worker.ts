/**
 * The worker of the page. What it does is a module that is evaluated after this one: a bundler may
 * put a schema into a file that both import, which would else be evaluated first.
 */
import "./without-eval.ts"; // before any schema is made
import type { FromWorker, ToWorker } from "./messages.ts";

const tasks = import("./worker-tasks.ts");
tasks.catch((error: unknown) => {
  const message = `the worker did not load: ${error instanceof Error ? error.message : String(error)}`;
  postMessage({ type: "failed", message } satisfies FromWorker);
});

addEventListener("message", async ({ data }: MessageEvent<ToWorker>) => (await tasks).take(data));
