/**
 * A preset on text trained here and in PyTorch (`scripts/peers/pytorch_train.py`), in turn, over
 * seeds: do both end at the same loss, and how long do they take? Both see the same text and are
 * judged by the same windows of it; each draws its own start and batches, unless they are to have
 * the same.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createText } from "../../src/data/text.ts";
import { InputError } from "../../src/errors.ts";
import { encodingName } from "../../src/model/position-fields.ts";
import { type Command, type CommandOptions, lastLine, runCommand } from "../../src/node/files/command.ts";
import { openText } from "../../src/node/run/data.ts";
import { readLog } from "../../src/node/run/log.ts";
import type { Preset } from "../../src/train/preset.ts";
import { learningRateAt } from "../../src/train/schedule.ts";
import { peerEnvironment } from "../peers/python.ts";
import { requirePeer } from "./peer-preset.ts";
import { type PeerFiles, writePeerFiles } from "./training-files.ts";

/** How one training ended. */
export interface Trained {
  readonly engine: string;
  readonly seed: number;
  readonly steps: number;
  /** Of the last step, in nats a token. */
  readonly validationNats: number;
  /** Of training, with compilation and every validation, without the start of the process. */
  readonly seconds: number;
  /** Of the whole process. */
  readonly wallSeconds: number;
  readonly threads: number;
}

export interface TrainingOptions {
  readonly python: string;
  readonly seeds: number;
  readonly threads: number;
  /** Both begin with our initial values and see our batches: what is left between them is rounding. */
  readonly sameStart: boolean;
  readonly say: (text: string) => void;
}

const BIN = fileURLToPath(new URL("../whereabouts.mjs", import.meta.url));
export const PYTORCH = fileURLToPath(new URL("../peers/pytorch_train.py", import.meta.url));

/**
 * Trains each seed here, in PyTorch and in PyTorch with torch.compile, one after another.
 * @throws InputError where PyTorch's script has not what the preset asks for, or a training fails.
 */
export async function trainBoth(preset: Preset, options: TrainingOptions): Promise<Trained[]> {
  const config = requirePeer(preset);
  await mustRun("pytorch", [options.python, "-c", "import torch"]); // before minutes of ours
  const text = await openText(config, { tell: options.say });
  const folder = mkdtempSync(join(tmpdir(), "whereabouts-training-"));
  const rows: Trained[] = [];
  try {
    for (let seed = preset.seed; seed < preset.seed + options.seeds; seed++) {
      const own = { ...preset, seed };
      const files = writePeerFiles(
        folder,
        own,
        createText(config, text, seed),
        text.stores.train,
        options.sameStart,
      );
      const { python, threads } = options;
      const contestants = [
        () => trainOurs(own, folder, threads),
        ...[false, true].map((compile) => () => {
          const run = peerRun(own, text.tokenizer.vocabSize, { ...files, threads, compile });
          return trainPeer(python, run, folder);
        }),
      ];
      for (const contestant of contestants) {
        const begun = performance.now();
        const row = { ...(await contestant()), wallSeconds: (performance.now() - begun) / 1000 };
        const { engine, validationNats, seconds } = row;
        options.say(
          `bench: seed ${seed}, ${engine}: ${validationNats.toFixed(4)} nats, ${seconds.toFixed(1)} s`,
        );
        rows.push(row);
      }
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What PyTorch's script is asked, but for the text. */
export function peerRun(
  { model, train, seed }: Preset,
  vocabulary: number,
  how: PeerFiles & { threads: number; compile: boolean },
) {
  const { layers, heads, width, context, bias } = model;
  const { batch, weightDecay, clip, evalEvery, beta1, beta2, epsilon } = train;
  return {
    ...{ layers, heads, width, context, vocabulary, encoding: encodingName(model), bias, batch },
    rates: Array.from({ length: train.steps }, (_, step) => learningRateAt(step, train)),
    ...{ betas: [beta1, beta2], epsilon, weightDecay, clip, evalEvery, seed, ...how },
  };
}

async function trainOurs(
  preset: Preset,
  folder: string,
  threads: number,
): Promise<Omit<Trained, "wallSeconds">> {
  const [file, out] = ["json", "run"].map((end) => join(folder, `ours-${preset.seed}.${end}`)) as [
    string,
    string,
  ];
  writeFileSync(file, JSON.stringify(preset));
  const asked = ["--engine", "native", "--threads", String(threads), "--out", out];
  await mustRun("native", [process.execPath, BIN, "train", file, ...asked], { cwd: process.cwd() }); // data.path may be relative
  const { step, loss, seconds } = readLog(out).findLast(({ split }) => split === "validation") ?? { step: 0 };
  return {
    engine: "native",
    seed: preset.seed,
    steps: step,
    validationNats: Number(loss),
    seconds: Number(seconds),
    threads,
  };
}

async function trainPeer(
  python: string,
  run: ReturnType<typeof peerRun>,
  folder: string,
): Promise<Omit<Trained, "wallSeconds">> {
  const engine = run.compile ? "pytorch, torch.compile" : "pytorch";
  const file = join(folder, `peer-${run.seed}.json`); // the rates of many steps are longer than an argument may be
  writeFileSync(file, JSON.stringify(run));
  const output = await mustRun(engine, [python, PYTORCH, file], { env: peerEnvironment() });
  const [line = "{}"] = resultLines(output);
  const { seed, steps, validationNats, seconds, threads } = JSON.parse(line) as Trained; // printed by our own script
  return { engine, seed, steps, validationNats, seconds, threads };
}

/** What PyTorch's script printed, a line of JSON a run. */
export const resultLines = (output: string): string[] =>
  output.split("\n").filter((text) => text.startsWith('{"seed"'));

/** @throws InputError where it ends badly, with its last line */
export async function mustRun(
  engine: string,
  command: Command,
  options: CommandOptions = {},
): Promise<string> {
  const { code, output } = await runCommand(command, options);
  if (code === 0) return output;
  const mend = engine === "native" ? "" : "; give a Python that has torch with --python";
  throw new InputError(`bench: ${engine} ended: ${lastLine(output)}${mend}`);
}
