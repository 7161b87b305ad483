/**
 * What a text is, and that it still is so: every later reading of it is held against the one that
 * identified it.
 */
import { createHash } from "node:crypto";
import type { SplitParts } from "./parts.ts";
import { readBytes, type TextPart } from "./read.ts";
import { turns } from "./turns.ts";
import { showReading, type Watch } from "./watch.ts";

export interface IdentifiedText {
  /** SHA-256 of all bytes of both splits, in order: the same one means the same text, split the same way. */
  readonly fingerprint: string;
  /** The parts, each with the hash of its bytes: reading one that has changed since fails. */
  readonly parts: SplitParts;
}

/** Reads all of a text once. */
export async function identifyText(parts: SplitParts, watch: Watch = {}): Promise<IdentifiedText> {
  const turn = turns(watch.signal);
  const onBytes = showReading(watch, "reading the text", [...parts.train, ...parts.heldout]);
  const hash = createHash("sha256");
  const identified = { train: [] as TextPart[], heldout: [] as TextPart[] };
  for (const split of ["train", "heldout"] as const) {
    for (const part of parts[split]) {
      hash.update(`${split} ${part.end - part.start}\n`);
      const own = createHash("sha256");
      for (const bytes of readBytes(part)) {
        hash.update(bytes);
        own.update(bytes);
        onBytes?.(bytes.length);
        await turn();
      }
      identified[split].push({ ...part, sha256: own.digest("hex") });
    }
  }
  return { fingerprint: hash.digest("hex"), parts: identified };
}
