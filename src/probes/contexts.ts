/** Contexts with what follows them, from pairs and from windows alike, for probes that move their tokens. */
import type { Material } from "../data/index.ts";
import { InputError } from "../errors.ts";
import type { Rng } from "../tensor/rng.ts";
import { shuffled } from "../tensor/rng.ts";
import { groupsOf } from "./groups.ts";
import type { Subject } from "./probe.ts";
import type { ContextReader, Reading } from "./reader.ts";

/** A context and the token that follows it. */
export interface Followed {
  readonly tokens: readonly number[];
  /** Tokens at the beginning, such as `<bos>`, that nothing moves. */
  readonly fixed: number;
  readonly next: number;
}

/** Contexts of one material. */
export interface Source {
  readonly material: "pairs" | "windows";
  readonly split: string;
  readonly contexts: readonly Followed[];
}

/**
 * Of pairs the context and its answer, of windows so many tokens and the one after them; those in
 * which fewer than two tokens could move are left out, and a material without any.
 *
 * @param count contexts of each material, at most
 * @param tokens of a window, at most; never more than L_max
 * @throws InputError where none is left
 */
export function followedContexts(
  subject: Pick<Subject, "model" | "tokenizer"> & { readonly material: Material },
  { contexts: count, tokens }: { readonly contexts: number; readonly tokens: number },
  rng: Rng,
): Source[] {
  const { pairs, windows } = subject.material;
  const sources: Source[] = [];
  const [split] = pairs?.splits ?? [];
  if (pairs !== undefined && split !== undefined) {
    const chosen = shuffled(pairs.of(split), rng).slice(0, count);
    const contexts = chosen.map(({ context, answer }) => {
      return { tokens: context, fixed: pairs.fixed, next: answer };
    });
    sources.push({ material: "pairs", split, contexts });
  }
  if (windows !== undefined)
    sources.push({ material: "windows", split: windows.split, contexts: windowed(subject, count, tokens) });
  const movable = ({ tokens, fixed }: Followed) => tokens.length - fixed >= 3;
  const usable = sources
    .map((source) => ({ ...source, contexts: source.contexts.filter(movable) }))
    .filter(({ contexts }) => contexts.length > 0);
  if (usable.length === 0)
    throw new InputError(
      "probe: no context has two tokens that could change places before its last one; give longer contexts (--pairs FILE, --text FILE)",
    );
  return usable;
}

/** Each ends at its last target that counts. */
function windowed(
  { model, tokenizer, material }: Pick<Subject, "model" | "tokenizer" | "material">,
  count: number,
  most: number,
): Followed[] {
  const room = model.shape.causal ? model.shape.context : model.shape.context - 1; // a mask follows
  const T = Math.min(most, room);
  const batch = material.windows?.window(0, count, T);
  if (batch === undefined) return [];
  return Array.from({ length: count }, (_, row): Followed => {
    let end = T;
    while (end > 0 && batch.weights?.[row * T + end - 1] === 0) end--;
    const tokens = [...batch.tokens.subarray(row * T, row * T + end)];
    const fixed = tokenizer.bos !== undefined && tokens[0] === tokenizer.bos ? 1 : 0;
    return { tokens, fixed, next: batch.targets[row * T + Math.max(0, end - 1)] as number };
  });
}

/**
 * Reads contexts of any lengths, as many at a time as one forward pass takes, and keeps of each
 * what `keep` makes of it.
 */
export async function readEach<R>(
  reader: ContextReader,
  contexts: readonly (readonly number[])[],
  keep: (reading: Reading, index: number) => R,
): Promise<R[]> {
  const kept = new Array<R>(contexts.length);
  const indexed = contexts.map((tokens, index) => ({ tokens, index }));
  for (const group of groupsOf(indexed, ({ tokens }) => tokens.length, AT_A_TIME)) {
    const readings = await reader.read(group.map(({ tokens }) => tokens));
    group.forEach(({ index }, i) => {
      kept[index] = keep(readings[i] as Reading, index);
    });
  }
  return kept;
}

/** Those of one forward pass of the reader. */
const AT_A_TIME = 128;
