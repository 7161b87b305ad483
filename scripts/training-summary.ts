/** What a training run ends with: its numbers, and what to type next. */
import { join } from "node:path";
import { readTokenizer } from "../src/data/tokenizers/index.ts";
import { count, duration } from "../src/figures/format.ts";
import { bestStep, latestStep } from "../src/node/run/directory.ts";
import { type LogLine, readLog } from "../src/node/run/log.ts";
import { OWN_OF_RUN } from "../src/node/run/own/index.ts";
import { readJson } from "../src/node/run/preset.ts";
import { quantity } from "../src/quantity.ts";
import type { Preset } from "../src/train/preset.ts";
import { commandLine } from "./shell-words.ts";

type Files = { readonly [K in (typeof OWN_OF_RUN)[number]]?: { readonly path: string } | undefined };

interface Trained {
  readonly directory: string;
  readonly preset: Preset;
  /** Files of the user's, which the next commands need too. */
  readonly own: Files;
}

/**
 * Lines for a person, from the run's log: steps and time, losses, the step that is read, the next
 * commands.
 */
export function trainingSummary({ directory, preset, own }: Trained): string[] {
  const log = readLog(directory);
  const last = log.at(-1);
  return [
    ...(last === undefined ? [] : [paceOf(last)]),
    ...lossesOf(log),
    ...readStep(directory),
    ...nextCommands(preset, directory, own),
  ];
}

function paceOf({ step, tokens, seconds }: LogLine): string {
  const [all, took] = [Number(tokens), Number(seconds)];
  const pace = took > 0 && all > 0 ? `, ${count(all / took)} tokens a second` : "";
  return `train: ${quantity(step, "step")}, ${quantity(all, "token")} in ${took < 10 ? `${took.toFixed(1)} s` : duration(took)}${pace}`;
}

/** "train: validation loss 0.581 nats, lowest 0.579 at step 600; training loss 0.575" */
function lossesOf(log: readonly LogLine[]): string[] {
  const of = (split: string) =>
    log.filter(
      (line): line is LogLine & { loss: number } => line.split === split && typeof line.loss === "number",
    );
  const [validation, training] = [of("validation"), of("train").at(-1)];
  const last = validation.at(-1);
  if (last === undefined) return [];
  const lowest = validation.reduce((best, line) => (line.loss < best.loss ? line : best));
  const least =
    lowest.step === last.step ? "its lowest" : `lowest ${lowest.loss.toFixed(3)} at step ${lowest.step}`;
  const each = last.lossPerCharacter;
  const perCharacter = typeof each === "number" ? ` (${each.toFixed(3)} a character)` : "";
  const trained = training && `; training loss ${training.loss.toFixed(3)}`;
  return [`train: validation loss ${last.loss.toFixed(3)} nats${perCharacter}, ${least}${trained ?? ""}`];
}

/** Only where it is not the last: of the saved steps, the run stands for the best. */
function readStep(directory: string): string[] {
  const [best, latest] = [bestStep(directory), latestStep(directory)];
  if (best === undefined || best.step === latest?.step) return [];
  return [
    `train: of the steps saved, ${best.step} has the lowest validation loss; the next commands read that one`,
  ];
}

function nextCommands({ data, model }: Preset, directory: string, own: Files): string[] {
  const files = OWN_OF_RUN.flatMap((kind) => (own[kind] ? [`--${kind}`, own[kind].path] : []));
  const prompt = data.kind === "text" && model.attention === "causal" ? promptFor(directory) : undefined;
  const commands = [
    commandLine("probe", [directory, ...files]),
    ...(prompt === undefined ? [] : [commandLine("sample", [directory, ...files, "--prompt", prompt])]),
  ];
  return commands.map((command, i) => `${i === 0 ? "next: " : "      "}${command}`);
}

const PROMPTS = ["The ", "the ", "a "];

/** The first that the run's tokenizer can encode, or its first token that is a character. */
function promptFor(directory: string): string | undefined {
  const step = latestStep(directory);
  if (step === undefined) return undefined;
  const tokenizer = readTokenizer(readJson(join(step.path, "tokenizer.json")));
  const characters = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.decode([id]));
  return [...PROMPTS, ...characters.filter((text) => /^\p{L}+$/u.test(text))].find((text) => {
    try {
      return tokenizer.encode(text).length > 0;
    } catch {
      return false;
    }
  });
}
