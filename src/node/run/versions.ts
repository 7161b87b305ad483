/** What computes: recorded with every run and report. */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { StartedEngine } from "../../engine/index.ts";
import { ROOT } from "../files/root.ts";

const require = createRequire(import.meta.url);

/** Versions of this project, Node and the engine. */
export function versions(engine: Pick<StartedEngine, "detail">): Record<string, string> {
  const { version } = require(join(ROOT, "package.json")) as { version: string };
  return { whereabouts: version, node: process.versions.node, engine: engine.detail };
}
