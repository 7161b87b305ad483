/**
 * Whether a model gives the whole answer of a problem, its end sign included, when it takes the
 * likeliest token at each step.
 *
 * Two ways to find out of a causal model. `byGeneration` generates. `teacherForced` shows the right
 * answer and asks at every step at once whether the right token is the likeliest: since the first
 * wrong one ends the matter in both, and until then both have read the same tokens, they agree
 * (tested), at the cost of one pass. But not where the encoding depends on the length, which
 * generation cannot know ahead; problems whose size is a number of tokens all fill that many, so
 * that there one length holds for all. A masked model answers at a `<mask>`.
 */
import type { Batch, Problem, Problems } from "../data/index.ts";
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts";
import { compile } from "../engine/compile.ts";
import { InputError } from "../errors.ts";
import { createGenerator, type Generator } from "../model/generate.ts";
import { identityOf } from "../model/identity.ts";
import type { Model } from "../model/model.ts";
import { requireFiniteValues } from "../model/not-finite.ts";
import { likeliest } from "../model/sampling.ts";
import { forward } from "../model/transformer.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { batchTensors } from "../train/batch.ts";
import type { BatchTensors } from "../train/objective.ts";
import { groupsOf } from "./groups.ts";
import { QUERIES, rowPass, rowsFor } from "./long-context.ts";
import { type Placing, placed } from "./placing.ts";
import { maskOf } from "./reader.ts";

export interface Answers {
  /** Outcomes of problems whose tokens stand at `length` positions at most, in their order. */
  right(problems: readonly Problem[], length: number): Promise<boolean[]>;
  close(): void;
}

interface AnswerSubject {
  readonly model: Model;
  readonly params: Params;
  readonly problems: Pick<Problems, "batchOf">;
  readonly placing?: Placing | undefined;
}

/**
 * The way that costs least and is right for the model.
 *
 * @throws InputError where a masked model is asked for answers of several tokens, or has no `<mask>`.
 */
export function openAnswers(
  subject: AnswerSubject & { readonly problems: Problems; readonly tokenizer: Pick<Tokenizer, "mask"> },
): Answers {
  const { model, problems, tokenizer } = subject;
  if (!model.shape.causal) return atMask(subject, maskOf(tokenizer.mask));
  const unknown = model.encoding.dependsOnLength && problems.unit === "items";
  return unknown ? byGeneration(subject) : teacherForced(subject);
}

interface Inputs extends TensorTree {
  readonly params: Params;
  readonly batch: BatchTensors;
}

export function teacherForced({ model, params, problems: { batchOf }, placing }: AnswerSubject): Answers {
  const { wrongIn, close } = openWrong(model, params, placing);
  return {
    right: inGroups(async (problems, length) =>
      (await wrongIn(batchOf(problems, length))).map((count) => count === 0),
    ),
    close,
  };
}

/**
 * Contexts with a `<mask>` in the answer's place, grouped by length: a masked model would read what
 * fills them.
 */
function atMask({ model, params, placing }: AnswerSubject, mask: number): Answers {
  const { wrongIn, close } = openWrong(model, params, placing);
  const ask = async (group: readonly Problem[]): Promise<boolean[]> =>
    (await wrongIn(maskedBatch(group, mask))).map((count) => count === 0);
  return { right: inGroups((problems) => byLength(problems, ask)), close };
}

/** @param problems with prompts of one length and answers of one token */
function maskedBatch(problems: readonly Problem[], mask: number): Batch {
  const length = (problems[0]?.answerAt ?? 0) + 1;
  const tokens = Int32Array.from(problems.flatMap((one) => [...one.tokens.slice(0, length - 1), mask]));
  const targets = Int32Array.from(problems.flatMap((one) => one.tokens.slice(0, length)));
  const weights = new Float32Array(targets.length);
  problems.forEach(({ tokens: all }, row) => {
    if (all.length !== length)
      throw new InputError("probe exact: a bidirectional model sees the answer; give a causal one");
    weights[(row + 1) * length - 1] = 1;
  });
  return { tokens, targets, weights, batch: problems.length, length };
}

/** A pass that counts the wrong tokens of each row's answer. */
function openWrong(model: Model, params: Params, placing: Placing | undefined) {
  const pass = compile((inputs: Inputs) => wrongAnswers(model, inputs), {
    name: "exact match",
    of: identityOf(model),
  });
  const wrongIn = async (given: Batch): Promise<number[]> => {
    const batch = batchTensors(model, given, ...placed(placing, given.length, 0));
    const { wrong, sum } = pass({ params, batch });
    const counts = await wrong.data();
    const sums = await sum.data();
    await requireFiniteValues("probe", sums, () => rowPass({ model, params }, batch, sums));
    disposeTree({ wrong, sum, batch });
    return Array.from(counts);
  };
  return { wrongIn, close: () => pass.close() };
}

/**
 * How many tokens of each row's answer are not the likeliest, (B), and the sum of its logits: of
 * NaN, token 0 is the likeliest.
 */
function wrongAnswers(model: Model, { params, batch }: Inputs): { wrong: tf.Tensor; sum: tf.Tensor } {
  const { tokens, targets, weights, positions } = batch;
  const logits = forward(model, params, tokens, positions, { queries: QUERIES });
  const guess = tf.argMax(logits, 2); // (B,T)
  const wrong = tf.sum(tf.mul(tf.cast(tf.notEqual(guess, targets), "float32"), weights), 1);
  return { wrong, sum: tf.sum(logits, [1, 2]) };
}

export function byGeneration({ model, params, placing }: Omit<AnswerSubject, "problems">): Answers {
  const generator = createGenerator(model, params);
  return {
    right: inGroups((problems) => byLength(problems, (group) => generatedRight(generator, group, placing))),
    close: () => generator.close(),
  };
}

/** Outcomes of problems that are asked in groups with prompts of one length; in the problems' order. */
async function byLength(
  problems: readonly Problem[],
  ask: (group: readonly Problem[]) => Promise<boolean[]>,
): Promise<boolean[]> {
  const right = new Map<Problem, boolean>();
  for (const group of groupsOf(problems, ({ answerAt }) => answerAt)) {
    const outcomes = await ask(group);
    group.forEach((problem, i) => {
      right.set(problem, outcomes[i] as boolean); // an outcome each
    });
  }
  return problems.map((problem) => right.get(problem) as boolean); // each is in one group
}

/** @param problems with prompts of one length */
async function generatedRight(
  generator: Generator,
  problems: readonly Problem[],
  placing: Placing | undefined,
): Promise<boolean[]> {
  const answers = problems.map(({ tokens, answerAt }) => tokens.slice(answerAt));
  const right = answers.map(() => true);
  const prompts = problems.map(({ tokens, answerAt }) => tokens.slice(0, answerAt));
  const tokens = Math.max(...answers.map(({ length }) => length));
  let n = 0;
  const [scheme, rng] = placed(placing, (prompts[0]?.length ?? 0) + tokens, 0);
  for await (const step of generator.generate(prompts, { tokens, choose: likeliest, scheme, rng })) {
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
