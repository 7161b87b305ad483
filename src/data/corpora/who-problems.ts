/**
 * Questions about a held-out fact at the end of contexts of any length, which stories of training
 * facts fill.
 */
import type { Rng } from "../../tensor/rng.ts";
import { batchOf } from "../batches.ts";
import type { Problem, Problems } from "../material.ts";
import { questionWords, type WhoWorld } from "./who.ts";
import { longStories } from "./who-examples.ts";
import { type Split, statementWords } from "./who-facts.ts";
import { padOf } from "./who-rows.ts";

/** @returns problems whose size is the most tokens that a context may have */
export function whoProblems(world: WhoWorld): Problems {
  const least = longestStory(world);
  const pad = padOf(world) ?? 0; // weight 0 either way
  return {
    unit: "tokens",
    least,
    longest: (context) => Math.max(context, least),
    positions: (n) => n,
    problem: (n, rng, split) => problemOf(world, n, rng, split),
    batchOf(problems, length) {
      const windows = new Int32Array(problems.length * (length + 1)).fill(pad);
      const weights = new Float32Array(problems.length * length);
      problems.forEach(({ tokens, answerAt }, row) => {
        windows.set(tokens, row * (length + 1));
        weights.fill(1, row * length + answerAt - 1, row * length + tokens.length - 1);
      });
      return { ...batchOf(windows, problems.length, length), weights };
    },
    chance: () => 1 / world.nouns.length,
  };
}

function problemOf(world: WhoWorld, length: number, rng: Rng, split: Split = "heldout"): Problem {
  const [story] = longStories(world, { length, count: 1, split }, rng);
  const { tokens = [], answers = [] } = story ?? {};
  return { tokens: [...tokens, answers.at(-1)?.answer as number], answerAt: tokens.length };
}

/** Tokens of the longest story up to the "?" of its first question. */
function longestStory({ config, facts }: WhoWorld): number {
  const all = [...facts.train, ...facts.heldout];
  const statement = Math.max(...all.map((fact) => statementWords(fact).length));
  const question = Math.max(...all.map((fact) => questionWords({ fact, role: "patient" }).length));
  return (config.bos ? 1 : 0) + config.facts * statement + question;
}
