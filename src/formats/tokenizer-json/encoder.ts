/** From a text to ids: added tokens are found, the rest is normalized, cut and encoded. */
import { requireWellFormed } from "../../data/tokenizers/vocabulary.ts";
import { type AddedToken, type Part, splitterOf } from "./added-tokens.ts";
import type { Normalizer } from "./normalizers.ts";
import { preTokenizerOf } from "./pre-tokenizers.ts";
import type { Piece } from "./splits.ts";
import type { TokenModel } from "./vocabulary.ts";

interface Steps {
  readonly added_tokens: readonly AddedToken[];
  readonly normalize: Normalizer | undefined;
  readonly pre_tokenizer?: unknown;
}

/** @throws InputError for a step that is not known */
export function encoderOf(
  { added_tokens: added, normalize, pre_tokenizer }: Steps,
  encode: TokenModel["encode"],
  where: string,
): (text: string) => number[] {
  const pieces =
    pre_tokenizer == null
      ? (piece: Piece) => [piece]
      : preTokenizerOf(pre_tokenizer, `${where}: pre_tokenizer`);
  const asIs = splitterOf(
    added.filter(({ normalized }) => !normalized),
    `${where}: added_tokens`,
  );
  const afterwards = splitterOf(
    added.filter(({ normalized }) => normalized),
    `${where}: added_tokens`,
    normalize,
  );
  const normal = ({ text, first }: Piece): Part[] => {
    const done = normalize ? normalize(text) : text;
    return done === "" ? [] : afterwards({ text: done, first });
  };
  return (text) => {
    const ids: number[] = [];
    const parts = asIs({ text: requireWellFormed(text), first: true });
    for (const part of parts.flatMap((one) => (typeof one === "number" ? [one] : normal(one)))) {
      if (typeof part === "number") ids.push(part);
      else for (const piece of pieces(part)) addAll(ids, piece.text === "" ? [] : encode(piece.text));
    }
    return ids;
  };
}

/** One by one: a call takes a hundred thousand arguments at most. */
function addAll(ids: number[], more: readonly number[]): void {
  for (const id of more) ids.push(id);
}
