/** Tokenizers as people publish them: ids and texts here beside those of PyPI's `tokenizers`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { foreignTokenizer } from "../../src/formats/tokenizer-json/index.ts";
import { tokenizersOf } from "./python.ts";

/** What foreign_tokenizers.py writes. */
export interface Drawn {
  readonly texts: readonly string[];
  readonly kinds: Readonly<
    Record<
      string,
      {
        readonly written: unknown;
        readonly ids: readonly (readonly number[])[];
        readonly decoded: readonly string[];
      }
    >
  >;
}

export interface TokenizerRow {
  readonly kind: string;
  readonly texts: number;
  readonly tokens: number;
  /** Texts whose ids differ, and ids whose text does. */
  readonly idsDiffer: number;
  readonly textsDiffer: number;
  /** The shortest text whose ids differ. */
  readonly example?: string;
}

/** Trains one of each kind there, and compares; `folder` is an empty folder. */
export async function compareTokenizers(
  python: string,
  folder: string,
  { seed, texts }: { readonly seed: number; readonly texts: number },
): Promise<TokenizerRow[]> {
  const file = join(folder, "tokenizers.json");
  await tokenizersOf(python, file, "--seed", String(seed), "--texts", String(texts));
  return tokenizerRows(JSON.parse(readFileSync(file, "utf8")) as Drawn);
}

/** A row a kind. */
export function tokenizerRows({ texts, kinds }: Drawn): TokenizerRow[] {
  return Object.entries(kinds).map(([kind, { written, ids, decoded }]) => {
    const tokenizer = foreignTokenizer(written);
    const same = (a: readonly number[], b: readonly number[] = []) => a.join() === b.join();
    const other = texts.filter((text, i) => !same(tokenizer.encode(text), ids[i]));
    const [example] = [...other].sort((a, b) => a.length - b.length);
    return {
      kind,
      texts: texts.length,
      tokens: ids.reduce((sum, row) => sum + row.length, 0),
      idsDiffer: other.length,
      textsDiffer: ids.filter((row, i) => tokenizer.decode(row) !== decoded[i]).length,
      ...(example !== undefined && { example }),
    };
  });
}

/** Whether a row keeps what is promised. */
export const sameTokens = ({ idsDiffer, textsDiffer }: TokenizerRow): boolean =>
  idsDiffer + textsDiffer === 0;
