/**
 * Tensors that a configuration ties, where a file holds both.
 *
 * As in Hugging Face's `tie_weights`: equal ones are one; unlike ones are both used, whatever the
 * configuration says; where only the copy is stored, it stands for what it is a copy of.
 */
import type { StoredTensor } from "../safetensors.ts";

/** Two names of one tensor. */
export interface Tie {
  /** Such as "lm_head.weight". */
  readonly copy: string;
  /** Such as "transformer.wte.weight". */
  readonly of: string;
  /**
   * Where they differ: `untie` makes two parameters of them; `prefer` takes the copy, since the
   * other is not computed with.
   */
  readonly unlike: "untie" | "prefer";
}

/** Of a head that a configuration ties to the table of tokens. */
export const tiedHead =
  (copy: string, of: string) =>
  ({ tied }: { readonly tied?: boolean | undefined }): readonly Tie[] =>
    tied ? [{ copy, of, unlike: "untie" }] : [];

/** Where the tensors of a model lie: by the name that they are taken for, the one that the file has. */
export type Sources = Record<string, string>;

/**
 * Settles the ties among `sources`, out of which it takes equal copies.
 *
 * @param stored the name under which a tensor is stored, if it is
 * @param read a tensor by its name in the file
 */
export async function settleTies(
  stored: (name: string) => string | undefined,
  ties: readonly Tie[],
  sources: Sources,
  { read, where }: { readonly read: (source: string) => Promise<StoredTensor>; readonly where: string },
): Promise<{ readonly untied: boolean; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  let untied = false;
  for (const { copy: copyName, of: ofName, unlike } of ties) {
    const copy = stored(copyName);
    const of = stored(ofName);
    if (copy === undefined) continue;
    const both = of === undefined ? [] : [copy, of].map((name) => read(sources[name] as string));
    const [a, b] = await Promise.all(both);
    if (of !== undefined && a !== undefined && b !== undefined && equal(a, b)) {
      notes.push(`${where}: ${copy} is not used: it equals ${of}`);
      delete sources[copy];
    } else if (of !== undefined && unlike === "untie") {
      notes.push(
        `${where}: ${copy} differs from ${of}, though config.json ties them; both are used, as Hugging Face's libraries do`,
      );
      untied = true;
    } else {
      if (of !== undefined)
        notes.push(`${where}: ${of} is not used: ${copy} differs, and is what is computed with`);
      sources[of ?? ofName] = sources[copy] as string;
      delete sources[copy];
    }
  }
  return { untied, notes };
}

function equal(a: StoredTensor, b: StoredTensor): boolean {
  if (a.shape.length !== b.shape.length || a.shape.some((size, axis) => size !== b.shape[axis])) return false;
  return a.data.every((value, i) => Object.is(value, b.data[i]) || value === b.data[i]);
}
