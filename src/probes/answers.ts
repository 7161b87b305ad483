/**
 * Whether a model gives the whole answer of a problem, its end sign included, when it takes the likeliest token at each step.
 *
 * Two ways to find out. `byGeneration` generates. `teacherForced` shows the right answer and asks at every step at once whether the right
 * token is the likeliest: since the first wrong one ends the matter in both, and until then both have read the same tokens, they agree
 * (tested), at the cost of one pass. But not where the encoding depends on the length, which generation cannot know ahead.
 */
import type { Problem, TaskData } from "../data/index.ts";
import { compile } from "../engine/compile.ts";
import type { Model } from "../model/config.ts";
import { createGenerator, type Generator } from "../model/generate.ts";
import { requireFiniteValues } from "../model/not-finite.ts";
import { likeliest } from "../model/sampling.ts";
import { forward } from "../model/transformer.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { batchTensors } from "../train/batch.ts";
import type { BatchTensors } from "../train/objective.ts";
import { groupsOf } from "./groups.ts";
import { rowPass, rowsFor } from "./long-context.ts";

export interface Answers {
  /** Outcomes of problems whose tokens stand at `length` positions at most, in their order. */
  right(problems: readonly Problem[], length: number): Promise<boolean[]>;
  close(): void;
}

interface AnswerSubject {
  readonly model: Model;
  readonly params: Params;
  readonly data: Pick<TaskData, "batchOf">;
}

/** The way that costs least and is right for the model. */
export function openAnswers(subject: AnswerSubject): Answers {
  return subject.model.encoding.dependsOnLength ? byGeneration(subject) : teacherForced(subject);
}

interface Inputs extends TensorTree {
  readonly params: Params;
  readonly batch: BatchTensors;
}

export function teacherForced({ model, params, data }: AnswerSubject): Answers {
  const pass = compile((inputs: Inputs) => wrongAnswers(model, inputs), { name: "exact match" });
  return {
    right: inGroups(async (problems, length) => {
      const batch = batchTensors(model, data.batchOf(problems, length));
      const { wrong, sum } = pass({ params, batch });
      const counts = await wrong.data();
      const sums = await sum.data();
      await requireFiniteValues("probe", sums, () => rowPass({ model, params }, batch, sums));
      disposeTree({ wrong, sum, batch });
      return Array.from(counts, (count) => count === 0);
    }),
    close: () => pass.close(),
  };
}

/** How many tokens of each row's answer are not the likeliest, (B), and the sum of its logits: of NaN, token 0 is the likeliest. */
function wrongAnswers(model: Model, { params, batch }: Inputs): { wrong: tf.Tensor; sum: tf.Tensor } {
  const { tokens, targets, weights, positions } = batch;
  const logits = forward(model, params, tokens, positions);
  const guess = tf.argMax(logits, 2); // (B,T)
  const wrong = tf.sum(tf.mul(tf.cast(tf.notEqual(guess, targets), "float32"), weights), 1);
  return { wrong, sum: tf.sum(logits, [1, 2]) };
}

export function byGeneration({ model, params }: AnswerSubject): Answers {
  const generator = createGenerator(model, params);
  return {
    right: inGroups(async (problems) => {
      const right = new Map<Problem, boolean>();
      for (const group of groupsOf(problems, ({ answerAt }) => answerAt)) {
        const outcomes = await generatedRight(generator, group);
        group.forEach((problem, i) => {
          right.set(problem, outcomes[i] as boolean); // an outcome each
        });
      }
      return problems.map((problem) => right.get(problem) as boolean); // each is in one group
    }),
    close: () => generator.close(),
  };
}

/** @param problems with prompts of one length */
async function generatedRight(generator: Generator, problems: readonly Problem[]): Promise<boolean[]> {
  const answers = problems.map(({ tokens, answerAt }) => tokens.slice(answerAt));
  const right = answers.map(() => true);
  const prompts = problems.map(({ tokens, answerAt }) => tokens.slice(0, answerAt));
  const tokens = Math.max(...answers.map(({ length }) => length));
  let n = 0;
  for await (const step of generator.generate(prompts, { tokens, choose: likeliest })) {
    answers.forEach((answer, i) => {
      if (n < answer.length && step[i] !== answer[n]) right[i] = false;
    });
    n++;
    if (!right.includes(true)) break;
  }
  return right;
}

/** Asks of a few problems at a time. */
function inGroups(ask: Answers["right"]): Answers["right"] {
  return async (problems, length) => {
    const size = rowsFor(length);
    const right: boolean[] = [];
    for (let start = 0; start < problems.length; start += size) {
      right.push(...(await ask(problems.slice(start, start + size), length)));
    }
    return right;
  };
}
