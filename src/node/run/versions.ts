/** What computes: recorded with every run and report. */
import { createRequire } from "node:module";
import type { StartedEngine } from "../../engine/index.ts";

const require = createRequire(import.meta.url);

/** Versions of this project, Node and the engine. */
export function versions(engine: StartedEngine): Record<string, string> {
  const { version } = require("../../../package.json") as { version: string };
  return { whereabouts: version, node: process.versions.node, engine: engine.detail };
}
