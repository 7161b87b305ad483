/** What of the native engines is installed: read from two small records, so that asking costs nothing. */
import { dirname, join } from "node:path";
import { whyNotOursIn } from "../../files/ownership.ts";
import type { NativeEngine } from "../../files/progress.ts";
import { IS_CLONE } from "../../files/root.ts";
import { forgetFailedStarts, hasFailedStart } from "./failed-starts.ts";
import { type Depth, faultIn } from "./integrity.ts";
import { ownSourcesKey } from "./own-sources.ts";
import { TENSORFLOW_VERSION } from "./platforms.ts";
import { type InstallRecord, keepTimes, readInstallRecord, readLibraryRecord } from "./records.ts";
import { packageFolder } from "./tfjs-node.ts";

/** Whether an engine can be loaded, or why not. */
export type NativeStatus =
  | {
      readonly ready: true;
      readonly record: InstallRecord;
      readonly addon: string;
      /** Set up by a version that took no hashes: damage is seen by sizes alone. */
      readonly unmarked: boolean;
    }
  | { readonly ready: false; readonly reason: string };

/** Where an engine has its addon: native where tfjs-node looks for it, native-gpu beside that. */
export function addonPath(tfjsNode: string = packageFolder(), engine: NativeEngine = "native"): string {
  return join(tfjsNode, "lib", engine === "native" ? "napi-v8" : "napi-v8-gpu", "tfjs_binding.node");
}

/** Whether the native engine is installed whole in this clone. */
export const nativeStatus = (tfjsNode?: string): NativeStatus => statusOf("native", tfjsNode);

/**
 * Whether an engine is installed whole in this clone.
 *
 * @param depth every hash is taken by default where a start has failed
 */
export function statusOf(
  engine: NativeEngine,
  tfjsNode: string = packageFolder(),
  depth: Depth = hasFailedStart(engine) ? "full" : "quick",
): NativeStatus {
  const addon = addonPath(tfjsNode, engine);
  const record = readInstallRecord(dirname(addon));
  if (record === undefined)
    return { ready: false, reason: IS_CLONE ? "is not set up in this clone" : "is not set up" };
  if (record.tensorflow !== TENSORFLOW_VERSION) {
    return {
      ready: false,
      reason: `has TensorFlow ${record.tensorflow} where ${TENSORFLOW_VERSION} is expected`,
    };
  }
  const library = readLibraryRecord(record.library);
  const libraryFault = faultIn(record.library, record.libraryFiles, library?.marks, depth);
  if (libraryFault !== undefined) {
    return {
      ready: false,
      reason: `the library in ${record.library} is missing or not whole: ${libraryFault}`,
    };
  }
  const strange = whyNotOursIn(record.library, Object.keys(record.libraryFiles));
  if (strange !== undefined) return { ready: false, reason: strange };
  const addonFault = faultOfAddon(addon, record);
  if (addonFault !== undefined) {
    return { ready: false, reason: `the addon ${addon} is missing or not whole: ${addonFault}` };
  }
  if (record.ownSources !== ownSourcesKey()) {
    return { ready: false, reason: "was built by another version of whereabouts" };
  }
  if (library !== undefined) keepTimes(record.library, library);
  if (depth === "full") forgetFailedStarts(engine);
  const unmarked = library?.marks === undefined || record.addonSha256 === undefined;
  return { ready: true, record, addon, unmarked };
}

/** It has 100 kB: its hash is always taken. */
function faultOfAddon(addon: string, { addonBytes, addonSha256 }: InstallRecord): string | undefined {
  const name = "tfjs_binding.node";
  const marks = addonSha256 === undefined ? undefined : { [name]: { sha256: addonSha256, mtimeMs: 0 } };
  return faultIn(dirname(addon), { [name]: addonBytes }, marks, "full");
}
