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

/**
 * Settles the ties among `tensors`, out of which it takes equal copies.
 *
 * @param stored the name under which a tensor is stored, if it is
 */
export function settleTies(
  stored: (name: string) => string | undefined,
  ties: readonly Tie[],
  tensors: Record<string, StoredTensor>,
  where: string,
): { readonly untied: boolean; readonly notes: readonly string[] } {
  const notes: string[] = [];
  let untied = false;
  for (const { copy: copyName, of: ofName, unlike } of ties) {
    const copy = stored(copyName);
    const of = stored(ofName);
    if (copy === undefined) continue;
    if (of !== undefined && equal(tensors[copy] as StoredTensor, tensors[of] as StoredTensor)) {
      notes.push(`${where}: ${copy} is not used: it equals ${of}`);
      delete tensors[copy];
    } else if (of !== undefined && unlike === "untie") {
      notes.push(
        `${where}: ${copy} differs from ${of}, though config.json ties them; both are used, as Hugging Face's libraries do`,
      );
      untied = true;
    } else {
      if (of !== undefined)
        notes.push(`${where}: ${of} is not used: ${copy} differs, and is what is computed with`);
      tensors[of ?? ofName] = tensors[copy] as StoredTensor;
      delete tensors[copy];
    }
  }
  return { untied, notes };
}

function equal(a: StoredTensor, b: StoredTensor): boolean {
  if (a.shape.length !== b.shape.length || a.shape.some((size, axis) => size !== b.shape[axis])) return false;
  return a.data.every((value, i) => Object.is(value, b.data[i]) || value === b.data[i]);
}
