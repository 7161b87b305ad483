/**
 * The state of the page in its address, after the "#": `#length?encoding=alibi&length=128`.
 *
 * What is left out has its default. Nothing in an address is trusted: a field that is wrong is the
 * default's, and the others stay.
 */
import {
  ASKS,
  CHAPTERS,
  DEFAULTS,
  ENGINE_CHOICES,
  FEWEST,
  LONGEST_READING,
  LONGEST_TEXT,
  MOST,
  MOST_STEPS,
  type PageState,
} from "./state.ts";

type Field = Exclude<keyof PageState, "chapter">;

interface Codec<T> {
  write(value: T): string;
  /** @returns undefined where the text is no such value */
  read(text: string): T | undefined;
}

const NAME = /^[\w-]{1,40}$/;
const oneOf = <T extends string>(known: readonly T[]): Codec<T> => ({
  write: (value) => value,
  read: (text) => known.find((one) => one === text),
});
const name: Codec<string> = { write: (value) => value, read: (text) => (NAME.test(text) ? text : undefined) };
const whole = (least: number, most: number): Codec<number> => ({
  write: String,
  read(text) {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  },
});
const names = (least: number, most: number): Codec<readonly string[]> => ({
  write: (value) => value.join("."),
  read(text) {
    const value = text.split(".");
    const right = value.length >= least && value.length <= most && value.every((one) => NAME.test(one));
    return right ? value : undefined;
  },
});
const places: Codec<readonly number[]> = {
  write: (value) => value.join("."),
  read(text) {
    const value = text.split(".").map(Number);
    const sorted = [...value].sort((a, b) => a - b);
    return value.length <= 5 && sorted.every((one, i) => one === i) ? value : undefined;
  },
};
const text = (longest: number): Codec<string> => ({
  write: (value) => value,
  read: (value) => (value.length <= longest ? value : undefined),
});

const CODECS: { readonly [F in Field]: Codec<PageState[F]> } = {
  encoding: name,
  words: names(3, 5),
  order: places,
  ask: oneOf(ASKS),
  way: name,
  length: whole(8, 4096),
  layer: whole(0, 1023),
  head: whole(0, 4095),
  encodings: names(FEWEST, MOST),
  seed: whole(0, 999_999_999),
  steps: whole(0, MOST_STEPS),
  first: text(LONGEST_TEXT),
  second: text(LONGEST_TEXT),
  reading: text(LONGEST_READING),
  probe: name,
  engine: oneOf(ENGINE_CHOICES),
};

const FIELDS = Object.keys(CODECS) as Field[];

/** The part of the address after "#", without it. */
export function writeAddress(state: PageState): string {
  const params = new URLSearchParams();
  for (const field of FIELDS) {
    const value = written(field, state);
    if (value !== written(field, DEFAULTS)) params.set(field, value);
  }
  const query = params.toString();
  return query === "" ? state.chapter : `${state.chapter}?${query}`;
}

const written = <F extends Field>(field: F, state: PageState): string => CODECS[field].write(state[field]);

/** The state that an address names. */
export function readAddress(hash: string): PageState {
  const [chapter = "", query = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const params = new URLSearchParams(query);
  const read = Object.fromEntries(
    FIELDS.flatMap((field) => {
      const given = params.get(field);
      const value = given === null ? undefined : CODECS[field].read(given);
      return value === undefined ? [] : [[field, value]];
    }),
  ) as Partial<PageState>;
  const state = { ...DEFAULTS, ...read, chapter: oneOf(CHAPTERS).read(chapter) ?? DEFAULTS.chapter };
  return fitting(state);
}

/** Words and their order belong together. */
function fitting(state: PageState): PageState {
  const { words, order } = state;
  if (words.length === order.length && words.length !== 4) return state;
  return words.length === 5
    ? { ...state, order: [4, 1, 2, 3, 0] }
    : { ...state, words: DEFAULTS.words, order: DEFAULTS.order };
}
