/** Log-probabilities of a few tokens after contexts: the logits of no other place are made. */
import { compile } from "../engine/compile.ts";
import { requireFiniteValues } from "../model/not-finite.ts";
import { definedPositions } from "../model/positions.ts";
import { requireTokens } from "../model/tokens.ts";
import { forward } from "../model/transformer.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { groupsOf } from "./groups.ts";
import { QUERIES, rowsFor } from "./long-context.ts";
import { placed } from "./placing.ts";
import type { Subject } from "./probe.ts";
import { answeringAt } from "./reader.ts";

/** A context and the tokens that may come next. */
export interface NextTokens {
  readonly context: readonly number[];
  readonly asked: readonly number[];
}

export interface LastToken {
  /** log p of each asked token, in nats, in the order of the questions. @throws NotFiniteError */
  read(questions: readonly NextTokens[]): Promise<number[][]>;
  close(): void;
}

interface Inputs extends TensorTree {
  readonly params: Params;
  /** (B,T), int32 */
  readonly tokens: tf.Tensor2D;
  /** (T) */
  readonly positions: tf.Tensor1D;
}

/**
 * A masked model answers at a `<mask>` after the context. @throws InputError where its vocabulary
 * has none
 */
export function openLastToken({
  model,
  params,
  placing,
  tokenizer,
}: Pick<Subject, "model" | "params" | "placing" | "tokenizer">): LastToken {
  const suffix = answeringAt(model, tokenizer);
  const last = Math.max(1, suffix.length);
  const V = model.vocabSize;
  const pass = compile(
    ({ params, tokens, positions }: Inputs) => {
      const logits = forward(model, params, tokens, positions, { last, queries: QUERIES }); // (B,last,V)
      const first = last === 1 ? logits : tf.slice(logits, [0, 0, 0], [-1, 1, -1]);
      return { logProbs: tf.logSoftmax(tf.reshape(first, [-1, V])) };
    },
    { name: "last token" },
  );
  const readGroup = async (group: readonly NextTokens[], B: number): Promise<number[][]> => {
    const contexts = group.map(({ context }) => [...context, ...suffix]);
    const T = contexts[0]?.length ?? 0;
    const filled = Array.from({ length: B }, (_, i) => contexts[i % contexts.length] as number[]);
    const [scheme, rng] = placed(placing, T, 0);
    const positions = definedPositions(model, scheme, T, rng);
    const inputs = {
      tokens: tf.tensor2d(requireTokens(model, filled.flat()), [B, T], "int32"),
      positions: tf.tensor1d(positions),
    };
    const { logProbs } = pass({ params, ...inputs });
    const values = (await logProbs.data()) as Float32Array;
    disposeTree({ logProbs, ...inputs });
    for (const [i, tokens] of contexts.entries())
      await requireFiniteValues("probe", values.subarray(i * V, (i + 1) * V), () => ({
        ...{ model, params, tokens, positions },
      }));
    return group.map(({ asked }, i) => asked.map((id) => values[i * V + id] as number));
  };
  return {
    async read(questions) {
      const found = new Map<NextTokens, number[]>();
      for (const same of groupsOf(questions, ({ context }) => context.length)) {
        const T = (same[0] as NextTokens).context.length + suffix.length;
        const B = Math.min(rowsFor(T), same.length);
        for (const group of groupsOf(same, () => 0, B)) {
          const read = await readGroup(group, B);
          group.forEach((question, i) => {
            found.set(question, read[i] as number[]);
          });
        }
      }
      return questions.map((question) => found.get(question) as number[]); // each is in one group
    },
    close: () => pass.close(),
  };
}
