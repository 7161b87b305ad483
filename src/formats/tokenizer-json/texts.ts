/** From ids to text, whole and token by token. */
import { bytesOf } from "../../data/tokenizers/bytes.ts";
import type { AddedToken } from "./added-tokens.ts";
import { decoderOf, isByteLevel } from "./decoders.ts";
import type { Normalizer } from "./normalizers.ts";

export interface Texts {
  /** Ids without a token are passed over. */
  decode(ids: readonly number[]): string;
  /** What is shown of one token: a space that it begins with is a space, bytes that are no character <0xE2>. */
  token(id: number): string;
}

/** @throws InputError for a decoder that is not known */
export function textsOf(
  decoder: unknown,
  spellings: readonly (string | undefined)[],
  { added, normalize }: { readonly added: readonly AddedToken[]; readonly normalize: Normalizer | undefined },
  where: string,
): Texts {
  const decode = decoder == null ? undefined : decoderOf(decoder, `${where}: decoder`);
  const [bytes, own] = [isByteLevel(decoder), new Set(added.map(({ id }) => id))];
  // An added token that is looked for in normalized text is spelled as it is found there: `▁dog▁`
  const normal = added.filter(({ normalized }) => normalized && normalize);
  const foundAs = new Map(normal.map(({ id, content }) => [id, normalize?.(content)]));
  return {
    decode(ids) {
      const found = ids.flatMap((id) => foundAs.get(id) ?? spellings[id] ?? []);
      return decode ? decode(found).join("") : found.join(" ");
    },
    token(id) {
      const spelling = spellings[id] ?? `<${id}>`;
      if (own.has(id)) return spelling;
      return bytes ? spoken(spelling) : spelling.replaceAll("▁", " ");
    },
  };
}

function spoken(spelling: string): string {
  const bytes = bytesOf(spelling);
  if (bytes === undefined) return spelling;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return bytes.map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`).join("");
  }
}
