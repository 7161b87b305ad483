/**
 * What is known of the native engine from an earlier start.
 *
 * A command that leaves all computing to other processes need not load TensorFlow to learn that they
 * can. So a start that went well is noted with the boot of the machine, the Node and the files that
 * it was of, and such a command takes the note's word. Where it is wrong after all, the processes say
 * so, and the next command loads the engine itself.
 */
import { createHash } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { StartedEngine } from "../../engine/engine.ts";
import { cacheFolder } from "../files/cache.ts";
import { processIdentity } from "../files/process-identity.mjs";
import { readRegularText } from "../files/regular.ts";
import { prepareCodeFolder } from "./kept-code.ts";
import { hasFailedStart } from "./setup/failed-starts.ts";
import type { InstallRecord } from "./setup/records.ts";
import { statusOf } from "./setup/status.ts";

/** What commands say of an engine, and tell the processes that start it. */
export type EngineFacts = Pick<StartedEngine, "name" | "detail" | "threads">;

const noteSchema = z.object({ boot: z.string(), files: z.string(), detail: z.string() });
type Note = z.infer<typeof noteSchema>;

const notePath = () => join(cacheFolder(), "started-native.json");

/** Notes that the native engine has started. */
export function noteStart(record: InstallRecord, detail: string): void {
  const { boot } = processIdentity();
  if (boot === undefined) return; // only Linux tells
  const note: Note = { boot, files: filesOf(record), detail };
  quietly(() => {
    if (JSON.stringify(readNote()) === JSON.stringify(note)) return;
    const staged = `${notePath()}.${process.pid}`;
    try {
      writeFileSync(staged, JSON.stringify(note), { flag: "wx" });
      renameSync(staged, notePath());
    } finally {
      rmSync(staged, { force: true });
    }
  });
}

/** The native engine did not start. */
export const forgetStart = (): void => quietly(() => rmSync(notePath(), { force: true }));

/**
 * The native engine, where it has started in this boot and is the same still; undefined where it has
 * to be started to know, or to say what a user should know.
 */
export function knownStart(threads: number | undefined): EngineFacts | undefined {
  const note = readNote();
  if (note === undefined || note.boot !== processIdentity().boot || hasFailedStart("native"))
    return undefined;
  const status = statusOf("native");
  if (!status.ready || note.files !== filesOf(status.record) || !isCodeKept()) return undefined;
  return { name: "native", detail: note.detail, threads: threads ?? availableParallelism() };
}

/** Else whoever starts the engine says why not. */
function isCodeKept(): boolean {
  try {
    return prepareCodeFolder(cacheFolder("code")) === undefined;
  } catch {
    return false;
  }
}

function readNote(): Note | undefined {
  try {
    return noteSchema.parse(JSON.parse(readRegularText(notePath())));
  } catch {
    return undefined; // none yet, or damaged
  }
}

const filesOf = (record: InstallRecord): string =>
  createHash("sha256")
    .update(JSON.stringify([process.execPath, process.version, record]))
    .digest("hex");

/** A cache that fails is no reason not to start. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {}
}
