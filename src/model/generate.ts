/**
 * Generation: a context grows by one token at a time, which the caller chooses from the logits of the last.
 *
 * Positions are those of the whole that is asked for, prompt and all tokens to come, so that no
 * token moves while the context grows, under any scheme; and nothing is ever cropped.
 */
import { InputError, PositionError } from "../errors.ts";
import type { Params } from "../tensor/params.ts";
import type { Rng } from "../tensor/rng.ts";
import type { Model } from "./model.ts";
import { type NextTokenSetting, openNextTokens } from "./next-token.ts";
import { requireFiniteValues } from "./not-finite.ts";
import { compilePasses } from "./passes.ts";
import { contiguous, definedPositions, firstUndefined, positionsOf, type Scheme } from "./positions.ts";
import { type Choose, type Foresight, likeliest } from "./sampling.ts";
import { requireTokens } from "./tokens.ts";

/** How tokens are chosen, how many, and where a row ends. */
export interface GenerateOptions {
  /** Most tokens to add. */
  readonly tokens: number;
  /** Of many tokens several are computed in one call where it is `likeliest` or a `sampler`. */
  readonly choose: Choose;
  /** A row ends with the first of these. */
  readonly stop?: readonly number[];
  /** Default: contiguous. */
  readonly scheme?: Scheme;
  /** Of the one draw of `randomized`. */
  readonly rng?: Rng;
}

/** The token that each row got, in their order; undefined for a row that has ended. */
export type Step = readonly (number | undefined)[];

/** Goes on with tokens, one at a time, over a KV cache. */
export interface Generator {
  /**
   * Yields after each token, until all rows have ended.
   *
   * @param prompts token ids, as many in each
   * @throws InputError for prompts that are empty, of several lengths or hold ids outside the
   *   vocabulary, PositionError where the encoding does not define every position that will be
   *   needed; before anything is computed.
   */
  generate(prompts: readonly (readonly number[])[], options: GenerateOptions): AsyncGenerator<Step>;
  /** Frees the graphs. */
  close(): void;
}

/** Where tokens are placed, and what a generator may hold. */
export interface GeneratorOptions {
  /** False reads the whole context for each token. */
  readonly cached?: boolean;
  /** Fewest slots. */
  readonly slots?: number;
  /** Compile to machine code, seconds for each number of slots, and one token a call. */
  readonly xla?: boolean;
  /** Fewest tokens to add of which several are computed in one call: its graph takes a second to make. */
  readonly foreseeFrom?: number;
}

/**
 * @throws InputError for a model that is not causal.
 *
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const model = createModel(config, 10); // V = 10
 * const generator = createGenerator(model, initialize(model.specs, 1));
 * const ids: number[] = [];
 * for await (const [id] of generator.generate([[1, 2]], { tokens: 3, choose: argmax, stop: [], scheme: contiguous, rng: createRng(1, "positions") }))
 *   if (id !== undefined) ids.push(id);
 * generator.close();
 * assert.equal(ids.length, 3);
 */
export function createGenerator(
  model: Model,
  params: Params,
  { cached = true, slots = 32, xla = false, foreseeFrom = 128 }: GeneratorOptions = {},
): Generator {
  if (!model.shape.causal)
    throw new InputError(
      "generate: a bidirectional model says nothing of what comes next; give a causal one",
    );
  const passes = compilePasses(model, xla);
  const caches = cached && model.encoding.dependsOnLength !== true;
  return {
    generate: (prompts, options) => {
      const foresees = !xla && options.tokens >= foreseeFrom;
      const foresight = foresees ? foresightOf(options.choose) : undefined;
      return generate({ model, params, passes, caches, slots }, foresight, prompts, options);
    },
    close: () => passes.close(),
  };
}

async function* generate(
  setting: NextTokenSetting,
  foresight: Foresight | undefined,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions,
): AsyncGenerator<Step> {
  const { model } = setting;
  const { tokens, choose, stop = [] } = options;
  const contexts = contextsOf(model, prompts);
  const positions = positionsFor(model, (contexts[0] as number[]).length, options);
  const reader = openNextTokens(setting, positions, foresight);
  const open = contexts.map(() => true);
  try {
    for (let n = 0; n < tokens && open.includes(true); n++) {
      const logits = await reader.read(contexts, open);
      for (const [row, values] of logits.entries()) {
        const tokens = contexts[row] as number[];
        await requireFiniteValues("generate: logits", values, () => ({
          ...{ model, params: setting.params, tokens },
          positions: positions.slice(0, tokens.length),
        }));
      }
      const step = logits.map((row, i) => (open[i] ? choose(row, i) : undefined));
      step.forEach((id, i) => {
        contexts[i]?.push(id ?? (stop[0] as number)); // a row that has ended goes on unseen
        if (id !== undefined && stop.includes(id)) open[i] = false;
      });
      yield step;
    }
  } finally {
    reader.close();
  }
}

const foresightOf = (choose: Choose): Foresight | undefined =>
  choose === likeliest ? GREEDY : choose.foresight;

const GREEDY: Foresight = { sampling: { temperature: 0 }, uniforms: (_, count) => Array(count).fill(0) };

function contextsOf(model: Model, prompts: readonly (readonly number[])[]): number[][] {
  const lengths = new Set(prompts.map(({ length }) => length));
  if (lengths.size !== 1 || lengths.has(0)) {
    throw new InputError(
      `generate: prompts of ${[...lengths].join(", ") || "no"} tokens; give prompts of one length, from 1 on`,
    );
  }
  return prompts.map((prompt) => [...requireTokens(model, prompt)]);
}

/** Of all tokens that will be read: the last one that is generated is not. */
function positionsFor(
  model: Model,
  prompt: number,
  { tokens, scheme = contiguous, rng }: GenerateOptions,
): Float32Array {
  if (!(Number.isInteger(tokens) && tokens > 0))
    throw new InputError(`generate: ${tokens} is not a number of tokens; ask for 1 or more`);
  try {
    return definedPositions(model, scheme, prompt + tokens - 1, rng);
  } catch (error) {
    if (!(error instanceof PositionError)) throw error;
    const fit = tokensThatFit(model, prompt, scheme, tokens);
    throw fit < 1 ? error : new PositionError(`${error.message}; or ask for ${fit} tokens after this prompt`);
  }
}

/**
 * Most tokens, fewer than were asked for, that surely have positions after this prompt; 0 where
 * none are sure to.
 */
function tokensThatFit(model: Model, prompt: number, scheme: Scheme, asked: number): number {
  if (scheme.kind === "randomized") {
    // Another number of tokens is another draw: sure is only what no draw takes outside.
    const inside = firstUndefined(model, Float32Array.of(scheme.range - 1)) < 0;
    return inside ? Math.max(0, scheme.range - prompt + 1) : 0;
  }
  if (scheme.kind === "randomized-real") return 0; // however few tokens, a draw may lie outside
  const fits = (n: number) => firstUndefined(model, positionsOf(scheme, prompt + n - 1)) < 0;
  let [good, bad] = [0, asked]; // the more tokens, the further the last
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (fits(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
