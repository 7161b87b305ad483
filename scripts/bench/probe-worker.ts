/**
 * One probe of one model with random weights, in a process of its own, so that its peak of memory
 * is its own. The last line on stdout is {"seconds": …, "rows": …, "peakRssMB": …}, or {"leftOut":
 * why}.
 *
 * A model as wide as GPT-2 has its vocabulary and what files bring: random tokens, and pairs of
 * them. A smaller one has the world "who", and so all material that there is.
 */
import { whoConfig } from "../../src/data/corpora/who.ts";
import { type Material, openWho, type WhoData } from "../../src/data/index.ts";
import { memoryStore, windowsOf } from "../../src/data/token-store.ts";
import { wordsTokenizer } from "../../src/data/tokenizers/index.ts";
import { isInputError } from "../../src/errors.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import type { Subject } from "../../src/probes/probe.ts";
import { probeNamed, runProbe, whyNot } from "../../src/probes/run.ts";
import { initialize } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { trainSchema } from "../../src/train/config.ts";
import { printJson } from "../print.ts";
import type { Case } from "./cases.ts";

/** What the worker is told. */
export interface ProbeCase extends Omit<Case, "engine" | "batch" | "precision"> {
  readonly probe: string;
}

export type ProbeOutcome =
  | { readonly seconds: number; readonly rows: number; readonly peakRssMB: number }
  | { readonly leftOut: string };

/** GPT-2's. */
const VOCABULARY = 50_257;
const REAL_WIDTH = 512;
const TOKENS = 65_536;
const PAIRS = 64;

export async function probeOnce(one: ProbeCase): Promise<void> {
  await startEngine("native", { threads: one.threads });
  const probe = probeNamed(one.probe);
  const subject = subjectOf(one);
  const leftOut = whyNot(subject, probe);
  if (leftOut !== undefined) return say({ leftOut });
  const begun = performance.now();
  try {
    const { length } = await runProbe(probe, subject, 1);
    const seconds = Number(((performance.now() - begun) / 1000).toFixed(2));
    say({ seconds, rows: length, peakRssMB: Math.round(process.resourceUsage().maxRSS / 1024) });
  } catch (error) {
    if (!isInputError(error)) throw error;
    say({ leftOut: error.message });
  }
}

function subjectOf({ layers, heads, width, context, encoding }: ProbeCase): Subject {
  const who = width < REAL_WIDTH ? openWho(whoConfig.parse({ kind: "who" }), 1) : undefined;
  const config = modelSchema().parse({ layers, heads, width, context, position: { kind: encoding } });
  const tokenizer = who?.tokenizer ?? numbersTokenizer();
  const model = createModel(config, tokenizer.vocabSize);
  const training = who && { train: trainSchema.parse({}), seed: 1, data: who };
  const params = initialize(model.specs, 1);
  return { model, params, tokenizer, material: who ? materialOf(who) : randomMaterial(), training };
}

const materialOf = ({ pairs, windows, problems }: WhoData): Material => ({ pairs, windows, problems });

const numbersTokenizer = () => wordsTokenizer(Array.from({ length: VOCABULARY }, (_, id) => `${id}`));

function randomMaterial(): Material {
  const rng = createRng(1, "bench/probes");
  const ids = (count: number) => Array.from({ length: count }, () => rng.integer(VOCABULARY));
  const pairs = Array.from({ length: PAIRS }, () => {
    const context = ids(8);
    return {
      context,
      swapped: [...context.slice(0, 7).reverse(), ...context.slice(7)],
      answer: ids(1)[0] as number,
    };
  });
  return {
    windows: windowsOf(memoryStore(Int32Array.from(ids(TOKENS)), TOKENS), "random"),
    pairs: { fixed: 0, splits: ["random"], of: () => pairs },
  };
}

const say = (outcome: ProbeOutcome) => printJson("bench", outcome);
