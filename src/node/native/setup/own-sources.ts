/** The sources that are compiled into the addon beside tfjs-node's own. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What the addon does when it is loaded; see the files. Not on macOS, where they were never run. */
export const OWN_SOURCES = ["quiet.cc", "memory.cc"].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);

/** Changes with the sources: an addon of another key is to be built anew. */
export function ownSourcesKey(): string {
  const hash = createHash("sha256");
  for (const path of OWN_SOURCES) hash.update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}
