/** From tokens, spelled as the vocabulary spells them, to text. */
import { z } from "zod";
import { bytesOf } from "../../data/tokenizers/bytes.ts";
import { componentOf, listOf, type Maker, maker, parts } from "./component.ts";
import { finderOf, patternField, replaced } from "./pattern.ts";
import { metaspaceFields, schemeOfMetaspace } from "./pre-tokenizers.ts";

/** A step: from texts to texts, which are joined after the last. */
export type Decoder = (texts: readonly string[]) => readonly string[];

const flag = z.boolean().optional();

const makers: Readonly<Record<string, Maker<Decoder>>> = {
  ByteLevel: maker({ add_prefix_space: flag, trim_offsets: flag, use_regex: flag }, () => (texts) => [
    text8(texts.flatMap((text) => bytesOf(text) ?? [...utf8.encode(text)])),
  ]),
  ByteFallback: maker({}, () => withBytes),
  Fuse: maker({}, () => (texts) => [texts.join("")]),
  Replace: maker({ pattern: patternField, content: z.string().max(1000) }, ({ pattern, content }, where) => {
    const find = finderOf(pattern, `${where}.pattern`);
    return (texts) => texts.map((text) => replaced(text, find, content));
  }),
  Strip: maker(
    { content: z.string().max(8), start: z.int().min(0).max(1000), stop: z.int().min(0).max(1000) },
    (fields) => (texts) => texts.map((text) => stripped([...text], fields)),
  ),
  Metaspace: maker(metaspaceFields, (fields) => {
    const mark = fields.replacement;
    const leads = schemeOfMetaspace(fields) !== "never";
    return (texts) => texts.map((text, i) => text.replaceAll(mark, i === 0 && leads ? "" : " "));
  }),
  WordPiece: maker(
    { prefix: z.string().default("##"), cleanup: z.boolean().default(true) },
    (fields) => (texts) => texts.map((text, i) => wordPart(text, i, fields)),
  ),
  BPEDecoder: maker(
    { suffix: z.string().min(1).default("</w>") },
    ({ suffix }) =>
      (texts) =>
        texts.map((text, i) => text.replaceAll(suffix, i === texts.length - 1 ? "" : " ")),
  ),
  Sequence: maker({ decoders: parts }, ({ decoders }, where) => {
    const all = listOf(decoders, `${where}.decoders`, decoderOf);
    return (texts) => all.reduce((now, decode) => decode(now), texts);
  }),
};

/** @throws InputError for a type or a field that is not known */
export function decoderOf(json: unknown, where: string): Decoder {
  return componentOf(makers, json, where);
}

/** Whether texts are bytes, spelled as characters. */
export function isByteLevel(json: unknown): boolean {
  const { type, decoders } = (json ?? {}) as { type?: unknown; decoders?: unknown };
  return (
    type === "ByteLevel" || (type === "Sequence" && Array.isArray(decoders) && decoders.some(isByteLevel))
  );
}

const utf8 = new TextEncoder();
const text8 = (bytes: readonly number[]) =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));

const BYTE = /^<0x([0-9A-Fa-f]{2})>$/;

/** Runs of <0xE2> become the text of their bytes; where they are none, U+FFFD each. */
function withBytes(texts: readonly string[]): string[] {
  const result: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length > 0) result.push(...textOrMarks(bytes));
    bytes = [];
  };
  for (const text of texts) {
    const byte = BYTE.exec(text)?.[1];
    if (byte !== undefined) bytes.push(Number.parseInt(byte, 16));
    else {
      flush();
      result.push(text);
    }
  }
  flush();
  return result;
}

function textOrMarks(bytes: readonly number[]): string[] {
  try {
    return [new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))];
  } catch {
    return bytes.map(() => "\ufffd");
  }
}

function stripped(
  characters: readonly string[],
  { content, start, stop }: { content: string; start: number; stop: number },
): string {
  const n = characters.length;
  let from = 0;
  while (from < Math.min(start, n) && characters[from] === content) from++;
  let to = n;
  while (n - to < stop && to > from && characters[to - 1] === content) to--;
  return characters.slice(from, to).join("");
}

function wordPart(
  text: string,
  i: number,
  { prefix, cleanup }: { prefix: string; cleanup: boolean },
): string {
  const part = i === 0 ? text : text.startsWith(prefix) ? text.slice(prefix.length) : ` ${text}`;
  return cleanup ? CLEANUP.reduce((now, [from, to]) => now.replaceAll(from, to), part) : part;
}

const CLEANUP: readonly (readonly [string, string])[] = [
  [" .", "."],
  [" ?", "?"],
  [" !", "!"],
  [" ,", ","],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" do not", " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];
