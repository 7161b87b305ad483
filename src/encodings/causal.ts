/** What encodings that read a context from its first token to its last ask of attention. */
import { InputError } from "../errors.ts";

/**
 * @param does the encoding, and what it does in one direction alone: "path: multiplies what stands
 *   between a key and a later query"
 * @throws InputError under bidirectional attention
 */
export function requireCausal(causal: boolean, does: string): void {
  if (causal) return;
  throw new InputError(
    `${does}, which model.attention "bidirectional" has no meaning for; set model.attention=causal`,
  );
}
