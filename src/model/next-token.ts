/**
 * The logits of the next token of contexts that grow.
 *
 * The prompt is read once, then each token alone beside the cached keys and values (`kv-cache.ts`).
 * Where the encoding depends on the length, the whole context is read anew for each token instead.
 *
 * A call of a graph takes longer than a token of a small model. So several tokens are read in one
 * call, each the one that is guessed to be chosen from the logits before it. Where another one is
 * chosen, what was read of the guesses is forgotten: what comes out is the same.
 *
 * A context is filled on the left to a power of two, and slots double when they are full, so that
 * few graphs are traced.
 */
import { currentCompiler } from "../engine/engine.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree } from "../tensor/tree.ts";
import { type Block, blockOf, type Contexts, foreseen, lengthOf } from "./block.ts";
import { type CacheTensors, widened, withdrawn } from "./kv-cache.ts";
import type { Model } from "./model.ts";
import type { Passes } from "./passes.ts";
import type { Foresight } from "./sampling.ts";
import { MASKED } from "./sight.ts";

export interface NextTokenSetting {
  readonly model: Model;
  readonly params: Params;
  readonly passes: Passes;
  /** Whether keys and values are remembered. */
  readonly caches: boolean;
  /** Slots to begin with. */
  readonly slots: number;
}

export interface NextTokens {
  /**
   * Logits of the last token of each context, (V); contexts are those of the call before with one
   * token more.
   *
   * @param open rows whose logits are asked for
   */
  read(contexts: Contexts, open: readonly boolean[]): Promise<readonly Float32Array[]>;
  close(): void;
}

/** Most tokens that are read in one call. */
const AHEAD = 16;
/** Numbers that a call reads, at most, some ten milliseconds' worth: tokens come as they are chosen. */
const NUMBERS = 2 ** 24;

function tokensAtATime({ model, params }: NextTokenSetting, B: number, S: number): number {
  if (currentCompiler() === undefined) return 1;
  const { layers, width } = model.shape;
  const size = Object.values(params).reduce((sum, x) => sum + x.size, 2 * layers * width * S);
  return Math.min(AHEAD, Math.max(1, Math.floor(NUMBERS / (B * size))));
}

/**
 * @param positions of all tokens that will be read, each defined by the model's encoding
 * @param foresight where it is missing, tokens are read one at a time
 */
export function openNextTokens(
  setting: NextTokenSetting,
  positions: Float32Array,
  foresight: Foresight | undefined,
): NextTokens {
  const cache = openCache(setting.slots);
  const reading: Reading = { ...setting, cache, positions };
  let block: Block | undefined;
  return {
    async read(contexts, open) {
      const known = block && foreseen(block, contexts, open);
      if (known !== undefined) return known;
      const count = lengthOf(contexts);
      cache.makeRoom(count, block === undefined ? 0 : block.from + block.logits.length - count);
      const most = tokensAtATime(setting, contexts.length, cache.slots);
      block = await (cache.tensors && foresight && most > 1
        ? readAhead(reading, contexts, most, foresight)
        : readOne(reading, contexts));
      return block.logits[0] as readonly Float32Array[]; // there is one turn or more
    },
    close: () => cache.replace(),
  };
}

interface Reading extends NextTokenSetting {
  readonly positions: Float32Array;
  readonly cache: ReturnType<typeof openCache>;
}

/** The tensors of a cache, and the slots that it has. */
function openCache(slots: number) {
  let tensors: CacheTensors | undefined;
  const replace = (by?: CacheTensors) => {
    if (tensors !== undefined) disposeTree(tensors);
    tensors = by;
  };
  return {
    get tensors() {
      return tensors;
    },
    get slots() {
      return slots;
    },
    replace,
    /** Forgets the last tokens, `surplus` of them, and has slots for `count`. */
    makeRoom(count: number, surplus: number) {
      const before = slots;
      while (slots < count) slots *= 2;
      if (tensors === undefined) return;
      if (surplus > 0) replace(withdrawn(tensors, surplus));
      if (slots > before) replace(widened(tensors, slots - before));
    },
  };
}

function readOne({ params, passes, caches, cache, positions }: Reading, contexts: Contexts): Promise<Block> {
  const cached = cache.tensors;
  const tokens = lastTokens(contexts, cached === undefined ? cache.slots : 1);
  const { at, mask } = slotsOf(positions, lengthOf(contexts), cache.slots, 1);
  const slots = { positions: tf.tensor1d(at), mask: tf.tensor1d(mask) };
  const inputs = { params, tokens, slots };
  try {
    if (!caches) return blockOf(contexts, passes.whole(inputs).logits);
    const outputs = cached === undefined ? passes.first(inputs) : passes.next({ ...inputs, cached });
    cache.replace(outputs.cached);
    return blockOf(contexts, outputs.logits);
  } finally {
    disposeTree({ tokens, slots });
  }
}

function readAhead(
  { params, passes, cache, positions }: Reading,
  contexts: Contexts,
  most: number,
  { sampling, uniforms }: Foresight,
): Promise<Block> {
  const [count, S] = [lengthOf(contexts), cache.slots];
  const turns = Math.min(most, S - count + 1, positions.length - count + 1);
  const tokens = lastTokens(contexts, 1);
  const { at, mask } = slotsOf(positions, count, S, turns);
  const drawn = contexts.map((_, row) => uniforms(row, turns));
  const eachTurn = Array.from({ length: turns }, (_, turn) => drawn.map((row) => row[turn] as number));
  const slots = { positions: tf.tensor2d(at, [turns, S]), mask: tf.tensor2d(mask, [turns, S]) };
  const uniform = tf.tensor2d(eachTurn);
  const cached = cache.tensors as CacheTensors; // the prompt was read
  try {
    const { state, outputs } = passes.ahead(sampling).run({
      ...{ state: { tokens, cached }, inputs: { params }, each: { slots, uniform } },
    });
    cache.replace(state.cached);
    state.tokens.dispose();
    return blockOf(contexts, outputs.logits, outputs.guesses);
  } finally {
    disposeTree({ tokens, slots, uniform });
  }
}

/** The last T tokens of S slots that contexts of one length fill from the right, (B,T). */
function lastTokens(contexts: Contexts, T: number): tf.Tensor2D {
  const tokens = new Int32Array(contexts.length * T); // an empty slot reads token 0, which is masked
  contexts.forEach((context, row) => {
    const read = context.slice(-T);
    tokens.set(read, (row + 1) * T - read.length);
  });
  return tf.tensor2d(tokens, [contexts.length, T], "int32");
}

/** S slots that `count` tokens fill, then count + 1, …, a row each, (n,S). */
function slotsOf(positions: Float32Array, count: number, S: number, turns: number) {
  const at = new Float32Array(turns * S).fill(positions[0] as number);
  const mask = new Float32Array(turns * S);
  for (let turn = 0; turn < turns; turn++) {
    const empty = S - count - turn;
    at.set(positions.subarray(0, count + turn), turn * S + empty);
    mask.fill(MASKED, turn * S, turn * S + empty);
  }
  return { at, mask };
}
