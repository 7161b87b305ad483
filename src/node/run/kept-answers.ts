/**
 * Answers of probes that are kept, so that what was asked before is not asked again.
 *
 * The rows of a run's best step, as it was trained and with a probe's default sizes, are the run's
 * (measurements.ts). All other answers are files that hold the hash of what was asked with the
 * rows: of a run and its steps in its folder, of other models in the user's cache, for a model's
 * folder may be somebody's.
 *
 *     RUN/probes/asked/order-3f9c2a….json                    other sizes, files, schemes, policies, steps
 *     ~/.cache/whereabouts/probes/order-3f9c2a….json         steps and imported models that were named
 *
 * What cannot be read is asked again.
 */
import { readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { jsonText } from "../../printable.ts";
import type { Measurement } from "../../probes/probe.ts";
import { cacheFolder } from "../files/cache.ts";
import { ensureFolder, writeFileDurably } from "../files/durable.ts";
import { sha256 } from "./asked.ts";
import { measurementsSchema, savedMeasurements, saveMeasurements } from "./measurements.ts";
import { readJson } from "./preset.ts";

/** Most bytes of such answers in a folder: those that were read longest ago go first. */
const MOST_BYTES = 64_000_000;
const NAME = /-[0-9a-f]{16}\.json$/;

const keptSchema = z.object({ asked: z.string(), sha256: z.string(), rows: measurementsSchema });

/** Answers by the hash of what was asked (asked.ts). */
export interface KeptAnswers {
  /** Undefined where the probe has to be asked. */
  find(probe: string, asked: string): Promise<Measurement[] | undefined>;
  /** @throws InputError where they cannot be written */
  keep(probe: string, asked: string, rows: readonly Measurement[]): Promise<void>;
}

/**
 * Where a model's answers are kept.
 *
 * @param run the directory of the run that the model is of, where its answers are the run's to keep
 * @param asTrained whether they are of the run's best step, as it was trained, with default sizes:
 *   its `probes/NAME.json`
 */
export function keptAnswers(run: string | undefined, asTrained: boolean): KeptAnswers {
  const variants = inFolder(() => (run === undefined ? cacheFolder("probes") : join(run, "probes", "asked")));
  if (run === undefined || !asTrained) return variants;
  const keep: KeptAnswers["keep"] = (probe, asked, rows) => saveMeasurements(run, probe, rows, asked);
  return {
    keep,
    async find(probe, asked) {
      const saved = savedMeasurements(run, probe, asked);
      if (saved !== undefined) return saved;
      const other = await variants.find(probe, asked); // as a step that was not the best yet
      if (other !== undefined) await keep(probe, asked, other);
      return other;
    },
  };
}

/** @param folder found when asked, for a user may have none */
function inFolder(folder: () => string): KeptAnswers {
  const pathOf = (probe: string, asked: string) => join(folder(), `${probe}-${asked.slice(0, 16)}.json`);
  return {
    async find(probe, asked) {
      try {
        const path = pathOf(probe, asked);
        const { data } = keptSchema.safeParse(readJson(path));
        if (data?.asked !== asked || data.sha256 !== sha256(JSON.stringify(data.rows))) return undefined;
        touch(path);
        return data.rows;
      } catch {
        return undefined; // whatever keeps it from being read
      }
    },
    async keep(probe, asked, rows) {
      const path = pathOf(probe, asked);
      const plain = measurementsSchema.parse(JSON.parse(JSON.stringify(rows))); // as they will be read
      const answer = { asked, sha256: sha256(JSON.stringify(plain)), rows: plain };
      ensureFolder(dirname(path));
      await writeFileDurably(path, `${jsonText(`probe ${probe}`, answer)}\n`);
      removeOldest(dirname(path), MOST_BYTES);
    },
  };
}

/** The folder removes what was read longest ago. */
function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {} // a folder that may only be read
}

/** Removes the files that were read longest ago until the others have at most `most` bytes. */
export function removeOldest(folder: string, most: number): void {
  const files = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .flatMap((name) => {
      const found = statSync(join(folder, name), { throwIfNoEntry: false }); // another process may remove too
      return found?.isFile() ? [{ path: join(folder, name), bytes: found.size, read: found.mtimeMs }] : [];
    })
    .sort((a, b) => b.read - a.read);
  let total = 0;
  for (const { path, bytes } of files) {
    total += bytes;
    if (total > most) rmSync(path, { force: true });
  }
}
